"""What was changed behind the product's back is found and named; what was not is not."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.deeds import give_reasons, prove
from tests.world import World, at
from tracker import journal, storage
from tracker.actions import reporting
from tracker.database import db
from tracker.groups import Group
from tracker.models import Evidence, Plan, Task
from tracker.operations import backup, verifying
from tracker.operations.findings import Level
from tracker.rules.permissions import SYSTEM
from tracker.rules.report_inputs import Signed

NOW = at("2026-10-20")


@pytest.fixture
def lived(world: World) -> World:
    """The small world with a plan, two proofs, a source document and a closed report."""
    world.adopted_plan([(1, range(2), date(2025, 10, 1), date(2026, 9, 30))])
    with world.read():
        item = db.session.scalars(select(Task.item_id)).first() or 0
        db.session.rollback()
    for name in ("one.pdf", "two.pdf"):
        prove(world, Group(item, world.division_ids[0], 1), name)
    unsigned = Signed(document_number="", signed_on=None, signer="", position="")
    digest = storage.keep_source(b"a plan as it was uploaded")
    with world.write():
        plan = db.session.scalars(select(Plan)).one()
        plan.source_sha256 = digest
        give_reasons(plan, NOW, world.actor("coordinator", NOW))
        reporting.close(plan, unsigned, now=NOW, by=SYSTEM)
        journal.record("test.done", "plan", 1, now=NOW, by=SYSTEM)
    db.session.remove()
    return world


def change(world: World, *statements: str) -> None:
    """Do what nobody may, with SQL of one's own."""
    db.session.remove()
    db.engine.dispose()
    path = world.app.extensions["tracker.config"].data / "tracker.db"
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def faults() -> list[str]:
    """Each fault; the last line says how many there are, or that there is none."""
    *told, last = verifying.verify()
    found = [str(finding.message) for finding in told if finding.level is Level.BAD]
    assert last.level is (Level.BAD if found else Level.GOOD)
    assert not found or f"พบข้อผิดพลาด {len(found)} ข้อ" in str(last.message)
    return found


def test_what_was_never_touched_has_no_fault(lived: World) -> None:
    assert faults() == []
    [finding] = verifying.verify()
    assert finding.level is Level.GOOD
    assert finding.message.values["reports"] == 1
    assert finding.message.values["files"] == 2


SWAP = (
    "UPDATE journal_entry SET number = -1 WHERE number = 3",
    "UPDATE journal_entry SET number = 3 WHERE number = 5",
    "UPDATE journal_entry SET number = 5 WHERE number = -1",
)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (("UPDATE journal_entry SET deed = 'x' WHERE number = 3",), ["รายการที่ 3 ถูกแก้ไข"]),
        (("UPDATE journal_entry SET details = '{\"x\": 1}' WHERE number = 7",), ["รายการที่ 7 ถูกแก้ไข"]),
        (("DELETE FROM journal_entry WHERE number = 3",), ["ขาดรายการที่ 3 ถึง 3"]),
        (("DELETE FROM journal_entry WHERE number BETWEEN 3 AND 5",), ["ขาดรายการที่ 3 ถึง 5"]),
        (("DELETE FROM journal_entry WHERE number = 1",), ["ขาดรายการที่ 1 ถึง 1"]),
        (SWAP, ["รายการที่ 3 เดิมคือรายการที่ 5", "รายการที่ 5 เดิมคือรายการที่ 3"]),
        (
            ("DELETE FROM journal_entry WHERE number = (SELECT max(number) FROM journal_entry)",),
            ["ท้ายบันทึกถูกลบ"],
        ),
        (("DELETE FROM journal_entry",), ["ท้ายบันทึกถูกลบ"]),
    ],
)
def test_a_change_of_the_journal_is_named(lived: World, statements: tuple[str, ...], told: list[str]) -> None:
    change(lived, *statements)
    found = faults()
    assert all(any(words in fault for fault in found) for words in told), found
    assert all(lived.slug in fault for fault in found)
    if statements != SWAP:
        assert len(found) == len(told)


def test_a_journal_that_was_written_anew_is_found_by_the_backup_that_knew_it(lived: World) -> None:
    """The whole chain is made anew after the change, the organisation's own note of its end included."""
    folder = lived.app.extensions["tracker.config"].backup_folder
    file, _ = backup.make(folder, now=NOW)
    with lived.write():
        head, entries = journal.current_organisation(), []
        entries = list(db.session.scalars(select(journal.JournalEntry).order_by(journal.JournalEntry.number)))
        last = ""
        for entry in entries:
            if entry.number == 3:
                entry.deed = "something.else"
            entry.previous_hash = last
            last = entry.hash = journal.entry_hash(entry, lived.organisation_id)
        head.journal_hash = last
    db.session.remove()
    [fault] = faults()
    assert file.name in fault
    file.unlink()
    assert faults() == []


def lose_a_file(world: World, path: Path) -> str:
    path.unlink()
    return "หายไป"


def change_a_file(world: World, path: Path) -> str:
    path.write_bytes(path.read_bytes() + b" ")
    return "ถูกเปลี่ยนเนื้อหา"


@pytest.mark.parametrize("spoil", [lose_a_file, change_a_file])
def test_a_changed_or_lost_evidence_file_is_named(lived: World, spoil: Callable[[World, Path], str]) -> None:
    with lived.read():
        evidence = db.session.scalars(select(Evidence)).first()
        assert evidence is not None
        number, path = evidence.id, storage.path_of(str(evidence.storage_name))
        db.session.remove()
    words = spoil(lived, path)
    [fault] = faults()
    assert words in fault
    assert f"เลขที่ {number} " in fault


def test_a_changed_report_source_or_reference_is_named(lived: World) -> None:
    data = lived.app.extensions["tracker.config"].data
    [source] = (data / "sources").iterdir()
    source.write_bytes(b"another plan")
    change(lived, "UPDATE report SET frozen = frozen || ' '", "UPDATE task SET plan_id = 999 WHERE id = 1")
    found = faults()
    assert [
        word
        for word in ("รายงาน annual ฉบับที่ 1", source.name, "ตาราง task แถว 1")
        if not any(word in f for f in found)
    ] == []
    assert len(found) == 3


def test_a_file_that_no_row_knows_is_told_and_is_no_fault(lived: World) -> None:
    orphan = lived.app.extensions["tracker.config"].evidence_folder / "ab" / ("ab" * 16)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"never sent")
    assert [finding.level for finding in verifying.verify()] == [Level.GOOD]
    source = lived.app.extensions["tracker.config"].data / "sources" / ("c" * 64)
    source.write_bytes(b"thrown away")
    for path in (orphan, source):
        os.utime(path, (0, 0))
    found = list(verifying.verify())
    assert [finding.level for finding in found] == [Level.DOUBTFUL, Level.DOUBTFUL, Level.GOOD]
    assert orphan.name in str(found[0].message)
    assert source.name in str(found[1].message)


def test_a_damaged_database_file_is_told(lived: World) -> None:
    change(lived, "VACUUM", "PRAGMA journal_mode=DELETE")
    path = lived.app.extensions["tracker.config"].data / "tracker.db"
    data = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        page = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'calendar_day'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)
    assert any("เสียหาย" in fault for fault in faults())
