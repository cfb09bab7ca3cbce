"""Sets an organisation's reminder stages and its sending hour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker import journal
from tracker.calendar import reminding_times
from tracker.database import current_organisation
from tracker.errors import FieldsRefused, Message
from tracker.rules import ladders
from tracker.rules.ladders import KINDS, LONGEST, MOST_STAGES, Escalation, Ladder, StagePlan
from tracker.rules.permissions import Actor
from tracker.rules.reminders import told_from
from tracker.rules.thai import arabic_digits

EARLIEST, LATEST = 5 * 60, 20 * 60


@dataclass(frozen=True)
class Settings:
    """What an organisation sets: the stages, and the minute after midnight at which digests leave."""

    stages: StagePlan
    send_minute: int


def current() -> Settings:
    """The settings of the organisation in scope."""
    send_minute, stages = reminding_times()
    return Settings(stages, send_minute)


def understand(given: Mapping[str, str]) -> Settings:
    """The settings as the form's fields say them; FieldsRefused names the fields that say nothing usable.

    For each kind `<kind>_before` and `<kind>_late` list numbers of days, `<kind>_on` and `<kind>_weekly` are there
    or not; `escalation` is a word of Escalation, `send_at` an hour as "08.30".
    """
    faults: dict[str, Message] = {}
    found: dict[str, Ladder] = {}
    for kind in KINDS:
        before, late = (_numbers(given, f"{kind}_{side}", faults) for side in ("before", "late"))
        ladder = Ladder(
            tuple(sorted(before, reverse=True)),
            bool(given.get(f"{kind}_on")),
            tuple(sorted(late)),
            bool(given.get(f"{kind}_weekly")),
        )
        found[kind] = ladder
        if not ladder.stages and f"{kind}_before" not in faults and f"{kind}_late" not in faults:
            faults[f"{kind}_before"] = Message("กรุณาเลือกอย่างน้อยหนึ่งช่วงเตือน")
    minute = _minute(given.get("send_at", ""), faults)
    try:
        escalation = Escalation(given.get("escalation", ""))
    except ValueError:
        faults["escalation"] = Message("กรุณาเลือกว่าแจ้งถึงใคร")
    if faults:
        raise FieldsRefused(faults)
    return Settings(StagePlan(found["task"], found["follow_up"], escalation), minute)


def _numbers(given: Mapping[str, str], name: str, faults: dict[str, Message]) -> set[int]:
    words = re.split(r"[\s,;]+", arabic_digits(given.get(name, "")).strip())
    numbers = {int(word) if word.isdecimal() and len(word) < 4 else 0 for word in words if word}
    if any(not 1 <= number <= LONGEST for number in numbers) or len(numbers) > MOST_STAGES:
        faults[name] = Message(
            "เขียนจำนวนวัน 1 ถึง %(longest)s คั่นด้วยจุลภาค ไม่เกิน %(most)s จำนวน",
            {"longest": LONGEST, "most": MOST_STAGES},
        )
        return set()
    return numbers


def _minute(text: str, faults: dict[str, Message]) -> int:
    found = re.fullmatch(r"([0-9]{1,2})[.:]([0-5][0-9])(?: *น\.?)?", arabic_digits(text).strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else 0
    if not EARLIEST <= minute <= LATEST:
        faults["send_at"] = Message("เขียนเวลาระหว่าง 05.00 ถึง 20.00 เช่น 08.30")
    return minute


def proposed(wanted: Settings, *, now: datetime) -> Settings:
    """The wanted settings as they would hold if they were saved now: new stages begin with the next digest."""
    old = current()
    from_on = told_from(now, old.send_minute)
    return Settings(ladders.changed(old.stages, wanted.stages, from_on), wanted.send_minute)


def change(wanted: Settings, *, now: datetime, by: Actor) -> None:
    """Let the settings hold from the next digest on; rows of the ledger stay as they are."""
    organisation = current_organisation(lock=True)
    new = proposed(wanted, now=now)
    data = ladders.to_data(new.stages)
    journal.record(
        "organisation.stages_set",
        "organisation",
        organisation.id,
        now=now,
        by=by,
        before=organisation.stages,
        after=data,
        send_minutes=[organisation.send_minute, new.send_minute],
    )
    organisation.stages, organisation.send_minute = data, new.send_minute
