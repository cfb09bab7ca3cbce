"""Files of long documents: made once by the jobs, taken up again after a kill, given up when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from jobs.housekeeping import clean_up
from jobs.render import render
from tests.world import World, at
from tracker import storage
from tracker.actions import rendering
from tracker.config import CHECKOUT
from tracker.database import db
from tracker.models import Evidence, Rendering, RenderingState
from tracker.rules.paper import Paper, Photo, Photos, Prose
from tracker.writing import apart, photos

NOW = at("2026-10-07")


def a_paper(photographs: tuple[str, ...] = (), title: str = "รายงานผล") -> Paper:
    pictures = tuple(Photo(str(n), f"ภาพที่ {n}", "1 ม.ค.", sha256) for n, sha256 in enumerate(photographs, 1))
    return Paper(
        kind="annual",
        title=title,
        lines=("องค์การบริหารส่วนตำบลตัวอย่าง",),
        as_of="",
        organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
        fiscal_year=2569,
        draft_mark="",
        blocks=(Prose("", ("ดำเนินการครบถ้วน",)), Photos("ภาพถ่าย", pictures)),
        signatures=(),
        page="หน้า {page}",
        page_of_pages="หน้า {page} จาก {pages}",
        thai_digits=False,
        frozen_at=NOW,
    )


@pytest.fixture
def photographs(world: World) -> tuple[str, ...]:
    """Hashes of three photographs that lie in the evidence folder."""
    kept = []
    with world.write():
        for place in range(3):
            written = BytesIO()
            Image.new("RGB", (1600, 1200), (place * 50, 80, 40)).save(written, "JPEG")
            stored = storage.store(BytesIO(written.getvalue()), f"ภาพ {place}.jpg")
            db.session.add(
                Evidence(
                    caption="กิจกรรม",
                    name=stored.name,
                    storage_name=stored.storage_name,
                    sha256=stored.sha256,
                    size=stored.size,
                    media_type=stored.media_type,
                    about_on=NOW.date(),
                    created_at=NOW,
                )
            )
            kept.append(stored.sha256)
    return tuple(kept)


def ask(world: World, paper: Paper, ending: str = "pdf", now: datetime = NOW) -> int:
    key = rendering.key_of(paper, ending, "TH SarabunPSK", ())
    with world.write():
        asked = rendering.ask(
            paper, key, ending, "TH SarabunPSK", paper.title, now=now, by=world.actor("coordinator")
        )
        return asked.id


def row_of(world: World, rendering_id: int) -> Rendering:
    with world.read():
        db.session.rollback()
        row = db.session.get_one(Rendering, rendering_id)
        db.session.expunge_all()
        db.session.rollback()
    return row


def made(world: World, rendering_id: int) -> bytes:
    path = rendering.file_of(row_of(world, rendering_id))
    assert path is not None
    return path.read_bytes()


@pytest.mark.parametrize("ending", ["pdf", "docx", "html"])
def test_a_file_with_its_photographs_is_made_in_the_background(
    world: World, photographs: tuple[str, ...], ending: str
) -> None:
    asked = ask(world, a_paper(photographs), ending)
    assert row_of(world, asked).state is RenderingState.QUEUED
    assert render(lambda: NOW) == 1
    row = row_of(world, asked)
    assert (row.state, row.percent, row.done, row.total) == (RenderingState.DONE, 100, 3, 3)
    data = made(world, asked)
    assert row.size == len(data)
    if ending == "pdf":
        with pypdfium2.PdfDocument(data) as opened:
            pictures = [one for page in opened for one in page.get_objects(filter=[3])]
        assert len(pictures) == 3
    assert render(lambda: NOW) == 0


def test_the_same_document_twice_is_made_once(world: World) -> None:
    first = ask(world, a_paper())
    assert ask(world, a_paper()) == first
    render(lambda: NOW)
    before = made(world, first)
    assert ask(world, a_paper(), now=NOW + timedelta(hours=1)) == first
    assert render(lambda: NOW) == 0
    assert made(world, first) == before
    assert ask(world, a_paper(title="อีกฉบับ")) != first


def test_a_draft_is_the_same_document_until_midnight() -> None:
    draft = replace(a_paper(), draft_mark="ฉบับร่าง")
    later = replace(draft, frozen_at=NOW + timedelta(hours=3))
    assert draft.of_its_day() == later.of_its_day()
    assert draft.of_its_day() != replace(draft, frozen_at=NOW + timedelta(days=1)).of_its_day()
    assert a_paper().of_its_day() == a_paper()


def test_what_cannot_be_made_says_why_and_is_tried_again_when_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(world, a_paper())
    with monkeypatch.context() as broken:
        broken.setattr(apart.make, "__defaults__", (0.0, 20.0))
        assert render(lambda: NOW) == 0
    row = row_of(world, asked)
    assert row.state is RenderingState.FAILED
    assert "กรุณาลองใหม่" in str(rendering.problem_of(row))
    with world.write():
        rendering.retry(db.session.get_one(Rendering, asked))
    assert render(lambda: NOW) == 1
    assert made(world, asked).startswith(b"%PDF")


def test_a_cancelled_file_is_not_made_and_its_maker_stops(world: World, photographs: tuple[str, ...]) -> None:
    asked = ask(world, a_paper(photographs))
    moments = iter(NOW + timedelta(seconds=5 * step) for step in range(100))

    def moment() -> datetime:
        now = next(moments)
        if now > NOW + timedelta(seconds=5) and row_of(world, asked).state is RenderingState.RUNNING:
            with world.write():
                rendering.cancel(db.session.get_one(Rendering, asked), now=now)
        return now

    assert render(moment) == 0
    row = row_of(world, asked)
    assert row.state is RenderingState.CANCELLED
    assert not storage.document_path(row.organisation_id, row.key, "pdf").exists()


def test_a_scheduler_that_stops_leaves_the_work_to_the_next(
    world: World, photographs: tuple[str, ...]
) -> None:
    asked = ask(world, a_paper(photographs))
    answers = iter([False, True, True])
    assert render(lambda: NOW, lambda: next(answers)) == 0
    row = row_of(world, asked)
    assert (row.state, row.attempts, row.lease_token) == (RenderingState.QUEUED, 0, None)
    assert render(lambda: NOW) == 1


def test_what_kills_its_maker_three_times_is_given_up(world: World) -> None:
    asked = ask(world, a_paper())
    now = NOW
    for _ in range(rendering.MOST_ATTEMPTS):
        with world.write():
            assert rendering.claim(now=now) is not None
            assert rendering.claim(now=now) is None
        now += rendering.LEASE
    assert render(lambda: now) == 0
    row = row_of(world, asked)
    assert row.state is RenderingState.FAILED
    assert "3 ครั้ง" in str(rendering.problem_of(row))


def test_whoever_lost_the_lease_changes_nothing(world: World) -> None:
    asked = ask(world, a_paper())
    with world.write():
        late = rendering.claim(now=NOW)
        assert late is not None
        assert rendering.claim(now=NOW + rendering.LEASE) is not None
        assert not rendering.tell(late, 1, 2, now=NOW)
        assert not rendering.finish(late, 5, now=NOW)
    assert row_of(world, asked).state is RenderingState.RUNNING


def test_files_are_thrown_away_after_a_week(world: World) -> None:
    asked = ask(world, a_paper())
    render(lambda: NOW)
    row = row_of(world, asked)
    path = storage.document_path(row.organisation_id, row.key, "pdf")
    assert clean_up(NOW + timedelta(days=6)) == 0
    assert path.exists()
    assert clean_up(NOW + timedelta(days=8)) == 1
    assert not path.exists()
    with world.read():
        assert db.session.scalars(select(Rendering)).all() == []


def test_typesetting_tells_that_it_goes_on(tmp_path: Path) -> None:
    told = list(apart.make(a_paper(), "pdf", "TH SarabunPSK", {}, tmp_path / "made.pdf", beat=0.02))
    assert told, "a lease can be kept though there is nothing new to tell"
    assert set(told) == {(0, 0)}


def test_very_many_photographs_are_made_smaller_so_that_all_of_them_fit_into_memory() -> None:
    assert photos.side_for(1) == photos.side_for(400) == 1000
    assert 440 < photos.side_for(2000) < 460
    assert photos.side_for(100_000) == 400


WORKER = """
import sys
from datetime import datetime
from pathlib import Path
import jobs.render
from tests.conftest import make_config
from tracker.app import create_app
now = datetime.fromisoformat(sys.argv[2])
config = make_config(Path(sys.argv[1]), database_url=sys.argv[3])
real = jobs.render.apart.make
def slow(*args):
    for told in real(*args):
        yield told
        print(told[0], flush=True)
        sys.stdin.readline()
jobs.render.apart.make = slow
with create_app(config, pages=False).app_context():
    jobs.render.render(lambda: now)
"""


@pytest.fixture
def worker(world: World) -> Iterator[subprocess.Popen[str]]:
    config = world.app.extensions["tracker.config"]
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(config.data), NOW.isoformat(), config.database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    with process:
        yield process
        process.kill()


def test_work_of_a_killed_process_is_taken_up_again_with_one_result(
    world: World, photographs: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    asked = ask(world, a_paper(photographs))
    worker: subprocess.Popen[str] = request.getfixturevalue("worker")
    assert worker.stdout is not None
    assert worker.stdout.readline() == "1\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert row_of(world, asked).state is RenderingState.RUNNING
    assert render(lambda: NOW + timedelta(minutes=1)) == 0, "its lease is not over"
    assert render(lambda: NOW + rendering.LEASE) == 1
    row = row_of(world, asked)
    assert (row.state, row.attempts) == (RenderingState.DONE, 2)
    folder = storage.document_path(row.organisation_id, row.key, "pdf").parent
    assert [path.name for path in folder.iterdir()] == [f"{row.key}.pdf"]
    assert made(world, asked).startswith(b"%PDF")
