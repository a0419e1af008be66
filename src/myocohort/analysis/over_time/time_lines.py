"""What happened to each patient, and when, in months since the start of treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from myocohort.analysis.outcome import exact_month
from myocohort.analysis.over_time.followed import Followed, why_missing
from myocohort.analysis.over_time.glucocorticoid import Dose, Span
from myocohort.analysis.over_time.glucocorticoid_doses import PatientDoses
from myocohort.analysis.section import Asked
from myocohort.outcomes import OUTCOMES
from myocohort.outcomes.course_events import EVENTS, Criteria
from myocohort.study.standard import MRC_SCORES
from myocohort.study.values import DAYS_PER_MONTH, PartialDate

SEEN = ("relapse", "remission")
"""Events of the course that are shown; the first of each."""


def time_lines(
    asked: Asked,
    people: Sequence[Followed],
    doses: Sequence[PatientDoses],
    criteria: Criteria | None,
) -> list[dict[str, Any]]:
    """Return a time line of each patient, by outcome and then the longest follow-up first.

    Returns
    -------
    list of dict
        `patients_over_time.patients` of results.json (docs/results.md).
    """
    treatments, scans = _treatments(asked, people), _scans(asked)
    ranked = sorted(range(len(people)), key=lambda place: _rank(people[place]))
    return [
        _line(
            people[place],
            doses[place],
            criteria,
            treatments.get(people[place].patient, []),
            scans.get(people[place].patient, []),
        )
        for place in ranked
    ]


def _rank(person: Followed) -> tuple[int, float]:
    outcome = OUTCOMES.index(person.outcome) if person.outcome in OUTCOMES else len(OUTCOMES)
    return outcome, -(person.end or 0.0)


def _line(
    person: Followed,
    doses: PatientDoses,
    criteria: Criteria | None,
    treatments: list[dict[str, Any]],
    scans: list[float],
) -> dict[str, Any]:
    events = []
    for name in SEEN if criteria else ():
        assert criteria is not None
        seen = EVENTS[name](person.course, criteria)
        if seen.happened:
            events.append({"event": name, "month": seen.month})
    return {
        "patient": person.patient,
        "arm": person.arm,
        "outcome": person.outcome,
        "onset": _onset(person),
        "end": person.end,
        "ended_by": "death" if person.died else _lost(person, criteria),
        "visits": [_visit(person, place) for place in range(len(person.course.visits))],
        "treatments": treatments,
        "events": events,
        "scans": scans,
        "dose": {"by_month": _dose(doses.by_month), "whole": _dose(doses.whole)},
    }


def _lost(person: Followed, criteria: Criteria | None) -> str:
    """Return "loss" for who was last seen before the window of the outcome, else "last visit"."""
    if criteria is not None and (person.end or 0.0) < criteria.window[0]:
        return "loss"
    return "last visit"


def _visit(person: Followed, place: int) -> dict[str, Any]:
    visit = person.course.visits[place]
    mrc, ck, limit = visit.weakest_mrc, visit.ck, visit.ck_uln
    return {
        "month": visit.month,
        "mrs": visit.mrs,
        "mrc": mrc,
        "mrc_score": None if mrc is None else MRC_SCORES[mrc],
        "mrc_missing": why_missing(person, place, "weakest_mrc") if mrc is None else "",
        "ck": ck,
        "ck_missing": why_missing(person, place, "ck") if ck is None else "",
        "limit": limit,
        "times_limit": None if ck is None or limit is None else ck / limit,
    }


def _onset(person: Followed) -> float | None:
    """Return the month of onset, of a partial date the middle of what it leaves open."""
    if person.start is None or not person.onset:
        return None
    day = Span.of(PartialDate.from_iso(person.onset)).middle
    return (day - person.start.toordinal()) / DAYS_PER_MONTH


def _treatments(asked: Asked, people: Sequence[Followed]) -> dict[str, list[dict[str, Any]]]:
    """Return the drugs of each patient whose start can be placed."""
    starts = {p.patient: p.start.toordinal() for p in people if p.start is not None}
    frame = asked.records.treatments
    found: dict[str, list[dict[str, Any]]] = {}
    columns = (frame[name] for name in ("patient", "drug", "name", "start", "stop"))
    for patient, drug, name, start, stop in zip(*columns, strict=True):
        first = starts.get(patient)
        if first is None or not isinstance(start, str) or not start:
            continue
        begun = PartialDate.from_iso(start)
        ended = PartialDate.from_iso(stop) if isinstance(stop, str) and stop else None
        found.setdefault(patient, []).append(
            {
                "drug": drug,
                "name": name if isinstance(name, str) else "",
                "from": (Span.of(begun).middle - first) / DAYS_PER_MONTH,
                "to": None
                if ended is None
                else (Span.of(ended, 1).middle - first) / DAYS_PER_MONTH,
                "partial": not begun.complete or (ended is not None and not ended.complete),
            }
        )
    for rows in found.values():
        rows.sort(key=lambda row: (row["from"], row["drug"], row["name"]))
    return found


def _scans(asked: Asked) -> dict[str, list[float]]:
    """Return the months of each patient's MRI scans."""
    columns = ["patient", "date", "month"]
    frame = asked.records.mri_readings[columns].drop_duplicates()
    patients = asked.records.patients
    starts = dict(zip(patients["patient"], patients["treatment_start"], strict=True))
    found: dict[str, set[float]] = {}
    for patient, date, month in zip(*(frame[name] for name in columns), strict=True):
        when = exact_month(date, starts.get(patient), float(month))
        if not pd.isna(when):
            found.setdefault(str(patient), set()).add(when)
    return {patient: sorted(months) for patient, months in found.items()}


def _dose(dose: Dose | str) -> dict[str, Any]:
    """Return a dose with its range, or why there is none."""
    if isinstance(dose, str):
        return {"dose": None, "low": None, "high": None, "days": None, "covered": None,
                "open_rows": None, "missing": dose}  # fmt: skip
    return {
        "dose": dose.middle, "low": dose.low, "high": dose.high, "days": dose.days,
        "covered": dose.covered, "open_rows": dose.open_rows, "missing": "",
    }  # fmt: skip


def placed(asked: Asked, people: Sequence[Followed]) -> Mapping[str, int]:
    """Count what cannot stand on a time line, because no date places it."""
    starts = {p.patient for p in people if p.start is not None}
    everyone = {p.patient for p in people}
    frame = asked.records.treatments
    frame = frame[frame["patient"].isin(everyone)]
    dated = [isinstance(start, str) and bool(start) for start in frame["start"]]
    standing = frame["patient"].isin(starts) & pd.Series(dated, index=frame.index, dtype=bool)
    return {
        "treatments": int((~standing).sum()),
        "biopsies": int(asked.records.biopsies["patient"].isin(everyone).sum()),
        "no_start": len(everyone) - len(starts),
    }
