"""What a link from a mail may do, whatever the position behind it may do when signed in."""

from __future__ import annotations

import pytest

from tracker.rules.permissions import BY_LINK, PERMISSIONS, Actor, Deed, Role, may

BEARER = Actor(1, roles=frozenset(Role), division_ids=frozenset({7}), link_id=12, position_id=5)


@pytest.mark.parametrize("deed", list(Deed), ids=str)
def test_a_link_reports_answers_and_passes_on_and_nothing_else(deed: Deed) -> None:
    assert may(BEARER, deed) is (deed in BY_LINK)
    assert Deed.APPROVE not in BY_LINK


def test_a_link_reaches_its_own_division_alone() -> None:
    head = Actor(1, roles=frozenset({Role.HEAD}), division_ids=frozenset({7}), link_id=12, position_id=5)
    for deed in BY_LINK:
        assert Role.HEAD in PERMISSIONS[deed]
        assert may(head, deed, 7)
        assert not may(head, deed, 8)


def test_the_journal_tells_a_link_from_a_person_and_from_the_system() -> None:
    assert BEARER.label == "link:12:position:5"
    assert Actor(1, user_id=3).label == "user:3"
    assert Actor(None).label == "system"
