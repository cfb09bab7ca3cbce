"""Lives the years of the demo day by day, through the same actions and jobs that a real office uses."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from jobs.follow import follow
from jobs.remind import remind
from jobs.send import send
from tracker import groups
from tracker.actions import importing, planning, publishing, reporting
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.demo import deeds, document, fates, office, scores, words, years
from tracker.demo.fates import OF_COORDINATOR, Deed, Form
from tracker.demo.plan import ENTRIES
from tracker.models import Division, FollowUp, Plan, Round, Task
from tracker.reading import plan as reader
from tracker.rules.fiscal import Quarter, fiscal_year_of
from tracker.rules.moments import day_of, moment_on
from tracker.rules.permissions import Actor
from tracker.rules.report_inputs import Signed
from tracker.rules.workdays import Calendar
from tracker.storage import keep_source

MORNING, NOON, DAYS_END = 8 * 60 + 30, 12 * 60, 16 * 60 + 50
_ADOPTING, _CLOSING, _HEARING = 14 * 60, 15 * 60, 10 * 60


class Life:
    """The organisation from its first day up to `now`; `tell` hears when a year begins and ends.

    `closed_year` is the one with a report, `documents` the plans as they were announced, `mails` how many the
    mail server took.
    """

    def __init__(self, now: datetime, tell: Callable[[str], None]) -> None:
        self.now, self.today, self.tell = now, day_of(now), tell
        self.calendar = Calendar()
        self.closed_year = years.closed_year_on(self.today, self.calendar)
        self.documents: dict[int, bytes] = {}
        self.mails = 0
        self._agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._entries = 0
        self._settles_today = False

    @property
    def years(self) -> range:
        """The fiscal years whose plan has been announced, the closed one first."""
        coming = fiscal_year_of(self.today) + 1
        announced = moment_on(years.adopted_on(coming, self.calendar), _ADOPTING) <= self.now
        return range(self.closed_year, coming + 1 if announced else coming)

    def live(self) -> None:
        """Found the organisation and do what each day brings, up to now."""
        first = years.founded_on(self.closed_year, self.calendar)
        self.office = office.found(moment_on(first, 9 * 60))
        for year in scores.years(self.closed_year):
            known_on = max(scores.announced_on(year, self.calendar), first)
            self._note(known_on, _HEARING, partial(self._hear_result, year))
        for year in self.years:
            self._note(years.adopted_on(year, self.calendar), _ADOPTING, partial(self._adopt, year))
        self._note(years.closed_on(self.closed_year, self.calendar), _CLOSING, self._close)
        day = first
        while day <= self.today:
            self._live_through(day)
            day += timedelta(days=1)

    def _live_through(self, day: date) -> None:
        if self.calendar.is_working(day):
            self._note(day, MORNING, self._remind)
            self._note(day, DAYS_END, self._end_day)
        while self._agenda and day_of(self._agenda[0][0]) <= day:
            moment, _, deed = heapq.heappop(self._agenda)
            if moment <= self.now:
                deed(moment)

    def _note(self, day: date, minute: int, deed: Callable[[datetime], None]) -> None:
        """Write a deed into the agenda."""
        self._entries += 1
        heapq.heappush(self._agenda, (moment_on(day, minute), self._entries, deed))

    def _remind(self, now: datetime) -> None:
        remind(now)
        self.mails += send(lambda: now)

    def _end_day(self, now: datetime) -> None:
        # The jobs run every minute; what they find after an approval they find all the same in the evening.
        if self._settles_today:
            follow(now)
            self._settles_today = False
        self.mails += send(lambda: now)

    def _hear_result(self, year: int, now: datetime) -> None:
        with self.office.writing():
            db.session.add(scores.assessment(year, self.closed_year))

    def _adopt(self, year: int, now: datetime) -> None:
        written_at = now - timedelta(hours=4)
        data = self.documents[year] = document.write(year, self.closed_year, day_of(now), written_at)
        signature = planning.Signature(
            f"{100 + year % 100}/{year - 1}", day_of(now), document.SIGNER, document.SIGNER_POSITION
        )
        with self.office.writing():
            by = self.office.actor(office.COORDINATOR, now)
            read = reader.read(data, f"plan-{year}.docx", year)
            draft = importing.understand(read, planning.divisions(), fiscal_year=year)
            plan = importing.save(draft, keep_source(data), now=written_at, by=by)
            planning.adopt(plan, now=now, by=by, signature=signature)
            self._note_forms(plan)
            self._note_answers(plan)
        self.tell(f"ประกาศใช้แผนปีงบประมาณ {year} แล้ว")

    def _note_forms(self, plan: Plan) -> None:
        """Write what becomes of each form into the agenda."""
        groups = _forms(plan)
        calendar = working_calendar()
        if plan.fiscal_year == self.closed_year:
            steps = fates.of_closed_year(groups, calendar)
        else:
            steps = fates.of_running_year(list(groups), self.today, calendar)
        for form, of_form in steps.items():
            for number, step in enumerate(of_form):
                minute = form.chance("minute", number).randint(MORNING + 30, NOON - 10)
                # Divisions write in the morning, the coordinator looks at it in the afternoon.
                minute += 4 * 60 if step.deed in OF_COORDINATOR else 0
                self._note(step.on, minute, partial(self._do, form, groups[form], step.deed))

    def _do(self, form: Form, group: groups.Group, deed: Deed, now: datetime) -> None:
        deeds.do(self.office, form, group, deed, now)
        self._settles_today |= deed is Deed.APPROVE

    def _note_answers(self, plan: Plan) -> None:
        """Write the days on which the divisions answer their follow-ups into the agenda."""
        calendar = working_calendar()
        rows = db.session.execute(
            select(FollowUp.id, Round.kind, Round.asks_on, Round.due_on, Division.name)
            .join(Round, Round.id == FollowUp.round_id)
            .join(Division, Division.id == FollowUp.division_id)
            .where(Round.plan_id == plan.id, FollowUp.prompts)
        )
        closed = plan.fiscal_year == self.closed_year
        for follow_up_id, kind, asks_on, due_on, division in rows:
            day = fates.answered_on(division, kind, asks_on, due_on, closed, calendar)
            if day is not None:
                answer = partial(deeds.answer, self.office, follow_up_id, division)
                self._note(day, NOON + 60 + follow_up_id % 60, answer)

    def _close(self, now: datetime) -> None:
        year = self.closed_year
        signed = Signed(f"{700 + year % 100}/{year}", day_of(now), document.SIGNER, document.SIGNER_POSITION)
        with self.office.writing():
            plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one()
            by = self.office.actor(office.COORDINATOR, now)
            photos = [
                one.evidence.id
                for one in reporting.evidence_of_plan(plan)
                if one.evidence.media_type.startswith("image/")
            ]
            reporting.show_evidence(plan, photos, now=now, by=by)
            self._mend(plan, now, by)
            reporting.close(plan, signed, now=now, by=by)
            publishing.publish(plan, sure=True, now=now, by=by)
        self.tell(f"ปิดรายงานผลปีงบประมาณ {year} แล้ว")

    @staticmethod
    def _mend(plan: Plan, now: datetime, by: Actor) -> None:
        """Explain what fell and what was not finished, so that the year may be closed."""
        under_way = reporting.under_way(plan, now=now)
        for finding in under_way.readiness.must:
            if finding.code != "fallen":
                reporting.answer_finding(plan, finding, words.UNFINISHED, now=now, by=by)
                continue
            for item in finding.subjects:
                told = next(
                    one.proposal for one in under_way.cells if (one.item_id, one.cell) == (item.id, "outcome")
                )
                text = f"{told}\n{words.FALLEN}"
                reporting.edit_cell(plan, item.id, "outcome", text, now=now, by=by)


def _forms(plan: Plan) -> dict[Form, groups.Group]:
    """The plan's groups of tasks, each as a form that fates can be decided for."""
    names = {division.id: division.name for division in planning.divisions()}
    items = {item.id: item for item in planning.items_of(plan)}
    forms: dict[Form, groups.Group] = {}
    for task in db.session.scalars(select(Task).where(Task.plan_id == plan.id).order_by(Task.id)):
        item = items[task.item_id]
        quarter = Quarter(plan.fiscal_year, task.quarter)
        form = Form(
            year=plan.fiscal_year,
            key=ENTRIES[item.number - 1].key,
            division=names[task.division_id],
            place=task.quarter - Quarter.of(item.starts_on).number,
            quarter=task.quarter,
            opens_on=max(quarter.first_day, item.starts_on),
            due_on=task.due_on,
        )
        forms[form] = groups.Group(task.item_id, task.division_id, task.quarter)
    return forms
