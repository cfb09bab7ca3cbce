"""An ITA result looked at: computed beside printed, against the year before, and what is strong or weak in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tracker.catalogue import assessment, grading, items, questions, topics
from tracker.rules import scoring
from tracker.rules.scoring import Contradiction, Scores
from tracker.rules.thai import letters

# The pass line of every year; what the analysis of an older result calls strong; the line of the best level.
PASS, STRONG, FULL_MARKS = 85, 90, 95


@dataclass(frozen=True)
class Line:
    """A score by its code ("IIT", "1", "i1", "o13"): as printed, as computed, and of the year before.

    `indicator` and `topic` are what a question belongs to, None where the year's structure does not tell.
    `weight` is an instrument's share in per cent.
    """

    code: str
    title: str
    printed: float | None = None
    computed: float | None = None
    before: float | None = None
    indicator: int | None = None
    topic: int | None = None
    weight: int | None = None

    @property
    def score(self) -> float | None:
        return self.computed if self.printed is None else self.printed

    @property
    def change(self) -> float | None:
        if self.score is None or self.before is None:
            return None
        return scoring.rounded(self.score - self.before)


@dataclass(frozen=True)
class Parted:
    """An indicator or a topic with its questions under the headings of a written form, in their order."""

    number: int
    title: str
    score: float | None
    parts: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class Appraisal:
    """One year's result; `levels` are the printed and the computed one, `misprinted` says that they differ."""

    year: int
    total: Line
    levels: tuple[str | None, str | None]
    instruments: tuple[Line, ...]
    indicators: tuple[Line, ...]
    questions: tuple[Line, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def misprinted(self) -> bool:
        printed, computed = self.levels
        return bool(printed and computed and printed != computed)

    @property
    def moved(self) -> tuple[Line, ...]:
        """The indicators that rose or fell, the deepest fall first."""
        return tuple(sorted((one for one in self.indicators if one.change), key=lambda one: one.change or 0))

    @property
    def two_columns(self) -> tuple[Parted, ...]:
        """Ten indicators: what to keep or develop, and what to mend without delay."""
        return tuple(
            self._parted(one, self._asked(one), (_passes, _fails))
            for one in self.indicators
            if self._asked(one)
        )

    @property
    def three_headings(self) -> tuple[Parted, ...]:
        """Seven topics: faults, what to develop, what to keep; empty where the year has no topics."""
        found = []
        for topic in topics.TOPICS:
            asked = [one for one in self.questions if one.topic == topic.number and one.score is not None]
            if asked:
                mean = scoring.rounded(scoring.mean(one.score for one in asked if one.score is not None))
                line = Line(str(topic.number), topic.title, computed=mean)
                found.append(self._parted(line, asked, (_fails, _develops, _keeps)))
        return tuple(found)

    @property
    def strong_and_weak(self) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """The indicators from 90 on, the best first, and those below, the worst first."""
        known = sorted((one for one in self.indicators if one.score is not None), key=_score)
        return (
            tuple(one for one in reversed(known) if _score(one) >= STRONG),
            tuple(one for one in known if _score(one) < STRONG),
        )

    @property
    def weak(self) -> tuple[Line, ...]:
        """What measures should answer: questions and indicators below 90, else the lowest indicator."""
        found = [one for one in (*self.indicators, *self.questions) if one.score is not None]
        weak = tuple(one for one in found if _score(one) < STRONG)
        known = [one for one in self.indicators if one.score is not None]
        return weak or tuple(sorted(known, key=_score)[:1])

    def _asked(self, indicator: Line) -> list[Line]:
        """The indicator's questions that have a score, else the indicator itself."""
        asked = [
            one for one in self.questions if str(one.indicator) == indicator.code and one.score is not None
        ]
        return asked or ([indicator] if indicator.score is not None else [])

    @staticmethod
    def _parted(line: Line, asked: Iterable[Line], tests: tuple[Callable[[Line], bool], ...]) -> Parted:
        own = list(asked)
        return Parted(
            int(line.code),
            line.title,
            line.score,
            tuple(tuple(one for one in own if test(one)) for test in tests),
        )


@dataclass(frozen=True)
class Answering:
    """An item of the plan with what it means to move: score references ("indicator", "9"), topic, indicator."""

    item_id: int
    heading: str
    measures: tuple[str, ...]
    references: frozenset[tuple[str, str]]
    topic: int | None
    indicator: int | None


def answering(weak: Line, plan: Iterable[Answering]) -> tuple[Answering, ...]:
    """The items that answer a weak score: named by a reference, else of its topic or its indicator."""
    listed = list(plan)
    own = ("indicator", weak.code) if weak.code.isdecimal() else ("question", weak.code)
    indicator = int(weak.code) if weak.code.isdecimal() else weak.indicator
    named = tuple(one for one in listed if own in one.references)
    return named or tuple(
        one
        for one in listed
        if (weak.topic is not None and one.topic == weak.topic)
        or (indicator is not None and one.indicator == indicator)
        or (indicator is not None and ("indicator", str(indicator)) in one.references)
    )


def appraise(scores: Scores, year: int, before: Scores | None = None) -> Appraisal:
    """The result of assessment `year`; `before` is that of the year before it, None where there is none."""
    earlier = before or Scores()
    means = {
        number: scoring.rounded(one)
        for number, one in scoring.indicator_means(scores.questions, year).items()
    }
    known = {**means, **scores.indicators}
    unrounded = scoring.instrument_means(known, year)
    instruments = {**scores.instruments, **unrounded}
    total = scoring.total(instruments, year)
    old = Old(earlier, year)
    return Appraisal(
        year=year,
        total=Line("total", "", scores.total, total, old.total),
        levels=(scores.level or None, None if total is None else scoring.level(total, instruments, year)),
        instruments=tuple(
            Line(
                one.code,
                one.name,
                scores.instruments.get(one.code),
                scoring.rounded(unrounded[one.code]) if one.code in unrounded else None,
                old.instruments.get(one.code),
                weight=one.weight,
            )
            for one in assessment.INSTRUMENTS
        ),
        indicators=tuple(
            Line(
                str(one.number),
                one.name,
                scores.indicators.get(one.number),
                means.get(one.number),
                old.indicators.get(one.number),
            )
            for one in assessment.indicators(year)
        ),
        questions=tuple(
            Line(
                code,
                title_of(code, year),
                scores.questions.get(code),
                before=old.question(code),
                indicator=indicator_of(code, year),
                topic=topics.topic_of(code, year),
            )
            for code in codes_of(year, scores)
        ),
        contradictions=tuple(scoring.contradictions(scores, year)),
    )


class Old:
    """The year before, where its total, instruments and indicators may have to be computed."""

    def __init__(self, scores: Scores, year: int) -> None:
        self.year, self.scores, self._new = year - 1, scores, year
        means = scoring.indicator_means(scores.questions, self.year)
        self.indicators: Mapping[int, float] = {
            **{number: scoring.rounded(one) for number, one in means.items()},
            **scores.indicators,
        }
        computed = scoring.instrument_means(self.indicators, self.year)
        self.instruments: Mapping[str, float] = {
            **{code: scoring.rounded(one) for code, one in computed.items()},
            **scores.instruments,
        }
        whole = scoring.total({**scores.instruments, **computed}, self.year)
        self.total = whole if scores.total is None else scores.total

    def question(self, code: str) -> float | None:
        """What the same question or item had; an item is the same by its title, whatever its number was."""
        was = counterpart(code, self._new, self.year)
        return self.scores.questions.get(was) if was else None


def codes_of(year: int, scores: Scores | None = None) -> tuple[str, ...]:
    """The codes of the year's questions and items in their order, then those that only the scores have."""
    known = [*assessment.survey_questions(year), *(item.code for item in items.items(year))]
    more = [code for code in scores.questions if code not in known] if scores else []
    return (*known, *sorted(more))


def title_of(code: str, year: int) -> str:
    """What a question is about, the title of an item; empty where the year's structure does not tell."""
    item = items.ITEMS.get((year, code))
    return item.title if item else questions.subject_of(code, year)


def indicator_of(code: str, year: int) -> int | None:
    item = items.ITEMS.get((year, code))
    if item:
        return int(item.sub_indicator.partition(".")[0]) if item.sub_indicator else None
    return assessment.survey_questions(year).get(code)


def counterpart(code: str, year: int, other: int) -> str | None:
    """The code in the `other` year of a question or item of `year`; None where there was no such one."""
    item = items.ITEMS.get((year, code))
    if item is None:
        form, theirs = assessment.survey_questions(year), assessment.survey_questions(other)
        return code if form == theirs and code in form else None
    title = letters(item.title)
    return next((one.code for one in items.items(other) if letters(one.title) == title), None)


def level_names(year: int) -> tuple[str, ...]:
    return tuple(level.name for level in grading.levels(year))


def _score(line: Line) -> float:
    return line.score if line.score is not None else 0.0


def _passes(line: Line) -> bool:
    return _score(line) >= PASS


def _fails(line: Line) -> bool:
    return _score(line) < PASS


def _develops(line: Line) -> bool:
    return PASS <= _score(line) < FULL_MARKS


def _keeps(line: Line) -> bool:
    return _score(line) >= FULL_MARKS
