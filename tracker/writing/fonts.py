"""The web faces of Sarabun: small woff2 subsets, made once from the installed font."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

from tracker.writing import sarabun

FACES = {"sarabun-regular": "Sarabun-Regular.ttf", "sarabun-semibold": "Sarabun-SemiBold.ttf"}
CHARACTERS = frozenset(
    [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x0E01, 0x0E3B), *range(0x0E3F, 0x0E5C)]
    + [ord(sign) for sign in "–—‘’“”…•"]
)


def webfonts(cache: Path) -> dict[str, Path]:
    """The woff2 file of each face, in `cache`; made at the first call, found at the next ones.

    The names carry a fingerprint of the source, so that another version of the font is made anew.
    Raises Misconfigured if the font package is missing.
    """
    sources = sarabun.folder()
    fingerprint = _fingerprint()
    cache.mkdir(parents=True, exist_ok=True)
    made = {}
    for name, file in FACES.items():
        face = cache / f"{name}-{fingerprint}.woff2"
        if not face.exists():
            _shrink(sources / file, face)
        made[name] = face
    return made


def _fingerprint() -> str:
    told = f"{version('fontpkg-sarabun')} {sorted(CHARACTERS)}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _shrink(source: Path, target: Path) -> None:
    # Only here: it is done once in an installation, and every process would wait for what it needs.
    from fontTools import subset

    options = subset.Options(flavor="woff2", layout_features=["*"], hinting=False, recalc_timestamp=False)
    # Several processes may start on an empty cache: each writes its own file, and none is seen half-written.
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    with subset.load_font(str(source), options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=CHARACTERS)
        subsetter.subset(font)
        subset.save_font(font, str(unfinished), options)
    unfinished.replace(target)
