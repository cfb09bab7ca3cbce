"""The measures plan with the analysis it answers, as a document."""

from __future__ import annotations

import re
from itertools import takewhile

from tracker.errors import Message
from tracker.rules.cells import Say
from tracker.rules.frozen import finished
from tracker.rules.official import (
    as_of_line,
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
from tracker.rules.paper import Grid, Paper, Prose
from tracker.rules.report_inputs import Item, PlanInputs, ScoreLine

STRONG = 90
_SIGNED = re.compile(r"^\(?ลงชื่อ")


def compose_plan(inputs: PlanInputs, say: Say = str) -> Paper:
    """The plan as a paper: last year's scores, their analysis, the measures, and what amended them."""
    plan = inputs.report
    page, page_of_pages = page_texts(say)
    number = document_line(plan.signed, say)
    sections = [
        _scores(inputs, say),
        _analysis(inputs, say),
        _measures(inputs, say),
        _amendments(inputs, say),
    ]
    return finished(
        Paper(
            kind="plan",
            title=say(
                Message(
                    "มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. %(fiscal_year)s",
                    {"fiscal_year": plan.fiscal_year},
                )
            ),
            lines=tuple(filter(None, (organisation_line(plan, say), number))),
            as_of=as_of_line(plan.frozen_at, say),
            organisation=organisation_line(plan, say),
            fiscal_year=plan.fiscal_year,
            draft_mark=say(Message("ฉบับร่าง")) if plan.draft else "",
            blocks=(Prose("", (_opening(inputs, say),)), *filter(None, sections)),
            signatures=(signature_lines(plan.signed, say),),
            page=page,
            page_of_pages=page_of_pages,
            thai_digits=plan.thai_digits,
            frozen_at=plan.frozen_at,
        )
    )


def _opening(inputs: PlanInputs, say: Say) -> str:
    values = {
        "organisation": inputs.report.organisation,
        "assessed": inputs.report.assessment_year,
        "total": f"{inputs.total:.2f}" if inputs.total is not None else "",
        "level": inputs.level,
        "fiscal_year": inputs.report.fiscal_year,
        "items": len(inputs.report.items),
    }
    if inputs.total is None:
        return say(
            Message(
                "%(organisation)s ได้วิเคราะห์ผลการประเมินคุณธรรมและความโปร่งใสในการดำเนินงาน (ITA) "
                "ปีงบประมาณ พ.ศ. %(assessed)s และกำหนดมาตรการสำหรับปีงบประมาณ พ.ศ. %(fiscal_year)s "
                "จำนวน %(items)s รายการ ดังต่อไปนี้",
                values,
            )
        )
    return say(
        Message(
            "%(organisation)s มีผลการประเมินคุณธรรมและความโปร่งใสในการดำเนินงาน (ITA) ปีงบประมาณ พ.ศ. %(assessed)s "
            "%(total)s คะแนน อยู่ในระดับ %(level)s จึงได้วิเคราะห์ผลการประเมินและกำหนดมาตรการสำหรับปีงบประมาณ "
            "พ.ศ. %(fiscal_year)s จำนวน %(items)s รายการ ดังต่อไปนี้",
            values,
        )
    )


def _scores(inputs: PlanInputs, say: Say) -> Grid | None:
    if not inputs.scores:
        return None
    year = {"year": inputs.report.assessment_year}
    return Grid(
        "scores",
        say(Message("1. ผลการประเมิน ITA ปีงบประมาณ พ.ศ. %(year)s", year)),
        (
            say(Message("เครื่องมือ")),
            say(Message("ตัวชี้วัด")),
            say(Message("เกณฑ์การวิเคราะห์")),
            say(Message("คะแนน")),
            say(Message("น้ำหนัก (ร้อยละ)")),
        ),
        tuple(_score(line, say) for line in inputs.scores),
        "",
    )


def _score(line: ScoreLine, say: Say) -> tuple[str, ...]:
    strong = line.score >= STRONG
    words = Message("จุดแข็ง รักษามาตรฐานไว้") if strong else Message("จุดที่ต้องพัฒนา (ต่ำกว่าร้อยละ 90)")
    weight = "-" if line.weight is None else str(line.weight)
    return (line.instrument, line.name, say(words), f"{line.score:.2f}", weight)


def _analysis(inputs: PlanInputs, say: Say) -> Grid:
    return Grid(
        "analysis",
        say(Message("2. การวิเคราะห์ผลการประเมิน")),
        (say(Message("ประเด็น")), say(Message("ผลการวิเคราะห์"))),
        tuple((heading, told) for heading, text in inputs.analysis if (told := _prose(text))),
        say(Message("ผลการวิเคราะห์รายตัวชี้วัดปรากฏในตารางมาตรการ")),
    )


def _prose(text: str) -> str:
    """The analysis without the table of scores, which is printed anew, and without the old document's signature."""
    lines = takewhile(lambda line: not _SIGNED.match(line.strip()), text.splitlines())
    return "\n".join(line for line in lines if " | " not in line)


def _measures(inputs: PlanInputs, say: Say) -> Grid:
    return Grid(
        "measures",
        say(Message("3. มาตรการ โครงการ หรือกิจกรรม")),
        (
            say(Message("ประเด็น/ตัวชี้วัด")),
            say(Message("ผลการวิเคราะห์เพื่อกำหนดมาตรการ")),
            say(Message("มาตรการ/โครงการ/กิจกรรม")),
            say(Message("ขั้นตอน/วิธีการปฏิบัติ")),
            say(Message("ช่วงระยะเวลาในการดำเนินการ")),
            say(Message("ผู้รับผิดชอบ")),
            say(Message("การกำกับติดตามและรายงานผล")),
        ),
        tuple(_row(item, say) for item in inputs.report.items),
        say(Message("ยังไม่มีมาตรการ")),
    )


def _row(item: Item, say: Say) -> tuple[str, ...]:
    return (
        heading_of(item, say),
        item.analysis or "-",
        measures_text(item),
        numbered(item.steps) or "-",
        window(item, say),
        responsible(item, say),
        item.follow_up or say(Message("รายงานผลรายไตรมาส และติดตามรอบ 6 เดือน และ 12 เดือน")),
    )


def _amendments(inputs: PlanInputs, say: Say) -> Grid | None:
    if not inputs.amendments:
        return None
    return Grid(
        "amendments",
        say(Message("4. การแก้ไขแผน")),
        (say(Message("ครั้งที่")), say(Message("วันที่")), say(Message("เลขที่")), say(Message("เหตุผล"))),
        tuple(
            (str(one.number), printed(one.on, say), one.document_number or "-", one.reason)
            for one in inputs.amendments
        ),
        "",
    )
