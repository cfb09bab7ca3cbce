"""The coordinator's own cells, answers and public evidence in a report that is still a draft."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.deeds import approve, chain_faults, group_of, prove, report, send_back, settle
from tests.world import World, at
from tracker.actions import planning, proving, reporting
from tracker.actions.reporting import EditedCell, UnderWay
from tracker.database import db
from tracker.errors import FieldsRefused, NotFound, Refused
from tracker.models import Assessment, Evidence, JournalEntry, Plan, Report
from tracker.rules.claims import Claim
from tracker.rules.paper import Grid, Printable
from tracker.rules.report import from_json
from tracker.rules.report_inputs import Signed

NOW = at("2026-10-20")
YEAR = (date(2025, 10, 1), date(2026, 9, 30))
UNSIGNED = Signed("", None, "", "")


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    """One measure of two divisions; the first has told its first quarter."""
    world.adopted_plan([(1, range(2), *YEAR)])
    report(world, group_of(world), result="จัดทำคู่มือแล้ว")
    approve(world, group_of(world))


def plan_of() -> Plan:
    return db.session.scalars(select(Plan)).one()


def under_way(world: World) -> UnderWay:
    with world.read():
        db.session.rollback()
        found = reporting.under_way(plan_of(), now=NOW)
        db.session.rollback()
    return found


def cell_of(world: World, name: str = "result") -> EditedCell:
    return next(one for one in under_way(world).cells if one.cell == name)


def edit(world: World, text: str, cell: str = "result", item_id: int = 1) -> None:
    with world.write():
        reporting.edit_cell(plan_of(), item_id, cell, text, now=NOW, by=world.actor("coordinator", NOW))


def restore(world: World) -> None:
    with world.write():
        reporting.restore_cell(plan_of(), 1, "result", now=NOW, by=world.actor("coordinator", NOW))


def check(world: World, evidence_id: int, checked: bool = True) -> None:
    with world.write():
        by = world.actor("coordinator", NOW)
        reporting.check_evidence(plan_of(), evidence_id, checked, now=NOW, by=by)


def codes(world: World) -> tuple[set[str], set[str]]:
    """What must be mended, and what should be looked at."""
    readiness = under_way(world).readiness
    return {one.code for one in readiness.must}, {one.code for one in readiness.look}


def test_an_edited_cell_is_printed_and_its_proposal_stays_beside_it(world: World) -> None:
    proposed = cell_of(world).proposal
    edit(world, "จัดทำคู่มือ 3 เล่ม\r\nเผยแพร่แล้ว ")
    found = under_way(world)
    assert found.value.results.rows[0].result == "จัดทำคู่มือ ๓ เล่ม\nเผยแพร่แล้ว"
    cell = cell_of(world)
    assert cell.edit is not None
    assert (cell.proposal, cell.text, cell.stale) == (proposed, "จัดทำคู่มือ 3 เล่ม\nเผยแพร่แล้ว", False)
    restore(world)
    assert under_way(world).value.results.rows[0].result == proposed
    restore(world)
    with world.read():
        deeds = db.session.scalars(
            select(JournalEntry.deed).where(JournalEntry.deed.startswith("report.cell"))
        ).all()
    assert deeds == ["report.cell_edited", "report.cell_restored"]
    assert chain_faults(world) == []


def test_a_later_change_of_the_sources_is_shown_and_a_mere_approval_is_none(world: World) -> None:
    second = group_of(world, place=1)
    report(world, second, who="head1", result="แจกคู่มือแล้ว")
    edit(world, "ทั้งสองกองจัดทำและแจกคู่มือแล้ว")
    approve(world, second)
    assert not cell_of(world).stale
    later = group_of(world, place=1, quarter=2)
    report(world, later, who="head1", result="แจกคู่มือครบทุกหมู่บ้าน")
    assert cell_of(world).stale
    assert "stale" in codes(world)[1]
    send_back(world, later)
    assert not cell_of(world).stale


def test_a_score_that_is_announced_changes_the_source_of_the_outcome(world: World) -> None:
    edit(world, "ยังไม่ประกาศผล", "outcome")
    with world.write():
        db.session.add(Assessment(year=2569, scores={"1": 93.5}))
    assert cell_of(world, "outcome").stale


def test_the_edited_text_is_in_the_frozen_value(world: World) -> None:
    edit(world, "ไม่มีข้อร้องเรียน", "problems")
    settle(world, NOW)
    with world.write():
        row = reporting.close(plan_of(), UNSIGNED, now=NOW, by=world.actor("coordinator", NOW))
        assert from_json(row.frozen).problems.rows[0][2] == "ไม่มีข้อร้องเรียน"
    with pytest.raises(Refused, match="ยังเป็นร่าง"):
        edit(world, "สาย")


@pytest.mark.parametrize("text", ["", " \r\n ", "ก" * 10_001])
def test_a_cell_is_neither_emptied_nor_overfilled(world: World, text: str) -> None:
    with pytest.raises(FieldsRefused):
        edit(world, text)
    assert cell_of(world).edit is None


@pytest.mark.parametrize(("cell", "item_id"), [("heading", 1), ("result", 99)])
def test_other_cells_are_not_found(world: World, cell: str, item_id: int) -> None:
    with pytest.raises(NotFound):
        edit(world, "ข้อความ", cell, item_id)


def test_a_year_is_not_closed_while_something_must_be_mended(world: World) -> None:
    report(world, group_of(world, quarter=2), result="รอตรวจ")
    assert codes(world)[0] == {"late", "waiting", "follow_ups"}
    with pytest.raises(Refused, match="ยังปิดรายงานไม่ได้ ต้องแก้ก่อน 3 ข้อ"), world.write():
        reporting.close(plan_of(), UNSIGNED, now=NOW, by=world.actor("coordinator", NOW))
    approve(world, group_of(world, quarter=2))
    settle(world, NOW)
    assert codes(world)[0] == set()
    with world.write():
        reporting.close(plan_of(), UNSIGNED, now=NOW, by=world.actor("coordinator", NOW))
    with world.read():
        db.session.rollback()
        frozen = from_json(db.session.scalars(select(Report.frozen)).one())
        assert {row[4] for row in frozen.unfinished.rows} == {"ไม่แล้วเสร็จเพราะเหตุสมมุติ"}


def test_a_reason_can_be_taken_back(world: World) -> None:
    settle(world, NOW)
    with world.write():
        [late] = [one for one in reporting.under_way(plan_of(), now=NOW).readiness.look if one.code == "late"]
        assert late.answer
        reporting.answer_finding(plan_of(), late, "", now=NOW, by=world.actor("coordinator", NOW))
    assert codes(world)[0] == {"late"}
    assert chain_faults(world) == []


def test_a_fallen_score_needs_an_explanation_in_the_outcome(world: World) -> None:
    with world.write():
        db.session.add_all(
            [Assessment(year=2568, scores={"1": 95.0}), Assessment(year=2569, scores={"1": 90.0})]
        )
    assert "fallen" in codes(world)[0]
    edit(world, cell_of(world, "outcome").proposal + "\nเพราะเปลี่ยนระบบบริการ", "outcome")
    assert "fallen" not in codes(world)[0]
    edit(world, "เปลี่ยนระบบบริการ", "outcome")
    assert "fallen" in codes(world)[0]


def test_addresses_and_explanations_are_kept_for_each_item(world: World) -> None:
    def publish(addresses: str, explanation: str = "") -> None:
        with world.write():
            by = world.actor("coordinator", NOW)
            reporting.publish_at(plan_of(), {"annual": (addresses, explanation)}, now=NOW, by=by)

    for text in ("javascript:alert(1)", "www.tuayang.example", "https://", "http://[x", "https://a.b " * 900):
        with pytest.raises(FieldsRefused) as refused:
            publish(text)
        assert set(refused.value.fields) == {"addresses_annual"}
    publish(" https://tuayang.example/ita/o26 \n\nhttps://tuayang.example/2", "เปิดเมนู ITA")
    with world.read():
        places = reporting.places_of(plan_of())
        db.session.rollback()
    assert [(one.document, one.year, one.item) for one in places] == [
        ("plan", 2569, "o25"),
        ("annual", 2570, ""),
    ]
    assert places[1].addresses == "https://tuayang.example/ita/o26\nhttps://tuayang.example/2"
    assert places[1].explanation == "เปิดเมนู ITA"
    assert places[0].addresses == ""
    [website] = [one for one in under_way(world).readiness.look if one.code == "website"]
    assert "o25" in str(website.title)
    assert "2570" not in str(website.title)
    with world.write():
        by = world.actor("coordinator", NOW)
        reporting.publish_at(plan_of(), {"plan": ("https://tuayang.example/o25", "")}, now=NOW, by=by)
    assert "website" not in codes(world)[1]
    assert chain_faults(world) == []


def test_public_evidence_whose_name_tells_of_a_person_is_found(world: World) -> None:
    private = prove(world, group_of(world), "สำเนาบัตรประชาชน.pdf")
    harmless = prove(world, group_of(world), "ภาพกิจกรรม.pdf")
    assert "personal" not in codes(world)[1]

    def show(ids: set[int]) -> int:
        with world.write():
            return reporting.show_evidence(plan_of(), ids, now=NOW, by=world.actor("coordinator", NOW))

    assert show({private, harmless, 999}) == 2
    assert "personal" in codes(world)[1]
    assert show({harmless}) == 1
    assert "personal" not in codes(world)[1]
    assert show({private, harmless}) == 2
    check(world, private)
    assert "personal" not in codes(world)[1]
    check(world, private, False)
    assert "personal" in codes(world)[1]
    check(world, private)
    with world.write():
        proving.describe(
            db.session.get_one(Evidence, private), "สำเนาบัตรอีกใบ", True, now=NOW, by=world.actor("head0")
        )
    assert "personal" in codes(world)[1]
    with pytest.raises(NotFound):
        check(world, 999)
    with world.read():
        told = db.session.scalars(select(JournalEntry.deed).where(JournalEntry.subject_id == private)).all()
        db.session.rollback()
    assert [deed for deed in told if "checked" in deed] == [
        "evidence.checked",
        "evidence.unchecked",
        "evidence.checked",
    ]
    show({harmless})
    with world.read():
        assert db.session.scalars(select(Evidence.id).where(Evidence.public)).all() == [harmless]


def test_a_done_item_without_evidence_or_reason_must_be_mended(world: World) -> None:
    for place in range(2):
        group = group_of(world, place=place, quarter=2 if place == 0 else 1)
        report(world, group, Claim.COMPLETE, who=f"head{place}", no_evidence_reason="เอกสารอยู่ที่ห้องคลัง")
        approve(world, group)
    assert "unproved" not in codes(world)[0]


def test_the_six_month_report_tells_of_the_first_half_only(world: World) -> None:
    with world.write():
        plan = world.add_plan(
            [(1, [2], date(2027, 6, 1), date(2027, 6, 30)), (1, [0], date(2026, 10, 1), date(2027, 9, 30))],
            fiscal_year=2570,
        )
        planning.adopt(plan, now=at("2026-10-02"), by=world.actor("coordinator", NOW))
    with world.read():
        db.session.rollback()
        first, second = db.session.scalars(select(Plan).order_by(Plan.fiscal_year))
        half = reporting.paper_of(first, "six-month", now=NOW)
        draft = reporting.paper_of(second, "six-month", now=NOW)
        plan_paper = reporting.paper_of(second, "plan", now=NOW)
        memo = reporting.paper_of(first, "memo", now=NOW)
        db.session.rollback()
    assert not half.draft
    rows = grid(half, "progress")
    assert rows[0][4].startswith("จัดทำคู่มือแล้ว")
    assert rows[0][5] == "อยู่ระหว่างดำเนินการ"
    assert draft.draft
    assert grid(draft, "progress")[0][2:6] == ("กองช่าง", "๑ มิ.ย. ๒๕๗๐ - ๓๐ มิ.ย. ๒๕๗๐", "-", "ยังไม่ถึงกำหนด")
    assert grid(plan_paper, "measures")[0][5] == "กองช่าง"
    assert not plan_paper.draft
    assert memo.draft
    assert memo.paper().signatures[2][-1] == "นายกองค์การบริหารส่วนตำบล"


def grid(value: Printable, name: str) -> tuple[tuple[str, ...], ...]:
    [found] = [block for block in value.paper().blocks if isinstance(block, Grid) and block.name == name]
    return found.rows
