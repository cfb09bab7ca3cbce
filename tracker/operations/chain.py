"""Whether each organisation's journal still tells what it told: no entry edited, deleted or put elsewhere."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Row, inspect, select

from tracker.errors import Message
from tracker.journal import entry_hash, seal
from tracker.models import JournalCheckpoint, JournalEntry, Organisation

PIECE = 500


@dataclass(frozen=True)
class Head:
    """The end of an organisation's chain: how many entries, and the hash of the last."""

    length: int
    hash: str


def heads(connection: Connection) -> dict[int, Head]:
    """The end of each chain, by organisation, as the organisation's row notes it."""
    columns = select(Organisation.id, Organisation.journal_length, Organisation.journal_hash)
    return {row[0]: Head(row[1], row[2]) for row in connection.execute(columns)}


def faults(connection: Connection, witnesses: Iterable[tuple[str, Mapping[int, Head]]]) -> Iterator[Message]:
    """What was changed, a sentence each; `witnesses` are heads that were noted elsewhere, under a name."""
    known = [(name, noted) for name, noted in witnesses]
    for organisation_id, slug in connection.execute(
        select(Organisation.id, Organisation.slug).order_by(Organisation.id)
    ).all():
        seen = [(name, noted[organisation_id]) for name, noted in known if organisation_id in noted]
        yield from _faults_of(connection, organisation_id, slug, seen)


def _faults_of(
    connection: Connection, organisation_id: int, slug: str, seen: list[tuple[str, Head]]
) -> Iterator[Message]:
    entries = connection.execution_options(yield_per=PIECE).execute(
        select(JournalEntry.__table__)
        .where(JournalEntry.organisation_id == organisation_id)
        .order_by(JournalEntry.number)
    )
    cuts = _cuts(connection, organisation_id)
    for cut in cuts.values():
        if not _sealed(cut):
            yield Message(
                "จุดตัดบันทึกเหตุการณ์ของ %(slug)s หลังรายการที่ %(number)s ไม่ใช่ของระบบนี้: ถูกปลอมหรือเปลี่ยน TRACKER_SECRET_KEY",
                {"slug": slug, "number": cut.number},
            )
    number, last, begun = 0, "", 0
    hashes_at = {head.length: "" for _, head in seen}
    broken: list[Row[Any]] = []
    for entry in entries:
        if not number and entry.number - 1 in cuts:
            begun = number = entry.number - 1
            last = hashes_at[begun] = cuts[begun].hash
        if entry.number in cuts and cuts[entry.number].hash != entry.hash:
            yield Message(
                "จุดตัดบันทึกเหตุการณ์ของ %(slug)s ไม่ตรงกับรายการที่ %(number)s",
                {"slug": slug, "number": entry.number},
            )
        if entry.number != number + 1:
            yield Message(
                "บันทึกเหตุการณ์ของ %(slug)s ขาดรายการที่ %(first)s ถึง %(last)s: ถูกลบ",
                {"slug": slug, "first": number + 1, "last": entry.number - 1},
            )
        elif entry.previous_hash != last:
            yield Message(
                "บันทึกเหตุการณ์ของ %(slug)s รายการที่ %(number)s ไม่ต่อจากรายการก่อนหน้า: มีรายการถูกเขียนใหม่",
                {"slug": slug, "number": entry.number},
            )
        if entry.hash != _hash(entry, organisation_id):
            broken.append(entry)
        number, last = entry.number, entry.hash
        if number in hashes_at:
            hashes_at[number] = last
    yield from _named(broken, organisation_id, slug)
    for beyond in sorted(cut for cut in cuts if cut > number):
        yield Message(
            "บันทึกเหตุการณ์ของ %(slug)s จบที่รายการที่ %(number)s ก่อนจุดตัดที่รายการที่ %(cut)s: ถูกลบหรือเขียนใหม่ทั้งหมด",
            {"slug": slug, "number": number, "cut": beyond},
        )
    noted = heads(connection)[organisation_id]
    if (noted.length, noted.hash) != (number, last):
        yield Message(
            "บันทึกเหตุการณ์ของ %(slug)s จบที่รายการที่ %(number)s แต่หน่วยงานจดไว้ว่ามี %(length)s รายการ: ท้ายบันทึกถูกลบหรือเขียนใหม่",
            {"slug": slug, "number": number, "length": noted.length},
        )
    for name, head in seen:
        # What was noted of entries that are gone cannot be compared any more.
        if head.length >= max(1, begun) and hashes_at[head.length] != head.hash:
            yield Message(
                "บันทึกเหตุการณ์ของ %(slug)s รายการที่ %(number)s ไม่ตรงกับที่จดไว้ใน %(name)s: มีรายการถูกเขียนใหม่",
                {"slug": slug, "number": head.length, "name": name},
            )


def _cuts(connection: Connection, organisation_id: int) -> dict[int, Row[Any]]:
    """Where the journal was cut, by the last number that went; none in a backup of before there were any."""
    if not inspect(connection).has_table(JournalCheckpoint.__tablename__):
        return {}
    rows = connection.execute(
        select(JournalCheckpoint.__table__).where(JournalCheckpoint.organisation_id == organisation_id)
    )
    return {row.number: row for row in rows}


def _sealed(cut: Row[Any]) -> bool:
    return hmac.compare_digest(cut.seal, seal(cut.organisation_id, cut.number, cut.hash, cut.sealed_at))


def _named(broken: list[Row[Any]], organisation_id: int, slug: str) -> Iterator[Message]:
    """Each entry that is not what its hash says: put elsewhere where another's number makes it whole, else edited."""
    numbers = [entry.number for entry in broken]
    for entry in broken:
        told = {"slug": slug, "number": entry.number}
        place = next((n for n in numbers if entry.hash == _hash(entry, organisation_id, n)), None)
        if place is not None:
            yield Message(
                "บันทึกเหตุการณ์ของ %(slug)s รายการที่ %(number)s เดิมคือรายการที่ %(place)s: ลำดับถูกสลับ",
                {**told, "place": place},
            )
            continue
        yield Message("บันทึกเหตุการณ์ของ %(slug)s รายการที่ %(number)s ถูกแก้ไขหลังจากบันทึก", told)


def _hash(entry: Row[Any], organisation_id: int, number: int | None = None) -> str:
    told = entry._mapping
    copy = JournalEntry(**{key: told[key] for key in told if key != "organisation_id"})
    copy.number = cast(int, told["number"]) if number is None else number
    return entry_hash(copy, organisation_id)
