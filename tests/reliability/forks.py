"""Processes that tests start and kill: each a copy of one that has loaded the program already."""

from __future__ import annotations

import multiprocessing

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    ["pytest", "tests.reliability.worker", "tests.reliability.writer", "tracker.views"]
)
