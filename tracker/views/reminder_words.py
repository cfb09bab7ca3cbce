"""Stages, outcomes, jobs, lengths of time and subjects of reminders in the reader's words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from sqlalchemy import select

from tracker.database import db
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.models import Division, FollowUp, JournalEntry, Measure, Plan, Round, Submission, Task
from tracker.rules.stages import Reason


def stage_words(stage: str) -> str:
    """A stage as people say it: 7 วันก่อนกำหนด, เกินกำหนด 5 วันทำการ."""
    numbered: dict[str, Callable[[int], str]] = {
        "before": lambda number: _("%(number)s วันก่อนกำหนด", number=number),
        "late": lambda number: _("เกินกำหนด %(number)s วันทำการ", number=number),
        "weekly": lambda number: _("รายสัปดาห์ ครั้งที่ %(number)s", number=number),
        "waiting": lambda number: _("รออนุมัติเกิน %(number)s วันทำการ", number=number),
    }
    found = re.fullmatch(r"([a-z]+)-([0-9]+)", stage)
    if found and found[1] in numbered:
        return numbered[found[1]](int(found[2]))
    plain = {
        "open": _("เปิดรอบ"),
        "on": _("วันครบกำหนด"),
        "stuck": _("แจ้งว่าติดปัญหา"),
        "submitted": _("ส่งผลแล้ว รออนุมัติ"),
        "returned": _("ส่งกลับให้แก้"),
        "released": _("ปลัดแจ้งผู้บริหาร"),
        "approved": _("อนุมัติแล้ว"),
        "reopened": _("เปิดให้แก้ไขใหม่"),
        "moved": _("เปลี่ยนกำหนดส่ง"),
        "cancelled": _("ยกเลิกงาน"),
    }
    if stage.startswith("week-"):
        return _("สรุปประจำสัปดาห์")
    return plain.get(stage) or (_("สรุปประจำเดือน") if stage.startswith("monthly-") else stage)


def outcome_words(outcome: str, reason: str) -> str:
    """What became of a stage and why."""
    if outcome == "enqueued":
        return _("ส่งในจดหมาย")
    if outcome == "superseded":
        return _("รวมไว้ในช่วง “%(stage)s”", stage=stage_words(reason))
    if outcome == "cancelled":
        return _("ยกเลิก")
    return {
        Reason.BEFORE_ADOPTION: _("ไม่ส่ง: อยู่ก่อนวันประกาศใช้แผน"),
        Reason.BEFORE_NEW_DUE_DAY: _("ไม่ส่ง: อยู่ก่อนวันที่เปลี่ยนกำหนด"),
        Reason.BEFORE_STAGE: _("ไม่ส่ง: อยู่ก่อนวันที่ตั้งช่วงเตือนนี้"),
        Reason.SAME_PERSON: _("ไม่ส่ง: คนเดียวกันได้รับแจ้งแล้ว"),
        Reason.PAUSED: _("ไม่ส่ง: อยู่ระหว่างพักการเตือน"),
        Reason.NOBODY_REACHABLE: _("ไม่ส่ง: วันนี้ไม่มีผู้ใดรับได้"),
        Reason.TOLD_BEFORE_MERGER: _("ไม่ส่ง: ได้รับแจ้งก่อนรวมส่วนราชการแล้ว"),
    }.get(Reason(reason), reason)


def job_words(name: str) -> str:
    """What a job does."""
    return {
        "remind": _("วางแผนการเตือน"),
        "send": _("ส่งจดหมาย"),
        "follow": _("เปิดและปิดรอบติดตามผล"),
        "render": _("ทำไฟล์เอกสารที่ใช้เวลานาน"),
        "publish": _("เตรียมไฟล์ของรายงานที่เผยแพร่"),
        "anchor": _("จดเลขปลายบันทึกเหตุการณ์ไว้นอกฐานข้อมูล"),
        "housekeeping": _("ล้างข้อมูลที่หมดอายุ"),
    }.get(name, name)


def length_words(length: timedelta) -> str:
    """A length of time in its two largest units: 40 วินาที, 2 ชั่วโมง 10 นาที."""
    seconds = max(0, int(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return _("%(days)s วัน %(hours)s ชั่วโมง", days=days, hours=hours % 24)
    if hours:
        return _("%(hours)s ชั่วโมง %(minutes)s นาที", hours=hours, minutes=minutes % 60)
    if minutes:
        return _("%(minutes)s นาที", minutes=minutes)
    return _("%(seconds)s วินาที", seconds=seconds)


@dataclass(frozen=True)
class Named:
    """What a ledger subject is called, and the page that tells who was told of it, where there is one."""

    words: str
    href: str | None = None


def subjects(keys: Iterable[str]) -> dict[str, Named]:
    """The subjects by their keys; of those that are gone, their keys."""
    wanted: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    for key in set(keys):
        kind, *ids = key.split(":")
        wanted[kind].append((key, [int(part) for part in ids if part.isdecimal()]))
    named: dict[str, Named] = {}
    _name_groups(wanted["group"], named)
    _name_submissions([*wanted["submission"], *wanted["stuck"]], named)
    _name_follow_ups(wanted["follow-up"], named)
    _name_plans(wanted["plan"], named)
    _name_news(wanted["journal"], named)
    named["week"] = Named(_("บันทึกเหตุการณ์ของหน่วยงาน"))
    return {key: named.get(key, Named(key)) for pairs in wanted.values() for key, _ids in pairs}


Pairs = list[tuple[str, list[int]]]


def _name_groups(pairs: Pairs, named: dict[str, Named]) -> None:
    if not pairs:
        return
    rows = db.session.execute(
        select(Task.item_id, Task.division_id, Task.quarter, Measure.title, Division.name)
        .join(Measure, Measure.id == Task.measure_id)
        .join(Division, Division.id == Task.division_id)
        .where(Task.item_id.in_({ids[0] for _key, ids in pairs}))
        .order_by(Measure.number.desc())
    )
    found = {(item, division, quarter): (title, name) for item, division, quarter, title, name in rows}
    for key, ids in pairs:
        if tuple(ids) in found:
            title, division = found[ids[0], ids[1], ids[2]]
            named[key] = _group(ids[0], ids[1], ids[2], title, division)


def _group(item_id: int, division_id: int, quarter: int, title: str, division: str) -> Named:
    return Named(
        _("%(division)s ไตรมาส %(quarter)s: %(title)s", division=division, quarter=quarter, title=title),
        url_for("told.group", item_id=item_id, division_id=division_id, quarter=quarter),
    )


def _name_submissions(pairs: Pairs, named: dict[str, Named]) -> None:
    if not pairs:
        return
    rows = db.session.scalars(select(Submission).where(Submission.id.in_({ids[0] for _key, ids in pairs})))
    groups = {row.id: f"group:{row.item_id}:{row.division_id}:{row.quarter}" for row in rows}
    found: dict[str, Named] = {}
    _name_groups([(key, [int(part) for part in key.split(":")[1:]]) for key in set(groups.values())], found)
    named |= {key: found[groups[ids[0]]] for key, ids in pairs if groups.get(ids[0]) in found}


def _name_follow_ups(pairs: Pairs, named: dict[str, Named]) -> None:
    if not pairs:
        return
    rows = db.session.execute(
        select(FollowUp.id, Round.period_end, Division.name)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Division, Division.id == FollowUp.division_id)
        .where(FollowUp.id.in_({ids[0] for _key, ids in pairs}))
    )
    for follow_up_id, period_end, division in rows:
        named[f"follow-up:{follow_up_id}"] = Named(
            _("%(division)s: ติดตามผลถึง %(day)s", division=division, day=short_date(period_end)),
            url_for("follow_up.form", follow_up_id=follow_up_id),
        )


def _name_plans(pairs: Pairs, named: dict[str, Named]) -> None:
    if not pairs:
        return
    for plan in db.session.scalars(select(Plan).where(Plan.id.in_({ids[0] for _key, ids in pairs}))):
        named[f"plan:{plan.id}"] = Named(_("แผนปี %(year)s", year=plan.fiscal_year))


def _name_news(pairs: Pairs, named: dict[str, Named]) -> None:
    if not pairs:
        return
    entries = db.session.scalars(
        select(JournalEntry).where(JournalEntry.number.in_({ids[0] for _key, ids in pairs}))
    ).all()
    first = {entry.number: (entry.details.get("tasks") or [entry.subject_id])[0] for entry in entries}
    rows = db.session.execute(
        select(Task, Measure.title, Division.name)
        .join(Measure, Measure.id == Task.measure_id)
        .join(Division, Division.id == Task.division_id)
        .where(Task.id.in_(set(first.values())))
    )
    tasks = {task.id: (task, title, division) for task, title, division in rows}
    for number, task_id in first.items():
        if task_id in tasks:
            task, title, division = tasks[task_id]
            named[f"journal:{number}"] = _group(task.item_id, task.division_id, task.quarter, title, division)
