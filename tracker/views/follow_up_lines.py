"""The lines of a follow-up form: what was sent of them, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from tracker.actions import following
from tracker.actions.following import AskedLine, LineAnswer
from tracker.database import db
from tracker.groups import Group
from tracker.locale import clock_time, short_date
from tracker.locale import translate as _
from tracker.models import Completion, Evidence, FollowUp, JournalEntry, Task
from tracker.rules.claims import NONE
from tracker.rules.merging import seal
from tracker.rules.rounds import Line
from tracker.views import listing
from tracker.views.frame import Frame
from tracker.views.journal_words import Names

LONGEST = 20_000
WORDS = ("problems", "suggestions")


def seals_of(given: LineAnswer) -> str:
    """The seals of what a line showed, in the order of its fields, for the form to send back."""
    return ".".join(seal(text) for text in given.texts.values())


@dataclass(frozen=True)
class Sent:
    """What a form sent: answers and seals by answer id, files with their line, what the pressed button asks for.

    `keeps`: no answer yet, only to be kept; `quiet`: the own script saves beside the typing; `filled` names the
    fields that "ไม่มี" was just written into.
    """

    answers: dict[int, LineAnswer]
    seen: dict[int, dict[str, str]]
    files: list[tuple[int, FileStorage]]
    confirmed: bool
    keeps: bool
    quiet: bool
    filled: list[str] = field(default_factory=list)

    @classmethod
    def of_request(cls, lines: Sequence[AskedLine]) -> Sent:
        form = request.form
        emptied = form.get("unfill", "").split(".")
        answers, filled = {}, []
        for line in lines:
            given = _read(line)
            for name in WORDS:
                key, text = f"{name}-{line.answer_id}", given[name]
                if form.get("fill_none") and line.line is Line.ASK and not text.strip():
                    given[name] = NONE
                    filled.append(key)
                elif key in emptied and text == NONE:
                    given[name] = ""
            if form.get("restore") == str(line.answer_id):
                given["result"] = line.told
            answers[line.answer_id] = LineAnswer.of_texts(given)
        presses = ("draft", "fill_none", "unfill", "restore")
        return cls(
            answers=answers,
            seen={line.answer_id: _seals(line) for line in lines},
            files=[
                (line.answer_id, file)
                for line in lines
                if line.line is Line.ASK
                for file in request.files.getlist(f"files-{line.answer_id}")
                if file.filename
            ],
            confirmed=bool(form.get("confirm")),
            keeps=any(form.get(name) for name in presses),
            quiet=bool(form.get("draft")) and bool(form.get("quiet")),
            filled=filled,
        )


def _read(line: AskedLine) -> dict[str, str]:
    """The texts of one line; where the newer text was preferred, that one."""

    def text(name: str) -> str:
        return request.form.get(f"{name}-{line.answer_id}", "")[:LONGEST]

    given = {name: text(name) for name in LineAnswer().texts}
    if given["completion"] not in set(Completion):
        given["completion"] = ""
    for name in WORDS:
        if request.form.get(f"{name}-{line.answer_id}_answer") == "none":
            given[name] = NONE
    current = following.shown(line).texts
    for name in given:
        if request.form.get(f"newer-{name}-{line.answer_id}"):
            given[name] = current[name]
    return given


def _seals(line: AskedLine) -> dict[str, str]:
    names = list(LineAnswer().texts)
    seals = request.form.get(f"seen-{line.answer_id}", "").split(".")
    return dict(zip(names, seals, strict=True)) if len(seals) == len(names) else {}


@dataclass(frozen=True)
class Shown:
    """How a form shows its lines."""

    frame: Frame
    answers: Mapping[int, LineAnswer]
    contested: Mapping[int, Mapping[str, str]]
    proofs: Mapping[int, Sequence[tuple[Evidence, Group]]]
    editing: bool
    writable: bool
    today: date

    def given(self, line: AskedLine) -> LineAnswer:
        given = self.answers.get(line.answer_id)
        return following.shown(line) if given is None else given

    def lacks(self, line: AskedLine) -> bool:
        return following.lacks(line, self.given(line))

    def line(self, line: AskedLine) -> dict[str, Any]:
        """One line as follow_up/form.html wants it."""
        given, saved = self.given(line), following.shown(line)
        told = line.line in {Line.CONFIRM, Line.SETTLED}
        newer = self.contested.get(line.answer_id, {})
        return {
            "id": line.answer_id,
            "number": line.number,
            "title": line.title,
            "quarters": [
                {"label": f"Q{task.quarter}", "look": listing.look(task, self.today)} for task in line.tasks
            ],
            "late": _late(line.tasks),
            "mode": "ask" if self.editing and line.line is Line.ASK else "read",
            "lacks": self.lacks(line),
            "completion": str(given.completion) if given.completion else None,
            "result": (line.saved.result if line.saved.confirmed else line.told) if told else given.result,
            "own": given.result,
            "outcome": given.outcome,
            "problems": "" if given.problems == NONE else given.problems,
            "problems_answer": _answer(given.problems),
            "suggestions": "" if given.suggestions == NONE else given.suggestions,
            "suggestions_answer": _answer(given.suggestions),
            "source": _("ดึงจากไตรมาส %(number)s", number=line.told_quarter) if line.told_quarter else None,
            "told": line.told,
            "seen": seals_of(saved),
            "newer": newer,
            "files": [self._file(evidence, place) for evidence, place in self.proofs[line.answer_id]],
            "edit_href": f"{self.frame.save_href}?edit=1"
            if self.writable and line.line is Line.ASK
            else None,
        }

    def _file(self, evidence: Evidence, place: Group) -> dict[str, Any]:
        """A file of the line; a link that does not list its group shows the name alone."""
        opens = self.frame.groups is None or place in self.frame.groups
        file = listing.file_of(evidence, self.frame.file_href)
        return file if opens else file | {"href": None}


def _late(tasks: Sequence[Task]) -> str | None:
    """ "ช้า 6 วัน" where a quarter was first reported after its day, however done it is by now."""
    days = max(
        (
            (task.first_submitted_on - task.due_on).days
            for task in tasks
            if task.on_time is False and task.first_submitted_on is not None
        ),
        default=0,
    )
    return _("ช้า %(days)s วัน", days=days) if days > 0 else None


def _answer(text: str) -> str | None:
    return "none" if text == NONE else "some" if text else None


def missing_words(lacking: Sequence[int], unconfirmed: bool) -> str:
    """What the bottom bar says is missing."""
    told = []
    if lacking:
        told.append(
            _(
                "ยังขาด %(number)s ข้อ คือข้อ %(list)s",
                number=len(lacking),
                list=", ".join(str(number) for number in lacking),
            )
        )
    if unconfirmed:
        told.append(_("ยังไม่ได้ยืนยันผลรายไตรมาส"))
    return " · ".join(told) or _("ครบทุกข้อแล้ว ส่งคำตอบได้")


def filled_words(lines: Sequence[AskedLine]) -> dict[str, str] | None:
    """What "ไม่มี" was just written into and how to take it back, None where it was not."""
    keys = request.args.get("filled", "").split(".")
    numbers = {str(line.answer_id): line.number for line in lines}
    named: dict[str, list[int]] = {name: [] for name in WORDS}
    for key in keys:
        name, _dash, answer_id = key.partition("-")
        if name in named and answer_id in numbers:
            named[name].append(numbers[answer_id])
    told = []
    for name, label in (("problems", _("ปัญหา")), ("suggestions", _("ข้อเสนอแนะ"))):
        if named[name]:
            told.append(
                _("%(field)s ข้อ %(list)s", field=label, list=", ".join(str(one) for one in named[name]))
            )
    if not told:
        return None
    return {"text": _("ตอบ “ไม่มี” ให้แล้ว: %(fields)s", fields=" · ".join(told)), "names": ".".join(keys)}


def last_saved(follow_up: FollowUp) -> str | None:
    """Who saved the form last and when, in words."""
    entry = db.session.scalars(
        select(JournalEntry)
        .where(JournalEntry.subject_kind == "follow_up", JournalEntry.subject_id == follow_up.id)
        .order_by(JournalEntry.number.desc())
        .limit(1)
    ).one_or_none()
    if entry is None:
        return None
    return _(
        "%(who)s บันทึกไว้ %(day)s %(time)s",
        who=Names().actor(entry.actor),
        day=short_date(entry.at),
        time=clock_time(entry.at),
    )
