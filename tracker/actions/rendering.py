"""Files that take long to make: asked for, made by the jobs under a lease, kept for some days."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select, update

from tracker.database import db
from tracker.errors import Message, Refused
from tracker.models import Rendering, RenderingState
from tracker.rules.frozen import to_json
from tracker.rules.paper import Paper
from tracker.rules.permissions import Actor
from tracker.storage import document_path, sweep_documents

# Longer than the typesetting at its end, which tells nothing of itself.
LEASE = timedelta(minutes=4)
MOST_ATTEMPTS = 3
# The photographs are the most of the work; the rest is told only by its end.
PHOTOS_PERCENT = 80
KEPT = timedelta(days=7)
SHOWN = 6
UNFORESEEN = Message("ทำไฟล์ไม่สำเร็จ กรุณาลองใหม่ หากยังไม่ได้โปรดแจ้งผู้ดูแลระบบ")
UNDER_WAY = (RenderingState.QUEUED, RenderingState.RUNNING)
_FREE: dict[str, object] = {"lease_token": None, "lease_until": None}


@dataclass(frozen=True)
class Claimed:
    """A file that is ours to make until the lease is over."""

    id: int
    organisation_id: int
    paper: str
    ending: str
    font: str
    path: Path
    token: str


def key_of(paper: Paper, ending: str, font: str, photographs: Collection[str]) -> str:
    """What a file is known by: the document, its face, its font and which of its photographs there are.

    A draft that says the same all day long has one key; its file says when it was made.
    """
    told = json.dumps([to_json(paper.of_its_day()), ending, font, sorted(photographs)], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def file_of(row: Rendering) -> Path | None:
    """The file that was made; None where it is not ready, or was thrown away."""
    path = document_path(row.organisation_id, row.key, row.ending)
    return path if row.state is RenderingState.DONE and path.is_file() else None


def known(key: str) -> Rendering | None:
    return db.session.scalars(select(Rendering).where(Rendering.key == key)).one_or_none()


def of_year(fiscal_year: int) -> Sequence[Rendering]:
    """The files of the year that were asked for, the newest first."""
    return db.session.scalars(
        select(Rendering)
        .where(Rendering.fiscal_year == fiscal_year, Rendering.state != RenderingState.CANCELLED)
        .order_by(Rendering.asked_at.desc(), Rendering.id.desc())
        .limit(SHOWN)
    ).all()


@dataclass(frozen=True)
class Wanted:
    """A file that takes long: of a document its value as JSON (`told`), of a package which version it packs."""

    key: str
    told: str
    fiscal_year: int
    photographs: int
    ending: str
    font: str
    title: str


def wanted_of(paper: Paper, key: str, ending: str, font: str, title: str) -> Wanted:
    return Wanted(key, to_json(paper), paper.fiscal_year, len(paper.photographs), ending, font, title)


def ask(wanted: Wanted, *, now: datetime, by: Actor) -> Rendering:
    """Have the file made; the same document asked for again is the same row, and not made a second time."""
    key = wanted.key
    row = known(key)
    if row is not None and (row.state in UNDER_WAY or file_of(row)):
        return row
    if row is None:
        row = Rendering(key=key, fiscal_year=wanted.fiscal_year, ending=wanted.ending, font=wanted.font)
        db.session.add(row)
    row.title, row.paper, row.total = wanted.title, wanted.told, wanted.photographs
    row.asked_at, row.asked_by_id = now, by.user_id
    _queue(row)
    db.session.flush()
    return row


def retry(row: Rendering) -> None:
    """Have a file made that failed or was cancelled."""
    if row.state in UNDER_WAY or file_of(row):
        return
    if not row.paper:
        raise Refused("เอกสารนี้เก่าเกินไปแล้ว กรุณาขอไฟล์ใหม่จากหน้ารายงาน")
    _queue(row)


def _queue(row: Rendering) -> None:
    row.state, row.percent, row.done, row.attempts = RenderingState.QUEUED, 0, 0, 0
    row.problem, row.ended_at, row.lease_token, row.lease_until = {}, None, None, None


def cancel(row: Rendering, *, now: datetime) -> None:
    """Give up a file that is not ready; who is making it stops when it next tells of its work."""
    if row.state not in UNDER_WAY:
        raise Refused("ไฟล์นี้ทำเสร็จหรือหยุดไปแล้ว")
    row.state, row.ended_at, row.lease_token, row.lease_until = RenderingState.CANCELLED, now, None, None


def is_waiting(*, now: datetime) -> bool:
    """Whether there is a file to make; across organisations."""
    return db.session.scalars(select(Rendering.id).where(_due(now)).limit(1)).first() is not None


def claim(*, now: datetime) -> Claimed | None:
    """Lease the file that has waited longest, or whose maker has died; across organisations. The caller commits.

    What killed its maker three times is given up.
    """
    db.session.execute(
        update(Rendering)
        .where(_due(now), Rendering.attempts >= MOST_ATTEMPTS)
        .values(
            state=RenderingState.FAILED,
            ended_at=now,
            problem=_told(Message("ทำไฟล์ไม่สำเร็จ %(number)s ครั้ง กรุณาแจ้งผู้ดูแลระบบ", {"number": MOST_ATTEMPTS})),
            **_FREE,
        )
        .execution_options(synchronize_session=False)
    )
    row = db.session.scalars(
        select(Rendering)
        .where(_due(now))
        .order_by(Rendering.asked_at, Rendering.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    row.state, row.attempts, row.percent, row.done = RenderingState.RUNNING, row.attempts + 1, 0, 0
    row.lease_token, row.lease_until = secrets.token_hex(16), now + LEASE
    path = document_path(row.organisation_id, row.key, row.ending)
    return Claimed(row.id, row.organisation_id, row.paper, row.ending, row.font, path, row.lease_token)


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        Rendering.state == RenderingState.QUEUED,
        (Rendering.state == RenderingState.RUNNING) & (Rendering.lease_until <= now),
    )


def tell(claimed: Claimed, done: int, total: int, *, now: datetime) -> bool:
    """Write down how many photographs are prepared, and keep the lease; False where the work is no longer ours."""
    percent = PHOTOS_PERCENT * done // total if total else PHOTOS_PERCENT
    return _change(claimed, percent=percent, done=done, total=total, lease_until=now + LEASE)


def give_back(claimed: Claimed) -> bool:
    """Leave the work to whoever comes next, as if it had not been begun."""
    return _change(
        claimed, state=RenderingState.QUEUED, percent=0, done=0, attempts=Rendering.attempts - 1, **_FREE
    )


def finish(claimed: Claimed, size: int, *, now: datetime) -> bool:
    """The file lies in its place, `size` bytes long."""
    return _change(
        claimed,
        state=RenderingState.DONE,
        percent=100,
        done=Rendering.total,
        size=size,
        ended_at=now,
        **_FREE,
    )


def fail(claimed: Claimed, message: Message, *, now: datetime) -> bool:
    return _change(claimed, state=RenderingState.FAILED, problem=_told(message), ended_at=now, **_FREE)


def problem_of(row: Rendering) -> Message | None:
    """Why a file could not be made."""
    return Message(**row.problem) if row.problem else None


def throw_away(*, now: datetime) -> int:
    """Take away what was made a week ago, also for previews; across organisations. Returns how many."""
    old = db.session.scalars(
        select(Rendering).where(Rendering.state.not_in(UNDER_WAY), Rendering.asked_at < now - KEPT)
    ).all()
    for row in old:
        document_path(row.organisation_id, row.key, row.ending).unlink(missing_ok=True)
        db.session.delete(row)
    return len(old) + sweep_documents(now - KEPT)


def _told(message: Message) -> dict[str, object]:
    return {"template": message.template, "values": dict(message.values)}


def _change(claimed: Claimed, **values: object) -> bool:
    changed = db.session.execute(
        update(Rendering)
        .where(
            Rendering.id == claimed.id,
            Rendering.lease_token == claimed.token,
            Rendering.state == RenderingState.RUNNING,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
