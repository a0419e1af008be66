from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ovarian import EVENT, HUNDREDS, NAMES, TERMS, TIME
from scipy.optimize import minimize

from myocohort.errors import StatisticsError
from myocohort.stats.cox import CoxResult, fit_cox
from myocohort.stats.result import jsonable

# R 4.2.2, survival 3.5-3: o <- ovarian; o$t <- ceiling(o$futime/100)
#   f <- coxph(Surv(t,fustat)~age+resid.ds+rx,o,ties=ties); coef(f); sqrt(diag(vcov(f))); f$loglik
R_ML = {
    "efron": (
        (0.131109875497, 0.728868773690, -0.774505814955),
        (0.0474765174253, 0.7496109738514, 0.6450585893915),
        (-35.3007933206, -26.8504131708),
    ),
    "breslow": (
        (0.129272059821, 0.701409013122, -0.818923933310),
        (0.0467349121501, 0.7485179116701, 0.6424096258906),
        (-35.6583869600, -27.4956579302),
    ),
}
# The maximum of coxph(..., init=b, control=coxph.control(iter.max=0))$loglik[1] -
# log(det(vcov))/2, found by R's optim(method="BFGS", control=list(reltol=1e-15)).
R_FIRTH = {
    "efron": ((0.118286696825, 0.690118179676, -0.796226715993), -22.9394931691),
    "breslow": ((0.116935987244, 0.658472250180, -0.833371980918), -23.5790953838),
}


def coefficients(result: CoxResult) -> list[float]:
    """Return the estimates."""
    return [term.b for term in result.terms]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_maximum_likelihood_is_that_of_r(ties: str) -> None:
    """Coefficients, standard errors and log-likelihoods equal R's coxph, also with ties."""
    fitted = fit_cox(TERMS, HUNDREDS, EVENT, NAMES, ties=ties)  # type: ignore[arg-type]
    b, se, heights = R_ML[ties]
    assert coefficients(fitted) == pytest.approx(b, rel=1e-8)
    assert [term.se for term in fitted.terms] == pytest.approx(se, rel=1e-8)
    assert (fitted.null_log_likelihood, fitted.log_likelihood) == pytest.approx(heights, rel=1e-10)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_firth_is_the_maximum_of_the_penalised_likelihood_in_r(ties: str) -> None:
    """Penalised estimates equal those that R's optim finds on R's own likelihood."""
    fitted = fit_cox(TERMS, HUNDREDS, EVENT, NAMES, firth=True, ties=ties)  # type: ignore[arg-type]
    b, height = R_FIRTH[ties]
    assert coefficients(fitted) == pytest.approx(b, rel=1e-6)
    assert fitted.log_likelihood == pytest.approx(height, rel=1e-9)


def test_the_penalised_test_of_a_term_keeps_the_whole_penalty() -> None:
    """R's optim with rx held at 0 and the determinant of all three terms gives p .155142589775."""
    fitted = fit_cox(TERMS, TIME, EVENT, NAMES, firth=True)
    assert fitted.terms[2].p["lrt"] == pytest.approx(0.155142589775, rel=1e-7)


@pytest.mark.parametrize("firth", [False, True])
def test_the_profile_limits_are_where_the_likelihood_has_fallen_enough(firth: bool) -> None:
    """At each limit of age the best over the others is 3.841459 / 2 below the maximum."""
    fitted = fit_cox(TERMS, HUNDREDS, EVENT, NAMES, firth=firth)
    interval = fitted.terms[0].ci["profile"]
    assert interval is not None
    for limit in (interval.low, interval.high):
        held = math.log(limit)
        best = minimize(
            lambda others, held=held: -naive(np.array([held, *others]), firth),
            np.zeros(2),
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
        )
        assert 2 * (fitted.log_likelihood + best.fun) == pytest.approx(3.841458820694, abs=1e-6)


def naive(beta: np.ndarray, firth: bool) -> float:
    """Return Efron's log partial likelihood by the textbook's loops, with or without penalty."""
    value, information = 0.0, np.zeros((3, 3))
    hazard = np.exp(TERMS @ beta)
    for moment in np.unique(HUNDREDS[EVENT == 1]):
        at_risk = moment <= HUNDREDS
        dying = (moment == HUNDREDS) & (EVENT == 1)
        value += float((TERMS[dying] @ beta).sum())
        for step in range(int(dying.sum())):
            weight = hazard * at_risk - hazard * dying * step / dying.sum()
            value -= math.log(weight.sum())
            mean = weight @ TERMS / weight.sum()
            information += (weight[:, None] * TERMS).T @ TERMS / weight.sum()
            information -= np.outer(mean, mean)
    return value + (float(np.linalg.slogdet(information)[1]) / 2 if firth else 0.0)


MONOTONE = (np.arange(1, 13.0), np.repeat([1, 0], (4, 8)), np.repeat([1, 0, 1], (5, 6, 1)))


def test_a_monotone_likelihood_is_found_and_printed_as_infinite() -> None:
    """The one term that orders all events has no SE, and a profile interval without an end."""
    time, event, x = MONOTONE
    other = np.sin(np.arange(12.0))
    fitted = fit_cox(np.column_stack([x, other]), time, event, ["x", "other"])
    first, second = fitted.terms
    assert fitted.monotone == {"x": 1}
    assert (first.b, first.se, first.ci["wald"]) == (math.inf, None, None)
    profile = first.ci["profile"]
    assert profile is not None
    assert 1 < profile.low < profile.high == math.inf
    assert second.se is not None
    assert any("monotone likelihood" in warning for warning in fitted.warnings)
    jsonable(fitted)


def test_the_limit_under_monotone_likelihood_is_approached_by_large_coefficients() -> None:
    """With x multiplied out to a difference of 25 on the log scale the other term is the same."""
    time, event, x = MONOTONE
    other = np.sin(np.arange(12.0))
    limit = fit_cox(np.column_stack([x, other]), time, event, ["x", "other"]).terms[1]

    def held(b: float) -> float:
        value = 0.0
        eta = 25.0 * x + b * other
        for row in np.flatnonzero(event):
            value += eta[row] - math.log(np.exp(eta[time >= time[row]]).sum())
        return -value

    best = minimize(lambda b: held(float(b[0])), [0.0], method="BFGS", options={"gtol": 1e-10})
    assert limit.b == pytest.approx(float(best.x[0]), abs=1e-6)


def test_firth_keeps_a_monotone_term_finite() -> None:
    """The penalised estimate is finite, with a warning of what it rests on."""
    time, event, x = MONOTONE
    fitted = fit_cox(x[:, None], time, event, ["x"], firth=True)
    assert 0 < fitted.terms[0].b < 10
    assert any("rest on Firth's penalty" in warning for warning in fitted.warnings)


def test_two_terms_that_order_the_events_are_refused_by_maximum_likelihood() -> None:
    """The message names both and points to Firth's method."""
    time, event, x = MONOTONE
    y = np.repeat([1, 0], (6, 6))
    with pytest.raises(StatisticsError, match=r"x and y.*Firth"):
        fit_cox(np.column_stack([x, y]), time, event, ["x", "y"])


@given(st.integers(min_value=0, max_value=10**6))
def test_turning_a_term_round_inverts_its_hazard_ratio(seed: int) -> None:
    """With the sign of a term changed the hazard ratio is inverted and p stays."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(25, 2))
    time, event = rng.exponential(size=25), rng.random(25) < 0.6
    assume(event.sum() >= 4)
    there = fit_cox(x, time, event, ["a", "b"], firth=True)
    back = fit_cox(x * [-1, 10], time, event, ["a", "b"], firth=True)
    assert back.terms[0].hazard_ratio == pytest.approx(1 / there.terms[0].hazard_ratio, rel=1e-6)
    assert back.terms[0].p["lrt"] == pytest.approx(there.terms[0].p["lrt"], abs=1e-6)
    assert back.terms[1].b == pytest.approx(there.terms[1].b / 10, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(
    ("terms", "event", "said"),
    [
        ([[1.0], [1.0], [1.0]], [1, 0, 1], "constant"),
        ([[1.0], [2.0], [3.0]], [0, 0, 0], "nobody of the 3 had the event"),
        ([[1.0], [math.inf], [3.0]], [1, 0, 1], "infinite value"),
    ],
)
def test_unfit_data_are_refused(terms: list[list[float]], event: list[int], said: str) -> None:
    """The message says what is wrong with the term or the events."""
    with pytest.raises(StatisticsError, match=said):
        fit_cox(terms, [1, 2, 3], event, ["x"])


def test_collinear_terms_are_refused() -> None:
    """A term that is twice another one cannot be told from it."""
    x = np.arange(6.0)
    with pytest.raises(StatisticsError, match="determined by others"):
        fit_cox(np.column_stack([x, 2 * x]), x + 1, np.ones(6), ["a", "b"])


def test_a_single_term_may_run_to_infinity() -> None:
    """All events in one group: minus infinity by ML, with an upper profile limit; Firth finite."""
    X = np.array([[0.0], [0.0], [1.0], [1.0]])
    fitted = fit_cox(X, [1, 2, 3, 4], [1, 1, 0, 0], ["treated"])
    (term,) = fitted.terms
    assert (term.b, term.hazard_ratio, term.se, term.p["wald"]) == (-math.inf, 0.0, None, None)
    profile = term.ci["profile"]
    assert profile is not None
    assert (profile.low, math.isfinite(profile.high)) == (0.0, True)
    # The likelihood rises to 1/2 at 1 and 1 at 2 against 1/4 and 1/3 without the term.
    assert fitted.log_likelihood == pytest.approx(math.log(1 / 2), abs=1e-9)
    assert fitted.null_log_likelihood == pytest.approx(math.log(1 / 12), abs=1e-12)
    assert math.isfinite(fit_cox(X, [1, 2, 3, 4], [1, 1, 0, 0], ["treated"], firth=True).terms[0].b)


def test_patients_with_the_same_terms_count_once_in_the_search() -> None:
    """Ten copies of everybody change neither whether nor where a coefficient runs."""
    X = np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    time, event = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 0.0, 0.0])
    once = fit_cox(X, time, event, ["a", "b"], firth=True)
    many = fit_cox(
        np.tile(X, (10, 1)), np.tile(time, 10), np.tile(event, 10), ["a", "b"], firth=True
    )
    assert once.monotone == many.monotone
    assert "a" in once.monotone


def test_one_event_has_a_finite_penalised_estimate() -> None:
    """One event among two and two: sqrt(r) / (1 + r)^2 is highest at a hazard ratio of 1/3."""
    X = np.array([[0.0], [0.0], [1.0], [1.0]])
    (term,) = fit_cox(X, [6, 12, 12, 12], [1, 0, 0, 0], ["treated"], firth=True).terms
    assert term.hazard_ratio == pytest.approx(1 / 3, rel=1e-6)
    assert term.ci["profile"] is not None
