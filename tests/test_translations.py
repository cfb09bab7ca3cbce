"""The English catalogue: complete, faithful to the Thai sentences, and enough for every page and mail."""

from __future__ import annotations

import ast
import contextvars
import html
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from flask import render_template
from flask.testing import FlaskClient
from jinja2 import Environment
from sqlalchemy import select, update

from tests.world import World, at
from tracker import links
from tracker.actions import admitting, linking, planning, progress, proving, reminding, reporting
from tracker.actions.organising import USUAL_DIVISIONS
from tracker.actions.progress import GroupReport
from tracker.app import Tracker
from tracker.catalogue.assessment import INDICATORS
from tracker.catalogue.topics import TOPICS
from tracker.config import Config
from tracker.database import db
from tracker.errors import Message
from tracker.groups import Group, tasks_of
from tracker.locale import TRANSLATIONS, say
from tracker.models import FollowUp, OutgoingMail, Plan, User
from tracker.rules.claims import NONE, Claim
from tracker.rules.frozen import on_a_page
from tracker.rules.mailtext import short_name
from tracker.views.shell import LANGUAGE_NAMES

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
THAI = re.compile("[\u0e00-\u0e7f]+")
PLACEHOLDER = re.compile(r"%\(\w+\)s")

# Where Thai is written that stays Thai for every reader, and why.
STAYS_THAI = {
    "tracker/catalogue/*": "topics, indicators and levels, as the assessment prints them",
    "tracker/demo/*": "what the fictional office of the demo writes",
    "tracker/reading/cells.py": "letters that number lists in documents",
    "tracker/reading/columns.py": "words looked for in documents",
    "tracker/reading/divisions.py": "words looked for in documents",
    "tracker/reading/facts.py": "words looked for in documents",
    "tracker/reading/narrative.py": "words looked for in documents",
    "tracker/reading/rawrow.py": "words looked for in documents",
    "tracker/reading/scores.py": "words looked for in documents",
    "tracker/rules/follow_ups.py": "words looked for in documents",
    "tracker/rules/windows.py": "words looked for in documents",
    "tracker/rules/thai.py": "months, weekdays, digits and letters",
    "tracker/rules/workdays.py": "names of holidays",
    "tracker/rules/mailtext.py": "short forms of organisations' names, and letters",
    "tracker/actions/organising.py": "usual divisions and the printed titles of positions",
    "tracker/actions/reshaping.py": "names of fonts",
    "tracker/actions/reporting/*": "reports are Thai documents",
    "tracker/rules/readiness.py": "words looked for in names of files",
    "tracker/writing/xlsx.py": "names of sheets in a Thai document",
    "tracker/actions/amending/*": "reasons that the annual report prints",
    "tracker/reading/likely.py": "words looked for in documents",
    "tracker/actions/parting.py": "the neutral name that stays of a person",
    "tracker/writing/typeset.py": "words that stay on one line with what stands before them",
    "tracker/rules/carrying.py": "carried plans are Thai documents",
    "tracker/writing/planform.py": "the form of a plan is a Thai document",
    "tracker/cli.py": "the command names itself",
    "tracker/locale.py": "the Thai clock",
    "tracker/views/shell.py": "a language's own name",
}
# Calls that look for words or cut them off: what they are given is shown to nobody.
SEEKING = {
    "compile", "search", "match", "fullmatch", "findall", "finditer", "sub", "split", "removeprefix",
    "removesuffix", "startswith", "endswith", "replace", "strip", "count", "maketrans",
}  # fmt: skip


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The sentences that `make catalogues` would collect now."""
    keywords = re.findall(r"-k (\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    template = tmp_path_factory.mktemp("catalogue") / "messages.pot"
    chosen = [argument for keyword in keywords for argument in ("-k", keyword)]
    source = ["-F", str(ROOT / "pyproject.toml"), "-o", str(template), str(ROOT)]
    CommandLineInterface().run(["pybabel", "--quiet", "extract", *chosen, "--omit-header", *source])  # type: ignore[no-untyped-call]
    with template.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def english() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def sentences(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in catalogue if message.id}


def thai_in(text: str, known: Iterable[str] = ()) -> list[str]:
    """The Thai words left in a text when the known ones are taken out, however both are broken into lines."""
    left = plain(text)
    for words in sorted({plain(words) for words in known}, key=len, reverse=True):
        left = left.replace(words, " ") if THAI.search(words) else left
    return THAI.findall(left)


def plain(text: str) -> str:
    return " ".join(html.unescape(text).replace("\u2060", "").replace("\u200b", "").split())


def test_the_catalogue_holds_every_sentence_and_no_other(extracted: Catalog, english: Catalog) -> None:
    # Where this fails: make catalogues, then write the English of what is new.
    assert sentences(extracted) - sentences(english) == set()
    assert sentences(english) - sentences(extracted) == set()
    assert len(sentences(extracted)) > 500


def test_every_sentence_is_translated_with_its_placeholders(english: Catalog) -> None:
    for message in english:
        if not message.id:
            continue
        thai, said = str(message.id), str(message.string)
        assert said.strip(), thai
        assert not message.fuzzy, thai
        assert not THAI.search(said), thai
        assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(thai)), thai
        assert "%" not in PLACEHOLDER.sub("", said), thai


def test_the_catalogue_names_no_machine_and_no_moment(english: Catalog) -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    places = {place for message in english for place, _line in message.locations}
    assert str(ROOT) not in text
    assert {place for place in places if not (ROOT / place).is_file()} == set()
    # Fixed, else each update would change it.
    assert '"POT-Creation-Date: 2026-01-01 00:00+0000' in text


def test_every_message_is_said_in_english(extracted: Catalog) -> None:
    for template in sorted(sentences(extracted)):
        values = dict.fromkeys(re.findall(r"%\((\w+)\)s", template), "x")
        told = say(Message(template, values), "en")
        assert told.strip() not in {"", template}
        assert not THAI.search(told)
        assert "%(" not in told


def test_no_thai_sentence_of_the_code_escapes_the_catalogue(extracted: Catalog) -> None:
    known, needed, escaped = sentences(extracted), set(), []
    for path in sorted(path for package in ("tracker", "jobs") for path in (ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for line, text in shown_thai(ast.parse(path.read_text(encoding="utf-8"))):
            if text in known:
                continue
            explained = {pattern for pattern in STAYS_THAI if fnmatch(name, pattern)}
            needed |= explained
            # A sentence to be filled in is shown to somebody wherever it stands.
            if not explained or PLACEHOLDER.search(text):
                escaped.append(f"{name}:{line}: {text}")
    assert not escaped, "\n".join(escaped)
    assert set(STAYS_THAI) - needed == set(), "these need no explanation any more"


def shown_thai(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Thai literals that are not documentation, a comparison or sought words."""
    hidden: set[int] = set()
    for node in ast.walk(tree):
        seeking = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SEEKING
        )
        loose = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if seeking or loose or isinstance(node, ast.Compare):
            hidden.update(id(inside) for inside in ast.walk(node))
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in hidden and THAI.search(node.value):  # type: ignore[attr-defined]
            yield node.lineno, node.value  # type: ignore[attr-defined]


def test_no_thai_word_of_the_templates_and_scripts_escapes_the_catalogue(extracted: Catalog) -> None:
    known, escaped = sentences(extracted), []
    lexer = Environment()
    for path in sorted(
        path for ending in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{ending}")
    ):
        for line, kind, text in lexer.lex(path.read_text(encoding="utf-8")):
            if kind != "comment" and THAI.search(text) and not (kind == "string" and text[1:-1] in known):
                escaped.append(f"{path.relative_to(ROOT)}:{line}: {text}")
    for path in sorted((ROOT / "tracker" / "static").glob("*.js")):
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if THAI.search(text.partition("//")[0]):
                escaped.append(f"{path.relative_to(ROOT)}:{line}: {text}")
    assert not escaped, "\n".join(escaped)


DOCUMENT = "\n".join(
    (
        "มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. 2569",
        "ตัวชี้วัด\tมาตรการ\tขั้นตอน\tระยะเวลา\tผู้รับผิดชอบ\tการติดตามผล",
        "การปฏิบัติหน้าที่\tจัดทำคู่มือการให้บริการ\tแต่งตั้งคณะทำงาน\tต.ค. 2568 - ก.ย. 2569\tกองคลัง\tทุกไตรมาส",
        "การใช้งบประมาณ\tเผยแพร่แผนการจัดซื้อ\tประชุมชี้แจง\tเร็ว ๆ นี้\tกองทะเบียน\t",
        "การใช้อำนาจ\tอบรมบุคลากร\tจัดทำหลักสูตร\tต.ค. 2566 - ก.ย. 2567\tทุกกอง\tรายงานผู้บริหาร",
        "การแก้ไขปัญหา\t\tทบทวนคำสั่ง\t\t\t",
    )
)
MOMENT = at("2026-04-02", "10:00")


@pytest.fixture
def busy(world: World) -> Iterator[World]:
    """The world on 2 April 2569: work reported, sent back and late, a follow-up open, mails waiting."""
    with time_machine.travel(MOMENT, tick=False):
        year = (date(2025, 10, 1), date(2026, 9, 30))
        world.adopted_plan(items=((2, range(5), *year), (1, [1], *year)), follow_up="six_twelve")
        with world.write():
            db.session.execute(update(User).values(language="en"))
        with world.write():
            plan = db.session.scalars(select(Plan)).one()
            item = planning.items_of(plan)[0]
            for place, decision in enumerate(("none", "approve", "send_back")):
                group = Group(item.id, world.division_ids[place], 1)
                by = world.actor(f"head{place}")
                proving.attach_link(
                    "https://example.go.th/manual", "คู่มือ", date(2025, 12, 1),
                    group, now=MOMENT, by=by,
                )  # fmt: skip
                claims = {task.id: Claim.AS_PLANNED for task in tasks_of(group)}
                report = GroupReport("จัดทำคู่มือแล้ว", NONE, "ขอให้จัดอบรม", claims=claims)
                progress.report_group(group, report, now=MOMENT, by=by)
                if decision == "approve":
                    progress.approve(group, now=MOMENT, by=world.actor("coordinator"))
                if decision == "send_back":
                    progress.send_back(group, "แนบภาพด้วย", now=MOMENT, by=world.actor("coordinator"))
        with world.write():
            reminding.plan_day(now=MOMENT)
        yield world


def reader_of(world: World, who: str | None) -> FlaskClient:
    """A browser that speaks English, signed in as a person of the world or as nobody."""
    world.app.config["WTF_CSRF_ENABLED"] = False
    client = world.app.test_client()
    token = None
    if who is not None:
        with world.write():
            token = admitting.open_session(world.users[who], world.organisation_id, now=MOMENT)
    with client.session_transaction() as session:
        session["language"] = "en"
        if token is not None:
            session["_user_id"] = token
            session["_fresh"] = True
    return client


def data_of(config: Config) -> set[str]:
    """Every text that the database holds: what people wrote, and names."""
    with sqlite3.connect(config.data / "tracker.db") as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        rows = [row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')]
    connection.close()
    texts = {value for row in rows for value in row if isinstance(value, str)}
    return texts | set(map(short_name, texts)) | set(LANGUAGE_NAMES.values())


def texts_of(value: Any) -> Iterator[str]:
    """Every text within a nested value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inside in value.values():
            yield from texts_of(inside)
    elif isinstance(value, (list, tuple)):
        for inside in value:
            yield from texts_of(inside)


def report_texts(world: World) -> set[str]:
    """What stands in the annual report, a Thai document also where a page shows it, there in Arabic digits."""
    with world.read():
        value = reporting.draft(db.session.scalars(select(Plan)).one(), now=MOMENT)
        db.session.rollback()
    return {text for one in (value, on_a_page(value)) for text in texts_of(asdict(one))}


def test_in_english_a_coordinator_sees_no_thai_but_data(busy: World, config: Config) -> None:
    with busy.read():
        item_id = planning.items_of(db.session.scalars(select(Plan)).one())[0].id
        follow_up_id = db.session.scalars(select(FollowUp.id)).first()
        db.session.rollback()
    known = data_of(config) | report_texts(busy)
    client = reader_of(busy, "coordinator")
    groups = [f"/work/{item_id}/{division}/1" for division in busy.division_ids]
    pages = [
        "/", "/work", *groups, "/plan/2569", "/plan/2570", "/plan/2569/tasks", "/plan/2569/tasks?q=zzz",
        "/plan/2569/waiting", "/follow-up/year/2569", f"/follow-up/{follow_up_id}", "/report/2569", "/report/2570",
        "/reminders", "/plan/upload", "/work/9/9/9", "/no-such-page",
    ]  # fmt: skip
    for page in pages:
        answer = client.get(page, follow_redirects=True)
        assert 'lang="en"' in answer.text, page
        assert thai_in(answer.text, known) == [], page
        assert answer.status_code == (404 if page in pages[-2:] else 200), page


def test_in_english_a_division_sees_no_thai_but_data(busy: World, config: Config) -> None:
    with busy.read():
        item_id = planning.items_of(db.session.scalars(select(Plan)).one())[0].id
        own = select(FollowUp.id).where(FollowUp.division_id == busy.division_ids[2])
        follow_up_id = db.session.scalars(own).first()
        db.session.rollback()
    known = data_of(config)
    client = reader_of(busy, "head2")
    for quarter in (1, 2, 4):
        answer = client.get(f"/work/{item_id}/{busy.division_ids[2]}/{quarter}")
        assert thai_in(answer.text, known) == []
        missing = client.post(f"/work/{item_id}/{busy.division_ids[2]}/{quarter}", data={})
        assert missing.status_code == 422
        assert thai_in(missing.text, known) == []
    for page in ("/work", "/follow-up/year/2569", f"/follow-up/{follow_up_id}"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert thai_in(answer.text, known) == [], page
    missing = client.post(f"/follow-up/{follow_up_id}", data={})
    assert missing.status_code == 422
    assert thai_in(missing.text, known) == []
    refused = client.get("/reminders")
    assert refused.status_code == 403
    assert thai_in(refused.text, known) == []


def test_in_english_whoever_comes_by_a_link_sees_no_thai_but_data(busy: World, config: Config) -> None:
    with busy.write():
        subjects = links.due_subjects(busy.division_ids[2], MOMENT.date())
        token = linking.share(busy.division_ids[2], subjects, now=MOMENT, by=busy.actor("head2"))
        group = next(group for group in map(Group.of_subject, subjects) if group is not None)
    client = reader_of(busy, None)
    here, key = f"/m/{token}", {"press": "x" * 22}
    assert client.post(here + group.path, data=key).status_code == 422
    with busy.write():
        linking.pass_on(group, "a colleague", "a@tuayang.example", now=MOMENT, by=busy.actor("head2"))
    known = data_of(config)
    for page in (here, here + group.path, f"{here}/follow-up/{subjects[-1].partition(':')[2]}"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert thai_in(answer.text, known) == [], page
    chat = client.get(f"{here}/line").text
    # The ready text holds the division's and the measures' names between words of ours.
    assert (
        thai_in(re.sub("<textarea.*?</textarea>", "", chat, flags=re.DOTALL).split("line.me")[0], known) == []
    )
    assert "please report the results" in chat
    # In a context of its own, as on a server: this one knows nobody by now.
    head = contextvars.Context().run(reader_of(busy, "head2").get, group.path).text
    assert "Passed on to" in head
    assert thai_in(head, known) == []
    assert client.post(f"{here}/revoke", data=key).status_code == 303
    for page in (here, f"{here}?asked=1"):
        assert thai_in(client.get(page).text, known) == []


def test_in_english_a_plan_is_checked_without_thai_but_the_documents_own(busy: World, config: Config) -> None:
    client = reader_of(busy, "coordinator")
    empty = client.post("/plan/upload", data={})
    unreadable = client.post("/plan/upload", data={"plan": (BytesIO(b"x"), "plan.odt")})
    sent = client.post(
        "/plan/upload", data={"plan": (BytesIO(DOCUMENT.encode()), "plan.txt"), "year": "2571"}
    )
    known = data_of(config) | set(re.split(r"[\t\n]", DOCUMENT))
    known |= {one.title for one in TOPICS} | {one.name for one in INDICATORS}
    for answer in (empty, unreadable):
        assert answer.status_code == 422
        assert thai_in(answer.text, known) == []
    assert sent.status_code == 303
    looked = client.get(str(sent.location))
    assert looked.status_code == 200
    assert thai_in(looked.text, known) == []
    for seen in ("To answer", "To look at", "Unknown name", "is not in fiscal year"):
        assert seen in looked.text


def test_in_english_a_stranger_sees_no_thai(world: World, app: Tracker) -> None:
    client = reader_of(world, None)
    for page in ("/sign-in", "/sign-in?failed=1", "/invitation/none", "/no-such-page"):
        assert thai_in(client.get(page).text, LANGUAGE_NAMES.values()) == [], page
    empty = client.post("/sign-in", data={})
    assert thai_in(empty.text, LANGUAGE_NAMES.values()) == []
    for error in ("400", "403", "404", "413", "500"):
        with app.test_request_context(headers={"Cookie": "language=en"}):
            page = render_template(f"errors/{error}.html")
        assert 'lang="en"' in page
        assert thai_in(page, LANGUAGE_NAMES.values()) == []


def test_in_english_the_first_run_shows_no_thai_but_the_usual_divisions(app: Tracker) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.set_cookie("language", "en")
    for answer in (client.get("/first-run"), client.post("/first-run", data={})):
        assert thai_in(answer.text, {*USUAL_DIVISIONS, *LANGUAGE_NAMES.values()}) == []


def test_mails_to_an_english_reader_hold_no_thai_but_data(busy: World, config: Config) -> None:
    with busy.read():
        mails = db.session.scalars(select(OutgoingMail)).all()
        told = [(mail.kind, mail.subject, mail.body_text, mail.body_html) for mail in mails]
        db.session.rollback()
    written = {text for mail in told for text in mail}
    known = data_of(config) - written | {"อบต.ตัวอย่าง"}  # the organisation's name, shortened for subjects
    assert {"digest"} <= {kind for kind, *_bodies in told}
    for _kind, *bodies in told:
        for body in bodies:
            assert thai_in(body, known) == []
