"""Exact conditional logistic regression against survival, coin and stats of R."""

from __future__ import annotations

import math

import numpy as np
import pytest
from r_cohorts import as_table, reference_study
from r_session import run_r

from myocohort.stats.exact_logistic import fit_exact

pytestmark = pytest.mark.r


def stratified(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a graded term beside a stratum of 14 patients, with an estimate that is finite."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, 5, 14), np.repeat([0, 1], 7)]).astype(float)
    y = np.array([0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1.0])
    return X, y


@pytest.mark.parametrize("seed", range(4))
def test_estimate_and_error_are_clogits(seed):
    """The conditional estimate and its error beside a stratum are those of survival::clogit."""
    X, y = stratified(seed)
    found = run_r(
        """
        f <- clogit(y ~ grade + strata(site), d, method = "exact",
          control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100))
        out$b <- coef(f); out$se <- sqrt(diag(vcov(f)))
        """,
        {"d": as_table(X, y, ["grade", "site"])},
        packages=["survival"],
    )
    grade = fit_exact(X, y, ["grade", "site"]).terms[0]
    assert grade.estimate == "cmle"
    assert grade.b == pytest.approx(found["b"][0], rel=1e-7, abs=1e-9)
    assert grade.se == pytest.approx(found["se"][0], rel=1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_score_test_is_coins(seed):
    """The exact score test of one term is coin's exact quadratic test."""
    X, y = stratified(seed)
    found = run_r(
        """
        out$p <- pvalue(independence_test(grade ~ factor(y), d, distribution = "exact",
          teststat = "quadratic"))
        """,
        {"d": as_table(X, y, ["grade", "site"])},
        packages=["coin"],
    )
    (term,) = fit_exact(X[:, :1], y, ["grade"]).terms
    assert term.p["score"] == pytest.approx(found["p"][0], rel=1e-9)


TABLES = [
    [[9, 3], [4, 13]],
    [[2, 15], [10, 3]],
    [[1, 4], [0, 20]],
    [[6, 0], [7, 12]],
    [[13, 27], [11, 30]],
]


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_one_yes_no_term_is_the_noncentral_hypergeometric(table):
    """Limits, estimate and p of a 2 x 2 table are roots of the noncentral distribution in R.

    fisher.test prints the same to its own tolerance of about 1e-4.
    """
    X = np.array([[1.0], [1.0], [0.0], [0.0]])
    (term,) = fit_exact(X, [1, 0, 1, 0], ["x"], weights=np.ravel(table)).terms
    found = run_r(
        """
        m <- matrix(t$n, 2, byrow = TRUE); s <- sum(m[, 1]); n1 <- sum(m[1, ]); n0 <- sum(m[2, ])
        k <- max(0, s - n0):min(s, n1); log0 <- dhyper(k, n1, n0, s, log = TRUE); x <- m[1, 1]
        p <- function(b) { l <- log0 + b * k; l <- exp(l - max(l)); l / sum(l) }
        root <- function(g) uniroot(g, c(-40, 40), tol = 1e-14, maxiter = 5000)$root
        out$low <- if (x == min(k)) -Inf else root(function(b) sum(p(b)[k >= x]) - .025)
        out$high <- if (x == max(k)) Inf else root(function(b) sum(p(b)[k <= x]) - .025)
        mean_less <- function(b) if (x %in% range(k)) p(b)[k == x] - .5 else sum(p(b) * k) - x
        out$b <- root(mean_less)
        f <- fisher.test(m)
        out$p <- f$p.value; out$twice <- min(1, 2 * min(
          fisher.test(m, alternative = "less")$p.value,
          fisher.test(m, alternative = "greater")$p.value))
        out$rough <- f$conf.int
        """,
        {"t": {"n": np.ravel(table).tolist()}},
    )
    limits = term.ci["exact"]
    assert term.b == pytest.approx(found["b"][0], rel=1e-8, abs=1e-10)
    for limit, key in ((limits.low, "low"), (limits.high, "high")):
        if math.isinf(found[key][0]):
            assert limit == (0.0 if key == "low" else math.inf)
        else:
            assert math.log(limit) == pytest.approx(found[key][0], rel=1e-8, abs=1e-9)
    assert term.p["probability"] == pytest.approx(found["p"][0], rel=1e-9)
    assert term.p["twice_one_sided"] == pytest.approx(found["twice"][0], rel=1e-9)
    for limit, rough in zip((limits.low, limits.high), found["rough"], strict=True):
        assert limit == pytest.approx(rough, rel=1e-2)


def test_probability_test_is_mantelhaens():
    """Within strata the probability test is mantelhaen.test(exact = TRUE), limits within its
    root-finding tolerance.
    """
    X, y, _ = reference_study()
    pair = X[:, [2, 0]]  # ILD beside sex
    found = run_r(
        """
        m <- mantelhaen.test(table(d$ILD, d$y, d$male), exact = TRUE)
        out$p <- m$p.value; out$estimate <- m$estimate; out$ci <- m$conf.int
        """,
        {"d": as_table(pair, y, ["ILD", "male"])},
    )
    ild = fit_exact(pair, y, ["ILD", "male"]).terms[0]
    assert ild.p["probability"] == pytest.approx(found["p"][0], rel=1e-8)
    assert ild.odds_ratio == pytest.approx(found["estimate"][0], rel=1e-3)
    limits = ild.ci["exact"]
    assert (limits.low, limits.high) == pytest.approx(tuple(found["ci"]), rel=2e-2)


def test_the_reference_study_by_clogit():
    """Beside one other term ILD has clogit's estimate; beside both as strata clogit runs away.

    There the estimate is infinite: clogit stops at b = 22 with an SE of 14,000, ours is the
    median-unbiased one and says so.
    """
    X, y, names = reference_study()
    cells = X[:, 0] * 2 + X[:, 1]  # sex by weakness
    finer = np.column_stack([X[:, 2], cells == 1, cells == 2, cells == 3]).astype(float)
    found = run_r(
        """
        f <- clogit(y ~ ILD + strata(male), d, method = "exact",
          control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100))
        out$b <- coef(f); out$se <- sqrt(diag(vcov(f)))
        g <- suppressWarnings(clogit(y ~ ILD + strata(male, severe), d, method = "exact"))
        out$away <- c(coef(g), sqrt(diag(vcov(g))))
        """,
        {"d": as_table(X, y, names)},
        packages=["survival"],
    )
    ild = fit_exact(X[:, [2, 0]], y, ["ILD", "male"]).terms[0]
    assert ild.b == pytest.approx(found["b"][0], rel=1e-7)
    assert ild.se == pytest.approx(found["se"][0], rel=1e-7)
    assert found["away"][1] > 1000
    assert fit_exact(finer, y, ["ILD", "c1", "c2", "c3"]).terms[0].estimate == "mue"
