"""Puts a town into the real database and lets it live: what the planner writes and what people do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from tests.oracle.days import ONE
from tests.oracle.office import Event, FollowUp
from tests.oracle.plans import group_name
from tests.oracle.telling import FOR_THE_COORDINATOR
from tests.oracle.towns import FIRST, FISCAL_YEAR, LAST, Town
from tests.world import at
from tracker.actions import following, organising, planning, progress, reminding
from tracker.actions.following import LineAnswer
from tracker.actions.progress import GroupReport
from tracker.actions.reminding.news import NEWS
from tracker.database import db, organisation_scope, writing
from tracker.groups import Group, tasks_of
from tracker.models import (
    CalendarDay,
    Completion,
    Division,
    Holding,
    JournalEntry,
    Kind,
    Measure,
    OutgoingMail,
    Plan,
    PlanItem,
    PlanItemDivision,
    PlanState,
    Position,
    Reminder,
    Round,
    Submission,
)
from tracker.models import FollowUp as FollowUpRow
from tracker.rules.claims import NONE, Claim
from tracker.rules.digest import Digest
from tracker.rules.moments import day_of
from tracker.rules.permissions import SYSTEM, Role
from tracker.rules.reminders import Day

FOUNDED = at("2025-09-01")


@dataclass
class Lived:
    """What the engine did in a year, in the oracle's words."""

    mails: dict[tuple[date, str], set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    ledger: dict[tuple[str, int, str, str], str] = field(default_factory=dict)
    same_person: set[tuple[str, int, str, str]] = field(default_factory=set)
    vacancies: set[tuple[date, str]] = field(default_factory=set)
    unreached: set[tuple[date, str, str, str]] = field(default_factory=set)
    letters: list[tuple[date, str]] = field(default_factory=list)  # the digests in the outbox
    digests: dict[tuple[date, str], set[tuple[str, str]]] = field(default_factory=dict)  # what each one shows
    second_mails: list[Digest] = field(default_factory=list)  # what another look on the same day would send
    foretold: list[tuple[Day, Day]] = field(default_factory=list)


class Play:
    """One town in the database."""

    def __init__(self, town: Town) -> None:
        self.town = town
        office = town.office
        with writing():
            self.organisation_id = organising.add_organisation(
                office.name, office.name, Kind.SAO, list(office.heads), now=FOUNDED, by=SYSTEM
            ).id
        with self.write():
            self._seat()
            self._adopt()
        with self.read():
            self._name_follow_ups()

    @contextmanager
    def read(self) -> Iterator[None]:
        with organisation_scope(self.organisation_id):
            yield
            db.session.rollback()

    @contextmanager
    def write(self) -> Iterator[None]:
        with organisation_scope(self.organisation_id), writing():
            yield

    def _seat(self) -> None:
        office = self.town.office
        self.divisions = {row.name: row.id for row in db.session.scalars(select(Division))}
        roles = {
            Role.CHIEF_EXECUTIVE: office.chief,
            Role.CLERK: office.clerk,
            Role.COORDINATOR: office.coordinator,
        }
        names = {number: office.heads[name] for name, number in self.divisions.items()}
        positions = {
            names[row.division_id] if row.division_id else roles[row.role]: row
            for row in db.session.scalars(select(Position))
        }
        self.seat_of_title = {row.title: seat for seat, row in positions.items()}
        users = {
            address: organising.add_user(address, address, now=FOUNDED, by=SYSTEM).id
            for address in sorted(self.town.people)
        }
        for name, seat in office.seats.items():
            position = positions[name]
            position.mailbox = seat.mailbox
            assert position.superior_id == (positions[seat.superior].id if seat.superior else None)
            for holding in seat.holdings:
                db.session.add(
                    Holding(
                        position_id=position.id,
                        user_id=users[holding.person],
                        acting=holding.acting,
                        from_on=holding.since,
                        until_on=holding.until,
                    )
                )
        for day in office.days.closed:
            db.session.add(CalendarDay(day=day, working=False, name="ปิดทำการ"))
        for day in office.days.worked:
            db.session.add(CalendarDay(day=day, working=True, name="ทำการชดเชย"))

    def _adopt(self) -> None:
        plan = Plan(fiscal_year=FISCAL_YEAR, assessment_year=FISCAL_YEAR - 1)
        db.session.add(plan)
        db.session.flush()
        self.groups = {}
        for item in self.town.items:
            row = PlanItem(
                plan_id=plan.id,
                number=item.number,
                heading="การปฏิบัติหน้าที่",
                starts_on=item.window[0],
                ends_on=item.window[1],
                follow_up_kind=item.rule,
                follow_up_months=[f"{month:%Y-%m}" for month in item.months],
            )
            db.session.add(row)
            db.session.flush()
            for division in item.divisions:
                db.session.add(PlanItemDivision(item_id=row.id, division_id=self.divisions[division]))
                for quarter in range(1, 5):
                    group = Group(row.id, self.divisions[division], quarter)
                    self.groups[group_name(item.number, division, quarter)] = group
            db.session.add_all(
                Measure(item_id=row.id, number=n, title=f"มาตรการที่ {n}") for n in range(1, item.measures + 1)
            )
        db.session.flush()
        planning.adopt(plan, now=at(f"{self.town.office.adopted}", "15:00"), by=SYSTEM)
        self.plan_id = plan.id

    def _name_follow_ups(self) -> None:
        names = {number: name for name, number in self.divisions.items()}
        self.follow_ups = {
            f"{names[row.division_id]}: {asked.kind} to {asked.period_end}": row.id
            for row, asked in db.session.execute(
                select(FollowUpRow, Round)
                .join(Round, Round.id == FollowUpRow.round_id)
                .where(FollowUpRow.prompts)
            )
        }

        self.about = {f"/follow-up/{number}": name for name, number in self.follow_ups.items()}
        self.about |= {f"/plan/{FISCAL_YEAR}": "plan", "/journal": "week", "/": "week"}
        for name, group in self.groups.items():
            self.about[f"/work/{group.item_id}/{group.division_id}/{group.quarter}"] = name

    def live(self, foretell: Iterable[date] = (), first: date = FIRST, last: date = LAST) -> Lived:
        """Every day from the first to the last: the morning's plan, the afternoon's deeds, the evening's forecast."""
        office = self.town.office
        deeds = defaultdict(list)
        for subject in [*office.groups, *office.follow_ups]:
            for event in subject.events:
                deeds[event.on].append((subject, event))
        lived = Lived()
        foretold: dict[date, Day] = {}
        asked = set(foretell)
        day = first
        while day <= last:
            if day not in self.town.off:
                decided = self._morning(day, lived)
                if day in foretold:
                    lived.foretold.append((foretold[day], decided))
            with self.write():
                for subject, event in deeds[day]:
                    self._do(subject.name, event, isinstance(subject, FollowUp), at(f"{day}", "15:00"))
                if day == office.closed:
                    db.session.scalars(select(Plan)).one().state = PlanState.CLOSED
            day += ONE
            if day in asked and office.adopted < day:
                with self.read():
                    if day - ONE not in self.town.off:
                        lived.second_mails += reminding.forecast([day - ONE])[0].digests
                    foretold[day] = reminding.forecast([day])[0]
        self._translate(lived)
        return lived

    def _morning(self, day: date, lived: Lived) -> Day:
        now = at(f"{day}", "08:30")
        with self.write():
            decided = reminding.plan_day(now=now)
        for vacancy in decided.vacancies:
            lived.vacancies.add((day, self.seat_of_title[vacancy.title]))
        for digest in decided.digests:
            lines = {(self.about[line.path], line.stage) for line in digest.lines}
            lived.digests[day, digest.address] = lines
        return decided

    def _do(self, name: str, event: Event, follow_up: bool, now: datetime) -> None:
        if follow_up:
            row = db.session.scalars(select(FollowUpRow).where(FollowUpRow.id == self.follow_ups[name])).one()
            answer = LineAnswer(Completion.PARTLY, "ทำแล้ว", "", NONE, NONE)
            answers = {line.answer_id: answer for line in following.lines_of(row)}
            following.answer(row, answers, True, now=now, by=SYSTEM)
            return
        group = self.groups[name]
        if event.what in FOR_THE_COORDINATOR:
            words = {}
            for place, task in enumerate(tasks_of(group)):
                if event.what == "stuck" or (event.what == "partly" and place > 0):
                    words[task.id] = Claim.STUCK
                else:
                    words[task.id] = Claim.COMPLETE if task.completion else Claim.AS_PLANNED
            problems = NONE if event.what == "submitted" else "ขาดคน"
            told = GroupReport("ทำแล้ว", problems, NONE, "ไม่มีภาพถ่าย", words)
            progress.report_group(group, told, now=now, by=SYSTEM)
        elif event.what == "approved":
            progress.approve(group, now=now, by=SYSTEM)
        elif event.what == "sent_back":
            progress.send_back(group, "ขอจำนวนเล่ม", now=now, by=SYSTEM)
        elif event.what == "reopened":
            progress.reopen(group, "ตัวเลขผิด", now=now, by=SYSTEM)
        elif event.what == "moved":
            assert event.due is not None
            progress.move_due_day(group, event.due, "รอพัสดุ", now=now, by=SYSTEM)
        elif event.what == "cancelled":
            for task in tasks_of(group):
                progress.cancel(task, "ยุบโครงการ", now=now, by=SYSTEM)

    def _translate(self, lived: Lived) -> None:
        """The ledger and the outbox in the oracle's words."""
        with self.read():
            names = self._names()
            titles = dict(db.session.execute(select(Position.id, Position.title)).all())
            rows = db.session.execute(
                select(Reminder, OutgoingMail).outerjoin(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
            ).all()
            for row, mail in rows:
                about, subject = names[row.subject]
                slot = (subject, row.due_version, row.stage, row.recipient)
                if row.reason == "nobody reachable":
                    seat = self.seat_of_title[titles[row.position_id]]
                    lived.unreached.add((day_of(row.planned_at), seat, subject, row.stage))
                    continue
                if row.reason == "same person":
                    lived.same_person.add(slot)
                    continue
                outcome = {"enqueued": "sent"}.get(row.outcome, str(row.outcome))
                # Each task that was cancelled is news of its own; of a group they are one to the oracle.
                assert lived.ledger.setdefault(slot, outcome) == outcome, slot
                if mail is not None:
                    assert mail.to_address.lower() == row.recipient
                    lived.mails[day_of(mail.created_at), row.recipient].add((about, row.stage))
            lived.letters = [
                (day_of(mail.created_at), mail.to_address.lower())
                for mail in db.session.scalars(select(OutgoingMail).where(OutgoingMail.kind == "digest"))
            ]

    def _names(self) -> dict[str, tuple[str, str]]:
        """For each subject of the ledger what it is about, and the oracle's name for it."""
        office = self.town.office
        events = {group.name: group.events for group in office.groups}
        names = {group.subject: (name, name) for name, group in self.groups.items()}
        names |= {f"follow-up:{number}": (name, name) for name, number in self.follow_ups.items()}
        names |= {f"plan:{self.plan_id}": ("plan", "plan"), "week": ("week", "week")}
        of_group = {group: name for name, group in self.groups.items()}
        for row in db.session.scalars(select(Submission)):
            name = of_group[Group(row.item_id, row.division_id, row.quarter)]
            came = [place for place, event in enumerate(events[name]) if event.what in FOR_THE_COORDINATOR]
            subject = f"{name} {came[row.number - 1]}"
            names[f"submission:{row.id}"] = (name, subject)
            names[f"stuck:{row.id}"] = (name, f"{subject} stuck")
        group_of_task = {
            task.id: name for name, group in self.groups.items() if name in events for task in tasks_of(group)
        }
        for entry in db.session.scalars(select(JournalEntry)):
            if entry.deed in NEWS:
                tasks = entry.details.get("tasks") or [entry.subject_id]
                name = group_of_task[tasks[0]]
                stage = NEWS[entry.deed]
                on = day_of(entry.at)
                place = next(
                    place
                    for place, event in enumerate(events[name])
                    if event.what == stage and event.on == on
                )
                names[f"journal:{entry.number}"] = (name, f"{name} {place}")
        return names
