"""Limits on the time and the memory of a process that opens a stranger's file."""

from __future__ import annotations

import sys
from contextlib import suppress


def limit_process(seconds: float, megabytes: int) -> None:
    """Limits this process, so that a parent that died does not leave it running."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, megabytes * 1_000_000),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # macOS knows the names of limits that it does not keep
            resource.setrlimit(kind, (soft, hard))
