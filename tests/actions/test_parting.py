"""A person's copy holds every row of theirs, and who left becomes nameless without breaking what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.deeds import PDF, chain_faults, group_of
from tests.world import FOUNDED, World, at
from tracker import mail, storage
from tracker.actions import admitting, disclosing, granting, linking, organising, parting, proving
from tracker.app import Tracker
from tracker.database import db
from tracker.errors import FieldsRefused, NotFound, Refused
from tracker.models import (
    NOWHERE,
    Base,
    Evidence,
    Holding,
    JournalEntry,
    LinkToken,
    MailLink,
    MailState,
    OutgoingMail,
    Owned,
    Plan,
    Position,
    Purpose,
    User,
    WebSession,
)
from tracker.rules.moments import day_of
from tracker.rules.permissions import SYSTEM

NOW = at("2026-03-20")
HEAD = "head0@tuayang.example"
YEAR = (date(2025, 10, 1), date(2026, 9, 30))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> World:
    """The small world on either database."""
    if request.param == "sqlite":
        made: World = request.getfixturevalue("world")
        return made
    app: Tracker = request.getfixturevalue("postgres_app")
    return World(app)


@pytest.fixture
def lived(world: World) -> World:
    return live(world)


def live(world: World) -> World:
    """head0 has attached a proof, signed in, got mails and links."""
    world.adopted_plan([(1, range(2), *YEAR)])
    stored = storage.store(BytesIO(PDF), "photo of head0.pdf")
    with world.write():
        proving.attach_file(stored, "", day_of(NOW), group_of(world), now=NOW, by=world.actor("head0", NOW))
        admitting.open_session(world.users["head0"], world.organisation_id, "Chrome · Android", now=NOW)
        db.session.add(
            LinkToken(
                user_id=world.users["head0"], purpose=Purpose.RESET, token_hash="secret-hash", expires_at=NOW
            )
        )
        words = mail.Rendered("เรื่อง", "https://x.example/m/secret", "<p>secret</p>")
        for number, state in enumerate((MailState.SENT, MailState.QUEUED)):
            key = f"digest:1:2026-03-{number}:{HEAD}"
            mail_id = mail.enqueue("digest", (HEAD, "หัวหน้า"), words, key, now=NOW)
            db.session.get_one(OutgoingMail, mail_id).state = state
        mail.enqueue("digest", ("head1@tuayang.example", ""), words, "digest:other", now=NOW)
        linking.pass_on(group_of(world), "คนอื่น", "else@x.example", now=NOW, by=world.actor("head0", NOW))
    return world


def user(world: World, who: str = "head0") -> User:
    return db.session.scalars(select(User).where(User.id == world.users[who])).one()


def leave(world: World, who: str = "head0") -> None:
    with world.write():
        for holding in db.session.scalars(select(Holding).where(Holding.user_id == world.users[who])):
            holding.until_on = day_of(NOW) - timedelta(days=1)


def copied(world: World, who: str = "head0") -> dict[str, list[dict[str, Any]]]:
    with world.write():
        return disclosing.copy_of(user(world, who), now=NOW, by=SYSTEM)


def test_the_copy_holds_what_is_the_person_s_and_no_secret(lived: World) -> None:
    tables = copied(lived)
    assert tables["user_account"][0]["address"] == HEAD
    assert tables["user_account"][0]["has_password"] is True
    assert tables["holding"][0]["position"] == "หัวหน้าสำนักปลัด"
    assert tables["web_session"][0]["device"] == "Chrome · Android"
    assert [row["state"] for row in tables["outgoing_mail"]] == ["sent", "queued"]
    assert tables["evidence"][0]["name"] == "photo of head0.pdf"
    assert {"user.signed_in", "evidence.attached"} <= {row["deed"] for row in tables["journal_entry"]}
    text = json.dumps(tables, ensure_ascii=False)
    for secret in ("secret", "argon2", "head1@", "else@x.example", "คนอื่น"):
        assert secret not in text
    with lived.read():
        last = db.session.scalars(select(JournalEntry).order_by(JournalEntry.number.desc())).first()
        assert last is not None
        assert (last.deed, last.subject_id) == ("user.copied", lived.users["head0"])


def test_of_what_another_wrote_only_the_own_deed_is_told(lived: World) -> None:
    with lived.write():
        proof = db.session.scalars(select(Evidence)).one()
        proof.checked_at, proof.checked_by_id = NOW, lived.users["coordinator"]
        plan = db.session.scalars(select(Plan)).one()
        plan.adopted_by_id, plan.signer = lived.users["coordinator"], "นายกคนอื่น"
    tables = copied(lived, "coordinator")
    [told] = tables["evidence"]
    assert told["checked_by_id"] == lived.users["coordinator"]
    assert told["checked_at"] == NOW.isoformat()
    text = json.dumps(tables, ensure_ascii=False)
    assert "photo of head0" not in text
    assert "นายกคนอื่น" not in text


def test_the_copy_of_somebody_else_holds_none_of_it(lived: World) -> None:
    tables = copied(lived, "head3")
    assert "evidence" not in tables
    assert "outgoing_mail" not in tables


def test_every_table_that_names_an_account_is_looked_through() -> None:
    naming = {
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Owned)
        and (
            {"by_link_id"} & {column.key for column in mapper.columns}
            or any(key.column.table.name == "user_account" for key in mapper.local_table.foreign_keys)
        )
    }
    assert naming <= set(disclosing._owned_models())
    assert {OutgoingMail, MailLink, JournalEntry} <= set(disclosing._owned_models())


def test_a_leaver_is_nameless_everywhere_and_nothing_breaks(database: World) -> None:
    lived = live(database)
    assert copied(lived)["user_account"][0]["address"] == HEAD
    leave(lived)
    with lived.read():
        before = db.session.scalar(select(func.count(Holding.id)))
        db.session.rollback()
    with lived.write():
        parting.anonymise(user(lived), now=NOW, by=lived.actor("coordinator", NOW))
    number = lived.users["head0"]
    with lived.read():
        db.session.rollback()
        gone = user(lived)
        assert (gone.name, gone.address) == (f"ผู้ใช้หมายเลข {number}", f"user-{number}@nameless.invalid")
        assert (gone.password_hash, gone.active) == (None, False)
        for model in (WebSession, LinkToken):
            assert db.session.scalars(select(model)).all() == []
        assert db.session.scalar(select(func.count(Holding.id))) == before
        assert db.session.scalars(select(Evidence.by_user_id)).all() == [number]
        mine = select(OutgoingMail).where(OutgoingMail.to_address == gone.address).order_by(OutgoingMail.id)
        mails = db.session.scalars(mine).all()
        assert [(row.state, row.body_text) for row in mails] == [("sent", ""), ("cancelled", "")]
        assert db.session.scalars(select(JournalEntry.deed)).all()[-1] == "user.anonymised"
        db.session.rollback()
    left = [
        table.name for table in Base.metadata.sorted_tables for row in rows_of(lived, table) if HEAD in row
    ]
    assert left == []
    assert chain_faults(lived) == []


def rows_of(world: World, table: Any) -> list[str]:
    """Every row as text, past all scopes."""
    with db.engine.connect() as connection:
        return [str(tuple(row)) for row in connection.execute(table.select())]


def test_links_of_a_leaver_open_nothing(lived: World) -> None:
    with lived.write():
        link = MailLink(
            position_id=db.session.scalars(select(Position.id)).first() or 0,
            token_hash="x",
            subjects=[],
            address=HEAD,
            created_at=NOW,
            expires_at=NOW + timedelta(days=3),
        )
        db.session.add(link)
    leave(lived)
    with lived.write():
        parting.anonymise(user(lived), now=NOW, by=SYSTEM)
    with lived.read():
        db.session.rollback()
        row = db.session.scalars(select(MailLink).where(MailLink.token_hash == "x")).one()
        assert row.revoked_at == NOW
        assert row.address.endswith(NOWHERE)


def refusal(world: World, who: str) -> str:
    with world.write(), pytest.raises(Refused) as refused:
        parting.anonymise(user(world, who), now=NOW, by=SYSTEM)
    return str(refused.value.message)


def test_whoever_holds_a_position_today_or_later_is_refused(lived: World) -> None:
    assert "หัวหน้าสำนักปลัด" in refusal(lived, "head0")
    leave(lived)
    with lived.write():
        holding = db.session.scalars(select(Holding).where(Holding.user_id == lived.users["head0"])).one()
        holding.from_on, holding.until_on = day_of(NOW) + timedelta(days=5), None
    assert "หัวหน้าสำนักปลัด" in refusal(lived, "head0")


def test_the_last_coordinator_is_refused_until_another_one_coordinates(lived: World) -> None:
    leave(lived, "coordinator")
    assert "ผู้ประสานงานคนสุดท้าย" in refusal(lived, "coordinator")
    with lived.write():
        desk = organising.position_named(organising.COORDINATOR_TITLE)
        organising.appoint(user(lived, "clerk"), desk, now=NOW, by=SYSTEM)
        parting.anonymise(user(lived, "coordinator"), now=NOW, by=SYSTEM)
        assert user(lived, "coordinator").nameless


def test_the_last_administrator_is_refused_until_there_is_another(lived: World) -> None:
    leave(lived)
    with lived.write():
        user(lived).administrator = True
    assert "ผู้ดูแลคนสุดท้าย" in refusal(lived, "head0")
    with lived.write():
        user(lived, "head1").administrator = True
        parting.anonymise(user(lived), now=NOW, by=SYSTEM)
    assert "แล้ว" in refusal(lived, "head0")


def test_who_was_made_nameless_is_not_named_invited_or_given_roles_again(lived: World) -> None:
    leave(lived)
    with lived.write():
        parting.anonymise(user(lived), now=NOW, by=SYSTEM)
    deeds: tuple[Callable[[User], object], ...] = (
        lambda one: parting.rename(one, "ชื่อเดิม", now=NOW, by=SYSTEM),
        lambda one: granting.grant(one, auditor=True, administrator=True, now=NOW, by=SYSTEM),
        lambda one: granting.reopen(one, now=NOW, by=SYSTEM),
        lambda one: organising.invite_again(one, now=NOW, by=SYSTEM),
    )
    for deed in deeds:
        with pytest.raises((Refused, FieldsRefused)), lived.write():
            deed(user(lived))
    with lived.read():
        left = user(lived)
        assert (left.active, left.auditor, left.administrator) == (False, False, False)
        assert left.name == f"ผู้ใช้หมายเลข {left.id}"
        db.session.rollback()


def test_nobody_is_made_nameless_while_a_mail_is_handed_over_or_the_mailbox_is_shared(lived: World) -> None:
    leave(lived)
    with lived.write():
        row = db.session.scalars(select(OutgoingMail).where(OutgoingMail.state == "queued")).first()
        assert row is not None
        row.to_address, row.state = HEAD, MailState.HANDING
    assert "กำลังส่งจดหมาย" in refusal(lived, "head0")
    with lived.write():
        organising.position_named("กองคลัง").mailbox = HEAD
    assert "กล่องจดหมายกลาง" in refusal(lived, "head0")


def test_a_name_is_corrected_once_and_noted_once(world: World) -> None:
    for _ in range(2):
        with world.write():
            parting.rename(user(world), " นางสาว ใหม่ ", now=FOUNDED, by=SYSTEM)
            assert user(world).name == "นางสาว ใหม่"
    with world.read():
        assert db.session.scalars(select(JournalEntry.deed)).all().count("user.renamed") == 1
        db.session.rollback()
    for wrong in ("", "  ", "ก" * 201):
        with world.write(), pytest.raises(FieldsRefused):
            parting.rename(user(world), wrong, now=FOUNDED, by=SYSTEM)


def test_an_account_is_found_by_its_address_in_the_whole_installation(world: World) -> None:
    assert disclosing.account_with(f" {HEAD.upper()} ") == (world.organisation_id, world.users["head0"])
    with pytest.raises(NotFound):
        disclosing.account_with("nobody@x.example")
