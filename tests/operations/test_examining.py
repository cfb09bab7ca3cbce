"""The doctor says what hinders the work, and nothing where all is well."""

from __future__ import annotations

import errno
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import URL, NullPool, create_engine, update

from tests.conftest import make_config
from tests.sinks import misbehaving
from tests.test_isolation import roles
from tests.world import FOUNDED, World, at
from tracker.app import Tracker, create_app
from tracker.database import across_organisations, db, open_for_migration, writing
from tracker.demo.catcher import Catcher
from tracker.models import JobRun
from tracker.operations import backup, databases, examining, upgrade
from tracker.operations.findings import Level

NOW = at("2026-04-20")


class Answer(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    Answer.status = 200
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def well(world: World, web: str, tmp_path: Any) -> Iterator[World]:
    """An installation to which nothing is wanting."""
    with Catcher(tmp_path / "mails") as catcher:
        config = world.app.extensions["tracker.config"]
        config.data.chmod(0o700)
        configure(world, url=web, smtp_port=catcher.port, mail_from="ita@example.go.th")
        with across_organisations("test"), writing():
            db.session.add(JobRun(name="send", started_at=NOW))
        backup.make(config.backup_folder, now=NOW)
        yield world


def configure(world: World, **changes: object) -> None:
    config = world.app.extensions["tracker.config"]
    world.app.extensions["tracker.config"] = replace(config, **changes)


def told(level: Level, now: Any = NOW) -> list[str]:
    return [str(finding.message) for finding in examining.examine(now) if finding.level is level]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_where_nothing_is_wanting_nothing_is_complained_of(well: World) -> None:
    assert {finding.level for finding in examining.examine(NOW)} == {Level.GOOD}


def test_an_address_that_does_not_answer_is_told(well: World) -> None:
    configure(well, url=f"http://127.0.0.1:{free_port()}")
    assert "โปรดตรวจว่าบริการทำงานอยู่" in told(Level.BAD)[0]
    configure(well, url="")
    assert "TRACKER_URL" in told(Level.BAD)[0]
    configure(well, url="http://example.org")
    assert "https" in told(Level.BAD)[0]


@pytest.mark.parametrize(("status", "number"), [(503, 0), (502, 1), (404, 1)])
def test_an_address_where_another_answers_is_told(well: World, status: int, number: int) -> None:
    Answer.status = status
    assert len(told(Level.BAD)) == number


def test_a_mail_server_that_does_not_answer_is_told(well: World) -> None:
    configure(well, smtp_port=free_port())
    [fault] = told(Level.BAD)
    assert "TRACKER_SMTP_HOST" in fault


def test_a_mail_server_without_encryption_or_sign_in_is_told(well: World) -> None:
    configure(well, smtp_security="starttls")
    assert len(told(Level.BAD)) == 1
    configure(well, smtp_security="none", smtp_user="office")
    assert "TRACKER_SMTP_SECURITY" in told(Level.BAD)[0]


def refusing(command: bytes, answer: bytes) -> Callable[[socket.socket], None]:
    """A server that offers a sign-in, agrees to all, and answers this command so."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        for line in connection.makefile("rb"):
            said = {b"EHLO": b"250-here\r\n250 AUTH PLAIN", b"AUTH": b"235 in", b"QUIT": b"221 bye"}
            said[command] = answer
            connection.sendall(said.get(line[:4].upper(), b"250 yes") + b"\r\n")

    return serve


@pytest.mark.parametrize(
    ("command", "answer", "setting"),
    [
        (b"AUTH", b"535 no", "TRACKER_SMTP_PASSWORD"),
        (b"MAIL", b"553 not yours", "TRACKER_MAIL_FROM"),
        (b"EHLO", b"421 later", "TRACKER_SMTP_HOST"),
    ],
)
def test_a_mail_server_that_will_not_take_our_mails_is_told_before_there_are_any(
    well: World, command: bytes, answer: bytes, setting: str
) -> None:
    with misbehaving(refusing(command, answer)) as port:
        configure(well, smtp_port=port, smtp_user="office", smtp_password="wrong")
        [fault] = told(Level.BAD)
    assert setting in fault


def test_a_mail_server_that_says_nothing_does_not_hold_the_doctor(well: World) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        configure(well, smtp_port=silent.getsockname()[1], smtp_seconds=0.2)
        assert len(told(Level.BAD)) == 1


def test_a_scheduler_that_stands_still_or_fails_is_told(well: World) -> None:
    late = NOW + timedelta(minutes=17)
    assert any("17" in fault for fault in told(Level.BAD, late))
    with across_organisations("test"), writing():
        db.session.execute(update(JobRun).values(problem="OSError: full"))
    assert any("send" in fault and "OSError: full" in fault for fault in told(Level.BAD))


def test_a_clock_that_went_back_is_told(well: World) -> None:
    assert any("นาฬิกา" in fault for fault in told(Level.BAD, NOW - timedelta(hours=1)))


def test_a_disk_that_is_nearly_full_is_told(well: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, level in ((100, Level.BAD), (1000, Level.DOUBTFUL)):
        usage = shutil._ntuple_diskusage(10**12, 0, free * 1024 * 1024)  # type: ignore[attr-defined]
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        assert any(f"{free} MB" in sentence for sentence in told(level))


def test_a_folder_that_takes_nothing_for_want_of_space_is_told_as_that(
    well: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(examining.tempfile, "TemporaryFile", full)
    faults = told(Level.BAD)
    assert faults
    assert {"พื้นที่ดิสก์เต็ม" in fault for fault in faults} == {True}


def test_folders_and_old_backups_are_told(well: World) -> None:
    config = well.app.extensions["tracker.config"]
    config.data.chmod(0o755)
    assert any("chmod" in sentence for sentence in told(Level.DOUBTFUL))
    config.data.chmod(0o700)
    assert any("11" in sentence for sentence in told(Level.DOUBTFUL, NOW + timedelta(days=11)))
    for file in config.backup_folder.glob("*.zip"):
        file.write_bytes(b"not a zip")
    assert any("tracker-backup" in sentence for sentence in told(Level.BAD))
    shutil.rmtree(config.backup_folder)
    assert any("tracker backup" in sentence for sentence in told(Level.DOUBTFUL))
    shutil.rmtree(config.evidence_folder, ignore_errors=True)
    config.evidence_folder.write_text("a file where the folder should be")
    assert any(str(config.evidence_folder) in sentence for sentence in told(Level.BAD))


def test_a_data_folder_that_is_gone_is_told(well: World) -> None:
    gone = well.app.extensions["tracker.config"].data / "gone"
    configure(well, data=gone)
    assert any("TRACKER_DATA" in sentence for sentence in told(Level.BAD))


def test_tables_that_are_old_new_or_unguarded_are_told(well: World) -> None:
    with open_for_migration(), db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER stays_in_its_organisation_task")
    assert any("task" in fault for fault in told(Level.BAD))
    for number, words in (("0003", "0003"), ("9999", "ใหม่กว่า")):
        with open_for_migration(), db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{number}'")
        assert any(words in fault for fault in told(Level.BAD))


def test_a_damaged_database_is_to_be_restored_not_sought_elsewhere(well: World) -> None:
    db.session.remove()
    db.engine.dispose()
    (well.app.extensions["tracker.config"].data / "tracker.db").write_bytes(b"not a database" * 1000)
    [fault] = told(Level.BAD)
    assert "tracker restore" in fault


def test_a_database_without_tables_is_told(tmp_path: Any) -> None:
    app = create_app(make_config(tmp_path))
    with app.app_context():
        assert any("tracker migrate" in fault for fault in told(Level.BAD))
        db.session.remove()
        db.engine.dispose()


def test_a_superuser_of_postgresql_is_a_fault(postgres_app: Tracker) -> None:
    assert any("SUPERUSER" in fault for fault in told(Level.BAD))


def test_roles_of_postgresql_are_told_apart(tmp_path: Any, postgres_server: URL) -> None:
    with roles(postgres_server) as (url, owner):
        for name, expected in ((url, Level.GOOD), (owner, Level.DOUBTFUL)):
            config = make_config(
                tmp_path / "data",
                database_url=name.render_as_string(hide_password=False),
                migration_database_url=owner.render_as_string(hide_password=False),
            )
            app = create_app(config)
            with app.app_context():
                upgrade.migrate(FOUNDED)
                assert [
                    finding.level
                    for finding in examining.examine(NOW)
                    if finding.message.values.get("role") == name.username
                ] == [expected]
                db.session.remove()
                db.engine.dispose()


def test_a_role_that_passes_the_guard_or_may_become_one_that_does_is_a_fault(
    tmp_path: Any, postgres_server: URL
) -> None:
    with roles(postgres_server, "BYPASSRLS") as (url, passing):
        engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"GRANT {passing.username} TO {url.username}")
        engine.dispose()
        for name in (passing, url):
            config = make_config(tmp_path / "data", database_url=name.render_as_string(hide_password=False))
            with create_app(config).app_context():
                assert any(f"{name.username} ข้ามตัวกัน" in fault for fault in told(Level.BAD))
                db.session.remove()
                db.engine.dispose()


def test_a_missing_program_of_postgresql_is_told(
    postgres_app: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert sum("postgresql-client" in fault for fault in told(Level.BAD)) == 2
    with pytest.raises(Exception, match="postgresql-client"):
        databases.save(postgres_app.extensions["tracker.config"].data / "copy")
