"""Pieces that every official document of the plan shares, as finished sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tracker.errors import Message
from tracker.rules.cells import Say
from tracker.rules.moments import BANGKOK, day_of
from tracker.rules.paper import Bar, Chart
from tracker.rules.report_inputs import Item, ReportInputs, Signed, Tally
from tracker.rules.thai import PrintedDay, letters

BLANK = "." * 60
_ALONE = "%(day)s"


def organisation_line(inputs: ReportInputs, say: Say) -> str:
    parts = [inputs.organisation]
    if inputs.district and inputs.kind != "pao":
        parts.append(say(Message("อำเภอ%(district)s", {"district": inputs.district.removeprefix("อำเภอ")})))
    if inputs.province and inputs.kind != "pao":
        parts.append(say(Message("จังหวัด%(province)s", {"province": inputs.province.removeprefix("จังหวัด")})))
    return " ".join(parts)


def document_line(signed: Signed | None, say: Say) -> str:
    if signed is None or not signed.document_number:
        return ""
    if signed.signed_on is None:
        return say(Message("เลขที่ %(number)s", {"number": signed.document_number}))
    return say(
        Message(
            "เลขที่ %(number)s ลงวันที่ %(day)s",
            {"number": signed.document_number, "day": PrintedDay(signed.signed_on, whole=True)},
        )
    )


def as_of_line(moment: datetime, say: Say) -> str:
    return say(
        Message(
            "ข้อมูล ณ วันที่ %(day)s เวลา %(time)s น.",
            {
                "day": PrintedDay(day_of(moment), whole=True),
                "time": moment.astimezone(BANGKOK).strftime("%H.%M"),
            },
        )
    )


def printed(day: date, say: Say, *, whole: bool = False) -> str:
    """A day that stands alone, in the language of the document."""
    return say(Message(_ALONE, {"day": PrintedDay(day, whole)}))


def signature_lines(signed: Signed | None, say: Say) -> tuple[str, ...]:
    signer, position = (signed.signer, signed.position) if signed else ("", "")
    day = PrintedDay(signed.signed_on, whole=True) if signed and signed.signed_on else BLANK
    return (
        say(Message("ลงชื่อ %(blank)s", {"blank": BLANK})),
        f"({signer or BLANK})",
        position or say(Message("ตำแหน่ง %(blank)s", {"blank": BLANK})),
        say(Message("วันที่ %(day)s", {"day": day})),
    )


def heading_of(item: Item, say: Say = str) -> str:
    """The item's heading with the topic or the indicator it belongs to."""
    if item.topic is not None:
        label = Message("ประเด็นที่ %(number)s", {"number": item.topic})
    elif item.indicator is not None:
        label = Message("ตัวชี้วัดที่ %(number)s", {"number": item.indicator})
    else:
        return item.heading
    # The plan's own words are Thai in whatever language the document is.
    told = any(letters(item.heading).startswith(letters(one)) for one in (str(label), say(label)))
    return item.heading if told else f"{say(label)} {item.heading}"


def measures_text(item: Item) -> str:
    return "\n".join(f"{number}. {title}" for number, title in item.measures)


def numbered(steps: Sequence[str]) -> str:
    if len(steps) < 2:
        return "".join(steps)
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def bar(tally: Tally, say: Say) -> Bar:
    whole = percent(tally.done, tally.total)
    label = Message(
        "%(done)s จาก %(total)s งาน (ร้อยละ %(percent)s)",
        {"done": tally.done, "total": tally.total, "percent": whole},
    )
    return Bar(tally.division, tally.done, tally.total, whole, say(label))


def percent(done: int, total: int) -> int:
    # Rounded down: a hundred is only printed where everything is done.
    return done * 100 // total if total else 0


def responsible(item: Item, say: Say) -> str:
    return say(Message("ทุกส่วนราชการ")) if item.everyone else "\n".join(item.divisions)


def window(item: Item, say: Say) -> str:
    """The plan's own words for the time of an item, else its first and last day."""
    return item.window or f"{printed(item.starts_on, say)} - {printed(item.ends_on, say)}"


def page_texts(say: Say) -> tuple[str, str]:
    """ "หน้า {page}" and "หน้า {page} จาก {pages}", for the faces to fill in."""
    return (
        say(Message("หน้า %(page)s", {"page": "{page}"})),
        say(Message("หน้า %(page)s จาก %(pages)s", {"page": "{page}", "pages": "{pages}"})),
    )


def chart(heading: str, tallies: Sequence[Tally], say: Say) -> Chart:
    """How far each division came, and all together."""
    done, total = sum(tally.done for tally in tallies), sum(tally.total for tally in tallies)
    sentence = Message(
        "ทุกส่วนราชการดำเนินการแล้วเสร็จรวม %(done)s จาก %(total)s งาน คิดเป็นร้อยละ %(percent)s",
        {"done": done, "total": total, "percent": percent(done, total)},
    )
    return Chart(heading, tuple(bar(tally, say) for tally in tallies), say(sentence))
