"""Whom the names of a document mean in an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracker.reading.decisions import Decisions
from tracker.reading.divisions import Responsible, division_of
from tracker.reading.values import ReadRow
from tracker.rules.thai import letters


class Names:
    """Whom the names of a document mean, by the register, by decisions and by divisions to be added."""

    def __init__(
        self,
        register: Mapping[str, str],
        coordinating: str | None,
        rows: Sequence[ReadRow],
        decisions: Decisions,
        create: bool,
    ) -> None:
        """`register` holds the divisions' names by the letters of each name and alias, in their order."""
        self._register = register
        self._coordinating = coordinating
        own = list(dict.fromkeys(register.values()))
        self._decided = {
            key: naming
            for key, naming in decisions.names.items()
            if naming.new or naming.division in {*own, ""}
        }
        parts = [one for row in rows for one in row.responsible]
        decided_new = [
            self._decided[letters(one.text)].division
            for one in parts
            if letters(one.text) in self._decided and self._decided[letters(one.text)].new
        ]
        missing = [name for one in parts for name in self.fresh(one)] if create else []
        self.new = tuple(
            dict.fromkeys(name for name in (*decided_new, *missing) if letters(name) not in self._register)
        )
        self._everyone = (*own, *self.new)

    def fresh(self, one: Responsible) -> list[str]:
        """The name under which a division could be added for it: none where it is known or no division's name."""
        name = one.division or division_of(one.text)
        return [name] if name and self._known(one) is None else []

    def of(self, row: ReadRow) -> tuple[list[str], list[Responsible]]:
        """The divisions of a row, and who could not be told."""
        if row.everyone:
            return list(self._everyone), []
        if row.whole_organisation and self._coordinating:
            return [self._coordinating], []
        found: list[str] = []
        unknown = []
        for one in row.responsible:
            naming = self._decided.get(letters(one.text))
            if naming is not None:
                named = self._register.get(letters(naming.division), naming.division)
                found += [named] if named else []
                continue
            name = self._known(one) or next((name for name in self.fresh(one) if name in self.new), None)
            if name is None:
                unknown.append(one)
            else:
                found.append(name)
        return found, unknown

    def _known(self, one: Responsible) -> str | None:
        return self._register.get(letters(one.division or one.text)) or self._register.get(letters(one.text))
