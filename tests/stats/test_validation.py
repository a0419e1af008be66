"""Bootstrap optimism: R on the same resamples, rms within its own error, and awkward data."""

from __future__ import annotations

import json

import numpy as np
import pytest
from formula_cohort import KINDS, TERMS, X, Y, resamples
from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.errors import MyocohortError, StatisticsError
from myocohort.stats.validation import validate
from myocohort.stats.validation_measures import MEASURES, performance

EXACT = {"rel": 1e-6, "abs": 1e-7}


def table(measures, field):
    """Return one figure of all measures."""
    return [getattr(measure, field) for measure in measures]


def test_maximum_likelihood_on_the_resamples_of_r():
    """Apparent, optimism and corrected figures are those that R finds in the same resamples.

    R 4.2.2, pROC 1.18.0, after the lines in formula_cohort:
    fit <- function(d) glm(y ~ a + b + c, binomial, d, epsilon = 1e-14, maxit = 100)
    pr <- function(f, d) predict(f, d, type = "response")
    apparent <- measures(pr(fit(d), d), d$y)
    optimism <- colMeans(t(sapply(1:12, function(r) { s <- d[index(r), ]; f <- fit(s)
      measures(pr(f, s), s$y) - measures(pr(f, d), d$y) })))
    """
    result = validate(
        X, Y, TERMS, terms=["a", "b", "c"], method="ml", resampled=resamples(), kinds=KINDS
    )
    assert table(result.measures, "name") == list(MEASURES)
    assert table(result.measures, "apparent") == pytest.approx(
        [0.820574162679, 0.155105317755, 1.0, 0.0], **EXACT
    )
    assert table(result.measures, "optimism") == pytest.approx(
        [0.03050365798946, -0.02583628957535, 0.201126296869, 0.00521810822472], **EXACT
    )
    assert table(result.measures, "corrected") == pytest.approx(
        [0.79007050468997, 0.18094160733039, 0.798873703131, -0.00521810822472], **EXACT
    )
    assert result.estimate == result.measure("c-statistic").corrected
    assert (result.seed, result.resamples, result.failed) == (None, 12, {})
    assert result.fixed_measures == ()


def test_screening_inside_with_firth_on_the_resamples_of_r():
    """With screening and Firth's fit redone in each resample the figures are those of R.

    R 4.2.2, brglm2 0.9, pROC 1.18.0, after the lines in formula_cohort:
    p <- function(d) sapply(names(d)[1:5], function(v) if (v %in% c("b", "e", "f"))
      chisq.test(table(d[[v]], d$y), correct = FALSE)$p.value else
      wilcox.test(d[[v]] ~ d$y, exact = FALSE, correct = FALSE)$p.value)
    fit <- function(d) glm(reformulate(names(which(p(d) < .10)), "y"), binomial, d,
      method = "brglmFit", type = "AS_mean", epsilon = 1e-12, maxit = 1000)
    and the rest as for maximum likelihood.
    """
    result = validate(X, Y, TERMS, kinds=KINDS, screen=0.10, resampled=resamples())
    assert result.terms == ("a", "b", "f")
    assert list(result.coefficients.values()) == pytest.approx(
        [-4.227779290469, 0.692993451826, 3.153691990702, 1.865903726450], **EXACT
    )
    assert table(result.measures, "apparent") == pytest.approx(
        [0.8540669856459, 0.1318513083557, 1.1449263112507, 0.0468085226806], **EXACT
    )
    assert table(result.measures, "optimism") == pytest.approx(
        [0.0384373808204, -0.0302851004206, 0.2302480656845, -0.0861803293241], **EXACT
    )
    assert table(result.measures, "corrected") == pytest.approx(
        [0.815629604826, 0.162136408776, 0.914678245566, 0.132988852005], **EXACT
    )
    chosen = ["abcef", "ab", "abce", "be", "abf", "abe", "ab", "abcef", "ab", "ab", "abe", "abe"]
    for name in TERMS:
        share = sum(name in terms for terms in chosen) / 12
        assert result.inclusion.terms[name] == pytest.approx(share)
    first = result.inclusion.models[0]
    assert (first.terms, first.count, first.share) == (("a", "b"), 4, pytest.approx(4 / 12))
    assert result.inclusion.distinct_models == len(set(chosen))
    assert [measure.resamples for measure in result.fixed_measures] == [12] * 4


def test_rms_validate_within_monte_carlo_error():
    """The optimism agrees with rms::validate but for the error of both sets of resamples.

    R 4.2.2, rms 6.5.0: set.seed(1)
    validate(lrm(y ~ a + b + c, d, x = TRUE, y = TRUE), B = 4000), 4000 fits; Dxy halved for c.
    """
    rms = [0.05344392 / 2, -0.02654784, 0.16125079, 0.06898831]
    result = validate(X, Y, TERMS, terms=["a", "b", "c"], method="ml", resamples=2000, seed=7)
    for measure, expected in zip(result.measures, rms, strict=True):
        error = measure.monte_carlo_se * (1 + 2000 / 4000) ** 0.5
        assert abs(measure.optimism - expected) < 4 * error


def test_workers_do_not_change_the_answer():
    """Two processes give exactly what one gives, and progress is told chunk by chunk."""
    told = []
    settings = {"screen": 0.2, "resamples": 300, "seed": 5}
    alone = validate(X, Y, TERMS, **settings, progress=lambda *done: told.append(done))
    assert validate(X, Y, TERMS, **settings, workers=2) == alone
    assert told == [(1, 2), (2, 2)]


def test_seed_decides():
    """The same seed gives the same figures, another one others."""
    first, same, other = (
        validate(X, Y, TERMS, screen=0.1, resamples=50, seed=seed).measures for seed in (1, 1, 2)
    )
    assert first == same != other


def test_separated_resamples_are_counted():
    """Separated resamples fail with their reason by maximum likelihood, and not by Firth."""
    x = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])[:, np.newaxis]
    y = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1])
    result = validate(x, y, ["x"], method="ml", resamples=400, seed=3)
    (reason,) = [reason for reason in result.failed if "separate" in reason]
    # some resample lacks both patients who are against the rule, or one of them
    expected = 1 - 2 * (11 / 12) ** 12 + (10 / 12) ** 12
    assert 1 - result.failed[reason] / 400 == pytest.approx(expected, abs=0.1)
    c = result.measure("c-statistic")
    assert c.resamples == 400 - sum(result.failed.values())
    assert c.left_out == {"no model in the resample": sum(result.failed.values())}
    assert any("resamples gave no model" in warning for warning in result.warnings)
    assert any("corrected figures are too favourable" in warning for warning in result.warnings)
    firth = validate(x, y, ["x"], resamples=400, seed=3)
    assert reason not in firth.failed
    assert firth.measure("c-statistic").resamples > 395
    slope = firth.measure("calibration slope")
    assert any("infinite slope" in why for why in slope.left_out)


def test_resamples_with_one_outcome_or_a_constant_term():
    """Resamples without an event, or in which a term does not vary, have their own reasons."""
    x = np.column_stack([np.arange(20.0), np.r_[1.0, np.zeros(19)]])
    y = np.r_[np.zeros(9), 1.0, 1.0, np.zeros(9)]
    weights = np.ones((10, 20))
    weights[0, [9, 10]] = 0
    weights[1, 0] = 0
    result = validate(x, y, ["number", "rare"], resampled=weights)
    assert result.failed == {
        "nobody or everybody has the outcome": 1,
        "a chosen term does not vary": 1,
    }
    assert result.measure("Brier score").resamples == 8


def test_dependent_terms_in_a_resample():
    """A resample in which two terms are the same has no model."""
    x = np.column_stack([np.arange(20.0) % 2, np.arange(20.0) % 2])
    y = np.tile([0.0, 0.0, 1.0, 1.0], 5)
    x[[0, 2], 1] = 1.0
    weights = np.ones((10, 20))
    weights[4, [0, 2]] = 0
    for method in ("firth", "ml"):
        result = validate(x, y, ["one", "other"], resampled=weights, method=method)
        assert result.failed == {"chosen terms determine each other": 1}


def test_nothing_chosen():
    """Where nothing passes, the model is its intercept: c is one half and a warning says so."""
    rng = np.random.default_rng(4)
    x, y = rng.integers(0, 2, (40, 3)).astype(float), np.tile([0.0, 1.0], 20)
    result = validate(x, y, ["p", "q", "r"], screen=1e-6, resamples=20)
    assert result.terms == ()
    assert result.measure("c-statistic").corrected == 0.5
    slope = result.measure("calibration slope")
    assert (slope.apparent, slope.corrected, slope.resamples) == (None, None, 0)
    assert slope.left_out == {"all predictions equal, so no slope": 20}
    assert any("no candidate was chosen" in warning for warning in result.warnings)
    assert result.fixed_measures == ()


def test_constant_candidates_and_missing_rows_are_named():
    """A constant candidate is never chosen, incomplete rows are left out, and both are said."""
    x = np.column_stack([X, np.ones(len(X))])
    x[3, 0] = np.nan
    result = validate(x, Y, [*TERMS, "same"], screen=0.1, resamples=20)
    assert (result.n, result.n_missing) == (59, 1)
    assert result.inclusion.terms["same"] == 0.0
    assert result.inclusion.untestable["same"] == 20
    assert any("1 row was left out" in warning for warning in result.warnings)
    assert any("never chosen: same" in warning for warning in result.warnings)


def test_plain_types():
    """The result turns into JSON, also where a slope is infinite."""
    x, y = np.arange(12.0)[:, np.newaxis], np.r_[np.zeros(6), np.ones(6)]
    result = validate(x, y, ["x"], resamples=20)
    assert result.measure("calibration slope").corrected is None
    plain = json.loads(json.dumps(result.as_dict()))
    assert plain["measures"][2]["apparent"] == "inf"
    assert any("separates the outcomes in the data" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"terms": ["a"], "screen": 0.1}, "terms fixed beforehand are not chosen"),
        ({"terms": ["a", "z"]}, "found z"),
        ({"terms": []}, "found none"),
        ({"resamples": 5}, "at least 10; found 5"),
        ({"resamples": 20.5}, "whole number"),
        ({"screen": 1.5}, "lies between 0 and 1; found 1.5"),
        ({"screen": 0.0}, "lies between 0 and 1"),
        ({"method": "ridge"}, "method is one of firth, ml; found 'ridge'"),
        ({"backward": "aic"}, "AIC is defined for maximum likelihood"),
        ({"kinds": ["number"]}, "need as many kinds"),
        ({"kinds": ["binary", *KINDS[1:]]}, "'a' is binary but has more than two values"),
        ({"resampled": np.ones((3, 4))}, "60 complete rows; found shape"),
        ({"resampled": -np.ones((3, 60))}, "whole numbers of at least 0"),
        ({"resampled": np.zeros((3, 60))}, "at least one row"),
    ],
)
def test_impossible_requests(change, message):
    """What cannot be done is refused with the rule and the value."""
    with pytest.raises(StatisticsError, match=message):
        validate(X, Y, TERMS, **change)


@pytest.mark.parametrize("seed", [-1, 1.5, "one"])
def test_seed_is_checked(seed):
    """A seed that is none is refused."""
    with pytest.raises(MyocohortError, match="a seed is a whole number"):
        validate(X, Y, TERMS, resamples=20, seed=seed)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X, np.ones(60), "everybody of the 60"),
        (X, Y + 1, "the outcome is 0 or 1; found 2"),
        (np.full((60, 5), np.nan), Y, "no row is complete"),
        (np.full((60, 5), np.inf), Y, "'a' holds an infinite value"),
        (X[:, 0], Y, "rows by at least one column"),
        (X, Y[:-1], "60 rows and 59 outcomes"),
        (np.full((60, 5), "text"), Y, "candidates are numbers"),
        (X * [1, 0, 1, 1, 1], Y, "does not vary"),
        (np.column_stack([X[:, :4], X[:, 0]]), Y, "determine each other"),
    ],
)
def test_unfit_data(x, y, message):
    """Data that give no model are refused with the reason."""
    with pytest.raises(StatisticsError, match=message):
        validate(x, y, TERMS, resamples=20)


def test_one_event_is_not_validated():
    """A resample has the same event again, so that nothing is learnt about another."""
    y = np.zeros(len(X))
    y[3] = 1
    for outcome in (y, 1 - y):
        with pytest.raises(StatisticsError, match="from 2 with it and 2 without it on"):
            validate(X, outcome, TERMS, resamples=20, seed=1)


def test_separated_data_under_maximum_likelihood():
    """Maximum likelihood has no model of separated data, and the next step is named."""
    x, y = np.arange(12.0)[:, np.newaxis], np.r_[np.zeros(6), np.ones(6)]
    with pytest.raises(StatisticsError, match=r"separate the outcome.*Use Firth's method"):
        validate(x, y, ["x"], method="ml", resamples=20)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=4, max_size=30))
def test_c_statistic_is_the_share_of_pairs_in_order(rows):
    """With weights the c-statistic is the share of pairs of repeated rows in the right order."""
    lp = np.array([row[0] for row in rows], dtype=float)
    y = np.array([row[1] for row in rows], dtype=float)
    y[:2] = 0.0, 1.0
    weights = np.arange(len(rows)) % 3 + 1.0
    x, outcome = np.repeat(lp, weights.astype(int)), np.repeat(y, weights.astype(int))
    pairs = x[outcome == 1][:, np.newaxis] - x[outcome == 0]
    expected = (pairs > 0).mean() + (pairs == 0).mean() / 2
    found = performance(lp[np.newaxis], y, weights[np.newaxis])[0]
    assert found[0] == pytest.approx(expected)
    again = performance(x[np.newaxis], outcome, np.ones((1, len(x))))[0]
    assert found == pytest.approx(again, nan_ok=True)


def test_order_of_rows_changes_nothing():
    """Rows and their resamples in another order give the same figures."""
    order = np.random.default_rng(2).permutation(60)
    one = validate(X, Y, TERMS, kinds=KINDS, screen=0.1, resampled=resamples())
    two = validate(
        X[order], Y[order], TERMS, kinds=KINDS, screen=0.1, resampled=resamples()[:, order]
    )
    assert table(one.measures, "corrected") == pytest.approx(table(two.measures, "corrected"))
    assert one.inclusion == two.inclusion
