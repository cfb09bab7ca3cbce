"""Work from a mail without a login: what a link opens, what it never does, and how it ends."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from jobs.housekeeping import clean_up
from tests.client import Browser, Page
from tests.deeds import PDF, chain_faults, prove, report, send_back, states
from tests.world import World, at
from tracker.actions import organising, reminding
from tracker.database import current_organisation, db
from tracker.groups import Group
from tracker.models import (
    FollowUp,
    Holding,
    JournalEntry,
    LinkPress,
    MailLink,
    OutgoingMail,
    Position,
    Submission,
    User,
)
from tracker.rules.permissions import SYSTEM
from tracker.rules.states import TaskState

SignedIn = Callable[[str], Browser]
YEAR = (date(2025, 10, 1), date(2026, 9, 30))
TOKEN = re.compile(r"/m/([A-Za-z0-9_-]{43})")


@pytest.fixture
def told(world: World) -> World:
    """Two items of one measure for the first two divisions; the digests of 17 December are out."""
    world.adopted_plan([(1, range(2), *YEAR), (1, range(2), *YEAR)])
    with world.write():
        reminding.plan_day(now=at("2025-12-17", "08:30"))
    return world


def mails(world: World, kind: str = "digest", to: str = "") -> list[OutgoingMail]:
    with world.read():
        db.session.rollback()
        rows = db.session.scalars(
            select(OutgoingMail)
            .where(OutgoingMail.kind == kind, OutgoingMail.to_address.startswith(to))
            .order_by(OutgoingMail.id)
        ).all()
        db.session.expunge_all()
        db.session.rollback()
    return list(rows)


def token_in(mail: OutgoingMail) -> str:
    [token] = set(TOKEN.findall(mail.body_text))
    assert set(TOKEN.findall(mail.body_html)) == {token}
    return token


def door(world: World, who: str = "head0@") -> str:
    """The address of the list of a head's latest digest."""
    return f"/m/{token_in(mails(world, to=who)[-1])}"


def form_of(world: World, item: int = 1, place: int = 0, quarter: int = 1) -> str:
    return Group(item, world.division_ids[place], quarter).path


def filled(page: Page, address: str, word: str = "as_planned", **changes: Any) -> dict[str, Any]:
    """The page's form, filled in as on a phone: the claim, the result, twice "ไม่มี"."""
    fields: dict[str, Any] = dict(page.form(address))
    fields |= {name: word for name in fields if name.startswith("claim-")}
    return (
        fields
        | {
            "result": "จัดทำคู่มือแล้ว",
            "problems_answer": "none",
            "suggestions_answer": "none",
        }
        | changes
    )


def pressed(browser: Browser, page: str, form: str, **changes: Any) -> Any:
    """The answer to a form of a page, sent as it stands but for `changes`."""
    return browser.open(form, method="POST", data={**browser.get(page).form(form), **changes})


def rows_of_all_tables(world: World) -> dict[str, list[tuple[Any, ...]]]:
    db.session.remove()
    with db.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in db.metadata.sorted_tables
        }


def journal(world: World, deed: str) -> list[str]:
    with world.read():
        db.session.rollback()
        found = list(db.session.scalars(select(JournalEntry.actor).where(JournalEntry.deed == deed)))
        db.session.rollback()
    return found


def link_of(world: World, **having: object) -> MailLink:
    """The latest link with these values."""
    with world.read():
        db.session.rollback()
        link = db.session.scalars(select(MailLink).filter_by(**having).order_by(MailLink.id.desc())).first()
        assert link is not None
        db.session.expunge_all()
        db.session.rollback()
    return link


# --- from the mail to the next form -----------------------------------------------------------------------


def test_every_line_of_the_digest_opens_its_own_form_and_the_list_all_of_them(
    told: World, browser: Browser
) -> None:
    [mail] = mails(told, to="head0@")
    here = door(told)
    lines = re.findall(r"http://\S+(/m/\S+)", mail.body_text)
    assert lines == [here + form_of(told, 1), here + form_of(told, 2), here]
    for line in lines[:2]:
        assert "จัดทำคู่มือ" in browser.get(line).text
    page = browser.get(here)
    assert "งานของสำนักปลัด" in page.text
    assert "ใกล้กำหนด 2 งาน" in mail.subject.replace("\u00a0", " ")
    assert "ใกล้กำหนด 2 งาน" in page.text.replace("\u00a0", " ")
    assert "ในนามตำแหน่ง" in page.text
    assert [link for link in page.links if "/work/" in link] == lines[:2]


def test_a_sent_form_leads_to_the_next_of_the_list_and_then_to_the_list(
    told: World, browser: Browser
) -> None:
    here, first, second = door(told), form_of(told, 1), form_of(told, 2)
    answer = browser.open(here + first, method="POST", data=filled(browser.get(here + first), here + first))
    assert (answer.status_code, answer.location) == (303, here + second)
    assert states(told)[0] is TaskState.SUBMITTED
    page = browser.get(here + second)
    assert "ส่งให้ตรวจแล้ว ขอบคุณ" in page.text
    answer = browser.open(here + second, method="POST", data=filled(page, here + second))
    assert (answer.status_code, answer.location) == (303, here)
    assert "ไม่มีงานค้าง ขอบคุณ" in browser.get(here).text


def test_what_was_sent_is_shown_and_signed_by_the_position(told: World, browser: Browser) -> None:
    here = door(told) + form_of(told)
    browser.open(here, method="POST", data=filled(browser.get(here), here))
    page = browser.get(here)
    assert "จัดทำคู่มือแล้ว" in page.text
    assert "(จากจดหมาย)" in page.text
    assert [form["action"] for form in page.forms if "/work/" in str(form.get("action"))] == []


def test_the_journal_names_the_link_and_the_position(told: World, browser: Browser) -> None:
    here = door(told) + form_of(told)
    link = link_of(told, position_id=head_position(told))
    browser.open(
        here,
        method="POST",
        data=filled(browser.get(here), here, "complete", files=(BytesIO(PDF), "a.pdf")),
    )
    actor = f"link:{link.id}:position:{link.position_id}"
    assert journal(told, "group.reported") == [actor]
    assert journal(told, "evidence.attached") == [actor]
    assert chain_faults(told) == []


def head_position(world: World, who: str = "head0") -> int:
    with world.read():
        db.session.rollback()
        found = db.session.scalars(
            select(Holding.position_id).where(Holding.user_id == world.users[who])
        ).one()
        db.session.rollback()
    return found


def test_a_form_that_lacks_answers_says_so_and_changes_nothing(told: World, browser: Browser) -> None:
    here = door(told) + form_of(told)
    answer = browser.open(here, method="POST", data=filled(browser.get(here), here, result=""))
    assert answer.status_code == 422
    assert "กรุณาเขียนผลการดำเนินงาน" in Page(answer.text).text
    assert link_of(told, position_id=head_position(told)).opened_at is None
    again = filled(Page(answer.text), here)
    assert browser.open(here, method="POST", data=again).status_code == 303


def test_a_group_that_was_sent_back_comes_with_its_note_by_a_link_of_its_own(
    told: World, browser: Browser
) -> None:
    group = Group(1, told.division_ids[0], 1)
    report(told, group)
    with told.write():
        current_organisation().contact = "โทร. 0 0000 0000"
    send_back(told, group, note="ขอจำนวนเล่ม")
    [mail] = mails(told, "returned")
    [address] = re.findall(r"http://\S+(/m/\S+)", mail.body_text)
    assert address.endswith(group.path)
    assert "ขอจำนวนเล่ม" in browser.get(address).text
    for words in (mail.body_text, mail.body_html):
        assert "ไม่ต้องลงชื่อเข้าใช้" in words
        assert "โทร. 0 0000 0000" in words.replace("\u00a0", " ")


def test_a_follow_up_is_answered_by_its_link(told: World, browser: Browser) -> None:
    with time_machine.travel(at("2026-04-01"), tick=False):
        with told.write():
            reminding.plan_day(now=at("2026-04-01", "08:30"))
        here = door(told)
        [form] = [link for link in browser.get(here).links if "/follow-up/" in link]
        fields = {
            name: {"completion": "full", "problems": "", "suggestions": ""}.get(name.partition("-")[0], value)
            for name, value in browser.get(form).form(form).items()
        }
        fields |= {name: "none" for name in fields if name.endswith("_answer")}
        fields |= {name: "ทำแล้ว" for name in fields if name.startswith("result-")}
        fields = {name: text for name, text in fields.items() if name not in {"restore", "fill_none"}}
        kept = browser.open(form, method="POST", data={**fields, "draft": "1"})
        assert (kept.status_code, kept.location) == (303, form)
        fields.pop("draft", None)
        fields["press"] = browser.get(form).form(form)["press"]
        answer = browser.open(form, method="POST", data=fields)
        assert answer.status_code == 303, Page(answer.text).text[:500]
        assert str(answer.location).startswith(here)
    [actor] = journal(told, "follow_up.answered")
    assert actor.startswith("link:")


def test_the_evidence_of_a_listed_group_can_be_read_and_no_other(told: World, browser: Browser) -> None:
    own = prove(told, Group(1, told.division_ids[0], 1))
    other_division = prove(told, Group(1, told.division_ids[1], 1))
    other_quarter = prove(told, Group(1, told.division_ids[0], 3))
    here = door(told)
    assert browser.open(f"{here}/evidence/{own}").data == PDF
    for evidence in (other_division, other_quarter, 999):
        assert browser.open(f"{here}/evidence/{evidence}").status_code == 404
    assert f"{here}/evidence/{own}" in browser.get(here + form_of(told)).links


# --- what a link never does -------------------------------------------------------------------------------


def test_scanners_that_get_and_head_everything_change_nothing(told: World) -> None:
    prove(told, Group(1, told.division_ids[0], 1))
    before = rows_of_all_tables(told)
    seen: set[str] = set()
    queue = [
        address
        for mail in mails(told)
        for address in re.findall(r"http://[^/\s\"<]+(/\S*?)[\s\"<]", mail.body_html)
    ]
    scanner = Browser(told.app)
    while queue:
        address = queue.pop()
        if address in seen or not address.startswith("/m/"):
            continue
        seen.add(address)
        assert (scanner.open(address, method="HEAD").status_code, address) == (200, address)
        answer = scanner.open(address)
        assert answer.status_code == 200
        if answer.mimetype == "text/html":
            page = Page(answer.text)
            queue += page.links
            for form in page.forms:
                # What only a press may do answers a GET with nothing.
                if form["method"] == "post" and str(form["action"]).startswith("/m/"):
                    scanner.open(str(form["action"]))
                    scanner.open(str(form["action"]), method="HEAD")
    assert len([address for address in seen if "/work/" in address]) == 4
    assert any("/evidence/" in address for address in seen)
    assert rows_of_all_tables(told) == before


def test_a_change_of_any_letter_of_the_token_is_the_same_page_not_found(
    told: World, browser: Browser
) -> None:
    here = door(told)
    token = here.removeprefix("/m/")
    letters = string.ascii_letters + string.digits + "-_"
    pages = set()
    for place in range(len(token)):
        other = letters[(letters.index(token[place]) + 1) % len(letters)]
        answer = browser.open(f"/m/{token[:place]}{other}{token[place + 1 :]}")
        pages.add((answer.status_code, Page(answer.text).text))
    for wrong in (token[:-1], f"{token}A", token.swapcase(), "x"):
        answer = browser.open(f"/m/{wrong}")
        pages.add((answer.status_code, Page(answer.text).text))
    assert [status for status, _ in pages] == [404]


def test_other_groups_are_not_found(told: World, browser: Browser) -> None:
    here = door(told)
    foreign = World(told.app, "neighbour", "องค์การบริหารส่วนตำบลข้างเคียง")
    foreign.adopted_plan([(1, [0], *YEAR)])
    other = Group(3, foreign.division_ids[0], 1)
    with told.read():
        follow_up = db.session.scalars(select(FollowUp.id).order_by(FollowUp.id)).first()
        db.session.rollback()
    for path in (
        form_of(told, place=1),
        form_of(told, quarter=2),
        form_of(told, item=9),
        other.path,
        f"/follow-up/{follow_up}",
        f"{form_of(told)}/approve",
        f"{form_of(told)}/send-back",
        f"{form_of(told)}/withdraw",
    ):
        assert browser.open(here + path).status_code == 404, path
        assert browser.post(here + path, {"press": "x" * 22}).status_code == 404, path


def test_a_link_is_no_sign_in_and_approves_nothing(told: World, browser: Browser) -> None:
    here = door(told) + form_of(told)
    browser.open(here, method="POST", data=filled(browser.get(here), here))
    for path in ("approve", "send-back", "withdraw", "reopen"):
        answer = browser.post(f"{form_of(told)}/{path}")
        assert str(answer.location).startswith("/sign-in")
    assert str(browser.open("/work").location).startswith("/sign-in")
    assert states(told)[0] is TaskState.SUBMITTED


def test_the_same_form_sent_twice_counts_once(told: World, browser: Browser) -> None:
    here = door(told) + form_of(told)
    fields = filled(browser.get(here), here, "not_yet")
    first = browser.open(here, method="POST", data=fields)
    second = browser.open(here, method="POST", data=fields)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    with told.read():
        assert db.session.scalar(select(func.count(Submission.id))) == 1
        assert db.session.scalar(select(func.count(LinkPress.id))) == 1
        db.session.rollback()


def test_used_keys_are_kept_longer_than_any_link_lives(told: World, browser: Browser) -> None:
    here = door(told) + form_of(told)
    browser.open(here, method="POST", data=filled(browser.get(here), here))
    assert clean_up(at("2026-01-16")) == 0
    assert clean_up(at("2026-01-16") + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 400])
def test_a_form_without_a_key_of_ours_is_refused(told: World, browser: Browser, key: str) -> None:
    here = door(told) + form_of(told)
    answer = browser.open(here, method="POST", data=filled(browser.get(here), here, press=key))
    assert answer.status_code == 400
    assert states(told)[0] is TaskState.OPEN


def test_the_first_press_opens_the_link_not_the_page(told: World, browser: Browser) -> None:
    here = door(told) + form_of(told)
    fields = filled(browser.get(here), here)
    assert link_of(told, position_id=head_position(told)).opened_at is None
    browser.open(here, method="POST", data=fields)
    assert link_of(told, position_id=head_position(told)).opened_at == at("2025-12-17")


def test_no_table_but_the_outbox_knows_a_token_and_no_log_does(
    told: World, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    here = door(told) + form_of(told)
    caplog.set_level("DEBUG")
    browser.open(here, method="POST", data=filled(browser.get(here), here))
    token = TOKEN.findall(here)[0]
    holding = {name for name, rows in rows_of_all_tables(told).items() if token in repr(rows)}
    assert holding == {"outgoing_mail"}
    assert token not in caplog.text


def test_a_dry_run_and_the_forecast_make_no_link(told: World) -> None:
    before = rows_of_all_tables(told)["mail_link"]
    with told.read():
        reminding.forecast([date(2025, 12, 24), date(2025, 12, 30)])
        db.session.rollback()
    assert rows_of_all_tables(told)["mail_link"] == before


def test_who_is_not_a_head_gets_addresses_behind_the_sign_in(told: World) -> None:
    report(told, Group(1, told.division_ids[0], 1), now=at("2025-12-17", "08:00"))
    with told.write():
        reminding.plan_day(now=at("2025-12-18", "08:30"))
    [mail] = [row for row in mails(told, to="coordinator@") if "/work/" in row.body_text]
    assert "/m/" not in mail.body_text + mail.body_html
    assert "ลงชื่อเข้าใช้" in mail.body_text


# --- how a link ends --------------------------------------------------------------------------------------


def over(browser: Browser, here: str) -> Page:
    """The page of a link that is over: one button and nothing of the work."""
    page = browser.get(here, 410)
    assert [form["action"] for form in page.forms if "/m/" in str(form.get("action"))] == [f"{here}/renew"]
    assert "สำนักปลัด" not in page.text
    assert "จัดทำคู่มือ" not in page.text
    assert browser.open(here + "/work/1/1/1").status_code == 410
    return page


def test_a_form_that_stood_open_too_long_leads_back_to_the_list_of_the_link(
    told: World, browser: Browser
) -> None:
    here = door(told)
    stale = browser.open(here + form_of(told), method="POST", data={"csrf_token": "made up"})
    assert stale.status_code == 400
    assert here in Page(stale.text).links


def test_not_you_ends_the_link(told: World, browser: Browser) -> None:
    here = door(told)
    answer = pressed(browser, here, f"{here}/revoke")
    assert (answer.status_code, answer.location) == (303, here)
    over(browser, here)
    [actor] = journal(told, "link.revoked")
    assert actor.startswith("link:")
    assert browser.post(here + form_of(told), {"press": "x" * 22}).status_code == 410


def test_a_link_lives_to_the_end_of_the_fourteenth_day_which_it_names(
    told: World, browser: Browser, clock: time_machine.Traveller
) -> None:
    here = door(told)
    clock.move_to(at("2025-12-31", "23:59"), tick=False)
    answer = browser.open(here)
    assert answer.status_code == 200
    assert "ใช้ได้ถึง 31 ธ.ค. 2568" in Page(answer.text).text
    clock.move_to(at("2026-01-01", "00:00"), tick=False)
    over(browser, here)


@pytest.mark.parametrize("change", ["holder", "mailbox", "nobody"])
def test_a_link_ends_when_the_position_is_reached_elsewhere(
    told: World, browser: Browser, change: str
) -> None:
    here = door(told)
    with told.write():
        position = db.session.get(Position, head_position(told))
        assert position is not None
        if change == "mailbox":
            position.mailbox = "office@tuayang.example"
        else:
            db.session.execute(
                update(Holding)
                .where(Holding.user_id == told.users["head0"])
                .values(until_on=date(2025, 12, 16))
            )
        if change == "holder":
            user = organising.add_user("new@tuayang.example", "คนใหม่", now=at("2025-12-17"), by=SYSTEM)
            organising.appoint(user, position, now=at("2025-12-17"), by=SYSTEM)
    over(browser, here)
    browser.post(f"{here}/renew")
    sent = [mail.to_address for mail in mails(told, "link")]
    assert (
        sent
        == {"holder": ["new@tuayang.example"], "mailbox": ["office@tuayang.example"], "nobody": []}[change]
    )


def test_a_new_link_is_mailed_once_an_hour_whoever_asks(
    told: World, browser: Browser, clock: time_machine.Traveller
) -> None:
    here = door(told)
    pressed(browser, here, f"{here}/revoke")
    for _ in range(3):
        answer = browser.post(f"{here}/renew")
        assert answer.status_code == 303
        assert "ขอลิงก์ใหม่แล้ว" in Page(browser.open(str(answer.location)).text).text
    [mail] = mails(told, "link")
    assert mail.to_address == "head0@tuayang.example"
    page = browser.get(f"/m/{token_in(mail)}")
    assert form_of(told) in "".join(page.links)
    clock.shift(timedelta(hours=1))
    browser.post(f"{here}/renew")
    assert len(mails(told, "link")) == 2


def test_a_link_that_works_renews_nothing(told: World, browser: Browser) -> None:
    here = door(told)
    assert browser.post(f"{here}/renew").location == here
    assert mails(told, "link") == []


# --- passing on -------------------------------------------------------------------------------------------


def pass_on(
    browser: Browser, here: str, address: str = "staff@tuayang.example", name: str = "นางสาวสมมุติ"
) -> Any:
    return pressed(browser, here, f"{here}/forward", name=name, address=address)


def test_a_colleague_gets_a_link_to_one_group_alone(told: World, browser: Browser) -> None:
    here = door(told)
    answer = pass_on(browser, here + form_of(told))
    assert (answer.status_code, answer.location) == (303, here + form_of(told))
    [mail] = mails(told, "passed_on")
    assert (mail.to_address, mail.to_name) == ("staff@tuayang.example", "นางสาวสมมุติ")
    narrow = f"/m/{token_in(mail)}"
    assert browser.open(narrow + form_of(told, 2)).status_code == 404
    page = browser.get(narrow + form_of(told))
    assert not [
        form for form in page.forms if "/forward" in str(form["action"]) or "/line" in str(form["action"])
    ]
    for path in ("/forward", "/line"):
        assert browser.post(narrow + form_of(told) + path, {"press": "x" * 22}).status_code == 404
    done = browser.open(narrow + form_of(told), method="POST", data=filled(page, narrow + form_of(told)))
    assert (done.status_code, done.location) == (303, narrow)
    assert "นางสาวสมมุติ (รับส่งต่อจาก" in browser.get(narrow + form_of(told)).text
    own = link_of(told, colleague_name=None, position_id=head_position(told))
    assert journal(told, "group.passed_on") == [f"link:{own.id}:position:{own.position_id}"]


def test_a_colleagues_link_is_listed_and_taken_back(
    told: World, browser: Browser, signed_in: SignedIn
) -> None:
    head = signed_in("head0")
    form = form_of(told)
    answer = head.post(f"{form}/forward", {"name": "นางสาวสมมุติ", "address": "Staff@tuayang.example "})
    assert (answer.status_code, answer.location) == (303, form)
    assert journal(told, "group.passed_on") == [f"user:{told.users['head0']}"]
    narrow = f"/m/{token_in(mails(told, 'passed_on')[0])}"
    page = head.get(form)
    assert "staff@tuayang.example" in page.text
    [revoke] = [str(one["action"]) for one in page.forms if "take-back" in str(one["action"])]
    # The same list stands on the page of the head's own link.
    assert "staff@tuayang.example" in browser.get(door(told) + form).text
    assert head.post(revoke).status_code == 303
    # No new link would come to the colleague, so no button promises one.
    ended = browser.get(narrow, 410)
    assert "ขอลิงก์ใหม่จากผู้ที่ส่งให้ท่าน" in ended.text
    assert not [form for form in ended.forms if "/renew" in str(form.get("action"))]
    assert "staff@tuayang.example" not in head.get(form).text
    assert head.post(revoke).status_code == 303
    assert len(journal(told, "link.revoked")) == 1
    assert head.post(revoke.replace(form, form_of(told, 2))).status_code == 404


def test_what_came_from_a_revoked_link_ends_with_it(told: World, browser: Browser) -> None:
    here = door(told)
    pass_on(browser, here + form_of(told))
    narrow = f"/m/{token_in(mails(told, 'passed_on')[0])}"
    assert browser.open(narrow).status_code == 200
    pressed(browser, here, f"{here}/revoke")
    assert browser.open(narrow).status_code == 410


@pytest.mark.parametrize(
    "address",
    ["", "somebody", "a@b", "a b@tuayang.example", "a@tuayang.example,b@x.example", "ก@tuayang.example"],
)
def test_an_address_that_is_none_gets_nothing(
    told: World, signed_in: SignedIn, browser: Browser, address: str
) -> None:
    form = form_of(told)
    answer = signed_in("head0").post(f"{form}/forward", {"name": "นางสาวสมมุติ", "address": address})
    by_link = pass_on(browser, door(told) + form, address)
    for refused in (answer, by_link):
        assert refused.status_code == 422
        page = Page(refused.text)
        assert page.beside["pass-address"]
        [fields] = [one["fields"] for one in page.forms if str(one.get("action")).endswith("/forward")]
        assert (fields["name"], fields["address"]) == ("นางสาวสมมุติ", address)
    assert mails(told, "passed_on") == []
    assert journal(told, "group.passed_on") == []


def test_only_the_own_head_and_the_coordinator_pass_a_group_on(told: World, signed_in: SignedIn) -> None:
    form = form_of(told)
    fields = {"name": "นางสาวสมมุติ", "address": "staff@tuayang.example"}
    for who, status in (("head1", 404), ("clerk", 403), ("chief", 403), ("coordinator", 303)):
        assert signed_in(who).post(f"{form}/forward", fields).status_code == status, who


# --- a chat -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["group", "list"])
def test_a_chat_gets_ready_words_and_a_link_of_the_division(
    told: World, signed_in: SignedIn, browser: Browser, what: str
) -> None:
    head = signed_in("head0")
    before = len(mails(told))
    address = f"{form_of(told)}/line" if what == "group" else f"/work/line/{told.division_ids[0]}"
    page_with_button = form_of(told) if what == "group" else "/work"
    assert address in [form.get("action") for form in head.get(page_with_button).forms]
    assert head.open(address).status_code == 405
    answer = head.post(address)
    page = head.get(str(answer.location))
    token = TOKEN.findall(str(answer.location))[0]
    [share] = [link for link in page.links if link.startswith("https://line.me/R/share?text=")]
    path = form_of(told) if what == "group" else ""
    for said in ("สำนักปลัด", "จัดทำคู่มือ", "31 ธ.ค. 2568", f"/m/{token}{path}", "31 ธ.ค. 2568"):
        assert said in page.text
    assert f"%2Fm%2F{token}" in share or f"/m/{token}" in share
    assert f"/m/{token}{form_of(told)}" in (f"/m/{token}{path}", *browser.get(f"/m/{token}").links)
    assert browser.open(f"/m/{token}{form_of(told)}/line").status_code == 405
    assert browser.post(f"/m/{token}{form_of(told)}/forward", {"press": "x" * 22}).status_code == 404
    assert len(mails(told)) == before
    assert journal(told, "link.shared") == [f"user:{told.users['head0']}"]


def test_a_digests_link_makes_a_link_for_a_chat_but_is_none(told: World, browser: Browser) -> None:
    here = door(told)
    assert browser.open(f"{here}/line").status_code == 404
    answer = pressed(browser, here + form_of(told), f"{here}{form_of(told)}/line")
    token = TOKEN.findall(str(answer.location))[0]
    assert token not in here
    assert browser.open(str(answer.location)).status_code == 200


def test_what_comes_by_a_chat_is_not_told_as_coming_from_a_mail(
    told: World, signed_in: SignedIn, browser: Browser
) -> None:
    address = form_of(told)
    token = TOKEN.findall(str(signed_in("head0").post(f"{address}/line").location))[0]
    page = browser.get(f"/m/{token}{address}")
    assert "ลิงก์นี้เป็นของตำแหน่งหัวหน้าสำนักปลัด" in page.text
    assert "ลงชื่อเป็น “หัวหน้าสำนักปลัด (จากลิงก์ในแชต)”" in page.text.replace("\u00a0", " ")
    here = f"/m/{token}{address}"
    assert browser.open(here, method="POST", data=filled(page, here)).status_code == 303
    seen = signed_in("coordinator").get(address).text
    assert "หัวหน้าสำนักปลัด (จากลิงก์ในแชต)" in seen
    assert "(จากจดหมาย)" not in seen
    told_page = signed_in("coordinator").get(f"/reminders/group{address.removeprefix('/work')}").text
    assert "เปิดลิงก์ในแชตแล้วทำรายการ" in told_page
    assert "เปิดลิงก์จากจดหมายแล้วทำรายการ" not in told_page


def test_the_list_of_a_link_gives_a_link_of_what_it_still_asks_for(told: World, browser: Browser) -> None:
    here = door(told)
    answer = pressed(browser, here, f"{here}/line")
    given = TOKEN.findall(str(answer.location))[0]
    words = browser.get(str(answer.location)).text
    assert f"/m/{given}" in words
    assert "จัดทำคู่มือ" in words
    listed = {link.removeprefix(here) for link in browser.get(here).links if "/work/" in link}
    assert listed <= {link.removeprefix(f"/m/{given}") for link in browser.get(f"/m/{given}").links}
    assert "ส่งลงไลน์" not in browser.get(f"/m/{given}").text
    assert browser.post(f"/m/{given}/line", {"press": "x" * 22}).status_code == 404
    assert journal(told, "link.shared")[0].startswith("link:")


def test_a_list_without_open_work_has_nothing_to_give_away(told: World, browser: Browser) -> None:
    here = door(told)
    press = browser.get(here).form(f"{here}/line")["press"]
    for item in (1, 2):
        report(told, Group(item, told.division_ids[0], 1))
    answer = browser.post(f"{here}/line", {"press": press})
    assert answer.status_code == 303
    assert str(answer.location).endswith(here)
    assert journal(told, "link.shared") == []


def test_a_signed_in_neighbour_sees_the_links_organisation_and_no_menu(told: World, browser: Browser) -> None:
    other = World(told.app, "neighbour", "องค์การบริหารส่วนตำบลข้างเคียง")
    neighbour = Browser(told.app).enter(other, "coordinator")
    page = neighbour.get(door(told))
    assert "ข้างเคียง" not in page.text
    assert "/reminders" not in page.links


def test_a_link_speaks_the_language_of_its_mail(told: World, browser: Browser) -> None:
    with told.write():
        db.session.execute(update(User).where(User.id == told.users["head0"]).values(language="en"))
    assert browser.get(door(told)).language == "en"
    browser.post("/language", {"language": "th"})
    assert browser.get(door(told)).language == "th"
