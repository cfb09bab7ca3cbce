"""The documents of a year as their pages and downloads find them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import IO, cast
from urllib.parse import quote

from flask import Response, abort, send_file
from sqlalchemy import select

from tracker import clock
from tracker.actions import rendering, reporting
from tracker.actions.rendering import Wanted
from tracker.database import current_organisation, db
from tracker.locale import translate as _
from tracker.models import Plan, PlanState, Report
from tracker.rules.paper import LOGO, Paper, PaperKind
from tracker.writing import faces
from tracker.writing.faces import DocumentValue

# A file that a browser opens runs nothing of its own and fetches nothing.
SANDBOX = "sandbox; default-src 'none'"
MEDIA_TYPES = faces.MEDIA_TYPES | {"zip": "application/zip"}
_ASCII_WORDS = re.compile("[0-9A-Za-z]+")


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

    def wanted(self, ending: str) -> Wanted:
        return rendering.wanted_of(self.paper, self.key(ending), ending, self.font, self.title)

    def key(self, ending: str) -> str:
        # A photograph goes by its hash, the logo by its place: there its file's name is the hash.
        seen = {path.name if known == LOGO else known for known, path in self.files.items()}
        return rendering.key_of(self.paper, ending, self.font, seen)


def titles(year: int) -> dict[str, str]:
    """What the documents of a year are called on pages and in the names of their files."""
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
    value = reporting.paper_of(plan, cast(PaperKind, kind), now=clock.now())
    return of_value(value, year, cast(PaperKind, kind), reporting.in_force(plan, cast(PaperKind, kind)))


def of_value(value: DocumentValue, year: int, kind: PaperKind, closed: Report | None) -> Found:
    """A document of which the value is known: the version in force or, without one, as it would be now."""
    title = titles(year)[kind]
    if closed is not None:
        title += " " + _("ฉบับที่ %(number)s", number=closed.version)
    elif kind == "annual":
        title += " " + _("ฉบับร่าง")
    # What was frozen is given out as it was, also where later versions would write more into it.
    return Found(value, title, current_organisation().document_font, closed.frozen if closed else None)


def plan_of(year: int) -> Plan | None:
    return db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()


def told_plan(year: int) -> Plan:
    """The plan of a year that has documents: 404 for a draft and for the record of a past year."""
    plan = plan_of(year)
    if plan is None or plan.state is PlanState.DRAFT or plan.is_record:
        abort(404)
    return plan


def attachment(file: Path | IO[bytes], ending: str, title: str) -> Response:
    """A document to save, named by its title."""
    return to_save(file, MEDIA_TYPES[ending], f"{title}.{ending}")


def to_save(
    file: Path | IO[bytes], media_type: str, name: str, number: int | None = None, tag: str | None = None
) -> Response:
    """A file to save, which can run nothing in a browser; `number` is in its name where Thai cannot be read."""
    answer = send_file(
        file, mimetype=media_type, as_attachment=True, download_name=name, etag=tag or True, max_age=0
    )
    if not name.isascii():
        # Left to itself the plain name would be what is left of the Thai one: " .jpg".
        names = {"filename": _plain(name, number), "filename*": f"UTF-8''{quote(name, safe='')}"}
        answer.headers.set("Content-Disposition", "attachment", **names)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


def _plain(name: str, number: int | None) -> str:
    """file-12.jpg; without a number what of the name is ASCII: file-2569.docx."""
    stem, ending = PurePath(name).stem, PurePath(name).suffix
    parts = [str(number)] if number is not None else _ASCII_WORDS.findall(stem)
    return "-".join(["file", *parts]) + (ending if ending.isascii() else "")
