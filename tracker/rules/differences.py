"""What a corrected plan document changes in the plan that is in force."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from tracker.rules.rounds import FollowUpRule
from tracker.rules.thai import letters

ALIKE = 0.6
_NO_RULE = FollowUpRule("unspecified")
_NUMBER = re.compile(r"^\s*[0-9๐-๙]+\s*[.)]?\s*")


class Field(StrEnum):
    """What of an item can change."""

    HEADING = "heading"
    TOPIC = "topic"
    INDICATOR = "indicator"
    ANALYSIS = "analysis"
    WINDOW = "window"
    DIVISIONS = "divisions"
    STEPS = "steps"
    FOLLOW_UP = "follow_up"
    TARGETS = "targets"


_ALWAYS_SAID = frozenset({Field.WINDOW, Field.DIVISIONS})


@dataclass(frozen=True)
class Title:
    """A measure: `key` is its id in the plan in force, a number of its own in the corrected document."""

    key: int
    text: str


@dataclass(frozen=True)
class Entry:
    """A row of either plan; `divisions` are names, with "everyone" already spelled out.

    `key` is the item's id in the plan in force, its place from 1 in the corrected document.
    """

    key: int
    measures: tuple[Title, ...]
    divisions: tuple[str, ...]
    start: date
    end: date
    heading: str = ""
    topic: int | None = None
    indicator: int | None = None
    analysis: str = ""
    steps: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    everyone: bool = False
    follow_up: FollowUpRule = _NO_RULE
    responsible_text: str = ""
    window_text: str = ""
    follow_up_text: str = ""


@dataclass(frozen=True)
class ItemDifference:
    """An item of both plans, or of one; `kept` pairs its measures before and after, whatever their titles."""

    before: Entry | None
    after: Entry | None
    fields: tuple[Field, ...] = ()
    kept: tuple[tuple[Title, Title], ...] = ()
    added: tuple[Title, ...] = ()
    removed: tuple[Title, ...] = ()

    @property
    def retitled(self) -> tuple[tuple[Title, Title], ...]:
        return tuple(pair for pair in self.kept if letters(pair[0].text) != letters(pair[1].text))

    @property
    def kind(self) -> Literal["added", "removed", "changed", "unchanged"]:
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        changed = self.fields or self.added or self.removed or self.retitled
        return "changed" if changed else "unchanged"


@dataclass(frozen=True)
class Differences:
    """Every item of both plans, in the order of the corrected one, the removed at the end.

    `moved` tells of a measure that went to another item: the key it has now, and the one it had.
    """

    items: tuple[ItemDifference, ...] = ()
    moved: Mapping[int, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return all(item.kind == "unchanged" for item in self.items)


@dataclass(frozen=True)
class _Place:
    """A measure and the item that holds it, by the item's place."""

    item: int
    title: Title


def compare(current: Sequence[Entry], corrected: Sequence[Entry], apart: Collection[int] = ()) -> Differences:
    """The differences between the plan in force and a corrected document.

    Measures are paired by their titles, not by their numbers; the titles of `apart` (keys in the plan in
    force) have to be equal, not only alike. A field of which the whole document says nothing is unchanged.
    """
    pairs = _pair_titles(current, corrected, apart)
    links = _link_items(pairs, current, corrected)
    said = {one for one in Field if one in _ALWAYS_SAID or any(_value(entry, one) for entry in corrected)}
    moved = {
        after.title.key: before.title.key for before, after in pairs if links.get(after.item) != before.item
    }
    partners = {other.title.key: one.title for one, other in pairs if other.title.key not in moved}
    items = [
        _difference(current[links[place]], entry, partners, said)
        if place in links
        else ItemDifference(None, entry, added=entry.measures)
        for place, entry in enumerate(corrected)
    ]
    linked = set(links.values())
    items += [
        ItemDifference(entry, None, removed=entry.measures)
        for place, entry in enumerate(current)
        if place not in linked
    ]
    return Differences(tuple(items), moved)


def without_number(heading: str) -> str:
    """A heading without the number before it."""
    return _NUMBER.sub("", heading)


@lru_cache(maxsize=8192)
def _bigrams(text: str) -> tuple[Counter[str], int]:
    plain = letters(text)
    found = Counter(plain[place : place + 2] for place in range(max(1, len(plain) - 1)))
    return found, found.total()


def similarity(one: str, other: str) -> float:
    """How much two texts have in common, by their pairs of neighbouring letters: 1 is equal.

    0 where their lengths alone keep them from being alike.
    """
    (first, many), (second, more) = _bigrams(one), _bigrams(other)
    if 2 * min(many, more) < ALIKE * (many + more):
        return 0.0
    return 2 * (first & second).total() / (many + more)


def _pair_titles(
    current: Sequence[Entry], corrected: Sequence[Entry], apart: Collection[int]
) -> list[tuple[_Place, _Place]]:
    """Equal titles first, then those alike, the most alike first; among equals, those of like items."""
    old = [_Place(place, title) for place, entry in enumerate(current) for title in entry.measures]
    new = [_Place(place, title) for place, entry in enumerate(corrected) for title in entry.measures]
    by_letters: dict[str, list[_Place]] = defaultdict(list)
    for one in old:
        by_letters[letters(one.title.text)].append(one)
    equal = ((1.0, one, other) for other in new for one in by_letters[letters(other.title.text)])
    pairs = _best(equal, current, corrected)
    taken_old = {one.title.key for one, _ in pairs} | set(apart)
    taken_new = {other.title.key for _, other in pairs}
    alike = (
        (how, one, other)
        for one in old
        if one.title.key not in taken_old
        for other in new
        if other.title.key not in taken_new
        if (how := similarity(one.title.text, other.title.text)) >= ALIKE
    )
    return pairs + _best(alike, current, corrected)


def _best(
    candidates: Iterable[tuple[float, _Place, _Place]], current: Sequence[Entry], corrected: Sequence[Entry]
) -> list[tuple[_Place, _Place]]:
    """Pairs in which nothing occurs twice."""
    ranked = sorted(
        candidates,
        key=lambda found: (
            -found[0] - 0.1 * _affinity(current[found[1].item], corrected[found[2].item]),
            abs(found[1].item - found[2].item),
            found[2].title.key,
            found[1].title.key,
        ),
    )
    chosen: list[tuple[_Place, _Place]] = []
    old: set[int] = set()
    new: set[int] = set()
    for _, one, other in ranked:
        if one.title.key not in old and other.title.key not in new:
            chosen.append((one, other))
            old.add(one.title.key)
            new.add(other.title.key)
    return chosen


def _affinity(one: Entry, other: Entry) -> int:
    """How many of heading, window and divisions two items share."""
    shared = (Field.HEADING, Field.WINDOW, Field.DIVISIONS)
    return sum(_value(one, what) == _value(other, what) for what in shared)


def _link_items(
    pairs: Sequence[tuple[_Place, _Place]], current: Sequence[Entry], corrected: Sequence[Entry]
) -> dict[int, int]:
    """The place in the plan in force by the place in the corrected one, of items that share most measures."""
    weights: Counter[tuple[int, int]] = Counter((one.item, other.item) for one, other in pairs)
    links: dict[int, int] = {}
    ranked = sorted(
        weights,
        key=lambda link: (
            -weights[link],
            -_affinity(current[link[0]], corrected[link[1]]),
            abs(link[0] - link[1]),
            link,
        ),
    )
    for old, new in ranked:
        if new not in links and old not in links.values():
            links[new] = old
    return links


def _difference(
    before: Entry, after: Entry, partner: Mapping[int, Title], said: Collection[Field]
) -> ItemDifference:
    kept = tuple((partner[title.key], title) for title in after.measures if title.key in partner)
    kept_keys = {one.key for one, _ in kept}
    return ItemDifference(
        before,
        after,
        fields=tuple(one for one in Field if one in said and _value(before, one) != _value(after, one)),
        kept=kept,
        added=tuple(title for title in after.measures if title.key not in partner),
        removed=tuple(title for title in before.measures if title.key not in kept_keys),
    )


def _value(entry: Entry, what: Field) -> Hashable:
    """What of an item counts when it is compared; falsy where nothing is said."""
    if what is Field.HEADING:
        return letters(without_number(entry.heading))
    if what is Field.WINDOW:
        return entry.start, entry.end
    if what is Field.DIVISIONS:
        return frozenset(map(letters, entry.divisions))
    if what is Field.FOLLOW_UP:
        return None if entry.follow_up.kind == "unspecified" else entry.follow_up
    if what in (Field.STEPS, Field.TARGETS):
        return tuple(map(letters, entry.steps if what is Field.STEPS else entry.targets))
    if what is Field.ANALYSIS:
        return letters(entry.analysis)
    return entry.topic if what is Field.TOPIC else entry.indicator


def pair_texts(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each new text the place of the old one it continues, None where there is none: equal, then alike."""
    found: list[int | None] = [None] * len(new)
    for place, other in _ranked_texts(old, new):
        if found[other] is None and place not in found:
            found[other] = place
    return found


def _ranked_texts(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    alike = [
        (-how, abs(place - other), place, other)
        for place, one in enumerate(old)
        for other, text in enumerate(new)
        if (how := similarity(one, text)) >= ALIKE
    ]
    yield from ((place, other) for _, _, place, other in sorted(alike))
