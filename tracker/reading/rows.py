"""The rows of the plan in a document's tables, put together again across pages and merged cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracker.errors import Unreadable
from tracker.reading import cells, columns, names
from tracker.reading.columns import Columns
from tracker.reading.layout import aligned, fits, flattened, is_signed, texts_of
from tracker.reading.rawrow import (
    CONTINUED,
    OWN,
    RawRow,
    agrees,
    append,
    counts_on,
    declines,
    ends_with,
    has_window,
    inherit,
    is_cut_name,
    lacks,
    merged,
    placed,
    same_heading,
)
from tracker.reading.table import Cell, Document, Paragraph, Table
from tracker.rules import thai

MOST_ROWS = 2_000
_ENDS_CONTINUED = re.compile(r"\s*\(\s*ต่อ\s*\)\s*$")
_SCORE = re.compile(r"[\d๐-๙]{1,3}(?:\.[\d๐-๙]+)?")
_TOTAL = re.compile(
    r"(?:ยอด)?รวม(?:ทั้งสิ้น|ทั้งหมด|เป็นเงิน|งบประมาณ|เงิน|จำนวน|\d{1,3}(?:มาตรการ|โครงการ|กิจกรรม|รายการ))*|หมายเหตุ[:*(].*"
)
_PAGE = re.compile(r"หน้า(?:ที่)?\d{1,3}(?:(?:/|จาก)\d{1,3})?")
_SUBJECT = re.compile(r"(?:\d{1,2}[.)])?(?:ตัวชี้วัด|ประเด็น)(?:ที่)?\d{1,2}(?!\d)")
MOST_OF_A_PAGE_HEAD = 3
_TITLE = re.compile("ปีงบประมาณ|เทศบาล|องค์การบริหารส่วน|อบต|อบจ")
_SECTION = re.compile(r"(?:\d{1,2}[.)]?)?(?:ประเด็น|ตัวชี้วัด|ด้าน|หมวด|แบบวัด|แบบตรวจ|ยุทธศาสตร์|มิติ|iit|eit|oit)")


@dataclass(frozen=True)
class Gathered:
    """The rows of the plan, the columns of all its tables, and the blocks that are not part of it."""

    rows: list[RawRow]
    columns: list[Columns]
    others: list[Paragraph | Table]
    unheaded: list[Table]


def gather(document: Document) -> Gathered:
    """The plan's rows of a document and everything else in it; Unreadable for more rows than any plan has."""
    gatherer = _Gatherer()
    for block in flattened(document):
        gatherer.take(block)
    gatherer.finish()
    return Gathered(gatherer.rows, gatherer.seen, gatherer.others, gatherer.unheaded)


class _Gatherer:
    """Reads the blocks in order, remembering the columns of the table it is in."""

    def __init__(self) -> None:
        self.rows: list[RawRow] = []
        self.seen: list[Columns] = []
        self.others: list[Paragraph | Table] = []
        self.unheaded: list[Table] = []
        self._columns: Columns | None = None
        self._section = ""
        self._section_used = True
        self._last_line = ""
        self._page_turned = False
        self._header_open = False
        self._subjects: dict[tuple[int | None, int | None], str] = {}

    def take(self, block: Paragraph | Table) -> None:
        if isinstance(block, Table):
            self._table(block)
            return
        self.others.append(block)
        if block.text.strip():
            self._last_line = block.text
        if _SUBJECT.match(thai.letters(block.text)) and _names_section(block.text):
            self._subjects.setdefault(_subject(block.text), block.text)

    def finish(self) -> None:
        """Tells that the document is at its end."""
        self._keep_unused_section()

    def _table(self, table: Table) -> None:
        others: list[tuple[Cell, ...]] = []
        unread = False
        if self._last_line and not self._is_page_mark(self._last_line):
            if not self._goes_on(table):
                if self._columns is not None and not any(
                    columns.recognise(texts_of(row)) for row in table.rows
                ):
                    self.unheaded.append(table)
                self._columns = None
            self._keep_unused_section()
            self._section_used = True
            if _names_section(self._last_line) and not _tells_scores(self._last_line):
                self._section = self._last_line
            else:
                # The only indicator told of since the last measures stands further above: its scores lie between.
                [subject] = self._subjects.values() if len(self._subjects) == 1 else [""]
                self._section = subject
        self._page_turned = True
        self._last_line = ""
        for row in table.rows:
            if is_signed(row):
                self._columns = None
            if self._is_header(row):
                if not self.rows:
                    self._look_back()
                self._open_section_above(others)
                others = self._below_broken_headings(others)
                unread = unread or (bool(self.rows) and self._may_be_measures(Table(tuple(others))))
                continue
            if self._columns is None:
                others.append(row)
            elif any(cell.text.strip() for cell in row):
                self._row(row, self._columns)
                self._page_turned = self._header_open = False
        if others:
            self.others.append(Table(tuple(others)))
            if unread:
                self.unheaded.append(Table(tuple(others)))

    def _open_section_above(self, above: list[tuple[Cell, ...]]) -> None:
        """Takes a line across the table just above its headings as what they are about."""
        filled = [cell.text for cell in above[-1] if cell.text.strip()] if above else []
        if len(filled) == 1 and _names_section(filled[0]) and not _tells_scores(filled[0]):
            self._keep_unused_section()
            self._section, self._section_used = filled[0], False
            above.pop()

    def _look_back(self) -> None:
        """Reads what stood in earlier tables below these same headings with some of them missing."""
        for place, block in enumerate(self.others):
            if not isinstance(block, Table):
                continue
            left = Table(tuple(self._below_broken_headings(list(block.rows))))
            self.others[place] = left
            if self._may_be_measures(left):
                self.unheaded.append(left)

    def _may_be_measures(self, table: Table) -> bool:
        """Whether a table above the headings is as wide and has items where the measures stand, but no scores."""
        header = self._columns
        if header is None or any(columns.recognise(texts_of(row)) for row in table.rows):
            return False
        place = header.roles.index("measure")
        wide = [row for row in table.rows if abs(len(row) - len(header.roles)) <= 1 and row[place:]]
        scored = any(_SCORE.fullmatch(cell.text.strip()) for row in wide for cell in row)
        return not scored and any(cells.begins_an_item(row[place].text) for row in wide)

    def _below_broken_headings(self, rows: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
        """Reads those rows that stood below the same headings with some of them missing; gives back the others."""
        header = self._columns
        broken = [place for place, row in enumerate(rows) if header and _repeats(texts_of(row), header)]
        if header is None or not broken:
            return rows
        for row in rows[broken[0] + 1 :]:
            if any(cell.text.strip() for cell in row):
                self._row(row, header)
        self._page_turned = True
        return rows[: broken[0]]

    def _goes_on(self, table: Table) -> bool:
        """Whether a table without headings below a line of text still belongs to the plan's table above it."""
        header = self._columns
        if header is None or any(columns.recognise(texts_of(row)) for row in table.rows[:3]):
            return False
        wide = [row for row in table.rows if abs(len(row) - len(header.roles)) <= 1]
        full = [row for row in wide if sum(1 for cell in row if cell.text.strip()) > 1]
        if 2 * sum(fits(aligned(row, header), header) > 0 for row in full) >= max(len(full), 1):
            return True
        place = header.roles.index("measure")
        return any(row[place:] and cells.begins_an_item(row[place].text) for row in wide)

    def _is_page_mark(self, line: str) -> bool:
        return re.fullmatch(r"(?:หน้า)?[-–\d\s/.()]*(?:ต่อ)?[)\s]*", thai.letters(line)) is not None

    def _is_header(self, row: tuple[Cell, ...]) -> bool:
        texts = texts_of(row)
        found = columns.recognise(texts)
        if found is not None and self._columns is not None and not columns.reads_as_headings(texts):
            found = None
        if found is not None and found.is_plan:
            self._columns, self._page_turned, self._header_open = found, True, True
            self.seen.append(found)
            return True
        if self._columns is not None and self._header_open:
            known = any(_repeats(texts, one) for one in self.seen[:-1])
            split = columns.with_subheadings(self._columns, texts, first=not self.rows or known)
            if split is not None:
                self._columns = self.seen[-1] = split
                return True
        if self._columns is not None and _repeats(texts, self._columns):
            self._page_turned = True
            return True
        if found is not None and _is_other_table(found):
            self._columns = None
        return False

    def _row(self, row: tuple[Cell, ...], header: Columns) -> None:
        previous = self.rows[-1] if self.rows else None
        put = self._counted_on(row, header, previous) or aligned(row, header)
        new = placed(put, header)
        if declines(new):
            self.others.append(Paragraph(" ".join(cell.text for cell in row if cell.text.strip())))
            return
        new.shifted = put is not row or (len(row) > len(header.roles) and not row[0].text.strip())
        row = put
        filled = [cell for cell in row if cell.text.strip()]
        if _is_total(filled) or self._is_page_head(filled):
            self.others.append(Paragraph(" ".join(cell.text for cell in filled)))
            return
        # One thing, in its first cell, below a row that lacks something: it may belong under another heading.
        if len(filled) == 1 and row[0].text.strip() and (previous is None or lacks(previous, header)):
            new.shifted = True
        below = _named_below_number(row, header)
        section = below or (filled[0].text if len(filled) == 1 else "")
        if section and (below or self._is_section(row, header, section)):
            self._keep_unused_section()
            self._section, self._section_used = section, False
            return
        if previous is not None and self._continues(new, row, header, previous):
            append(previous, new)
            return
        if previous is not None:
            inherit(new, row, header, previous)
        new.heading = _ENDS_CONTINUED.sub("", new.heading)
        new.section, self._section_used = self._section, True
        if len(self.rows) == MOST_ROWS:
            raise Unreadable(
                "ตารางมาตรการมีเกิน %(most)s แถว ไม่น่าจะเป็นแผนของปีเดียว กรุณาตรวจสอบไฟล์", most=MOST_ROWS
            )
        self.rows.append(new)
        self._subjects = {}

    def _is_page_head(self, filled: Sequence[Cell]) -> bool:
        """Whether a row repeats what is printed at the top of each page: its number, or a line above the table."""
        texts = [thai.letters(cell.text) for cell in filled]
        if len(texts) <= MOST_OF_A_PAGE_HEAD and any(map(_PAGE.fullmatch, texts)):
            return True
        if len(texts) != 1 or not _TITLE.search(texts[0]):
            return False
        return any(
            thai.letters(block.text) == texts[0] for block in self.others if isinstance(block, Paragraph)
        )

    def _keep_unused_section(self) -> None:
        """A line across the table that heads no row is running text."""
        if not self._section_used:
            self.others.append(Paragraph(self._section))

    def _counted_on(
        self, row: tuple[Cell, ...], header: Columns, previous: RawRow | None
    ) -> tuple[Cell, ...] | None:
        """The row put where its number goes on, where flattening took the merged cells before it away."""
        number = cells.leading_number(row[0].text)
        alone = not any(cell.text.strip() for cell in row[1:])
        if previous is None or number is None or header.roles[0] != "heading":
            return None
        if number - 1 == cells.leading_number(previous.heading) or _names_section(row[0].text):
            return None
        if alone:
            row = row[:1]
        elif len(row) >= len(header.roles):
            return None
        lists = ("measure", "steps", "results") if alone else ("measure",)
        fitting = [role for role in lists if role in header.roles and ends_with(previous, role, number - 1)]
        if len(fitting) != 1:
            return None
        moved = (Cell(),) * header.roles.index(fitting[0]) + row
        return moved if len(moved) <= len(header.roles) and fits(moved, header) >= fits(row, header) else None

    def _goes_on_unnumbered(
        self, new: RawRow, row: tuple[Cell, ...], header: Columns, previous: RawRow
    ) -> bool:
        """Whether the page cut a row whose numbered measure goes on without a number."""
        numbered = cells.leading_number(previous.text("measure") + " ก") is not None
        cut = self._page_turned and not merged(row, header, "heading") and numbered
        return cut and not cells.begins_an_item(new.text("measure"))

    def _is_section(self, row: tuple[Cell, ...], header: Columns, text: str) -> bool:
        first = row[0].text.strip() != ""
        across = first and len(row) > 1 and all(cell.left for cell in row[1:])
        if not first or (header.roles[0] == "order" and not re.search("[ก-๎a-z]", thai.letters(text))):
            return False
        return across or (_names_section(text) and not self._is_measure(header, text))

    def _is_measure(self, header: Columns, text: str) -> bool:
        """Whether a lone text in the first column is the next measure, though it names a topic or an indicator."""
        number = cells.leading_number(text)
        if header.roles[0] != "measure" or number is None or not self.rows:
            return False
        return number - 1 in [
            cells.leading_number(line) for line in self.rows[-1].text("measure").split("\n")
        ]

    def _continues(self, new: RawRow, row: tuple[Cell, ...], header: Columns, previous: RawRow) -> bool:
        """Whether a row goes on with the row above instead of opening its own."""
        measure = new.text("measure")
        own = any(new.texts.get(role) for role in OWN) or bool(new.ticks)
        if "heading" in header.roles and not CONTINUED.fullmatch(new.heading) and new.heading:
            if same_heading(new.heading, previous.heading):
                return not measure or _ENDS_CONTINUED.search(new.heading) is not None
            if not new.texts and not own and is_cut_name(previous.heading, new.heading):
                return True
            tail = self._page_turned and not own and not cells.begins_an_item(new.heading)
            return tail and not names.topic_of(new.heading) and not names.indicator_of(new.heading)
        if CONTINUED.fullmatch(new.heading):
            return True
        if not measure:
            return True
        if "heading" not in header.roles or not previous.heading:
            return not own and (
                not cells.begins_an_item(measure) if not merged(row, header, "responsible") else False
            )
        if not own or self._goes_on_unnumbered(new, row, header, previous):
            return True
        same_place = all(agrees(new, previous, role) for role in ("window", "responsible"))
        if merged(row, header, "heading") or not same_place:
            return False
        return self._page_turned or (not has_window(new) and counts_on(previous, new))


def _is_total(filled: Sequence[Cell]) -> bool:
    """Whether a row only sums a column up, or is a note below the table."""
    words = [thai.letters(cell.text) for cell in filled if re.search("[ก-๙a-z]", thai.letters(cell.text))]
    return len(words) == 1 and _TOTAL.fullmatch(words[0]) is not None


def _named_below_number(row: tuple[Cell, ...], header: Columns) -> str:
    """The topic or indicator that is all a row names, in the column of measures behind that of numbers; else ""."""
    if header.roles[:2] != ("order", "measure") or "heading" in header.roles or len(row) < 2:
        return ""
    named = row[1].text.strip()
    alone = not any(cell.text.strip() for cell in row[2:])
    told = row[0].text.strip() or (row[2:3] and row[2].left) or _SECTION.match(thai.letters(named))
    return named if alone and told and names.is_name(named) else ""


def _names_section(text: str) -> bool:
    if len(thai.letters(text)) > 130:
        return False
    named = names.topic_of(text) is not None or names.indicator_of(text) is not None
    return named or _SECTION.match(thai.letters(text)) is not None


def _subject(line: str) -> tuple[int | None, int | None]:
    return names.topic_of(line), names.indicator_of(line)


def _tells_scores(line: str) -> bool:
    """Whether a line is about scores, and no heading such as "ตัวชี้วัดที่ ๑ การปฏิบัติหน้าที่ (๘๙.๒๐ คะแนน)"."""
    return "คะแนน" in line and re.match(r"(?:\d{1,2}[.)])?ตัวชี้วัด(?:ที่)?\d", thai.letters(line)) is None


def _is_other_table(found: Columns) -> bool:
    return (
        not found.is_plan
        and sum(1 for role in found.roles if role != "unknown") >= 2
        and "measure" not in found.roles
    )


def _repeats(texts: list[str], header: Columns) -> bool:
    """Whether a row is the heading row again, printed on a new page."""
    filled = [(thai.letters(text), place) for place, text in enumerate(texts) if text.strip()]
    same = sum(
        1
        for text, place in filled
        if place < len(header.headings) and _alike(text, thai.letters(header.headings[place]))
    )
    return same >= 2 and same * 2 >= len(filled)


def _alike(text: str, heading: str) -> bool:
    """Whether two headings are the same but for a letter misread."""
    if text == heading or min(len(text), len(heading)) < 6 or len(text) > columns.LONGEST:
        return text == heading
    matcher = SequenceMatcher(None, text, heading, False)
    return matcher.real_quick_ratio() >= 0.85 and matcher.quick_ratio() >= 0.85 and matcher.ratio() >= 0.85
