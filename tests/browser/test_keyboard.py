"""The walk of docs/keyboard.md, played with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tracker.config import CHECKOUT

WALK = (CHECKOUT / "docs" / "keyboard.md").read_text(encoding="utf-8")
STEP = re.compile(
    r"(?:Open `(?P<path>[^`]+)`|Read “(?P<read>[^”]+)”"
    r"|`(?P<key>[\w+]+)` to “(?P<name>[^”]+)”"
    r"(?:, (?:type `(?P<text>[^`]+)`|press `(?P<press>\w+)`|open with `(?P<open>\w+)`))?)\."
)
PARTS = [part for part in re.split(r"(?m)^## ", WALK) if re.match(r".+\n\n1\. ", part)]
# So many presses of one key would be called a trap.
MOST = 90
# What a person who cannot see the screen is told of the focus, and whether one who can sees it.
FOCUS = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return {name: "", seen: true}
  const label = one.labels && one.labels.length ? one.labels[0] : null
  const shown = label && one.type === "radio" ? label : one
  const box = shown.getBoundingClientRect()
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20))
  return {
    name: (one.getAttribute("aria-label") || (label || one).textContent).replace(/\\u2060/g, ""),
    seen: !top || shown.contains(top) || top.contains(shown) || (label !== null && label.contains(top)),
    inside: box.bottom > 0 && box.top < innerHeight,
  }
}"""


def go_on_until(page: Page, key: str, name: str) -> None:
    """Press the key until what has the focus bears the name; all on the way can be seen."""
    met = []
    for _press in range(MOST):
        page.keyboard.press(key)
        focus = page.evaluate(FOCUS)
        met.append(" ".join(focus["name"].split()))
        assert focus["seen"], f"behind something: {met[-1]}"
        assert focus.get("inside", True), f"outside: {met[-1]}"
        if name in met[-1]:
            return
    pytest.fail(f"{key} never came to {name}: {met}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.partition("\n")[0])
def test_the_walk_is_walked(demo_url: str, open_page: Open, part: str, size: tuple[int, int]) -> None:
    # A page that is still scrolling would be judged on its way.
    page = open_page(size, reduced_motion="reduce")
    lines = re.findall(r"(?m)^\d+\. (.*)$", part)
    assert len(lines) > 10
    for line in lines:
        step = STEP.fullmatch(line)
        assert step is not None, line
        if step["path"]:
            page.goto(demo_url + step["path"])
        elif step["read"]:
            expect(page.get_by_text(step["read"]).first).to_be_visible()
        else:
            go_on_until(page, step["key"], step["name"])
            if step["text"]:
                page.keyboard.type(step["text"])
            if step["press"]:
                page.keyboard.press(step["press"])
            if step["open"]:
                with page.expect_navigation():
                    page.keyboard.press(step["open"])
