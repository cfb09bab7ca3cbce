import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tracker.errors import Misconfigured
from tracker.writing import icons
from tracker.writing.icons import ICONS, sprite

TEMPLATES = Path(__file__).parents[2] / "templates"
SYMBOL = "{http://www.w3.org/2000/svg}symbol"


def test_the_sprite_holds_each_icon_once_and_is_small(tmp_path: Path) -> None:
    made = sprite(tmp_path / "cache")
    symbols = ElementTree.parse(made).getroot().findall(SYMBOL)
    assert [symbol.get("id") for symbol in symbols] == list(ICONS)
    assert all(len(symbol) and symbol.get("viewBox") == "0 0 16 16" for symbol in symbols)
    assert made.stat().st_size < 40_000


def test_the_second_call_makes_nothing(tmp_path: Path) -> None:
    made = sprite(tmp_path)
    written = made.stat().st_mtime_ns
    assert sprite(tmp_path) == made
    assert made.stat().st_mtime_ns == written
    assert list(tmp_path.iterdir()) == [made]


def test_an_icon_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icons, "ICONS", ("bell", "no-such-icon"))
    with pytest.raises(Misconfigured, match="no-such-icon"):
        sprite(tmp_path)
    assert not list(tmp_path.iterdir())


def test_templates_name_only_icons_of_the_sprite() -> None:
    asked = {
        name
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r"\bicon\('([a-z0-9-]+)'", template.read_text(encoding="utf-8"))
    }
    assert asked
    assert asked <= set(ICONS)
