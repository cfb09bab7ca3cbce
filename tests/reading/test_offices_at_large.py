"""Forms that offices use and no fixture had: what a careful person reads out of them, or a word that it is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from docx import Document as new_document

from tests.reading.conftest import saved
from tests.reading.test_unseen_offices import FIVE, TITLE, codes, read, row
from tracker.reading import cells, divisions, sources
from tracker.reading.values import ReadPlan
from tracker.rules import windows

Make = Callable[..., bytes]
FOUR = ("มาตรการ", "วิธีการ", "ผู้รับผิดชอบ", "ระยะเวลา")
ONE = ("ซักซ้อมการมอบหมาย", "ประชุม", "กองคลัง", "ไตรมาส ๑")


def titles(found: ReadPlan) -> list[list[str]]:
    return [[measure.title for measure in one.measures] for one in found.rows]


def word_of(*blocks: str | Sequence[Sequence[str]]) -> bytes:
    """A Word document of lines and tables, whose empty cells beside or below a text are merged with it."""
    document = new_document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(len(block), len(block[0]))
        for line, texts in zip(table.rows, block, strict=True):
            for cell, text in zip(line.cells, texts, strict=True):
                cell.text = text
    return saved(document)


def test_results_of_two_rounds_below_one_heading_keep_their_rounds_apart(tsv: Make) -> None:
    heads = ("ตัวชี้วัด", "มาตรการ", "วิธีการ", "ผู้รับผิดชอบ", "ระยะเวลา", "ผลการดำเนินงาน", "")
    below = ("", "", "", "", "", "รอบ ๖ เดือน (ต.ค. ๖๘ - มี.ค. ๖๙)", "รอบ ๑๒ เดือน")
    [one] = read(tsv(TITLE, heads, below, ("การใช้อำนาจ", *ONE, "เริ่มร่างแล้ว", "พิมพ์ครบแล้ว"))).rows
    assert one.results == ("รอบ ๖ เดือน (ต.ค. ๖๘ - มี.ค. ๖๙): เริ่มร่างแล้ว", "รอบ ๑๒ เดือน: พิมพ์ครบแล้ว")
    assert one.problems == ()


def test_a_row_that_goes_on_below_repeated_headings_is_no_sub_heading(tsv: Make) -> None:
    heads = (*FOUR, "ผลการดำเนินงาน", "")
    found = read(tsv(TITLE, heads, (*ONE, "ประชุมแล้ว", ""), heads, ("", "", "", "", "ออกคำสั่งแล้วด้วย", "")))
    assert [one.results for one in found.rows] == [("ประชุมแล้ว ออกคำสั่งแล้วด้วย",)]


def test_a_row_of_results_alone_below_headings_is_no_sub_heading(tsv: Make) -> None:
    heads = (*FOUR, "ผลการดำเนินงาน", "")
    found = read(tsv(TITLE, heads, ("", "", "", "", "อบรมครบทุกคนแล้ว", ""), (*ONE, "ประชุมแล้ว", "")))
    assert "อบรมครบทุกคนแล้ว" in [text for one in found.rows for text in one.results]


def test_a_tick_below_a_status_is_told_with_the_status(tsv: Make) -> None:
    heads = (*FOUR, "สถานะการดำเนินงาน", "", "ผลการดำเนินงาน")
    below = ("", "", "", "", "แล้วเสร็จ", "ยังไม่เริ่ม", "")
    [one] = read(tsv(TITLE, heads, below, (*ONE, "", "✓", "-"))).rows
    assert [problem.message.values for problem in one.problems] == [{"column": "ยังไม่เริ่ม", "text": "✓"}]


@pytest.mark.parametrize(
    ("heads", "texts"),
    [
        (("ประเด็นที่", "หัวข้อ"), ("๔", "กระบวนการกำกับดูแลการใช้ทรัพย์สินของราชการ")),
        (("ประเด็นที่",), ("๔",)),
        (("ลำดับ",), ("๔ กระบวนการกำกับดูแลการใช้ทรัพย์สินของราชการ",)),
    ],
)
def test_a_column_of_numbers_tells_the_topic_too(
    heads: tuple[str, ...], texts: tuple[str, ...], tsv: Make
) -> None:
    found = read(tsv(TITLE, (*heads, *FOUR), (*texts, *ONE)))
    assert [(one.topic, one.targets) for one in found.rows] == [(4, ())]


def test_a_number_with_a_continued_behind_it_continues(tsv: Make) -> None:
    heads = ("ที่", "มาตรการ", "วิธีการ", "ระยะเวลา", "ผู้รับผิดชอบ")
    first = ("๑", "ซักซ้อม", "๑. ประชุม", "ม.ค. ๖๙", "กองคลัง")
    found = read(tsv(TITLE, heads, first, "- ๕ -", ("๑ (ต่อ)", "", "๒. สรุปผลทุกเดือน", "", "")))
    assert [one.steps for one in found.rows] == [("ประชุม", "สรุปผลทุกเดือน")]
    assert codes(found) == {"topics_unsaid"}


@pytest.mark.parametrize("issue", ["ประเด็น/ข้อบกพร่อง", "ประเด็นปัญหา", "ประเด็นการประเมิน"])
def test_an_issue_beside_the_indicator_is_its_analysis(issue: str, tsv: Make) -> None:
    [one] = read(tsv(TITLE, ("ตัวชี้วัด", issue, *FOUR), ("การใช้อำนาจ", "ยังไม่ทั่วถึง", *ONE))).rows
    assert (one.indicator, one.analysis, one.targets) == (3, "ยังไม่ทั่วถึง", ())


@pytest.mark.parametrize(
    ("heads", "measure", "steps"),
    [
        (("ข้อบกพร่อง", "วิธีการแก้ไข", "ขั้นตอนการปฏิบัติ"), "ซักซ้อม", ("ประชุม",)),
        (("ข้อบกพร่อง", "ขั้นตอน", "วิธีการดำเนินการ"), "ซักซ้อม", ("ประชุม",)),
    ],
)
def test_without_a_column_of_measures_the_first_way_of_doing_is_it(
    heads: tuple[str, ...], measure: str, steps: tuple[str, ...], tsv: Make
) -> None:
    found = read(tsv(TITLE, (*heads, "ผู้รับผิดชอบ", "ห้วงเวลา"), ("ล่าช้า", "ซักซ้อม", "ประชุม", "กองคลัง", "ม.ค. ๖๙")))
    assert (titles(found), found.rows[0].steps) == ([[measure]], steps)


def test_problems_and_their_like_are_no_analysis_of_the_year_before(tsv: Make) -> None:
    [one] = read(tsv(TITLE, (*FOUR, "ผลการดำเนินงาน", "ปัญหาและอุปสรรค"), (*ONE, "แล้วเสร็จ", "ฝนตก"))).rows
    assert one.analysis is None
    assert [problem.code for problem in one.problems] == ["text_lost"]


@pytest.mark.parametrize("line", ["การใช้อำนาจ", "๓. การใช้อำนาจ"])
def test_an_indicator_alone_above_the_measures_of_its_cell_is_their_heading(line: str) -> None:
    found = read(word_of(TITLE, [FOUR, (f"{line}\n- ซักซ้อม\n- มอบหมาย", *ONE[1:])]), "แผน.docx")
    assert [one.indicator for one in found.rows] == [3]
    assert titles(found) == [["ซักซ้อม", "มอบหมาย"]]


def test_questions_of_the_assessed_year_tell_the_indicator(tsv: Make) -> None:
    title, assessed = "มาตรการ ประจำปีงบประมาณ พ.ศ. ๒๕๖๘", "จากผลการประเมิน ITA ปี ๒๕๖๗"
    heads = ("ประเด็นการประเมิน", *FOUR)
    rows = [(heading, *ONE) for heading in ("i4 ใช้จ่ายงบประมาณตามวัตถุประสงค์", "๐๑๐ E-Service", "o2 E-Service")]
    assert [one.indicator for one in read(tsv(title, assessed, heads, *rows)).rows] == [2, 9, 9]
    assert [one.indicator for one in read(tsv(title, heads, *rows)).rows] == [None, None, None]


def test_the_only_indicator_told_of_above_a_table_heads_its_rows(tsv: Make) -> None:
    scores = (("ข้อคำถาม", "คะแนน"), ("i7 การสั่งการ", "81.50"), ("ค่าเฉลี่ย", "81.50"))
    parts = [
        (f"ตัวชี้วัดที่ {number} {name} ได้คะแนน 81.50 คะแนน", *scores, "มาตรการ", FOUR, ONE)
        for number, name in ((3, "การใช้อำนาจ"), (2, "การใช้งบประมาณ"))
    ]
    found = read(tsv(TITLE, *parts[0], *parts[1]))
    assert [one.indicator for one in found.rows] == [3, 2]
    both = read(tsv(TITLE, parts[0][0], parts[1][0], "มาตรการ", FOUR, ONE))
    assert [one.indicator for one in both.rows] == [None]


@pytest.mark.parametrize("nothing", ["-", "ไม่มี"])
def test_an_indicator_that_needs_no_measure_is_no_row(nothing: str, tsv: Make) -> None:
    rows = [("การใช้อำนาจ (คะแนน 99.10)", nothing, "-", "-", ""), ("การใช้งบประมาณ (คะแนน 81.00)", *row()[1:5])]
    found = read(tsv(TITLE, FIVE, *rows))
    assert [one.indicator for one in found.rows] == [2]
    assert found.scores.indicators == {2: 81.0, 3: 99.1}
    assert any("การใช้อำนาจ" in part.text + part.heading for part in found.analysis)


def test_places_for_signatures_are_no_measures() -> None:
    signed = [
        ("ลงชื่อ...............ผู้จัดทำ", "ลงชื่อ...............ผู้อนุมัติ"),
        ("(นางสมมุติ ใจดี)", "(นายสมมติ ตั้งใจ)"),
        ("นักวิเคราะห์นโยบายและแผน", "นายกเทศมนตรีตำบลตัวอย่าง"),
    ]
    found = read(word_of(TITLE, [FOUR, ONE], "", signed), "แผน.docx")
    assert titles(found) == [["ซักซ้อมการมอบหมาย"]]
    assert codes(found) == {"topics_unsaid"}


@pytest.mark.parametrize("measure", ["ผู้รายงานความก้าวหน้า", "ลงชื่อรับทราบประมวลจริยธรรม", "หมายเหตุประกอบงบ"])
def test_measures_that_begin_like_signatures_or_notes_are_measures(measure: str, tsv: Make) -> None:
    found = read(tsv(TITLE, measure, FOUR, ONE, (f"๒. {measure}", "", "", ""), (measure, *ONE[1:])))
    assert "\n".join(title for each in titles(found) for title in each).count(measure) == 2


@pytest.mark.parametrize(
    "head", [("เทศบาลตำบลตัวอย่าง", "", "", "", "หน้า ๒"), ("", "", "หน้า 2/5", "", ""), (TITLE, "", "", "", "")]
)
def test_the_head_of_a_page_inside_the_table_is_no_row(head: tuple[str, ...], tsv: Make) -> None:
    found = read(tsv(TITLE, FIVE, row()[:5], head, FIVE, row("การใช้งบประมาณ")[:5]))
    assert [one.indicator for one in found.rows] == [3, 2]
    assert codes(found) == set()


def test_months_that_are_headings_themselves_take_marks(word: Make) -> None:
    months = ("ต.ค.", "พ.ย.", "ธ.ค.", "ม.ค.", "ก.พ.", "มี.ค.")
    heads = ("มาตรการ", "ขั้นตอน", *months, "ผู้รับผิดชอบ")
    found = read(word([heads, ("อบรม", "เชิญ", "", "", "/", "/", "", "", "กองคลัง")], TITLE), "แผน.docx")
    window = found.rows[0].window
    assert window is not None
    assert (str(window.start), str(window.end)) == ("2025-12-01", "2026-01-31")


def test_a_window_into_the_next_year_does_not_move_the_plan(tsv: Make) -> None:
    found = read(tsv(TITLE, FOUR, (*ONE[:3], "เม.ย. ๖๙ และ ต.ค. ๖๙")))
    assert found.fiscal_year == 2569


def test_last_years_results_beside_this_years_measures_are_told(tsv: Make) -> None:
    results = (*FOUR, "ผลการดำเนินการ")
    found = read(tsv(TITLE, "ผลของปีก่อน", results, (*ONE[:3], "ม.ค. ๖๘", "แล้วเสร็จ"), "มาตรการ", FOUR, ONE))
    assert {"tables_mixed", "year_mismatch"} <= codes(found)


def test_what_is_counted_keeps_its_number(tsv: Make) -> None:
    [one] = read(tsv(TITLE, (*FOUR, "ตัวชี้วัดความสำเร็จ"), (*ONE, "๑ เว็บไซต์"))).rows
    assert one.targets == ("๑ เว็บไซต์",)


def test_a_table_of_tags_inside_a_text_is_read() -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in texts)}</tr>" for texts in (FOUR, ONE))
    found = read(f"{TITLE}\n<table border=1>{rows}</table>\nจึงประกาศมาเพื่อทราบ".encode())
    assert (titles(found), found.fiscal_year) == ([["ซักซ้อมการมอบหมาย"]], 2569)


def test_the_heads_of_a_form_are_no_value_of_it() -> None:
    form = [
        ("หัวข้อ", "รายละเอียด"),
        ("ชื่อมาตรการ", "ลดการใช้ดุลพินิจ"),
        ("ประเด็น", "การใช้อำนาจ"),
        ("วิธีการ", "ทำคู่มือ"),
        ("ผู้รับผิดชอบ", "สำนักปลัด"),
        ("ระยะเวลา", "ม.ค. ๖๙"),
    ]
    [one] = read(word_of(TITLE, form), "แผน.docx").rows
    assert (one.heading, one.indicator) == ("การใช้อำนาจ", 3)


def test_a_document_of_pictures_says_that_it_has_no_letters() -> None:
    [problem] = read(word_of(""), "แผน.docx").problems
    assert "ภาพสแกน" in problem.message.template


@pytest.mark.parametrize(
    "told",
    [
        "จากผลการประเมิน ITA ปี ๒๕๖๘ ได้คะแนน ๘๗.๕๐ คะแนน อยู่ในระดับ “ผ่าน”",
        "ผลการประเมินของหน่วยงาน ปี 2568 เท่ากับร้อยละ 87.50 ระดับผ่าน",
    ],
)
def test_a_total_in_a_sentence_is_read(told: str, tsv: Make) -> None:
    found = read(tsv(TITLE, told, FOUR, ONE))
    assert (found.scores.total, found.scores.level) == (87.5, "ผ่าน")


def test_the_score_of_one_indicator_is_no_total(tsv: Make) -> None:
    found = read(tsv(TITLE, "ผลการประเมินตัวชี้วัดการใช้อำนาจ ได้คะแนน 81.50 อยู่ในระดับดี", FOUR, ONE))
    assert (found.scores.total, found.scores.indicators) == (None, {3: 81.5})


def test_an_office_that_acts_with_others_is_no_other_office(tsv: Make) -> None:
    found = read(tsv(TITLE, FOUR, (*ONE[:2], "สำนักปลัด อบต. ร่วมกับทุกกอง", ONE[3])))
    assert "other_organisation" not in codes(found)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("หลัก: สำนักปลัด รอง: กองคลัง", ["สำนักปลัด", "กองคลัง"]),
        ("หน่วยงานหลัก สำนักปลัด หน่วยงานสนับสนุน กองคลัง", ["สำนักปลัด", "กองคลัง"]),
        ("สำนักปลัด ร่วมกับ กองคลัง", ["สำนักปลัด", "กองคลัง"]),
        ("กองคลัง โดยงานพัสดุ", ["กองคลัง"]),
        ("หน.สป., กองช่าง", ["สำนักปลัด", "กองช่าง"]),
        ("สปสช.", [None]),
    ],
)
def test_parts_played_and_short_names_are_known(text: str, meant: list[str | None]) -> None:
    assert [one.division for one in divisions.read(text).parts] == meant


def test_a_document_without_any_sara_am_is_mended_and_says_so(tsv: Make) -> None:
    found = read(
        tsv(
            "มาตรการส่งเสริมคุณธรรมและความโปร่งใส องค์การบริหารส่วนตาบลตัวอย่าง ประจาปีงบประมาณ พ.ศ. ๒๕๖๙",
            ("ลาดับ", "ตัวชี้วัด", "มาตรการ", "ขั้นตอนการดาเนินงาน", "ระยะเวลาดาเนินการ", "ผู้รับผิดชอบ"),
            ("๑", "การใช้อานาจ", "จัดทาคู่มือ", "ประชุม", "ตลอดปี", "สานักปลัด"),
        )
    )
    assert found.organisation == "องค์การบริหารส่วนตำบลตัวอย่าง"
    assert [(one.indicator, one.responsible[0].division) for one in found.rows] == [(3, "สำนักปลัด")]
    assert titles(found) == [["จัดทำคู่มือ"]]
    assert codes(found) == {"vowels_lost"}


LABELLED = (
    "๑. มาตรการเผยแพร่ข้อมูล",
    "ขั้นตอน/วิธีการ",
    "๑) กำหนดรายการ",
    "๒) ลงเว็บไซต์",
    "ผู้รับผิดชอบ : สำนักปลัด กองคลัง",
    "ระยะเวลา : ต.ค. ๖๘ - ก.ย. ๖๙",
    "การติดตามผล : ทุกไตรมาส",
    "๒. มาตรการงดรับของขวัญ",
    "ผู้รับผิดชอบ กองคลัง",
    "ระยะเวลา ไตรมาส ๒",
    "วิธีการ",
    "๑. ประกาศ",
    "๒. อบรม",
    "๓. มาตรการใช้รถราชการ",
    "วิธีการ: ทำทะเบียน",
    "ผู้รับผิดชอบ: กองช่าง",
    "จึงประกาศมาเพื่อทราบ",
)


def test_measures_in_labelled_lines_are_read_and_told() -> None:
    data = "\n".join((TITLE, *LABELLED)).encode()
    found = read(data)
    assert titles(found) == [["มาตรการเผยแพร่ข้อมูล"], ["มาตรการงดรับของขวัญ"], ["มาตรการใช้รถราชการ"]]
    assert [one.steps for one in found.rows] == [
        ("กำหนดรายการ", "ลงเว็บไซต์"),
        ("ประกาศ", "อบรม"),
        ("ทำทะเบียน",),
    ]
    assert [len(one.responsible) for one in found.rows] == [2, 1, 1]
    assert [one.window is None for one in found.rows] == [False, False, True]
    assert "read_from_text" in codes(found)
    assert [shown["measure"] for shown in sources.cells_of(data, "แผน.txt")][1] == "๒. มาตรการงดรับของขวัญ"


def test_labelled_results_below_their_indicators_are_read() -> None:
    lines = ("ตัวชี้วัดที่ 3 การใช้อำนาจ", "มาตรการ: อบรมผู้บริหาร", "ผู้รับผิดชอบ: กองคลัง", "ผลการดำเนินงาน:", "อบรมแล้ว")
    found = read(word_of(TITLE, *lines, "ตัวชี้วัดที่ 2 การใช้งบประมาณ", *lines[1:]), "แผน.docx")
    assert [(one.indicator, one.results) for one in found.rows] == [(3, ("อบรมแล้ว",)), (2, ("อบรมแล้ว",))]


def test_prose_with_a_label_or_none_is_no_plan(tsv: Make) -> None:
    prose = ("๑. ให้กองคลังเผยแพร่แผน", "๒. ให้ทุกกองจัดทำคู่มือ", "ผู้รับผิดชอบ: ปลัด", "จึงประกาศมาเพื่อทราบ")
    assert {one.code for one in read(tsv(TITLE, *prose)).problems} == {"no_plan_table"}


@pytest.mark.parametrize(
    "text", ["ต.ค. 68 - กนย. 69", "กนย. 68 - ก.ย. 69", "ตั้งแต่บัดนี้ถึง ก.ย. 69", "ต.ค. 68 ถึงสิ้นปี"]
)
def test_a_range_of_which_one_end_is_not_understood_is_asked_for(text: str) -> None:
    assert isinstance(windows.read(text, 2569), windows.Unclear)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("ต.ค, ๖๘ - ก,ย. ๖๙", ("2025-10-01", "2026-09-30")),
        ("ระหว่างวันที่ 1-5 ต.ค. 68", ("2025-10-01", "2025-10-05")),
        ("ก.พ, มี.ค. 69", ("2026-02-01", "2026-03-31")),
    ],
)
def test_months_with_commas_and_ranges_of_days_are_read(text: str, days: tuple[str, str]) -> None:
    window = windows.read(text, 2569)
    assert isinstance(window, windows.Window)
    assert (str(window.start), str(window.end)) == days


def test_numbers_of_a_section_of_a_law_are_no_items() -> None:
    assert len(cells.entries("ดำเนินการตามมาตรา 8 (1) (2) แห่งพระราชบัญญัติ")) == 1
    assert len(cells.entries("1. ตามข้อ 5 (1)\n2. เวียน")) == 2


def test_an_office_named_at_the_end_of_a_cell_does_not_run_into_the_next(tsv: Make) -> None:
    found = read(tsv(TITLE, FOUR, (*ONE[:2], "สำนักปลัด อบต.", ONE[3]), ("ลดดุลพินิจ", *ONE[1:])))
    assert "other_organisation" not in codes(found)


@pytest.mark.parametrize("text", ["01-10-2568 ถึง 31-12-2568", "1.10.2568 - 31.12.2568", "01/10/68-31/12/68"])
def test_days_in_figures_are_days_whatever_parts_them(text: str) -> None:
    window = windows.read(text)
    assert isinstance(window, windows.Window)
    assert (str(window.start), str(window.end)) == ("2025-10-01", "2025-12-31")


@pytest.mark.parametrize("note", ["หมายเหตุ : ปรับได้ตามความเหมาะสม", "รวม ๑ มาตรการ", "รวมทั้งสิ้น 1 โครงการ"])
def test_a_note_or_a_count_below_the_measures_is_no_row(note: str, tsv: Make) -> None:
    found = read(tsv(TITLE, FIVE, row()[:5], (note, "", "", "", "")))
    assert [one.indicator for one in found.rows] == [3]
    assert any(note[:8] in part.text for part in found.analysis)


def test_a_score_beside_its_indicator_in_the_plan_is_its_score(tsv: Make) -> None:
    found = read(tsv(TITLE, ("ตัวชี้วัด", "คะแนน", *FOUR), ("๓ การใช้อำนาจ", "ร้อยละ ๘๗.๕๐", *ONE)))
    assert (found.scores.indicators, codes(found)) == ({3: 87.5}, set())
    years = ("ตัวชี้วัด", "คะแนน ปี ๒๕๖๗", "คะแนน ปี ๒๕๖๘", *FOUR)
    compared = read(tsv(TITLE, years, ("๓ การใช้อำนาจ", "๘๐", "๘๗.๕๐", *ONE)))
    assert (compared.scores.indicators, codes(compared)) == ({}, {"text_lost"})


def test_a_list_of_people_below_the_plan_is_no_unread_plan(tsv: Make) -> None:
    people = (("ลำดับ", "ชื่อ - สกุล", "ตำแหน่ง"), ("๑", "นายสมมติ ตั้งใจ", "ปลัด"))
    assert codes(read(tsv(TITLE, FIVE, row()[:5], "คำสั่งแต่งตั้ง", *people))) == set()
