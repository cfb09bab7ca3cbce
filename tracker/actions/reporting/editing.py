"""Lets the coordinator overwrite cells of the report, beside what they would say of themselves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker import journal
from tracker.actions.reporting.gathering import inputs_of, speaker
from tracker.database import db
from tracker.errors import FieldsRefused, Message, NotFound, Refused
from tracker.models import Plan, PlanState, ReportEdit
from tracker.rules.annual import CELLS, proposal
from tracker.rules.cells import Cell, Say
from tracker.rules.cells import sources as sources_of
from tracker.rules.frozen import finish
from tracker.rules.official import heading_of
from tracker.rules.permissions import Actor
from tracker.rules.report_inputs import Item, ReportInputs

LONGEST = 10_000


@dataclass(frozen=True)
class Edit:
    """What was written over a cell; `proposal` is what the cell said of itself then."""

    text: str
    at: datetime
    proposal: str


@dataclass(frozen=True)
class EditedCell:
    """A cell of the draft: what it says of itself now, and what was written over it.

    It is `stale` where its sources changed since.
    """

    item_id: int
    heading: str
    cell: Cell
    proposal: str
    sources: str
    edit: Edit | None = None
    stale: bool = False

    @property
    def text(self) -> str:
        return self.edit.text if self.edit else self.proposal


def cells_of(inputs: ReportInputs, say: Say) -> list[EditedCell]:
    """Every cell that may be overwritten, by item in the order of the report; texts as the report prints them."""
    edits = {
        (edit.item_id, edit.cell): edit
        for edit in db.session.scalars(
            select(ReportEdit).where(ReportEdit.item_id.in_([item.id for item in inputs.items]))
        )
    }
    return [
        _cell(item, cell, edits.get((item.id, cell)), inputs, say) for item in inputs.items for cell in CELLS
    ]


def _cell(item: Item, cell: Cell, row: ReportEdit | None, inputs: ReportInputs, say: Say) -> EditedCell:
    sources = _sources(cell, item)
    return EditedCell(
        item_id=item.id,
        heading=heading_of(item, say),
        cell=cell,
        proposal=finish(proposal(cell, item, inputs.draft, say), inputs.thai_digits),
        sources=sources,
        edit=Edit(row.text, row.at, row.proposal) if row else None,
        stale=row is not None and row.sources != sources,
    )


def edit_cell(plan: Plan, item_id: int, cell: str, text: str, *, now: datetime, by: Actor) -> ReportEdit:
    """Print `text` in a cell in the place of its proposal, until it is restored."""
    edited = _open_cell(plan, item_id, cell, now)
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise FieldsRefused({"text": Message("กรุณาเขียนข้อความ หรือกดกลับไปใช้ข้อความที่ระบบรวบรวม")})
    if len(text) > LONGEST:
        raise FieldsRefused({"text": Message("ข้อความยาวเกิน %(limit)s ตัวอักษร", {"limit": LONGEST})})
    edit = _row(item_id, cell)
    if edit is None:
        edit = ReportEdit(item_id=item_id, cell=cell)
        db.session.add(edit)
    edit.text, edit.at, edit.by_user_id = text, now, by.user_id
    edit.proposal, edit.sources = edited.proposal, edited.sources
    db.session.flush()
    journal.record("report.cell_edited", "plan_item", item_id, now=now, by=by, cell=cell)
    return edit


def restore_cell(plan: Plan, item_id: int, cell: str, *, now: datetime, by: Actor) -> None:
    """Print the proposal again; nothing happens where the cell was not overwritten."""
    _open_cell(plan, item_id, cell, now)
    edit = _row(item_id, cell)
    if edit is None:
        return
    db.session.delete(edit)
    db.session.flush()
    journal.record("report.cell_restored", "plan_item", item_id, now=now, by=by, cell=cell)


def _open_cell(plan: Plan, item_id: int, cell: str, now: datetime) -> EditedCell:
    if plan.state is not PlanState.ADOPTED:
        raise Refused("แก้ข้อความในรายงานได้เฉพาะเมื่อรายงานยังเป็นร่าง")
    inputs = inputs_of(plan, now=now, is_draft=True)
    found = [one for one in cells_of(inputs, speaker()) if (one.item_id, one.cell) == (item_id, cell)]
    if not found:
        raise NotFound("ไม่พบช่องนี้ในรายงาน")
    return found[0]


def _row(item_id: int, cell: str) -> ReportEdit | None:
    return db.session.scalars(
        select(ReportEdit).where(ReportEdit.item_id == item_id, ReportEdit.cell == cell)
    ).one_or_none()


def _sources(cell: Cell, item: Item) -> str:
    """A hash of who says what, so that approving or printing alone changes nothing."""
    told: object
    if cell == "outcome":
        scores = [[score.name, score.before, score.after] for score in item.scores]
        told = [scores, sorted(item.outcome_notes)]
    else:
        told = sources_of(cell, item.texts, item.answers)
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
