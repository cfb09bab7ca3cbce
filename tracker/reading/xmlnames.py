"""Names in Word's XML without their namespaces, which differ between its two dialects."""

from __future__ import annotations

from xml.etree.ElementTree import Element


def local(element: Element) -> str:
    """The element's name without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(parent: Element, name: str) -> Element | None:
    """The first child of that name."""
    return next((element for element in parent if local(element) == name), None)


def attribute(element: Element, name: str) -> str | None:
    """The attribute of that name in any namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
