"""Who may do what: one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person is in an organisation on a day."""

    HEAD = "head"
    STAFF = "staff"
    COORDINATOR = "coordinator"
    CLERK = "clerk"
    CHIEF_EXECUTIVE = "chief_executive"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM_ADMINISTRATOR = "system_administrator"


class Deed(StrEnum):
    """Something a request may ask for."""

    SEE_OWN_ACCOUNT = "see_own_account"
    SEE_PLAN = "see_plan"
    SEE_EVIDENCE = "see_evidence"
    REPORT_GROUP = "report_group"
    SEE_ANSWERS = "see_answers"
    ANSWER_FOLLOW_UP = "answer_follow_up"
    PASS_ON_GROUP = "pass_on_group"
    APPROVE = "approve"
    STEER_WORK = "steer_work"
    SEE_DRAFT = "see_draft"
    EDIT_PLAN = "edit_plan"
    SEE_SUMMARY = "see_summary"
    SEE_REPORT = "see_report"
    CLOSE_REPORT = "close_report"
    PUBLISH_REPORT = "publish_report"
    SEE_REMINDERS = "see_reminders"
    SEE_TOLD = "see_told"
    RELEASE_CASE = "release_case"
    SET_REMINDERS = "set_reminders"
    MANAGE_PEOPLE = "manage_people"
    SEE_SETTINGS = "see_settings"
    MANAGE_ORGANISATION = "manage_organisation"
    RUN_INSTALLATION = "run_installation"
    SEE_JOURNAL = "see_journal"


_R = Role
_LOOKERS = frozenset(
    {_R.HEAD, _R.STAFF, _R.COORDINATOR, _R.CLERK, _R.CHIEF_EXECUTIVE, _R.AUDITOR, _R.ADMINISTRATOR}
)
DIVISION_ROLES = frozenset({_R.HEAD, _R.STAFF})

# Deeds in OWN_DIVISION_ONLY are limited to their divisions for those who have them through a division alone.
PERMISSIONS: dict[Deed, frozenset[Role]] = {
    Deed.SEE_OWN_ACCOUNT: frozenset(Role),
    Deed.SEE_PLAN: _LOOKERS,
    Deed.SEE_EVIDENCE: _LOOKERS,
    Deed.REPORT_GROUP: DIVISION_ROLES | {_R.COORDINATOR},
    Deed.SEE_ANSWERS: _LOOKERS,
    Deed.ANSWER_FOLLOW_UP: DIVISION_ROLES | {_R.COORDINATOR},
    Deed.PASS_ON_GROUP: frozenset({_R.HEAD, _R.COORDINATOR}),
    # Also whoever holds the position set for a division, see `Actor.approves`.
    Deed.APPROVE: frozenset({_R.COORDINATOR}),
    Deed.STEER_WORK: frozenset({_R.COORDINATOR}),
    # Also uploads under review, what a report lacks, and what of it is published.
    Deed.SEE_DRAFT: _LOOKERS - DIVISION_ROLES,
    Deed.EDIT_PLAN: frozenset({_R.COORDINATOR}),
    Deed.SEE_SUMMARY: _LOOKERS - DIVISION_ROLES,
    Deed.SEE_REPORT: _LOOKERS,
    Deed.CLOSE_REPORT: frozenset({_R.COORDINATOR}),
    Deed.PUBLISH_REPORT: frozenset({_R.COORDINATOR}),
    Deed.SEE_REMINDERS: frozenset({_R.COORDINATOR, _R.CLERK, _R.AUDITOR, _R.ADMINISTRATOR}),
    Deed.SEE_TOLD: _LOOKERS,
    Deed.RELEASE_CASE: frozenset({_R.CLERK}),
    Deed.SET_REMINDERS: frozenset({_R.COORDINATOR, _R.ADMINISTRATOR}),
    Deed.MANAGE_PEOPLE: frozenset({_R.COORDINATOR, _R.ADMINISTRATOR}),
    Deed.SEE_SETTINGS: frozenset({_R.COORDINATOR, _R.CLERK, _R.AUDITOR, _R.ADMINISTRATOR}),
    Deed.MANAGE_ORGANISATION: frozenset({_R.COORDINATOR, _R.ADMINISTRATOR}),
    Deed.RUN_INSTALLATION: frozenset({_R.SYSTEM_ADMINISTRATOR}),
    Deed.SEE_JOURNAL: frozenset({_R.COORDINATOR, _R.AUDITOR, _R.ADMINISTRATOR}),
}
OWN_DIVISION_ONLY = frozenset(
    {Deed.REPORT_GROUP, Deed.SEE_ANSWERS, Deed.ANSWER_FOLLOW_UP, Deed.PASS_ON_GROUP, Deed.SEE_TOLD}
)
# Deeds that change who may do what: the password is asked for again when it was given long ago.
CONFIRMED = frozenset({Deed.MANAGE_PEOPLE})
# All that a link from a mail opens, whatever the position behind it may do when signed in.
BY_LINK = frozenset({Deed.REPORT_GROUP, Deed.ANSWER_FOLLOW_UP, Deed.PASS_ON_GROUP})


@dataclass(frozen=True)
class Actor:
    """Whom a deed is written down for (ผู้กระทำ): a user with the roles of that day, a mail link or the system.

    `approves` are the divisions whose reports a position held that day approves.
    """

    organisation_id: int | None
    user_id: int | None = None
    name: str = ""
    roles: frozenset[Role] = field(default_factory=frozenset)
    division_ids: frozenset[int] = field(default_factory=frozenset)
    approves: frozenset[int] = field(default_factory=frozenset)
    link_id: int | None = None
    position_id: int | None = None

    @property
    def label(self) -> str:
        """How the journal writes this actor: ids only."""
        if self.link_id is not None:
            return f"link:{self.link_id}:position:{self.position_id}"
        return f"user:{self.user_id}" if self.user_id else "system"


SYSTEM = Actor(organisation_id=None)


def may(actor: Actor, deed: Deed, division_id: int | None = None) -> bool:
    """Whether the actor may do `deed`, to the division where the deed concerns one."""
    held = actor.roles & PERMISSIONS[deed]
    if deed is Deed.APPROVE and actor.link_id is None and not held:
        return bool(actor.approves) if division_id is None else division_id in actor.approves
    if not held or (actor.link_id is not None and deed not in BY_LINK):
        return False
    if deed in OWN_DIVISION_ONLY and division_id is not None and held <= DIVISION_ROLES:
        return division_id in actor.division_ids
    return True
