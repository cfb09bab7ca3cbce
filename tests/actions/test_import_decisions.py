"""What decisions make of a document that was read, without pages and without a database where none is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World, at
from tracker.actions import deciding, importing
from tracker.database import db
from tracker.models import Division, Plan, PlanReading
from tracker.reading import plan as reader
from tracker.reading.decisions import (
    KEPT,
    PROPOSAL,
    Decisions,
    Naming,
    RowEdit,
    decided,
    doubts,
    key_of,
    late_doubts,
    proposed_naming,
)
from tracker.reading.likely import likely_division
from tracker.reading.values import ReadPlan, ReadRow
from tracker.rules.thai import letters

NOW = at("2025-10-03")
HEADINGS = ("ตัวชี้วัด", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ", "การติดตามผล")
GOOD = ("การใช้งบประมาณ", "จัดทำสรุปผล", "รวบรวมข้อมูล", "ต.ค. ๖๘ - ก.ย. ๖๙", "กองคลัง", "ทุกไตรมาส")
NAMES = ("สำนักปลัด", "กองคลัง", "กองช่าง")


def document(*rows: tuple[str, ...], title: str = "มาตรการ ประจำปีงบประมาณ พ.ศ. ๒๕๖๙") -> bytes:
    """A plan as text with tabs."""
    return "\n".join([title, *("\t".join(row) for row in (HEADINGS, *rows)), ""]).encode()


def row_with(**cells: str) -> tuple[str, ...]:
    places = {"heading": 0, "measure": 1, "steps": 2, "window": 3, "responsible": 4, "follow_up": 5}
    cut = list(GOOD)
    for name, text in cells.items():
        cut[places[name]] = text
    return tuple(cut)


def read(*rows: tuple[str, ...], year: int | None = None, title: str | None = None) -> ReadPlan:
    data = document(*rows) if title is None else document(*rows, title=title)
    return reader.read(data, "plan.txt", year, NAMES)


def divisions() -> list[Division]:
    return [Division(name=name, aliases=[], coordinates=place == 0) for place, name in enumerate(NAMES)]


def understood(plan: ReadPlan, decisions: Decisions, year: int | None = None) -> importing.Draft:
    return importing.understand(plan, divisions(), fiscal_year=year, decisions=decisions)


def test_a_good_document_leaves_no_question() -> None:
    draft = understood(read(GOOD), Decisions())

    assert draft.questions == ()
    assert draft.items[0].divisions == ("กองคลัง",)


@pytest.mark.parametrize(
    ("naming", "names", "new"),
    [
        (Naming("งานพัสดุฯ", "กองคลัง"), ("กองคลัง",), ()),
        (Naming("งานพัสดุฯ", "กองพัสดุ", new=True), ("กองพัสดุ",), ("กองพัสดุ",)),
    ],
)
def test_an_unknown_name_is_mapped_once_for_all_rows(
    naming: Naming, names: tuple[str, ...], new: tuple[str, ...]
) -> None:
    plan = read(row_with(responsible="งานพัสดุฯ"), row_with(heading="การใช้อำนาจ", responsible="งานพัสดุฯ"))

    assert [question.code for question in understood(plan, Decisions()).questions] == ["name", "name"]
    draft = understood(plan, Decisions().naming(naming))

    assert draft.questions == ()
    assert [item.divisions for item in draft.items] == [names, names]
    assert draft.new_divisions == new


def test_a_name_that_is_nobody_leaves_its_row_without_anyone() -> None:
    plan = read(row_with(responsible="คณะกรรมการ ก."))
    name = plan.rows[0].responsible[0].text

    draft = understood(plan, Decisions().naming(Naming(name, "")))

    assert [question.code for question in draft.questions] == ["responsible"]


def test_a_mapping_to_a_division_that_has_ended_is_asked_again() -> None:
    plan = read(row_with(responsible="งานพัสดุฯ"))

    draft = understood(plan, Decisions().naming(Naming("งานพัสดุฯ", "กองที่ยุบไปแล้ว")))

    assert [question.code for question in draft.questions] == ["name"]


def test_everyone_means_the_new_divisions_too() -> None:
    plan = read(row_with(responsible="ทุกกอง"), row_with(heading="การใช้อำนาจ", responsible="งานพัสดุฯ"))

    draft = understood(plan, Decisions().naming(Naming("งานพัสดุฯ", "กองพัสดุ", new=True)))

    assert draft.items[0].divisions == (*NAMES, "กองพัสดุ")


def test_an_edited_row_replaces_what_was_read_and_nothing_else() -> None:
    edited = Decisions().editing(
        1,
        measures=("ก", "ข"),
        start="2026-01-01",
        end="2026-03-31",
        everyone=False,
        divisions=("กองช่าง",),
        follow_up="monthly",
        topic=5,
        indicator=0,
        heading="หัวข้อใหม่",
    )

    [item] = understood(read(GOOD), edited).items

    assert [measure.title for measure in item.row.measures] == ["ก", "ข"]
    assert (item.start, item.end) == (date(2026, 1, 1), date(2026, 3, 31))
    assert item.divisions == ("กองช่าง",)
    assert item.row.follow_up is not None
    assert (item.row.follow_up.kind, item.row.follow_up.text) == ("monthly", "ทุกไตรมาส")
    assert (item.row.heading, item.row.topic, item.row.indicator) == ("หัวข้อใหม่", 5, None)
    assert item.row.steps == ("รวบรวมข้อมูล",)


def test_a_row_that_is_left_out_asks_nothing_and_keeps_the_numbers_of_the_others() -> None:
    plan = read(row_with(window="-"), row_with(heading="การใช้อำนาจ"))

    draft = understood(plan, Decisions().editing(1, left_out=True))

    assert draft.questions == ()
    assert [item.number for item in draft.items] == [2]


def test_open_follow_ups_are_decided_in_bulk_and_written_ones_stay() -> None:
    plan = read(row_with(follow_up=""), row_with(heading="การใช้อำนาจ"))

    items = understood(plan, replace(Decisions(), follow_ups="on_completion")).items

    assert [item.row.follow_up.kind for item in items if item.row.follow_up] == ["on_completion", "quarterly"]


def test_a_window_of_another_year_is_proposed_in_the_year_and_moved_only_when_taken() -> None:
    plan = read(GOOD, row_with(heading="การใช้อำนาจ", window="ม.ค.-มี.ค.๖๘"))
    [problem] = [one for one in doubts(2, plan.rows[1], 2569) if one.code == "year_mismatch"]

    assert problem.proposal == {"start": "2026-01-01", "end": "2026-03-31"}
    for answer, start in ((KEPT, date(2025, 1, 1)), (PROPOSAL, date(2026, 1, 1))):
        row = decided(2, plan.rows[1], Decisions().answering(key_of(2, problem), answer), 2569)
        assert row is not None
        assert row.window is not None
        assert row.window.start == start


def test_a_window_longer_than_a_year_is_asked_for() -> None:
    plan = read(row_with(window="ต.ค. ๖๘ - ธ.ค. ๖๙"), title="มาตรการ ประจำปีงบประมาณ พ.ศ. ๒๕๖๙")

    [question] = understood(plan, Decisions(), 2569).questions

    assert question.code == "window"
    assert question.proposal == {"start": "2025-10-01", "end": "2026-09-30"}


def test_report_months_before_a_window_that_was_decided_are_doubted_then() -> None:
    plan = read(row_with(window="เมื่อมีเวลา", follow_up="รายงานผลในการประชุม เดือน เม.ย.๖๕"))
    decisions = Decisions().editing(1, start="2025-10-01", end="2026-09-30")
    row = decided(1, plan.rows[0], decisions, 2569)
    assert row is not None

    [problem] = late_doubts(1, plan.rows[0], row)
    [item] = understood(plan, decisions.answering(key_of(1, problem), PROPOSAL)).items

    assert item.follow_up_months == ("2026-04",)


def test_a_report_of_results_is_no_plan_unless_a_person_says_so() -> None:
    plan = replace(read(GOOD), kind="results")

    assert [question.code for question in understood(plan, Decisions()).questions] == ["results"]
    assert understood(plan, Decisions(as_plan=True)).questions == ()
    assert importing.understand(plan, divisions()).questions == ()


def test_references_come_from_topic_and_indicator_and_may_be_unticked() -> None:
    row = ReadRow(topic=5, indicator=2)
    plan = replace(
        read(GOOD),
        assessment_year=2568,
        rows=(replace(read(GOOD).rows[0], topic=5, indicator=2),),
    )
    [item] = understood(plan, Decisions()).items
    assert item.references[0] == "indicator:2"
    assert {"question:i4", "question:o13"} <= set(item.references)

    [item] = understood(plan, Decisions().editing(1, references=("indicator:2",))).items
    assert item.references == ("indicator:2",)
    assert row.topic == plan.rows[0].topic


def test_a_missing_year_is_asked_for_and_answered() -> None:
    plan = read(row_with(window="ตลอดปี"), title="มาตรการ")
    assert "year" in [question.code for question in understood(plan, Decisions()).questions]

    again = read(row_with(window="ตลอดปี"), title="มาตรการ", year=2570)
    draft = understood(again, Decisions(), 2570)

    assert draft.questions == ()
    assert draft.items[0].start == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("text", "division", "new"),
    [
        ("งานพัสดุฯ", "กองคลัง", False),
        ("นายช่างโยธา", "กองช่าง", False),
        ("กองสวัสดิการสังคม", "กองสวัสดิการสังคม", True),
    ],
)
def test_a_name_is_proposed_a_division(text: str, division: str, new: bool) -> None:
    naming = proposed_naming(text, NAMES)

    assert naming is not None
    assert (naming.division, naming.new) == (division, new)


def test_nothing_is_proposed_for_a_name_that_says_nothing() -> None:
    assert likely_division("คณะกรรมการกลาง", NAMES) is None


texts = st.text("กขคงabc 123", min_size=1, max_size=8)
edits = st.builds(
    RowEdit,
    left_out=st.booleans(),
    heading=st.none() | texts,
    topic=st.none() | st.integers(0, 7),
    measures=st.none() | st.lists(texts, max_size=3).map(tuple),
    divisions=st.none() | st.lists(texts, max_size=3).map(tuple),
    everyone=st.none() | st.booleans(),
)
made = st.builds(
    Decisions,
    as_plan=st.booleans(),
    names=st.lists(st.builds(Naming, texts, texts, st.booleans(), st.booleans())).map(
        lambda namings: {letters(naming.text): naming for naming in namings}
    ),
    edits=st.dictionaries(st.integers(1, 9), edits, max_size=3),
    answers=st.dictionaries(texts, st.sampled_from([KEPT, PROPOSAL]), max_size=3),
    follow_ups=st.none() | st.just("monthly"),
    dropped=st.lists(st.integers(1, 4), unique=True).map(tuple),
    dropped_reason=texts,
)


@given(decisions=made)
def test_decisions_are_kept_and_come_back_the_same(decisions: Decisions) -> None:
    assert Decisions.from_json(decisions.to_json()) == decisions


def test_the_same_document_again_goes_on_with_its_decisions(world: World) -> None:
    with world.write():
        by = world.actor("coordinator")
        first = deciding.begin(document(GOOD), "plan.txt", None, now=NOW, by=by)
        deciding.keep(first, replace(Decisions(), follow_ups="monthly"), None)
        again = deciding.begin(document(GOOD), "other.txt", 2570, now=NOW, by=by)

        assert again.id == first.id
        assert deciding.decisions_of(again).follow_ups == "monthly"
        assert again.fiscal_year == 2570


def test_another_organisation_keeps_its_own_reading_of_the_same_file(world: World) -> None:
    neighbour = World(world.app, slug="neighbour")
    for one in (world, neighbour):
        with one.write():
            deciding.begin(document(GOOD), "plan.txt", None, now=NOW, by=one.actor("coordinator"))
    for one in (world, neighbour):
        with one.read():
            assert len(deciding.open_readings()) == 1
            db.session.rollback()


def test_a_name_is_remembered_once_and_only_if_it_was_used(world: World) -> None:
    decisions = (
        Decisions()
        .naming(Naming("งานพัสดุฯ", "กองคลัง", remember=True))
        .naming(Naming("งานธุรการ", "สำนักปลัด", remember=True))
        .naming(Naming("งานโยธา", "กองช่าง"))
    )
    with world.write():
        by = world.actor("coordinator")
        for _time in range(2):
            deciding.learn_names(decisions, ["งานพัสดุฯ", "งานโยธา"], now=NOW, by=by)
    with world.read():
        aliases = {one.name: one.aliases for one in db.session.query(Division)}
        db.session.rollback()
    assert aliases["กองคลัง"] == ["งานพัสดุฯ"]
    assert aliases["สำนักปลัด"] == aliases["กองช่าง"] == []


def test_understanding_writes_nothing(world: World) -> None:
    with world.read():
        importing.understand(read(GOOD), divisions(), decisions=Decisions())
        assert db.session.query(Plan).count() == db.session.query(PlanReading).count() == 0
        db.session.rollback()
