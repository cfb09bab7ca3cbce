"""Makes the demo in a folder: a fresh database that has lived up to today, its mails and its documents."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import flask_migrate
from sqlalchemy import event, select

from jobs.housekeeping import clean_up
from tracker.actions import reporting
from tracker.app import create_app
from tracker.config import Config
from tracker.database import current_organisation, db
from tracker.demo import office, pages
from tracker.demo.catcher import Catcher
from tracker.demo.life import Life
from tracker.demo.office import DOMAIN, Person
from tracker.errors import Refused
from tracker.models import Plan
from tracker.rules.paper import Paper, PaperKind
from tracker.rules.report import AnnualReport
from tracker.writing import faces, photos
from tracker.writing.photos import Picture

DATABASE = "tracker.db"
MARK = "made-by-the-demo"
MAILS, DOCUMENTS, INDEX = "mails", "documents", "index.html"
STEMS: dict[PaperKind, str] = {
    "annual": "report", "plan": "measures", "six-month": "six-month", "memo": "memo",
}  # fmt: skip


@dataclass(frozen=True)
class DemoInfo:
    """What was built: who can sign in (those to try first in front), which years, how many mails."""

    config: Config
    folder: Path
    people: tuple[Person, ...]
    closed_year: int
    years: tuple[int, ...]
    mails: int

    def welcome(self, url: str) -> str:
        """What to print when the demo is served at `url`: where to go and how to sign in."""
        shown = self.people[: len(office.SHOWN)]
        width = max(len(person.address) for person in shown)
        return "\n".join(
            (
                "",
                f"เปิด {url} แล้วเข้าสู่ระบบด้วยบัญชีใดก็ได้ (รหัสผ่านเดียวกันทุกบัญชี: {office.PASSWORD})",
                *(f"  {person.address:{width}}  {person.role}" for person in shown),
                f"จดหมายและเอกสารทั้งหมด: {self.folder / INDEX}",
                "",
            )
        )


def settings(config: Config) -> Config:
    """The settings with which the demo is built and served, kept away from any real database and mail server."""
    return replace(
        config,
        database_url=f"sqlite:///{config.data / DATABASE}",
        url=config.url or f"http://{config.listen}",
        mail_from=f"tracker@{DOMAIN}",
        smtp_host="127.0.0.1",
        smtp_security="none",
        smtp_user="",
        smtp_password="",
        demo=True,
        testing=False,
    )


def build(config: Config, now: datetime, folder: Path, tell: Callable[[str], None]) -> DemoInfo:
    """Build the demo of `now` in the folder, in the place of an earlier one.

    `config` is what `settings` gives; `tell` gets a line for each part that is ready. Refused where the data
    folder holds a database that no demo made.
    """
    _make_room(config.data, folder)
    with Catcher(folder / MAILS) as catcher:
        app = create_app(replace(config, smtp_port=catcher.port))
        with app.app_context():
            event.listen(db.engine, "connect", _hurry)
            try:
                flask_migrate.upgrade()
                db.engine.dispose()
                tell("สร้างฐานข้อมูลตัวอย่างแล้ว")
                life = Life(now, tell)
                life.live()
                clean_up(now)
                tell(f"จดหมายถึงปลายทาง {life.mails} ฉบับ")
                written = _write_documents(life, folder / DOCUMENTS, tell)
            finally:
                db.session.remove()
                db.engine.dispose()
    info = DemoInfo(config, folder, office.people(), life.closed_year, tuple(life.years), life.mails)
    pages.write(folder / INDEX, written, folder / MAILS, info.people, config.url, now)
    return info


def _make_room(data: Path, folder: Path) -> None:
    if (data / MARK).exists():
        for old in (folder / MAILS, folder / DOCUMENTS, data):
            shutil.rmtree(old, ignore_errors=True)
    elif (data / DATABASE).exists():
        raise Refused("โฟลเดอร์ %(folder)s มีฐานข้อมูลที่ไม่ใช่ของตัวอย่าง จึงไม่เขียนทับ", folder=str(data))
    data.mkdir(parents=True, exist_ok=True)
    (data / MARK).touch()


def _hurry(connection: Any, _record: object) -> None:
    # A demo that is cut off by a power failure is simply built again.
    connection.execute("PRAGMA synchronous=OFF")


def _write_documents(life: Life, folder: Path, tell: Callable[[str], None]) -> list[Path]:
    """The plan of each year as it was announced, and every document that is made of it, drafts named as such."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []

    def keep(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)
        written.append(folder / name)

    for year, data in life.documents.items():
        keep(f"plan-{year}.docx", data)
    with life.office.reading():
        font = current_organisation().document_font
    for year, papers in _papers(life).items():
        for stem, (value, pictures) in papers.items():
            for ending in (
                ("docx", "pdf", "xlsx", "html") if isinstance(value, AnnualReport) else ("docx", "pdf")
            ):
                keep(f"{stem}.{ending}", faces.write(value, ending, font, pictures))
        tell(f"เขียนเอกสารของปีงบประมาณ {year} เป็น Word และ PDF แล้ว")
    return written


def _papers(life: Life) -> dict[int, dict[str, tuple[AnnualReport | Paper, dict[str, Picture]]]]:
    """The documents of each year by the stem of their files, with their photographs."""
    papers: dict[int, dict[str, tuple[AnnualReport | Paper, dict[str, Picture]]]] = {}
    with life.office.reading():
        for plan in db.session.scalars(select(Plan).order_by(Plan.fiscal_year)):
            own = papers.setdefault(plan.fiscal_year, {})
            for kind, name in STEMS.items():
                value = reporting.paper_of(plan, kind, now=life.now)
                stem = f"{name}-{plan.fiscal_year}" + ("-draft" if value.draft else "")
                own[stem] = value, photos.shrink_all(reporting.photo_files(value))
    return papers
