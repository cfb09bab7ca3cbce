"""The way of a mail through the outbox: leases, second tries, doubts, refusals, and nothing without a lease."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.sinks import point_to
from tests.world import World, at
from tracker.actions import sending
from tracker.actions.sending import Claimed, relay
from tracker.actions.sending.relay import RelayPause
from tracker.app import Tracker
from tracker.database import across_organisations, db, writing
from tracker.mail import Rendered, enqueue
from tracker.models import MailState, OutgoingMail
from tracker.smtp import Ambiguous, NoServer, NotAdmitted, TooLate, Unsendable, told

NOW = at("2026-03-17", "08:30")
LEASE = timedelta(seconds=60)
BUSY = smtplib.SMTPDataError(451, b"try later")
REFUSED = smtplib.SMTPDataError(550, b"no such person")


@pytest.fixture
def mail_id(world: World) -> int:
    """The id of one queued mail."""
    return queue(world)


def queue(world: World, name: str = "one", next_at: datetime | None = None) -> int:
    with world.write():
        return enqueue(
            "test", (f"{name}@x.example", name), Rendered(name, "", ""), name, now=NOW, next_at=next_at
        )


@contextmanager
def sending_transaction() -> Iterator[None]:
    """As jobs/send.py opens it."""
    with across_organisations("test"), writing():
        yield


def claim(now: datetime = NOW) -> Claimed | None:
    with sending_transaction():
        return next(iter(sending.claim(now=now)), None)


def claimed(now: datetime = NOW) -> Claimed:
    taken = claim(now)
    assert taken is not None
    return taken


def handing(now: datetime = NOW) -> Claimed:
    taken = claimed(now)
    with sending_transaction():
        assert sending.begin_handing(taken, now=now)
    return taken


def settle(taken: Claimed, failure: Exception | None = None, now: datetime = NOW) -> MailState | None:
    with sending_transaction():
        return sending.settle(taken, failure, "250 kept" if failure is None else "", now=now)


def row(mail_id: int) -> OutgoingMail:
    with across_organisations("test"):
        db.session.rollback()
        found = db.session.scalars(select(OutgoingMail).where(OutgoingMail.id == mail_id)).one()
        db.session.expunge(found)
        db.session.rollback()
    return found


def test_a_mail_goes_from_queued_over_claimed_and_handing_to_sent(mail_id: int) -> None:
    taken = claimed()
    assert (row(mail_id).state, row(mail_id).lease_until) == (MailState.CLAIMED, NOW + LEASE)
    with sending_transaction():
        assert sending.begin_handing(taken, now=NOW)
    assert (row(mail_id).state, row(mail_id).attempts) == (MailState.HANDING, 1)
    assert settle(taken, now=NOW + timedelta(seconds=2)) is MailState.SENT
    after = row(mail_id)
    assert (after.state, after.sent_at, after.last_answer) == (
        MailState.SENT,
        NOW + timedelta(seconds=2),
        "250 kept",
    )
    assert (after.lease_token, after.lease_until, after.ambiguous) == (None, None, 0)
    assert claim(NOW + timedelta(days=1)) is None


def test_what_was_sent_keeps_no_link_that_opens_anything(world: World) -> None:
    links = [
        f"https://x.example{path}" for path in ("/m/abc_-1/work/1/2/3", "/invitation/abc_-1", "/reset/abc_-1")
    ]
    words = Rendered("เรื่อง", "\n".join(links), "".join(f'<a href="{link}">x</a>' for link in links))
    with world.write():
        mail_id = enqueue("test", ("a@x.example", "ก"), words, "with links", now=NOW)
    taken = handing()
    # What is handed over is whole, and what comes back is tried again whole.
    assert taken.mail.body_text == words.text
    assert settle(taken, ConnectionResetError()) is MailState.QUEUED
    assert row(mail_id).body_html == words.html
    assert settle(handing(NOW + timedelta(days=1)), now=NOW + timedelta(days=1)) is MailState.SENT
    kept = row(mail_id)
    assert "abc" not in kept.body_text + kept.body_html
    assert kept.body_text.splitlines()[0] == "https://x.example/m/…/work/1/2/3"


def test_mails_are_claimed_when_their_time_has_come_the_oldest_first_and_once_each(world: World) -> None:
    later = queue(world, "later", NOW + timedelta(minutes=10))
    second, first = queue(world, "second", NOW), queue(world, "first", NOW - timedelta(minutes=1))
    assert [claimed().mail.id, claimed().mail.id, claim()] == [first, second, None]
    assert claimed(NOW + timedelta(minutes=10)).mail.id == first
    assert {claimed(NOW + timedelta(minutes=10)).mail.id for _ in range(2)} == {second, later}


def test_of_many_claimed_at_once_those_not_begun_are_given_back(world: World) -> None:
    mail_ids = [queue(world, name) for name in ("one", "two", "three")]
    with sending_transaction():
        taken = sending.claim(now=NOW, most=2)
    assert [claimed.mail.id for claimed in taken] == mail_ids[:2]
    with sending_transaction():
        assert sending.begin_handing(taken[0], now=NOW)
        sending.release(taken[0].token)
    assert [row(mail_id).state for mail_id in mail_ids] == [
        MailState.HANDING,
        MailState.QUEUED,
        MailState.QUEUED,
    ]
    assert settle(taken[0]) is MailState.SENT


def test_a_lease_that_ends_before_handing_costs_nothing(mail_id: int) -> None:
    first = claimed()
    assert claim(NOW + LEASE - timedelta(seconds=1)) is None
    second = claimed(NOW + LEASE)
    assert second != first
    after = row(mail_id)
    assert (after.state, after.attempts, after.ambiguous) == (MailState.CLAIMED, 0, 0)


def test_a_lease_that_ends_while_handing_is_ambiguous_once_and_then_uncertain(mail_id: int) -> None:
    message_id = row(mail_id).message_id
    handing()
    assert claim(NOW + LEASE - timedelta(seconds=1)) is None
    handing(NOW + LEASE)
    after = row(mail_id)
    assert (after.attempts, after.ambiguous, after.message_id) == (2, 1, message_id)
    assert claim(NOW + 2 * LEASE) is None
    after = row(mail_id)
    assert (after.state, after.ambiguous, after.lease_token) == (MailState.UNCERTAIN, 2, None)
    assert claim(NOW + timedelta(days=9)) is None


def test_a_connection_that_breaks_after_the_last_byte_is_the_same_doubt(mail_id: int) -> None:
    assert settle(handing(), Ambiguous("cut")) is MailState.QUEUED
    after = row(mail_id)
    assert (after.ambiguous, after.last_answer) == (1, "Ambiguous: cut")
    assert settle(handing(NOW + timedelta(minutes=1)), Ambiguous("cut")) is MailState.UNCERTAIN
    assert claim(NOW + timedelta(days=9)) is None


def test_a_doubt_is_not_forgotten_over_a_clear_failure(mail_id: int) -> None:
    settle(handing(), Ambiguous("cut"))
    settle(handing(NOW + timedelta(minutes=1)), BUSY, NOW + timedelta(minutes=1))
    handing(NOW + timedelta(minutes=10))
    assert claim(NOW + timedelta(minutes=10) + LEASE) is None
    assert row(mail_id).state is MailState.UNCERTAIN


@pytest.mark.parametrize(
    "failure",
    [
        BUSY,
        smtplib.SMTPServerDisconnected("closed"),
        TimeoutError("timed out"),
        smtplib.SMTPRecipientsRefused({"a": (450, b"grey")}),
        TooLate("the lease is over"),
    ],
)
def test_a_passing_failure_backs_off_longer_each_time_and_gives_up_after_ten(
    mail_id: int, failure: Exception
) -> None:
    now, pauses = NOW, []
    for _ in range(sending.MOST_TRIES - 1):
        assert settle(handing(now), failure, now) is MailState.QUEUED
        next_at = row(mail_id).next_at
        assert claim(next_at - timedelta(seconds=1)) is None
        pauses.append((next_at - now) / timedelta(minutes=1))
        now = next_at
    assert [0.5 * 2**n <= pause <= 2**n for n, pause in enumerate(pauses)] == [True] * 9
    assert settle(handing(now), failure, now) is MailState.DEAD
    assert row(mail_id).attempts == sending.MOST_TRIES
    assert row(mail_id).last_answer == told(failure)


def test_no_pause_is_longer_than_six_hours() -> None:
    assert timedelta(hours=3) <= sending._pause("<one@x>", 40) <= timedelta(hours=6)


@pytest.mark.parametrize(
    "failure",
    [
        REFUSED,
        smtplib.SMTPRecipientsRefused({"a": (550, b"no such person")}),
        smtplib.SMTPSenderRefused(553, b"not you", "a"),
        Unsendable("not an address"),
    ],
)
def test_a_refusal_for_good_ends_it_and_keeps_the_answer(mail_id: int, failure: Exception) -> None:
    assert settle(handing(), failure) is MailState.DEAD
    assert row(mail_id).last_answer == told(failure)
    assert claim(NOW + timedelta(days=9)) is None


def test_hundred_mails_do_not_come_back_in_the_same_second(world: World) -> None:
    pauses = {sending._pause(f"<{n}@x>", 3) for n in range(100)}
    assert len(pauses) == 100


def test_a_lease_too_short_for_the_hand_over_is_not_begun(mail_id: int) -> None:
    taken = claimed()
    late = NOW + LEASE - timedelta(seconds=5)
    with sending_transaction():
        assert not sending.begin_handing(taken, now=late)
    assert (row(mail_id).state, row(mail_id).attempts) == (MailState.CLAIMED, 0)


@pytest.mark.parametrize("failure", [None, BUSY, REFUSED, Ambiguous("cut")])
def test_who_lost_the_lease_touches_nothing(mail_id: int, failure: Exception | None) -> None:
    slow = handing()
    quick = handing(NOW + LEASE)
    before = vars_of(mail_id)
    assert settle(slow, failure, NOW + LEASE) is None
    with sending_transaction():
        assert not sending.begin_handing(slow, now=NOW + LEASE)
    assert vars_of(mail_id) == before
    assert settle(quick) is MailState.SENT
    assert settle(quick, BUSY) is None
    assert settle(replace(quick, token="not the token")) is None
    assert row(mail_id).state is MailState.SENT


def vars_of(mail_id: int) -> dict[str, object]:
    found = row(mail_id)
    return {column.key: getattr(found, column.key) for column in OutgoingMail.__table__.columns}


def test_a_cancelled_mail_is_never_claimed(world: World, mail_id: int) -> None:
    with world.write():
        db.session.scalars(select(OutgoingMail)).one().state = MailState.CANCELLED
    assert claim(NOW + timedelta(days=1)) is None


# --- the server that refuses us --------------------------------------------------------------------------------


def refuse(failure: NoServer, now: datetime) -> None:
    with sending_transaction():
        sending.note_refusal(failure, now=now)


def pause(now: datetime) -> RelayPause | None:
    with across_organisations("test"):
        found = sending.relay_pause(now=now)
        db.session.rollback()
    return found


def test_a_server_that_does_not_let_us_in_costs_a_mail_no_try(mail_id: int) -> None:
    for _ in range(sending.MOST_TRIES + 1):
        assert settle(handing(), NoServer("gone")) is MailState.QUEUED
    after = row(mail_id)
    assert (after.attempts, after.ambiguous, after.next_at) == (0, 0, NOW)
    assert after.last_answer == "NoServer: gone"


def test_five_refusals_in_a_row_pause_the_queue_for_all_senders(mail_id: int) -> None:
    for second in range(relay.MOST_REFUSALS):
        assert pause(NOW) is None
        refuse(NoServer("ConnectionRefusedError: 111"), NOW + timedelta(seconds=second))
    last = NOW + timedelta(seconds=relay.MOST_REFUSALS - 1)
    assert pause(last) == RelayPause(
        last + timedelta(minutes=1), NOW, "NoServer: ConnectionRefusedError: 111"
    )
    assert claim(last) is None
    assert claim(last + timedelta(minutes=1)) is not None


def test_each_refusal_after_a_pause_doubles_it_up_to_a_quarter_of_an_hour(mail_id: int) -> None:
    for _ in range(relay.MOST_REFUSALS - 1):
        refuse(NoServer("gone"), NOW)
    now, minutes = NOW, []
    for _ in range(7):
        refuse(NoServer("gone"), now)
        paused = pause(now)
        assert paused is not None
        minutes.append((paused.until - now) / timedelta(minutes=1))
        now = paused.until
    assert minutes == [1, 2, 4, 8, 15, 15, 15]


def test_one_refusal_of_our_credentials_pauses_at_once(mail_id: int) -> None:
    refuse(NotAdmitted("535 no"), NOW)
    paused = pause(NOW)
    assert paused is not None
    assert paused.until == NOW + timedelta(minutes=15)
    assert claim() is None


def test_a_mail_that_the_server_dealt_with_ends_the_counting(mail_id: int) -> None:
    for _ in range(relay.MOST_REFUSALS - 1):
        refuse(NoServer("gone"), NOW)
    with sending_transaction():
        sending.note_welcome()
    refuse(NoServer("gone"), NOW)
    assert pause(NOW) is None


def test_other_settings_end_a_pause(mail_id: int, app: Tracker) -> None:
    refuse(NotAdmitted("535 no"), NOW)
    point_to(app, 2525)
    assert pause(NOW) is None
    assert claim() is not None
