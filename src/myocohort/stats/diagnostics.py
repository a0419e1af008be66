"""Whether a logistic model can be believed: collinearity, discrimination, accuracy, fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.brier import BrierScore, brier_score
from myocohort.stats.c_statistic import c_statistic
from myocohort.stats.design import make_design
from myocohort.stats.flic import CORRECTIONS, corrected_maximum
from myocohort.stats.hosmer_lemeshow import HosmerLemeshow, hosmer_lemeshow
from myocohort.stats.likelihood import risks
from myocohort.stats.logistic import METHOD as MAXIMUM_LIKELIHOOD
from myocohort.stats.logistic import ml_risks
from myocohort.stats.result import Result, Separation
from myocohort.stats.separation import find_separation
from myocohort.stats.terms import design_warnings
from myocohort.stats.variance_inflation import VarianceInflation, variance_inflation

APPARENT = (
    "c-statistic, Brier score and fit are apparent: measured in the patients that the model was "
    "fitted to, they are too good; validation corrects them for optimism"
)
RiskMethod = Literal["ml", "firth", "flic", "flac"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """The diagnostics of one model.

    Parameters
    ----------
    method
        How the risks were fitted.
    n, n_missing, events, events_per_variable
        As in a ModelResult.
    separation
        Found before the model was fitted.
    variance_inflation, c_statistic, brier
        See the functions of these names.
    hosmer_lemeshow
        Of maximum likelihood only, for which the test was made; None otherwise.
    warnings
        What bears on all of them.
    """

    method: str
    n: int
    n_missing: int
    events: int
    events_per_variable: float
    separation: Separation
    variance_inflation: VarianceInflation
    c_statistic: Result
    brier: BrierScore
    hosmer_lemeshow: HosmerLemeshow | None
    warnings: tuple[str, ...]


def diagnose(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    method: RiskMethod = "ml",
    groups: int = 10,
    level: float = 0.95,
    weights: ArrayLike | None = None,
) -> Diagnostics:
    """Fit a logistic model and judge the risks that it gives the patients it was fitted to.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; rows with NaN are left out and counted.
    y
        Outcome, 0 or 1; NaN if missing.
    names
        Name of each term.
    method
        "ml", or one of `myocohort.stats.flic.CORRECTIONS`.
    groups
        Groups of the Hosmer-Lemeshow test, at least 3.
    level
        Coverage of the interval of the c-statistic.
    weights
        How many patients each row stands for; 1 by default.

    Returns
    -------
    Diagnostics
        Under separation the risks of maximum likelihood are exactly 0 and 1 for the rows that
        the terms predict perfectly; each measure then says so.

    Raises
    ------
    StatisticsError
        If the design is unfit (see `make_design`), the method is unknown, fewer than 3
        groups are asked for, or the fit does not converge.
    """
    if method != "ml" and method not in CORRECTIONS:
        raise StatisticsError(f"method is one of ml, {', '.join(CORRECTIONS)}; found {method!r}")
    design = make_design(X, y, names, weights)
    finding = find_separation(design)
    if method == "ml":
        fitted = ml_risks(design, finding)
    else:
        fitted = risks(design.X @ corrected_maximum(design, method))
    others = design.trials - design.events
    outcome = np.repeat((1.0, 0.0), (design.n_events, design.n - design.n_events))
    risk = np.concatenate(
        (np.repeat(fitted, design.events.astype(int)), np.repeat(fitted, others.astype(int)))
    )
    separated: tuple[str, ...] = ()
    if finding.separation.kind != "none":
        rows = int(design.trials[~finding.overlapping].sum())
        separated = (
            f"{finding.separation.kind} separation: the terms predict the outcome of {rows} of "
            f"{design.n} rows perfectly, which flatters every measure of the fit",
        )
    c = c_statistic(outcome, risk, level=level)
    brier = brier_score(outcome, risk)
    fit = hosmer_lemeshow(outcome, risk, groups=groups) if method == "ml" else None
    return Diagnostics(
        method=MAXIMUM_LIKELIHOOD if method == "ml" else CORRECTIONS[method],
        n=design.n,
        n_missing=design.n_missing,
        events=design.n_events,
        events_per_variable=design.events_per_variable,
        separation=finding.separation,
        variance_inflation=variance_inflation(X, y, names, weights=weights),
        c_statistic=replace(c, n_missing=design.n_missing, warnings=(*c.warnings, *separated)),
        brier=replace(brier, n_missing=design.n_missing, warnings=(*brier.warnings, *separated)),
        hosmer_lemeshow=None
        if fit is None
        else replace(fit, n_missing=design.n_missing, warnings=(*fit.warnings, *separated)),
        warnings=(*design_warnings(design), *separated, APPARENT),
    )
