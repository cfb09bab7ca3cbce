"""Plans as offices write them, drawn by hypothesis, and what pages, scanners and people do to them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from docx import Document as new_document
from hypothesis import strategies as st

from tests.reading.conftest import saved
from tracker.rules import thai

LONG = int(os.environ.get("TRACKER_LONG") or 0)
TITLE = "มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. ๒๕๖๙"
HEADINGS: dict[str, tuple[str, ...]] = {
    "heading": ("ตัวชี้วัด", "ประเด็น", "หัวข้อ", "ประเด็นการประเมิน", "ด้าน"),
    "measure": ("มาตรการ", "มาตรการ/แนวทาง", "มาตรการ/โครงการ/กิจกรรม", "โครงการ/กิจกรรม", "แนวทางแก้ไข"),
    "steps": ("ขั้นตอน", "วิธีการดำเนินการ", "ขั้นตอนหรือวิธีการปฏิบัติ", "ขั้นตอน/วิธีการดำเนินการ"),
    "window": ("ระยะเวลา", "ระยะเวลาดำเนินการ", "ช่วงระยะเวลาในการดำเนินการ", "กรอบระยะเวลา"),
    "responsible": ("ผู้รับผิดชอบ", "หน่วยงานที่รับผิดชอบ", "ผู้รับผิดชอบ/ผู้ที่เกี่ยวข้อง"),
    "follow_up": ("การติดตามผล", "แนวทางการกำกับติดตาม", "การติดตามประเมินผล"),
}
NAMES = (
    "การปฏิบัติหน้าที่", "การใช้งบประมาณ", "การใช้อำนาจ", "การใช้ทรัพย์สินของราชการ", "การแก้ไขปัญหาการทุจริต",
    "คุณภาพการดำเนินงาน", "ประสิทธิภาพการสื่อสาร", "การปรับปรุงการทำงาน", "การเปิดเผยข้อมูล", "การป้องกันการทุจริต",
)  # fmt: skip
VERBS = ("จัดทำ", "ทบทวน", "เผยแพร่", "ปรับปรุง", "ประกาศใช้", "ขยาย", "รณรงค์", "ยกระดับ", "ซักซ้อม")
THINGS = ("คู่มือ", "ช่องทางร้องเรียน", "ระเบียบการยืม", "ป้ายประชาสัมพันธ์", "ระบบคิว", "ทะเบียนพัสดุ", "แบบสำรวจ")
PLACES = ("บริเวณจุดบริการ", "ในตลาดสด", "สำหรับผู้สูงอายุ", "ของศูนย์เด็กเล็ก", "ทางออนไลน์", "ให้ชุมชน")
WINDOWS = ("ต.ค. ๖๘ - ก.ย. ๖๙", "ไตรมาสที่ ๑-๒", "มี.ค. 69", "ตุลาคม ๒๕๖๘ ถึง มีนาคม ๒๕๖๙", "ตลอดปีงบประมาณ")
DIVISIONS = ("สำนักปลัด", "กองคลัง", "กองช่าง", "กองการศึกษา ศาสนาและวัฒนธรรม", "ทุกกอง", "สำนักปลัด/กองคลัง")
FOLLOW_UPS = ("ทุกไตรมาส", "รอบ ๖ เดือน และรอบ ๑๒ เดือน", "รายงานผลหลังกิจกรรมแล้วเสร็จ", "ปีละ ๒ ครั้ง")
DEBRIS = ("<p></p>", "**", "-----", "", "- ๒ -", "หน้า 3", "ต่อ", "\u00a0", "หน้า ๒ จาก ๕", "~~~", "|", "###")


def examples(few: int) -> int:
    """How many examples to draw: `few`, and twenty times as many where TRACKER_LONG is set."""
    return few * 20 if LONG else few


@dataclass
class Drawn:
    """A plan's table as rows of texts; `titles` are its measures, each unlike the others."""

    rows: list[list[str]]
    titles: list[str]


@st.composite
def titles(draw: st.DrawFn, count: int) -> list[str]:
    """As many different titles as wanted, none of which is part of another."""
    made = [f"{verb}{thing}{place}" for verb in VERBS for thing in THINGS for place in PLACES]
    return draw(st.lists(st.sampled_from(made), min_size=count, max_size=count, unique=True))


@st.composite
def plans(draw: st.DrawFn) -> Drawn:
    """A table under usual headings in any order, of one to six rows with one to three measures each."""
    roles = ["measure", "steps", "window", "responsible"]
    roles += draw(st.sampled_from([[], ["follow_up"]]))
    headed = draw(st.booleans())
    if headed:
        roles.insert(0, "heading")
    if draw(st.booleans()):
        fixed = 2 if headed else 1
        roles = roles[:fixed] + draw(st.permutations(roles[fixed:]))
    sizes = draw(st.lists(st.integers(1, 3 if headed else 1), min_size=1, max_size=6))
    names = draw(titles(sum(sizes)))
    rows = [[draw(st.sampled_from(HEADINGS[role])) for role in roles]]
    mark = draw(st.sampled_from(["{}. ", "{}.", "{}) ", "- "]))
    down = 0
    left = list(names)
    for place, size in enumerate(sizes):
        own, left = left[:size], left[size:]
        joint = draw(st.sampled_from([" ", "\n"]))
        down = 0 if headed else down
        measures = joint.join(mark.format(thai.thai_digits(down + n)) + name for n, name in enumerate(own, 1))
        down += size
        texts = {
            "heading": f"{thai.thai_digits(place + 1)}. {NAMES[place]}",
            "measure": measures,
            "steps": draw(
                st.sampled_from(["๑. ประชุม ๒. ลงมือทำ", "- ประชุม\n- ลงมือทำ", "ประชุมหารือกับผู้เกี่ยวข้อง"])
            ),
            "window": draw(st.sampled_from(WINDOWS)),
            "responsible": draw(st.sampled_from(DIVISIONS)),
            "follow_up": draw(st.sampled_from(FOLLOW_UPS)),
        }
        rows.append([texts[role] for role in roles])
    return Drawn(rows, names)


Line = str | list[str]


@st.composite
def mangled(draw: st.DrawFn, plan: Drawn) -> list[Line]:
    """The plan after one to four accidents: lines of text and rows of cells."""
    lines: list[Line] = [TITLE, "", *([*row] for row in plan.rows)]
    for _ in range(draw(st.integers(1, 4))):
        accident: Callable[[st.DrawFn, list[Line], Drawn], None] = draw(st.sampled_from(ACCIDENTS))
        accident(draw, lines, plan)
    return lines


def _row(draw: st.DrawFn, lines: list[Line], first: int = 3) -> list[str]:
    """A row of the table, the headings only from `first` 2 on; the first one where all others are gone."""
    rows = [line for line in lines[first:] if isinstance(line, list)]
    return draw(st.sampled_from(rows)) if rows else [""]


def _space_words(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    row = _row(draw, lines, 2)
    column = draw(st.integers(0, len(row) - 1))
    place = draw(st.integers(0, len(row[column])))
    row[column] = f"{row[column][:place]} {row[column][place:]}"


def _drop_cell(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    row = _row(draw, lines)
    column = draw(st.integers(0, len(row) - 1))
    if _may_go(row[column], plan):
        row[column] = ""


def _repeat_headings(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    again = [cell.replace("/", " /\n") if draw(st.booleans()) else cell for cell in plan.rows[0]]
    place = draw(st.integers(3, len(lines)))
    lines[place:place] = draw(st.sampled_from([[again], ["", again], ["- 2 -", "", again]]))


def _debris(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(DEBRIS)))


def _debris_in_a_cell(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    row = _row(draw, lines)
    column = draw(st.integers(0, len(row) - 1))
    before, after = draw(
        st.sampled_from([("<p>", "</p>"), ("**", "**"), ("", "\\*"), ("", " -----"), ("# ", "")])
    )
    row[column] = f"{before}{row[column]}{after}"


def _shift(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    row = _row(draw, lines)
    if draw(st.booleans()):
        row.insert(draw(st.integers(0, len(row))), "")
    elif "" in row:
        row.remove("")


def _cut(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    """A page ends within a row: some of its cells go on in a row of their own."""
    row = _row(draw, lines)
    place = next(place for place, line in enumerate(lines) if line is row)
    rest = [""] * len(row)
    for column, text in enumerate(row):
        words = text.split(" ")
        if len(words) > 1 and draw(st.booleans()):
            row[column], rest[column] = " ".join(words[:-1]), words[-1]
    if any(rest):
        lines[place + 1 : place + 1] = ["", list(plan.rows[0]), rest]


def _line_between(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    lines.insert(
        draw(st.integers(2, len(lines))),
        draw(st.sampled_from(["หมายเหตุ ปรับตามสถานการณ์", "ข้อความใดข้อความหนึ่ง"])),
    )


def _lose_a_heading(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    head = next(line for line in lines if isinstance(line, list))
    head[draw(st.integers(0, len(head) - 1))] = ""


def _only_the_measure(draw: st.DrawFn, lines: list[Line], plan: Drawn) -> None:
    row = _row(draw, lines)
    row[:] = ["" if _may_go(cell, plan) else cell for cell in row]


def _may_go(text: str, plan: Drawn) -> bool:
    """Whether a text is still what it was and no measure: a measure that is not there cannot be read."""
    whole = {thai.letters(cell) for row in plan.rows for cell in row}
    letters = thai.letters(text)
    return letters in whole and not any(thai.letters(title) in letters for title in plan.titles)


ACCIDENTS = (
    _space_words, _space_words, _drop_cell, _repeat_headings, _debris, _debris_in_a_cell, _shift, _cut,
    _line_between, _lose_a_heading, _only_the_measure,
)  # fmt: skip


def as_text(lines: Sequence[Line]) -> bytes:
    """Flattened text, its cells in quotes where they have line breaks."""

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if "\n" in text else text

    return "\n".join(line if isinstance(line, str) else "\t".join(map(cell, line)) for line in lines).encode()


def as_page(lines: Sequence[Line]) -> bytes:
    """A web page; a table ends where text stands between its rows."""
    written = io.StringIO()
    for block in _blocks(lines):
        if isinstance(block, str):
            written.write(f"<p>{escape(block)}</p>")
            continue
        written.write("<table>")
        for row in block:
            cells = "".join(f"<td>{escape(text).replace(chr(10), '<br>')}</td>" for text in row)
            written.write(f"<tr>{cells}</tr>")
        written.write("</table>")
    return written.getvalue().encode()


def as_word(lines: Sequence[Line]) -> bytes:
    """A Word document, as long as its rows are wide."""
    document = new_document()
    for block in _blocks(lines):
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(len(block), max(map(len, block)))
        for row, texts in zip(table.rows, block, strict=True):
            for cell, text in zip(row.cells, texts, strict=False):
                cell.text = text
    return saved(document)


def _blocks(lines: Sequence[Line]) -> list[str | list[list[str]]]:
    blocks: list[str | list[list[str]]] = []
    for line in lines:
        last = blocks[-1] if blocks else None
        if isinstance(line, str):
            blocks.append(line)
        elif isinstance(last, list):
            last.append(line)
        else:
            blocks.append([line])
    return blocks
