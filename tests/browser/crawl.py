"""Every page of the demo, found as a person finds it: by following the links from the first page of each role."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests import documents
from tests.client import Browser, Page
from tracker import clock
from tracker.actions import (
    attaching,
    deciding,
    drafting,
    linking,
    organising,
    recovering,
    rendering,
    subscribing,
)
from tracker.app import Tracker
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.demo import office
from tracker.groups import Group
from tracker.models import (
    EvidenceUse,
    FollowUp,
    FollowUpState,
    Kind,
    Organisation,
    OutgoingMail,
    Plan,
    Position,
    Round,
    Task,
    User,
)
from tracker.people import standing_of
from tracker.rules.moments import day_of
from tracker.rules.paper import Paper
from tracker.rules.permissions import SYSTEM, Actor, Role
from tracker.rules.states import OUTSTANDING

# Nobody, with what stands in a mail.
STRANGER = "stranger"
# In this order: a page that several may open is looked at as the first of them.
ROLES = (
    "coordinator", "works", "staff", "clerk", "chief", "auditor", "administrator", "system", STRANGER,
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A page that opens for a role."""

    who: str
    endpoint: str
    path: str


class Household:
    """The demo with what its year has not brought: more roles, a draft, a reading, links; and who opens what."""

    def __init__(self, app: Tracker) -> None:
        self.app = app
        with app.app_context():
            with across_organisations("who lives in the demo"):
                self.organisation_id = db.session.scalars(
                    select(Organisation.id).where(Organisation.slug == office.SLUG)
                ).one()
            self.people = self._add_people()
            self.system_id = self._add_system()
            with organisation_scope(self.organisation_id), writing():
                self._fill()
                adopted = select(Plan.fiscal_year).where(Plan.adopted_at.is_not(None))
                self.year = max(db.session.scalars(adopted))
            self.letters = self._letters()
            db.session.remove()

    def browser(self, who: str) -> Browser:
        browser = Browser(self.app)
        if who != STRANGER:
            browser.enter_as(self.people[who], self.system_id if who == "system" else self.organisation_id)
        return browser

    def cookie(self, who: str) -> str | None:
        """The cookie of a browser in which this person is signed in."""
        with self.app.app_context():
            found = self.browser(who).inner.get_cookie("session")
            db.session.remove()
        return found.value if found else None

    def in_english(self, pages: Iterable[Seen]) -> Iterator[tuple[Seen, str]]:
        """Each of these pages as it answers who has chosen English."""
        readers: dict[str, Browser] = {}
        with self.app.app_context():
            for seen in pages:
                if seen.who not in readers:
                    readers[seen.who] = self.browser(seen.who)
                    readers[seen.who].post("/language", {"language": "en"})
                yield seen, readers[seen.who].open(seen.path).text
            db.session.remove()

    def _add_people(self) -> dict[str, int]:
        with organisation_scope(self.organisation_id), writing():
            now = clock.now()
            works = organising.position_named(organising.head_title(office.WORKS))
            desk = Position(title="เจ้าหน้าที่กองช่าง", role=Role.STAFF, division_id=works.division_id)
            db.session.add(desk)
            # Everybody of the demo comes in with the same password.
            password = db.session.scalars(
                select(User.password_hash).where(User.address == f"works@{office.DOMAIN}")
            ).one()
            for name in ("staff", "auditor", "administrator"):
                user = organising.add_user(f"{name}@{office.DOMAIN}", f"สมมุติ {name}", now=now, by=SYSTEM)
                user.auditor, user.administrator = name == "auditor", name == "administrator"
                user.password_hash = password
                if name == "staff":
                    organising.appoint(user, desk, now=now, by=SYSTEM)
            db.session.flush()
            return {user.address.partition("@")[0]: user.id for user in db.session.scalars(select(User))}

    def _add_system(self) -> int:
        now = clock.now()
        with writing():
            system = Organisation(slug="system", name="ระบบ", kind=Kind.SYSTEM, created_at=now)
            db.session.add(system)
            db.session.flush()
            with organisation_scope(system.id):
                user = organising.add_user("system@system.example", "สมมุติ ดูแลเครื่อง", now=now, by=SYSTEM)
                user.administrator = True
                db.session.flush()
                self.people["system"] = user.id
            return system.id

    def _actor(self, who: str) -> Actor:
        standing = standing_of(self.people[who], day_of(clock.now()))
        held = standing.roles, standing.division_ids, standing.approves
        return Actor(self.organisation_id, self.people[who], who, *held)

    def _fill(self) -> None:
        now, by = clock.now(), self._actor("coordinator")
        plan = db.session.scalars(select(Plan).order_by(Plan.fiscal_year.desc())).first()
        assert plan is not None
        drafting.carry_over(plan, plan.fiscal_year + 1, now=now, by=by)
        deciding.begin(documents.text(), "แผน.txt", plan.fiscal_year, now=now, by=by)
        attaching.attach(b"%PDF-1.4 plan", "แผนที่ลงนาม.pdf", now=now, by=by)
        paper = Paper("plan", "", (), "", "", plan.fiscal_year, "", (), (), "", "", False, now)
        rendering.ask(rendering.wanted_of(paper, "key", "pdf", "", "แผน"), now=now, by=by)
        organising.invite(f"new@{office.DOMAIN}", "นางสมมุติ คนใหม่", None, now=now, by=by)
        recovering.ask_reset(f"works@{office.DOMAIN}", now=now)
        recovering.ask_address(self.people["finance"], f"other@{office.DOMAIN}", now=now, by=by)
        head = self._actor("works")
        task = db.session.scalars(
            select(Task).where(Task.division_id.in_(head.division_ids), Task.state.in_(OUTSTANDING))
        ).first()
        assert task is not None
        group = Group(task.item_id, task.division_id, task.quarter)
        linking.pass_on(group, "นางสาวสมมุติ รับช่วง", f"helper@{office.DOMAIN}", now=now, by=head)
        follow_up = db.session.scalars(
            select(FollowUp.id)
            .join(Round, Round.id == FollowUp.round_id)
            .where(FollowUp.division_id == task.division_id, FollowUp.state == FollowUpState.WAITING)
            .order_by(Round.opens_on)
        ).first()
        shared = linking.share(task.division_id, [group.subject, f"follow-up:{follow_up}"], now=now, by=head)
        feed = subscribing.open_feed(task.division_id, now=now, by=head)
        self.given = [
            f"/calendar/{feed}",
            f"/m/{shared}",
            f"/m/{shared}/line",
            f"/m/{shared}/follow-up/{follow_up}",
        ]
        proof = db.session.scalars(select(EvidenceUse).order_by(EvidenceUse.evidence_id.desc())).first()
        assert proof is not None
        proved = Group(proof.item_id, proof.division_id, proof.quarter)
        seen = linking.share(proof.division_id, [proved.subject], now=now, by=by)
        self.given.append(f"/m/{seen}/work/{proof.item_id}/{proof.division_id}/{proof.quarter}")
        self.told = [
            f"/work/{proof.item_id}/{proof.division_id}/{proof.quarter}",
            f"/evidence/{proof.evidence_id}/about",
        ]

    def _letters(self) -> list[str]:
        """The addresses that mails carry, as paths: those still waiting have whole ones."""
        with across_organisations("what mails carry"):
            texts = db.session.scalars(select(OutgoingMail.body_text).order_by(OutgoingMail.id.desc())).all()
        return [path for text in texts for path in re.findall(r"://[^/\s]+(/\S+)", text)]

    def open_everything(self, roles: Iterable[str] = ROLES) -> tuple[list[Seen], set[str]]:
        """For every role a page of each route that opens for it; and all routes that answered."""
        seen: list[Seen] = []
        reached: set[str] = set()
        with self.app.app_context():
            for who in roles:
                self._follow(who, seen, reached)
            db.session.remove()
        return seen, reached

    def _seeds(self, who: str) -> list[str]:
        """Where a person begins: the first page, and what no link of the running year leads to."""
        year = self.year
        if who == STRANGER:
            return ["/sign-in", "/reset", f"/p/{office.SLUG}", *self.given, *self.letters]
        own = ["/", "/account", "/account/confirm", f"/report/{year}", f"/report/{year - 1}", *self.told]
        if who != "coordinator":
            return own
        return [
            *own,
            f"/report/{year - 1}/publication",
            f"/report/{year - 1}/versions",
            f"/report/{year - 1}/annual/1",
            f"/plan/{year + 1}/draft",
            f"/plan/{year + 1}/draft/discard",
            f"/plan/{year + 1}/draft/item",
            f"/plan/{year + 2}/start",
            "/settings/divisions/2/merge?into=3",
            "/settings/word-forms",
        ]

    def _follow(self, who: str, seen: list[Seen], reached: set[str]) -> None:
        browser, met = self.browser(who), set[str]()
        begun = self._seeds(who)
        waiting, asked = deque(begun), set[str]()
        while waiting:
            path = waiting.popleft().partition("#")[0]
            endpoint = self._endpoint(path)
            if endpoint is None or path in asked or (endpoint in met and path not in begun):
                continue
            asked.add(path)
            answer = browser.open(path)
            if answer.status_code in {302, 303} and answer.location:
                waiting.appendleft(answer.location)
                reached.add(endpoint)
            elif answer.status_code == 200:
                reached.add(endpoint)
                met.add(endpoint)
                named = answer.headers.get("Content-Disposition", "")
                if answer.mimetype == "text/html" and "attachment" not in named:
                    seen.append(Seen(who, endpoint, path))
                    waiting += [link for link in Page(answer.text).links if link.startswith("/")]

    def _endpoint(self, path: str) -> str | None:
        """The route that a path of this installation leads to by GET; none where it leads to a file."""
        if path.startswith("//"):
            return None
        try:
            rule, _values = self.app.url_map.bind("localhost").match(
                path.partition("?")[0], method="GET", return_rule=True
            )
        except (HTTPException, RequestRedirect):
            return None
        return None if is_file(rule.rule) else rule.endpoint

    def pages_of_routes(self) -> set[str]:
        """Every route that answers GET with more than a file."""
        rules = self.app.url_map.iter_rules()
        return {rule.endpoint for rule in rules if "GET" in (rule.methods or ()) and not is_file(rule.rule)}


def is_file(rule: str) -> bool:
    """Whether a route's address ends like the name of a file, or is that of a picture."""
    last = rule.rpartition("/")[2]
    return "." in last or last in {"thumbnail", "file", "scan", "<path:filename>", "<name>", "<digest>"}


def first_of_each(seen: Iterable[Seen]) -> list[Seen]:
    """One page of each route, as the first role that opens it."""
    found: dict[str, Seen] = {}
    for one in seen:
        found.setdefault(one.endpoint, one)
    return list(found.values())
