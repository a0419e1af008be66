"""How many patients a prediction model of a binary outcome needs, and what a given n allows."""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.plan import Criterion, Plan, between, demand, whole

SIZE_QUESTION = "How many patients does a prediction model need?"
AT_N_QUESTION = "What prediction model can these patients carry?"
REFERENCE = (
    "Riley RD et al. Stat Med 2019;38:1276-1296; Riley RD et al. BMJ 2020;368:m441; "
    "MAPE: van Smeden M et al. Stat Methods Med Res 2019;28:2455-2474"
)
C_REFERENCE = "; R-squared from c: Riley RD et al. Stat Med 2021;40:859-864"
MOST_PARAMETERS_FOR_MAPE = 30


def prediction_model_size(
    prevalence: float,
    parameters: int,
    *,
    cox_snell_r2: float | None = None,
    nagelkerke_r2: float | None = None,
    c_statistic: float | None = None,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    margin: float = 0.05,
    mape: float | None = 0.05,
    question: str = SIZE_QUESTION,
) -> Plan:
    """Return the patients needed to develop a logistic prediction model.

    Parameters
    ----------
    prevalence
        Expected share of patients with the outcome.
    parameters
        Candidate parameters: all coefficients ever looked at beside the intercept, a
        screened-out variable included, a variable of q categories as q - 1.
    cox_snell_r2, nagelkerke_r2, c_statistic
        Exactly one: how well a model of this kind is expected to do in new patients.
    shrinkage
        Least expected shrinkage factor (criterion 1).
    optimism
        Largest drop of Nagelkerke's R-squared from the sample to new patients (2).
    margin
        Half width of the 95% interval of the overall risk (3).
    mape
        Largest mean absolute prediction error (4); None leaves the criterion out.
    question
        What is asked, in words.

    Returns
    -------
    Plan
        `n` meets all criteria; `expected` has the events and the events per parameter.

    Raises
    ------
    StatisticsError
        If a figure is out of its range, or not exactly one measure of fit is given.

    References
    ----------
    Riley RD et al. BMJ 2020;368:m441, figure 1; Stat Med 2019;38:1276-1296.
    """
    p = whole(parameters, "the number of parameters", 1)
    phi = between(prevalence, "the prevalence")
    r2, assumed, note = _fit(phi, cox_snell_r2, nagelkerke_r2, c_statistic)
    between(shrinkage, "the shrinkage factor")
    between(optimism, "the optimism")
    between(margin, "the margin of error")
    if r2 >= shrinkage:
        raise StatisticsError(
            f"Cox-Snell R-squared ({r2:.3f}) must be below the shrinkage factor ({shrinkage:g})"
        )
    largest = largest_cox_snell(phi)
    needed = r2 / (r2 + optimism * largest)
    criteria = [
        demand(f"shrinkage of at least {shrinkage:g}", _n_for_shrinkage(p, r2, shrinkage)),
        demand(
            f"optimism in Nagelkerke's R-squared of at most {optimism:g}",
            _n_for_shrinkage(p, r2, needed),
        ),
        demand(
            f"overall risk within {margin:g}",
            (normal_quantile(0.95) / margin) ** 2 * phi * (1.0 - phi),
        ),
    ]
    warnings: tuple[str, ...] = ()
    if mape is not None:
        between(mape, "the mean absolute prediction error")
        if p <= MOST_PARAMETERS_FOR_MAPE:
            criteria.append(
                demand(
                    f"mean absolute prediction error of at most {mape:g}", _n_for_mape(p, phi, mape)
                )
            )
        else:
            warnings = (
                f"the criterion of the mean absolute prediction error is left out: its formula "
                f"holds up to {MOST_PARAMETERS_FOR_MAPE} parameters, not for {p}",
            )
    deciding: Criterion = max(criteria, key=lambda criterion: criterion.unrounded)
    n = deciding.n
    return Plan(
        question=question,
        method="criteria of Riley and van Smeden for a binary outcome",
        n=n,
        criterion=deciding.name,
        criteria=tuple(criteria),
        assumptions={"prevalence": phi, "parameters": p, **assumed},
        expected={"events": n * phi, "events_per_parameter": n * phi / p},
        warnings=warnings,
        reference=REFERENCE + note,
    )


def prediction_model_at_n(
    n: int,
    prevalence: float,
    parameters: int,
    *,
    cox_snell_r2: float | None = None,
    nagelkerke_r2: float | None = None,
    c_statistic: float | None = None,
    shrinkage: float = 0.9,
    question: str = AT_N_QUESTION,
) -> Plan:
    """Return what a logistic prediction model developed in `n` patients can be expected to do.

    Parameters
    ----------
    n
        Patients one has.
    prevalence, parameters, cox_snell_r2, nagelkerke_r2, c_statistic, question
        As in `prediction_model_size`.
    shrinkage
        Asked for when the parameters that `n` can carry are counted.

    Returns
    -------
    Plan
        `expected`: the shrinkage factor, the optimism in Nagelkerke's R-squared, the half
        width of the 95% interval of the overall risk, the mean absolute prediction error
        (None above 30 parameters), events, events per parameter, and the most parameters
        that keep the shrinkage asked for (0 is possible).

    Raises
    ------
    StatisticsError
        If a figure is out of its range, or not exactly one measure of fit is given.

    References
    ----------
    Riley RD et al. BMJ 2020;368:m441, figure 1, solved for the other quantity.
    """
    size = whole(n, "n", 2)
    p = whole(parameters, "the number of parameters", 1)
    phi = between(prevalence, "the prevalence")
    r2, assumed, note = _fit(phi, cox_snell_r2, nagelkerke_r2, c_statistic)
    between(shrinkage, "the shrinkage factor")
    if r2 >= shrinkage:
        raise StatisticsError(
            f"Cox-Snell R-squared ({r2:.3f}) must be below the shrinkage factor ({shrinkage:g})"
        )
    expected_shrinkage = _shrinkage_at(size, p, r2)
    most = math.floor(size / _n_for_shrinkage(1, r2, shrinkage) * (1.0 + 1e-12))
    warnings: tuple[str, ...] = ()
    if most < p:
        warnings = (
            f"{size} patients carry {most} parameters at a shrinkage of {shrinkage:g}, "
            f"not {p}: expect overfitting",
        )
    error = None
    if p <= MOST_PARAMETERS_FOR_MAPE:
        error = math.exp(
            -0.508
            + 0.259 * math.log(min(phi, 1.0 - phi))
            + 0.504 * math.log(p)
            - 0.544 * math.log(size)
        )
    return Plan(
        question=question,
        method="criteria of Riley and van Smeden for a binary outcome, at a given n",
        n=size,
        criterion="expected shrinkage",
        assumptions={"prevalence": phi, "parameters": p, **assumed},
        expected={
            "shrinkage": expected_shrinkage,
            "optimism_nagelkerke_r2": (r2 / expected_shrinkage - r2) / largest_cox_snell(phi),
            "margin_of_overall_risk": normal_quantile(0.95) * math.sqrt(phi * (1.0 - phi) / size),
            "mean_absolute_prediction_error": error,
            "events": size * phi,
            "events_per_parameter": size * phi / p,
            "most_parameters": most,
        },
        warnings=warnings,
        reference=REFERENCE + note,
    )


def largest_cox_snell(prevalence: float) -> float:
    """Return the largest Cox-Snell R-squared possible at a prevalence."""
    return 1.0 - math.exp(2.0 * _null_log_likelihood(prevalence))


def cox_snell_from_c(c_statistic: float, prevalence: float) -> float:
    """Return the Cox-Snell R-squared of a model with the given c-statistic.

    Parameters
    ----------
    c_statistic
        Above 0.5 and below 1.
    prevalence
        Share of patients with the outcome.

    Notes
    -----
    As Riley et al. (2021), the linear predictor is taken as normal with the same variance
    in patients with and without the outcome. They simulate a million patients; here the
    expected log likelihood is integrated, so that there is no chance in the answer.

    References
    ----------
    Riley RD et al. Stat Med 2021;40:859-864.
    """
    c = between(c_statistic, "the c-statistic", 0.5)
    phi = between(prevalence, "the prevalence")
    distance = math.sqrt(2.0) * float(special.ndtri(c))
    # the trapezoid rule is as good as exact for a smooth function under a normal density
    x = np.linspace(-10.0, 10.0, 2001)
    density = (x[1] - x[0]) * np.exp(-(x**2) / 2.0) / math.sqrt(2.0 * math.pi)
    centre = math.log(phi / (1.0 - phi)) - distance**2 / 2.0
    with_outcome = -np.logaddexp(0.0, -(centre + distance * (x + distance)))
    without = -np.logaddexp(0.0, centre + distance * x)
    log_likelihood = float(density @ (phi * with_outcome + (1.0 - phi) * without))
    return 1.0 - math.exp(-2.0 * (log_likelihood - _null_log_likelihood(phi)))


def _null_log_likelihood(phi: float) -> float:
    """Return it per patient."""
    return phi * math.log(phi) + (1.0 - phi) * math.log(1.0 - phi)


def _fit(
    phi: float, cox_snell: float | None, nagelkerke: float | None, c: float | None
) -> tuple[float, dict[str, float], str]:
    """Return Cox-Snell R-squared, what was assumed, and a source to add."""
    if sum(value is not None for value in (cox_snell, nagelkerke, c)) != 1:
        raise StatisticsError(
            "give exactly one of cox_snell_r2, nagelkerke_r2 and c_statistic: "
            "how well the model is expected to do in new patients"
        )
    largest = largest_cox_snell(phi)
    if c is not None:
        r2 = cox_snell_from_c(c, phi)
        return r2, {"c_statistic": c, "cox_snell_r2": r2}, C_REFERENCE
    if nagelkerke is not None:
        r2 = between(nagelkerke, "Nagelkerke's R-squared") * largest
        return r2, {"nagelkerke_r2": nagelkerke, "cox_snell_r2": r2}, ""
    assert cox_snell is not None
    r2 = between(cox_snell, f"Cox-Snell R-squared at a prevalence of {phi:g}", 0.0, largest)
    return r2, {"cox_snell_r2": r2}, ""


def _n_for_shrinkage(parameters: int, r2: float, shrinkage: float) -> float:
    return parameters / ((shrinkage - 1.0) * math.log1p(-r2 / shrinkage))


def _n_for_mape(parameters: int, phi: float, mape: float) -> float:
    rarer = min(phi, 1.0 - phi)
    logs = -0.508 + 0.259 * math.log(rarer) + 0.504 * math.log(parameters) - math.log(mape)
    return math.exp(logs / 0.544)


def _shrinkage_at(n: int, parameters: int, r2: float) -> float:
    """Solve the first criterion for the shrinkage factor, which lies between r2 and 1."""

    def excess(shrinkage: float) -> float:
        return (shrinkage - 1.0) * math.log1p(-r2 / shrinkage) - parameters / n

    low = r2 * (1.0 + 1e-12)
    if excess(low) <= 0.0:
        return low
    return float(optimize.brentq(excess, low, 1.0, xtol=1e-13))
