"""What a mail server's answer means, and which address was perhaps meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from tracker.errors import Message

# The first that fits counts; the codes are those of RFC 5321 and RFC 3463.
_MEANINGS = (
    (r"^5\d\d .*\b5\.2\.2\b|^552\b|^452\b|\b4\.2\.2\b", Message("กล่องจดหมายผู้รับเต็ม")),
    (r"^(550|551|553)\b.*\b5\.7\.|^554\b", Message("เซิร์ฟเวอร์ผู้รับปฏิเสธจดหมายนี้")),
    (r"^(550|551|553)\b|\b5\.1\.\d\b", Message("ไม่มีที่อยู่นี้")),
    (r"^(530|534|535)\b", Message("เซิร์ฟเวอร์ส่งออกไม่ยอมให้ลงชื่อเข้าใช้")),
    (r"^4\d\d\b", Message("เซิร์ฟเวอร์ยังไม่รับในตอนนี้")),
    (r"^5\d\d\b", Message("เซิร์ฟเวอร์ไม่รับจดหมายนี้")),
    (r"not an address|control character|line break", Message("ที่อยู่หรือหัวเรื่องใช้ส่งจดหมายไม่ได้")),
    (r"gaierror|Name or service|getaddrinfo", Message("ไม่พบเซิร์ฟเวอร์ส่งออกตามชื่อที่ตั้งไว้")),
    (r"Refused|refused", Message("เซิร์ฟเวอร์ส่งออกไม่รับการเชื่อมต่อ")),
    (r"imeout|timed out|Disconnected|reset|closed|Ambiguous|EOF", Message("สายขาดระหว่างส่ง")),
)
_UNKNOWN = Message("ส่งไม่สำเร็จ")
_CODE = re.compile(r"^([245]\d\d)\b")


def meaning(answer: str) -> Message:
    """The answer in a sentence, with its code where it has one."""
    said = next((sentence for pattern, sentence in _MEANINGS if re.search(pattern, answer)), _UNKNOWN)
    code = _CODE.match(answer)
    return Message("%(said)s (%(code)s)", {"said": said, "code": code[1]}) if code else said


def meant(address: str, known: Iterable[str]) -> str | None:
    """The host among those of the known addresses that this one is nearly, but not quite; None for none."""
    host = address.rpartition("@")[2].lower()
    hosts = {other.rpartition("@")[2].lower() for other in known if other.lower() != address.lower()}
    if host in hosts:
        return None
    near = difflib.get_close_matches(host, sorted(hosts), n=1, cutoff=0.85)
    return near[0] if near else None
