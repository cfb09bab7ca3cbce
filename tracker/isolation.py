"""The wall between organisations as the database itself keeps it: triggers, row policies, rights."""

from __future__ import annotations

from sqlalchemy import Connection, inspect

SETTING, CROSSING = "app.organisation", "app.crossing"
# Who is to tell what happened later may add to the journal and to where it was cut, and change nothing of them.
APPEND_ONLY = ("journal_entry", "journal_checkpoint")
_STAYS = "stays_in_its_organisation"
_OWN_ROWS = "own_rows"
_SENTENCE = "a row never moves to another organisation"
_POLICY = (
    f"organisation_id = nullif(current_setting('{SETTING}', true), '')::integer "
    f"OR current_setting('{CROSSING}', true) = 'on'"
)


def keep_apart(connection: Connection) -> None:
    """Give every owned table what it lacks; harmless where nothing does. For the owner of the tables."""
    missing = gaps(connection)
    if connection.dialect.name == "sqlite":
        for table in missing:
            connection.exec_driver_sql(
                f'CREATE TRIGGER IF NOT EXISTS "{_STAYS}_{table}" BEFORE UPDATE OF organisation_id ON "{table}" '
                f"WHEN NEW.organisation_id IS NOT OLD.organisation_id "
                f"BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
            )
        return
    if missing:
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {_STAYS}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for table in missing:
        for statement in (
            f'DROP TRIGGER IF EXISTS {_STAYS} ON "{table}"',
            f'CREATE TRIGGER {_STAYS} BEFORE UPDATE ON "{table}" FOR EACH ROW '
            f"WHEN (NEW.organisation_id IS DISTINCT FROM OLD.organisation_id) EXECUTE FUNCTION {_STAYS}()",
            f'DROP POLICY IF EXISTS {_OWN_ROWS} ON "{table}"',
            f'CREATE POLICY {_OWN_ROWS} ON "{table}" USING ({_POLICY}) WITH CHECK ({_POLICY})',
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        ):
            connection.exec_driver_sql(statement)


def gaps(connection: Connection) -> list[str]:
    """The owned tables that lack their trigger or, on PostgreSQL, their policy."""
    return sorted(_owned_tables(connection) - _kept_tables(connection))


def let_go(connection: Connection) -> None:
    """Take away what is left of the guards when their tables are gone."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {_STAYS}() CASCADE")


def grant(connection: Connection, role: str) -> None:
    """Let the application's role use the tables; the journal and its checkpoints it may only read and add to."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    has_table = inspect(connection).has_table
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {quoted}",
        # A backup of an older version has not all of them yet.
        *(f"REVOKE UPDATE, DELETE ON {one} FROM {quoted}" for one in APPEND_ONLY if has_table(one)),
    ):
        connection.exec_driver_sql(statement)


def _owned_tables(connection: Connection) -> set[str]:
    inspector = inspect(connection)
    return {
        table
        for (_, table), columns in inspector.get_multi_columns().items()
        if any(column["name"] == "organisation_id" for column in columns)
    }


def _kept_tables(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(
            f"SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name = '{_STAYS}_' || tbl_name"
        )
    else:
        found = connection.exec_driver_sql(
            "SELECT c.relname FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' "
            f"JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = '{_STAYS}' AND t.tgenabled <> 'D' "
            f"JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = '{_OWN_ROWS}' "
            "WHERE c.relrowsecurity AND c.relforcerowsecurity"
        )
    return {str(row[0]) for row in found}
