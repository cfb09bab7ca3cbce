"""The annual results report put together from the plan, what was reported and the scores."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.errors import Message
from tracker.rules.cells import Cell, Say, cell, outcome_cell
from tracker.rules.comparison import compare
from tracker.rules.frozen import finished
from tracker.rules.official import (
    as_of_line,
    chart,
    document_line,
    heading_of,
    measures_text,
    numbered,
    organisation_line,
    page_texts,
    printed,
    responsible,
    signature_lines,
    window,
)
from tracker.rules.report import Annex, AnnualReport, Proof, Results, Row, Summary, Table
from tracker.rules.report_inputs import Item, Proved, ReportInputs, Unfinished

CELLS: tuple[Cell, ...] = ("result", "outcome", "problems", "suggestions")


def compose(inputs: ReportInputs, say: Say = str) -> AnnualReport:
    """The report as a value; `say` turns a sentence into the language of the document."""
    summed = chart(say(Message("1. สรุปผลการดำเนินการรายส่วนราชการ")), inputs.tallies, say)
    page, page_of_pages = page_texts(say)
    report = AnnualReport(
        title=say(
            Message(
                "รายงานผลการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. %(fiscal_year)s",
                {"fiscal_year": inputs.fiscal_year},
            )
        ),
        organisation=organisation_line(inputs, say),
        document=document_line(inputs.signed, say),
        fiscal_year=inputs.fiscal_year,
        draft_mark=say(Message("ฉบับร่าง")) if inputs.draft else "",
        opening=_opening(inputs, say),
        summary=Summary(summed.heading, summed.sentence, summed.bars),
        results=Results(
            heading=say(Message("2. ผลการดำเนินการตามมาตรการ")),
            columns=(
                say(Message("หัวข้อ")),
                say(Message("มาตรการ/โครงการ/กิจกรรม")),
                say(Message("ขั้นตอน/วิธีการปฏิบัติ")),
                say(Message("ผู้รับผิดชอบ/ผู้ที่เกี่ยวข้อง")),
                say(Message("ระยะเวลา")),
                say(Message("ผลการดำเนินงาน")),
                say(Message("ผลลัพธ์หรือความสำเร็จของการดำเนินงาน")),
            ),
            rows=tuple(_row(item, inputs.draft, say) for item in inputs.items),
        ),
        problems=_problems(inputs, say),
        unfinished=_unfinished(inputs.unfinished, say),
        annex=_annex(inputs.evidence, say),
        signature=signature_lines(inputs.signed, say),
        as_of=as_of_line(inputs.frozen_at, say),
        page=page,
        page_of_pages=page_of_pages,
        thai_digits=inputs.thai_digits,
        frozen_at=inputs.frozen_at,
        scores=compare(inputs.result, say),
    )
    return finished(report)


def _opening(inputs: ReportInputs, say: Say) -> str:
    return say(
        Message(
            "%(organisation)s ได้นำผลการประเมินคุณธรรมและความโปร่งใสในการดำเนินงาน (ITA) "
            "ปีงบประมาณ พ.ศ. %(assessed)s มาวิเคราะห์ และกำหนดมาตรการส่งเสริมคุณธรรม"
            "และความโปร่งใสสำหรับปีงบประมาณ พ.ศ. %(fiscal_year)s "
            "จำนวน %(items)s รายการ รวม %(measures)s มาตรการ ส่วนราชการที่รับผิดชอบได้ดำเนินการและรายงานผล "
            "ซึ่งสรุปได้ดังต่อไปนี้",
            {
                "organisation": inputs.organisation,
                "assessed": inputs.assessment_year,
                "fiscal_year": inputs.fiscal_year,
                "items": len(inputs.items),
                "measures": sum(len(item.measures) for item in inputs.items),
            },
        )
    )


def _row(item: Item, draft: bool, say: Say) -> Row:
    return Row(
        heading=heading_of(item, say),
        measures=measures_text(item),
        steps=numbered(item.steps),
        responsible=responsible(item, say),
        window=window(item, say),
        result=_cell("result", item, draft, say),
        outcome=_cell("outcome", item, draft, say),
        evidence=_references(item.evidence, say),
        done=item.done,
        total=item.total,
    )


def proposal(column: Cell, item: Item, draft: bool, say: Say) -> str:
    """What the cell says of itself, where the coordinator did not overwrite it."""
    if column == "outcome":
        return outcome_cell(item.scores, item.outcome_notes, say)
    return cell(column, item.divisions, item.texts, item.answers, draft, say)


def _cell(column: Cell, item: Item, draft: bool, say: Say) -> str:
    return item.edits.get(column) or proposal(column, item, draft, say)


def _references(evidence: Sequence[int], say: Say) -> str:
    if not evidence:
        return ""
    numbers = ", ".join(str(place + 1) for place in sorted(set(evidence)))
    return say(Message("หลักฐานที่ %(numbers)s", {"numbers": numbers}))


def _problems(inputs: ReportInputs, say: Say) -> Table:
    return Table(
        heading=say(Message("3. ปัญหา อุปสรรค และข้อเสนอแนะ")),
        columns=(
            say(Message("หัวข้อ")),
            say(Message("มาตรการ/โครงการ/กิจกรรม")),
            say(Message("ปัญหา/อุปสรรค")),
            say(Message("ข้อเสนอแนะ")),
        ),
        rows=tuple(
            (
                heading_of(item, say),
                measures_text(item),
                _cell("problems", item, inputs.draft, say),
                _cell("suggestions", item, inputs.draft, say),
            )
            for item in inputs.items
        ),
        empty=say(Message("ไม่มี")),
    )


def _unfinished(tasks: Sequence[Unfinished], say: Say) -> Table:
    states = {"cancelled": say(Message("ยกเลิก")), "unfinished": say(Message("ไม่แล้วเสร็จ"))}
    together: dict[tuple[str, int, str, str], list[str]] = {}
    for task in tasks:
        same = (task.measure, task.quarter.number, states[task.state], task.reason or "-")
        together.setdefault(same, []).append(task.division)
    return Table(
        heading=say(Message("4. งานที่ยกเลิกหรือไม่แล้วเสร็จ")),
        columns=(
            say(Message("มาตรการ/โครงการ/กิจกรรม")),
            say(Message("ไตรมาส")),
            say(Message("ส่วนราชการ")),
            say(Message("สถานะ")),
            say(Message("เหตุผล")),
        ),
        rows=tuple(
            (measure, str(quarter), ", ".join(divisions), state, reason)
            for (measure, quarter, state, reason), divisions in together.items()
        ),
        empty=say(Message("ไม่มีงานที่ยกเลิกหรือไม่แล้วเสร็จ")),
    )


def _annex(evidence: Sequence[Proved], say: Say) -> Annex:
    return Annex(
        heading=say(Message("5. บัญชีหลักฐาน")),
        columns=(
            say(Message("ที่")),
            say(Message("หลักฐาน")),
            say(Message("ชื่อแฟ้มหรือลิงก์")),
            say(Message("วันที่")),
            say(Message("ค่าตรวจสอบแฟ้ม (SHA-256)")),
        ),
        proofs=tuple(
            Proof(
                str(number),
                proof.caption,
                proof.file_name,
                printed(proof.about_on, say),
                proof.sha256,
                proof.photo,
            )
            for number, proof in enumerate(evidence, 1)
        ),
        empty=say(Message("ไม่มีหลักฐาน")),
        photos_heading=say(Message("6. ภาพถ่ายประกอบ")) if any(proof.photo for proof in evidence) else "",
    )
