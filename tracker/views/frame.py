"""What stands around a form that more than one way leads to: signed in, or by a link from a mail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from tracker.groups import Group
from tracker.rules.permissions import Actor


@dataclass(frozen=True)
class Frame:
    """Who fills the form in, where it is sent, where back leads, how its files are reached.

    `drafts` begins the names of drafts kept on the device; `values` are for the layout; `groups` are the only
    ones whose evidence may be seen, `about_href` leads to the page of a file, where there is one for the person;
    without `writes` the person only reads.
    """

    by: Actor
    save_href: str
    back_href: str
    back_label: str
    file_href: Callable[[int], str]
    drafts: str
    values: dict[str, Any] = field(default_factory=dict)
    groups: Collection[Group] | None = None
    about_href: Callable[[int], str] | None = None
    writes: bool = True
