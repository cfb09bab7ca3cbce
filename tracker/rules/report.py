"""The annual results report as one frozen value, its canonical JSON and its hash."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tracker.errors import Unreadable
from tracker.rules.thai import clean, thai_digits

FORMAT = 1
VERBATIM = {"verbatim": True}

# Digits in an address, a file name, a hash, a Latin word ("o13") or code stay, so that they can be copied.
_LATIN = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+|\S*[{}<>*=_|^~`\\]\S*"
    r"|\S+\.(?:pdf|docx?|xlsx?|pptx?|csv|txt|jpe?g|png|heic|zip)(?![A-Za-z0-9])"
    r"|(?:[0-9]+[A-Za-z]|[A-Za-z])[A-Za-z0-9]*(?:[-._/:][A-Za-z0-9]+)*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bar:
    """How far a division came: tasks done of all, whole per cent rounded down, and both in words."""

    division: str
    done: int
    total: int
    percent: int
    label: str


@dataclass(frozen=True)
class Summary:
    heading: str
    sentence: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Row:
    """A row of the seven columns; `evidence` names the item's proofs by number, empty if it has none."""

    heading: str
    measures: str
    steps: str
    responsible: str
    window: str
    result: str
    outcome: str
    evidence: str

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


@dataclass(frozen=True)
class Proof:
    """A line of the evidence list; a link has its address as `file_name` and an empty hash."""

    number: str
    caption: str
    file_name: str = field(metadata=VERBATIM)
    day: str
    sha256: str = field(metadata=VERBATIM)

    @property
    def short_hash(self) -> str:
        return self.sha256[:12]


@dataclass(frozen=True)
class Annex:
    heading: str
    columns: tuple[str, ...]
    proofs: tuple[Proof, ...]
    empty: str


@dataclass(frozen=True)
class AnnualReport:
    """The annual results report (รายงานผลประจำปี): finished texts in their language and digits.

    `draft_mark` is empty in a closed report. `page` holds "{page}", `page_of_pages` also "{pages}", for the
    faces to fill in; `thai_digits` says in which digits. `frozen_at` is aware.
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

    def __post_init__(self) -> None:
        if self.frozen_at.tzinfo is None:
            raise ValueError("frozen_at needs a time zone")

    @property
    def draft(self) -> bool:
        return bool(self.draft_mark)


def running_thai_digits(text: str) -> str:
    """The text with Thai digits, but for addresses, file names, hashes and Latin words."""
    end, parts = 0, []
    for latin in _LATIN.finditer(text):
        parts += [thai_digits(text[end : latin.start()]), latin[0]]
        end = latin.end()
    return "".join([*parts, thai_digits(text[end:])])


def each_text(report: AnnualReport, change: Callable[[str, bool], str]) -> AnnualReport:
    """The report with `change(text, verbatim)` for every text; file names and hashes are verbatim."""
    told: AnnualReport = _each_text(report, change, False)
    return told


def finished(report: AnnualReport) -> AnnualReport:
    """The report with every text but the verbatim ones tidied, line by line, and in its digits."""
    return each_text(report, lambda text, verbatim: text if verbatim else _finished(text, report.thai_digits))


def _each_text(value: Any, change: Callable[[str, bool], str], verbatim: bool) -> Any:
    if isinstance(value, str):
        return change(value, verbatim)
    if isinstance(value, tuple):
        return tuple(_each_text(part, change, verbatim) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{f.name: _each_text(getattr(value, f.name), change, bool(f.metadata)) for f in fields(value)},
        )
    return value


def _finished(text: str, thai: bool) -> str:
    tidy = "\n".join(filter(None, (clean(_visible(line)) for line in text.splitlines())))
    return running_thai_digits(tidy) if thai else tidy


def _visible(line: str) -> str:
    return "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in line)


def to_json(report: AnnualReport) -> str:
    """The canonical JSON: sorted keys, no spaces, Thai letters as they are; equal values give equal texts."""
    told = asdict(report) | {"frozen_at": report.frozen_at.astimezone(UTC).isoformat(), "format": FORMAT}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(report: AnnualReport) -> str:
    """The hash, in hex, of the canonical JSON in UTF-8."""
    return hashlib.sha256(to_json(report).encode()).hexdigest()


def from_json(text: str) -> AnnualReport:
    """The value that `to_json` wrote; Unreadable for anything else."""
    try:
        told = json.loads(text)
        if told.pop("format") != FORMAT:
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
