"""The annual results report as one frozen value, and how it comes back from its JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.errors import Unreadable
from tracker.rules.frozen import FORMAT, VERBATIM, sha256_of, to_json
from tracker.rules.paper import Bar, Chart, Compared, Comparison, Grid, Paper, Photo, Photos, Prose

__all__ = [
    "Annex", "AnnualReport", "Bar", "Proof", "Results", "Row", "Summary", "Table", "from_json", "sha256_of",
    "to_json",
]  # fmt: skip
# Format 1 knew no photographs, format 2 no scores.
_READABLE = frozenset({1, 2, FORMAT})


@dataclass(frozen=True)
class Summary:
    heading: str
    sentence: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Row:
    """A row of the seven columns; `evidence` names the item's proofs by number, empty if it has none.

    `done` of `total` are its tasks; of what was frozen before they were counted both are 0.
    """

    heading: str
    measures: str
    steps: str
    responsible: str
    window: str
    result: str
    outcome: str
    evidence: str
    done: int = 0
    total: int = 0

    @property
    def cells(self) -> tuple[str, ...]:
        return (
            self.heading,
            self.measures,
            self.steps,
            self.responsible,
            self.window,
            self.result,
            self.outcome,
        )


@dataclass(frozen=True)
class Results:
    heading: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """A plain table; `empty` is the sentence that stands in its place when it has no rows."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str

    def grid(self, name: str) -> Grid:
        return Grid(name, self.heading, self.columns, self.rows, self.empty)


@dataclass(frozen=True)
class Proof:
    """A line of the evidence list; a link has its address as `file_name` and an empty hash.

    A `photo` is also printed as a picture.
    """

    number: str
    caption: str
    file_name: str = field(metadata=VERBATIM)
    day: str
    sha256: str = field(metadata=VERBATIM)
    photo: bool = False


@dataclass(frozen=True)
class Annex:
    heading: str
    columns: tuple[str, ...]
    proofs: tuple[Proof, ...]
    empty: str
    photos_heading: str = ""


@dataclass(frozen=True)
class AnnualReport:
    """The annual results report (รายงานผลประจำปี): finished texts in their language and digits.

    `draft_mark` is empty in a closed report. `page` holds "{page}", `page_of_pages` also "{pages}", for the
    faces to fill in; `thai_digits` says in which digits. `frozen_at` is aware. `scores` is None where no
    result was announced.
    """

    title: str
    organisation: str
    document: str
    fiscal_year: int
    draft_mark: str
    opening: str
    summary: Summary
    results: Results
    problems: Table
    unfinished: Table
    annex: Annex
    signature: tuple[str, ...]
    as_of: str
    page: str
    page_of_pages: str
    thai_digits: bool
    frozen_at: datetime
    scores: Comparison | None = None

    def __post_init__(self) -> None:
        if self.frozen_at.tzinfo is None:
            raise ValueError("frozen_at needs a time zone")

    @property
    def draft(self) -> bool:
        return bool(self.draft_mark)

    def paper(self) -> Paper:
        """The report laid out: the chart, the seven columns, the problems, and the annex with its pictures."""
        proofs = self.annex.proofs
        photos = tuple(Photo(one.number, one.caption, one.day, one.sha256) for one in proofs if one.photo)
        return Paper(
            kind="annual",
            title=self.title,
            lines=(self.organisation, self.document) if self.document else (self.organisation,),
            as_of=self.as_of,
            organisation=self.organisation,
            fiscal_year=self.fiscal_year,
            draft_mark=self.draft_mark,
            blocks=(
                Prose("", (self.opening,)),
                Chart(self.summary.heading, self.summary.bars, self.summary.sentence),
                *([self.scores] if self.scores else []),
                Grid(
                    "results",
                    self.results.heading,
                    self.results.columns,
                    tuple(row.cells for row in self.results.rows),
                    "",
                    tuple(row.evidence for row in self.results.rows),
                ),
                self.problems.grid("problems"),
                self.unfinished.grid("unfinished"),
            ),
            annex=(
                Grid(
                    "annex",
                    self.annex.heading,
                    self.annex.columns,
                    tuple(
                        (one.number, one.caption, one.file_name, one.day, one.sha256 or "-") for one in proofs
                    ),
                    self.annex.empty,
                ),
                *([Photos(self.annex.photos_heading, photos)] if photos else []),
            ),
            signatures=(self.signature,),
            page=self.page,
            page_of_pages=self.page_of_pages,
            thai_digits=self.thai_digits,
            frozen_at=self.frozen_at,
        )


def from_json(text: str) -> AnnualReport:
    """The value that `to_json` wrote; Unreadable for anything else."""
    try:
        told = json.loads(text)
        if told.pop("format") not in _READABLE:
            raise ValueError("another format")
        summary, results, annex = told["summary"], told["results"], told["annex"]
        return AnnualReport(
            **told
            | {
                "summary": Summary(**summary | {"bars": tuple(Bar(**bar) for bar in summary["bars"])}),
                "results": Results(
                    **results
                    | {
                        "columns": tuple(results["columns"]),
                        "rows": tuple(Row(**row) for row in results["rows"]),
                    }
                ),
                "problems": _table(told["problems"]),
                "unfinished": _table(told["unfinished"]),
                "annex": Annex(
                    **annex
                    | {
                        "columns": tuple(annex["columns"]),
                        "proofs": tuple(Proof(**proof) for proof in annex["proofs"]),
                    }
                ),
                "signature": tuple(told["signature"]),
                "scores": _comparison(told.get("scores")),
                "frozen_at": datetime.fromisoformat(told["frozen_at"]),
            }
        )
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise Unreadable("อ่านรายงานที่เก็บไว้ไม่ได้ เพราะข้อมูลไม่ครบหรือเป็นรูปแบบอื่น") from wrong


def _table(told: dict[str, Any]) -> Table:
    return Table(
        heading=told["heading"],
        columns=tuple(told["columns"]),
        rows=tuple(tuple(row) for row in told["rows"]),
        empty=told["empty"],
    )


def _comparison(told: dict[str, Any] | None) -> Comparison | None:
    if told is None:
        return None
    rows = tuple(Compared(**row | {"told": tuple(row["told"])}) for row in told["rows"])
    return Comparison(
        **told | {"years": tuple(told["years"]), "columns": tuple(told["columns"]), "rows": rows}
    )
