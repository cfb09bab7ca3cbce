"""One form's tasks, attempts and evidence: an item, a division, a quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import joinedload

from tracker.database import db
from tracker.errors import NotFound
from tracker.models import Evidence, EvidenceUse, Submission, Task


@dataclass(frozen=True)
class Group:
    """The tasks of one item, division and quarter, by ids; `quarter` is 1 to 4."""

    item_id: int
    division_id: int
    quarter: int

    @property
    def subject(self) -> str:
        return f"group:{self.item_id}:{self.division_id}:{self.quarter}"

    @property
    def path(self) -> str:
        """The address of its form, below the installation's or a link's."""
        return f"/work/{self.item_id}/{self.division_id}/{self.quarter}"

    @classmethod
    def of_subject(cls, subject: str) -> Group | None:
        """The group that a subject names, None where it names something else."""
        kind, *ids = subject.split(":")
        return cls(*map(int, ids)) if kind == "group" else None


Table = type[Task | Submission | EvidenceUse]


def of(table: Table, group: Group) -> ColumnElement[bool]:
    """That a row belongs to this group."""
    return (
        (table.item_id == group.item_id)
        & (table.division_id == group.division_id)
        & (table.quarter == group.quarter)
    )


def of_this(table: Table) -> ColumnElement[bool]:
    """That a row belongs to the group whose fields are the parameters of the statement: such are put together once."""
    return (
        (table.item_id == bindparam("item_id"))
        & (table.division_id == bindparam("division_id"))
        & (table.quarter == bindparam("quarter"))
    )


_TASKS = (
    select(Task)
    .where(of_this(Task))
    .options(joinedload(Task.measure), joinedload(Task.division))
    .order_by(Task.measure_id)
)
_EVIDENCE = (
    select(Evidence)
    .join(EvidenceUse, EvidenceUse.evidence_id == Evidence.id)
    .where(of_this(EvidenceUse), Evidence.withdrawn_at.is_(None), Evidence.newer_id.is_(None))
    .order_by(Evidence.id)
)


def tasks_of(group: Group) -> list[Task]:
    """The tasks of a group in the order of their measures; NotFound where it has none."""
    tasks = list(db.session.scalars(_TASKS, vars(group)))
    if not tasks:
        raise NotFound("ไม่พบงานนี้")
    return tasks


def latest_submission(group: Group) -> Submission | None:
    return db.session.scalars(
        select(Submission).where(of(Submission, group)).order_by(Submission.number.desc()).limit(1)
    ).one_or_none()


def evidence_of(group: Group) -> Sequence[Evidence]:
    """The evidence of a group that counts: neither withdrawn nor with a newer version."""
    return db.session.scalars(_EVIDENCE, vars(group)).all()
