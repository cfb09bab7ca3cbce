"""Two people write in one form: what one of them touched is kept, what both touched a person decides."""

from __future__ import annotations

import hashlib


def seal(text: str) -> str:
    """A short mark of a text as a form showed it: equal for equal texts, however their lines end."""
    return hashlib.sha256(_plain(text).encode()).hexdigest()[:12]


def _plain(text: str) -> str:
    return text.replace("\r", "").strip()


def merge(given: str, seen: str | None, current: str) -> tuple[str, bool]:
    """What to keep of a field, and whether both wrote different texts into it.

    `seen` is the seal of what the form showed when it was opened, None where the form did not say.
    """
    if seen is None or seal(current) == seen or seal(given) == seal(current):
        return given, False
    if seal(given) == seen:
        return current, False
    return given, True
