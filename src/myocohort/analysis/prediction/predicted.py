"""How good the predicted risks of one model are: in its own patients, and cross-validated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.analysis.modelling import model_rows, term_values
from myocohort.errors import StatisticsError
from myocohort.stats.brier import brier_score
from myocohort.stats.c_statistic import c_statistic
from myocohort.stats.calibration import smooth_curve
from myocohort.stats.cross_validated_risks import CrossValidatedRisks, cross_validated_risks
from myocohort.stats.decision_curve import decision_curve
from myocohort.stats.design import FloatArray, distinct_rows, make_design
from myocohort.stats.flic import RiskModel, firth_risks
from myocohort.stats.proportion import wilson_limits
from myocohort.stats.separation import find_separation
from myocohort.stats.validation_measures import MEASURES, performance
from myocohort.study.studyfile import ModelPlan
from myocohort.study.variable import Variable

LEVEL = 0.95
FOLDS = 10
MOST_REPEATS = 50
MOST_PREDICTIONS = 5_000  # patients times repeats
FEWEST = 2  # patients with, and without, the outcome
MOST_PATTERNS = 16
GROUP_SIZE, FEWEST_GROUPS, MOST_GROUPS = 15, 3, 10
SMOOTH_FROM = 200
"""Events, and patients without it, from which on a smooth curve is drawn (Van Calster 2016)."""
SMOOTH_STEP = 200  # parts of the risk axis that the smooth curve has
THRESHOLDS = tuple(step / 100 for step in range(5, 51))
RESAMPLES = 1000
MOST_ROC = 101

IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Predicted:
    """A model's patients, their outcomes and their risks.

    Parameters
    ----------
    X, y, n_missing
        Terms of the complete patients, their outcome (1 or 0), and who was left out.
    model
        Fitted by FLIC.
    risk
        In the patients that the model was made from; equal for equal terms.
    crossed
        Cross-validated risks; without a row where no repeat is whole.
    """

    X: FloatArray
    y: FloatArray
    n_missing: int
    model: RiskModel
    risk: FloatArray
    crossed: CrossValidatedRisks

    @property
    def n(self) -> int:
        """Patients."""
        return len(self.y)

    @property
    def events(self) -> int:
        """Those with the outcome."""
        return int(self.y.sum())


def predict(
    frame: pd.DataFrame,
    terms: Sequence[str],
    plan: ModelPlan,
    variables: Mapping[str, Variable],
    seed: int,
) -> Predicted:
    """Predict the risk of each patient by FLIC, in the data and cross-validated.

    Parameters
    ----------
    frame
        An analysis table with the outcome and the terms.
    terms
        Of the model.
    plan
        Event, and what it is compared with.
    variables
        Name -> variable.
    seed
        Of the folds.

    Raises
    ------
    StatisticsError
        If there are too few events, the design is unfit, or the terms separate the outcome:
        the risks would rest on the penalty alone.
    """
    if not terms:
        raise StatisticsError("no term is in the model")
    inside, event = model_rows(frame, plan)
    values = np.column_stack([term_values(inside, t, variables).to_numpy() for t in terms])
    known = ~np.isnan(values).any(axis=1)
    X, y = values[known], event[known].astype(np.float64)
    # in an order of its own, so that the folds do not depend on that of the patients
    order = np.lexsort((y, *X.T[::-1]))
    X, y = X[order], y[order]
    events = int(y.sum())
    if not len(y):
        raise StatisticsError("nobody has an outcome of the model and all its terms")
    if min(events, len(y) - events) < FEWEST:
        raise StatisticsError(
            f"{events} of {len(y)} patients with known terms have the outcome; predicted risks "
            f"are judged from {FEWEST} with and {FEWEST} without it on"
        )
    separation = find_separation(make_design(X, y, list(terms))).separation
    if separation.kind != "none":
        raise StatisticsError(
            f"{separation.kind} separation: the terms tell the outcomes of some patients without "
            f"error, so that the size of their risks would rest on Firth's penalty, not on data"
        )
    model = firth_risks(X, y, list(terms), correction="flic")
    _, of = distinct_rows(X)
    _, first = np.unique(of, return_index=True)
    risk = np.array(model.risks, dtype=np.float64)[first][of]
    folds = min(FOLDS, len(y))
    repeats = max(1, min(MOST_REPEATS, MOST_PREDICTIONS // len(y)))
    crossed = cross_validated_risks(X, y, folds=folds, repeats=repeats, seed=seed)
    return Predicted(X, y, int((~known).sum()), model, risk, crossed)


def measures(of: Predicted) -> list[dict[str, Any]]:
    """Return each measure of performance, apparent and cross-validated.

    The cross-validated one is the mean of the repeats, each measured on the predictions of
    all its folds together; `sd` is between repeats and says how far the dealing of the
    folds matters, not how far chance does.
    """
    log_odds = (np.log(of.risk) - np.log1p(-of.risk))[np.newaxis]
    apparent = performance(log_odds, of.y, np.ones((1, of.n)))[0]
    repeats = of.crossed.log_odds
    crossed = np.empty((0, len(MEASURES)))
    if len(repeats):
        crossed = performance(repeats, of.y, np.ones_like(repeats))
    own = {
        "c-statistic": c_statistic(of.y, of.risk, level=LEVEL),
        "Brier score": brier_score(of.y, of.risk),
    }
    found = []
    for place, name in enumerate(MEASURES):
        finite = crossed[np.isfinite(crossed[:, place]), place]
        result = own.get(name)
        value = apparent[place] if result is None else result.estimate
        found.append(
            {
                "name": name,
                "apparent": None if value is None or np.isnan(value) else float(value),
                "interval": result.interval if result else None,
                "cross_validated": float(finite.mean()) if len(finite) else None,
                "sd": float(finite.std(ddof=1)) if len(finite) > 1 else None,
                "repeats": len(finite),
            }
        )
    return found


def uninformed_brier(of: Predicted) -> float:
    """Return the Brier score of giving everybody the share with the outcome as risk."""
    return brier_score(of.y, of.risk).uninformed


def places(of: Predicted, *, numeric: bool) -> tuple[str, IntArray, FloatArray]:
    """Say at which point of the calibration each patient counts.

    Parameters
    ----------
    of
        Patients and risks.
    numeric
        Whether a term is a number.

    Returns
    -------
    by, place, patterns
        "pattern" where all terms are yes or no and occur in at most `MOST_PATTERNS` ways,
        otherwise "group" (between quantiles of the risk, equal risks together); the place of
        each patient, from the lowest risk up; the terms of each place, with no row for groups.
    """
    patterns, index = distinct_rows(of.X)
    if not numeric and len(patterns) <= MOST_PATTERNS:
        risk = np.array([of.risk[index == i][0] for i in range(len(patterns))])
        order = np.lexsort((*patterns.T[::-1], risk))
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        return "pattern", rank[index], patterns[order]
    groups = min(MOST_GROUPS, max(FEWEST_GROUPS, of.n // GROUP_SIZE))
    edges = np.quantile(of.risk, np.arange(1, groups) / groups)
    _, place = np.unique(np.searchsorted(edges, of.risk, side="left"), return_inverse=True)
    return "group", place, np.empty((0, of.X.shape[1]))


def points(of: Predicted, place: IntArray) -> list[dict[str, Any]]:
    """Return predicted against observed risk of each pattern or group, with Wilson limits."""
    crossed = of.crossed.risks.mean(axis=0) if len(of.crossed.log_odds) else None
    found = []
    for number in range(int(place.max()) + 1):
        inside = place == number
        n, events = int(inside.sum()), int(of.y[inside].sum())
        low, high = wilson_limits(events, n, level=LEVEL)
        found.append(
            {
                "n": n,
                "events": events,
                "risk": float(of.risk[inside].mean()),
                "low": float(of.risk[inside].min()),
                "high": float(of.risk[inside].max()),
                "cross_validated_risk": None if crossed is None else float(crossed[inside].mean()),
                "observed": events / n,
                "interval": {"low": low, "high": high, "level": LEVEL, "method": "Wilson"},
            }
        )
    return found


def smooth(of: Predicted) -> tuple[list[dict[str, float]], str]:
    """Return the smooth calibration curve, or why there is none."""
    others = of.n - of.events
    if min(of.events, others) < SMOOTH_FROM:
        return [], (
            f"no smooth curve is drawn: it takes {SMOOTH_FROM} patients with and {SMOOTH_FROM} "
            f"without the outcome (Van Calster 2016); here are {of.events} and {others}"
        )
    risk = np.round(of.risk * SMOOTH_STEP) / SMOOTH_STEP
    return [{"risk": x, "observed": share} for x, share in smooth_curve(of.y, risk)], ""


def roc(of: Predicted) -> list[dict[str, Any]]:
    """Return sensitivity and specificity of each risk as a limit: "this risk or more"."""
    limits = np.unique(of.risk)[::-1]
    if len(limits) > MOST_ROC:
        limits = limits[np.linspace(0, len(limits) - 1, MOST_ROC).round().astype(np.intp)]
    ordered = np.sort(of.risk[of.y > 0]), np.sort(of.risk[of.y == 0])
    true, false = (len(x) - np.searchsorted(x, limits, side="left") for x in ordered)
    others = of.n - of.events
    return [
        {
            "risk": float(limit),
            "true_positives": int(hit),
            "false_positives": int(wrong),
            "sensitivity": int(hit) / of.events,
            "specificity": 1.0 - int(wrong) / others,
        }
        for limit, hit, wrong in zip(limits, true, false, strict=True)
    ]


def net_benefits(of: Predicted) -> dict[str, FloatArray]:
    """Return the net benefit of each strategy at each of `THRESHOLDS`.

    "cross_validated" is the mean of the repeats, and is missing where none is whole.
    """
    crossed = {f"repeat {i}": risk for i, risk in enumerate(of.crossed.risks)}
    curve = decision_curve(of.y, {"apparent": of.risk, **crossed}, thresholds=THRESHOLDS)
    found = {s.name: np.array(s.net_benefit) for s in curve.strategies}
    benefits = {
        "apparent": found["apparent"],
        "treat_all": found["treat all"],
        "treat_none": found["treat none"],
    }
    if crossed:
        benefits["cross_validated"] = np.mean([found[name] for name in crossed], axis=0)
    return benefits


def treated(of: Predicted) -> tuple[FloatArray, FloatArray]:
    """Return how many are treated at each threshold, and how many of them rightly, apparent."""
    above = of.risk >= np.array(THRESHOLDS)[:, np.newaxis]
    return above.sum(axis=1), (above & (of.y > 0)).sum(axis=1)


def net_benefit_limits(of: Predicted, seed: int) -> tuple[FloatArray, FloatArray] | None:
    """Return percentile limits of the cross-validated net benefit, by resampled patients.

    The risks are held, so that the limits say how far the benefit rests on who was in the
    study, and not that other patients would have given another model.
    """
    if not len(of.crossed.log_odds):
        return None
    at = np.array(THRESHOLDS)
    risks = of.crossed.risks
    share = np.stack([(risks >= t).mean(axis=0) for t in at], axis=1)
    weight = np.where(of.y[:, np.newaxis] > 0, 1.0, -at / (1.0 - at))
    draws = np.random.default_rng(seed).multinomial(of.n, np.full(of.n, 1 / of.n), size=RESAMPLES)
    benefit = draws @ (share * weight) / of.n
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(benefit, [tail, 1.0 - tail], axis=0)
    return low, high
