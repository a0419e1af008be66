"""Times to relapse, remission, death and loss: curves, log-rank test and Cox's regression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from myocohort.analysis.modelling import term_label, term_values
from myocohort.errors import StatisticsError
from myocohort.outcomes.course import Course
from myocohort.outcomes.course_events import EVENTS, Criteria, Observation
from myocohort.stats.cox import fit_cox
from myocohort.stats.kaplan_meier import Curve, kaplan_meier
from myocohort.stats.log_rank import log_rank
from myocohort.stats.result import jsonable
from myocohort.study.studyfile import Study, TimeToEvent
from myocohort.study.variable import Variable

LABELS = {
    "relapse": "relapse",
    "remission": "remission",
    "death": "death",
    "death_or_loss": "death or loss to follow-up",
}
FIRST_MONTHS = (0, 3, 6, 12)
"""Months at which numbers at risk are given; after these every twelfth, or fewer if long."""
MOST_MONTHS = 12

WITHOUT_GROUPS = {
    "relapse": "a relapse makes a patient refractory, so that the groups are formed by the event",
    "remission": "the outcome is read from mRS and strength, of which a remission is made, so "
    "that the groups are formed by the event",
    "death": "the outcome is read at month {month:g}: who is in one of its groups has lived, or "
    "has died, by a rule of those groups",
    "death_or_loss": "the lost and the dead are outcomes themselves, so that the groups are "
    "formed by the event",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Patients that are compared with others: all of them have `mask`."""

    code: str
    label: str
    mask: np.ndarray[Any, np.dtype[np.bool_]]


def default_questions(study: Study) -> tuple[TimeToEvent, ...]:
    """Return what is asked where the study file asks nothing: each event, by arm if several."""
    arms = [arm for arm in study.arms.values() if arm.role == "patients"]
    by = "arm" if len(arms) > 1 else ""
    return tuple(TimeToEvent.model_validate({"event": event, "by": by}) for event in EVENTS)


def time_to_event(
    asked: TimeToEvent,
    identity: str,
    courses: Sequence[Course],
    criteria: Criteria,
    frame: pd.DataFrame,
    variables: Mapping[str, Variable],
    study: Study,
) -> dict[str, Any]:
    """Answer one question about the time to an event.

    Parameters
    ----------
    asked
        The question.
    identity
        Of the part of results.json.
    courses
        Of the followed patients.
    criteria
        What the rule calls a relapse, a remission and a loss.
    frame
        The analysis table; rows of the patients in `courses` are used.
    variables
        Name -> variable.
    study
        For the labels of its arms.

    Returns
    -------
    dict
        One element of `courses.times` of results.json (docs/results.md).
    """
    observed = [EVENTS[asked.event](course, criteria) for course in courses]
    timed = [o for o in observed if o.month is not None]
    rows = frame.set_index("patient").loc[[o.patient for o in timed]]
    by, refused = asked.by, ""
    if by == "outcome":
        why = WITHOUT_GROUPS[asked.event].format(month=criteria.month)
        by, refused = "", f"The groups of the outcome were not compared: {why}."
    groups = _groups(by, rows, variables, study)
    inside = np.zeros(len(timed), dtype=bool)
    for group in groups:
        inside |= group.mask
    time = np.array([o.month for o in timed], dtype=float)
    event = np.array([o.happened for o in timed], dtype=float)
    found: dict[str, Any] = {
        "id": identity,
        "event": asked.event,
        "title": asked.title or _title(asked.event, by, variables),
        "event_label": LABELS[asked.event],
        "by": by or None,
        "by_label": _by_label(by, variables) if by else None,
        "n": int(inside.sum()),
        "events": int(event[inside].sum()),
        "causes": dict(Counter(o.cause for o, kept in zip(timed, inside, strict=True) if kept)),
        "left_out": _left_out(observed, timed, inside, by, variables),
        "months": [],
        "groups": [],
        "comparison": None,
        "models": [],
        "not_compared": refused,
        "warnings": _warnings(asked.event, timed),
        "observed": _observed(timed, groups),
        "error": None,
    }
    if not inside.any():
        found["error"] = "no patient has a time to it"
        return found
    found["months"] = months_at_risk(float(time[inside].max()))
    for group in groups:
        found["groups"].append(_curve(group, time, event, found["months"]))
    empty = [group.label for group in groups if not group.mask.any()]
    if empty:
        found["warnings"].append(f"No patient with a time to it: {', '.join(empty)}.")
    if by:
        codes = np.full(len(timed), -1)
        for place, group in enumerate(groups):
            codes[group.mask] = place
        question = f"Does {LABELS[asked.event]} come earlier in some groups than in others?"
        result = log_rank(time, event, codes, question=question)
        found["comparison"] = result.as_dict()
    terms = list(asked.terms) or [f"{by}={group.code}" for group in _compared(groups)]
    if terms and (asked.terms or by):
        found["models"] = _models(asked, terms, rows, time, event, groups, variables, study)
    return found


def months_at_risk(last: float) -> list[int]:
    """Return the months at which numbers at risk are given, up to the last of observation."""
    step = 12
    while last / step > MOST_MONTHS - len(FIRST_MONTHS):
        step += 12
    later = range(step if step > 12 else 24, int(last) + 1, step)
    months = [month for month in (*FIRST_MONTHS, *later) if month <= max(last, 0)]
    return list(dict.fromkeys(months))


def _title(event: str, by: str, variables: Mapping[str, Variable]) -> str:
    title = f"Time to {LABELS[event]}"
    return f"{title} by {_by_label(by, variables)}" if by else title


def _by_label(by: str, variables: Mapping[str, Variable]) -> str:
    return "arm" if by == "arm" else variables[by].title


def _groups(
    by: str, rows: pd.DataFrame, variables: Mapping[str, Variable], study: Study
) -> list[Group]:
    """Return the groups in the order of the study file; one of all patients without `by`."""
    if not by:
        return [Group("all", "All patients", np.ones(len(rows), dtype=bool))]
    if by == "arm":
        labels = {c: a.label for c, a in study.arms.items() if a.role == "patients"}
    elif variables[by].type == "yes_no":
        labels = {code: f"{variables[by].title}: {code}" for code in ("no", "yes")}
    else:
        labels = dict(variables[by].categories)
    values = rows[by].to_numpy(dtype=object)
    return [
        Group(code, label, np.array([value == code for value in values], dtype=bool))
        for code, label in labels.items()
    ]


def _curve(
    group: Group, time: np.ndarray[Any, Any], event: np.ndarray[Any, Any], months: Sequence[int]
) -> dict[str, Any]:
    """Return one group's Kaplan-Meier curve; without a patient it has no steps."""
    head: dict[str, Any] = {"code": group.code, "label": group.label}
    if not group.mask.any():
        return {
            **head, "n": 0, "events": 0, "median": None, "median_interval": None,
            "level": None, "steps": [], "at": [], "last": None, "method": None, "reference": None,
        }  # fmt: skip
    curve = kaplan_meier(time[group.mask], event[group.mask])
    return {
        **head,
        "n": curve.n,
        "events": curve.events,
        "median": curve.median,
        "median_interval": jsonable(curve.median_interval),
        "level": curve.level,
        "steps": [jsonable(step) for step in curve.steps if step.events],
        "at": [_at(curve, month) for month in months],
        "last": curve.steps[-1].time,
        "method": curve.method,
        "reference": curve.reference,
    }


def _at(curve: Curve, month: int) -> dict[str, Any]:
    """Return numbers at risk and the estimate at a month; no estimate once nobody is left."""
    at_risk, step = curve.at_risk(month), curve.at(month)
    survival: float | None = 1.0 if step is None else step.survival
    low, high = (None, None) if step is None else (step.low, step.high)
    if at_risk == 0 and survival:
        survival, low, high = None, None, None
    return {"month": month, "at_risk": at_risk, "survival": survival, "low": low, "high": high}


def _compared(groups: Sequence[Group]) -> list[Group]:
    """Return the groups that have patients, without the first, which is the reference."""
    return [group for group in groups if group.mask.any()][1:]


def _models(
    asked: TimeToEvent,
    terms: Sequence[str],
    rows: pd.DataFrame,
    time: np.ndarray[Any, Any],
    event: np.ndarray[Any, Any],
    groups: Sequence[Group],
    variables: Mapping[str, Variable],
    study: Study,
) -> list[dict[str, Any]]:
    """Fit Cox's regression by each method; one that cannot be fitted says why."""
    labels = {term: _label(term, variables, study) for term in terms}
    columns = {term: _values(rows, term, variables) for term in terms}
    X = np.column_stack([columns[term] for term in terms])
    against = None
    if not asked.terms:
        against = next(group.label for group in groups if group.mask.any())
    found: list[dict[str, Any]] = []
    for method in asked.methods:
        head = {"method": method, "against": against}
        try:
            fitted = fit_cox(X, time, event, terms, firth=method == "firth")
        except StatisticsError as error:
            found.append({**head, "error": _named(str(error), labels), "terms": [],
                          "warnings": []})  # fmt: skip
            continue
        plain = fitted.as_dict()
        plain["procedure"] = plain.pop("method")
        plain["warnings"] = [_named(warning, labels) for warning in plain["warnings"]]
        for row in plain["terms"]:
            row["label"] = labels[row["name"]]
        found.append({**head, **plain, "error": None})
    return found


def _named(text: str, labels: Mapping[str, str]) -> str:
    """Put labels in the place of the names of terms, as messages write them."""
    for term, label in labels.items():
        text = text.replace(repr(term), label).replace(f"{term} to ", f"{label} to ")
    return text


def _values(rows: pd.DataFrame, term: str, variables: Mapping[str, Variable]) -> Any:
    name, _, level = term.partition("=")
    if name == "arm" or (variables[name].type == "yes_no" and level):
        values = rows[name]
        return (values == level).astype(float).where(values.notna()).to_numpy()
    return term_values(rows, term, variables).to_numpy(dtype=float)


def _label(term: str, variables: Mapping[str, Variable], study: Study) -> str:
    name, _, level = term.partition("=")
    if name == "arm":
        return study.arms[level].label
    if variables[name].type == "yes_no":
        return variables[name].title
    return term_label(term, variables)


def _left_out(
    observed: Sequence[Observation],
    timed: Sequence[Observation],
    inside: np.ndarray[Any, Any],
    by: str,
    variables: Mapping[str, Variable],
) -> list[dict[str, Any]]:
    """List why patients have no place in the curves, each reason with who they are."""
    reasons: dict[str, list[str]] = {}
    for one in observed:
        if one.month is None:
            reasons.setdefault(one.left_out, []).append(one.patient)
    for one, kept in zip(timed, inside, strict=True):
        if not kept:
            why = f"{_by_label(by, variables)} not known"
            reasons.setdefault(why, []).append(one.patient)
    return [
        {"reason": reason, "n": len(who), "patients": sorted(who)}
        for reason, who in sorted(reasons.items())
    ]


def _warnings(event: str, timed: Sequence[Observation]) -> list[str]:
    found = []
    left_open = sum(bool(one.open_at) for one in timed)
    if left_open:
        found.append(
            f"{left_open} of {len(timed)} patients have a visit at which missing values leave "
            f"open whether there is a {event}; no {event} is counted there."
        )
    died = sum(one.died for one in timed)
    if died:
        found.append(
            f"{died} of {len(timed)} patients died without a {event}. Their time ends at their "
            "last visit, so that the curve is of those alive; the share with the event is smaller "
            "than one minus the curve."
        )
    return found


def _observed(timed: Sequence[Observation], groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Return each patient's time, cause and group: what the curves are made of."""
    codes: list[str | None] = [None] * len(timed)
    for group in groups:
        for place in np.flatnonzero(group.mask):
            codes[place] = group.code
    return [
        {"patient": one.patient, "month": one.month, "cause": one.cause, "group": code}
        for one, code in zip(timed, codes, strict=True)
    ]
