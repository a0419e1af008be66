"""Restricted maximum likelihood of a linear model with random effects of subjects."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import optimize

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.longitudinal import Repeated

AT_ZERO = 1e-4  # of a relative SD: below it the random effect counts as absent, as in lme4
STEP = 1e-3
SLOPE_TOO_STEEP = 1e-3


class Fit(NamedTuple):
    """The model at given relative covariances of the random effects.

    Parameters
    ----------
    deviance
        -2 log-likelihood (restricted or not), the residual variance being the best one.
    beta
        Fixed effects.
    inverse
        (X'V^-1 X)^-1, V being the covariance of the values in units of `sigma2`.
    sigma2
        Residual variance.
    log_dets
        log det V, plus log det X'V^-1 X if restricted.
    rss
        Weighted residual sum of squares.
    """

    deviance: float
    beta: FloatArray
    inverse: FloatArray
    sigma2: float
    log_dets: float
    rss: float


@dataclass(frozen=True, slots=True)
class Criterion:
    """Cross-products of a mixed model, from which its likelihood is quickly found.

    The covariance of the random effects is sigma^2 L L' with L lower triangular, filled by
    theta row by row (Bates et al. 2015, section 2.1). The values are taken less their
    least-squares fit, so that no digits cancel.
    """

    zz: FloatArray
    zx: FloatArray
    zy: FloatArray
    xx: FloatArray
    xy: FloatArray
    yy: float
    n: int
    reml: bool
    least_squares: FloatArray

    @property
    def columns(self) -> int:
        """Random effects of a subject."""
        return int(self.zz.shape[1])

    @property
    def df(self) -> int:
        """Divisor of the residual variance."""
        return self.n - len(self.xy) if self.reml else self.n

    def factor(self, theta: FloatArray) -> FloatArray:
        """Return L."""
        factor = np.zeros((self.columns, self.columns))
        factor[np.tril_indices(self.columns)] = theta
        return factor

    def at(self, theta: FloatArray) -> Fit:
        """Return the model with these relative covariances."""
        factor = self.factor(theta)
        m = np.eye(self.columns) + factor.T @ self.zz @ factor
        ax, ay = factor.T @ self.zx, self.zy @ factor
        solved = np.linalg.solve(m, np.concatenate((ax, ay[:, :, np.newaxis]), axis=2))
        xvx = self.xx - np.einsum("sqp,sqr->pr", ax, solved[:, :, :-1])
        xvy = self.xy - np.einsum("sqp,sq->p", ax, solved[:, :, -1])
        yvy = self.yy - float(np.einsum("sq,sq->", ay, solved[:, :, -1]))
        inverse = np.linalg.inv(xvx)
        beta = inverse @ xvy
        rss = max(yvy - float(beta @ xvy), 1e-300)
        log_dets = float(np.linalg.slogdet(m)[1].sum())
        if self.reml:
            log_dets += float(np.linalg.slogdet(xvx)[1])
        sigma2 = rss / self.df
        deviance = log_dets + self.df * (1.0 + math.log(2.0 * math.pi * sigma2))
        return Fit(deviance, self.least_squares + beta, inverse, sigma2, log_dets, rss)

    def deviance(self, theta_sigma: FloatArray) -> float:
        """Return -2 log-likelihood at theta and the residual SD, none being the best one."""
        fit, sigma2 = self.at(theta_sigma[:-1]), float(theta_sigma[-1]) ** 2
        return fit.log_dets + self.df * math.log(2.0 * math.pi * sigma2) + fit.rss / sigma2


def make_criterion(data: Repeated, Z: FloatArray, *, reml: bool, X: FloatArray) -> Criterion:
    """Sum the cross-products of a design over the rows of each subject.

    Parameters
    ----------
    data
        Values, ordered by subject.
    Z
        Columns of the random effects, shape (rows, effects).
    reml
        Restricted, or ordinary likelihood.
    X
        Columns of the fixed effects.
    """
    least_squares: FloatArray = np.linalg.lstsq(X, data.values, rcond=None)[0].astype(np.float64)
    y = data.values - X @ least_squares
    parts = [(Z[a:b], X[a:b], y[a:b]) for a, b in pairwise(data.starts)]
    return Criterion(
        zz=np.stack([z.T @ z for z, _, _ in parts]),
        zx=np.stack([z.T @ x for z, x, _ in parts]),
        zy=np.stack([z.T @ v for z, _, v in parts]),
        xx=X.T @ X,
        xy=X.T @ y,
        yy=float(y @ y),
        n=len(y),
        reml=reml,
        least_squares=least_squares,
    )


def minimise(criterion: Criterion) -> FloatArray:
    """Return the theta of the smallest deviance; its diagonal is at least 0.

    Raises
    ------
    StatisticsError
        If no minimum is found.
    """
    if criterion.columns == 1:
        return _minimise_one(criterion)
    bounds = [(0.0, None), (None, None), (0.0, None)]

    def deviance(theta: FloatArray) -> float:
        return criterion.at(theta).deviance

    found: list[tuple[float, FloatArray]] = []
    for start in ((1.0, 0.0, 1.0), (1.0, 0.0, 0.1), (0.3, 0.0, 0.3), (2.0, -1.0, 0.5)):
        answer = optimize.minimize(
            deviance,
            np.array(start),
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-14, "gtol": 1e-7},
        )
        found.append((float(answer.fun), np.asarray(answer.x, dtype=np.float64)))
    last = optimize.minimize(
        deviance,
        min(found, key=lambda one: one[0])[1],
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-8, "fatol": 1e-11, "maxiter": 2000, "maxfev": 4000},
    )
    theta = _polish(deviance, np.asarray(last.x, dtype=np.float64))
    slopes = gradient(deviance, theta)
    free = (np.array([b[0] is None for b in bounds])) | (theta > AT_ZERO)
    if not np.isfinite(theta).all() or np.abs(slopes[free]).max(initial=0.0) > SLOPE_TOO_STEEP:
        raise StatisticsError(
            "the mixed model does not converge: no minimum of the deviance is found. Leave the "
            "random slope out"
        )
    return theta


def _minimise_one(criterion: Criterion) -> FloatArray:
    def deviance(theta: float) -> float:
        return criterion.at(np.array([theta])).deviance

    grid = np.concatenate(([0.0], np.logspace(-3, 4, 71)))
    heights = [deviance(theta) for theta in grid]
    lowest = int(np.argmin(heights))
    if lowest == len(grid) - 1:
        raise StatisticsError(
            "the mixed model does not converge: hardly any variance is left within subjects"
        )
    answer = optimize.minimize_scalar(
        deviance,
        bounds=(grid[max(lowest - 1, 0)], grid[lowest + 1]),
        method="bounded",
        options={"xatol": 1e-10},
    )
    theta = np.array([float(answer.x) if answer.fun < heights[0] else 0.0])
    if theta[0] > AT_ZERO:
        return _polish(lambda x: deviance(float(x[0])), theta)
    return np.zeros(1)


def _polish(deviance: Callable[[FloatArray], float], theta: FloatArray) -> FloatArray:
    """Take Newton steps while they lower the deviance, away from the boundary only."""
    for _ in range(5):
        if (np.abs(theta[[0, -1]]) <= AT_ZERO).any():
            return theta
        try:
            step = np.linalg.solve(hessian(deviance, theta), gradient(deviance, theta))
        except np.linalg.LinAlgError:
            return theta
        moved = theta - step
        worse = deviance(moved) > deviance(theta) + 1e-10
        if worse or (moved[[0, -1]] < 0).any() or not np.isfinite(moved).all():
            return theta
        theta = moved
        if np.abs(step).max() < 1e-9:
            break
    return theta


def gradient(function: Callable[[FloatArray], float], x: FloatArray) -> FloatArray:
    """Return first derivatives by central differences, extrapolated once (Richardson)."""
    slopes = np.zeros(len(x))
    for i in range(len(x)):
        estimates = []
        for step in _steps(x, i):
            ahead, behind = x.copy(), x.copy()
            ahead[i] += step
            behind[i] -= step
            estimates.append((function(ahead) - function(behind)) / (2.0 * step))
        slopes[i] = (4.0 * estimates[1] - estimates[0]) / 3.0
    return slopes


def hessian(function: Callable[[FloatArray], float], x: FloatArray) -> FloatArray:
    """Return second derivatives by central differences, extrapolated once (Richardson)."""
    size = len(x)
    found = []
    for half in (0, 1):
        steps = [_steps(x, i)[half] for i in range(size)]
        curve = np.zeros((size, size))
        for i in range(size):
            for j in range(i + 1):
                total = 0.0
                for si, sj in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                    moved = x.copy()
                    moved[i] += si * steps[i]
                    moved[j] += sj * steps[j]
                    total += si * sj * function(moved)
                curve[i, j] = curve[j, i] = total / (4.0 * steps[i] * steps[j])
        found.append(curve)
    curvature: FloatArray = (4.0 * found[1] - found[0]) / 3.0
    return curvature


def _steps(x: FloatArray, i: int) -> tuple[float, float]:
    step = STEP * max(abs(float(x[i])), 0.1)
    return step, step / 2.0


@dataclass(frozen=True, slots=True)
class Satterthwaite:
    """Degrees of freedom of contrasts of fixed effects.

    The variance of a contrast is itself estimated; it is given the degrees of freedom of
    the chi-square with the same mean and variance, the covariance of theta and the residual
    SD being twice the inverse of the deviance's second derivatives.

    References
    ----------
    Kuznetsova A, Brockhoff PB, Christensen RHB. J Stat Softw 2017;82(13).
    """

    criterion: Criterion
    theta: FloatArray
    fit: Fit
    covariance: FloatArray

    def df(self, contrast: Sequence[float] | FloatArray) -> float:
        """Return the degrees of freedom of one contrast, at most those of the residuals."""
        weights = np.asarray(contrast, dtype=np.float64)

        def variance(x: FloatArray) -> float:
            return float(x[-1]) ** 2 * float(weights @ self.criterion.at(x[:-1]).inverse @ weights)

        here = np.append(self.theta, math.sqrt(self.fit.sigma2))
        slopes = gradient(variance, here)
        spread = float(slopes @ self.covariance @ slopes)
        if not spread > 0:
            return float(self.criterion.df)
        return 2.0 * variance(here) ** 2 / spread

    def f_test(self, columns: Sequence[int]) -> tuple[float, float]:
        """Return F of several coefficients being 0, and the denominator's degrees of freedom.

        Raises
        ------
        StatisticsError
            If a direction has at most two degrees of freedom, so that F has no mean.

        References
        ----------
        Fai AHT, Cornelius PL. J Stat Comput Simul 1996;54:363-378.
        """
        chosen = list(columns)
        covariance = self.fit.sigma2 * self.fit.inverse[np.ix_(chosen, chosen)]
        values, vectors = np.linalg.eigh(covariance)
        q = len(chosen)
        contrasts = np.zeros((q, len(self.fit.beta)))
        contrasts[:, chosen] = vectors.T
        f = float(((contrasts @ self.fit.beta) ** 2 / values).sum()) / q
        each = np.array([self.df(contrast) for contrast in contrasts])
        if q == 1 or np.ptp(each) < 1e-8 * each.max():
            return f, float(each.mean())
        if each.min() <= 2.0:
            raise StatisticsError(
                f"the test of {q} coefficients has too few degrees of freedom ({each.min():.2f}). "
                f"Use time 'linear'"
            )
        total = float((each / (each - 2.0)).sum())
        return f, 2.0 * total / (total - q)


def satterthwaite(criterion: Criterion, theta: FloatArray, fit: Fit) -> Satterthwaite:
    """Prepare degrees of freedom at the minimum of the deviance."""
    curve = hessian(criterion.deviance, np.append(theta, math.sqrt(fit.sigma2)))
    values, vectors = np.linalg.eigh(curve)
    kept = values > 1e-8 * values.max()
    covariance = 2.0 * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return Satterthwaite(criterion, theta, fit, covariance)
