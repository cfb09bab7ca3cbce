"""What is forgotten after its time: spent links, and the words of mails in which links stand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from jobs.housekeeping import clean_up
from tests.world import World, at
from tracker import mail
from tracker.database import db
from tracker.models import AddressChange, LinkToken, MailState, OutgoingMail, Purpose

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
        row = mail.enqueue("test", ("a@x.example", "ก"), words, "test:1", now=NOW - timedelta(days=days))
        row.state = state
    assert clean_up(NOW) == (0 if kept else 1)
    assert clean_up(NOW) == 0
    with world.read():
        found = db.session.scalars(select(OutgoingMail)).one()
        assert (found.to_address, found.subject) == ("a@x.example", "เรื่อง")
        assert ("secret" in found.body_text + found.body_html) is kept


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
