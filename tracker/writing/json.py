"""The JSON face of a document: the very bytes whose hash is printed and published."""

from __future__ import annotations

from tracker.rules.frozen import Frozen, to_json


def write(value: Frozen) -> bytes:
    """The canonical JSON in UTF-8; its sha-256 is `tracker.rules.frozen.sha256_of(value)`."""
    return to_json(value).encode()
