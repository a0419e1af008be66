"""MRI over time: the section `imaging` of results.json, its methods and references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from myocohort.analysis.imaging.model import model_scores
from myocohort.analysis.imaging.muscle_grades import SCALE_WORDS
from myocohort.analysis.imaging.patient_scans import Scores, scores_by_scale
from myocohort.analysis.imaging.rates import (
    MEAN_INTERVAL,
    Group,
    compare_rates,
    scores_at,
    summaries,
)
from myocohort.analysis.section import MOST_LISTED, Asked, Part
from myocohort.mri.change import BEFORE
from myocohort.outcomes import OUTCOMES
from myocohort.study.standard import SCALES
from myocohort.study.studyfile import Imaging

ALL = "all"
PAIR = ("non_refractory", "refractory")
"""The groups that are compared where no table of the study compares two groups of the outcome."""
SAME_FOLLOW_UP = (
    "The groups are formed by the outcome, which is read from the same follow-up as the scans: "
    "their comparison describes them and is not causal."
)


def describe_imaging(asked: Asked) -> dict[str, Any]:
    """Describe change rates and total scores of MRI over time.

    Returns
    -------
    dict
        `imaging` of results.json (docs/results.md). Without `[imaging]` in the study file, without
        a followed patient or a scan of one, it is left out and says why.
    """
    empty: dict[str, Any] = {
        "left_out": "", "notes": [], "within": None, "groups": [], "compared": None, "scales": [],
    }  # fmt: skip
    plan = asked.plan.study.imaging
    if plan is None:
        return {**empty, "left_out": "The study file has no [imaging]."}
    member = {decision.patient: decision.outcome for decision in asked.decisions}
    if not member:
        return {**empty, "left_out": "No patient is followed."}
    scores = scores_by_scale(plan, asked.records, list(member))
    if not any(reason != "no MRI" for reason in _reasons_before(scores, member)):
        return {**empty, "left_out": _unread(asked, plan.scales.values(), "of a muscle by MRI")}
    pair = _pair(asked.results.get("tables") or ())
    groups = _groups(member, pair, asked.labels)
    scales = [_scale(asked, plan, name, scores[name], member, groups, pair) for name in plan.scales]
    return {
        **empty,
        "notes": _notes(len(member)),
        "within": plan.within,
        "groups": [{"code": g.code, "label": g.label, "n": len(g.patients)} for g in groups],
        "compared": {"by": "outcome", "first": pair[0], "second": pair[1]},
        "scales": scales,
    }


def _reasons_before(scores: Mapping[str, Scores], member: Mapping[str, str]) -> Sequence[str]:
    """Return why each patient has no score before treatment; "" where there is one."""
    return [of.reasons[patient].get(BEFORE, "") for of in scores.values() for patient in member]


def _unread(asked: Asked, scales: Iterable[str], where: str) -> str:
    """Say why no followed patient has a reading that counts."""
    every = asked.records.mri_readings
    followed = every["patient"].isin([decision.patient for decision in asked.decisions])
    automatic = followed & every["scale"].isin(list(scales)) & (every["automatic"] != "no")
    if automatic.any():
        return (
            f"No reading {where} counts: {int(automatic.sum())} of followed patients are automatic "
            "proposals that no reader accepted."
        )
    return f"No followed patient has a reading {where}."


def _pair(tables: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return the two groups of the outcome that the study's tables compare."""
    for table in tables:
        codes = [group["code"] for group in table["groups"]]
        if table["by"] == "outcome" and len(codes) == 2:
            return codes[0], codes[1]
    return PAIR


def _groups(
    member: Mapping[str, str], pair: tuple[str, str], labels: Mapping[str, str]
) -> list[Group]:
    """Return all patients, the two groups compared, and other outcomes that have any."""
    found = [Group(ALL, "All patients", tuple(member))]
    for code in (*pair, *(outcome for outcome in OUTCOMES if outcome not in pair)):
        who = tuple(patient for patient, outcome in member.items() if outcome == code)
        if who or code in pair:
            found.append(Group(code, labels.get(code, code), who))
    return found


def _notes(n: int) -> list[str]:
    notes = [SAME_FOLLOW_UP]
    if n > MOST_LISTED:
        notes.append(
            f"{n} patients are followed; values of single patients are listed up to {MOST_LISTED}, "
            "so that only the summaries are given."
        )
    return notes


def _scale(
    asked: Asked,
    plan: Imaging,
    name: str,
    scores: Scores,
    member: Mapping[str, str],
    groups: Sequence[Group],
    pair: tuple[str, str],
) -> dict[str, Any]:
    """Describe one scale; where none of its muscles was ever read, say so."""
    rates = {month: f"{name}_rate_{month}" for month in plan.months}
    found: dict[str, Any] = {
        "name": name, "scale": plan.scales[name],
        "label": SCALE_WORDS.get(plan.scales[name], plan.scales[name]),
        "change": SCALES.get(plan.scales[name], "change"), "muscle_sides": 2 * len(plan.muscles),
        "unit": "points/month", "left_out": "", "rates": [], "holm": None, "scores": [],
        "patients": [], "model": None,
    }  # fmt: skip
    if all(reason == "no MRI" for reason in _reasons_before({name: scores}, member)):
        scale = plan.scales[name]
        found["left_out"] = _unread(asked, [scale], f"on the scale {scale}")
        return found
    values = _values(asked, rates, member)
    compared, family = compare_rates(
        asked.table.frame,
        list(rates.values()),
        asked.table.variables,
        pair,
        asked.results.get("tables") or (),
    )
    for (month, variable), comparison in zip(rates.items(), compared, strict=True):
        by_group = summaries(values[month], asked.table.reasons[variable], groups)
        found["rates"].append(
            {"month": month, "variable": variable, "groups": by_group, "comparison": comparison}
        )
    found["holm"] = family
    found["scores"] = [
        {"month": month, "groups": scores_at(scores, month, groups)}
        for month in (BEFORE, *plan.months)
    ]
    if len(member) <= MOST_LISTED:
        found["patients"] = _listed(scores, values, member)
    found["model"] = model_scores(scores, member, pair, asked.labels)
    return found


def _values(
    asked: Asked, rates: Mapping[int, str], member: Mapping[str, str]
) -> dict[int, dict[str, float]]:
    """Return month -> followed patient -> rate, from the analysis table."""
    frame = asked.table.frame
    followed = frame["patient"].isin(set(member)).to_numpy()
    patients = frame["patient"].to_numpy()[followed]
    found = {}
    for month, variable in rates.items():
        numbers = frame[variable].to_numpy(dtype=float)[followed]
        known = ~np.isnan(numbers)
        found[month] = dict(zip(patients[known].tolist(), numbers[known].tolist(), strict=True))
    return found


def _listed(
    scores: Scores, rates: Mapping[int, Mapping[str, float]], member: Mapping[str, str]
) -> list[dict[str, Any]]:
    """List scores and rates of each patient who has any, with the months of the scans."""
    found = []
    for patient, group in member.items():
        of = scores.scores[patient]
        listed = [
            {"month": month, "at": score.at, "total": score.total} for month, score in of.items()
        ]
        changed = [
            {
                "month": month,
                "value": values[patient],
                "apart": of[month].apart if month in of else None,
            }
            for month, values in rates.items()
            if patient in values
        ]
        if listed or changed:
            found.append({"patient": patient, "group": group, "scores": listed, "rates": changed})
    return found


def methods_of_imaging(results: Mapping[str, Any]) -> str:
    """Describe what was run on the scans, as it was run; empty where nothing was."""
    scales = [one for one in (results.get("imaging") or {}).get("scales", ()) if one["rates"]]
    if not scales:
        return ""
    parts = [
        "MRI change rates and total scores at each planned month are described by mean, SD, median "
        f"and quartiles, means with 95% limits ({MEAN_INTERVAL})."
    ]
    parts.append(SAME_FOLLOW_UP)
    rates = [rate["comparison"] for scale in scales for rate in scale["rates"]]
    tests = list(dict.fromkeys(one["test"] for one in rates if one["p"] is not None))
    if tests:
        parts.append(f"The rates of the two groups of the outcome were compared with: "
                     f"{'; '.join(tests)}.")  # fmt: skip
        holms = list(dict.fromkeys(scale["holm"]["method"] for scale in scales))
        parts.append(
            f"Beside each p value stands that adjusted for the months of its scale "
            f"({'; '.join(holms)})."
        )
    if any(one["shift"] and one["shift"]["interval"] for one in rates):
        parts.append(
            "Shifts are Hodges-Lehmann estimates, each with the interval and the p value of the "
            "Mann-Whitney test by the same method; that p value can differ from the test's in its "
            "correction for continuity."
        )
    parts += _model_in_words([scale for scale in scales if not scale["model"]["left_out"]])
    return " ".join(parts)


_WORDS = {
    "months": "month (each its own mean), group, and group by month; the coefficients of the last "
    "are differences between the groups in the change since before treatment",
    "line": "month (a straight line), group, and group by month",
    "time": "month (each its own mean), without groups",
}


def _model_in_words(scales: Sequence[Mapping[str, Any]]) -> list[str]:
    by_form: dict[str, list[str]] = {}
    for scale in scales:
        by_form.setdefault(scale["model"]["form"], []).append(scale["name"])
    parts = [
        f"Repeated total scores ({', '.join(names)}) were modelled with fixed effects of "
        f"{_WORDS[form]}: {_method(scales, form)}."
        for form, names in by_form.items()
    ]
    if scales:
        notes = [note for scale in scales for note in scale["model"]["notes"]]
        parts += dict.fromkeys(notes)
        parts.append("P values of single months of the model are not adjusted for their number.")
    return parts


def _method(scales: Sequence[Mapping[str, Any]], form: str) -> str:
    """Return the method of the first model of a form, with the test of its question."""
    model = next(scale["model"] for scale in scales if scale["model"]["form"] == form)
    return f"{model['method']}; the question was answered by a {model['test']['method']}"


def references_of_imaging(results: Mapping[str, Any]) -> list[str]:
    """List the sources of what was run on the scans."""
    found = []
    for scale in (results.get("imaging") or {}).get("scales", ()):
        for rate in scale["rates"]:
            comparison = rate["comparison"]
            if comparison["p"] is not None:
                found += [comparison["reference"], scale["holm"]["reference"]]
            if comparison["shift"] and comparison["shift"]["interval"]:
                found.append(comparison["shift"]["reference"])
        if scale["model"] and not scale["model"]["left_out"]:
            found.append(scale["model"]["reference"])
    return found


IMAGING_PART = Part(
    describe_imaging,
    methods_of_imaging,
    references_of_imaging,
    columns=tuple(
        ("mri_readings", column) for column in ("date", "month", "muscle", "side", "scale", "grade")
    ),
)
