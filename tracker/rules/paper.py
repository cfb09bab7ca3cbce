"""A document as its faces print it: one frozen value of blocks that Word, PDF, xlsx and HTML are made of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from tracker.errors import Unreadable
from tracker.rules.frozen import FORMAT, VERBATIM
from tracker.rules.moments import day_of, moment_on

PaperKind = Literal["annual", "plan", "six-month", "memo", "meeting"]
# Among a document's pictures, which else go by their hash: the organisation's own, in the head of these papers.
LOGO = "logo"
WITH_LOGO: frozenset[PaperKind] = frozenset({"annual", "plan", "six-month"})
# What takes longer to make than somebody waits for a page.
LONG_PHOTOS, LONG_ROWS = 30, 150
Scored = Literal["total", "instrument", "indicator"]


@dataclass(frozen=True)
class Bar:
    """How far a division came: tasks done of all, whole per cent rounded down, and both in words."""

    division: str
    done: int
    total: int
    percent: int
    label: str


@dataclass(frozen=True)
class Letterhead:
    """The head of a memo (บันทึกข้อความ): labels and what stands behind them.

    Each has a line of its own but for the places in `beside`, which stand on the line of the one before.
    """

    lines: tuple[tuple[str, str], ...]
    beside: tuple[int, ...] = ()
    block: str = field(default="letterhead", metadata=VERBATIM)


@dataclass(frozen=True)
class Prose:
    """Paragraphs under a heading; an empty heading prints none."""

    heading: str
    paragraphs: tuple[str, ...]
    block: str = field(default="prose", metadata=VERBATIM)


@dataclass(frozen=True)
class Chart:
    heading: str
    bars: tuple[Bar, ...]
    sentence: str
    block: str = field(default="chart", metadata=VERBATIM)


@dataclass(frozen=True)
class Compared:
    """A score of two years, from 0 to 100, None where there is none; an instrument has its weight in per cent.

    `told` is how the earlier, the later and the change between them are printed.
    """

    kind: Scored = field(metadata=VERBATIM)
    name: str
    weight: int | None
    before: float | None
    after: float | None
    told: tuple[str, str, str]


@dataclass(frozen=True)
class Grid:
    """A table; by `name` the faces know its widths. `notes` has a small text for each row, or nothing at all.

    `empty` is the sentence that stands in its place when it has no rows.
    """

    name: str = field(metadata=VERBATIM)
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str
    notes: tuple[str, ...] = ()
    block: str = field(default="grid", metadata=VERBATIM)


@dataclass(frozen=True)
class Comparison:
    """The ITA scores of a year beside those of the year before; `years` are both, the earlier first."""

    heading: str
    years: tuple[int, int]
    columns: tuple[str, ...]
    rows: tuple[Compared, ...]
    level: str
    sentence: str
    block: str = field(default="comparison", metadata=VERBATIM)

    def grid(self) -> Grid:
        """The same as a table, for the faces that draw no bars."""
        return Grid(
            "comparison", self.heading, self.columns, tuple((row.name, *row.told) for row in self.rows), ""
        )


@dataclass(frozen=True)
class Photo:
    """A photograph of the annex; its bytes are known by the hash of the original file."""

    number: str
    caption: str
    day: str
    sha256: str = field(metadata=VERBATIM)


@dataclass(frozen=True)
class Photos:
    heading: str
    photos: tuple[Photo, ...]
    block: str = field(default="photos", metadata=VERBATIM)


Block = Letterhead | Prose | Chart | Comparison | Grid | Photos


@dataclass(frozen=True)
class Paper:
    """Finished texts in their language and digits.

    `lines` stand below the title, `annex` behind the signatures on pages of its own. `page` holds "{page}",
    `page_of_pages` also "{pages}", for the faces to fill in. `draft_mark` is empty in a document that is final.
    `frozen_at` is aware.
    """

    kind: PaperKind = field(metadata=VERBATIM)
    title: str
    lines: tuple[str, ...]
    as_of: str
    organisation: str
    fiscal_year: int
    draft_mark: str
    blocks: tuple[Block, ...]
    signatures: tuple[tuple[str, ...], ...]
    page: str
    page_of_pages: str
    thai_digits: bool
    frozen_at: datetime
    annex: tuple[Block, ...] = ()

    def __post_init__(self) -> None:
        if self.frozen_at.tzinfo is None:
            raise ValueError("frozen_at needs a time zone")

    @property
    def draft(self) -> bool:
        return bool(self.draft_mark)

    def paper(self) -> Paper:
        return self

    @property
    def photographs(self) -> tuple[Photo, ...]:
        return tuple(
            photo for block in self.every_block if isinstance(block, Photos) for photo in block.photos
        )

    @property
    def is_long(self) -> bool:
        """Whether making a file of it takes so long that nobody should wait for the answer."""
        rows = sum(len(block.rows) for block in self.every_block if isinstance(block, Grid))
        return len(self.photographs) >= LONG_PHOTOS or rows >= LONG_ROWS

    def of_its_day(self) -> Paper:
        """A draft without the time of day, so that it is the same value until midnight while nothing changes."""
        if not self.draft:
            return self
        return replace(self, as_of="", frozen_at=moment_on(day_of(self.frozen_at), 0))

    @property
    def every_block(self) -> tuple[Block, ...]:
        return (*self.blocks, *self.annex)


class Printable(Protocol):
    """A document value that can be laid out on paper."""

    def paper(self) -> Paper: ...


def from_json(text: str) -> Paper:
    """The document that `frozen.to_json` wrote; Unreadable for anything else."""
    try:
        told = json.loads(text)
        if told.pop("format") != FORMAT:
            raise ValueError("another format")
        return of_values(told)
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise Unreadable("อ่านเอกสารที่เก็บไว้ไม่ได้ เพราะข้อมูลไม่ครบหรือเป็นรูปแบบอื่น") from wrong


def of_values(told: dict[str, Any]) -> Paper:
    """The document of what its JSON holds beside its format; AttributeError, KeyError, TypeError or ValueError else."""
    return Paper(
        **told
        | {"lines": tuple(told["lines"])}
        | {name: tuple(map(_block, told[name])) for name in ("blocks", "annex")}
        | {
            "signatures": tuple(map(tuple, told["signatures"])),
            "frozen_at": datetime.fromisoformat(told["frozen_at"]),
        }
    )


def _block(told: dict[str, Any]) -> Block:
    match told["block"]:
        case "letterhead":
            return Letterhead(
                tuple((label, text) for label, text in told["lines"]), tuple(told.get("beside", ()))
            )
        case "prose":
            return Prose(told["heading"], tuple(told["paragraphs"]))
        case "chart":
            return Chart(told["heading"], tuple(Bar(**bar) for bar in told["bars"]), told["sentence"])
        case "comparison":
            rows = tuple(Compared(**row | {"told": tuple(row["told"])}) for row in told["rows"])
            return Comparison(
                **told | {"years": tuple(told["years"]), "columns": tuple(told["columns"]), "rows": rows}
            )
        case "photos":
            return Photos(told["heading"], tuple(Photo(**photo) for photo in told["photos"]))
        case "grid":
            return Grid(
                **told
                | {"columns": tuple(told["columns"]), "rows": tuple(map(tuple, told["rows"]))}
                | {"notes": tuple(told["notes"])}
            )
    raise ValueError("another block")
