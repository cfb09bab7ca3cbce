"""The drill of docs/operations.md, line by line as it is printed there, on both databases."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, NullPool, create_engine, select

from tests.conftest import make_config
from tests.deeds import group_of, prove
from tests.test_isolation import roles
from tests.world import FOUNDED, World
from tracker.app import create_app
from tracker.config import CHECKOUT
from tracker.database import across_organisations, db
from tracker.models import Evidence
from tracker.operations import upgrade

OPERATIONS = CHECKOUT / "docs" / "operations.md"
DRILL, DATABASE = re.findall(
    r"```sh\n(.*?)```",
    OPERATIONS.read_text(encoding="utf-8")
    .partition("### Drill onto an empty folder")[2]
    .partition("\n## ")[0],
    re.DOTALL,
)


def run(lines: str, folder: Path, **settings: str) -> str:
    """What the lines print; each must end well."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "tracker").write_text(f'#!/bin/sh\nexec {sys.executable} -m tracker.cli "$@"\n')
    (programs / "tracker").chmod(0o700)
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
        "TRACKER_URL": "http://127.0.0.1:8000",
    }
    done = subprocess.run(
        ["sh", "-eu"],
        input=lines.replace("/mnt/copies", str(folder / "copies")).replace(
            "/srv/drill", str(folder / "drill")
        ),
        cwd=folder,
        env=environment | settings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def lived_in(data: Path, **settings: str) -> Iterator[str]:
    """An installation with evidence, in its data folder; gives the hash of the evidence."""
    app = create_app(make_config(data, **settings))
    with app.app_context():
        upgrade.migrate(FOUNDED)
        world = World(app)
        world.adopted_plan()
        prove(world, group_of(world))
        with across_organisations("test"):
            digest = db.session.scalars(select(Evidence.sha256)).one()
        db.session.remove()
        db.engine.dispose()
    yield str(digest)


def files_of(folder: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("evidence/*/*")}


def test_the_drill_brings_sqlite_back_into_an_empty_folder(tmp_path: Path) -> None:
    with lived_in(tmp_path / "data") as digest:
        told = run(DRILL, tmp_path, TRACKER_DATA=str(tmp_path / "data"))
    assert [line[0] for line in told.splitlines() if not line.startswith("/")][-1] == "o"
    assert files_of(tmp_path / "drill") == {digest}
    assert files_of(tmp_path / "data") == {digest}


def test_the_drill_brings_postgresql_back_into_an_empty_folder_and_database(
    tmp_path: Path, postgres_server: URL
) -> None:
    assert shutil.which("createdb")
    with roles(postgres_server, "CREATEDB") as (url, owner):
        addresses = {
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "MIGRATION_DATABASE_URL": owner.render_as_string(hide_password=False),
        }
        settings = {name.lower(): value for name, value in addresses.items()}
        drill = f"{url.database}_drill"
        made, *exports = DATABASE.splitlines(keepends=True)
        first, second, *rest = DRILL.splitlines(keepends=True)
        lines = "".join([made, first, second, *exports, *rest])
        for name, role in (("tracker_app", url), ("tracker_owner", owner)):
            printed = f"postgresql+psycopg://{name}:…@127.0.0.1/tracker_drill"
            assert printed in lines
            lines = lines.replace(printed, role.set(database=drill).render_as_string(hide_password=False))
        lines = lines.replace("tracker_owner ", f"{owner.username} ").replace("tracker_drill", drill)
        client = {
            "PGHOST": str(postgres_server.host),
            "PGPORT": str(postgres_server.port),
            "PGUSER": str(postgres_server.username),
            "PGPASSWORD": str(postgres_server.password or ""),
        }
        try:
            with lived_in(tmp_path / "data", **settings) as digest:
                told = run(lines, tmp_path, TRACKER_DATA=str(tmp_path / "data"), **addresses, **client)
        finally:
            engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
            with engine.connect() as connection:
                connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{drill}" WITH (FORCE)')
        assert told.splitlines()[-1].startswith("ok")
        assert files_of(tmp_path / "drill") == {digest}


def test_the_two_roles_are_made_as_printed_and_migrate_gives_the_rights(
    tmp_path: Path, postgres_server: URL
) -> None:
    [printed] = re.findall(r"```sql\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL)
    token = f"t{os.getpid()}"
    lines = re.sub(r"tracker(_owner|_app)?\b", rf"{token}\1", printed).replace("…", "secret")
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            for line in lines.strip().splitlines():
                connection.exec_driver_sql(line)
        url = postgres_server.set(database=token, password="secret")
        addresses = {
            "DATABASE_URL": url.set(username=f"{token}_app").render_as_string(hide_password=False),
            "MIGRATION_DATABASE_URL": url.set(username=f"{token}_owner").render_as_string(
                hide_password=False
            ),
        }
        run("tracker migrate\ntracker verify\n", tmp_path, TRACKER_DATA=str(tmp_path / "data"), **addresses)
        # Pages and scheduler need the first alone.
        run(
            "tracker organisation add tuayang --name ตัวอย่าง --kind sao\ntracker tick\ntracker verify\n",
            tmp_path,
            TRACKER_DATA=str(tmp_path / "data"),
            DATABASE_URL=addresses["DATABASE_URL"],
        )
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{token}" WITH (FORCE)')
            for role in ("app", "owner"):
                connection.exec_driver_sql(f"DROP ROLE IF EXISTS {token}_{role}")
