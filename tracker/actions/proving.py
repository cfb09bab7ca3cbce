"""Keeps the evidence of groups: files, links, captions."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlsplit

from tracker import journal
from tracker.database import db
from tracker.errors import FieldsRefused, Message
from tracker.groups import Group
from tracker.models import Evidence, EvidenceUse
from tracker.rules.permissions import Actor
from tracker.rules.thai import clean
from tracker.storage import Stored

LONGEST_URL = 2000


def attach_file(
    stored: Stored, caption: str, about_on: date, group: Group, *, now: datetime, by: Actor
) -> Evidence:
    """Write down a stored file as evidence of a group."""
    evidence = Evidence(
        name=stored.name,
        caption=clean(caption) or stored.name.rpartition(".")[0],
        storage_name=stored.storage_name,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        about_on=about_on,
        created_at=now,
        by_user_id=by.user_id,
    )
    return _attach(evidence, group, now, by)


def attach_link(
    url: str, caption: str, about_on: date, group: Group, *, now: datetime, by: Actor
) -> Evidence:
    """Write down an http or https address as evidence; it is kept as text and never fetched."""
    url = url.strip()
    host = _host(url)
    if host is None or len(url) > LONGEST_URL or any(sign <= " " for sign in url):
        raise FieldsRefused({"link": Message("ลิงก์หลักฐานต้องขึ้นต้นด้วย http:// หรือ https://")})
    evidence = Evidence(
        name=url,
        caption=clean(caption) or host,
        url=url,
        about_on=about_on,
        created_at=now,
        by_user_id=by.user_id,
    )
    return _attach(evidence, group, now, by)


def _host(url: str) -> str | None:
    """The host of an http or https address, None for any other text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in {"http", "https"} else None


def _attach(evidence: Evidence, group: Group, now: datetime, by: Actor) -> Evidence:
    db.session.add(evidence)
    db.session.flush()
    db.session.add(
        EvidenceUse(
            evidence_id=evidence.id,
            item_id=group.item_id,
            division_id=group.division_id,
            quarter=group.quarter,
        )
    )
    db.session.flush()
    journal.record("evidence.attached", "evidence", evidence.id, now=now, by=by)
    return evidence
