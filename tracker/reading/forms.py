"""Small tables of labels and values, one for each measure, turned into rows under headings."""

from __future__ import annotations

import re

from tracker.reading import columns
from tracker.reading.table import Cell, Paragraph, Table
from tracker.rules import thai

_NAMED = re.compile(
    r"^\s*(?:(?P<n>[\d๐-๙]{1,2})\s*[.)]\s*)?(?:มาตรการ|โครงการ|กิจกรรม)(?:ที่)?\s*(?P<m>[\d๐-๙]{1,2})?\s*[.):\-]*\s*(?P<title>.*)$",
    re.S,
)
FEWEST = 3
_HEADS_VALUES = re.compile("รายละเอียด|รายการ|ข้อมูล|คำอธิบาย")

Form = list[tuple[str, Cell]]


def opened(table: Table, line: str) -> list[Paragraph | Table]:
    """The table as one plan table a form, its titles as paragraphs; empty when it is no form.

    A form without a label for the measure takes the title above its labels, or `line`, the text above the table.
    """
    forms, titles, rest = _forms(table)
    found: list[Paragraph | Table] = []
    for form, title in zip(forms, titles, strict=True):
        heads = [Cell(label) for label, _ in form]
        values = [value for _, value in form]
        if "measure" not in _roles(heads):
            named = _named(title) or _named(line)
            if named is None:
                return []
            heads, values = [Cell("มาตรการ"), *heads], [named, *values]
        elif title:
            found.append(Paragraph(title))
        recognised = columns.recognise([cell.text for cell in heads])
        if recognised is None or not recognised.is_plan:
            return []
        found.append(Table((tuple(heads), tuple(values))))
    return [*found, Paragraph(rest)] if found and rest else found


def _roles(heads: list[Cell]) -> tuple[str, ...]:
    recognised = columns.recognise([cell.text for cell in heads])
    return recognised.roles if recognised is not None else ()


def _named(text: str) -> Cell | None:
    """The measure that a title such as "มาตรการที่ ๑ จัดทำคู่มือ" names, with its number before it."""
    found = _NAMED.match(text)
    if found is None or not found["title"].strip():
        return None
    number = found["m"] or found["n"]
    return Cell(f"{number}. {found['title']}" if number else found["title"])


def _forms(table: Table) -> tuple[list[Form], list[str], str]:
    """The forms of a table, the title above each and a text after the last; none when too few rows have labels."""
    groups: list[list[Form]] = []
    titles: list[str] = []
    waiting = ""
    labelled = full = 0
    for row in table.rows:
        cells = [cell for cell in row if not cell.left]
        filled = [cell for cell in cells if cell.text.strip()]
        if not filled:
            continue
        pairs = _pairs(cells)
        full += len(filled) > 1
        if pairs:
            labelled += 1
            known = {thai.letters(label) for label, _ in groups[-1][0]} if groups else set()
            if not groups or waiting or thai.letters(pairs[0][0][0]) in known:
                groups.append([[] for _ in pairs])
                titles.append(waiting)
                waiting = ""
            _add(groups[-1], pairs)
        elif groups and not cells[0].text.strip():
            _go_on(groups[-1], cells[1:])
        elif groups and len(filled) > 1:
            _add(groups[-1], [[(cells[0].text, value)] for value in cells[1:]])
        else:
            waiting = "\n".join([*([waiting] if waiting else []), *(cell.text for cell in filled)])
    if labelled < FEWEST or labelled * 3 < full * 2:
        return [], [], ""
    above = [title for title, group in zip(titles, groups, strict=True) for _ in group]
    return [form for group in groups for form in group], above, waiting


def _add(group: list[Form], pairs: list[Form]) -> None:
    """Adds a row to the forms beside each other; a value that spans them is of all, one too many of the last."""
    for place, form in enumerate(group):
        form += pairs[min(place, len(pairs) - 1)]
    for more in pairs[len(group) :]:
        group[-1] += more


def _pairs(cells: list[Cell]) -> list[Form]:
    """Labels and values of a row, one list for each form that it is about; empty when it begins with no label."""
    if len(cells) < 2 or not _is_label(cells[0]) or _HEADS_VALUES.fullmatch(thai.letters(cells[1].text)):
        return []
    if len(cells) % 2 == 0 and all(_is_label(cell) for cell in cells[::2]):
        pairs = zip(cells[::2], cells[1::2], strict=True)
        return [[(_label(label), value) for label, value in pairs]]
    values = cells[1:]
    while len(values) > 1 and not values[-1].text.strip():
        values.pop()
    return [[(_label(cells[0]), value)] for value in values]


def _go_on(group: list[Form], values: list[Cell]) -> None:
    """Adds what stands under a value, beside an empty label, to that value."""
    for form, value in zip(group, values, strict=False):
        if form and value.text.strip():
            label, above = form[-1]
            form[-1] = (
                label,
                Cell(f"{above.text}\n{value.text}".strip(), tables=above.tables + value.tables),
            )


def _is_label(cell: Cell) -> bool:
    text = _label(cell)
    return bool(columns.candidates(text)) and columns.reads_as_headings([text])


def _label(cell: Cell) -> str:
    return re.sub(r"[\s:：]+$", "", cell.text)
