"""How groups of patients are told apart in a figure: colour and shape, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from myocohort.report.drawing import EXACT, FIRTH, GREY, INK, ML

_OUTCOMES = ("non_refractory", "refractory", "lost", "discordant", "unclassifiable", "died")


@dataclass(frozen=True, slots=True)
class Mark:
    """The colour and the shape of a group's points; `filled` tells further groups apart."""

    colour: str
    shape: str
    filled: bool = True


_MARKS = (Mark(ML, "o"), Mark(FIRTH, "D"), Mark(EXACT, "s"), Mark(INK, "^"))
UNGROUPED = Mark(GREY, "X")
"""Patients who are in none of the groups."""


def mark_of(place: int) -> Mark:
    """Return the mark of the group at a place, from 0; after four they come open, then again."""
    turn, place = divmod(place, len(_MARKS))
    mark = _MARKS[place]
    return Mark(mark.colour, mark.shape, filled=turn % 2 == 0)


def mark_of_group(code: str | None, place: int) -> Mark:
    """Return the mark of a group: an outcome's is the same in all figures, whatever its place."""
    return mark_of(_OUTCOMES.index(code) if code in _OUTCOMES else place)
