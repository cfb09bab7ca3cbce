"""A backup is made while others write, is checked by restoring, and brings everything back."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import URL, func, select

from tests.conftest import make_config
from tests.deeds import prove
from tests.test_isolation import roles
from tests.world import FOUNDED, World, at
from tracker import journal, storage
from tracker.app import Tracker, create_app
from tracker.config import Config
from tracker.database import across_organisations, db, writing
from tracker.errors import Refused, Unreadable
from tracker.groups import Group
from tracker.models import Evidence, JobRun, JournalEntry, Organisation, Task
from tracker.operations import archive, backup, databases, upgrade, verifying
from tracker.operations.findings import Level, any_bad
from tracker.rules.permissions import SYSTEM

NOW = at("2026-04-20")


def with_evidence(world: World, number: int = 3) -> None:
    world.adopted_plan()
    with world.read():
        item = db.session.scalars(select(Task.item_id).order_by(Task.id)).first() or 0
        db.session.rollback()
    for name in range(number):
        prove(world, Group(item, world.division_ids[0], 1), f"หลักฐาน {name}.pdf")
    storage.keep_source(b"a plan as it was uploaded")
    db.session.remove()


@contextmanager
def installation(config: Config) -> Iterator[Tracker]:
    app = create_app(config)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def told() -> tuple[object, ...]:
    """What an installation has, in a few numbers and all its hashes."""
    with across_organisations("test"):
        found = (
            db.session.scalar(select(func.count(Task.id))),
            list(db.session.scalars(select(JournalEntry.hash).order_by(JournalEntry.id))),
            [
                (row.sha256, verifying.hash_of(storage.path_of(str(row.storage_name))))
                for row in db.session.scalars(select(Evidence).order_by(Evidence.id))
            ],
        )
    db.session.remove()
    return found


def faults() -> list[str]:
    return [str(finding.message) for finding in verifying.verify() if finding.level is Level.BAD]


def test_what_was_backed_up_comes_back_on_an_empty_machine(world: World, tmp_path: Path) -> None:
    with_evidence(world)
    before = told()
    file, findings = backup.make(tmp_path / "elsewhere", now=NOW)
    assert not any_bad(findings)
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == [file.name]
    with installation(make_config(tmp_path / "new")) as app:
        manifest = backup.restore(file, force=False, now=NOW)
        assert told() == before
        assert faults() == []
        assert storage.source(next(name[13:] for name in manifest.files if "/sources/" in name))
        key = app.extensions["tracker.config"].data / "secret.key"
        assert key.exists() == (world.app.extensions["tracker.config"].data / "secret.key").exists()


def test_a_backup_says_what_it_holds_with_the_hash_of_each_file(world: World, tmp_path: Path) -> None:
    with_evidence(world)
    file, _ = backup.make(tmp_path / "kept", now=NOW)
    manifest = archive.manifest_of(file)
    assert (manifest.revision, manifest.made_at) == (upgrade.newest(), NOW.isoformat())
    assert manifest.counts["evidence"] == 3
    assert manifest.heads[world.organisation_id].length == manifest.counts["journal_entry"]
    with zipfile.ZipFile(file) as zipped:
        assert sorted(zipped.namelist()) == sorted([archive.MANIFEST, *manifest.files])


def test_an_installation_with_data_is_not_replaced_unless_that_is_asked_for(
    world: World, tmp_path: Path
) -> None:
    with_evidence(world)
    file, _ = backup.make(tmp_path.with_name(f"{tmp_path.name}-kept"), now=NOW)
    before = told()
    with world.write():
        journal.record("test.done", "plan", 1, now=NOW, by=SYSTEM)
    later, _ = backup.make(world.app.extensions["tracker.config"].backup_folder, now=NOW)
    with pytest.raises(Refused, match="--force"):
        backup.restore(file, force=False, now=NOW)
    assert told() != before
    with world.read():
        evidence = db.session.scalars(select(Evidence)).first()
        assert evidence is not None
        storage.path_of(str(evidence.storage_name)).write_bytes(b"overwritten")
        db.session.remove()
    backup.restore(file, force=True, now=NOW + timedelta(hours=1))
    assert told() == before
    assert faults() == []
    [aside] = world.app.extensions["tracker.config"].backup_folder.glob("before-restore-*")
    assert {"tracker.db", "evidence", "sources", later.name} == {path.name for path in aside.iterdir()}


def test_backups_of_a_history_that_was_given_up_are_put_aside(world: World) -> None:
    folder = world.app.extensions["tracker.config"].backup_folder
    first, _ = backup.make(folder, now=NOW)
    with world.write():
        journal.record("test.done", "plan", 1, now=NOW, by=SYSTEM)
    second, _ = backup.make(folder, now=NOW + timedelta(days=1))
    backup.restore(first, force=True, now=NOW + timedelta(days=2))
    with world.write():
        journal.record("test.other", "plan", 2, now=NOW, by=SYSTEM)
    assert faults() == []
    assert archive.kept(folder) == [first]
    assert [path.name for path in folder.glob("before-restore-*/*.zip")] == [second.name]


def test_a_running_service_is_not_replaced(world: World, tmp_path: Path) -> None:
    file, _ = backup.make(tmp_path / "kept", now=NOW)
    with across_organisations("test"), writing():
        db.session.add(JobRun(name="send", started_at=NOW))
    with pytest.raises(Refused, match="หยุด"):
        backup.restore(file, force=True, now=NOW + timedelta(seconds=30))
    backup.restore(file, force=True, now=NOW + timedelta(minutes=5))


def spoil_a_member(file: Path, spoilt: Path) -> None:
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(spoilt, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[:-1] + b"?" if name.startswith("data/evidence/") else data)


def leave_a_member_out(file: Path, spoilt: Path) -> None:
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(spoilt, "w") as new:
        for name in old.namelist()[1:]:
            new.writestr(name, old.read(name))


def lead_out_of_the_folder(file: Path, spoilt: Path) -> None:
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(spoilt, "w") as new:
        told = json.loads(old.read(archive.MANIFEST))
        told["files"]["data/../../out"] = told["files"].pop(sorted(told["files"])[0])
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("data/../../out", b"x")


def cut_short(file: Path, spoilt: Path) -> None:
    spoilt.write_bytes(file.read_bytes()[:-200])


def flip_a_byte(file: Path, spoilt: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    spoilt.write_bytes(data)


def not_a_zip(_: Path, spoilt: Path) -> None:
    spoilt.write_bytes(b"not a backup")


def another_zip(_: Path, spoilt: Path) -> None:
    with zipfile.ZipFile(spoilt, "w") as new:
        new.writestr("manifest.json", "[]")


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_a_member,
        leave_a_member_out,
        lead_out_of_the_folder,
        cut_short,
        flip_a_byte,
        not_a_zip,
        another_zip,
        lambda file, spoilt: None,
    ],
    ids=["changed", "left out", "leading out", "cut short", "a byte", "no zip", "another zip", "no file"],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_damaged_backup_touches_nothing(
    world: World, tmp_path: Path, spoil: Callable[[Path, Path], None]
) -> None:
    with_evidence(world)
    file, _ = backup.make(tmp_path / "kept", now=NOW)
    before = told()
    spoil(file, tmp_path / "spoilt.zip")
    with pytest.raises(Unreadable):
        backup.restore(tmp_path / "spoilt.zip", force=True, now=NOW)
    assert told() == before
    assert not (tmp_path / "out").exists()
    assert list(world.app.extensions["tracker.config"].data.glob(".restore-*")) == []


def test_a_backup_of_a_newer_version_is_refused(world: World, tmp_path: Path) -> None:
    database = databases.save(tmp_path / "database")
    archive.write(tmp_path / "newer.zip", database, [], now=NOW, revision="9999", counts={}, heads={})
    with pytest.raises(Refused, match="ใหม่กว่า"):
        backup.restore(tmp_path / "newer.zip", force=True, now=NOW)


def test_only_the_newest_backups_are_kept(world: World) -> None:
    config = world.app.extensions["tracker.config"]
    world.app.extensions["tracker.config"] = replace(config, backups_kept=2)
    made = [backup.make(config.backup_folder, now=NOW + timedelta(days=day))[0] for day in range(4)]
    assert archive.kept(config.backup_folder) == made[-2:]


def test_a_file_that_is_missing_is_told_and_everything_else_is_kept(world: World, tmp_path: Path) -> None:
    with_evidence(world)
    with world.read():
        name = db.session.scalars(select(Evidence.storage_name)).first()
        storage.remove(str(name))
        db.session.remove()
    file, findings = backup.make(tmp_path / "kept", now=NOW)
    assert [str(name) in str(found.message) for found in findings if found.level is Level.BAD] == [True]
    assert archive.manifest_of(file).counts["evidence"] == 3


def test_a_copy_that_lacks_a_file_is_not_kept(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_evidence(world)
    complete = backup._files
    monkeypatch.setattr(backup, "_files", lambda: [file for file in complete() if "evidence" not in file[0]])
    with pytest.raises(Refused, match="ไม่เก็บไว้"):
        backup.make(tmp_path / "kept", now=NOW)
    assert list((tmp_path / "kept").iterdir()) == []


def test_backups_while_others_write_are_whole(world: World, tmp_path: Path) -> None:
    with_evidence(world, 1)
    stop, written = threading.Event(), []

    def write() -> None:
        with world.app.app_context():
            while not stop.is_set():
                with world.write():
                    written.append(journal.record("test.done", "plan", 1, now=NOW, by=SYSTEM).number)
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backup.make(tmp_path / "kept", now=NOW + timedelta(hours=hour)) for hour in range(3)]
    finally:
        stop.set()
        writer.join()
    lengths = [archive.manifest_of(file).counts["journal_entry"] for file, _ in made]
    assert not any(any_bad(findings) for _, findings in made)
    assert lengths == sorted(lengths)
    assert len(written) > 3


def test_tables_of_an_older_version_are_kept_and_not_called_damaged(tmp_path: Path) -> None:
    with installation(make_config(tmp_path / "data")):
        flask_migrate.upgrade(revision="0015")
        file, findings = backup.make(tmp_path / "kept", now=NOW)
        assert [finding.level for finding in findings] == [Level.GOOD, Level.DOUBTFUL]
        assert "0015" in str(findings[-1].message)
    with installation(make_config(tmp_path / "new")):
        backup.restore(file, force=False, now=NOW)
        assert upgrade.revision() == upgrade.newest()


def test_an_upgrade_copies_first_and_waits_for_another(tmp_path: Path) -> None:
    with installation(make_config(tmp_path / "data")):
        flask_migrate.upgrade(revision="0003")
    results: list[BaseException | None] = []

    def start(app: Tracker) -> None:
        with app.app_context():
            try:
                upgrade.migrate(NOW)
                results.append(None)
            except BaseException as failure:
                results.append(failure)
            db.session.remove()
            db.engine.dispose()

    # Made one after the other: Werkzeug parses Python for its routes, which CPython 3.11 cannot in two threads at once.
    apps = [create_app(make_config(tmp_path / "data")) for _ in range(2)]
    together = [threading.Thread(target=start, args=[app]) for app in apps]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert results == [None, None]
    assert len(list((tmp_path / "data" / "backups").glob("before-migration-*.db"))) == 1


@pytest.mark.parametrize("may_create", [True, False])
def test_postgresql_is_backed_up_by_its_owner_and_restored(
    tmp_path: Path, postgres_server: URL, may_create: bool
) -> None:
    with roles(postgres_server, *(["CREATEDB"] if may_create else [])) as (url, owner):
        config = make_config(
            tmp_path / "data",
            database_url=url.render_as_string(hide_password=False),
            migration_database_url=owner.render_as_string(hide_password=False),
        )
        with installation(config) as app:
            upgrade.migrate(FOUNDED)
            world = World(app)
            with_evidence(world)
            before = told()
            file, findings = backup.make(tmp_path / "kept", now=NOW)
            levels = [finding.level for finding in findings]
            assert levels == [Level.GOOD, Level.GOOD if may_create else Level.DOUBTFUL]
            with world.write():
                journal.record("test.done", "plan", 1, now=NOW, by=SYSTEM)
            db.session.remove()
            backup.restore(file, force=True, now=NOW)
            assert told() == before
            assert faults() == []
            assert list(config.backup_folder.glob("before-restore-*/database.dump"))
            with across_organisations("test"):
                assert db.session.scalars(select(Organisation.slug)).all() == [world.slug]
