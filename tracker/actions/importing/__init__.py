"""Makes a draft plan of a document that was read, and stores it."""

from tracker.actions.importing.storing import save, save_scores
from tracker.actions.importing.understanding import (
    Accepted,
    Draft,
    DraftItem,
    Question,
    Undecided,
    known_names,
    problems_of,
    results_sentence,
    understand,
    year_taken,
)

__all__ = [
    "Accepted",
    "Draft",
    "DraftItem",
    "Question",
    "Undecided",
    "known_names",
    "problems_of",
    "results_sentence",
    "save",
    "save_scores",
    "understand",
    "year_taken",
]
