"""Tables of group comparisons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from myocohort.analysis.comparison import compare_groups, compare_variable
from myocohort.study.studyfile import Section, TablePlan
from myocohort.study.variable import Variable

GROUPS = ("non_refractory", "refractory")
VARIABLES = {
    "ild": Variable(name="ild", label="ILD", type="yes_no"),
    "age": Variable(name="age", label="Age", type="number", unit="years"),
    "sex": Variable(name="sex", type="category", categories={"f": "female", "m": "male"}),
}


def plan(*names, **options):
    """Return a table plan of these variables."""
    return TablePlan(title="T", groups=GROUPS, sections=(Section(variables=names),), **options)


def cohort(outcomes, **columns):
    """Return a frame with the outcome and the given columns."""
    return pd.DataFrame({"outcome": outcomes, **columns})


def one_row(frame, name, **options):
    """Compare one variable and return its row."""
    table = compare_groups(frame, plan(name, **options), VARIABLES, {})
    return table["sections"][0]["rows"][0]


def test_ild_of_the_reference_study():
    """ILD 6/27 against 9/13 gives 22.2%, 69.2% and p 0.004 (Zhao 2020, Table 1)."""
    frame = cohort(
        [GROUPS[0]] * 27 + [GROUPS[1]] * 13,
        ild=["yes"] * 6 + ["no"] * 21 + ["yes"] * 9 + ["no"] * 4,
    )
    row = one_row(frame, "ild")
    assert row["counts"]["non_refractory"] == {
        "n": 6, "of": 27, "percent": pytest.approx(22.2222, abs=1e-4), "missing": 0,
    }  # fmt: skip
    assert round(row["counts"]["refractory"]["percent"], 1) == 69.2
    assert round(row["p"], 3) == 0.004
    assert "Pearson" in row["test"]
    assert row["n"] == 40


def test_missing_values_are_left_out_and_counted():
    """The denominator is who is known; n and the number missing are in the row."""
    frame = cohort([GROUPS[0]] * 3 + [GROUPS[1]] * 3, ild=["yes", None, "no", "yes", "yes", None])
    row = one_row(frame, "ild")
    assert row["counts"]["non_refractory"] == {"n": 1, "of": 2, "percent": 50.0, "missing": 1}
    assert (row["n"], row["n_missing"]) == (4, 2)


def test_numbers_are_compared_by_the_test_that_is_named():
    """The p of ages equals scipy's Mann-Whitney, or Welch's t where the plan says so."""
    rng = np.random.default_rng(3)
    ages = np.r_[rng.normal(37, 18, 27), rng.normal(51, 16, 13)]
    frame = cohort([GROUPS[0]] * 27 + [GROUPS[1]] * 13, age=ages)
    row = one_row(frame, "age", continuous_test="welch_t")
    welch = stats.ttest_ind(ages[:27], ages[27:], equal_var=False)
    assert row["p"] == pytest.approx(welch.pvalue)
    assert "Welch" in row["test"]
    ranks = one_row(frame, "age")
    exact = stats.mannwhitneyu(ages[:27], ages[27:], method="exact")
    asymptotic = stats.mannwhitneyu(ages[:27], ages[27:], method="asymptotic", use_continuity=False)
    expected = exact if "exact" in ranks["test"] else asymptotic
    assert ranks["p"] == pytest.approx(expected.pvalue)


def test_patients_outside_the_groups_do_not_count():
    """Lost patients and controls (no outcome) are in no column and not in the total."""
    frame = cohort([*GROUPS, "lost", None], sex=["f", "m", "m", "m"])
    row = one_row(frame, "sex")
    assert row["total"]["of"] == 2
    assert [level["n"] for level in row["total"]["levels"]] == [1, 1]


@pytest.mark.parametrize(
    ("outcomes", "values"),
    [
        ([GROUPS[0]] * 4, ["yes", "no", "yes", "no"]),
        ([*GROUPS, *GROUPS], ["yes"] * 4),
        ([*GROUPS, *GROUPS], [None] * 4),
    ],
    ids=["a group of size 0", "a constant", "all missing"],
)
@pytest.mark.parametrize("name", ["ild", "age"])
def test_what_cannot_be_tested_has_no_p_and_says_why(outcomes, values, name):
    """An empty group, a constant and a column without values give a reason, not a number."""
    if name == "age":
        values = [{"yes": 50.0, "no": 60.0, None: np.nan}[value] for value in values]
    row = one_row(cohort(outcomes, **{name: values}), name)
    assert row["p"] is None
    assert row["warnings"]


def test_an_empty_group_is_named_in_the_notes():
    """The table says which group has no patient."""
    table = compare_groups(cohort([GROUPS[0]], ild=["yes"]), plan("ild"), VARIABLES,
                           {"refractory": "Refractory"})  # fmt: skip
    assert table["notes"] == ["No patient is in the group Refractory."]


def test_one_patient_has_no_sd():
    """The SD of a single value is missing, not 0."""
    row = one_row(cohort(list(GROUPS), age=[50.0, 60.0]), "age")
    assert row["counts"]["refractory"]["sd"] is None


def test_swapping_the_groups_keeps_p():
    """The order of the columns changes no p value."""
    frame = cohort([*GROUPS] * 8, ild=["yes", "no", "no", "no"] * 4)
    codes = np.array([0, 1] * 8)
    forward = compare_variable(frame["ild"], codes, plan("ild"), VARIABLES["ild"])
    backward = compare_variable(frame["ild"], 1 - codes, plan("ild"), VARIABLES["ild"])
    assert forward["p"] == pytest.approx(backward["p"])


def test_a_rule_chooses_the_test_and_says_why():
    """Small expected counts get Fisher's test by small-sample-1; the reason has the figures."""
    frame = cohort(
        [GROUPS[0]] * 27 + [GROUPS[1]] * 13,
        ild=["yes"] * 1 + ["no"] * 26 + ["yes"] * 2 + ["no"] * 11,
    )
    row = one_row(frame, "ild", rule_of_choice="small-sample-1")
    assert "Fisher" in row["test"]
    assert row["reason"].startswith("small-sample-1: ")
    assert "expected" in row["reason"]
    named = one_row(frame, "ild", rule_of_choice="small-sample-1",
                    tests={"ild": "pearson_chi_square"})  # fmt: skip
    assert "Pearson" in named["test"]
    assert named["reason"] == "named for this variable in the study file"


def test_effect_sizes_stand_beside_the_test():
    """ILD 6/27 against 9/13: difference -47.0 points and odds ratio 24/189 (by hand)."""
    frame = cohort(
        [GROUPS[0]] * 27 + [GROUPS[1]] * 13,
        ild=["yes"] * 6 + ["no"] * 21 + ["yes"] * 9 + ["no"] * 4,
    )
    effects = {e["estimate_name"].split(" (")[0]: e for e in one_row(frame, "ild")["effects"]}
    assert effects["risk difference"]["estimate"] == pytest.approx(6 / 27 - 9 / 13)
    assert effects["odds ratio"]["estimate"] == pytest.approx((6 * 4) / (21 * 9))
    assert effects["risk ratio"]["estimate"] == pytest.approx((6 / 27) / (9 / 13))
    assert effects["odds ratio"]["interval"]["method"] == "Woolf"
