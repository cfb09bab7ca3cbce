"""The permission table that docs/security.md prints is the one that the product asks."""

from __future__ import annotations

from tracker.config import CHECKOUT
from tracker.rules.permissions import CONFIRMED, OWN_DIVISION_ONLY, PERMISSIONS, Deed, Role

BEGIN, END = "<!-- permissions -->\n", "<!-- /permissions -->"


def printed() -> str:
    """The table as Markdown: a line a deed, a column a role."""
    lines = ["| Deed | " + " | ".join(role.value for role in Role) + " |", "|---" * (len(Role) + 1) + "|"]
    lines += [f"| {deed.value} | " + " | ".join(mark(deed, role) for role in Role) + " |" for deed in Deed]
    return "\n".join(lines) + "\n"


def mark(deed: Deed, role: Role) -> str:
    if role not in PERMISSIONS[deed]:
        return " "
    if deed in OWN_DIVISION_ONLY and role in {Role.HEAD, Role.STAFF}:
        return "own division"
    return "yes, password again" if deed in CONFIRMED else "yes"


def test_the_printed_table_is_the_one_that_is_asked() -> None:
    text = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
    assert text.split(BEGIN)[1].split(END)[0] == printed(), printed()


def test_an_auditor_sees_all_that_is_shown_and_changes_nothing() -> None:
    granted = {deed for deed in Deed if Role.AUDITOR in PERMISSIONS[deed]}
    assert granted == {deed for deed in Deed if deed.value.startswith("see_")}
