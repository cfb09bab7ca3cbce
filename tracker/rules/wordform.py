"""The names that an office's own Word form may use, what they mean, and their texts for a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.errors import Message
from tracker.rules.paper import Chart, Grid, Letterhead, Paper, Prose

LOOP, ROW = "rows", "row"


@dataclass(frozen=True)
class Name:
    """A name and what stands in its place."""

    name: str
    meaning: Message


@dataclass(frozen=True)
class Names:
    """What a kind of document offers: names for anywhere, and names for the row that is repeated."""

    anywhere: tuple[Name, ...]
    row: tuple[Name, ...] = ()


_COMMON = (
    Name("title", Message("ชื่อเอกสาร")),
    Name("organisation", Message("ชื่อหน่วยงาน")),
    Name("fiscal_year", Message("ปีงบประมาณ")),
    Name("lines", Message("บรรทัดใต้ชื่อเอกสาร เช่น ที่ตั้ง เลขที่เอกสาร")),
    Name("as_of", Message("วันและเวลาของข้อมูล")),
    Name("draft_mark", Message("คำว่าร่าง เมื่อยังไม่ปิดรายงาน")),
    Name("body", Message("ย่อหน้าทั้งหมดของเอกสาร")),
    Name("signature", Message("ช่องลงนาม")),
)
_NUMBER = Name("number", Message("ลำดับที่ของแถว"))
_HEADING = Name("heading", Message("ประเด็น/ตัวชี้วัด"))
_MEASURES = Name("measures", Message("มาตรการ/โครงการ/กิจกรรม"))
_STEPS = Name("steps", Message("ขั้นตอน/วิธีการปฏิบัติ"))
_RESPONSIBLE = Name("responsible", Message("ผู้รับผิดชอบ"))
_WINDOW = Name("window", Message("ระยะเวลา"))
_EVIDENCE = Name("evidence", Message("หลักฐาน"))

NAMES: Mapping[str, Names] = {
    "annual": Names(
        (*_COMMON, Name("summary", Message("ประโยคสรุปผลรวม"))),
        (
            _NUMBER, _HEADING, _MEASURES, _STEPS, _RESPONSIBLE, _WINDOW,
            Name("result", Message("ผลการดำเนินงาน")),
            Name("outcome", Message("ผลลัพธ์หรือความสำเร็จของการดำเนินงาน")),
            _EVIDENCE,
            Name("problems", Message("ปัญหา/อุปสรรค")),
            Name("suggestions", Message("ข้อเสนอแนะ")),
        ),
    ),
    "six-month": Names(
        (*_COMMON, Name("summary", Message("ประโยคสรุปผลรวม"))),
        (
            _NUMBER, _HEADING, _MEASURES, _RESPONSIBLE, _WINDOW,
            Name("result", Message("ผลการดำเนินงานรอบ 6 เดือน")),
            Name("progress", Message("ความก้าวหน้า")),
            _EVIDENCE,
        ),
    ),
    "plan": Names(
        _COMMON,
        (
            _NUMBER, _HEADING,
            Name("analysis", Message("ผลการวิเคราะห์เพื่อกำหนดมาตรการ")),
            _MEASURES, _STEPS, _WINDOW, _RESPONSIBLE,
            Name("follow_up", Message("การกำกับติดตามและรายงานผล")),
        ),
    ),
    "memo": Names((*_COMMON, Name("letterhead", Message("ส่วนราชการ ที่ วันที่ เรื่อง เรียน ทีละบรรทัด")))),
}  # fmt: skip
# The columns of the table whose rows are repeated, in their order.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "results": ("heading", "measures", "steps", "responsible", "window", "result", "outcome"),
    "problems": ("", "", "problems", "suggestions"),
    "progress": ("heading", "measures", "responsible", "window", "result", "progress", "evidence"),
    "measures": ("heading", "analysis", "measures", "steps", "window", "responsible", "follow_up"),
}


@dataclass(frozen=True)
class Texts:
    """The texts for the names: those for anywhere, and for each row."""

    anywhere: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...]


def texts_of(paper: Paper) -> Texts:
    """What stands in the place of each name that NAMES lists for the document's kind."""
    names = NAMES[paper.kind]
    blocks = paper.blocks
    told = {
        "title": paper.title,
        "organisation": paper.organisation,
        "fiscal_year": str(paper.fiscal_year),
        "lines": "\n".join(paper.lines),
        "as_of": paper.as_of,
        "draft_mark": paper.draft_mark,
        "body": "\n".join(text for one in blocks if isinstance(one, Prose) for text in one.paragraphs),
        "signature": "\n\n".join("\n".join(lines) for lines in paper.signatures),
        "summary": "\n".join(one.sentence for one in blocks if isinstance(one, Chart)),
        "letterhead": "\n".join(
            f"{label} {text}" for one in blocks if isinstance(one, Letterhead) for label, text in one.lines
        ),
    }
    return Texts({name.name: told[name.name] for name in names.anywhere}, _rows(paper, names.row))


def _rows(paper: Paper, names: Sequence[Name]) -> tuple[Mapping[str, str], ...]:
    """The rows of the tables side by side: a result and the problems of the same item stand in one row."""
    if not names:
        return ()
    found: list[dict[str, str]] = []
    for grid in paper.blocks:
        if not isinstance(grid, Grid) or grid.name not in _COLUMNS:
            continue
        for place, cells in enumerate(grid.rows):
            if place == len(found):
                found.append({"number": str(place + 1)})
            found[place] |= {
                name: text for name, text in zip(_COLUMNS[grid.name], cells, strict=True) if name
            }
            if grid.notes:
                found[place]["evidence"] = grid.notes[place]
    return tuple({name.name: row.get(name.name, "") for name in names} for row in found)
