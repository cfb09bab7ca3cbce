"""The page of the journal: words for every deed, filters, files, and who may look."""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client import Browser
from tests.deeds import group_of, report
from tests.world import World, at
from tracker import journal
from tracker.actions import organising
from tracker.config import CHECKOUT
from tracker.database import db
from tracker.models import JournalEntry, User
from tracker.rules.permissions import SYSTEM
from tracker.views.journal_words import DEEDS, SUBJECTS
from tracker.writing import csv as harmless

NOW = at("2025-12-17")
SignedIn = Callable[[str], Browser]


def told_in(path: Path) -> set[str]:
    """The names of deeds in a module: texts with one dot in it that a call gives away, or a name `deed`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        node.args
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "journal.record")
            or (isinstance(node.func, ast.Name) and node.func.id == "_add")
        )
    ]
    chosen = [
        [node.value]
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "deed"
    ]
    return {
        part.value
        for given in (*calls, *chosen)
        for argument in given
        for part in ast.walk(argument)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value
    }


def test_every_deed_that_is_written_down_has_words_and_no_other_has() -> None:
    folders = (CHECKOUT / "tracker" / name for name in ("actions", "operations"))
    written = set().union(*(told_in(path) for folder in folders for path in folder.rglob("*.py")))
    assert written == set(DEEDS)


def test_the_page_tells_deeds_in_words_the_newest_first(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan()
    report(world, group_of(world))
    browser = signed_in("coordinator")
    page = browser.get("/journal").text
    assert "รายงานผลงาน" in page
    assert "ประกาศใช้แผน" in page
    assert page.index("รายงานผลงาน การรายงานผล") < page.index("ประกาศใช้แผน แผน")
    assert not [deed for deed in DEEDS if deed in page]
    browser.post("/language", {"language": "en"})
    assert browser.get("/journal").language == "en"


@pytest.mark.parametrize(
    ("who", "status"), [("coordinator", 200), ("head0", 403), ("clerk", 403), ("chief", 403)]
)
def test_who_may_look(signed_in: SignedIn, who: str, status: int) -> None:
    for path in ("/journal", "/journal/export.csv", "/journal/export.json"):
        assert signed_in(who).open(path).status_code == status


def test_an_auditor_may_look(world: World, browser: Browser) -> None:
    with world.write():
        user = organising.add_user("auditor@tuayang.example", "ผู้ตรวจสอบ", now=NOW, by=SYSTEM)
        user.auditor = True
        db.session.flush()
        number = user.id
    assert browser.enter_as(number, world.organisation_id).open("/journal").status_code == 200


def exported(browser: Browser, **query: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(browser.open("/journal/export.json", query_string=query).data)
    return rows


def test_filters_leave_what_they_say(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan()
    report(world, group_of(world))
    browser = signed_in("coordinator")
    everything = exported(browser)
    head = f"user:{world.users['head0']}"
    for query, holds in (
        ({"deed": "group.reported"}, lambda row: row["deed"] == "group.reported"),
        ({"person": head}, lambda row: row["actor"] == head),
        ({"person": "system"}, lambda row: row["actor"] == "system"),
        (
            {"kind": "user", "number": "1"},
            lambda row: (row["subject_kind"], row["subject_id"]) == ("user", 1),
        ),
        ({"from": "17 ธ.ค. 2568"}, lambda row: str(row["at"]) >= "2025-12-16T17"),
        ({"until": "16 ธ.ค. 2568"}, lambda row: str(row["at"]) < "2025-12-16T17"),
    ):
        found = exported(browser, **query)
        assert found == [row for row in everything if holds(row)]
        assert 0 < len(found) < len(everything), query
        page = browser.open("/journal", query_string=query)
        assert f"{len(found)} รายการ" in page.text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    "query",
    ["person=\0", "deed=%27--", "kind=x", "number=9999999999999", "number=%C2%B2", "from=x", "page=0", "page=-1",
     "page=99999999999999", "until=%00", "person=user:1%00"],
)  # fmt: skip
def test_whatever_an_address_asks_for_the_page_opens(signed_in: SignedIn, query: str) -> None:
    for path in ("/journal", "/journal/export.csv"):
        assert signed_in("coordinator").open(f"{path}?{query}").status_code == 200


def test_the_json_holds_all_that_the_hashes_are_made_of(world: World, signed_in: SignedIn) -> None:
    last = ""
    for row in exported(signed_in("coordinator")):
        told = [
            row[name]
            for name in ("organisation", "number", "at", "actor", "deed", "subject_kind", "subject_id", "details",
                         "previous_hash")
        ]  # fmt: skip
        assert row["previous_hash"] == last
        last = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
        assert row["hash"] == last


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", '=HYPERLINK("http://x")']
)
def test_no_name_becomes_a_formula_in_the_file(world: World, signed_in: SignedIn, name: str) -> None:
    with world.write():
        user = db.session.get(User, world.users["coordinator"])
        assert user is not None
        user.name = name
    text = signed_in("coordinator").open("/journal/export.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row for row in rows if row["actor_name"] == f"'{name}"]
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.strip(" ").startswith(tuple("=+-@\t\r＝＋－＠"))]


def test_numbers_and_plain_texts_stay_as_they_are_in_a_file() -> None:
    assert harmless.write([["a,b", -1, None, "ก"]]).decode("utf-8-sig") == '"a,b",-1,,ก\r\n'


def test_more_entries_than_a_page_holds_are_turned_over(world: World, signed_in: SignedIn) -> None:
    with world.write():
        for _ in range(60):
            journal.record("mail.tested", "outgoing_mail", 1, now=NOW, by=SYSTEM)
    links = signed_in("coordinator").get("/journal?deed=mail.tested").links
    assert "/journal?page=2&deed=mail.tested" in links
    assert "mail.tested" not in signed_in("coordinator").get("/journal?deed=mail.tested&page=2").text


def test_every_subject_that_is_written_down_has_words(world: World) -> None:
    world.adopted_plan()
    report(world, group_of(world))
    with world.read():
        kinds = {entry.subject_kind for entry in db.session.query(JournalEntry)}
    assert kinds <= set(SUBJECTS)
