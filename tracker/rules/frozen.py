"""Frozen document values: their texts tidied and in their digits, their canonical JSON and its hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from tracker.rules.thai import arabic_digits, clean, thai_digits

FORMAT = 3
VERBATIM = {"verbatim": True}

# Digits in an address, a file name, a hash, a Latin word ("o13") or code stay, so that they can be copied. What takes
# a whole word is only sought where one begins: from each letter of a long one it would take minutes.
_LATIN = re.compile(
    r"https?://\S+|www\.\S+|(?<!\S)(?:\S+@\S+|\S*[{}<>*=_|^~`\\]\S*"
    r"|\S+\.(?:pdf|docx?|xlsx?|pptx?|csv|txt|jpe?g|png|heic|zip)(?![A-Za-z0-9]))"
    r"|(?:(?<![0-9])[0-9]+[A-Za-z]|[A-Za-z])[A-Za-z0-9]*(?:[-._/:][A-Za-z0-9]+)*",
    re.IGNORECASE,
)
# Unicode's Cc and Cs.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Frozen(Protocol):
    """A frozen dataclass of finished texts; `frozen_at` is aware."""

    @property
    def thai_digits(self) -> bool: ...

    @property
    def frozen_at(self) -> datetime: ...


Value = TypeVar("Value", bound=Frozen)


def running_thai_digits(text: str) -> str:
    """The text with Thai digits, but for addresses, file names, hashes and Latin words."""
    return _between_latin(text, thai_digits)


def _between_latin(text: str, change: Callable[[str], str]) -> str:
    end, parts = 0, []
    for latin in _LATIN.finditer(text):
        parts += [change(text[end : latin.start()]), latin[0]]
        end = latin.end()
    return "".join([*parts, change(text[end:])])


def each_text(value: Value, change: Callable[[str, bool], str]) -> Value:
    """The value with `change(text, verbatim)` for every text; file names, hashes and names are verbatim."""
    told: Value = _each_text(value, change, False)
    return told


def finished(value: Value) -> Value:
    """The value with every text but the verbatim ones tidied, line by line, and in its digits."""
    return each_text(value, lambda text, verbatim: text if verbatim else finish(text, value.thai_digits))


def on_a_page(value: Value) -> Value:
    """The value as pages tell it: in Arabic digits, whatever its documents are printed in."""
    return each_text(value, lambda text, verbatim: text if verbatim else _between_latin(text, arabic_digits))


def finish(text: str, thai: bool) -> str:
    """One text as a document prints it."""
    tidy = "\n".join(filter(None, (clean(_visible(line)) for line in text.splitlines())))
    return running_thai_digits(tidy) if thai else tidy


def _each_text(value: Any, change: Callable[[str, bool], str], verbatim: bool) -> Any:
    if isinstance(value, str):
        return change(value, verbatim)
    if isinstance(value, tuple):
        return tuple(_each_text(part, change, verbatim) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{f.name: _each_text(getattr(value, f.name), change, bool(f.metadata)) for f in fields(value)},
        )
    return value


def _visible(line: str) -> str:
    return _CONTROLS.sub(" ", line)


def to_json(value: Frozen) -> str:
    """The canonical JSON: sorted keys, no spaces, Thai letters as they are; equal values give equal texts."""
    told = asdict(value) | {  # type: ignore[call-overload]
        "frozen_at": value.frozen_at.astimezone(UTC).isoformat(),
        "format": FORMAT,
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(value: Frozen) -> str:
    """The hash, in hex, of the canonical JSON in UTF-8."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()
