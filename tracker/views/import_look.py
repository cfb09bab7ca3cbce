"""An uploaded document with all that is decided about it, looked at without keeping anybody waiting."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from itertools import count

from sqlalchemy import select

from tracker import clock
from tracker.actions import deciding, importing, planning
from tracker.actions.importing import Draft
from tracker.database import current_organisation, db
from tracker.errors import Message
from tracker.models import Assessment, PlanReading
from tracker.reading.decisions import Decisions
from tracker.rules.differences import Entry, Title
from tracker.rules.rounds import FollowUpRule
from tracker.views.import_lines import Looked

STALE = Message("เอกสารหรือคำตอบเปลี่ยนไปแล้ว กรุณาดูหน้านี้อีกครั้ง")


@dataclass(frozen=True)
class Seen:
    """What a person saw and confirms: the year, the decisions, the register of divisions and how many tasks."""

    year: int | None
    decisions: Decisions
    register: str
    tasks: int = 0

    def same(self, other: Seen) -> bool:
        return replace(self, tasks=0) == replace(other, tasks=0)

    def to_json(self) -> str:
        return json.dumps(
            [self.year, self.decisions.to_json(), self.register, self.tasks], ensure_ascii=False
        )

    @classmethod
    def from_json(cls, text: str) -> Seen | None:
        """What a form carried; None where it carried nothing of the kind."""
        try:
            year, decisions, register, tasks = json.loads(text)
            return cls(
                year if year is None else int(year),
                Decisions.from_json(decisions),
                str(register),
                int(tasks),
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            return None


def look(document: PlanReading) -> Looked:
    """The document with its decisions; raises Unreadable, NotFound where its file is gone."""
    return look_with(document, document.fiscal_year, deciding.decisions_of(document))


def look_with(document: PlanReading, year: int | None, decisions: Decisions) -> Looked:
    """The document with this year and these decisions in place of its own."""
    divisions = planning.divisions()
    read = deciding.opened(document.sha256, document.name, year, importing.known_names(divisions)).plan
    draft = importing.understand(read, divisions, fiscal_year=year, decisions=decisions)
    taken = importing.year_taken(draft.fiscal_year)
    policy = current_organisation().follow_up_policy
    return Looked(
        draft=draft,
        decisions=decisions,
        divisions=divisions,
        today=clock.today(),
        policy=policy,
        chosen_year=year,
        taken=taken.state if taken else None,
        scores_known=db.session.scalar(select(Assessment.id).where(Assessment.year == read.assessment_year))
        is not None,
    )


def again(looked: Looked, decisions: Decisions) -> Looked:
    """The same document with other decisions."""
    draft = importing.understand(
        looked.draft.read, looked.divisions, fiscal_year=looked.chosen_year, decisions=decisions
    )
    return replace(looked, draft=draft, decisions=decisions)


def seen_now(document: PlanReading, tasks: int = 0) -> Seen:
    """What somebody sees who looks at the document now."""
    told = json.dumps([[one.id, one.name, one.aliases] for one in planning.divisions()])
    register = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Seen(document.fiscal_year, deciding.decisions_of(document), register, tasks)


def entries(draft: Draft) -> list[Entry]:
    """The draft as it is compared with a plan in force."""
    keys = count(1)
    return [
        Entry(
            key=place,
            measures=tuple(Title(next(keys), measure.title) for measure in item.row.measures),
            divisions=item.divisions,
            start=item.start,
            end=item.end,
            heading=item.row.heading or "",
            topic=item.row.topic,
            indicator=item.row.indicator,
            analysis=item.row.analysis or "",
            steps=item.row.steps,
            targets=item.row.targets,
            everyone=item.row.everyone,
            follow_up=FollowUpRule(
                item.row.follow_up.kind if item.row.follow_up else "unspecified",
                item.row.follow_up.n if item.row.follow_up else None,
                tuple(item.follow_up_months),
            ),
            responsible_text=" / ".join(one.text for one in item.row.responsible),
            window_text=item.row.window.text if item.row.window else "",
            follow_up_text=item.row.follow_up.text if item.row.follow_up else "",
        )
        for place, item in enumerate(draft.items, 1)
    ]
