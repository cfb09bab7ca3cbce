"""The icons of the pages: a small sprite, picked once out of the installed Bootstrap icons."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

from tracker.errors import Misconfigured

ICONS = (
    "alarm",
    "arrow-counterclockwise",
    "arrow-down",
    "arrow-left",
    "arrow-return-left",
    "arrow-right",
    "arrow-up",
    "bar-chart-line",
    "bell",
    "box-arrow-right",
    "building-fill",
    "calendar3",
    "camera",
    "check-circle-fill",
    "check-lg",
    "chevron-down",
    "chevron-right",
    "circle",
    "circle-half",
    "clipboard-check",
    "clock",
    "dash-circle",
    "download",
    "envelope",
    "exclamation-circle-fill",
    "exclamation-triangle-fill",
    "eye-fill",
    "file-earmark",
    "file-earmark-excel",
    "file-earmark-image",
    "file-earmark-pdf",
    "file-earmark-text",
    "file-earmark-word",
    "flag",
    "gear",
    "globe",
    "hourglass-split",
    "house-door",
    "inbox",
    "info-circle",
    "link-45deg",
    "list-check",
    "lock",
    "paperclip",
    "pencil",
    "people",
    "person-circle",
    "plus-lg",
    "printer",
    "question-circle-fill",
    "search",
    "send-check",
    "shield-check",
    "slash-circle",
    "translate",
    "trash",
    "upload",
    "x-lg",
    "x-octagon-fill",
)
_SVG = "http://www.w3.org/2000/svg"


def sprite(cache: Path) -> Path:
    """The sprite file in `cache`, a `<symbol>` for each of ICONS; made at the first call, found later.

    Raises Misconfigured if the installed icons are missing or do not have one of them.
    """
    target = cache / f"icons-{_fingerprint()}.svg"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    # Several processes may start on an empty cache: each writes its own file, and none is seen half-written.
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    unfinished.write_bytes(_picked(_source()))
    unfinished.replace(target)
    return target


def _source() -> Path:
    spec = find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        raise Misconfigured("ไม่พบชุดไอคอน กรุณาติดตั้งแพ็กเกจ bootstrap-flask")
    return Path(spec.origin).parent / "static" / "bootstrap5" / "icons" / "bootstrap-icons.svg"


def _fingerprint() -> str:
    told = f"{version('bootstrap-flask')} {ICONS}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _picked(source: Path) -> bytes:
    symbols = {symbol.get("id"): symbol for symbol in ElementTree.parse(source).iter(f"{{{_SVG}}}symbol")}
    chosen = ElementTree.Element(f"{{{_SVG}}}svg")
    for name in ICONS:
        if name not in symbols:
            raise Misconfigured("ไม่มีไอคอน %(name)s ในชุดไอคอนที่ติดตั้ง", name=name)
        symbol = symbols[name]
        symbol.attrib.pop("class", None)
        chosen.append(symbol)
    ElementTree.register_namespace("", _SVG)
    drawn: bytes = ElementTree.tostring(chosen, encoding="utf-8")
    return drawn
