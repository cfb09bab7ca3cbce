"""The command `tracker`: serve, demo, tick, and what an operator does by hand."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import waitress
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from jobs import schedule as jobs
from tracker import clock, dry_run, operating, trouble
from tracker.actions import importing, organising, planning, reminding, reporting
from tracker.actions.importing import recording
from tracker.app import create_app
from tracker.config import CHECKOUT, Config, check_url, load
from tracker.database import across_organisations, current_organisation, db, organisation_scope, writing
from tracker.demo import build as demo
from tracker.demo.catcher import Catcher
from tracker.errors import Misconfigured, NotFound, Refused, TrackerError, Unreadable
from tracker.extensions import settings
from tracker.locale import LANGUAGES, say
from tracker.models import Kind, Organisation, Plan
from tracker.operations import upgrade
from tracker.reading import checks
from tracker.reading import plan as reader
from tracker.reading.apart import read_apart
from tracker.reading.values import ReadPlan
from tracker.rules.moments import moment_on
from tracker.rules.paper import PaperKind
from tracker.rules.permissions import SYSTEM
from tracker.writing import apart, faces, photos

EXIT_REFUSED = 1
EXIT_UNREADABLE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. A failure is one sentence on standard error."""
    options = _parser().parse_args(arguments)
    spoken = getattr(options, "language", "th")
    try:
        return int(options.run(options) or 0)
    except TrackerError as failure:
        print(say(failure.message, spoken), file=sys.stderr)
        return EXIT_UNREADABLE if isinstance(failure, Unreadable) else EXIT_REFUSED
    except (OSError, DBAPIError, sqlite3.Error) as failure:
        reason = trouble.told(failure)
        if reason is None:
            raise
        print(say(reason, spoken), file=sys.stderr)
        return EXIT_REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tracker", description="ติดตามมาตรการส่งเสริมคุณธรรมและความโปร่งใส")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("demo", help="build the demo and serve it")
    one.set_defaults(run=_demo)
    one.add_argument("--no-serve", action="store_true", help="build var/demo and stop")
    one = commands.add_parser("serve", help="migrate, then run web and scheduler in one process")
    one.set_defaults(run=_serve)
    one = commands.add_parser("tick", help="run every job once")
    one.set_defaults(run=_tick)
    one.add_argument(
        "--on", type=date.fromisoformat, metavar="DATE", help="only with --dry-run or on a demo database"
    )
    one.add_argument("--dry-run", action="store_true", help="say what would be sent")
    one = commands.add_parser("remind", help="who would get what on a day")
    one.set_defaults(run=_remind)
    one.add_argument("--on", type=date.fromisoformat, metavar="DATE", required=True)
    one.add_argument("--dry-run", action="store_true", required=True)
    one.add_argument("--json", action="store_true")

    organisations = commands.add_parser("organisation", help="organisations").add_subparsers(required=True)
    one = organisations.add_parser("add", help="add an organisation")
    one.set_defaults(run=_organisation_add)
    one.add_argument("slug")
    one.add_argument("--name", required=True)
    one.add_argument(
        "--kind", choices=[kind.value for kind in Kind if kind is not Kind.SYSTEM], required=True
    )
    one.add_argument("--division", action="append", default=[], metavar="NAME")

    users = commands.add_parser("user", help="accounts").add_subparsers(required=True)
    one = users.add_parser("invite", help="invite a person to a position")
    one.set_defaults(run=_user_invite)
    one.add_argument("address")
    one.add_argument("--organisation", required=True, metavar="SLUG")
    one.add_argument(
        "--position", required=True, metavar="NAME", help="a position, or a division for its head"
    )
    one.add_argument("--name", default="")

    plans = commands.add_parser("plan", help="plan documents").add_subparsers(required=True)
    one = _spoken(plans.add_parser("read", help="what the reader makes of a document"))
    one.set_defaults(run=_plan_read)
    one.add_argument("file", type=Path)
    one.add_argument("--year", type=int)
    one.add_argument("--json", action="store_true")
    one = plans.add_parser("import", help="make a plan of a document")
    one.set_defaults(run=_plan_import)
    one.add_argument("file", type=Path)
    one.add_argument("--organisation", required=True, metavar="SLUG")
    one.add_argument("--year", type=int)
    one.add_argument("--adopt", action="store_true")
    one.add_argument("--accept-proposals", action="store_true")
    one.add_argument("--create-divisions", action="store_true")

    one = commands.add_parser("report", help="write a report to a file")
    one.set_defaults(run=_report)
    one.add_argument("kind", choices=get_args(PaperKind))
    one.add_argument("--organisation", required=True, metavar="SLUG")
    one.add_argument("--year", type=int, required=True)
    one.add_argument("--to", type=Path, required=True, metavar="FILE")

    journals = commands.add_parser("journal", help="the journals").add_subparsers(required=True)
    one = _spoken(journals.add_parser("purge", help="cut away old entries behind a sealed checkpoint"))
    one.set_defaults(run=operating.purge_journal)
    one.add_argument("--years", type=int, required=True, help="entries older than so many years go")

    persons = commands.add_parser("person", help="what is kept of one person").add_subparsers(required=True)
    one = _spoken(persons.add_parser("export", help="write everything that is kept about a person"))
    one.set_defaults(run=operating.export_person)
    one.add_argument("address")
    one.add_argument("--to", type=Path, required=True, metavar="FILE")
    one = _spoken(persons.add_parser("anonymise", help="replace name and address of somebody who left"))
    one.set_defaults(run=operating.anonymise_person)
    one.add_argument("address")

    one = commands.add_parser("migrate", help="bring the database to the newest tables, with a copy first")
    one.set_defaults(run=_migrate)
    one = _spoken(commands.add_parser("backup", help="copy everything into one file while it runs"))
    one.set_defaults(run=operating.backup)
    one.add_argument("--to", type=Path, metavar="DIR", help="instead of the folder backups of the data")
    one = _spoken(commands.add_parser("restore", help="bring everything back from a backup"))
    one.set_defaults(run=operating.restore)
    one.add_argument("file", type=Path)
    one.add_argument("--force", action="store_true", help="put aside what is there")
    one = _spoken(commands.add_parser("verify", help="whether what is kept is still what was kept"))
    one.set_defaults(run=operating.verify)
    one = _spoken(commands.add_parser("doctor", help="whether the installation can do its work"))
    one.set_defaults(run=operating.doctor)
    return parser


def _spoken(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--language", choices=LANGUAGES, default="th")
    return parser


def _demo(options: argparse.Namespace) -> int:
    folder = CHECKOUT / "var" / "demo"
    config = demo.settings(load({**os.environ, "TRACKER_DATA": str(folder / "data"), "DATABASE_URL": ""}))
    info = demo.build(config, clock.now(), folder, lambda line: print(line, flush=True))
    if options.no_serve:
        return 0
    with Catcher(folder / "mails") as catcher:
        served = replace(config, smtp_host="127.0.0.1", smtp_port=catcher.port)
        print(info.welcome(served.url), flush=True)
        _run(served)
    return 0


def _serve(_options: argparse.Namespace) -> int:
    config = load(os.environ)
    check_url(config.url)
    with create_app(config).app_context():
        upgrade.migrate(clock.now())
    _run(config)
    return 0


def _run(config: Config) -> None:
    """Web and scheduler until interrupted."""
    app = create_app(config)
    stopped = threading.Event()
    try:
        server = waitress.create_server(app, listen=config.listen, threads=8, ident="tracker")
    except (OSError, ValueError) as failure:
        raise Misconfigured("เปิด %(listen)s ไม่ได้ โปรดแก้ TRACKER_LISTEN", listen=config.listen) from failure
    scheduler = jobs.schedule(app, stop=stopped.is_set)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    scheduler.start()
    print(f"{config.url or config.listen}", flush=True)
    try:
        server.run()
    finally:
        stopped.set()
        scheduler.shutdown(wait=True)


@contextmanager
def _installation() -> Iterator[None]:
    """The application's context over a database at the newest tables."""
    config = load(os.environ)
    with create_app(config).app_context():
        upgrade.migrate(clock.now())
        yield


@contextmanager
def _scope(slug: str) -> Iterator[None]:
    with across_organisations("command line: organisation by slug"):
        organisation_id = db.session.scalar(select(Organisation.id).where(Organisation.slug == slug))
    db.session.rollback()
    if organisation_id is None:
        raise NotFound("ไม่พบหน่วยงานรหัส %(slug)s", slug=slug)
    with organisation_scope(organisation_id):
        yield


def _tick(options: argparse.Namespace) -> int:
    if options.dry_run:
        options.on = options.on or clock.today()
        options.json = False
        return _remind(options)
    config = load(os.environ)
    if options.on is not None and not (config.data / demo.MARK).exists():
        raise Refused("--on ใช้ได้เฉพาะกับ --dry-run หรือกับฐานข้อมูลตัวอย่าง")
    now = moment_on(options.on, 12 * 60) if options.on else clock.now()
    app = create_app(config)
    with app.app_context():
        upgrade.migrate(clock.now())
    try:
        done = jobs.tick(app, now)
    except jobs.JobsFailed as failed:
        print(failed, file=sys.stderr)
        return EXIT_REFUSED
    for name, number in done.items():
        print(f"{name}: {number}")
    return 0


def _remind(options: argparse.Namespace) -> int:
    days = []
    with _installation():
        with across_organisations("command line: every organisation"):
            slugs = list(
                db.session.scalars(
                    select(Organisation.slug)
                    .where(Organisation.kind != Kind.SYSTEM)
                    .order_by(Organisation.slug)
                )
            )
        db.session.rollback()
        for slug in slugs:
            with _scope(slug):
                days.append((slug, reminding.foretell(options.on, clock.today())))
                db.session.rollback()
    dry_run.tell(days, options.json)
    return 0


def _organisation_add(options: argparse.Namespace) -> int:
    with _installation(), writing():
        organisation = organising.add_organisation(
            options.slug, options.name, Kind(options.kind), options.division, now=clock.now(), by=SYSTEM
        )
        print(f"{organisation.slug}: {organisation.name}")
    return 0


def _user_invite(options: argparse.Namespace) -> int:
    with _installation(), _scope(options.organisation), writing():
        if not settings().url:
            raise Misconfigured("ต้องกำหนด TRACKER_URL ก่อน เพราะคำเชิญมีลิงก์ถึงระบบ")
        position = organising.position_named(options.position)
        user, url = organising.invite(options.address, options.name, position, now=clock.now(), by=SYSTEM)
        print(f"{user.address} ({position.title}): {url}")
    return 0


def _read(path: Path, year: int | None, divisions: Collection[str] | None = None) -> ReadPlan:
    """What a file says; raises Unreadable."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable("เปิดไฟล์ “%(name)s” ไม่ได้", name=path.name) from error
    return read_apart(data, path.name, year, divisions)


def _plan_read(options: argparse.Namespace) -> int:
    spoken = options.language
    read = _read(options.file, options.year)
    if options.json:
        print(
            json.dumps(
                reader.to_json(read, lambda message: say(message, spoken)), ensure_ascii=False, indent=2
            )
        )
        return 0 if read.rows else 1
    print(f"{read.source}: {read.kind} {read.fiscal_year or '?'} {read.organisation or ''}")
    for number, row in enumerate(read.rows, 1):
        window = row.window.text if row.window else "–"
        print(f"{number}. {row.heading or ''} | {window}")
        for measure in row.measures:
            print(f"   - {measure.title}")
    for problem in (*read.problems, *(problem for row in read.rows for problem in row.problems)):
        print(f"! {problem.code}: {say(problem.where, spoken)}: {say(problem.message, spoken)}")
    return 0 if read.rows else 1


def _plan_import(options: argparse.Namespace) -> int:
    """A plan of the document; a results report is said to be one and kept as the record of its past year.

    A report of a year that runs or has a plan is refused with a sentence: it never becomes a plan here.
    """
    now = clock.now()
    with _installation(), _scope(options.organisation):
        divisions = planning.divisions()
        read = _read(options.file, options.year, importing.known_names(divisions))
        with writing():
            draft = importing.understand(
                read,
                divisions,
                fiscal_year=options.year,
                create_divisions=options.create_divisions,
                accept_proposals=options.accept_proposals,
            )
            for problem in checks.of_another(read.organisation, current_organisation().name):
                print(f"! {say(problem.message)}", file=sys.stderr)
            if read.kind == "results":
                print(say(importing.results_sentence(draft.fiscal_year)), file=sys.stderr)
                plan = recording.record(draft, now=now, by=SYSTEM)
                print(f"{plan.fiscal_year}: {len(read.rows)}")
                return 0
            for question in draft.questions:
                print(f"! {question.row}: {say(question.message)}", file=sys.stderr)
            for one in draft.accepted:
                meant = " – ".join(str(part) for part in _parts(one.proposal))
                print(f"~ {one.row}: “{one.text}” > {meant}")
            for name in draft.new_divisions:
                organising.add_division(name, now=now, by=SYSTEM)
            plan = importing.save(draft, now=now, by=SYSTEM)
            if options.adopt:
                planning.adopt(plan, now=now, by=SYSTEM)
            print(f"{plan.fiscal_year}: {len(draft.items)}")
    return 0


def _parts(proposal: Mapping[str, object]) -> list[object]:
    """The days or the months that a proposal puts."""
    months = proposal.get("months")
    return list(months) if isinstance(months, list | tuple) else [proposal[name] for name in ("start", "end")]


def _report(options: argparse.Namespace) -> int:
    ending = options.to.suffix.removeprefix(".")
    if ending not in faces.MEDIA_TYPES:
        raise Refused("เขียนได้เฉพาะแฟ้ม .docx .pdf .xlsx .html และ .json")
    with _installation(), _scope(options.organisation):
        plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == options.year)).one_or_none()
        if plan is None:
            raise NotFound("ปีงบประมาณ %(year)s ยังไม่มีแผน", year=options.year)
        if plan.is_record:
            raise Refused("ปีงบประมาณ %(year)s เป็นบันทึกผลจากเอกสาร ไม่มีรายงานให้ออก", year=options.year)
        value = reporting.paper_of(plan, options.kind, now=clock.now())
        files = reporting.photo_files(value)
        font = current_organisation().document_font
        db.session.rollback()
        if ending in faces.PRINTED and value.paper().is_long:
            _tell(apart.make(value.paper(), ending, font, files, options.to), len(files))
        else:
            options.to.write_bytes(faces.write(value, ending, font, photos.shrink_all(files)))
        print(options.to)
    return 0


def _tell(making: Iterator[tuple[int, int]], photographs: int) -> None:
    """Say how far a long document is, each tenth once and its end; apart from what the command answers."""
    told = -1
    for done, total in making:
        if (tenth := 10 * done // max(total, 1)) > told:
            told = tenth
            print(f"{done}/{total}", file=sys.stderr, flush=True)
    print(f"{photographs}/{photographs}", file=sys.stderr, flush=True)


def _migrate(_options: argparse.Namespace) -> int:
    with _installation():
        print(upgrade.revision())
    return 0


if __name__ == "__main__":
    sys.exit(main())
