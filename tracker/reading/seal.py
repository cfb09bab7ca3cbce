"""Makes of an uploaded picture the logo of an organisation: small, upright, nothing in it but what is seen."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from tracker.errors import Refused

MOST_BYTES = 2 * 1024 * 1024
LEAST_SIDE, LONGEST_SIDE = 64, 512
MOST_PIXELS = 30_000_000
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def seal(data: bytes) -> bytes:
    """The picture drawn anew as a PNG of at most 512 pixels a side; Refused with a sentence where it is none."""
    if len(data) > MOST_BYTES:
        raise Refused("แฟ้มตราใหญ่เกิน %(limit)s MB", limit=MOST_BYTES // 1024 // 1024)
    if not data.startswith(_SIGNATURES):
        raise Refused("ตราของหน่วยงานรับเฉพาะภาพ PNG หรือ JPG")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
                _check_size(opened)
                picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as broken:
        raise Refused("เปิดภาพนี้ไม่ได้ ลองเปิดภาพแล้วบันทึกใหม่เป็น PNG") from broken
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A picture of its own: what the opened one carried beside its points stays behind.
    bare = Image.new("RGBA", picture.size)
    bare.paste(picture)
    written = io.BytesIO()
    bare.save(written, "PNG", optimize=True)
    return written.getvalue()


def _check_size(picture: Image.Image) -> None:
    """Before it is unfolded: a small file may hold a very large picture."""
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused("ภาพใหญ่เกินไป ย่อให้ด้านยาวไม่เกิน 5,000 จุดก่อน")
    if min(picture.size) < LEAST_SIDE:
        raise Refused("ภาพเล็กเกินไป ด้านสั้นต้องไม่น้อยกว่า %(least)s จุด", least=LEAST_SIDE)
