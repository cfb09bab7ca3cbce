from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tracker.writing.fonts import CHARACTERS, FACES, webfonts


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return webfonts(tmp_path_factory.mktemp("cache") / "fonts")


def test_each_face_is_a_small_woff2(faces: dict[str, Path]) -> None:
    assert set(faces) == set(FACES)
    for path in faces.values():
        assert path.read_bytes()[:4] == b"wOF2"
        assert path.stat().st_size < 30_000


@pytest.mark.parametrize("name", FACES)
def test_a_face_writes_thai_latin_and_the_signs_of_the_pages(faces: dict[str, Path], name: str) -> None:
    written = "ปี่ ญี่ปุ่น กำหนด จัดซื้อจัดจ้าง ฎีกา ฐาน ๐๑๒๓๔๕๖๗๘๙ ๆ ฯ Word/PDF 100% “ขอ” – … · ×"
    assert {ord(sign) for sign in written} <= CHARACTERS
    with TTFont(faces[name]) as font:
        assert set(font.getBestCmap()) >= CHARACTERS


@pytest.mark.parametrize("name", FACES)
def test_a_face_keeps_what_places_the_tone_marks(faces: dict[str, Path], name: str) -> None:
    with TTFont(faces[name]) as font:
        substitutions = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
        positions = {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}
    assert "ccmp" in substitutions
    assert {"mark", "mkmk"} <= positions


@pytest.mark.parametrize("name", FACES)
def test_the_digits_of_a_face_stand_in_columns(faces: dict[str, Path], name: str) -> None:
    with TTFont(faces[name]) as font:
        cmap = font.getBestCmap()
        assert len({font["hmtx"][cmap[ord(digit)]][0] for digit in "0123456789"}) == 1


def test_the_second_call_makes_nothing(faces: dict[str, Path]) -> None:
    cache = faces["sarabun-regular"].parent
    before = {path: path.stat().st_mtime_ns for path in cache.iterdir()}
    assert webfonts(cache) == faces
    assert {path: path.stat().st_mtime_ns for path in cache.iterdir()} == before
    assert set(before) == set(faces.values())
