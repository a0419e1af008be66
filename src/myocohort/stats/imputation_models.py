"""Draws of missing values from a regression model and the uncertainty of its coefficients."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import linalg

from myocohort.stats.design import COLLINEAR, FloatArray
from myocohort.stats.likelihood import Point, maximise

DONORS = 5
SLOPE_SD = 2.5  # prior of a log odds ratio per SD of the predictor, between any two categories
INTERCEPT_SD = 10.0
SLICES = 30  # moves from the normal approximation to the posterior itself


def independent_columns(X: FloatArray) -> NDArray[np.bool_]:
    """Say which columns vary and are not determined by those before them.

    Parameters
    ----------
    X
        Predictors, shape (rows, predictors), without intercept.
    """
    centred = X - X.mean(axis=0)
    kept = np.zeros(X.shape[1], dtype=np.bool_)
    basis = np.zeros((len(X), 0))
    for j, column in enumerate(centred.T):
        length = float(np.linalg.norm(column))
        if length <= COLLINEAR * float(np.abs(X[:, j]).max(initial=0.0)) or len(X) == 0:
            continue
        left = column / length
        for _ in range(2):  # twice is enough for full precision (Kahan)
            left = left - basis @ (basis.T @ left)
        rest = float(np.linalg.norm(left))
        if rest > 1e-6:
            kept[j] = True
            basis = np.column_stack((basis, left / rest))
    return kept


def standardised(X_obs: FloatArray, X_mis: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return both with an intercept, scaled to mean 0 and SD 1 of the rows with a value."""
    centre, scale = X_obs.mean(axis=0), X_obs.std(axis=0)
    return (
        np.column_stack((np.ones(len(X_obs)), (X_obs - centre) / scale)),
        np.column_stack((np.ones(len(X_mis)), (X_mis - centre) / scale)),
    )


def draw_linear(
    y: FloatArray, X: FloatArray, rng: Generator
) -> tuple[FloatArray, FloatArray, float]:
    """Fit a linear regression and draw its coefficients from their posterior.

    Parameters
    ----------
    y, X
        Known values and their predictors with intercept; more rows than columns, which are
        independent.
    rng
        Source of randomness.

    Returns
    -------
    fitted, drawn, sigma
        Least-squares coefficients; coefficients and residual SD drawn under the prior
        1 / sigma^2.

    References
    ----------
    Rubin DB. Multiple Imputation for Nonresponse in Surveys. 1987, p. 167.
    """
    q, r = np.linalg.qr(X)
    fitted: FloatArray = linalg.solve_triangular(r, q.T @ y)
    residual = y - X @ fitted
    sigma = math.sqrt(float(residual @ residual) / rng.chisquare(len(y) - X.shape[1]))
    drawn = fitted + sigma * linalg.solve_triangular(r, rng.standard_normal(X.shape[1]))
    return fitted, drawn, sigma


def impute_normal(
    y: FloatArray, X_obs: FloatArray, X_mis: FloatArray, rng: Generator
) -> FloatArray:
    """Draw from a Bayesian linear regression; values may lie outside those observed."""
    _, drawn, sigma = draw_linear(y, X_obs, rng)
    values: FloatArray = X_mis @ drawn + sigma * rng.standard_normal(len(X_mis))
    return values


def impute_by_matching(
    y: FloatArray, X_obs: FloatArray, X_mis: FloatArray, rng: Generator
) -> FloatArray:
    """Take the value of one of the `DONORS` rows whose prediction is nearest.

    The donors are predicted with the fitted, the receivers with the drawn coefficients
    (type 1 matching), so that the uncertainty of the coefficients is carried over.

    References
    ----------
    Little RJA. J Bus Econ Stat 1988;6:287-296. van Buuren S. Flexible Imputation of Missing
    Data, 2nd ed. 2018, section 3.4.
    """
    fitted, drawn, _ = draw_linear(y, X_obs, rng)
    order = rng.permutation(len(y))  # so that equally near donors are chosen at random
    distance = np.abs((X_mis @ drawn)[:, np.newaxis] - (X_obs @ fitted)[order])
    donors = min(DONORS, len(y))
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :donors]
    chosen = nearest[np.arange(len(X_mis)), rng.integers(donors, size=len(X_mis))]
    values: FloatArray = y[order][chosen]
    return values


def impute_category(
    codes: FloatArray, levels: int, X_obs: FloatArray, X_mis: FloatArray, rng: Generator
) -> FloatArray:
    """Draw categories from a Bayesian logistic model, binary or multinomial.

    Coefficients have normal priors (log odds ratios per SD between any two categories: SD
    2.5; intercepts: SD 10), so that their mode is finite and their draws stay within a few
    prior SD whatever the separation. They are drawn from the posterior itself by elliptical
    slice sampling that begins with a draw from the normal approximation at the mode; that
    approximation alone would pull separated cells towards 1/2. (R's mice adds weighted
    pseudo-observations instead, which do so too: White IR, Daniel R, Royston P 2010.)

    Parameters
    ----------
    codes
        Positions of the known categories, 0 to `levels` - 1.
    levels
        Number of categories.
    X_obs, X_mis
        Predictors with intercept, standardised.
    rng
        Source of randomness.

    References
    ----------
    Rubin DB. Multiple Imputation for Nonresponse in Surveys. 1987, p. 169. Weakly
    informative priors against separation: Gelman A et al. Ann Appl Stat 2008;2:1360-1383.
    Sampling: Murray I, Adams RP, MacKay DJC. AISTATS 2010, PMLR 9:541-548; Nishihara R,
    Murray I, Adams RP. J Mach Learn Res 2014;15:2087-2112.
    """
    columns = X_obs.shape[1]
    sd = np.array([INTERCEPT_SD] + [SLOPE_SD] * (columns - 1))
    mode = category_mode(codes, levels, X_obs, 2.0 / sd**2)
    beta = draw_posterior(mode, codes, levels, X_obs, 2.0 / sd**2, rng)
    eta = X_mis @ beta.reshape(levels, columns).T
    weights = np.exp(eta - eta.max(axis=1, keepdims=True))
    shares = np.cumsum(weights, axis=1)
    u = rng.random(len(X_mis)) * shares[:, -1]
    drawn: FloatArray = (shares[:, :-1] < u[:, np.newaxis]).sum(axis=1).astype(np.float64)
    return drawn


def draw_posterior(
    mode: Point,
    codes: FloatArray,
    levels: int,
    X: FloatArray,
    precision: FloatArray,
    rng: Generator,
) -> FloatArray:
    """Draw the coefficients whose posterior has this mode; arguments as for `category_mode`."""
    columns, place = X.shape[1], (np.arange(len(codes)), codes.astype(np.intp))
    ridge = np.tile(precision, levels)
    root = np.linalg.cholesky(mode.curvature)

    def normal() -> FloatArray:
        z = rng.standard_normal(len(mode.beta))
        drawn: FloatArray = linalg.solve_triangular(root, z, lower=True, trans="T")
        return drawn

    def correction(step: FloatArray) -> float:
        """Return the log of posterior over normal approximation, but for a constant."""
        beta = mode.beta + step
        eta = X @ beta.reshape(levels, columns).T
        top = eta.max(axis=1)
        value = float((eta[place] - top - np.log(np.exp(eta.T - top).sum(axis=0))).sum())
        half = root.T @ step
        return value - 0.5 * float(ridge @ beta**2) + 0.5 * float(half @ half)

    step = normal()
    height = correction(step)
    for _ in range(SLICES):
        other, floor = normal(), height - rng.exponential()
        angle = rng.uniform(0.0, 2.0 * math.pi)
        low, high = angle - 2.0 * math.pi, angle
        while True:
            moved = step * math.cos(angle) + other * math.sin(angle)
            height = correction(moved)
            if height >= floor or high - low < 1e-12:
                break
            low, high = (angle, high) if angle < 0.0 else (low, angle)
            angle = rng.uniform(low, high)
        step = moved
    return mode.beta + step


def category_mode(codes: FloatArray, levels: int, X: FloatArray, precision: FloatArray) -> Point:
    """Return the mode of a multinomial logistic model with normal priors.

    Every category has its own coefficients, so that the order of categories does not
    matter; the priors make them unique.

    Parameters
    ----------
    codes, levels, X
        As for `impute_category`.
    precision
        1 / variance of the prior of each column's coefficient.

    Returns
    -------
    Point
        `beta` holds the coefficients of the first category, then of the second, ...
    """
    columns = X.shape[1]
    hits = (codes[:, np.newaxis] == np.arange(levels)).astype(np.float64)
    ridge = np.tile(precision, levels)

    def evaluate(beta: FloatArray) -> Point:
        eta = X @ beta.reshape(levels, columns).T
        top = eta.max(axis=1, keepdims=True)
        weights = np.exp(eta - top)
        total = weights.sum(axis=1, keepdims=True)
        share = weights / total
        value = float((hits * eta).sum() - top.sum() - np.log(total).sum())
        value -= 0.5 * float(ridge @ beta**2)
        score = ((hits - share).T @ X).reshape(-1) - ridge * beta
        curvature = np.diag(ridge)
        for k in range(levels):
            for other in range(levels):
                weight = share[:, k] * (float(k == other) - share[:, other])
                rows, cols = (
                    slice(k * columns, (k + 1) * columns),
                    slice(other * columns, (other + 1) * columns),
                )
                curvature[rows, cols] += (X.T * weight) @ X
        return Point(beta, value, score, curvature, curvature)

    return maximise(evaluate, np.zeros(levels * columns))
