from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import Message, Unreadable
from tracker.rules.annual import compose
from tracker.rules.cells import Answer, Score, Standing, Text, cell, outcome, outcome_cell
from tracker.rules.fiscal import Quarter
from tracker.rules.frozen import finish, running_thai_digits
from tracker.rules.paper import Grid
from tracker.rules.report import from_json, sha256_of, to_json
from tracker.rules.report_inputs import Item, Proved, ReportInputs, Signed, Tally, Unfinished

DIVISIONS = ("สำนักปลัด", "กองคลัง", "กองช่าง", "กองการศึกษา", "หน่วยตรวจสอบภายใน")
LAST = Quarter(2569, 4)


def said(division: str, result: str, standing: Standing = "approved", quarter: int = 4) -> Text:
    return Text(division, Quarter(2569, quarter), standing, result)


FIVE = (
    said("สำนักปลัด", "จัดทำคู่มือแล้ว"),
    said("กองคลัง", "จัดทำคู่มือแล้ว"),
    said("กองช่าง", "จัดทำคู่มือ 2 เล่ม"),
    said("หน่วยตรวจสอบภายใน", "จัดทำคู่มือแล้ว", "withdrawn"),
)


def an_item(**changes: object) -> Item:
    plain = Item(
        heading="กระบวนการปฏิบัติงาน",
        topic=1,
        indicator=None,
        measures=((1, "จัดทำคู่มือ"), (2, "จัดประชุม")),
        steps=("ร่าง", "เผยแพร่"),
        divisions=DIVISIONS,
        everyone=True,
        window="ต.ค. 68 - ก.ย. 69",
        starts_on=date(2025, 10, 1),
        ends_on=date(2026, 9, 30),
        texts=FIVE,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def some_inputs(**changes: object) -> ReportInputs:
    plain = ReportInputs(
        organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
        kind="sao",
        district="เมือง",
        province="ตัวอย่าง",
        fiscal_year=2569,
        assessment_year=2568,
        items=(an_item(),),
        tallies=(Tally("สำนักปลัด", 199, 200), Tally("กองคลัง", 0, 0)),
        unfinished=(),
        evidence=(),
        signed=None,
        thai_digits=True,
        draft=False,
        frozen_at=datetime(2026, 11, 3, 18, 5, tzinfo=UTC),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_five_divisions_two_equal_one_other_one_silent_one_withdrawn() -> None:
    assert compose(some_inputs()).results.rows[0].result == (
        "สำนักปลัด, กองคลัง: จัดทำคู่มือแล้ว\nกองช่าง: จัดทำคู่มือ ๒ เล่ม\nกองอื่น ๆ ไม่ได้รายงาน: กองการศึกษา, หน่วยตรวจสอบภายใน"
    )


def test_a_text_that_all_share_stands_alone() -> None:
    texts = [
        said(division, "จัดทำ  คู่มือ ๒ เล่ม" if place else "จัดทำ คู่มือ 2 เล่ม")
        for place, division in enumerate(DIVISIONS)
    ]
    assert cell("result", DIVISIONS, texts) == "จัดทำ คู่มือ 2 เล่ม"


def test_nobody_reported() -> None:
    assert cell("result", DIVISIONS, []) == "ไม่ได้รายงาน"
    assert cell("result", ["กองคลัง"], [said("กองคลัง", "เสร็จ", "sent_back")]) == "ไม่ได้รายงาน"
    assert cell("result", ["กองคลัง"], [said("กองคลัง", " \n ")]) == "ไม่ได้รายงาน"


def test_divisions_are_not_named_where_those_who_spoke_agree() -> None:
    assert cell("result", DIVISIONS[:2], [said("กองคลัง", "เสร็จ")]) == "เสร็จ\nกองอื่น ๆ ไม่ได้รายงาน: สำนักปลัด"


def test_a_submitted_text_counts_in_a_draft_only() -> None:
    texts = [said("สำนักปลัด", "เสร็จ"), said("กองคลัง", "เสร็จ", "waiting")]
    assert cell("result", DIVISIONS[:2], texts, draft=True) == "สำนักปลัด: เสร็จ\nกองคลัง: เสร็จ (รออนุมัติ)"
    assert cell("result", DIVISIONS[:2], texts) == "เสร็จ\nกองอื่น ๆ ไม่ได้รายงาน: กองคลัง"


def test_the_latest_quarter_that_counts_speaks() -> None:
    texts = [
        said("กองคลัง", "ไตรมาสสาม", quarter=3),
        said("กองคลัง", "ไตรมาสหนึ่ง", quarter=1),
        said("กองคลัง", "ไตรมาสสี่", "sent_back", quarter=4),
    ]
    assert cell("result", ["กองคลัง"], texts) == "ไตรมาสสาม"


def test_changed_answers_come_first_by_number_and_confirmed_ones_are_not_texts() -> None:
    texts = [said(division, "ตามแผน") for division in DIVISIONS[:3]]
    answers = [
        Answer(2, "กองคลัง", "ประชุมแล้ว", True),
        Answer(1, "กองคลัง", "คู่มือเสร็จ", True),
        Answer(1, "สำนักปลัด", "คู่มือเสร็จ", True),
        Answer(1, "กองช่าง", "ตามแผน", False),
    ]
    assert cell("result", DIVISIONS[:3], texts, answers) == (
        "1. สำนักปลัด, กองคลัง: คู่มือเสร็จ\n2. กองคลัง: ประชุมแล้ว\nกองช่าง: ตามแผน"
    )
    assert cell("result", ["กองคลัง"], texts[1:2], answers[:2]) == "1. คู่มือเสร็จ\n2. ประชุมแล้ว"


def problem(division: str, text: str) -> Text:
    return Text(division, LAST, "approved", "เสร็จ", text, text)


@pytest.mark.parametrize("column", ["problems", "suggestions"])
def test_none_is_printed_alone_only_if_all_said_so(column: str) -> None:
    said_none = [problem(division, "ไม่มี") for division in DIVISIONS]
    assert cell(column, DIVISIONS, said_none) == "ไม่มี"  # type: ignore[arg-type]
    assert cell(column, DIVISIONS, said_none[:4]) == (  # type: ignore[arg-type]
        "สำนักปลัด, กองคลัง, กองช่าง, กองการศึกษา: ไม่มี\nกองอื่น ๆ ไม่ได้รายงาน: หน่วยตรวจสอบภายใน"
    )
    one = [*said_none[:4], problem("หน่วยตรวจสอบภายใน", "ขาดคน")]
    assert cell(column, DIVISIONS, one) == (  # type: ignore[arg-type]
        "สำนักปลัด, กองคลัง, กองช่าง, กองการศึกษา: ไม่มี\nหน่วยตรวจสอบภายใน: ขาดคน"
    )


def test_none_of_one_measure_is_left_out_where_another_has_a_problem() -> None:
    answers = [
        Answer(1, "กองคลัง", "ก", True, "ไม่มี", "ไม่มี"),
        Answer(2, "กองคลัง", "ข", True, "ขาดคน", "ไม่มี"),
    ]
    assert cell("problems", ["กองคลัง"], [], answers) == "2. ขาดคน"
    assert cell("suggestions", ["กองคลัง"], [], answers) == "ไม่มี"


names = st.sampled_from(DIVISIONS)
standings: st.SearchStrategy[Standing] = st.sampled_from(["approved", "waiting", "sent_back", "withdrawn"])


@given(
    st.lists(
        st.builds(said, names, st.sampled_from(["ก", "ข", ""]), standings, st.integers(1, 4)), max_size=9
    ),
    st.booleans(),
)
def test_every_division_is_either_heard_or_named_as_silent(texts: list[Text], draft: bool) -> None:
    printed = cell("result", DIVISIONS, texts, draft=draft)
    counting = ("approved", "waiting") if draft else ("approved",)
    spoke = {text.division for text in texts if text.standing in counting and text.result}
    silent_line = printed.split("\n")[-1].partition("ไม่ได้รายงาน: ")[2]
    if spoke:
        assert set(filter(None, silent_line.split(", "))) == set(DIVISIONS) - spoke
    else:
        assert printed == "ไม่ได้รายงาน"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (96.26, 98.89, "ปี 2567 ได้ 96.26 คะแนน ปี 2568 ได้ 98.89 คะแนน เพิ่มขึ้น 2.63 คะแนน"),
        (98.89, 96.26, "ปี 2567 ได้ 98.89 คะแนน ปี 2568 ได้ 96.26 คะแนน ลดลง 2.63 คะแนน"),
        (95.28, 100, "ปี 2567 ได้ 95.28 คะแนน ปี 2568 ได้ 100 คะแนน เพิ่มขึ้น 4.72 คะแนน"),
        (90.79, 98.88, "ปี 2567 ได้ 90.79 คะแนน ปี 2568 ได้ 98.88 คะแนน เพิ่มขึ้น 8.09 คะแนน"),
        (97.92, 98.69, "ปี 2567 ได้ 97.92 คะแนน ปี 2568 ได้ 98.69 คะแนน เพิ่มขึ้น 0.77 คะแนน"),
        (93.17, 97.78, "ปี 2567 ได้ 93.17 คะแนน ปี 2568 ได้ 97.78 คะแนน เพิ่มขึ้น 4.61 คะแนน"),
        (90, 90, "เท่าเดิมที่ 90.00 คะแนน ทั้งในปี 2567 และปี 2568"),
        (100, 100, "รักษาคะแนนเต็ม 100 คะแนนไว้ได้ ทั้งในปี 2567 และปี 2568"),
        (None, 87.5, "ปี 2568 ได้ 87.50 คะแนน ประเมินเป็นปีแรก จึงไม่มีคะแนนเปรียบเทียบ"),
        (87.5, None, "ปี 2567 ได้ 87.50 คะแนน ส่วนปี 2568 รอประกาศผล"),
        (None, None, "ปี 2568 รอประกาศผล"),
    ],
)
def test_what_became_of_a_score(before: float | None, after: float | None, expected: str) -> None:
    score = Score("ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่", 2567, before, 2568, after)
    assert outcome(score) == f"คะแนน ITA ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่ {expected}"


def test_an_overwritten_cell_is_printed_in_the_place_of_its_proposal() -> None:
    item = an_item(edits={"result": "จัดทำคู่มือ 3 เล่ม", "problems": "ขาดคน"})
    report = compose(some_inputs(items=(item,)))
    assert report.results.rows[0].result == "จัดทำคู่มือ ๓ เล่ม"
    assert report.problems.rows[0][2:] == ("ขาดคน", "ไม่ได้รายงาน")
    assert report.results.rows[0].outcome == "-"


def test_a_renumbered_item_is_named_by_both_numbers() -> None:
    assert outcome(Score("ข้อ o26 ก", 2568, 80, 2569, 100, "ข้อ o28 ก")).endswith(
        "(ข้อนี้ใน ITA ปี 2568 คือ ข้อ o28 ก)"
    )


def test_free_texts_follow_the_scores_once() -> None:
    score = Score("ก", 2568, None, 2569, None)
    assert outcome_cell([score], ["ไม่มีเรื่องร้องเรียน", " ", "ไม่มีเรื่องร้องเรียน ", "ข"]) == (
        f"{outcome(score)}\nไม่มีเรื่องร้องเรียน\nข"
    )
    assert outcome_cell([]) == "-"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("ทั้ง 4 ครั้ง วันที่ 5/10/2569 เวลา 10.30 น.", "ทั้ง ๔ ครั้ง วันที่ ๕/๑๐/๒๕๖๙ เวลา ๑๐.๓๐ น."),
        ("ปี 2569 ดู https://a.example/2569/x?y=1 หน้า 2", "ปี ๒๕๖๙ ดู https://a.example/2569/x?y=1 หน้า ๒"),
        ("แฟ้ม รูป1.pdf 3 หน้า", "แฟ้ม รูป1.pdf ๓ หน้า"),
        ("ส่งถึง a1@b2.example 2 ครั้ง", "ส่งถึง a1@b2.example ๒ ครั้ง"),
        ("ข้อ o13 ITA 2569", "ข้อ o13 ITA ๒๕๖๙"),
        ("E-Service 2 และ 3af901c2d4", "E-Service ๒ และ 3af901c2d4"),
        ("{{7*7}} 7", "{{7*7}} ๗"),
        ("12,000บาท", "๑๒,๐๐๐บาท"),
    ],
)
def test_running_digits_become_thai_and_addresses_stay(text: str, printed: str) -> None:
    assert running_thai_digits(text) == printed


@pytest.mark.parametrize("letter", ["ก", "1", "a", "ก1", "1-", "@", "/", "http://"])
def test_a_long_text_without_a_space_is_finished_in_no_time(letter: str) -> None:
    text = letter * 20_000
    began = time.process_time()
    assert finish(text, thai=True)
    # It was most of a minute while each letter of it could begin a file name.
    assert time.process_time() - began < 2


def test_the_row_of_an_item() -> None:
    row = compose(some_inputs(items=(an_item(evidence=(2, 0, 2)),))).results.rows[0]
    assert row.cells[:5] == (
        "ประเด็นที่ ๑ กระบวนการปฏิบัติงาน",
        "๑. จัดทำคู่มือ\n๒. จัดประชุม",
        "๑. ร่าง\n๒. เผยแพร่",
        "ทุกส่วนราชการ",
        "ต.ค. ๖๘ - ก.ย. ๖๙",
    )
    assert row.evidence == "หลักฐานที่ ๑, ๓"
    other = an_item(topic=None, indicator=9, heading="ตัวชี้วัดที่ ๙ ก", everyone=False, window="", steps=("ร่าง",))
    assert compose(some_inputs(items=(other,), thai_digits=False)).results.rows[0].cells[:5] == (
        "ตัวชี้วัดที่ ๙ ก",
        "1. จัดทำคู่มือ\n2. จัดประชุม",
        "ร่าง",
        "\n".join(DIVISIONS),
        "1 ต.ค. 2568 - 30 ก.ย. 2569",
    )


def test_a_hundred_per_cent_means_that_all_is_done() -> None:
    bars = compose(some_inputs()).summary.bars
    assert [(bar.percent, bar.label) for bar in bars] == [
        (99, "๑๙๙ จาก ๒๐๐ งาน (ร้อยละ ๙๙)"),
        (0, "๐ จาก ๐ งาน (ร้อยละ ๐)"),
    ]


def test_head_and_foot_of_the_report() -> None:
    report = compose(
        some_inputs(signed=Signed("ตย 71001/9", date(2026, 11, 4), "นายตัวอย่าง สมมติ", "นายก อบต."))
    )
    assert report.organisation == "องค์การบริหารส่วนตำบลตัวอย่าง อำเภอเมือง จังหวัดตัวอย่าง"
    assert report.document == "เลขที่ ตย ๗๑๐๐๑/๙ ลงวันที่ ๔ พฤศจิกายน ๒๕๖๙"
    assert report.as_of == "ข้อมูล ณ วันที่ ๔ พฤศจิกายน ๒๕๖๙ เวลา ๐๑.๐๕ น."
    assert report.page_of_pages == "หน้า {page} จาก {pages}"
    assert report.signature[1:] == ("(นายตัวอย่าง สมมติ)", "นายก อบต.", "วันที่ ๔ พฤศจิกายน ๒๕๖๙")
    assert not report.draft
    assert compose(some_inputs(draft=True)).draft_mark == "ฉบับร่าง"


def test_equal_cancellations_stand_once() -> None:
    tasks = [Unfinished("ก", division, LAST, "cancelled", "งบไม่พอ") for division in DIVISIONS[:2]]
    tasks.append(Unfinished("ก", "กองช่าง", LAST, "unfinished"))
    assert compose(some_inputs(unfinished=tuple(tasks))).unfinished.rows == (
        ("ก", "๔", "สำนักปลัด, กองคลัง", "ยกเลิก", "งบไม่พอ"),
        ("ก", "๔", "กองช่าง", "ไม่แล้วเสร็จ", "-"),
    )


def test_file_names_and_hashes_stay_as_they_are() -> None:
    proof = Proved("ภาพที่ 1", "ภาพ 12 ครั้ง", date(2026, 2, 5), "12" * 32)
    told = compose(some_inputs(evidence=(proof,))).annex.proofs[0]
    assert (told.number, told.caption, told.file_name, told.day, told.sha256) == (
        "๑", "ภาพที่ ๑", "ภาพ 12 ครั้ง", "๕ ก.พ. ๒๕๖๙", "12" * 32,
    )  # fmt: skip


def test_every_sentence_of_the_report_can_be_said_in_another_language() -> None:
    asked: list[str] = []

    def say(message: Message) -> str:
        asked.append(message.template)
        return f"<{len(asked)}>"

    report = compose(some_inputs(draft=True, thai_digits=False), say)
    assert {report.title, report.opening, report.draft_mark, *report.results.columns} <= {
        f"<{place}>" for place in range(1, len(asked) + 1)
    }


def test_control_characters_and_stray_spaces_go_and_lines_stay() -> None:
    item = an_item(divisions=("กองคลัง",), texts=(said("กองคลัง", "ก\x00ข\u200b  ค\r\n\n\ud800ง "),))
    assert compose(some_inputs(items=(item,))).results.rows[0].result == "ก ข ค\nง"


def test_a_report_of_an_earlier_format_is_still_read() -> None:
    told = json.loads(to_json(compose(some_inputs())))
    del told["scores"]
    earlier = from_json(json.dumps(told | {"format": 2}))
    assert earlier.scores is None
    assert [block.name for block in earlier.paper().blocks if isinstance(block, Grid)] == [
        "results",
        "problems",
        "unfinished",
    ]


def test_json_is_canonical_and_comes_back() -> None:
    report = compose(some_inputs(evidence=(Proved("ก", "ข.pdf", date(2026, 2, 5), "ab" * 32),)))
    text = to_json(report)
    assert from_json(text) == report
    assert to_json(from_json(text)) == text
    assert "จัดทำคู่มือ ๒ เล่ม" in text
    assert list(json.loads(text)) == sorted(json.loads(text))
    elsewhere = replace(report, frozen_at=report.frozen_at.astimezone(timezone(timedelta(hours=7))))
    assert sha256_of(elsewhere) == sha256_of(report)
    assert sha256_of(replace(report, title="อื่น")) != sha256_of(report)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":1}', '{"format":2}', "null"])
def test_other_json_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        from_json(text)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(compose(some_inputs()), frozen_at=datetime(2026, 1, 1))  # noqa: DTZ001
