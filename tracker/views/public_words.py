"""What the published pages say of a report: short lines for the year, everything for one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tracker.actions.publishing import Served
from tracker.locale import long_date
from tracker.locale import translate as _
from tracker.rules.frozen import on_a_page
from tracker.rules.paper import Compared
from tracker.rules.publication import proofs_of as named_proofs
from tracker.rules.report import AnnualReport
from tracker.rules.thai import arabic_digits
from tracker.views.listing import size_words

# So many rows, so shortened, keep a page with its style below 50 KB.
ROWS = 20
LONGEST = 110
KINDS = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPG",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
}


@dataclass(frozen=True)
class Line:
    """A row of the year's list; `place` counts from 1, `proofs` is how many may be opened."""

    place: int
    measures: str
    proofs: int


@dataclass(frozen=True)
class Topic:
    """Rows that follow each other under one heading; `done` of `total` tasks of all of them, also on other pages."""

    heading: str
    done: int
    total: int
    lines: Sequence[Line]


@dataclass(frozen=True)
class Rows:
    topics: Sequence[Topic]
    page: int
    pages: int
    total: int


@dataclass(frozen=True)
class Bar:
    """A score for the chart: its name in the report's language, both years, how it changed in words."""

    name: str
    kind: str
    weight: int | None
    before: float | None
    after: float | None
    change: str
    look: str


@dataclass(frozen=True)
class Proof:
    """A line of the evidence; `sha256` is empty where there is no file to open, `gone` says since when and why."""

    number: str
    caption: str
    day: str
    kind: str
    size: str
    url: str | None
    sha256: str
    gone: str


def in_page_digits(told: Served) -> Served:
    """The same with Arabic digits in what pages tell; its data stay as they are."""
    keys = {arabic_digits(number): key for number, key in told.keys.items()}
    return replace(told, report=on_a_page(told.report), keys=keys)


def rows_of(told: Served, page: int) -> Rows:
    every = told.report.results.rows
    first = (page - 1) * ROWS
    topics = []
    for heading, places in groupby(range(len(every)), lambda place: every[place].heading):
        own = list(places)
        shown = [_line(told, place) for place in own if first <= place < first + ROWS]
        if shown:
            done, total = (sum(getattr(every[place], name) for place in own) for name in ("done", "total"))
            topics.append(Topic(shortened(heading), done, total, shown))
    return Rows(topics, page, max(-(-len(every) // ROWS), 1), len(every))


def _line(told: Served, place: int) -> Line:
    shown = sum(one.number in told.shown for one in named_proofs(told.report, place))
    return Line(place + 1, shortened(told.report.results.rows[place].measures), shown)


def shortened(text: str) -> str:
    """The text in one line, cut at a length that a list can hold."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def scores_of(report: AnnualReport) -> list[Bar]:
    return [_bar(row) for row in report.scores.rows] if report.scores else []


def _bar(row: Compared) -> Bar:
    before, after = row.before, row.after
    change, look = _("ไม่มีคะแนนปีก่อน"), ""
    if after is None:
        change = _("รอประกาศผล")
    elif before is not None:
        points = round(after - before, 2)
        if points > 0:
            change, look = _("เพิ่มขึ้น %(points)s", points=f"{points:.2f}"), "rise"
        elif points < 0:
            change, look = _("ลดลง %(points)s", points=f"{-points:.2f}"), "fall"
        else:
            change = _("เท่าเดิม")
    return Bar(row.name, row.kind, row.weight, before, after, change, look)


def counts_of(told: Served) -> dict[str, int]:
    """Tasks done and all, rows, evidence that may be opened, what was cancelled or not finished."""
    bars = told.report.summary.bars
    return {
        "done": sum(one.done for one in bars),
        "total": sum(one.total for one in bars),
        "rows": len(told.report.results.rows),
        "proofs": len(told.shown),
        "unfinished": len(told.report.unfinished.rows),
    }


def item_of(told: Served, place: int) -> list[tuple[str, str]]:
    """(column, text) of one row, under the report's own names of columns."""
    row, columns = told.report.results.rows[place], told.report.results.columns
    problem, names = told.report.problems.rows[place], told.report.problems.columns
    return [*zip(columns[1:], row.cells[1:], strict=True), *zip(names[2:], problem[2:], strict=True)]


def proofs_of(told: Served, place: int) -> list[Proof]:
    """The evidence of one row; what is internal has neither a name nor an address."""
    found = []
    for one in named_proofs(told.report, place):
        key = told.keys[one.number]
        shown, lost = told.visible.shown.get(key), told.visible.withdrawn.get(key)
        gone = ""
        if lost is not None and lost.withdrawn_at is not None:
            gone = _(
                "ถอนเมื่อ %(day)s เพราะ %(reason)s",
                day=long_date(lost.withdrawn_at),
                reason=lost.withdrawn_reason,
            )
        found.append(
            Proof(
                one.number,
                one.caption or one.file_name,
                one.day,
                KINDS.get(shown.media_type, "") if shown else "",
                size_words(shown.size) if shown else "",
                shown.url if shown else None,
                one.sha256,
                gone,
            )
        )
    return found
