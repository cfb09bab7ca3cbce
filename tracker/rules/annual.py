"""The annual results report put together from the plan, what was reported and the scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.errors import Message
from tracker.rules.cells import Cell, Say, cell, outcome_cell
from tracker.rules.frozen import finished
from tracker.rules.moments import BANGKOK, day_of
from tracker.rules.report import Annex, AnnualReport, Bar, Proof, Results, Row, Summary, Table
from tracker.rules.report_inputs import Item, Proved, ReportInputs, Signed, Tally, Unfinished
from tracker.rules.thai import letters, long_date, short_date

BLANK = "." * 60
CELLS: tuple[Cell, ...] = ("result", "outcome", "problems", "suggestions")


def compose(inputs: ReportInputs, say: Say = str) -> AnnualReport:
    """The report as a value; `say` turns a sentence into the language of the document."""
    report = AnnualReport(
        title=say(
            Message(
                "รายงานผลการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. %(fiscal_year)s",
                {"fiscal_year": inputs.fiscal_year},
            )
        ),
        organisation=_organisation(inputs, say),
        document=_document(inputs.signed, say),
        fiscal_year=inputs.fiscal_year,
        draft_mark=say(Message("ฉบับร่าง")) if inputs.draft else "",
        opening=_opening(inputs, say),
        summary=_summary(inputs.tallies, say),
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
        signature=_signature(inputs.signed, say),
        as_of=_as_of(inputs.frozen_at, say),
        page=say(Message("หน้า %(page)s", {"page": "{page}"})),
        page_of_pages=say(Message("หน้า %(page)s จาก %(pages)s", {"page": "{page}", "pages": "{pages}"})),
        thai_digits=inputs.thai_digits,
        frozen_at=inputs.frozen_at,
    )
    return finished(report)


def _organisation(inputs: ReportInputs, say: Say) -> str:
    parts = [inputs.organisation]
    if inputs.district and inputs.kind != "pao":
        parts.append(say(Message("อำเภอ%(district)s", {"district": inputs.district.removeprefix("อำเภอ")})))
    if inputs.province and inputs.kind != "pao":
        parts.append(say(Message("จังหวัด%(province)s", {"province": inputs.province.removeprefix("จังหวัด")})))
    return " ".join(parts)


def _document(signed: Signed | None, say: Say) -> str:
    if signed is None or not signed.document_number:
        return ""
    if signed.signed_on is None:
        return say(Message("เลขที่ %(number)s", {"number": signed.document_number}))
    return say(
        Message(
            "เลขที่ %(number)s ลงวันที่ %(day)s",
            {"number": signed.document_number, "day": long_date(signed.signed_on)},
        )
    )


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


def _summary(tallies: Sequence[Tally], say: Say) -> Summary:
    done, total = sum(tally.done for tally in tallies), sum(tally.total for tally in tallies)
    return Summary(
        heading=say(Message("1. สรุปผลการดำเนินการรายส่วนราชการ")),
        sentence=say(
            Message(
                "ทุกส่วนราชการดำเนินการแล้วเสร็จรวม %(done)s จาก %(total)s งาน คิดเป็นร้อยละ %(percent)s",
                {"done": done, "total": total, "percent": _percent(done, total)},
            )
        ),
        bars=tuple(_bar(tally, say) for tally in tallies),
    )


def _bar(tally: Tally, say: Say) -> Bar:
    percent = _percent(tally.done, tally.total)
    label = Message(
        "%(done)s จาก %(total)s งาน (ร้อยละ %(percent)s)",
        {"done": tally.done, "total": tally.total, "percent": percent},
    )
    return Bar(tally.division, tally.done, tally.total, percent, say(label))


def _percent(done: int, total: int) -> int:
    # Rounded down: a hundred is only printed where everything is done.
    return done * 100 // total if total else 0


def _row(item: Item, draft: bool, say: Say) -> Row:
    return Row(
        heading=heading_of(item, say),
        measures=_measures(item),
        steps=_numbered(item.steps),
        responsible=say(Message("ทุกส่วนราชการ")) if item.everyone else "\n".join(item.divisions),
        window=item.window or f"{short_date(item.starts_on)} - {short_date(item.ends_on)}",
        result=_cell("result", item, draft, say),
        outcome=_cell("outcome", item, draft, say),
        evidence=_references(item.evidence, say),
    )


def proposal(column: Cell, item: Item, draft: bool, say: Say = str) -> str:
    """What the cell says of itself, where the coordinator did not overwrite it."""
    if column == "outcome":
        return outcome_cell(item.scores, item.outcome_notes, say)
    return cell(column, item.divisions, item.texts, item.answers, draft, say)


def _cell(column: Cell, item: Item, draft: bool, say: Say) -> str:
    return item.edits.get(column) or proposal(column, item, draft, say)


def heading_of(item: Item, say: Say = str) -> str:
    """The item's heading with the topic or the indicator it belongs to."""
    if item.topic is not None:
        label = say(Message("ประเด็นที่ %(number)s", {"number": item.topic}))
    elif item.indicator is not None:
        label = say(Message("ตัวชี้วัดที่ %(number)s", {"number": item.indicator}))
    else:
        return item.heading
    return item.heading if letters(item.heading).startswith(letters(label)) else f"{label} {item.heading}"


def _measures(item: Item) -> str:
    return "\n".join(f"{number}. {title}" for number, title in item.measures)


def _numbered(steps: Sequence[str]) -> str:
    if len(steps) < 2:
        return "".join(steps)
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


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
                _measures(item),
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
                short_date(proof.about_on),
                proof.sha256,
                proof.photo,
            )
            for number, proof in enumerate(evidence, 1)
        ),
        empty=say(Message("ไม่มีหลักฐาน")),
        photos_heading=say(Message("6. ภาพถ่ายประกอบ")) if any(proof.photo for proof in evidence) else "",
    )


def _signature(signed: Signed | None, say: Say) -> tuple[str, ...]:
    signer, position = (signed.signer, signed.position) if signed else ("", "")
    day = long_date(signed.signed_on) if signed and signed.signed_on else BLANK
    return (
        say(Message("ลงชื่อ %(blank)s", {"blank": BLANK})),
        f"({signer or BLANK})",
        position or say(Message("ตำแหน่ง %(blank)s", {"blank": BLANK})),
        say(Message("วันที่ %(day)s", {"day": day})),
    )


def _as_of(moment: datetime, say: Say) -> str:
    return say(
        Message(
            "ข้อมูล ณ วันที่ %(day)s เวลา %(time)s น.",
            {"day": long_date(day_of(moment)), "time": moment.astimezone(BANGKOK).strftime("%H.%M")},
        )
    )
