"""The division to which a post or a section of an office most likely belongs."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.rules.thai import letters

# What posts and sections of an office are called, by the beginning of the division they usually belong to.
_USUALLY = (
    ("กองคลัง", ("พัสดุ", "การเงิน", "บัญชี", "รายได้", "ภาษี", "คลัง")),
    ("กองช่าง", ("โยธา", "ก่อสร้าง", "ช่าง", "ผังเมือง", "ไฟฟ้า")),
    ("กองการศึกษา", ("ศึกษา", "เด็กเล็ก", "ครู", "โรงเรียน", "วัฒนธรรม")),
    ("กองสาธารณสุข", ("สาธารณสุข", "สิ่งแวดล้อม", "ขยะ")),
    ("กองสวัสดิการ", ("สวัสดิการ", "พัฒนาชุมชน", "ผู้สูงอายุ")),
    ("หน่วยตรวจสอบ", ("ตรวจสอบ",)),
    (
        "สำนัก",
        (
            "ปลัด",
            "นิติ",
            "บุคคล",
            "เจ้าหน้าที่",
            "นโยบาย",
            "แผน",
            "ธุรการ",
            "เลขา",
            "ประชาสัมพันธ์",
            "อำนวยการ",
            "สารสนเทศ",
        ),
    ),
)


def likely_division(text: str, names: Sequence[str]) -> str | None:
    """The division of the register to which a post or section of this name most likely belongs."""
    told = letters(text)
    for beginning, words in _USUALLY:
        of_register = [name for name in names if letters(name).startswith(beginning)]
        if len(of_register) == 1 and any(word in told for word in words):
            return of_register[0]
    return None
