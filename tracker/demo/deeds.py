"""What people of the demo do with one form or one follow-up, through the actions behind the web pages."""

from __future__ import annotations

import io
from datetime import datetime
from random import Random

from sqlalchemy import select

from tracker import groups, storage
from tracker.actions import following, progress, proving
from tracker.database import db
from tracker.demo import words
from tracker.demo.fates import OF_COORDINATOR, Deed, Form
from tracker.demo.office import COORDINATOR, Office
from tracker.demo.plan import ENTRIES
from tracker.demo.proofs import make
from tracker.models import Completion, FollowUp, PlanItem, Task
from tracker.rules.claims import Claim
from tracker.rules.moments import day_of
from tracker.rules.rounds import Line
from tracker.rules.states import OUTSTANDING

# Of four progress reports one brings a file though none is asked for.
_PROVES_ONE_IN = 4


def do(office: Office, form: Form, group: groups.Group, deed: Deed, now: datetime) -> None:
    """One deed of the coordinator or of the division."""
    if deed not in OF_COORDINATOR:
        _report(office, form, group, deed, now)
        return
    with office.writing():
        by = office.actor(COORDINATOR, now)
        match deed:
            case Deed.APPROVE:
                progress.approve(group, now=now, by=by)
            case Deed.SEND_BACK:
                progress.send_back(group, form.chance("note").choice(words.RETURNED), now=now, by=by)
            case Deed.CANCEL:
                for task in groups.tasks_of(group):
                    progress.cancel(task, words.CANCELLED, now=now, by=by)


def _report(office: Office, form: Form, group: groups.Group, deed: Deed, now: datetime) -> None:
    chance = form.chance("words")
    with office.reading():
        tasks = [task for task in groups.tasks_of(group) if task.state in OUTSTANDING]
        report = _written(form, deed, tasks, chance)
    ending = Claim.COMPLETE in report.claims.values()
    proves = bool(report.result) and (ending or deed is Deed.CORRECT or chance.randrange(_PROVES_ONE_IN) == 0)
    caption = f"{words.TOLD[form.key].evidence} {form.division}"
    # As in a request, the file is stored before the transaction begins.
    stored = _stored(form, caption, now) if proves else None
    with office.writing():
        by = office.actor(form.division, now)
        if stored is not None:
            proving.attach_file(stored, caption, day_of(now), group, now=now, by=by)
        progress.report_group(group, report, now=now, by=by)


def _stored(form: Form, caption: str, now: datetime) -> storage.Stored:
    proof = make(form.key, caption, form.division, day_of(now), form.chance("proof", now))
    return storage.store(io.BytesIO(proof.data), proof.name)


def _written(form: Form, deed: Deed, tasks: list[Task], chance: Random) -> progress.GroupReport:
    """What the division writes into the form."""
    if deed is Deed.BEGIN:
        return progress.GroupReport(claims={task.id: Claim.NOT_YET for task in tasks})
    if deed is Deed.GET_STUCK:
        return progress.GroupReport(
            problems=words.what_is_wrong(form.division), claims={task.id: Claim.STUCK for task in tasks}
        )
    result = words.result(form.key, form.place, chance)
    if deed is Deed.CORRECT:
        result = words.CORRECTED.format(result=result)
    problems, suggestions = words.difficulty(form.key, form.division)
    ends = deed is Deed.REPORT_ALL_DONE
    claims = {task.id: Claim.COMPLETE if ends or task.completion else Claim.AS_PLANNED for task in tasks}
    return progress.GroupReport(result, problems, suggestions, claims=claims)


def answer(office: Office, follow_up_id: int, division: str, now: datetime) -> None:
    """A division answers all lines of a follow-up."""
    with office.writing():
        follow_up = db.session.scalars(select(FollowUp).where(FollowUp.id == follow_up_id)).one()
        items = select(PlanItem.id, PlanItem.number).where(PlanItem.plan_id == follow_up.round.plan_id)
        keys = {item_id: ENTRIES[number - 1].key for item_id, number in db.session.execute(items)}
        year_is_over = follow_up.round.kind == "twelve_months"
        answers = {
            line.answer_id: _answered(line, keys[line.saved.measure.item_id], division, year_is_over)
            for line in following.lines_of(follow_up)
            if line.line in {Line.ASK, Line.CONFIRM}
        }
        by = office.actor(division, now)
        following.answer(follow_up, answers, confirmed=True, now=now, by=by)


def _answered(line: following.AskedLine, key: str, division: str, year_is_over: bool) -> following.LineAnswer:
    """What a division answers to one line; most only confirm what the quarters told."""
    told = words.TOLD[key]
    outcome = told.outcome if year_is_over else ""
    texts = told.year if year_is_over else told.half
    text = texts[(line.saved.measure.number - 1) % len(texts)]
    problems, suggestions = words.difficulty(key, division)
    if line.line is Line.CONFIRM:
        if division not in words.WRITES_ANEW:
            return following.LineAnswer(outcome=outcome)
        return following.LineAnswer(Completion.FULL, text, outcome, problems, suggestions)
    if year_is_over and any(task.state in OUTSTANDING for task in line.tasks):
        return following.LineAnswer(Completion.PARTLY, words.UNFINISHED, "", problems, suggestions)
    return following.LineAnswer(Completion.NEARLY, text, "", problems, suggestions)
