"""States of a task: which deed leads where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from tracker.errors import Message, Refused
from tracker.rules.workdays import Calendar

RETURN_WORKING_DAYS = 5


class TaskState(StrEnum):
    """What is stored of a task; overdue and due soon are derived."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    STUCK = "stuck"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    NOT_NEEDED = "not_needed"


OUTSTANDING = frozenset({TaskState.OPEN, TaskState.IN_PROGRESS, TaskState.STUCK})
REPORTED = frozenset({TaskState.SUBMITTED, TaskState.APPROVED})
SET_ASIDE = frozenset({TaskState.CANCELLED, TaskState.NOT_NEEDED})


class Deed(StrEnum):
    """What can be done to a task."""

    START = "start"
    REPORT_STUCK = "report_stuck"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    REOPEN = "reopen"
    LOSE_EVIDENCE = "lose_evidence"
    MOVE_DUE_DAY = "move_due_day"
    CANCEL = "cancel"
    RELEASE = "release"
    RESTORE = "restore"


@dataclass(frozen=True)
class Transition:
    """One line of the table of states.

    `target` None leaves the state as it is; `refusal` is said where the state does not allow the deed.
    """

    sources: frozenset[TaskState]
    target: TaskState | None
    refusal: Message


_CLAIM_REFUSED = Message("งานนี้ส่งผลแล้วหรือปิดไปแล้ว จึงรายงานซ้ำไม่ได้")
_SUBMITTED = frozenset({TaskState.SUBMITTED})

TRANSITIONS: Mapping[Deed, Transition] = MappingProxyType(
    {
        # A claim of "not yet" also tells that what was stuck no longer is.
        Deed.START: Transition(OUTSTANDING, TaskState.IN_PROGRESS, _CLAIM_REFUSED),
        Deed.REPORT_STUCK: Transition(OUTSTANDING, TaskState.STUCK, _CLAIM_REFUSED),
        Deed.SUBMIT: Transition(OUTSTANDING, TaskState.SUBMITTED, _CLAIM_REFUSED),
        Deed.WITHDRAW: Transition(
            _SUBMITTED, TaskState.IN_PROGRESS, Message("ถอนรายงานได้เฉพาะงานที่ส่งแล้วและยังไม่ได้อนุมัติ")
        ),
        Deed.APPROVE: Transition(_SUBMITTED, TaskState.APPROVED, Message("อนุมัติได้เฉพาะงานที่รออนุมัติ")),
        Deed.SEND_BACK: Transition(_SUBMITTED, TaskState.IN_PROGRESS, Message("ส่งกลับได้เฉพาะงานที่รออนุมัติ")),
        Deed.REOPEN: Transition(
            frozenset({TaskState.APPROVED}), TaskState.IN_PROGRESS, Message("เปิดใหม่ได้เฉพาะงานที่อนุมัติแล้ว")
        ),
        Deed.LOSE_EVIDENCE: Transition(REPORTED, TaskState.IN_PROGRESS, Message("งานนี้ยังไม่มีรายงานที่ใช้หลักฐานนี้")),
        Deed.MOVE_DUE_DAY: Transition(OUTSTANDING, None, Message("เลื่อนกำหนดได้เฉพาะงานที่ยังไม่ได้ส่งผล")),
        Deed.CANCEL: Transition(OUTSTANDING, TaskState.CANCELLED, Message("ยกเลิกได้เฉพาะงานที่ยังไม่ได้ส่งผล")),
        Deed.RELEASE: Transition(
            OUTSTANDING,
            TaskState.NOT_NEEDED,
            Message("งานของไตรมาสถัดไปส่งผลแล้ว จึงรายงานว่าแล้วเสร็จก่อนหน้านั้นไม่ได้"),
        ),
        Deed.RESTORE: Transition(
            frozenset({TaskState.NOT_NEEDED}), TaskState.OPEN, Message("งานนี้ยังต้องรายงานอยู่แล้ว")
        ),
    }
)


def can(deed: Deed, state: TaskState) -> bool:
    return state in TRANSITIONS[deed].sources


def state_after(deed: Deed, state: TaskState) -> TaskState:
    """The state of a task after a deed; Refused where its state does not allow it."""
    transition = TRANSITIONS[deed]
    if state not in transition.sources:
        raise Refused(transition.refusal.template, **transition.refusal.values)
    return transition.target or state


def later_after_complete(later: Iterable[TaskState]) -> list[TaskState]:
    """The states of a measure's later tasks once an earlier one is claimed complete.

    Cancelled ones stay cancelled; Refused when one has been reported already.
    """
    return [state if state in SET_ASIDE else state_after(Deed.RELEASE, state) for state in later]


def due_after_send_back(due_on: date, sent_back_on: date, calendar: Calendar) -> date:
    """The due day of a task that goes back to its division, sent back or reopened: five working days."""
    return max(due_on, calendar.add(sent_back_on, RETURN_WORKING_DAYS))


def on_time(first_submitted_on: date, due_on: date) -> bool:
    """Whether a task was reported in time, by its first submission and the due day it had then."""
    return first_submitted_on <= due_on
