"""Text stays text: in headers, in redirects, and through every form into pages, mails and documents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select

from tests.client import Browser
from tests.deeds import PDF
from tests.test_access import NOW, House, housed, routes_of
from tests.world import World
from tracker import storage
from tracker.actions import proving
from tracker.database import db
from tracker.groups import Group
from tracker.models import Measure, OutgoingMail, PlanAttachment
from tracker.rules.permissions import Role

# What Jinja, Typst, JavaScript and Python would each make of this, if they took it for their own.
TYPED = "{{'qz'*3}}#(\"qz\"*3)${'qz'*3}%(qz)s{qz}<b>qz</b>"
TAKEN = ("qzqzqz", "<b>qz</b>")
FOUL_NAMES = (
    'a"; filename="b.html',
    "a\r\nSet-Cookie: stolen=1\r\n\r\n<script>",
    "a\x0b\x0c\x1b[31m\x85b",
    "ก\u202efdp.exe",
    "../../etc/passwd",
    "a\u2028Set-Cookie: stolen=1",
    "=cmd|' /C calc'!A0",
)
# Forms whose pressing would take away what the others need.
KEPT = (
    "sign-out",
    "end",
    "discard",
    "remove",
    "withdraw",
    "undo",
    "anonymise",
    "password",
    "close",
    "revoke",
)


class Forms(HTMLParser):
    """The forms of a page: their address, and what a person could type and choose in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str], set[str]]] = []
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.forms.append((given.get("action", ""), {}, set()))
        if not self.forms:
            return
        _, fields, typed = self.forms[-1]
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "textarea" or (tag == "input" and kind == "text"):
            fields[name] = TYPED
            typed.add(name)
        elif tag == "input" and kind == "email":
            fields[name] = "qz@office.example"
        elif tag == "input" and kind in {"radio", "checkbox"}:
            if "checked" in given or given.get("value") == "some" or name not in fields:
                fields[name] = given.get("value", "")
        elif tag == "input":
            fields.setdefault(name, given.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and given.get("value"):
            fields.setdefault(self._select, given["value"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated: Path, drawn: Path) -> Iterator[House]:
    with housed(tmp_path_factory.mktemp("injection"), migrated, drawn) as house:
        yield house


def pages(house: House) -> list[str]:
    """The addresses of all pages, those of files left out."""
    return [
        house.address(endpoint)
        for endpoint, method in routes_of(house.app)
        if method == "GET" and not endpoint.startswith(("bootstrap", "static"))
    ]


def test_what_is_typed_into_every_form_stays_text_everywhere(house: House) -> None:
    sent: dict[str, int] = {}
    for role in (Role.COORDINATOR, Role.HEAD):
        browser = house.browser(role)
        for page in pages(house):
            answer = browser.open(page)
            if answer.mimetype != "text/html" or answer.status_code != 200:
                continue
            for action, fields, typed in Forms(answer.text).forms:
                target = action or page
                if not typed or target in sent or any(word in target for word in KEPT):
                    continue
                done = browser.open(target, method="POST", data=fields)
                sent[target] = done.status_code
                assert done.status_code < 500, target
                assert not [word for word in TAKEN if word in done.text], target
    assert len(sent) >= 20
    assert sum(status == 303 for status in sent.values()) >= 10, sent

    shown = [page for page in pages(house) if shows(house, page)]
    assert len(shown) >= 5, shown
    plain, styled = written_mails(house.own)
    assert "{{'qz'*3}}" in plain
    assert TAKEN[0] not in plain + styled
    assert TAKEN[1] not in styled
    for ending in ("docx", "xlsx", "pdf", "html", "json"):
        path = house.address("report.download", ending=0).replace("/0", "").replace(".0", f".{ending}")
        text = words_of(house.browser(Role.COORDINATOR).open(path).data, ending)
        assert "qz" in text, ending
        assert "qzqzqz" not in text, ending


def shows(house: House, page: str) -> bool:
    """Whether the page says what was typed; it must never say what that would make."""
    answer = house.browser(Role.COORDINATOR).open(page)
    text = answer.data.decode("utf-8", "replace")
    # In a file that is no page, marks of HTML are letters as others.
    taken = TAKEN if answer.mimetype == "text/html" else TAKEN[:1]
    assert not [word for word in taken if word in text], page
    return "{{&#39;qz&#39;*3}}" in text


def written_mails(world: World) -> tuple[str, str]:
    """All subjects and texts, and all HTML, of the mails that were written."""
    with world.read():
        db.session.rollback()
        mails = db.session.scalars(select(OutgoingMail)).all()
        plain = " ".join(f"{mail.subject} {mail.body_text}" for mail in mails)
        return plain.replace("\n", ""), " ".join(mail.body_html for mail in mails)


def words_of(data: bytes, ending: str) -> str:
    """All text of a document, as a reader gets it."""
    if ending == "pdf":
        with pypdfium2.PdfDocument(data) as document:
            return "".join(page.get_textpage().get_text_range() for page in document)
    if ending in {"html", "json"}:
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


@pytest.mark.parametrize("name", FOUL_NAMES)
def test_no_file_name_writes_headers(house: House, name: str) -> None:
    world = house.own
    with world.write():
        item = db.session.scalars(select(Measure.item_id)).first() or 0
        stored = storage.store(BytesIO(PDF + name.encode()), f"{name}.pdf")
        group = Group(item, world.division_ids[0], 1)
        proof = proving.attach_file(stored, "", date(2026, 1, 5), group, now=NOW, by=world.actor("head0")).id
    browser = house.browser(Role.COORDINATOR)
    browser.post("/plan/upload", {"plan": (BytesIO(PDF + name.encode()), f"{name}.pdf")})
    with world.read():
        db.session.rollback()
        paper = db.session.scalars(select(PlanAttachment.id).order_by(PlanAttachment.id.desc())).first()
        db.session.rollback()
    for path in (f"/evidence/{proof}", f"/plan/attachments/{paper}"):
        answer = browser.open(path)
        assert answer.status_code == 200, path
        told = answer.headers["Content-Disposition"]
        assert told.startswith("attachment")
        assert told.isascii()
        assert told.isprintable()
        assert "stolen" not in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize(
    "target",
    [
        "/\r\nSet-Cookie: stolen=1",
        "/x\nLocation: //evil.example",
        "/%0d%0aSet-Cookie:%20stolen=1",
        "/\x00",
        "/\x85",
    ],
)
def test_no_target_of_a_redirect_writes_headers(world: World, target: str) -> None:
    browser = Browser(world.app)
    for path in ("/language", "/theme"):
        answer = browser.post(path, {"language": "th", "theme": "dark", "next": target})
        assert answer.status_code == 303
        assert answer.location.startswith("/")
        assert answer.location.isprintable()
        assert not [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("stolen")]
        assert "evil" not in answer.location or answer.location.startswith("/x")
