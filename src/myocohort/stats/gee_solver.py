"""The solution of generalised estimating equations by statsmodels, with nothing left unsaid."""

from __future__ import annotations

import warnings as python_warnings
from typing import Any, Literal

import numpy as np
from scipy import optimize

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.longitudinal import NO_SCATTER, Repeated

Correlation = Literal["exchangeable", "ar1", "independence"]
CORRELATIONS: dict[Correlation, str] = {
    "exchangeable": "exchangeable",
    "ar1": "AR(1) over months",
    "independence": "independence",
}
StandardError = Literal["bias_reduced", "robust"]
STANDARD_ERRORS: dict[StandardError, str] = {
    "bias_reduced": "Mancl-DeRouen bias-corrected sandwich SE",
    "robust": "robust (sandwich) SE",
}
Family = Literal["gaussian", "binomial"]
MOST_STEPS = 500
SMALL_SCORE = 1e-9
HIGHEST_CORRELATION = 0.9999


def solve_equations(
    data: Repeated,
    correlation: Correlation,
    standard_error: StandardError,
    family: Family,
    lag: float | None,
) -> tuple[FloatArray, FloatArray, float | None, float]:
    """Return estimates, their covariance, the working correlation and the scale."""
    from statsmodels.genmod import cov_struct, families  # slow to import
    from statsmodels.genmod.generalized_estimating_equations import GEE

    class OverMonths(cov_struct.CovStruct):  # type: ignore[misc]
        """AR(1) by the months between two values.

        The one of statsmodels takes the positions of values within a subject instead, so
        that a missed visit would count for nothing.
        """

        def __init__(self) -> None:
            super().__init__()
            self.dep_params = 0.0

        def _lags(self, index: int) -> FloatArray:
            month = self.model.time_li[index][:, 0]
            lags: FloatArray = np.abs(month[:, np.newaxis] - month)
            return lags

        def update(self, params: FloatArray) -> None:
            products, lags = [], []
            for index in range(self.model.num_group):
                expected, _ = self.model.cached_means[index]
                spread = np.sqrt(self.model.family.variance(expected))
                residual = (self.model.endog_li[index] - expected) / spread
                above = np.triu_indices(len(residual), 1)
                products.append(np.outer(residual, residual)[above])
                lags.append(self._lags(index)[above])
            self.dep_params = _ar1(
                np.concatenate(products) / _scale(self.model), np.concatenate(lags)
            )

        def covariance_matrix(self, expected: FloatArray, index: int) -> tuple[FloatArray, bool]:
            return _powers(self.dep_params, self._lags(index)), True

    structure = {
        "exchangeable": cov_struct.Exchangeable,
        "independence": cov_struct.Independence,
        "ar1": OverMonths,
    }[correlation]()
    chosen = families.Binomial() if family == "binomial" else families.Gaussian()
    subject = np.repeat(np.arange(data.n_subjects), data.sizes)
    # one unit and origin for the equations, so that "solved" means the same for all data
    centre, unit = (0.0, 1.0) if family == "binomial" else (data.values.mean(), data.values.std())
    width = np.abs(data.X).max(axis=0)
    model = GEE(
        (data.values - centre) / unit,
        data.X / width,
        groups=subject,
        time=data.months / (lag or 1.0),
        family=chosen,
        cov_struct=structure,
    )
    with python_warnings.catch_warnings(record=True) as caught:
        python_warnings.simplefilter("always")
        try:
            fit = model.fit(
                maxiter=MOST_STEPS, ctol=SMALL_SCORE, cov_type=standard_error, ddof_scale=0
            )
        except (np.linalg.LinAlgError, ValueError, FloatingPointError) as error:
            raise StatisticsError(f"the estimating equations are not solved: {error}") from error
    complaints = {
        "a number is infinite, as hardly anything varies within subjects"
        if "encountered in" in str(one.message)
        else str(one.message).split("\n")[0]
        for one in caught
    }
    if fit is None or complaints:
        raise StatisticsError(
            f"the estimating equations are not solved: {'; '.join(sorted(complaints))}. Use "
            f"another working correlation"
        )
    alpha = None if correlation == "independence" else float(np.asarray(structure.dep_params))
    largest = int(data.sizes.max())
    if (
        correlation == "exchangeable"
        and alpha is not None
        and not (-1.0 / (largest - 1) < alpha < 1.0)
    ):
        raise StatisticsError(
            f"the exchangeable working correlation is {alpha:.3f}, which {largest} values of a "
            f"subject cannot have. Use independence"
        )
    if correlation == "ar1" and abs(alpha or 0.0) > HIGHEST_CORRELATION - 1e-6:
        raise StatisticsError(
            "the AR(1) working correlation runs to 1: hardly anything varies within subjects. Use "
            "independence"
        )
    beta = np.asarray(fit.params, dtype=np.float64) * unit / width
    beta[0] += centre
    covariance = np.asarray(
        fit.cov_robust_bc if standard_error == "bias_reduced" else fit.cov_robust, dtype=np.float64
    )
    scatter = covariance.diagonal()
    covariance = covariance * unit**2 / np.outer(width, width)
    if not (np.isfinite(beta).all() and (scatter > NO_SCATTER**2).all()):
        raise StatisticsError(
            "the estimating equations have no standard errors: too few subjects vary"
        )
    return beta, covariance, alpha, _scale(model) * unit**2


def _scale(model: Any) -> float:
    """Return the mean squared Pearson residual; statsmodels takes 1 for a binary outcome."""
    squares = [
        (values - expected) ** 2 / model.family.variance(expected)
        for values, (expected, _) in zip(model.endog_li, model.cached_means, strict=True)
    ]
    return float(np.concatenate(squares).mean())


def _ar1(products: FloatArray, lags: FloatArray) -> float:
    """Return the correlation at lag 1 whose powers come nearest to the products of residuals."""
    whole = bool((np.abs(lags - np.round(lags)) < 1e-9).all())
    lowest = -HIGHEST_CORRELATION if whole else 0.0
    powers = np.round(lags) if whole else lags

    def distance(rho: float) -> float:
        return float(((products - _powers(rho, powers)) ** 2).sum())

    grid = np.linspace(lowest, HIGHEST_CORRELATION, 81)
    place = int(np.argmin([distance(rho) for rho in grid]))
    answer = optimize.minimize_scalar(
        distance,
        bounds=(grid[max(place - 1, 0)], grid[min(place + 1, 80)]),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(answer.x)


def _powers(rho: float, lags: FloatArray) -> FloatArray:
    powers: FloatArray = np.sign(rho) ** np.round(lags) * np.abs(rho) ** lags
    return powers
