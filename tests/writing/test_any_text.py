"""Any text in any place of any document and of the package: each face opens, holds it, and makes nothing of it."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.packages import unpacked
from tests.reading.plans import examples
from tests.writing.conftest import HOSTILE, inputs
from tests.writing.test_every_face import DOCUMENTS, FONT, MANIFEST
from tests.writing.test_pdf import squeezed
from tracker.rules import report
from tracker.rules.annual import compose
from tracker.rules.appraisal import appraise
from tracker.rules.frozen import each_text, finished
from tracker.rules.publication import Manifest, contents_of, manifest_from_json
from tracker.rules.report import AnnualReport
from tracker.rules.scoring import Scores
from tracker.writing import faces, package
from tracker.writing.faces import DocumentValue
from tracker.writing.typeset import printable

HARD = [
    HOSTILE,
    "<script>alert(1)</script><&{{ {% raw %} #panic() {{ 7*7 }} {# #} ]]>",
    '=HYPERLINK("http://x";"y")',
    "+1-1@SUM(A1)",
    "\x00\x0b\x1fก\uffff\u202eข\x85\x9f",
    "😀 👩‍👩‍👧 ก็ ญี่ปุ่น ปิ่นโต",
    "บรรทัดที่ ๑\n\n\r\n2. บรรทัดที่ ๒\tจบ",
]
LONG = ["ดำเนินการแล้ว " * 720, "ก" * 10_000, "a1-b " * 2_000, "<&{{" * 2_500, "ครั้งที่ 4\n" * 1_000]
# No form and no database holds half a surrogate.
TEXTS = st.one_of(st.sampled_from(HARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=120))


@dataclass(frozen=True)
class Texts:
    """Texts for the places of a document in turn, and a long one for the place of that number, round and round."""

    short: Sequence[str]
    long: str
    at: int

    def of(self, places: int) -> list[str]:
        told = [self.short[place % len(self.short)] for place in range(places)]
        told[self.at % places] = self.long
        # The first is the title, which is never empty: the product writes it, and PDF/UA wants one.
        return ["ก" + told[0], *told[1:]]


DRAWN = st.builds(
    Texts,
    st.lists(TEXTS, min_size=1, max_size=7),
    st.one_of(TEXTS, st.sampled_from(LONG)),
    st.integers(0, 500),
)


def annual() -> AnnualReport:
    """A report with every block there is, and no more rows than it takes to have them all."""
    known = inputs()
    scores = appraise(Scores(93.17, "ผ่านดี", {1: 96.05}), 2569, Scores(88.42, "", {1: 93.2}))
    short = replace(known, items=known.items[6:], evidence=known.evidence[5:], tallies=known.tallies[:2])
    made = compose(replace(short, result=scores))
    proofs = tuple(replace(proof, photo=True) for proof in made.annex.proofs[:1])
    return replace(made, annex=replace(made.annex, proofs=proofs, photos_heading="ภาพถ่าย"))


KINDS: dict[str, DocumentValue] = DOCUMENTS | {"annual": annual()}


@cache
def mask(kind: str) -> tuple[bool, ...]:
    """Which texts of the document people write: faces put numbers into the foot, and know tables by their names."""
    marked: list[bool] = []

    def mark(old: str, verbatim: bool) -> str:
        marked.append(old.endswith(".pdf") if verbatim else bool(old) and "{page" not in old)
        return old

    each_text(KINDS[kind], mark)
    return tuple(marked)


def filled(kind: str, texts: Sequence[str]) -> DocumentValue:
    """The document with these texts in the places that people write."""
    told, asked = iter(texts), iter(mask(kind))
    return each_text(KINDS[kind], lambda old, _: next(told) if next(asked) else old)


def written_in(kind: str, value: DocumentValue) -> list[str]:
    """The texts that stand in those places."""
    found: list[str] = []

    def find(text: str, _: bool) -> str:
        found.append(text)
        return text

    each_text(value, find)
    return [text for text, asked in zip(found, mask(kind), strict=True) if asked]


class Page(HTMLParser):
    def __init__(self, written: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(written.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(f"{tag} {sorted(name for name, _ in attrs)}")

    def handle_data(self, data: str) -> None:
        self.text += data


@dataclass(frozen=True)
class Told:
    """What a program reads in a file: its text, and what else it takes its parts for."""

    text: str
    parts: frozenset[str]


def of_word(written: bytes) -> Told:
    document = Document(io.BytesIO(written))
    roots = [
        document.element,
        *(part._element for one in document.sections for part in (one.header, one.footer)),
    ]
    nodes = [node for root in roots for node in root.iter()]
    told = "".join(node.text or "" for node in nodes if node.tag == qn("w:t"))
    fields = {f"field {node.text}" for node in nodes if node.tag == qn("w:instrText")}
    return Told(squeezed(told), frozenset(str(node.tag) for node in nodes) | fields)


def of_excel(written: bytes) -> Told:
    book = load_workbook(io.BytesIO(written))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    kinds = frozenset(f"{cell.data_type} {bool(cell.hyperlink)}" for cell in cells)
    return Told(squeezed("".join(str(cell.value) for cell in cells)), kinds)


def of_page(written: bytes) -> Told:
    page = Page(written)
    return Told(squeezed(page.text), frozenset(page.tags))


def of_pdf(written: bytes) -> Told:
    document = pypdfium2.PdfDocument(written)
    told = "".join(page.get_textpage().get_text_range() for page in document)
    notes = frozenset("annotation" for page in document if pypdfium2.raw.FPDFPage_GetAnnotCount(page))
    document.close()
    return Told(squeezed(told), notes)


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)


def of_json(written: bytes) -> Told:
    told = json.loads(written)
    return Told(squeezed("".join(texts_in(told))), frozenset(told))


READ: dict[str, Callable[[bytes], Told]] = {
    "docx": of_word,
    "xlsx": of_excel,
    "html": of_page,
    "pdf": of_pdf,
    "json": of_json,
}


@cache
def plain(kind: str, ending: str) -> tuple[frozenset[int], Told]:
    """Which places of the document the face tells at all, and how it looks with harmless texts in them."""
    marks = [f"ก{place}ข" for place in range(sum(mask(kind)))]
    told = READ[ending](faces.write(filled(kind, marks), ending, FONT, {}))
    return frozenset(place for place, text in enumerate(marks) if text in told.text), told


def known(text: str) -> Counter[str]:
    """The signs of a text that Sarabun has; the order of stray marks is the reader's affair, which there are is not."""
    return Counter(sign for sign in squeezed(text) if "!" <= sign <= "~" or "ก" <= sign <= "๛")


def holds(ending: str, told: str, texts: Sequence[str]) -> bool:
    if ending == "pdf":
        wanted = sum((known(text) for text in texts), Counter[str]())
        return not wanted - known(told)
    return all(squeezed(text) in told for text in texts)


def check(kind: str, ending: str, texts: Texts) -> None:
    value = filled(kind, texts.of(sum(mask(kind))))
    # What is hashed was tidied when it was composed; the other faces tidy for themselves.
    frozen = finished(value) if ending == "json" else printable(value)
    told = READ[ending](faces.write(frozen if ending == "json" else value, ending, FONT, {}))
    shown, harmless = plain(kind, ending)
    assert told.parts <= harmless.parts
    assert holds(
        ending, told.text, [text for place, text in enumerate(written_in(kind, frozen)) if place in shown]
    )


@pytest.mark.parametrize("ending", faces.MEDIA_TYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_face_tells_all_that_the_web_page_tells(kind: str, ending: str) -> None:
    shown, of_the_page = plain(kind, ending)[0], plain(kind, "html")[0]
    assert len(of_the_page) > sum(mask(kind)) * 0.9
    # There are no pictures in a spreadsheet; their captions are in its list of the evidence.
    untold = {"ภาพถ่าย"} if (kind, ending) == ("annual", "xlsx") else set()
    harmless = written_in(kind, KINDS[kind])
    assert {harmless[place] for place in of_the_page - shown} == untold


@pytest.mark.parametrize("ending", ["docx", "xlsx", "html", "json"])
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=examples(3), deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=DRAWN)
@example(texts=Texts(HARD, LONG[0], 3))
def test_any_text_is_held_and_stays_a_text(kind: str, ending: str, texts: Texts) -> None:
    check(kind, ending, texts)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=examples(1), deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=DRAWN)
@example(texts=Texts(HARD, LONG[0], 3))
def test_a_pdf_holds_any_text_and_makes_nothing_of_it(kind: str, texts: Texts) -> None:
    check(kind, "pdf", texts)


def manifest(texts: Sequence[str]) -> Manifest:
    """The package's own words, each of these texts; its files have names that no person gives."""
    return replace(
        MANIFEST,
        organisation=texts[0],
        document_number=texts[1],
        demanded=tuple(
            replace(one, addresses=(texts[2],), explanation=texts[3]) for one in MANIFEST.demanded
        ),
        evidence=tuple(replace(one, caption=texts[4], day=texts[5]) for one in MANIFEST.evidence),
        withdrawn=(texts[6],),
    )


def packed(value: AnnualReport, told: Manifest) -> dict[str, bytes]:
    return unpacked(package.write(value, told, contents_of(told, value), {}, {}))


@cache
def tags_of_a_harmless_package() -> dict[str, frozenset[str]]:
    value = filled("annual", ["ก"] * sum(mask("annual")))
    assert isinstance(value, AnnualReport)
    files = packed(value, manifest(["ก"] * 7))
    return {name: of_page(data).parts for name, data in files.items() if name.endswith(".html")}


@settings(max_examples=examples(1), deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=DRAWN, words=st.lists(TEXTS, min_size=7, max_size=7))
@example(texts=Texts(HARD, LONG[1], 40), words=[*HARD[:6], LONG[0]])
def test_the_package_holds_any_text_and_makes_nothing_of_it(texts: Texts, words: list[str]) -> None:
    value, told = finished(filled("annual", texts.of(sum(mask("annual"))))), manifest(words)
    assert isinstance(value, AnnualReport)
    files = packed(value, told)
    assert set(files) == {
        "annual-2569.pdf",
        "annual-2569.html",
        "annual-2569.json",
        "index.html",
        "manifest.json",
        "SHA256SUMS",
    }
    assert report.from_json(files["annual-2569.json"].decode()) == value
    assert manifest_from_json(files["manifest.json"].decode()) == told
    for name, tags in tags_of_a_harmless_package().items():
        assert of_page(files[name]).parts <= tags
    asked = [cell for row in printable(contents_of(told, value)).blocks[0].rows for cell in row]  # type: ignore[union-attr]
    assert holds("html", of_page(files["index.html"]).text, asked)
    shown = plain("annual", "html")[0]
    held = [text for place, text in enumerate(written_in("annual", printable(value))) if place in shown]
    assert holds("html", of_page(files["annual-2569.html"]).text, held)
    assert holds("pdf", of_pdf(files["annual-2569.pdf"]).text, held)
