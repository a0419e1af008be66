"""What must hold within one row, and between a row and its patient's course."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from myocohort.errors import Problem
from myocohort.registry.imports.validate import Row
from myocohort.study.standard import MRC_SCORES, STRENGTH_PREFIX
from myocohort.study.values import PartialDate, calendar_months

MONTHS_APART = 3.0
"""How far a month as given may lie from the one of its date; planned visits shift."""


@dataclass(slots=True)
class Course:
    """The dates of a patient that other rows are held against."""

    onset: PartialDate | None = None
    treatment_start: PartialDate | None = None
    death: PartialDate | None = None


def month_of(date: PartialDate | None, given: float | None, course: Course) -> float | None:
    """Return the month since the start of treatment: as given, else by the calendar."""
    if given is not None:
        return given
    start = course.treatment_start
    if date is None or start is None or not (date.complete and start.complete):
        return None
    return calendar_months(start.earliest, date.earliest)


def date_problems(
    date: PartialDate | None, given: float | None, course: Course
) -> list[tuple[str, str]]:
    """Return rule and detail of what is certainly wrong; a partial date gets its benefit."""
    if date is None:
        return _month_after_death(given, course)
    problems = []
    if course.onset is not None and date.latest < course.onset.earliest:
        problems.append(
            ("a date is not before the onset", f"onset is {course.onset}; correct one of the two")
        )
    if course.death is not None and date.earliest > course.death.latest:
        problems.append(
            ("a date is not after death", f"death is {course.death}; correct one of the two")
        )
    start = course.treatment_start
    if given is not None and start is not None:
        low = calendar_months(start.latest, date.earliest)
        high = calendar_months(start.earliest, date.latest)
        if given < low - MONTHS_APART or given > high + MONTHS_APART:
            span = f"{low:.1f}" if low == high else f"{low:.1f} to {high:.1f}"
            problems.append(
                (
                    f"a month is within {MONTHS_APART:g} of the month of its date",
                    f"month {given:g} is given, but {date} is month {span} after the start of "
                    f"treatment, {start}; correct one of them",
                )
            )
    return problems


def _month_after_death(given: float | None, course: Course) -> list[tuple[str, str]]:
    """Hold a month without a date against the death; half a month is left for rounding."""
    start, death = course.treatment_start, course.death
    if given is None or start is None or death is None:
        return []
    last = calendar_months(start.earliest, death.latest)
    if given <= last + 0.5:
        return []
    return [("a month is not after death", f"death is {death}, month {last:.1f}; correct one")]


def no_rule(row: Row, course: Course) -> list[Problem]:
    """Find nothing: most tables have no rule within a row."""
    return []


def _patients(row: Row, course: Course) -> list[Problem]:
    death, onset, start = course.death, course.onset, course.treatment_start
    problems = []
    if onset is not None and start is not None and onset.earliest > start.latest:
        problems.append(
            row.problem(
                "onset is not after the start of treatment",
                column="onset",
                value=row.shown("onset"),
                next_step="Correct one of the two dates",
            )
        )
    return problems + [
        row.problem(
            f"{name.replace('_', ' ')} is not after death",
            column=name,
            value=row.shown(name),
            next_step="Correct one of the two dates",
        )
        for name in ("onset", "treatment_start")
        if death is not None
        and (date := getattr(course, name)) is not None
        and date.earliest > death.latest
    ]


def _visits(row: Row, course: Course) -> list[Problem]:
    """Hold the weakest group as given against the groups."""
    weakest = row.text("weakest_mrc")
    measured = {group: value.text for group, value in row.strengths.items() if value.text}
    if not weakest or not measured:
        return []
    group, code = min(measured.items(), key=lambda item: MRC_SCORES[item[1]])
    complete = len(measured) == len(row.strengths) and not any(
        name.startswith(STRENGTH_PREFIX) for name in row.bad
    )
    score = MRC_SCORES[weakest]
    if score == MRC_SCORES[code] or (score < MRC_SCORES[code] and not complete):
        return []
    return [
        row.problem(
            "the weakest muscle group (MRC) is the lowest of the mrc_ columns",
            column="weakest_mrc",
            value=weakest,
            next_step=f"{row.matched.header(STRENGTH_PREFIX + group)} is {code}: correct one of "
            "the two, or leave weakest_mrc empty and it is taken from the groups",
        )
    ]


def _treatments(row: Row, course: Course) -> list[Problem]:
    problems = []
    start, stop = row.date_in("start"), row.date_in("stop")
    if start is not None and stop is not None and stop.latest < start.earliest:
        problems.append(
            row.problem("a treatment does not stop before it starts", column="stop",
                        value=row.shown("stop"),
                        next_step=f"It starts on {row.shown('start')}: correct one of the two")
        )  # fmt: skip
    if start is not None and course.death is not None and start.earliest > course.death.latest:
        problems.append(
            row.problem("a date is not after death", column="start", value=row.shown("start"),
                        next_step=f"Death is {course.death}: correct one of the two")
        )  # fmt: skip
    return problems


def _biopsies(row: Row, course: Course) -> list[Problem]:
    if row.text("stained") != "no" or not row.text("present"):
        return []
    return [
        row.problem(
            "a finding is present or absent only where its stain was done",
            column="present",
            value=row.shown("present"),
            next_step="stained is no: leave present empty, or correct stained",
        )
    ]


ROW_RULES: dict[str, Callable[[Row, Course], list[Problem]]] = {
    "patients": _patients,
    "visits": _visits,
    "treatments": _treatments,
    "biopsies": _biopsies,
}
"""Table -> what must hold within a row of it."""


def future_dates(row: Row) -> list[Problem]:
    """Dates of what has happened are not in the future; the planned stop of a drug may be."""
    today = dt.date.today()
    return [
        row.problem(
            "a date is not in the future",
            column=name,
            value=row.shown(name),
            next_step="Correct it",
        )
        for name, value in row.cells.items()
        if value.date is not None and value.date.earliest > today and name != "stop"
    ]
