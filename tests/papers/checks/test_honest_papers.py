"""Papers that print true numbers in less usual ways: none of their numbers is accused."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from made_papers import make_paper
from scipy import stats

from myocohort.papers.checks import run_checks
from myocohort.papers.paperfile import Paper

Entries = dict[str, Any]

TWO = {"a": 40, "b": 13}
THREE = {"a": 40, "b": 13, "c": 20}
RNG = np.random.default_rng(1)
AGES = (RNG.normal(50, 10, 40), RNG.normal(44, 12, 13), RNG.normal(47, 9, 20))
DECLARED = {"missing_declared": True}


def paper_of(sizes: Mapping[str, int], **keys: Any) -> Paper:
    """Return a paper with groups of these sizes, that make up all patients."""
    everybody = {**sizes, "all": sum(sizes.values())}
    raw: Entries = {
        "title": "A paper",
        "groups": {name: {"label": f"group {name}"} for name in everybody},
        "partitions": [{"whole": "all", "parts": list(sizes)}],
        "size": [
            {"id": f"s.{name}", "place": "Table 1, heading", "group": name, "n": str(n)}
            for name, n in everybody.items()
        ],
    }
    return Paper.model_validate(raw | keys)


def count(group: str, n: int | None, percent: str | None = None, **keys: str) -> Entries:
    """Return a count of a variable in a group."""
    name = f"{keys.get('variable', 'x')}.{keys.get('level', 'yes')}.{group}"
    entry: Entries = {"id": name, "place": f"Table 1, {name}", "variable": "x", "group": group}
    if n is not None:
        entry["n"] = str(n)
    if percent is not None:
        entry["percent"] = percent
    return entry | keys


def mean(group: str, values: np.ndarray[Any, Any], *, less: int = 1) -> Entries:
    """Return mean and SD of the ages of a group."""
    return {
        "id": f"age.{group}",
        "place": f"Table 1, age, {group}",
        "variable": "age",
        "group": group,
        "mean": f"{values.mean():.2f}",
        "sd": f"{values.std(ddof=less):.2f}",
    }


def p_value(variable: str, p: float, claimed: str | None, *groups: str, **keys: str) -> Entries:
    """Return a p value, with four decimals."""
    named = {} if claimed is None else {"claimed": claimed}
    name = f"p.{variable}.{'.'.join(groups)}"
    common = {"id": name, "place": f"Table 1, {variable}, P", "variable": variable}
    return {**common, "groups": list(groups), "p": f"{p:.4f}", **named, **keys}


def accused(paper: Paper) -> list[str]:
    """Return the ids of the numbers that some check calls inconsistent."""
    return [f.number for f in run_checks(paper).findings if f.verdict == "inconsistent"]


def pearson(*rows: Sequence[int]) -> float:
    """Return the p of Pearson's chi-square test, by scipy."""
    return float(stats.chi2_contingency(rows, correction=False)[1])


GRADES = {"variables": {"x": {"levels": ["yes", "no"]}}}
LEVELS = {"variables": {"x": {"levels": ["low", "middle", "high"]}}}


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    "counts",
    [
        [count("a", 24, "70.6"), count("b", 10, "29.4")],
        [count("a", 24, "70.6"), count("b", 10, "29.4"), count("all", 34, "100")],
        [
            count("a", 24, "70.6"),
            count("b", 10, "29.4"),
            count("a", 16, "84.2", level="no"),
            count("b", 3, "15.8", level="no"),
        ],
        [
            count("a", None, "70.6"),
            count("b", None, "29.4"),
            count("a", None, "84.2", level="no"),
            count("b", None, "15.8", level="no"),
        ],
        [count("a", 24, "45.3"), count("b", 10, "18.9")],
    ],
    ids=["of rows", "with a column of totals", "all levels", "without counts", "of all patients"],
)
def test_percentages_of_a_row_or_of_all_patients(counts: list[Entries], declared: bool) -> None:
    """24 of 40 and 10 of 13 are 70.6% and 29.4% of their row, and 45.3% and 18.9% of all 53."""
    p = p_value("x", pearson((24, 16), (10, 3)), "pearson_chi_square", "a", "b")
    assert accused(paper_of(TWO, count=counts, p=[p], missing_declared=declared, **GRADES)) == []


def test_a_single_percentage_is_no_proof_of_rows() -> None:
    """9 of 13 is 69.2%, and 23.7% of its row, unless the row has a share of a group as well."""
    for other, verdict in ((None, "untestable"), ("72.5", "inconsistent")):
        counts = [count("a", 29, other), count("b", 9, "23.7")]
        run = run_checks(paper_of(TWO, count=counts, **DECLARED))
        found = {f.number: f for f in run.findings if f.check == "percentage_of_count"}
        assert found["x.yes.b.percent"].verdict == verdict
        said = "9 is 23.7% of the 38 in its row" in found["x.yes.b.percent"].explanation
        assert said == (other is None)


@pytest.mark.parametrize("percent", ["29.7", "92.9"])
def test_a_percentage_of_nothing_is_still_accused(percent: str) -> None:
    """9 of 13 is 69.2%, of the row 23.7% and of all 17.0%."""
    counts = [count("a", 29, "72.5"), count("b", 9, percent)]
    assert accused(paper_of(TWO, count=counts, **DECLARED)) == ["x.yes.b.percent"]


def test_percentages_of_all_with_those_without_a_value() -> None:
    """18 of 40 is 45.0%, and 4 of the 40 have no value: 45 + 45 is not 100."""
    counts = [count("a", 18, "45.0"), count("a", 18, "45.0", level="no")]
    missing = [{"id": "m", "place": "Table 1", "variable": "x", "group": "a", "n": "4"}]
    assert accused(paper_of(TWO, count=counts, missing=missing, **GRADES)) == []
    assert accused(paper_of(TWO, count=counts, **GRADES)) == []
    alone = [count("a", None, "45.0"), count("a", None, "45.0", level="no")]
    assert accused(paper_of(TWO, count=alone, **GRADES)) == []
    assert accused(paper_of(TWO, count=alone, **GRADES, **DECLARED)) == ["x.yes.a.percent"]


def test_percentages_that_were_made_to_be_100() -> None:
    """10, 10 and 10 of 30 printed as 33.4, 33.3 and 33.3; 33.5 is accused."""
    levels = ("low", "middle", "high")
    for first, found in (("33.4", []), ("33.5", ["x.low.a.percent"])):
        texts = zip(levels, (first, "33.3", "33.3"), strict=True)
        counts = [count("a", 10, text, level=level) for level, text in texts]
        assert accused(paper_of({"a": 30, "b": 60}, count=counts, **LEVELS, **DECLARED)) == found


def test_weighted_percentages() -> None:
    """Six percentages that are all a little off are weighted; one of six is accused."""
    rows = [(10, 1.2), (20, -2.3), (30, 1.7), (5, 0.9), (12, 2.1), (8, -1.3)]
    for off, found in ((rows, []), ([(n, d if n == 10 else 0) for n, d in rows], ["v10.yes.a"])):
        counts = [count("a", n, f"{2.5 * n + d:.1f}", variable=f"v{n}") for n, d in off]
        expected = [f"{name}.percent" for name in found]
        assert accused(paper_of(TWO, count=counts, **DECLARED)) == expected


def test_levels_with_denominators_of_their_own() -> None:
    """20 of 30 tested and 15 of 21 tested: patients may have both antibodies."""
    counts = [
        count("a", 20, "66.7", level="mda5", of="30"),
        count("a", 15, "71.4", level="ro52", of="21"),
    ]
    assert accused(paper_of(TWO, count=counts, **DECLARED)) == []


def test_more_than_two_patients_without_a_value() -> None:
    """12 of 34 and 9 of 13, where 6 of the 40 have no value and nothing is said of it."""
    p = p_value("x", pearson((12, 22), (9, 4)), "pearson_chi_square", "a", "b")
    counts = [count("a", 12), count("b", 9)]
    assert accused(paper_of(TWO, count=counts, p=[p])) == []
    assert accused(paper_of(TWO, count=counts, p=[p], **DECLARED)) == ["p.x.a.b.p"]
    one, two = AGES[0][:30], AGES[1]
    means, p = [mean("a", one), mean("b", two)], stats.ttest_ind(one, two).pvalue
    ages = p_value("age", p, "student_t", "a", "b")
    assert accused(paper_of(TWO, mean=means, p=[ages])) == []
    assert accused(paper_of(TWO, mean=means, p=[ages], **DECLARED)) == ["p.age.a.b.p"]


def test_sds_with_n_in_the_denominator() -> None:
    """Student's test of the values themselves, beside SDs as numpy computes them."""
    one, two, _ = AGES
    means = [mean("a", one, less=0), mean("b", two, less=0)]
    p = p_value("age", stats.ttest_ind(one, two).pvalue, "student_t", "a", "b")
    assert accused(paper_of(TWO, mean=means, p=[p], **DECLARED)) == []


@pytest.mark.parametrize("claimed", ["welch_t", None])
@pytest.mark.parametrize("whole", [math.floor, round])
def test_degrees_of_freedom_printed_as_whole_numbers(claimed: str | None, whole: Any) -> None:
    """Welch's t with 16.5 degrees of freedom, printed as 16."""
    found = stats.ttest_ind(AGES[0], AGES[1], equal_var=False)
    keys = {"statistic": f"{found.statistic:.3f}", "df": str(whole(found.df))}
    p = p_value("age", found.pvalue, claimed, "a", "b", **keys)
    assert accused(paper_of(TWO, p=[p], **DECLARED)) == []


def test_welch_with_cut_degrees_of_freedom() -> None:
    """The p of 16 instead of 16.5 degrees of freedom, from means and SDs."""
    found = stats.ttest_ind(AGES[0], AGES[1], equal_var=False)
    p = 2 * stats.t.sf(abs(found.statistic), math.floor(found.df))
    means = [mean("a", AGES[0]), mean("b", AGES[1])]
    ages = p_value("age", p, "welch_t", "a", "b")
    assert accused(paper_of(TWO, mean=means, p=[ages], **DECLARED)) == []


def _bonferroni(ps: Sequence[float]) -> list[float]:
    return [min(1.0, len(ps) * p) for p in ps]


def _holm(ps: Sequence[float]) -> list[float]:
    found, running = dict.fromkeys(range(len(ps)), 0.0), 0.0
    for rank, place in enumerate(np.argsort(ps)):
        running = max(running, min(1.0, (len(ps) - rank) * ps[place]))
        found[int(place)] = running
    return list(found.values())


def _benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    return [float(p) for p in stats.false_discovery_control(ps)]


def _sidak(ps: Sequence[float]) -> list[float]:
    return [1 - (1 - p) ** len(ps) for p in ps]


ADJUSTMENTS = (_bonferroni, _holm, _benjamini_hochberg, _sidak)
PAIRS = (("a", "b", 0, 1), ("a", "c", 0, 2), ("b", "c", 1, 2))


@pytest.mark.parametrize("adjust", ADJUSTMENTS)
def test_pairs_of_groups_with_adjusted_p(adjust: Any) -> None:
    """Three groups compared two by two, by Fisher's and by Student's test."""
    table = [(24, 16), (4, 9), (15, 5)]
    counts = [
        count(group, yes, f"{100 * yes / (yes + no):.1f}")
        for group, (yes, no) in zip("abc", table, strict=True)
    ]
    fisher = adjust([stats.fisher_exact([table[i], table[j]])[1] for *_, i, j in PAIRS])
    student = adjust([stats.ttest_ind(AGES[i], AGES[j]).pvalue for *_, i, j in PAIRS])
    found = [
        p_value(variable, p, test, one, two)
        for variable, test, ps in (("x", "fisher_exact", fisher), ("age", "student_t", student))
        for (one, two, *_), p in zip(PAIRS, ps, strict=True)
    ]
    means = [mean(group, values) for group, values in zip("abc", AGES, strict=True)]
    assert accused(paper_of(THREE, count=counts, mean=means, p=found, **DECLARED)) == []


@pytest.mark.parametrize("adjust", ADJUSTMENTS)
@pytest.mark.parametrize("claimed", ["fisher_exact", None])
def test_a_table_with_adjusted_p(adjust: Any, claimed: str | None) -> None:
    """Five rows of a table, adjusted for five comparisons; without a named test as well."""
    rows = [(10, 5), (20, 3), (30, 9), (5, 4), (12, 1)]
    counts = [
        count(group, n, f"{100 * n / TWO[group]:.1f}", variable=f"v{i}")
        for i, row in enumerate(rows)
        for group, n in zip(TWO, row, strict=True)
    ]
    ps = adjust([stats.fisher_exact([(one, 40 - one), (two, 13 - two)])[1] for one, two in rows])
    found = [p_value(f"v{i}", p, claimed, "a", "b") for i, p in enumerate(ps)]
    assert accused(paper_of(TWO, count=counts, p=found, **DECLARED)) == []


@pytest.mark.parametrize("claimed", ["fisher_exact", None])
def test_one_wrong_p_of_a_table_is_still_accused(claimed: str | None) -> None:
    """Four p values of Fisher's test, and a fifth of none."""
    rows = [(10, 5), (20, 3), (30, 9), (5, 4), (12, 1)]
    counts = [
        count(group, n, variable=f"v{i}")
        for i, row in enumerate(rows)
        for group, n in zip(TWO, row, strict=True)
    ]
    ps = [stats.fisher_exact([(one, 40 - one), (two, 13 - two)])[1] for one, two in rows]
    found = [p_value(f"v{i}", p, claimed, "a", "b") for i, p in enumerate((*ps[:4], 0.9))]
    assert accused(paper_of(TWO, count=counts, p=found, **DECLARED)) == ["p.v4.a.b.p"]


def test_a_log_rank_p_beside_counts() -> None:
    """No procedure gives it from counts, and no test is named."""
    counts = [count("a", 12, "30.0"), count("b", 6, "46.2")]
    p = p_value("x", 0.0123, None, "a", "b")
    assert accused(paper_of(TWO, count=counts, p=[p], **DECLARED)) == []


def test_an_exact_p_from_random_tables() -> None:
    """2000 random tables with the margins of 20 : 12 : 8 and 4 : 3 : 6 (exact p 0.232)."""
    rows = {"a": (20, 12, 8), "b": (4, 3, 6)}
    levels = ("low", "middle", "high")
    counts = [
        count(group, n, level=level)
        for group, row in rows.items()
        for level, n in zip(levels, row, strict=True)
    ]
    margins = stats.random_table([40, 13], [24, 15, 14])
    observed = margins.pmf(list(rows.values()))
    drawn = margins.rvs(2000, random_state=np.random.default_rng(5))
    p = float((margins.pmf(drawn) <= observed * (1 + 1e-7)).mean())
    for value, verdict in ((p, []), (0.32, ["p.x.a.b.p"])):
        found = p_value("x", value, "fisher_exact", "a", "b")
        assert accused(paper_of(TWO, count=counts, p=[found], **LEVELS, **DECLARED)) == verdict


def test_one_sided_p() -> None:
    """Half of a two-sided p, or 1 less this half where the difference is in the other direction."""
    one, two, _ = AGES
    means, p = [mean("a", one), mean("b", two)], stats.ttest_ind(one, two).pvalue
    for value in (p / 2, 1 - p / 2):
        ages = p_value("age", value, "student_t", "a", "b")
        assert accused(paper_of(TWO, mean=means, p=[ages], **DECLARED)) == []
    square = p_value("x", 0.0228, "pearson_chi_square", "a", "b", statistic="4.00", df="1")
    assert accused(paper_of(TWO, p=[square], **DECLARED)) == []
    for value in ("0.030", "0.970"):  # two-sided 0.056 to 0.065
        pairs = {"id": "r", "place": "T", "x": "u", "y": "v", "group": "a", "r": "0.30", "p": value}
        entry = pairs | {"claimed": "spearman"}
        assert accused(paper_of(TWO, correlation=[entry], **DECLARED)) == []


def test_a_t_without_degrees_of_freedom_and_with_missing_values() -> None:
    """Student's t of 20 and 8 patients in groups of 40 and 13, of whom nothing else is said."""
    found = stats.ttest_ind(AGES[0][:20], AGES[1][:8])
    keys = {"statistic": f"{found.statistic:.3f}"}
    p = p_value("age", found.pvalue, "student_t", "a", "b", **keys)
    assert accused(paper_of(TWO, p=[p])) == []
    assert accused(paper_of(TWO, p=[p], **DECLARED)) == ["p.age.a.b.p"]


@pytest.mark.parametrize("seed", [5000, 5011, 5022, 5032, 5036, 5048, 6317])
def test_made_papers_that_say_nothing_of_missing_values(seed: int) -> None:
    """Their numbers stay true when all they say of missing values is left out."""
    raw = copy.deepcopy(make_paper(seed).raw)
    raw |= {"missing_declared": False, "missing": [], "same": [], "claim": []}
    for entry in (*raw["count"], *raw["mean"]):
        entry.pop("of" if "level" in entry else "n", None)
    assert accused(Paper.model_validate(raw)) == []
