"""The organisation's logo: taken, shown on every page and in the papers that may carry it, and taken away."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image

from tests.client import Browser, Page
from tests.deeds import chain_faults, saved_picture
from tests.world import World
from tracker.database import current_organisation, db

SignedIn = Callable[[str], Browser]
PICTURES = "word/media/"


def picture(side: int = 200) -> bytes:
    written = BytesIO()
    Image.new("RGBA", (side, side), "#cc3311").save(written, "PNG")
    return written.getvalue()


def send(desk: Browser, data: bytes, name: str = "ตรา อบต.png") -> int:
    answer = desk.post("/settings/organisation/logo", {"logo": (BytesIO(data), name)})
    if answer.status_code == 422:
        assert Page(answer.text).beside["logo"]
    return answer.status_code


def pictures_in(desk: Browser, path: str) -> int:
    """How many pictures the Word file at this address holds."""
    with ZipFile(BytesIO(desk.open(path).data)) as opened:
        return sum(name.startswith(PICTURES) for name in opened.namelist())


@pytest.fixture
def desk(signed_in: SignedIn) -> Browser:
    return signed_in("coordinator")


def test_a_logo_stands_on_every_page_until_it_is_taken_away(
    world: World, desk: Browser, signed_in: SignedIn
) -> None:
    assert "/settings/logo" not in desk.open("/plan/2569").text
    assert desk.open("/settings/logo").status_code == 404
    assert send(desk, picture()) == 303
    head = signed_in("head2")
    assert 'src="/settings/logo?v=' in head.open("/work").text
    answer = head.open("/settings/logo")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == (
        "image/png",
        "private, max-age=31536000, immutable",
    )
    assert Image.open(BytesIO(answer.data)).size == (200, 200)
    assert "มีตราแล้ว" in desk.get("/settings").text
    assert desk.post("/settings/organisation/logo", {"remove": "1"}).status_code == 303
    assert "/settings/logo" not in desk.open("/plan/2569").text
    assert desk.open("/settings/logo").status_code == 404
    assert chain_faults(world) == []


def test_a_new_logo_has_another_address(world: World, desk: Browser) -> None:
    addresses = set()
    for side in (200, 300):
        send(desk, picture(side))
        text = desk.open("/settings").text
        addresses.add(text.partition('src="/settings/logo?v=')[2].partition('"')[0])
    assert len(addresses) == 2


@pytest.mark.parametrize(
    ("data", "name"), [(b"", ""), (b"<svg/>", "logo.svg"), (saved_picture("JPEG"), "ตรา.jpg")]
)
def test_what_is_no_logo_is_said_at_its_field(world: World, desk: Browser, data: bytes, name: str) -> None:
    assert send(desk, data, name) == 422
    with world.read():
        assert current_organisation().logo is None
        db.session.rollback()


def test_another_organisation_does_not_see_it(world: World, desk: Browser) -> None:
    other = World(world.app, slug="neighbour", name="องค์การบริหารส่วนตำบลข้างเคียง")
    send(desk, picture())
    stranger = Browser(world.app).enter(other, "coordinator")
    assert stranger.open("/settings/logo").status_code == 404
    assert Browser(world.app).open("/settings/logo").status_code == 303


def test_reports_and_plans_carry_it_and_the_memo_keeps_its_prescribed_head(
    world: World, desk: Browser
) -> None:
    world.adopted_plan()
    papers = {kind: f"/report/2569/{kind}.docx" for kind in ("annual", "six-month", "plan", "memo")}
    assert [pictures_in(desk, path) for path in papers.values()] == [0, 0, 0, 0]
    send(desk, picture())
    assert [pictures_in(desk, path) for path in papers.values()] == [1, 1, 1, 0]
    assert 'class="logo"' in desk.open("/report/2569/annual.html").text
    assert desk.open("/report/2569/annual.pdf").data.startswith(b"%PDF")
