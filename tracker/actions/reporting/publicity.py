"""Keeps where the documents that the OIT wants stand on the office's website, and what is explained of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import Select, select

from tracker import journal
from tracker.catalogue.demands import DEMANDS, Demand
from tracker.database import db
from tracker.errors import FieldsRefused, Message, NotFound
from tracker.models import Plan, PlanState, Publicity
from tracker.rules.permissions import Actor
from tracker.rules.publication import Demanded

Document = Literal["plan", "annual"]
DOCUMENTS: tuple[Document, ...] = ("plan", "annual")
LONGEST = 2_000


@dataclass(frozen=True)
class Place:
    """A document of the plan, the OIT year and item that want it, and what was written of its place.

    `item` is empty where the list of that year is not known. `addresses` has a URL a line.
    """

    document: Document
    year: int
    item: str
    addresses: str
    explanation: str


def demand_of(plan: Plan) -> Demand | None:
    """What the OIT that wants this year's results asks for; None for a year that is not known."""
    found = [one for one in DEMANDS.values() if one.year - one.report_years_back == plan.fiscal_year]
    return found[-1] if found else None


def places_of(plan: Plan) -> list[Place]:
    """The plan, which the OIT of its own year wants, and its results, which mostly the next one wants."""
    own, results = DEMANDS.get(plan.fiscal_year), demand_of(plan)
    wanted: dict[Document, tuple[int, str]] = {
        "plan": (plan.fiscal_year, own.measures_item if own else ""),
        "annual": (results.year, results.report_item) if results else (plan.fiscal_year + 1, ""),
    }
    rows = {row.document: row for row in db.session.scalars(_rows(plan))}
    return [
        Place(
            document,
            *wanted[document],
            rows[document].addresses if document in rows else "",
            rows[document].explanation if document in rows else "",
        )
        for document in DOCUMENTS
    ]


def demanded_of(plan: Plan) -> tuple[Demanded, ...]:
    """The OIT items that ask for the plan's documents, and where the office shows them."""
    return tuple(
        Demanded(one.document, one.year, one.item, tuple(one.addresses.splitlines()), one.explanation)
        for one in places_of(plan)
    )


def publish_at(plan: Plan, written: dict[Document, tuple[str, str]], *, now: datetime, by: Actor) -> None:
    """Write down the addresses and the explanation of each document; also after the year was closed.

    Faults are told by the fields `addresses_plan`, `explanation_plan` and so on.
    """
    if plan.state is PlanState.DRAFT:
        raise NotFound("ไม่พบข้อนี้")
    tidy = {name: tuple(_tidy(text) for text in texts) for name, texts in written.items()}
    faults = {}
    for name, texts in tidy.items():
        for field, text in zip(("addresses", "explanation"), texts, strict=True):
            fault = _fault(text, addresses=field == "addresses")
            if fault is not None:
                faults[f"{field}_{name}"] = fault
    if faults:
        raise FieldsRefused(faults)
    rows = {row.document: row for row in db.session.scalars(_rows(plan))}
    for name, (addresses, explanation) in tidy.items():
        row = rows.get(name)
        if row is None:
            row = Publicity(plan_id=plan.id, document=name, addresses="", explanation="", at=now)
            db.session.add(row)
        if (row.addresses, row.explanation) == (addresses, explanation):
            continue
        row.addresses, row.explanation, row.at, row.by_user_id = addresses, explanation, now, by.user_id
        db.session.flush()
        journal.record("publicity.written", "plan", plan.id, now=now, by=by, document=name)


def _rows(plan: Plan) -> Select[Publicity]:
    return select(Publicity).where(Publicity.plan_id == plan.id)


def _tidy(text: str) -> str:
    return "\n".join(filter(None, map(str.strip, text.splitlines())))


def _fault(text: str, *, addresses: bool) -> Message | None:
    if len(text) > LONGEST:
        return Message("ข้อความยาวเกิน %(limit)s ตัวอักษร", {"limit": LONGEST})
    if addresses and not all(map(_is_address, text.splitlines())):
        return Message("แต่ละบรรทัดต้องเป็น URL ที่ขึ้นต้นด้วย http:// หรือ https://")
    return None


def _is_address(line: str) -> bool:
    try:
        parts = urlsplit(line)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
