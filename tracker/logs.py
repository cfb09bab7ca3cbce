"""Lines for an operator, as text or as JSON: one event a line, no secrets, nothing that a person wrote."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

Style = Literal["text", "json"]
# Servers repeat the address of a mail in what they answer.
_ADDRESS = re.compile(r"[^\s<>@\"':]+@[^\s<>@\"':]+")
_NO_TAGS: Mapping[str, str] = MappingProxyType({})
_tags: ContextVar[Mapping[str, str]] = ContextVar("tags", default=_NO_TAGS)


def set_up(style: Style) -> None:
    """Write to standard error in this style, unless somebody has set logging up already."""
    if logging.root.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(style))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("tracker").setLevel(logging.INFO)


@contextmanager
def tagged(**tags: str) -> Iterator[None]:
    """Put these tags on every line that is written inside."""
    token = _tags.set({**_tags.get(), **tags})
    try:
        yield
    finally:
        _tags.reset(token)


def tag(**tags: str) -> None:
    """Put only these tags on the lines of this thread that follow; for requests, whose end is elsewhere."""
    _tags.set(tags)


class Lines(logging.Formatter):
    """One line a record. Of a failure only its kind and where it happened: its words may hold a person's.

    `extra={"told": {...}}` adds values of its own.
    """

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.style_of_lines = style

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _ADDRESS.sub("…@…", record.getMessage()),
            **_tags.get(),
            **getattr(record, "told", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            told["failure"], told["where"] = _failure(record.exc_info[1])
        if self.style_of_lines == "json":
            # Whatever is no plain letter is written as its number, line breaks and directions among it.
            return json.dumps(told, ensure_ascii=True, default=str)
        head = " ".join(str(told.pop(name)) for name in ("at", "level", "logger", "message"))
        return one_line(" ".join([head, *(f"{name}={value}" for name, value in told.items())]))


def one_line(text: str) -> str:
    """The text with every sign that could begin a line, colour it or turn it around written as its number."""
    return "".join(
        f"\\u{ord(sign):04x}" if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else sign
        for sign in text
    )


def _failure(failure: BaseException) -> tuple[str, list[str]]:
    """The kinds of a failure and of what it came from, and the last places in the code it went through."""
    kinds: list[str] = []
    one: BaseException | None = failure
    while one is not None and len(kinds) < 5:
        kinds.append(type(one).__name__)
        one = one.__cause__ or one.__context__
    frames = traceback.extract_tb(failure.__traceback__)[-8:]
    return " < ".join(kinds), [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames
    ]
