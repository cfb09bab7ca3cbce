"""Which indicator or topic a heading names, however it is numbered and spelled."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from tracker.catalogue import items
from tracker.catalogue.assessment import INDICATORS, survey_questions
from tracker.catalogue.topics import TOPICS
from tracker.rules import thai

_NUMBERED = re.compile(
    r"^(?:\(?\d{1,2}(?:\.\d{1,2})*[.)]?)?(?:ตัว[ชซข]ี้วัด(?:ย่อย)?|ประเด็น|หัวข้อ|ข้อ)?(?:ที่)?(?:\d{1,2}[.)]?)?[:.\-]*(?:ด้าน|เรื่อง)?"
)
_QUESTION = re.compile(
    r"\W*(?:ข้อ(?:ที่)?\s*)?\(?(?P<letter>[iIeEoO0])\s?0?(?P<number>[1-9]\d?)(?!\d)[\s).:*-]*"
)
_CONTINUED = re.compile(r"\(?ต่อ\)?$")
_BY_NUMBER = re.compile(r"(ตัวชี้วัด|ประเด็น)(?:ที่)?(\d{1,2})[.)]?$")
_INDICATOR_NAMES = [
    (thai.letters(name), one.number) for one in INDICATORS for name in (one.name, *one.spellings)
]
_TOPIC_NAMES = [(thai.letters(name), one.number) for one in TOPICS for name in (one.title, *one.spellings)]
_ITEM_MARKS = re.compile(r"[*\"“”'‘’.,:;()\-–]|(?:เพื่อ)?ประจำปี$")
_ITEM_YEAR = re.compile(r"(?:ของ|ประจำ)?ปี(?:งบประมาณ)?(?:พศ)?25\d\d.*$|ประจำปี(?:งบประมาณ)?$")
ALIKE = 0.86
LEAD = 0.03
WORD = 6
LONGEST = 120
LEAST_OF_A_CUT = 16


def core(text: str) -> str:
    """The letters of a heading without its number, its "ตัวชี้วัดที่" and its "(ต่อ)"."""
    return _NUMBERED.sub("", _CONTINUED.sub("", thai.letters(text)), count=1)


@lru_cache(4096)
def topic_of(text: str) -> int | None:
    """Number 1 to 7 of the topic that the heading names, else None."""
    letters = core(text)
    if not letters:
        return _numbered(text, "ประเด็น", 7)
    for name, number in _TOPIC_NAMES:
        if name in letters and len(letters) < 2 * len(name) + 20:
            return number
    cut = {
        number for name, number in _TOPIC_NAMES if len(letters) >= LEAST_OF_A_CUT and name.startswith(letters)
    }
    return cut.pop() if len(cut) == 1 else _most_alike(letters, _TOPIC_NAMES)


@lru_cache(4096)
def indicator_of(text: str) -> int | None:
    """Number 1 to 10 of the indicator that the heading names, by its name before its number, else None."""
    letters = core(text)
    if not letters:
        return _numbered(text, "ตัวชี้วัด", 10)
    exact = [(len(name), number) for name, number in _INDICATOR_NAMES if letters.startswith(name)]
    if exact and len(letters) <= 2 * max(exact)[0] + 25:
        return max(exact)[1]
    return _most_alike(letters, _INDICATOR_NAMES)


def indicator_of_questions(heading: str, year: int | None) -> int | None:
    """The indicator of the questions or items of an assessment that a heading lists; None where they differ.

    A question of a survey is known by its code, an item by its title, as its code changes with the years.
    """
    if year is None:
        return None
    codes = [code for line in heading.split("\n") if (code := _question(line, year)) is not None]
    numbers = {_indicator(code, year) for code in codes}
    return numbers.pop() if len(numbers) == 1 else None


def _question(line: str, year: int) -> str | None:
    found = _QUESTION.match(thai.arabic_digits(line))
    if found is None:
        return None
    code = f"{found['letter'].lower()}{int(found['number'])}"
    if code in survey_questions(year):
        return code
    return item_of(line[found.end() :], year)


def _indicator(code: str, year: int) -> int | None:
    sub = next((one.sub_indicator for one in items.items(year) if one.code == code), None)
    return survey_questions(year).get(code) or (int(sub.split(".")[0]) if sub else None)


def is_name(text: str) -> bool:
    """Whether a text is the name of an indicator or a topic and nothing else."""
    return core(text) in {name for name, _ in (*_INDICATOR_NAMES, *_TOPIC_NAMES)}


@lru_cache(4096)
def item_of(text: str, year: int) -> str | None:
    """Code ("o11") of the item of the OIT in an assessment year that a title names, however it drifted, else None."""
    wanted = _item_core(text)
    if len(wanted) < 3 or len(wanted) > LONGEST:
        return None
    known = [(_item_core(one.title), one.code) for one in items.items(year)]
    for name, code in known:
        if name == wanted:
            return code
    matcher = SequenceMatcher(None, "", wanted, False)
    scored = []
    for name, code in known:
        matcher.set_seq1(name)
        alike = matcher.quick_ratio() >= ALIKE and not _differs_by_a_word(matcher)
        scored.append((matcher.ratio() if alike else 0.0, code))
    scored.sort(reverse=True)
    if len(scored) > 1 and scored[0][0] >= ALIKE and scored[0][0] - scored[1][0] >= LEAD:
        return scored[0][1]
    return None


def _differs_by_a_word(matcher: SequenceMatcher[str]) -> bool:
    """Whether one title has a whole word that the other lacks, as that of a report and that of its plan."""
    differing = sum(
        max(ends - begins, other_ends - other_begins)
        for kind, begins, ends, other_begins, other_ends in matcher.get_opcodes()
        if kind != "equal"
    )
    return differing >= WORD


def _item_core(text: str) -> str:
    """The letters of an item's title without its year, its remarks in brackets and its marks."""
    letters = _ITEM_MARKS.sub("", thai.letters(text))
    return _ITEM_YEAR.sub("", letters)


def _numbered(text: str, word: str, highest: int) -> int | None:
    found = _BY_NUMBER.search(_CONTINUED.sub("", thai.letters(text)))
    if found and found[1] == word and 1 <= int(found[2]) <= highest:
        return int(found[2])
    return None


def _most_alike(letters: str, known: list[tuple[str, int]]) -> int | None:
    if len(letters) > LONGEST:
        return None
    matcher = SequenceMatcher(None, "", letters, False)
    best, number = 0.0, 0
    for name, of in known:
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
            best, number = max((best, number), (matcher.ratio(), of))
    return number if best >= ALIKE else None
