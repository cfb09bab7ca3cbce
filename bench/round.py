"""A day's round of reminders as a process: plan, send, say how long that took and how much memory it needed."""

from __future__ import annotations

import gc
import json
import sys
from datetime import datetime
from pathlib import Path
from time import perf_counter, process_time


def main(folder: str, port: int, at: str) -> None:
    from jobs.remind import remind
    from jobs.send import send
    from tracker.app import create_app
    from tracker.config import Config

    now = datetime.fromisoformat(at)
    app = create_app(
        Config(
            data=Path(folder),
            database_url=f"sqlite:///{folder}/tracker.db",
            url="http://127.0.0.1:8000",
            secret_key="of no use outside this measurement",
            smtp_port=port,
        ),
        pages=False,
    )
    gc.freeze()  # as jobs does
    with app.app_context():
        begun, worked = perf_counter(), process_time()
        planned = remind(now)
        halfway = perf_counter()
        sent = send(lambda: now)
        ended = perf_counter()
    told = {
        "planned": planned,
        "sent": sent,
        "plan": halfway - begun,
        "send": ended - halfway,
        "processor": process_time() - worked,
        "processor of all": process_time(),
        "mebibytes": _most_memory() / 1024,
    }
    print(json.dumps(told))


def _most_memory() -> int:
    """The most memory this program has held, in KiB; what getrusage tells begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
