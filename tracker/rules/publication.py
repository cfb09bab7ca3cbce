"""What a closed report tells the public: without the evidence that stays in the office."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from tracker.errors import Message
from tracker.rules.cells import Say
from tracker.rules.frozen import finish
from tracker.rules.paper import Grid, Paper
from tracker.rules.report import AnnualReport, Proof
from tracker.rules.thai import arabic_digits

# What the annex says in the place of a name or an address that is not for the public.
HIDDEN = Message("หลักฐานภายใน เก็บไว้ที่หน่วยงาน")


@dataclass(frozen=True)
class Enclosed:
    """A file of the package; `original` is the hash by which the office knows it."""

    path: str
    caption: str
    day: str
    original: str


@dataclass(frozen=True)
class Demanded:
    """An OIT item that asks for a document ("plan" or "annual"), where it can be seen, and what is explained.

    `item` is empty where the list of that year is not known yet.
    """

    document: str
    year: int
    item: str
    addresses: tuple[str, ...]
    explanation: str = ""


@dataclass(frozen=True)
class Manifest:
    """What the package is: the closed version it was made of, and what lies in it.

    `signed` is the place of the signed scan, empty where there is none.
    """

    organisation: str
    fiscal_year: int
    version: int
    closed_on: str
    document_number: str
    report_sha256: str
    demanded: tuple[Demanded, ...]
    evidence: tuple[Enclosed, ...]
    withdrawn: tuple[str, ...]
    signed: str = ""


def public_report(report: AnnualReport, public: frozenset[str], say: Say) -> AnnualReport:
    """The report with the annex lines of internal evidence told by their number and day alone.

    `public` has the hashes of files and the addresses of links that may be seen.
    """
    hidden = finish(say(HIDDEN), report.thai_digits)
    proofs = tuple(
        one if is_public(one, public) else replace(one, caption=hidden, file_name="-", sha256="", photo=False)
        for one in report.annex.proofs
    )
    return replace(report, annex=replace(report.annex, proofs=proofs))


def is_public(proof: Proof, public: frozenset[str]) -> bool:
    return (proof.sha256 or proof.file_name) in public


def refused(*, published: bool, doubtful: int, sure: bool, version: int) -> Message | None:
    """Why a closed version cannot be published, None where it can."""
    if published:
        return Message("ฉบับที่ %(version)s เผยแพร่อยู่แล้ว", {"version": version})
    if doubtful and not sure:
        return Message("ตรวจหลักฐานที่อาจมีข้อมูลส่วนบุคคล แล้วติ๊กยืนยันก่อนเผยแพร่")
    return None


def proofs_of(report: AnnualReport, place: int) -> tuple[Proof, ...]:
    """The lines of the annex that a row of the results names, by their numbers in whatever digits."""
    named = set(re.findall(r"\d+", arabic_digits(report.results.rows[place].evidence)))
    return tuple(one for one in report.annex.proofs if arabic_digits(one.number) in named)


def numbered(proofs: Sequence[Proof], endings: Mapping[str, str]) -> dict[str, str]:
    """The place in the package of each public file by its hash: evidence/001.pdf; plain names for any web server."""
    places: dict[str, str] = {}
    for number, proof in enumerate(proofs, 1):
        if proof.sha256 in endings and proof.sha256 not in places:
            places[proof.sha256] = f"evidence/{number:03}.{endings[proof.sha256]}"
    return places


def contents_of(manifest: Manifest, report: AnnualReport, say: Say = str) -> Paper:
    """The package told to people: where the office shows each document that an OIT item wants, and what lies in it."""
    names = {"plan": say(Message("แผนมาตรการ")), "annual": say(Message("รายงานผลประจำปี"))}
    unknown, stem = say(Message("ยังไม่ทราบเลขข้อ")), f"annual-{manifest.fiscal_year}"
    faces = (
        (manifest.signed, say(Message("สำเนาที่ลงนาม"))),
        (f"{stem}.pdf", say(Message("รายงาน PDF"))),
        (f"{stem}.html", say(Message("รายงานสำหรับเปิดในเว็บเบราว์เซอร์"))),
        (f"{stem}.json", say(Message("ข้อมูลของรายงาน"))),
    )
    demanded = Grid(
        "demanded",
        say(Message("เอกสารที่ OIT ต้องการ ที่อยู่บนเว็บไซต์ และคำอธิบาย")),
        tuple(
            map(
                say,
                (
                    Message("เอกสาร"),
                    Message("ปีของ OIT"),
                    Message("ข้อ"),
                    Message("ที่อยู่บนเว็บไซต์"),
                    Message("คำอธิบาย"),
                ),
            )
        ),
        tuple(
            (
                names[one.document],
                str(one.year),
                one.item or unknown,
                "\n".join(one.addresses) or "-",
                one.explanation or "-",
            )
            for one in manifest.demanded
        ),
        "",
    )
    enclosed = Grid(
        "enclosed",
        say(Message("แฟ้มในชุดนี้")),
        tuple(map(say, (Message("แฟ้ม"), Message("คำอธิบาย"), Message("วันที่")))),
        (
            *((path, words, "") for path, words in faces if path),
            *((one.path, one.caption, one.day) for one in manifest.evidence),
        ),
        "",
    )
    return Paper(
        kind="annual",
        title=say(Message("สารบัญชุดเผยแพร่")),
        lines=(report.title, report.organisation),
        as_of=report.as_of,
        organisation=report.organisation,
        fiscal_year=report.fiscal_year,
        draft_mark="",
        blocks=(demanded, enclosed),
        signatures=(),
        page=report.page,
        page_of_pages=report.page_of_pages,
        thai_digits=report.thai_digits,
        frozen_at=report.frozen_at,
    )


def manifest_from_json(text: str) -> Manifest:
    """The manifest that `manifest_json` wrote."""
    told = json.loads(text)
    demanded = (Demanded(**one | {"addresses": tuple(one["addresses"])}) for one in told["demanded"])
    evidence = (Enclosed(**one) for one in told["evidence"])
    return Manifest(
        **told
        | {"demanded": tuple(demanded), "evidence": tuple(evidence), "withdrawn": tuple(told["withdrawn"])}
    )


def manifest_json(manifest: Manifest) -> str:
    return json.dumps(asdict(manifest), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
