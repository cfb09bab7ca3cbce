"""What a closed report tells the public: without the evidence that stays in the office."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from tracker.errors import Message
from tracker.rules.cells import Say
from tracker.rules.frozen import finish
from tracker.rules.report import AnnualReport, Proof

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


def public_report(report: AnnualReport, public: frozenset[str], say: Say = str) -> AnnualReport:
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


def numbered(proofs: Sequence[Proof], endings: Mapping[str, str]) -> dict[str, str]:
    """The place in the package of each public file by its hash: evidence/001.pdf; plain names for any web server."""
    places: dict[str, str] = {}
    for number, proof in enumerate(proofs, 1):
        if proof.sha256 in endings and proof.sha256 not in places:
            places[proof.sha256] = f"evidence/{number:03}.{endings[proof.sha256]}"
    return places


def manifest_json(manifest: Manifest) -> str:
    return json.dumps(asdict(manifest), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
