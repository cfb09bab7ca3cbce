"""Deeds, subjects and actors of the journal in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from tracker.database import db
from tracker.models import JournalEntry, Position, User

DEEDS = {
    "assessment.changed": _("แก้ผลคะแนน ITA"),
    "assessment.kept": _("เก็บผลคะแนน ITA"),
    "calendar.day_removed": _("นำวันออกจากปฏิทินของหน่วยงาน"),
    "calendar.day_set": _("ตั้งวันหยุดหรือวันทำการของหน่วยงาน"),
    "calendar_feed.ended": _("ยกเลิกที่อยู่ปฏิทิน"),
    "calendar_feed.opened": _("สร้างที่อยู่ปฏิทิน"),
    "decision.undone": _("เลิกทำการตัดสินใจ"),
    "division.added": _("เพิ่มส่วนราชการ"),
    "division.alias_added": _("เพิ่มชื่ออื่นของส่วนราชการ"),
    "division.aliases_set": _("ตั้งชื่อย่อของส่วนราชการ"),
    "division.ended": _("ยุติส่วนราชการ"),
    "division.merged": _("รวมส่วนราชการ"),
    "division.renamed": _("เปลี่ยนชื่อส่วนราชการ"),
    "document.reopened": _("เปิดเอกสารที่ปิดแล้วเป็นฉบับถัดไป"),
    "evidence.attached": _("แนบหลักฐาน"),
    "evidence.checked": _("ยืนยันว่าหลักฐานไม่มีข้อมูลส่วนบุคคล"),
    "evidence.described": _("แก้คำอธิบายหลักฐาน"),
    "evidence.hidden": _("ตั้งหลักฐานเป็นภายใน"),
    "evidence.replaced": _("เปลี่ยนแฟ้มหลักฐานเป็นฉบับใหม่"),
    "evidence.shown": _("เปิดเผยหลักฐาน"),
    "evidence.taken_off": _("นำหลักฐานออกจากงานหนึ่ง"),
    "evidence.unchecked": _("ถอนการยืนยันเรื่องข้อมูลส่วนบุคคล"),
    "evidence.used_again": _("ใช้หลักฐานเดิมกับงานอื่น"),
    "evidence.withdrawn": _("ถอนหลักฐาน"),
    "follow_up.answered": _("ตอบการติดตามผล"),
    "follow_up.kept": _("เก็บร่างการติดตามผล"),
    "follow_up.settled": _("การติดตามผลได้คำตอบจากงาน"),
    "group.approved": _("อนุมัติผลงาน"),
    "group.due_day_moved": _("เลื่อนกำหนดส่ง"),
    "group.passed_on": _("ส่งต่องานให้เพื่อนร่วมงาน"),
    "group.released": _("แจ้งผู้บริหารเรื่องงานที่เกินกำหนด"),
    "group.reopened": _("เปิดงานให้แก้ไขใหม่"),
    "group.reported": _("รายงานผลงาน"),
    "group.sent_back": _("ส่งผลงานกลับให้แก้"),
    "group.withdrawn": _("ถอนรายงานผลงาน"),
    "journal.cut": _("ตัดบันทึกเหตุการณ์เก่า"),
    "link.renewed": _("ขอลิงก์ใหม่"),
    "link.revoked": _("ยกเลิกลิงก์"),
    "link.shared": _("สร้างลิงก์สำหรับส่งทางแชต"),
    "mail.sent_again": _("สั่งส่งจดหมายอีกครั้ง"),
    "mail.taken_as_sent": _("ถือว่าส่งจดหมายแล้ว"),
    "mail.tested": _("ส่งจดหมายทดสอบ"),
    "matters.written": _("เขียนเรื่องที่ขอให้ผู้บริหารพิจารณา"),
    "organisation.added": _("เพิ่มหน่วยงาน"),
    "organisation.approval_set": _("ตั้งการอนุมัติและผู้อนุมัติ"),
    "organisation.logo_removed": _("นำตราของหน่วยงานออก"),
    "organisation.logo_set": _("ตั้งตราของหน่วยงาน"),
    "organisation.crossed": _("ผู้ดูแลระบบเข้าดูข้ามหน่วยงาน"),
    "organisation.settled": _("ตั้งค่าหน่วยงาน"),
    "organisation.stages_set": _("ตั้งช่วงเตือน"),
    "plan.adopted": _("ประกาศใช้แผน"),
    "plan.amended": _("แก้ไขแผนที่ประกาศใช้"),
    "plan.attached": _("เก็บเอกสารแนบของแผน"),
    "plan.change_undone": _("เลิกทำการแก้ร่างแผน"),
    "plan.detached": _("นำเอกสารแนบของแผนออก"),
    "plan.discarded": _("ทิ้งร่างแผน"),
    "plan.drafted": _("ร่างแผน"),
    "plan.item_moved": _("ย้ายลำดับรายการของแผน"),
    "plan.item_removed": _("นำรายการออกจากแผน"),
    "plan.item_saved": _("บันทึกรายการของแผน"),
    "plan.recorded": _("บันทึกผลของปีก่อนจากเอกสาร"),
    "position.added": _("เพิ่มตำแหน่ง"),
    "position.ended": _("ยกเลิกตำแหน่ง"),
    "position.handed_over": _("ส่งต่อตำแหน่ง"),
    "position.left": _("พ้นตำแหน่ง"),
    "position.mailbox_set": _("ตั้งกล่องจดหมายของตำแหน่ง"),
    "position.superior_set": _("ตั้งผู้บังคับบัญชาของตำแหน่ง"),
    "position.renamed": _("เปลี่ยนชื่อตำแหน่ง"),
    "position.taken": _("รับตำแหน่ง"),
    "publicity.written": _("เขียนที่อยู่บนเว็บไซต์และคำอธิบาย"),
    "readiness.answered": _("ตอบเรื่องที่รายงานยังขาด"),
    "readiness.taken_back": _("ถอนคำตอบเรื่องที่รายงานยังขาด"),
    "reminders.paused": _("พักการเตือน"),
    "reminders.resumed": _("เตือนต่อ"),
    "report.cell_edited": _("แก้ข้อความในรายงาน"),
    "report.cell_restored": _("คืนข้อความเดิมในรายงาน"),
    "report.closed": _("ปิดรายงาน"),
    "report.published": _("เผยแพร่รายงาน"),
    "report.reopened": _("เปิดปีที่ปิดแล้วอีกครั้ง"),
    "report.withdrawn": _("ถอนการเผยแพร่รายงาน"),
    "round.opened": _("เปิดรอบติดตาม"),
    "scan.attached": _("แนบสำเนาที่ลงนาม"),
    "scan.removed": _("นำสำเนาที่ลงนามออก"),
    "task.cancelled": _("ยกเลิกงาน"),
    "user.added": _("เพิ่มบัญชีผู้ใช้"),
    "user.address_asked": _("ขอเปลี่ยนอีเมล"),
    "user.address_changed": _("เปลี่ยนอีเมล"),
    "user.closed": _("ปิดบัญชีผู้ใช้"),
    "user.granted": _("กำหนดสิทธิของผู้ใช้"),
    "user.invitation_withdrawn": _("ถอนคำเชิญ"),
    "user.invited_again": _("ส่งคำเชิญอีกครั้ง"),
    "user.password_set": _("ตั้งรหัสผ่านใหม่"),
    "user.reopened": _("เปิดบัญชีผู้ใช้อีกครั้ง"),
    "user.anonymised": _("ทำให้ไม่ระบุตัวบุคคล"),
    "user.copied": _("ขอสำเนาข้อมูลส่วนบุคคล"),
    "user.renamed": _("แก้ชื่อ"),
    "user.reset_asked": _("ขอลิงก์ตั้งรหัสผ่าน"),
    "user.signed_in": _("เข้าสู่ระบบ"),
    "user.signed_out": _("ออกจากระบบ"),
    "user.signed_out_everywhere": _("ออกจากระบบทุกเครื่อง"),
    "word_form.kept": _("เก็บแบบ Word ของหน่วยงาน"),
    "word_form.removed": _("นำแบบ Word ของหน่วยงานออก"),
}
SUBJECTS = {
    "assessment": _("ผล ITA"),
    "calendar_day": _("วันในปฏิทิน"),
    "calendar_feed": _("ปฏิทินของกอง"),
    "decision": _("การตัดสินใจ"),
    "division": _("ส่วนราชการ"),
    "evidence": _("หลักฐาน"),
    "follow_up": _("การติดตามผล"),
    "mail_link": _("ลิงก์"),
    "matter": _("เรื่องที่ขอให้พิจารณา"),
    "organisation": _("หน่วยงาน"),
    "outgoing_mail": _("จดหมาย"),
    "pause": _("การพักการเตือน"),
    "plan": _("แผน"),
    "plan_attachment": _("เอกสารแนบของแผน"),
    "plan_item": _("รายการของแผน"),
    "position": _("ตำแหน่ง"),
    "report": _("รายงาน"),
    "round": _("รอบติดตาม"),
    "submission": _("การรายงานผล"),
    "task": _("งาน"),
    "user": _("ผู้ใช้"),
    "word_form": _("แบบ Word"),
}


class Names:
    """Who and what the entries of a page name; the journal itself holds ids only."""

    @cached_property
    def _users(self) -> dict[int, str]:
        return dict(db.session.execute(select(User.id, User.name)).all())

    @cached_property
    def _positions(self) -> dict[int, str]:
        return dict(db.session.execute(select(Position.id, Position.title)).all())

    def actor(self, label: str) -> str:
        """Who did it: user:5, link:3:position:7 or system."""
        kind, _colon, rest = label.partition(":")
        if kind == "user":
            return self._users.get(int(rest)) or str(_("ผู้ดูแลระบบ หมายเลข %(number)s", number=rest))
        if kind == "link":
            position = rest.rpartition(":")[2]
            title = self._positions.get(int(position), "") if position.isdecimal() else ""
            return str(_("ลิงก์ของตำแหน่ง%(title)s", title=title))
        return str(_("ระบบ"))

    def subject(self, entry: JournalEntry) -> str:
        """What it was done to."""
        named: Mapping[int, str] = {}
        if entry.subject_kind in {"user", "position"}:
            named = self._users if entry.subject_kind == "user" else self._positions
        kind = str(SUBJECTS.get(entry.subject_kind, entry.subject_kind))
        if entry.subject_id is None:
            return kind
        return f"{kind} {named.get(entry.subject_id, entry.subject_id)}"

    def people(self) -> Iterable[tuple[str, str]]:
        """(label, name) of everybody who has an account, by name."""
        return sorted(((f"user:{key}", name) for key, name in self._users.items()), key=lambda one: one[1])


def deed_words(deed: str) -> str:
    return str(DEEDS.get(deed, deed))
