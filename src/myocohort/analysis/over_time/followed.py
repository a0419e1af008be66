"""The followed patients with all that a picture of their time needs: courses, start, end."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from myocohort.analysis.outcome import complete_date, exact_month
from myocohort.analysis.outcome import courses as courses_of
from myocohort.analysis.section import Asked
from myocohort.outcomes import OUTCOMES
from myocohort.outcomes.course import Course, Visit
from myocohort.outcomes.course_events import DEAD, Criteria, died_at, mrs_near
from myocohort.study.studyfile import Study
from myocohort.study.values import DAYS_PER_MONTH, NOT_RECORDED

MOST_REASONS = 12
"""Different reasons that are listed; rarer ones are counted together."""
NO_VISIT = "no visit"
DIED = "died"


@dataclass(frozen=True, slots=True)
class Followed:
    """One followed patient.

    Parameters
    ----------
    course
        The visits, by month.
    arm, outcome
        Codes.
    missing
        For each visit, in the order of the course: column -> why its value is missing. Empty
        where CK and strength were measured at all of them.
    start
        The day on which treatment began; None where it is not known to the day.
    onset
        As recorded, '' where it is not.
    end
        Months of follow-up: to death, otherwise to the last visit after the start of treatment
        at which anything was measured; None without either.
    end_day
        The same as an ordinal of the calendar; None where `start` or `end` is None.
    died
        Whether follow-up ended by death.
    """

    course: Course
    arm: str
    outcome: str
    missing: tuple[Mapping[str, str], ...]
    start: dt.date | None
    onset: str
    end: float | None
    end_day: float | None
    died: bool

    @property
    def patient(self) -> str:
        """The study's code of the patient."""
        return self.course.patient


@dataclass(frozen=True, slots=True)
class Members:
    """A group: all patients, an arm, or an outcome; `rows` are positions in the list of all."""

    by: str
    code: str
    label: str
    rows: tuple[int, ...]


def followed(asked: Asked) -> list[Followed]:
    """Return the followed patients in the order of the registry, also those without a visit."""
    people = {
        str(row["patient"]): row for row in asked.records.patients.to_dict("records")
    }  # a row has the columns of the registry
    outcomes = {decision.patient: decision.outcome for decision in asked.decisions}
    courses = courses_of(asked.plan, asked.records)
    reasons = _reasons(asked, {course.patient for course in courses if _has_gaps(course)})
    found = []
    for course in courses:
        person = people[course.patient]
        start, death = complete_date(person["treatment_start"]), complete_date(person["death"])
        end, day, dead = _end(course, start, death)
        missing = tuple(why for _, why in sorted(reasons.get(course.patient, ()), key=_month))
        onset = person["onset"] if isinstance(person["onset"], str) else ""
        found.append(
            Followed(
                course, str(person["arm"]), outcomes.get(course.patient, ""), missing, start,
                onset, end, day, dead,
            )
        )  # fmt: skip
    return found


def _month(of: tuple[float, Mapping[str, str]]) -> float:
    return of[0]


def _has_gaps(course: Course) -> bool:
    return any(visit.ck is None or visit.weakest_mrc is None for visit in course.visits)


def _reasons(asked: Asked, wanted: set[str]) -> dict[str, list[tuple[float, Mapping[str, str]]]]:
    """Return month and reasons of each visit, by patient, in the order of the registry."""
    patients, visits = asked.records.patients, asked.records.visits
    visits = visits[visits["patient"].isin(wanted)]
    starts = dict(zip(patients["patient"], patients["treatment_start"], strict=True))
    found: dict[str, list[tuple[float, Mapping[str, str]]]] = {}
    columns = (visits[name] for name in ("patient", "date", "month", "missing"))
    for patient, date, month, missing in zip(*columns, strict=True):
        when = exact_month(date, starts.get(patient), float(month))
        found.setdefault(str(patient), []).append((when, missing or {}))
    return found


def _end(
    course: Course, start: dt.date | None, death: dt.date | None
) -> tuple[float | None, float | None, bool]:
    """Return month and day of the end of follow-up, and whether it is death."""
    first = None if start is None else start.toordinal()
    month, _ = died_at(course)
    if month is not None:
        if first is None:
            return month, None, True
        at = (complete_date(visit.date) for visit in course.visits if visit.month == month)
        day = death or next(at, None)
        return month, float(day.toordinal()) if day else first + month * DAYS_PER_MONTH, True
    seen = [v for v in course.visits if v.month > 0 and _measured(v)]
    if not seen:
        return None, None, False
    last = max(seen, key=lambda visit: visit.month)
    if first is None:
        return last.month, None, False
    day = complete_date(last.date)
    return last.month, float(day.toordinal()) if day else first + last.month * DAYS_PER_MONTH, False


def _measured(visit: Visit) -> bool:
    return visit.mrs is not None or visit.weakest_mrc is not None or visit.ck is not None


def groups_of(asked: Asked, people: Sequence[Followed]) -> list[Members]:
    """Return all patients, then the arms where there are several, then the outcomes."""
    found = [Members("all", "all", "All patients", tuple(range(len(people))))]
    arms = [code for code, arm in asked.plan.study.arms.items() if arm.role == "patients"]
    kinds = [("arm", code) for code in arms] if len(arms) > 1 else []
    kinds += [("outcome", outcome) for outcome in OUTCOMES]
    rows: dict[tuple[str, str], list[int]] = {}
    for place, person in enumerate(people):
        rows.setdefault(("arm", person.arm), []).append(place)
        rows.setdefault(("outcome", person.outcome), []).append(place)
    for by, code in kinds:
        if by == "arm" or (by, code) in rows:
            members = tuple(rows.get((by, code), ()))
            found.append(Members(by, code, asked.labels[code], members))
    return found


def planned_windows(study: Study, criteria: Criteria | None) -> dict[int, tuple[float, float]]:
    """Return each planned month with its window, which the rule has for its own month."""
    windows = {}
    for month in study.schedule.months:
        window = (float(month - study.schedule.within), float(month + study.schedule.within))
        windows[month] = criteria.window if criteria and month == criteria.month else window
    return windows


class Nearest:
    """The visits of one patient at planned months, chosen as those of the mRS are."""

    def __init__(self, person: Followed) -> None:
        # Each visit has its place in the mRS's stead, so that `mrs_near` says which it takes.
        self._course = Course(
            person.patient,
            tuple(
                replace(visit, mrs=DEAD + 1 + place)
                for place, visit in enumerate(person.course.visits)
            ),
        )
        self._died = person.end if person.died else None

    def place(self, month: float, window: tuple[float, float]) -> int | None:
        """Return the place of the visit at a planned month in the course, or None."""
        found, _ = mrs_near(self._course, month, window)
        return None if found is None else found - DEAD - 1

    def absent(self, month: float, window: tuple[float, float]) -> str:
        """Return why there is no visit at a planned month."""
        dead = self._died is not None and month > 0 and self._died <= window[1]
        return DIED if dead else NO_VISIT


def why_missing(person: Followed, place: int, column: str) -> str:
    """Return why a value is missing at a visit."""
    if person.course.visits[place].mrs == DEAD:
        return DIED
    reason = person.missing[place].get(column) if place < len(person.missing) else None
    return reason or NOT_RECORDED


def count_reasons(reasons: Iterable[str]) -> dict[str, int]:
    """Count reasons, the most common first; the rarest of very many are put together."""
    ranked = sorted(Counter(reasons).items(), key=lambda item: (-item[1], item[0]))
    kept = dict(ranked if len(ranked) <= MOST_REASONS else ranked[: MOST_REASONS - 1])
    rest = sum(n for _, n in ranked[len(kept) :])
    return {**kept, "other reasons": rest} if rest else kept
