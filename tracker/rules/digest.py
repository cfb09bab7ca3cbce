"""The digest of one address on one day: its lines by section and position, and how many of them are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

Section = Literal["late", "due", "follow_up", "approval", "news", "summary", "week"]
SECTIONS: tuple[Section, ...] = ("late", "due", "follow_up", "approval", "news", "summary", "week")
LINES_SHOWN = 12


@dataclass(frozen=True)
class Count:
    """How far tasks are: of a division, or of the whole plan where `name` is empty."""

    name: str
    done: int
    waiting: int
    late: int
    total: int


@dataclass(frozen=True)
class Summary:
    """The chief executive's page of one plan: all its tasks, then those of each division."""

    fiscal_year: int
    whole: Count
    divisions: tuple[Count, ...]


# A tuple, because each line of a day is made anew twice, and a dataclass takes ten times as long for it.
class Line(NamedTuple):
    """One thing that a digest tells: a form with its `path` below the installation's address.

    `item` is the plan item it belongs to; `measures` counts those in the form beside or with `title`; `note` is in
    a person's words. `round_kind` and its period stand for the title of a follow-up. `form` is the subject whose
    form a division opens there, blank where there is none. `stage`, `position`, `vacant` (the position whose
    superior is told), `answers` (the reader can do what is asked) and `unasked` (whoever could do it is not told of
    it, for a pause or because nobody is reached) come from the decision.
    """

    section: Section
    path: str
    item: int | None = None
    title: str = ""
    division: str = ""
    due_on: date | None = None
    quarter: int | None = None
    measures: int = 1
    completion: bool = False
    note: str = ""
    round_kind: str = ""
    period_start: date | None = None
    period_end: date | None = None
    summary: Summary | None = None
    form: str = ""
    stage: str = ""
    position: str = ""
    vacant: str = ""
    answers: bool = False
    unasked: bool = False


@dataclass(frozen=True)
class Block:
    """The lines of one section for one position, and those of them that the mail shows."""

    section: Section
    position: str
    vacant: str
    lines: tuple[Line, ...]
    shown: tuple[Line, ...]

    @property
    def tasks(self) -> int:
        return sum(line.measures for line in self.lines)


@dataclass(frozen=True)
class Digest:
    """One address's mail of the day; `titles` are the positions it is written to.

    `good_until` is the last day of the links that open it without signing in, None where there are none.
    """

    address: str
    language: str
    titles: tuple[str, ...]
    lines: tuple[Line, ...]
    good_until: date | None = None

    def of(self, section: Section) -> list[Line]:
        return [line for line in self.lines if line.section == section]

    def tasks(self, section: Section) -> int:
        return sum(line.measures for line in self.of(section))

    @cached_property
    def divisions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.division for line in self.lines if line.division))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The lines by section and position; each block shows a line as long as there are LINES_SHOWN in all."""
        members: dict[tuple[Section, str, str], list[Line]] = defaultdict(list)
        for line in self.lines:
            members[line.section, line.position, line.vacant].append(line)
        left = LINES_SHOWN
        blocks: list[Block] = []
        for (section, position, vacant), lines in members.items():
            others = len(members) - len(blocks) - 1
            shown = lines[: min(left, max(1, left - others))]
            left -= len(shown)
            blocks.append(Block(section, position, vacant, tuple(lines), tuple(shown)))
        return tuple(blocks)

    @property
    def hidden(self) -> tuple[Line, ...]:
        """The lines that the mail does not show."""
        return tuple(line for block in self.blocks for line in block.lines[len(block.shown) :])


def digest_of(address: str, language: str, lines: Sequence[Line]) -> Digest:
    """The digest of these lines: by section, in it by plan item, the one with the earliest due day or line first."""
    first: dict[tuple[Section, int | None], date] = {}
    place_of: dict[tuple[Section, int | None], int] = {}
    for number, line in enumerate(lines):
        place = line.section, line.item
        first[place] = min(first.get(place, date.max), line.due_on or date.max)
        place_of.setdefault(place, number)
    ordered = sorted(
        lines,
        key=lambda line: (
            SECTIONS.index(line.section),
            first[line.section, line.item] if line.item is not None else line.due_on or date.max,
            place_of[line.section, line.item] if line.item is not None else 0,
            line.due_on or date.max,
        ),
    )
    return Digest(address, language, tuple(dict.fromkeys(line.position for line in lines)), tuple(ordered))
