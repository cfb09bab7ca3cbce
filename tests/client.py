"""A browser without a window: signs in as a person of a World, fills in forms, looks each page over."""

from __future__ import annotations

import contextvars
from html.parser import HTMLParser
from typing import Any, ClassVar

from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from tests.world import PASSWORD, World
from tracker import clock
from tracker.actions import admitting
from tracker.app import SECURITY_POLICY, Tracker
from tracker.database import db, writing

VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "use", "path", "source", "wbr"})


class Page(HTMLParser):
    """What of a page the tests look at: headings, forms, scripts, styles, ids, texts, the sentences beside fields."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.open_ids: list[str] = []
        self.language = ""
        self.headings = 0
        self.beside: dict[str, str] = {}
        self._typed: str | None = None
        self.texts: dict[str, list[str]] = {}
        self.forms: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._look_over(tag, given)
        if tag not in VOID:
            self.open.append(tag)
            self.open_ids.append(given.get("id") or "")
        if tag == "form":
            self.forms.append({"method": (given.get("method") or "get").lower(), "fields": {}} | given)
        elif tag in {"input", "button", "textarea", "select"} and "form" in self.open and given.get("name"):
            self._take_field(tag, str(given["name"]), given)
        elif tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))

    def _take_field(self, tag: str, name: str, given: dict[str, str | None]) -> None:
        fields = self.forms[-1]["fields"]
        self._typed = name if tag == "textarea" else None
        if given.get("type") in {"radio", "checkbox"} and "checked" in given:
            fields[name] = given.get("value") or ""
        else:
            offered = given.get("type") in {"radio", "checkbox"}
            fields.setdefault(name, "" if offered else given.get("value") or "")

    def _look_over(self, tag: str, given: dict[str, str | None]) -> None:
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "html":
            self.language = given.get("lang") or ""
        self.headings += tag == "h1"
        if tag == "script" and not given.get("src"):
            self.faults.append("a script in the page")
        if tag == "style" or "style" in given:
            self.faults.append(f"a style in the page: {tag}")
        self.faults += [f"{name} on {tag}" for name in given if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                self.open_ids.pop()
            self.open_ids.pop()

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.words.append(data)
        if "textarea" in self.open and self._typed:
            fields = self.forms[-1]["fields"]
            fields[self._typed] = (fields[self._typed] + data).lstrip("\n")
        for name in self.open_ids:
            if name.endswith("-error") and data.strip():
                field = name.removesuffix("-error")
                self.beside[field] = f"{self.beside.get(field, '')} {data.strip()}".strip()
        for tag in ("title", "h1"):
            if tag in self.open:
                self.texts.setdefault(tag, []).append(data)

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form with this address, with their values."""
        fields: dict[str, str] = next(form["fields"] for form in self.forms if form.get("action") == action)
        return fields

    @property
    def text(self) -> str:
        """The words of the page, with one space between them and the glue of lines taken away."""
        return " ".join(" ".join(self.words).replace("\u2060", "").replace("\u200b", "").split())

    def all_faults(self) -> list[str]:
        faults = list(self.faults)
        faults += [f"no {tag}" for tag in ("title", "h1") if not "".join(self.texts.get(tag, [])).strip()]
        if self.headings != 1:
            faults.append(f"{self.headings} headings of the first rank")
        if self.language not in {"th", "en"}:
            faults.append("no language")
        faults += [f"id twice: {name}" for name in set(self.ids) if self.ids.count(name) > 1]
        faults += [
            f"a form without a token: {form.get('action')}"
            for form in self.forms
            if form["method"] == "post" and not form["fields"].get("csrf_token")
        ]
        return faults


class Compiled(BytecodeCache):
    """Templates compiled once for the applications of all tests."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


class Browser:
    """Asks for pages as one person; every answer is looked over before the test sees it."""

    def __init__(self, app: Tracker) -> None:
        self.app = app
        app.jinja_env.bytecode_cache = Compiled()
        self.inner: FlaskClient = app.test_client()
        self._token: str | None = None

    def open(self, path: str, **options: Any) -> TestResponse:
        """The answer to one request, in a context of its own as on a server."""
        # The test's own session must neither keep an old snapshot nor share its context with the request.
        db.session.rollback()
        answer: TestResponse = contextvars.Context().run(self.inner.open, path, buffered=True, **options)
        # A large form was put into a file that nobody else closes.
        answer.request.environ["wsgi.input"].close()
        look_over(answer)
        return answer

    def get(self, path: str, status: int = 200) -> Page:
        """The page at this address."""
        answer = self.open(path)
        assert answer.status_code == status, (
            answer.status_code,
            answer.location,
            Page(answer.text).text[-400:],
        )
        return Page(answer.text)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """The answer to a form that carries the token of this session."""
        return self.open(path, method="POST", data={"csrf_token": self.token, **(data or {})}, **options)

    @property
    def token(self) -> str:
        """The token that the forms of this session carry."""
        if self._token is None:
            forms = Page(self.open("/sign-in").text).forms
            self._token = next(form["fields"]["csrf_token"] for form in forms if form["method"] == "post")
        return self._token

    def sign_in(self, address: str, password: str = PASSWORD, **query: str) -> TestResponse:
        """Fill in the real form."""
        answer = self.post("/sign-in", {"email": address, "password": password}, query_string=query)
        self._token = None
        return answer

    def enter(self, world: World, who: str) -> Browser:
        """Be signed in as a person of the world, without the slow check of the password."""
        return self.enter_as(world.users[who], world.organisation_id)

    def enter_as(self, user_id: int, organisation_id: int) -> Browser:
        db.session.rollback()
        with writing():
            token = admitting.open_session(user_id, organisation_id, now=clock.now())
        with self.inner.session_transaction() as session:
            session["_user_id"] = token
        return self


def look_over(answer: TestResponse) -> None:
    """What holds for every answer: the headers, the cookies, and the make of a page."""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    policy = answer.headers["Content-Security-Policy"]
    assert policy == SECURITY_POLICY or (policy.startswith("sandbox;") and "default-src 'none'" in policy)
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    bodiless = answer.request.method == "HEAD" or answer.status_code in {301, 302, 303, 308}
    # A document that is handed out as a file carries its own style.
    handed_out = answer.headers.get("Content-Disposition", "").startswith("attachment")
    if answer.mimetype == "text/html" and not bodiless and not handed_out:
        assert Page(answer.text).all_faults() == []
