"""Old entries go behind a sealed checkpoint, and the journal that is left is still whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, text

from tests.world import FOUNDED, World, at
from tracker import journal
from tracker.app import Tracker
from tracker.cli import main
from tracker.database import across_organisations, db, writing
from tracker.errors import Refused
from tracker.models import JournalCheckpoint, JournalEntry
from tracker.operations import anchors, purging, verifying
from tracker.operations.findings import Level
from tracker.rules.permissions import SYSTEM

LATER = at("2029-01-05")


@pytest.fixture(params=["sqlite", "postgresql"])
def lived(request: pytest.FixtureRequest) -> World:
    """The small world, with five entries of three years after it was founded."""
    name = "app" if request.param == "sqlite" else "postgres_app"
    app: Tracker = request.getfixturevalue(name)
    world = World(app)
    with world.write():
        for number in range(5):
            journal.record("user.signed_in", "user", number, now=LATER, by=SYSTEM)
    return world


def numbers(world: World) -> list[int]:
    with world.read():
        db.session.rollback()
        found = list(db.session.scalars(select(JournalEntry.number).order_by(JournalEntry.number)))
        db.session.rollback()
    return found


def faults() -> list[str]:
    *told, _ = verifying.verify()
    found = [str(one.message) for one in told if one.level is Level.BAD]
    db.session.rollback()
    return found


def change(statement: str, **values: object) -> None:
    with across_organisations("test"), writing():
        db.session.execute(text(statement), values)


def test_old_entries_go_and_what_is_left_is_whole(lived: World) -> None:
    before = numbers(lived)
    assert purging.purge(2, now=LATER) == {lived.slug: len(before) - 5}
    left = numbers(lived)
    assert left == [*before[-5:], before[-1] + 1]
    assert faults() == []
    with lived.read():
        last = db.session.scalars(select(JournalEntry).order_by(JournalEntry.number.desc())).first()
        assert last is not None
        assert (last.deed, last.details) == ("journal.cut", {"until": left[0] - 1})
        db.session.rollback()
    assert purging.purge(2, now=LATER) == {lived.slug: 0}
    assert numbers(lived) == left
    with lived.write():
        journal.record("user.signed_in", "user", 1, now=LATER, by=SYSTEM)
    assert faults() == []


def test_a_journal_of_old_entries_alone_keeps_the_note_of_the_cut(lived: World) -> None:
    length = len(numbers(lived))
    assert purging.purge(1, now=at("2035-01-01")) == {lived.slug: length}
    assert numbers(lived) == [length + 1]
    assert faults() == []
    assert purging.purge(1, now=at("2035-01-02")) == {lived.slug: 0}


def test_a_cut_without_its_checkpoint_or_a_forged_one_is_found(lived: World) -> None:
    purging.purge(2, now=LATER)
    change("UPDATE journal_checkpoint SET seal = :seal", seal="0" * 64)
    [fault] = faults()
    assert "ถูกปลอม" in fault
    change("DELETE FROM journal_checkpoint")
    [fault] = faults()
    assert "ขาดรายการที่ 1" in fault


def test_a_deeper_cut_cannot_use_the_seal_of_another_place(lived: World) -> None:
    purging.purge(2, now=LATER)
    first, second = numbers(lived)[:2]
    with across_organisations("test"), writing():
        hash_ = db.session.scalars(select(JournalEntry.hash).where(JournalEntry.number == first)).one()
        db.session.execute(delete(JournalEntry).where(JournalEntry.number == first))
        one = db.session.scalars(select(JournalCheckpoint)).one()
        one.number, one.hash = first, hash_
    assert numbers(lived)[0] == second
    [fault] = faults()
    assert "ถูกปลอม" in fault


def test_a_journal_begun_anew_before_its_checkpoint_is_found(lived: World) -> None:
    purging.purge(2, now=LATER)
    change("DELETE FROM journal_entry")
    change("UPDATE organisation SET journal_length = 0, journal_hash = ''")
    with lived.write():
        journal.record("user.signed_in", "user", 1, now=LATER, by=SYSTEM)
    [fault] = faults()
    assert "ก่อนจุดตัด" in fault


def test_an_older_checkpoint_does_not_stand_for_a_younger_one(lived: World) -> None:
    purging.purge(3, now=at("2029-01-05"))
    older = numbers(lived)[0] - 1
    with lived.write():
        journal.record("user.signed_in", "user", 1, now=at("2033-01-05"), by=SYSTEM)
    purging.purge(2, now=at("2033-01-06"))
    assert faults() == []
    change("DELETE FROM journal_checkpoint WHERE number > :older", older=older)
    [fault] = faults()
    assert "ขาดรายการที่ 1" in fault


def test_an_entry_behind_the_checkpoint_that_was_written_anew_is_found(lived: World) -> None:
    purging.purge(2, now=LATER)
    change("UPDATE journal_entry SET previous_hash = 'x' WHERE number = :number", number=numbers(lived)[0])
    assert any("ไม่ต่อจากรายการก่อนหน้า" in fault for fault in faults())


def test_another_secret_does_not_vouch_for_the_cut(lived: World) -> None:
    purging.purge(2, now=LATER)
    config = lived.app.extensions["tracker.config"]
    lived.app.extensions["tracker.config"] = replace(
        config, secret_key="another secret, as long as the first"
    )
    [fault] = faults()
    assert "TRACKER_SECRET_KEY" in fault


def test_witnesses_of_before_and_after_the_cut_agree(lived: World) -> None:
    anchors.note(FOUNDED.date())
    with lived.write():
        journal.record("user.signed_in", "user", 9, now=LATER, by=SYSTEM)
    anchors.note(LATER.date())
    purging.purge(2, now=LATER)
    assert faults() == []


def test_a_machine_that_stopped_in_between_lost_nothing_and_goes_on(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    before = numbers(lived)
    with monkeypatch.context() as patched:
        patched.setattr(purging, "open_for_migration", stop)
        with pytest.raises(KeyboardInterrupt):
            purging.purge(2, now=LATER)
    assert numbers(lived) == [*before, before[-1] + 1]
    assert faults() == []
    assert purging.purge(2, now=LATER) == {lived.slug: len(before) - 5}
    assert faults() == []
    with lived.read():
        assert db.session.scalar(select(func.count(JournalCheckpoint.id))) == 1
        db.session.rollback()


def test_less_than_a_year_is_never_cut(app: Tracker) -> None:
    with pytest.raises(Refused):
        purging.purge(0, now=LATER)


def test_the_command_says_how_many_went(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACKER_DATA", str(world.app.extensions["tracker.config"].data))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["journal", "purge", "--years", "90"]) == 0
    assert capsys.readouterr().out == "tuayang: 0\n"
    assert main(["journal", "purge", "--years", "0"]) == 1
