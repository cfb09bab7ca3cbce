"""Whatever is sent to any form, and whatever is made of a token: no answer breaks, nobody gets in."""

from __future__ import annotations

import os
import random
import re
import string
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.test_access import NOW, PUBLIC, House, housed, public_address
from tests.world import World
from tracker import links
from tracker.access import load_visitor, new_token
from tracker.actions import admitting, recovering, subscribing
from tracker.config import CHECKOUT
from tracker.database import db
from tracker.errors import TrackerError
from tracker.models import AddressChange, LinkToken, MailLink, Purpose
from tracker.people import posts_on
from tracker.rules.permissions import SYSTEM, Role

LONG = bool(os.environ.get("TRACKER_LONG"))
REQUESTS = 50_000 if LONG else 200
TOKENS = 100_000 if LONG else 300
# Names of fields, from the templates and from what views and forms ask for.
NAMES = sorted(
    {
        name
        for folder, pattern in (
            ("templates", r'name="([a-z_-]+)"'),
            ("tracker/views", r'get(?:list)?\("([a-z_]+)"'),
        )
        for path in (CHECKOUT / folder).rglob("*.*")
        if path.suffix in {".html", ".py"}
        for name in re.findall(pattern, path.read_text(encoding="utf-8"))
    }
    - {"csrf_token"}
)
FOUL = [
    "\0", "\u202e", "\u200b", "\ufeff", "\ud7ff", "'", "{{7*7}}", "{% x", "%(x)s", "%s", "=1+1", "<script>",
    "\r\nSet-Cookie: a=b", "../..", "๙", "²", "-1", "0", "1e309", "9" * 30, "31 ก.พ. 2569", "30 ก.ย. 2569",
    "30/9/99999",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(FOUL),
    st.text(max_size=40),
    st.text(alphabet="กขคงเแโใไะาำิีึืุู่้๊๋์ๆฯ๐๑๒ \u200b\u202e", max_size=60),
    st.integers(-5, 10**12).map(str),
    st.sampled_from(["ก" * 70_000, "x" * 200_000, "\u0e49" * 5_000]),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated: Path, drawn: Path) -> Iterator[House]:
    # The clock goes on: nobody asks for two things in the same moment.
    with housed(tmp_path_factory.mktemp("requests"), migrated, drawn, tick=True) as house:
        yield house


def addresses(house: House) -> list[tuple[str, str]]:
    """(endpoint, method) of everything that takes a form, or a question in its address."""
    return sorted(
        (rule.endpoint, method)
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if method == "POST" or rule.endpoint not in PUBLIC
    )


def test_whatever_is_sent_no_answer_is_a_failure_of_ours(house: House) -> None:
    everything = addresses(house)
    browsers = {role: house.browser(role) for role in Role}
    statuses: dict[int, int] = {}

    @settings(max_examples=REQUESTS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        place=st.sampled_from(everything),
        role=st.sampled_from([Role.COORDINATOR, Role.COORDINATOR, Role.HEAD, Role.ADMINISTRATOR]),
        form=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6),
    )
    def ask(place: tuple[str, str], role: Role, form: dict[str, Any]) -> None:
        endpoint, method = place
        address = public_address(endpoint) if endpoint in PUBLIC else house.address(endpoint)
        browser = browsers[role]
        if method == "GET":
            # An address is shorter than a form.
            status = browser.open(
                address, query_string={name: value[:500] for name, value in form.items()}
            ).status_code
        else:
            status = browser.post(address, form).status_code
        statuses[status] = statuses.get(status, 0) + 1
        assert status < 500, place
        if endpoint in {"account.sign_out", "own_account.end_all_sessions"}:
            browsers[role] = house.browser(role)

    ask()
    assert statuses.get(200, 0) + statuses.get(303, 0) > REQUESTS / 20


def letters_changed(token: str) -> Iterator[str]:
    """The token with each of its letters, one at a time, another one; one letter more, one fewer, other cases."""
    for place, letter in enumerate(token):
        yield token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
    yield from (
        token + "A",
        token[:-1],
        token[1:],
        token.swapcase(),
        token + " ",
        " " + token,
        token + "\0",
        "",
    )


def doors(world: World) -> dict[str, tuple[str, Callable[[str], object]]]:
    """A valid token of each kind, and what lets it in: a value, or NotFound or None."""
    day, week = NOW.date(), NOW + timedelta(days=7)
    made: dict[str, tuple[str, Callable[[str], object]]] = {}
    with world.write():
        post = next(post for post in posts_on(day).values() if post.division_id)
        token, values = links.issue(post, [], now=NOW)
        db.session.add(MailLink(**values))
        made["link"] = (token, lambda token: links.find(token, now=NOW))
        user = world.users["head1"]
        for purpose, opens in (
            (Purpose.INVITATION, lambda token: admitting.invited(token, now=NOW)),
            (Purpose.RESET, lambda token: recovering.reset_of(token, now=NOW)),
        ):
            token, hashed = new_token()
            db.session.add(LinkToken(user_id=user, purpose=purpose, token_hash=hashed, expires_at=week))
            made[purpose.value] = (token, opens)
        token, hashed = new_token()
        db.session.add(AddressChange(user_id=user, address="n@x.example", token_hash=hashed, expires_at=week))
        made["address"] = (token, lambda token: recovering.change_of(token, now=NOW))
        made["session"] = (
            admitting.open_session(user, world.organisation_id, now=NOW),
            lambda token: load_visitor(token, NOW, day),
        )
        token, client = (
            subscribing.open_feed(post.division_id or 0, now=NOW, by=SYSTEM),
            world.app.test_client(),
        )
        made["calendar"] = (
            token,
            lambda token: client.get(f"/calendar/{quote(token, safe='')}").status_code == 200 or None,
        )
    return made


def lets_in(opens: Callable[[str], object], token: str) -> bool:
    try:
        return opens(token) is not None
    except TrackerError:
        return False


def test_a_token_with_any_letter_changed_lets_nobody_in(world: World) -> None:
    for kind, (token, opens) in doors(world).items():
        assert lets_in(opens, token), kind
        assert [other for other in letters_changed(token) if lets_in(opens, other)] == [], kind


def test_a_token_of_one_kind_opens_no_other_door(world: World) -> None:
    made = doors(world)
    assert [
        (kind, other)
        for kind, (token, _opens) in made.items()
        for other, (_token, opens) in made.items()
        if kind != other and lets_in(opens, token)
    ] == []


def test_made_up_tokens_let_nobody_in(world: World) -> None:
    chance, made = random.Random(7), doors(world)
    signs = string.ascii_letters + string.digits + "-_"
    for _ in range(TOKENS):
        kind = chance.choice(sorted(made))
        token = "".join(chance.choices(signs, k=43))
        assert not lets_in(made[kind][1], token), kind
