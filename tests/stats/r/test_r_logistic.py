"""Maximum likelihood, Firth and FLIC against glm, brglm2 and limits found by roots in R."""

from __future__ import annotations

import math

import numpy as np
import pytest
from r_cohorts import COHORTS, as_table, cohort, reference_study
from r_session import run_r

from myocohort.stats.firth import fit_firth
from myocohort.stats.flic import firth_risks
from myocohort.stats.logistic import fit_ml

pytestmark = pytest.mark.r

SEPARATED = ["separated 1", "separated 2", "one event"]
OVERLAPPING = [name for name in COHORTS if name not in SEPARATED]

# the deviance with a coefficient held, by glm with an offset, and its root by uniroot
PROFILE = """
y <- d$y; X <- cbind(1, as.matrix(d[names(d) != "y"]))
best <- function(X, offset) suppressWarnings(glm.fit(X, y, family = binomial(), offset = offset,
  control = list(epsilon = 1e-15, maxit = 500)))
q <- qchisq(.95, 1)
limit <- function(j, fit, X, base, way) {
  g <- function(b) best(X[, -j, drop = FALSE], base + X[, j] * b)$deviance - fit$deviance - q
  start <- fit$coefficients[j]
  step <- sqrt(diag(chol2inv(fit$qr$qr[seq_along(fit$coefficients), , drop = FALSE])))[j]
  while (g(start + way * step) < 0) step <- 2 * step
  uniroot(g, sort(c(start, start + way * step)), tol = 1e-14, maxiter = 1000)$root
}
fit_all <- function(X, base) {
  fit <- best(X, base)
  se <- sqrt(diag(chol2inv(fit$qr$qr[seq_along(fit$coefficients), , drop = FALSE])))
  limits <- sapply(2:ncol(X), function(j) c(limit(j, fit, X, base, -1), limit(j, fit, X, base, 1)))
  lrt <- sapply(2:ncol(X), function(j)
    pchisq(best(X[, -j, drop = FALSE], base)$deviance - fit$deviance, 1, lower.tail = FALSE))
  list(b = fit$coefficients[-1], se = se[-1], low = limits[1, ], high = limits[2, ], p = lrt,
    deviance = fit$deviance, fit = fit)
}
"""


def profile_limits(terms):
    """Return the logarithms of the profile limits, low ones and high ones."""
    return (
        [math.log(term.ci["profile"].low) for term in terms],
        [math.log(term.ci["profile"].high) for term in terms],
    )


@pytest.mark.parametrize("name", [*OVERLAPPING])
def test_maximum_likelihood(name):
    """Estimates, SE, Wald and profile limits, tests and likelihood are those of glm."""
    X, y, names = cohort(name)
    found = run_r(
        PROFILE
        + """
        out <- fit_all(X, rep(0, nrow(X))); out$fit <- NULL
        out$wald <- coef(summary(glm(y ~ ., binomial, d, epsilon = 1e-15, maxit = 500)))[-1, 4]
        """,
        {"d": as_table(X, y, names)},
    )
    result = fit_ml(X, y, names)
    terms = result.terms[1:]
    assert [term.b for term in terms] == pytest.approx(found["b"], rel=1e-7, abs=1e-10)
    assert [term.se for term in terms] == pytest.approx(found["se"], rel=1e-7)
    assert [term.p["wald"] for term in terms] == pytest.approx(found["wald"], rel=1e-6)
    assert [term.p["lrt"] for term in terms] == pytest.approx(found["p"], rel=1e-6)
    low, high = profile_limits(terms)
    assert low == pytest.approx(found["low"], rel=1e-6, abs=1e-9)
    assert high == pytest.approx(found["high"], rel=1e-6, abs=1e-9)
    assert -2 * result.log_likelihood == pytest.approx(found["deviance"][0], rel=1e-10)


@pytest.mark.parametrize("name", ["endometrial", "sex2", *SEPARATED])
def test_maximum_likelihood_under_separation(name, shared_data):
    """Where a term runs away, the rest is glm's without the rows that it predicts perfectly.

    The limit of the running term lies where the deviance has risen by the quantile, the other
    limit is infinite.
    """
    X, y, names = cohort(name, shared_data)
    result = fit_ml(X, y, names)
    ((away, sign),) = result.separation.directions.items()
    place = names.index(away)
    found = run_r(
        PROFILE
        + f"""
        j <- {place + 2}; sign <- {sign}; whole <- X; outcome <- y
        stopifnot(all(y[X[, j] == 1] == (sign > 0)))  # the rows that it predicts perfectly
        y <- outcome[X[, j] == 0]
        out <- fit_all(X[X[, j] == 0, -j, drop = FALSE], rep(0, length(y)))
        top <- out$deviance; out$fit <- NULL
        y <- outcome
        held <- function(b) best(whole[, -j, drop = FALSE], whole[, j] * b)$deviance - top
        near <- 0; while (held(sign * near) > q) near <- near + .5
        far <- near - 1; while (held(sign * far) < q) far <- far - 1
        ends <- sort(sign * c(far, near))
        out$limit <- uniroot(function(b) held(b) - q, ends, tol = 1e-14)$root
        out$away_p <- pchisq(held(0), 1, lower.tail = FALSE)
        """,
        {"d": as_table(X, y, names)},
    )
    others = [term for term in result.terms[1:] if term.name != away]
    assert [term.b for term in others] == pytest.approx(found["b"], rel=1e-6, abs=1e-9)
    assert [term.se for term in others] == pytest.approx(found["se"], rel=1e-6)
    assert [term.p["lrt"] for term in others] == pytest.approx(found["p"], rel=1e-6)
    low, high = profile_limits(others)
    assert low == pytest.approx(found["low"], rel=1e-6, abs=1e-8)
    assert high == pytest.approx(found["high"], rel=1e-6, abs=1e-8)
    assert -2 * result.log_likelihood == pytest.approx(found["deviance"][0], rel=1e-9)
    term = result.terms[place + 1]
    assert term.b == sign * math.inf
    assert term.p["lrt"] == pytest.approx(found["away_p"][0], rel=1e-6)
    near = term.ci["profile"].low if sign > 0 else term.ci["profile"].high
    assert math.log(near) == pytest.approx(found["limit"][0], rel=1e-6)


def test_limits_of_mass_are_interpolated():
    """MASS::confint differs from the roots of the deviance by up to .001; ours are the roots.

    MASS fits a spline through points of the profile. For the reference study it prints
    (2.1037, 507.617), (1.20756, 74.8906), (4.59570, 1059.573); the deviance has risen by the
    quantile, to 1e-9, at (2.10346, 507.2169), (1.20742, 74.8693), (4.59243, 1058.907).
    """
    X, y, names = reference_study()
    found = run_r(
        PROFILE
        + """
        fits <- fit_all(X, rep(0, nrow(X))); out$low <- fits$low; out$high <- fits$high
        spline <- suppressMessages(confint(glm(y ~ ., binomial, d, epsilon = 1e-14)))[-1, ]
        out$mass_low <- spline[, 1]; out$mass_high <- spline[, 2]
        rise <- function(j, b) best(X[, -j], X[, j] * b)$deviance - fits$deviance
        out$rise <- c(sapply(2:4, function(j) rise(j, fits$low[j - 1])),
          sapply(2:4, function(j) rise(j, fits$high[j - 1])))
        out$mass_rise <- c(sapply(2:4, function(j) rise(j, spline[j - 1, 1])),
          sapply(2:4, function(j) rise(j, spline[j - 1, 2])))
        """,
        {"d": as_table(X, y, names)},
        packages=["MASS"],
    )
    assert np.exp(found["mass_low"]) == pytest.approx([2.1037, 1.20756, 4.59570], rel=2e-5)
    assert np.exp(found["mass_high"]) == pytest.approx([507.617, 74.8906, 1059.573], rel=2e-6)
    assert found["rise"] == pytest.approx([3.841458820694124] * 6, abs=1e-9)
    assert max(abs(np.array(found["mass_rise"]) - 3.841458820694124)) > 1e-4
    low, high = profile_limits(fit_ml(X, y, names).terms[1:])
    assert low == pytest.approx(found["low"], rel=1e-9)
    assert high == pytest.approx(found["high"], rel=1e-9)
    assert np.exp(low) == pytest.approx([2.10345940, 1.20741773, 4.59242561], rel=1e-8)
    assert np.exp(high) == pytest.approx([507.216878, 74.8692945, 1058.907201], rel=1e-8)


# Firth's penalised likelihood with a coefficient held: the modified score of the others is
# solved by Fisher scoring, with the penalty of the whole matrix; centred terms have the same
# slopes and the same determinant
FIRTH = """
y <- d$y; X <- cbind(1, scale(as.matrix(d[names(d) != "y"]), scale = FALSE))
penalised <- function(b) {
  eta <- drop(X %*% b); w <- plogis(eta) * plogis(-eta)
  if (!all(is.finite(eta)) || any(w < 1e-200)) return(-Inf)
  sum(y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE)) +
    sum(log(abs(diag(qr.R(qr(sqrt(w) * X))))))
}
top <- function(b, free) {
  for (i in 1:2000) {
    eta <- drop(X %*% b); p <- plogis(eta); w <- p * plogis(-eta)
    h <- rowSums(qr.Q(qr(sqrt(w) * X))^2)
    z <- (y - p + h * (.5 - p)) / sqrt(w)
    step <- qr.coef(qr(sqrt(w) * X[, free, drop = FALSE]), z)
    scale <- 1; old <- penalised(b)
    repeat {
      new <- b; new[free] <- new[free] + scale * step
      if (penalised(new) >= old - 1e-12 || scale < 1e-6) break
      scale <- scale / 2
    }
    b <- new
    if (max(abs(scale * step) / (1e-8 + abs(b[free]))) < 1e-13) break
  }
  b
}
k <- ncol(X)
"""
FIRTH_FIT = """
f <- glm(y ~ ., binomial, d, method = "brglmFit", type = "AS_mean", epsilon = 1e-13, maxit = 5000,
  slowit = .9)
out$b <- coef(f)[-1]
start <- c(coef(f)[1] + sum(colMeans(d[names(d) != "y"]) * coef(f)[-1]), coef(f)[-1])
eta <- drop(X %*% start); w <- plogis(eta) * plogis(-eta)
out$fisher <- sqrt(diag(solve(qr.R(qr(sqrt(w) * X))) %*% t(solve(qr.R(qr(sqrt(w) * X))))))[-1]
out$brglm_se <- sqrt(diag(vcov(f)))[-1]
h <- rowSums(qr.Q(qr(sqrt(w) * X))^2)
# the data and their leverages as further weight, as logistf and firthmodels do
out$augmented <- sqrt(diag(chol2inv(qr.R(qr(sqrt(w * (1 + h)) * X)))))[-1]
whole <- top(start, 1:k)
out$again <- whole[-1]
out$likelihood <- penalised(whole)
q <- qchisq(.95, 1)
drop_at <- function(j, b, from) {
  from[j] <- b
  2 * (out$likelihood - penalised(top(from, setdiff(1:k, j))))
}
limit <- function(j, way) {
  g <- function(b) drop_at(j, b, whole) - q
  step <- out$fisher[j - 1]
  while (g(whole[j] + way * step) < 0) step <- 1.5 * step
  uniroot(g, sort(c(whole[j], whole[j] + way * step)), tol = 1e-13, maxiter = 1000)$root
}
out$low <- sapply(2:k, limit, way = -1)
out$high <- sapply(2:k, limit, way = 1)
out$p <- sapply(2:k, function(j) pchisq(drop_at(j, 0, whole), 1, lower.tail = FALSE))
"""


@pytest.mark.parametrize("name", [*COHORTS, "endometrial", "sex2"])
def test_firth(name, shared_data):
    """Estimates and inverse-Fisher SE are brglm2's; limits and tests R's penalised likelihood."""
    X, y, names = cohort(name, shared_data)
    found = run_r(FIRTH + FIRTH_FIT, {"d": as_table(X, y, names)}, packages=["brglm2"])
    augmented = fit_firth(X, y, names)
    fisher = fit_firth(X, y, names, standard_error="fisher")
    b = [term.b for term in augmented.terms[1:]]
    assert b == pytest.approx(found["b"], rel=1e-5, abs=1e-7)
    assert b == pytest.approx(found["again"], rel=1e-6, abs=1e-8)
    assert [term.se for term in fisher.terms[1:]] == pytest.approx(found["brglm_se"], rel=1e-5)
    assert [term.se for term in fisher.terms[1:]] == pytest.approx(found["fisher"], rel=1e-5)
    assert [term.se for term in augmented.terms[1:]] == pytest.approx(found["augmented"], rel=1e-5)
    assert augmented.log_likelihood == pytest.approx(found["likelihood"][0], rel=1e-9)
    low, high = profile_limits(augmented.terms[1:])
    assert low == pytest.approx(found["low"], rel=1e-6, abs=1e-7)
    assert high == pytest.approx(found["high"], rel=1e-6, abs=1e-7)
    assert [t.p["lrt"] for t in augmented.terms[1:]] == pytest.approx(found["p"], rel=1e-5)


FLIC = """
f <- glm(y ~ ., binomial, d, method = "brglmFit", type = "AS_mean", epsilon = 1e-13, maxit = 5000,
  slowit = .9)
X <- model.matrix(f)
fixed <- drop(X[, -1, drop = FALSE] %*% coef(f)[-1])
flic <- glm(d$y ~ 1, binomial, offset = fixed, epsilon = 1e-15, maxit = 200)
out$flic <- plogis(coef(flic) + fixed)
h <- hatvalues(f)
every <- rbind(cbind(d, w = 1, z = 0), cbind(d, w = h / 2, z = 1),
  transform(cbind(d, w = h / 2, z = 1), y = 1 - y))
w <- every$w; every$w <- NULL
flac <- suppressWarnings(glm(y ~ ., binomial, every, weights = w, epsilon = 1e-14, maxit = 200))
out$flac <- predict(flac, cbind(d, z = 0), type = "response")
"""


@pytest.mark.parametrize("name", ["reference study", "small 3", "separated 1", "endometrial"])
def test_flic_and_flac(name, shared_data):
    """Predicted risks are those of FLIC and FLAC written with brglm2 and glm."""
    X, y, names = cohort(name, shared_data)
    found = run_r(FLIC, {"d": as_table(X, y, names)}, packages=["brglm2"])
    for correction in ("flic", "flac"):
        risks = firth_risks(X, y, names, correction=correction).risks
        assert risks == pytest.approx(found[correction], rel=1e-5)
