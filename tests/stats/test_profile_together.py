"""Profiles of all coefficients at once: the same limits as the careful search finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.stats import profile_together
from myocohort.stats.batched import (
    heights,
    information_slopes,
    make_problems,
    penalised_heights,
)
from myocohort.stats.design import make_design
from myocohort.stats.firth import firth_maximum, fit_firth
from myocohort.stats.likelihood import log_likelihood, penalised_log_likelihood
from myocohort.stats.logistic import fit_ml


def data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a small study with yes-no terms and one in years."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, 2, (48, 2)), rng.normal(2010, 6, 48)])
    y = (rng.random(48) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(float)
    y[:2] = 0, 1
    return X, y


@settings(max_examples=15)
@given(st.integers(0, 10**6))
@pytest.mark.parametrize("fit", [fit_firth, fit_ml])
def test_both_ways_give_the_same(fit, seed):
    """Limits and p are those of the careful search, which every problem can be left to."""
    X, y = data(seed)
    fast = fit(X, y, "abc")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profile_together, "MOST_NUMBERS", 0)
        careful = fit(X, y, "abc")
    for a, b in zip(fast.terms, careful.terms, strict=True):
        # near year 0 the limits of the intercept's odds are beyond all numbers
        with np.errstate(divide="ignore"):
            limits = np.log([(t.ci["profile"].low, t.ci["profile"].high) for t in (a, b)])
        assert limits[0] == pytest.approx(limits[1], rel=1e-7, abs=1e-7)
        assert a.p["lrt"] == pytest.approx(b.p["lrt"], rel=1e-7)


def test_an_ordinary_study_needs_no_careful_search():
    """All coefficients of ordinary data are found at once, the intercept at year 0 too."""
    X, y = data(3)
    design = make_design(X, y, "abc")
    best = firth_maximum(design)
    problems = make_problems(design.X, design.trials, design.events)
    answers = profile_together.profile_together(
        lambda beta: penalised_heights(problems, beta),
        best,
        design.to_units,
        3.841458820694124,
        information_slopes(problems, best.beta[np.newaxis])[0],
    )
    assert len(answers) == 4
    assert None not in answers


def test_obstacles_are_left_to_the_careful_search():
    """Where a Newton step does not shrink, there is no answer rather than a wrong one."""
    ck = [536, 184, 217, 10, 6000, 2245, 248, 1288, 615, 176, 1748, 253]
    x = np.array(ck, dtype=float)[:, np.newaxis]
    y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0])
    design = make_design(x, y, ["CK"])
    problems = make_problems(design.X, design.trials, design.events)
    best = firth_maximum(design)
    answers = profile_together.profile_together(
        lambda beta: penalised_heights(problems, beta),
        best,
        design.to_units,
        3.841458820694124,
        information_slopes(problems, best.beta[np.newaxis])[0],
    )
    assert [answer is None for answer in answers] == [False, True]
    limits = fit_firth(x, y, ["CK"]).terms[1].ci["profile"]
    assert limits.low < 1 < limits.high


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_heights_are_those_of_one_problem_at_a_time(seed):
    """Values, scores and curvatures of many places agree with those of each place alone."""
    rng = np.random.default_rng(seed)
    size, count = int(rng.integers(1, 6)), 4
    n = int(rng.integers(size + 1, 30))  # a fit refuses designs with fewer rows than terms
    X = np.column_stack((np.ones(n), rng.normal(size=(n, size - 1))))
    trials = rng.integers(1, 5, n).astype(float)
    events = np.floor(trials * rng.random(n))
    beta = rng.normal(size=(count, size))
    own = np.repeat(X[np.newaxis], count, axis=0)
    for together, alone in (
        (penalised_heights, penalised_log_likelihood),
        (heights, log_likelihood),
    ):
        for problems in (make_problems(X, trials, events), make_problems(own, trials, events)):
            found = together(problems, beta)
            for i in range(count):
                point = alone(X, trials, events)(beta[i])
                if not np.isfinite(point.value):
                    assert found.value[i] == -np.inf
                    continue
                assert found.value[i] == pytest.approx(point.value, rel=1e-9, abs=1e-9)
                scale = 1.0 + np.abs(point.curvature).max()
                np.testing.assert_allclose(found.score[i], point.score, atol=1e-8 * scale)
                np.testing.assert_allclose(found.curvature[i], point.curvature, atol=1e-7 * scale)
