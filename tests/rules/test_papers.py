"""The plan, the six-month report and the memo as papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tracker.errors import Message
from tracker.locale import say
from tracker.rules.annual import compose
from tracker.rules.cells import Text
from tracker.rules.fiscal import Quarter
from tracker.rules.frozen import sha256_of, to_json
from tracker.rules.memo import compose_memo
from tracker.rules.official import document_line, heading_of, printed, signature_lines
from tracker.rules.paper import Grid, Letterhead, Paper, Prose
from tracker.rules.plan_paper import compose_plan
from tracker.rules.report_inputs import (
    Amended,
    Item,
    MemoInputs,
    Person,
    PlanInputs,
    Progress,
    ReportInputs,
    ScoreLine,
    Signed,
    Tally,
)
from tracker.rules.six_month import compose_six_month

ITEM = Item(
    heading="การปฏิบัติหน้าที่",
    topic=None,
    indicator=1,
    measures=((1, "จัดทำคู่มือ"), (2, "จัดประชุม")),
    steps=("ร่าง", "เผยแพร่"),
    divisions=("สำนักปลัด", "กองคลัง"),
    everyone=False,
    window="ต.ค. 68 - ก.ย. 69",
    starts_on=date(2025, 10, 1),
    ends_on=date(2026, 9, 30),
    texts=(Text("สำนักปลัด", Quarter(2569, 2), "approved", "จัดทำคู่มือ 2 เล่ม", "ขาดคน", "ไม่มี"),),
    progress="running",
    analysis="ได้ 88 คะแนน ต้องพัฒนา",
)
INPUTS = ReportInputs(
    organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
    kind="sao",
    district="เมือง",
    province="ตัวอย่าง",
    fiscal_year=2569,
    assessment_year=2568,
    items=(ITEM, replace(ITEM, heading="การใช้งบประมาณ", indicator=2, texts=(), progress="not_due")),
    tallies=(Tally("สำนักปลัด", 3, 4),),
    unfinished=(),
    evidence=(),
    signed=Signed("ตย 1/2568", date(2025, 9, 22), "นายตัวอย่าง สมมติ", "นายก อบต."),
    thai_digits=True,
    draft=False,
    frozen_at=datetime(2026, 4, 20, 2, 0, tzinfo=UTC),
)


def grid(paper: Paper, name: str) -> Grid:
    [found] = [block for block in paper.every_block if isinstance(block, Grid) and block.name == name]
    return found


def prose(paper: Paper) -> str:
    return "\n".join(text for block in paper.blocks if isinstance(block, Prose) for text in block.paragraphs)


def test_the_plan_has_its_scores_its_analysis_and_seven_columns() -> None:
    told = PlanInputs(
        INPUTS,
        analysis=(("การปฏิบัติหน้าที่", "ควรพัฒนา\nที่ | คะแนน\n1 | 88\nต่อไป\n(ลงชื่อ) นายก\nวันที่"), ("ว่าง", " | ")),
        scores=(ScoreLine("IIT", "1. การปฏิบัติหน้าที่", 88.0), ScoreLine("IIT", "แบบวัด", 95.5, 30)),
        total=92.42,
        level="ผ่านดี",
        amendments=(Amended(1, date(2026, 1, 5), "", "เพิ่มกองผู้รับผิดชอบ"),),
    )
    paper = compose_plan(told)
    assert "๙๒.๔๒ คะแนน อยู่ในระดับ ผ่านดี" in prose(paper)
    assert paper.lines[1] == "เลขที่ ตย ๑/๒๕๖๘ ลงวันที่ ๒๒ กันยายน ๒๕๖๘"
    assert [row[2:] for row in grid(paper, "scores").rows] == [
        ("จุดที่ต้องพัฒนา (ต่ำกว่าร้อยละ ๙๐)", "๘๘.๐๐", "-"),
        ("จุดแข็ง รักษามาตรฐานไว้", "๙๕.๕๐", "๓๐"),
    ]
    assert grid(paper, "analysis").rows == (("การปฏิบัติหน้าที่", "ควรพัฒนา\nต่อไป"),)
    assert grid(paper, "measures").rows[0] == (
        "ตัวชี้วัดที่ ๑ การปฏิบัติหน้าที่",
        "ได้ ๘๘ คะแนน ต้องพัฒนา",
        "๑. จัดทำคู่มือ\n๒. จัดประชุม",
        "๑. ร่าง\n๒. เผยแพร่",
        "ต.ค. ๖๘ - ก.ย. ๖๙",
        "สำนักปลัด\nกองคลัง",
        "รายงานผลรายไตรมาส และติดตามรอบ ๖ เดือน และ ๑๒ เดือน",
    )
    assert grid(paper, "amendments").rows == (("๑", "๕ ม.ค. ๒๕๖๙", "-", "เพิ่มกองผู้รับผิดชอบ"),)


def test_a_plan_without_a_result_says_less_and_a_draft_is_marked() -> None:
    paper = compose_plan(PlanInputs(replace(INPUTS, draft=True, signed=None)))
    assert "อยู่ในระดับ" not in prose(paper)
    assert {block.name for block in paper.blocks if isinstance(block, Grid)} == {"analysis", "measures"}
    assert paper.draft_mark == "ฉบับร่าง"


@pytest.mark.parametrize(
    ("progress", "word"),
    [
        ("done", "แล้วเสร็จ"),
        ("running", "อยู่ระหว่างดำเนินการ"),
        ("stuck", "อยู่ระหว่างดำเนินการ (ติดปัญหา)"),
        ("not_begun", "ยังไม่ได้ดำเนินการ"),
    ],
)
def test_the_six_month_report_tells_how_far_an_item_is(progress: Progress, word: str) -> None:
    paper = compose_six_month(replace(INPUTS, items=(replace(ITEM, progress=progress),)), date(2026, 3, 31))
    [row] = grid(paper, "progress").rows
    assert row[4:] == ("จัดทำคู่มือ ๒ เล่ม\nกองอื่น ๆ ไม่ได้รายงาน: กองคลัง", word, "-")


def test_what_is_not_due_in_the_first_half_is_asked_nothing() -> None:
    paper = compose_six_month(INPUTS, date(2026, 3, 31))
    assert grid(paper, "progress").rows[1][4:] == ("-", "ยังไม่ถึงกำหนด", "-")
    assert len(grid(paper, "problems").rows) == 1
    assert "แผนมี ๒ รายการ ถึงกำหนดดำเนินการในรอบนี้ ๑ รายการ" in prose(paper)
    assert "๑ ตุลาคม ๒๕๖๘ ถึง ๓๑ มีนาคม ๒๕๖๙" in prose(paper)


def memo(**changes: object) -> Paper:
    told = MemoInputs(
        report=compose(INPUTS),
        organisation=INPUTS.organisation,
        division="สำนักปลัด",
        author=Person("หัวหน้าสำนักปลัด", "นางสมมุติ งาน"),
        clerk=Person("ปลัด อบต."),
        chief=Person("นายก อบต.", "นายตัวอย่าง สมมติ"),
        adopted=Signed("ตย 1/2568", date(2025, 9, 22), "", ""),
        risen=8,
        fallen=1,
        item_code="o26",
        item_year=2569,
    )
    return compose_memo(replace(told, **changes))  # type: ignore[arg-type]


def test_the_memo_submits_the_report_to_the_chief_executive() -> None:
    paper = memo()
    [head] = [block for block in paper.blocks if isinstance(block, Letterhead)]
    assert [label for label, _ in head.lines] == ["ส่วนราชการ", "ที่", "วันที่", "เรื่อง", "เรียน"]
    assert head.beside == (2,)
    assert head.lines[0][1] == "สำนักปลัด องค์การบริหารส่วนตำบลตัวอย่าง"
    assert head.lines[4][1] == "นายก อบต."
    told = prose(paper)
    assert "เลขที่ ตย ๑/๒๕๖๘ ลงวันที่ ๒๒ กันยายน ๒๕๖๘" in told
    assert "เพิ่มขึ้น ๘ ตัวชี้วัด และลดลง ๑ ตัวชี้วัด" in told
    assert "ปีงบประมาณ พ.ศ. ๒๕๖๙ ข้อ o26" in told
    assert [signature[-1] for signature in paper.signatures] == ["หัวหน้าสำนักปลัด", "ปลัด อบต.", "นายก อบต."]
    assert "(นางสมมุติ งาน)" in paper.signatures[0]


def test_a_memo_leaves_out_what_is_not_known() -> None:
    told = prose(memo(adopted=Signed("", None, "", ""), risen=0, fallen=0, item_code="", item_year=0))
    assert "เลขที่" not in told
    assert "ตัวชี้วัด" not in told
    assert "ข้อ o" not in told


def test_a_paper_has_one_hash_and_every_sentence_can_be_said() -> None:
    paper = compose_six_month(INPUTS, date(2026, 3, 31))
    assert sha256_of(paper) == sha256_of(compose_six_month(INPUTS, date(2026, 3, 31)))
    assert sha256_of(paper) != sha256_of(compose_six_month(replace(INPUTS, draft=True), date(2026, 3, 31)))
    assert '"block":"chart"' in to_json(paper)
    asked: list[str] = []

    def say(message: Message) -> str:
        asked.append(message.template)
        return "x"

    assert compose_six_month(INPUTS, date(2026, 3, 31), say).title == "x"
    assert len(asked) > 20


def test_a_heading_that_begins_with_its_number_has_it_once_in_every_language() -> None:
    def english(message: Message) -> str:
        return say(message, "en")

    numbered = replace(ITEM, heading="ตัวชี้วัดที่ ๑ การปฏิบัติหน้าที่")
    assert heading_of(numbered, english) == heading_of(numbered) == "ตัวชี้วัดที่ ๑ การปฏิบัติหน้าที่"
    assert heading_of(ITEM, english) == "Indicator 1 การปฏิบัติหน้าที่"
    assert heading_of(replace(ITEM, topic=2, heading="ประเด็นที่ 2 บริการ"), english) == "ประเด็นที่ 2 บริการ"


def test_days_of_a_document_in_english_have_english_months() -> None:
    def english(message: Message) -> str:
        return say(message, "en")

    signed = Signed("ตย 71001/9", date(2026, 9, 30), "นายสมมุติ", "นายก")
    assert "30 September 2569 B.E." in document_line(signed, english)
    assert "30 September 2569 B.E." in signature_lines(signed, english)[-1]
    assert printed(date(2026, 9, 30), english) == "30 Sep 2569"
    assert printed(date(2026, 9, 30), str) == "30 ก.ย. 2569"
