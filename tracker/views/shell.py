"""What every page has around it: navigation, years, banners, language, filters, and pages for errors."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request, session, url_for
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from tracker import clock, trouble
from tracker.access import visitor
from tracker.actions import pausing, sending
from tracker.database import db
from tracker.errors import NotAllowed, NotFound, TrackerError
from tracker.extensions import settings
from tracker.locale import (
    LANGUAGES,
    clock_time,
    day_month,
    language,
    long_date,
    say,
    short_date,
    short_month,
)
from tracker.locale import translate as _
from tracker.models import JobRun, Plan, PlanState
from tracker.rules.fiscal import fiscal_year_of
from tracker.rules.moments import day_of
from tracker.rules.permissions import Deed, Role, may
from tracker.views.health import QUIET_TOO_LONG, WATCHED

_YEARS = select(Plan.fiscal_year).order_by(Plan.fiscal_year.desc())
LANGUAGE_NAMES = {"th": "ไทย", "en": "English"}


def set_up(app: Flask) -> None:
    app.jinja_env.filters |= {
        "number": number,
        "short_month": short_month,
        "day_month": day_month,
        "long_date": long_date,
        "clock_time": clock_time,
    }
    app.context_processor(shell)
    app.register_error_handler(TrackerError, show_refusal)
    app.register_error_handler(CSRFError, show_csrf)
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(Exception, show_failure)


def number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def shell() -> dict[str, Any]:
    """Values that the layouts ask for."""
    values: dict[str, Any] = {
        "language": language(),
        "languages": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "language_url": url_for("account.choose_language"),
        "theme": session.get("theme") or None,
        "theme_url": url_for("account.choose_theme"),
        "home_url": url_for("home.home"),
        "banners": [],
    }
    # Whoever comes by a link acts for its position, also in a browser in which somebody is signed in.
    if "trouble" in g or "link" in g or "scope" not in g or not current_user.is_authenticated:
        return values
    person = visitor()
    year = chosen_year()
    return values | {
        "organisation_name": person.organisation_name,
        "logo_url": url_for("organisation.logo", v=person.organisation_logo[:10])
        if person.organisation_logo
        else None,
        "navigation": list(_navigation(year)),
        "person": {"name": person.actor.name, "post": person.post},
        "fiscal_years": [(row, url_for("plan.dashboard", year=row), row == year) for row in known_years()],
        "journal_url": url_for("journal.show") if may(person.actor, Deed.SEE_JOURNAL) else None,
        "settings_url": url_for("settings.show") if may(person.actor, Deed.SEE_SETTINGS) else None,
        "sign_out_url": url_for("account.sign_out"),
        "banners": _banners(),
    }


def chosen_year() -> int:
    """The fiscal year of the page, else the one chosen last, else the running one."""
    if request.view_args and "year" in request.view_args:
        return int(request.view_args["year"])
    years = known_years()
    last = session.get("year")
    if last in years:
        return int(last)
    now = fiscal_year_of(clock.today())
    # A year that is only on record has no work in it.
    worked = [row for row in years if row not in _recorded_years()]
    return now if now in years or not worked else worked[0]


def known_years() -> list[int]:
    """The fiscal years that have a plan, the newest first."""
    if "years" not in g:
        g.years = list(db.session.scalars(_YEARS))
    return list(g.years)


def _recorded_years() -> set[int]:
    plans = db.session.scalars(select(Plan).where(Plan.state == PlanState.CLOSED))
    return {plan.fiscal_year for plan in plans if plan.is_record}


def _navigation(year: int) -> Any:
    actor = visitor().actor
    links = [
        (Deed.SEE_PLAN, _("ภาพรวม"), url_for("plan.dashboard", year=year), "house-door", "plan"),
        # Too many for the bar of a phone: there the overview leads on to it.
        (Deed.SEE_PLAN, _("มาตรการ"), url_for("matrix.measures", year=year), "", "matrix"),
        (Deed.REPORT_GROUP, _("งานของฉัน"), url_for("work.mine"), "list-check", "work"),
        (Deed.SEE_PLAN, _("ติดตามผล"), url_for("follow_up.rounds", year=year), "flag", "follow_up"),
        (Deed.SEE_PLAN, _("คะแนน ITA"), url_for("scores.show", assessed=year - 1), "", "scores"),
        (Deed.SEE_REPORT, _("รายงาน"), url_for("report.show", year=year), "file-earmark-text", "report"),
        (Deed.SEE_REMINDERS, _("การเตือน"), url_for("reminders.log"), "bell", "reminders"),
    ]
    # What waits for approval is the coordinator's own work.
    here = "work" if request.endpoint == "plan.waiting" else request.blueprint
    for deed, label, url, icon, blueprint in links:
        if may(actor, deed):
            yield label, url, icon, here == blueprint


def _banners() -> list[dict[str, str]]:
    banners = []
    if Role.COORDINATOR in visitor().actor.roles or Role.ADMINISTRATOR in visitor().actor.roles:
        banners += _scheduler_banner() + _relay_banner() + _pause_banner()
    if not settings().https and not settings().demo and not settings().testing:
        banners.append(
            {"look": "due_soon", "text": _("ใช้งานผ่าน http ภายในเครือข่ายเท่านั้น ข้อมูลระหว่างทางไม่ถูกเข้ารหัส")}
        )
    return banners


def _scheduler_banner() -> list[dict[str, str]]:
    """That the scheduler has stopped, since when, that it never ran, or that it fails."""
    runs = db.session.execute(select(JobRun.started_at, JobRun.problem).where(JobRun.name.in_(WATCHED))).all()
    beat = min((started_at for started_at, _problem in runs), default=None)
    if settings().demo and not runs:
        # It lives without one.
        return []
    if beat is None or len(runs) < len(WATCHED):
        text = _("ตัวตั้งเวลายังไม่เคยทำงาน จดหมายเตือนยังไม่ออก")
    elif clock.now() - beat > QUIET_TOO_LONG:
        text = _("ตัวตั้งเวลาหยุดตั้งแต่ %(time)s จดหมายเตือนยังไม่ออก", time=_since(beat))
    elif any(problem for _started_at, problem in runs):
        text = _("ตัวตั้งเวลาทำงาน แต่วางแผนหรือส่งจดหมายไม่สำเร็จ จดหมายเตือนอาจยังไม่ออก")
    else:
        return []
    return [{"look": "overdue", "text": text, "href": url_for("reminders.log"), "link": _("ดูการเตือน")}]


def _since(moment: datetime) -> str:
    """The time of day, with the day where that is not today's."""
    time = clock_time(moment)
    return time if day_of(moment) == clock.today() else f"{short_date(moment)} {time}"


def _relay_banner() -> list[dict[str, str]]:
    """That the mail server refuses us, since when, and what it says."""
    refused = sending.relay_pause(now=clock.now())
    if refused is None:
        return []
    text = _(
        "เซิร์ฟเวอร์ส่งอีเมลไม่รับจดหมายตั้งแต่ %(time)s (%(answer)s)",
        time=_since(refused.since),
        answer=refused.answer,
    )
    return [{"look": "overdue", "text": text, "href": url_for("reminders.log"), "link": _("ดูการเตือน")}]


def _pause_banner() -> list[dict[str, str]]:
    """That nobody at all is reminded at present, and until when."""
    for pause in pausing.pauses_on(clock.today()):
        if pause.subject is None and pause.position_id is None:
            text = _("พักการเตือนทั้งหน่วยงานถึง %(day)s", day=short_date(pause.until_on))
            return [{"look": "due_soon", "text": text, "href": url_for("pauses.show"), "link": _("ดูการพัก")}]
    return []


def show_refusal(failure: TrackerError) -> tuple[str, int]:
    """A sentence of ours on a page of its own; pages that can show it beside the field catch it earlier."""
    status = 404 if isinstance(failure, NotFound) else 403 if isinstance(failure, NotAllowed) else 422
    template = "errors/404.html" if status == 404 else "errors/400.html"
    return render_template(template, reason=say(failure.message, language())), status


def show_csrf(_failure: CSRFError) -> tuple[str, int]:
    reason = _("หน้านี้เปิดค้างไว้นานเกินไป โปรดโหลดหน้าใหม่แล้วลองอีกครั้ง")
    # Who came by a mail link has no other way in.
    token = (request.view_args or {}).get("token") if request.blueprint in {"link", "link_chat"} else None
    own = {"home_url": url_for("link.show", token=token)} if token else {}
    return render_template("errors/400.html", reason=reason, **own), 400


def show_error(failure: HTTPException) -> Response | tuple[str, int]:
    code = failure.code or 500
    if code < 400:
        return failure.get_response()  # type: ignore[return-value]
    template = f"errors/{code if code in {400, 403, 404, 413, 500} else 400}.html"
    return render_template(template), code


def show_failure(failure: Exception) -> tuple[str, int]:
    """Something broke: logged, nothing changed, a plain page; what an operator can mend is said in words."""
    reason = trouble.told(failure)
    if current_app.testing and reason is None:
        raise failure
    current_app.logger.exception("request failed")
    # What cannot be rolled back is gone with its connection; the page asks the database for nothing.
    g.trouble = True
    # What the page would have said was done is not.
    session.pop("_flashes", None)
    g._login_user = AnonymousUserMixin()
    with suppress(SQLAlchemyError):
        db.session.rollback()
    if reason is None:
        return render_template("errors/500.html"), 500
    return render_template("errors/500.html", reason=say(reason, language())), 503
