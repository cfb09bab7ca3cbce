"""What a person found in the real documents, compared with what the reader finds, whatever the format."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tracker.reading import plan
from tracker.reading.values import ReadPlan

DOCUMENTS = ("000", "003", "004")


def source_of(document: str, folder: Path) -> Path:
    """The text of a real document in the folder of such."""
    return next(folder.glob(f"{document}_*.txt"))


def facts_of(document: str, folder: Path) -> dict[str, Any]:
    """What is known of it."""
    known: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[document]
    return known


def check(found: ReadPlan, expected: dict[str, Any]) -> None:
    """Every known fact of the document, row by row."""
    read = json.loads(json.dumps(plan.to_json(found, str)))
    for key in ("kind", "fiscal_year", "assessment_year", "organisation"):
        assert read[key] == expected[key]
    assert len(read["rows"]) == len(expected["rows"])
    for one, row in zip(expected["rows"], read["rows"], strict=True):
        _check_row(one, row)
    for key, scores in expected["scores"].items():
        assert read["scores"][key] == scores
    for problem in expected["problems"]:
        place = read if problem["row"] is None else read["rows"][problem["row"]]
        assert problem["about"] in [one["code"] for one in place["problems"]]


def letters(text: str) -> str:
    """The text without spaces, marks and one leading number, as the known facts are told."""
    text = re.sub("<[^>]*>|[​‌‍⁠﻿]", "", text)
    text = re.sub(r"\s|[*#\\_`\"“”'‘’]", "", text)
    return re.sub(r"^(?:\(?[0-9๐-๙]{1,2}[.)]|[0-9๐-๙]{1,2}|[-–•])", "", text)


def _check_row(expected: dict[str, Any], row: dict[str, Any]) -> None:
    assert len(row["measures"]) == expected["measures"]
    assert len(row["steps"]) == expected["steps"]
    assert _unmatched(expected["measure_texts"], [one["title"] for one in row["measures"]]) == []
    assert _unmatched(expected["step_texts"], row["steps"]) == []
    assert _unmatched(expected.get("result_texts", []), row["results"]) == []
    assert {key: row["window"][key] for key in expected["window"]} == expected["window"]
    assert _responsible(row) == sorted(expected["responsible"])
    for key in ("topic", "indicator"):
        if key in expected:
            assert row[key] == expected[key]
    if "number" in expected:
        assert [one["number"] for one in row["measures"]] == [expected["number"]]
        assert letters(expected["contains"]) in letters(row["measures"][0]["title"])
    follow_up = expected.get("follow_up", {})
    assert {key: row["follow_up"][key] for key in follow_up} == follow_up


def _unmatched(expected: list[dict[str, str | None]], found: list[str]) -> list[object]:
    """What of two multisets of texts, one told by head and tail, has no partner in the other."""
    left = [letters(text) for text in found]
    missing: list[object] = []
    for one in expected:
        partner = next(
            (t for t in left if one["head"] in (None, t[:15]) and one["tail"] in (None, t[-10:])),
            None,
        )
        if partner is None:
            missing.append(one)
        else:
            left.remove(partner)
    return missing + list(left)


def _responsible(row: dict[str, Any]) -> list[str]:
    if row["everyone"] or row["whole_organisation"]:
        assert row["responsible"] == []
        return ["EVERYONE" if row["everyone"] else "WHOLE"]
    return sorted(one["division"].replace("หน่วยตรวจสอบ", "ตรวจสอบ") for one in row["responsible"])
