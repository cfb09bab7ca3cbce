"""Icons and looks as templates draw them; functions, for a page has a hundred and a macro costs ten times as much."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from tracker.locale import translate as _
from tracker.views.assets import asset

LOOK_ICONS = {
    "overdue": "exclamation-triangle-fill",
    "stuck": "slash-circle",
    "due_soon": "alarm",
    "submitted": "send-check",
    "in_progress": "hourglass-split",
    "approved": "check-circle-fill",
    "open": "circle",
}


def set_up(app: Flask) -> None:
    """Hand them to macros/icons.html and macros/states.html, from which templates import them."""
    app.jinja_env.globals |= {"drawn_icon": icon, "drawn_look": look_icon, "look_words": look_word}


def icon(name: str, label: str | None = None, look: str | None = None) -> Markup:
    """An icon of the sprite (tracker/writing/icons.py); a decoration unless it has a label, `look` is a class of it."""
    return _icon(asset("icons.svg"), name, label, look)


@lru_cache(maxsize=1000)
def _icon(sprite: str, name: str, label: str | None, look: str | None) -> Markup:
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    drawn = '<svg class="icon{}{}" focusable="false" {}><use href="{}#{}"></use></svg>'
    return Markup(drawn).format(" " if look else "", look or "", role, sprite, name)


def look_icon(look: str) -> Markup:
    """The icon of a look; nothing for those that are grey."""
    name = LOOK_ICONS.get(look)
    return icon(name) if name else Markup()


def look_word(look: str, short: bool = False) -> str:
    match look:
        case "overdue":
            return _("เกินกำหนด")
        case "stuck":
            return _("ติดปัญหา")
        case "due_soon":
            return _("ใกล้กำหนด")
        case "submitted":
            return _("รออนุมัติ")
        case "in_progress":
            return _("กำลังทำ")
        case "approved":
            return _("เสร็จ") if short else _("แล้วเสร็จ")
        case "open":
            return _("ยังไม่ถึง") if short else _("ยังไม่ถึงกำหนด")
        case "cancelled":
            return _("ยกเลิก")
        case "not_needed":
            return _("ไม่ต้องทำ")
        case _unknown:
            return ""
