"""What became of a group: who reported, decided, moved its due day or took a decision back, when and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select

from tracker import groups
from tracker.database import db
from tracker.groups import Group
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.models import Decision, EvidenceUse, JournalEntry, Submission, Task
from tracker.views.journal_words import Names, deed_words

_JOURNALLED = {
    "approve": "group.approved",
    "send_back": "group.sent_back",
    "reopen": "group.reopened",
    "move_due_day": "group.due_day_moved",
    "cancel": "task.cancelled",
}
Decisions = Mapping[tuple[datetime, int], Decision]


@dataclass(frozen=True)
class Past:
    """Something that happened: what in a few words, and `words` that say more about it."""

    at: datetime
    who: str
    what: str
    words: tuple[str, ...]


def history(tasks: Sequence[Task], attempts: Sequence[Submission]) -> list[Past]:
    """What happened with the tasks of a group, the newest first."""
    entries = _entries(tasks, attempts)
    decisions = _decisions({entry.at for entry in entries}, {task.id for task in tasks})
    if taken_back := {decision.id for decision in decisions.values() if decision.undone_at is not None}:
        undone = select(JournalEntry).where(
            JournalEntry.subject_kind == "decision", JournalEntry.subject_id.in_(taken_back)
        )
        entries += db.session.scalars(undone)
    names = Names()
    return [
        Past(
            entry.at,
            names.actor(entry.actor),
            deed_words(entry.deed),
            tuple(_words(entry, tasks, attempts, decisions)),
        )
        for entry in sorted(entries, key=lambda entry: entry.number, reverse=True)
    ]


def _entries(tasks: Sequence[Task], attempts: Sequence[Submission]) -> list[JournalEntry]:
    first = tasks[0]
    here = Group(first.item_id, first.division_id, first.quarter)
    proofs = select(EvidenceUse.evidence_id).where(groups.of(EvidenceUse, here))
    return list(
        db.session.scalars(
            select(JournalEntry).where(
                or_(
                    and_(
                        JournalEntry.subject_kind == "submission",
                        JournalEntry.subject_id.in_([attempt.id for attempt in attempts]),
                    ),
                    and_(
                        JournalEntry.subject_kind == "task",
                        JournalEntry.subject_id.in_([task.id for task in tasks]),
                    ),
                    and_(
                        JournalEntry.subject_kind == "evidence",
                        JournalEntry.deed == "evidence.withdrawn",
                        JournalEntry.subject_id.in_(proofs),
                    ),
                )
            )
        )
    )


def _decisions(moments: set[datetime], tasks: set[int]) -> Decisions:
    """What those decisions changed, by their moment and each task."""
    return {
        (decision.at, int(task_id)): decision
        for decision in db.session.scalars(select(Decision).where(Decision.at.in_(moments)))
        for task_id in decision.tasks
        if int(task_id) in tasks
    }


def _words(
    entry: JournalEntry, tasks: Sequence[Task], attempts: Sequence[Submission], decisions: Decisions
) -> Iterator[str]:
    """Which attempt or measure, from which due day to which, and the reason that was given."""
    if entry.deed == "decision.undone":
        yield deed_words(_JOURNALLED.get(str(entry.details.get("undone")), ""))
        return
    attempt = next((one for one in attempts if one.id == entry.subject_id), None)
    if entry.subject_kind == "submission" and attempt is not None:
        yield _("ครั้งที่ %(number)s", number=attempt.number)
        if entry.deed == "group.sent_back" and attempt.returned_at == entry.at:
            yield f"“{attempt.returned_note}”"
    if entry.deed == "task.cancelled" and len(tasks) > 1:
        yield from (task.measure.title for task in tasks if task.id == entry.subject_id)
    told = next((decisions[entry.at, task.id] for task in tasks if (entry.at, task.id) in decisions), None)
    if told is None:
        return
    before, after = next(
        (columns["before"], columns["after"])
        for task in tasks
        if (columns := told.tasks.get(str(task.id))) is not None
    )
    if before["due_on"] != after["due_on"]:
        old, new = (short_date(date.fromisoformat(columns["due_on"])) for columns in (before, after))
        yield _("กำหนดเดิม %(old)s เป็น %(new)s", old=old, new=new)
    if after["reason"] and after["reason"] != before["reason"]:
        yield f"“{after['reason']}”"
