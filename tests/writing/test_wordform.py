"""An office's own Word form: names and one repeated row, whatever the texts hold; everything else is refused."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.errors import Unreadable
from tracker.reading.wordform import look_over
from tracker.rules.paper import Grid, Paper
from tracker.rules.report import AnnualReport
from tracker.rules.wordform import NAMES, texts_of
from tracker.writing import wordform, wordstart
from tracker.writing.wordform import NotFilled

BEGIN, END = "{%tr for row in rows %}", "{%tr endfor %}"


def form(*paragraphs: str, rows: tuple[tuple[str, ...], ...] = ()) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if rows:
        table = document.add_table(0, len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    return saved(document)


def saved(document: docx.document.Document) -> bytes:
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


LOOPED = form(
    "{{ title }} ของ {{organisation}}",
    rows=(("ที่", "ผล"), (BEGIN, ""), ("{{ row.number }}", "{{ row.result }}"), (END, "")),
)


def opened(data: bytes) -> docx.document.Document:
    return docx.Document(io.BytesIO(data))


def faults(data: bytes, kind: str = "annual") -> list[tuple[int, str]]:
    return [(fault.paragraph, str(fault.message)) for fault in look_over(data, "แบบ.docx", kind)]


def with_results(paper: Paper, *texts: str) -> Paper:
    """The paper with one row for each text as its result."""
    blocks = tuple(
        replace(
            block,
            rows=tuple((*block.rows[0][:5], text, block.rows[0][6]) for text in texts),
            notes=("",) * len(texts),
        )
        if isinstance(block, Grid) and block.name == "results"
        else block
        for block in paper.blocks
        if not (isinstance(block, Grid) and block.name == "problems")
    )
    return replace(paper, blocks=blocks)


def test_names_and_rows_are_filled(report: AnnualReport) -> None:
    paper = report.paper()
    made = opened(wordform.fill(LOOPED, paper))
    assert made.paragraphs[0].text == f"{paper.title} ของ {paper.organisation}"
    cells = [[cell.text for cell in row.cells] for row in made.tables[0].rows]
    assert cells == [["ที่", "ผล"], *([str(n), row.result] for n, row in enumerate(report.results.rows, 1))]


def test_the_same_form_and_value_give_the_same_bytes(report: AnnualReport) -> None:
    assert wordform.fill(LOOPED, report.paper()) == wordform.fill(LOOPED, report.paper())


def test_a_name_that_word_split_into_runs_is_one_name(report: AnnualReport) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("{{ ")
    paragraph.add_run("tit").bold = True
    paragraph.add_run("le }}")
    assert faults(saved(document)) == []
    assert opened(wordform.fill(saved(document), report.paper())).paragraphs[0].text == report.paper().title


def test_headers_are_filled_too(report: AnnualReport) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "{{ draft_mark }}|{{ organisation }}"
    assert faults(saved(document)) == []
    made = opened(wordform.fill(saved(document), report.paper()))
    assert made.sections[0].header.paragraphs[0].text.endswith(f"|{report.paper().organisation}")


@pytest.mark.parametrize("kind", list(NAMES))
def test_the_form_to_begin_with_is_allowed_and_holds_every_name(report: AnnualReport, kind: str) -> None:
    blank = replace(report.paper(), kind=kind, blocks=())  # type: ignore[arg-type]
    names = NAMES[kind]
    data = wordstart.write(blank, [one.name for one in names.row])
    assert faults(data, kind) == []
    words = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert all(f"{{{{ {one.name} }}}}" in words for one in names.anywhere)
    assert all(f"{{{{ row.{one.name} }}}}" in words for one in names.row)
    assert wordform.fill(data, blank).startswith(b"PK")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ titel }}", "ไม่รู้จักชื่อ “titel”"),
        ("{{ 7*7 }}", "ใช้ “{{ 7*7 }}” ไม่ได้"),
        ("{{ title.__class__ }}", "ไม่รู้จักชื่อ “title.__class__”"),
        ("{{ title|upper }}", "ใช้ “{{ title|upper }}” ไม่ได้"),
        ("{{ cycler('a') }}", "ใช้ “{{ cycler"),
        ("{% if title %}x{% endif %}", "ใช้ “{% if title %}” ไม่ได้"),
        ("{% for row in rows %}", "ใช้ “{% for row in rows %}” ไม่ได้"),
        ("{# หมายเหตุ #}", "ใช้ “{# หมายเหตุ #}” ไม่ได้"),
        ("{{r title }}", "ใช้ “{{r title }}” ไม่ได้"),
        ("{{ row.result }}", "“row.result” ใช้ได้เฉพาะในแถวซ้ำ"),
        ("{{ title", "ไม่ครบคู่"),
        ("title }}", "ไม่ครบคู่"),
        (BEGIN, "แถวซ้ำใช้ได้เฉพาะในแถวของตาราง"),
        (END, "ไม่มีแถวซ้ำที่เปิดไว้"),
    ],
)
def test_everything_but_names_is_named_with_its_paragraph(text: str, said: str) -> None:
    found = faults(form("บรรทัดแรก", text))
    assert found
    assert found[0][0] == 2
    assert said in found[0][1]


def test_a_second_loop_and_one_without_an_end_are_refused() -> None:
    one = ((BEGIN,), ("{{ row.number }}",), (END,))
    assert [said for _, said in faults(form(rows=one + one))] == [
        "ใช้แถวซ้ำได้เพียงชุดเดียว",
        "“row.number” ใช้ได้เฉพาะในแถวซ้ำ",
        "“{%tr endfor %}” ไม่มีแถวซ้ำที่เปิดไว้",
    ]
    assert "ที่ปิดแถวซ้ำ" in faults(form(rows=one[:2]))[0][1]
    assert faults(form(rows=one), "memo")


def test_what_hides_in_attributes_or_properties_is_refused(report: AnnualReport) -> None:
    document = docx.Document()
    document.add_table(1, 1).style.element.set("hidden", "{{ title }}")
    assert "ส่วนที่ซ่อน" in faults(saved(document))[0][1]
    document = docx.Document()
    document.core_properties.title = "{{ title.__class__ }}"
    assert "ส่วนที่ซ่อน" in faults(saved(document))[0][1]
    with pytest.raises(NotFilled):
        wordform.fill(saved(document), report.paper())


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}", "{{ title|upper }}", "{{ title.x }}", "{% set x = 1 %}", "{% for x in rows %}{% endfor %}",
        "{{ self }}{{ title() }}", "{% include 'x' %}", "{{ rows[0] }}",
    ],
)  # fmt: skip
def test_what_slips_past_the_look_is_not_run(report: AnnualReport, text: str) -> None:
    with pytest.raises(NotFilled):
        wordform.fill(form(text), report.paper())


def test_a_form_that_takes_too_long_is_ended(report: AnnualReport) -> None:
    with pytest.raises(NotFilled, match="ในเวลาที่กำหนด"):
        wordform.fill(LOOPED, report.paper(), seconds=0.01)


def repacked(data: bytes, change: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
        for name in set(change) - set(old.namelist()):
            new.writestr(name, change[name])
    return written.getvalue()


def test_bombs_and_macros_are_refused() -> None:
    bomb = repacked(LOOPED, {"word/media/image1.png": bytes(7_000_000)})
    with pytest.raises(Unreadable, match="zip bomb"):
        look_over(bomb, "แบบ.docx", "annual")
    with pytest.raises(Unreadable, match="มาโคร"):
        look_over(repacked(LOOPED, {"word/vbaProject.bin": b"x"}), "แบบ.docx", "annual")
    with pytest.raises(Unreadable, match="มาโคร"):
        look_over(LOOPED, "แบบ.docm", "annual")
    with pytest.raises(Unreadable, match="DOCTYPE"):
        look_over(
            repacked(LOOPED, {"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
            "แบบ.docx",
            "annual",
        )
    with pytest.raises(Unreadable):
        look_over(b"%PDF-1.4", "แบบ.docx", "annual")


SIGNS = st.sampled_from(
    ["{{ 7*7 }}", "{% raw %}", "{_{", "}_}", "{#", "<&", "&lt;", "]]>", "{{ title }}", "</w:t>"]
)
TEXTS = st.lists(st.one_of(SIGNS, st.text(max_size=20), st.just("ก้ำ😀")), max_size=6).map("".join)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=40, max_size=60))
def test_texts_stay_what_they_are(report: AnnualReport, texts: list[str]) -> None:
    hostile = [
        "{{ 7*7 }}",
        "{% for x in y %}",
        "<&",
        "{_{ 1 }_}",
        "{_% x %_}",
        "{{",
        "%}",
        "&#123;",
        "\\n",
        *texts,
    ]
    paper = with_results(report.paper(), *hostile)
    expected = [row["result"] for row in texts_of(wordform.typeset.printable(paper)).rows]
    made = opened(wordform.fill(LOOPED, paper))
    told = [row.cells[1].text for row in made.tables[0].rows[1:]]
    assert len(told) == len(expected)
    for found, text in zip(told, expected, strict=True):
        assert found == text.replace("\r\n", "\n").replace("\r", "\n")
