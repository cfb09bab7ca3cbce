"""The pictures of the README and of docs: each is one that `make pictures` remakes, and each is shown."""

from __future__ import annotations

import re

from tracker.config import CHECKOUT

PICTURES = CHECKOUT / "docs" / "pictures"
SHOWN = re.compile(r"!\[[^\]]*\]\(([^)#?]+\.(?:png|jpg|svg|gif|webp))\)|<img[^>]+src=\"([^\"]+)\"")


def test_every_picture_that_is_shown_is_remade_and_every_one_that_is_remade_is_shown() -> None:
    shown = {
        (page.parent / (found[1] or found[2])).resolve()
        for page in (CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md"))
        for found in SHOWN.finditer(page.read_text(encoding="utf-8"))
    }
    kept = {path.resolve() for path in PICTURES.iterdir()}
    made = re.findall(
        r'"([\w-]+)(?:\.png)?"', (CHECKOUT / "docs" / "pictures.py").read_text(encoding="utf-8")
    )
    assert shown == kept
    assert {path.stem for path in kept} <= set(made)
