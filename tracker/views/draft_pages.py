"""A draft plan as its pages show it, and an item as its form says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import url_for

from tracker.actions.drafting import ItemText
from tracker.actions.drafting.lastyear import Told
from tracker.actions.planning import Forecast
from tracker.catalogue.assessment import INDICATORS
from tracker.catalogue.topics import TOPICS
from tracker.errors import Message
from tracker.forms.drafting import LISTS, LONGEST, ItemForm
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.models import Plan, PlanItem, PlanSnapshot
from tracker.rules import windows
from tracker.rules.fiscal import BUDDHIST_OFFSET, Quarter, quarters_between
from tracker.rules.thai import arabic_digits
from tracker.rules.windows import PLAUSIBLE_YEARS


def forecast_words(forecast: Forecast) -> dict[str, Any]:
    return {
        "tasks": forecast.tasks,
        "forms": forecast.forms,
        "per_quarter": [
            (_("ไตรมาส %(number)s", number=number), tasks)
            for number, tasks in forecast.tasks_by_quarter.items()
        ],
        "look_back": _("งาน %(number)s งานพ้นหรือใกล้พ้นกำหนดแล้ว จะเป็นงานย้อนหลัง", number=forecast.look_back)
        if forecast.look_back
        else None,
    }


def row(
    plan: Plan,
    item: PlanItem,
    faults: Sequence[str],
    results: Mapping[int, Sequence[Told]],
    items: int,
    old_year: int | None,
) -> dict[str, Any]:
    inside = {quarter.number for quarter in quarters_between(item.starts_on, item.ends_on)}
    names = [division.name for division in item.divisions]
    return {
        "id": item.id,
        "number": item.number,
        "heading": item.heading or (item.measures[0].title if item.measures else "–"),
        "subject": _subject(item),
        "faults": faults,
        "note": _old_year(item, old_year),
        "measures": [
            {"title": measure.title, "results": [result(line) for line in results.get(measure.id, ())]}
            for measure in item.measures
        ],
        "steps": [step.text for step in item.steps],
        "analysis": item.analysis,
        "targets": item.targets,
        "window": f"{short_date(item.starts_on)} – {short_date(item.ends_on)}",
        "quarters": [(number, number in inside) for number in range(1, 5)],
        "divisions": _("ทุกกอง (%(number)s)", number=len(names)) if item.everyone else ", ".join(names),
        "follow_up": item.follow_up_text or rule_words()["unspecified"],
        "first": item.number == 1,
        "last": item.number == items,
        "href": url_for("drafting.item", year=plan.fiscal_year, item_id=item.id),
        "place_href": url_for("drafting.place", year=plan.fiscal_year, item_id=item.id),
    }


def _old_year(item: PlanItem, old_year: int | None) -> str | None:
    """A word of warning where the texts of an item still name the year they were carried over from."""
    texts = [
        item.heading,
        *(one.title for one in item.measures),
        *(one.text for one in item.steps),
        *item.targets,
    ]
    if old_year is None or str(old_year) not in arabic_digits(" ".join(texts)):
        return None
    return _("ยังเขียนถึงปี %(year)s", year=old_year)


def _subject(item: PlanItem) -> str:
    if item.topic:
        return _("ประเด็นที่ %(number)s", number=item.topic)
    return _("ตัวชี้วัดที่ %(number)s", number=item.indicator) if item.indicator else ""


def result(line: Told) -> dict[str, str]:
    when = _("ไตรมาส %(number)s", number=line.quarter) if line.quarter else _("รอบ 12 เดือน")
    if line.recorded:
        when = _("ตามรายงานผลที่เก็บไว้")
    return {"who": f"{line.division} · {when}" if line.division else when, "text": line.text}


def change(before: PlanSnapshot | None) -> str | None:
    """What "undo" would take back."""
    if before is None:
        return None
    number = before.content["number"]
    return {
        "added": _("เลิกทำ: เพิ่มรายการที่ %(number)s", number=number),
        "changed": _("เลิกทำ: แก้รายการที่ %(number)s", number=number),
        "moved": _("เลิกทำ: ย้ายรายการที่ %(number)s", number=number),
        "removed": _("เลิกทำ: ลบรายการที่ %(number)s", number=number),
    }[before.content["change"]]


def rule_words() -> dict[str, str]:
    return {
        "unspecified": _("ตามนโยบายของหน่วยงาน"),
        "six_twelve": _("รอบ 6 เดือน และ 12 เดือน"),
        "six_months": _("รอบ 6 เดือน"),
        "twelve_months": _("รอบ 12 เดือน"),
        "quarterly": _("ทุกไตรมาส"),
        "monthly": _("ทุกเดือน"),
        "months": _("ในเดือนที่ระบุ"),
        "once": _("ครั้งเดียว"),
        "at_least_per_year": _("ปีละตามจำนวนครั้ง"),
        "on_completion": _("หลังดำเนินการแล้วเสร็จ"),
    }


def values(plan: Plan, item: PlanItem | None) -> dict[str, Any]:
    """The fields of an item as they are stored; a window of whole quarters as its boxes."""
    if item is None:
        blank: dict[str, Any] = dict.fromkeys(
            ("heading", "subject", "analysis", "starts_on", "ends_on", "follow_up_n", "follow_up_months"), ""
        )
        return blank | {
            "quarters": [],
            "everyone": False,
            "divisions": frozenset(),
            "follow_up": "unspecified",
            **{name: [] for name in LISTS},
        }
    quarters = _whole_quarters(plan, item.starts_on, item.ends_on)
    return {
        "heading": item.heading,
        "subject": f"topic-{item.topic}"
        if item.topic
        else f"indicator-{item.indicator}"
        if item.indicator
        else "",
        "analysis": item.analysis,
        "starts_on": "" if quarters else short_date(item.starts_on, "th"),
        "ends_on": "" if quarters else short_date(item.ends_on, "th"),
        "quarters": quarters,
        "everyone": item.everyone,
        "divisions": frozenset() if item.everyone else frozenset(division.id for division in item.divisions),
        "follow_up": item.follow_up_kind,
        "follow_up_n": str(item.follow_up_n or ""),
        "follow_up_months": ", ".join(map(_month_words, item.follow_up_months)),
        "measures": [measure.title for measure in item.measures],
        "steps": [step.text for step in item.steps],
        "targets": list(item.targets),
    }


def _month_words(month: str) -> str:
    return short_date(date.fromisoformat(f"{month}-01"), "th").partition(" ")[2]


def _whole_quarters(plan: Plan, start: date, end: date) -> list[int]:
    first, last = Quarter.of(start), Quarter.of(end)
    whole = start == first.first_day and end == last.last_day
    inside = first.fiscal_year == last.fiscal_year == plan.fiscal_year
    return list(range(first.number, last.number + 1)) if whole and inside else []


def told(plan: Plan, form: ItemForm, known: PlanItem | None) -> tuple[ItemText, dict[str, Message]]:
    """What the form says, and what of it cannot be understood."""
    subject = form.subject()
    topic, indicator = (
        (subject[1], None)
        if subject and subject[0] == "topic"
        else (None, subject[1])
        if subject
        else (None, None)
    )
    if known is not None and topic and topic == known.topic:
        indicator = known.indicator
    heading = " ".join(str(form.heading.data or "").split())
    told = ItemText(
        heading=heading or _title(topic, indicator),
        topic=topic,
        indicator=indicator,
        analysis=str(form.analysis.data or "").replace("\r\n", "\n").strip(),
        measures=tuple(form.lines("measures")),
        steps=tuple(form.lines("steps")),
        targets=tuple(form.lines("targets")),
        everyone=bool(form.everyone.data),
        division_ids=form.division_ids(),
        start=form.starts_on.day,
        end=form.ends_on.day,
        follow_up=form.follow_up(),
        n=form.number() if form.follow_up() in ("at_least_per_year", "on_completion") else None,
    )
    faults = {
        name: Message("ข้อความยาวเกิน %(number)s ตัวอักษร", {"number": LONGEST})
        for name in LISTS
        if len("".join(form.lines(name))) > LONGEST
    }
    quarters = form.quarters()
    if quarters:
        first, last = Quarter(plan.fiscal_year, quarters[0]), Quarter(plan.fiscal_year, quarters[-1])
        boxes = (first.first_day, last.last_day)
        if (told.start, told.end) not in ((None, None), boxes):
            faults["window"] = Message("เลือกไตรมาสหรือเขียนวันที่อย่างใดอย่างหนึ่ง")
        elif len(quarters) != quarters[-1] - quarters[0] + 1:
            faults["window"] = Message("ไตรมาสที่เลือกต้องต่อเนื่องกัน ถ้าเว้นช่วงให้แยกเป็นสองรายการ")
        told = replace(told, start=boxes[0], end=boxes[1])
    if told.follow_up in ("months", "once"):
        months = _months(plan, str(form.follow_up_months.data or ""))
        if months is None:
            faults["follow_up_months"] = Message("อ่านเดือนไม่ออก ลองเขียนแบบ เม.ย. 2569, ต.ค. 2569")
        told = replace(told, months=tuple(months or ()))
    return told, faults


def _title(topic: int | None, indicator: int | None) -> str:
    """What the forms of the assessment call it, in Thai as in every plan."""
    if topic:
        return next(one.title for one in TOPICS if one.number == topic)
    return next((one.name for one in INDICATORS if one.number == indicator), "")


def _months(plan: Plan, text: str) -> list[str] | None:
    """The months as "2025-10"; one without a year lies in the plan's; None where the text names something else."""
    if not text.strip():
        return []
    found = windows.months_in(text)
    if len(found) != len([part for part in text.replace("และ", ",").split(",") if part.strip()]):
        return None
    months = set()
    for number, written in found:
        year = written or plan.fiscal_year - (number >= 10)
        if year not in PLAUSIBLE_YEARS:
            return None
        months.add(f"{year - BUDDHIST_OFFSET:04}-{number:02}")
    return sorted(months)
