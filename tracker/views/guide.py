"""The first steps of an organisation, from its name to its first plan in force, each as the rows say it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask import url_for
from sqlalchemy import func, select

from tracker import clock, people
from tracker.access import actor
from tracker.database import current_organisation, db
from tracker.locale import translate as _
from tracker.models import (
    Division,
    Kind,
    MailState,
    OutgoingMail,
    Plan,
    PlanReading,
    PlanState,
    User,
)
from tracker.rules.permissions import Deed, may
from tracker.views.reminder_pages import OFFICES

_REFUSED = frozenset({MailState.DEAD, MailState.UNCERTAIN})
NAMED = 3


@dataclass(frozen=True)
class Step:
    """One step: whether it is done, how it stands and what to do; `href` is none for who may not do it.

    `posts` says that the address takes a POST; `now` marks the first step that is not done.
    """

    title: str
    done: bool
    words: str
    href: str | None
    link: str
    posts: bool = False
    now: bool = False


def first_steps(year: int) -> list[Step]:
    """The steps for who sets the organisation up; empty for others, and once a plan was put in force."""
    if not may(actor(), Deed.MANAGE_ORGANISATION):
        return []
    if db.session.scalars(select(Plan.id).where(Plan.adopted_at.is_not(None)).limit(1)).first() is not None:
        return []
    # Invitations are mails: one of our own shows first that any go out.
    steps = [_facts(), _divisions(), _mail(), _holders(), *_plan(year)]
    first = next(place for place, step in enumerate(steps) if not step.done)
    return [replace(step, now=place == first) for place, step in enumerate(steps)]


def vacancies() -> str:
    """Which positions that mails are meant for none reaches, for who can fill them; empty where there are none."""
    if not may(actor(), Deed.MANAGE_ORGANISATION):
        return ""
    posts = people.posts_on(clock.today()).values()
    vacant = _vacant(post for post in posts if post.role in OFFICES)
    if not vacant:
        return ""
    return _(
        "มีตำแหน่งว่าง %(number)s ตำแหน่ง: %(titles)s จดหมายเตือนจึงไปที่ผู้อื่นแทน หรือไม่ถึงผู้ใด",
        number=len(vacant),
        titles=_titles(vacant),
    )


def _vacant(posts: Iterable[people.Post]) -> list[str]:
    return [post.title for post in posts if post.vacant and not post.ended]


def _titles(vacant: Sequence[str]) -> str:
    titles, more = ", ".join(vacant[:NAMED]), len(vacant) - NAMED
    return _("%(titles)s และอีก %(number)s ตำแหน่ง", titles=titles, number=more) if more > 0 else titles


def _facts() -> Step:
    own = current_organisation()
    missing = [
        words
        for words, given in (
            (_("อำเภอ"), own.district or own.kind is Kind.PAO),
            (_("จังหวัด"), own.province),
            (_("ที่ติดต่อ"), own.contact),
        )
        if not given
    ]
    words = _("ยังขาด%(what)s ซึ่งพิมพ์ในรายงานและท้ายจดหมาย", what=" ".join(missing)) if missing else own.name
    return Step(_("ข้อมูลหน่วยงาน"), not missing, words, url_for("organisation.show"), _("ข้อมูลหน่วยงาน"))


def _divisions() -> Step:
    names = db.session.scalars(
        select(Division.name).where(Division.ended_on.is_(None)).order_by(Division.place)
    ).all()
    values = {"number": len(names), "names": " ".join(names)}
    words = _("มี %(number)s ส่วนราชการ: %(names)s ถ้าไม่ตรงกับหน่วยงานให้แก้ก่อนอัปโหลดแผน", **values)
    return Step(
        _("ส่วนราชการ"),
        bool(names),
        words if names else _("เพิ่มสำนัก กอง และหน่วยที่รับผิดชอบมาตรการ"),
        url_for("organisation.divisions"),
        _("ส่วนราชการ"),
    )


def _holders() -> Step:
    """Whether every position can be reached; an invitation that waits reaches its holder already."""
    posts = people.posts_on(clock.today())
    vacant = _vacant(posts.values())
    waiting = db.session.scalar(select(func.count(User.id)).where(User.active, User.password_hash.is_(None)))
    if vacant:
        words = _(
            "ว่าง %(vacant)s จาก %(all)s ตำแหน่ง: %(titles)s เชิญผู้ดำรงตำแหน่งด้วยอีเมล คนเดียวถือหลายตำแหน่งได้",
            vacant=len(vacant),
            all=len(posts),
            titles=_titles(vacant),
        )
    elif waiting:
        words = _("มีผู้ดำรงทุกตำแหน่ง ยังไม่ตอบรับคำเชิญ %(number)s คน", number=waiting)
    else:
        words = _("มีผู้ดำรงทุกตำแหน่ง")
    return Step(_("ผู้ดำรงตำแหน่ง"), not vacant, words, url_for("users.show"), _("เชิญผู้ใช้"))


def _mail() -> Step:
    """How the newest test mail fared; it is proved for good by one that was taken."""
    states = db.session.scalars(
        select(OutgoingMail.state).where(OutgoingMail.kind == "test").order_by(OutgoingMail.id.desc())
    ).all()
    sent = MailState.SENT in states
    if sent:
        words = _("จดหมายทดสอบส่งถึงเซิร์ฟเวอร์อีเมลแล้ว")
    elif not states:
        words = _("ส่งจดหมายทดสอบถึงตัวท่านเอง เพื่อให้แน่ใจว่าคำเชิญและการเตือนออกได้")
    elif states[0] in _REFUSED:
        words = _("จดหมายทดสอบส่งไม่ได้ ดูคำตอบของเซิร์ฟเวอร์ที่หน้าการเตือน แจ้งผู้ดูแลระบบ แล้วส่งใหม่")
    else:
        words = _("จดหมายทดสอบกำลังออก เปิดหน้านี้ใหม่ในหนึ่งนาที")
    href = url_for("reminders.test") if may(actor(), Deed.SET_REMINDERS) else None
    return Step(_("ทดสอบอีเมล"), sent, words, href, _("ส่งจดหมายทดสอบ"), posts=True)


def _plan(year: int) -> list[Step]:
    """Whether there is something to confirm, and the confirmation itself."""
    edits = may(actor(), Deed.EDIT_PLAN)
    reading = db.session.scalars(select(PlanReading).order_by(PlanReading.id.desc()).limit(1)).first()
    draft = db.session.scalars(
        select(Plan).where(Plan.state == PlanState.DRAFT).order_by(Plan.id.desc()).limit(1)
    ).first()
    begun, leads = "", None
    if draft is not None:
        begun = _("มีร่างแผนปีงบประมาณ %(year)s", year=draft.fiscal_year)
        leads = url_for("drafting.show", year=draft.fiscal_year)
    elif reading is not None:
        begun = _("อ่านเอกสาร “%(name)s” แล้ว", name=reading.name)
        leads = url_for("importing.show", reading_id=reading.id)
    asks = _("อัปโหลดเอกสารแผนที่มีอยู่ หรือเขียนบนหน้าเว็บ")
    confirm = _("ตรวจสิ่งที่อ่านได้ ตอบข้อที่ระบบถาม แล้วกดยืนยันใช้แผน งานและการเตือนจึงเกิดขึ้น")
    if not edits:
        asks, confirm = _("ผู้ประสานงานแผนเป็นผู้อัปโหลดหรือเขียนแผน"), _("ผู้ประสานงานแผนเป็นผู้ยืนยัน")
    start = url_for("drafting.start", year=year) if edits else None
    return [
        Step(_("แผน"), bool(begun), begun or asks, start, _("เริ่มแผน")),
        Step(_("ยืนยันใช้แผน"), False, confirm, leads if edits else None, _("ตรวจและยืนยัน")),
    ]
