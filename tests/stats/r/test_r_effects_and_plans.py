"""Effects of a table, agreement and sample sizes against epiR, psych and stats of R."""

from __future__ import annotations

import math

import numpy as np
import pytest
from agreement_data import FLEISS_1971, SHROUT_FLEISS, THREE_READERS
from r_session import run_r

from myocohort.stats.bland_altman import bland_altman
from myocohort.stats.cramers_v import cramers_v
from myocohort.stats.icc import icc
from myocohort.stats.kappa import cohen_kappa
from myocohort.stats.odds_ratio import odds_ratio
from myocohort.stats.planning_icc import icc_test_size
from myocohort.stats.planning_prediction import cox_snell_from_c, prediction_model_size
from myocohort.stats.planning_proportions import two_proportions_power, two_proportions_size
from myocohort.stats.proportion import exact_limits, wilson_limits
from myocohort.stats.risk_difference import risk_difference
from myocohort.stats.risk_ratio import risk_ratio

pytestmark = pytest.mark.r


@pytest.mark.parametrize(
    "table",
    [[[12, 1], [13, 14]], [[7, 27], [1, 33]], [[3, 2], [1, 9]], [[9, 31], [20, 20]]],
    ids=str,
)
def test_risk_ratio_and_odds_ratio_are_epi_2by2s(table):
    """Katz's risk ratio and Woolf's odds ratio with their limits are those of epiR."""
    found = run_r(
        """
        m <- matrix(t$n, 2, byrow = TRUE)
        e <- epi.2by2(m, method = "cohort.count")$massoc.detail
        out$rr <- unlist(e$RR.strata.wald[1:3]); out$or <- unlist(e$OR.strata.wald[1:3])
        """,
        {"t": {"n": np.ravel(table).tolist()}},
        packages=["epiR"],
    )
    for result, key in ((risk_ratio(table, method="katz"), "rr"), (odds_ratio(table), "or")):
        ours = (result.estimate, result.interval.low, result.interval.high)
        assert ours == pytest.approx(tuple(found[key]), rel=1e-8)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_difference(first, second, low, high):
    """Newcombe's limits are made of the Wilson limits that prop.test prints."""
    found = run_r(
        f"""
        a <- suppressWarnings(prop.test({first[0]}, {first[1]}, correct = FALSE)$conf.int)
        b <- suppressWarnings(prop.test({second[0]}, {second[1]}, correct = FALSE)$conf.int)
        p <- {first[0]} / {first[1]}; q <- {second[0]} / {second[1]}
        out$d <- p - q + c(-sqrt((p - a[1])^2 + (b[2] - q)^2), sqrt((a[2] - p)^2 + (q - b[1])^2))
        out$wilson <- a
        out$exact <- binom.test({first[0]}, {first[1]})$conf.int
        """
    )
    assert found["d"] == pytest.approx([low, high], abs=5e-5)
    table = [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]
    interval = risk_difference(table).interval
    assert (interval.low, interval.high) == pytest.approx(tuple(found["d"]), abs=1e-10)
    wilson, exact = (
        limits(first[0], first[1], level=0.95) for limits in (wilson_limits, exact_limits)
    )
    assert wilson == pytest.approx(tuple(found["wilson"]), abs=1e-10)
    assert exact == pytest.approx(tuple(found["exact"]), abs=1e-10)


def test_cramers_v_is_the_root_of_chisq_test():
    """V is the square root of Pearson's chi-square per patient and dimension."""
    table = [[4, 1, 7], [0, 6, 2], [3, 3, 3]]
    found = run_r(
        """
        m <- matrix(t$n, 3, byrow = TRUE)
        out$v <- sqrt(suppressWarnings(chisq.test(m, correct = FALSE))$statistic / sum(m) / 2)
        """,
        {"t": {"n": np.ravel(table).tolist()}},
    )
    assert cramers_v(table).estimate == pytest.approx(found["v"][0], rel=1e-10)


@pytest.mark.parametrize("ratings", [SHROUT_FLEISS, THREE_READERS], ids=["Shrout", "three readers"])
@pytest.mark.parametrize("level", [0.95, 0.9])
def test_intraclass_correlations_are_psychs(ratings, level):
    """All six forms, F, p and limits are those of psych::ICC."""
    found = run_r(
        f"""
        i <- ICC(d, lmer = FALSE, alpha = {1 - level:.2f})$results
        out$rows <- as.matrix(i[, c("ICC", "F", "p", "lower bound", "upper bound")])
        """,
        {"d": {f"r{i}": ratings[:, i].tolist() for i in range(ratings.shape[1])}},
        packages=["psych"],
    )
    rows = np.reshape(found["rows"], (6, 5))
    for form, row in zip(("1,1", "2,1", "3,1", "1,k", "2,k", "3,k"), rows, strict=True):
        result = icc(ratings, form, level=level)
        ours = (result.estimate, result.statistic, result.interval.low, result.interval.high)
        assert ours == pytest.approx(tuple(row[[0, 1, 3, 4]]), rel=1e-7)
        assert result.p == pytest.approx(row[2], rel=1e-5)


def test_kappa_is_psychs():
    """Unweighted kappa, its variance and weighted estimates are those of psych::cohen.kappa."""
    pairs = FLEISS_1971[:, [1, 4]]
    found = run_r(
        """
        k <- suppressWarnings(cohen.kappa(as.matrix(d)))
        out$k <- c(k$kappa, k$var.kappa, k$weighted.kappa)
        """,
        {"d": {"a": pairs[:, 0].tolist(), "b": pairs[:, 1].tolist()}},
        packages=["psych"],
    )
    kappa, variance, quadratic = found["k"]
    plain = cohen_kappa(pairs, [1, 2, 3, 4, 5])
    assert (plain.estimate, plain.se**2) == pytest.approx((kappa, variance), rel=1e-8)
    weighted = cohen_kappa(pairs, [1, 2, 3, 4, 5], weights="quadratic")
    assert weighted.estimate == pytest.approx(quadratic, rel=1e-8)


def test_bland_and_altman():
    """Bias with its t interval, slope, and the exact limits by the noncentral t of R."""
    pairs = THREE_READERS[:, :2]
    found = run_r(
        """
        x <- d$a - d$b; n <- length(x); t <- t.test(x)
        out$t <- c(t$estimate, t$p.value, t$conf.int)
        f <- qt(c(.025, .975), n - 1, ncp = qnorm(.975) * sqrt(n)) / sqrt(n)
        out$upper <- mean(x) + sd(x) * f; out$lower <- mean(x) - sd(x) * rev(f)
        l <- lm(x ~ I((d$a + d$b) / 2)); out$slope <- c(coef(l)[2], confint(l)[2, ])
        """,
        {"d": {"a": pairs[:, 0].tolist(), "b": pairs[:, 1].tolist()}},
    )
    result = bland_altman(pairs)
    ours = (result.estimate, result.p, result.interval.low, result.interval.high)
    assert ours == pytest.approx(tuple(found["t"]), rel=1e-9)
    for key in ("upper", "lower"):
        interval = getattr(result.limits, f"{key}_interval")
        assert (interval.low, interval.high) == pytest.approx(tuple(found[key]), rel=1e-7)
    slope = (result.slope, result.slope_interval.low, result.slope_interval.high)
    assert slope == pytest.approx(tuple(found["slope"]), rel=1e-8)


@pytest.mark.parametrize(("p1", "p2", "power"), [(0.25, 0.4, 0.9), (0.1, 0.5, 0.8)])
def test_two_proportions(p1, p2, power):
    """The size without correction is power.prop.test's; with it Fleiss's formula in R.

    Fleiss JL, Levin B, Paik MC. Statistical Methods for Rates and Proportions: with n per
    group without correction, n / 4 (1 + sqrt(1 + 4 / (n |p1 - p2|)))^2.
    """
    found = run_r(
        f"""
        n <- power.prop.test(p1 = {p1}, p2 = {p2}, power = {power}, tol = 1e-12)$n
        out$n <- n; out$corrected <- n / 4 * (1 + sqrt(1 + 4 / (n * {abs(p1 - p2)})))^2
        out$power <- power.prop.test(n = 30, p1 = {p1}, p2 = {p2})$power
        """
    )
    plain = two_proportions_size(p1, p2, power=power)
    assert plain.criteria[0].unrounded == pytest.approx(2 * found["n"][0], rel=1e-6)
    corrected = two_proportions_size(p1, p2, power=power, continuity=True)
    assert corrected.groups == (math.ceil(found["corrected"][0]),) * 2
    power_of_30 = two_proportions_power(30, 30, p1, p2).expected["power"]
    assert power_of_30 == pytest.approx(found["power"][0], rel=1e-6)


def test_size_of_a_reliability_study():
    """The number of subjects is the least whose power by R's F distribution suffices."""
    found = run_r(
        """
        least <- function(r1, r0, k) {
          c <- (1 + k * r0 / (1 - r0)) / (1 + k * r1 / (1 - r1))
          n <- 2
          while (1 - pf(c * qf(.95, n - 1, n * (k - 1)), n - 1, n * (k - 1)) < .8) n <- n + 1
          n
        }
        out$n <- c(least(.8, .6, 2), least(.9, .7, 2), least(.8, .6, 3), least(.7, .2, 4))
        """
    )
    plans = [(0.8, 0.6, 2), (0.9, 0.7, 2), (0.8, 0.6, 3), (0.7, 0.2, 4)]
    assert [icc_test_size(*plan).n for plan in plans] == found["n"]


@pytest.mark.parametrize(
    ("prevalence", "parameters", "r2"), [(0.05, 30, 0.05), (0.3, 10, 0.2), (0.174, 24, 0.288)]
)
def test_size_of_a_prediction_model(prevalence, parameters, r2):
    """The four criteria are the formulas of Riley 2019 and van Smeden 2019 written in R.

    1 shrinkage .9, 2 optimism .05 of the largest Cox-Snell R-squared, 3 margin .05 of the
    overall risk, 4 mean absolute prediction error .05.
    """
    found = run_r(
        f"""
        prev <- {prevalence}; k <- {parameters}; r2 <- {r2}
        by_shrinkage <- function(s) k / ((s - 1) * log(1 - r2 / s))
        largest <- 1 - (prev^prev * (1 - prev)^(1 - prev))^2
        out$n <- ceiling(c(by_shrinkage(.9), by_shrinkage(r2 / (r2 + .05 * largest)),
          (qnorm(.975) / .05)^2 * prev * (1 - prev),
          exp((-.508 + .259 * log(prev) + .504 * log(k) - log(.05)) / .544)))
        """
    )
    plan = prediction_model_size(prevalence, parameters, cox_snell_r2=r2)
    assert [criterion.n for criterion in plan.criteria] == found["n"]


@pytest.mark.parametrize(("c", "prevalence"), [(0.89, 0.174), (0.7, 0.3), (0.8, 0.05)])
def test_cox_snell_of_a_c_statistic(c, prevalence):
    """R-squared of normal predictors with this c is the integral that R's integrate finds."""
    found = run_r(
        f"""
        prev <- {prevalence}; mu <- sqrt(2) * qnorm({c})
        p <- function(x) plogis(qlogis(prev) + mu * x - mu^2 / 2)
        ll <- integrate(function(x) prev * dnorm(x, mu) * log(p(x)) +
          (1 - prev) * dnorm(x) * log1p(-p(x)), -9, 9 + mu, rel.tol = 1e-12)$value
        out$r2 <- 1 - exp(2 * (prev * log(prev) + (1 - prev) * log(1 - prev) - ll))
        """
    )
    assert cox_snell_from_c(c, prevalence) == pytest.approx(found["r2"][0], rel=1e-6)
