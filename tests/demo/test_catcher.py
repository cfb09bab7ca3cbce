"""The mail server that keeps what it gets."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from tracker.demo.catcher import Catcher

LETTER = (
    b"Date: Wed, 17 Dec 2025 01:30:00 +0000\r\nMessage-ID: <5f2c1a90@tuayang.example>\r\n"
    b"Subject: =?utf-8?b?4LiX4LiU4Liq4Lit4Lia?=\r\n\r\n.begins with a dot\r\n"
)


def send(catcher: Catcher, letter: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", catcher.port, timeout=5) as server:
        server.sendmail("tracker@tuayang.example", ["Works@tuayang.example"], letter)


def test_a_mail_is_kept_byte_by_byte_under_its_day_and_recipient(tmp_path: Path) -> None:
    with Catcher(tmp_path / "mails") as catcher:
        send(catcher, LETTER)

    [kept] = (tmp_path / "mails").iterdir()
    assert kept.name == "2025-12-17_08.30_Works_5f2c1a90.eml"
    assert kept.read_bytes() == LETTER


def test_a_mail_that_comes_three_times_is_kept_three_times(tmp_path: Path) -> None:
    with Catcher(tmp_path) as catcher:
        for _ in range(3):
            send(catcher, LETTER)

    assert len(list(tmp_path.glob("*.eml"))) == 3


def test_a_mail_without_any_header_is_kept_too(tmp_path: Path) -> None:
    with Catcher(tmp_path) as catcher:
        send(catcher, b"\r\nonly a body\r\n")

    [kept] = tmp_path.iterdir()
    assert kept.name == "undated_Works_mail.eml"


def test_two_catchers_do_not_share_a_port_and_none_listens_afterwards(tmp_path: Path) -> None:
    with Catcher(tmp_path / "one") as one, Catcher(tmp_path / "two") as two:
        assert one.port != two.port
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", one.port, timeout=5)
