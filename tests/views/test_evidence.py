"""One evidence: its page, its pictures, its versions, and the groups that it proves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import PDF, group_of, prove, saved_picture, settle, states, task_ids
from tests.world import World, at
from tracker import storage
from tracker.actions import reporting
from tracker.database import db
from tracker.groups import Group, evidence_of
from tracker.models import Evidence, Plan
from tracker.rules.report_inputs import Signed
from tracker.rules.states import TaskState

SignedIn = Callable[[str], Browser]
TOLD = {"result": "จัดทำคู่มือแล้ว", "problems_answer": "none", "suggestions_answer": "none"}


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan([(1, range(2), date(2025, 10, 1), date(2026, 9, 30))] * 2)


def send(person: Browser, world: World, group: Group, word: str = "not_yet", **fields: Any) -> Any:
    claims = {f"claim-{task_id}": word for task_id in task_ids(world, group)}
    return person.post(group.path, TOLD | claims | fields)


def proofs(world: World, group: Group) -> list[Evidence]:
    """What counts for the group."""
    with world.read():
        db.session.rollback()
        found = list(evidence_of(group))
        db.session.expunge_all()
        db.session.rollback()
    return found


def photo(place: str = "N") -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = place
    exif[0x010F] = "A telephone"
    return saved_picture("JPEG", exif=exif)


# What is kept


def test_a_photograph_is_kept_without_its_place_under_the_hash_of_what_is_kept(
    world: World, signed_in: SignedIn
) -> None:
    person, data = signed_in("head0"), photo()
    send(person, world, group_of(world), files=[(BytesIO(data), "ภาพกิจกรรม ครั้งที่ ๑.jpg")])
    [kept] = proofs(world, group_of(world))
    answer = person.open(f"/evidence/{kept.id}")
    assert b"A telephone" in data
    assert b"A telephone" not in answer.data
    assert b"Exif" not in answer.data
    assert (kept.sha256, kept.size) == (hashlib.sha256(answer.data).hexdigest(), len(answer.data))
    assert kept.name == "ภาพกิจกรรม ครั้งที่ ๑.jpg"
    # RFC 5987: the whole Thai name, percent-encoded.
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert f"filename*=UTF-8''{quote(kept.name)}" in disposition
    assert f"filename=file-{kept.id}." in disposition


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("IMG_1.heic", "ใช้งานร่วมกันได้"),
        ("IMG_1.HEIF", "ใช้งานร่วมกันได้"),
        ("หนังสือ.doc", ".docx"),
        ("ทะเบียน.xls", ".xlsx"),
        ("สไลด์.ppt", "PDF"),
        ("สไลด์.pptx", "PDF"),
        ("ภาพ.webp", "JPG"),
    ],
)
def test_a_file_that_is_not_taken_is_told_with_what_to_press(
    world: World, signed_in: SignedIn, name: str, told: str
) -> None:
    answer = send(signed_in("head0"), world, group_of(world), files=[(BytesIO(b"x"), name)])
    assert answer.status_code == 422
    sentence = Page(answer.text).beside["files"]
    assert told in sentence
    assert "เลือก" in sentence


# What is said of it


def test_caption_period_and_openness_are_written_down(world: World, signed_in: SignedIn) -> None:
    group = group_of(world, quarter=1)
    fields = {"caption": "ประชุมชี้แจง", "public": "y", "files": [(BytesIO(PDF), "scan1.pdf")]}
    assert send(signed_in("head0"), world, group, **fields).status_code == 303
    [kept] = proofs(world, group)
    assert (kept.caption, kept.public, kept.about_on) == ("ประชุมชี้แจง", True, date(2025, 12, 17))


def test_evidence_counts_in_the_quarter_that_it_is_about(world: World, signed_in: SignedIn) -> None:
    here, there = group_of(world, quarter=1), group_of(world, quarter=2)
    send(signed_in("head0"), world, here, about="2", files=[(BytesIO(PDF), "ล่วงหน้า.pdf")])
    assert proofs(world, here) == []
    [kept] = proofs(world, there)
    assert kept.about_on == date(2026, 1, 1)


def test_evidence_about_another_quarter_does_not_complete_this_one(world: World, signed_in: SignedIn) -> None:
    group = group_of(world, quarter=4)
    file = [(BytesIO(PDF), "ก.pdf")]
    answer = send(signed_in("head0"), world, group, "complete", about="1", files=file)
    assert answer.status_code == 422
    assert states(world)[3] is TaskState.OPEN


@pytest.mark.parametrize("about", ["", "9", "x", "๑"])
def test_a_quarter_without_work_means_the_form_s_own(world: World, signed_in: SignedIn, about: str) -> None:
    send(signed_in("head0"), world, group_of(world), about=about, files=[(BytesIO(PDF), "ก.pdf")])
    assert len(proofs(world, group_of(world))) == 1


def test_what_looks_personal_stays_internal_and_says_so(world: World, signed_in: SignedIn) -> None:
    person = signed_in("head0")
    send(person, world, group_of(world), public="y", files=[(BytesIO(PDF), "สำเนาบัตรประชาชน.pdf")])
    [kept] = proofs(world, group_of(world))
    assert not kept.public
    assert "ข้อมูลส่วนบุคคล" in person.get("/work").text
    address = f"/evidence/{kept.id}/describe"
    refused = person.post(address, {"caption": "สำเนา", "public": "y"})
    assert refused.status_code == 422
    page = Page(refused.text)
    assert page.beside["sure"]
    assert page.form(address)["caption"] == "สำเนา"
    assert person.post(address, {"caption": "สำเนา", "public": "y", "sure": "y"}).status_code == 303
    assert [(one.caption, one.public) for one in proofs(world, group_of(world))] == [("สำเนา", True)]


# One evidence for several groups


def test_earlier_evidence_of_the_division_is_used_again_and_completes_the_task(
    world: World, signed_in: SignedIn
) -> None:
    first, last = group_of(world, item=1), group_of(world, quarter=4, item=2)
    evidence_id, strange = prove(world, first), prove(world, group_of(world, place=1), "กองอื่น.pdf")
    person = signed_in("head0")
    page = person.get(last.path)
    assert f"reuse-{evidence_id}" in page.ids
    assert f"reuse-{strange}" not in page.ids
    answer = send(person, world, last, "complete", reuse=[str(evidence_id), str(strange), "x"])
    assert answer.status_code == 303
    assert [one.id for one in proofs(world, last)] == [evidence_id]
    assert [one.id for one in proofs(world, first)] == [evidence_id]
    assert "ใช้กับงาน 2 เรื่อง" in person.get(f"/evidence/{evidence_id}/about").text


def test_withdrawing_shared_evidence_reopens_every_task_that_rested_on_it(
    world: World, signed_in: SignedIn
) -> None:
    one, other = group_of(world, quarter=4, item=1), group_of(world, quarter=4, item=2)
    evidence_id = prove(world, one)
    person = signed_in("head0")
    send(person, world, one, "complete")
    send(person, world, other, "complete", reuse=[str(evidence_id)])
    person.post(f"/evidence/{evidence_id}/withdraw", {f"reason-{evidence_id}": "แนบผิดฉบับ"})
    assert [states(world, measure=measure)[3] for measure in (1, 2)] == [TaskState.IN_PROGRESS] * 2


# Versions


def test_a_new_version_takes_the_place_of_the_old_one_which_is_kept_and_marked(
    world: World, signed_in: SignedIn
) -> None:
    person, group = signed_in("head0"), group_of(world)
    old = prove(world, group, "คำสั่ง ฉบับที่ 1.pdf")
    answer = person.post(f"/evidence/{old}/replace", {"file": (BytesIO(PDF + b"2"), "คำสั่ง ฉบับที่ 2.pdf")})
    assert answer.status_code == 303
    [newer] = proofs(world, group)
    assert (newer.name, answer.location) == ("คำสั่ง ฉบับที่ 2.pdf", f"/evidence/{newer.id}/about")
    assert "มีฉบับใหม่กว่าแล้ว" in person.get(f"/evidence/{old}/about").text
    assert f"/evidence/{old}" in person.get(f"/evidence/{newer.id}/about").links
    assert person.open(f"/evidence/{old}").data == PDF
    again = person.post(f"/evidence/{old}/replace", {"file": (BytesIO(PDF), "ค.pdf")})
    assert again.status_code == 422


def test_a_version_that_is_not_taken_leaves_everything_as_it_was(world: World, signed_in: SignedIn) -> None:
    person, old = signed_in("head0"), prove(world, group_of(world))
    for file, told in (((BytesIO(b"x"), "ก.doc"), ".docx"), ((BytesIO(b""), ""), "เลือกไฟล์")):
        answer = person.post(f"/evidence/{old}/replace", {"file": file})
        assert answer.status_code == 422
        assert told in Page(answer.text).beside["file"]
    assert [one.id for one in proofs(world, group_of(world))] == [old]


def test_nothing_of_a_closed_year_is_changed(world: World, signed_in: SignedIn) -> None:
    evidence_id = prove(world, group_of(world))
    now = at("2025-12-17")
    settle(world, now)
    with world.write():
        plan = db.session.scalars(select(Plan)).one()
        reporting.close(plan, Signed("", None, "", ""), now=now, by=world.actor("coordinator", now))
    person = signed_in("head0")
    assert person.post(f"/evidence/{evidence_id}/describe", {"caption": "ใหม่"}).status_code == 422
    file = {"file": (BytesIO(PDF), "ก.pdf")}
    assert person.post(f"/evidence/{evidence_id}/replace", file).status_code == 422
    assert "แนบฉบับใหม่แทน" not in person.get(f"/evidence/{evidence_id}/about").text


def test_another_division_sees_the_evidence_and_changes_nothing(world: World, signed_in: SignedIn) -> None:
    evidence_id = prove(world, group_of(world))
    person = signed_in("head1")
    assert "แนบฉบับใหม่แทน" not in person.get(f"/evidence/{evidence_id}/about").text
    for deed in ("describe", "replace"):
        assert person.post(f"/evidence/{evidence_id}/{deed}", {"caption": "x"}).status_code == 404


# Pictures


def stored_pdf() -> bytes:
    document, stream = pypdfium2.PdfDocument.new(), BytesIO()
    document.new_page(200, 400)
    document.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind", "size"),
    [
        ("ภาพ.png", saved_picture("PNG"), "image/webp", (60, 40)),
        ("บันทึก.pdf", stored_pdf(), "image/webp", (88, 176)),
        ("เสีย.pdf", PDF, "image/gif", (1, 1)),
    ],
)
def test_a_small_picture_is_made_once_and_can_run_nothing(
    world: World, signed_in: SignedIn, name: str, data: bytes, kind: str, size: tuple[int, int]
) -> None:
    person = signed_in("head0")
    send(person, world, group_of(world), files=[(BytesIO(data), name)])
    [kept] = proofs(world, group_of(world))
    first, second = (person.open(f"/evidence/{kept.id}/thumbnail") for _ in range(2))
    assert (first.mimetype, first.data) == (kind, second.data)
    assert Image.open(BytesIO(first.data)).size == size
    assert first.headers["Content-Security-Policy"].startswith("sandbox")
    assert f'src="/evidence/{kept.id}/thumbnail"' in person.open(group_of(world).path).text
    cache = world.app.extensions["tracker.config"].cache_folder / "previews"
    assert [path.name for path in cache.iterdir()] == [f"{kept.sha256}-176.webp"]


def test_what_was_withdrawn_has_no_picture(world: World, signed_in: SignedIn) -> None:
    evidence_id = prove(world, group_of(world))
    person = signed_in("head0")
    person.post(f"/evidence/{evidence_id}/withdraw", {f"reason-{evidence_id}": "ผิดฉบับ"})
    for picture in ("thumbnail", "preview"):
        assert person.open(f"/evidence/{evidence_id}/{picture}").mimetype == "image/gif"
    assert "ถอนแล้ว" in person.get(f"/evidence/{evidence_id}/about").text


def test_a_file_that_is_gone_from_the_disk_has_no_picture_and_none_is_remembered(
    world: World, signed_in: SignedIn
) -> None:
    evidence_id = prove(world, group_of(world))
    [kept] = proofs(world, group_of(world))
    assert kept.storage_name is not None
    storage.remove(kept.storage_name)
    assert signed_in("head0").open(f"/evidence/{evidence_id}/preview").mimetype == "image/gif"
    assert not (world.app.extensions["tracker.config"].cache_folder / "previews").exists()


def test_whoever_withdraws_public_evidence_is_told_that_the_reason_becomes_public(
    world: World, signed_in: SignedIn
) -> None:
    evidence_id, person = prove(world, group_of(world)), signed_in("coordinator")
    sentence = "ทุกคนจะเห็นเหตุผลและวันที่ถอน"
    assert sentence not in person.get(f"/evidence/{evidence_id}/about").text
    with world.write():
        db.session.get_one(Evidence, evidence_id).public = True
    assert sentence in person.get(f"/evidence/{evidence_id}/about").text
