"""What the machine refuses, such as a full disk, as a sentence that says what to do."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

from tracker.errors import Message

_FULL = Message("พื้นที่ดิสก์เต็ม จึงไม่ได้บันทึกสิ่งใด โปรดแจ้งผู้ดูแลระบบให้เพิ่มพื้นที่ แล้วลองใหม่")
_READ_ONLY = Message("ที่เก็บข้อมูลเขียนไม่ได้ จึงไม่ได้บันทึกสิ่งใด โปรดแจ้งผู้ดูแลระบบให้ตรวจสิทธิ์ของโฟลเดอร์และดิสก์")
_AWAY = Message("เปิดฐานข้อมูลไม่ได้ โปรดแจ้งผู้ดูแลระบบให้ตรวจว่าดิสก์ต่ออยู่และฐานข้อมูลทำงาน แล้วลองใหม่")
_BUSY = Message("ระบบกำลังบันทึกงานอื่นอยู่ จึงยังไม่ได้บันทึก โปรดลองใหม่อีกครั้ง")
DAMAGED = Message("ฐานข้อมูลเสียหาย โปรดหยุดบริการ แล้วกู้คืนจากสำเนาสำรองด้วย tracker restore")
_GONE = Message("ไม่พบแฟ้มนี้ในที่เก็บ โปรดแจ้งผู้ดูแลระบบให้ตรวจว่าดิสก์ต่ออยู่ หรือกู้คืนจากสำเนาสำรอง")


class FileGone(OSError):
    """A file that a row names is not where it is kept."""


_BY_NUMBER = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _FULL),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), _READ_ONLY),
}
# The codes of SQLite without their finer half, then the states of PostgreSQL and their classes.
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _AWAY,
    sqlite3.SQLITE_IOERR: _FULL,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
_BY_STATE = {"53100": _FULL, "25006": _READ_ONLY, "55P03": _BUSY, "40P01": _BUSY, "XX001": DAMAGED}
_AWAY_CLASSES = ("08", "53", "57P")


def told(failure: BaseException) -> Message | None:
    """The sentence for a failure of disk, folder or database server; None for a fault of ours."""
    if isinstance(failure, DBAPIError):
        return _told_by_database(failure.orig)
    if isinstance(failure, FileGone):
        return _GONE
    if isinstance(failure, OSError):
        return _BY_NUMBER.get(failure.errno or 0)
    return _told_by_database(failure) if isinstance(failure, sqlite3.Error) else None


def _told_by_database(failure: BaseException | None) -> Message | None:
    if isinstance(failure, sqlite3.Error):
        return _BY_SQLITE_CODE.get(getattr(failure, "sqlite_errorcode", 0) & 0xFF)
    # Only here: reading its library takes longer than deciding a day, and most never need it.
    import psycopg

    if not isinstance(failure, psycopg.Error):
        return None
    if failure.sqlstate is None:
        # The server did not even answer.
        return _AWAY if isinstance(failure, psycopg.OperationalError) else None
    return _BY_STATE.get(failure.sqlstate) or (_AWAY if failure.sqlstate.startswith(_AWAY_CLASSES) else None)
