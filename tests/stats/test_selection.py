"""Choosing terms: R's step and drop1, the tests of Table 1, Firth's own likelihood ratios."""

from __future__ import annotations

import numpy as np
import pytest
from formula_cohort import KINDS, TERMS, X, Y, resamples
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from myocohort.errors import StatisticsError
from myocohort.stats.chi_square import pearson_chi_square
from myocohort.stats.counts import cross_tabulate
from myocohort.stats.firth import fit_firth
from myocohort.stats.logistic import fit_ml
from myocohort.stats.mann_whitney import mann_whitney
from myocohort.stats.selection import Rule, choose_many, select
from myocohort.stats.validation_data import make_candidates
from myocohort.stats.validation_fits import SEPARATED, fit_many
from myocohort.stats.validation_lrt import likelihood_ratios
from myocohort.stats.validation_ml import fit_ml_many
from myocohort.stats.validation_screening import screening_p


def test_screening_of_r():
    """Univariable p values are those of R's chisq.test and wilcox.test.

    R 4.2.2, after the lines in formula_cohort:
    for (v in c("b", "e", "f")) chisq.test(table(d[[v]], d$y), correct = FALSE)$p.value
    wilcox.test(d$a ~ d$y)$p.value  # no ties: exact
    wilcox.test(d$c ~ d$y, exact = FALSE, correct = FALSE)$p.value
    """
    result = select(X, Y, TERMS, kinds=KINDS, screen=0.10)
    assert result.terms == ("a", "b", "f")
    assert result.screening == pytest.approx(
        {
            "a": 0.00705845417427,
            "b": 0.000607178235657,
            "c": 0.584270774311,
            "e": 0.429656233544,
            "f": 0.0806497306091,
        },
        rel=1e-9,
    )
    assert (result.p, result.removals) == (None, ())


def test_backward_by_aic_is_step():
    """Elimination by AIC removes what R's step removes.

    R 4.2.2, after the lines in formula_cohort:
    step(glm(y ~ ., binomial, d), trace = 0)$anova  # - c, deviance .0406115365
    """
    result = select(X, Y, TERMS, backward="aic", method="ml")
    assert result.terms == ("a", "b", "e", "f")
    assert [step.name for step in result.removals] == ["c"]
    assert result.removals[0].statistic == pytest.approx(0.0406115365177, rel=1e-7)
    assert result.screening == {}


def test_backward_by_p_is_drop1():
    """Elimination by p removes the term with the largest p of R's drop1, step by step.

    R 4.2.2, after the lines in formula_cohort:
    drop1(glm(y ~ ., binomial, d), test = "LRT"); drop1(update(., . ~ . - c), test = "LRT")
    """
    result = select(X, Y, TERMS, backward="p", stay=0.05, method="ml")
    assert result.terms == ("a", "b", "f")
    steps = [(step.name, step.statistic, step.p) for step in result.removals]
    assert steps == [
        ("c", pytest.approx(0.0406115365177, rel=1e-7), pytest.approx(0.840289613969)),
        ("e", pytest.approx(2.18157203248, rel=1e-7), pytest.approx(0.139671732411)),
    ]


def test_backward_by_firth():
    """Each step removes the term with the largest penalised likelihood-ratio p of `fit_firth`."""
    result = select(X, Y, TERMS, backward="p", stay=0.02)
    left = list(TERMS)
    for step in result.removals:
        places = [TERMS.index(name) for name in left]
        fit = fit_firth(X[:, places], Y, left)
        p = {term.name: term.p["lrt"] for term in fit.terms[1:]}
        assert step.name == max(p, key=p.__getitem__)
        assert step.p == pytest.approx(p[step.name], rel=1e-8)
        left.remove(step.name)
    assert len(result.removals) >= 2
    assert result.terms == tuple(left)


def test_screening_first():
    """With both, elimination begins with what the screening let pass."""
    result = select(X, Y, TERMS, kinds=KINDS, screen=0.5, backward="p", method="ml")
    assert "c" not in result.terms
    assert [step.name for step in result.removals] == ["e"]
    assert "screening at p < 0.5" in result.method
    assert "backward elimination of terms with likelihood-ratio p > 0.05" in result.method


def test_screening_of_resamples_is_that_of_table_1():
    """In every resample p is that of the tests of Table 1 on the repeated rows."""
    weights = np.vstack([resamples(6), np.ones((1, 60)), np.eye(60)[:1]])
    p = screening_p(X, Y, weights.astype(float), KINDS)
    assert np.isnan(p[-1]).all()
    for row, counts in zip(p[:-1], weights, strict=False):
        index = np.repeat(np.arange(60), counts.astype(int))
        y = Y[index].astype(int)
        for column, kind in enumerate(KINDS):
            x = X[index, column]
            if kind == "number":
                expected = mann_whitney(x, y).p
            else:
                table, _ = cross_tabulate(y, x.astype(int), 2, 2)
                expected = pearson_chi_square(table).p
            assert row[column] == pytest.approx(expected, rel=1e-10)


def test_exact_mann_whitney_without_ties():
    """Without ties the exact p is used, as in Table 1."""
    x, y = np.array([1.0, 4.0, 2.0, 7.0, 9.0, 8.0]), np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    assert screening_p(x[:, np.newaxis], y, np.ones((1, 6)), ["number"])[0, 0] == pytest.approx(0.1)


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_fits_of_resamples_are_single_fits(seed):
    """Fits of many resamples at once are `fit_ml` and `fit_firth`, separation included."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.integers(0, 2, (20, 2)), rng.normal(size=20).round(1)]).astype(float)
    y = rng.integers(0, 2, 20).astype(float)
    weights = rng.multinomial(20, np.full(20, 0.05), size=3).astype(float)
    columns = rng.integers(0, 2, (3, 3)).astype(bool)
    for method, single in (("ml", fit_ml), ("firth", fit_firth)):
        coefficients, reasons = fit_many(method, x, y, weights, columns)
        for b, reason, counts, inside in zip(coefficients, reasons, weights, columns, strict=True):
            if not inside.any():
                continue
            names = [str(i) for i in np.flatnonzero(inside)]
            try:
                result = single(x[:, inside], y, names, weights=counts, profile=False)
            except StatisticsError:
                assert reason not in (0, SEPARATED)
                continue
            if method == "ml" and result.separation.kind != "none":
                assert reason == SEPARATED
                value = fit_ml_many(x, y, counts[np.newaxis], inside[np.newaxis]).log_likelihood
                assert value[0] == pytest.approx(result.log_likelihood, abs=1e-8)
                continue
            assert reason == 0
            expected = [term.b for term in result.terms]
            assert b[np.r_[True, inside]] == pytest.approx(expected, rel=1e-6, abs=1e-7)
            assert not b[1:][~inside].any()


@pytest.mark.parametrize(("method", "single"), [("ml", fit_ml), ("firth", fit_firth)])
def test_likelihood_ratios_are_those_of_single_fits(method, single):
    """In each resample each term has the likelihood-ratio p of the single fit."""
    weights = resamples(3).astype(float)
    columns = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 1, 0, 1, 1]], dtype=bool)
    ratios = likelihood_ratios(X, Y, weights, columns, method)
    assert np.isinf(ratios[~columns]).all()
    for row, counts, inside in zip(ratios, weights, columns, strict=True):
        names = [TERMS[i] for i in np.flatnonzero(inside)]
        fit = single(X[:, inside], Y, names, weights=counts)
        for name, term in zip(names, fit.terms[1:], strict=True):
            without = [other for other in names if other != name]
            if method == "ml":
                places = [TERMS.index(other) for other in without]
                smaller = single(X[:, places], Y, without, weights=counts, profile=False)
                expected = 2 * (fit.log_likelihood - smaller.log_likelihood)
                assert row[TERMS.index(name)] == pytest.approx(expected, rel=1e-6, abs=1e-8)
            else:
                p = chi2.sf(row[TERMS.index(name)], 1)
                assert p == pytest.approx(term.p["lrt"], rel=1e-7)


def test_choice_in_a_resample_is_the_choice_in_its_rows():
    """What is chosen in a resample is what `select` chooses from its repeated rows."""
    data = make_candidates(X, Y, TERMS, KINDS)
    rule = Rule(screen=0.3, backward="p", stay=0.1)
    weights = resamples(5)
    choices = choose_many(data, weights.astype(float), rule)
    for counts, columns in zip(weights, choices.columns, strict=True):
        index = np.repeat(np.arange(60), counts)
        alone = select(X[index], Y[index], TERMS, kinds=KINDS, screen=0.3, backward="p", stay=0.1)
        assert alone.terms == data.chosen(columns)


def test_a_constant_candidate_is_named():
    """A constant candidate has no p, is not chosen, and is named."""
    result = select(np.column_stack([X, np.ones(60)]), Y, [*TERMS, "same"], screen=0.1)
    assert result.screening["same"] is None
    assert any("never chosen: same" in warning for warning in result.warnings)
    eliminated = select(
        np.column_stack([X, np.ones(60)]), Y, [*TERMS, "same"], backward="p", method="ml"
    )
    assert eliminated.terms == ("a", "b", "f")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "give screen, backward or both"),
        ({"backward": "forward"}, "backward is p, aic or None"),
        ({"backward": "p", "stay": 0}, "stay lies between 0 and 1"),
        ({"backward": "aic"}, "Use backward 'p', or method 'ml'"),
    ],
)
def test_impossible_rules(change, message):
    """Rules that cannot be followed are refused."""
    with pytest.raises(StatisticsError, match=message):
        select(X, Y, TERMS, **change)


def test_too_many_candidates_for_elimination():
    """Elimination does not start from more candidates than the rows can carry."""
    with pytest.raises(StatisticsError, match="which 5 rows cannot carry"):
        select(X[:5], [0, 1, 0, 1, 1], TERMS, backward="p")


def test_elimination_of_equal_candidates():
    """Of two equal candidates maximum likelihood drops one; Firth's elimination cannot begin."""
    x = np.column_stack([X[:, :2], X[:, 0]])
    with pytest.raises(StatisticsError, match="the elimination cannot begin"):
        select(x, Y, ["a", "b", "copy"], backward="p")
    result = select(x, Y, ["a", "b", "copy"], backward="p", method="ml")
    assert len(result.terms) == 2
    assert result.removals[0].statistic == pytest.approx(0.0, abs=1e-6)
