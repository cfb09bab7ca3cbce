"""The ends of the journals, noted daily in a file: a witness against a journal that was written anew."""

from __future__ import annotations

from datetime import date, timedelta

from tests.operations.test_verifying import NOW, change, faults
from tests.world import World
from tracker import journal
from tracker.database import db
from tracker.models import JournalEntry
from tracker.operations import anchors, backup
from tracker.rules.permissions import SYSTEM

DAY = date(2026, 11, 2)


def test_a_day_is_noted_once(world: World) -> None:
    assert [anchors.note(DAY), anchors.note(DAY), anchors.note(date(2026, 11, 3))] == [True, False, True]
    assert len(anchors.file().read_text().splitlines()) == 2
    [(_name, heads), _] = anchors.noted()
    with world.read():
        entries = db.session.query(JournalEntry).order_by(JournalEntry.number).all()
        head = heads[world.organisation_id]
        assert (head.length, head.hash) == (len(entries), entries[-1].hash)


def test_a_journal_that_went_on_has_no_fault(world: World) -> None:
    anchors.note(DAY)
    with world.write():
        journal.record("mail.tested", "plan", 1, now=NOW, by=SYSTEM)
    assert faults() == []


def test_a_journal_written_anew_with_all_its_hashes_is_found(world: World) -> None:
    anchors.note(DAY)
    with world.read():
        last = db.session.query(JournalEntry).order_by(JournalEntry.number.desc()).first()
        assert last is not None
        number, last.actor = last.number, "user:999"
        written = journal.entry_hash(last, world.organisation_id)
        db.session.rollback()
    change(
        world,
        f"UPDATE journal_entry SET actor = 'user:999', hash = '{written}' WHERE number = {number}",
        f"UPDATE organisation SET journal_hash = '{written}'",
    )
    [fault] = faults()
    assert f"รายการที่ {number} ไม่ตรงกับที่จดไว้ใน anchors.jsonl 2026-11-02" in fault


def test_a_journal_cut_short_with_its_head_is_found(world: World) -> None:
    anchors.note(DAY)
    change(
        world,
        "UPDATE organisation SET journal_length = journal_length - 1, journal_hash = "
        "(SELECT previous_hash FROM journal_entry ORDER BY number DESC LIMIT 1)",
        "DELETE FROM journal_entry WHERE number = (SELECT max(number) FROM journal_entry)",
    )
    assert len(faults()) == 1


def test_what_was_noted_of_a_history_that_was_given_up_is_put_aside(world: World) -> None:
    folder = world.app.extensions["tracker.config"].backup_folder
    file, _ = backup.make(folder, now=NOW)
    with world.write():
        journal.record("mail.tested", "plan", 1, now=NOW, by=SYSTEM)
    anchors.note(DAY)
    backup.make(folder, now=NOW + timedelta(hours=1))
    backup.restore(file, force=True, now=NOW + timedelta(days=2))
    assert faults() == []
    assert not anchors.file().exists()
    assert len(list(folder.glob(f"before-restore-*/{anchors.NAME}"))) == 1


def test_a_line_that_a_crash_cut_off_harms_nothing(world: World) -> None:
    anchors.note(DAY)
    with anchors.file().open("a") as lines:
        lines.write('{"on": "2026-11-\n[]\n{"on": "2026-11-03"}\n')
    assert len(list(anchors.noted())) == 1
    assert faults() == []
