"""Pooling and description of missing values against mice of R."""

from __future__ import annotations

import numpy as np
import pytest
from nhanes_data import nhanes2
from r_session import run_r

from myocohort.stats.missing_pattern import describe_missing
from myocohort.stats.pooling import pool_chi_square, pool_estimates

pytestmark = pytest.mark.r


@pytest.mark.parametrize("seed", range(3))
def test_rubins_rules_are_pool_scalars(seed):
    """Estimate, variance, Barnard-Rubin df and fmi are mice::pool.scalar's, few and many sets."""
    rng = np.random.default_rng(seed)
    m = (2, 5, 20)[seed]
    q, u = rng.normal(1, 0.5, m).tolist(), rng.uniform(0.05, 0.4, m).tolist()
    found = run_r(
        """
        p <- pool.scalar(d$q, d$u, n = 30, k = 4)
        out$p <- c(p$qbar, p$ubar, p$b, p$t, p$df, p$r, p$fmi)
        """,
        {"d": {"q": q, "u": u}},
        packages=["mice"],
    )
    pooled = pool_estimates(q, u, complete_df=26)
    ours = (
        pooled.estimate,
        pooled.within,
        pooled.between,
        pooled.total,
        pooled.df,
        pooled.relative_increase,
        pooled.fraction_missing_information,
    )
    assert ours == pytest.approx(tuple(found["p"]), rel=1e-9)


def test_pooling_real_imputations():
    """Of the fits of a linear model in sets that mice imputed, our pooling is pool's summary."""
    frame = nhanes2()
    found = run_r(
        """
        d$age <- factor(d$age); d$hyp <- factor(d$hyp)
        imp <- mice(d, m = 7, seed = 3, printFlag = FALSE)
        fits <- with(imp, lm(chl ~ bmi))
        out$q <- sapply(fits$analyses, function(f) coef(f)[2])
        out$u <- sapply(fits$analyses, function(f) vcov(f)[2, 2])
        s <- summary(pool(fits), conf.int = TRUE)
        out$s <- as.numeric(s[2, c("estimate", "std.error", "df", "p.value", "2.5 %", "97.5 %")])
        """,
        {"d": frame},
        packages=["mice"],
    )
    pooled = pool_estimates(found["q"], found["u"], complete_df=23)
    ours = (
        pooled.estimate,
        pooled.se,
        pooled.df,
        pooled.p,
        pooled.interval.low,
        pooled.interval.high,
    )
    assert ours == pytest.approx(tuple(found["s"]), rel=1e-8)


def test_d2_is_micess():
    """D2 of likelihood-ratio statistics of imputed logistic models is mice::D2's."""
    found = run_r(
        """
        d$age <- factor(d$age); d$hyp <- factor(d$hyp)
        imp <- mice(d, m = 6, seed = 5, printFlag = FALSE)
        one <- with(imp, glm(hyp ~ bmi + chl, binomial)); none <- with(imp, glm(hyp ~ 1, binomial))
        out$chi <- mapply(function(a, b) deviance(b) - deviance(a), one$analyses, none$analyses)
        r <- D2(one, none, use = "likelihood")$result
        out$d2 <- c(r[1, "F.value"], r[1, "df2"], r[1, "P(>F)"], r[1, "RIV"])
        """,
        {"d": nhanes2()},
        packages=["mice", "mitml"],
    )
    result = pool_chi_square(found["chi"], 2)
    ours = (result.statistic, result.df_denominator, result.p, result.relative_increase)
    assert ours == pytest.approx(tuple(found["d2"]), rel=1e-8)


def test_d2_of_given_statistics():
    """D2 is Li, Meng, Raghunathan and Rubin's formula written in R, on statistics given."""
    chi = [5.8, 7.2, 6.1, 8.5, 0.4]
    found = run_r(
        """
        m <- length(d$chi); k <- 3
        r <- (1 + 1 / m) * var(sqrt(d$chi))
        f <- (mean(d$chi) / k - (m + 1) / (m - 1) * r) / (1 + r)
        v <- k^(-3 / m) * (m - 1) * (1 + 1 / r)^2
        out$d2 <- c(f, v, pf(f, k, v, lower.tail = FALSE), r)
        """,
        {"d": {"chi": chi}},
    )
    result = pool_chi_square(chi, 3)
    ours = (result.statistic, result.df_denominator, result.p, result.relative_increase)
    assert ours == pytest.approx(tuple(found["d2"]), rel=1e-10)


def test_patterns_and_flux_are_micess():
    """Influx, outflux and the patterns of missing values are those of mice."""
    rng = np.random.default_rng(2)
    frame = {
        name: [None if rng.random() < 0.3 else float(rng.integers(1, 9)) for _ in range(30)]
        for name in ("ck", "age", "mrs")
    }
    found = run_r(
        """
        f <- flux(d); out$flux <- as.matrix(f[c("ck", "age", "mrs"), c("influx", "outflux")])
        p <- md.pattern(d, plot = FALSE); p <- p[-nrow(p), , drop = FALSE]
        out$sizes <- sort(as.integer(rownames(p)))
        """,
        {"d": frame},
        packages=["mice"],
    )
    described = describe_missing(frame)
    variables = {v.name: v for v in described.variables}
    ours = [
        figure
        for name in ("ck", "age", "mrs")
        for figure in (variables[name].influx, variables[name].outflux)
    ]
    assert ours == pytest.approx(found["flux"], rel=1e-10)
    assert sorted(pattern.n for pattern in described.patterns) == found["sizes"]
