"""The public data: every cell of the CSV is that of the JSON, and every page stays small in both languages."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Browser
from tests.deeds import approve, group_of, report
from tests.views.test_public import ADDRESS, DESK, LIMIT, close
from tests.world import World, at
from tracker.database import db
from tracker.models import Assessment
from tracker.rules.claims import Claim

SignedIn = Callable[[str], Browser]
RESULT = '=SUM(A1), "จัดทำ" 2 เล่ม; แล้ว\nบรรทัดที่ 2'
YEAR = (at("2025-10-02").date(), at("2025-12-30").date())


@pytest.fixture
def data(world: World, browser: Browser, signed_in: SignedIn) -> dict[str, Any]:
    """What report.json of a published year tells."""
    with world.write():
        world.add_scores()
        db.session.add(Assessment(year=2567, total=80.0, level=""))
    world.adopted_plan([(2, [0, 1], *YEAR), (1, [0], *YEAR), (1, [2], *YEAR)])
    report(
        world, group_of(world), Claim.COMPLETE, result=RESULT, problems="-ขาดคน", no_evidence_reason="ไม่มีแฟ้ม"
    )
    report(world, group_of(world, item=2), Claim.COMPLETE, result="@แล้ว", no_evidence_reason="ไม่มีแฟ้ม")
    for item in (1, 2):
        approve(world, group_of(world, item=item))
    close(world, signed_in("coordinator"))
    assert signed_in("coordinator").post(DESK).status_code == 303
    told: dict[str, Any] = json.loads(browser.open(f"{ADDRESS}/1/report.json").data)
    return told


def table(browser: Browser, name: str) -> list[list[str]]:
    """The rows of a file, without the apostrophe that keeps a text from being a formula."""
    text = browser.open(f"{ADDRESS}/1/{name}").data.decode("utf-8-sig")
    return [[cell.removeprefix("'") for cell in row] for row in csv.reader(text.splitlines(keepends=True))]


def test_every_cell_of_the_results_in_csv_is_that_of_the_json(data: dict[str, Any], browser: Browser) -> None:
    results, problems, annex = data["results"], data["problems"], data["annex"]
    cells = ("heading", "measures", "steps", "responsible", "window", "result", "outcome")
    head, *rows = table(browser, "report.csv")
    assert head == [*results["columns"], *problems["columns"][2:], annex["columns"][1]]
    assert len(results["columns"]) == len(cells)
    assert rows == [
        [*(row[cell] for cell in cells), *problem[2:], row["evidence"]]
        for row, problem in zip(results["rows"], problems["rows"], strict=True)
    ]
    assert any("=SUM(A1)" in cell for row in rows for cell in row)


def test_every_score_in_csv_is_that_of_the_json(data: dict[str, Any], browser: Browser) -> None:
    scores = data["scores"]
    head, *rows = table(browser, "scores.csv")
    assert head == ["kind", "name", "weight", *map(str, scores["years"]), "change"]
    told = [[row["kind"], row["name"], row["weight"], row["before"], row["after"]] for row in scores["rows"]]
    assert [row[:5] for row in rows] == [["" if cell is None else str(cell) for cell in row] for row in told]
    changes = [
        "" if None in (row["before"], row["after"]) else str(round(row["after"] - row["before"], 2))
        for row in scores["rows"]
    ]
    assert [row[5] for row in rows] == changes
    assert len(rows) > 10


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_page_without_evidence_is_small_in_both_languages(
    data: dict[str, Any], browser: Browser, language: str
) -> None:
    for path in ("/p/tuayang", ADDRESS, f"{ADDRESS}/1", *(f"{ADDRESS}/1/{row}" for row in (1, 2, 3))):
        answer = browser.open(f"{path}?language={language}")
        assert answer.status_code == 200, path
        assert len(answer.data) <= LIMIT, path
        assert f'<html lang="{language}"'.encode() in answer.data
        assert b"<script" not in answer.data
