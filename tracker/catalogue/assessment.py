"""Instruments, indicators and questions of the ITA, by assessment year."""

from __future__ import annotations

from dataclasses import dataclass

YEARS = (2565, 2566, 2567, 2568, 2569)


@dataclass(frozen=True)
class Instrument:
    """One of the three survey forms (เครื่องมือ); `weight` is its share of the total in per cent."""

    code: str
    name: str
    weight: int


@dataclass(frozen=True)
class Indicator:
    """One of the ten indicators (ตัวชี้วัด); `spellings` are other forms met in documents."""

    number: int
    name: str
    instrument: str
    spellings: tuple[str, ...] = ()


INSTRUMENTS = (
    Instrument("IIT", "แบบวัดการรับรู้ของผู้มีส่วนได้ส่วนเสียภายใน", 30),
    Instrument("EIT", "แบบวัดการรับรู้ของผู้มีส่วนได้ส่วนเสียภายนอก", 30),
    Instrument("OIT", "แบบวัดการเปิดเผยข้อมูลสาธารณะ", 40),
)

INDICATORS = (
    Indicator(1, "การปฏิบัติหน้าที่", "IIT"),
    Indicator(2, "การใช้งบประมาณ", "IIT"),
    Indicator(3, "การใช้อำนาจ", "IIT"),
    Indicator(4, "การใช้ทรัพย์สินของราชการ", "IIT", ("การใช้ทรัพย์สินของทางราชการ", "การใช้ทรัพย์สินราชการ")),
    Indicator(5, "การแก้ไขปัญหาการทุจริต", "IIT", ("การแก้ปัญหาการทุจริต", "การแก้ปัญหการทุจริต", "การแก้ไขปัญหาคกรทุจริต")),
    Indicator(6, "คุณภาพการดำเนินงาน", "EIT", ("คุณภาพการดำเนินการ",)),
    Indicator(7, "ประสิทธิภาพการสื่อสาร", "EIT"),
    Indicator(8, "การปรับปรุงการทำงาน", "EIT", ("การปรับปรุงระบบการทำงาน",)),
    Indicator(9, "การเปิดเผยข้อมูล", "OIT", ("การเปิดเผยข้อมูลสาธารณะ",)),
    Indicator(10, "การป้องกันการทุจริต", "OIT"),
)


def weights(year: int) -> dict[str, int]:
    """Weight in per cent by instrument code; the same in every year known so far (2565 to 2568)."""
    return {instrument.code: instrument.weight for instrument in INSTRUMENTS}


def indicators(year: int) -> tuple[Indicator, ...]:
    """The indicators of an assessment year; unchanged 2565 to 2568, taken over for 2569."""
    return INDICATORS


def instrument_indicators(year: int) -> dict[str, tuple[int, ...]]:
    """Numbers of the indicators by instrument code."""
    return {
        instrument.code: tuple(one.number for one in indicators(year) if one.instrument == instrument.code)
        for instrument in INSTRUMENTS
    }


def survey_questions(year: int) -> dict[str, int]:
    """Indicator by question code (i1, e1 …) of the IIT and EIT forms; empty for a year whose form is not known.

    Until 2565 the forms had six and five questions an indicator, from 2567 three.
    """
    if year in (2564, 2565):
        return _spread("i", 6, range(1, 6)) | _spread("e", 5, range(6, 9))
    if year >= 2567:
        return _spread("i", 3, range(1, 6)) | _spread("e", 3, range(6, 9))
    return {}


def _spread(letter: str, each: int, numbers: range) -> dict[str, int]:
    return {
        f"{letter}{place * each + question}": number
        for place, number in enumerate(numbers)
        for question in range(1, each + 1)
    }
