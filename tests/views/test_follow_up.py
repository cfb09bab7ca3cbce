"""The board of follow-up rounds and the form of one division."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import approve, follow_up_of, group_of, report, settle
from tests.world import World, at
from tracker.database import db
from tracker.models import FollowUp, FollowUpAnswer, FollowUpState, Round, User
from tracker.rules.claims import Claim

SignedIn = Callable[[str], Browser]
APRIL, MARCH = at("2026-04-02"), at("2026-03-20")


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()


def state(world: World, follow_up_id: int) -> FollowUpState:
    with world.read():
        found = db.session.scalars(select(FollowUp.state).where(FollowUp.id == follow_up_id)).one()
        db.session.rollback()
    return found


def lines(world: World, follow_up_id: int) -> list[FollowUpAnswer]:
    with world.read():
        found = list(
            db.session.scalars(
                select(FollowUpAnswer)
                .where(FollowUpAnswer.follow_up_id == follow_up_id)
                .order_by(FollowUpAnswer.id)
            )
        )
        db.session.expunge_all()
        db.session.rollback()
    return found


def filled(world: World, follow_up_id: int, **changes: str) -> dict[str, str]:
    """Every line of the form answered."""
    fields: dict[str, str] = {}
    for line in lines(world, follow_up_id):
        told = {"completion": "full", "result": "แจกคู่มือครบ", "outcome": "ผู้รับบริการพอใจ"} | changes
        fields |= {f"{name}-{line.id}": text for name, text in told.items()}
        fields |= {f"problems-{line.id}_answer": "none", f"suggestions-{line.id}_answer": "none"}
    return fields


def told_by_quarters(world: World, place: int = 0) -> None:
    """The division's two quarters of the period are approved."""
    for quarter, now in ((1, at("2025-12-17")), (2, MARCH)):
        group = group_of(world, place, quarter)
        report(world, group, who=f"head{place}", now=now, result=f"ผลไตรมาส {quarter}")
        approve(world, group, now)


def test_the_board_shows_every_round_with_who_has_answered(world: World, signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get("/follow-up/year/2569")
    assert "รอบ 6 เดือน" in page.text.replace("\u00a0", " ")
    assert len([link for link in page.links if link.startswith("/follow-up/") and "year" not in link]) == 10


def test_no_two_rounds_of_a_year_share_a_name(world: World, signed_in: SignedIn) -> None:
    with world.write():
        plan_id = db.session.scalars(select(Round.plan_id).limit(1)).one()
        for kind, start, end in (
            ("on_completion", date(2025, 10, 1), date(2026, 3, 31)),
            ("on_completion", date(2026, 1, 1), date(2026, 3, 31)),
            ("once", date(2026, 1, 1), date(2026, 3, 31)),
            ("once", date(2026, 1, 14), date(2026, 3, 31)),
            ("monthly", date(2026, 3, 1), date(2026, 3, 31)),
        ):
            days = {"opens_on": at("2026-04-01").date(), "asks_on": at("2026-04-01").date(), "due_on": end}
            asked = Round(plan_id=plan_id, kind=kind, period_start=start, period_end=end, **days)
            db.session.add(asked)
            db.session.flush()
            db.session.add(FollowUp(round_id=asked.id, division_id=world.division_ids[0]))
    page = signed_in("head0").get("/follow-up/year/2569")
    names = [
        "รอบ 6 เดือน (ต.ค. 2568 – มี.ค. 2569)",
        "รอบเมื่อแล้วเสร็จ (ต.ค. 2568 – มี.ค. 2569)",
        "รอบเมื่อแล้วเสร็จ (ม.ค. – มี.ค. 2569)",
        "รอบครั้งเดียว (ม.ค. – มี.ค. 2569)",
        "รอบครั้งเดียว (14 ม.ค. 2569 – 31 มี.ค. 2569)",
        "รอบรายเดือน (มี.ค. 2569)",
        "รอบ 12 เดือน (ต.ค. 2568 – ก.ย. 2569)",
    ]
    for name in names:
        assert name in page.text.replace("\u00a0", " ")


def test_a_head_sees_the_own_division_only(world: World, signed_in: SignedIn) -> None:
    page = signed_in("head1").get("/follow-up/year/2569")
    assert "กองช่าง" not in page.text
    assert f"/follow-up/{follow_up_of(world, 1)}" in page.links


def test_who_only_looks_reads_what_a_division_has_kept_and_writes_nothing(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    path, words = f"/follow-up/{follow_up_id}", "ยังไม่ได้ส่งคำตอบ ด้านล่างคือข้อความที่บันทึกไว้แล้ว"
    signed_in("head0").post(path, filled(world, follow_up_id, result="แจกไปครึ่งหนึ่ง") | {"draft": "1"})
    assert path in signed_in("chief").get("/follow-up/year/2569").links
    answer = signed_in("chief").open(path)
    assert "แจกไปครึ่งหนึ่ง" in Page(answer.text).text
    assert words in Page(answer.text).text.replace("\u00a0", " ")
    assert 'name="draft"' not in answer.text
    assert "textarea" not in answer.text
    assert signed_in("chief").open(f"{path}?edit=1").text.count("textarea") == 0
    assert signed_in("chief").post(path, filled(world, follow_up_id)).status_code == 403
    assert words not in signed_in("head0").get(path).text.replace("\u00a0", " ")


def test_a_head_who_also_audits_reads_the_other_divisions_form_and_answers_the_own_alone(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    with world.write():
        db.session.scalars(select(User).where(User.id == world.users["head0"])).one().auditor = True
    person, own, other = signed_in("head0"), follow_up_of(world), follow_up_of(world, 1)
    assert "textarea" not in person.open(f"/follow-up/{other}").text
    for fields in (filled(world, other), filled(world, other) | {"draft": "1"}):
        assert person.post(f"/follow-up/{other}", fields).status_code == 404
    assert [line.result for line in lines(world, other)] == [""] * 2
    assert person.post(f"/follow-up/{own}", filled(world, own)).status_code == 303


def test_who_only_looks_reads_what_a_division_adds_to_what_its_quarters_tell(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    told_by_quarters(world)
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    told = filled(world, follow_up_id, result="ได้รับรางวัล", outcome="ประชาชนชม")
    signed_in("head0").post(f"/follow-up/{follow_up_id}", told | {"draft": "1"})
    page = signed_in("clerk").get(f"/follow-up/{follow_up_id}")
    assert all(words in page.text for words in ("ได้รับรางวัล", "ประชาชนชม", "ผลไตรมาส 2"))


def test_another_divisions_form_does_not_exist(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world, 1)
    person = signed_in("head0")
    person.get(f"/follow-up/{follow_up_id}", 404)
    assert person.post(f"/follow-up/{follow_up_id}", filled(world, follow_up_id)).status_code == 404
    assert state(world, follow_up_id) is FollowUpState.WAITING


def test_a_round_that_is_not_open_is_read_only(world: World, signed_in: SignedIn) -> None:
    follow_up_id = follow_up_of(world)
    person = signed_in("head0")
    page = person.get(f"/follow-up/{follow_up_id}")
    assert "รอบนี้เปิดให้ตอบวันที่" in page.text
    fields = page.form(f"/follow-up/{follow_up_id}")
    assert not any(name.startswith("result-") for name in fields)
    for more in ({}, {"draft": "1"}):
        answer = person.post(f"/follow-up/{follow_up_id}", filled(world, follow_up_id) | more)
        assert answer.status_code == 422
        assert "เปิดให้ตอบวันที่" in Page(answer.text).text
    assert state(world, follow_up_id) is FollowUpState.WAITING
    assert not any(line.result for line in lines(world, follow_up_id))


def test_a_follow_up_of_a_closed_plan_is_read_only(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    settle(world, APRIL)
    signed_in("coordinator").post("/report/2569/close")
    person = signed_in("head0")
    page = person.get(f"/follow-up/{follow_up_id}")
    assert "อ่านได้อย่างเดียว" in page.text
    assert person.post(f"/follow-up/{follow_up_id}", filled(world, follow_up_id)).status_code == 422
    assert state(world, follow_up_id) is FollowUpState.UNANSWERED
    for address in (f"/follow-up/{follow_up_id}", "/follow-up/year/2569"):
        assert "ไม่ได้รายงาน" in person.get(address).text
        assert "ยกเลิก" not in person.get(address).text


def test_what_was_never_confirmed_is_not_called_answered_after_the_close(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    told_by_quarters(world)
    clock.move_to(APRIL)
    settle(world, APRIL)
    signed_in("coordinator").post("/report/2569/close")
    address = f"/follow-up/{follow_up_of(world)}"
    page = signed_in("head0").get(address)
    text = page.text.replace("\u00a0", " ")
    assert "ตอบแล้ว 0 จาก 2" in text
    assert "ผลจากงานรายไตรมาส 2 ข้อ ยังไม่ได้ยืนยัน" in text
    assert "confirm" not in page.form(address)


def test_an_open_follow_up_stands_in_my_work(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    link = f"/follow-up/{follow_up_of(world)}"
    assert link not in signed_in("head0").get("/work").links
    clock.move_to(APRIL)
    assert link in signed_in("head0").get("/work").links


def test_every_asked_line_needs_an_answer(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    answer = signed_in("head0").post(f"/follow-up/{follow_up_id}")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert len(page.beside) == 2 * 4
    first = lines(world, follow_up_id)[0].id
    assert page.beside[f"completion-{first}"] == "ข้อ 1 กรุณาเลือกความสำเร็จ"
    assert "ไม่มี" in page.beside[f"problems-{first}_answer"]
    assert state(world, follow_up_id) is FollowUpState.WAITING


def test_what_was_typed_stays_where_something_is_missing(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    first = lines(world, follow_up_id)[0].id
    answer = signed_in("head0").post(
        f"/follow-up/{follow_up_id}", {f"result-{first}": "แจกคู่มือครบ", f"completion-{first}": "nearly"}
    )
    fields = Page(answer.text).form(f"/follow-up/{follow_up_id}")
    assert fields[f"result-{first}"] == "แจกคู่มือครบ"
    assert fields[f"completion-{first}"] == "nearly"


def test_a_word_that_is_no_completion_is_no_answer(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    fields = filled(world, follow_up_id, completion="perfect")
    assert signed_in("head0").post(f"/follow-up/{follow_up_id}", fields).status_code == 422


def test_an_answer_is_taken(world: World, signed_in: SignedIn, clock: time_machine.Traveller) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    person = signed_in("head0")
    answer = person.post(f"/follow-up/{follow_up_id}", filled(world, follow_up_id))
    assert (answer.status_code, answer.location) == (303, "/work")
    assert state(world, follow_up_id) is FollowUpState.ANSWERED
    first = lines(world, follow_up_id)[0]
    assert (first.completion, first.result, first.problems, first.changed) == (
        "full",
        "แจกคู่มือครบ",
        "ไม่มี",
        True,
    )
    page = person.get(f"/follow-up/{follow_up_id}")
    assert "ส่งคำตอบเมื่อ" in page.text
    assert "แจกคู่มือครบ" in page.text


def test_an_answer_can_be_changed_while_the_plan_runs(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    person = signed_in("head0")
    person.post(f"/follow-up/{follow_up_id}", filled(world, follow_up_id))
    first = lines(world, follow_up_id)[0].id
    fields = person.get(f"/follow-up/{follow_up_id}?edit=1").form(f"/follow-up/{follow_up_id}")
    assert fields[f"result-{first}"] == "แจกคู่มือครบ"
    person.post(f"/follow-up/{follow_up_id}", filled(world, follow_up_id, result="แจกแล้ว 200 เล่ม"))
    assert lines(world, follow_up_id)[0].result == "แจกแล้ว 200 เล่ม"


def test_a_draft_is_kept_and_answers_nothing(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    first = lines(world, follow_up_id)[0].id
    person = signed_in("head0")
    answer = person.post(
        f"/follow-up/{follow_up_id}",
        {"draft": "1", f"result-{first}": "ยังเขียนไม่จบ", f"completion-{first}": "partly"},
    )
    assert answer.location == f"/follow-up/{follow_up_id}"
    fields = person.get(answer.location).form(f"/follow-up/{follow_up_id}")
    assert (fields[f"result-{first}"], fields[f"completion-{first}"]) == ("ยังเขียนไม่จบ", "partly")
    assert state(world, follow_up_id) is FollowUpState.WAITING


def test_lines_told_by_the_quarters_need_one_tick(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    told_by_quarters(world)
    clock.move_to(APRIL)
    follow_up_id = follow_up_of(world)
    person = signed_in("head0")
    page = person.get(f"/follow-up/{follow_up_id}")
    assert "ผลไตรมาส 2" in page.text.replace("\u00a0", " ")
    assert "ตอบแล้ว 0 จาก 2" in page.text.replace("\u00a0", " ")
    fields = page.form(f"/follow-up/{follow_up_id}")
    assert "confirm" in fields
    assert not any(name.startswith("completion-") for name in fields)
    answer = person.post(f"/follow-up/{follow_up_id}")
    assert answer.status_code == 422
    assert "กรุณายืนยัน" in Page(answer.text).text
    assert person.post(f"/follow-up/{follow_up_id}", {"confirm": "1"}).status_code == 303
    assert "ตอบแล้ว 2 จาก 2" in person.get(f"/follow-up/{follow_up_id}").text.replace("\u00a0", " ")
    kept = lines(world, follow_up_id)
    assert [(line.result, line.changed, line.completion) for line in kept] == [
        ("ผลไตรมาส 2", False, "full")
    ] * 2


def test_only_the_missing_lines_are_asked(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    told_by_quarters(world)
    later = group_of(world, 0, 3)
    report(world, later, Claim.NOT_YET, now=at("2026-04-01"))
    clock.move_to(at("2026-10-02"))
    follow_up_id = follow_up_of(world, 0, "twelve_months")
    fields = signed_in("head0").get(f"/follow-up/{follow_up_id}").form(f"/follow-up/{follow_up_id}")
    assert len([name for name in fields if name.startswith("completion-")]) == 2


def test_a_follow_up_that_does_not_exist_is_not_found(signed_in: SignedIn) -> None:
    signed_in("coordinator").get("/follow-up/999", 404)
