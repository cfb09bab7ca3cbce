"""The page that lists what the demo made: sign-ins, documents, mails."""

from __future__ import annotations

import email
import email.policy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from tracker.demo.office import DISTRICT, NAME, PROVINCE, Person
from tracker.rules.fiscal import BUDDHIST_OFFSET
from tracker.rules.moments import BANGKOK, day_of
from tracker.rules.thai import MONTHS, long_date, short_date

_STYLE = """
body{font:17px/1.7 Sarabun,"TH Sarabun New","Noto Sans Thai",Tahoma,sans-serif;color:#1d2724;background:#f5f7f6;
margin:0 auto;padding:24px 20px 60px;max-width:60rem}
h1{font-size:1.6rem;line-height:1.4;margin:.2em 0}h2{font-size:1.2rem;margin:2em 0 .5em}
p{margin:.4em 0}table{border-collapse:collapse;width:100%;background:#fff}
th,td{text-align:left;padding:.45em .7em;border-bottom:1px solid #dde5e2;vertical-align:top}
th{font-weight:600;background:#e6f0ed}a{color:#17594a}code{font-size:.95em}
details{background:#fff;border:1px solid #dde5e2;margin:.4em 0}summary{padding:.45em .7em;cursor:pointer}
.quiet{color:#55625e}.wide{overflow-x:auto}
"""


def write(
    page: Path, documents: Sequence[Path], mails: Path, people: Iterable[Person], url: str, now: datetime
) -> None:
    """Write the page; its links are relative, so that the folder can be moved."""
    base = page.parent
    parts = (
        f"<h1>ระบบติดตามมาตรการส่งเสริมคุณธรรมและความโปร่งใส: ตัวอย่าง</h1>"
        f"<p>{NAME} อำเภอ{DISTRICT} จังหวัด{PROVINCE} (หน่วยงานและบุคคลสมมุติ) "
        f"ข้อมูล ณ วันที่ {long_date(day_of(now))}</p>",
        "<h2>เข้าสู่ระบบ</h2>",
        f'<p>เมื่อเปิดระบบด้วยคำสั่ง <code>python3 start.py demo</code> ให้ไปที่ <a href="{escape(url)}">{escape(url)}</a></p>',
        _people(people),
        "<h2>เอกสาร</h2>",
        _documents(documents, base),
        "<h2>จดหมายที่ส่งแล้ว</h2>",
        '<p class="quiet">แต่ละฉบับเป็นแฟ้ม .eml ตามที่เครื่องรับจดหมายได้รับ เปิดด้วยโปรแกรมอีเมลได้</p>',
        _mails(mails, base),
    )
    page.write_text(
        '<!doctype html><html lang="th"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>ตัวอย่าง {NAME}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>",
        encoding="utf-8",
    )


def _people(people: Iterable[Person]) -> str:
    rows = "".join(
        f"<tr><td>{escape(person.role)}</td><td>{escape(person.name)}</td>"
        f"<td><code>{escape(person.address)}</code></td><td><code>{escape(person.password)}</code></td></tr>"
        for person in people
    )
    return _table(("ตำแหน่ง", "ชื่อ", "อีเมล", "รหัสผ่าน"), rows)


def _table(columns: Sequence[str], rows: str) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in columns)
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


_NAMES = {
    "plan": "แผนมาตรการที่นำเข้า",
    "measures": "แผนมาตรการ",
    "report": "รายงานผล",
    "six-month": "รายงานรอบ 6 เดือน",
    "memo": "บันทึกข้อความ",
}


def _documents(documents: Sequence[Path], base: Path) -> str:
    by_year: dict[str, list[Path]] = defaultdict(list)
    for document in documents:
        by_year[document.stem.removesuffix("-draft").rpartition("-")[2]].append(document)
    rows = "".join(
        f"<tr><td>{year}</td><td>{' · '.join(_document(document, base) for document in sorted(of_year))}</td></tr>"
        for year, of_year in sorted(by_year.items())
    )
    return _table(("ปีงบประมาณ", "แฟ้ม"), rows)


def _document(document: Path, base: Path) -> str:
    name = next(name for stem, name in _NAMES.items() if document.stem.startswith(stem))
    draft = " (ร่าง)" if document.stem.endswith("draft") else ""
    kind = {".docx": "Word", ".pdf": "PDF", ".xlsx": "Excel", ".html": "HTML"}[document.suffix]
    return f'<a href="{_link(document, base)}">{name}{draft} {kind}</a>'


def _link(file: Path, base: Path) -> str:
    return quote(file.relative_to(base).as_posix())


def _mails(folder: Path, base: Path) -> str:
    letters = sorted((_Letter(file) for file in folder.glob("*.eml")), key=lambda one: one.at, reverse=True)
    months: list[str] = []
    for (year, month), of_month in groupby(letters, key=lambda one: (one.at.year, one.at.month)):
        rows, count = "", 0
        for letter in of_month:
            count += 1
            rows += (
                f"<tr><td>{short_date(letter.at.date())} {letter.at:%H.%M} น.</td><td>{escape(letter.to)}</td>"
                f'<td><a href="{_link(letter.file, base)}">{escape(letter.subject)}</a></td></tr>'
            )
        title = f"{MONTHS[month - 1]} {year + BUDDHIST_OFFSET} ({count} ฉบับ)"
        months.append(
            f"<details{'' if months else ' open'}><summary>{title}</summary>"
            f"{_table(('วันที่', 'ถึง', 'เรื่อง'), rows)}</details>"
        )
    return "".join(months)


class _Letter:
    """What the list says of a mail."""

    def __init__(self, file: Path) -> None:
        self.file = file
        head = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        self.subject = str(head["Subject"] or "")
        self.to = str(head["To"].addresses[0].addr_spec) if head["To"] else ""
        self.at: datetime = head["Date"].datetime.astimezone(BANGKOK)
