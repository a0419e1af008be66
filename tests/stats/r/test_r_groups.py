"""Tests of Table 1 against stats and coin of R, on made-up data with and without ties."""

from __future__ import annotations

import numpy as np
import pytest
from r_session import run_r

from myocohort.stats.chi_square import pearson_chi_square, pearson_chi_square_corrected
from myocohort.stats.exact_mann_whitney import mann_whitney_exact
from myocohort.stats.fisher import fisher_exact
from myocohort.stats.friedman import friedman
from myocohort.stats.hodges_lehmann import hodges_lehmann
from myocohort.stats.kruskal_wallis import kruskal_wallis
from myocohort.stats.linear_by_linear import linear_by_linear
from myocohort.stats.mann_whitney import mann_whitney
from myocohort.stats.mcnemar import mcnemar_from_table
from myocohort.stats.multiplicity import benjamini_hochberg, holm
from myocohort.stats.signed_rank import wilcoxon_signed_rank
from myocohort.stats.spearman import spearman
from myocohort.stats.t_test import student_t, welch_t

pytestmark = pytest.mark.r

TABLES = [
    [[12, 1], [13, 14]],
    [[5, 8], [3, 24]],
    [[0, 6], [7, 4]],
    [[4, 1, 7], [0, 6, 2]],
    [[3, 0, 2, 1], [1, 4, 0, 2], [0, 2, 3, 3]],
    [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]],
]


def groups(kind: str) -> tuple[list[float], list[int]]:
    """Return values and codes of two or three groups."""
    rng = np.random.default_rng(11)
    sizes = {"tied": (11, 14), "small": (3, 5), "plain": (13, 27), "three": (5, 7, 9)}[kind]
    codes = np.repeat(np.arange(len(sizes)), sizes)
    if kind in ("tied", "three"):
        values = rng.integers(0, 6, len(codes)) + codes
    else:
        values = np.round(rng.normal(size=len(codes)), 4) + 0.7 * codes
    return values.astype(float).tolist(), codes.tolist()


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_tables(table):
    """Fisher, Pearson, Yates and linear-by-linear are those of stats and of coin's lbl_test."""
    rows, columns = np.shape(table)
    found = run_r(
        f"""
        m <- matrix(t$n, {rows}, byrow = TRUE)
        out$fisher <- fisher.test(m, workspace = 2e7)$p.value
        plain <- suppressWarnings(chisq.test(m, correct = FALSE))
        out$plain <- c(plain$statistic, plain$p.value)
        out$yates <- suppressWarnings(chisq.test(m))$p.value
        if (length(m) > 4) out$lbl <- pvalue(lbl_test(as.table(m)))
        """,
        {"t": {"n": np.ravel(table).tolist()}},
        packages=["coin"],
    )
    if np.sum(table) < 90:  # beyond, ours is refused
        assert fisher_exact(table).p == pytest.approx(found["fisher"][0], rel=1e-7)
    pearson = pearson_chi_square(table)
    assert (pearson.statistic, pearson.p) == pytest.approx(tuple(found["plain"]), rel=1e-9)
    if (rows, columns) == (2, 2):
        assert pearson_chi_square_corrected(table).p == pytest.approx(found["yates"][0], rel=1e-9)
    else:
        assert linear_by_linear(table).p == pytest.approx(found["lbl"][0], rel=1e-9)


@pytest.mark.parametrize("kind", ["tied", "small", "plain"])
def test_two_groups(kind):
    """Mann-Whitney, exact with ties, t tests and the shift are those of wilcox.test and coin."""
    values, codes = groups(kind)
    found = run_r(
        """
        x <- d$v[d$g == 0]; y <- d$v[d$g == 1]
        w <- suppressWarnings(wilcox.test(x, y, exact = FALSE, correct = FALSE))
        out$u <- w$statistic; out$asymptotic <- w$p.value
        out$continuity <- wilcox.test(x, y, exact = FALSE, correct = TRUE)$p.value
        out$coin <- pvalue(wilcox_test(v ~ factor(g), d, distribution = "exact"))
        if (!anyDuplicated(d$v)) {
          e <- wilcox.test(x, y, conf.int = TRUE); out$exact <- c(e$p.value, e$estimate, e$conf.int)
        }
        for (equal in c(TRUE, FALSE)) {
          t <- t.test(x, y, var.equal = equal)
          out[[paste0("t", equal)]] <- c(t$statistic, t$parameter, t$p.value, t$conf.int)
        }
        """,
        {"d": {"v": values, "g": codes}},
        packages=["coin"],
    )
    result = mann_whitney(values, codes, method="asymptotic")
    assert result.statistic == found["u"][0]
    assert result.p == pytest.approx(found["asymptotic"][0], rel=1e-10)
    corrected = mann_whitney(values, codes, method="asymptotic", continuity=True)
    assert corrected.p == pytest.approx(found["continuity"][0], rel=1e-10)
    assert mann_whitney_exact(values, codes).p == pytest.approx(found["coin"][0], rel=1e-10)
    if "exact" in found:
        p, *shift = found["exact"]
        assert mann_whitney(values, codes, method="exact").p == pytest.approx(p, rel=1e-10)
        ours = hodges_lehmann(values, codes, method="exact")
        assert (ours.estimate, ours.interval.low, ours.interval.high) == pytest.approx(
            tuple(shift), rel=1e-9
        )
    for test, key in ((student_t, "tTRUE"), (welch_t, "tFALSE")):
        result = test(values, codes)
        ours = (
            result.statistic,
            result.df,
            result.p,
            result.interval.low,
            result.interval.high,
        )
        assert ours == pytest.approx(tuple(found[key]), rel=1e-9)


def test_three_groups():
    """Kruskal-Wallis is kruskal.test."""
    values, codes = groups("three")
    found = run_r(
        "k <- kruskal.test(d$v, d$g); out$k <- c(k$statistic, k$parameter, k$p.value)",
        {"d": {"v": values, "g": codes}},
    )
    result = kruskal_wallis(values, codes)
    assert (result.statistic, result.df, result.p) == pytest.approx(tuple(found["k"]), rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("zeros", ["wilcoxon", "pratt"])
def test_signed_ranks_with_ties_and_zeros(seed, zeros):
    """Exact and asymptotic signed-rank p are coin's wilcoxsign_test; V is wilcox.test's."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 6, 14), rng.integers(0, 5, 14)
    rule = {"wilcoxon": "Wilcoxon", "pratt": "Pratt"}[zeros]
    found = run_r(
        f"""
        for (how in c("exact", "asymptotic"))
          out[[how]] <- pvalue(wilcoxsign_test(a ~ b, d, distribution = how,
            zero.method = "{rule}"))
        w <- suppressWarnings(wilcox.test(d$a, d$b, paired = TRUE, exact = FALSE))
        out$continuity <- c(w$statistic, w$p.value)
        """,
        {"d": {"a": first.tolist(), "b": second.tolist()}},
        packages=["coin"],
    )
    for how in ("exact", "asymptotic"):
        p = wilcoxon_signed_rank(first, second, zeros=zeros, method=how).p
        assert p == pytest.approx(found[how][0], rel=1e-10)
    if zeros == "wilcoxon":
        result = wilcoxon_signed_rank(first, second, method="asymptotic", continuity=True)
        assert (result.statistic, result.p) == pytest.approx(tuple(found["continuity"]), rel=1e-10)


def test_signed_ranks_without_ties():
    """Exact p, pseudomedian and interval are those of wilcox.test(conf.int = TRUE)."""
    rng = np.random.default_rng(5)
    first, second = np.round(rng.normal(0.5, 1, 13), 4), np.round(rng.normal(size=13), 4)
    found = run_r(
        """
        w <- wilcox.test(d$a, d$b, paired = TRUE, conf.int = TRUE)
        out$w <- c(w$statistic, w$p.value, w$estimate, w$conf.int)
        """,
        {"d": {"a": first.tolist(), "b": second.tolist()}},
    )
    result = wilcoxon_signed_rank(first, second)
    ours = (
        result.statistic,
        result.p,
        result.estimate,
        result.interval.low,
        result.interval.high,
    )
    assert ours == pytest.approx(tuple(found["w"]), rel=1e-9)


def test_friedman_and_mcnemar():
    """Friedman with ties is friedman.test; McNemar is mcnemar.test and binom.test."""
    rng = np.random.default_rng(6)
    occasions = rng.integers(0, 4, (12, 4)) + np.arange(4) * 0.5
    table = [[20, 9], [2, 15]]
    found = run_r(
        f"""
        f <- friedman.test(as.matrix(d)); out$f <- c(f$statistic, f$parameter, f$p.value)
        m <- matrix(c({", ".join(str(n) for n in np.ravel(table))}), 2, byrow = TRUE)
        out$corrected <- mcnemar.test(m)$p.value
        out$plain <- mcnemar.test(m, correct = FALSE)$p.value
        b <- binom.test(m[1, 2], m[1, 2] + m[2, 1])
        out$exact <- c(b$p.value, b$conf.int / (1 - b$conf.int))
        """,
        {"d": {f"t{i}": occasions[:, i].tolist() for i in range(4)}},
    )
    result = friedman(*occasions.T)
    assert (result.statistic, result.df, result.p) == pytest.approx(tuple(found["f"]), rel=1e-10)
    corrected = mcnemar_from_table(table, method="asymptotic", continuity=True)
    assert corrected.p == pytest.approx(found["corrected"][0], rel=1e-10)
    plain = mcnemar_from_table(table, method="asymptotic")
    assert plain.p == pytest.approx(found["plain"][0], rel=1e-10)
    exact = mcnemar_from_table(table)
    assert (exact.p, exact.interval.low, exact.interval.high) == pytest.approx(
        tuple(found["exact"]), rel=1e-9
    )


@pytest.mark.parametrize("n", [8, 25])
def test_spearman_is_cor_test(n):
    """Rho, the exact p of few pairs and the t approximation of many are cor.test's."""
    rng = np.random.default_rng(n)
    x = rng.permutation(n) + 0.0
    y = rng.permutation(n) * 0.5 + x * (0.3 if n < 10 else 0.2)
    found = run_r(
        f"""
        s <- cor.test(d$x, d$y, method = "spearman", exact = {"TRUE" if n < 10 else "FALSE"})
        out$s <- c(s$estimate, s$p.value)
        """,
        {"d": {"x": x.tolist(), "y": y.tolist()}},
    )
    result = spearman(x, y, method="exact" if n < 10 else "t")
    assert (result.estimate, result.p) == pytest.approx(tuple(found["s"]), rel=1e-7)


def test_adjusted_p_values():
    """Holm, and Benjamini and Hochberg, are p.adjust's, with ties and a p of 1."""
    p = [0.2, 0.01, 0.04, 0.04, 1.0, 0.0001, 0.03, 0.3, 0.049]
    found = run_r(
        'out$holm <- p.adjust(d$p, "holm"); out$bh <- p.adjust(d$p, "BH")', {"d": {"p": p}}
    )
    assert holm(p).adjusted == pytest.approx(found["holm"], rel=1e-12)
    assert benjamini_hochberg(p).adjusted == pytest.approx(found["bh"], rel=1e-12)
