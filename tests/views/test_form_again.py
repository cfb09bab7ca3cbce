"""The form of a group that comes back: with what was claimed, and with the files that are still missing."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest

from tests.client import Browser, Page
from tests.deeds import group_of, report, saved_picture, send_back, task_ids
from tests.world import World
from tracker.rules.claims import Claim

SignedIn = Callable[[str], Browser]
TOLD = {"result": "จัดทำแล้ว 40 เล่ม", "problems_answer": "none", "suggestions_answer": "none"}
NOT_ATTACHED = "ไฟล์ที่เลือกไว้ยังไม่ได้แนบ"


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()


def chosen(world: World, page: Page) -> list[str]:
    group = group_of(world)
    fields = page.form(group.path)
    return [fields[f"claim-{task_id}"] for task_id in task_ids(world, group)]


def test_what_was_sent_back_is_sent_again_with_one_press(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    first, second = task_ids(world, group)
    head = signed_in("head0")
    assert chosen(world, head.get(group.path)) == ["", ""]
    report(world, group, {first: Claim.AS_PLANNED, second: Claim.NOT_YET})
    send_back(world, group)
    page = head.get(group.path)
    # What had not been reported is to be chosen.
    assert chosen(world, page) == ["as_planned", ""]
    given = page.form(group.path) | {f"claim-{second}": "not_yet", "steps": []}
    assert head.post(group.path, given).status_code == 303


def test_a_file_that_was_chosen_with_an_incomplete_answer_is_said_to_be_missing(
    world: World, signed_in: SignedIn
) -> None:
    group = group_of(world)
    head = signed_in("head0")
    photo = {"files": (BytesIO(saved_picture("JPEG")), "ภาพ.jpg")}
    answer = head.post(group.path, TOLD | photo)
    assert answer.status_code == 422
    assert NOT_ATTACHED in Page(answer.text).beside["files"]
    assert NOT_ATTACHED not in head.post(group.path, TOLD).text
    photo = {"files": (BytesIO(saved_picture("JPEG")), "ภาพ.jpg"), "keeps_files": "y"}
    assert NOT_ATTACHED not in head.post(group.path, TOLD | photo).text
