"""What a look at the installation found, as sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tracker.errors import Message


class Level(StrEnum):
    """How an operator is to take a finding; the value is printed before its sentence."""

    GOOD = "ok"
    DOUBTFUL = "?"
    BAD = "!"


@dataclass(frozen=True)
class Finding:
    """One sentence about the installation."""

    level: Level
    message: Message


def good(template: str, **values: object) -> Finding:
    return Finding(Level.GOOD, Message(template, values))


def doubtful(template: str, **values: object) -> Finding:
    return Finding(Level.DOUBTFUL, Message(template, values))


def bad(template: str, **values: object) -> Finding:
    return Finding(Level.BAD, Message(template, values))


def any_bad(findings: Iterable[Finding]) -> bool:
    return any(finding.level is Level.BAD for finding in findings)
