from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import at
from tracker.rules.meeting import Due, Matter, MeetingInputs, compose_meeting
from tracker.rules.report import AnnualReport
from tracker.writing import pdf


def opened(written: bytes) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(written)


def pages(written: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in opened(written)]


def squeezed(text: str) -> str:
    # PDFium puts U+FFFE for a hyphen at the end of a line.
    return re.sub(r"\s", "", text.replace("\ufffe", "-"))


def texts(report: AnnualReport) -> list[str]:
    told = [
        report.title,
        report.organisation,
        report.document,
        report.opening,
        report.as_of,
        *report.signature,
    ]
    told += [
        report.summary.sentence,
        *(text for bar in report.summary.bars for text in (bar.division, bar.label)),
    ]
    told += [
        *report.results.columns,
        *(text for row in report.results.rows for text in (*row.cells, row.evidence)),
    ]
    for table in (report.problems, report.unfinished):
        told += [table.heading, *table.columns, *(text for row in table.rows for text in row)]
    for proof in report.annex.proofs:
        told += [proof.number, proof.caption, proof.file_name, proof.day, proof.sha256]
    return told


@pytest.fixture(scope="module")
def written(report: AnnualReport) -> bytes:
    return pdf.write(report)


def test_every_text_of_the_report_can_be_copied_from_the_pdf(report: AnnualReport, written: bytes) -> None:
    copied = squeezed("".join(pages(written)))
    # Line by line: between two lines a tall row may go on behind the foot and the head of a page.
    lines = [line for text in texts(report) for line in text.split("\n")]
    assert [line for line in lines if squeezed(line) not in copied] == []
    assert "#panic()*x*@ref$x$<b>หนา</b>&{{7*7}}" in copied


def test_months_numbers_and_abbreviations_stay_on_one_line(report: AnnualReport) -> None:
    windows = ("ต.ค. ๖๘ - มี.ค. ๖๙", "มิ.ย. - ก.ย. ๖๙", "๑๑ เม.ย. ๒๕๖๙ - ๑๒ พ.ค. ๒๕๖๙", "ก.พ. ๖๙ ตามแบบ ป.ป.ช.")
    rows = tuple(
        replace(row, window=window) for row, window in zip(report.results.rows, windows, strict=False)
    )
    lines = "\n".join(pages(pdf.write(replace(report, results=replace(report.results, rows=rows)))))
    shown = [line.strip() for line in lines.replace("\r", "\n").split("\n")]
    for whole in ("มี.ค. ๖๙", "ก.ย. ๖๙", "๑๑ เม.ย. ๒๕๖๙", "๑๒ พ.ค. ๒๕๖๙", "ป.ป.ช."):
        assert [line for line in shown if whole in line], whole
    assert [line for line in shown if re.match(r"\.[ก-ฮ]|[ก-ฮ]\.[ก-ฮ]?$", line)] == []
    # A number is not parted from its decimals either.
    assert [line for line in shown if re.search(r"[0-9๐-๙]\.$", line)] == []


def test_pages_are_landscape_numbered_in_thai_and_repeat_the_header(
    report: AnnualReport, written: bytes
) -> None:
    document = opened(written)
    assert all(round(page.get_width()) == 842 and round(page.get_height()) == 595 for page in document)
    every = pages(written)
    thai = "๐๑๒๓๔๕๖๗๘๙"
    for place, text in enumerate(every, 1):
        assert f"หน้า{thai[place]}จาก{thai[len(every)]}" in squeezed(text)
    headed = [squeezed("".join(report.results.columns[-2:])) in squeezed(text) for text in every]
    assert sum(headed) >= 3


def test_arabic_page_numbers_where_the_organisation_wants_them(report: AnnualReport) -> None:
    last = pages(pdf.write(replace(report, thai_digits=False)))[-1]
    assert re.search(r"หน้า(\d+)จาก\1", squeezed(last))


def test_only_a_draft_is_marked(draft: AnnualReport, written: bytes) -> None:
    assert all("ฉบับร่าง" in squeezed(text) for text in pages(pdf.write(draft)))
    assert "ฉบับร่าง" not in squeezed("".join(pages(written)))


def test_the_same_value_gives_the_same_bytes(report: AnnualReport, written: bytes) -> None:
    assert pdf.write(report) == written


def test_the_file_tells_title_language_time_and_standards(report: AnnualReport, written: bytes) -> None:
    assert opened(written).get_metadata_dict()["Title"] == report.title
    assert b"20261104034207" in written
    for standard in (b"<pdfaid:part>2<", b"<pdfaid:conformance>A<", b"<pdfuaid:part>1<"):
        assert standard in written
    assert re.search(rb"/Lang ?\(th", written)


def test_a_row_taller_than_a_page_goes_on_and_nothing_leaves_the_paper(
    with_result: Callable[[str], AnnualReport],
) -> None:
    sentences = [f"ครั้งที่ {number} จัดประชุมชี้แจงขั้นตอนการให้บริการ" for number in range(120)]
    written = pdf.write(with_result("\n".join([*sentences, "ก" * 300, "A-" * 200])))
    copied = squeezed("".join(pages(written)))
    assert all(squeezed(sentence) in copied for sentence in sentences)
    for page in opened(written):
        text = page.get_textpage()
        for place in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(place)
            assert 0 <= left <= right <= page.get_width()
            assert 0 <= bottom <= top <= page.get_height()


def test_signs_that_the_font_lacks_do_not_stop_the_report(with_result: Callable[[str], AnnualReport]) -> None:
    copied = squeezed("".join(pages(pdf.write(with_result("สำเร็จ 😀 ครั้งที่ \uf70a 1 \x00\x01\ud800 จบ")))))
    assert "สำเร็จ" in copied
    assert "จบ" in copied


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(
        "กขฃคงจฉชซญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลวศษสหฬอฮะาเแโใไๆฯ ่้๊๋็์ิีึืุูัำ๑๒๓ abcXYZ012#$*_@<>&{}[]()\\`~=+/'\"!?%",
        max_size=120,
    )
)
def test_any_text_opens_and_is_held(with_result: Callable[[str], AnnualReport], text: str) -> None:
    report = with_result(text)
    copied = squeezed("".join(pages(pdf.write(report))))
    # The order of stray marks is the reader's affair; which signs are there is not.
    assert sorted(squeezed(text)) == sorted(copied_of(report, copied))


def copied_of(report: AnnualReport, copied: str) -> str:
    before, after = squeezed(report.results.rows[0].window), squeezed(report.results.rows[0].evidence)
    start = copied.index(before, copied.index(squeezed(report.results.columns[-1]))) + len(before)
    return copied[start : copied.index(after, start)]


def test_a_process_that_fails_or_hangs_is_told_in_a_sentence(report: AnnualReport) -> None:
    with pytest.raises(pdf.NotTypeset, match="ไม่เสร็จใน"):
        pdf.write(report, seconds=0.001)
    with pytest.raises(pdf.NotTypeset, match="ทำไฟล์ PDF ไม่ได้") as told:
        pdf.write(replace(report, page_of_pages=None))  # type: ignore[arg-type]
    assert "TypstError" in str(told.value.__cause__)


@pytest.mark.parametrize(("divisions", "matters"), [(6, 3), (12, 9)])
def test_the_sheet_of_a_meeting_is_one_page_however_much_is_late(divisions: int, matters: int) -> None:
    title = "ประกาศเจตนารมณ์ไม่รับของขวัญและของกำนัลทุกชนิดจากการปฏิบัติหน้าที่ (No Gift Policy)"
    kinds: tuple[Matter, ...] = ("late", "due", "waiting")
    dues = [Due(title, 1, date(2025, 12, 31), kind) for _ in range(matters) for kind in kinds]
    told = [(f"กองการศึกษา ศาสนาและวัฒนธรรม {number}", dues) for number in range(divisions)]
    inputs = MeetingInputs("เทศบาลตำบลตัวอย่าง", 2569, at("2026-02-18"), told, thai_digits=True)
    assert len(opened(pdf.write(compose_meeting(inputs)))) == 1


@pytest.mark.parametrize("rows", range(14, 20, 2))
def test_the_signature_never_stands_alone_on_a_page(report: AnnualReport, rows: int) -> None:
    told = [(f"จัดเวทีชี้แจงรอบที่ {row}", "4", "สำนักปลัด", "ยกเลิก", "งบไม่พอ") for row in range(rows)]
    table = replace(report.unfinished, rows=tuple(told))
    found = [page for page in pages(pdf.write(replace(report, unfinished=table))) if "ลงชื่อ" in page]
    assert squeezed(told[-1][0]) in squeezed("".join(found))


def test_a_word_of_the_office_is_not_broken_at_the_end_of_a_line(
    with_result: Callable[[str], AnnualReport],
) -> None:
    words = ("คุณภาพ", "สื่อสาร", "ภายใน", "บุคลากร", "ผู้ปกครอง", "ผู้รับบริการ", "ผู้รับผิดชอบ", "ที่ทำการ")
    sentences = [f"แจ้ง{'นาน' * push}{word}" for word in words for push in range(4, 12)]
    copied = "".join(pages(pdf.write(with_result("\n".join(sentences)))))
    cuts = [(word[:place], word[place:]) for word in words for place in range(1, len(word))]
    assert [cut for cut in cuts if "\r\n".join(cut) in copied] == []


def test_the_abbreviation_in_a_centred_title_stands_in_the_middle_of_its_spaces(written: bytes) -> None:
    page = opened(written)[0].get_textpage()
    found = page.search("งบประมาณ พ.ศ. ").get_next()
    assert found is not None
    last, first, dot, digit = (page.get_charbox(found[0] + place) for place in (7, 9, 12, 14))
    before, after = first[0] - last[2], digit[0] - dot[2]
    # In points, of a space that is 4 wide.
    assert abs(before - after) < 2, (before, after)
