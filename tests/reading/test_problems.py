"""The list of problem codes in docs/ is complete and tells each in two languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import tracker
from tracker.reading import items

PACKAGE = Path(tracker.__file__).parent
DOCUMENTED = PACKAGE.parent / "docs" / "problems.md"


def codes_of_the_reader() -> set[str]:
    """First arguments of Problem and the codes of Unclear, wherever they are made."""
    codes = {f"window_{note}" for note in items._NOTES}
    for source in [*(PACKAGE / "reading").glob("*.py"), *(PACKAGE / "rules").glob("*.py")]:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"Problem": 0, "Unclear": 0}.get(node.func.id)
                code = None if place is None else node.args[place]
                if isinstance(code, ast.Constant):
                    codes.add(str(code.value))
    return codes


def test_every_code_is_documented_in_thai_and_in_english() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", DOCUMENTED.read_text(encoding="utf-8"), re.M)
    documented = [code for code, _, _ in rows]
    assert sorted(documented) == sorted(codes_of_the_reader())
    for _, thai_sentence, english in rows:
        assert re.search("[ก-ฮ]", thai_sentence)
        assert re.fullmatch(r"[^ก-๙]{10,}\.", english)


def test_the_codes_that_others_rely_on_are_kept() -> None:
    promised = (
        "year_mismatch follow_up_before_window score_year_typo score_contradiction level_contradiction duplicated_item"
        " missing_topics numbering_gap numbering_repeat other_organisation placeholder unknown_division window_missing"
        " window_unreadable follow_up_unreadable text_lost"
    )
    assert set(promised.split()) <= codes_of_the_reader()
