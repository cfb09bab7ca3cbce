"""Gives closed reports to the public, takes them back, and packs them: nothing internal leaves the office."""

from tracker.actions.publishing.announcing import Edition, doubtful, editions, publish, withdraw
from tracker.actions.publishing.packing import (
    Package,
    ending_of,
    package_of,
    package_of_version,
    removed_scan,
    scan_of,
)
from tracker.actions.publishing.serving import Served, made_path, served, state_of, state_of_package
from tracker.actions.publishing.visible import Visible, visible

__all__ = [
    "Edition", "Package", "Served", "Visible", "doubtful", "editions", "ending_of", "made_path", "package_of",
    "package_of_version", "publish", "removed_scan", "scan_of", "served", "state_of", "state_of_package",
    "visible", "withdraw",
]  # fmt: skip
