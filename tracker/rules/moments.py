"""Moments and Thai calendar days."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")


def day_of(moment: datetime) -> date:
    """The Thai calendar day of an aware moment."""
    return moment.astimezone(BANGKOK).date()


def moment_on(day: date, minute: int) -> datetime:
    """The aware moment at `minute` minutes after midnight in Thailand."""
    return datetime.combine(day, time(minute // 60, minute % 60), BANGKOK)
