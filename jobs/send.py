"""Every few seconds: hand the mails of the outbox to the server, one after the other over a connection or two."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from jobs import heartbeat
from tracker.actions import sending
from tracker.actions.sending import Claimed
from tracker.database import across_organisations, writing
from tracker.extensions import for_a_thread
from tracker.mail import Line
from tracker.smtp import Ambiguous, NoServer, TooLate, Unsendable, told

log = logging.getLogger("tracker.send")

MAILS_A_CLAIM = 50
BEAT = timedelta(minutes=1)


def send(moment: Callable[[], datetime], stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due until nothing is left, the server does not let us in or `stop` says so.

    Where more is due than one claim takes, a second connection helps once the server has taken a mail: most of the
    time is spent waiting for the server and for the disk. Returns how many mails the server took.
    """
    helping: list[Future[int]] = []
    with ThreadPoolExecutor(1) as pool:

        def call_help() -> None:
            if not helping:
                helping.append(pool.submit(for_a_thread(lambda: _send(moment, stop, lambda: None))))

        taken = _send(moment, stop, call_help)
    return taken + sum(helper.result() for helper in helping)


def _send(moment: Callable[[], datetime], stop: Callable[[], bool], call_help: Callable[[], None]) -> int:
    with across_organisations("claiming and handing over mail"), Line() as line:
        hands = _Hands(line, moment)
        while not stop() and (batch := _claim(moment())):
            try:
                for claimed in batch:
                    if stop():
                        break
                    hands.hand(claimed)
                    if hands.taken and len(batch) == MAILS_A_CLAIM:
                        call_help()
            except NoServer as failure:
                # The next mail would fare no better.
                log.warning("no mail server: %s", told(failure))
                with writing():
                    sending.note_refusal(failure, now=moment())
                    sending.release(batch[0].token)
                break
            with writing():
                hands.settle()
                sending.release(batch[0].token)
        return hands.taken


def _claim(now: datetime) -> list[Claimed]:
    # Lost with the power, it is claimed again; what is noted of a mail before its hand-over makes it last.
    with writing(lasting=False):
        return sending.claim(now=now, most=MAILS_A_CLAIM)


class _Hands:
    """Hands mails over: each is noted and committed before its first byte may go out.

    The commit that notes the next one also settles the one before: its answer has come, so waiting for it
    gains nothing, and a process that dies in between leaves a doubt either way.
    """

    def __init__(self, line: Line, moment: Callable[[], datetime]) -> None:
        self.taken = 0
        self._line = line
        self._moment = moment
        self._unsettled: tuple[Claimed, str] | None = None
        self._welcomed = False
        self._beaten = moment()

    def hand(self, claimed: Claimed) -> None:
        """Hand one mail over and write down its failure; NoServer where none can be handed over now."""
        self._beat()
        self._open()
        with writing():
            self.settle()
            ours = sending.begin_handing(claimed, now=self._moment())
        if not ours:
            return
        try:
            answer = self._line.hand_over(
                claimed.mail, claimed.sender, lambda: self._moment() < claimed.until
            )
        except (Ambiguous, NoServer, TooLate, Unsendable, OSError) as failure:
            # smtplib's own exceptions are OSErrors.
            log.warning("mail %s: %s", claimed.mail.id, told(failure))
            with writing():
                sending.settle(claimed, failure, "", now=self._moment())
            if isinstance(failure, NoServer):
                raise
        else:
            self._unsettled = (claimed, answer)
            self.taken += 1

    def settle(self) -> None:
        """Write down, in the caller's transaction, that the server has taken the mail before."""
        if self._unsettled is None:
            return
        claimed, answer = self._unsettled
        sending.settle(claimed, None, answer, now=self._moment())
        self._unsettled = None
        if not self._welcomed:
            sending.note_welcome()
            self._welcomed = True

    def _beat(self) -> None:
        """Say that the round goes on, which where the server is slow may take an hour."""
        now = self._moment()
        if now >= self._beaten + BEAT:
            heartbeat.begin("send", now)
            self._beaten = now

    def _open(self) -> None:
        if self._line.opened:
            return
        # Before the mail is noted as on its way: while we wait for a server nothing is in doubt.
        if self._unsettled is not None:
            with writing():
                self.settle()
        self._line.open()
        self._welcomed = False
