"""Every column that can name a kept file is asked before one is removed, verified, and copied into a backup."""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any, cast

import pytest
from sqlalchemy import Column, CompoundSelect, Text

from tests.test_isolation import filled
from tests.world import FOUNDED, World, at
from tracker.database import across_organisations, db, open_for_migration
from tracker.models import Base, Organisation
from tracker.operations import backup, leftovers, verifying

NOW = at("2026-06-01")
FILES = re.compile(r"sha|hash|digest|storage|file|logo|stored|scan|picture|image|blob|path")
# Names like those of files that name none, and why.
OTHERS = {
    "address_change.token_hash": "the hash of a secret",
    "calendar_feed.token_hash": "the hash of a secret",
    "evidence.sha256": "what the file of storage_name holds",
    "journal_checkpoint.hash": "of an entry",
    "journal_entry.hash": "of an entry",
    "journal_entry.previous_hash": "of an entry",
    "link_token.token_hash": "the hash of a secret",
    "mail_link.token_hash": "the hash of a secret",
    "organisation.journal_hash": "of an entry",
    "report.sha256": "of the frozen text beside it",
    "report_scan.sha256": "what the file of storage_name holds",
    "user_account.password_hash": "of a password",
    "web_session.token_hash": "the hash of a secret",
}


def columns_of(asked: CompoundSelect[Any]) -> list[Column[Any]]:
    return [cast(Column[Any], one.selected_columns[0]) for one in asked.selects]  # type: ignore[attr-defined]


def named(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


SOURCES, EVIDENCE = columns_of(leftovers.SOURCES), columns_of(leftovers.EVIDENCE)


def test_every_column_that_can_name_a_file_is_known() -> None:
    found = {
        named(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text) and FILES.search(column.name)
    }
    assert found == set(OTHERS) | {named(column) for column in (*SOURCES, *EVIDENCE)}


@pytest.mark.parametrize("column", [*SOURCES, *EVIDENCE], ids=named)
def test_a_file_that_a_column_names_is_kept_verified_and_backed_up(world: World, column: Column[Any]) -> None:
    data, content = world.app.extensions["tracker.config"].data, named(column).encode()
    digest = hashlib.sha256(content).hexdigest()
    table = Base.metadata.tables[column.table.name]
    in_sources = named(column) in map(named, SOURCES)
    place = data / "sources" / digest if in_sources else data / "evidence" / digest[:2] / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    os.utime(place, (0, 0))
    with open_for_migration(), db.engine.connect() as connection:
        connection.connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
        with connection.begin():
            if table is Organisation.__table__:
                connection.execute(table.update().values({column.name: digest}))
            else:
                row = filled(table) | {"organisation_id": world.organisation_id, column.name: digest}
                if "sha256" in table.columns:
                    row["sha256"] = digest
                connection.execute(table.insert().values(row))
            if column.table.name == "report_scan":
                report = Base.metadata.tables["report"]
                connection.execute(
                    report.insert().values(filled(report) | {"organisation_id": world.organisation_id})
                )
        connection.connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]
    assert place in {path for _, path in backup._files()}
    with across_organisations("test"), db.engine.connect() as connection:
        assert leftovers.leftovers(connection, data, NOW) == []
        assert leftovers.remove(connection, data, NOW) == 0
        assert place.read_bytes() == content
        assert not any(digest in str(fault) for fault in verifying.faults(connection, data))
        place.unlink()
        assert any(digest in str(fault) for fault in verifying.faults(connection, data))
    assert FOUNDED < NOW
