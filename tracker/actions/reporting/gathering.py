"""Gathers the year of a plan into the plain values that its documents are told from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from tracker.actions.reporting.fetching import Gathered, fetch
from tracker.catalogue.assessment import INDICATORS
from tracker.database import current_organisation, db
from tracker.locale import say
from tracker.models import (
    Claim,
    Measure,
    Plan,
    PlanItem,
    Submission,
)
from tracker.rules.appraisal import Appraisal, appraise, codes_of, counterpart, title_of
from tracker.rules.cells import Answer, Say, Score, Standing, Text
from tracker.rules.claims import REPORTING
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.fiscal import Quarter
from tracker.rules.report_inputs import (
    Item,
    Progress,
    Proved,
    ReportInputs,
    Signed,
    Tally,
    Unfinished,
)
from tracker.rules.states import OUTSTANDING, SET_ASIDE, TaskState


def speaker() -> Say:
    """What says a sentence in the language of the organisation's documents."""
    spoken = current_organisation().language
    return lambda message: say(message, spoken)


def inputs_of(
    plan: Plan,
    *,
    now: datetime,
    is_draft: bool,
    signed: Signed | None = None,
    last_quarter: int = 4,
    round_kind: str = "twelve_months",
    as_of_period: bool = False,
) -> ReportInputs:
    """Everything that a report of a plan is told from, up to a quarter and with the answers of one round.

    The coordinator's own cells are among it. `as_of_period` tells of the tasks as they stood when the first six
    months ended.
    """
    organisation = current_organisation()
    gathered = fetch(plan, last_quarter, round_kind, is_draft, as_of_period)
    evidence_places = {evidence.id: place for place, evidence in enumerate(gathered.evidence)}
    return ReportInputs(
        organisation=organisation.name,
        kind=organisation.kind.value,
        district=organisation.district,
        province=organisation.province,
        fiscal_year=plan.fiscal_year,
        assessment_year=_years(plan)[0],
        items=tuple(_item(item, gathered, evidence_places) for item in gathered.items),
        tallies=_tallies(gathered),
        unfinished=_unfinished(gathered, closing=not is_draft),
        evidence=tuple(
            Proved(
                evidence.caption,
                evidence.name,
                evidence.about_on,
                evidence.sha256,
                photo=evidence.public and evidence.media_type.startswith("image/"),
            )
            for evidence in gathered.evidence
        ),
        signed=signed,
        thai_digits=organisation.thai_digits,
        draft=is_draft,
        frozen_at=now,
        result=_result(gathered),
    )


def _result(gathered: Gathered) -> Appraisal | None:
    before_year, year = _years(gathered.plan)
    before, after = (gathered.assessments.get(one) for one in (before_year, year))
    return appraise(after.printed, year, before.printed if before else None) if after else None


def _item(item: PlanItem, gathered: Gathered, evidence_places: dict[int, int]) -> Item:
    tasks = [task for task in gathered.tasks if task.item_id == item.id]
    # An item that begins later than what was gathered is still told with those who will do it.
    asked_of = tasks or [task for task in gathered.every_task if task.item_id == item.id]
    kept = [task for task in asked_of if gathered.states[task.id] is not TaskState.CANCELLED]
    asked = [
        division.id for division in item.divisions if any(task.division_id == division.id for task in kept)
    ]
    in_force = {
        division.id for division in item.divisions if (item.id, division.id) not in gathered.taken_out
    }
    everyone = item.everyone and in_force <= set(asked)
    return Item(
        id=item.id,
        heading=item.heading,
        topic=item.topic,
        indicator=item.indicator,
        measures=tuple(
            (measure.number, measure.title)
            for measure in item.measures
            if measure.removed_in is None or any(task.measure_id == measure.id for task in kept)
        ),
        steps=tuple(step.text for step in item.steps if step.removed_in is None),
        divisions=tuple(gathered.divisions[division_id] for division_id in asked),
        everyone=everyone,
        window=item.window_text,
        starts_on=item.starts_on,
        ends_on=item.ends_on,
        texts=_texts(item, gathered),
        answers=tuple(
            Answer(
                measure.number,
                gathered.divisions[follow_up.division_id],
                answer.result,
                answer.changed,
                answer.problems,
                answer.suggestions,
            )
            for answer, follow_up, measure in gathered.answers
            if measure.item_id == item.id
        ),
        scores=_scores(item, gathered),
        outcome_notes=tuple(
            answer.outcome
            for answer, _, measure in gathered.answers
            if measure.item_id == item.id and answer.outcome
        ),
        evidence=tuple(
            sorted(
                {
                    evidence_places[use.evidence_id]
                    for use in gathered.uses
                    if use.item_id == item.id and use.evidence_id in evidence_places
                }
            )
        ),
        edits=gathered.edits.get(item.id, {}),
        progress=_progress(item, gathered),
        done=sum(gathered.states[task.id] is TaskState.APPROVED for task in tasks),
        total=sum(gathered.states[task.id] not in SET_ASIDE for task in tasks),
    )


def _progress(item: PlanItem, gathered: Gathered) -> Progress:
    """How far the item came in the quarters that were gathered; done where they left nothing to the later ones."""
    then = gathered.states
    states = {then[task.id] for task in gathered.tasks if task.item_id == item.id} - {TaskState.CANCELLED}
    if not states:
        return "not_due"
    gathered_ids = {task.id for task in gathered.tasks}
    later = {
        then[task.id]
        for task in gathered.every_task
        if task.item_id == item.id and task.id not in gathered_ids
    }
    if states <= SET_ASIDE | {TaskState.APPROVED} and later <= SET_ASIDE:
        return "done"
    if TaskState.STUCK in states:
        return "stuck"
    return "not_begun" if states == {TaskState.OPEN} else "running"


def _texts(item: PlanItem, gathered: Gathered) -> tuple[Text, ...]:
    """One text a division and quarter: of the latest attempt that counts, else of the latest, which is silence."""
    attempts = [attempt for attempt in gathered.attempts if attempt.item_id == item.id and attempt.result]
    claimed_in = {claim.task_id: attempt.id for attempt in attempts for claim in attempt.claims}
    live = {evidence.id for evidence in gathered.evidence}
    used: dict[tuple[int, int], set[int]] = defaultdict(set)
    for use in gathered.uses:
        if use.item_id == item.id:
            used[use.division_id, use.quarter].add(use.evidence_id)
    chosen: dict[tuple[int, int], Text] = {}
    for attempt in attempts:
        place = (attempt.division_id, attempt.quarter)
        own = [claim for claim in attempt.claims if claimed_in[claim.task_id] == attempt.id]
        evidence_gone = bool(used[place]) and not used[place] & live
        standing = _standing(attempt, own, gathered.states, evidence_gone)
        counts = standing == "approved" or (gathered.waiting_counts and standing == "waiting")
        if place in chosen and not counts:
            continue
        chosen[place] = Text(
            division=gathered.divisions[attempt.division_id],
            quarter=Quarter(gathered.plan.fiscal_year, attempt.quarter),
            standing=standing,
            result=attempt.result,
            problems=attempt.problems,
            suggestions=attempt.suggestions,
        )
    return tuple(chosen.values())


def _standing(
    attempt: Submission, own: Sequence[Claim], states: Mapping[int, TaskState], evidence_gone: bool
) -> Standing:
    """Where an attempt stands, by the tasks of which it is the last word."""
    reported = {states[claim.task_id] for claim in own if claim.word in REPORTING}
    completes = any(claim.word is ClaimWord.COMPLETE for claim in own)
    if attempt.returned_at is not None or not reported:
        return "sent_back"
    if completes and evidence_gone and not attempt.no_evidence_reason:
        return "withdrawn"
    if TaskState.APPROVED in reported:
        return "approved"
    return "waiting" if TaskState.SUBMITTED in reported else "sent_back"


def _scores(item: PlanItem, gathered: Gathered) -> tuple[Score, ...]:
    """The scores that the item answers, as the year before counts its questions and items."""
    before_year, after_year = _years(gathered.plan)
    before, after = (
        gathered.assessments[year].scores if year in gathered.assessments else {}
        for year in (before_year, after_year)
    )
    found = []
    for reference in item.scores:
        code = _code_after(reference.kind, reference.code, before_year, after_year)
        found.append(
            Score(
                name=_score_name(reference.kind, code or reference.code),
                before_year=before_year,
                before=before.get(reference.code),
                after_year=after_year,
                after=after.get(code) if code else None,
                former_name=_score_name(reference.kind, reference.code)
                if code and code != reference.code
                else "",
            )
        )
    return tuple(found)


def _code_after(kind: str, code: str, before_year: int, after_year: int) -> str | None:
    """The code a year later: items are renumbered; None where the known list has no such item any more."""
    if kind == "indicator" or not title_of(code, before_year) or not codes_of(after_year):
        return code
    return counterpart(code, before_year, after_year)


def _years(plan: Plan) -> tuple[int, int]:
    """The year of the assessment that the plan answers, and the next one."""
    before = plan.assessment_year or plan.fiscal_year - 1
    return before, before + 1


def _score_name(kind: str, code: str) -> str:
    if kind == "indicator":
        name = next(indicator.name for indicator in INDICATORS if str(indicator.number) == code)
        return f"ตัวชี้วัดที่ {code} {name}"
    return f"ข้อ {code}"


def _tallies(gathered: Gathered) -> tuple[Tally, ...]:
    counted = [task for task in gathered.tasks if gathered.states[task.id] not in SET_ASIDE]
    done: dict[int, int] = defaultdict(int)
    total: dict[int, int] = defaultdict(int)
    for task in counted:
        total[task.division_id] += 1
        done[task.division_id] += gathered.states[task.id] is TaskState.APPROVED
    return tuple(
        Tally(name, done[division_id], total[division_id])
        for division_id, name in gathered.divisions.items()
        if total[division_id]
    )


def _unfinished(gathered: Gathered, *, closing: bool) -> tuple[Unfinished, ...]:
    measures = select(Measure.id, Measure.title).where(
        Measure.id.in_({task.measure_id for task in gathered.tasks})
    )
    titles: dict[int, str] = {row.id: row.title for row in db.session.execute(measures)}
    rows = []
    for task in gathered.tasks:
        cancelled = task.state is TaskState.CANCELLED
        if cancelled or (closing and task.state in OUTSTANDING):
            rows.append(
                Unfinished(
                    measure=titles[task.measure_id],
                    division=gathered.divisions[task.division_id],
                    quarter=Quarter(gathered.plan.fiscal_year, task.quarter),
                    state="cancelled" if cancelled else "unfinished",
                    reason=task.reason if cancelled else gathered.reason,
                )
            )
    return tuple(rows)
