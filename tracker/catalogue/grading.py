"""Levels that a total score earns, by assessment year."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """A level (ระดับผลการประเมิน): the least total and, where the scheme asks for it, the least of each instrument."""

    name: str
    least_total: float
    least_instrument: float | None = None


LETTERS = (
    Level("AA", 95),
    Level("A", 85),
    Level("B", 75),
    Level("C", 65),
    Level("D", 55),
    Level("E", 50),
    Level("F", 0),
)
PASSES = (
    Level("ผ่านดีเยี่ยม", 95, 95),
    Level("ผ่านดี", 85, 85),
    Level("ผ่าน", 85),
    Level("ต้องปรับปรุง", 70),
    Level("ต้องปรับปรุงโดยด่วน", 0),
)


def levels(year: int) -> tuple[Level, ...]:
    """The scheme of an assessment year, best level first: letters to 2565, pass levels from 2566 on."""
    return LETTERS if year <= 2565 else PASSES
