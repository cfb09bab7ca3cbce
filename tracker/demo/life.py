"""Lives the years of the demo day by day, through the same actions that a real office uses."""

from __future__ import annotations

import heapq
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select

from jobs.follow import follow
from jobs.remind import remind
from jobs.send import send
from tracker import storage
from tracker.actions import following, planning, progress, proving, reporting
from tracker.calendar import working_calendar
from tracker.database import db, organisation_scope, writing
from tracker.demo import document, fates, scores, words
from tracker.demo.drafting import draft
from tracker.demo.fates import Deed, Form, Step
from tracker.demo.office import COORDINATOR, Office, found
from tracker.demo.plan import ENTRIES
from tracker.demo.proofs import make
from tracker.models import (
    Division,
    FollowUp,
    FollowUpState,
    Plan,
    Round,
    Task,
)
from tracker.rules.claims import Claim
from tracker.rules.fiscal import BUDDHIST_OFFSET, Quarter, fiscal_year_of
from tracker.rules.moments import day_of, moment_on
from tracker.rules.report_inputs import Signed
from tracker.rules.rounds import FollowUpRule, Line, rounds_of
from tracker.rules.states import OUTSTANDING
from tracker.rules.workdays import Calendar

DAYS_TO_CLOSE = 15
CLOSED_AFTER = timedelta(days=12)
MORNING, DAYS_END = 8 * 60 + 30, 16 * 60 + 50


def closed_year_on(today: date, calendar: Calendar) -> int:
    """The latest fiscal year whose twelve-month follow-up was due 15 days ago or earlier."""
    year = fiscal_year_of(today)
    while last_due_on(year, calendar) + timedelta(days=DAYS_TO_CLOSE) > today:
        year -= 1
    return year


def last_due_on(fiscal_year: int, calendar: Calendar) -> date:
    """The day on which the twelve-month follow-up of a year is due."""
    start, end = Quarter(fiscal_year, 1).first_day, Quarter(fiscal_year, 4).last_day
    return rounds_of(FollowUpRule("twelve_months"), fiscal_year, start, end, calendar)[-1].due_on


def adopted_on(fiscal_year: int, calendar: Calendar) -> date:
    """The day on which a year's plan is announced: the first working day from 20 September before it."""
    return calendar.on_or_after(date(fiscal_year - BUDDHIST_OFFSET - 1, 9, 20))


class Life:
    """The organisation from its first day up to `now`; what is told of each year goes to `tell`."""

    def __init__(self, now: datetime, tell: Callable[[str], None]) -> None:
        self.now = now
        self.today = day_of(now)
        self.tell = tell
        self.calendar = Calendar()
        self.closed_year = closed_year_on(self.today, self.calendar)
        self.documents: dict[int, bytes] = {}
        self.mails = 0
        self._agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._order = 0
        self._approved_today = False

    @property
    def years(self) -> range:
        """The fiscal years that have a plan, the closed one first."""
        last = fiscal_year_of(self.today) + 1
        begun = moment_on(adopted_on(last, self.calendar), 14 * 60) <= self.now
        return range(self.closed_year, last + 1 if begun else last)

    def live(self) -> None:
        """Found the organisation and do what each day brings, up to now."""
        first = self.calendar.on_or_after(date(self.closed_year - BUDDHIST_OFFSET - 1, 9, 1))
        self.office: Office = found(moment_on(first, 9 * 60))
        for year in scores.years(self.closed_year):
            known_on = max(scores.announced_on(year, self.calendar), first)
            self._at(known_on, 10 * 60, lambda now, year=year: self._hear_result(year))
        for year in self.years:
            self._at(adopted_on(year, self.calendar), 14 * 60, lambda now, year=year: self._adopt(year, now))
        closing = self.calendar.on_or_before(last_due_on(self.closed_year, self.calendar) + CLOSED_AFTER)
        self._at(closing, 15 * 60, self._close)
        day = first
        while day <= self.today:
            self._live_through(day)
            day += timedelta(days=1)

    def _live_through(self, day: date) -> None:
        if self.calendar.is_working(day):
            self._at(day, MORNING, self._remind)
            self._at(day, DAYS_END, self._end_day)
        while self._agenda and day_of(self._agenda[0][0]) <= day:
            moment, _, deed = heapq.heappop(self._agenda)
            if moment <= self.now:
                deed(moment)

    def _at(self, day: date, minute: int, deed: Callable[[datetime], None]) -> None:
        self._order += 1
        heapq.heappush(self._agenda, (moment_on(day, minute), self._order, deed))

    @contextmanager
    def _write(self) -> Iterator[None]:
        with organisation_scope(self.office.organisation_id), writing():
            yield

    def _remind(self, now: datetime) -> None:
        remind(now)
        self.mails += send(lambda: now)

    def _end_day(self, now: datetime) -> None:
        """What the jobs of the day did besides: follow-ups that approvals settled, mails written meanwhile."""
        if self._approved_today:
            follow(now)
        self._approved_today = False
        self.mails += send(lambda: now)

    def _hear_result(self, year: int) -> None:
        with self._write():
            db.session.add(scores.assessment(year, self.closed_year))

    def _adopt(self, year: int, now: datetime) -> None:
        written_at = now - timedelta(hours=4)
        data = document.write(year, self.closed_year, day_of(now), written_at)
        self.documents[year] = data
        with self._write():
            by = self.office.actor(COORDINATOR, now)
            plan = draft(data, f"plan-{year}.docx", year, now=written_at, by=by)
            signature = planning.Signature(
                f"{100 + year % 100}/{year - 1}", day_of(now), document.SIGNER, document.SIGNER_POSITION
            )
            planning.adopt(plan, now=now, by=by, signature=signature)
            self._plan_work(plan)
            self._plan_answers(plan)
        self.tell(f"ประกาศใช้แผนปีงบประมาณ {year}")

    def _plan_work(self, plan: Plan) -> None:
        """Put what becomes of each form into the agenda."""
        groups = self._forms(plan)
        calendar = working_calendar()
        if plan.fiscal_year == self.closed_year:
            steps = fates.of_closed_year(groups, calendar)
        else:
            steps = fates.of_running_year(list(groups), self.today, calendar)
        for form, of_form in steps.items():
            for number, step in enumerate(of_form):
                minute = form.chance("minute", number).randint(9 * 60, 11 * 60 + 50)
                # The coordinator looks at everything in the afternoon.
                if step.deed in {Deed.APPROVE, Deed.SEND_BACK, Deed.CANCEL}:
                    minute += 4 * 60
                self._at(step.on, minute, self._deed(form, groups[form], step))

    def _deed(self, form: Form, group: progress.Group, step: Step) -> Callable[[datetime], None]:
        return lambda now: self._do(form, group, step, now)

    def _forms(self, plan: Plan) -> dict[Form, progress.Group]:
        divisions = {division.id: division.name for division in planning.divisions()}
        entries = {item.id: ENTRIES[item.number - 1] for item in planning.items_of(plan)}
        starts = {item.id: item.starts_on for item in planning.items_of(plan)}
        tasks = db.session.scalars(select(Task).where(Task.plan_id == plan.id).order_by(Task.id)).all()
        forms: dict[Form, progress.Group] = {}
        for task in tasks:
            quarter = Quarter(plan.fiscal_year, task.quarter)
            assert plan.adopted_on is not None
            form = Form(
                year=plan.fiscal_year,
                key=entries[task.item_id].key,
                division=divisions[task.division_id],
                place=task.quarter - Quarter.of(starts[task.item_id]).number,
                quarter=task.quarter,
                opens_on=max(quarter.first_day, starts[task.item_id], plan.adopted_on),
                due_on=task.due_on,
            )
            forms[form] = progress.Group(task.item_id, task.division_id, task.quarter)
        return forms

    def _do(self, form: Form, group: progress.Group, step: Step, now: datetime) -> None:
        match step.deed:
            case Deed.APPROVE:
                with self._write():
                    progress.approve(group, now=now, by=self.office.actor(COORDINATOR, now))
                self._approved_today = True
            case Deed.SEND_BACK:
                note = form.chance("note").choice(words.RETURNED)
                with self._write():
                    progress.send_back(group, note, now=now, by=self.office.actor(COORDINATOR, now))
            case Deed.CANCEL:
                reason = "จัดเวทีร่วมกับกองการศึกษา ศาสนาและวัฒนธรรม เพื่อไม่ให้ประชาชนต้องเดินทางซ้ำ"
                with self._write():
                    for task in progress.tasks_of(group):
                        progress.cancel(task, reason, now=now, by=self.office.actor(COORDINATOR, now))
            case _:
                self._report(form, group, step.deed, now)

    def _report(self, form: Form, group: progress.Group, deed: Deed, now: datetime) -> None:
        chance = form.chance("words")
        with self._write():
            by = self.office.actor(form.division, now)
            tasks = [task for task in progress.tasks_of(group) if task.state in OUTSTANDING]
            last = any(task.completion for task in tasks)
            report = _written(form, deed, tasks, last, chance)
            if report.result and (last or deed is not Deed.REPORT or chance.randrange(4) == 0):
                self._prove(form, group, now)
            progress.report_group(group, report, now=now, by=by)

    def _prove(self, form: Form, group: progress.Group, now: datetime) -> None:
        caption = words.TOLD[form.key].evidence
        proof = make(form.key, caption, form.division, day_of(now), form.chance("proof", now))
        stored = storage.store(io.BytesIO(proof.data), proof.name)
        place = proving.Place(group.item_id, group.division_id, group.quarter)
        by = self.office.actor(form.division, now)
        proving.attach_file(stored, f"{caption} {form.division}", day_of(now), place, now=now, by=by)

    def _plan_answers(self, plan: Plan) -> None:
        """Put the day on which each division answers its follow-ups into the agenda."""
        calendar = working_calendar()
        rows = db.session.execute(
            select(FollowUp, Round, Division.name)
            .join(Round, Round.id == FollowUp.round_id)
            .join(Division, Division.id == FollowUp.division_id)
            .where(Round.plan_id == plan.id, FollowUp.prompts)
        )
        closed = plan.fiscal_year == self.closed_year
        for follow_up, asked, division in rows:
            day = fates.answered_on(division, asked.kind, asked.asks_on, asked.due_on, closed, calendar)
            if day is not None:
                self._at(day, 13 * 60 + follow_up.id % 60, self._answering(follow_up.id, division))

    def _answering(self, follow_up_id: int, division: str) -> Callable[[datetime], None]:
        return lambda now: self._answer(follow_up_id, division, now)

    def _answer(self, follow_up_id: int, division: str, now: datetime) -> None:
        with self._write():
            follow_up = db.session.scalars(select(FollowUp).where(FollowUp.id == follow_up_id)).one()
            if follow_up.state is not FollowUpState.WAITING:
                return
            answers = {
                line.answer_id: _answered(line, division, follow_up.round.kind)
                for line in following.lines_of(follow_up)
                if line.line in {Line.ASK, Line.CONFIRM}
            }
            by = self.office.actor(division, now)
            following.answer(follow_up, answers, confirmed=True, now=now, by=by)

    def _close(self, now: datetime) -> None:
        with self._write():
            plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == self.closed_year)).one()
            signed = Signed(
                f"{700 + self.closed_year % 100}/{self.closed_year}",
                day_of(now),
                document.SIGNER,
                document.SIGNER_POSITION,
            )
            reporting.close(plan, signed, now=now, by=self.office.actor(COORDINATOR, now))
        self.tell(f"ปิดรายงานผลปีงบประมาณ {self.closed_year}")


def _written(
    form: Form, deed: Deed, tasks: list[Task], last: bool, chance: Random
) -> progress.GroupReport:
    """What the division writes into the form."""
    if deed is Deed.BEGIN:
        return progress.GroupReport(problems=words.NONE, claims={task.id: Claim.NOT_YET for task in tasks})
    if deed is Deed.GET_STUCK:
        return progress.GroupReport(
            problems=words.what_is_wrong(form.division), claims={task.id: Claim.STUCK for task in tasks}
        )
    result = words.result(form.key, form.place, chance)
    if deed is Deed.CORRECT:
        result = words.CORRECTED.format(result=result)
    problems, suggestions = words.difficulty(form.key, form.division)
    word = Claim.COMPLETE if last or deed is Deed.REPORT_ALL_DONE else Claim.AS_PLANNED
    return progress.GroupReport(result, problems, suggestions, "", {task.id: word for task in tasks})


def _answered(line: following.AskedLine, division: str, kind: str) -> following.LineAnswer:
    """What a division answers to one line; what the quarters told is mostly only confirmed."""
    item_number = line.saved.measure.item_id
    raise NotImplementedError(item_number)
