"""How days, months, kinds of follow-up and changed fields of a document are worded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.reading.decisions import RowEdit


def days_words(days: Mapping[str, object]) -> str:
    """1 ต.ค. 2568 – 30 ก.ย. 2569."""
    first, last = (date.fromisoformat(str(days[name])) for name in ("start", "end"))
    return f"{short_date(first)} – {short_date(last)}"


def month_words(month: str) -> str:
    """เม.ย. 2566 of "2023-04"."""
    return short_date(date.fromisoformat(f"{month}-01")).removeprefix("1 ")


def kind_words(kind: str, policy: str = "six_twelve", n: int | None = None) -> str:
    """How often a follow-up of this kind is asked for; `policy` stands behind "unspecified"."""
    words = {
        "quarterly": _("ทุกไตรมาส"),
        "six_twelve": _("รอบ 6 เดือน และ 12 เดือน"),
        "six_months": _("รอบ 6 เดือน"),
        "twelve_months": _("รอบ 12 เดือน"),
        "months": _("ตามเดือนที่ระบุ"),
        "monthly": _("ทุกเดือน"),
        "once": _("ครั้งเดียว"),
        "on_completion": _("เมื่อแล้วเสร็จ"),
        "at_least_per_year": _("ปีละ %(number)s ครั้ง", number=n or 1),
    }
    if kind == "unspecified":
        return _("ตามนโยบายของหน่วยงาน (%(words)s)", words=words[policy])
    return words[kind]


def edited_words(edit: RowEdit) -> str:
    """Which fields of a row a person wrote anew."""
    words = {
        "heading": _("หัวข้อ"),
        "topic": _("ประเด็น"),
        "indicator": _("ตัวชี้วัด"),
        "measures": _("มาตรการ"),
        "steps": _("ขั้นตอน"),
        "divisions": _("ผู้รับผิดชอบ"),
        "follow_up": _("รอบติดตามผล"),
        "references": _("คะแนนที่มุ่งยกระดับ"),
        "start": _("ช่วงเวลา"),
    }
    return ", ".join(word for field, word in words.items() if getattr(edit, field) is not None)


def decided_words(edit: RowEdit) -> str:
    """The same, with the days that were decided."""
    days = days_words({"start": edit.start, "end": edit.end}) if edit.start and edit.end else ""
    return " ".join(part for part in (edited_words(edit), days) if part)
