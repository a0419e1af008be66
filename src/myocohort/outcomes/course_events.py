"""When something happened in a patient's course: relapse, remission, death, loss.

Months count from the start of treatment. What was seen at a visit is dated at the visit at which
it was first found, a death at its date.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from myocohort.outcomes.course import Course, Visit

DEAD = 6
"""The mRS of a patient who died."""

UNDATED = 1.5
"""Months by which the planned month of a visit without a date may miss its real one."""

NO_FOLLOW_UP = "no visit after the start of treatment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a rule, with its parameters, calls a relapse, a remission and a loss.

    Parameters
    ----------
    relapse
        (earlier visits, visit) -> whether the visit shows a relapse; None where missing
        values leave it open.
    remission
        The same of one visit and a remission.
    month, window
        When the outcome is read, and the months in which a visit counts for it. Who is alive
        and has no visit from the first month of the window on is lost.
    relapse_in_words, remission_in_words
        The two as sentences.
    """

    relapse: Callable[[Sequence[Visit], Visit], bool | None]
    remission: Callable[[Visit], bool | None]
    month: float
    window: tuple[float, float]
    relapse_in_words: str
    remission_in_words: str


@dataclass(frozen=True, slots=True)
class Observation:
    """The time to one event of one patient.

    Parameters
    ----------
    patient
        The study's code of the patient.
    month
        Of the event or the end of observation; None where the patient is left out.
    happened
        Whether it was the event.
    left_out
        Why there is no time; empty where there is one.
    cause
        Of the end: the event's own name ("relapse", "death", "loss"), or "censored".
    open_at
        Months of visits at which missing values leave the event open.
    died
        Whether the patient died without the event.
    """

    patient: str
    month: float | None
    happened: bool = False
    left_out: str = ""
    cause: str = "censored"
    open_at: tuple[float, ...] = ()
    died: bool = False


def died_at(course: Course) -> tuple[float | None, str]:
    """Return the month of death, or None, and why a recorded death cannot be dated.

    The date of death counts; without one, the first visit with mRS 6. Of a partial date it is the
    middle of the days it may stand for, after the last visit alive and up to the first with
    mRS 6.
    """
    alive = [v for v in course.visits if v.mrs is not None and v.mrs != DEAD]
    dead = min((v.month for v in course.visits if v.mrs == DEAD), default=None)
    last = max((v.month for v in alive), default=-math.inf)
    if dead is not None and last > dead:
        return None, "mRS 6 at a visit, and a lower one at a later visit"
    if course.death is None:
        found = dead
    else:
        low, high = course.death
        if any(v.month - (0.0 if v.date else UNDATED) > high for v in alive):
            return None, "a date of death, and an mRS below 6 at a later visit"
        if dead is not None:
            high = min(high, dead)
        low = min(max(low, last), high)
        found = (low + high) / 2
        if not math.isfinite(found):
            found = dead
            if dead is None:
                return None, "a date of death that cannot be counted from the start of treatment"
    if found is not None and found < 0:
        return None, "a death before the start of treatment"
    return found, ""


def time_to_relapse(course: Course, criteria: Criteria) -> Observation:
    """Return the month of the first visit with a relapse, or of the last without one."""
    return _first_visit(
        course,
        "relapse",
        lambda earlier, visit: criteria.relapse(earlier, visit),
        lambda visit: visit.ck is not None or visit.weakest_mrc is not None,
    )


def time_to_remission(course: Course, criteria: Criteria) -> Observation:
    """Return the month of the first visit in remission, or of the last without one.

    Who was in remission at the last visit before treatment has no time to it.
    """
    before = [v for v in _in_order(course) if v.month <= 0 and _measured(v)]
    if before and criteria.remission(before[-1]):
        return Observation(course.patient, None, left_out="in remission before treatment began")
    return _first_visit(
        course,
        "remission",
        lambda _, visit: criteria.remission(visit),
        lambda visit: visit.mrs is not None or visit.weakest_mrc is not None,
    )


def time_to_death(course: Course, _: Criteria) -> Observation:
    """Return the month of death, or of the last visit."""
    month, problem = died_at(course)
    if problem:
        return Observation(course.patient, None, left_out=problem)
    if month is not None:
        return Observation(course.patient, month, happened=True, cause="death")
    seen = _last_seen(course)
    if seen is None:
        return Observation(course.patient, None, left_out=NO_FOLLOW_UP)
    return Observation(course.patient, seen)


def time_to_death_or_loss(course: Course, criteria: Criteria) -> Observation:
    """Return the month of death, of the last visit of a lost patient, or of the last visit.

    Who has no visit after the start of treatment is lost at month 0.
    """
    month, problem = died_at(course)
    if problem:
        return Observation(course.patient, None, left_out=problem)
    if month is not None:
        return Observation(course.patient, month, happened=True, cause="death")
    seen = _last_seen(course) or 0.0
    if seen < criteria.window[0]:
        return Observation(course.patient, seen, happened=True, cause="loss")
    return Observation(course.patient, seen)


EVENTS: dict[str, Callable[[Course, Criteria], Observation]] = {
    "relapse": time_to_relapse,
    "remission": time_to_remission,
    "death": time_to_death,
    "death_or_loss": time_to_death_or_loss,
}
"""Event, as a study file names it -> time to it."""


def mrs_near(course: Course, month: float, window: tuple[float, float]) -> tuple[int | None, str]:
    """Return the mRS at a planned month, or None and why it is missing.

    The visit nearest to the month within the window counts, of two equally near the later.
    Without one, a death up to the end of the window is mRS 6.

    Parameters
    ----------
    course
        One patient.
    month
        The planned month; at 0 the last visit up to the start of treatment counts.
    window
        First and last month in which a visit counts.
    """
    visits = _in_order(course)
    if month <= 0:
        before = [v for v in visits if v.month <= 0]
        chosen = before[-1] if before else None
    else:
        inside = [v for v in visits if window[0] <= v.month <= window[1] and v.month > 0]
        chosen = min(inside, key=lambda v: (round(abs(v.month - month), 9), -v.month), default=None)
    if chosen is not None and chosen.mrs is not None:
        return chosen.mrs, ""
    death, _ = died_at(course)
    if death is not None and month > 0 and death <= window[1]:
        return DEAD, ""
    return None, "no visit" if chosen is None else "mRS missing at the visit"


def _first_visit(
    course: Course,
    event: str,
    shows: Callable[[Sequence[Visit], Visit], bool | None],
    judged: Callable[[Visit], bool],
) -> Observation:
    """Look for the first visit after the start of treatment that shows an event."""
    death, problem = died_at(course)
    if problem:
        return Observation(course.patient, None, left_out=problem)
    visits = [v for v in _in_order(course) if v.mrs != DEAD]
    seen: float | None = None
    left_open: list[float] = []
    for place, visit in enumerate(visits):
        if visit.month <= 0 or not _measured(visit):
            continue
        found = shows(visits[:place], visit)
        if found:
            return Observation(
                course.patient, visit.month, happened=True, cause=event, open_at=tuple(left_open)
            )
        if found is None:
            left_open.append(visit.month)
        elif judged(visit):
            seen = visit.month
    if seen is None:
        why = NO_FOLLOW_UP
        if any(v.month > 0 and _measured(v) for v in visits):
            why += f" at which a {event} can be judged"
        elif death is not None:
            why = "died before any visit after the start of treatment"
        return Observation(course.patient, None, left_out=why, died=death is not None)
    return Observation(course.patient, seen, open_at=tuple(left_open), died=death is not None)


def _in_order(course: Course) -> list[Visit]:
    return sorted(course.visits, key=lambda visit: visit.month)


def _measured(visit: Visit) -> bool:
    """Whether anything was recorded at a visit; a planned visit without a value was missed."""
    return visit.mrs is not None or visit.weakest_mrc is not None or visit.ck is not None


def _last_seen(course: Course) -> float | None:
    return max((v.month for v in course.visits if v.month > 0 and _measured(v)), default=None)
