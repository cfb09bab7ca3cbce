"""The six-month progress report, for the office itself: what was done by 31 March, and what hinders."""

from __future__ import annotations

from datetime import date

from tracker.errors import Message
from tracker.rules.cells import Say, cell
from tracker.rules.frozen import finished
from tracker.rules.moments import day_of
from tracker.rules.official import (
    as_of_line,
    chart,
    document_line,
    heading_of,
    measures_text,
    organisation_line,
    page_texts,
    responsible,
    signature_lines,
    window,
)
from tracker.rules.paper import Grid, Paper, Prose
from tracker.rules.report_inputs import Item, Progress, ReportInputs
from tracker.rules.thai import PrintedDay

# Inside the office what was handed in counts before it is approved, with a word that says so.
WAITING_COUNTS = True

_WORDS: dict[Progress, Message] = {
    "done": Message("แล้วเสร็จ"),
    "running": Message("อยู่ระหว่างดำเนินการ"),
    "stuck": Message("อยู่ระหว่างดำเนินการ (ติดปัญหา)"),
    "not_begun": Message("ยังไม่ได้ดำเนินการ"),
    "not_due": Message("ยังไม่ถึงกำหนด"),
}


def compose_six_month(inputs: ReportInputs, last_day: date, say: Say = str) -> Paper:
    """The report of the first two quarters as a paper; `inputs` hold nothing later than `last_day`."""
    page, page_of_pages = page_texts(say)
    title = Message(
        "รายงานผลการกำกับติดตามมาตรการส่งเสริมคุณธรรมและความโปร่งใส รอบ 6 เดือน ประจำปีงบประมาณ พ.ศ. %(fiscal_year)s",
        {"fiscal_year": inputs.fiscal_year},
    )
    return finished(
        Paper(
            kind="six-month",
            title=say(title),
            lines=tuple(filter(None, (organisation_line(inputs, say), document_line(inputs.signed, say)))),
            as_of=_as_of(inputs, last_day, say),
            organisation=organisation_line(inputs, say),
            fiscal_year=inputs.fiscal_year,
            draft_mark=say(Message("ฉบับร่าง")) if inputs.draft else "",
            blocks=(
                Prose("", (_opening(inputs, say),)),
                chart(say(Message("1. สรุปความก้าวหน้ารายส่วนราชการ")), inputs.tallies, say),
                _progress(inputs, say),
                _problems(inputs, say),
            ),
            signatures=(signature_lines(inputs.signed, say),),
            page=page,
            page_of_pages=page_of_pages,
            thai_digits=inputs.thai_digits,
            frozen_at=inputs.frozen_at,
        )
    )


def _as_of(inputs: ReportInputs, last_day: date, say: Say) -> str:
    if day_of(inputs.frozen_at) <= last_day:
        return as_of_line(inputs.frozen_at, say)
    values = {
        "day": PrintedDay(last_day, whole=True),
        "made": PrintedDay(day_of(inputs.frozen_at), whole=True),
    }
    return say(Message("ข้อมูล ณ วันที่ %(day)s (จัดทำเมื่อ %(made)s)", values))


def _opening(inputs: ReportInputs, say: Say) -> str:
    begun = [item for item in inputs.items if item.progress != "not_due"]
    values = {
        "organisation": inputs.organisation,
        "fiscal_year": inputs.fiscal_year,
        "before": inputs.fiscal_year - 1,
        "items": len(inputs.items),
        "begun": len(begun),
        "done": sum(item.progress == "done" for item in begun),
        "waiting": sum(item.progress == "not_begun" for item in begun),
    }
    return say(
        Message(
            "%(organisation)s ได้กำกับติดตามการดำเนินการตามมาตรการ ในรอบ 6 เดือน (1 ตุลาคม %(before)s ถึง 31 มีนาคม "
            "%(fiscal_year)s) แผนมี %(items)s รายการ ถึงกำหนดดำเนินการในรอบนี้ %(begun)s รายการ "
            "แล้วเสร็จ %(done)s รายการ และยังไม่ได้ดำเนินการ %(waiting)s รายการ ดังต่อไปนี้",
            values,
        )
    )


def _progress(inputs: ReportInputs, say: Say) -> Grid:
    return Grid(
        "progress",
        say(Message("2. ความก้าวหน้ารายมาตรการ")),
        (
            say(Message("หัวข้อ")),
            say(Message("มาตรการ/โครงการ/กิจกรรม")),
            say(Message("ผู้รับผิดชอบ")),
            say(Message("ระยะเวลา")),
            say(Message("ผลการดำเนินงานรอบ 6 เดือน")),
            say(Message("ความก้าวหน้า")),
            say(Message("หลักฐาน")),
        ),
        tuple(_row(item, say) for item in inputs.items),
        say(Message("ยังไม่มีมาตรการ")),
    )


def _row(item: Item, say: Say) -> tuple[str, ...]:
    due = item.progress != "not_due"
    proofs = Message("%(number)s รายการ", {"number": len(item.evidence)})
    return (
        heading_of(item, say),
        measures_text(item),
        responsible(item, say),
        window(item, say),
        cell("result", item.divisions, item.texts, item.answers, WAITING_COUNTS, say) if due else "-",
        say(_WORDS[item.progress]),
        say(proofs) if item.evidence else "-",
    )


def _problems(inputs: ReportInputs, say: Say) -> Grid:
    return Grid(
        "problems",
        say(Message("3. ปัญหา อุปสรรค และข้อเสนอแนะ")),
        (
            say(Message("หัวข้อ")),
            say(Message("มาตรการ/โครงการ/กิจกรรม")),
            say(Message("ปัญหา/อุปสรรค")),
            say(Message("ข้อเสนอแนะ")),
        ),
        tuple(
            (
                heading_of(item, say),
                measures_text(item),
                cell("problems", item.divisions, item.texts, item.answers, WAITING_COUNTS, say),
                cell("suggestions", item.divisions, item.texts, item.answers, WAITING_COUNTS, say),
            )
            for item in inputs.items
            if item.progress != "not_due"
        ),
        say(Message("ไม่มี")),
    )
