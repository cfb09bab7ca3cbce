"""Sentences, dates and numbers in the reader's language; the source language is Thai."""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import cast

from flask import Flask, g, has_app_context, has_request_context, request, session
from flask_babel import force_locale, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from tracker.errors import FieldsRefused, Message, Refused
from tracker.rules import thai
from tracker.rules.fiscal import BUDDHIST_OFFSET
from tracker.rules.moments import BANGKOK

LANGUAGES = ("th", "en")
TRANSLATIONS = Path(__file__).parent / "translations"
_forced: ContextVar[str | None] = ContextVar("forced", default=None)


def choose_language() -> str:
    """The language of a request: the visitor's choice, else Thai."""
    if has_request_context():
        chosen = session.get("language") or request.cookies.get("language")
        if chosen in LANGUAGES:
            return str(chosen)
    return "th"


def language() -> str:
    """The language spoken now: of the request, or the one forced by `speaking`."""
    forced = _forced.get()
    if forced is not None:
        return forced
    if not has_app_context():
        return "th"
    # A page asks a hundred times; Flask-Babel's answer is far to go for.
    try:
        return cast(str, g.spoken)
    except AttributeError:
        locale = get_locale()
        spoken: str = locale.language if locale is not None else "th"
        g.spoken = spoken
        return spoken


@contextmanager
def speaking(spoken: str) -> Iterator[None]:
    """Speak this language inside."""
    token = _forced.set(spoken)
    try:
        with force_locale(spoken):
            yield
    finally:
        _forced.reset(token)


def translate(text: str, /, **values: object) -> str:
    """A sentence of a page in the language spoken now; imported as `_`."""
    said = _catalogue(language()).gettext(text)
    return said % values if values else said


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(spoken: str) -> gettext.NullTranslations:
    return gettext.translation("messages", TRANSLATIONS, [spoken], fallback=True)


def say(message: Message, spoken: str = "th", /, **values: object) -> str:
    """The sentence in a language, with `values` besides its own; those that are messages or days are said too."""
    template = _catalogue(spoken).gettext(message.template)
    values |= message.values
    if not values:
        return template
    return template % {name: _said(value, spoken) for name, value in values.items()}


def say_all(fields: Mapping[str, Message]) -> dict[str, str]:
    """The sentences beside their fields, in the language of who looks."""
    return {name: say(message, language()) for name, message in fields.items()}


def say_refusal(refused: Refused, field: str) -> dict[str, str]:
    """The sentences by field; one that belongs to no field stands at the named one."""
    return say_all(refused.fields if isinstance(refused, FieldsRefused) else {field: refused.message})


def _said(value: object, spoken: str) -> object:
    if isinstance(value, Message):
        return say(value, spoken)
    if isinstance(value, thai.PrintedDay):
        return long_date(value.on, spoken) if value.whole else short_date(value.on, spoken)
    if isinstance(value, date):
        return short_date(value, spoken)
    return value


def long_date(day: date, spoken: str | None = None) -> str:
    """30 กันยายน 2569, in English 30 September 2569 B.E."""
    day = _day(day)
    if (spoken or language()) == "en":
        return f"{day.day} {thai.ENGLISH_MONTHS[day.month - 1]} {day.year + BUDDHIST_OFFSET} B.E."
    return thai.long_date(day)


def short_date(day: date, spoken: str | None = None) -> str:
    """30 ก.ย. 2569, in English 30 Sep 2569."""
    day = _day(day)
    if (spoken or language()) == "en":
        return f"{day.day} {thai.ENGLISH_MONTHS[day.month - 1][:3]} {day.year + BUDDHIST_OFFSET}"
    return thai.short_date(day)


def short_month(day: date) -> str:
    if language() == "en":
        return thai.ENGLISH_MONTHS[day.month - 1][:3]
    return thai.SHORT_MONTHS[day.month - 1]


def month_year(day: date) -> str:
    """ก.ย. 2569, in English Sep 2569."""
    return f"{short_month(day)} {day.year + BUDDHIST_OFFSET}"


def day_month(day: date) -> str:
    """30 ก.ย., in English 30 Sep."""
    return f"{_day(day).day} {short_month(_day(day))}"


def clock_time(moment: datetime) -> str:
    """The time of day in Thailand, 08.30 in Thai and 08:30 in English."""
    local = moment.astimezone(BANGKOK)
    return f"{local:%H:%M}" if language() == "en" else f"{local:%H.%M} น."


def set_up(app: Flask) -> None:
    """Let templates speak by the same catalogues as everything else."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension that Flask-Babel adds
        lambda text: _catalogue(language()).gettext(text),
        lambda one, many, number: _catalogue(language()).ngettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _in_template


@pass_eval_context
def _in_template(context: EvalContext, text: str, /, **values: object) -> str:
    """What Jinja's own `_` says, without its three calls for each of the hundred sentences of a page."""
    said = _catalogue(language()).gettext(text)
    if context.autoescape:
        said = Markup(said)
    # Without values too: a template writes a per cent sign twice.
    return said % values if values or "%" in said else said


def _day(value: date) -> date:
    return value.astimezone(BANGKOK).date() if isinstance(value, datetime) else value
