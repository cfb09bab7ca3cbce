"""The register of what is kept of people leaves no table out, and no document claims a test that is not there."""

from __future__ import annotations

import re

import pytest

from tracker.config import CHECKOUT
from tracker.models import Base


def test_every_table_has_its_line_in_the_register() -> None:
    named = set(re.findall(r"`([a-z_]+)`", (CHECKOUT / "docs" / "privacy.md").read_text(encoding="utf-8")))
    tables = set(Base.metadata.tables)
    assert len(tables) > 40
    assert sorted(tables - named) == []


@pytest.mark.parametrize("name", ["privacy.md", "asvs.md", "security.md"])
def test_a_document_names_tests_that_exist(name: str) -> None:
    text = (CHECKOUT / "docs" / name).read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[a-z_/]+\.py)(?:: (test_[a-z_0-9]+)`)?", text)
    assert named
    missing = []
    for path, test in named:
        file = CHECKOUT / path
        if not file.exists() or (test and f"def {test}(" not in file.read_text(encoding="utf-8")):
            missing.append(f"{path}: {test}")
    assert missing == []
