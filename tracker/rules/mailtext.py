"""Texts as mails carry them: short names, lines of so many cells, sentences cut to a length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

LINE_CELLS = 60
ADDRESS = re.compile(r"[^@\s<>,;\"']+@[^@\s<>,;\"']+\.[^@\s<>,;\"']+|[^@\s<>,;\"']+@localhost")
_SHORT_NAMES = {
    "องค์การบริหารส่วนตำบล": "อบต.",
    "องค์การบริหารส่วนจังหวัด": "อบจ.",
    "เทศบาลตำบล": "ทต.",
    "เทศบาลเมือง": "ทม.",
    "เทศบาลนคร": "ทน.",
}
# Whoever holds an address below one of these may do what it is for.
SECRET_PATHS = ("m", "invitation", "reset", "address")
_SECRET = re.compile(rf"(/(?:{'|'.join(SECRET_PATHS)})/)[\w-]+")
_HANGING = re.compile(r" *(?:[0-9]+\) )?")
# A vowel that is written after its consonant, a repetition or an abbreviation never begins a line.
_FOLLOWS = frozenset("ะาำๅๆฯ!),.:;?]}”’")
_LEADS = frozenset("เแโใไ")
# A number and its word stay on one line.
_GLUED = re.compile("[0-9] [ก-๙]|[ก-๙.] [0-9]")


def short_name(organisation: str) -> str:
    """The organisation's name with its kind as everybody abbreviates it: อบต., อบจ., ทต., ทม., ทน."""
    for kind, short in _SHORT_NAMES.items():
        if organisation.startswith(kind) and organisation != kind:
            return short + organisation.removeprefix(kind).strip()
    return organisation


@lru_cache(maxsize=1000)
def cells(text: str) -> int:
    """How many columns the text takes: marks above and below a letter take none."""
    return sum(map(_columns, text))


@cache
def _columns(letter: str) -> int:
    return unicodedata.category(letter) not in {"Mn", "Me", "Cf"}


def wrapped(text: str) -> str:
    """The text with no line wider than LINE_CELLS, except those that hold an address.

    Lines break at spaces; Thai without spaces breaks before a leading vowel, else between two letters.
    """
    return "\n".join(piece for line in text.split("\n") for piece in _pieces(line))


def _pieces(line: str) -> Iterator[str]:
    # Most lines are short in letters too, which is sooner seen.
    if len(line) <= LINE_CELLS or "://" in line or cells(line) <= LINE_CELLS:
        yield line
        return
    hanging = _HANGING.match(line)
    indent = len(hanging[0]) if hanging else 0
    start, rest = line[:indent], line[indent:]
    while cells(rest) > LINE_CELLS - indent:
        cut = _cut(rest, LINE_CELLS - indent)
        yield start + rest[:cut].rstrip()
        rest, start = rest[cut:].lstrip(" "), " " * indent
    yield start + rest


def _cut(text: str, width: int) -> int:
    """The place at which a line of at most `width` cells ends; after two thirds of it where that can be."""
    end = _fitting(text, width)
    least = _fitting(text, width * 2 // 3)
    for place in range(end, least, -1):
        if text[place] == " " and not _GLUED.match(text, place - 1):
            return place
    for place in range(end, least, -1):
        if text[place] in _LEADS:
            return place
    place = end
    while place > 1 and not _may_begin(text, place):
        place -= 1
    return place


def _fitting(text: str, width: int) -> int:
    """How many characters at the beginning of the text take `width` cells, marks of the last one included."""
    taken = 0
    for place, letter in enumerate(text):
        taken += cells(letter)
        if taken > width:
            return place
    return len(text)


def _may_begin(text: str, place: int) -> bool:
    return cells(text[place]) > 0 and text[place] not in _FOLLOWS and text[place - 1] not in _LEADS


def disarmed(text: str) -> str:
    """The text without what in its addresses is secret, which is for the recipient's eyes alone."""
    return _SECRET.sub(lambda found: f"{found[1]}…", text)


def shortened(text: str, length: int) -> str:
    """The text in one line of at most `length` characters, cut between two letters with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    place = length - 1
    while place > 1 and not _may_begin(text, place):
        place -= 1
    return text[:place].rstrip() + "…"
