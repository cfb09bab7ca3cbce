"""The division's list and form, and the coordinator's decision."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from tests import deeds
from tests.client import Browser, Page
from tests.deeds import (
    PDF,
    approve,
    group_of,
    prove,
    report,
    saved_picture,
    settle,
    states,
    task_ids,
)
from tests.world import World, at
from tracker.database import db
from tracker.groups import Group
from tracker.models import Evidence, OutgoingMail, StepTick, Submission, User
from tracker.reading import container
from tracker.rules.claims import NONE, Claim
from tracker.rules.states import TaskState

SignedIn = Callable[[str], Browser]
PNG = saved_picture("PNG")
TOLD = {"result": "จัดทำคู่มือแล้ว 2 เล่ม", "problems_answer": "none", "suggestions_answer": "none"}


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()


def path_of(group: Group) -> str:
    return f"/work/{group.item_id}/{group.division_id}/{group.quarter}"


def claims(world: World, group: Group, *words: str) -> dict[str, str]:
    """The claims of a form: one word for all measures, or one each."""
    ids = task_ids(world, group)
    given = words * len(ids) if len(words) == 1 else words
    return {f"claim-{task_id}": word for task_id, word in zip(ids, given, strict=True)}


def count(world: World, model: type[Any]) -> int:
    with world.read():
        number = db.session.scalar(select(func.count(model.id)))
        db.session.rollback()
    return number or 0


def files_on_disk(world: World) -> list[Path]:
    folder = world.app.extensions["tracker.config"].evidence_folder
    return [path for path in folder.rglob("*") if path.is_file()]


def word_file(**parts: str) -> bytes:
    """A zip like a Word file, with parts of one's own."""
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            {"[Content_Types].xml": types, "word/document.xml": "<document/>"} | parts
        ).items():
            archive.writestr(name, text)
    return made.getvalue()


# The list


def test_the_list_shows_what_is_due_soon_and_what_comes_later(signed_in: SignedIn) -> None:
    page = signed_in("head1").get("/work")
    assert "งานของกองคลัง" in page.text
    assert "อีก 14 วัน" in page.text.replace("\u00a0", " ")
    own = [link for link in page.links if link.startswith("/work/")]
    assert len(own) == 4


def test_the_list_turns_late_by_itself(signed_in: SignedIn, clock: time_machine.Traveller) -> None:
    clock.move_to(at("2026-01-05"))
    text = signed_in("head1").get("/work").text.replace("\u00a0", " ")
    assert "เกินกำหนด 5 วัน" in text
    assert "เกินกำหนด 2 งาน ใน 1 แบบรายงาน" in text


def test_the_list_folds_what_was_sent(world: World, signed_in: SignedIn) -> None:
    report(world, group_of(world))
    page = signed_in("head0").get("/work")
    assert "งานที่ส่งแล้ว 1 เรื่อง" in page.text.replace("\u00a0", " ")


def test_the_coordinator_without_a_division_is_led_to_approval(signed_in: SignedIn) -> None:
    assert signed_in("coordinator").open("/work").location == "/plan/2569/waiting"


def test_an_answered_group_disappears_from_the_next_form(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    answer = signed_in("head0").post(path_of(group), TOLD | claims(world, group, "as_planned"))
    assert (answer.status_code, answer.location) == (303, "/work")


# The form


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("as_planned", TaskState.SUBMITTED),
        ("complete", TaskState.SUBMITTED),
        ("not_yet", TaskState.IN_PROGRESS),
        ("stuck", TaskState.STUCK),
    ],
)
def test_a_claim_moves_the_task(world: World, signed_in: SignedIn, word: str, expected: TaskState) -> None:
    group = group_of(world)
    fields = TOLD | {"no_evidence": "เป็นงานต่อเนื่อง", "problems_answer": "some", "problems": "ขาดงบประมาณ"}
    assert signed_in("head0").post(path_of(group), fields | claims(world, group, word)).status_code == 303
    assert [row[0] for row in deeds.tasks(world, group)] == [expected, expected]


def test_each_measure_moves_by_its_own_claim(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    signed_in("head0").post(path_of(group), TOLD | claims(world, group, "as_planned", "not_yet"))
    assert [row[0] for row in deeds.tasks(world, group)] == [TaskState.SUBMITTED, TaskState.IN_PROGRESS]


@pytest.mark.parametrize(
    ("left_out", "field", "sentence"),
    [
        ("result", "result", "กรุณาเขียนผลการดำเนินงาน"),
        ("problems_answer", "problems_answer", "กรุณาตอบเรื่องปัญหา/อุปสรรค"),
        ("suggestions_answer", "suggestions_answer", "กรุณาตอบเรื่องข้อเสนอแนะ"),
    ],
)
def test_a_missing_answer_is_told_beside_its_field_and_nothing_changes(
    world: World, signed_in: SignedIn, left_out: str, field: str, sentence: str
) -> None:
    group = group_of(world)
    fields = TOLD | claims(world, group, "as_planned") | {left_out: ""}
    answer = signed_in("head0").post(path_of(group), fields)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in page.beside[field]
    assert f"#{field}" in page.links
    kept = page.form(path_of(group))
    assert all(kept[name] == value for name, value in fields.items())
    assert states(world) == [TaskState.OPEN] * 4
    assert count(world, Submission) == 0


def test_blank_is_not_an_answer_to_problems(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    fields = TOLD | claims(world, group, "as_planned") | {"problems_answer": "some", "problems": " \u200b "}
    answer = signed_in("head0").post(path_of(group), fields)
    assert "problems_answer" in Page(answer.text).beside


def test_none_is_kept_as_none(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    typed = {"problems": "พิมพ์ไว้ก่อนเปลี่ยนใจ"}
    signed_in("head0").post(path_of(group), TOLD | typed | claims(world, group, "as_planned"))
    with world.read():
        told = db.session.scalars(select(Submission)).one()
    assert (told.problems, told.suggestions) == (NONE, NONE)


def test_a_measure_without_a_claim_is_asked_for(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    first, second = task_ids(world, group)
    answer = signed_in("head0").post(path_of(group), TOLD | {f"claim-{first}": "as_planned"})
    assert answer.status_code == 422
    assert Page(answer.text).beside == {f"claim-{second}": "กรุณาเลือกว่างานถึงไหนแล้ว"}


def test_stuck_needs_to_say_what_is_wrong(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    answer = signed_in("head0").post(path_of(group), TOLD | claims(world, group, "stuck"))
    assert "กรุณาบอกว่าติดปัญหาอะไร" in Page(answer.text).beside["problems_answer"]


def test_completion_needs_evidence_or_a_reason(world: World, signed_in: SignedIn) -> None:
    group = group_of(world, quarter=4)
    person = signed_in("head0")
    fields = TOLD | claims(world, group, "complete")
    answer = person.post(path_of(group), fields)
    assert "แนบหลักฐาน" in Page(answer.text).beside["files"]
    assert person.post(path_of(group), fields | {"no_evidence": "อยู่ในเล่มรวม"}).status_code == 303


def test_who_completes_early_is_shown_where_to_write_why_there_is_no_evidence(
    world: World, signed_in: SignedIn
) -> None:
    group = group_of(world)
    person = signed_in("head0")
    assert 'name="no_evidence"' not in person.open(path_of(group)).text
    answer = person.post(path_of(group), TOLD | claims(world, group, "complete"))
    assert answer.status_code == 422
    assert 'name="no_evidence"' in answer.text


def test_a_completion_task_cannot_be_as_planned(world: World, signed_in: SignedIn) -> None:
    group = group_of(world, quarter=4)
    person = signed_in("head0")
    offered = person.open(path_of(group)).text
    assert 'value="as_planned"' not in offered
    answer = person.post(path_of(group), TOLD | claims(world, group, "as_planned"))
    first = task_ids(world, group)[0]
    assert "ไตรมาสสุดท้าย" in Page(answer.text).beside[f"claim-{first}"]


def test_a_link_can_be_the_evidence(world: World, signed_in: SignedIn) -> None:
    group = group_of(world, quarter=4)
    fields = TOLD | claims(world, group, "complete") | {"link": " https://example.go.th/คู่มือ.pdf "}
    person = signed_in("head0")
    assert person.post(path_of(group), fields).status_code == 303
    assert "https://example.go.th/คู่มือ.pdf" in person.get(path_of(group)).links


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://example.go.th/a", "https://", "www.example.go.th"]
)
def test_a_link_of_another_kind_is_refused_beside_its_field(
    world: World, signed_in: SignedIn, link: str
) -> None:
    group = group_of(world)
    answer = signed_in("head0").post(
        path_of(group), TOLD | claims(world, group, "as_planned") | {"link": link}
    )
    assert answer.status_code == 422
    assert "http://" in Page(answer.text).beside["link"]
    assert (count(world, Evidence), count(world, Submission)) == (0, 0)


def test_steps_are_ticked_and_unticked(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    person = signed_in("head0")
    fields = TOLD | claims(world, group, "not_yet")
    person.post(path_of(group), fields | {"steps": "1"})
    assert count(world, StepTick) == 1
    assert person.get(path_of(group)).form(path_of(group))["steps"] == "1"
    person.post(path_of(group), fields)
    assert count(world, StepTick) == 0


def test_ticks_of_another_item_are_left_out(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    signed_in("head0").post(path_of(group), TOLD | claims(world, group, "not_yet") | {"steps": "99"})
    assert count(world, StepTick) == 0


def test_what_was_saved_for_now_stands_in_the_form_again(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    person = signed_in("head0")
    person.post(path_of(group), TOLD | claims(world, group, "not_yet"))
    kept = person.get(path_of(group)).form(path_of(group))
    assert kept["result"] == TOLD["result"]
    assert kept["problems_answer"] == "none"


def test_the_form_shows_what_the_last_quarter_said(world: World, signed_in: SignedIn) -> None:
    report(world, group_of(world), result="แจกคู่มือรุ่นแรกแล้ว")
    assert "แจกคู่มือรุ่นแรกแล้ว" in signed_in("head0").get(path_of(group_of(world, quarter=2))).text


def test_words_of_a_person_are_shown_as_text(world: World, signed_in: SignedIn) -> None:
    report(world, group_of(world), result="<script>alert(1)</script><b>หนา</b>")
    answer = signed_in("coordinator").open(path_of(group_of(world)))
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


def test_nobody_reports_for_another_division(world: World, signed_in: SignedIn) -> None:
    group = group_of(world, place=1)
    fields = TOLD | claims(world, group, "as_planned")
    assert signed_in("head0").post(path_of(group), fields).status_code == 404
    assert signed_in("clerk").post(path_of(group), fields).status_code == 403
    assert states(world, place=1) == [TaskState.OPEN] * 4


def test_a_claim_on_a_task_of_another_division_changes_nothing(world: World, signed_in: SignedIn) -> None:
    own, foreign = group_of(world), group_of(world, place=1)
    fields = TOLD | claims(world, own, "as_planned") | claims(world, foreign, "as_planned")
    signed_in("head0").post(path_of(own), fields)
    assert states(world, place=1) == [TaskState.OPEN] * 4


def test_the_coordinator_may_report_for_any_division(world: World, signed_in: SignedIn) -> None:
    group = group_of(world, place=2)
    fields = TOLD | claims(world, group, "as_planned")
    assert signed_in("coordinator").post(path_of(group), fields).status_code == 303
    approve(world, group)
    assert "อนุมัติโดยผู้ส่งเอง" in signed_in("chief").get(path_of(group)).text


def test_others_read_a_group_without_a_form(world: World, signed_in: SignedIn) -> None:
    page = signed_in("head1").get(path_of(group_of(world)))
    assert "ยังไม่มีรายงาน" in page.text
    assert all("/work/" not in str(form.get("action")) for form in page.forms)


@pytest.mark.parametrize("path", ["/work/99/1/1", "/work/1/1/5", "/work/1/99/1", "/work/1/1/0"])
def test_a_group_that_does_not_exist_is_not_found(signed_in: SignedIn, path: str) -> None:
    signed_in("coordinator").get(path, 404)


def test_reporting_twice_is_refused(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    fields = TOLD | claims(world, group, "as_planned")
    person = signed_in("head0")
    person.post(path_of(group), fields)
    answer = person.post(path_of(group), fields)
    assert answer.status_code == 422
    assert "รายงานซ้ำไม่ได้" in Page(answer.text).text
    assert count(world, Submission) == 1


def test_a_closed_plan_takes_no_reports(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    settle(world, at("2025-12-17"))
    signed_in("coordinator").post("/report/2569/close")
    answer = signed_in("head0").post(path_of(group), TOLD | claims(world, group, "as_planned"))
    assert answer.status_code == 422
    assert "ปิดแล้ว" in Page(answer.text).text
    assert count(world, Submission) == 0


# Evidence


def attach(person: Browser, world: World, name: str, data: bytes, word: str = "not_yet") -> Any:
    group = group_of(world)
    fields: dict[str, Any] = TOLD | claims(world, group, word)
    return person.post(path_of(group), fields | {"files": [(BytesIO(data), name)]})


def test_a_file_comes_back_as_it_went_with_its_thai_name(world: World, signed_in: SignedIn) -> None:
    person = signed_in("head0")
    assert attach(person, world, "คู่มือ ฉบับที่ ๒ (แก้ไข).pdf", PDF).status_code == 303
    [link] = [link for link in person.get(path_of(group_of(world))).links if link.endswith("/evidence/1")]
    answer = signed_in("clerk").open(link)
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''%E0%B8%84%E0%B8%B9%E0%B9%88" in disposition
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert "no-" in answer.headers["Cache-Control"]
    assert len(files_on_disk(world)) == 1
    assert "คู่มือ" not in str(files_on_disk(world)[0])


def test_several_files_at_once_are_all_kept(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    files = [(BytesIO(PDF), "ก.pdf"), (BytesIO(PNG), "ข.PNG"), (BytesIO(b""), "")]
    fields: dict[str, Any] = TOLD | claims(world, group, "not_yet") | {"files": files}
    assert signed_in("head0").post(path_of(group), fields).status_code == 303
    assert (count(world, Evidence), len(files_on_disk(world))) == (2, 2)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("ภาพ.heic", b"....ftypheic", "รูปแบบ > ใช้งานร่วมกันได้"),
        ("แผน.doc", b"\xd0\xcf\x11\xe0", ".docx"),
        ("ตาราง.xls", b"\xd0\xcf\x11\xe0", ".xlsx"),
        ("โปรแกรม.exe", b"MZ", "รับเฉพาะแฟ้ม PDF"),
        ("หน้าเว็บ.html", b"<html>", "รับเฉพาะแฟ้ม PDF"),
        ("ไม่มีนามสกุล", PDF, "รับเฉพาะแฟ้ม PDF"),
        ("โปรแกรม.pdf", b"MZ\x90\x00", "ไม่ตรงกับนามสกุล .pdf"),
        ("ภาพ.png", b"\xff\xd8\xff\xe0", "ไม่ตรงกับนามสกุล .png"),
        ("ว่าง.pdf", b"", "ไม่ตรงกับนามสกุล .pdf"),
        ("ไม่ใช่.docx", PDF, "ไม่ตรงกับนามสกุล .docx"),
        ("เสีย.docx", b"PK\x03\x04....", "เสีย.docx"),
        ("ตาราง.docx", b"", "ไม่ตรงกับนามสกุล .docx"),
        ("มาโคร.docx", word_file(**{"word/vbaProject.bin": "x"}), "มาโคร"),
    ],
)
def test_a_file_that_is_not_allowed_is_refused_and_leaves_nothing(
    world: World, signed_in: SignedIn, name: str, data: bytes, sentence: str
) -> None:
    answer = attach(signed_in("head0"), world, name, data)
    assert answer.status_code == 422
    assert sentence in Page(answer.text).beside["files"]
    assert files_on_disk(world) == []
    assert (count(world, Evidence), count(world, Submission)) == (0, 0)


def test_a_zip_bomb_is_refused(world: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(container.LIMITS, part=10_000, unpacked=20_000)
    monkeypatch.setattr(container.open_container, "__defaults__", (small,))
    answer = attach(signed_in("head0"), world, "ใหญ่.docx", word_file(**{"word/a.xml": "0" * 100_000}))
    assert answer.status_code == 422
    assert files_on_disk(world) == []


def test_a_file_over_the_limit_is_refused(world: World, signed_in: SignedIn) -> None:
    settings = world.app.extensions["tracker.config"]
    world.app.extensions["tracker.config"] = replace(settings, upload_megabytes=1)
    answer = attach(signed_in("head0"), world, "ใหญ่.pdf", PDF + b"0" * 1024 * 1024)
    assert "ใหญ่เกิน 1 MB" in Page(answer.text).beside["files"]
    assert files_on_disk(world) == []


def test_a_request_over_the_limit_of_all_files_is_answered_by_a_page(
    world: World, signed_in: SignedIn
) -> None:
    person = signed_in("head0")
    assert person.token
    world.app.config["MAX_CONTENT_LENGTH"] = 1024
    answer = attach(person, world, "ใหญ่.pdf", PDF * 100)
    assert answer.status_code == 413
    assert "ไฟล์ใหญ่เกินไป" in Page(answer.text).text


def test_one_refused_file_keeps_the_others_out_too(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    files = [(BytesIO(PDF), "ก.pdf"), (BytesIO(b"MZ"), "ข.exe")]
    fields: dict[str, Any] = TOLD | claims(world, group, "not_yet") | {"files": files}
    assert signed_in("head0").post(path_of(group), fields).status_code == 422
    assert files_on_disk(world) == []


def test_a_missing_answer_takes_the_stored_files_away_again(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    fields: dict[str, Any] = claims(world, group, "as_planned") | {"files": [(BytesIO(PDF), "ก.pdf")]}
    assert signed_in("head0").post(path_of(group), fields).status_code == 422
    assert files_on_disk(world) == []


# The decision


def test_the_coordinator_approves_from_the_list_of_what_waits(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    report(world, group)
    person = signed_in("coordinator")
    [link] = [link for link in person.get("/plan/2569/waiting").links if link.startswith(path_of(group))]
    assert person.get(link).form(f"{path_of(group)}/approve")
    answer = person.post(f"{path_of(group)}/approve")
    assert answer.location == "/plan/2569/waiting"
    page = person.get(answer.location)
    assert "อนุมัติแล้ว 2 มาตรการ" in page.text.replace("\u00a0", " ")
    assert "ไม่มีงานที่รอ" in page.text
    assert [row[0] for row in deeds.tasks(world, group)] == [TaskState.APPROVED] * 2


def test_what_was_sent_can_be_reviewed_while_another_measure_is_open(
    world: World, signed_in: SignedIn
) -> None:
    group = group_of(world)
    first, second = task_ids(world, group)
    report(world, group, {first: Claim.AS_PLANNED, second: Claim.NOT_YET})
    person = signed_in("coordinator")
    [link] = [link for link in person.get("/plan/2569/waiting").links if link.startswith(path_of(group))]
    assert person.get(link).form(f"{path_of(group)}/approve")
    person.post(f"{path_of(group)}/approve")
    assert [row[0] for row in deeds.tasks(world, group)] == [TaskState.APPROVED, TaskState.IN_PROGRESS]


@pytest.mark.parametrize("who", ["head0", "clerk", "chief"])
@pytest.mark.parametrize("deed", ["approve", "send-back", "reopen"])
def test_only_the_coordinator_decides(world: World, signed_in: SignedIn, who: str, deed: str) -> None:
    group = group_of(world)
    report(world, group)
    answer = signed_in(who).post(f"{path_of(group)}/{deed}", {"note": "แก้", "reason": "แก้"})
    assert answer.status_code == 403
    assert states(world)[0] is TaskState.SUBMITTED


def test_approving_twice_is_refused(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    report(world, group)
    approve(world, group)
    answer = signed_in("coordinator").post(f"{path_of(group)}/approve")
    assert answer.status_code == 422
    assert "อนุมัติได้เฉพาะงานที่รออนุมัติ" in Page(answer.text).text


def test_sending_back_needs_a_note(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    report(world, group)
    person = signed_in("coordinator")
    answer = person.post(f"{path_of(group)}/send-back", {"note": "  "})
    assert answer.status_code == 422
    assert Page(answer.text).beside["note"] == "กรุณาเขียนว่าต้องแก้ไขอะไร"
    assert states(world)[0] is TaskState.SUBMITTED
    assert count(world, OutgoingMail) == 0


def test_sending_back_gives_five_working_days_and_mails_the_division_ten_minutes_later(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    group = group_of(world, place=1)
    clock.move_to(at("2025-12-30"))
    report(world, group, who="head1", now=at("2025-12-30"))
    clock.move_to(at("2026-01-05"))
    signed_in("coordinator").post(f"{path_of(group)}/send-back", {"note": "ขอจำนวนเล่ม\nและวันที่แจก"})
    assert deeds.tasks(world, group) == [(TaskState.IN_PROGRESS, date(2026, 1, 12), 2, True)] * 2
    with world.read():
        mail = db.session.scalars(select(OutgoingMail)).one()
    assert mail.to_address == "head1@tuayang.example"
    assert mail.next_at == at("2026-01-05") + timedelta(minutes=10)
    assert path_of(group) in mail.body_text.replace("\n", "")
    page = signed_in("head1").get(path_of(group))
    assert "ขอจำนวนเล่ม" in page.text
    assert page.form(path_of(group))["result"] == "จัดทำคู่มือแล้ว"


def test_a_sent_back_group_is_reported_again_as_a_second_attempt(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    report(world, group, result="ครั้งแรก")
    deeds.send_back(world, group)
    fields = TOLD | {"result": "ครั้งที่สอง"} | claims(world, group, "as_planned")
    assert signed_in("head0").post(path_of(group), fields).status_code == 303
    page = signed_in("coordinator").get(path_of(group))
    assert "รายงานครั้งที่ 2" in page.text.replace("\u00a0", " ")
    assert "ครั้งแรก" in page.text
    assert "ครั้งที่สอง" in page.text


def test_reopening_needs_a_reason_and_gives_the_form_back(world: World, signed_in: SignedIn) -> None:
    group = group_of(world)
    report(world, group)
    approve(world, group)
    person = signed_in("coordinator")
    answer = person.post(f"{path_of(group)}/reopen")
    assert Page(answer.text).beside["reason"] == "กรุณาระบุเหตุผล"
    assert states(world)[0] is TaskState.APPROVED
    person.post(f"{path_of(group)}/reopen", {"reason": "ยอดไม่ตรง"})
    assert deeds.tasks(world, group) == [(TaskState.IN_PROGRESS, date(2025, 12, 31), 2, True)] * 2
    assert signed_in("head0").get(path_of(group)).form(path_of(group))["result"] == "จัดทำคู่มือแล้ว"


def test_an_organisation_of_one_approves_at_once(world: World, signed_in: SignedIn) -> None:
    with world.write():
        for who, user_id in world.users.items():
            user = db.session.get(User, user_id)
            assert user is not None
            user.active = who == "coordinator"
    group = group_of(world)
    person = signed_in("coordinator")
    person.post(path_of(group), TOLD | claims(world, group, "as_planned"))
    assert "ส่งรายงานแล้ว" in person.get("/plan/2569").text
    assert [row[0] for row in deeds.tasks(world, group)] == [TaskState.APPROVED] * 2


def test_a_task_that_is_not_needed_is_not_asked(world: World, signed_in: SignedIn) -> None:
    first, _second = task_ids(world, group_of(world))
    report(
        world,
        group_of(world),
        {first: Claim.COMPLETE, _second: Claim.AS_PLANNED},
        no_evidence_reason="อยู่ในเล่มรวม",
    )
    later = group_of(world, quarter=2)
    closed, asked = task_ids(world, later)
    fields = signed_in("head0").get(path_of(later)).form(path_of(later))
    assert f"claim-{asked}" in fields
    assert f"claim-{closed}" not in fields


def test_withdrawn_evidence_gives_the_task_back(world: World, signed_in: SignedIn) -> None:
    group = group_of(world, quarter=4)
    evidence_id = prove(world, group)
    report(world, group, Claim.COMPLETE)
    approve(world, group)
    person = signed_in("head0")
    answer = person.post(f"/evidence/{evidence_id}/withdraw", {f"reason-{evidence_id}": ""})
    assert answer.status_code == 422
    assert Page(answer.text).beside[f"reason-{evidence_id}"] == "กรุณาระบุเหตุผล"
    assert states(world)[3] is TaskState.APPROVED
    person.post(f"/evidence/{evidence_id}/withdraw", {f"reason-{evidence_id}": "แนบผิดไฟล์"})
    assert states(world)[3] is TaskState.IN_PROGRESS
    person.get(f"/evidence/{evidence_id}", 404)
    assert "คู่มือ.pdf" not in person.get(path_of(group)).text


def test_nobody_withdraws_the_evidence_of_another_division(world: World, signed_in: SignedIn) -> None:
    evidence_id = prove(world, group_of(world))
    answer = signed_in("head1").post(f"/evidence/{evidence_id}/withdraw", {f"reason-{evidence_id}": "x"})
    assert answer.status_code == 404
    with world.read():
        assert db.session.scalars(select(Evidence)).one().withdrawn_at is None


def test_a_file_that_the_disk_has_lost_is_said_to_be_gone(world: World, signed_in: SignedIn) -> None:
    evidence_id = prove(world, group_of(world))
    for path in files_on_disk(world):
        path.unlink()
    assert "กู้คืนจากสำเนาสำรอง" in signed_in("head0").get(f"/evidence/{evidence_id}", 503).text


def test_the_evidence_of_another_organisation_does_not_exist(world: World, signed_in: SignedIn) -> None:
    evidence_id = prove(world, group_of(world))
    other = World(world.app, "other", "เทศบาลตำบลอื่น")
    stranger = Browser(world.app).enter(other, "coordinator")
    stranger.get(f"/evidence/{evidence_id}", 404)
    stranger.get(path_of(group_of(world)), 404)
    assert stranger.post(f"/evidence/{evidence_id}/withdraw").status_code == 404


# Texts


def test_the_result_of_the_last_quarter_is_put_in_on_request(world: World, signed_in: SignedIn) -> None:
    report(world, group_of(world, quarter=1), result="อบรมแล้ว 1 ครั้ง", problems="ฝนตก")
    person, address = signed_in("head0"), path_of(group_of(world, quarter=2))
    page = person.get(address)
    assert page.form(address)["result"] == ""
    [link] = [link for link in page.links if "from=previous" in link]
    fields = person.get(link).form(address)
    assert (fields["result"], fields["problems"]) == ("อบรมแล้ว 1 ครั้ง", "ฝนตก")
    assert (fields["problems_answer"], fields["suggestions_answer"]) == ("some", "none")


@pytest.mark.parametrize(
    ("field", "limit"),
    [("result", 20_000), ("problems", 20_000), ("suggestions", 20_000), ("link", 2_000), ("caption", 500)],
)
def test_a_text_that_is_too_long_is_told_beside_its_field_and_kept(
    world: World, signed_in: SignedIn, field: str, limit: int
) -> None:
    group = group_of(world)
    long = "ก" * (limit + 1)
    fields = TOLD | claims(world, group, "as_planned") | {f"{field}_answer": "some", field: long}
    answer = signed_in("head0").post(path_of(group), fields)
    assert answer.status_code == 422
    page = Page(answer.text)
    shown = f"{field}_answer" if field in {"problems", "suggestions"} else field
    assert f"{limit:,}" in page.beside[shown]
    assert page.form(path_of(group))[field] == long
    assert count(world, Submission) == 0


def test_where_nothing_was_reported_the_page_says_what_to_do_next(world: World, signed_in: SignedIn) -> None:
    page = f"{path_of(group_of(world))}?review=1"
    assert "รายงานผล" in signed_in("head0").get(page).text
    assert path_of(group_of(world)) in signed_in("head0").get(page).links
    assert "ดูว่าแจ้งใครไปแล้ว" in signed_in("coordinator").get(page).text
    assert "ระบบเตือนกองตามกำหนด" in signed_in("head1").get(page).text
