"""MMT8: the sum of eight muscle groups, with its denominator.

Neck flexors, deltoid, biceps, wrist extensors, gluteus maximus, gluteus medius, quadriceps and
ankle dorsiflexors, each graded 0 to 10 (IMACS form 04). On one side the sum is out of 80. On
both sides it is out of 150: the neck flexors are axial and count once, the other seven twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from myocohort.errors import InputError, Problem
from myocohort.outcomes.core_set import Measured
from myocohort.outcomes.score import Item, Score, ScoreRule, exact, in_words, total

AXIAL = "neck flexors"
MUSCLES = (
    AXIAL, "deltoid", "biceps", "wrist extensors", "gluteus maximus", "gluteus medius",
    "quadriceps", "ankle dorsiflexors",
)  # fmt: skip
"""The eight muscle groups (IMACS form 04)."""

SIDES = ("right", "left")
TRACE = "T"
HIGHEST = 10

KENDALL_TO_MRC = {
    "0": "0", TRACE: "1", "1": "2-", "2": "2", "3": "2+", "4": "3-", "5": "3",
    "6": "3+", "7": "4-", "8": "4", "9": "4+", "10": "5",
}  # fmt: skip
"""Kendall 0-10 -> MRC code (IMACS form 04). Both are ordinal: the grade as given is kept."""


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade of one muscle group.

    Parameters
    ----------
    muscle
        One of `MUSCLES`.
    side
        "right" or "left"; None for the neck flexors, which are axial.
    kendall
        As it was given, on the Kendall scale: "0" to "10", or "T" for a trace; None where it
        is missing.
    """

    muscle: str
    side: str | None
    kendall: str | None

    @property
    def mrc(self) -> str | None:
        """The MRC code of the grade, beside the original."""
        return None if self.kendall is None else KENDALL_TO_MRC[self.kendall]

    def __str__(self) -> str:
        where = f"{self.side} " if self.side else ""
        given = "missing" if self.kendall is None else f"{self.kendall} (MRC {self.mrc})"
        return f"{where}{self.muscle} {given}"


@dataclass(frozen=True, slots=True)
class Muscles:
    """The muscle groups of one visit.

    Parameters
    ----------
    patient
        The study's code of the patient.
    grades
        Those that were graded; a muscle group that is not here is missing.
    """

    patient: str
    grades: tuple[Grade, ...]


class Parameters(BaseModel):
    """The open points of the sum.

    Parameters
    ----------
    sides
        `both`: out of 150. `one`: out of 80, the preferred side.
    preferred_side
        Of a sum of one side; a muscle group without a grade there counts on the other side
        (form 04: generally the right, the left where the right cannot be tested).
    trace_points
        What a trace adds to the sum. The form gives T no number: unless it is set here, a
        trace lies between 0 and 1, and the sum has a range.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    sides: Literal["one", "both"] = "both"
    preferred_side: Literal["right", "left"] = "right"
    trace_points: Annotated[Decimal, Field(ge=0, le=1)] | None = None


def score(muscles: Muscles, parameters: Parameters) -> Score:
    """Sum the grades of one visit.

    Parameters
    ----------
    muscles
        The muscle groups with their grades.
    parameters
        One side or both, and what a trace adds.

    Returns
    -------
    Score
        Out of 80 or 150. A muscle group that is missing counts from 0 to 10.

    Raises
    ------
    InputError
        With every muscle, side or grade that the form does not know, or that is given twice.
    """
    _refuse_impossible(muscles)
    given = {(grade.muscle, grade.side): grade for grade in muscles.grades}
    first = parameters.preferred_side
    order = (first, *(side for side in SIDES if side != first))
    items = []
    for muscle in MUSCLES:
        graded = [given.get((muscle, side)) for side in order]
        if muscle == AXIAL:
            items.append(_item(muscle, None, given.get((muscle, None)), parameters))
        elif parameters.sides == "both":
            items += [
                _item(muscle, side, grade, parameters)
                for side, grade in zip(order, graded, strict=True)
            ]
        else:
            known = [grade for grade in graded if grade is not None and grade.kendall is not None]
            used = known[0] if known else None
            items.append(_item(muscle, used.side if used else "either", used, parameters))
    low, high = total(items)
    out_of = Fraction(HIGHEST * len(items))
    missing = ", ".join(item.missing for item in items if item.missing)
    return Score(
        name="mmt8",
        version=VERSION,
        patient=muscles.patient,
        low=low,
        high=high,
        out_of=out_of,
        categories=(),
        statement=in_words(low, high, out_of, (), missing),
        items=tuple(items),
        reference=REFERENCE,
    )


def measured(score: Score) -> Measured | None:
    """Return a complete MMT8 with its denominator, for the core set; None where it has a range."""
    if score.value is None or score.out_of is None:
        return None
    return Measured(score.value, score.out_of)


def _item(muscle: str, side: str | None, grade: Grade | None, p: Parameters) -> Item:
    label = f"{side} {muscle}" if side in SIDES else muscle
    name = label.replace(" ", "_")
    if grade is None or grade.kendall is None:
        missing = f"{muscle} on {side} side" if side == "either" else label
        return Item(name, label, Fraction(0), Fraction(HIGHEST), "missing", missing)
    if grade.kendall == TRACE:
        set_points = None if p.trace_points is None else exact(p.trace_points)
        low, high = (Fraction(0), Fraction(1)) if set_points is None else (set_points, set_points)
        missing = f"the points of a trace ({label})" if low != high else ""
        return Item(name, label, low, high, str(grade), missing)
    points = Fraction(grade.kendall)
    return Item(name, label, points, points, str(grade))


def _refuse_impossible(muscles: Muscles) -> None:
    problems: list[Problem] = []
    for grade in muscles.grades:
        if grade.muscle not in MUSCLES:
            rule = f"a muscle group of the MMT8 is one of {', '.join(MUSCLES)}"
            problems.append(
                Problem(rule, grade.muscle, "Leave other muscles out of the MMT8", column="muscle")
            )
            continue
        if grade.muscle == AXIAL and grade.side is not None:
            rule = "the neck flexors are axial and have no side"
            problems.append(
                Problem(rule, str(grade.side), "Give one grade without a side", column=AXIAL)
            )
        if grade.muscle != AXIAL and grade.side not in SIDES:
            rule = f"the side of the {grade.muscle} is right or left"
            problems.append(
                Problem(rule, str(grade.side or ""), "Give the side", column=grade.muscle)
            )
        if grade.kendall is not None and grade.kendall not in KENDALL_TO_MRC:
            rule = f"the grade of the {grade.muscle} is 0 to 10 or T on the Kendall scale"
            step = "Give the grade as a whole number; MRC codes such as 4- are another scale"
            problems.append(Problem(rule, str(grade.kendall), step, column=grade.muscle))
    places = Counter((grade.muscle, grade.side) for grade in muscles.grades)
    problems += [
        Problem(
            rule="a muscle group is graded once per side and visit",
            value=f"{muscle} {side or ''}".strip() + f", {times} times",
            next_step="Keep the grade that counts",
            column=muscle,
        )
        for (muscle, side), times in places.items()
        if times > 1
    ]
    if problems:
        raise InputError(problems)


def definition(p: Parameters) -> list[str]:
    """Return the sum in sentences, as it is run."""
    sides = {
        "both": "on both sides, the neck flexors once (0 to 150)",
        "one": f"on the {p.preferred_side} side, or on the other where that one had no grade "
        "(0 to 80)",
    }[p.sides]
    trace = (
        "A trace (T) has no number on the form and counted as 0 to 1."
        if p.trace_points is None
        else f"A trace (T) counted as {p.trace_points}."
    )
    return [
        f"Strength was the MMT8: {', '.join(MUSCLES)}, graded 0 to 10 after Kendall {sides}; "
        "higher is stronger (IMACS form 04).",
        f"{trace} A muscle group without a grade was not taken as 0: the sum is given with the "
        "lowest and the highest value that it can have.",
    ]


VERSION = "IMACS form 04"
REFERENCE = (
    "IMACS form 04, Manual muscle testing: scoring sheet and procedures; out of 150 as in Oddis "
    "CV, et al. Arthritis Rheum 2013;65:314-324. doi:10.1002/art.37754"
)

MMT8 = ScoreRule(
    label="MMT8",
    version=VERSION,
    categories=(),
    inputs=Muscles,
    parameters=Parameters,
    score=score,
    definition=definition,
    reference=REFERENCE,
)
