"""The form of one group: claims by task, texts, evidence."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from tracker.access import key_of
from tracker.rules.claims import NONE, Claim

LONGEST = 20_000
LIMITS = dict.fromkeys(("result", "problems", "suggestions", "no_evidence"), LONGEST) | {
    "link": 2000,
    "caption": 500,
}
_CLAIMS = {claim.value for claim in Claim}


class GroupForm(FlaskForm):
    """Claims and steps are read by `claims` and `steps_done`, since their fields depend on the group."""

    result = TextAreaField(validators=[Length(max=LONGEST)])
    problems = TextAreaField(validators=[Length(max=LONGEST)])
    problems_answer = RadioField(choices=["none", "some"], validators=[Optional()], validate_choice=False)
    suggestions = TextAreaField(validators=[Length(max=LONGEST)])
    suggestions_answer = RadioField(choices=["none", "some"], validators=[Optional()], validate_choice=False)
    no_evidence = TextAreaField(validators=[Length(max=LONGEST)])
    link = StringField(validators=[Length(max=LIMITS["link"])])
    files = MultipleFileField()
    caption = StringField(validators=[Length(max=LIMITS["caption"])])
    about = StringField()
    public = BooleanField()

    def answer(self, name: str) -> str:
        """The text of "problems" or "suggestions": "ไม่มี" where that was tapped, blank where nothing was."""
        if self[f"{name}_answer"].data == "none":
            return NONE
        return str(self[name].data or "")

    def claims(self) -> dict[int, Claim]:
        """The claims by task id; names and words that do not belong here are left out."""
        return {
            key: Claim(value)
            for name, value in request.form.items()
            if name.startswith("claim-") and value in _CLAIMS
            for key in [key_of(name.removeprefix("claim-"))]
            if key is not None
        }

    def steps_done(self) -> frozenset[int]:
        return _keys("steps")

    def reused(self) -> frozenset[int]:
        """The ids of earlier evidence that is to prove this group too."""
        return _keys("reuse")

    def has_files(self) -> bool:
        return any(file.filename for file in request.files.getlist("files"))

    def values(self) -> dict[str, Any]:
        """What was typed, for showing the form again."""
        names = (
            "result",
            "problems",
            "problems_answer",
            "suggestions",
            "suggestions_answer",
            "no_evidence",
            "link",
            "caption",
            "about",
            "public",
        )
        return {name: self[name].data or "" for name in names} | {"reuse": self.reused()}


def _keys(name: str) -> frozenset[int]:
    return frozenset(key for key in map(key_of, request.form.getlist(name)) if key is not None)
