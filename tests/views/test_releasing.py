"""The clerk's press that brings a late form before the chief executive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import time_machine

from tests.client import Browser
from tests.world import World, at

SignedIn = Callable[[str], Browser]


def test_the_clerk_alone_has_the_button_and_only_while_the_form_is_late(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    world.adopted_plan([(1, [1], date(2025, 10, 1), date(2026, 9, 30))])
    address = f"/reminders/group/1/{world.division_ids[1]}/1"
    assert "แจ้งผู้บริหาร" not in signed_in("clerk").get(address).text
    clock.move_to(at("2026-01-12"))
    clerk = signed_in("clerk")
    assert "แจ้งผู้บริหาร" in clerk.get(address).text
    for who in ("coordinator", "head1", "chief"):
        browser = signed_in(who)
        assert "แจ้งผู้บริหาร" not in browser.get(address).text
        assert browser.post(f"{address}/release", {}).status_code == 403
    assert clerk.post(f"{address}/release", {}).status_code == 303
    told = clerk.get(address).text
    assert "เรื่องนี้จะอยู่ในจดหมายฉบับถัดไปถึงผู้บริหาร" in told
    assert "หนึ่งครั้ง" not in told
    assert clerk.post(f"{address}/release", {}).status_code == 422
