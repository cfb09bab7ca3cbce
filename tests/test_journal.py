"""The journal: numbered, chained, told in ids, and broken by any later change."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.deeds import chain_faults
from tests.world import FOUNDED, World, at
from tracker import journal
from tracker.app import Tracker
from tracker.database import ScopeViolation, current_organisation, db, writing
from tracker.models import JournalEntry, Organisation
from tracker.rules.moments import BANGKOK
from tracker.rules.permissions import SYSTEM

NOW = at("2026-01-05")


def entries(world: World) -> list[JournalEntry]:
    with world.read():
        db.session.rollback()
        return list(db.session.scalars(select(JournalEntry).order_by(JournalEntry.number)))


def test_entries_are_numbered_and_chained_from_the_first_on(world: World) -> None:
    found = entries(world)
    assert [entry.number for entry in found] == list(range(1, len(found) + 1))
    assert found[0].previous_hash == ""
    assert found[0].at == FOUNDED
    assert chain_faults(world) == []


def test_the_organisation_knows_the_end_of_its_chain(world: World) -> None:
    with world.write():
        entry = journal.record("test.done", "plan", 7, now=NOW, by=world.actor("coordinator"), tasks=[3, 4])
        number, written = entry.number, entry.hash
    with world.read():
        head = db.session.scalars(select(Organisation).where(Organisation.slug == world.slug)).one()
        assert (head.journal_length, head.journal_hash) == (number, written)
    last = entries(world)[-1]
    with world.read():
        assert (last.actor, last.deed, last.subject_kind, last.subject_id, last.details) == (
            f"user:{world.users['coordinator']}",
            "test.done",
            "plan",
            7,
            {"tasks": [3, 4]},
        )


def test_the_hash_is_the_same_whichever_zone_the_moment_was_told_in(world: World) -> None:
    with world.write():
        journal.record("test.done", "plan", 7, now=NOW.astimezone(BANGKOK), by=SYSTEM)
    assert chain_faults(world) == []


@pytest.mark.parametrize(
    "change",
    [
        {"deed": "something.else"},
        {"actor": "user:999"},
        {"subject_id": 999},
        {"at": NOW + timedelta(seconds=1)},
        {"details": {"tasks": []}},
        {"previous_hash": "0" * 64},
        {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_that_was_changed_breaks_the_chain(world: World, change: dict[str, object]) -> None:
    with world.write():
        db.session.execute(update(JournalEntry).where(JournalEntry.number == 3).values(**change))
    assert chain_faults(world) != []


def test_an_entry_that_was_taken_out_breaks_the_chain(world: World) -> None:
    with world.write():
        db.session.delete(db.session.scalars(select(JournalEntry).where(JournalEntry.number == 3)).one())
    assert chain_faults(world) != []


def test_each_organisation_has_a_chain_of_its_own(world: World) -> None:
    other = World(world.app, slug="neighbour", name="องค์การบริหารส่วนตำบลข้างเคียง")
    with world.write():
        journal.record("test.done", "plan", 7, now=NOW, by=SYSTEM)
    assert chain_faults(other) == chain_faults(world) == []
    assert [entry.number for entry in entries(other)] == list(range(1, len(entries(other)) + 1))


def test_the_same_words_in_two_organisations_have_two_hashes(world: World) -> None:
    entry = entries(world)[0]
    with world.read():
        assert journal.entry_hash(entry, 1) != journal.entry_hash(entry, 2)


def test_what_was_rolled_back_leaves_no_gap(world: World) -> None:
    before = len(entries(world))

    def fail() -> None:
        with world.write():
            journal.record("test.done", "plan", 7, now=NOW, by=SYSTEM)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with world.write():
        journal.record("test.done", "plan", 8, now=NOW, by=SYSTEM)
    assert [entry.number for entry in entries(world)][-1] == before + 1
    assert chain_faults(world) == []


def test_nothing_is_written_down_for_no_organisation(app: Tracker) -> None:
    with pytest.raises(ScopeViolation), writing():
        journal.record("test.done", "plan", 7, now=NOW, by=SYSTEM)


@pytest.mark.parametrize("database", ["app", "postgres_app"])
def test_writers_at_once_never_share_a_number(request: pytest.FixtureRequest, database: str) -> None:
    app: Tracker = request.getfixturevalue(database)
    world = World(app)
    before = len(entries(world))
    together = threading.Barrier(4)
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with app.app_context():
                together.wait(10)
                for subject in range(10):
                    with world.write():
                        journal.record("test.done", "plan", subject, now=NOW, by=SYSTEM)
        except BaseException as failure:
            failures.append(failure)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with world.read():
        db.session.rollback()
        assert db.session.scalar(select(func.count(JournalEntry.id))) == before + 40
    assert chain_faults(world) == []


def test_what_was_read_before_the_lock_is_not_counted_from(postgres_app: Tracker) -> None:
    world = World(postgres_app)

    def write_in_between() -> None:
        with postgres_app.app_context(), world.write():
            journal.record("test.done", "plan", 1, now=NOW, by=SYSTEM)

    with world.write():
        seen = current_organisation()
        read_early = seen.journal_length
        other = threading.Thread(target=write_in_between)
        other.start()
        other.join()
        assert journal.record("test.done", "plan", 2, now=NOW, by=SYSTEM).number == read_early + 2
    assert chain_faults(world) == []
