"""Predicted risks of rows that their model was not made from, by repeated cross-validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.parallel import spawn_seeds
from myocohort.stats.design import FloatArray, as_matrix, as_vector
from myocohort.stats.validation_fits import count_reasons, fit_many
from myocohort.stats.validation_folds import deal
from myocohort.stats.validation_measures import linear_predictors

REFERENCE = (
    "Stone M. J R Stat Soc B 1974;36:111-147; Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A. "
    "Stat Med 2017;36:2302-2317"
)
MOST_STEPS = 60
LAST_STEP = 1e-12  # of the intercept, in log odds


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidatedRisks:
    """What cross-validation predicts for each row.

    Parameters
    ----------
    log_odds
        Shape (repeats that are whole, rows): of each row by the model of the other folds.
    folds, repeats, seed
        Parts that the rows are divided into, how often, and from which seed.
    failed
        Folds whose training rows gave no model, by reason; their repeats are not in
        `log_odds`.
    """

    log_odds: FloatArray
    folds: int
    repeats: int
    seed: int
    failed: Mapping[str, int]

    @property
    def risks(self) -> FloatArray:
        """Predicted risks, shape (repeats that are whole, rows)."""
        small = np.exp(-np.abs(self.log_odds))
        risks: FloatArray = np.where(self.log_odds >= 0.0, 1.0, small) / (1.0 + small)
        return risks


def cross_validated_risks(
    X: ArrayLike, y: ArrayLike, *, folds: int = 10, repeats: int = 50, seed: int = 1
) -> CrossValidatedRisks:
    """Predict each row's risk by FLIC from the folds that it is not in.

    The rows are divided at random into folds of nearly equal size and nearly equal share of
    events. FLIC is Firth's logistic regression with its intercept found again by maximum
    likelihood, so that the mean risk of the training rows is their share of events.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), nothing missing.
    y
        Outcome, 0 or 1, both present.
    folds
        From 2 to the number of rows.
    repeats
        How often the rows are divided anew, at least 1.
    seed
        A whole number of at least 0.

    Raises
    ------
    StatisticsError
        If a value is missing, the outcome is not 0 or 1 or the same in all, or folds or
        repeats are impossible.
    MyocohortError
        If the seed is not what it should be.

    References
    ----------
    Stone M. J R Stat Soc B 1974;36:111-147. Puhr R et al. Stat Med 2017;36:2302-2317.
    """
    terms = as_matrix(X)
    outcome = as_vector(y, "the outcome", len(terms))
    rows = len(outcome)
    if np.isnan(terms).any() or np.isnan(outcome).any():
        raise StatisticsError("a value is missing: leave incomplete rows out first")
    if not np.isin(outcome, (0.0, 1.0)).all() or outcome.min() == outcome.max():
        raise StatisticsError("the outcome is 0 or 1, and both occur")
    if not 2 <= folds <= rows or repeats < 1:
        raise StatisticsError(
            f"folds is from 2 to the {rows} rows, and repeats at least 1; found {folds} and "
            f"{repeats}"
        )
    places = np.stack(
        [deal(np.random.default_rng(s), outcome, folds) for s in spawn_seeds(seed, repeats)]
    )
    held_out = places[:, np.newaxis] == np.arange(folds)[:, np.newaxis]
    training = (~held_out).reshape(-1, rows).astype(np.float64)
    everyone = np.ones((len(training), terms.shape[1]), dtype=np.bool_)
    coefficients, reasons = fit_many("firth", terms, outcome, training, everyone)
    log_odds = linear_predictors(terms, np.nan_to_num(coefficients))
    log_odds += _intercept_shift(log_odds, outcome, training)[:, np.newaxis]
    by_fold = log_odds.reshape(repeats, folds, rows)
    own = np.take_along_axis(by_fold, places[:, np.newaxis], axis=1)[:, 0]
    whole = (reasons == 0).reshape(repeats, folds).all(axis=1)
    return CrossValidatedRisks(
        log_odds=own[whole],
        folds=folds,
        repeats=repeats,
        seed=seed,
        failed=count_reasons(reasons),
    )


def _intercept_shift(log_odds: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Return what the intercepts need, so that the mean risk is the share of events.

    The equation has one root, and the mean risk rises with the intercept, so that Newton's
    steps of at most 1 arrive. Without events in the training rows there is no root; such a
    fit has failed before and stays as it is.
    """
    n, events = weights.sum(axis=1), weights @ y
    shift = np.zeros(len(log_odds))
    open_ = (events > 0) & (events < n)
    for _ in range(MOST_STEPS):
        risk = 0.5 * (1.0 + np.tanh(0.5 * (log_odds + shift[:, np.newaxis])))
        slope = (weights * risk * (1.0 - risk)).sum(axis=1)
        missing = events - (weights * risk).sum(axis=1)
        step = np.where(open_ & (slope > 0.0), missing / np.where(slope > 0.0, slope, 1.0), 0.0)
        shift += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() <= LAST_STEP:
            break
    return shift
