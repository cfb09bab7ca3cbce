"""The command line: exit codes, what is written and what is not, the JSON that others read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests import documents
from tests.conftest import make_config
from tests.deeds import give_reasons
from tests.world import World, at
from tracker import cli
from tracker.actions import reporting
from tracker.app import create_app
from tracker.cli import main
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.models import (
    Division,
    JournalEntry,
    Organisation,
    OutgoingMail,
    Plan,
    PlanState,
    Position,
    Task,
    User,
)
from tracker.reading.apart import read_apart
from tracker.rules.permissions import SYSTEM, Role
from tracker.rules.report_inputs import Signed

CONTRACT = {
    "source", "kind", "fiscal_year", "assessment_year", "organisation", "analysis", "rows", "scores", "problems",
}  # fmt: skip
ROW = {
    "heading", "topic", "indicator", "analysis", "measures", "steps", "responsible", "everyone",
    "whole_organisation", "window", "follow_up", "targets", "results", "outcome", "problems",
}  # fmt: skip
ADD = ("organisation", "add", "tuayang", "--name", "อบต.ตัวอย่าง", "--kind", "sao")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs a command in an installation of its own; returns the exit code and what was printed."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(migrated, data / "tracker.db")
    monkeypatch.setenv("TRACKER_DATA", str(data))
    monkeypatch.setenv("TRACKER_URL", "http://127.0.0.1:8000")
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    with time_machine.travel(at("2025-10-06"), tick=False):
        yield run


@pytest.fixture
def ask(tmp_path: Path, run: Run) -> Callable[[Any], list[Any]]:
    """What a query finds in the installation, across organisations."""

    def ask(query: Any) -> list[Any]:
        with create_app(make_config(tmp_path / "data")).app_context(), across_organisations("test"):
            found = list(db.session.scalars(query))
            db.session.remove()
            db.engine.dispose()
        return found

    return ask


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "แผน.txt"
    path.write_bytes(documents.text())
    return path


def test_an_organisation_is_added_with_the_usual_divisions(run: Run, ask: Callable[..., list[Any]]) -> None:
    code, out, err = run(*ADD)
    assert (code, out.strip(), err) == (0, "tuayang: อบต.ตัวอย่าง", "")
    assert ask(select(Division.name).order_by(Division.place)) == [
        "สำนักปลัด",
        "กองคลัง",
        "กองช่าง",
        "หน่วยตรวจสอบภายใน",
    ]
    assert ask(select(Division.name).where(Division.coordinates)) == ["สำนักปลัด"]
    roles = ask(select(Position.role))
    assert [
        roles.count(role) for role in (Role.CHIEF_EXECUTIVE, Role.CLERK, Role.COORDINATOR, Role.HEAD)
    ] == [
        1,
        1,
        1,
        4,
    ]


def test_an_organisation_has_the_divisions_that_are_given(run: Run, ask: Callable[..., list[Any]]) -> None:
    code, _, _ = run(*ADD, "--division", "กองคลัง", "--division", "กองช่าง")
    assert code == 0
    assert ask(select(Division.name).order_by(Division.place)) == ["กองคลัง", "กองช่าง"]


@pytest.mark.parametrize(
    "arguments",
    [
        ADD,
        ("organisation", "add", "Bad Slug", "--name", "x", "--kind", "sao"),
        ("organisation", "add", "x", "--name", "x", "--kind", "sao"),
        ("organisation", "add", "other", "--name", " ", "--kind", "pao"),
        (
            "organisation",
            "add",
            "other",
            "--name",
            "x",
            "--kind",
            "pao",
            "--division",
            "กองคลัง",
            "--division",
            "กอง คลัง",
        ),
    ],
)
def test_an_organisation_that_cannot_be_is_refused_whole(
    run: Run, ask: Callable[..., list[Any]], arguments: tuple[str, ...]
) -> None:
    run(*ADD)
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert err.strip()
    assert ask(select(func.count(Organisation.id))) == [1]
    assert ask(select(func.count(Division.id))) == [4]


def test_an_invitation_is_printed_and_mailed(run: Run, ask: Callable[..., list[Any]]) -> None:
    run(*ADD)
    code, out, _ = run(
        "user", "invite", "Head@Example.go.th", "--organisation", "tuayang", "--position", "กองคลัง"
    )
    assert code == 0
    assert out.startswith("head@example.go.th (ผู้อำนวยการกองคลัง): http://127.0.0.1:8000/invitation/")
    url = out.split(": ")[1].strip()
    [mail] = ask(select(OutgoingMail))
    assert (mail.kind, mail.to_address) == ("invitation", "head@example.go.th")
    assert url in mail.body_text.replace("\n", "")
    assert ask(select(User.password_hash)) == [None]


@pytest.mark.parametrize(
    ("address", "slug", "position"),
    [
        ("head@example.go.th", "tuayang", "กองที่ไม่มี"),
        ("head@example.go.th", "nowhere", "กองคลัง"),
        ("not an address", "tuayang", "กองคลัง"),
        ("taken@example.go.th", "tuayang", "กองคลัง"),
    ],
)
def test_an_invitation_that_cannot_be_sent_is_refused(
    run: Run, ask: Callable[..., list[Any]], address: str, slug: str, position: str
) -> None:
    run(*ADD)
    run("user", "invite", "taken@example.go.th", "--organisation", "tuayang", "--position", "กองช่าง")
    code, out, err = run("user", "invite", address, "--organisation", slug, "--position", position)
    assert (code, out) == (1, "")
    assert err.strip()
    assert ask(select(func.count(User.id))) == [1]
    assert ask(select(func.count(OutgoingMail.id))) == [1]


def test_an_invitation_needs_the_address_of_the_installation(
    run: Run, ask: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*ADD)
    monkeypatch.delenv("TRACKER_URL")
    code, _, err = run(
        "user", "invite", "a@example.go.th", "--organisation", "tuayang", "--position", "กองคลัง"
    )
    assert code == 1
    assert "TRACKER_URL" in err
    assert ask(select(func.count(User.id))) == [0]


def test_reading_a_plan_needs_no_database_and_keeps_the_contract(
    run: Run, plan: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "data")
    code, out, err = run("plan", "read", plan, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert set(told) == CONTRACT
    assert (told["kind"], told["fiscal_year"], told["organisation"]) == ("plan", 2569, documents.LINES[1])
    assert [set(row) for row in told["rows"]] == [ROW] * 3
    first, second, third = told["rows"]
    assert (first["everyone"], first["responsible"], first["indicator"]) == (True, [], 1)
    assert set(second["window"]) == {"text", "start", "end", "quarters"}
    assert second["window"]["quarters"] == ["2569Q1", "2569Q2"]
    assert set(second["follow_up"]) == {"text", "kind", "n", "period_ends", "months"}
    assert second["follow_up"]["kind"] == "quarterly"
    assert second["measures"] == [{"number": None, "title": "เผยแพร่แผนการใช้จ่าย"}]
    assert [set(one) for one in second["responsible"]] == [{"text", "division"}]
    assert third["follow_up"]["kind"] == "unspecified"
    assert set(told["scores"]) == {"total", "level", "instruments", "indicators", "questions"}
    assert not (tmp_path / "data").exists()


def test_a_plan_is_read_for_a_person_too(run: Run, plan: Path) -> None:
    code, out, _ = run("plan", "read", plan)
    assert code == 0
    assert out.splitlines()[0] == "แผน.txt: plan 2569 องค์การบริหารส่วนตำบลตัวอย่าง"
    assert "   - จัดทำคู่มือการให้บริการ" in out.splitlines()


def test_exit_codes_tell_a_plan_from_none_and_from_what_cannot_be_read(run: Run, tmp_path: Path) -> None:
    none, broken = tmp_path / "จดหมาย.txt", tmp_path / "เสีย.docx"
    none.write_text("เรียน ผู้ที่เกี่ยวข้อง\nโปรดทราบ", encoding="utf-8")
    broken.write_bytes(b"PK\x03\x04 not a document")
    assert run("plan", "read", none)[0] == 1
    code, out, _ = run("plan", "read", none, "--json")
    assert (code, json.loads(out)["rows"]) == (1, [])
    for path in (broken, tmp_path / "missing.docx"):
        code, out, err = run("plan", "read", path, "--json")
        assert (code, out) == (2, "")
        assert err.strip()


def test_an_unknown_division_blocks_the_import_until_it_may_be_added(
    run: Run, ask: Callable[..., list[Any]], plan: Path
) -> None:
    run(*ADD)
    code, out, err = run("plan", "import", plan, "--organisation", "tuayang", "--adopt")
    assert (code, out) == (1, "")
    assert documents.NEW_DIVISION in err
    assert ask(select(func.count(Plan.id))) == [0]
    assert ask(select(func.count(Division.id))) == [4]

    code, out, err = run("plan", "import", plan, "--organisation", "tuayang", "--adopt", "--create-divisions")
    assert (code, out.strip(), err) == (0, "2569: 3", "")
    assert ask(select(Plan.state)) == [PlanState.ADOPTED]
    assert documents.NEW_DIVISION in ask(select(Division.name))
    # The new division is one of "ทุกกอง" too.
    assert ask(select(func.count(Task.id))) == [5 * 4 + 2 + 4]


def test_a_year_is_not_imported_twice(run: Run, ask: Callable[..., list[Any]], tmp_path: Path) -> None:
    path = tmp_path / "แผน.docx"
    path.write_bytes(documents.word(documents.EVERYONE))
    run(*ADD)
    assert run("plan", "import", path, "--organisation", "tuayang")[0] == 0
    assert ask(select(Plan.state)) == [PlanState.DRAFT]
    code, out, err = run("plan", "import", path, "--organisation", "tuayang", "--adopt")
    assert (code, out) == (1, "")
    assert "2569" in err
    assert ask(select(Plan.state)) == [PlanState.DRAFT]
    code, out, err = run("plan", "import", path, "--organisation", "tuayang", "--year", "2570", "--adopt")
    assert (code, out) == (1, "")
    assert "2570" in err


def test_a_document_of_another_organisation_is_told_to_be_one(run: Run, plan: Path) -> None:
    run(*ADD[:-3], "เทศบาลตำบลบ้านสมมุติ", *ADD[-2:])
    code, _, err = run("plan", "import", plan, "--organisation", "tuayang", "--create-divisions")
    assert (code, err.count("ไม่ใช่ของเทศบาลตำบลบ้านสมมุติ")) == (0, 1)


def test_proposals_are_used_when_all_may_be_and_each_is_told(
    run: Run, ask: Callable[..., list[Any]], tmp_path: Path
) -> None:
    path = tmp_path / "แผน.txt"
    last_year = (*documents.FINANCE[:3], "ม.ค. 2568 - มี.ค. 2568", *documents.FINANCE[4:])
    path.write_bytes(documents.text(documents.EVERYONE, last_year))
    run(*ADD)
    code, out, err = run("plan", "import", path, "--organisation", "tuayang")
    assert (code, out) == (1, "")
    assert "! 2: " in err
    code, out, err = run("plan", "import", path, "--organisation", "tuayang", "--accept-proposals")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["~ 2: “ม.ค. 2568 - มี.ค. 2568” > 2026-01-01 – 2026-03-31", "2569: 2"]
    [told] = ask(select(JournalEntry.details).where(JournalEntry.deed == "plan.drafted"))
    assert told == {"items": 2, "proposals": [2]}


def test_a_document_beyond_a_limit_is_not_read(
    run: Run, ask: Callable[..., list[Any]], plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*ADD)
    monkeypatch.setattr(cli, "read_apart", partial(read_apart, seconds=0.05))
    for command in (("read", plan), ("import", plan, "--organisation", "tuayang")):
        code, out, err = run("plan", *command)
        assert (code, out) == (2, "")
        assert "ใช้เวลานานเกิน 0.05 วินาที" in err
    assert ask(select(func.count(Plan.id))) == [0]


REPORT = (
    "รายงานผลการดำเนินการ ประจำปีงบประมาณ พ.ศ. {year}\n"
    "มาตรการ\tขั้นตอน\tผู้รับผิดชอบ\tระยะเวลา\tผลการดำเนินงาน\n"
    "จัดอบรม\tอบรม\tกองคลัง\tไตรมาส 1-4\tอบรมแล้ว\n"
)


def test_results_of_a_past_year_are_imported_as_its_record(
    run: Run, ask: Callable[..., list[Any]], tmp_path: Path
) -> None:
    path = tmp_path / "ผล.txt"
    path.write_text(REPORT.format(year=2568), encoding="utf-8")
    run(*ADD)
    code, out, err = run("plan", "import", path, "--organisation", "tuayang", "--adopt")
    assert (code, out.strip()) == (0, "2568: 1")
    assert "รายงานผลการดำเนินการของปีงบประมาณ 2568" in err
    assert ask(select(Plan.state)) == [PlanState.CLOSED]
    assert ask(select(Task.id)) == []
    code, _, err = run(
        "report", "annual", "--organisation", "tuayang", "--year", "2568", "--to", tmp_path / "a.docx"
    )
    assert code == 1
    assert "บันทึกผลจากเอกสาร" in err


def test_results_of_a_running_year_are_never_imported_as_a_plan(
    run: Run, ask: Callable[..., list[Any]], tmp_path: Path
) -> None:
    path = tmp_path / "ผล.txt"
    path.write_text(REPORT.format(year=2569), encoding="utf-8")
    run(*ADD)
    code, _, err = run("plan", "import", path, "--organisation", "tuayang", "--adopt")
    assert code == 1
    assert "ยังไม่สิ้นสุด" in err
    assert ask(select(Plan.id)) == []


def test_a_plan_is_not_imported_into_nowhere(run: Run, plan: Path) -> None:
    code, _, err = run("plan", "import", plan, "--organisation", "nowhere")
    assert code == 1
    assert "nowhere" in err


@pytest.fixture
def running(run: Run, tmp_path: Path) -> Run:
    """An installation with an adopted plan and people who can be reached."""
    app = create_app(make_config(tmp_path / "data"))
    with app.app_context():
        World(app).adopted_plan(now=at("2025-10-06"))
        db.session.remove()
        db.engine.dispose()
    return run


def test_who_would_get_what_is_told_without_telling_anybody(
    running: Run, ask: Callable[..., list[Any]]
) -> None:
    code, out, _ = running("remind", "--on", "2025-12-17", "--dry-run", "--json")
    assert code == 0
    told = json.loads(out)
    assert {one["to"] for one in told} >= {f"head{place}@tuayang.example" for place in range(5)}
    first = next(one for one in told if one["to"] == "head1@tuayang.example")
    assert (first["organisation"], first["on"], first["positions"]) == (
        "tuayang",
        "2025-12-17",
        ["ผู้อำนวยการกองคลัง"],
    )
    [line] = first["lines"]
    assert (line["stage"], line["due_on"], line["division"]) == ("before-14", "2025-12-31", "กองคลัง")
    assert line["path"].startswith("/work/")
    assert ask(select(func.count(OutgoingMail.id))) == [0]
    code, out, _ = running("remind", "--on", "2025-12-17", "--dry-run")
    assert (code, len(out.splitlines())) == (0, len(told))


def test_what_is_told_on_days_before_is_not_foretold_again(running: Run) -> None:
    """As the page of reminders foretells it: the monthly and weekly summaries have gone, the stages too."""
    told = {
        day: json.loads(running("remind", "--on", day, "--dry-run", "--json")[1])
        for day in ("2025-12-17", "2025-12-18", "2025-12-24")
    }
    assert told["2025-12-18"] == []
    assert {line["stage"] for day in told for one in told[day] for line in one["lines"]} == {
        "before-14",
        "before-7",
    }


def test_a_dry_run_gives_a_summary_its_year_and_the_weeks_no_title(
    running: Run,
) -> None:
    with time_machine.travel(at("2025-10-30"), tick=False):
        told = json.loads(running("remind", "--on", "2025-11-03", "--dry-run", "--json")[1])
    titles = {line["section"]: line["title"] for one in told for line in one["lines"]}
    assert titles == {"summary": "2569", "week": None}


def test_reminding_by_hand_is_always_a_dry_run(running: Run) -> None:
    with pytest.raises(SystemExit) as left:
        running("remind", "--on", "2025-12-17")
    assert left.value.code == 2


def test_a_tick_does_every_job_once(running: Run, ask: Callable[..., list[Any]]) -> None:
    code, out, _ = running("tick")
    assert code == 0
    done = dict(line.split(": ") for line in out.splitlines())
    assert set(done) == {"follow", "remind", "send", "render", "publish", "anchor", "housekeeping"}
    assert ask(select(func.count(OutgoingMail.id))) == [int(done["remind"])]


def test_a_tick_on_another_day_is_only_for_demos_and_dry_runs(
    running: Run, ask: Callable[..., list[Any]]
) -> None:
    code, out, err = running("tick", "--on", "2025-12-17")
    assert (code, out) == (1, "")
    assert "--dry-run" in err
    code, out, _ = running("tick", "--on", "2025-12-17", "--dry-run")
    assert code == 0
    assert "head1@tuayang.example" in out
    assert ask(select(func.count(OutgoingMail.id))) == [0]


def test_the_report_is_written_in_every_face(running: Run, tmp_path: Path) -> None:
    common = ("report", "annual", "--organisation", "tuayang", "--year", "2569", "--to")
    for ending in ("docx", "pdf", "xlsx", "html", "json"):
        path = tmp_path / f"รายงาน.{ending}"
        code, out, _ = running(*common, path)
        assert (code, out.strip()) == (0, str(path))
    assert len(Document(str(tmp_path / "รายงาน.docx")).tables) >= 2
    assert (tmp_path / "รายงาน.pdf").read_bytes().startswith(b"%PDF-")
    told = json.loads((tmp_path / "รายงาน.json").read_text(encoding="utf-8"))
    assert told["fiscal_year"] == 2569
    assert told["title"] in (tmp_path / "รายงาน.html").read_text(encoding="utf-8")
    assert load_workbook(tmp_path / "รายงาน.xlsx").worksheets[0]["A1"].value == told["title"]


def test_a_long_report_says_how_far_it_is(
    running: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.rules.paper.LONG_ROWS", 1)
    path = tmp_path / "รายงาน.pdf"
    code, out, err = running("report", "annual", "--organisation", "tuayang", "--year", "2569", "--to", path)
    assert (code, out.strip()) == (0, str(path))
    assert path.read_bytes().startswith(b"%PDF-")
    done, total = err.split()[-1].split("/")
    assert done == total


@pytest.mark.parametrize("kind", ["plan", "six-month", "memo"])
def test_the_other_documents_are_written_too(running: Run, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"{kind}.json"
    code, _, _ = running("report", kind, "--organisation", "tuayang", "--year", "2569", "--to", path)
    assert code == 0
    assert json.loads(path.read_text(encoding="utf-8"))["kind"] == kind


def test_the_report_is_the_closed_version_while_the_year_is_closed(running: Run, tmp_path: Path) -> None:
    path = tmp_path / "รายงาน.json"

    def mark() -> str:
        code, _, _ = running("report", "annual", "--organisation", "tuayang", "--year", "2569", "--to", path)
        assert code == 0
        return str(json.loads(path.read_text(encoding="utf-8"))["draft_mark"])

    def change(deed: Callable[[Plan], object]) -> None:
        with create_app(make_config(tmp_path / "data")).app_context():
            with across_organisations("test"):
                own = db.session.scalars(select(Organisation.id).where(Organisation.slug == "tuayang")).one()
            with organisation_scope(own), writing():
                deed(db.session.scalars(select(Plan)).one())
            db.session.remove()
            db.engine.dispose()

    unsigned = Signed(document_number="", signed_on=None, signer="", position="")
    assert mark() != ""
    change(lambda plan: give_reasons(plan, at("2025-10-06"), SYSTEM))
    change(lambda plan: reporting.close(plan, unsigned, now=at("2025-10-06"), by=SYSTEM))
    assert mark() == ""
    change(lambda plan: reporting.reopen(plan, now=at("2025-10-06"), by=SYSTEM))
    assert mark() != ""


@pytest.mark.parametrize(
    ("slug", "year", "name"),
    [
        ("tuayang", "2569", "รายงาน.odt"),
        ("tuayang", "2570", "รายงาน.json"),
        ("nowhere", "2569", "รายงาน.json"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused(
    running: Run, tmp_path: Path, slug: str, year: str, name: str
) -> None:
    path = tmp_path / name
    code, out, err = running("report", "annual", "--organisation", slug, "--year", year, "--to", path)
    assert (code, out) == (1, "")
    assert err.strip()
    assert not path.exists()


def test_a_setting_that_cannot_be_used_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_SMTP_PORT", "many")
    code, out, err = run("tick")
    assert (code, out) == (1, "")
    assert "TRACKER_SMTP_PORT" in err
    assert len(err.splitlines()) == 1
