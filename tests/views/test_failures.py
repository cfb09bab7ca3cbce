"""What a page says when something broke."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.client import Browser
from tests.world import World
from tracker.database import db


def test_a_request_that_broke_does_not_say_that_it_was_done(
    world: World, signed_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = signed_in("coordinator")

    def broken() -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setitem(world.app.config, "TESTING", False)
    with monkeypatch.context() as patched:
        patched.setattr(db.session, "commit", broken)
        answer = person.post("/settings/divisions", {"name": "กองใหม่"})
    assert answer.status_code == 500
    assert "เพิ่มกองใหม่แล้ว" not in answer.text
    assert "กองใหม่" not in person.get("/settings/divisions").text
