"""Change of the modified Rankin Scale (mRS) between two visits, with death reported apart.

The scale is ordinal: the difference counts grades, and its sign is what can be relied on. A
patient who died has mRS 6 on the usual extended scale. That is not one grade worse than 5 here:
such a patient has no difference and a category of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pydantic import BaseModel, ConfigDict, Field

from myocohort.errors import InputError, Problem
from myocohort.outcomes.score import Item, Score, ScoreRule

WORST = 5
DEAD = 6
CATEGORIES = ("died", "worse", "unchanged", "better")


class Parameters(BaseModel):
    """The open points of the change.

    Parameters
    ----------
    grades
        The change is better or worse from this many grades on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    grades: int = Field(default=1, ge=1, le=5)


@dataclass(frozen=True, slots=True)
class TwoGrades:
    """The mRS of one patient at two visits; None is missing.

    Parameters
    ----------
    patient
        The study's code of the patient.
    before
        At baseline, 0 to 5.
    after
        Later, 0 to 5, or 6 where the patient has died.
    """

    patient: str
    before: int | None
    after: int | None


def score(grades: TwoGrades, parameters: Parameters) -> Score:
    """Return the change of mRS of one patient, in grades towards improvement.

    Parameters
    ----------
    grades
        mRS before and after.
    parameters
        From how many grades on a change counts.

    Returns
    -------
    Score
        Before minus after, -5 to 5: above 0 is better. None where the patient died. Where the
        later mRS is missing, the range is that of a survivor, and death stays possible.

    Raises
    ------
    InputError
        When a grade is not a whole number of its range.
    """
    problems = [
        Problem(
            rule=f"mRS at {visit} is a whole number from 0 to {top}",
            value=str(value),
            next_step=step,
            column=column,
        )
        for visit, column, value, top, step in (
            ("baseline", "before", grades.before, WORST, "A patient is alive at baseline"),
            ("follow-up", "after", grades.after, DEAD, "Write 6 where the patient has died"),
        )
        if value is not None
        and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= top)
    ]
    if problems:
        raise InputError(problems)

    evidence = " and ".join(
        f"mRS {'missing' if value is None else value} at {visit}"
        for visit, value in (("baseline", grades.before), ("follow-up", grades.after))
    )
    absent = [
        visit
        for visit, value in (("baseline", grades.before), ("follow-up", grades.after))
        if value is None
    ]
    missing = f"mRS at {' and '.join(absent)}" if absent else ""
    if grades.after == DEAD:
        return _made(grades.patient, None, None, CATEGORIES[:1], f"died ({evidence})", ())

    start = (0, WORST) if grades.before is None else (grades.before, grades.before)
    end = (0, WORST) if grades.after is None else (grades.after, grades.after)
    low, high = start[0] - end[1], start[1] - end[0]
    reached = {_category(change, parameters) for change in range(low, high + 1)}
    if grades.after is None:
        reached.add("died")
    categories = tuple(each for each in CATEGORIES if each in reached)
    item = Item("mrs", "mRS", Fraction(low), Fraction(high), evidence, missing)
    if missing:
        change = f"a change of {low:+d} to {high:+d}" if low != high else f"a change of {low:+d}"
        survivor = " in a survivor" if grades.after is None else ""
        *others, last = categories
        listed = f"{', '.join(others)} or {last}" if others else last
        statement = f"{listed} ({change}{survivor}; missing: {missing})"
    else:
        statement = f"{categories[0]} (mRS {grades.before}, then {grades.after}: {low:+d})"
    return _made(grades.patient, Fraction(low), Fraction(high), categories, statement, (item,))


def _category(change: int, p: Parameters) -> str:
    if abs(change) < p.grades:
        return "unchanged"
    return "better" if change > 0 else "worse"


def _made(
    patient: str,
    low: Fraction | None,
    high: Fraction | None,
    categories: tuple[str, ...],
    statement: str,
    items: tuple[Item, ...],
) -> Score:
    return Score(
        name="mrs_change",
        version=VERSION,
        patient=patient,
        low=low,
        high=high,
        categories=categories,
        statement=statement,
        items=items,
        reference=REFERENCE,
    )


def definition(p: Parameters) -> list[str]:
    """Return the change in sentences, as it is run."""
    grades = "one grade" if p.grades == 1 else f"{p.grades} grades"
    return [
        f"The mRS (0 to 5) was better or worse at follow-up where it had changed by {grades} or "
        "more from baseline.",
        "Patients who had died (mRS 6) are reported apart and have no change. A missing mRS was "
        "not taken as unchanged.",
    ]


VERSION = "mRS 0-5, 6 dead"
REFERENCE = (
    "Zhao Y, et al. Orphanet J Rare Dis 2020, Methods: clinical follow-up and efficacy evaluation "
    "(the scale, 0 to 5). doi:10.1186/s13023-020-01431-7"
)

MRS_CHANGE = ScoreRule(
    label="Change of mRS",
    version=VERSION,
    categories=CATEGORIES,
    inputs=TwoGrades,
    parameters=Parameters,
    score=score,
    definition=definition,
    reference=REFERENCE,
)
