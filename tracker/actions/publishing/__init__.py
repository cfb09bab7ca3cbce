"""Gives closed reports to the public, takes them back, and packs them: nothing internal leaves the office."""

from tracker.actions.publishing.announcing import Edition, doubtful, editions, publish, withdraw
from tracker.actions.publishing.packing import Package, package_of
from tracker.actions.publishing.serving import Served, package_served, served, state_of
from tracker.actions.publishing.visible import Visible, visible

__all__ = [
    "Edition", "Package", "Served", "Visible", "doubtful", "editions", "package_of", "package_served", "publish",
    "served", "state_of", "visible", "withdraw",
]  # fmt: skip
