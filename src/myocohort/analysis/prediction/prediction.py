"""The section `prediction` of results.json: how good the models' predicted risks are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from myocohort.analysis.modelling import term_label
from myocohort.analysis.prediction.predicted import (
    FEWEST_GROUPS,
    MOST_GROUPS,
    RESAMPLES,
    SMOOTH_FROM,
    THRESHOLDS,
    Predicted,
    measures,
    net_benefit_limits,
    net_benefits,
    places,
    points,
    predict,
    roc,
    smooth,
    treated,
    uninformed_brier,
)
from myocohort.analysis.prediction.predicted_ranges import (
    measures_with_tables,
    points_with_tables,
    tables_note,
)
from myocohort.analysis.section import Asked, Part
from myocohort.errors import StatisticsError
from myocohort.stats.c_statistic import REFERENCE as C_REFERENCE
from myocohort.stats.cross_validated_risks import REFERENCE as CROSSED_REFERENCE
from myocohort.stats.decision_curve import REFERENCE as CURVE_REFERENCE
from myocohort.stats.design import FloatArray
from myocohort.stats.flic import REFERENCE as RISKS_REFERENCE
from myocohort.stats.result import jsonable
from myocohort.stats.validation_data import BoolArray
from myocohort.study.studyfile import ModelPlan, split_term

BRIER_REFERENCE = "Brier GW. Mon Weather Rev 1950;78:1-3"
CALIBRATION_REFERENCE = (
    "Van Calster B, et al. J Clin Epidemiol 2016;74:167-176 (from how many events on a smooth "
    "calibration curve is stable); Cox DR. Biometrika 1958;45:562-565 (slope and intercept); "
    "Wilson EB. J Am Stat Assoc 1927;22:209-212"
)

THRESHOLD_WHY = (
    f"Thresholds run from {THRESHOLDS[0]:.0%} to {THRESHOLDS[-1]:.0%}. Who acts from "
    f"{THRESHOLDS[-1]:.0%} on holds acting needlessly for as bad as missing a patient with the "
    "outcome; a higher threshold would hold it for worse. Who acts from "
    f"{THRESHOLDS[0]:.0%} on accepts acting needlessly on 19 patients to find one; below that "
    "nearly everybody would be acted on, model or not."
)
NO_MORE_THAN_ROUNDING = 1e-9
"""A gain of net benefit below this is rounding: by the model, too, everybody is acted on."""


def describe_prediction(asked: Asked) -> dict[str, Any]:
    """Judge the risks that the final model predicts, and those of the screened one.

    Parameters
    ----------
    asked
        The study with its analysis table, and the finished screening.

    Returns
    -------
    dict
        `prediction` of results.json (docs/results.md). A model whose risks cannot be judged
        carries `error` in place of its numbers; where there is none that can, the section is
        left out and says why.
    """
    empty: dict[str, Any] = {
        "left_out": "", "notes": [], "event": "", "event_label": "", "data": None, "models": [],
    }  # fmt: skip
    plan = asked.plan.study.model
    if plan is None:
        return {**empty, "left_out": "The study file asks for no model."}
    seed = plan.validation.seed if plan.validation else 1
    models = [
        _model(identity, title, terms, asked, plan, seed)
        for identity, title, terms in _asked_models(plan, asked.results.get("screening"))
    ]
    judged = [model for model in models if not model["error"]]
    if not judged:
        reasons = "; ".join(f"{model['title']}: {model['error']}" for model in models)
        return {**empty, "left_out": f"{reasons}.", "models": models}
    plain: dict[str, Any] = jsonable(
        {
            **empty,
            "notes": _notes(plan, judged),
            "event": plan.event,
            "event_label": asked.labels.get(plan.event, plan.event),
            "thresholds": {"values": THRESHOLDS, "why": THRESHOLD_WHY},
            "seed": seed,
            "models": models,
        }
    )
    return plain


def _asked_models(
    plan: ModelPlan, screening: Mapping[str, Any] | None
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return id, title and terms of the final model, and of the screened one if it differs."""
    rows = screening["rows"] if screening else ()
    passed = tuple(row["term"] for row in rows if row["passes"])
    final = plan.terms or passed
    found = [("final", "Final model", final)]
    if passed and set(passed) != set(final):
        found.append(
            ("screened", f"All {len(passed)} candidates with p < {plan.entry_p:g}", passed)
        )
    return found


def _model(
    identity: str,
    title: str,
    terms: Sequence[str],
    asked: Asked,
    plan: ModelPlan,
    seed: int,
) -> dict[str, Any]:
    variables = asked.table.variables
    labels = {term: term_label(term, variables) for term in terms}
    head = {
        "id": identity,
        "title": title,
        "terms": [{"name": term, "label": labels[term]} for term in terms],
    }
    try:
        of = predict(asked.table.frame, terms, plan, variables, seed)
        others = _joint_tables(terms, asked, plan, seed)
    except StatisticsError as error:
        return {**head, "error": str(error)}
    numeric = any(_is_number(term, asked) for term in terms)
    by, place, patterns = places(of, numeric=numeric)
    found = points(of, place)
    shown = [
        {**point, "terms": _present(patterns[i], labels) if by == "pattern" else None}
        for i, point in enumerate(found)
    ]
    curve, why_not_smooth = smooth(of)
    names = {"(Intercept)": "Intercept", **labels}
    few = min(of.events, of.n - of.events)
    return {
        **head,
        "error": None,
        "procedure": of.model.method,
        "coefficients": [
            {"name": name, "label": names.get(name, name), "b": b}
            for name, b in zip(of.model.names, of.model.coefficients, strict=True)
        ],
        "n": of.n,
        "n_missing": of.n_missing,
        "events": of.events,
        "events_per_variable": few / len(terms),
        "cross_validation": {
            "folds": of.crossed.folds,
            "repeats": of.crossed.repeats,
            "whole": len(of.crossed.log_odds),
            "failed": dict(of.crossed.failed),
        },
        "tables": len(others),
        "tables_note": tables_note(of, others, found, place, by, patterns),
        "measures": measures_with_tables(measures(of), [measures(o) for o in others]),
        "uninformed_brier": uninformed_brier(of),
        "calibration": {
            "by": by,
            "points": points_with_tables(shown, patterns, others),
            "smooth": curve,
            "smooth_left_out": why_not_smooth,
        },
        "roc": roc(of),
        "decision": _decision(of, others, seed),
        "warnings": [*_undetermined(asked, others), *_warnings(of)],
    }  # fmt: skip


def _is_number(term: str, asked: Asked) -> bool:
    name, level = split_term(term)
    return level is None and asked.table.variables[name].type != "yes_no"


def _joint_tables(
    terms: Sequence[str], asked: Asked, plan: ModelPlan, seed: int
) -> list[Predicted]:
    """Predict on each joint table of rebuilt records, where they hold how the terms occur.

    Of other terms each table has one way of many to deal them out, so that a range over the
    tables would mean nothing.
    """
    provenance = asked.provenance
    if not provenance.alternatives or provenance.rebuild is None:
        return []
    if not set(terms) <= set(provenance.rebuild["terms"]):
        return []
    found = []
    for number, frame in enumerate(provenance.alternatives, start=1):
        try:
            found.append(predict(frame, terms, plan, asked.table.variables, seed))
        except StatisticsError as error:
            raise StatisticsError(f"joint table {number}: {error}") from error
    return found


def _present(pattern: FloatArray, labels: Mapping[str, str]) -> list[str]:
    """Return the labels of the terms that a pattern has."""
    return [label for label, value in zip(labels.values(), pattern, strict=True) if value > 0]


def _decision(of: Predicted, others: Sequence[Predicted], seed: int) -> dict[str, Any]:
    """Return the decision curve, its limits, and where acting by the model is the best."""
    own = net_benefits(of)
    every = [net_benefits(other) for other in others]
    count, right = treated(of)
    limits = net_benefit_limits(of, seed)
    strategies = []
    for name, benefit in own.items():
        stacked = np.stack([one[name] for one in every if name in one]) if every else None
        strategies.append(
            {
                "name": name,
                "net_benefit": benefit.tolist(),
                "tables": None
                if stacked is None
                else {
                    "low": stacked.min(axis=0).tolist(),
                    "high": stacked.max(axis=0).tolist(),
                    "tables": len(stacked),
                },
            }
        )
    return {
        "strategies": strategies,
        "limits": None
        if limits is None
        else {
            "low": limits[0].tolist(),
            "high": limits[1].tolist(),
            "level": 0.95,
            "method": f"percentiles of {RESAMPLES} resamples of the patients, risks held",
        },
        "treated": count.tolist(),
        "true_positives": right.tolist(),
        "best": _runs(_best(own)),
        "best_in_all_tables": _runs(np.all([_best(one) for one in every], axis=0))
        if every
        else None,
    }


def _best(benefits: Mapping[str, FloatArray]) -> BoolArray:
    """Say at which thresholds the cross-validated model beats both treating all and none."""
    crossed = benefits.get("cross_validated")
    if crossed is None:
        return np.zeros(len(THRESHOLDS), dtype=np.bool_)
    other = np.maximum(benefits["treat_all"], benefits["treat_none"])
    best: BoolArray = crossed - other > NO_MORE_THAN_ROUNDING
    return best


def _runs(holds: BoolArray) -> list[dict[str, float]]:
    """Return first and last threshold of each run of thresholds at which something holds."""
    runs: list[dict[str, float]] = []
    for place, value in enumerate(holds):
        if not value:
            continue
        if place and holds[place - 1]:
            runs[-1]["high"] = THRESHOLDS[place]
        else:
            runs.append({"low": THRESHOLDS[place], "high": THRESHOLDS[place]})
    return runs


def _undetermined(asked: Asked, others: Sequence[Predicted]) -> list[str]:
    """Say of rebuilt records that their joint tables do not hold how these terms occur."""
    if asked.plan.study.origin != "rebuilt" or others:
        return []
    return [
        "the records are rebuilt, and how these terms and the outcome occur together is one of "
        "many solutions: these numbers show only what such a model is like"
    ]


def _warnings(of: Predicted) -> list[str]:
    found = list(of.model.warnings)
    crossed = of.crossed
    if crossed.failed:
        reasons = "; ".join(f"{n} because {why}" for why, n in crossed.failed.items())
        found.append(
            f"{sum(crossed.failed.values())} of {crossed.folds * crossed.repeats} folds gave no "
            f"model ({reasons}); {crossed.repeats - len(crossed.log_odds)} of {crossed.repeats} "
            "repeats therefore enter no cross-validated figure"
        )
    return found


def _notes(plan: ModelPlan, models: Sequence[Mapping[str, Any]]) -> list[str]:
    notes = [
        "Apparent figures are of the patients that the model was made from, and too favourable. "
        "Cross-validated ones are of patients that were left out while it was made. Neither says "
        "how it does at another hospital: there is no external validation.",
    ]
    if plan.candidates:
        notes.append(
            "The terms were chosen in these same patients, and within the folds they are held: the "
            "cross-validated figures do not pay for that choice. Where the study file asks for a "
            "validation, it repeats the screening in every resample."
        )
    if any(model["cross_validation"]["whole"] for model in models):
        notes.append(
            "Acting means doing what one would do for a patient who is sure to have the outcome. "
            "Net benefit is the share rightly acted on, less the share needlessly acted on "
            "weighted by the odds of the threshold."
        )
    return notes


def methods_of_prediction(results: Mapping[str, Any]) -> str:
    """Describe how predicted risks were made and judged; empty where none were."""
    section = results.get("prediction") or {}
    judged = [model for model in section.get("models", ()) if not model["error"]]
    if section.get("left_out") or not judged:
        return ""
    first = judged[0]
    crossed = first["cross_validation"]
    repeats = "once" if crossed["repeats"] == 1 else f"{crossed['repeats']} times"
    parts = [
        f"Predicted risks are from {first['procedure']}: Firth's coefficients, with the intercept "
        "found again so that the mean risk is the observed share; risks of Firth's method itself "
        "are drawn towards one half.",
        f"They were judged in the patients that the model was made from (apparent) and by "
        f"{crossed['folds']}-fold cross-validation, dealt {repeats} anew, stratified by outcome, "
        f"seed {section['seed']}, all folds of a repeat measured together.",
        "Measures are the c-statistic (DeLong's interval for the apparent one), the Brier score, "
        "and slope and intercept of the logistic regression of the outcome on the logit of the "
        "risk.",
        "Calibration is shown as observed against predicted risk in each pattern of the terms, or, "
        f"where a term is a number or there are many patterns, in {FEWEST_GROUPS} to {MOST_GROUPS} "
        "groups of similar risk, with Wilson limits; a smooth curve (lowess) only with at least "
        f"{SMOOTH_FROM} patients with and without the outcome.",
        "Decision curves give the net benefit of acting by the model.",
        section["thresholds"]["why"],
    ]
    return " ".join(parts)


def references_of_prediction(results: Mapping[str, Any]) -> list[str]:
    """List the sources of what was run; empty where nothing was."""
    if not methods_of_prediction(results):
        return []
    return [
        RISKS_REFERENCE,
        CROSSED_REFERENCE,
        C_REFERENCE,
        BRIER_REFERENCE,
        CALIBRATION_REFERENCE,
        CURVE_REFERENCE,
    ]


PREDICTION_PART = Part(describe_prediction, methods_of_prediction, references_of_prediction)
