"""No page, mail or answer leads to a view that was renamed or is gone."""

from __future__ import annotations

import re

from tracker.app import Tracker
from tracker.config import CHECKOUT

ASKED = re.compile(r"""(?:url_for|href)\(\s*["']([a-z_]+\.[a-z_.]+)["']""")


def test_every_view_that_sources_and_templates_name_exists(app: Tracker) -> None:
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    lost = [
        (path.relative_to(CHECKOUT).as_posix(), endpoint)
        for folder in ("templates", "tracker")
        for path in sorted((CHECKOUT / folder).rglob("*"))
        if path.suffix in {".html", ".txt", ".py"}
        for endpoint in ASKED.findall(path.read_text(encoding="utf-8"))
        if endpoint not in known
    ]
    assert lost == []
