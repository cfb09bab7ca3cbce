"""What the documents of a year are called on pages and in the names of their files."""

from __future__ import annotations

from tracker.locale import translate as _


def titles(year: int) -> dict[str, str]:
    return {
        "annual": _("รายงานผลประจำปี %(year)s", year=year),
        "memo": _("บันทึกข้อความนำส่งรายงาน %(year)s", year=year),
        "six-month": _("รายงานรอบ 6 เดือน %(year)s", year=year),
        "plan": _("แผนมาตรการ %(year)s", year=year),
    }
