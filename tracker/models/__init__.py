"""Every table, so that importing the package registers all of them."""

from tracker.models.assessment import Assessment
from tracker.models.attachment import PlanAttachment
from tracker.models.base import Base, Owned
from tracker.models.decision import Decision
from tracker.models.evidence import Evidence, EvidenceUse
from tracker.models.followup import Completion, FollowUp, FollowUpAnswer, FollowUpState, Round
from tracker.models.job_run import JobRun
from tracker.models.journal import JournalCheckpoint, JournalEntry
from tracker.models.link import CalendarFeed, LinkPress, MailLink
from tracker.models.organisation import Approver, CalendarDay, Division, DivisionName, Kind, Organisation
from tracker.models.outgoing_mail import MailState, OutgoingMail
from tracker.models.pause import Pause
from tracker.models.people import (
    AddressChange,
    Holding,
    LinkToken,
    Position,
    Purpose,
    Throttle,
    User,
    WebSession,
)
from tracker.models.plan import (
    Amendment,
    Measure,
    Plan,
    PlanItem,
    PlanItemDivision,
    PlanState,
    RecordedResult,
    ScoreReference,
    Step,
    StepTick,
)
from tracker.models.reading import PlanReading
from tracker.models.relay import Relay
from tracker.models.reminder import Outcome, Reminder
from tracker.models.rendering import Rendering, RenderingState
from tracker.models.report import (
    Matter,
    Publication,
    Publicity,
    ReadinessAnswer,
    Report,
    ReportEdit,
    ReportScan,
)
from tracker.models.snapshot import PlanSnapshot
from tracker.models.task import Claim, Submission, Task
from tracker.models.word_template import WordTemplate

__all__ = [
    "AddressChange", "Amendment", "Approver", "Assessment", "Base", "CalendarDay", "CalendarFeed",
    "Claim", "Completion", "Decision", "Division", "DivisionName", "Evidence", "EvidenceUse", "FollowUp",
    "FollowUpAnswer", "FollowUpState", "Holding", "JobRun", "JournalCheckpoint", "JournalEntry", "Kind",
    "LinkPress", "LinkToken", "MailLink", "MailState", "Matter", "Measure", "Organisation", "Outcome",
    "OutgoingMail", "Owned", "Pause", "Plan", "PlanAttachment", "PlanItem", "PlanItemDivision",
    "PlanReading", "PlanSnapshot", "PlanState", "Position", "Publication", "Publicity", "Purpose",
    "ReadinessAnswer", "RecordedResult", "Relay", "Reminder", "Rendering", "RenderingState", "Report",
    "ReportEdit", "ReportScan", "Round", "ScoreReference", "Step", "StepTick", "Submission", "Task",
    "Throttle", "User", "WebSession", "WordTemplate",
]  # fmt: skip
