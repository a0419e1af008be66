"""Every finding in the reference paper, calculated a second time and in another way.

What the checks say is compared with plain calculations in floating point, with scipy, and with
sums over all patients that could be. `SECOND` has a line for every finding, and a test that no
finding is without one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import (
    barnard_exact,
    boschloo_exact,
    chi2_contingency,
    fisher_exact,
    mannwhitneyu,
    ttest_ind,
)

from myocohort.papers.checked import CheckedPaper, check_paper
from myocohort.papers.paperfile import Paper

FOLLOWED = {"non_refractory": 27, "refractory": 13}
RATES = {  # Table 3: non-refractory (16), refractory (9); Results, Imaging: all
    "fat_rate_3": ("2.64", "5.55", "3.44"), "fat_rate_6": ("1.37", "1.60", "1.45"),
    "fat_rate_12": ("0.77", "0.59", "0.68"), "fat_rate_18": ("0.43", "0.38", "0.41"),
    "fat_rate_24": ("0.14", "0.17", "0.11"), "oedema_rate_3": ("3.69", "2.17", "2.37"),
    "oedema_rate_6": ("2.80", "2.56", "2.72"), "oedema_rate_12": ("1.18", "1.17", "1.07"),
    "oedema_rate_18": ("0.99", "0.70", "0.55"), "oedema_rate_24": ("0.64", "0.60", "0.57"),
}  # fmt: skip


@pytest.fixture(scope="module")
def checked(reference_paper: Paper) -> CheckedPaper:
    """Return the reference paper with all its verdicts."""
    return check_paper(reference_paper)


def esr() -> None:
    """5 of 27 and 5 of 13: .172 by Pearson's test, and nothing near .872 by any test of scipy."""
    table = np.array([[5, 22], [5, 8]])
    coded = [np.repeat([1, 0], row) for row in table]
    pearson = chi2_contingency(table, correction=False).pvalue
    assert round(pearson, 3) == 0.172
    others = [
        chi2_contingency(table, correction=True).pvalue,
        chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue,
        fisher_exact(table).pvalue,
        barnard_exact(table.T).pvalue,
        boschloo_exact(table.T).pvalue,
        ttest_ind(*coded).pvalue,
        ttest_ind(*coded, equal_var=False).pvalue,
        mannwhitneyu(*coded, method="asymptotic", use_continuity=False).pvalue,
        mannwhitneyu(*coded, method="asymptotic").pvalue,
    ]
    assert max(others) < 0.4


def misprinted_limit() -> None:
    """7.51 lies below 41.03; half the log width from 7.51 to 54.88 gives 1.03 downwards."""
    assert 7.51 < 41.03
    assert round(math.exp(2 * math.log(7.51) - math.log(54.88)), 2) == 1.03


def can_be_pooled(first: str, second: str, whole: str) -> set[tuple[int, int]]:
    """Return how many patients of the two groups can give a whole's mean, in floating point."""
    half, slack = 0.005, 1e-9
    a, b, wanted = float(first), float(second), float(whole)
    return {
        (i, j)
        for i, j in itertools.product(range(1, 17), range(1, 10))
        if (i * (a - half) + j * (b - half)) / (i + j) <= wanted + half + slack
        and (i * (a + half) + j * (b + half)) / (i + j) >= wanted - half - slack
    }


def not_pooled(name: str) -> Callable[[], None]:
    """Return the calculation that no numbers of patients give a mean."""

    def calculate() -> None:
        assert not can_be_pooled(*RATES[name])

    return calculate


def same_scans() -> None:
    """Month 3: 1 + 7 patients for oedema, 8 + 3, 13 + 5 or 16 + 6 for fat."""
    assert can_be_pooled(*RATES["oedema_rate_3"]) == {(1, 7)}
    assert can_be_pooled(*RATES["fat_rate_3"]) == {(8, 3), (13, 5), (16, 6)}


def fewest_above_zero(n: int, mean: float, sd: float) -> int:
    """Return how many of n values must be above 0, found by trying to put all in fewer.

    With m values above 0 and the rest 0 the SD is least when the m are equal; the least that
    any mean and SD within rounding allow is found numerically.
    """
    for m in range(1, n + 1):

        def least_sd(level: np.ndarray, m: int = m) -> float:
            values = np.zeros(n)
            values[:m] = level[0]
            missed = max(0.0, abs(values.mean() - mean) - 0.005)
            return float(values.std(ddof=1)) + 1e3 * missed

        starts = ([mean * n / m], [(mean - 0.005) * n / m], [(mean + 0.005) * n / m])
        if min(minimize(least_sd, s, method="Nelder-Mead").fun for s in starts) <= sd + 0.005:
            return m
    return n


def positive(printed: int, *groups: tuple[int, float, float]) -> Callable[[], None]:
    """Return the calculation that fewer patients are positive than Table 4 needs."""

    def calculate() -> None:
        assert sum(fewest_above_zero(*group) for group in groups) > printed

    return calculate


def abstract(printed_p: float) -> Callable[[], None]:
    """Return the calculation that a p of Table 2 is not below .001, even at its lower edge."""

    def calculate() -> None:
        assert printed_p - 0.0005 > 0.001

    return calculate


def ild_in_discussion() -> None:
    """9 of 13 is 69.2%; no number of 13 is 34.8%."""
    assert round(100 * 9 / 13, 1) == 69.2
    assert all(abs(100 * k / 13 - 34.8) > 0.05 for k in range(14))


def baff_claim() -> None:
    """A P of 0.542 is not below 0.05."""
    assert 0.542 - 0.0005 > 0.05


SECOND: dict[str, Callable[[], None]] = {
    "table1.raised_esr.p": esr,
    "table2.severe_weakness.low": misprinted_limit,
    "text.severe_weakness.low.printed": misprinted_limit,
    "text.fat_rate_24.mean": not_pooled("fat_rate_24"),
    "text.oedema_rate_3.mean": same_scans,
    "text.oedema_rate_12.mean": not_pooled("oedema_rate_12"),
    "text.oedema_rate_18.mean": not_pooled("oedema_rate_18"),
    "text.oedema_rate_24.mean": not_pooled("oedema_rate_24"),
    "text.baff_positive.n": positive(10, (19, 0.06, 0.03), (10, 0.06, 0.05)),
    "text.cd19_positive.n": positive(21, (19, 0.18, 0.08), (10, 0.36, 0.21)),
    "abstract.male.p.printed": abstract(0.024),
    "abstract.severe_weakness.p.printed": abstract(0.047),
    "abstract.ild.p.printed": abstract(0.005),
    "discussion.ild.refractory.printed": ild_in_discussion,
    "claim.heading.baff": baff_claim,
}


@pytest.mark.parametrize("name", SECOND)
def test_a_finding_holds_by_a_second_calculation(name: str, checked: CheckedPaper) -> None:
    """What the check calls inconsistent cannot be so by an independent calculation either."""
    verdicts = {number.number.id: number.verdict for number in checked.numbers}
    assert verdicts[name] == "inconsistent"
    SECOND[name]()


def test_no_finding_is_without_a_second_calculation(checked: CheckedPaper) -> None:
    """The findings are those listed here, no more and no less."""
    assert {number.number.id for number in checked.having("inconsistent")} == set(SECOND)


def test_the_other_rates_can_be_pooled(checked: CheckedPaper) -> None:
    """What is not accused can be: some numbers of patients give the other five means."""
    accused = {number.number.id for number in checked.having("inconsistent")}
    for name, means in RATES.items():
        if f"text.{name}.mean" not in accused:
            assert can_be_pooled(*means), name


THERAPY = {  # row -> non-refractory, refractory, printed p
    "gc_only": (3, 4, "0.132"), "gc_ivig_mtx": (10, 3, "0.390"), "gc_mtx": (6, 1, "0.269"),
    "gc_ivig": (5, 3, "0.744"), "gc_oi": (4, 5, "0.098"), "oi_ivig": (15, 6, "0.588"),
}  # fmt: skip


@pytest.mark.parametrize("row", THERAPY)
def test_six_therapy_rows_are_t_tests_not_chi_square(row: str, checked: CheckedPaper) -> None:
    """The t test of scipy on 0 and 1 prints the p, Pearson's chi-square does not; it is told."""
    first, second, printed = THERAPY[row]
    coded = [np.repeat([1, 0], (k, n - k)) for k, n in ((first, 27), (second, 13))]
    table = [[first, 27 - first], [second, 13 - second]]
    assert f"{ttest_ind(*coded).pvalue:.3f}" == printed
    assert f"{chi2_contingency(table, correction=False).pvalue:.3f}" != printed
    said = {item["id"]: item for item in checked.as_dict()["procedures"]}[f"table1.{row}.p"]
    assert said["differs"]
    assert any(fit.startswith("Student's t test") for fit in said["fits"])


def test_the_regimens_are_more_than_the_patients(checked: CheckedPaper) -> None:
    """3 + 10 + 6 + 5 + 4 is 28 of 27; 4 + 3 + 1 + 3 + 5 is 16 of 13: a reading is excluded."""
    assert sum((3, 10, 6, 5, 4)) == 28 > FOLLOWED["non_refractory"]
    assert sum((4, 3, 1, 3, 5)) == 16 > FOLLOWED["refractory"]
    said = [f.explanation for f in checked.findings if f.check == "readings_add_up"]
    assert any("= 28 of 27" in text for text in said)
    assert any("= 16 of 13" in text for text in said)


def test_forty_four_patients_stand_behind_the_pathology(checked: CheckedPaper) -> None:
    """Ten shares are of 44 and two of 40, though Methods say that all 48 had a biopsy."""
    of_44 = {10: 22.7, 40: 90.9, 43: 97.7, 41: 93.2, 13: 29.5, 9: 20.5, 22: 50, 26: 59.1, 4: 9.1}
    assert all(abs(100 * n / 44 - share) <= 0.05 for n, share in of_44.items())
    assert all(abs(100 * n / 48 - share) > 0.05 for n, share in of_44.items())
    said = {f.number: f.explanation for f in checked.findings if f.check == "percentage_of_count"}
    assert "44 of" in said["text.hypertrophy.percent"]
    assert "40 of" in said["text.cox_negative.percent"]
