"""`tracker person`: a person's copy in a file of its own, and a leaver made nameless, from the command line."""

from __future__ import annotations

import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.world import World
from tracker import clock
from tracker.cli import main
from tracker.database import db
from tracker.models import Holding, User
from tracker.rules.moments import day_of

HEAD = "head0@tuayang.example"


@pytest.fixture(autouse=True)
def installation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_DATA", str(world.app.extensions["tracker.config"].data))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_a_copy_is_written_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "copy.zip"
    assert main(["person", "export", HEAD, "--to", str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        assert HEAD in archive.read("user_account.csv").decode()
        assert "person.json" in archive.namelist()


def test_an_unknown_address_is_one_sentence_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "copy.zip"
    assert main(["person", "export", "nobody@x.example", "--to", str(file)]) == 1
    assert "nobody@x.example" in capsys.readouterr().err
    assert not file.exists()


def test_a_leaver_is_made_nameless_and_what_is_kept_stays_whole(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["person", "anonymise", HEAD]) == 1
    assert "ส่งต่อตำแหน่งก่อน" in capsys.readouterr().err
    with world.write():
        for holding in db.session.scalars(select(Holding).where(Holding.user_id == world.users["head0"])):
            holding.until_on = day_of(clock.now()) - timedelta(days=1)
    assert main(["person", "anonymise", HEAD]) == 0
    assert main(["verify"]) == 0
    with world.read():
        db.session.rollback()
        assert (
            db.session.scalars(select(User.name).where(User.id == world.users["head0"]))
            .one()
            .startswith("ผู้ใช้")
        )
