"""A person who reports with evidence through the real application, in a process that may die at any point."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from multiprocessing.connection import Connection
from typing import Any

import tracker.app
from tests.client import Browser
from tests.deeds import PDF
from tests.reliability.worker import Fate
from tracker import storage
from tracker.app import create_app
from tracker.config import Config

STORED = 1  # the file is on the disk, no row names it
COMMITTING = 2  # the rows are written, about to commit
COMMITTED = 3  # that is committed, nobody has been told
POINTS = (STORED, COMMITTING, COMMITTED)


def write(
    config: Config,
    user: tuple[int, int],
    forms: Sequence[tuple[str, str]],
    fate: Fate,
    pause: float,
    boss: Connection,
) -> None:
    """Report again and again, and tell the boss of each report that was answered well: its words, its file's hash.

    `user` is the person and the organisation, `forms` are the addresses of groups and their fields of claims.
    """
    _number(fate)
    app = create_app(config)
    with app.app_context():
        browser = Browser(app).enter_as(*user)
        number = 0
        while not boss.poll(pause):
            words = f"รายงานที่ {os.getpid()}-{number}"
            address, claim = forms[(os.getpid() + number) % len(forms)]
            data = PDF + words.encode()
            form = {
                "result": words, "problems_answer": "none", "suggestions_answer": "none", claim: "not_yet",
                "files": (BytesIO(data), f"หลักฐาน {number}.pdf"),
            }  # fmt: skip
            answer = browser.post(address, form)
            assert answer.status_code == 303, answer.text[-2000:]
            boss.send((words, hashlib.sha256(data).hexdigest()))
            number += 1


def _number(fate: Fate) -> None:
    store: Callable[..., Any] = storage.store
    real = tracker.app.writing

    def storing(*args: Any, **values: Any) -> Any:
        stored = store(*args, **values)
        fate.pass_by(STORED)
        return stored

    @contextmanager
    def writing() -> Iterator[None]:
        with real():
            yield
            fate.pass_by(COMMITTING)
        fate.pass_by(COMMITTED)

    storage.store = storing
    tracker.app.writing = writing  # type: ignore[attr-defined]
