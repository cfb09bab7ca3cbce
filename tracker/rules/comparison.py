"""The ITA result after a year's work beside that of the year before, as a document prints it."""

from __future__ import annotations

from tracker.errors import Message
from tracker.rules.appraisal import Appraisal, Line
from tracker.rules.cells import Say
from tracker.rules.paper import Compared, Comparison, Scored


def compare(result: Appraisal | None, say: Say = str) -> Comparison | None:
    """Every score of the result with what it was and how it changed; None where nothing was announced."""
    if result is None:
        return None
    lines: list[tuple[Scored, str, Line]] = [("total", say(Message("คะแนนรวม")), result.total)]
    lines += [("instrument", f"{one.code} {one.title}", one) for one in result.instruments]
    lines += [("indicator", f"{one.code}. {one.title}", one) for one in result.indicators]
    years = {"year": result.year, "before": result.year - 1}
    level = result.levels[0] or result.levels[1] or ""
    return Comparison(
        heading=say(Message("1.1 คะแนน ITA ปี %(year)s เทียบกับปี %(before)s", years)),
        years=(result.year - 1, result.year),
        columns=(
            say(Message("รายการประเมิน")),
            say(Message("ปี %(year)s", {"year": result.year - 1})),
            say(Message("ปี %(year)s", {"year": result.year})),
            say(Message("เปลี่ยนแปลง")),
        ),
        rows=tuple(
            Compared(
                kind,
                name,
                line.weight,
                line.before,
                line.score,
                (_marks(line.before), _marks(line.score), say(_change(line))),
            )
            for kind, name, line in lines
            if line.score is not None or line.before is not None
        ),
        level=level,
        sentence=_sentence(result, level, say),
    )


def _sentence(result: Appraisal, level: str, say: Say) -> str:
    if result.total.score is None:
        return ""
    values = {"year": result.year, "score": _marks(result.total.score), "level": level or "-"}
    total = say(Message("คะแนน ITA ปี %(year)s ได้ %(score)s คะแนน ระดับ %(level)s", values))
    return total if result.total.change is None else f"{total} {say(_change(result.total))}"


def _change(line: Line) -> Message:
    """The change in words; a fall is called a fall."""
    if line.score is None:
        return Message("รอประกาศผล")
    if line.change is None:
        return Message("ไม่มีคะแนนปีก่อน")
    if line.change > 0:
        return Message("เพิ่มขึ้น %(points)s", {"points": _marks(line.change)})
    if line.change < 0:
        return Message("ลดลง %(points)s", {"points": _marks(-line.change)})
    return Message("เท่าเดิม")


def _marks(score: float | None) -> str:
    return "-" if score is None else f"{score:.2f}"
