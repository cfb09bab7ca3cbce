"""What can go wrong, as sentences that a person can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """A sentence below `locale`: a Thai source template, marked for extraction, and the values to fill in."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.values if self.values else self.template


class TrackerError(Exception):
    """Base of every failure that a person is told about; `message` says what happened and what to do."""

    def __init__(self, template: str, **values: object) -> None:
        self.message = Message(template, values)
        super().__init__(str(self.message))


class Refused(TrackerError):
    """The request does not fit the rules of the work; nothing was changed."""


class FieldsRefused(Refused):
    """Some answers are missing or wrong; `fields` holds a sentence for each field by its name."""

    def __init__(self, fields: Mapping[str, Message]) -> None:
        super().__init__("กรุณาแก้ไขช่องที่ระบุไว้")
        self.fields = dict(fields)


class Unreadable(TrackerError):
    """A file could not be read as what it claims to be."""


class NotAllowed(TrackerError):
    """The actor may not do this deed."""


class NotFound(TrackerError):
    """No such thing in the actor's organisation."""


class Misconfigured(TrackerError):
    """A setting is missing or wrong."""
