"""Whatever is attached: what is in order is kept, what is not is refused in words, nothing breaks."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
import zipfile
from collections import Counter
from datetime import date
from io import BytesIO
from random import Random

import pytest
import time_machine
from PIL import Image

from tests.client import Browser
from tests.deeds import group_of, task_ids
from tests.reading.uploads import Upload, good, mutated
from tests.world import World, at
from tracker import storage
from tracker.app import Tracker
from tracker.errors import Refused, Unreadable
from tracker.reading import plan
from tracker.storage import Stored

LONG = bool(os.environ.get("TRACKER_LONG"))
MUTATED, GOOD = (10_000, 1_000) if LONG else (100, 20)
SEED = 2569
# So many of them come through the form itself.
EVERY = 10


def kept(upload: Upload) -> Stored | None:
    """The file as it was kept; None where it was refused with a sentence."""
    try:
        return storage.store(BytesIO(upload.data), upload.name)
    except (Refused, Unreadable):
        return None


def harm(upload: Upload, stored: Stored) -> str | None:
    """What is wrong with a file that was kept, as others see it."""
    path = storage.path_of(stored.storage_name)
    data = path.read_bytes()
    if (len(data), hashlib.sha256(data).hexdigest()) != (stored.size, stored.sha256):
        return "not what was written down"
    if len(stored.name) > storage.NAME_LENGTH or {"/", "\\", "\0", "\r", "\n", "\u202e"} & set(stored.name):
        return f"called {stored.name!r}"
    if stored.media_type.startswith("image/"):
        return harm_of_picture(data)
    if "openxml" in stored.media_type:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.testzip()
    return None if data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:] else "no PDF"


def harm_of_picture(data: bytes) -> str | None:
    if b"<script>" in data or b"PK\5\6" in data or b"A telephone" in data:
        return "something hangs on the picture"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                return "too large" if picture.width * picture.height > 120_000_000 else None
        except (OSError, SyntaxError, ValueError):
            # Flipped bits inside the picture show as a picture that cannot be seen; the form shows its name instead.
            return None


def test_every_file_in_order_is_kept(app: Tracker) -> None:
    chance = Random(SEED)
    refused = []
    for number in range(GOOD):
        upload = good(chance)
        stored = kept(upload)
        if stored is None or harm(upload, stored):
            refused.append((number, upload.kind, upload.name))
        else:
            storage.remove(stored.storage_name)
    assert refused == []


def test_no_file_that_is_not_in_order_is_kept(app: Tracker, capsys: pytest.CaptureFixture[str]) -> None:
    chance, kinds, wrong = Random(SEED), Counter[str](), []
    for number in range(MUTATED):
        upload = mutated(chance)
        stored = kept(upload)
        kinds[f"{upload.kind}{'' if stored is None else ', kept'}"] += 1
        if stored is None:
            continue
        fault = "taken" if upload.wanted is False else harm(upload, stored)
        if fault:
            wrong.append((number, upload.kind, upload.name, fault))
        storage.remove(stored.storage_name)
    if LONG:
        with capsys.disabled():
            print(f"\n{MUTATED} mutated: {dict(sorted(kinds.items()))}")
    assert wrong == []
    assert sum(kinds.values()) == MUTATED


def test_the_reader_of_plans_refuses_in_words_what_it_cannot_read(app: Tracker) -> None:
    chance = Random(SEED + 1)
    for _ in range(MUTATED // EVERY):
        upload = mutated(chance)
        if not upload.name.lower().endswith((".docx", ".xlsx")):
            continue
        try:
            plan.read(upload.data, upload.name)
        except Unreadable:
            continue
        assert upload.wanted is None, (upload.kind, upload.name)


def test_the_form_answers_in_words_whatever_is_attached(world: World) -> None:
    chance = Random(SEED + 2)
    world.adopted_plan([(1, range(5), date(2025, 10, 1), date(2026, 9, 30))])
    group = group_of(world)
    [task] = task_ids(world, group)
    told = {
        "result": "กำลังทำ",
        "problems_answer": "none",
        "suggestions_answer": "none",
        f"claim-{task}": "not_yet",
    }
    with time_machine.travel(at("2026-01-05")):
        person = Browser(world.app).enter(world, "head0")
        for number in range(MUTATED // EVERY):
            upload = mutated(chance)
            answer = person.post(group.path, told | {"files": (BytesIO(upload.data), upload.name)})
            expected = {422} if upload.wanted is False else {303, 422}
            assert answer.status_code in expected, (number, upload.kind, upload.name)
