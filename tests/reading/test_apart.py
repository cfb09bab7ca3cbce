"""Reading in a process of its own: the same answer, within limits, and nothing left behind."""

from __future__ import annotations

import io
import os
import random
import subprocess
import time
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.reading import plans
from tests.reading.conftest import OFFICIAL
from tests.reading.test_container import BODY, TYPES, zipped
from tracker.errors import Message, Unreadable
from tracker.reading import apart, plan
from tracker.reading.apart import read_apart

ROW = ("๑. การใช้อำนาจ", "๑. จัดทำคู่มือ", "๑. ร่าง ๓. แจก", "มี.ค. - เม.ย. ๖๙", "กองคลัง", "ประชุม เดือน เม.ย. ๖๕")
Make = Callable[..., bytes]


def refusal(data: bytes, name: str, seconds: float = 20, megabytes: int = 512) -> str:
    begun = time.perf_counter()
    with pytest.raises(Unreadable) as caught:
        read_apart(data, name, seconds=seconds, megabytes=megabytes)
    assert time.perf_counter() - begun < seconds + 5
    return str(caught.value.message)


def test_the_answer_is_what_reading_here_gives(tsv: Make) -> None:
    lines = ("ผลคะแนน ITA ประจำปีงบประมาณ พ.ศ. ๒๕๖๘ คะแนนภาพรวม ๙๐.๐๐ คะแนน ระดับ ผ่านดีเยี่ยม", plans.TITLE)
    scores = (("ตัวชี้วัด", "คะแนน"), ("การใช้อำนาจ", "๙๐"), "การใช้อำนาจ ได้ร้อยละ ๘๐.๐๐", "")
    data = tsv(*lines, *scores, OFFICIAL, ROW)
    here = plan.read(data, "แผน.txt", 2569, ["สำนักปลัด"])
    assert {"follow_up_before_window", "numbering_gap", "unknown_division"} <= {
        problem.code for row in here.rows for problem in row.problems
    }
    assert read_apart(data, "แผน.txt", 2569, ["สำนักปลัด"]) == here


def test_a_refusal_there_is_the_refusal_here() -> None:
    with pytest.raises(Unreadable) as caught:
        plan.read(b"plain", "แผน.docx")
    assert refusal(b"plain", "แผน.docx") == str(caught.value.message)


def test_time_is_limited_and_nothing_is_left_running(tsv: Make) -> None:
    data = tsv(OFFICIAL, *[ROW] * 1500)
    assert "ใช้เวลานานเกิน 0.05 วินาที" in refusal(data, "แผน.txt", seconds=0.05)
    assert "ใช้เวลานานเกิน 0.5 วินาที" in refusal(data, "แผน.txt", seconds=0.5)
    listed = subprocess.run(
        ["ps", "-A", "-o", "ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    own = [line for line in listed.splitlines() if line.split()[0] == str(os.getpid())]
    assert not [line for line in own if "tracker.reading.apart" in line]


def test_memory_is_limited() -> None:
    drawn = random.Random(1)
    lines = "".join(f"<w:p><w:r><w:t>{drawn.random()}</w:t></w:r></w:p>" for _ in range(60_000))
    data = zipped({"word/document.xml": BODY % lines})
    assert "ใหญ่เกิน" in refusal(data, "แผน.docx", megabytes=60)


def test_the_process_is_ready_soon(tsv: Make) -> None:
    data = tsv(OFFICIAL, ROW)
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        read_apart(data, "แผน.txt")
        times.append(time.perf_counter() - begun)
    assert min(times) < 2  # a third of a second where nothing else runs


def bomb(inner: bytes, times: int) -> bytes:
    """A document whose body unpacks to `times` as many bytes as `inner` has."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", TYPES % "")
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(times):
                part.write(inner)
    return stream.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    data = bomb(b"\0" * 1_000_000, 200)
    assert len(data) < 300_000
    assert "zip bomb" in refusal(data, "แผน.docx")


def test_entries_that_share_their_content_are_refused() -> None:
    data = zipped({f"word/{number}.bin": b"a" * 900_000 for number in range(2)})
    first = data.index(b"PK\x01\x02", data.rindex(b"word/0.bin") - 60)
    other = data.index(b"PK\x01\x02", data.rindex(b"word/1.bin") - 60)
    overlapping = data[: other + 42] + data[first + 42 : first + 46] + data[other + 46 :]
    assert refusal(overlapping, "แผน.docx")


LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">'
        for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize("doctype", [LAUGHS, '<!DOCTYPE w SYSTEM "file:///etc/hostname">'])
def test_entities_are_refused_in_word_and_excel(doctype: str) -> None:
    assert "DOCTYPE" in refusal(zipped({"word/document.xml": doctype + BODY % "<w:p/>"}), "a.docx")
    stream = io.BytesIO()
    book = Workbook()
    book.save(stream)
    spoilt = io.BytesIO()
    with zipfile.ZipFile(stream) as good, zipfile.ZipFile(spoilt, "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            bad.writestr(name, doctype.encode() + content if name.endswith("sheet1.xml") else content)
    assert "DOCTYPE" in refusal(spoilt.getvalue(), "a.xlsx")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "html"])
def test_ten_thousand_rows_are_refused_in_bounded_time(ending: str) -> None:
    rows = [list(OFFICIAL), *([str(n), *ROW[1:]] for n in range(10_000))]
    if ending == "xlsx":
        book = Workbook(write_only=True)
        page = book.create_sheet()
        for row in rows:
            page.append(row)
        stream = io.BytesIO()
        book.save(stream)
        data = stream.getvalue()
    else:
        data = plans.as_page(rows) if ending == "html" else "\n".join("\t".join(row) for row in rows).encode()
    assert "2000 แถว" in refusal(data, f"แผน.{ending}")


def test_a_table_with_no_plan_is_said_in_one_sentence(tsv: Make) -> None:
    found = read_apart(tsv("บันทึกข้อความ", ("ชื่อ", "จำนวน"), ("กระดาษ", "๒")), "a.txt")
    assert (found.rows, [problem.code for problem in found.problems]) == ((), ["no_plan_table"])


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("แผน.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "รุ่นเก่า"),
        ("แผน.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "รุ่นเก่า"),
        ("แผน.pdf", b"%PDF-1.7\n", "PDF"),
        ("แผน.odt", zipped({"content.xml": "<a/>"}), ".odt"),
        ("แผน.docx", zipped({"word/document.xml": BODY % ""})[:-40], "ไม่ครบ"),
        ("แผน.docx", zipped({"word/vbaProject.bin": b"x"}), "มาโคร"),
        ("แผน.xlsx", zipped({"word/document.xml": BODY % ""}), ".docx"),
        ("แผน.html", zipped({"word/document.xml": BODY % ""}), "เปลี่ยนนามสกุล"),
        ("แผน.txt", b"", "ว่างเปล่า"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(name: str, data: bytes, says: str) -> None:
    said = refusal(data, name)
    assert says in said
    assert "\n" not in said


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3)
        | st.builds(Message, st.text(max_size=8), st.dictionaries(st.text(max_size=4), inner, max_size=2))
    ),
    max_leaves=8,
)


@given(VALUES)
@settings(max_examples=plans.examples(60))
def test_a_value_written_and_read_is_the_same(value: object) -> None:
    assert apart.value_of(apart.written(value)) == value


def test_only_values_of_a_plan_are_made() -> None:
    with pytest.raises(ValueError, match="Popen"):
        apart.value_of(["Popen", {"args": "ls"}])
    assert apart.value_of(apart.written(date(2026, 1, 2))) == date(2026, 1, 2)
