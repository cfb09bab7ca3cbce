"""Mails as bytes: as they are where the server takes eight bits, in base64 where it does not or they may not."""

from __future__ import annotations

import email
import socket
import threading
from email.message import Message

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sinks import Sink, hand_over, misbehaving, point_to, read_message, talk
from tests.test_mail import ADDRESS, SENDER, row
from tracker import mail
from tracker.app import Tracker

LONGEST_LINE = 998


def letter(text: str, html: str, eight_bits: bool) -> bytes:
    made = mail.Letter(row(body_text=text, body_html=html), SENDER, "tracker@localhost")
    made.eight_bits = eight_bits
    return made.as_bytes()


def parts_of(content: bytes) -> list[Message]:
    return [part for part in email.message_from_bytes(content).walk() if not part.is_multipart()]


def text_of(part: Message) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def encodings(content: bytes) -> list[str]:
    return [part["Content-Transfer-Encoding"] for part in parts_of(content)]


def test_a_server_that_takes_eight_bits_gets_the_texts_as_they_are(app: Tracker) -> None:
    with Sink() as sink:
        point_to(app, sink.port)
        hand_over(row(), SENDER)
    [taken] = sink.taken
    assert taken.recipients == (ADDRESS,)
    assert encodings(taken.content) == ["8bit", "8bit"]
    assert "เรียน ผู้อำนวยการกองคลัง\r\n".encode() in taken.content
    assert taken.text("plain") == "เรียน ผู้อำนวยการกองคลัง\n"
    assert taken.text("html") == "<p>เรียน</p>"


def test_the_system_is_not_asked_for_its_name(app: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    askers = []

    def asked(name: str = "") -> str:
        askers.append(threading.current_thread())
        return "server.example"

    with Sink() as sink:
        monkeypatch.setattr(socket, "getfqdn", asked)
        point_to(app, sink.port)
        hand_over(row(), SENDER)
    assert len(sink.taken) == 1
    # A resolver that keeps silent would keep every mail waiting. The server of the test asks for its own.
    assert threading.current_thread() not in askers


def test_a_server_that_does_not_say_so_gets_ascii(app: Tracker) -> None:
    taken = []

    def old(connection: socket.socket) -> None:
        talk(connection, b"DATA")
        taken.append(read_message(connection))
        connection.sendall(b"250 kept\r\n")

    with misbehaving(old) as port:
        point_to(app, port)
        assert hand_over(row(), SENDER) == "250 kept"
    [content] = taken
    assert content.isascii()
    assert encodings(content) == ["base64", "base64"]
    assert [text_of(part) for part in parts_of(content)] == ["เรียน ผู้อำนวยการกองคลัง\r\n", "<p>เรียน</p>"]


def test_the_server_is_told_that_eight_bits_come(app: Tracker) -> None:
    commands = []

    def listening(connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                commands.append(line.strip())
                connection.sendall(
                    b"250-here\r\n250 8BITMIME\r\n" if line.startswith(b"ehlo") else b"550 no\r\n"
                )

    with misbehaving(listening) as port:
        point_to(app, port)
        with pytest.raises(OSError, match="550"):
            hand_over(row(), SENDER)
    assert [line for line in commands if line.startswith(b"mail")] == [
        b"mail FROM:<tracker@localhost> BODY=8BITMIME"
    ]


@pytest.mark.parametrize("long", ["ก" * 333 + "x", "ก" * 400, "a" * 999, "a" * 100_000])
def test_a_line_that_servers_would_cut_goes_in_base64_and_the_other_part_as_it_is(long: str) -> None:
    content = letter("สั้น\n", f"<p>\n{long}\n</p>", eight_bits=True)
    assert encodings(content) == ["8bit", "base64"]
    assert text_of(parts_of(content)[1]) == f"<p>\r\n{long}\r\n</p>"


def test_the_longest_line_allowed_goes_as_it_is() -> None:
    content = letter("a" * LONGEST_LINE, "ก" * 332 + "ab", eight_bits=True)
    assert encodings(content) == ["8bit", "8bit"]


def test_nobody_writes_a_part_of_their_own_into_a_mail() -> None:
    edge = email.message_from_bytes(letter("", "", eight_bits=True)).get_boundary()
    forged = f'\n--{edge}\nContent-Type: text/html; charset="utf-8"\n\n<p>x</p>\n--{edge}--\n'
    content = letter(forged, "<p>y</p>", eight_bits=True)
    assert [text_of(part) for part in parts_of(content)] == [forged.replace("\n", "\r\n"), "<p>y</p>"]


@given(
    st.text(st.sampled_from("กน้ำแ. \n\r\0x-<>&=\u2028"), max_size=60),
    st.lists(
        st.sampled_from(["ก" * 500, ".", "..", "\n.\n", "From x", "\r", "<p>", "-- \n", "น้ำ"]), max_size=8
    ),
    st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_arrives_as_it_was_written(text: str, pieces: list[str], eight_bits: bool) -> None:
    html = "".join(pieces)
    content = letter(text, html, eight_bits)
    assert [text_of(part) for part in parts_of(content)] == [
        one.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n") for one in (text, html)
    ]
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= LONGEST_LINE
    assert eight_bits or content.isascii()
