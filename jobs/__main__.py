"""`python -m jobs`: the scheduler alone, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading

from jobs.schedule import schedule
from tracker.app import create_app


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    scheduler = schedule(create_app())
    scheduler.start()
    stopped.wait()
    scheduler.shutdown(wait=True)


if __name__ == "__main__":
    main()
