"""The mended Flask-Mail against real and misbehaving servers, and what the rendered words keep to."""

from __future__ import annotations

import email
import re
import smtplib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sinks import Sink, hand_over, misbehaving, point_to, read_message, talk
from tests.world import World, at
from tracker import mail
from tracker.actions.reminding.words import told
from tracker.app import Tracker
from tracker.database import db
from tracker.mail import Rendered
from tracker.models import OutgoingMail
from tracker.rules.digest import Line, digest_of
from tracker.rules.mailtext import cells
from tracker.smtp import Ambiguous, NoServer, Unsendable, one_line
from tracker.smtp import told as answer_told

PARAGRAPH = "องค์การบริหารส่วนตำบลติดตามมาตรการส่งเสริมคุณธรรมและความโปร่งใสทุกไตรมาส" * 9
SENDER = "องค์การบริหารส่วนตำบลตัวอย่างที่มีชื่อยาวกว่าหนึ่งบรรทัด อำเภอเมืองตัวอย่าง ITA (2569) จังหวัดตัวอย่าง"
MOMENT = at("2026-03-17", "08:30")
ADDRESS = "head@tuayang.example"
TODAY = date(2026, 2, 18)


def row(**changes: object) -> OutgoingMail:
    """A mail as it stands in the outbox."""
    values: dict[str, object] = {
        "message_id": "<one@tracker.example>",
        "to_address": ADDRESS,
        "to_name": "ผู้อำนวยการกองคลัง",
        "subject": "[อบต.ตัวอย่าง] กองคลัง: เกินกำหนด 1 งาน",
        "body_text": "เรียน ผู้อำนวยการกองคลัง\n",
        "body_html": "<p>เรียน</p>",
        "created_at": MOMENT,
    }
    return OutgoingMail(**(values | changes))


def header(text: str) -> str:
    return str(make_header(decode_header(text)))


def name_in(text: str) -> str:
    """The display name of an address header, decoded."""
    return header(re.sub(r"\s*<[^>]*>$", "", text))


def took(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def test_a_long_thai_paragraph_arrives_as_it_was_written(app: Tracker) -> None:
    assert len(PARAGRAPH) > 600
    with Sink() as sink:
        point_to(app, sink.port)
        answer = hand_over(row(body_text=PARAGRAPH + "\n", body_html=f"<p>{PARAGRAPH}</p>\n"), SENDER)
    [taken] = sink.taken
    assert answer == "250 kept"
    assert taken.recipients == (ADDRESS,)
    assert taken.text("plain") == PARAGRAPH + "\n"
    assert taken.text("html") == f"<p>{PARAGRAPH}</p>\n"
    assert max(len(line) for line in taken.content.split(b"\r\n")) <= 78
    assert taken.content.isascii()


def test_long_thai_names_and_subjects_keep_every_space(app: Tracker) -> None:
    subject = f"{SENDER}: เกินกำหนด 1 งาน ใกล้กำหนด 3 งาน"
    with Sink() as sink:
        point_to(app, sink.port)
        hand_over(row(subject=subject, to_name=SENDER), SENDER)
    message = sink.taken[0].message
    assert name_in(message["From"]) == SENDER
    assert name_in(message["To"]) == SENDER
    assert header(message["Subject"]) == subject
    assert message["To"].endswith(f"<{ADDRESS}>")


@given(st.text(st.sampled_from("กขคน้ำเแไา่ ITA2569()[].,:;\"'@<>“”-"), min_size=1, max_size=150).map(one_line))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_is_the_same_after_the_way(app: Tracker, name: str) -> None:
    letter = mail.Letter(row(subject=name, to_name=name), name, "tracker@localhost").as_bytes()
    message = email.message_from_bytes(letter)
    assert header(message["Subject"]) == name
    if name:
        assert name_in(message["From"]) == name_in(message["To"]) == name
    assert max(map(len, letter.split(b"\r\n"))) <= 78


def test_id_date_and_kind_come_from_the_row_each_time(app: Tracker) -> None:
    with Sink() as sink:
        point_to(app, sink.port)
        hand_over(row(), SENDER)
        hand_over(row(), SENDER)
    first, second = sink.taken
    assert first.content == second.content
    assert first.message_id == second.message_id == "<one@tracker.example>"
    assert parsedate_to_datetime(first.message["Date"]) == MOMENT
    assert first.message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in first.message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "ก\r\nBcc: all@tuayang.example"},
        {"to_name": "ก\nBcc: all@tuayang.example"},
        {"to_address": "head@tuayang.example\r\nBcc: all@tuayang.example"},
        {"to_address": "head@tuayang.example, all@tuayang.example"},
        {"to_address": "หัวหน้า@tuayang.example"},
    ],
)
def test_what_would_forge_a_header_never_reaches_the_server(app: Tracker, changes: dict[str, object]) -> None:
    with Sink() as sink:
        point_to(app, sink.port)
        with pytest.raises(Unsendable):
            hand_over(row(**changes), SENDER)
        with pytest.raises(Unsendable):
            hand_over(row(), "อบต.\r\nBcc: all@tuayang.example")
    assert sink.taken == []


def test_the_outbox_takes_line_breaks_out_of_what_becomes_a_header(world: World) -> None:
    with world.write():
        mail_id = mail.enqueue("test", (ADDRESS, "ก\r\nข"), Rendered("ค\n\u2028ง", "", ""), "key", now=MOMENT)
        kept = db.session.get_one(OutgoingMail, mail_id)
        assert (kept.to_name, kept.subject) == ("ก ข", "ค ง")


def test_a_silent_server_ends_within_the_timeout(app: Tracker) -> None:
    over = threading.Event()
    with misbehaving(lambda _: bool(over.wait(20)) and None) as port:
        point_to(app, port, smtp_seconds=0.3, handover_seconds=10.0)
        with pytest.raises(NoServer):
            assert took(lambda: hand_over(row(), SENDER)) < 3
        over.set()


@pytest.mark.parametrize("at_byte", ["greeting", "goodbye"])
def test_a_server_that_trickles_is_cut_by_the_deadline(app: Tracker, at_byte: str) -> None:
    def trickle(connection: socket.socket) -> None:
        tick = threading.Event()
        while not tick.wait(0.05):
            connection.sendall(b"2")

    def late(connection: socket.socket) -> None:
        talk(connection, b"DATA")
        read_message(connection)
        connection.sendall(b"250 kept\r\n")
        trickle(connection)

    with misbehaving(trickle if at_byte == "greeting" else late) as port:
        point_to(app, port, smtp_seconds=0.5, handover_seconds=1.0)
        begun = time.monotonic()
        if at_byte == "greeting":
            with pytest.raises(NoServer):
                hand_over(row(), SENDER)
        else:
            assert hand_over(row(), SENDER) == "250 kept"
        assert 0.8 < time.monotonic() - begun < 4


def test_a_cut_after_the_final_dot_is_ambiguous(app: Tracker) -> None:
    read: list[bytes] = []

    def take_and_hang_up(connection: socket.socket) -> None:
        talk(connection, b"DATA")
        read.append(read_message(connection))

    with misbehaving(take_and_hang_up) as port:
        point_to(app, port)
        with pytest.raises(Ambiguous):
            hand_over(row(), SENDER)
    assert read[0].endswith(b"\r\n.\r\n")


def test_silence_after_the_final_dot_is_ambiguous_too(app: Tracker) -> None:
    over = threading.Event()

    def take_and_keep_silent(connection: socket.socket) -> None:
        talk(connection, b"DATA")
        read_message(connection)
        over.wait(20)

    with misbehaving(take_and_keep_silent) as port:
        point_to(app, port, smtp_seconds=0.3)
        with pytest.raises(Ambiguous):
            hand_over(row(), SENDER)
        over.set()


def hang_up_at(command: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: talk(connection, command)


def hang_up_inside(connection: socket.socket) -> None:
    talk(connection, b"DATA")
    connection.sendall(b"354 go on\r\n")
    connection.recv(100)


@pytest.mark.parametrize(
    "serve", [hang_up_at(b"MAIL"), hang_up_at(b"RCPT"), hang_up_at(b"DATA"), hang_up_inside]
)
def test_a_cut_before_the_final_dot_is_not_ambiguous(
    app: Tracker, serve: Callable[[socket.socket], None]
) -> None:
    # More than the system keeps for a server that does not read.
    text = "ก" * 8_000_000 if serve is hang_up_inside else "ก"
    with misbehaving(serve) as port:
        point_to(app, port)
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            hand_over(row(body_text=text), SENDER)


@pytest.mark.parametrize("answer", ["421 too busy", "451 try later", "550 no"])
def test_the_servers_answer_to_the_mail_is_told(app: Tracker, answer: str) -> None:
    with Sink(answer=lambda _: answer) as sink:
        point_to(app, sink.port)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            hand_over(row(), SENDER)
    assert answer_told(refused.value) == answer


@pytest.mark.parametrize("answer", ["421 too busy", "450 grey", "550 no such person"])
def test_the_servers_answer_to_the_address_is_told(app: Tracker, answer: str) -> None:
    with Sink(recipient=answer) as sink:
        point_to(app, sink.port)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            hand_over(row(), SENDER)
    assert answer_told(refused.value) == answer
    assert sink.taken == []


@pytest.mark.parametrize("greeting", [b"421 not now\r\n", b"554 not you\r\n"])
def test_a_server_that_does_not_let_us_in_says_nothing_about_the_mail(app: Tracker, greeting: bytes) -> None:
    with misbehaving(lambda connection: connection.sendall(greeting)) as port:
        point_to(app, port)
        with pytest.raises(NoServer, match=greeting.decode().strip()):
            hand_over(row(), SENDER)


def test_nobody_listening_is_no_server(app: Tracker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    point_to(app, port)
    with pytest.raises(NoServer, match="ConnectionRefusedError"):
        hand_over(row(), SENDER)


# --- words -------------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """What a reader of the HTML sees, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.text = " ".join(self.text.replace("\u00a0", " ").split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links.extend(value or "" for name, value in attrs if name == "href")

    def handle_data(self, data: str) -> None:
        self.text += data


def due_line(place: int = 1, **changes: object) -> Line:
    values: dict[str, object] = {
        "section": "due",
        "path": f"/work/{place}/3/2",
        "title": f"เผยแพร่ข้อมูลการจัดซื้อจัดจ้างและแผนผังขั้นตอน เรื่องที่ {place}",
        "division": "กองคลัง",
        "due_on": date(2026, 2, 20),
        "quarter": 2,
        "position": "ผู้อำนวยการกองคลัง",
        "stage": "before-7",
        "answers": True,
    }
    return Line(**(values | changes))  # type: ignore[arg-type]


def digest_words(lines: list[Line], language: str = "th") -> Rendered:
    return mail.render(
        "digest",
        language,
        organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
        contact="สำนักปลัด โทร. 0 0000 0000",
        told=told(digest_of(ADDRESS, language, lines), TODAY, "https://ita.tuayang.example"),
    )


def late_and_due() -> list[Line]:
    late = due_line(1, section="late", due_on=date(2026, 2, 15), completion=True, stage="late-1")
    return [due_line(2), late, due_line(3, note="ขอแผนผังเพิ่มด้วยค่ะ"), due_line(4, due_on=TODAY)]


def test_the_subject_says_whose_and_how_many(app: Tracker) -> None:
    assert (
        digest_words(late_and_due()).subject
        == "[อบต.ตัวอย่าง] กองคลัง: เกินกำหนด 1 งาน (3 วัน) ใกล้กำหนด 3 งาน (กำหนดแรก 18 ก.พ. 2569)"
    )


def test_both_parts_tell_the_same_story(app: Tracker) -> None:
    words = digest_words(late_and_due())
    page = _Page(words.html)
    plain = " ".join(words.text.split())
    for said in (
        "เกินกำหนด 3 วัน (อาทิตย์ 15 ก.พ. 2569)",
        "อีก 2 วัน (ศุกร์ 20 ก.พ. 2569)",
        "ครบกำหนดวันนี้ (18 ก.พ. 2569)",
        "ไตรมาส 2 · ต้องแนบหลักฐาน",
        "ส่งกลับให้แก้: “ขอแผนผังเพิ่มด้วยค่ะ”",
        *(f"ขั้นตอน เรื่องที่ {place}" for place in (1, 2, 3, 4)),
    ):
        assert said in page.text
        assert said in plain
    addresses = [line.strip() for line in words.text.splitlines() if "://" in line]
    assert addresses == page.links
    assert addresses[0] == "https://ita.tuayang.example/work/1/3/2"
    assert plain.index("เรื่องที่ 1") < plain.index("เรื่องที่ 4") < plain.index("เรื่องที่ 2")


def test_the_foot_says_who_sends_why_and_how_often(app: Tracker) -> None:
    words = digest_words(late_and_due())
    signature = words.text.split("\n-- \n")[1]
    for said in ("ใครส่ง:", "ทำไมท่านได้รับ:", "ผู้อำนวยการกองคลัง", "บ่อยแค่ไหน:", "เฉพาะวันทำการ", "0 0000 0000"):
        assert said in signature
        assert said in _Page(words.html).text


@pytest.mark.parametrize("long", [False, True])
def test_plain_lines_are_narrow_and_lose_nothing(app: Tracker, long: bool) -> None:
    title = "โครงการส่งเสริมคุณธรรมจริยธรรมและป้องกันการทุจริตของบุคลากรในสังกัด" * (2 if long else 1)
    words = digest_words(
        [due_line(title=title, note="กรุณาแนบภาพถ่ายกิจกรรมพร้อมลายมือชื่อผู้เข้าร่วมทุกคนและรายงานสรุปผล")]
    )
    assert [line for line in words.text.splitlines() if cells(line) > 60 and "://" not in line] == []
    assert title[:120] in re.sub(r"\s", "", words.text)


def test_thirty_three_tasks_show_twelve_and_stay_small(app: Tracker) -> None:
    lines = [due_line(place, section="late", due_on=date(2026, 2, 15)) for place in range(1, 23)]
    lines += [due_line(place, title=f"เรื่องที่ {place}") for place in range(23, 34)]
    words = digest_words(lines)
    page = _Page(words.html)
    assert len(page.links) == 13
    assert "และอีก 21 รายการ" in page.text
    assert page.links[-1] == "https://ita.tuayang.example/work"
    assert "และอีก 21 รายการ\nhttps://ita.tuayang.example/work\n" in words.text
    assert "เกินกำหนด 22 งาน ใกล้กำหนด 11 งาน" in page.text
    assert "เรื่องที่ 23" in page.text
    assert len(words.html.encode()) + len(words.text.encode()) < 20_000


def test_thirty_three_tasks_with_links_that_need_no_login_stay_small_too(app: Tracker) -> None:
    here = "/m/" + "x" * 43
    lines = [
        due_line(place, section="late", due_on=date(2026, 2, 15), path=f"{here}/work/{place}/3/2")
        for place in range(1, 34)
    ]
    digest = replace(digest_of(ADDRESS, "th", lines), good_until=date(2026, 3, 4))
    words = mail.render(
        "digest",
        "th",
        organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
        contact="สำนักปลัด โทร. 0 0000 0000",
        told=told(digest, TODAY, "https://ita.tuayang.example"),
    )
    page = _Page(words.html)
    addresses = [line.strip() for line in words.text.splitlines() if "://" in line]
    assert addresses == page.links
    assert page.links[-2:] == [f"https://ita.tuayang.example{here}"] * 2
    assert "ไม่ต้องลงชื่อเข้าใช้" in page.text
    assert "4 มี.ค. 2569" in page.text
    assert "4 มี.ค. 2569" in words.text
    assert len(words.html.encode()) + len(words.text.encode()) < 20_000


def test_a_persons_words_are_text_and_nothing_else(app: Tracker) -> None:
    evil = "<script>alert(1)</script> & <a href='x'>"
    words = digest_words([due_line(title=evil, note=f"หนึ่ง\n-- \n{evil}", division=f"กอง\r\nBcc: x@y {evil}")])
    page = _Page(words.html)
    assert "script" not in page.tags
    assert len(page.links) == 1
    assert evil in page.text
    assert evil in " ".join(words.text.split())
    assert words.text.count("\n-- \n") == 1
    assert "\n" not in words.subject
    assert "\r" not in words.subject
    assert evil in words.subject
    assert "\u2060" not in words.html + words.text


def test_a_digest_needs_no_picture_and_no_font_of_its_own(app: Tracker) -> None:
    words = digest_words(late_and_due())
    assert not {"img", "script", "link", "style"} & set(_Page(words.html).tags)
    assert "line-height:44px" in words.html
    assert "max-width:600px" in words.html


def test_the_invitation_and_the_returned_mail_carry_their_link_alone_on_a_line(app: Tracker) -> None:
    url = "https://ita.tuayang.example/invitation/abc"
    invitation = mail.render(
        "invitation",
        "th",
        organisation="เทศบาลตำบลตัวอย่าง",
        name="นางสมมุติ",
        position="ปลัดเทศบาล",
        url=url,
        days=14,
    )
    returned = mail.render(
        "returned",
        "th",
        organisation="เทศบาลตำบลตัวอย่าง",
        position="ผู้อำนวยการกองคลัง",
        division="กองคลัง",
        heading="จัดทำคู่มือ",
        quarter=2,
        note="ขอภาพถ่าย <b>",
        due_on=date(2026, 4, 10),
        url=url,
    )
    for words in (invitation, returned):
        assert url in [line.strip() for line in words.text.splitlines()]
        assert _Page(words.html).links == [url]
        assert words.subject.startswith("[ทต.ตัวอย่าง] ")
        assert "b" not in _Page(words.html).text.split("<")[0]
    assert "ส่งกลับให้แก้: “ขอภาพถ่าย <b>”" in returned.text
    assert "10 เม.ย. 2569" in returned.subject
    assert "ขอภาพถ่าย <b>" in _Page(returned.html).text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(สิ้นสุด 31 ธันวาคม)", "(สิ้น\u2060สุด\u00a031\u00a0ธันวาคม)"),
        ("อัปโหลดแผน", "อัป\u2060โหลดแผน"),
        ("ส่งอย่างน้อยหนึ่งเรื่อง", "ส่งอย่างน้อย\u200bหนึ่งเรื่อง"),
        ("ที่ลงนามออกแล้ว", "ที่ลงนาม\u200bออกแล้ว"),
    ],
)
def test_no_line_breaks_inside_a_thai_word_that_browsers_read_wrongly(text: str, told: str) -> None:
    assert mail.nobreak(text) == told
