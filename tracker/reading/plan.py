"""A document read as a plan of measures or a report of their results, with everything doubtful said."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from tracker.errors import Message, Unreadable
from tracker.reading import checks, csv, docx, facts, html, labelled, scores
from tracker.reading.container import CSV, DOCX, HTML, TEXT, XLSX, open_container
from tracker.reading.items import Context, row_of, window_of
from tracker.reading.mending import mended
from tracker.reading.narrative import analysis
from tracker.reading.rawrow import RawRow, judged
from tracker.reading.rows import Gathered, gather
from tracker.reading.table import Document, Paragraph, Table
from tracker.reading.values import Analysis, Problem, ReadRow
from tracker.reading.values import ReadPlan as ReadPlan
from tracker.rules import fiscal
from tracker.rules.follow_ups import ReadFollowUp
from tracker.rules.windows import Window


def read(
    source: str | Path | bytes,
    name: str | None = None,
    year: int | None = None,
    divisions: Collection[str] | None = None,
) -> ReadPlan:
    """What a document says.

    `name` is the file's name with its ending, needed for bytes. `year` (B.E.) is the plan's fiscal year where a
    person knows it; `divisions` are the organisation's divisions and their other names, to report unknown ones.
    Raises Unreadable for a file that is not what it claims or not safe; a readable document without a plan gives
    no rows and the problem no_plan_table.
    """
    if isinstance(source, bytes):
        data, name = source, name or ""
    else:
        path = Path(source)
        name = name or path.name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Unreadable("เปิดไฟล์ “%(name)s” ไม่ได้", name=name) from error
    return _of_document(document(data, name), name, year, divisions)


def document(data: bytes, name: str) -> Document:
    """The blocks of a file, whatever its format; raises Unreadable."""
    return mended(_blocks(data, name))


def _blocks(data: bytes, name: str) -> Document:
    container = open_container(data, name)
    if container.kind in (DOCX, XLSX):
        container.check_parts()
    if container.kind == DOCX:
        return docx.read(container)
    if container.kind == XLSX:
        from tracker.reading import xlsx  # openpyxl takes longer to import than most plans to read

        return xlsx.read(container)
    readers = {TEXT: html.read_in_text, CSV: csv.read, HTML: html.read}
    return readers[container.kind](data)


def gathered_of(blocks: Document) -> tuple[Gathered, bool]:
    """The plan's rows of a document, and whether they stand in labelled lines because it has no table of measures."""
    gathered = gather(blocks)
    if gathered.columns:
        return gathered, False
    in_lines = gather(labelled.opened(blocks))
    return (in_lines, True) if in_lines.rows else (gathered, False)


def _of_document(
    blocks: Document, name: str, year: int | None, divisions: Collection[str] | None
) -> ReadPlan:
    gathered, of_text = gathered_of(blocks)
    lines = [block.text for block in gathered.others if isinstance(block, Paragraph)]
    years = facts.years_of(lines + _cell_lines(gathered))
    fiscal_year = facts.fiscal_year_of(years, _years_of_windows(gathered.rows), year)
    assessment_year = facts.assessment_year_of(years, fiscal_year)
    mentions = facts.organisations(
        "\n".join(lines) + "".join(f"|{text}" for text in (*_cell_lines(gathered), *_row_texts(gathered)))
    )
    organisation = facts.organisation_of(mentions, "\n".join(lines[:25]))
    known = None if divisions is None else tuple(divisions)
    context = Context(fiscal_year, assessment_year, organisation, known)
    rows = tuple(row_of(raw, place, context) for place, raw in enumerate(gathered.rows))
    found = scores.find(gathered.others, list(map(judged, gathered.rows)), assessment_year)
    level, level_problems = checks.level(found, assessment_year)
    problems = [
        *([] if rows else [_nothing_found(gathered)]),
        *(checks.years(years, fiscal_year, rows, year) if rows else []),
        *checks.scores(found, assessment_year),
        *level_problems,
        *checks.items(found),
        *checks.renumbered_items(found, assessment_year),
        *checks.unknown_scores(found),
        *checks.topics(found, rows),
        *checks.numbering_down(rows),
        *checks.repeated_measures(rows),
        *(checks.unread_tables(gathered.others, gathered.unheaded) if rows else []),
        *checks.foreign_organisations(facts.foreign(mentions, organisation), organisation),
        *checks.placeholders("\n".join(lines[:25]), Message("ชื่อเอกสาร")),
        *checks.mistyped_years("\n".join(lines), (fiscal_year, assessment_year), checks.DOCUMENT),
        *([_rings_lost()] if blocks.rings_lost else []),
        *([_of_text()] if of_text else []),
        *([_mixed()] if _are_mixed(gathered) else []),
    ]
    return ReadPlan(
        source=name,
        kind=facts.kind_of(gathered.columns, lines),
        fiscal_year=fiscal_year,
        assessment_year=assessment_year,
        organisation=organisation,
        analysis=tuple(Analysis(*part) for part in analysis(gathered.others)),
        rows=rows,
        scores=found.scores(level),
        problems=tuple(problems),
    )


def _cell_lines(gathered: Gathered) -> list[str]:
    """Texts of cells outside the plan's table."""
    tables = [block for block in gathered.others if isinstance(block, Table)]
    return [cell.text for table in tables for row in table.rows for cell in row if cell.text]


def _row_texts(gathered: Gathered) -> list[str]:
    return [text for raw in gathered.rows for texts in raw.texts.values() for text in texts]


def _years_of_windows(rows: list[RawRow]) -> list[range]:
    """The fiscal years that each window touches that writes its year."""
    found = []
    for raw in rows:
        window = window_of(raw)
        if isinstance(window, Window) and window.year_written:
            found.append(range(fiscal.fiscal_year_of(window.start), fiscal.fiscal_year_of(window.end) + 1))
    return found


def _are_mixed(gathered: Gathered) -> bool:
    """Whether some of the tables that were read have a column for results and others do not."""
    without = [one for one in gathered.columns if "results" not in one.roles]
    return bool(without) and len(without) < len(gathered.columns)


def _mixed() -> Problem:
    message = Message("เอกสารมีทั้งตารางที่มีผลการดำเนินงานและตารางที่ไม่มี อาจเป็นของคนละปี กรุณาตรวจทุกแถว")
    return Problem("tables_mixed", checks.DOCUMENT, message)


def _of_text() -> Problem:
    message = Message("เอกสารไม่มีตารางมาตรการ จึงอ่านจากข้อความที่มีหัวข้อกำกับ เช่น “ผู้รับผิดชอบ:” กรุณาตรวจทุกแถว")
    return Problem("read_from_text", checks.DOCUMENT, message)


def _rings_lost() -> Problem:
    message = Message(
        "สระอำหายไปทั้งเอกสาร น่าจะคัดลอกมาจาก PDF จึงเติมให้ในคำที่รู้จัก กรุณาตรวจคำอื่น เช่น “ทา” ที่ควรเป็น “ทำ”"
    )
    return Problem("vowels_lost", checks.DOCUMENT, message)


def _nothing_found(gathered: Gathered) -> Problem:
    if not any(
        block.text.strip() if isinstance(block, Paragraph) else block.rows for block in gathered.others
    ):
        message = Message("เอกสารไม่มีตัวอักษร อาจเป็นภาพสแกน กรุณาใช้ไฟล์ Word ต้นฉบับ (.docx)")
    elif gathered.columns:
        message = Message("พบหัวตารางมาตรการ แต่ไม่มีรายการในตาราง")
    else:
        message = Message("ไม่พบตารางมาตรการ ตารางต้องมีหัวช่องมาตรการ ขั้นตอน ระยะเวลา และผู้รับผิดชอบ")
    return Problem("no_plan_table", checks.DOCUMENT, message)


def to_json(plan: ReadPlan, say: Callable[[Message], str]) -> dict[str, object]:
    """The plan as the JSON of `tracker plan read --json`; `say` makes text of messages in the reader's language."""
    printed = plan.scores
    return {
        "source": plan.source,
        "kind": plan.kind,
        "fiscal_year": plan.fiscal_year,
        "assessment_year": plan.assessment_year,
        "organisation": plan.organisation,
        "analysis": [{"heading": part.heading, "text": part.text} for part in plan.analysis],
        "rows": [_row_json(row, say) for row in plan.rows],
        "scores": {
            "total": printed.total,
            "level": printed.level,
            "instruments": dict(printed.instruments),
            "indicators": {str(number): score for number, score in printed.indicators.items()},
            "questions": dict(printed.questions),
        },
        "problems": [_problem_json(problem, say) for problem in plan.problems],
    }


def _row_json(row: ReadRow, say: Callable[[Message], str]) -> dict[str, object]:
    window, follow_up = row.window, row.follow_up or ReadFollowUp("", "unspecified")
    return {
        "heading": row.heading,
        "topic": row.topic,
        "indicator": row.indicator,
        "analysis": row.analysis,
        "measures": [{"number": measure.number, "title": measure.title} for measure in row.measures],
        "steps": list(row.steps),
        "responsible": [{"text": one.text, "division": one.division} for one in row.responsible],
        "everyone": row.everyone,
        "whole_organisation": row.whole_organisation,
        "window": None
        if window is None
        else {
            "text": window.text,
            "start": window.start.isoformat(),
            "end": window.end.isoformat(),
            "quarters": [str(quarter) for quarter in window.quarters],
        },
        "follow_up": {
            "text": follow_up.text,
            "kind": follow_up.kind,
            "n": follow_up.n,
            "period_ends": [day.isoformat() for day in follow_up.period_ends],
            "months": list(follow_up.months),
        },
        "targets": list(row.targets),
        "results": list(row.results),
        "outcome": row.outcome,
        "problems": [_problem_json(problem, say) for problem in row.problems],
    }


def _problem_json(problem: Problem, say: Callable[[Message], str]) -> dict[str, object]:
    written: dict[str, object] = {
        "code": problem.code,
        "where": say(problem.where),
        "message": say(_said(problem.message, say)),
        "proposal": dict(problem.proposal) if problem.proposal is not None else None,
    }
    return written


def _said(message: Message, say: Callable[[Message], str]) -> Message:
    """The message with the messages among its values said first."""
    values = {
        key: say(value) if isinstance(value, Message) else value for key, value in message.values.items()
    }
    return replace(message, values=values)
