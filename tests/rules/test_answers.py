"""What servers answer, in words that help."""

from __future__ import annotations

import pytest

from tracker.rules.answers import meaning, meant


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("550 5.1.1 <x@y>: Recipient address rejected: User unknown", "ไม่มีที่อยู่นี้ (550)"),
        ("550 no such user", "ไม่มีที่อยู่นี้ (550)"),
        ("552 5.2.2 Mailbox full", "กล่องจดหมายผู้รับเต็ม (552)"),
        ("554 5.7.1 Spam message rejected", "เซิร์ฟเวอร์ผู้รับปฏิเสธจดหมายนี้ (554)"),
        ("421 4.7.0 Try again later", "เซิร์ฟเวอร์ยังไม่รับในตอนนี้ (421)"),
        ("451 greylisted", "เซิร์ฟเวอร์ยังไม่รับในตอนนี้ (451)"),
        ("535 5.7.8 bad credentials", "เซิร์ฟเวอร์ส่งออกไม่ยอมให้ลงชื่อเข้าใช้ (535)"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "เซิร์ฟเวอร์ส่งออกไม่รับการเชื่อมต่อ"),
        ("TimeoutError: timed out", "สายขาดระหว่างส่ง"),
        ("SMTPServerDisconnected: Connection unexpectedly closed", "สายขาดระหว่างส่ง"),
        ("gaierror: [Errno -2] Name or service not known", "ไม่พบเซิร์ฟเวอร์ส่งออกตามชื่อที่ตั้งไว้"),
        ("Unsendable: not an address: 'x'", "ที่อยู่หรือหัวเรื่องใช้ส่งจดหมายไม่ได้"),
        ("", "ส่งไม่สำเร็จ"),
    ],
)
def test_an_answer_is_said_in_words(answer: str, said: str) -> None:
    assert str(meaning(answer)) == said


def test_a_host_that_is_nearly_a_known_one_is_guessed() -> None:
    known = ["a@tuayang.example", "b@gmail.com", "health@tuayang.exmple"]
    assert meant("health@tuayang.exmple", known) == "tuayang.example"
    assert meant("c@gmail.com", known) is None
    assert meant("c@hotmail.com", ["a@tuayang.example"]) is None
