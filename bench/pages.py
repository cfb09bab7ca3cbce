"""My work (50 of 10,000 tasks), the overview and a form against a bare Flask page that reads 50 rows from SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextvars import Context
from datetime import date
from statistics import mean, quantiles
from time import perf_counter
from unittest import mock

from flask import Flask, render_template_string
from flask.testing import FlaskClient

from bench.installation import Installation, installation
from tracker import clock
from tracker.actions import admitting
from tracker.database import writing
from tracker.rules.moments import moment_on

ORGANISATIONS, DIVISIONS, ITEMS = 20, 10, 12
REQUESTS = 200
BARE = "<!doctype html><title>tasks</title><ul>{% for row in rows %}<li>{{ row[0] }} {{ row[1] }}</li>{% endfor %}</ul>"


def main() -> None:
    today = moment_on(date(2025, 12, 20), 600)
    with (
        mock.patch.object(clock, "now", return_value=today),
        installation(ORGANISATIONS, DIVISIONS, ITEMS) as place,
    ):
        with writing():
            token = admitting.open_session(place.head_id, place.organisation_id, now=today)
        # The measured requests must load the visitor themselves: in this context one would find the last one's.
        Context().run(_measure, place, token)


def _measure(place: Installation, token: str) -> None:
    client = place.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["year"] = token, True, 2569
    bare = _bare(str(place.config.data / "tracker.db")).test_client()

    for name, path in (("my work", "/work"), ("overview", "/plan/2569"), ("form", "/work/1/1/1")):
        _seconds(client, path)
        ours, floor = zip(
            *((_seconds(client, path), _seconds(bare, "/")) for _ in range(REQUESTS)), strict=True
        )
        size = len(client.get(path).data)
        print(
            f"{name}: {_told(ours)}, {size} bytes before compression; floor: {_told(floor)}; "
            f"ratio {mean(floor) / mean(ours):.2f} by requests, {_p95(floor) / _p95(ours):.2f} by p95"
        )


def _told(seconds: Sequence[float]) -> str:
    return f"{1 / mean(seconds):.0f} requests/s, p95 {_p95(seconds) * 1000:.1f} ms"


def _seconds(client: FlaskClient, path: str) -> float:
    begun = perf_counter()
    answer = client.get(path)
    taken = perf_counter() - begun
    assert answer.status_code == 200, (path, answer.status_code)
    return taken


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[-1]


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
