"""Cross-validation: leave-one-out of R, the folds, and what fails."""

from __future__ import annotations

import numpy as np
import pytest
from formula_cohort import KINDS, TERMS, X, Y

from myocohort.errors import StatisticsError
from myocohort.stats.firth import fit_firth
from myocohort.stats.validation_folds import cross_validate, deal
from myocohort.stats.validation_measures import MEASURES


@pytest.mark.parametrize(
    ("method", "terms", "expected"),
    [
        ("ml", ["a", "b", "c"], [0.777511961722, 0.184358146717, 0.725415153914, -0.124154890805]),
        (
            "firth",
            ["a", "b", "f"],
            [0.808612440191, 0.153271398241, 0.868085696914, -0.110358197907],
        ),
    ],
)
def test_leave_one_out_of_r(method, terms, expected):
    """Leave-one-out gives the figures of a loop in R; boot::cv.glm gives the same Brier score.

    R 4.2.2, after the lines in formula_cohort:
    fit <- function(d) glm(y ~ a + b + c, binomial, d, epsilon = 1e-14, maxit = 100)
    # or glm(y ~ a + b + f, binomial, d, method = "brglmFit", type = "AS_mean",
    #        epsilon = 1e-12, maxit = 1000), brglm2 0.9
    p <- sapply(1:60, function(j) predict(fit(d[-j, ]), d[j, ], type = "response"))
    measures(p, d$y)
    cv.glm(d, fit(d), function(y, p) mean((y - p)^2), K = 60)$delta[1]  # .184358146717
    """
    result = cross_validate(X, Y, TERMS, terms=terms, method=method, folds=60, repeats=1)
    assert [measure.name for measure in result.measures] == list(MEASURES)
    assert [measure.mean for measure in result.measures] == pytest.approx(expected, rel=1e-6)
    assert [measure.sd for measure in result.measures] == [None] * 4
    assert result.method.startswith("Leave-one-out cross-validation, folds")


def test_repeats_by_hand():
    """Each repeat is what `fit_firth` in the other folds predicts, with the choice made there."""
    seeds = np.random.SeedSequence(9).spawn(2)
    briers = []
    for seed in seeds:
        places = deal(np.random.default_rng(seed), Y, 4)
        risk = np.empty(60)
        for fold in range(4):
            out = places == fold
            fit = fit_firth(X[~out][:, :2], Y[~out], TERMS[:2], profile=False)
            b = np.array([term.b for term in fit.terms])
            risk[out] = 1 / (1 + np.exp(-(b[0] + X[out][:, :2] @ b[1:])))
        briers.append(np.mean((Y - risk) ** 2))
    result = cross_validate(X, Y, TERMS, terms=TERMS[:2], folds=4, repeats=2, seed=9)
    brier = result.measure("Brier score")
    assert brier.mean == pytest.approx(np.mean(briers))
    assert brier.sd == pytest.approx(np.std(briers, ddof=1))


def test_folds_are_nearly_equal():
    """Folds differ by one row and one event at most."""
    places = deal(np.random.default_rng(1), Y, 7)
    for chosen in (places, places[Y > 0]):
        sizes = np.bincount(chosen, minlength=7)
        assert sizes.max() - sizes.min() <= 1


def test_workers_and_seeds():
    """Two processes give what one gives, and another seed gives something else."""
    settings = {"kinds": KINDS, "screen": 0.1, "folds": 5, "repeats": 3}
    alone = cross_validate(X, Y, TERMS, **settings)
    assert cross_validate(X, Y, TERMS, **settings, workers=2) == alone
    assert cross_validate(X, Y, TERMS, **settings, seed=2).measures != alone.measures


def test_failed_folds_are_counted():
    """Folds in which maximum likelihood has no estimate are counted, and so are their repeats."""
    x = np.r_[np.zeros(10), np.ones(10)][:, np.newaxis]
    y = np.r_[np.zeros(9), 1.0, 0.0, np.ones(9)]
    result = cross_validate(x, y, ["x"], method="ml", folds=5, repeats=6)
    # whichever fold holds one of the two patients against the rule leaves separated data
    assert sum(result.failed.values()) >= 6
    assert all("separate" in reason for reason in result.failed)
    assert result.measure("c-statistic").mean is None
    assert (result.estimate, result.estimate_name) == (None, None)
    assert any("6 of 6 repeats therefore enter no measure" in text for text in result.warnings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folds": 1}, "from 2 to the 60 complete rows; found 1"),
        ({"folds": 61}, "found 61"),
        ({"folds": 2.0}, "folds is a whole number"),
        ({"repeats": 0}, "repeats is at least 1"),
        ({"folds": 60, "repeats": 2}, "1 where every row is a fold"),
    ],
)
def test_impossible_folds(change, message):
    """Impossible numbers of folds and repeats are refused."""
    with pytest.raises(StatisticsError, match=message):
        cross_validate(X, Y, TERMS, **change)
