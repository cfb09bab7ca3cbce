"""The demo as it is built: mails as they arrived, documents, sign-ins."""

from __future__ import annotations

import email
import email.policy
import io
import re
from collections import Counter
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pypdfium2
import pytest
from docx import Document
from sqlalchemy import select

from tests.conftest import make_config
from tests.world import at
from tracker.actions import admitting, reporting
from tracker.app import create_app
from tracker.config import Config
from tracker.database import across_organisations, db, organisation_scope
from tracker.demo import build
from tracker.demo.build import DemoInfo
from tracker.errors import Refused
from tracker.models import (
    Assessment,
    Evidence,
    FollowUp,
    FollowUpState,
    JournalEntry,
    MailState,
    Organisation,
    OutgoingMail,
    Plan,
    PlanItem,
    PlanState,
    Round,
    Submission,
    Task,
    User,
)
from tracker.operations import verifying
from tracker.reading import plan as reader
from tracker.rules.mailtext import disarmed
from tracker.rules.moments import BANGKOK
from tracker.rules.states import TaskState
from tracker.rules.thai import letters
from tracker.rules.workdays import Calendar
from tracker.storage import path_of

NOW = at("2026-11-21", "10:00")


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, told: list[str]) -> DemoInfo:
    """A demo built over the remains of an earlier one."""
    folder = tmp_path_factory.mktemp("demo")
    config = build.settings(make_config(folder / "data"))
    for old in (folder / "data" / build.MARK, folder / "data" / build.DATABASE, folder / "mails" / "old.eml"):
        old.parent.mkdir(exist_ok=True)
        old.write_text("of an earlier demo")
    return build.build(config, NOW, folder, told.append)


@pytest.fixture(scope="module")
def letters_kept(built: DemoInfo) -> list[EmailMessage]:
    files = sorted((built.folder / "mails").glob("*.eml"))
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.SMTP) for file in files]
    return [letter for letter in read if isinstance(letter, EmailMessage)]


@pytest.fixture
def opened(built: DemoInfo) -> Iterator[Config]:
    app = create_app(built.config)
    with app.app_context():
        yield built.config
        db.session.remove()
        db.engine.dispose()


def test_every_mail_of_the_outbox_has_arrived(
    built: DemoInfo, letters_kept: list[EmailMessage], opened: Config
) -> None:
    with across_organisations("all mails of the demo"):
        mails = {mail.message_id: mail for mail in db.session.scalars(select(OutgoingMail))}
    sent = [mail for mail in mails.values() if mail.state is MailState.SENT]

    assert len(sent) == len(mails) == built.mails == len(letters_kept) > 200
    for letter in letters_kept:
        mail = mails[str(letter["Message-ID"])]
        assert letter.defects == []
        assert str(make_header(decode_header(str(letter.get("Subject"))))) == mail.subject
        plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
        assert plain is not None
        assert html is not None
        # The words of old mails are emptied; of the others each arrived as it was written, with its links.
        assert mail.body_text in ("", disarmed(plain.get_content().replace("\r\n", "\n")))


def test_no_mail_is_sent_on_a_day_on_which_nobody_works(letters_kept: list[EmailMessage]) -> None:
    days = {letter["Date"].datetime.astimezone(BANGKOK).date() for letter in letters_kept}

    assert [day for day in days if not Calendar().is_working(day)] == []


def test_nobody_gets_two_digests_on_a_day(opened: Config) -> None:
    with across_organisations("all mails of the demo"):
        digests = db.session.scalars(select(OutgoingMail).where(OutgoingMail.kind == "digest")).all()
    days = Counter((mail.to_address, mail.created_at.astimezone(BANGKOK).date()) for mail in digests)

    assert len({address for address, _ in days}) == 9
    assert set(days.values()) == {1}


def test_the_earlier_demo_is_gone(built: DemoInfo) -> None:
    assert not (built.folder / "mails" / "old.eml").exists()


def test_everybody_can_sign_in_as_the_welcome_says(built: DemoInfo, opened: Config) -> None:
    welcome = built.welcome("http://127.0.0.1:8000")

    for person in built.people:
        assert admitting.verify(admitting.account_of(person.address), person.password)
    for person in built.people[:4]:
        assert person.address in welcome
        assert person.role in welcome
    assert built.people[0].password in welcome
    assert "http://127.0.0.1:8000" in welcome


def test_the_report_is_there_as_word_and_pdf_and_says_the_same(built: DemoInfo) -> None:
    folder = built.folder / "documents"
    word = Document(io.BytesIO((folder / "report-2569.docx").read_bytes()))
    pages = pypdfium2.PdfDocument(folder / "report-2569.pdf")
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    pages.close()

    results = next(table for table in word.tables if len(table.columns) == 7)
    assert len(results.rows) == 13
    for cell in results.columns[0].cells:
        assert letters(cell.text) in letters(text)
    both = {"report-2569", "report-2570-draft", "measures-2569", "measures-2570", "six-month-2569"}
    both |= {"six-month-2570-draft", "memo-2569", "memo-2570-draft"}
    faces = {f"{stem}.{ending}" for stem in both for ending in ("docx", "pdf")}
    faces |= {f"report-{year}.{ending}" for year in ("2569", "2570-draft") for ending in ("xlsx", "html")}
    assert {file.name for file in folder.iterdir()} == faces | {"plan-2569.docx", "plan-2570.docx"}
    assert len(word.inline_shapes) > 10


def test_the_plans_in_the_folder_can_be_imported_by_hand(built: DemoInfo) -> None:
    for year in built.years:
        read = reader.read(built.folder / "documents" / f"plan-{year}.docx")
        assert (read.fiscal_year, len(read.rows), read.problems) == (year, 12, ())


def test_every_link_of_the_page_leads_to_a_file(built: DemoInfo) -> None:
    page = (built.folder / "index.html").read_text(encoding="utf-8")

    links = [unquote(link) for link in re.findall(r'href="([^"]+)"', page) if not link.startswith("http")]
    assert len(links) == len(set(links)) == built.mails + len(list((built.folder / "documents").iterdir()))
    assert [link for link in links if not (built.folder / link).is_file()] == []
    # The time of a mail is that of the office's own clock.
    assert re.search(r" 08\.30 น\.<", page)
    assert not re.search(r'(src|href)="(?!http://127\.0\.0\.1)(https?:)?//', page)


def test_evidence_is_what_its_hash_says(opened: Config) -> None:
    with across_organisations("all evidence of the demo"):
        evidence = db.session.scalars(select(Evidence)).all()

    assert {one.name.rpartition(".")[2] for one in evidence} == {"jpg", "png", "pdf", "docx", "xlsx"}
    for one in evidence:
        assert one.storage_name is not None
        path = path_of(one.storage_name)
        assert (verifying.hash_of(path), path.stat().st_size) == (one.sha256, one.size)


def test_an_operator_who_verifies_the_demo_finds_no_fault(opened: Config) -> None:
    with across_organisations("verifying the demo"), db.engine.connect() as connection:
        assert list(verifying.faults(connection, opened.data)) == []


def test_it_says_what_it_is_doing(built: DemoInfo, told: list[str]) -> None:
    assert len(told) >= 5
    assert any("2569" in line for line in told)


def test_a_database_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    config = build.settings(make_config(tmp_path / "data"))
    real = tmp_path / "data" / build.DATABASE
    real.parent.mkdir()
    real.write_bytes(b"somebody's work")

    with pytest.raises(Refused):
        build.build(config, NOW, tmp_path, lambda line: None)

    assert real.read_bytes() == b"somebody's work"
    assert {file.name for file in tmp_path.iterdir()} == {"data"}


def test_the_settings_keep_the_demo_away_from_real_databases_and_mail_servers(tmp_path: Path) -> None:
    real = make_config(
        tmp_path,
        database_url="postgresql://db/real",
        smtp_host="mail.example",
        smtp_user="u",
        smtp_password="p",
    )

    settings = build.settings(real)

    assert settings.demo
    assert settings.database_url.startswith("sqlite:///")
    assert (settings.smtp_host, settings.smtp_user, settings.smtp_password) == ("127.0.0.1", "", "")


@pytest.fixture
def scope(opened: Config) -> Iterator[None]:
    """In the scope of the demo's only organisation."""
    with across_organisations("finding the demo's organisation"):
        organisation_id = db.session.scalars(select(Organisation.id)).one()
    with organisation_scope(organisation_id):
        yield


@pytest.mark.usefixtures("scope")
def test_the_closed_year_has_something_of_everything(built: DemoInfo) -> None:
    plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == built.closed_year)).one()
    tasks = db.session.scalars(select(Task).where(Task.plan_id == plan.id)).all()
    states = Counter(task.state for task in tasks)
    answers = db.session.scalars(
        select(FollowUp.state).join(Round, Round.id == FollowUp.round_id).where(Round.plan_id == plan.id)
    ).all()
    closed = reporting.closed(plan)

    assert states[TaskState.APPROVED] > 100
    assert {TaskState.CANCELLED, TaskState.NOT_NEEDED, TaskState.OPEN} < set(states)
    assert {task.on_time for task in tasks} == {True, False, None}
    assert db.session.scalars(select(Submission.id).where(Submission.returned_note != "")).all()
    assert Counter(answers) == {FollowUpState.ANSWERED: len(answers) - 1, FollowUpState.UNANSWERED: 1}
    assert list(db.session.scalars(select(Assessment.year).order_by(Assessment.year))) == [2567, 2568, 2569]
    assert closed is not None
    outcomes = "\n".join(row.outcome for row in closed[1].results.rows)
    assert [word for word in ("เพิ่มขึ้น", "ลดลง", "รักษาคะแนนเต็ม") if word not in outcomes] == []
    assert len(closed[1].unfinished.rows) == 2
    assert any("กองช่าง: " in row.result for row in closed[1].results.rows)


@pytest.mark.usefixtures("scope")
def test_the_draft_of_the_running_year_tells_what_was_reported() -> None:
    plan = db.session.scalars(select(Plan).where(Plan.state == PlanState.ADOPTED)).one()
    waiting = db.session.scalars(
        select(Submission.result)
        .join(PlanItem, PlanItem.id == Submission.item_id)
        .where(PlanItem.plan_id == plan.id, Submission.result != "")
        .where(Submission.approved_at.is_(None), Submission.returned_at.is_(None))
    ).all()

    draft = reporting.draft(plan, now=NOW)

    assert draft.draft
    results = "\n".join(row.result for row in draft.results.rows)
    assert waiting
    assert results.count("(รออนุมัติ)") == len(waiting)
    assert "บุคลากรลงนามรับทราบ" in results


@pytest.mark.usefixtures("scope")
def test_every_deed_is_written_down_for_the_person_who_did_it() -> None:
    entries = db.session.scalars(select(JournalEntry).order_by(JournalEntry.number)).all()
    by_deed: dict[str, set[str]] = {}
    for entry in entries:
        by_deed.setdefault(entry.deed, set()).add(entry.actor)

    coordinator = db.session.scalars(select(User.id).where(User.address.startswith("coordinator@"))).one()
    for deed in ("plan.adopted", "group.approved", "group.sent_back", "task.cancelled", "report.closed"):
        assert by_deed[deed] == {f"user:{coordinator}"}
    assert len(by_deed["group.reported"]) == len(by_deed["follow_up.answered"]) == 6
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
