"""A package for the website as whoever downloads it opens it."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO


def unpacked(written: bytes) -> dict[str, bytes]:
    """Its files by their names, each whole and as the list of hashes has it."""
    with zipfile.ZipFile(BytesIO(written)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files["SHA256SUMS"].decode().splitlines() == [
        f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in files.items() if name != "SHA256SUMS"
    ]
    return files
