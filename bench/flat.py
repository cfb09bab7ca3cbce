"""A day's decision for the same work that is due, out of ten thousand, fifty thousand and a million tasks."""

from __future__ import annotations

import sqlite3
from datetime import date
from time import perf_counter

from bench.installation import Installation, installation
from tracker.actions import reminding
from tracker.database import db, organisation_scope

DIVISIONS, ITEMS, MEASURES = 5, 17, 2
SIZES = (10_000, 50_000, 1_000_000)
DAY = date(2026, 1, 5)
REPEAT = 15


def main() -> None:
    with installation(1, DIVISIONS, ITEMS, measures=MEASURES) as place:
        first = None
        for size in SIZES:
            _grow(place, size)
            took, due = _decide(place)
            first = first or took
            share = took / first
            print(
                f"{due} stages due out of {size:>9} tasks: {took * 1000:7.1f} ms, {share:5.2f} of the first"
            )


def _decide(place: Installation) -> tuple[float, int]:
    """The best time of deciding the day, in seconds, and how many ledger rows it would write."""
    best, due = float("inf"), 0
    with organisation_scope(place.organisation_id):
        for _ in range(REPEAT):
            begun = perf_counter()
            due = len(reminding.forecast([DAY])[0].entries)
            best = min(best, perf_counter() - begun)
            db.session.rollback()
    return best, due


def _grow(place: Installation, size: int) -> None:
    """Add closed plans of earlier years, all of them approved, until the organisation has that many tasks."""
    db.session.remove()
    db.engine.dispose()
    with sqlite3.connect(place.config.data / "tracker.db") as connection:
        have, plan = connection.execute("SELECT count(*), min(plan_id) FROM task").fetchone()
        year = connection.execute("SELECT min(fiscal_year) FROM plan").fetchone()[0]
        for copy in range(-(-(size - have) // 50_000)):
            _add_plan(connection, plan, year - 1 - copy, min(50_000, size - have - copy * 50_000))


def _add_plan(connection: sqlite3.Connection, plan: int, year: int, tasks: int) -> None:
    new_plan = _copied(connection, "plan", f"id = {plan}", {"fiscal_year": str(year), "state": "'closed'"})
    item = connection.execute("SELECT min(id) FROM plan_item WHERE plan_id = ?", [plan]).fetchone()[0]
    new_item = _copied(connection, "plan_item", f"id = {item}", {"plan_id": str(new_plan)})
    measure = connection.execute("SELECT min(id) FROM measure WHERE item_id = ?", [item]).fetchone()[0]
    first = connection.execute("SELECT max(id) FROM measure").fetchone()[0] + 1
    number = "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {}) "
    names = _columns(connection, "measure")
    values = {"id": f"{first} + n.n", "item_id": str(new_item), "number": "n.n + 1"}
    connection.execute(
        f"{number.format(-(-tasks // 20) - 1)} INSERT INTO measure ({', '.join(names)}) "
        f"SELECT {', '.join(values.get(name, f'm.{name}') for name in names)} FROM measure m, n WHERE m.id = {measure}"
    )
    names = [name for name in _columns(connection, "task") if name != "id"]
    values = {
        "plan_id": str(new_plan),
        "item_id": str(new_item),
        "measure_id": f"{first} + n.n",
        "state": "'approved'",
        "due_on": f"date(t.due_on, '-{100 + year % 50} years')",
    }
    connection.execute(
        f"{number.format(-(-tasks // 20) - 1)} INSERT INTO task ({', '.join(names)}) "
        f"SELECT {', '.join(values.get(name, f't.{name}') for name in names)} "
        f"FROM task t, n WHERE t.item_id = {item} AND t.measure_id = {measure} LIMIT {tasks}"
    )


def _copied(connection: sqlite3.Connection, table: str, which: str, values: dict[str, str]) -> int:
    names = [name for name in _columns(connection, table) if name != "id"]
    row = connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) "
        f"SELECT {', '.join(values.get(name, name) for name in names)} FROM {table} WHERE {which}"
    )
    assert row.lastrowid is not None
    return row.lastrowid


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


if __name__ == "__main__":
    main()
