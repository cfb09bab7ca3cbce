"""The documents of a year as their pages and downloads find them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, cast

from flask import Response, send_file
from sqlalchemy import select

from tracker import clock
from tracker.actions import rendering, reporting
from tracker.database import current_organisation, db
from tracker.locale import translate as _
from tracker.models import Plan, PlanState, Report
from tracker.rules.paper import Paper, PaperKind
from tracker.writing import faces
from tracker.writing.faces import DocumentValue


@dataclass(frozen=True)
class Found:
    """A document of this moment: its value, its name for people, and `frozen` as it was closed."""

    value: DocumentValue
    title: str
    font: str
    frozen: str | None = None

    @cached_property
    def paper(self) -> Paper:
        return self.value.paper()

    @cached_property
    def files(self) -> dict[str, Path]:
        return reporting.photo_files(self.paper)

    def key(self, ending: str) -> str:
        return rendering.key_of(self.paper, ending, self.font, self.files)


def titles(year: int) -> dict[str, str]:
    """What the documents of a year are called, by their kind."""
    return {
        "annual": _("รายงานผลประจำปี %(year)s", year=year),
        "memo": _("บันทึกข้อความนำส่งรายงาน %(year)s", year=year),
        "six-month": _("รายงานรอบ 6 เดือน %(year)s", year=year),
        "plan": _("แผนมาตรการ %(year)s", year=year),
    }


def find(year: int, kind: str, ending: str) -> Found | None:
    """The document as it stands; None where the year has no such document, or it no such face."""
    plan, names = plan_of(year), titles(year)
    if plan is None or plan.is_record or kind not in names or ending not in faces.MEDIA_TYPES:
        return None
    if plan.state is PlanState.DRAFT and kind != "plan":
        return None
    closed = reporting.closed(plan) if plan.state is PlanState.CLOSED and kind == "annual" else None
    value = reporting.paper_of(plan, cast(PaperKind, kind), now=clock.now())
    if kind == "annual":
        return of_value(value, year, closed[0] if closed else None)
    return Found(value, names[kind], current_organisation().document_font)


def of_value(value: DocumentValue, year: int, report: Report | None) -> Found:
    """The annual report of which the value is known: a closed version or, without one, the draft."""
    version = _("ฉบับที่ %(number)s", number=report.version) if report else _("ฉบับร่าง")
    # What was frozen is given out as it was, also where later versions would write more into it.
    frozen = report.frozen if report else None
    return Found(value, f"{titles(year)['annual']} {version}", current_organisation().document_font, frozen)


def plan_of(year: int) -> Plan | None:
    return db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()


def attachment(file: Path | IO[bytes], ending: str, title: str) -> Response:
    """A file to save, which can run nothing in a browser."""
    answer = send_file(
        file,
        mimetype=faces.MEDIA_TYPES[ending],
        as_attachment=True,
        download_name=f"{title}.{ending}",
        max_age=0,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
