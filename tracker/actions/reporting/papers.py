"""Gathers the documents beside the annual report: the plan, the six-month report, the memo."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from tracker import storage
from tracker.actions.reporting.gathering import inputs_of, speaker
from tracker.actions.reporting.period import LAST_QUARTER, last_day_of
from tracker.actions.reporting.publicity import demand_of
from tracker.catalogue import assessment
from tracker.database import current_organisation, db
from tracker.models import Amendment, Assessment, Division, Evidence, Plan, PlanItem, PlanState
from tracker.people import head_of, posts_on, with_role
from tracker.rules.memo import compose_memo
from tracker.rules.moments import day_of
from tracker.rules.paper import LOGO, WITH_LOGO, Paper, Printable
from tracker.rules.permissions import Role
from tracker.rules.plan_paper import compose_plan
from tracker.rules.report import AnnualReport
from tracker.rules.report_inputs import Amended, MemoInputs, Person, PlanInputs, ScoreLine, Signed
from tracker.rules.six_month import compose_six_month


def plan_paper(plan: Plan, *, now: datetime, signed: Signed | None = None) -> Paper:
    """The measures plan as it is in force; a draft until it is adopted."""
    is_draft = plan.state is PlanState.DRAFT
    inputs = inputs_of(plan, now=now, is_draft=is_draft, signed=signed or signed_plan(plan))
    rows = {
        item.id: item
        for item in db.session.scalars(
            select(PlanItem).where(PlanItem.plan_id == plan.id, PlanItem.removed_in.is_(None))
        )
    }
    items = tuple(
        replace(
            item,
            analysis=rows[item.id].analysis,
            follow_up=rows[item.id].follow_up_text,
            divisions=tuple(division.name for division in rows[item.id].divisions),
            everyone=rows[item.id].everyone,
        )
        for item in inputs.items
        if item.id in rows
    )
    result = db.session.scalars(
        select(Assessment).where(Assessment.year == inputs.assessment_year)
    ).one_or_none()
    amendments = db.session.scalars(
        select(Amendment).where(Amendment.plan_id == plan.id).order_by(Amendment.number)
    )
    told = PlanInputs(
        report=replace(inputs, items=items),
        analysis=tuple((part["heading"], part["text"]) for part in plan.analysis),
        scores=_scores(result) if result else (),
        total=result.total if result else None,
        level=result.level if result else "",
        amendments=tuple(
            Amended(one.number, one.signed_on or day_of(one.at), one.document_number, one.reason)
            for one in amendments
        ),
    )
    return compose_plan(told, speaker())


def signed_plan(plan: Plan) -> Signed | None:
    if not (plan.document_number or plan.signed_on or plan.signer):
        return None
    return Signed(plan.document_number, plan.signed_on, plan.signer, plan.signer_position)


def _scores(result: Assessment) -> tuple[ScoreLine, ...]:
    """The printed scores of the indicators, and of the instruments with their weights."""
    lines = [
        ScoreLine(one.instrument, f"{one.number}. {one.name}", float(result.scores[str(one.number)]))
        for one in assessment.indicators(result.year)
        if str(one.number) in result.scores
    ]
    lines += [
        ScoreLine(one.code, one.name, float(result.scores[one.code]), one.weight)
        for one in assessment.INSTRUMENTS
        if one.code in result.scores
    ]
    return tuple(lines)


def six_month_paper(plan: Plan, *, now: datetime, signed: Signed | None = None) -> Paper:
    """The first two quarters as they stood when they ended, and the six-month round; a draft until then."""
    last_day = last_day_of(plan)
    inputs = inputs_of(
        plan,
        now=now,
        is_draft=day_of(now) <= last_day,
        signed=signed,
        last_quarter=LAST_QUARTER,
        round_kind="six_months",
        as_of_period=True,
    )
    return compose_six_month(inputs, last_day, speaker())


def memo_paper(plan: Plan, report: AnnualReport, *, signed: Signed | None = None) -> Paper:
    """The memo that submits this report, written by the coordinating division on the report's day.

    Who signed it stands in it in the place of the head of that division.
    """
    posts = list(posts_on(day_of(report.frozen_at)).values())
    coordinating = db.session.scalars(select(Division).where(Division.coordinates)).one_or_none()
    author = head_of(posts, coordinating.id) if coordinating else None

    def person(role: Role, unknown: str) -> Person:
        post = with_role(posts, role)
        return Person(post.title, post.holder_name) if post else Person(unknown)

    demand = demand_of(plan)
    before = plan.assessment_year or plan.fiscal_year - 1
    scores = {
        row.year: row.scores
        for row in db.session.scalars(select(Assessment).where(Assessment.year.in_([before, before + 1])))
    }
    changes = [
        float(scores[before + 1][str(number)]) - float(scores[before][str(number)])
        for number in range(1, 11)
        if str(number) in scores.get(before, {}) and str(number) in scores.get(before + 1, {})
    ]
    return compose_memo(
        MemoInputs(
            report=report,
            organisation=current_organisation().name,
            division=coordinating.name if coordinating else "",
            author=_author(signed, Person(author.title, author.holder_name) if author else Person("")),
            clerk=person(Role.CLERK, "ปลัด"),
            chief=person(Role.CHIEF_EXECUTIVE, "ผู้บริหารสูงสุด"),
            adopted=signed_plan(plan) or Signed("", None, "", ""),
            risen=sum(change > 0 for change in changes),
            fallen=sum(change < 0 for change in changes),
            item_code=demand.report_item if demand else "",
            item_year=demand.year if demand else 0,
            signed=signed,
        ),
        speaker(),
    )


def _author(signed: Signed | None, head: Person) -> Person:
    if signed is None or not signed.signer:
        return head
    return Person(signed.position or head.position, signed.signer)


def photo_files(value: Printable) -> dict[str, Path]:
    """Where the pictures of a document lie: the logo, and by hash the photographs that were not withdrawn since."""
    wanted: Collection[str] = {photo.sha256 for photo in value.paper().photographs}
    own = current_organisation().logo
    # A memo has its prescribed head, and the meeting's sheet no room.
    logo = {LOGO: storage.path_of_source(own)} if own and value.paper().kind in WITH_LOGO else {}
    return logo | {
        sha256: storage.path_of(name)
        for sha256, name in db.session.execute(
            select(Evidence.sha256, Evidence.storage_name).where(
                Evidence.sha256.in_(wanted),
                Evidence.withdrawn_at.is_(None),
                Evidence.storage_name.is_not(None),
            )
        )
        if name is not None
    }
