"""What the columns of a plan's table are, by the meaning of their headings and not by their place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.reading import divisions
from tracker.rules import fiscal, thai, windows
from tracker.rules.windows import Window

# The first pattern that fits a heading's letters gives the roles it may have, best first.
_HEADINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(ที่|ลำดับ|ลำดับที่|ลำดับที|ข้อ|(ข้อ|ประเด็น|ตัวชี้วัด|มาตรการ)ที่|no\.?|#|อันดับ)$", ("order",)),
    (r"(ไตรมาส(ที่)?|q)[1-4]$", ("tick",)),
    (r"(ปี|พ\.ศ\.)*(งบประมาณ)?(พ\.ศ\.)?2[56]\d\d$", ("window",)),
    (r"(วันที่|วัน)?เริ่ม", ("window_start",)),
    (r"(วันที่|วัน)?สิ้นสุด|(วันที่|วัน)?แล้วเสร็จ|กำหนดแล้วเสร็จ", ("window_end",)),
    (
        r"คะแนน|ผลคะแนน|ร้อยละ|เครื่องมือ|ข้อคำถาม|ข้อความ(คำ)?ถาม"
        r"|หลักฐาน|เอกสาร|หมายเหตุ|สถานะ|ปัญหา(และ|.)?อุปสรรค|ข้อเสนอแนะ",
        ("unknown",),
    ),
    (
        r"(แนวทาง|วิธี|วิธีการ|ระบบ|กลไก|รูปแบบ|ระยะเวลา|ระยะเวลาใน|รอบ|ช่วงเวลา|แนวทางในการ|ผู้)?(การ)?(กำกับ|ติดตาม)",
        ("follow_up",),
    ),
    (
        r"การรายงาน(ผล)?|การประเมินผล|วิธี(การ)?ประเมินผล"
        r"|รอบการรายงาน|รอบระยะเวลา(การ)?รายงาน|แนวทางการรายงาน",
        ("follow_up",),
    ),
    (
        r"(ผลการ|การ|ข้อมูลผลการ)?วิเคราะห์|ผลการประเมิน|(ประเด็น|ข้อ"
        r"|จุด|สภาพ)?ปัญหา|ข้อบกพร่อง|จุดอ่อน|จุดแข็ง|สภาพการณ์|ข้อค้นพบ",
        ("analysis",),
    ),
    (
        r"ประเด็น(ที่|/)?(ต้อง|ควร|จะต้อง|เป็น)?(แก้ไข|พัฒนา|ปรับปรุง|ข้อบกพร่อง|จุดอ่อน|รักษา|ปัญหา|ข้อค้นพบ)",
        ("analysis", "heading"),
    ),
    (
        r"ผลลัพธ์ที่คาด|ผลที่คาด|เป้าหมาย|ค่าเป้าหมาย|ตัวชี้วัด(ความสำเร็จ"
        r"|ผลสำเร็จ|ผลผลิต|ผลลัพธ์|ผลการ|เชิง|เป้าหมาย|ของ|กิจกรรม|โครงการ|มาตรการ|\(kpi)|kpi|ผลผลิต|วัตถุประสงค์",
        ("targets",),
    ),
    (r"ผลลัพธ์|ความสำเร็จ|ผลสำเร็จ|ผลสัมฤทธิ์|ผลที่(ได้รับ|เกิดขึ้น|ได้)", ("outcome", "targets")),
    (
        r"(สรุป)?(รายงาน)?ผลการ(ดำเนิน|ปฏิบัติ)|ผลดำเนิน|ความก้าวหน้า|ผลงาน|การดำเนินงานที่ผ่านมา|รายละเอียดผลการ",
        ("results",),
    ),
    (
        r"(ช่วง)?ระยะเวลา|ช่วงเวลา|ไตรมาส(ที่)?$|กำหนดเวลา|เวลา|ปีงบประมาณ|วันเดือนปี|วันเวลา|ห้วง(ระยะ)?เวลา"
        r"|กรอบ(ระยะ)?เวลา|ปฏิทิน|กำหนดการ|ปีที่ดำเนิน|แผนการดำเนินงาน\(|เดือน",
        ("window",),
    ),
    (r"(ผู้|หน่วยงาน|ส่วนงาน|ส่วนราชการ|กอง|สำนัก/?กอง|หน่วย|ฝ่าย|เจ้าหน้าที่)(ที่)?(ผู้)?(รับ)?(ผิด)(ชอบ)", ("responsible",)),
    (
        r"ผู้(ที่|มีส่วน)?เกี่ยวข้อง|ผู้ดำเนิน|ผู้ปฏิบัติ|หน่วยงาน(หลัก|เจ้าภาพ|ดำเนิน)|เจ้าภาพ|(ส่วนราชการ|หน่วยงาน)(/(ส่วนราชการ|หน่วยงาน|สำนัก|กอง|ฝ่าย).*)?$|สำนัก/กอง",
        ("responsible",),
    ),
    (r"วิธี(การ)?(ใน)?(การ)?(แก้ไข|ปรับปรุง|พัฒนา|ป้องกัน)", ("measure", "steps")),
    (
        r"(รายละเอียด)?(ขั้นตอน|วิธีการ|วิธีดำเนิน|วิธีปฏิบัติ|กระบวนการดำเนิน|แนวปฏิบัติ|สิ่งที่ต้องดำเนิน)|การ(ขับเคลื่อน|นำไปสู่การปฏิบัติ)",
        ("steps",),
    ),
    (r"(แนวทาง|แนวทางการ|แนวทางใน|การ)(การ)?(ดำเนิน|ปฏิบัติ)|รายละเอียด", ("steps", "measure")),
    (r"กิจกรรม/?(ขั้นตอน|วิธี)", ("steps", "measure")),
    (r"มาตรการ|ชื่อมาตรการ|แนวทาง|ข้อเสนอมาตรการ|การกำหนดมาตรการ|กำหนดมาตรการ", ("measure", "heading")),
    (r"(ชื่อ)?(แผนงาน/?)?(โครงการ|กิจกรรม)|แผนงาน|รายการ|งาน/", ("measure", "steps")),
    (r"ประเด็น|เรื่อง", ("heading", "analysis", "targets")),
    (r"ตัวชี้วัด|หัวข้อ|ด้าน|องค์ประกอบ|ดัชนี|รายละเอียดตัวชี้วัด", ("heading", "targets")),
)
_COMPILED = tuple((re.compile(pattern), roles) for pattern, roles in _HEADINGS)
LONGEST = 90
FEWEST_MONTHS = 3
FEWEST_WITH_WHO = 3
_SPLIT = ("results", "outcome", "unknown", "follow_up", "targets", "responsible")
# What headings are made of: a cell with much else in it is no heading, though it may begin like one.
_WORDS = re.compile(
    r"มาตรการ|โครงการ|กิจกรรม|แผนงาน|แนวทาง|วิธีการ|วิธี|ขั้นตอน|รายละเอียด|กระบวนการ|รูปแบบ|ดำเนินการ|ดำเนินงาน|ดำเนิน|ปฏิบัติ"
    r"|ช่วง|ระยะ|กรอบ|กำหนด|เวลา|วันที่|วัน|เดือน|ไตรมาส|ปีงบประมาณ|งบประมาณ|พ\.?ศ\.?|เริ่มต้น|เริ่ม|สิ้นสุด|แล้วเสร็จ"
    r"|ผู้รับผิดชอบ|รับผิดชอบ|เกี่ยวข้อง|หน่วยงาน|ส่วนราชการ|ส่วนงาน|สำนัก|กอง|ฝ่าย|เจ้าภาพ|เจ้าหน้าที่|ผู้"
    r"|กำกับ|ติดตาม|รายงาน|ประเมินผล|ประเมิน|ผลลัพธ์|ผลผลิต|ผลสำเร็จ|ความสำเร็จ|ผลสัมฤทธิ์|ความก้าวหน้า|เป้าหมาย|คาดว่าจะได้รับ|คาดหวัง|ค่า"
    r"|ตัวชี้วัดที่|ตัวชี้วัด|ประเด็น|หัวข้อ|เรื่อง|ด้าน|องค์ประกอบ|ดัชนี|ลำดับที่|ลำดับ|ข้อ|อันดับ|วิเคราะห์|ข้อมูล|ปัญหา|อุปสรรค|ข้อเสนอแนะ"
    r"|ข้อบกพร่อง|จุดอ่อน|จุดแข็ง|คะแนน|ร้อยละ|เครื่องมือ|คำถาม|ข้อความ|หลักฐาน|เอกสาร|หมายเหตุ|สถานะ|วัตถุประสงค์|แก้ไข|พัฒนา|ปรับปรุง"
    r"|ได้รับ|เกิดขึ้น|ขับเคลื่อน|นำไปสู่|ห้วง|มีส่วน|สิ่ง|เชิง|ส่งเสริมคุณธรรมและความโปร่งใส|คุณธรรม|โปร่งใส|ภายใน|เพื่อ|หรือ|และ|ของ|ที่|ใน|ให้|ต้อง|ควร|การ|ความ|ชื่อ|ผล|หลัก|รอบ|ปี|iita|ita|kpi|\W|\d"
)


@dataclass(frozen=True)
class Columns:
    """The role of each column and its heading as written; a column of ticks is headed by its quarter or month."""

    roles: tuple[str, ...]
    headings: tuple[str, ...]

    def of(self, role: str) -> tuple[int, ...]:
        """Places of the columns with that role."""
        return tuple(place for place, one in enumerate(self.roles) if one == role)

    @property
    def is_plan(self) -> bool:
        """A plan's table has measures, and says of them how, who or when: two of these, or who with something else."""
        told = {"steps", "responsible", "window", "tick", "window_start", "results", "follow_up"}
        known = len(self.roles) >= FEWEST_WITH_WHO and "unknown" not in self.roles
        named = any("มาตรการ" in self.headings[place] for place in self.of("measure"))
        return "measure" in self.roles and (
            len(told & set(self.roles)) >= 2 or ("responsible" in self.roles and known and named)
        )


def candidates(heading: str) -> tuple[str, ...]:
    """The roles a column under that heading may have, best first; empty when it is no known heading."""
    letters = thai.letters(heading)
    if not letters or len(letters) > LONGEST:
        return ()
    return next((roles for pattern, roles in _COMPILED if pattern.match(letters)), ())


def reads_as_headings(cells: Sequence[str]) -> bool:
    """Whether a row says nothing but headings: no division, no day, and hardly a word of its own."""
    filled = [thai.letters(cell) for cell in cells if thai.letters(cell)]
    if any(_is_answer(letters) for letters in filled):
        return False
    bare = [letters for letters in filled if len(_WORDS.sub("", letters)) <= len(letters) // 4]
    return len(bare) * 4 >= len(filled) * 3


def _is_answer(letters: str) -> bool:
    """Whether a cell can only stand below a heading: a division, or a window of months or quarters."""
    if "รับผิดชอบ" in letters or "เวลา" in letters or len(letters) > LONGEST:
        return False
    names_division = divisions.division_of(letters) is not None or letters.startswith("ทุก")
    return names_division or re.search(r"(?<![ก-ฮ])[มกพตธส]ิ?ี?\.?[คพยม]\.?\d\d", letters) is not None


def recognise(cells: Sequence[str]) -> Columns | None:
    """The columns under a row of headings; None when the row is none."""
    quarters = _quarters(cells) | _months(cells)
    possible = [("tick",) if place in quarters else candidates(cell) for place, cell in enumerate(cells)]
    named = sum(1 for roles in possible if roles)
    filled = sum(1 for cell in cells if cell.strip())
    if named < 2 or named * 2 < filled:
        return None
    roles = _assigned(possible, cells)
    headings = (quarters.get(place) or thai.clean(cell) for place, cell in enumerate(cells))
    return Columns(tuple(roles), tuple(headings))


def with_subheadings(columns: Columns, cells: Sequence[str], first: bool = False) -> Columns | None:
    """The columns where `cells`, the row below, splits some of them; None when it is no row of sub-headings.

    `first` says that no row was read yet, so that what stands below a heading that spans columns can only split it.
    """
    roles, headings = list(columns.roles), list(columns.headings)
    cells = [_quarter(cell) or cell for cell in cells]
    found, splits = False, 0
    for place, cell in enumerate(cells[: len(roles)]):
        letters = thai.letters(cell)
        if not letters or letters == thai.letters(headings[place]):
            continue
        role = _sub_role(letters, roles[place])
        if role is None and first and _splits(columns, place, letters):
            role, splits = roles[place], splits + 1
        if role is None:
            return None
        over = next((one for one in reversed(columns.headings[: place + 1]) if one), "")
        label = _with_year(thai.clean(cell), over) if role == "tick" else thai.clean(cell)
        roles[place], headings[place], found = role, label, True
    return Columns(tuple(roles), tuple(headings)) if found and splits != 1 else None


def _splits(columns: Columns, place: int, letters: str) -> bool:
    """Whether a short text stands below a heading that spans columns of what a plan may leave out."""
    spans = place + 1 < len(columns.headings) and not columns.headings[place + 1]
    below = columns.roles[place] in _SPLIT and (spans or not columns.headings[place])
    return below and len(letters) <= LONGEST // 2


def _quarters(cells: Sequence[str]) -> dict[int, str]:
    """The places headed by a quarter written with its months, where a row has several: a single one is a window."""
    found = {place: quarter for place, cell in enumerate(cells) if (quarter := _quarter(cell))}
    return found if len(set(found.values())) > 1 else {}


def _months(cells: Sequence[str]) -> dict[int, str]:
    """The places headed by a month, where a row has several: below them stand marks."""
    found = {
        place: thai.clean(cell)
        for place, cell in enumerate(cells)
        if thai.month_number(re.sub(r"[\d๐-๙]", "", thai.letters(cell)))
    }
    return found if len(found) >= FEWEST_MONTHS else {}


def _quarter(heading: str) -> str | None:
    """The quarter that "ไตรมาส 1 (ต.ค. - ธ.ค. 68)" or "ต.ค. - ธ.ค." means, as "ไตรมาส 1 (ปีงบประมาณ 2569)"."""
    if len(thai.letters(heading)) > LONGEST // 2 or len(windows.months_in(heading)) < 2:
        return None
    # Any year tells the quarters apart where the heading writes none.
    window = windows.read(thai.clean(heading), 2569)
    if not isinstance(window, Window) or len(window.quarters) != 1 or window.notes:
        return None
    [quarter] = window.quarters
    if (window.start, window.end) != (quarter.first_day, quarter.last_day):
        return None
    label = f"ไตรมาส {quarter.number}"
    return f"{label} (ปีงบประมาณ {fiscal.fiscal_year_of(window.end)})" if window.year_written else label


def _with_year(label: str, over: str) -> str:
    """A month or quarter with the year of the heading over it: a calendar year only where nothing else is said."""
    year = re.search(r"\d{4}", thai.arabic_digits(over))
    if year is None or re.search(r"\d{2}", thai.arabic_digits(label)):
        return label
    calendar = re.fullmatch(r"(?:ปี)?(?:พ\.?ศ\.?)?\d{4}", thai.letters(over)) and thai.month_number(label)
    return f"{label} {year[0]}" if calendar else f"{label} (ปีงบประมาณ {year[0]})"


def _sub_role(letters: str, above: str) -> str | None:
    """The role of a sub-heading under a column of windows: a quarter, a month, a year of months, a start or an end."""
    if above not in ("window", "tick", "window_start"):
        return None
    if re.fullmatch(r"(?:ไตรมาส(?:ที่)?|q)?[1-4](?:\(ปีงบประมาณ\d{4}\))?", letters) or thai.month_number(
        re.sub(r"\d", "", letters)
    ):
        return "tick"
    if above == "window" and re.fullmatch(r"(?:ปี)?(?:พ\.?ศ\.?)?2[56]\d\d", letters):
        return "window"
    options = candidates(letters)
    return options[0] if options and options[0] in ("window_start", "window_end") else None


def _assigned(possible: Sequence[tuple[str, ...]], cells: Sequence[str]) -> list[str]:
    """One role a column: the best one still free; an empty heading continues the column to its left."""
    roles = [options[0] if options else "unknown" for options in possible]
    for role in ("measure", "heading", "steps", "targets", "outcome", "analysis"):
        same = [place for place, one in enumerate(roles) if one == role]
        if len(same) > 1:
            _move(same, role, roles, possible, cells)
    if "measure" not in roles:
        _promote("measure", roles, possible)
    if "measure" not in roles and roles.count("steps") > 1:
        roles[roles.index("steps")] = "measure"
    if "results" not in roles and "outcome" in roles and "window" in roles and "follow_up" in roles:
        roles = ["targets" if one == "outcome" else one for one in roles]
    for place, cell in enumerate(cells):
        if not cell.strip() and place:
            roles[place] = roles[place - 1] if roles[place - 1] != "order" else "heading"
    return roles


def _move(
    same: list[int], role: str, roles: list[str], possible: Sequence[tuple[str, ...]], cells: Sequence[str]
) -> None:
    """Of several columns of one role the plainest keeps it; the others take their next role where it is free."""
    if role == "measure":
        keep = next((place for place in same if "มาตรการ" in cells[place]), same[0])
        if "heading" not in roles and any(place > keep for place in same):
            roles[keep] = "heading"
            keep = next(place for place in same if place > keep)
    else:
        keep = same[0]
    first = roles.index("measure") if role == "heading" and "measure" in roles else 0
    if first:
        # Before the measures several columns may name what they answer; the issue beside an indicator is analysis.
        keep = next((place for place in same if place < first and "ตัวชี้วัด" in cells[place]), keep)
    for place in same:
        if place == keep or roles[place] != role:
            continue
        if place < first:
            roles[place] = "analysis" if "analysis" in possible[place] else role
            continue
        spare = "steps" if role == "measure" else "targets" if "targets" in possible[place] else role
        roles[place] = next((other for other in possible[place][1:] if other not in roles), spare)


def _promote(role: str, roles: list[str], possible: Sequence[tuple[str, ...]]) -> None:
    for place, options in enumerate(possible):
        if role in options and (roles.count(roles[place]) > 1 or roles[place] != "heading"):
            roles[place] = role
            return
