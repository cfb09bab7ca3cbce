"""`python -m jobs`: the scheduler alone, until it is told to stop."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading

from jobs.schedule import schedule
from tracker.app import create_app
from tracker.config import check_url, load
from tracker.errors import Misconfigured


def main() -> int:
    """Run until SIGTERM or SIGINT, then finish what is in hand; 0, or 2 where a setting is missing."""
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    try:
        config = load(os.environ)
        check_url(config.url)
    except Misconfigured as failure:
        print(failure.message, file=sys.stderr)
        return 2
    scheduler = schedule(create_app(config, pages=False), stopped.is_set)
    # What is loaded by now stays: the collector need not look through it again and again.
    gc.freeze()
    scheduler.start()
    stopped.wait()
    scheduler.shutdown(wait=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
