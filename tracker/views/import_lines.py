"""The questions, doubts and decisions about a document as lines of the preview, each with what may be pressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from tracker.actions.importing import Draft, Question, problems_of
from tracker.actions.importing.recording import why_no_record
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import Division, PlanState
from tracker.reading.decisions import (
    KEPT,
    PROPOSAL,
    Decisions,
    RowEdit,
    key_of,
    late_doubts,
    leaves_follow_up_open,
    proposed_naming,
)
from tracker.reading.values import Problem
from tracker.rules.fiscal import fiscal_year_of
from tracker.rules.rounds import RuleKind
from tracker.rules.thai import letters
from tracker.views.import_words import days_words, decided_words, kind_words, month_words

MUST, SHOULD, DONE = "overdue", "due_soon", "approved"
NEW, NOBODY = "new", "nobody"
ROWS_NAMED = 10
FOLLOW_UPS: tuple[RuleKind, ...] = (
    "unspecified",
    "six_twelve",
    "quarterly",
    "six_months",
    "twelve_months",
    "monthly",
    "on_completion",
)
# Doubts about a field that a person has since written anew.
_ABOUT = {
    "start": ("window", "year_mismatch"),
    "follow_up": ("follow_up",),
    "measures": ("numbering", "measure"),
}


@dataclass(frozen=True)
class Looked:
    """A document with all that is decided about it, on a day; `taken` is the state of the plan its year has."""

    draft: Draft
    decisions: Decisions
    divisions: Sequence[Division]
    today: date
    policy: str
    chosen_year: int | None
    taken: PlanState | None
    scores_known: bool

    @property
    def amends(self) -> bool:
        """Whether the year has a plan in force, which the document corrects; a report of results corrects none."""
        return self.taken is PlanState.ADOPTED and not self.is_report

    @property
    def is_report(self) -> bool:
        """Whether the document reports results, and nobody has said that it is to be a plan."""
        return any(question.code == "results" for question in self.draft.questions)


Line = dict[str, Any]
Press = dict[str, Any]


def lines(looked: Looked) -> list[Line]:
    """What must be answered, what should be looked at, what is decided, in this order."""
    every = [*_questions(looked), *_doubts(looked), *_follow_ups(looked), *_decided(looked)]
    order = (MUST, SHOULD, DONE)
    return sorted(every, key=lambda line: order.index(line["look"]))


def _line(
    look: str,
    title: str,
    text: str,
    presses: Sequence[Press] = (),
    row: int = 0,
    undo: str = "",
    rows: Sequence[int] = (),
) -> Line:
    tags = {MUST: _("ต้องตอบ"), SHOULD: _("ควรดู"), DONE: _("ตัดสินใจแล้ว")}
    return {
        "look": look,
        "tag": tags[look],
        "title": title,
        "text": text,
        "row": row,
        "rows": list(dict.fromkeys(rows)) or [row],
        "presses": list(presses),
        "undo": undo,
        "link": None,
        # Answered with other lines: nothing to count by itself.
        "sums_up": False,
        "proposed": next((press["values"] for press in presses if press.get("proposed")), None),
    }


def _press(label: str, act: str, *, solid: bool = False, proposed: bool = False, **values: Any) -> Press:
    """A button with the values it posts; with "select", "tick" or "input" the person chooses one of them."""
    chosen = {name: values.pop(name) for name in ("select", "tick", "input") if name in values}
    posted = {"act": act} | {name: str(value) for name, value in values.items()}
    whole = dict(posted)
    if "select" in chosen:
        whole[chosen["select"]["name"]] = chosen["select"]["value"]
    if "input" in chosen:
        whole[chosen["input"]["name"]] = chosen["input"]["value"]
    if chosen.get("tick", {}).get("checked"):
        whole[chosen["tick"]["name"]] = "1"
    made = {"label": label, "solid": solid, "posted": posted, "proposed": proposed, "values": whole}
    return made | chosen


def _questions(looked: Looked) -> Iterator[Line]:
    named: dict[str, list[Question]] = {}
    other_years = of_other_years(looked)
    if len(other_years) > 1:
        yield _other_years(looked, other_years)
    for question in looked.draft.questions:
        if question.code == "name":
            named.setdefault(letters(question.name), []).append(question)
        elif question.code == "results":
            yield _results(looked, question)
        else:
            yield _question(looked, question)
    if looked.taken is not None and not looked.amends and not looked.is_report:
        yield _taken(looked)
    for questions in named.values():
        yield _name(looked, questions)


def of_other_years(looked: Looked) -> list[Question]:
    """The windows that are written for another year, each with its days in the plan's own."""
    return [one for one in looked.draft.questions if one.moves_year and one.proposal is not None]


def _other_years(looked: Looked, questions: Sequence[Question]) -> Line:
    year = looked.draft.fiscal_year
    title = _("%(number)s แถวเขียนระยะเวลาของปีอื่น", number=len(questions))
    places = [
        _("แถวที่ %(row)s เป็น %(days)s", row=one.row, days=days_words(one.proposal or {}))
        for one in questions[:ROWS_NAMED]
    ]
    text = ", ".join(places) + (" …" if len(questions) > ROWS_NAMED else "")
    move = _press(_("ย้ายทุกแถวนั้นมาปี %(year)s", year=year), "windows")
    return _line(MUST, title, text, [move]) | {"sums_up": True}


def _taken(looked: Looked) -> Line:
    year, other = looked.draft.fiscal_year, _("ถ้าเอกสารนี้เป็นของปีอื่น ระบุปีที่ถูกต้อง")
    presses = [_year_press(looked, False)]
    if looked.taken is PlanState.CLOSED:
        title = _("แผนปีงบประมาณ %(year)s ปิดแล้ว เอกสารนี้เปลี่ยนอะไรในแผนนั้นไม่ได้", year=year)
        link = (url_for("report.show", year=year), _("ดูรายงานของปี %(year)s", year=year))
        return _line(MUST, title, other, presses) | {"link": link}
    title = _("ปีงบประมาณ %(year)s มีร่างแผนอยู่แล้ว", year=year)
    link = (url_for("drafting.show", year=year), _("เปิดร่างแผน"))
    return _line(MUST, title, other, presses) | {"link": link}


def _year_press(looked: Looked, proposed: bool) -> Press:
    field = {
        "name": "year",
        "label": _("ปีงบประมาณ (พ.ศ.)"),
        "value": looked.draft.fiscal_year or fiscal_year_of(looked.today),
    }
    return _press(_("ใช้ปีนี้"), "year", solid=True, proposed=proposed, input=field)


def _results(looked: Looked, question: Question) -> Line:
    read, year = looked.draft.read, looked.draft.fiscal_year
    presses = []
    obstacle = why_no_record(looked.draft, looked.today)
    if obstacle is None:
        presses.append(_press(_("เก็บเป็นบันทึกผลของปี %(year)s", year=year), "record", solid=True))
    presses.append(_press(_("ใช้เป็นแผนของปี %(year)s", year=year or "–"), "results"))
    if read.assessment_year and not looked.scores_known and (read.scores.total or read.scores.indicators):
        presses.append(_press(_("เก็บเฉพาะคะแนน ITA ปี %(year)s", year=read.assessment_year), "scores"))
    text = _("เก็บเป็นบันทึกผล: ไม่มีงานและไม่มีการเตือน ใช้เทียบเมื่อเขียนแผนปีถัดไป · ใช้เป็นแผน: ผลและผลลัพธ์จะไม่เข้าแผน")
    if obstacle is not None:
        text = _("%(reason)s · ใช้เป็นแผน: ผลและผลลัพธ์จะไม่เข้าแผน", reason=say(obstacle, language()))
    return _line(MUST, say(question.message, language()), text, presses)


def _question(looked: Looked, question: Question) -> Line:
    title = say(question.message, language())
    number = question.row
    if question.code == "year":
        return _line(MUST, title, _("ข้อเสนอ: ปีงบประมาณปัจจุบัน"), [_year_press(looked, True)])
    if question.code == "rows":
        return _line(MUST, title, _("ดูข้อความที่อ่านได้ด้านล่าง แล้วอัปโหลดไฟล์อื่น หรือกรอกเอง"))
    out = _press(_("ไม่รวมแถวนี้"), "row", row=number, take="leave_out")
    title = _("แถวที่ %(row)s: %(sentence)s", row=number, sentence=title)
    if question.code == "responsible":
        name = next((one.name for one in looked.divisions if one.coordinates), None)
        if name is None:
            return _line(MUST, title, _("เลือกผู้รับผิดชอบในแถว"), row=number)
        use = _press(
            _("ใช้%(name)s", name=name), "row", solid=True, proposed=True, row=number, take="coordinator"
        )
        return _line(MUST, title, _("ข้อเสนอ: ส่วนราชการที่ประสานแผน"), [use], number)
    if question.code == "measure":
        row = looked.draft.read.rows[number - 1]
        if not row.heading:
            return _line(MUST, title, _("แถวที่ไม่มีมาตรการสร้างงานไม่ได้"), [out], number)
        use = _press(_("ใช้หัวข้อเป็นมาตรการ"), "row", solid=True, proposed=True, row=number, take="heading")
        return _line(MUST, title, _("ข้อเสนอ: ใช้หัวข้อของแถวเป็นชื่อมาตรการ"), [out, use], number)
    return _window(question, title)


def _window(question: Question, title: str) -> Line:
    days = question.proposal
    if days is None:
        return _line(MUST, title, _("กรอกวันเริ่มและวันสิ้นสุดในแถว"), row=question.row)
    use = _press(
        _("ใช้ %(days)s", days=days_words(days)),
        "row",
        solid=True,
        # What was written for another year is moved only by a press of its own.
        proposed=not question.moves_year,
        row=question.row,
        take="window",
        start=days["start"],
        end=days["end"],
    )
    text = _("ข้อเสนอ: %(days)s", days=days_words(days))
    if question.moves_year:
        text = _("ข้อเสนอ: %(days)s ข้อความเป็นของปีอื่น จึงต้องกดใช้เอง", days=days_words(days))
    return _line(MUST, title, text, [use], question.row)


def _name(looked: Looked, questions: Sequence[Question]) -> Line:
    name = questions[0].name
    places = ", ".join(str(row) for row in dict.fromkeys(question.row for question in questions))
    naming = proposed_naming(name, [one.name for one in looked.divisions])
    fresh = naming.division if naming and naming.new else name
    options = [(str(one.id), one.name) for one in looked.divisions]
    options += [(NEW, _("เพิ่มส่วนราชการใหม่ “%(name)s”", name=fresh)), (NOBODY, _("ไม่ใช่ส่วนราชการ ไม่นับ"))]
    value, text = "", _("พบ %(number)s แห่ง ไม่ตรงกับส่วนราชการใดในทะเบียน", number=len(questions))
    if naming and naming.new:
        proposal = _("ข้อเสนอ: เพิ่มเป็นส่วนราชการใหม่")
        value, text = NEW, f"{text} · {proposal}"
    elif naming:
        value = next(str(one.id) for one in looked.divisions if one.name == naming.division)
        proposal = _("ข้อเสนอ: เป็นงานใน%(name)s", name=naming.division)
        text = f"{text} · {proposal}"
    use = _press(
        _("ใช้ข้อเสนอ") if naming else _("ใช้ตามที่เลือก"),
        "name",
        solid=True,
        proposed=naming is not None,
        text=name,
        tick={"name": "remember", "label": _("จำชื่อนี้ไว้"), "checked": naming is None or naming.remember},
        select={
            "name": "division",
            "label": _("“%(name)s” หมายถึง", name=name),
            "options": options,
            "value": value,
        },
    )
    title = _("ไม่รู้จักชื่อ “%(name)s” ในแถวที่ %(rows)s", name=name, rows=places)
    return _line(MUST, title, text, [use], questions[0].row, rows=[question.row for question in questions])


def _doubts(looked: Looked) -> Iterator[Line]:
    asked = {question.row for question in looked.draft.questions if question.code == "window"}
    late = [
        (item.number, problem)
        for item in looked.draft.items
        for problem in late_doubts(item.number, looked.draft.read.rows[item.number - 1], item.row)
    ]
    for number, problem in [*problems_of(looked.draft.read, looked.draft.fiscal_year), *late]:
        edit = looked.decisions.edits.get(number, RowEdit())
        about = [field for field, codes in _ABOUT.items() if problem.code.startswith(codes)]
        windowed = number in asked and "start" in about
        if edit.left_out or windowed or any(getattr(edit, field) is not None for field in about):
            continue
        if number == 0 and looked.chosen_year and problem.code == "year_mismatch":
            continue
        yield _doubt(looked, number, problem)


def _doubt(looked: Looked, number: int, problem: Problem) -> Line:
    key = key_of(number, problem)
    answer = looked.decisions.answers.get(key)
    where, title = say(problem.where, language()), say(problem.message, language())
    proposal = problem.proposal or {}
    words = _proposal_words(proposal)
    if answer is not None:
        done = _("แก้เป็น %(words)s", words=words) if answer == PROPOSAL else _("คงตามเอกสาร")
        return _line(DONE, title, f"{where} · {done}", row=number, undo=f"answer:{key}")
    keep = _press(_("คงตามเอกสาร") if words else _("รับทราบ"), "answer", key=key, answer=KEPT)
    if not words:
        return _line(SHOULD, title, where, [keep], number)
    if "fiscal_year" in proposal:
        use = _press(
            _("ใช้ปี %(year)s", year=proposal["fiscal_year"]),
            "year",
            solid=True,
            proposed=True,
            year=proposal["fiscal_year"],
        )
        other = problem.message.values.get("title")
        others = [_press(_("ใช้ปี %(year)s", year=other), "year", year=other)] if other else []
        return _line(SHOULD, title, where, [*others, use])
    use = _press(
        _("แก้เป็น %(words)s", words=words), "answer", solid=True, proposed=True, key=key, answer=PROPOSAL
    )
    return _line(SHOULD, title, where, [keep, use], number)


def _proposal_words(proposal: Mapping[str, object]) -> str:
    """What a proposal would put; "" for one that concerns nothing the plan keeps."""
    months = proposal.get("months")
    if "start" in proposal and "end" in proposal:
        return days_words(proposal)
    if isinstance(months, (list, tuple)):
        return ", ".join(month_words(str(month)) for month in months)
    return str(proposal.get("fiscal_year") or "")


def _follow_ups(looked: Looked) -> Iterator[Line]:
    edits = looked.decisions.edits
    rows = [
        number
        for number, row in enumerate(looked.draft.read.rows, 1)
        if leaves_follow_up_open(row)
        and not edits.get(number, RowEdit()).left_out
        and edits.get(number, RowEdit()).follow_up is None
    ]
    if not rows:
        return
    title = _("%(number)s แถวไม่ได้เขียนรอบติดตามผล", number=len(rows))
    if looked.decisions.follow_ups:
        words = kind_words(looked.decisions.follow_ups, looked.policy)
        yield _line(DONE, title, _("ใช้: %(words)s", words=words), undo="follow_ups")
        return
    options = [(kind, kind_words(kind, looked.policy)) for kind in FOLLOW_UPS]
    use = _press(
        _("ใช้กับทุกแถวนั้น"),
        "follow_ups",
        solid=True,
        proposed=True,
        select={"name": "kind", "label": _("รอบติดตามผล"), "options": options, "value": "unspecified"},
    )
    places = ", ".join(map(str, rows[:ROWS_NAMED])) + (" …" if len(rows) > ROWS_NAMED else "")
    words = kind_words("unspecified", looked.policy)
    text = _("แถวที่ %(rows)s · ข้อเสนอ: %(words)s", rows=places, words=words)
    yield _line(SHOULD, title, text, [use])


def _decided(looked: Looked) -> Iterator[Line]:
    decisions = looked.decisions
    if looked.chosen_year:
        title = _("ปีงบประมาณ %(year)s", year=looked.chosen_year)
        yield _line(DONE, title, _("ตามที่เลือก"), undo="year")
    if decisions.as_plan:
        yield _line(DONE, _("ใช้รายงานผลเป็นแผนของปีนั้น"), _("ผลและผลลัพธ์ไม่เข้าแผน"), undo="results")
    used = {letters(one.text) for row in looked.draft.read.rows for one in row.responsible}
    for key, naming in decisions.names.items():
        if key not in used:
            continue
        told = naming.division or _("ไม่นับเป็นผู้รับผิดชอบ")
        text = _("เพิ่มเป็นส่วนราชการใหม่เมื่อยืนยัน") if naming.new else ""
        if naming.remember and naming.division and not naming.new:
            text = _("จำเป็นชื่ออื่นของส่วนราชการนี้เมื่อยืนยัน")
        yield _line(
            DONE, _("“%(name)s” คือ %(division)s", name=naming.text, division=told), text, undo=f"name:{key}"
        )
    for number, edit in sorted(decisions.edits.items()):
        title = _("แก้แถวที่ %(row)s", row=number)
        if edit.left_out:
            title = _("ไม่รวมแถวที่ %(row)s", row=number)
        yield _line(
            DONE, title, decided_words(edit), row=0 if edit.left_out else number, undo=f"row:{number}"
        )
    if decisions.dropped and not looked.amends:
        quarters = ", ".join(map(str, decisions.dropped))
        title = _("ไม่ติดตามงานย้อนหลังไตรมาส %(quarters)s", quarters=quarters)
        yield _line(DONE, title, decisions.dropped_reason, undo="drop")
