"""MRI over time, against sums made by hand and models of R."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest
from mri_data import SIDES, TOTALS, rows, scan, scans
from scipy import stats

from myocohort.analysis.comparison import compare_groups, rows_of
from myocohort.analysis.imaging.imaging import (
    describe_imaging,
    methods_of_imaging,
    references_of_imaging,
)
from myocohort.analysis.section import MOST_LISTED
from myocohort.analysis.sections import describe_section

BODY = '[imaging]\nmonths = [3, 6, 12]\nscales = { fat = "modified-mercuri" }\n'


@pytest.fixture
def described(make_asked):
    """Return a function from records to the section and its first scale."""

    def run(body=BODY, **tables):
        section = describe_imaging(make_asked(body, **tables))
        json.dumps(section, allow_nan=False)
        return section, section["scales"][0]

    return run


def by_code(part):
    """Return the groups of a month by their codes."""
    return {group["code"]: group for group in part["groups"]}


def test_rates_are_summarised_as_by_hand(described):
    """Month 3: 14/3 + 12/3 + 14/3 of three refractory patients; two lack it, with reasons."""
    section, fat = described(**rows())
    assert [(g["code"], g["n"]) for g in section["groups"]] == [
        ("all", 12), ("non_refractory", 7), ("refractory", 5),
    ]  # fmt: skip
    month = fat["rates"][0]
    assert (month["month"], month["variable"]) == (3, "fat_rate_3")
    groups = by_code(month)
    refractory = groups["refractory"]
    assert (refractory["n"], refractory["missing"]) == (3, 2)
    assert refractory["reasons"] == {"no MRI before treatment": 1, "no MRI near month 3": 1}
    assert refractory["mean"] == pytest.approx((12 + 14 + 14) / 9)
    assert refractory["sd"] == pytest.approx(np.std([4, 14 / 3, 14 / 3], ddof=1))
    assert (refractory["min"], refractory["max"]) == (4.0, pytest.approx(14 / 3))
    others = [5, 5, 5, 13, 4, 9, 4]
    assert groups["non_refractory"]["median"] == pytest.approx(5 / 3)
    assert groups["non_refractory"]["mean"] == pytest.approx(sum(others) / 21)
    assert groups["all"]["n"] == 10
    low, high = stats.t.interval(
        0.95, 6, loc=np.mean(others) / 3, scale=stats.sem(np.array(others) / 3)
    )
    interval = groups["non_refractory"]["interval"]
    assert (interval["low"], interval["high"]) == (pytest.approx(low), pytest.approx(high))


def test_the_two_groups_are_compared_exactly_with_holm_beside(described):
    """Month 3, exact with ties: 2 of 120 deals are as high or higher, 3 as far below: 5/120.

    Ranks of the refractory are 7, 9.5, 9.5: as high or higher are 26 and 27, as far below is
    7 = 1.5 + 1.5 + 4, which three deals have.
    """
    _, fat = described(**rows())
    first = fat["rates"][0]["comparison"]
    assert first["p"] == pytest.approx(5 / 120, rel=1e-12)
    assert first["test"].startswith("Mann-Whitney U test, exact")
    assert (first["n"], first["n_missing"], first["table"]) == (10, 2, "")
    p = [rate["comparison"]["p"] for rate in fat["rates"]]
    order = np.argsort(p)
    wanted, highest = [0.0] * 3, 0.0
    for place, i in enumerate(order):
        highest = max(highest, min(1.0, p[i] * (3 - place)))
        wanted[i] = highest
    assert [rate["comparison"]["p_holm"] for rate in fat["rates"]] == pytest.approx(wanted)
    assert fat["holm"]["n"] == 3
    differences = [a / 3 - b / 3 for a in (5, 5, 5, 13, 4, 9, 4) for b in (12, 14, 14)]
    assert first["shift"]["estimate"] == pytest.approx(np.median(differences))
    assert first["shift"]["interval"]["low"] < first["shift"]["estimate"]
    assert first["shift"]["p"] is not None


def test_the_test_of_the_study_s_table_is_taken_over(make_asked):
    """Where a table compares the groups, its test and p are the section's, in its order."""
    body = (
        BODY + '[table.rates]\ntitle = "R"\nby = "outcome"\n'
        'groups = ["refractory", "non_refractory"]\ncontinuous_test = "welch_t"\n'
        '[[table.rates.sections]]\nheading = "H"\nvariables = ["fat_rate_3", "fat_rate_6"]\n'
    )
    asked = make_asked(body, **rows())
    plan = asked.plan.study.table["rates"]
    table = compare_groups(asked.table.frame, plan, asked.table.variables, asked.labels)
    asked = make_asked(body, results={"tables": [{"id": "rates", **table}]}, **rows())
    section = describe_imaging(asked)
    assert section["compared"] == {
        "by": "outcome", "first": "refractory", "second": "non_refractory",
    }  # fmt: skip
    found = [rate["comparison"] for rate in section["scales"][0]["rates"]]
    assert [one["table"] for one in found] == ["rates", "rates", ""]
    assert [one["p"] for one in found[:2]] == [row["p"] for row in rows_of(table)]
    assert found[0]["test"] == "Welch's t test (unequal variances)"
    assert found[0]["shift"]["estimate"] > 0  # refractory less non-refractory
    assert found[2]["test"].startswith("Mann-Whitney")


# R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, on TOTALS as rows patient, group, month, total:
# d$group <- relevel(factor(d$group), ref = "refractory")
# m <- lmer(total ~ group * factor(month) + (1 | patient), d)
# coef(summary(m)); anova(m, type = 3); as.data.frame(VarCorr(m))
R_TERMS = {
    0: (-0.3943692539, 4.731089560, 11.59723224, 9.349892050e-01),
    3: (-6.9591483427, 2.055076137, 26.12171081, 2.251761249e-03),
    6: (-3.1189731967, 1.997531387, 26.08354118, 1.304786095e-01),
    12: (2.0704896319, 1.997531387, 26.08354118, 3.094720399e-01),
}


def test_the_model_is_that_of_r(described):
    """Differences in change since before treatment, their F test and both SDs are lmerTest's."""
    _, fat = described(**rows())
    model = fat["model"]
    assert (model["left_out"], model["form"], model["reduced"]) == ("", "months", [])
    assert (model["n_patients"], model["n_scans"], model["n_patients_missing"]) == (12, 44, 0)
    assert model["n_by_group"] == {"non_refractory": 7, "refractory": 5}
    assert [one["what"] for one in model["differences"]] == ["level", *["change"] * 3]
    for one in model["differences"]:
        estimate, se, df, p = R_TERMS[one["month"]]
        assert one["estimate"] == pytest.approx(estimate, rel=1e-6)
        assert one["se"] == pytest.approx(se, rel=1e-6)
        assert one["df"] == pytest.approx(df, rel=1e-5)
        assert one["p"] == pytest.approx(p, rel=1e-5)
        reach = stats.t.ppf(0.975, df) * se
        assert one["interval"]["low"] == pytest.approx(estimate - reach, rel=1e-5)
        assert one["interval"]["high"] == pytest.approx(estimate + reach, rel=1e-5)
    assert model["differences"][1]["n"] == {"non_refractory": 7, "refractory": 4}
    test = model["test"]
    assert (test["statistic"], test["df"]) == (pytest.approx(7.63928, rel=1e-5), 3)
    assert test["df_denominator"] == pytest.approx(26.08811477, rel=1e-5)
    assert test["p"] == pytest.approx(0.00079878, rel=1e-4)
    assert model["sd_between"] == pytest.approx(7.694508735, rel=1e-6)
    assert model["sd_within"] == pytest.approx(2.256023198, rel=1e-6)


def test_scores_and_rates_of_each_patient_are_listed(described):
    """Every scan with its total and month, every rate with the months between its scans."""
    _, fat = described(**rows())
    listed = {one["patient"]: one for one in fat["patients"]}
    assert list(listed) == list(TOTALS)
    for patient, (group, totals) in TOTALS.items():
        one = listed[patient]
        assert one["group"] == group
        assert {s["month"]: s["total"] for s in one["scores"]} == totals
        wanted = {m: (t - totals[0]) / m for m, t in totals.items() if m and 0 in totals}
        assert {r["month"]: r["value"] for r in one["rates"]} == pytest.approx(wanted)
        assert all(rate["apart"] == rate["month"] for rate in one["rates"])
    before = by_code(fat["scores"][0])
    assert (before["refractory"]["n"], before["refractory"]["mean"]) == (4, 18.0)
    assert before["refractory"]["reasons"] == {"no MRI before treatment": 1}


def test_months_between_scans_come_from_their_dates(described):
    """A rate is over the days between two scans, and the month of a scan is exact."""
    readings = [
        *scan("P1", 0, 10, date="2020-01-01"), *scan("P1", 3, 20, date="2020-04-20"),
    ]  # fmt: skip
    tables = rows({"P1": ("refractory", {})}, readings)
    tables["patients"][0]["treatment_start"] = "2020-01-11"
    _, fat = described(**tables)
    (one,) = fat["patients"]
    assert one["rates"][0]["apart"] == pytest.approx(110 / 30.4375)
    assert one["rates"][0]["value"] == pytest.approx(10 / (110 / 30.4375))
    assert one["scores"][0]["at"] < 0 < 3 < one["scores"][1]["at"]


def test_all_mri_at_one_month_only(described):
    """Scans before treatment alone: scores, no rate, no model, each with its reason."""
    only = {patient: (g, {0: t.get(0, 9)}) for patient, (g, t) in TOTALS.items()}
    section, fat = described(**rows(only))
    assert section["left_out"] == ""
    for rate in fat["rates"]:
        assert by_code(rate)["all"]["n"] == 0
        assert by_code(rate)["all"]["reasons"] == {f"no MRI near month {rate['month']}": 12}
        assert rate["comparison"]["p"] is None
        assert rate["comparison"]["p_holm"] is None
        assert rate["comparison"]["warnings"]
        assert rate["comparison"]["shift"] is None
    assert by_code(fat["scores"][0])["all"]["n"] == 12
    assert "two months" in fat["model"]["left_out"]
    assert fat["holm"]["n"] == 0
    assert "Beside each p" not in methods_of_imaging({"imaging": section})


def test_only_scans_after_treatment_began(described):
    """Without any scan before treatment there is no rate, and the model is a simpler one."""
    later = {p: (g, {m: t for m, t in totals.items() if m}) for p, (g, totals) in TOTALS.items()}
    _, fat = described(**rows(later))
    assert by_code(fat["rates"][0])["all"]["reasons"] == {"no MRI before treatment": 12}
    assert by_code(fat["scores"][1])["all"]["n"] == 11
    assert all(rate["apart"] is None for one in fat["patients"] for rate in one["rates"])
    assert fat["model"]["form"] == "line"
    assert fat["model"]["slope"]["interval"]["low"] < fat["model"]["slope"]["estimate"]


def test_a_muscle_that_was_never_read(described):
    """Without one muscle there is no total and no rate: nothing is summed over fewer."""
    readings = scans(skip={("gracilis", "left"), ("gracilis", "right")})
    _, fat = described(**rows(TOTALS, readings))
    groups = by_code(fat["rates"][1])
    reasons = groups["all"]["reasons"]
    assert reasons == {
        "no MRI before treatment": 1,
        "only 22 of 24 muscle-sides read before treatment": 11,
    }
    assert fat["patients"] == []
    assert fat["model"]["left_out"] == "No patient of the two groups has a complete scan."


def test_few_patients_get_a_simpler_model(described):
    """Six patients cannot carry a mean for each month and group: a line for each group."""
    few = {patient: TOTALS[patient] for patient in ("P1", "P3", "P4", "P8", "P10", "P12")}
    _, fat = described(**rows(few))
    model = fat["model"]
    assert model["form"] == "line"
    assert model["reduced"][0].startswith("a mean for each month and group: 6 subjects are too few")
    assert model["slope"]["df"] > 0
    assert model["differences"] == []


def test_a_month_with_too_few_scans_of_a_group_is_left_out_of_the_model(described):
    """One refractory scan at month 12: the month does not enter, and the reason is given."""
    cut = {
        patient: (g, {m: v for m, v in t.items() if g != "refractory" or m < 12 or patient == "P8"})
        for patient, (g, t) in TOTALS.items()
    }
    _, fat = described(**rows(cut))
    model = fat["model"]
    assert model["months"] == [0, 3, 6]
    assert model["months_left_out"] == [
        {"month": 12,
         "reason": "fewer than 2 scans in a group at month 12: Refractory has 1"}
    ]  # fmt: skip
    assert [one["month"] for one in model["differences"]] == [0, 3, 6]


def test_one_group_empty(described):
    """Nobody is refractory: no p and no shift, and one course of all patients."""
    good = {p: ("non_refractory", t) for p, (_, t) in TOTALS.items()}
    section, fat = described(**rows(good))
    assert [g["n"] for g in section["groups"]] == [12, 12, 0]
    assert fat["rates"][0]["comparison"]["p"] is None
    model = fat["model"]
    assert model["form"] == "time"
    assert "nobody of the group Refractory" in model["reduced"][0]
    assert [one["month"] for one in model["changes"]] == [3, 6, 12]
    assert model["question"] == "Does the total score change over time?"


def test_one_patient_alone(described):
    """A single followed patient: a mean without SD or interval, and no model."""
    _, fat = described(**rows({"P8": TOTALS["P8"]}))
    group = by_code(fat["rates"][0])["refractory"]
    assert (group["n"], group["mean"], group["sd"], group["interval"]) == (1, 4.0, None, None)
    assert fat["model"]["left_out"]


def test_what_is_left_out_says_why(described, make_asked):
    """No [imaging], nobody followed, no reading at all, a scale that was never read."""
    assert "[imaging]" in describe_imaging(make_asked("", **rows()))["left_out"]
    assert describe_imaging(make_asked(BODY))["left_out"] == "No patient is followed."
    nothing = describe_imaging(make_asked(BODY, **rows(TOTALS, [])))
    assert nothing["left_out"] == "No followed patient has a reading of a muscle by MRI."
    assert methods_of_imaging({"imaging": nothing}) == ""
    section, _ = described("[imaging]\nmonths = [3]\n", **rows())
    fat, oedema = section["scales"]
    assert fat["left_out"] == ""
    assert oedema["left_out"] == "No followed patient has a reading on the scale oedema-0-5."
    assert (oedema["rates"], oedema["model"]) == ([], None)
    for results in ({}, {"imaging": None}, {"imaging": nothing}):
        assert methods_of_imaging(results) == ""
        assert references_of_imaging(results) == []


def test_a_scan_near_two_months_counts_once_in_the_model(described):
    """One scan at month 4.5 is the nearest to 3 and 6: two rates, but one row of the model."""
    readings = [row for row in scans() if (row["patient"], row["month"]) not in
                {("P1", 3.0), ("P1", 6.0)}]  # fmt: skip
    _, fat = described(**rows(TOTALS, [*readings, *scan("P1", 4.5, 28)]))
    (one,) = [p for p in fat["patients"] if p["patient"] == "P1"]
    assert [(r["month"], r["apart"]) for r in one["rates"]] == [(3, 4.5), (6, 4.5), (12, 12.0)]
    assert fat["model"]["n_scans"] == 43
    assert fat["model"]["notes"][0].startswith("1 scan is the nearest to two planned months")


def test_other_outcomes_are_shown_and_not_compared(described):
    """A lost patient has scores of their own group and of all, and is in no comparison."""
    lost = {**TOTALS, "P13": ("lost", {0: 8, 3: 9})}
    section, fat = described(**rows(lost))
    assert [g["code"] for g in section["groups"]] == [
        "all", "non_refractory", "refractory", "lost",
    ]  # fmt: skip
    groups = by_code(fat["rates"][0])
    assert (groups["lost"]["n"], groups["all"]["n"]) == (1, 11)
    assert fat["rates"][0]["comparison"]["n"] == 10
    assert fat["model"]["n_patients"] == 12


def test_many_patients_are_summarised_and_not_listed(described):
    """Beyond the limit no patient is listed, and a note says so."""
    many = {
        f"P{i}": (("refractory", "non_refractory")[i % 2], {0: 5 + i % 9, 3: 9 + i % 11})
        for i in range(MOST_LISTED + 1)
    }
    section, fat = described('[imaging]\nmonths = [3]\nscales = { fat = "modified-mercuri" }\n',
                             **rows(many))  # fmt: skip
    assert fat["patients"] == []
    assert any(f"up to {MOST_LISTED}" in note for note in section["notes"])
    assert by_code(fat["rates"][0])["all"]["n"] == MOST_LISTED + 1


def test_the_order_of_the_readings_changes_nothing(described):
    """Shuffled readings give the same section."""
    first, _ = described(**rows())
    readings = scans()
    random.Random(3).shuffle(readings)
    second, _ = described(**rows(TOTALS, readings))
    assert json.dumps(first) == json.dumps(second)


def test_methods_and_references_name_what_ran(described, make_asked):
    """Test, Holm, shift, model with its form, and that the groups are not compared causally."""
    section, _ = described(**rows())
    text = methods_of_imaging({"imaging": section})
    for words in ("Mann-Whitney U test, exact", "Holm", "Hodges-Lehmann", "random intercept",
                  "group by month", "not causal", "Satterthwaite"):  # fmt: skip
        assert words in text
    sources = " ".join(references_of_imaging({"imaging": section}))
    for name in ("Holm S.", "Hodges JL", "Laird NM", "Streitberg B"):
        assert name in sources
    columns = [{"table": "mri_readings", "column": "grade", "kind": "one of many"}]
    rebuilt = describe_section("imaging", make_asked(BODY, columns=columns, **rows()))
    assert "no finding about patients" in rebuilt["notes"][0]


def test_summaries_agree_with_the_list(described):
    """n, mean and missing of every group can be made again from the patients listed."""
    section, fat = described(**rows({**TOTALS, "P13": ("lost", {0: 3})}))
    sizes = {group["code"]: group["n"] for group in section["groups"]}
    for kind, key in (("rates", "value"), ("scores", "total")):
        for part in fat[kind]:
            for code, group in by_code(part).items():
                values = [
                    one[key]
                    for patient in fat["patients"]
                    if code in ("all", patient["group"])
                    for one in patient[kind]
                    if one["month"] == part["month"]
                ]
                assert (group["n"], group["missing"]) == (len(values), sizes[code] - len(values))
                assert sum(group["reasons"].values()) == group["missing"]
                if values:
                    assert group["mean"] == pytest.approx(math.fsum(values) / len(values))
    assert len(SIDES) == fat["muscle_sides"]
