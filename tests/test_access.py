"""Every route × every role × own or foreign organisation, generated from the routes and the permission table."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from tests import documents
from tests.client import Browser
from tests.conftest import make_config
from tests.deeds import saved_picture
from tests.world import World, at
from tracker import mail, storage
from tracker.access import allow, deed_of, local_path, public
from tracker.actions import (
    attaching,
    deciding,
    linking,
    organising,
    proving,
    rendering,
    reporting,
    reshaping,
    wordforms,
)
from tracker.app import create_app
from tracker.config import Config
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.groups import Group
from tracker.models import (
    CalendarDay,
    Decision,
    FollowUp,
    Holding,
    JournalEntry,
    Kind,
    Measure,
    Organisation,
    Pause,
    Plan,
    Position,
    RenderingState,
    Task,
    User,
)
from tracker.rules.paper import Paper
from tracker.rules.permissions import OWN_DIVISION_ONLY, PERMISSIONS, SYSTEM, Deed, Role
from tracker.rules.report_inputs import Signed
from tracker.rules.states import Deed as TaskDeed

NOW = at("2026-04-20")
YEAR = (date(2025, 10, 1), date(2026, 9, 30))
SECRET = "เรื่องของหน่วยงานข้างเคียง"
PUBLIC = {
    "account.choose_language",
    "account.choose_theme",
    "account.invitation",
    "account.sign_in",
    "assets.file",
    "bootstrap.static",
    "feed.calendar",
    "feed.show",
    "health.healthz",
    "home.home",
    "link.follow_up",
    "link.forward",
    "link.group",
    "link_chat.line",
    "link.proof",
    "link.renew",
    "link.revoke",
    "link_chat.share",
    "link_chat.share_list",
    "link.show",
    "link.take_back",
    "link.thumbnail",
    "public.evidence",
    "public.file",
    "public.index",
    "public.item",
    "public.lost",
    "public.scan",
    "public.version",
    "public.year",
    "recovery.address",
    "recovery.ask",
    "recovery.reset",
    "setup.first_run",
    "static",
}
# What keeps a permitted request from changing anything for the next test.
HARMLESS = {
    "drafting.start": {"way": "carry"},
    "report.close": {"document_on": "ไม่ใช่วันที่"},
    "versions.close": {"document_on": "ไม่ใช่วันที่"},
    "work.postpone": {"due_on": "16 ม.ค. 2570"},
}
DONE = {200, 303, 422}


class House:
    """Two organisations and a person for each role of the first."""

    def __init__(self, config: Config) -> None:
        self.app = create_app(config)
        with self.app.app_context():
            self.own = World(self.app)
            self.foreign = World(self.app, slug="neighbour", name="องค์การบริหารส่วนตำบลข้างเคียง")
            self.values = {world.slug: self._fill(world) for world in (self.own, self.foreign)}
            self.people = {
                Role.HEAD: self.own.users["head0"],
                Role.COORDINATOR: self.own.users["coordinator"],
                Role.CLERK: self.own.users["clerk"],
                Role.CHIEF_EXECUTIVE: self.own.users["chief"],
            }
            with self.own.write():
                desk = Position(title="เจ้าหน้าที่", role=Role.STAFF, division_id=self.own.division_ids[0])
                db.session.add(desk)
                for role in (Role.STAFF, Role.AUDITOR, Role.ADMINISTRATOR):
                    user = organising.add_user(f"{role}@tuayang.example", str(role), now=NOW, by=SYSTEM)
                    user.auditor, user.administrator = role is Role.AUDITOR, role is Role.ADMINISTRATOR
                    self.people[role] = user.id
                    if role is Role.STAFF:
                        organising.appoint(user, desk, now=NOW, by=SYSTEM)
            with writing():
                system = Organisation(slug="system", name="ระบบ", kind=Kind.SYSTEM, created_at=NOW)
                db.session.add(system)
                system.logo = storage.keep_source(saved_picture("PNG"))
                db.session.flush()
                self.system_id = system.id
                with organisation_scope(system.id):
                    user = organising.add_user("system@tuayang.example", "system", now=NOW, by=SYSTEM)
                    user.administrator = True
                    db.session.flush()
                    self.people[Role.SYSTEM_ADMINISTRATOR] = user.id
            db.session.remove()

    def _fill(self, world: World) -> dict[str, Any]:
        """A plan with a group and an evidence in the first division; returns what addresses name of it."""
        world.adopted_plan([(1, range(2), *YEAR)])
        with world.write():
            plan = db.session.scalars(select(Plan)).one()
            measure = db.session.scalars(select(Measure)).one()
            group = Group(measure.item_id, world.division_ids[0], 1)
            file = storage.store(
                BytesIO(b"%PDF-1.4 of " + world.slug.encode() + b"%%EOF"), f"{world.slug}.pdf"
            )
            evidence = proving.attach_file(
                file, "", date(2026, 1, 5), group, now=NOW, by=world.actor("head0")
            )
            follow_up = db.session.scalars(
                select(FollowUp).where(FollowUp.division_id == group.division_id).order_by(FollowUp.id)
            ).first()
            assert follow_up is not None
            reading = deciding.begin(
                documents.text(), "แผน 2568.txt", 2568, now=NOW, by=world.actor("coordinator")
            )
            thrown_away = deciding.begin(
                documents.text(documents.FINANCE),
                "แผน 2568.txt",
                2568,
                now=NOW,
                by=world.actor("coordinator"),
            )
            decision = Decision(
                deed=TaskDeed.APPROVE, at=NOW, by_user_id=world.users["coordinator"], tasks={}, attempts={},
                undone_at=NOW,
            )  # fmt: skip
            db.session.add(decision)
            db.session.flush()
            passed_on = linking.pass_on(
                group, "นางสาวสมมุติ", f"staff@{world.slug}.example", now=NOW, by=world.actor("head0")
            )
            reshaping.set_logo(saved_picture("PNG"), now=NOW, by=world.actor("coordinator"))
            own_day = CalendarDay(day=date(2026, 4, 10), working=False, name="วันหยุดของเรา")
            held = Pause(
                position_id=db.session.scalars(select(Position.id)).first(),
                reason="ทดสอบ",
                from_on=date(2026, 4, 1),
                until_on=date(2026, 4, 2),
                created_at=NOW,
            )
            words = mail.Rendered("เรื่อง", "เนื้อความ", "<p>เนื้อความ</p>")
            letter = mail.enqueue(
                "test", (f"a@{world.slug}.example", ""), words, f"test:{world.slug}", now=NOW
            )
            db.session.add_all([own_day, held])
            db.session.flush()
            attached = attaching.attach(b"%PDF-1.4 plan", "แผน.pdf", now=NOW, by=world.actor("coordinator"))
            kept = reporting.freeze(
                plan, "plan", Signed("", None, "", ""), now=NOW, by=world.actor("coordinator")
            )
            scan = storage.store(BytesIO(b"%PDF-1.4 signed %%EOF"), f"{world.slug}-signed.pdf")
            reporting.attach_scan(kept, scan, now=NOW, by=world.actor("coordinator"))
            paper = Paper("plan", "", (), "", "", 2569, "", (), (), "", "", False, NOW)
            title = SECRET if world.slug == "neighbour" else "แผน"
            wanted = rendering.wanted_of(paper, "key", "pdf", "", title)
            made = rendering.ask(wanted, now=NOW, by=world.actor("coordinator"))
            made.state = RenderingState.DONE
            place = storage.document_path(world.organisation_id, "key", "pdf")
            place.parent.mkdir(parents=True)
            place.write_bytes(b"%PDF")
            form = BytesIO()
            docx.Document().save(form)
            wordforms.keep(form.getvalue(), "แบบ.docx", "annual", now=NOW, by=world.actor("coordinator"))
            removable = attaching.attach(b"%PDF-1.4 old", "เก่า.pdf", now=NOW, by=world.actor("coordinator"))
            if world.slug == "neighbour":
                plan.fiscal_year, measure.title = 2570, SECRET
            return {
                "item_id": group.item_id,
                "division_id": group.division_id,
                "quarter": 1,
                "task_id": db.session.scalars(select(Task.id).order_by(Task.id)).first() or 0,
                "evidence_id": evidence.id,
                "follow_up_id": follow_up.id,
                "reading_id": reading.id,
                "thrown_away": thrown_away.id,
                "decision_id": decision.id,
                "attachment_id": attached.id,
                "removable": removable.id,
                "rendering_id": made.id,
                "link_id": passed_on.id,
                "day_id": own_day.id,
                "pause_id": held.id,
                "mail_id": letter,
                "position_id": held.position_id or 0,
                "measure_id": measure.id,
                "user_id": world.users["head4"],
                "holding_id": db.session.scalars(select(Holding.id)).first() or 0,
                "slug": world.slug,
                "number": 1,
                "kind": "annual",
                "cell": "result",
                "code": "late",
                "year": 2569,
                "assessed": 2568,
            }

    def browser(self, role: Role | None) -> Browser:
        browser = Browser(self.app)
        if role is not None:
            system = role is Role.SYSTEM_ADMINISTRATOR
            browser.enter_as(self.people[role], self.system_id if system else self.own.organisation_id)
        return browser

    def address(self, endpoint: str, **changes: int) -> str:
        """The address of a route for the first organisation, with some of its values changed."""
        rule = self._rule(endpoint)
        values: dict[str, Any] = {**self.values["tuayang"], "ending": "json"}
        if endpoint in {"drafting.form", "meeting.download"}:
            values["ending"] = "docx"
        if endpoint.startswith(("versions.", "scans.")):
            values["kind"] = "plan"
        if endpoint in {"renderings.ask", "versions.ask"}:
            values["ending"] = "pdf"
        if endpoint == "word_forms.remove":
            values["kind"] = "memo"
        if endpoint == "attachments.remove":
            values["attachment_id"] = values["removable"]
        if endpoint == "importing.discard":
            values["reading_id"] = values["thrown_away"]
        values |= changes
        with self.app.test_request_context():
            return self.app.url_map.bind("localhost").build(
                endpoint, {name: values[name] for name in rule.arguments}
            )

    def ids(self, endpoint: str) -> list[str]:
        """The names of the ids in a route's address."""
        return sorted(name for name in self._rule(endpoint).arguments if name.endswith("_id"))

    def _rule(self, endpoint: str) -> Rule:
        """The route with the longest address: an item's form may be asked for without an item."""
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.endpoint == endpoint]
        return max(rules, key=lambda rule: rule.rule.count("<"))


def routes_of(app: Flask) -> list[tuple[str, str]]:
    """Every (endpoint, method) that can be asked for, and is not public."""
    return sorted(
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in PUBLIC
    )


@contextmanager
def housed(folder: Path, migrated: Path, drawn: Path, tick: bool = False) -> Iterator[House]:
    """A house in a folder of its own; its clock stands still, or goes on with `tick`."""
    shutil.copy(migrated, folder / "tracker.db")
    shutil.copytree(drawn, folder / "cache")
    with time_machine.travel(NOW, tick=tick):
        house = House(make_config(folder))
        with house.app.app_context():
            yield house
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated: Path, drawn: Path) -> Iterator[House]:
    """Made once: permitted requests of these tests change nothing that another one reads."""
    with housed(tmp_path_factory.mktemp("house"), migrated, drawn) as house:
        yield house


@pytest.fixture(params=list(Role), ids=str)
def role(request: pytest.FixtureRequest) -> Role:
    return Role(request.param)


def asked_of(app: Flask, endpoint: str, method: str) -> Deed:
    """The deed that a request to a route needs."""
    return Deed(str(deed_of(app, endpoint, method)))


def send(house: House, browser: Browser, endpoint: str, method: str, **ids: int) -> int:
    """The status of the answer to a request that would change nothing, or nothing that counts."""
    address = house.address(endpoint, **ids)
    if method == "GET":
        return browser.open(address).status_code
    return browser.post(address, HARMLESS.get(endpoint)).status_code


def test_every_route_is_public_or_asks_for_a_deed(house: House) -> None:
    marked = {rule.endpoint: deed_of(house.app, rule.endpoint) for rule in house.app.url_map.iter_rules()}
    assert {endpoint for endpoint, deed in marked.items() if deed is None} == PUBLIC
    assert {deed for deed in marked.values() if deed is not None} <= set(PERMISSIONS)


def test_every_value_in_an_address_is_one_that_these_tests_know(house: House) -> None:
    known = {
        *house.values["tuayang"],
        "digest",
        "ending",
        "filename",
        "name",
        "place",
        "rest",
        "slug",
        "token",
        "version",
    }
    assert {name for rule in house.app.url_map.iter_rules() for name in rule.arguments} <= known


def test_a_view_without_a_mark_cannot_be_asked_for(house: House) -> None:
    app = create_app(make_config(house.app.extensions["tracker.config"].data))
    app.add_url_rule("/forgotten", "forgotten", lambda: "shown to anybody")
    with app.app_context(), pytest.raises(AttributeError):
        app.test_client().get("/forgotten")


def test_the_permission_table_knows_every_deed_and_gives_each_to_somebody() -> None:
    assert set(PERMISSIONS) == set(Deed)
    assert all(PERMISSIONS.values())


def test_each_role_gets_what_the_table_gives_it_and_nothing_else(house: House, role: Role) -> None:
    wrong = []
    for endpoint, method in routes_of(house.app):
        status = send(house, house.browser(role), endpoint, method)
        permitted = role in PERMISSIONS[asked_of(house.app, endpoint, method)]
        if status not in (DONE if permitted else {403}):
            wrong.append(f"{method} {endpoint}: {status}")
    assert wrong == []


def test_ids_of_another_organisation_are_not_found_by_anybody(house: House, role: Role) -> None:
    wrong = []
    foreign = house.values["neighbour"]
    for endpoint, method in routes_of(house.app):
        names = house.ids(endpoint)
        expected = 404 if role in PERMISSIONS[asked_of(house.app, endpoint, method)] else 403
        for chosen in [*([name] for name in names), *([names] if len(names) > 1 else [])]:
            status = send(
                house, house.browser(role), endpoint, method, **{name: foreign[name] for name in chosen}
            )
            if status != expected:
                wrong.append(f"{method} {endpoint} with a foreign {', '.join(chosen)}: {status}")
    assert wrong == []


def role_for(house: House, endpoint: str, method: str) -> Role:
    """Somebody who may ask for the route: the coordinator wherever that is enough."""
    asked = asked_of(house.app, endpoint, method)
    return Role.CLERK if asked is Deed.RELEASE_CASE else Role.COORDINATOR


@pytest.mark.parametrize("number", [0, 999_999, 2**31, 2**63, 10**30])
def test_numbers_that_no_row_has_are_not_found(house: House, number: int) -> None:
    wrong = [
        f"{method} {endpoint}"
        for endpoint, method in routes_of(house.app)
        for name in house.ids(endpoint)
        if send(house, house.browser(role_for(house, endpoint, method)), endpoint, method, **{name: number})
        != 404
    ]
    assert wrong == []


@pytest.mark.parametrize("role", [Role.HEAD, Role.STAFF])
def test_a_division_does_nothing_to_the_work_of_another(house: House, role: Role) -> None:
    other = house.own.division_ids[1]
    with house.own.read():
        db.session.rollback()
        follow_up = db.session.scalars(select(FollowUp.id).where(FollowUp.division_id == other)).first()
    for endpoint, method in routes_of(house.app):
        asked = asked_of(house.app, endpoint, method)
        if asked not in OWN_DIVISION_ONLY or role not in PERMISSIONS[asked]:
            continue
        if "division_id" in house.ids(endpoint):
            assert send(house, house.browser(role), endpoint, method, division_id=other) == 404
        elif "follow_up_id" in house.ids(endpoint):
            assert send(house, house.browser(role), endpoint, method, follow_up_id=follow_up or 0) == 404


def test_evidence_of_another_division_is_not_withdrawn(house: House) -> None:
    browser = Browser(house.app).enter(house.own, "head1")
    address = house.address("evidence.withdraw")
    evidence = house.values["tuayang"]["evidence_id"]
    assert browser.post(address, {f"reason-{evidence}": "ไม่ใช่ของเรา"}).status_code == 404


def test_whoever_is_not_signed_in_is_sent_to_sign_in(house: House) -> None:
    for endpoint, method in routes_of(house.app):
        address = house.address(endpoint)
        browser = house.browser(None)
        answer = browser.open(address) if method == "GET" else browser.post(address)
        assert answer.status_code == 303, endpoint
        assert str(answer.location).startswith("/sign-in"), endpoint
        if method == "GET":
            assert answer.location == f"/sign-in?next={address}"


def test_no_page_tells_of_another_organisation_s_year(house: House, role: Role) -> None:
    for endpoint, method in routes_of(house.app):
        if method == "GET" and not house.ids(endpoint):
            for year in (2569, 2570):
                answer = house.browser(role).open(house.address(endpoint, year=year))
                assert SECRET.encode() not in answer.data, endpoint


def test_nobody_without_an_office_sees_more_than_the_own_account(house: House) -> None:
    with house.own.write():
        user = organising.add_user(f"nobody{user_number()}@tuayang.example", "nobody", now=NOW, by=SYSTEM)
        user_id = user.id
    for endpoint, method in routes_of(house.app):
        if deed_of(house.app, endpoint) is not Deed.SEE_OWN_ACCOUNT:
            browser = Browser(house.app).enter_as(user_id, house.own.organisation_id)
            # Whoever only looks is told on the home page what happened and whom to ask.
            assert send(house, browser, endpoint, method) == (303 if method == "GET" else 403), endpoint


def user_number() -> int:
    with across_organisations("test"):
        return db.session.scalar(select(func.max(User.id))) or 0


def test_every_form_is_refused_without_its_token_also_in_tests(house: House) -> None:
    assert house.app.testing
    posts = [rule.endpoint for rule in house.app.url_map.iter_rules() if "POST" in (rule.methods or set())]
    for endpoint in posts:
        browser = house.browser(Role.COORDINATOR)
        address = house.address(endpoint) if endpoint not in PUBLIC else public_address(endpoint)
        for data in ({}, {"csrf_token": "made up"}, {"csrf_token": house.browser(Role.HEAD).token}):
            answer = browser.open(address, method="POST", data=data)
            assert answer.status_code == 400, endpoint
    assert len(posts) >= 14


def public_address(endpoint: str) -> str:
    return {
        "account.sign_in": "/sign-in",
        "account.invitation": "/invitation/unknown",
        "account.choose_language": "/language",
        "account.choose_theme": "/theme",
        "setup.first_run": "/first-run",
        "recovery.address": "/address/unknown",
        "recovery.ask": "/reset",
        "recovery.reset": "/reset/unknown",
        "link.follow_up": "/m/unknown/follow-up/1",
        "link.forward": "/m/unknown/work/1/1/1/forward",
        "link.group": "/m/unknown/work/1/1/1",
        "link.renew": "/m/unknown/renew",
        "link.revoke": "/m/unknown/revoke",
        "link_chat.share_list": "/m/unknown/line",
        "link_chat.share": "/m/unknown/work/1/1/1/line",
        "link.take_back": "/m/unknown/work/1/1/1/forward/1/take-back",
    }[endpoint]


def test_a_refused_request_leaves_no_trace(house: House) -> None:
    def entries() -> int:
        db.session.rollback()
        with across_organisations("test"):
            return db.session.scalar(select(func.count(JournalEntry.id))) or 0

    browser = house.browser(Role.CHIEF_EXECUTIVE)
    assert browser.token
    before = entries()
    for endpoint, method in routes_of(house.app):
        if (
            method == "POST"
            and Role.CHIEF_EXECUTIVE not in PERMISSIONS[asked_of(house.app, endpoint, method)]
        ):
            send(house, browser, endpoint, method)
    assert entries() == before


def test_pages_of_a_person_are_not_kept_by_browsers(house: House) -> None:
    for endpoint, method in routes_of(house.app):
        # The logo tells of nobody, and stands on each page.
        if method == "GET" and endpoint != "organisation.logo":
            answer = house.browser(Role.COORDINATOR).open(house.address(endpoint))
            assert "no-store" in answer.headers["Cache-Control"], endpoint


@pytest.mark.parametrize("url", ["https://ita.example.go.th", "http://127.0.0.1:8000"])
def test_cookies_and_headers_follow_the_address_of_the_installation(house: House, url: str) -> None:
    secure = url.startswith("https")
    config = make_config(house.app.extensions["tracker.config"].data, url=url)
    browser = Browser(create_app(config))
    answer = browser.open("/sign-in", base_url=url)
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-session=" if secure else "session=")
    assert ("Secure" in cookie) is secure
    assert "Domain" not in cookie
    assert ("Strict-Transport-Security" in answer.headers) is secure


@pytest.mark.parametrize(
    "wanted",
    [
        "https://example.org/",
        "//example.org/",
        "///example.org",
        "/\\example.org",
        "\\\\example.org",
        "/\t/example.org",
        "/\r/example.org",
        "/\n/example.org",
        "\t//example.org",
        " //example.org",
        "/ /example.org",
        "/\x00/example.org",
        "/\x7f/example.org",
        "javascript:alert(1)",
        "example.org",
        "",
    ],
)
def test_nobody_is_led_to_another_site(house: House, wanted: str) -> None:
    assert local_path(wanted) is None
    browser = house.browser(Role.HEAD)
    for address in ("/language", "/theme"):
        answer = browser.post(address, {"language": "th", "theme": "light", "next": wanted})
        assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("wanted", ["/", "/work", "/plan/2569/tasks?q=%E0%B8%81&look=overdue"])
def test_a_place_on_this_site_is_kept(wanted: str) -> None:
    assert local_path(wanted) == wanted


def test_marks_say_what_a_view_asks_for(house: House) -> None:
    assert public(lambda: "").deed is None  # type: ignore[attr-defined]
    assert allow(Deed.APPROVE)(lambda: "").deed is Deed.APPROVE  # type: ignore[attr-defined]
    assert allow(Deed.APPROVE)(lambda: "").posts is Deed.APPROVE  # type: ignore[attr-defined]
    assert allow(Deed.SEE_PLAN, posts=Deed.APPROVE)(lambda: "").posts is Deed.APPROVE  # type: ignore[attr-defined]
    assert {deed_of(house.app, "work.group", method) for method in ("GET", "HEAD", "OPTIONS")} == {
        Deed.SEE_PLAN
    }
    assert {deed_of(house.app, "work.group", method) for method in ("POST", "PUT")} == {Deed.REPORT_GROUP}
