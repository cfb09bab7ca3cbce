"""My work as lists: late, this week, this quarter, later, done; filtered, searched and paged by the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flask import request, url_for

from tracker.locale import translate as _
from tracker.rules.fiscal import Quarter
from tracker.rules.thai import fold, letters
from tracker.views.listing import Card

PAGE = 20


@dataclass(frozen=True)
class Wanted:
    """What the address asks for: a part of the work ("" for all of it), words to be found, a page from 1."""

    part: str
    words: str
    page: int

    @classmethod
    def of_request(cls) -> Wanted:
        part, page = request.args.get("show", ""), request.args.get("page", "")
        return cls(
            part=part if part in {"late", "week", "quarter", "done"} else "",
            words=" ".join(request.args.get("q", "").split())[:100],
            page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
        )

    def href(self, **changes: Any) -> str:
        """The address of the list with some of it changed."""
        values: dict[str, Any] = {"show": self.part, "q": self.words, "page": self.page} | changes
        if values["page"] == 1:
            values["page"] = ""
        return url_for("work.mine", **{name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class Section:
    """A headed part of the list; its rows are as macros/tasks.html wants them."""

    title: str
    symbol: str
    rows: Sequence[dict[str, Any]]
    late: bool = False


def part_of(card: Card, today: date) -> str:
    """late, week (until Sunday), quarter, later or done."""
    if not card.outstanding:
        return "done"
    if card.due_on < today:
        return "late"
    sunday, last_day = _ends(today)
    if card.due_on <= sunday:
        return "week"
    return "quarter" if card.due_on <= last_day else "later"


@lru_cache(maxsize=1)
def _ends(today: date) -> tuple[date, date]:
    """The last days of the week and of the quarter."""
    return today + timedelta(days=6 - today.weekday()), Quarter.of(today).last_day


def found(cards: Sequence[Card], words: str) -> list[Card]:
    """The cards whose title, division or quarter holds every word; one letter is a word, ๑ is 1."""
    wanted = [letters(word) for word in fold(words).split()]
    return [card for card in cards if all(word in _text(card) for word in wanted)]


def _text(card: Card) -> str:
    return letters(f"{card.title} {card.division} {_('ไตรมาส %(number)s', number=card.quarter)}")


def sections(cards: Sequence[Card], today: date) -> list[Section]:
    """The outstanding cards under their headings, without those that have none."""
    made = [
        Section(title, symbol, [card.row() for card in cards if part_of(card, today) == part], part == "late")
        for part, title, symbol in (
            ("late", _("เกินกำหนด"), "exclamation-triangle-fill"),
            ("week", _("สัปดาห์นี้"), "alarm"),
            ("quarter", _("ไตรมาสนี้"), "calendar3"),
            ("later", _("ถัดไป"), "calendar3"),
        )
    ]
    return [one for one in made if one.rows]


def filters(cards: Sequence[Card], wanted: Wanted, today: date) -> list[tuple[str, int, str, bool]]:
    """(words, number, address, chosen) of each part."""
    parts = [part_of(card, today) for card in cards]
    return [
        (
            words,
            parts.count(part) if part else len(cards),
            wanted.href(show=part, page=1),
            part == wanted.part,
        )
        for part, words in (
            ("", _("ทั้งหมด")),
            ("late", _("เกินกำหนด")),
            ("week", _("สัปดาห์นี้")),
            ("quarter", _("ไตรมาสนี้")),
            ("done", _("ส่งแล้ว")),
        )
    ]
