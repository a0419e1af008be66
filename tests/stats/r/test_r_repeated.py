"""Mixed models and GEE against lme4, nlme, lmerTest and geepack of R."""

from __future__ import annotations

import numpy as np
import pytest
from r_session import run_r
from repeated_data import orthodont

from myocohort.stats.gee import fit_gee
from myocohort.stats.mixed_model import fit_mixed

pytestmark = pytest.mark.r


def visits(seed: int, n: int = 14):
    """Return a made trial: scores of two groups at four months, a fifth of them missing."""
    rng = np.random.default_rng(seed)
    subject, month = np.repeat(np.arange(n), 4), np.tile([0.0, 3.0, 6.0, 12.0], n)
    group = np.where(subject % 2, "B", "A")
    value = 3 + 0.1 * month * (group == "B") + rng.normal(0, 1.5, n)[subject]
    value = np.round(value + rng.normal(size=4 * n), 3)
    kept = rng.random(4 * n) > 0.2
    return (
        value[kept].tolist(),
        [f"p{s}" for s in subject[kept]],
        month[kept].tolist(),
        group[kept].tolist(),
    )


DATA = {
    "trial 1": lambda: visits(1),
    "trial 2": lambda: visits(2, n=11),
    "Orthodont with gaps": lambda: orthodont(complete=False),
}


def table(rows):
    """Return the rows as a table for R."""
    return dict(zip(("y", "id", "month", "g"), rows, strict=True))


@pytest.mark.parametrize("name", DATA)
def test_random_intercepts(name):
    """Estimates, SE, likelihood, variances and the likelihood-ratio test are lme4's."""
    rows = DATA[name]()
    found = run_r(
        """
        d$g <- factor(d$g)
        tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12))
        f <- lmer(y ~ g * month + (1 | id), d, control = tight)
        out$b <- fixef(f); out$se <- sqrt(diag(as.matrix(vcov(f))))
        v <- as.data.frame(VarCorr(f))$sdcor
        out$whole <- c(as.numeric(logLik(f)), v)
        m1 <- update(f, REML = FALSE); m0 <- update(m1, . ~ . - g:month)
        out$lrt <- 2 * as.numeric(logLik(m1) - logLik(m0))
        """,
        {"d": table(rows)},
        packages=["lme4"],
    )
    first = sorted(set(rows[3]))[0]
    result = fit_mixed(*rows, reference=first)
    assert [term.estimate for term in result.terms] == pytest.approx(found["b"], rel=1e-5)
    assert [term.se for term in result.terms] == pytest.approx(found["se"], rel=1e-5)
    ours = (result.log_likelihood, result.sd_subject, result.sd_residual)
    assert ours == pytest.approx(tuple(found["whole"]), rel=1e-5)
    assert result.likelihood_ratio.statistic == pytest.approx(found["lrt"][0], rel=1e-5)


@pytest.mark.parametrize("name", DATA)
def test_satterthwaite_is_lmertests(name):
    """Degrees of freedom and p of every term, and F of group by time, are lmerTest's."""
    rows = DATA[name]()
    found = run_r(
        """
        d$g <- factor(d$g)
        tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12))
        f <- lmerTest::lmer(y ~ g * month + (1 | id), d, control = tight)
        s <- coef(summary(f)); out$df <- s[, "df"]; out$p <- s[, "Pr(>|t|)"]
        v <- lmerTest::lmer(y ~ g * factor(month) + (1 | id), d, control = tight)
        a <- anova(v, type = 3)["g:factor(month)", ]
        out$f <- c(a[["F value"]], a[["DenDF"]], a[["Pr(>F)"]])
        """,
        {"d": table(rows)},
        packages=["lme4", "lmerTest"],
    )
    first = sorted(set(rows[3]))[0]
    result = fit_mixed(*rows, reference=first)
    assert [term.df for term in result.terms] == pytest.approx(found["df"], rel=1e-4)
    assert [term.p for term in result.terms] == pytest.approx(found["p"], rel=1e-4)
    by_visit = fit_mixed(*rows, reference=first, time="visits")
    ours = (by_visit.statistic, by_visit.test.df_denominator, by_visit.p)
    assert ours == pytest.approx(tuple(found["f"]), rel=1e-4)


@pytest.mark.parametrize("name", DATA)
def test_random_slopes(name):
    """With random slopes no likelihood of nlme or lme4 is above ours, and theirs is as high."""
    rows = DATA[name]()
    found = run_r(
        """
        d$g <- factor(d$g)
        tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-13, maxfun = 1e5),
          check.conv.singular = "ignore", check.conv.grad = "ignore", check.conv.hess = "ignore")
        f <- lmer(y ~ g * month + (month | id), d, control = tight)
        out$likelihood <- as.numeric(logLik(f)); out$b <- fixef(f)
        """,
        {"d": table(rows)},
        packages=["lme4"],
    )
    result = fit_mixed(*rows, reference=sorted(set(rows[3]))[0], random_slope=True)
    assert result.log_likelihood == pytest.approx(found["likelihood"][0], abs=1e-5)
    estimates = [term.estimate for term in result.terms]
    assert estimates == pytest.approx(found["b"], rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("family", ["gaussian", "binomial"])
@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_gee(name, family, correlation):
    """Estimates, sandwich SE and p are geepack's, with rows missing."""
    values, *rest = DATA[name]()
    if family == "binomial":
        middle = float(np.median(values))
        values = [float(value > middle) for value in values]
    rows = (values, *rest)
    found = run_r(
        f"""
        d$g <- factor(d$g); d$id <- as.integer(factor(d$id, levels = unique(d$id)))
        f <- geeglm(y ~ g * month, {family}, d, id = id, corstr = "{correlation}",
          control = geese.control(epsilon = 1e-12, maxit = 500))
        s <- coef(summary(f)); out$b <- s[, 1]; out$se <- s[, 2]; out$p <- s[, 4]
        """,
        {"d": table(rows)},
        packages=["geepack"],
    )
    result = fit_gee(
        *rows,
        family=family,
        correlation=correlation,
        standard_error="robust",
        reference=sorted(set(rest[2]))[0],
    )
    assert [term.estimate for term in result.terms] == pytest.approx(found["b"], rel=1e-5)
    assert [term.se for term in result.terms] == pytest.approx(found["se"], rel=1e-5)
    assert [term.p for term in result.terms] == pytest.approx(found["p"], rel=1e-4)
