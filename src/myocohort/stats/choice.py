"""Which test is run for which data: named rules, each choice with its reason in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.counts import CountTable, count_table
from myocohort.stats.mann_whitney import EXACT_BELOW
from myocohort.stats.paired import complete_units
from myocohort.stats.samples import Sample, grouped_sample
from myocohort.stats.signed_rank import EXACT_BELOW as EXACT_PAIRS_BELOW
from myocohort.stats.signed_rank import paired_differences

KINDS = ("table", "values", "pairs", "paired")
ENOUGH_EXPECTED = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The test that a rule chooses.

    Parameters
    ----------
    rule
        Name of the rule.
    test
        Name of the test in `myocohort.stats.tests.TESTS`.
    reason
        Why, in words, with the figures that decided.
    """

    rule: str
    test: str
    reason: str


Chosen = tuple[str, str]  # name of the test, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOfChoice:
    """A rule that says which test is run for which data. Its version is part of its name.

    Parameters
    ----------
    name, label
        The name used in study files, and the rule in one sentence, as printed.
    for_table, for_values, for_paired
        Choose for counts, for values in groups, and for values of several occasions, shape
        (units, occasions).
    reference
        Where the rule comes from.
    """

    name: str
    label: str
    for_table: Callable[[CountTable], Chosen]
    for_values: Callable[[Sample], Chosen]
    for_paired: Callable[[NDArray[np.float64]], Chosen]
    reference: str


def choose_test(kind: str, *data: Any, rule: str) -> Choice:
    """Choose the test for given data by a named rule.

    A rule looks at counts, sizes and ties, never at the result of another test or at the
    p values to come. Where nothing can be compared it names a test all the same, whose
    Result says why there is no p.

    Parameters
    ----------
    kind
        What the data are, as in `TESTS`: "table", "values", "pairs" or "paired".
    data
        What a test of this kind takes: one table of counts; values and group codes; two
        lists of values; or one list of values per occasion.
    rule
        A name in `RULES_OF_CHOICE`.

    Raises
    ------
    StatisticsError
        If the kind or the rule is unknown, or the data are not of this kind.
    """
    if rule not in RULES_OF_CHOICE:
        raise StatisticsError(
            f"a rule of choice is one of {', '.join(RULES_OF_CHOICE)}; found {rule!r}"
        )
    if kind not in KINDS:
        raise StatisticsError(f"a kind of data is one of {', '.join(KINDS)}; found {kind!r}")
    expected = {"table": 1, "values": 2, "pairs": 2}.get(kind, len(data))
    if len(data) != expected:
        raise StatisticsError(
            f"data of the kind {kind!r} are {expected} array(s); found {len(data)}"
        )
    chosen = RULES_OF_CHOICE[rule]
    if kind == "table":
        test, reason = chosen.for_table(count_table(data[0]))
    elif kind == "values":
        test, reason = chosen.for_values(grouped_sample(*data))
    elif kind == "paired":
        test, reason = chosen.for_paired(complete_units(*data)[0])
    else:
        test, reason = "spearman", "two measurements: a rank correlation needs no normal values"
    return Choice(rule=rule, test=test, reason=reason)


def _always_pearson(table: CountTable) -> Chosen:
    return "pearson_chi_square", f"{_expected_in_words(table)}; the rule runs Pearson's test always"


def _pearson_if_all_expected_are_enough(table: CountTable) -> Chosen:
    if table.nothing_to_compare:
        return "pearson_chi_square", table.nothing_to_compare
    words = _expected_in_words(table)
    if float(table.expected.min()) >= ENOUGH_EXPECTED:
        return "pearson_chi_square", f"{words}: not below 5, so that chi-square fits"
    return "fisher_exact", f"{words}: below 5, so that the test must be exact"


def _cochran(table: CountTable) -> Chosen:
    if table.nothing_to_compare:
        return "pearson_chi_square", table.nothing_to_compare
    expected, words = table.expected, _expected_in_words(table)
    smallest = float(expected.min())
    if expected.shape != (2, 2):
        below = int((expected < ENOUGH_EXPECTED).sum())
        words = f"{words}, {below} of {expected.size} below 5"
        if smallest >= 1.0 and below <= expected.size / 5.0:
            return "pearson_chi_square", f"{words}: none below 1, at most a fifth below 5"
        return "fisher_exact", f"{words}: one below 1, or more than a fifth below 5"
    n = table.n
    if n < 20:
        return "fisher_exact", f"2 x 2 table of {n}: fewer than 20"
    if n <= 40 and smallest < ENOUGH_EXPECTED:
        return "fisher_exact", f"2 x 2 table of {n}, at most 40, and {words}: below 5"
    if n > 40:
        return "pearson_chi_square_corrected", f"2 x 2 table of {n}: more than 40"
    return "pearson_chi_square_corrected", f"2 x 2 table of {n}, and {words}: not below 5"


def _expected_in_words(table: CountTable) -> str:
    if table.nothing_to_compare:
        return table.nothing_to_compare
    return f"smallest expected count {table.expected.min():.2f}"


def _ranks(sample: Sample) -> Chosen:
    if sample.nothing_to_compare:
        return "mann_whitney", sample.nothing_to_compare
    sizes = " against ".join(str(int(size)) for size in sample.sizes)
    if len(sample.sizes) > 2:
        return "kruskal_wallis", f"{len(sample.sizes)} groups ({sizes} values): by ranks"
    return "mann_whitney", f"two groups ({sizes} values): by ranks"


def _ranks_exact_if_small(sample: Sample) -> Chosen:
    test, reason = _ranks(sample)
    if sample.nothing_to_compare or test != "mann_whitney":
        return test, reason
    if int(sample.sizes.max()) >= EXACT_BELOW:
        return test, f"{reason}, asymptotic: a group has {EXACT_BELOW} or more"
    different = np.unique(sample.values).size
    n = len(sample.values)
    ties = f"with ties ({different} different values in {n})" if different < n else "without ties"
    return "mann_whitney_exact", f"{reason}, exact {ties}: both groups below {EXACT_BELOW}"


def _paired(values: NDArray[np.float64]) -> Chosen:
    units, occasions = values.shape
    if occasions > 2:
        return "friedman", f"{occasions} occasions in {units} units: by ranks within units"
    if np.isin(values, (0.0, 1.0)).all():
        return "mcnemar", f"two occasions of a yes-no variable in {units} units"
    differ = int(np.count_nonzero(paired_differences(values)))
    if differ < EXACT_PAIRS_BELOW:
        how = f"exact: fewer than {EXACT_PAIRS_BELOW}"
    else:
        how = f"asymptotic: {EXACT_PAIRS_BELOW} or more"
    return "wilcoxon_signed_rank", f"two occasions, {differ} of {units} units differ, {how}"


RULES_OF_CHOICE: dict[str, RuleOfChoice] = {
    rule.name: rule
    for rule in (
        RuleOfChoice(
            name="spss-2020",
            label="Pearson's chi-square without correction whatever the counts, rank tests for "
            "measurements: what the reference study ran in SPSS",
            for_table=_always_pearson,
            for_values=_ranks,
            for_paired=_paired,
            reference="Zhao et al. 2020, Methods, statistical analysis",
        ),
        RuleOfChoice(
            name="small-sample-1",
            label="Pearson's chi-square where every expected count is at least 5, else Fisher's "
            "exact test; Mann-Whitney exact, ties included, where both groups are below 50",
            for_table=_pearson_if_all_expected_are_enough,
            for_values=_ranks_exact_if_small,
            for_paired=_paired,
            reference="Cochran WG. Ann Math Stat 1952;23:315-345 (expected counts)",
        ),
        RuleOfChoice(
            name="cochran-1954",
            label="2 x 2: Fisher's exact test below 20 units, and up to 40 where an expected "
            "count is below 5, else chi-square with Yates's correction; larger tables: Pearson's "
            "chi-square with no expected count below 1 and at most a fifth below 5, else Fisher",
            for_table=_cochran,
            for_values=_ranks_exact_if_small,
            for_paired=_paired,
            reference="Cochran WG. Biometrics 1954;10:417-451",
        ),
    )
}
