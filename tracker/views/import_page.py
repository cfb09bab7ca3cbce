"""The values of the preview page: what the document says beside what was understood, and what it would make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.actions.deciding import Workload
from tracker.actions.importing import DraftItem
from tracker.catalogue import assessment, items, topics
from tracker.forms.plan import RowForm
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.reading import references
from tracker.reading.decisions import RowEdit, decided
from tracker.reading.values import ReadRow
from tracker.rules.fiscal import quarters_between
from tracker.rules.grouping import PlannedItem
from tracker.rules.thai import letters
from tracker.views import import_lines
from tracker.views.import_lines import (
    DONE,
    FOLLOW_UPS,
    MUST,
    SHOULD,
    Line,
    Looked,
)
from tracker.views.import_look import Seen, again
from tracker.views.import_words import edited_words, kind_words, month_words

# Each form is some kilobytes: of a longer plan only the row that is being edited has one.
FORMS_AT_ONCE = 40


def planned(looked: Looked) -> list[PlannedItem[str]]:
    """What of the rows decides their tasks; divisions are names."""
    return [
        PlannedItem(
            key=str(item.number),
            measures=tuple(f"{item.number}.{place}" for place, _measure in enumerate(item.row.measures)),
            divisions=item.divisions,
            start=item.start,
            end=item.end,
        )
        for item in looked.draft.items
    ]


def rows(
    looked: Looked,
    cells: Sequence[Mapping[str, str]],
    found: Sequence[Line],
    editing: int | None,
    form: RowForm | None,
) -> list[dict[str, Any]]:
    """Every row of the document; `form` is what was typed for the row `editing` and could not be kept."""
    by_number = {item.number: item for item in looked.draft.items}
    open_lines: dict[int, list[Line]] = {}
    for line in found:
        for number in line["rows"] if line["look"] != DONE else ():
            open_lines.setdefault(number, []).append(line)
    written = looked.draft.read.rows
    shown = []
    for number, source in enumerate(written, 1):
        own = cells[number - 1] if len(cells) == len(written) else {}
        row = _row(looked, number, source, own, by_number.get(number), open_lines.get(number, []))
        if number == editing or len(written) <= FORMS_AT_ONCE:
            mine = form if form is not None and number == editing else None
            row["form"] = edit_values(looked, number, mine)
        row["editing"] = number == editing
        row["open"] = row["open"] or row["editing"]
        shown.append(row)
    return shown


def _row(
    looked: Looked,
    number: int,
    written: ReadRow,
    cells: Mapping[str, str],
    item: DraftItem | None,
    troubles: Sequence[Line],
) -> dict[str, Any]:
    row = decided(number, written, looked.decisions, looked.draft.fiscal_year)
    edit = looked.decisions.edits.get(number, RowEdit())
    look = MUST if any(line["look"] == MUST for line in troubles) else SHOULD if troubles else DONE
    words = {MUST: _("ต้องตอบ"), SHOULD: _("ควรดู"), DONE: _("อ่านครบ")}[look]
    if row is None:
        look, words = "cancelled", _("ไม่รวมในแผน")
    elif troubles:
        words = f"{words} {len(troubles)}"
    now = row or written
    quarters = quarters_between(item.start, item.end) if item else []
    tasks = len(now.measures) * len(item.divisions) * len(quarters) if item else 0
    return {
        "number": number,
        "heading": now.heading or (now.measures[0].title if now.measures else "–"),
        "meta": _("%(measures)s มาตรการ · %(tasks)s งาน", measures=len(now.measures), tasks=tasks),
        "look": look,
        "look_text": words,
        "open": look == MUST,
        "left_out": row is None,
        "edited": edited_words(edit),
        "source": _source(cells, written),
        "understood": {
            "measures": [measure.title for measure in now.measures],
            "steps": list(now.steps),
            "window": f"{short_date(item.start)} – {short_date(item.end)}" if item else "–",
            "window_before": _window_before(written, item),
            "quarters": [(place, place in {one.number for one in quarters}) for place in range(1, 5)],
            "responsible": _responsible(number, now, looked),
            "follow_up": _follow_up(now, looked),
            "references": [reference_words(one, looked) for one in item.references]
            if item and not looked.amends
            else [],
        },
        "troubles": [line["title"] for line in troubles],
    }


def _source(cells: Mapping[str, str], row: ReadRow) -> list[tuple[str, str, str]]:
    """The cells word for word, each with the part that was understood of it; else what the row kept."""
    window = row.window.text if row.window else ""
    follow_up = row.follow_up.text if row.follow_up else ""
    told = [
        ("", _("หัวข้อ"), cells.get("heading") or row.heading or ""),
        ("measure", _("มาตรการ"), cells.get("measure") or "\n".join(one.title for one in row.measures)),
        ("steps", _("ขั้นตอน"), cells.get("steps") or "\n".join(row.steps)),
        ("window", _("ระยะเวลา"), cells.get("window") or window),
        (
            "responsible",
            _("ผู้รับผิดชอบ"),
            cells.get("responsible") or " / ".join(one.text for one in row.responsible),
        ),
        ("follow_up", _("การติดตามผล"), cells.get("follow_up") or follow_up),
        ("", _("ผลการวิเคราะห์"), cells.get("analysis") or row.analysis or ""),
        ("", _("เป้าหมาย"), cells.get("targets") or "\n".join(row.targets)),
        ("", _("ผลการดำเนินงาน"), cells.get("results") or "\n".join(row.results)),
        ("", _("ผลลัพธ์"), cells.get("outcome") or row.outcome or ""),
        ("", _("ช่องอื่น"), cells.get("lost", "")),
    ]
    return [(part, column, text) for part, column, text in told if text]


def _window_before(row: ReadRow, item: DraftItem | None) -> str:
    """The days that are written, where others were decided."""
    if row.window is None or item is None or (row.window.start, row.window.end) == (item.start, item.end):
        return ""
    return f"{short_date(row.window.start)} – {short_date(row.window.end)}"


def _responsible(number: int, row: ReadRow, looked: Looked) -> list[dict[str, str]]:
    asked = {letters(question.name) for question in looked.draft.questions if question.code == "name"}
    new = set(looked.draft.new_divisions)
    told = [
        {"text": name, "look": DONE, "note": _("ใหม่") if name in new else ""}
        for name in looked.draft.named.get(number, ())
    ]
    unknown = [one for one in row.responsible if letters(one.text) in asked] if not row.everyone else []
    return told + [{"text": f"{one.text}?", "look": MUST, "note": ""} for one in unknown]


def _follow_up(row: ReadRow, looked: Looked) -> str:
    follow_up = row.follow_up
    if follow_up is None:
        return kind_words("unspecified", looked.policy)
    words = kind_words(follow_up.kind, looked.policy, follow_up.n)
    months = ", ".join(month_words(month) for month in follow_up.months)
    return f"{words}: {months}" if months else words


def reference_words(reference: str, looked: Looked) -> str:
    """ตัวชี้วัดที่ 9 การเปิดเผยข้อมูล, O13 with its title, I4 with its indicator."""
    kind, _colon, code = reference.partition(":")
    names = {one.number: one.name for one in assessment.INDICATORS}
    if kind == "indicator":
        return _("ตัวชี้วัดที่ %(number)s %(name)s", number=code, name=names.get(int(code), ""))
    year = references.assessed_year(looked.draft.read, looked.draft.fiscal_year) or 0
    if (year, code) in items.ITEMS:
        return f"{code.upper()} {items.ITEMS[year, code].title}"
    return f"{code.upper()} {names.get(assessment.survey_questions(year).get(code, 0), '')}".strip()


def edit_values(looked: Looked, number: int, form: RowForm | None) -> dict[str, Any]:
    """The row's fields as they are now, or as they were typed, with all that may be chosen."""
    form = form or row_form(looked, number)
    row = looked.draft.read.rows[number - 1]
    offered = references.offered(_with_numbers(row, form), looked.draft.read, looked.draft.fiscal_year)
    ticked = set(form.references.data or ())
    chosen = set(form.divisions.data or ())
    return {
        "form": form,
        "errors": {field.name: field.errors[0] for field in form if field.errors},
        "topics": [("0", "–"), *((str(one.number), f"{one.number} {one.title}") for one in topics.TOPICS)],
        "indicators": [
            ("0", "–"),
            *((str(one.number), f"{one.number} {one.name}") for one in assessment.INDICATORS),
        ],
        "divisions": [
            {"value": str(place), "label": name, "posted": name, "checked": name in chosen}
            for place, name in enumerate(names_offered(looked))
        ],
        "follow_ups": [(kind, kind_words(kind, looked.policy)) for kind in kinds_offered(looked, number)],
        "references": [
            {
                "value": one.replace(":", "-"),
                "label": reference_words(one, looked),
                "posted": one,
                "checked": one in ticked,
            }
            for one in dict.fromkeys((*offered, *sorted(ticked)))
            # An amendment leaves the scores that the plan means to move as they are.
            if not looked.amends
        ],
    }


def _with_numbers(row: ReadRow, form: RowForm) -> ReadRow:
    return ReadRow(heading=row.heading, topic=form.topic.data or None, indicator=form.indicator.data or None)


def names_offered(looked: Looked) -> list[str]:
    """The divisions that may be made responsible: of the register, and those to be added."""
    return [*(one.name for one in looked.divisions), *looked.draft.new_divisions]


def kinds_offered(looked: Looked, number: int) -> list[str]:
    """The kinds of follow-up that a person may choose, and the one that the text names."""
    row = decided(number, looked.draft.read.rows[number - 1], looked.decisions, looked.draft.fiscal_year)
    named = row.follow_up.kind if row is not None and row.follow_up else "unspecified"
    return list(dict.fromkeys((*FOLLOW_UPS, named)))


def row_form(looked: Looked, number: int, typed: Any = None) -> RowForm:
    """The form of a row, filled with what is understood now or with what was typed."""
    written = looked.draft.read.rows[number - 1]
    row = decided(number, written, looked.decisions, looked.draft.fiscal_year) or written
    item = next((one for one in looked.draft.items if one.number == number), None)
    scores = (
        item.references if item else references.proposed(row, looked.draft.read, looked.draft.fiscal_year)
    )
    form = RowForm(
        typed,
        prefix=f"r{number}-",
        data={
            "heading": row.heading or "",
            "topic": row.topic or 0,
            "indicator": row.indicator or 0,
            "measures": "\n".join(measure.title for measure in row.measures),
            "steps": "\n".join(row.steps),
            "start": short_date(item.start, "th") if item else "",
            "end": short_date(item.end, "th") if item else "",
            "everyone": row.everyone,
            "divisions": list(looked.draft.named.get(number, ())),
            "follow_up": row.follow_up.kind if row.follow_up else "unspecified",
            "references": list(scores),
        },
    )
    form.divisions.choices = names_offered(looked)
    form.follow_up.choices = kinds_offered(looked, number)
    every = [f"indicator:{one.number}" for one in assessment.INDICATORS]
    year = references.assessed_year(looked.draft.read, looked.draft.fiscal_year) or 0
    every += [f"question:{code}" for one in topics.TOPICS for code in topics.questions_of(one.number, year)]
    form.references.choices = list(dict.fromkeys((*every, *scores)))
    return form


def work(made: Workload) -> list[dict[str, Any]]:
    """The table of tasks and forms by division and quarter."""
    return [
        {
            "name": one.division,
            "cells": [(one.tasks.get(number, 0), one.forms.get(number, 0)) for number in range(1, 5)],
            "tasks": sum(one.tasks.values()),
            "forms": sum(one.forms.values()),
            "look_back": one.look_back,
        }
        for one in made.divisions
    ]


def changed_since(seen: Seen | None, looked: Looked, tasks: int) -> list[tuple[str, str, str]]:
    """What became different since a person saw the page: (what happened, to which decision, how it reads)."""
    if seen is None:
        return []
    then = _decided(again(looked, seen.decisions)) if seen.year == looked.chosen_year else {}
    now = _decided(looked)
    told = [(_("ตัดสินใจเพิ่ม"), *line) for line in now.values() if line not in then.values()]
    told += [(_("เลิกทำ"), *line) for line in then.values() if line not in now.values()]
    if seen.tasks != tasks:
        before = _("ขณะที่ท่านดู %(number)s งาน", number=seen.tasks)
        told.append((_("งานที่จะเกิด"), _("%(number)s งาน", number=tasks), before))
    return told or [(_("เปลี่ยน"), _("ทะเบียนส่วนราชการ"), "")]


def _decided(looked: Looked) -> dict[str, tuple[str, str]]:
    """The decisions that are made, as the page words them, by what undoes them."""
    return {
        line["undo"]: (line["title"], line["text"])
        for line in import_lines.lines(looked)
        if line["look"] == DONE
    }
