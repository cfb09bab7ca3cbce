"""Deeds, subjects and actors of the journal in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from tracker.database import db
from tracker.locale import translate as _
from tracker.models import JournalEntry, Position, User

DEEDS = {
    "calendar.day_removed": _l("นำวันออกจากปฏิทินของหน่วยงาน"),
    "calendar.day_set": _l("ตั้งวันหยุดหรือวันทำการของหน่วยงาน"),
    "decision.undone": _l("เลิกทำการตัดสินใจ"),
    "division.added": _l("เพิ่มส่วนราชการ"),
    "division.alias_added": _l("เพิ่มชื่ออื่นของส่วนราชการ"),
    "evidence.attached": _l("แนบหลักฐาน"),
    "evidence.hidden": _l("ตั้งหลักฐานเป็นภายใน"),
    "evidence.shown": _l("เปิดเผยหลักฐาน"),
    "evidence.withdrawn": _l("ถอนหลักฐาน"),
    "follow_up.answered": _l("ตอบการติดตามผล"),
    "follow_up.kept": _l("เก็บร่างการติดตามผล"),
    "follow_up.settled": _l("การติดตามผลได้คำตอบจากงาน"),
    "group.approved": _l("อนุมัติผลงาน"),
    "group.due_day_moved": _l("เลื่อนกำหนดส่ง"),
    "group.passed_on": _l("ส่งต่องานให้เพื่อนร่วมงาน"),
    "group.reopened": _l("เปิดงานให้แก้ไขใหม่"),
    "group.reported": _l("รายงานผลงาน"),
    "group.sent_back": _l("ส่งผลงานกลับให้แก้"),
    "group.withdrawn": _l("ถอนรายงานผลงาน"),
    "link.renewed": _l("ขอลิงก์ใหม่"),
    "link.revoked": _l("ยกเลิกลิงก์"),
    "link.shared": _l("สร้างลิงก์สำหรับส่งทางแชต"),
    "mail.sent_again": _l("สั่งส่งจดหมายอีกครั้ง"),
    "mail.taken_as_sent": _l("ถือว่าส่งจดหมายแล้ว"),
    "mail.tested": _l("ส่งจดหมายทดสอบ"),
    "organisation.added": _l("เพิ่มหน่วยงาน"),
    "organisation.stages_set": _l("ตั้งช่วงเตือน"),
    "plan.adopted": _l("ประกาศใช้แผน"),
    "plan.amended": _l("แก้ไขแผนที่ประกาศใช้"),
    "plan.change_undone": _l("เลิกทำการแก้ร่างแผน"),
    "plan.discarded": _l("ทิ้งร่างแผน"),
    "plan.drafted": _l("ร่างแผน"),
    "plan.item_moved": _l("ย้ายลำดับรายการของแผน"),
    "plan.item_removed": _l("นำรายการออกจากแผน"),
    "plan.item_saved": _l("บันทึกรายการของแผน"),
    "plan.recorded": _l("บันทึกผลของปีก่อนจากเอกสาร"),
    "position.handed_over": _l("ส่งต่อตำแหน่ง"),
    "position.left": _l("พ้นตำแหน่ง"),
    "position.mailbox_set": _l("ตั้งกล่องจดหมายของตำแหน่ง"),
    "position.taken": _l("รับตำแหน่ง"),
    "readiness.answered": _l("ตอบเรื่องที่รายงานยังขาด"),
    "readiness.taken_back": _l("ถอนคำตอบเรื่องที่รายงานยังขาด"),
    "reminders.paused": _l("พักการเตือน"),
    "reminders.resumed": _l("เตือนต่อ"),
    "report.cell_edited": _l("แก้ข้อความในรายงาน"),
    "report.cell_restored": _l("คืนข้อความเดิมในรายงาน"),
    "report.closed": _l("ปิดรายงาน"),
    "report.reopened": _l("เปิดปีที่ปิดแล้วอีกครั้ง"),
    "round.opened": _l("เปิดรอบติดตาม"),
    "task.cancelled": _l("ยกเลิกงาน"),
    "user.added": _l("เพิ่มบัญชีผู้ใช้"),
    "user.address_asked": _l("ขอเปลี่ยนอีเมล"),
    "user.address_changed": _l("เปลี่ยนอีเมล"),
    "user.password_set": _l("ตั้งรหัสผ่านใหม่"),
    "user.reset_asked": _l("ขอลิงก์ตั้งรหัสผ่าน"),
    "user.signed_in": _l("เข้าสู่ระบบ"),
    "user.signed_out": _l("ออกจากระบบ"),
    "user.signed_out_everywhere": _l("ออกจากระบบทุกเครื่อง"),
}
SUBJECTS = {
    "calendar_day": _l("วันในปฏิทิน"),
    "decision": _l("การตัดสินใจ"),
    "division": _l("ส่วนราชการ"),
    "evidence": _l("หลักฐาน"),
    "follow_up": _l("การติดตามผล"),
    "mail_link": _l("ลิงก์"),
    "organisation": _l("หน่วยงาน"),
    "outgoing_mail": _l("จดหมาย"),
    "pause": _l("การพักการเตือน"),
    "plan": _l("แผน"),
    "plan_item": _l("รายการของแผน"),
    "position": _l("ตำแหน่ง"),
    "report": _l("รายงาน"),
    "round": _l("รอบติดตาม"),
    "submission": _l("การรายงานผล"),
    "task": _l("งาน"),
    "user": _l("ผู้ใช้"),
}


class Names:
    """Who and what the entries of a page name; the journal itself holds ids only."""

    def __init__(self) -> None:
        self._users = dict(db.session.execute(select(User.id, User.name)).all())
        self._positions = dict(db.session.execute(select(Position.id, Position.title)).all())

    def actor(self, label: str) -> str:
        """Who did it: user:5, link:3:position:7 or system."""
        kind, _colon, rest = label.partition(":")
        if kind == "user":
            return self._users.get(int(rest), label)
        if kind == "link":
            position = rest.rpartition(":")[2]
            title = self._positions.get(int(position), "") if position.isdecimal() else ""
            return _("ลิงก์ของตำแหน่ง%(title)s", title=title)
        return _("ระบบ")

    def subject(self, entry: JournalEntry) -> str:
        """What it was done to."""
        named = {"user": self._users, "position": self._positions}.get(entry.subject_kind, {})
        kind = str(SUBJECTS.get(entry.subject_kind, entry.subject_kind))
        if entry.subject_id is None:
            return kind
        return f"{kind} {named.get(entry.subject_id, entry.subject_id)}"

    def people(self) -> Iterable[tuple[str, str]]:
        """(label, name) of everybody who has an account, by name."""
        return sorted(((f"user:{key}", name) for key, name in self._users.items()), key=lambda one: one[1])


def deed_words(deed: str) -> str:
    return str(DEEDS.get(deed, deed))
