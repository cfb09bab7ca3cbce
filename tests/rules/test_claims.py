"""Claims on a measure: what each needs and where it leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracker.errors import Refused
from tracker.rules.claims import Answers, Claim, faults_of_claim, state_after_claim
from tracker.rules.states import OUTSTANDING, TaskState

FULL = Answers(result="อบรมแล้ว 1 ครั้ง", problems="ไม่มี", suggestions="ไม่มี", evidence=1)
CLOSED = set(TaskState) - OUTSTANDING


@pytest.mark.parametrize("state", sorted(OUTSTANDING))
@pytest.mark.parametrize(
    ("claim", "completion", "approval_on", "after"),
    [
        (Claim.NOT_YET, False, True, TaskState.IN_PROGRESS),
        (Claim.NOT_YET, True, False, TaskState.IN_PROGRESS),
        (Claim.STUCK, False, True, TaskState.STUCK),
        (Claim.STUCK, True, False, TaskState.STUCK),
        (Claim.AS_PLANNED, False, True, TaskState.SUBMITTED),
        (Claim.AS_PLANNED, False, False, TaskState.APPROVED),
        (Claim.COMPLETE, False, True, TaskState.SUBMITTED),
        (Claim.COMPLETE, True, True, TaskState.SUBMITTED),
        (Claim.COMPLETE, True, False, TaskState.APPROVED),
    ],
)
def test_each_claim_leads_to_its_state(
    state: TaskState, claim: Claim, completion: bool, approval_on: bool, after: TaskState
) -> None:
    assert state_after_claim(state, claim, completion, approval_on) is after


@pytest.mark.parametrize("state", sorted(CLOSED))
@pytest.mark.parametrize("claim", Claim)
def test_what_is_reported_or_closed_takes_no_claim(state: TaskState, claim: Claim) -> None:
    with pytest.raises(Refused):
        state_after_claim(state, claim, False, True)


def test_a_completion_task_cannot_go_as_planned() -> None:
    with pytest.raises(Refused, match="ไตรมาสสุดท้าย"):
        state_after_claim(TaskState.OPEN, Claim.AS_PLANNED, True, True)
    assert set(faults_of_claim(Claim.AS_PLANNED, FULL, completion=True)) == {"claim"}


@pytest.mark.parametrize("claim", [Claim.AS_PLANNED, Claim.COMPLETE])
@pytest.mark.parametrize("blank", ["", "  \n\u200b\u00a0"])
def test_what_is_submitted_needs_every_answer_and_blank_is_none(claim: Claim, blank: str) -> None:
    for field, answers in {
        "result": replace(FULL, result=blank),
        "problems": replace(FULL, problems=blank),
        "suggestions": replace(FULL, suggestions=blank),
    }.items():
        assert set(faults_of_claim(claim, answers, completion=False)) == {field}


@pytest.mark.parametrize("completion", [False, True])
def test_completing_needs_evidence_or_a_reason_for_having_none(completion: bool) -> None:
    without = replace(FULL, evidence=0)
    assert set(faults_of_claim(Claim.COMPLETE, without, completion=completion)) == {"evidence"}
    reasoned = replace(without, no_evidence_reason="กิจกรรมไม่มีเอกสาร")
    assert faults_of_claim(Claim.COMPLETE, reasoned, completion=completion) == {}
    assert faults_of_claim(Claim.COMPLETE, FULL, completion=completion) == {}


def test_progress_needs_no_evidence() -> None:
    assert faults_of_claim(Claim.AS_PLANNED, replace(FULL, evidence=0), completion=False) == {}


@pytest.mark.parametrize("problems", ["", " ", "ไม่มี", " ไม่ มี\u200b"])
def test_being_stuck_needs_what_is_wrong(problems: str) -> None:
    assert set(faults_of_claim(Claim.STUCK, Answers(problems=problems), completion=False)) == {"problems"}


def test_being_stuck_or_not_yet_begun_needs_no_result() -> None:
    assert faults_of_claim(Claim.STUCK, Answers(problems="รอเอกสารจากจังหวัด"), completion=True) == {}
    assert faults_of_claim(Claim.NOT_YET, Answers(), completion=True) == {}


@pytest.mark.parametrize("reported", [TaskState.SUBMITTED, TaskState.APPROVED])
def test_an_early_completion_is_refused_once_a_later_task_is_reported(reported: TaskState) -> None:
    later = [TaskState.OPEN, reported]
    assert set(faults_of_claim(Claim.COMPLETE, FULL, completion=False, later=later)) == {"claim"}
    assert faults_of_claim(Claim.AS_PLANNED, FULL, completion=False, later=later) == {}
    assert faults_of_claim(Claim.COMPLETE, FULL, completion=False, later=[TaskState.OPEN]) == {}
