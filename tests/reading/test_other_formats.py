"""The same plan from a web page, comma-separated text and a workbook."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import Workbook

from tests.reading.conftest import OFFICIAL
from tracker.errors import Unreadable
from tracker.reading import plan
from tracker.reading.values import ReadPlan

TITLE = "มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. ๒๕๖๙"
FIRST = ("๑. การปฏิบัติหน้าที่", "๑. จัดทำคู่มือ\n๒. อบรม", "๑. ร่าง", "ไตรมาส ๑ - ๔", "กองคลัง", "ทุกไตรมาส")
SECOND = ("", "๓. ประเมินผล", "๑. สำรวจ", "มี.ค. ๖๙", "สำนักปลัด", "รอบ ๖ เดือน")


def check(read: ReadPlan) -> None:
    assert (read.kind, read.fiscal_year) == ("plan", 2569)
    assert [row.indicator for row in read.rows] == [1, 1]
    assert [[one.title for one in row.measures] for row in read.rows] == [["จัดทำคู่มือ", "อบรม"], ["ประเมินผล"]]
    assert [[one.division for one in row.responsible] for row in read.rows] == [["กองคลัง"], ["สำนักปลัด"]]
    assert [len(row.window.quarters) for row in read.rows if row.window] == [4, 1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp874"])
def test_a_csv_is_read(delimiter: str, encoding: str) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([(TITLE,), OFFICIAL, FIRST, SECOND])
    check(plan.read(stream.getvalue().encode(encoding), "แผน.csv"))


def test_a_workbook_with_merged_cells_is_read() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in ((TITLE,), OFFICIAL, FIRST, SECOND):
        page.append(row)
    page.merge_cells("A3:A4")
    page.merge_cells("A1:F1")
    stream = io.BytesIO()
    book.save(stream)
    check(plan.read(stream.getvalue(), "แผน.xlsx"))


def test_a_page_with_spans_is_read() -> None:
    def cells(texts: tuple[str, ...], tag: str = "td") -> str:
        return "".join(f"<{tag}>{text.replace(chr(10), '<br>')}</{tag}>" for text in texts)

    page = (
        f"<html><head><title>x</title><script>1</script></head><body><h1>{TITLE}</h1><table><tr>{cells(OFFICIAL, 'th')}"
        f"</tr><tr><td "
        f"rowspan=2>{FIRST[0]}</td>{cells(FIRST[1:])}</tr><tr>{cells(SECOND[1:])}</tr></table></body></html>"
    )
    check(plan.read(page.encode(), "แผน.html"))


def test_a_page_of_tables_without_end_is_refused() -> None:
    with pytest.raises(Unreadable):
        plan.read(b"<table><tr><td>" * 100, "a.html")
