"""Worst and best case: the final model with the outcomes that the lost may have had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from myocohort.analysis.robustness.final_model import FinalModel, classified_outcomes
from myocohort.analysis.section import Asked
from myocohort.errors import StatisticsError
from myocohort.outcomes import OUTCOMES
from myocohort.stats.assigned_outcomes import (
    Assigned,
    AssignedOutcomes,
    Extremes,
    assign_outcomes,
    refit_assigned,
)
from myocohort.stats.logistic import fit_ml
from myocohort.stats.result import P_OF_INTERVAL, ModelResult

LEVEL = 0.05
"""The conventional line for p, which the publication and the report's verdicts use."""
FAMILY = "profile"


def assign_lost(asked: Asked, model: FinalModel) -> dict[str, Any]:
    """Refit the final model with every outcome that the patients without one may have had.

    Parameters
    ----------
    asked
        The analysis table with the outcomes.
    model
        The final model.

    Returns
    -------
    dict
        `lost` of the section (docs/results.md).
    """
    frame = asked.table.frame
    found: dict[str, Any] = {
        "left_out": "",
        "level": LEVEL,
        "method": "",
        "outcomes": [],
        "n_without": 0,
        "n_assigned": 0,
        "not_assigned": [],
        "exhaustive": False,
        "ways": None,
        "terms": [],
    }
    if model.plan.event not in OUTCOMES:
        return {**found, "left_out": "The model compares arms; nobody lacks an arm."}
    inside = classified_outcomes(asked.plan.study)
    others = frame.loc[frame["outcome"].notna() & ~frame["outcome"].isin(inside)]
    counts = others["outcome"].value_counts()
    found["outcomes"] = [
        {"code": code, "label": asked.labels.get(code, code), "n": int(counts[code])}
        for code in OUTCOMES
        if code in counts
    ]
    found["n_without"] = len(others)
    if others.empty:
        return {**found, "left_out": "Every followed patient was classified."}
    terms = model.matrix(others)
    complete = ~np.isnan(terms).any(axis=1)
    found["n_assigned"] = int(complete.sum())
    found["not_assigned"] = [
        {"term": term, "label": model.labels[term], "n": int(absent)}
        for term, absent in zip(model.terms, np.isnan(terms).sum(axis=0), strict=True)
        if absent
    ]
    if not complete.any():
        why = "None of the patients without an outcome has all terms of the model."
        return {**found, "left_out": why}
    try:
        assigned = assign_outcomes(model.X, model.event, model.terms, terms, level=LEVEL)
    except StatisticsError as error:
        return {**found, "left_out": f"The model could not be fitted: {error}."}
    found["method"] = assigned.method
    found["exhaustive"] = assigned.exhaustive
    found["ways"] = assigned.ways if assigned.exhaustive else None
    found["terms"] = [
        _term(model, assigned, column, extremes) for column, extremes in enumerate(assigned.terms)
    ]
    return found


def _term(
    model: FinalModel, assigned: AssignedOutcomes, column: int, extremes: Extremes
) -> dict[str, Any]:
    term = model.terms[column]
    sizes = np.array(assigned.sizes)
    exposed = np.array(extremes.exposed)
    up = assigned.without.terms[column + 1].b >= 0
    favour, against = (
        (extremes.highest, extremes.lowest) if up else (extremes.lowest, extremes.highest)
    )
    n_exposed, total = int(sizes[exposed].sum()), int(sizes.sum())
    scenarios = [_scenario("classified", model, column, assigned, None, exposed)]
    for identity, of in (
        ("favour", favour),
        ("against", against),
        ("all_events", assigned.all_events),
        ("no_events", assigned.no_events),
    ):
        scenarios.append(_scenario(identity, model, column, assigned, of, exposed))
    return {
        "name": term,
        "label": model.labels[term],
        "above": None if model.yes_no(term) else float(np.nanmean(_complete(model)[:, column])),
        "exposed": n_exposed,
        "others": total - n_exposed,
        "scenarios": scenarios,
        "holds": extremes.holds,
        "fewest": extremes.fewest,
        "ways_below": extremes.ways_below,
    }


def _complete(model: FinalModel) -> np.ndarray[Any, np.dtype[np.float64]]:
    return model.X[~np.isnan(model.X).any(axis=1)]


def _scenario(
    identity: str,
    model: FinalModel,
    column: int,
    assigned: AssignedOutcomes,
    of: Assigned | None,
    exposed: np.ndarray[Any, np.dtype[np.bool_]],
) -> dict[str, Any]:
    """Return the odds ratio of one term under one assignment; of nobody where it is None."""
    firth = assigned.without if of is None else of.model
    error = ""
    ml: Mapping[str, Any] | None = None
    try:
        if of is None:
            fitted = fit_ml(model.X, model.event, model.terms)
        else:
            fitted = refit_assigned(model.X, model.event, model.terms, assigned, of, fit_ml)
        ml = _numbers(fitted, column)
    except StatisticsError as reason:
        error = str(reason)
    events = None if of is None else np.array(of.events)
    return {
        "id": identity,
        "n": firth.n,
        "events": firth.events,
        "exposed_events": None if events is None else int(events[exposed].sum()),
        "others_events": None if events is None else int(events[~exposed].sum()),
        "firth": _numbers(firth, column),
        "ml": ml,
        "ml_error": error,
    }


def _numbers(model: ModelResult, column: int) -> dict[str, Any]:
    term = model.terms[column + 1]
    return {
        "odds_ratio": term.odds_ratio,
        "interval": term.ci[FAMILY],
        "p": term.p[P_OF_INTERVAL[FAMILY]],
    }
