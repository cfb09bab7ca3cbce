"""Pages are asked for on one morning that stands still: 17 December 2568, two weeks before the first quarter ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine

from tests.client import Browser
from tests.world import World, at


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The clock, which a test may move."""
    with time_machine.travel(at("2025-12-17"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(world: World) -> Browser:
    """Nobody's browser."""
    return Browser(world.app)


@pytest.fixture
def signed_in(world: World) -> Callable[[str], Browser]:
    """The browser of a person of the world."""
    return lambda who: Browser(world.app).enter(world, who)
