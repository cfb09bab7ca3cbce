"""The package for the office's own website: a .zip that needs nothing but a place to be unpacked."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tracker.rules.publication import Manifest, manifest_json
from tracker.rules.report import AnnualReport, to_json
from tracker.writing import html, pdf, photos
from tracker.writing.archive import ZIP_DAY
from tracker.writing.photos import Picture

SUMS = "SHA256SUMS"


def write(
    report: AnnualReport,
    manifest: Manifest,
    files: Mapping[str, Path],
    pictures: Mapping[str, Picture],
    scan: Path | None = None,
) -> bytes:
    """The package; the same value gives the same bytes. Raises NotTypeset as `pdf.write` does.

    Photographs are made anew, without what a camera writes into them; what cannot be opened is left out. The
    signed scan is the first file, as it was kept.
    """
    stem = f"annual-{manifest.fiscal_year}"
    target, sums = io.BytesIO(), []
    with zipfile.ZipFile(target, "w") as archive:

        def add(name: str, data: bytes) -> None:
            entry = zipfile.ZipInfo(name, ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, data)
            sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")

        if scan is not None and scan.is_file():
            add(manifest.signed, scan.read_bytes())
        add(f"{stem}.pdf", pdf.write(report, pictures))
        add(f"{stem}.html", html.write(report, pictures))
        add(f"{stem}.json", to_json(report).encode())
        add("manifest.json", manifest_json(manifest).encode())
        for name, path in files.items():
            data = _public(name, path)
            if data is not None:
                add(name, data)
        add(SUMS, "".join(sums).encode())
    return target.getvalue()


def _public(name: str, path: Path) -> bytes | None:
    if not path.is_file():
        return None
    data = path.read_bytes()
    if not name.endswith(".jpg"):
        return data
    picture = photos.shrink(data)
    return picture.data if picture else None
