"""Responsible divisions and lists of items, written in every usual style, come back as they were."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading import plans
from tests.reading.plans import examples
from tracker.reading import cells, divisions
from tracker.rules import thai

NAMES = (
    "สำนักปลัด", "กองคลัง", "กองช่าง", "กองการศึกษา ศาสนาและวัฒนธรรม", "กองสาธารณสุขและสิ่งแวดล้อม",
    "กองสวัสดิการสังคม", "หน่วยตรวจสอบภายใน", "กองยุทธศาสตร์และงบประมาณ",
)  # fmt: skip
JOINTS = ("/", " / ", ", ", " ", "\n", " และ", " และ ", "\n- ", ";")
OWN = ("ฝ่ายบริหารงานทั่วไป", "งานนิติการ/งานวินัย", "กลุ่มงานพัสดุและทรัพย์สิน")


def spaced(text: str, places: list[int]) -> str:
    """The text with a space at each place, as scanners leave them inside words."""
    for place in sorted(places, reverse=True):
        text = f"{text[:place]} {text[place:]}" if 0 < place < len(text) else text
    return text


@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
    joint=st.sampled_from(JOINTS),
    post=st.sampled_from(["", "หัวหน้า", "ผู้อำนวยการ"]),
    spaces=st.lists(st.integers(1, 30), max_size=2),
    numbered=st.booleans(),
)
@settings(max_examples=examples(150))
def test_divisions_come_back(
    names: list[str], joint: str, post: str, spaces: list[int], numbered: bool
) -> None:
    written = [
        spaced(post * (name != "หน่วยตรวจสอบภายใน") + name, spaces if not post else []) for name in names
    ]
    if numbered:
        text = " ".join(f"{thai.thai_digits(n)}. {name}" for n, name in enumerate(written, 1))
    else:
        text = joint.join(written)
    answer = divisions.read(text)
    assert [one.division for one in answer.parts] == names
    assert (answer.everyone, answer.whole) == (False, False)
    assert [one.division for one in divisions.read(text, known=NAMES).parts] == names


@given(
    names=st.lists(st.sampled_from(OWN), min_size=1, max_size=3, unique=True),
    joint=st.sampled_from(["/", ", ", "\n", " และ"]),
)
@settings(max_examples=examples(40))
def test_names_that_only_the_organisation_knows_come_back(names: list[str], joint: str) -> None:
    assert [one.division for one in divisions.read(joint.join(names), known=OWN).parts] == names


@given(
    text=st.sampled_from(["ทุกกอง", "ทุกส่วนราชการ", "ทุกสำนัก/กอง", "ทุกส่วนงาน"]),
    places=st.lists(st.integers(1, 10), max_size=2),
)
@settings(max_examples=examples(30))
def test_everyone_comes_back(text: str, places: list[int]) -> None:
    assert divisions.read(spaced(text, places)) == divisions.Answer(everyone=True)


MARKS = ("{}. ", "{}.", "{}) ", "({}) ", "{} . ", "- ", "• ")


@given(data=st.data(), mark=st.sampled_from(MARKS), first=st.integers(1, 9), digits=st.booleans())
@settings(max_examples=examples(200))
def test_items_come_back(data: st.DataObject, mark: str, first: int, digits: bool) -> None:
    texts = data.draw(plans.titles(data.draw(st.integers(1, 6))))
    joint = data.draw(st.sampled_from([" ", "\n"] if first == 1 else ["\n"]))
    numbers = [first + place for place in range(len(texts))] if "{}" in mark else [None] * len(texts)
    text = joint.join(mark.format(number) + one for number, one in zip(numbers, texts, strict=True))
    found = cells.entries(thai.thai_digits(text) if digits else text)
    assert [(one.number, one.text) for one in found] == list(zip(numbers, texts, strict=True))


@given(data=st.data(), mark=st.sampled_from(["{}. ", "{}) "]), gap=st.integers(2, 3), repeat=st.booleans())
@settings(max_examples=examples(60))
def test_gaps_repeats_and_restarts_are_kept(data: st.DataObject, mark: str, gap: int, repeat: bool) -> None:
    texts = data.draw(plans.titles(4))
    numbers = [1, 1, 2, 3] if repeat else data.draw(st.sampled_from([[1, 2, 2 + gap, 3 + gap], [1, 2, 1, 2]]))
    text = "\n".join(mark.format(number) + one for number, one in zip(numbers, texts, strict=True))
    assert [(one.number, one.text) for one in cells.entries(text)] == list(zip(numbers, texts, strict=True))


@given(data=st.data(), inner=st.sampled_from(["{a}.{n} ", "{n}) ", "- "]))
@settings(max_examples=examples(60))
def test_items_of_items_stay_in_their_item(data: st.DataObject, inner: str) -> None:
    texts = data.draw(plans.titles(4))
    subs = [inner.format(a=1, n=n) + text for n, text in enumerate(texts[2:], 1)]
    text = "\n".join([f"1. {texts[0]}", *subs, f"2. {texts[1]}"])
    found = cells.entries(text)
    assert [one.number for one in found] == [1, 2]
    assert all(thai.letters(text) in thai.letters(found[0].text) for text in texts[2:])
    assert found[1].text == texts[1]
