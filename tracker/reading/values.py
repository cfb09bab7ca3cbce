"""What a document says of a plan: values of the document, before anything is adopted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tracker.errors import Message
from tracker.reading.divisions import Responsible
from tracker.rules.follow_ups import ReadFollowUp
from tracker.rules.scoring import Scores
from tracker.rules.windows import Window


@dataclass(frozen=True)
class Problem:
    """What a person should look at: a stable `code`, the place, a sentence, and a value of the field proposed."""

    code: str
    where: Message
    message: Message
    proposal: Mapping[str, object] | None = None


@dataclass(frozen=True)
class ReadMeasure:
    """One title of a row and the number written before it."""

    number: int | None
    title: str


@dataclass(frozen=True)
class Analysis:
    """A part of the analysis under its heading, either of which may be empty."""

    heading: str
    text: str


@dataclass(frozen=True)
class ReadRow:
    """One row of the plan's table; what the text does not say is None or empty."""

    heading: str | None = None
    topic: int | None = None
    indicator: int | None = None
    analysis: str | None = None
    measures: tuple[ReadMeasure, ...] = ()
    steps: tuple[str, ...] = ()
    responsible: tuple[Responsible, ...] = ()
    everyone: bool = False
    whole_organisation: bool = False
    window: Window | None = None
    follow_up: ReadFollowUp | None = None
    targets: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    outcome: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class ReadPlan:
    """Everything a document says; `kind` is "plan" or "results", years are B.E."""

    source: str
    kind: str = "plan"
    fiscal_year: int | None = None
    assessment_year: int | None = None
    organisation: str | None = None
    analysis: tuple[Analysis, ...] = ()
    rows: tuple[ReadRow, ...] = ()
    scores: Scores = field(default_factory=Scores)
    problems: tuple[Problem, ...] = ()
