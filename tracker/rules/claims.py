"""A division's claim on a measure: what must have been answered for it, and the state it leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tracker.errors import Message, Refused
from tracker.rules.states import REPORTED, Deed, TaskState, state_after
from tracker.rules.thai import clean, letters

NONE = "ไม่มี"


class Claim(StrEnum):
    """A division's word on one measure in one quarter."""

    NOT_YET = "not_yet"
    AS_PLANNED = "as_planned"
    COMPLETE = "complete"
    STUCK = "stuck"


REPORTING = frozenset({Claim.AS_PLANNED, Claim.COMPLETE})


@dataclass(frozen=True)
class Answers:
    """What one form of a group says beside the claims; `evidence` counts files and links not withdrawn."""

    result: str = ""
    problems: str = ""
    suggestions: str = ""
    evidence: int = 0
    no_evidence_reason: str = ""


_DEEDS = {
    Claim.NOT_YET: Deed.START,
    Claim.STUCK: Deed.REPORT_STUCK,
    Claim.AS_PLANNED: Deed.SUBMIT,
    Claim.COMPLETE: Deed.SUBMIT,
}
_AS_PLANNED_ON_COMPLETION = Message(
    "ไตรมาสนี้เป็นไตรมาสสุดท้ายของมาตรการ กรุณาเลือก แล้วเสร็จทั้งมาตรการ ยังไม่ได้ทำ หรือ ติดปัญหา"
)


def faults_of_claim(
    claim: Claim, answers: Answers, *, completion: bool, later: Iterable[TaskState] = ()
) -> dict[str, Message]:
    """What the claim lacks, a sentence by the field's name; empty when nothing.

    `completion` says whether the task is its measure's last, `later` are the states of the measure's later
    tasks in the same division. Fields: claim, result, problems, suggestions, evidence.
    """
    if claim is Claim.NOT_YET:
        return {}
    if claim is Claim.STUCK:
        return _faults_of_stuck(answers)
    faults: dict[str, Message] = {}
    if claim is Claim.AS_PLANNED and completion:
        faults["claim"] = _AS_PLANNED_ON_COMPLETION
    if claim is Claim.COMPLETE and any(state in REPORTED for state in later):
        faults["claim"] = Message("งานของไตรมาสถัดไปส่งผลแล้ว จึงรายงานว่าแล้วเสร็จในไตรมาสนี้ไม่ได้")
    if not clean(answers.result):
        faults["result"] = Message("กรุณาเขียนผลการดำเนินงาน")
    if not clean(answers.problems):
        faults["problems"] = Message("กรุณาตอบเรื่องปัญหา/อุปสรรค หากไม่มีให้เลือก “ไม่มี”")
    if not clean(answers.suggestions):
        faults["suggestions"] = Message("กรุณาตอบเรื่องข้อเสนอแนะ หากไม่มีให้เลือก “ไม่มี”")
    if claim is Claim.COMPLETE and not answers.evidence and not clean(answers.no_evidence_reason):
        faults["evidence"] = Message("งานที่แล้วเสร็จต้องแนบหลักฐาน หรือเขียนเหตุผลที่ไม่มีหลักฐาน")
    return faults


def _faults_of_stuck(answers: Answers) -> dict[str, Message]:
    if letters(answers.problems) in ("", NONE):
        return {"problems": Message("กรุณาบอกว่าติดปัญหาอะไร")}
    return {}


def state_after_claim(state: TaskState, claim: Claim, completion: bool, approval_on: bool) -> TaskState:
    """The state of a task after a claim on it; Refused where state or claim do not allow it.

    `completion` says whether the task is its measure's last; with `approval_on` False what is submitted is
    approved at once.
    """
    if claim is Claim.AS_PLANNED and completion:
        raise Refused(_AS_PLANNED_ON_COMPLETION.template)
    after = state_after(_DEEDS[claim], state)
    if after is TaskState.SUBMITTED and not approval_on:
        return state_after(Deed.APPROVE, after)
    return after
