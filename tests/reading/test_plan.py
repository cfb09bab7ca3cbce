"""Plans in many layouts: what they say comes out, what they do not say is null with a problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reading.conftest import OFFICIAL
from tracker.errors import Message, TrackerError
from tracker.reading import plan
from tracker.reading.values import ReadPlan, ReadRow
from tracker.rules import thai

TITLE = "มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. ๒๕๖๙"
ROW = (
    "๑. การปฏิบัติหน้าที่",
    "๑. จัดทำคู่มือบริการ",
    "๑. ร่างคู่มือ ๒. เผยแพร่",
    "ไตรมาส ๑ - ๔",
    "กองคลัง/กองช่าง",
    "ทุกไตรมาส",
)
Make = Callable[..., bytes]


def read(data: bytes, **more: object) -> ReadPlan:
    return plan.read(data, "แผน.txt", **more)  # type: ignore[arg-type]


def codes(of: ReadPlan | ReadRow) -> set[str]:
    return {problem.code for problem in of.problems}


@pytest.mark.parametrize(
    "order", [(0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (2, 0, 4, 1, 5, 3), (1, 2, 4, 3, 5, 0)]
)
def test_columns_are_known_by_their_headings_in_any_order(order: Sequence[int], tsv: Make) -> None:
    data = tsv(TITLE, "", [OFFICIAL[place] for place in order], [ROW[place] for place in order])
    row = read(data).rows[0]
    assert row.indicator == 1
    assert [measure.title for measure in row.measures] == ["จัดทำคู่มือบริการ"]
    assert row.steps == ("ร่างคู่มือ", "เผยแพร่")
    assert [one.division for one in row.responsible] == ["กองคลัง", "กองช่าง"]
    assert row.window is not None
    assert len(row.window.quarters) == 4
    assert row.follow_up is not None
    assert len(row.follow_up.period_ends) == 4


@pytest.mark.parametrize(
    ("headings", "texts"),
    [
        (
            ("ที่", "ประเด็น", "แนวทางแก้ไข", "วิธีการ", "กรอบระยะเวลา", "หน่วยงานที่รับผิดชอบ", "แนวทางการกำกับติดตาม"),
            ("๑", "การใช้อำนาจ", "ทบทวนคำสั่ง", "ประชุม", "มี.ค. ๖๙", "สำนักปลัด", "ทุกเดือน"),
        ),
        (
            (
                "ประเด็นการประเมิน",
                "โครงการ/กิจกรรม",
                "ขั้นตอนหรือวิธีการปฏิบัติ",
                "ช่วงระยะเวลาในการดำเนินการ",
                "ผู้รับผิดชอบ",
            ),
            ("การใช้อำนาจ", "ทบทวนคำสั่ง", "ประชุม", "มีนาคม ๒๕๖๙", "สำนักปลัด"),
        ),
        (
            ("ด้าน", "มาตรการ/แนวทาง", "รายละเอียดการดำเนินการ", "กำหนดเวลา", "ผู้รับผิดชอบ/ผู้เกี่ยวข้อง", "เป้าหมาย"),
            ("การใช้อำนาจ", "ทบทวนคำสั่ง", "ประชุม", "๑ - ๓๑ มี.ค. ๒๕๖๙", "หัวหน้าสำนักปลัด", "ร้อยละ ๑๐๐"),
        ),
    ],
)
def test_other_headings_mean_the_same(headings: Sequence[str], texts: Sequence[str], tsv: Make) -> None:
    row = read(tsv(TITLE, headings, texts)).rows[0]
    assert (row.indicator, row.measures[0].title, row.steps) == (3, "ทบทวนคำสั่ง", ("ประชุม",))
    assert [one.division for one in row.responsible] == ["สำนักปลัด"]
    assert row.window is not None
    assert [str(quarter) for quarter in row.window.quarters] == ["2569Q2"]


def test_columns_of_ticks_make_a_window(tsv: Make) -> None:
    data = tsv(
        TITLE,
        ("มาตรการ", "ขั้นตอน", "ระยะเวลา", "", "", "", "ผู้รับผิดชอบ"),
        ("", "", "ไตรมาส ๑", "ไตรมาส ๒", "ไตรมาส ๓", "ไตรมาส ๔", ""),
        ("ทบทวนคำสั่ง", "ประชุม", "", "✓", "✓", "", "สำนักปลัด"),
    )
    window = read(data).rows[0].window
    assert window is not None
    assert (window.start.isoformat(), window.end.isoformat()) == ("2026-01-01", "2026-06-30")


def test_a_topic_above_each_table_heads_its_rows(tsv: Make) -> None:
    headings = OFFICIAL[1:]
    data = tsv(
        TITLE,
        "ประเด็นที่ ๑ กระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ",
        headings,
        ROW[1:],
        "ประเด็นที่ ๔ กระบวนการกำกับดูแลการใช้ทรัพย์สินของราชการ",
        headings,
        ROW[1:],
    )
    found = read(data)
    assert [row.topic for row in found.rows] == [1, 4]
    assert "missing_topics" in codes(found)


def test_a_continued_row_joins_the_one_before_it(tsv: Make) -> None:
    more = ("(ต่อ)", "๒. อบรม", "๓. ประเมินผล", ROW[3], ROW[4], "")
    found = read(tsv(TITLE, OFFICIAL, ROW, "", OFFICIAL, more))
    assert len(found.rows) == 1
    assert [measure.number for measure in found.rows[0].measures] == [1, 2]
    assert len(found.rows[0].steps) == 3
    assert len(found.rows[0].responsible) == 2


def test_a_table_goes_on_without_its_headings(tsv: Make) -> None:
    other = ("๒. การใช้งบประมาณ", *ROW[1:])
    assert [row.indicator for row in read(tsv(TITLE, OFFICIAL, ROW, "", "", other)).rows] == [1, 2]


def test_a_row_shifted_by_one_is_put_back(tsv: Make) -> None:
    headings = ("ตัวชี้วัด", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ")
    shifted = ("๒. อบรม", "๑. เชิญวิทยากร", "ม.ค. ๖๙", "กองช่าง")
    found = read(tsv(TITLE, headings, ROW[:5], shifted))
    assert len(found.rows) == 2
    assert [one.division for one in found.rows[1].responsible] == ["กองช่าง"]
    assert found.rows[1].indicator == 1


@pytest.mark.parametrize(
    "text", ["ทุกกอง", "ทุกสำนัก/กอง", "ทุกส่วนราชการ", "ทุกหน่วยงาน", "หัวหน้าส่วนราชการ ทุกส่วนงาน", "สำนัก/กอง/ฝ่าย"]
)
def test_group_words_mean_everyone(text: str, tsv: Make) -> None:
    row = read(tsv(TITLE, OFFICIAL, (*ROW[:4], text, ""))).rows[0]
    assert (row.everyone, row.responsible) == (True, ())


def test_the_organisation_itself_is_responsible_as_a_whole(tsv: Make) -> None:
    lines = (TITLE, "องค์การบริหารส่วนตำบลบ้านสมมุติ อำเภอสมมุติ")
    row = read(tsv(*lines, OFFICIAL, (*ROW[:4], "อบต.บ้านสมมุติ", ""))).rows[0]
    assert (row.whole_organisation, row.everyone, row.responsible) == (True, False, ())


@pytest.mark.parametrize(
    "text",
    [
        "สำนักปลัด/กองคลัง/กองการศึกษา ศาสนาและวัฒนธรรม",
        "สำนักปลัด, กองคลัง, กองการศึกษา ศาสนาและวัฒนธรรม",
        "สำนักปลัด กองคลัง และกองการศึกษา ศาสนาและวัฒนธรรม",
        "๑. สำนักปลัด ๒. กองคลัง ๓. กองการศึกษา ศาสนาและวัฒนธรรม",
    ],
)
def test_several_divisions_in_one_cell(text: str, tsv: Make) -> None:
    row = read(tsv(TITLE, OFFICIAL, (*ROW[:4], text, ""))).rows[0]
    assert [one.division for one in row.responsible] == ["สำนักปลัด", "กองคลัง", "กองการศึกษา ศาสนาและวัฒนธรรม"]


def test_a_division_is_unknown_only_against_a_list(tsv: Make) -> None:
    data = tsv(TITLE, OFFICIAL, (*ROW[:4], "สำนักปลัด / ตรวจสอบภายใน / กองช่าง", ""))
    assert "unknown_division" not in codes(read(data).rows[0])
    row = read(data, divisions=["สำนักปลัด", "หน่วยตรวจสอบภายใน"]).rows[0]
    assert [one.division for one in row.responsible] == ["สำนักปลัด", "หน่วยตรวจสอบภายใน", None]
    assert "unknown_division" in codes(row)


def test_what_the_text_does_not_say_is_null_with_a_problem(tsv: Make) -> None:
    row = read(tsv(TITLE, OFFICIAL, (ROW[0], "", "ประชุม", "ตามความเหมาะสม", "", "รายงานผู้บริหาร"))).rows[0]
    assert row.window is None
    assert {"measure_missing", "window_unreadable", "responsible_missing", "follow_up_unreadable"} <= codes(
        row
    )
    empty = read(tsv(TITLE, OFFICIAL, (*ROW[:3], "-", "กองคลัง", "-"))).rows[0]
    assert (empty.window, empty.follow_up) == (None, None)
    assert codes(empty) == {"window_missing"}


def test_text_of_a_column_without_a_place_is_told(tsv: Make) -> None:
    row = read(tsv(TITLE, (*OFFICIAL, "งบประมาณ"), (*ROW, "๒๐,๐๐๐ บาท"))).rows[0]
    lost = [problem for problem in row.problems if problem.code == "text_lost"]
    assert ["๒๐,๐๐๐ บาท" in str(problem.message) for problem in lost] == [True]


def test_numbers_that_jump_or_repeat_are_told(tsv: Make) -> None:
    row = read(tsv(TITLE, OFFICIAL, (ROW[0], "๑. อบรม ๓. ประชุม", "๑. เชิญ ๑. จัดงาน", *ROW[3:]))).rows[0]
    assert {"numbering_gap", "numbering_repeat"} <= codes(row)
    assert (len(row.measures), len(row.steps)) == (2, 2)
    down = [(f"{n}. มาตรการเรื่องที่หนึ่ง", *ROW[2:]) for n in (1, 2, 4, 4)]
    assert {"numbering_gap", "numbering_repeat"} <= codes(read(tsv(TITLE, OFFICIAL[1:], *down)))


def test_years_that_contradict_each_other_are_told(tsv: Make) -> None:
    late = (*ROW[:3], "ต.ค. ๖๙ - ก.ย. ๗๐", *ROW[4:])
    found = read(tsv(TITLE, OFFICIAL, late))
    assert (found.fiscal_year, "year_mismatch" in codes(found)) == (2570, True)
    given = read(tsv(TITLE, OFFICIAL, ROW), year=2571)
    assert (given.fiscal_year, "year_mismatch" in codes(given)) == (2571, True)


def test_blanks_and_other_names_are_told(tsv: Make) -> None:
    lines = (TITLE, "เทศบาลตำบลสมมุติ", "เทศบาลตำบลสมมุติ", "ตามแนวทางของเทศบาลตำบลดอนอื่นไกล")
    found = read(tsv(*lines, OFFICIAL, (*ROW[:4], "(ระบุชื่อหน่วยงาน)", "")))
    assert found.organisation == "เทศบาลตำบลสมมุติ"
    assert "other_organisation" in codes(found)
    assert "placeholder" in codes(found.rows[0])


def test_a_report_has_results_and_outcomes(tsv: Make) -> None:
    headings = ("หัวข้อ", *OFFICIAL[1:5], "ผลการดำเนินงาน", "ผลลัพธ์หรือความสำเร็จ")
    found = read(tsv(TITLE, headings, (*ROW[:5], "๑. แจกคู่มือ ๒. ประเมิน", "คะแนนเพิ่มขึ้น")))
    assert found.kind == "results"
    assert found.rows[0].results == ("แจกคู่มือ", "ประเมิน")
    assert found.rows[0].outcome == "คะแนนเพิ่มขึ้น"


def test_scores_are_found_by_name_and_contradictions_told(tsv: Make) -> None:
    data = tsv(
        "ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. ๒๕๖๘ คะแนนภาพรวม ๙๗.๐๐ คะแนน อยู่ในระดับ ผ่าน",
        ("อันดับ", "ตัวชี้วัด", "คะแนน"),
        *((str(place), name, score) for place, name, score in (
            (1, "การใช้อำนาจ", "๙๙.๐๐"), (2, "การปฏิบัติหน้าที่", "๙๘.๐๐"), (3, "การป้องกันการทุจริต", "๘๐"),
        )),
        "ตัวชี้วัดที่ ๔ การใช้ทรัพย์สินของราชการ ได้คะแนนเท่ากับร้อยละ ๘๗.๕๐",
        "ตัวชี้วัดที่ ๑ การปฏิบัติหน้าที่ ได้คะแนนเท่ากับร้อยละ ๙๐.๐๐",
        TITLE,
        OFFICIAL,
        ROW,
    )  # fmt: skip
    found = read(data)
    assert found.scores.total == 97.0
    assert found.scores.indicators == {1: 98.0, 3: 99.0, 4: 87.5, 10: 80.0}
    assert (found.assessment_year, found.scores.level) == (2568, "ผ่าน")
    assert "score_contradiction" in codes(found)


@pytest.mark.parametrize("code", ["O11", "o11", "011", "๐๑๑", "0๑๑", "ข้อ ๐๑๑", "O๑๑"])
def test_item_codes_survive_every_spelling_of_o(code: str, tsv: Make) -> None:
    found = read(tsv("ข้อมูล", ("เครื่องมือการประเมิน", "ข้อคำถาม", "คะแนน"), ("OIT", f"{code} ข้อมูลสถิติ", "๕๐")))
    assert found.scores.questions == {"o11": 50.0}


def test_the_analysis_around_the_table_is_kept(tsv: Make) -> None:
    found = read(tsv("## จุดเด่นของปีนี้", "ประชาชนพึงพอใจมาก", TITLE, OFFICIAL, ROW, "ลงนามโดยผู้บริหาร"))
    told = "\n".join(f"{part.heading}\n{part.text}" for part in found.analysis)
    assert "จุดเด่นของปีนี้\nประชาชนพึงพอใจมาก" in told
    assert "ลงนามโดยผู้บริหาร" in told


def test_a_document_without_a_plan_says_so(tsv: Make) -> None:
    found = read(tsv("บันทึกข้อความ", ("ชื่อ", "จำนวน"), ("กระดาษ", "๒")))
    assert (found.rows, codes(found)) == ((), {"no_plan_table"})


def test_json_has_the_promised_shape(tsv: Make) -> None:
    said: list[Message] = []

    def say(message: Message) -> str:
        said.append(message)
        return f"<{message}>"

    written = plan.to_json(read(tsv(TITLE, OFFICIAL, (*ROW[:4], "", ""))), say)
    assert set(written) == {
        "source", "kind", "fiscal_year", "assessment_year", "organisation", "analysis", "rows", "scores", "problems",
    }  # fmt: skip
    rows = written["rows"]
    assert isinstance(rows, list)
    assert set(rows[0]) == {
        "heading", "topic", "indicator", "analysis", "measures", "steps", "responsible", "everyone",
        "whole_organisation", "window", "follow_up", "targets", "results", "outcome", "problems",
    }  # fmt: skip
    assert rows[0]["problems"][0]["message"].startswith("<")
    assert said


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_to_a_document_no_measure_is_dropped_in_silence(
    data: st.DataObject, tsv: Make
) -> None:
    marks = data.draw(st.sampled_from(["{}. ", "{}.", "{}) ", "- ", ""]))
    names = ["ก่อสร้างความเข้าใจ", "ขยายช่องทางบริการ", "คัดเลือกต้นแบบ", "งดรับของขวัญ"]
    count = data.draw(st.integers(1, 4))
    joint = data.draw(st.sampled_from([" ", "<br>", "</p><p>"])) if marks else " "
    cell = joint.join(marks.format(place + 1) + names[place] for place in range(count))
    order = data.draw(st.permutations(range(6)))
    row = (ROW[0], cell, *ROW[2:])
    lines: list[str | list[str]] = [
        TITLE,
        [OFFICIAL[place] for place in order],
        [row[place] for place in order],
    ]
    for _ in range(data.draw(st.integers(0, 3))):
        noise = data.draw(st.sampled_from(["", "-----\t-----", "**", "\t\t\t\t\t", "<p></p>"]))
        lines.insert(data.draw(st.integers(1, len(lines))), noise)
    if data.draw(st.booleans()):
        lines.insert(len(lines), [OFFICIAL[place] for place in order])
    found = read(tsv(*lines))
    told = thai.letters("".join(measure.title for one in found.rows for measure in one.measures))
    assert all(thai.letters(name) in told for name in names[:count])
    if marks:
        assert sum(len(one.measures) for one in found.rows) == count


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), st.sampled_from(["a.txt", "a.docx"]))
@settings(max_examples=80)
def test_any_bytes_give_a_plan_or_a_sentence(data: bytes, name: str) -> None:
    try:
        found = plan.read(data, name)
    except TrackerError as error:
        found = plan.ReadPlan(source=str(error.message))
    assert found.source
    assert plan.to_json(found, str)["rows"] is not None
