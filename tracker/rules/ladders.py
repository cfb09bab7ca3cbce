"""Which reminder stages an organisation sends, whom its last late one tells besides, and from which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

Kind = Literal["task", "follow_up"]
KINDS: tuple[Kind, ...] = ("task", "follow_up")
MOST_STAGES = 5
LONGEST = 60


class Recipient(StrEnum):
    """For whom a stage is meant; which address that is on a day is found elsewhere."""

    DIVISION = "division"
    COORDINATOR = "coordinator"
    CLERK = "clerk"
    CHIEF_EXECUTIVE = "chief_executive"


class Escalation(StrEnum):
    """Up to whom the last late stage goes."""

    NOBODY = "nobody"
    CLERK = "clerk"
    CHIEF_EXECUTIVE = "chief_executive"

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Those it tells besides the division, from the lowest up."""
        line = (Recipient.CLERK, Recipient.CHIEF_EXECUTIVE)
        return {Escalation.NOBODY: (), Escalation.CLERK: line[:1], Escalation.CHIEF_EXECUTIVE: line}[self]


@dataclass(frozen=True)
class Ladder:
    """The stages of one kind: calendar days before, the day itself, working days after, then every week.

    `before` falls, `late` rises; both hold whole numbers from 1 to LONGEST.
    """

    before: tuple[int, ...]
    on: bool
    late: tuple[int, ...]
    weekly: bool

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages in their order, without the opening and the weekly ones."""
        days = [f"before-{days}" for days in self.before]
        return (*days, *(["on"] if self.on else []), *(f"late-{days}" for days in self.late))

    @property
    def last_late(self) -> int:
        """The working days after which weekly stages begin to count; 0 is the due day itself."""
        return self.late[-1] if self.late else 0


@dataclass(frozen=True)
class StagePlan:
    """An organisation's stages. `since` names, as kind:stage or kind:recipient, what did not exist before a day."""

    task: Ladder
    follow_up: Ladder
    escalation: Escalation = Escalation.CLERK
    since: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))

    def ladder(self, kind: Kind) -> Ladder:
        return self.task if kind == "task" else self.follow_up

    def since_of(self, kind: Kind, name: str) -> date:
        """The day before which the stage or the telling of this recipient did not exist."""
        family = "weekly" if name.startswith("weekly-") else name
        return self.since.get(f"{kind}:{family}", date.min)

    @property
    def longest(self) -> int:
        """How many days before a due day its first stage can fall, without days off."""
        return max((*self.task.before, *self.follow_up.before, 0))


USUAL = StagePlan(task=Ladder((14, 7, 1), True, (1, 5), True), follow_up=Ladder((7, 1), True, (1, 5), True))


def _parts(plan: StagePlan, kind: Kind) -> dict[str, object]:
    """What of a plan can be new by itself, and what it depends on."""
    ladder = plan.ladder(kind)
    parts: dict[str, object] = dict.fromkeys(ladder.stages)
    if ladder.weekly:
        parts["weekly"] = ladder.last_late
    if ladder.late:
        parts |= dict.fromkeys(plan.escalation.recipients, ladder.last_late)
    return parts


def changed(old: StagePlan, new: StagePlan, from_on: date) -> StagePlan:
    """The new stages; those that the old ones had not are never sent for days before `from_on`."""
    since: dict[str, date] = {}
    for kind in KINDS:
        before = _parts(old, kind)
        for name, depends in _parts(new, kind).items():
            if name not in before or before[name] != depends:
                since[f"{kind}:{name}"] = from_on
            elif f"{kind}:{name}" in old.since:
                since[f"{kind}:{name}"] = old.since[f"{kind}:{name}"]
    return replace(new, since=MappingProxyType(since))


def to_data(plan: StagePlan) -> dict[str, Any]:
    """The plan as a row keeps it."""
    return {
        **{
            kind: {
                "before": list(ladder.before),
                "on": ladder.on,
                "late": list(ladder.late),
                "weekly": ladder.weekly,
            }
            for kind in KINDS
            for ladder in [plan.ladder(kind)]
        },
        "escalation": str(plan.escalation),
        "since": {name: day.isoformat() for name, day in sorted(plan.since.items())},
    }


def from_data(data: Mapping[str, Any] | None) -> StagePlan:
    """The plan that `to_data` wrote; the usual one where nothing was set."""
    if not data:
        return USUAL
    task, follow_up = (
        Ladder(tuple(given["before"]), given["on"], tuple(given["late"]), given["weekly"])
        for given in (data[kind] for kind in KINDS)
    )
    since = {name: date.fromisoformat(day) for name, day in data["since"].items()}
    return StagePlan(task, follow_up, Escalation(data["escalation"]), MappingProxyType(since))
