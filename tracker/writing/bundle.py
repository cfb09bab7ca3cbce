"""Tables of rows as one archive: all of them as JSON, and each for a spreadsheet."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence

from tracker.writing import csv
from tracker.writing.archive import ZIP_DAY


def write(tables: Mapping[str, Sequence[Mapping[str, object]]]) -> bytes:
    """person.json with every table, and TABLE.csv for each; the same rows give the same bytes."""
    files = {"person.json": json.dumps(tables, ensure_ascii=False, indent=1).encode()}
    for name, rows in tables.items():
        heads = list(dict.fromkeys(head for row in rows for head in row))
        cells = [[_cell(row.get(head)) for head in heads] for row in rows]
        files[f"{name}.csv"] = csv.write([heads, *cells])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, ZIP_DAY)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(entry, data)
    return target.getvalue()


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
