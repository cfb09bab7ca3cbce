"""What is forgotten after its time: spent links, and the words of mails in which links stand."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from jobs.housekeeping import clean_up
from tests import documents
from tests.world import World, at
from tracker import mail, storage
from tracker.actions import deciding, organising, recovering
from tracker.database import ScopeViolation, db, organisation_scope
from tracker.models import AddressChange, LinkToken, MailState, OutgoingMail, Plan, PlanReading, Purpose
from tracker.operations import leftovers

NOW = at("2026-03-20")


@pytest.mark.parametrize(
    ("state", "days", "kept"),
    [
        (MailState.SENT, 31, False),
        (MailState.CANCELLED, 31, False),
        (MailState.SENT, 29, True),
        (MailState.DEAD, 31, True),
        (MailState.UNCERTAIN, 31, True),
        (MailState.QUEUED, 31, True),
    ],
)
def test_the_words_of_a_mail_go_when_nobody_needs_them(
    world: World, state: MailState, days: int, kept: bool
) -> None:
    words = mail.Rendered("เรื่อง", "https://x.example/m/secret", "<p>secret</p>")
    with world.write():
        mail.enqueue("test", ("a@x.example", "ก"), words, "test:1", now=NOW - timedelta(days=days))
        db.session.execute(update(OutgoingMail).values(state=state))
    assert clean_up(NOW) == (0 if kept else 1)
    assert clean_up(NOW) == 0
    with world.read():
        found = db.session.scalars(select(OutgoingMail)).one()
        assert (found.to_address, found.subject) == ("a@x.example", "เรื่อง")
        assert ("secret" in found.body_text + found.body_html) is kept


@pytest.mark.parametrize("state", list(MailState))
def test_what_was_cancelled_keeps_no_link_that_opens_anything(world: World, state: MailState) -> None:
    words = mail.Rendered(
        "เรื่อง",
        "ดู https://t.example/m/secret-1/work/1/2/3 และ https://t.example/reset/secret-2\n",
        '<a href="https://t.example/m/secret-1">ดู</a>',
    )
    with world.write():
        mail.enqueue("test", ("a@x.example", "ก"), words, "test:1", now=NOW)
        db.session.execute(update(OutgoingMail).values(state=state))
    clean_up(NOW)
    with world.read():
        found = db.session.scalars(select(OutgoingMail)).one()
        assert ("secret" in found.body_text + found.body_html) is (state is not MailState.CANCELLED)
        assert found.body_text.startswith("ดู https://t.example/m/")


def test_spent_links_of_accounts_are_forgotten(world: World) -> None:
    with world.write():
        for days in (31, 29):
            over, user = NOW - timedelta(days=days), world.users["clerk"]
            db.session.add(
                LinkToken(user_id=user, purpose=Purpose.RESET, token_hash=f"r{days}", expires_at=over)
            )
            db.session.add(
                AddressChange(user_id=user, address="n@x.example", token_hash=f"a{days}", expires_at=over)
            )
    assert clean_up(NOW) == 2
    with world.read():
        assert db.session.scalars(select(LinkToken.token_hash)).all() == ["r29"]
        assert db.session.scalars(select(AddressChange.token_hash)).all() == ["a29"]


@pytest.mark.parametrize("asked", ["invitation", "reset", "address"])
def test_links_can_be_sent_after_all_earlier_ones_are_forgotten(world: World, asked: str) -> None:
    user_id = world.users["clerk"]

    def ask(day: str) -> None:
        with world.write():
            by = world.actor("coordinator")
            if asked == "invitation":
                organising.invite(f"new{day}@tuayang.example", "", None, now=at(day), by=by)
            elif asked == "reset":
                recovering.ask_reset("clerk@tuayang.example", now=at(day))
            else:
                recovering.ask_address(user_id, f"other{day}@tuayang.example", now=at(day), by=by)

    ask("2026-01-05")
    clean_up(NOW)
    with world.read():
        assert db.session.scalars(select(LinkToken.id)).all() == []
    ask("2026-03-20")
    with world.read():
        sent = db.session.scalars(select(OutgoingMail.id).where(OutgoingMail.kind == asked)).all()
    assert len(sent) == 2


def uploaded(world: World, data: bytes, days: int) -> Path:
    """A plan document uploaded so many days ago, with its file of the same age."""
    at_that_time = NOW - timedelta(days=days)
    with world.write():
        reading = deciding.begin(data, "แผน.txt", 2569, now=at_that_time, by=world.actor("coordinator"))
        path = world.app.extensions["tracker.config"].data / "sources" / reading.sha256
    age(path, days)
    return path


def age(path: Path, days: int) -> None:
    moment = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))


def test_links_are_mailed_again_after_spent_ones_were_forgotten(world: World) -> None:
    """A database may give the number of a row that is gone to the next one."""
    for moment in (NOW - timedelta(days=60), NOW):
        clean_up(NOW)
        with world.write():
            by = world.actor("coordinator")
            organising.invite(f"new{moment.day}@tuayang.example", "คนใหม่", None, now=moment, by=by)
            recovering.ask_reset("clerk@tuayang.example", now=moment)
            address = f"other{moment.day}@tuayang.example"
            recovering.ask_address(world.users["clerk"], address, now=moment, by=by)
    with world.read():
        kinds = [mail.kind for mail in db.session.scalars(select(OutgoingMail))]
        assert sorted(kinds) == sorted(["invitation", "reset", "address"] * 2)


def test_uploaded_plans_that_became_none_go_with_their_files(world: World) -> None:
    old, young, used = (
        uploaded(world, documents.text() + bytes([sign]), days)
        for sign, days in ((49, 91), (50, 89), (51, 91))
    )
    world.adopted_plan()
    with world.write():
        db.session.scalars(select(Plan)).one().source_sha256 = used.name
    assert clean_up(NOW) == 1
    assert [path.exists() for path in (old, young, used)] == [False, True, True]
    with world.read():
        assert set(db.session.scalars(select(PlanReading.sha256))) == {young.name, used.name}


def test_a_file_that_another_organisation_names_stays(world: World) -> None:
    shared = uploaded(world, documents.text(), 91)
    other = World(world.app, slug="neighbour", name="ข้างเคียง")
    uploaded(other, documents.text(), 10)
    age(shared, 91)
    assert clean_up(NOW) == 1
    assert shared.exists()


def test_files_that_no_row_names_are_set_aside_and_go_thirty_days_later(world: World) -> None:
    data = world.app.extensions["tracker.config"].data
    files = {}
    for name, days in (
        ("evidence/ab/" + "ab" * 16, 31),
        ("evidence/cd/" + "cd" * 16, 29),
        ("sources/x.part", 31),
    ):
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"never sent")
        age(path, days)
        files[path] = days < 30
    assert clean_up(NOW) == 1
    assert {path: path.exists() for path in files} == files
    assert clean_up(NOW) == 0
    aside = data / "evidence/ab" / f"{'ab' * 16}.aside"
    assert clean_up(NOW + timedelta(days=29)) == 0
    assert aside.exists()
    assert clean_up(NOW + timedelta(days=31)) == 1
    assert not aside.exists()


def test_a_file_set_aside_goes_back_when_a_row_names_it_again(world: World) -> None:
    path = uploaded(world, documents.text(), 31)
    with world.write():
        sha256 = db.session.scalars(select(PlanReading.sha256)).one()
        db.session.execute(update(PlanReading).values(sha256="0" * 64))
    clean_up(NOW)
    assert not path.exists()
    with world.write():
        db.session.execute(update(PlanReading).values(sha256=sha256))
    clean_up(NOW)
    assert path.read_bytes() == documents.text()


def test_files_are_never_judged_by_the_rows_of_one_organisation(world: World) -> None:
    data = world.app.extensions["tracker.config"].data
    with (
        organisation_scope(world.organisation_id),
        db.engine.connect() as connection,
        pytest.raises(ScopeViolation),
    ):
        leftovers.remove(connection, data, NOW)


def test_what_could_not_be_drawn_is_tried_again_a_day_later(world: World) -> None:
    folder = storage.settings().cache_folder / "previews"
    folder.mkdir(parents=True)
    for name, data, hours in (("old", b"", 25), ("young", b"", 23), ("drawn", b"RIFF", 25)):
        path = folder / f"{name}.webp"
        path.write_bytes(data)
        then = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(path, (then, then))
    assert clean_up(NOW) == 1
    assert {path.stem for path in folder.iterdir()} == {"young", "drawn"}


def test_a_document_that_is_uploaded_again_is_young_again(world: World) -> None:
    path = uploaded(world, documents.text(), 91)
    with world.write():
        db.session.delete(db.session.scalars(select(PlanReading)).one())
    storage.keep_source(documents.text())
    assert path.stat().st_mtime > (NOW - timedelta(days=91)).timestamp()
