"""The brake on guessing counts every try, also of those that come at the same moment."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from tests.world import at
from tracker.actions import admitting
from tracker.app import Tracker
from tracker.database import across_organisations, db, writing
from tracker.models import Throttle

NOW = at("2026-03-20")
AT_ONCE = 6


@pytest.mark.parametrize("kind", ["app", "postgres_app"])
def test_tries_at_the_same_moment_are_all_counted(request: pytest.FixtureRequest, kind: str) -> None:
    app: Tracker = request.getfixturevalue(kind)
    together, counted = threading.Barrier(AT_ONCE), []

    def guess() -> None:
        with app.app_context():
            together.wait(30)
            with writing():
                admitting.note_try("head0@tuayang.example", "127.0.0.2", now=NOW)
            counted.append(1)

    guesses = [threading.Thread(target=guess) for _ in range(AT_ONCE)]
    for one in guesses:
        one.start()
    for one in guesses:
        one.join(60)
    with across_organisations("test"):
        assert list(db.session.scalars(select(Throttle.failures))) == [AT_ONCE, AT_ONCE]
        db.session.rollback()
    assert len(counted) == AT_ONCE
