"""Zipped documents written anew, so that the same content gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

ZIP_DAY = (1980, 1, 1, 0, 0, 0)


def repack(written: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The archive with `change(name, content)` for every part, without the times of writing."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            new.writestr(entry, change(name, old.read(name)))
    return target.getvalue()
