"""The page "my work" (50 of 10,000 tasks) against a bare Flask page that reads 50 rows from SQLite."""

from __future__ import annotations

import sqlite3
from datetime import date
from unittest import mock

from flask import Flask, render_template_string

from bench.floor import measure
from bench.installation import installation
from tracker import clock
from tracker.actions import admitting
from tracker.database import writing
from tracker.rules.moments import moment_on

ORGANISATIONS, DIVISIONS, ITEMS = 20, 10, 12
REQUESTS = 50
BARE = "<!doctype html><title>tasks</title><ul>{% for row in rows %}<li>{{ row[0] }} {{ row[1] }}</li>{% endfor %}</ul>"


def main() -> None:
    today = moment_on(date(2025, 12, 20), 600)
    with (
        mock.patch.object(clock, "now", return_value=today),
        installation(ORGANISATIONS, DIVISIONS, ITEMS) as place,
    ):
        with writing():
            token = admitting.open_session(place.head_id, place.organisation_id, now=today)
        client = place.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"], session["year"] = token, True, 2569
        bare = _bare(str(place.config.data / "tracker.db")).test_client()

        def ours() -> None:
            for _ in range(REQUESTS):
                answer = client.get("/work")
                assert answer.status_code == 200, answer.status_code

        def floor() -> None:
            for _ in range(REQUESTS):
                assert bare.get("/").status_code == 200

        ours()
        measure(f"my work, {REQUESTS} requests", ours, floor, 3)
        print(f"page of {len(client.get('/work').data)} bytes before compression")


def _bare(database: str) -> Flask:
    app = Flask("floor")

    @app.get("/")
    def page() -> str:
        with sqlite3.connect(database) as connection:
            rows = connection.execute(
                "SELECT measure.title, task.due_on FROM task JOIN measure ON measure.id = task.measure_id "
                "WHERE task.division_id = 1 ORDER BY task.due_on LIMIT 50"
            ).fetchall()
        return render_template_string(BARE, rows=rows)

    return app


if __name__ == "__main__":
    main()
