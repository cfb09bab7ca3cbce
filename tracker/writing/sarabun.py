"""Where the installed font Sarabun lies; apart from fonts.py, whose library is slow to load."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from tracker.errors import Misconfigured


def folder() -> Path:
    """The folder of the .ttf files; Misconfigured where the font package is missing."""
    spec = find_spec("fontpkg_sarabun")
    if spec is None or spec.origin is None:
        raise Misconfigured("ไม่พบแบบอักษร Sarabun กรุณาติดตั้งแพ็กเกจ fontpkg-sarabun")
    return Path(spec.origin).parent / "files"
