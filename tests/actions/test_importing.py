"""From what was read to a draft plan: whom it names, what blocks, and the counts of real documents."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests import documents
from tests.world import World, at
from tracker.actions import importing, organising, planning
from tracker.actions.importing import Draft, Undecided
from tracker.database import db
from tracker.errors import Refused
from tracker.models import Assessment, Division, Measure, Plan, PlanItem, ScoreReference, Step, Task
from tracker.reading import plan as reader

NOW = at("2025-10-06")


def understood(*rows: tuple[str, ...], **choices: bool) -> Draft:
    """The small plan of our own, understood in the organisation of the scope."""
    divisions = planning.divisions()
    read = reader.read(documents.text(*rows), "แผน.txt", divisions=importing.known_names(divisions))
    return importing.understand(read, divisions, **choices)


def asked(draft: Draft) -> list[tuple[int, str]]:
    return [(question.row, str(question.message)) for question in draft.questions]


def counted(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_understanding_changes_nothing(world: World) -> None:
    with world.read():
        before = counted(Division), counted(Plan)
        draft = understood(create_divisions=True)
        assert (counted(Division), counted(Plan)) == before
        assert not db.session.new
    assert draft.questions == ()


def test_everyone_means_every_division_also_the_new_ones(world: World) -> None:
    with world.read():
        names = tuple(division.name for division in planning.divisions())
        draft = understood(create_divisions=True)
    assert draft.new_divisions == (documents.NEW_DIVISION,)
    assert draft.items[0].divisions == (*names, documents.NEW_DIVISION)
    assert draft.items[2].divisions == (documents.NEW_DIVISION,)


def test_an_unknown_division_is_asked_about_unless_it_may_be_added(world: World) -> None:
    with world.read():
        draft = understood()
        assert asked(draft) == [(3, f"ไม่รู้จักผู้รับผิดชอบ “{documents.NEW_DIVISION}”")]
        assert draft.new_divisions == ()


def test_whom_no_division_can_be_made_of_stays_a_question(world: World) -> None:
    with world.read():
        draft = understood((*documents.HEALTH[:4], "นายสมมุติ", ""), create_divisions=True)
    assert [(row, "นายสมมุติ" in told) for row, told in asked(draft)] == [(1, True)]


def test_a_division_is_known_by_its_alias_and_however_it_is_spaced(world: World) -> None:
    with world.read():
        draft = understood(
            (*documents.FINANCE[:4], "ตรวจสอบภายใน", "ทุกไตรมาส"), (*documents.HEALTH[:4], "กอง คลัง", "")
        )
    assert [item.divisions for item in draft.items] == [("หน่วยตรวจสอบภายใน",), ("กองคลัง",)]


def test_the_organisation_s_own_name_means_the_division_that_coordinates(world: World) -> None:
    with world.read():
        draft = understood((*documents.FINANCE[:4], "องค์การบริหารส่วนตำบลตัวอย่าง", ""))
    assert [item.divisions for item in draft.items] == [("สำนักปลัด",)]


@pytest.mark.parametrize(
    ("place", "words", "told"),
    [(1, "", "มาตรการ"), (3, "เร็ว ๆ นี้", "เวลา"), (3, "", "เวลา"), (4, "", "ผู้รับผิดชอบ")],
)
def test_what_a_plan_cannot_do_without_is_asked_for(world: World, place: int, words: str, told: str) -> None:
    row = [*documents.FINANCE]
    row[place] = words
    with world.read():
        draft = understood(documents.EVERYONE, tuple(row))
        if len(draft.read.rows) == 2:
            assert [number for number, _sentence in asked(draft)] == [2]
            assert told in asked(draft)[0][1]


def test_without_a_year_or_a_table_there_is_no_plan(world: World) -> None:
    with world.read():
        read = reader.read("เรียน ผู้เกี่ยวข้อง".encode(), "จดหมาย.txt")
        draft = importing.understand(read, planning.divisions())
    assert [row for row, _sentence in asked(draft)] == [0, 0]


def test_a_draft_is_stored_as_it_was_understood(world: World) -> None:
    with world.write():
        draft = understood(create_divisions=True)
        for name in draft.new_divisions:
            organising.add_division(name, now=NOW, by=world.actor("coordinator"))
        plan = importing.save(draft, "a" * 64, now=NOW, by=world.actor("coordinator"))
        plan_id = plan.id
    with world.read():
        stored = db.session.get(Plan, plan_id)
        assert stored is not None
        assert (stored.fiscal_year, stored.source_name, stored.source_sha256) == (2569, "แผน.txt", "a" * 64)
        items = planning.items_of(stored)
        assert [(item.number, item.heading, item.indicator) for item in items] == [
            (1, "การปฏิบัติหน้าที่", 1),
            (2, "การใช้งบประมาณ", 2),
            (3, "การใช้อำนาจ", 3),
        ]
        assert [item.everyone for item in items] == [True, False, False]
        assert [item.follow_up_kind for item in items] == ["six_twelve", "quarterly", "unspecified"]
        assert [len(item.divisions) for item in items] == [6, 1, 1]
        assert items[1].window_text == documents.FINANCE[3]
        assert (counted(Measure), counted(Step), counted(ScoreReference)) == (3, 3, 3)
        assert counted(Task) == 0


def test_a_year_has_one_plan(world: World) -> None:
    def keep() -> None:
        with world.write():
            importing.save(understood(documents.EVERYONE), now=NOW, by=world.actor("coordinator"))

    keep()
    with pytest.raises(Refused, match="2569 มีแผนอยู่แล้ว"):
        keep()
    with world.read():
        db.session.rollback()
        assert (counted(Plan), counted(PlanItem)) == (1, 1)


def test_an_open_question_stores_nothing(world: World) -> None:
    with pytest.raises(Undecided, match="1 เรื่อง"), world.write():
        importing.save(understood(), now=NOW, by=world.actor("coordinator"))
    with world.read():
        db.session.rollback()
        assert counted(Plan) == 0


# What adopting a real document makes in five divisions: tasks, forms, tasks in each quarter.
ADOPTED = {
    "000": (196, 116, [67, 67, 31, 31]),
    "003": (52, 28, [13, 13, 13, 13]),
    "004": (90, 90, [10, 28, 27, 25]),
}


@pytest.mark.parametrize("document", ADOPTED)
def test_a_real_document_becomes_the_work_of_five_divisions(
    world: World, real_documents: Path, document: str
) -> None:
    path = next(real_documents.glob(f"{document}_*.txt"))
    with world.write():
        divisions = planning.divisions()
        read = reader.read(path, divisions=importing.known_names(divisions))
        draft = importing.understand(read, divisions)
        assert draft.new_divisions == ()
        assert draft.fiscal_year is not None
        adopted = at(f"{draft.fiscal_year - 544}-10-01")
        plan = importing.save(draft, now=adopted, by=world.actor("coordinator"))
        forecast = planning.forecast(planning.planned_items(planning.items_of(plan)), adopted.date())
        planning.adopt(plan, now=adopted, by=world.actor("coordinator"))
        tasks = [(task.item_id, task.division_id, task.quarter) for task in db.session.scalars(select(Task))]
        scores = db.session.scalars(select(Assessment)).all()
        quarters = Counter(quarter for *_, quarter in tasks)
        assert (len(tasks), len(set(tasks)), [quarters[number] for number in range(1, 5)]) == ADOPTED[
            document
        ]
        assert (forecast.tasks, forecast.forms) == ADOPTED[document][:2]
        assert list(forecast.tasks_by_quarter.values()) == ADOPTED[document][2]
        assert [row.year for row in scores] == ([read.assessment_year] if read.scores.indicators else [])
