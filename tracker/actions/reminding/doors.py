"""The links by which the lines of a digest open without a login."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tracker import links
from tracker.people import Post
from tracker.rules.digest import Digest, Line
from tracker.rules.moments import day_of
from tracker.rules.permissions import Role


def heads_of(posts: Iterable[Post]) -> dict[str, Post]:
    """The positions that head a division and can be reached, by title."""
    return {post.title: post for post in posts if post.role is Role.HEAD and not post.vacant}


def linked(
    digest: Digest, heads: Mapping[str, Post], *, now: datetime
) -> tuple[Digest, list[dict[str, Any]]]:
    """The digest whose division's lines open by a link of their position each, and the values of those links.

    What waits for approval and what tells a superior of others' work keeps its address behind the sign-in.
    """
    forms: dict[str, dict[str, None]] = defaultdict(dict)
    for line in digest.lines:
        if _is_own(line, heads):
            forms[line.position][line.form] = None
    issued = {title: links.issue(heads[title], subjects, now=now) for title, subjects in forms.items()}
    if not issued:
        return digest, []
    paths = {title: links.path_of(token) for title, (token, _) in issued.items()}
    lines = tuple(
        line._replace(path=paths[line.position] + line.path) if _is_own(line, heads) else line
        for line in digest.lines
    )
    rows = [link for _, link in issued.values()]
    return (
        replace(
            digest,
            lines=lines,
            good_until=day_of(rows[0]["expires_at"]),
        ),
        rows,
    )


def _is_own(line: Line, heads: Mapping[str, Post]) -> bool:
    return bool(line.form) and not line.vacant and line.position in heads
