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


DOCUMENTS = sorted(path.name for path in (CHECKOUT / "docs").glob("*.md"))
TESTS = {
    path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
    for path in (CHECKOUT / "tests").rglob("*.py")
}


def absent(text: str) -> list[str]:
    """The tests that a document names and that are not there; "…" stands for the rest of a name."""
    missing = [path for path in re.findall(r"\btests/[a-z_/]+\.py", text) if path not in TESTS]
    missing += [
        path for path in re.findall(r"\btests/[a-z_/]+\b(?!\.)", text) if not (CHECKOUT / path).is_dir()
    ]
    for path, name, more in re.findall(r"(?:(tests/[a-z_/]+\.py): )?\b(test_[a-z_0-9]+)\b(?!\.py)(…?)", text):
        files = [TESTS.get(path, "")] if path else list(TESTS.values())
        if not any(f"def {name}" + ("" if more else "(") in file for file in files):
            missing.append(f"{path}: {name}")
    return missing


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_tests_that_exist(name: str) -> None:
    assert absent((CHECKOUT / "docs" / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", ["privacy.md", "asvs.md", "security.md", "reliability.md"])
def test_what_a_document_claims_stands_on_tests(name: str) -> None:
    assert "tests/" in (CHECKOUT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "claim",
    [
        "`tests/test_nowhere.py`",
        "`tests/nowhere`",
        "`test_that_nobody_wrote`",
        "`test_that_nobody_wrote…`",
        "`tests/test_access.py: test_every_table_has_its_line_in_the_register`",
        "`test_every_table_has_its_line`",
    ],
)
def test_a_claim_without_its_test_is_noticed(claim: str) -> None:
    assert absent(f"| a claim | {claim} | met |") != []
