"""The memo (บันทึกข้อความ) that submits the annual report to the chief executive."""

from __future__ import annotations

from tracker.errors import Message
from tracker.rules.cells import Say
from tracker.rules.frozen import finished
from tracker.rules.official import printed
from tracker.rules.paper import Letterhead, Paper, Prose
from tracker.rules.report_inputs import MemoInputs, Person
from tracker.rules.thai import PrintedDay

_SHORT, _LINE = "." * 30, "." * 46


def compose_memo(inputs: MemoInputs, say: Say = str) -> Paper:
    """The memo as a paper, of the same moment and in the same digits as the report that it submits."""
    report = inputs.report
    return finished(
        Paper(
            kind="memo",
            title=say(Message("บันทึกข้อความ")),
            lines=(),
            as_of="",
            organisation=report.organisation,
            fiscal_year=report.fiscal_year,
            draft_mark=report.draft_mark,
            blocks=(
                Letterhead(_head(inputs, say), beside=(2,)),
                Prose(say(Message("1. เรื่องเดิม")), (_before(inputs, say),)),
                Prose(say(Message("2. ข้อเท็จจริง")), _facts(inputs, say)),
                Prose(say(Message("3. ข้อพิจารณาและข้อเสนอ")), _proposal(inputs, say)),
                Prose("", (say(Message("จึงเรียนมาเพื่อโปรดพิจารณา")),)),
            ),
            signatures=(
                _signature("", inputs.author, say),
                _signature(say(Message("ความเห็นของปลัด")), inputs.clerk, say),
                _signature(say(Message("คำสั่ง")), inputs.chief, say),
            ),
            page=report.page,
            page_of_pages=report.page_of_pages,
            thai_digits=report.thai_digits,
            frozen_at=report.frozen_at,
        )
    )


def _head(inputs: MemoInputs, say: Say) -> tuple[tuple[str, str], ...]:
    signed = inputs.signed
    return (
        (say(Message("ส่วนราชการ")), f"{inputs.division} {inputs.organisation}"),
        (say(Message("ที่")), signed.document_number if signed and signed.document_number else _SHORT),
        (
            say(Message("วันที่")),
            printed(signed.signed_on, say, whole=True) if signed and signed.signed_on else _SHORT,
        ),
        (say(Message("เรื่อง")), inputs.report.title),
        (say(Message("เรียน")), inputs.chief.position),
    )


def _before(inputs: MemoInputs, say: Say) -> str:
    values = {
        "organisation": inputs.organisation,
        "fiscal_year": inputs.report.fiscal_year,
        "number": inputs.adopted.document_number,
        "day": PrintedDay(inputs.adopted.signed_on, whole=True) if inputs.adopted.signed_on else "",
    }
    if inputs.adopted.document_number and inputs.adopted.signed_on:
        return say(
            Message(
                "ตามที่%(organisation)s ได้ประกาศใช้มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ "
                "พ.ศ. %(fiscal_year)s เลขที่ %(number)s ลงวันที่ %(day)s และมอบหมายส่วนราชการที่รับผิดชอบดำเนินการ นั้น",
                values,
            )
        )
    return say(
        Message(
            "ตามที่%(organisation)s ได้ประกาศใช้มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ "
            "พ.ศ. %(fiscal_year)s และมอบหมายส่วนราชการที่รับผิดชอบดำเนินการ นั้น",
            values,
        )
    )


def _facts(inputs: MemoInputs, say: Say) -> tuple[str, ...]:
    report = inputs.report
    gathered = say(
        Message(
            "%(division)s ได้รวบรวมผลการดำเนินการตามมาตรการ %(items)s รายการ พร้อมหลักฐาน %(proofs)s รายการ "
            "จัดทำเป็นรายงานแล้ว รายละเอียดปรากฏตามเอกสารแนบ",
            {
                "division": inputs.division,
                "items": len(report.results.rows),
                "proofs": len(report.annex.proofs),
            },
        )
    )
    facts = [report.summary.sentence]
    if report.unfinished.rows:
        unfinished = {"number": len(report.unfinished.rows)}
        facts.append(
            say(Message("มีงานที่ยกเลิกหรือไม่แล้วเสร็จ %(number)s รายการ ตามหัวข้อที่ 4 ของรายงาน", unfinished))
        )
    if inputs.risen or inputs.fallen:
        moved = {"risen": inputs.risen, "fallen": inputs.fallen}
        facts.append(
            say(
                Message(
                    "เมื่อเทียบผลการประเมิน ITA กับปีก่อน คะแนนตัวชี้วัดเพิ่มขึ้น %(risen)s ตัวชี้วัด และลดลง %(fallen)s ตัวชี้วัด",
                    moved,
                )
            )
        )
    # One paragraph, so that the memo stays one page also in a wide font.
    return gathered, " ".join(facts)


def _proposal(inputs: MemoInputs, say: Say) -> tuple[str, ...]:
    values = {"code": inputs.item_code, "year": inputs.item_year}
    publish = (
        Message(
            "3.2 ให้เผยแพร่รายงานบนเว็บไซต์หลักของหน่วยงาน เพื่อประกอบการประเมิน ITA ปีงบประมาณ พ.ศ. %(year)s "
            "ข้อ %(code)s",
            values,
        )
        if inputs.item_code
        else Message("3.2 ให้เผยแพร่รายงานบนเว็บไซต์หลักของหน่วยงาน")
    )
    return (say(Message("3.1 เห็นชอบและลงนามในรายงาน")), say(publish))


def _signature(heading: str, person: Person, say: Say) -> tuple[str, ...]:
    head = (heading, _LINE) if heading else ()
    return (
        *head,
        say(Message("ลงชื่อ %(blank)s", {"blank": _SHORT})),
        f"({person.name or _SHORT})",
        person.position,
    )
