"""The sheet of the staff meeting: a row a division, an empty column, never more lines than a page holds."""

from __future__ import annotations

import unicodedata
from datetime import date

from tests.world import at
from tracker.rules.meeting import Due, MeetingInputs, compose_meeting
from tracker.rules.paper import Grid, Prose

NOW = at("2026-02-18")


def due(n: int, matter: str = "late", day: date = date(2025, 12, 31), more: int = 0) -> Due:
    return Due(f"จัดทำคู่มือ {n}", more, day, matter)  # type: ignore[arg-type]


def test_each_division_has_a_row_with_room_to_write() -> None:
    paper = compose_meeting(
        MeetingInputs(
            "อบต.ตัวอย่าง",
            2569,
            NOW,
            [
                ("สำนักปลัด", [due(1, more=2), due(2, "due", date(2026, 2, 28))]),
                ("กองคลัง", []),
                ("กองช่าง", [due(3, "waiting")]),
            ],
        )
    )
    grid, clear = paper.blocks
    assert isinstance(grid, Grid)
    assert grid.rows == (
        (
            "สำนักปลัด",
            "1. จัดทำคู่มือ 1 (+2) · 31 ธ.ค. 2568 เกิน 49 วัน",
            "1. จัดทำคู่มือ 2 · 28 ก.พ. 2569",
            "-",
            "",
        ),
        ("กองช่าง", "-", "-", "1. จัดทำคู่มือ 3 · 31 ธ.ค. 2568", ""),
    )
    assert isinstance(clear, Prose)
    assert clear.paragraphs == ("ไม่มีเรื่องค้าง: กองคลัง",)


def test_the_oldest_come_first_and_the_rest_is_counted() -> None:
    dues = [due(n, day=date(2026, 1, n)) for n in range(30, 0, -1)]
    grid = compose_meeting(MeetingInputs("ก", 2569, NOW, [(f"กอง {n}", dues) for n in range(8)])).blocks[0]
    assert isinstance(grid, Grid)
    lines = grid.rows[0][1].split("\n")
    assert lines[0].startswith("1. จัดทำคู่มือ 1 ")
    assert lines[-1] == f"และอีก {30 - len(lines) + 1} เรื่อง"


def test_nothing_to_speak_of_is_said() -> None:
    paper = compose_meeting(MeetingInputs("ก", 2569, NOW, [("กองคลัง", [])]))
    (grid,) = paper.blocks
    assert isinstance(grid, Grid)
    assert not grid.rows
    assert "ไม่มีเรื่องเกินกำหนด" in grid.empty


def long_due(n: int, matter: str) -> Due:
    title = f"ประกาศเจตนารมณ์ไม่รับของขวัญและของกำนัลทุกชนิดจากการปฏิบัติหน้าที่ ครั้งที่ {n} ประจำปี"
    return Due(title, 1, date(2025, 12, 31), matter)  # type: ignore[arg-type]


def rows_of(divisions: int, dues: list[Due]) -> tuple[tuple[str, ...], ...]:
    told = [(f"กองส่งเสริมการเกษตรที่ {n}", dues) for n in range(divisions)]
    grid = compose_meeting(MeetingInputs("ก", 2569, NOW, told)).blocks[0]
    assert isinstance(grid, Grid)
    return grid.rows


def test_few_matters_keep_long_titles_and_many_give_way_to_one_page() -> None:
    few = rows_of(3, [long_due(1, "late")])[0][1]
    assert "จากการปฏิบัติ" in few
    many = rows_of(6, [long_due(n, kind) for n in range(4) for kind in ("late", "due", "waiting")])[0][1]
    assert "จากการปฏิบัติ" not in many
    assert "และอีก" in many


def test_so_many_divisions_that_nothing_else_fits_are_told_by_number() -> None:
    rows = rows_of(12, [long_due(n, kind) for n in range(9) for kind in ("late", "due", "waiting")])
    assert rows[0][1:4] == ("9 เรื่อง",) * 3


def test_no_title_loses_the_mark_of_its_last_letter() -> None:
    for length in range(10, 60):
        title = "ก" * length + "ที่นี่มีเสียงเอกทุกคำที่สั่งให้ทำ" * 3
        cut = compose_meeting(
            MeetingInputs("ก", 2569, NOW, [("กองคลัง", [Due(title, 0, date(2025, 12, 31), "late")])])
        ).blocks[0]
        assert isinstance(cut, Grid)
        kept = cut.rows[0][1].partition("1. ")[2].partition("…")[0]
        assert title.startswith(kept)
        assert unicodedata.category(title[len(kept)]) != "Mn"
