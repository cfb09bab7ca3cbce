"""A mail server in a process of its own that keeps every mail as a file; the first line of its output is its port."""

from __future__ import annotations

import sys
from pathlib import Path

from tracker.demo.catcher import Catcher

if __name__ == "__main__":
    with Catcher(Path(sys.argv[1])) as catcher:
        print(catcher.port, flush=True)
        sys.stdin.read()
