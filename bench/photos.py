"""40 items with 200 photographs as PDF against bare typst with the same; the memory that 2,000 take."""

from __future__ import annotations

import hashlib
import io
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw

from bench.floor import measure
from bench.report import sample, tables
from tracker.rules.report import AnnualReport, Proof
from tracker.writing import apart, pdf, photos
from tracker.writing.photos import Picture

ITEMS, PHOTOGRAPHS, MANY = 40, 200, 2000
REPEAT = 3

BARE_TYPST = """
import sys, typst
from importlib.util import find_spec
from pathlib import Path
fonts = Path(find_spec("fontpkg_sarabun").origin).parent / "files"
folder = Path(sys.argv[1])
(folder / "bare.typ").write_text('''
#set page(paper: "a4", flipped: true, margin: 20mm)
#set text(font: "Sarabun", size: 9.5pt, lang: "th", features: (mark: 0, mkmk: 0))
#for rows in json("told.json").tables { table(columns: rows.first().len(), ..rows.flatten()) }
#grid(columns: 3, ..json("told.json").photos.map(name => image(name, width: 81mm, height: 56mm, fit: "contain")))
''')
sys.stdout.buffer.write(typst.compile(folder / "bare.typ", root=folder, font_paths=[str(fonts)],
    ignore_system_fonts=True))
"""


def photographs(number: int, folder: Path, size: tuple[int, int] = (2000, 1500)) -> dict[str, Path]:
    """Photographs of a telephone, all different, by the hash of their files."""
    ground = Image.effect_noise(size, 30).convert("RGB")
    made = {}
    for place in range(number):
        picture = ground.copy()
        ImageDraw.Draw(picture).rectangle(
            (0, 0, 400 + place % 700, 300), fill=(place % 256, place // 256, 90)
        )
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=75)
        digest = hashlib.sha256(written.getvalue()).hexdigest()
        made[digest] = folder / f"{digest}.original"
        made[digest].write_bytes(written.getvalue())
    return made


def illustrated(digests: list[str]) -> AnnualReport:
    """The report of 40 items with these photographs in its annex."""
    report = sample(ITEMS)
    proofs = tuple(
        Proof(str(place), f"ภาพกิจกรรมครั้งที่ {place}", f"{place}.jpg", "1 ม.ค. 2569", digest, True)
        for place, digest in enumerate(digests, 1)
    )
    return replace(report, annex=replace(report.annex, proofs=proofs, photos_heading="ภาพถ่าย"))


def bare_typst(report: AnnualReport, pictures: dict[str, Picture]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        for digest, picture in pictures.items():
            Path(folder, f"{digest}.jpg").write_bytes(picture.data)
        told = {"tables": tables(report), "photos": [f"{digest}.jpg" for digest in pictures]}
        Path(folder, "told.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        asked = [sys.executable, "-c", BARE_TYPST, folder]
        return subprocess.run(asked, capture_output=True, check=True).stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = photographs(PHOTOGRAPHS, folder)
        report, small = illustrated(list(files)), photos.shrink_all(files)
        measure(
            f"report of {ITEMS} items, {PHOTOGRAPHS} photographs",
            lambda: pdf.write(report, small),
            lambda: bare_typst(report, small),
            REPEAT,
        )
        files = photographs(MANY, folder, (1200, 900))
        target = folder / "many.pdf"
        for _ in apart.make(illustrated(list(files)).paper(), "pdf", "TH SarabunPSK", files, target):
            pass
        # Kilobytes of the largest process among those that are over.
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"{MANY} photographs: {target.stat().st_size / 1e6:.0f} MB of PDF, {most:.0f} MB of memory at most"
        )


if __name__ == "__main__":
    main()
