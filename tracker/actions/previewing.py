"""Pictures of a document's pages, drawn from the very PDF and kept with it under the document's key."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from tracker.database import current_organisation_id
from tracker.errors import Message, TrackerError
from tracker.reading.preview import count_pages, draw
from tracker.storage import document_path

SIDE = 1400
_KEY = re.compile(r"[0-9a-f]{64}")
# Typesetting takes a whole core: two readers of a page must not start it twice.
_MAKING = Lock()
NOT_DRAWN = Message("ทำภาพตัวอย่างไม่ได้ กรุณาดาวน์โหลดไฟล์แทน")


@dataclass(frozen=True)
class Made:
    """A PDF that is kept: its key, its number of pages and when it was made."""

    key: str
    pages: int
    at: datetime


@dataclass(frozen=True)
class Failed:
    """Why there is no PDF under a key."""

    reason: Message
    at: datetime


def pdf_of(key: str) -> Path | None:
    """The kept PDF; None where there is none in this organisation."""
    path = _path(key, "pdf") if _KEY.fullmatch(key) else None
    return path if path and path.is_file() else None


def made(key: str, year: int, *, now: datetime) -> Made | None:
    """What is kept under the key; None where nothing has been made yet. It becomes the year's latest."""
    path = pdf_of(key)
    if path is None:
        return None
    noted = _noted(_path(key, "json"))
    if noted is None:
        pages = count_pages(path)
        if pages is None:
            return None
        noted = {"key": key, "pages": pages, "at": now.isoformat()}
        _note(_path(key, "json"), noted)
        _note(_latest(year), noted)
    return _made(noted)


def latest(year: int) -> Made | None:
    """The last PDF of the year that was made, as long as it is kept."""
    noted = _noted(_latest(year))
    return _made(noted) if noted and pdf_of(str(noted["key"])) else None


def failed(key: str) -> Failed | None:
    noted = _noted(_path(key, "failed.json")) if _KEY.fullmatch(key) else None
    if noted is None:
        return None
    told = noted["reason"]
    return Failed(Message(**told), datetime.fromisoformat(noted["at"]))


def forget_failure(key: str) -> None:
    """Let the document be tried again."""
    _path(key, "failed.json").unlink(missing_ok=True)


def make(key: str, year: int, write: Callable[[], bytes], *, now: datetime) -> Made | None:
    """The PDF under the key, written where it is not there yet; None, with the reason kept, where that fails."""
    with _MAKING:
        found = made(key, year, now=now)
        if found or failed(key):
            return found
        try:
            data = write()
        except TrackerError as failure:
            _fail(key, failure.message, now)
            return None
        _replace(_path(key, "pdf"), data)
        found = made(key, year, now=now)
        if found is None:
            _fail(key, NOT_DRAWN, now)
        return found


def picture(key: str, number: int) -> Path | None:
    """A page, counted from 1, as WebP; None where there is no such page."""
    source = pdf_of(key)
    if source is None:
        return None
    path = _path(key, f"{number}.webp")
    if not path.is_file():
        data = draw(source, SIDE, page=number)
        if data is None:
            return None
        _replace(path, data)
    return path


def _fail(key: str, reason: Message, now: datetime) -> None:
    told = {"template": reason.template, "values": {name: str(one) for name, one in reason.values.items()}}
    _note(_path(key, "failed.json"), {"reason": told, "at": now.isoformat()})


def _path(key: str, ending: str) -> Path:
    return document_path(current_organisation_id(), key, ending)


def _latest(year: int) -> Path:
    return document_path(current_organisation_id(), f"latest-{year}", "json")


def _made(noted: dict[str, Any]) -> Made:
    return Made(str(noted["key"]), int(noted["pages"]), datetime.fromisoformat(noted["at"]))


def _noted(path: Path) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told


def _note(path: Path, told: dict[str, Any]) -> None:
    _replace(path, json.dumps(told, ensure_ascii=False).encode())


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)
