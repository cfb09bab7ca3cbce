"""Times a piece of the tracker against a floor: the least that the same machine needs in the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Ratio:
    """The best times, in seconds, of what we do and of the floor under it."""

    name: str
    ours: float
    floor: float

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    def __str__(self) -> str:
        return f"{self.name:<40} ours {self.ours:8.3f} s, floor {self.floor:8.3f} s, ratio {self.ratio:6.2f}"


def measure(name: str, ours: Callable[[], object], floor: Callable[[], object], repeat: int) -> Ratio:
    """Run both in turn `repeat` times, keep the best of each, print the line and give it back."""
    mine, least = [], []
    for _ in range(repeat):
        mine.append(_seconds(ours))
        least.append(_seconds(floor))
    measured = Ratio(name, min(mine), min(least))
    print(measured, flush=True)
    return measured


def _seconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun
