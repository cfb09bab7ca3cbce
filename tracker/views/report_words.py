"""What the cells of the report are called on pages."""

from __future__ import annotations

from tracker.locale import translate as _


def cell_names() -> dict[str, str]:
    return {
        "result": _("ผลการดำเนินงาน"),
        "outcome": _("ผลลัพธ์หรือความสำเร็จของการดำเนินงาน"),
        "problems": _("ปัญหา/อุปสรรค"),
        "suggestions": _("ข้อเสนอแนะ"),
    }
