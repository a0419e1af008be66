"""The model for repeated measures: total MRI scores of two groups over the planned months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from myocohort.analysis.imaging.patient_scans import Scores
from myocohort.errors import StatisticsError
from myocohort.mri.change import BEFORE
from myocohort.stats.mixed_model import MixedResult, fit_mixed
from myocohort.stats.result import jsonable

FEWEST = 2
"""Scans that each group needs in a month for that month to enter."""
QUESTION = "Does the total score change differently in the two groups?"
OF_ALL = "Does the total score change over time?"
SHAPE = (
    "The model takes it that two scans of a patient are equally alike however far apart they are, "
    "that scores scatter normally, and equally in both groups and all months, and that what is "
    "missing depends on observed scores only."
)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Values of a model, one row a scan; `months` are the planned ones, `at` the exact."""

    values: list[float]
    patients: list[str]
    groups: list[str]
    months: list[int]
    at: list[float]


def model_scores(
    scores: Scores, member: Mapping[str, str], pair: tuple[str, str], labels: Mapping[str, str]
) -> dict[str, Any]:
    """Compare how total scores change in two groups by a linear mixed model.

    The total score has fixed effects of month (each its own mean, before treatment the first),
    group, and group by month, and a random intercept of each patient. A coefficient of group by
    month is the difference of the groups in the change since before treatment.

    Parameters
    ----------
    scores
        Of one scale.
    member
        Patient -> group of the outcome, in the order of the registry.
    pair
        Codes of the two groups; the first is compared with the second.
    labels
        Code -> label.

    Returns
    -------
    dict
        `scales[].model` of results.json (docs/results.md). Where this model cannot be fitted
        there is a simpler one, with `reduced` saying why, or `left_out` says why there is none.
    """
    rows, twice = _rows(scores, member, pair)
    months, dropped = _months_of(rows, pair, labels)
    found: dict[str, Any] = {
        "left_out": "", "form": "", "reduced": [], "response": "total score", "question": QUESTION,
        "method": "", "reference": "", "first": pair[0], "second": pair[1],
        "n_patients": 0, "n_scans": 0, "n_by_group": {}, "n_patients_missing": 0,
        "months": [], "months_left_out": dropped,
        "differences": [], "changes": [], "slope": None, "test": None, "sd_between": None,
        "sd_within": None, "intraclass_correlation": None, "singular": None, "notes": [],
        "warnings": [],
    }  # fmt: skip
    if twice:
        found["notes"].append(_once(twice))
    if not rows.values:
        found["left_out"] = "No patient of the two groups has a complete scan."
        return found
    for form in _forms(rows, months, pair, labels, found["reduced"]):
        try:
            _fit(found, form, rows, months, pair, member)
        except StatisticsError as error:
            found["reduced"].append(f"{_FORMS[form]}: {_first_sentence(error)}")
        else:
            return found
    found["left_out"] = " ".join(_ended(found["reduced"]))
    return found


_NOT_ENOUGH = {
    True: f"no later month has {FEWEST} scans or more in both groups",
    False: f"before treatment a group has fewer than {FEWEST} scans, so that there is no change",
}
"""Why months have no means of their own, by whether there are scans before treatment."""
_FORMS = {
    "months": "a mean for each month and group",
    "line": "a straight line for each group",
    "time": "one course of all patients, without groups",
}


def _rows(scores: Scores, member: Mapping[str, str], pair: tuple[str, str]) -> tuple[_Rows, int]:
    """Return one row a scan, and how many stood for two months and entered the nearer only."""
    rows, twice = _Rows([], [], [], [], []), 0
    for patient, group in member.items():
        if group not in pair:
            continue
        nearest: dict[float, int] = {}
        for month, score in scores.scores.get(patient, {}).items():
            other = nearest.get(score.at)
            twice += other is not None
            if other is None or abs(score.at - month) < abs(score.at - other):
                nearest[score.at] = month
        for at, month in sorted(nearest.items()):
            rows.values.append(scores.scores[patient][month].total)
            rows.patients.append(patient)
            rows.groups.append(group)
            rows.months.append(month)
            rows.at.append(at)
    return rows, twice


def _once(twice: int) -> str:
    scans = "1 scan is" if twice == 1 else f"{twice} scans are"
    return (
        f"{scans} the nearest to two planned months; in the model each counts once, at the month "
        "that it is nearer to."
    )


def _months_of(
    rows: _Rows, pair: tuple[str, str], labels: Mapping[str, str]
) -> tuple[list[int], list[dict[str, Any]]]:
    """Return the months in which both groups have enough scans, and the others with reasons."""
    counts = Counter(zip(rows.months, rows.groups, strict=True))
    months, dropped = [], []
    for month in sorted(set(rows.months)):
        few = [group for group in pair if counts[month, group] < FEWEST]
        if not few:
            months.append(month)
            continue
        listed = " and ".join(f"{labels.get(g, g)} has {counts[month, g]}" for g in few)
        when = f"at month {month}" if month else "before treatment"
        reason = f"fewer than {FEWEST} scans in a group {when}: {listed}"
        dropped.append({"month": month, "reason": reason})
    return months, dropped


def _forms(
    rows: _Rows,
    months: Sequence[int],
    pair: tuple[str, str],
    labels: Mapping[str, str],
    reduced: list[str],
) -> list[str]:
    """Return which forms can be tried, the fullest first."""
    sizes = Counter(dict(zip(rows.patients, rows.groups, strict=True)).values())
    empty = [labels.get(group, group) for group in pair if not sizes[group]]
    if empty:
        reduced.append(f"nobody of the group {' and '.join(empty)} has a complete scan")
        return ["time"]
    if BEFORE in months and len(months) > 1:
        return ["months", "line", "time"]
    reduced.append(f"a mean for each month and group: {_NOT_ENOUGH[BEFORE in months]}")
    return ["line", "time"]


def _fit(
    found: dict[str, Any],
    form: str,
    rows: _Rows,
    months: Sequence[int],
    pair: tuple[str, str],
    member: Mapping[str, str],
) -> None:
    """Fit one form and put it into `found`, which stays as it is if that fails."""
    used = np.array([form != "months" or month in months for month in rows.months])
    pick = np.flatnonzero(used)
    groups = [rows.groups[i] for i in pick]
    patients = [rows.patients[i] for i in pick]
    planned = [rows.months[i] for i in pick]
    result = fit_mixed(
        [rows.values[i] for i in pick],
        patients,
        [rows.at[i] for i in pick] if form == "line" else planned,
        None if form == "time" else groups,
        time="linear" if form == "line" else "visits",
        reference=None if form == "time" else pair[1],
        question=OF_ALL if form == "time" else QUESTION,
    )
    asked = [patient for patient, group in member.items() if group in pair]
    found.update(
        form=form,
        question=result.question,
        method=result.method,
        reference=result.reference,
        n_patients=result.n_subjects,
        n_scans=result.n,
        n_by_group=dict(Counter(dict(zip(patients, groups, strict=True)).values())),
        n_patients_missing=len(asked) - result.n_subjects,
        months=sorted(set(planned)),
        months_left_out=found["months_left_out"] if form == "months" else [],
        test=_test(result),
        sd_between=result.sd_subject,
        sd_within=result.sd_residual,
        intraclass_correlation=result.intraclass_correlation,
        singular=result.singular,
        warnings=list(result.warnings),
    )
    found["notes"].append(SHAPE)
    _put_terms(found, form, result, pair, Counter(zip(planned, groups, strict=True)))


def _put_terms(
    found: dict[str, Any],
    form: str,
    result: MixedResult,
    pair: tuple[str, str],
    counts: Counter[tuple[int, str]],
) -> None:
    """Put what the coefficients mean into `found`."""
    terms = {term.name: _numbers(term) for term in result.terms}
    first = f"group={pair[0]}"
    if form == "line":
        found["slope"] = terms[f"{first}:month"]
        return
    later = [month for month in found["months"] if month != found["months"][0]]
    if form == "time":
        found["changes"] = [
            {"month": month, "n": sum(counts[month, group] for group in pair),
             **terms[f"month={month}"]}
            for month in later
        ]  # fmt: skip
        return
    found["differences"] = [
        {"month": BEFORE, "what": "level", "n": {g: counts[BEFORE, g] for g in pair},
         **terms[first]},
        *(
            {"month": month, "what": "change", "n": {g: counts[month, g] for g in pair},
             **terms[f"{first}:month={month}"]}
            for month in later
        ),
    ]  # fmt: skip


def _numbers(term: Any) -> dict[str, Any]:
    """Return a coefficient with the interval and p of its own t."""
    plain: dict[str, Any] = jsonable(term)
    return {key: plain[key] for key in ("estimate", "se", "statistic", "df", "interval", "p")}


def _test(result: MixedResult) -> dict[str, Any]:
    plain: dict[str, Any] = jsonable(result.test)
    wanted = ("question", "method", "n", "statistic", "statistic_name", "df", "df_denominator", "p")
    return {key: plain[key] for key in wanted}


def _first_sentence(error: StatisticsError) -> str:
    """Return what is wrong; what follows is advice to a programmer."""
    return str(error).split(". ")[0]


def _ended(texts: Sequence[str]) -> list[str]:
    """Return sentences: a capital first, a point at the end."""
    return [f"{text[0].upper()}{text[1:].rstrip('.')}." for text in texts if text]
