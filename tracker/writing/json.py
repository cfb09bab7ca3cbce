"""The JSON face of a report: the very bytes whose hash is printed and published."""

from __future__ import annotations

from tracker.rules.report import AnnualReport, to_json


def write(report: AnnualReport) -> bytes:
    """The canonical JSON in UTF-8; its sha-256 is `tracker.rules.report.sha256_of(report)`."""
    return to_json(report).encode()
