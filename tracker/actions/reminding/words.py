"""A digest in its reader's words: the finished value that its plain text and its HTML both show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracker import links
from tracker.errors import Message
from tracker.locale import say, short_date
from tracker.rules import thai
from tracker.rules.digest import SECTIONS, Block, Digest, Line, Section
from tracker.rules.mailtext import shortened
from tracker.rules.rounds import ROUND_NAMES

# A mail of many lines is for looking through, and no larger than its lines must be.
LONGEST_TITLE, LONGEST_OF_MANY, MANY = 140, 56, 7
LONGEST_NOTE = 200
ASKING = frozenset({"late", "due", "follow_up", "approval"})


class ToldLine(NamedTuple):
    """A line: when, what, and below it what goes with it.

    `table` is (division, how far, what is late, who was told of that and when).
    """

    when: str
    title: str
    detail: str
    act: str
    url: str
    table: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True)
class ToldBlock:
    """The lines of a section for one position; `meant` names it where it is not simply the reader's own."""

    section: Section
    heading: str
    meant: str
    lines: tuple[ToldLine, ...]


@dataclass(frozen=True)
class Told:
    """The digest: whom it is about, its counts in one line, its blocks, and what is left out.

    `subject` is the counts with the days that matter.

    `asks` says that something is to be done by the reader, `direct` that all of it opens without signing in, `helps`
    that the reader may be stuck with it, `informs` that others, who have mails of their own, are to do it, `quiet` that
    there is nothing but the weekly summary. `until` is the last day of the links, blank where there are none. `more_at`
    lists what is left out, `lists` what opens by the links: (what it is, address), the first blank where there is one
    alone.
    """

    reader: str
    about: str
    counts: str
    subject: str
    blocks: tuple[ToldBlock, ...]
    more: str
    more_at: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, str], ...]
    asks: bool
    direct: bool
    helps: bool
    until: str
    informs: bool
    quiet: bool


def told(
    digest: Digest, today: date, base: str, notices: Mapping[str, Sequence[tuple[str, date]]] | None = None
) -> Told:
    """The digest in its language; `base` is the address of the installation.

    `notices` are, for the chief executive's summary, who was told last of each division's late work, and when.
    """
    many = sum(len(block.shown) for block in digest.blocks) >= MANY
    words = _Words(digest.language, today, base, notices or {}, LONGEST_OF_MANY if many else LONGEST_TITLE)
    hidden = digest.hidden
    sections = [section for section in SECTIONS if digest.of(section)]
    answered = {line.section for line in digest.lines if line.answers}
    return Told(
        reader=", ".join(digest.titles),
        about=digest.divisions[0] if len(digest.divisions) == 1 else digest.titles[0],
        counts=" ".join(words.count(section, digest) for section in sections),
        subject=" ".join(
            words.count(section, digest) + words.by_when(section, digest) for section in sections
        ),
        blocks=tuple(words.block(block, digest) for block in digest.blocks),
        more=words.say(Message("และอีก %(number)s รายการ"), number=len(hidden)) if hidden else "",
        more_at=words.lists(hidden, digest),
        lists=words.lists([line for line in digest.lines if _opens_by_link(line)], digest),
        asks=not ASKING.isdisjoint(answered),
        direct=all(_opens_by_link(line) for line in digest.lines if line.section in ASKING),
        helps=not {"late", "due"}.isdisjoint(answered),
        until=short_date(digest.good_until, digest.language) if digest.good_until else "",
        informs=ASKING.isdisjoint(answered)
        and not ASKING.isdisjoint(sections)
        and not any(line.vacant or line.unasked for line in digest.lines if line.section in ASKING),
        quiet=sections == ["week"] and not any(line.vacant for line in digest.lines),
    )


def _opens_by_link(line: Line) -> bool:
    return line.path.startswith(links.path_of(""))


def _list_of(line: Line) -> str:
    """The path of the list that shows the line: its link's, the reader's own work, else the plan, which all may see."""
    if _opens_by_link(line):
        return "/".join(line.path.split("/")[:3])
    return "/work" if line.answers and line.section in ("late", "due", "follow_up") else "/"


def _named(day: date, language: str) -> str:
    weekdays = thai.ENGLISH_WEEKDAYS if language == "en" else thai.WEEKDAYS
    return f"{weekdays[day.weekday()]} {short_date(day, language)}"


@dataclass(frozen=True)
class _Words:
    """The sentences of one digest in one language."""

    language: str
    today: date
    base: str
    notices: Mapping[str, Sequence[tuple[str, date]]]
    longest_title: int

    def say(self, sentence: Message, **values: object) -> str:
        return say(sentence, self.language, **values)

    def count(self, section: Section, digest: Digest) -> str:
        lines = digest.of(section)
        if section == "summary":
            return f"{self.say(_HEADINGS[section])} {self._title(lines[0])}"
        return self._heading(section, digest.tasks(section), lines)

    def by_when(self, section: Section, digest: Digest) -> str:
        """The day that matters most of a section, after its count; of news only where nothing else has one."""
        today = f" ({short_date(self.today, self.language)})"
        if section in ("summary", "week"):
            return today
        if section == "news":
            return today if digest.of("news") == list(digest.lines) else ""
        if section == "approval":
            stages = {line.stage for line in digest.of(section)}
            longest = next((stage for stage in ("waiting-7", "waiting-3") if stage in stages), None)
            return f" ({self.say(_STAGES[longest])})" if longest else today
        days = sorted({line.due_on for line in digest.of(section) if line.due_on is not None})
        if not days:
            return ""
        if days[0] < self.today:
            return " " + self.say(_LONGEST if len(days) > 1 else _FOR, days=(self.today - days[0]).days)
        return " " + self.say(_FIRST if len(days) > 1 else _BY, day=days[0])

    def _heading(self, section: Section, tasks: int, lines: Sequence[Line]) -> str:
        sentence = _HEADINGS[section]
        if section == "approval" and not any(line.answers for line in lines):
            sentence = _WAITING
        return self.say(sentence, number=tasks if section in ("late", "due") else len(lines))

    def lists(self, lines: Sequence[Line], digest: Digest) -> tuple[tuple[str, str], ...]:
        """Where these lines are listed; said with each where there are several."""
        first: dict[str, Line] = {}
        for line in lines:
            first.setdefault(_list_of(line), line)
        return tuple(
            (self._list_name(line, digest) if len(first) > 1 else "", self.base + path)
            for path, line in first.items()
        )

    def _list_name(self, line: Line, digest: Digest) -> str:
        if _opens_by_link(line):
            return self.say(_AS, title=line.position)
        return self.count(line.section, digest)

    def block(self, block: Block, digest: Digest) -> ToldBlock:
        meant = ""
        if block.vacant:
            meant = self.say(_STANDING_IN, title=block.vacant)
        elif len(digest.titles) > 1:
            meant = self.say(_AS, title=block.position)
        return ToldBlock(
            section=block.section,
            heading=self._heading(block.section, block.tasks, block.lines),
            meant=meant,
            lines=tuple(self._line(line, len(digest.divisions) > 1) for line in block.shown),
        )

    def _line(self, line: Line, several_divisions: bool) -> ToldLine:
        return ToldLine(
            when=self._when(line),
            title=self._title(line),
            detail=" · ".join(part for part in self._details(line, several_divisions) if part),
            act=self.say(_ACTS.get(line.section, _OPEN) if line.answers else _OPEN),
            url=self.base + line.path,
            table=tuple(
                (
                    count.name,
                    self.say(Message("%(done)s จาก %(total)s งาน"), done=count.done, total=count.total),
                    self.say(Message("เกินกำหนด %(number)s งาน"), number=count.late) if count.late else "",
                    self._noticed(count.name) if count.late else "",
                )
                for count in (line.summary.divisions if line.summary else ())
            ),
        )

    def _noticed(self, division: str) -> str:
        told = self.notices.get(division, ())
        if not told:
            return self.say(Message("จนถึงเมื่อวานยังไม่ได้แจ้งผู้ใดหลังครบกำหนด"))
        who = ", ".join(f"{title} {short_date(day, self.language)}" for title, day in told)
        return self.say(Message("แจ้งแล้ว: %(who)s"), who=who)

    def _when(self, line: Line) -> str:
        if line.section == "week":
            return short_date(self.today, self.language)
        if line.summary is not None:
            return self.say(Message("ปีงบประมาณ %(year)s"), year=line.summary.fiscal_year)
        if line.stage in _STAGES:
            return self.say(_STAGES[line.stage], day=line.due_on)
        if line.due_on is None:
            return ""
        days = (line.due_on - self.today).days
        if days == 0:
            return self.say(Message("ครบกำหนดวันนี้ (%(day)s)"), day=line.due_on)
        sentence = _LATE if days < 0 else _AHEAD
        return self.say(sentence, days=abs(days), day=_named(line.due_on, self.language))

    def _title(self, line: Line) -> str:
        if line.summary is not None:
            whole = line.summary.whole
            return self.say(Message("แล้วเสร็จ %(done)s จาก %(total)s งาน"), done=whole.done, total=whole.total)
        if line.section == "week" and line.vacant:
            return self.say(Message("ภาพรวมของหน่วยงาน"))
        if line.section == "week":
            return self.say(Message("บันทึกเหตุการณ์ของหน่วยงาน"))
        if line.period_end is not None:
            return self.say(
                _ROUNDS.get(line.round_kind, _ANY_ROUND),
                round=ROUND_NAMES[line.round_kind],
                start=line.period_start,
                day=line.period_end,
            )
        title = shortened(line.title, self.longest_title)
        if line.measures == 1:
            return title
        return self.say(Message("%(title)s และอีก %(number)s มาตรการ"), title=title, number=line.measures - 1)

    def _details(self, line: Line, several_divisions: bool) -> list[str]:
        """Whose and which quarter's, then a person's words, else what the form will ask for."""
        if line.summary is not None:
            whole = line.summary.whole
            return [
                self.say(
                    Message("รออนุมัติ %(waiting)s งาน เกินกำหนด %(late)s งาน"),
                    waiting=whole.waiting,
                    late=whole.late,
                )
            ]
        if line.section == "week":
            return [] if line.vacant else [self.say(Message("เปิดดูได้ว่าใครทำอะไรในระบบเมื่อใด"))]
        details = [line.division] if several_divisions else []
        if line.quarter is not None:
            details.append(self.say(Message("ไตรมาส %(number)s"), number=line.quarter))
        if line.note:
            sentence = _SENT_BACK if line.section in ("late", "due") else _QUOTED
            details.append(self.say(sentence, note=shortened(line.note, LONGEST_NOTE)))
        elif line.completion:
            details.append(self.say(Message("ต้องแนบหลักฐาน")))
        return details


_HEADINGS: Mapping[Section, Message] = {
    "late": Message("เกินกำหนด %(number)s งาน"),
    "due": Message("ใกล้กำหนด %(number)s งาน"),
    "follow_up": Message("ติดตามผล %(number)s รอบ"),
    "approval": Message("รอท่านพิจารณา %(number)s เรื่อง"),
    "news": Message("แจ้งให้ทราบ %(number)s เรื่อง"),
    "summary": Message("สรุปประจำเดือน"),
    "week": Message("สรุปประจำสัปดาห์"),
}
_ACTS: Mapping[Section, Message] = {
    "late": Message("อัปเดต"),
    "due": Message("อัปเดต"),
    "follow_up": Message("ตอบ"),
    "approval": Message("ตรวจ"),
}
_STAGES: Mapping[str, Message] = {
    "stuck": Message("ติดปัญหา"),
    "submitted": Message("ส่งผลแล้ว รออนุมัติ"),
    "waiting-3": Message("รออนุมัติเกิน 3 วันทำการ"),
    "waiting-7": Message("รออนุมัติเกิน 7 วันทำการ"),
    "released": Message("ปลัดแจ้งให้ทราบ ครบกำหนด %(day)s"),
    "approved": Message("อนุมัติแล้ว"),
    "returned": Message("ส่งกลับให้แก้ กำหนดส่งใหม่ %(day)s"),
    "reopened": Message("เปิดให้แก้ไขใหม่ กำหนดส่ง %(day)s"),
    "moved": Message("เปลี่ยนกำหนดส่งเป็น %(day)s"),
    "cancelled": Message("ยกเลิกแล้ว ไม่ต้องทำ"),
}
_ROUNDS: Mapping[str, Message] = {
    "six_months": Message("การติดตามผลรอบ 6 เดือน (ผลงานถึง %(day)s)"),
    "twelve_months": Message("การติดตามผลรอบ 12 เดือน (ผลงานถึง %(day)s)"),
}
_ANY_ROUND = Message("การติดตามผล%(round)s (ผลงาน %(start)s ถึง %(day)s)")
_LATE = Message("เกินกำหนด %(days)s วัน (%(day)s)")
_AHEAD = Message("อีก %(days)s วัน (%(day)s)")
_LONGEST = Message("(นานสุด %(days)s วัน)")
_FOR = Message("(%(days)s วัน)")
_FIRST = Message("(กำหนดแรก %(day)s)")
_BY = Message("(กำหนด %(day)s)")
_SENT_BACK = Message("ส่งกลับให้แก้: “%(note)s”")
_QUOTED = Message("“%(note)s”")
_STANDING_IN = Message(
    "ตำแหน่ง%(title)sว่าง จึงแจ้งท่านแทน โปรดให้ผู้ประสานงานแผนหรือผู้ดูแลระบบระบุผู้ดำรงตำแหน่งหรือผู้รักษาการ"
)
_AS = Message("ในตำแหน่ง %(title)s")
_OPEN = Message("เปิดดู")
_WAITING = Message("รอผู้ประสานงานพิจารณา %(number)s เรื่อง")
