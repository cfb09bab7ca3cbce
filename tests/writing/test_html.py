from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.report import AnnualReport
from tracker.writing import html


class Seen(HTMLParser):
    """The tags of a page, and the text of its cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in {"td", "th"}:
            self._in_cell = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data


def test_the_page_holds_every_cell_and_needs_nothing_else(report: AnnualReport) -> None:
    page = html.write(report).decode()
    cells = Seen(page).cells
    for row in report.results.rows:
        assert row.result + "\n" + row.evidence in cells
        assert set(row.cells) - {row.result} <= set(cells)
    for proof in report.annex.proofs:
        assert proof.file_name in cells
    assert not re.search(r"""(?:src|href)=["'](?!data:)|@import|url\(""", page)
    assert '<html lang="th">' in page
    assert html.write(report) == html.write(report)


def test_only_a_draft_is_marked(report: AnnualReport, draft: AnnualReport) -> None:
    assert "ฉบับร่าง" in html.write(draft).decode()
    assert "ฉบับร่าง" not in html.write(report).decode()


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_becomes_markup(with_result: Callable[[str], AnnualReport], text: str) -> None:
    plain = Seen(html.write(with_result("ก")).decode()).tags
    assert Seen(html.write(with_result(text + "<script>'\"&amp;<b>")).decode()).tags == plain
