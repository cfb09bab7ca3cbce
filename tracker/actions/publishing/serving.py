"""What a published page shows: the frozen report without what is internal, and its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from tracker import storage
from tracker.actions.publishing.announcing import Edition
from tracker.actions.publishing.visible import Visible
from tracker.database import current_organisation_id, db
from tracker.models import Report
from tracker.rules.cells import Say
from tracker.rules.publication import Demanded, public_report
from tracker.rules.report import AnnualReport, from_json, to_json


@dataclass(frozen=True)
class Served:
    """A published version as the public sees it now; `data` is its JSON.

    `keys` has what each proof of the annex is known by, by its number."""

    report: AnnualReport
    visible: Visible
    keys: Mapping[str, str]
    data: bytes

    @property
    def shown(self) -> frozenset[str]:
        """The numbers of the proofs that may be opened."""
        return frozenset(number for number, key in self.keys.items() if key in self.visible.shown)


def state_of(edition: Edition, visible: Visible) -> str:
    """A name for what can be seen of a version, without reading it."""
    seen = (
        edition.sha256,
        edition.publication_id,
        edition.scan,
        sorted(visible.shown),
        sorted(visible.withdrawn),
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def served(edition: Edition, visible: Visible, say: Say = str) -> Served:
    frozen = db.session.scalars(select(Report.frozen).where(Report.id == edition.report_id)).one()
    report = from_json(frozen)
    shown = public_report(report, visible.public, say)
    return Served(
        shown,
        visible,
        {one.number: one.sha256 or one.file_name for one in report.annex.proofs},
        # Where nothing is hidden the very text that was frozen, whatever later programs would write.
        (frozen if shown == report else to_json(shown)).encode(),
    )


def state_of_package(state: str, demanded: tuple[Demanded, ...]) -> str:
    """As `state_of`, for the package: it also tells where the office shows its documents."""
    return hashlib.sha256(repr((state, demanded)).encode()).hexdigest()[:32]


def made_path(edition: Edition, state: str, ending: str) -> Path:
    """Where a file of the version lies that shows this state, or will lie."""
    return storage.published_path(current_organisation_id(), edition.report_id, state, ending)
