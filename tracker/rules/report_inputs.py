"""What the annual results report is put together from: plain values, gathered from wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from tracker.rules.appraisal import Appraisal
from tracker.rules.cells import Answer, Cell, Score, Text
from tracker.rules.fiscal import Quarter
from tracker.rules.report import AnnualReport

Progress = Literal["done", "running", "stuck", "not_begun", "not_due"]


@dataclass(frozen=True)
class Proved:
    """An evidence (หลักฐาน): a file with its hash, or a link: its address as `file_name`, no hash.

    A `photo` is a picture that the public may see.
    """

    caption: str
    file_name: str
    about_on: date
    sha256: str
    photo: bool = False


@dataclass(frozen=True)
class Item:
    """A plan item with everything that its row is told from.

    `divisions` had to report, in the order of printing (without those whose tasks were all cancelled).
    `progress` is how far the item came in the quarters that were gathered. `edits` are the cells that the
    coordinator overwrote. `evidence` are positions, from 0, in `ReportInputs.evidence`. `window` is the plan's
    own text; where it is empty the days are printed.
    """

    heading: str
    topic: int | None
    indicator: int | None
    measures: tuple[tuple[int, str], ...]
    steps: tuple[str, ...]
    divisions: tuple[str, ...]
    everyone: bool
    window: str
    starts_on: date
    ends_on: date
    texts: tuple[Text, ...] = ()
    answers: tuple[Answer, ...] = ()
    scores: tuple[Score, ...] = ()
    outcome_notes: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()
    edits: Mapping[Cell, str] = field(default_factory=dict)
    id: int = 0
    analysis: str = ""
    follow_up: str = ""
    progress: Progress = "not_due"


@dataclass(frozen=True)
class Unfinished:
    """A task that was cancelled or not finished when the plan was closed, with the coordinator's reason."""

    measure: str
    division: str
    quarter: Quarter
    state: Literal["cancelled", "unfinished"]
    reason: str = ""


@dataclass(frozen=True)
class Tally:
    """A division's tasks: fulfilled, and all that count."""

    division: str
    done: int
    total: int


@dataclass(frozen=True)
class Signed:
    """Number and day of the document, and who signed it, as text."""

    document_number: str
    signed_on: date | None
    signer: str
    position: str


@dataclass(frozen=True)
class ReportInputs:
    """Plain values of one plan at one moment; `kind` is "sao", "municipality" or "pao", `frozen_at` aware.

    `result` is the ITA result that came after the plan's, None until it is announced.
    """

    organisation: str
    kind: str
    district: str
    province: str
    fiscal_year: int
    assessment_year: int
    items: tuple[Item, ...]
    tallies: tuple[Tally, ...]
    unfinished: tuple[Unfinished, ...]
    evidence: tuple[Proved, ...]
    signed: Signed | None
    thai_digits: bool
    draft: bool
    frozen_at: datetime
    result: Appraisal | None = None


@dataclass(frozen=True)
class ScoreLine:
    """One line of an assessment: the instrument ("IIT"), what was scored, its score, and its weight or nothing."""

    instrument: str
    name: str
    score: float
    weight: int | None = None


@dataclass(frozen=True)
class Amended:
    """An amendment of the plan (แก้ไขครั้งที่ n)."""

    number: int
    on: date
    document_number: str
    reason: str


@dataclass(frozen=True)
class PlanInputs:
    """What the measures plan is told from: `report` for its items, and the analysis it answers."""

    report: ReportInputs
    analysis: tuple[tuple[str, str], ...] = ()
    scores: tuple[ScoreLine, ...] = ()
    total: float | None = None
    level: str = ""
    amendments: tuple[Amended, ...] = ()


@dataclass(frozen=True)
class Person:
    """A position and the name of its holder, empty where it is vacant."""

    position: str
    name: str = ""


@dataclass(frozen=True)
class MemoInputs:
    """What the memo is told from that submits the annual report.

    `division` writes it, to the chief executive through the clerk. `adopted` is the plan's own document, and
    `report` the report's. `item_code` and `item_year` name the OIT item that wants the report; empty and 0
    where they are not known. `signed` is the memo's own number and day, once it is closed.
    """

    report: AnnualReport
    organisation: str
    division: str
    author: Person
    clerk: Person
    chief: Person
    adopted: Signed
    risen: int
    fallen: int
    item_code: str = ""
    item_year: int = 0
    signed: Signed | None = None
