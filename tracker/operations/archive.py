"""One backup is one zip: a database, the files beside it, and a manifest with the sha-256 of each."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from tracker.errors import Unreadable
from tracker.operations.chain import Head

FORMAT = 1
MANIFEST = "manifest.json"
DATA = "data"
NAMES = "tracker-backup-*.zip"
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: `files` are sha-256 by the name in the zip, `counts` rows by table."""

    made_at: str
    revision: str
    database: str
    counts: dict[str, int]
    heads: dict[int, Head]
    files: dict[str, str]


def kept(folder: Path) -> list[Path]:
    """The backups in a folder, oldest first."""
    return sorted(folder.glob(NAMES))


def name_of(now: datetime) -> str:
    return f"tracker-backup-{now:%Y%m%d-%H%M%S}.zip"


def write(
    target: Path,
    database: Path,
    data: list[tuple[str, Path]],
    *,
    now: datetime,
    revision: str,
    counts: dict[str, int],
    heads: dict[int, Head],
) -> Manifest:
    """Write the backup, flushed to the disk; `data` are files by their place in the data folder."""
    hashes: dict[str, str] = {}
    inside = f"database{database.suffix}"
    with (
        os.fdopen(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file,
        zipfile.ZipFile(file, "w") as zipped,
    ):
        hashes[inside] = _add(zipped, inside, database, zipfile.ZIP_DEFLATED)
        for place, path in data:
            name = f"{DATA}/{place}"
            # Evidence is compressed already.
            hashes[name] = _add(zipped, name, path, zipfile.ZIP_STORED)
        manifest = Manifest(now.isoformat(), revision, inside, counts, heads, hashes)
        zipped.writestr(MANIFEST, _as_json(manifest), zipfile.ZIP_DEFLATED)
        zipped.close()
        file.flush()
        os.fsync(file.fileno())
    return manifest


def manifest_of(file: Path) -> Manifest:
    """What a backup says that it holds; Unreadable where it is none."""
    with _opened(file) as zipped:
        return _manifest(zipped, file)


def unpack(file: Path, folder: Path) -> Manifest:
    """Write everything into an empty folder, each hash compared; Unreadable where anything is not as it was."""
    with _opened(file) as zipped:
        manifest = _manifest(zipped, file)
        if sorted(zipped.namelist()) != sorted([MANIFEST, *manifest.files]):
            raise Unreadable("สำเนาสำรอง %(name)s มีแฟ้มไม่ครบหรือเกินจากที่จดไว้", name=file.name)
        for name, digest in manifest.files.items():
            place = folder / _safe(name, file)
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with zipped.open(name) as source, place.open("xb") as target:
                    found = _copy(source, target)
                    os.fsync(target.fileno())
            except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError) as failure:
                raise _damaged(file, name) from failure
            if found != digest:
                raise _damaged(file, name)
    return manifest


def _damaged(file: Path, name: str) -> Unreadable:
    return Unreadable("สำเนาสำรอง %(name)s เสียหายที่ %(part)s โปรดใช้สำเนาอื่น", name=file.name, part=name)


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except FileNotFoundError as failure:
        raise Unreadable("ไม่พบแฟ้มสำเนาสำรอง %(name)s", name=str(file)) from failure
    except zipfile.BadZipFile as failure:
        raise Unreadable("%(name)s ไม่ใช่แฟ้มสำเนาสำรอง หรือเสียหาย", name=file.name) from failure


def _manifest(zipped: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        told: dict[str, Any] = json.loads(zipped.read(MANIFEST))
        if told.pop("format") != FORMAT:
            raise Unreadable("สำเนาสำรอง %(name)s ทำด้วยโปรแกรมรุ่นที่ใหม่กว่า", name=file.name)
        heads = {int(key): Head(*value) for key, value in told.pop("heads").items()}
        return Manifest(heads=heads, **told)
    except (KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as failure:
        raise Unreadable("%(name)s ไม่ใช่แฟ้มสำเนาสำรอง หรือเสียหาย", name=file.name) from failure


def _as_json(manifest: Manifest) -> str:
    heads = {str(key): [head.length, head.hash] for key, head in manifest.heads.items()}
    return json.dumps({"format": FORMAT, **vars(manifest), "heads": heads}, indent=1, sort_keys=True)


def _safe(name: str, file: Path) -> Path:
    """The name as a place below a folder; Unreadable for one that would lead out of it."""
    parts = PurePosixPath(name).parts
    if (
        not parts
        or name.startswith("/")
        or any(part in {"..", "."} or "\\" in part or ":" in part for part in parts)
    ):
        raise _damaged(file, name)
    return Path(*parts)


def _add(zipped: zipfile.ZipFile, name: str, path: Path, method: int) -> str:
    info = zipfile.ZipInfo(name)
    info.compress_type = method
    with path.open("rb") as source, zipped.open(info, "w", force_zip64=True) as target:
        return _copy(source, target)


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(source):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk
