"""The sheet of the staff meeting: a row a division, an empty column, never more lines than a page holds."""

from __future__ import annotations

from datetime import date

from tests.world import at
from tracker.rules.meeting import Due, MeetingInputs, compose_meeting
from tracker.rules.paper import Grid, Prose

NOW = at("2026-02-18")


def due(n: int, matter: str = "late", day: date = date(2025, 12, 31), more: int = 0) -> Due:
    return Due(f"จัดทำคู่มือ {n}", more, 1, day, matter)  # type: ignore[arg-type]


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
            "1. จัดทำคู่มือ 1 (+2) · ไตรมาส 1 · 31 ธ.ค. 2568 เกิน 49 วัน",
            "1. จัดทำคู่มือ 2 · ไตรมาส 1 · 28 ก.พ. 2569",
            "-",
            "",
        ),
        ("กองช่าง", "-", "-", "1. จัดทำคู่มือ 3 · ไตรมาส 1 · 31 ธ.ค. 2568", ""),
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
