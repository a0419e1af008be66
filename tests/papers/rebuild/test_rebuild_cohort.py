from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from myocohort.errors import RebuildError
from myocohort.papers.entries import (
    Correlation,
    Count,
    Mean,
    Median,
    Model,
    PrintedNumber,
    PValue,
    Range,
    Same,
    Size,
)
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import agrees
from myocohort.papers.rebuild import Rebuilt, continuous, rebuild_cohort
from myocohort.papers.rebuild.demography import build_people
from myocohort.papers.rebuild.imaging import imaging_part
from myocohort.study.standard import TABLES
from myocohort.study.values import Value

BEHIND = {"SRP": 48, "NEG": 36, "HC": 4}


def test_everybody_is_there(rebuilt: Rebuilt) -> None:
    """48 patients, 36 controls with MRI and 4 healthy controls for the blots (Methods)."""
    codes = rebuilt.tables["patients"]["patient"]
    assert Counter(code.split("-")[0] for code in codes) == BEHIND
    assert list(rebuilt.tables) == [
        "patients", "baseline", "visits", "treatments", "antibodies", "mri_readings", "biopsies",
        "fields", "blots",
    ]  # fmt: skip


def test_the_outcome_rule_gives_the_printed_groups(wide: pd.DataFrame) -> None:
    """27 non-refractory, 13 refractory, 8 lost (Zhao 2020, Results, first paragraph)."""
    outcome = wide.loc[wide["arm"] == "srp", "outcome"]
    assert Counter(outcome) == {"non_refractory": 27, "refractory": 13, "lost": 8}


def test_the_records_are_the_first_joint_table(rebuilt: Rebuilt, wide: pd.DataFrame) -> None:
    """Pattern sizes 9, 8, 8, 4, 5, 1, 3, 2 (../shared/references/statistics.md)."""
    followed = wide[wide["outcome"].isin(["refractory", "non_refractory"])]
    pattern = (
        4 * (followed["sex"] == "male")
        + 2 * (followed["severe_weakness"] == "yes")
        + (followed["ild"] == "yes")
    )
    assert pattern.value_counts().sort_index().tolist() == [9, 8, 8, 4, 5, 1, 3, 2]
    found = [
        tuple(int((pattern[followed["outcome"] == group] == k).sum()) for k in range(8))
        for group in ("non_refractory", "refractory")
    ]
    assert tuple(found) == rebuilt.joint.solutions[0]


def test_lost_patients_complete_the_margins(wide: pd.DataFrame) -> None:
    """14 men and 18 severe cases enrolled, 11 and 17 followed: 3 and 1 among the lost."""
    lost = wide[wide["outcome"] == "lost"]
    assert (lost["sex"] == "male").sum() == 3
    assert (lost["severe_weakness"] == "yes").sum() == 1


def test_every_fitted_number_holds(
    reference_paper: Paper, rebuilt: Rebuilt, wide: pd.DataFrame
) -> None:
    """Each fitted number is had by the record tables, computed by scipy and statsmodels."""
    numbers = {number.id: number for number in reference_paper.numbers()}
    wrong = [
        (number.id, number.text, value)
        for number in (numbers[name] for name in sorted(rebuilt.fitted))
        if not agrees(number.text, value := _value(reference_paper, numbers, number, wide))
    ]
    assert wrong == []


def test_what_follows_from_counts_and_odds_ratios_is_not_fitted(
    reference_paper: Paper, rebuilt: Rebuilt
) -> None:
    """Percentages of Table 1, its p values of counts, and limits and p values of Table 2."""
    follows = {
        number.id
        for number in reference_paper.numbers()
        if number.place.startswith(("Table 1", "Table 2"))
        and number.kind in ("percent", "p", "interval_limit")
    }
    assert len(follows) == 40 - 2 + 19 + 9  # 19 rows by 2 groups, 19 p values, 3 terms by 3
    assert follows & rebuilt.fitted == set()


def test_percentages_that_gave_a_denominator_are_fitted(rebuilt: Rebuilt) -> None:
    """The 44 behind most biopsy findings is printed nowhere: it comes from the percentages."""
    assert "text.hypertrophy.percent" in rebuilt.fitted
    assert "text.mac.percent" not in rebuilt.fitted  # 32 of 37 is printed


def test_numbers_that_cannot_be_met_are_not_fitted(rebuilt: Rebuilt) -> None:
    """Impossible pooled rates, and the positives that means and SDs leave no room for."""
    impossible = {
        "text.fat_rate_24.mean", "text.oedema_rate_12.mean", "text.oedema_rate_18.mean",
        "text.oedema_rate_24.mean", "text.cd19_positive.n", "text.baff_positive.n",
    }  # fmt: skip
    assert impossible & rebuilt.fitted == set()
    assert {"text.baff_r_positive.n", "text.baff_r_cd19.r"} <= rebuilt.fitted


def test_all_means_and_p_of_tables_3_and_4_are_met(
    reference_paper: Paper, rebuilt: Rebuilt
) -> None:
    """20 mean rates and 10 p of Table 3; 6 means, 6 SDs and 3 p of Table 4."""
    wanted = {
        number.id
        for number in reference_paper.numbers()
        if number.place.startswith(("Table 3", "Table 4")) and number.kind in ("mean", "sd", "p")
    }
    assert len(wanted) == 30 + 15
    assert wanted <= rebuilt.fitted


def test_restated_numbers_follow_what_they_restate(rebuilt: Rebuilt) -> None:
    """The text's 0.27 is Table 4's; the abstract's P < 0.001 is not Table 2's 0.024."""
    assert "text.expression_baff_r.non_refractory.mean.printed" in rebuilt.fitted
    assert "abstract.male.p.printed" not in rebuilt.fitted


def test_same_seed_same_bytes(reference_paper: Paper, rebuilt: Rebuilt) -> None:
    """A second run writes the same files, and tells its steps on the way."""
    steps: list[tuple[int, int, str]] = []
    again = rebuild_cohort(reference_paper, progress=lambda *step: steps.append(step))
    for name, table in rebuilt.tables.items():
        assert again.tables[name].to_csv(index=False) == table.to_csv(index=False)
    assert (again.origins, again.fitted, again.joint) == (
        rebuilt.origins,
        rebuilt.fitted,
        rebuilt.joint,
    )
    assert [step[:2] for step in steps] == [(i, 7) for i in range(1, 8)]


def test_another_seed_gives_other_patients(reference_paper: Paper, rebuilt: Rebuilt) -> None:
    """What is free differs with the seed; what the records were built to does not."""
    other = rebuild_cohort(reference_paper, seed=2)
    assert not other.tables["patients"].equals(rebuilt.tables["patients"])
    assert other.fitted == rebuilt.fitted
    assert other.joint == rebuilt.joint


def test_keys_are_unique_and_patients_known(rebuilt: Rebuilt) -> None:
    """No row of a record table repeats its key, and every patient is in `patients`."""
    known = set(rebuilt.tables["patients"]["patient"])
    for name, table in rebuilt.tables.items():
        key = TABLES[name].key if name in TABLES else ("patient",)
        inside = [column for column in key if column in table.columns]
        assert not table.duplicated(inside).any(), name
        assert set(table["patient"]) <= known, name


def test_every_value_obeys_the_standard_columns(rebuilt: Rebuilt) -> None:
    """Each cell of a standard column is accepted by the one validator of values."""
    for name, table in rebuilt.tables.items():
        for column in table.columns:
            if name not in TABLES or column not in TABLES[name].columns:
                continue
            variable = TABLES[name].columns[column]
            for value in table[column].dropna().unique():
                assert isinstance(variable.parse(str(value)), Value), (name, column, value)


def test_every_column_has_one_origin(rebuilt: Rebuilt) -> None:
    """Table by table, the origins name the columns there are, each once and with a reason."""
    named = [(origin.table, origin.column) for origin in rebuilt.origins]
    there = [(name, column) for name, table in rebuilt.tables.items() for column in table.columns]
    assert sorted(named) == sorted(there)
    assert all(origin.why for origin in rebuilt.origins)
    kinds = {origin.kind for origin in rebuilt.origins}
    assert kinds == {"determined", "one of many", "illustrative"}


def test_strength_and_course_are_plausible(rebuilt: Rebuilt) -> None:
    """The weakest group is the weakest, CK never rises, visits follow the start of treatment."""
    visits = rebuilt.tables["visits"]
    limbs = visits[["mrc_upper_limbs", "mrc_lower_limbs"]].min(axis=1)
    assert (limbs == visits["weakest_mrc"]).all()
    for _, mine in visits.groupby("patient"):
        assert mine["ck"].is_monotonic_decreasing
        assert mine["date"].is_monotonic_increasing
    starts = rebuilt.tables["patients"].set_index("patient")["treatment_start"].dropna()
    assert starts.between("2008-01-01", "2018-12-31").all()
    assert visits["date"].max() < "2020-01-01"


def test_scans_lie_within_follow_up(rebuilt: Rebuilt) -> None:
    """Nobody is scanned after the last visit, and grades change by 3 at most between scans."""
    readings = rebuilt.tables["mri_readings"]
    last = rebuilt.tables["visits"].groupby("patient")["date"].max()
    followed = readings[readings["month"] > 0]
    assert (followed["date"] <= followed["patient"].map(last)).all()
    assert sorted(followed["month"].unique()) == [3, 6, 12, 18, 24]
    slots = ["patient", "scale", "muscle", "side"]
    steps = readings.sort_values("month").groupby(slots)["grade"].diff().abs()
    assert steps.max() <= 3
    assert readings["grade"].between(0, 5).all()


def test_controls_differ_in_nothing_that_is_printed(rebuilt: Rebuilt, wide: pd.DataFrame) -> None:
    """No significant difference of the MRI from the 36 controls (Results, Imaging)."""
    for column in ("mri_fat_0", "mri_oedema_0"):
        srp = wide.loc[wide["arm"] == "srp", column].dropna().astype(float)
        controls = wide.loc[wide["arm"] == "srp_negative", column].dropna().astype(float)
        assert (len(srp), len(controls)) == (36, 36)
        assert stats.mannwhitneyu(srp, controls).pvalue > 0.05


def test_treatments_go_with_the_regimen(rebuilt: Rebuilt) -> None:
    """Methotrexate and IVIg are given to whom the regimen names them, and to nobody else."""
    baseline = rebuilt.tables["baseline"].set_index("patient") == "yes"
    given = rebuilt.tables["treatments"].groupby("drug")["patient"].agg(set)
    wanted = {
        "glucocorticoid": baseline.index == baseline.index,
        "methotrexate": baseline["gc_ivig_mtx"] | baseline["gc_mtx"],
        "ivig": baseline["gc_ivig_mtx"] | baseline["gc_ivig"],
        "other": baseline["gc_oi"],
    }
    assert given.to_dict() == {drug: set(baseline.index[who]) for drug, who in wanted.items()}


def test_blots_show_more_baff_r_in_patients(rebuilt: Rebuilt) -> None:
    """BAFF-R relative to actin is higher in the 14 patients than in the 4 controls (Fig. 6)."""
    density = rebuilt.tables["blots"].pivot(index="patient", columns="target", values="density")
    share = density["BAFF-R"] / density["actin"]
    healthy = share.index.str.startswith("HC")
    assert (healthy.sum(), (~healthy).sum()) == (4, 14)
    assert share[~healthy].min() > share[healthy].max()


@pytest.mark.parametrize(
    ("entry", "fields", "said"),
    [
        ("table1.ild.refractory", {"n": "14"}, "ild = yes is printed of 14 patients"),
        ("text.onset_age.refractory", {"mean": "50.80"}, "no 13 whole numbers"),
        ("text.onset_age.refractory", {"sd": "41"}, "the printed SD is larger than"),
        ("text.weakness_class.mild", {"n": "11"}, "18 + 20 + 11 = 49 patients"),
        ("table1.severe_weakness.refractory", {"n": "10"}, "none of the 17,112 joint tables"),
        ("table1.gc_mtx.refractory", {"n": "6"}, "add up to 21 of 13 patients"),
        ("table1.oi_mtx.refractory", {"n": "5"}, "oi_mtx is printed of 5 patients"),
        ("text.necrosis", {"percent": "99.9"}, "no number of patients up to 48 makes 40"),
        ("text.onset_age.enrolled", {}, "[[mean]]"),
        ("text.baff_r_cd19", {}, "[[correlation]]"),
    ],
)
def test_a_paper_that_cannot_be_rebuilt_says_why(
    changed_paper: Callable[..., Paper], entry: str, fields: dict[str, str], said: str
) -> None:
    """Contradictory or missing printed numbers end with an error that names them."""
    with pytest.raises(RebuildError) as error:
        rebuild_cohort(changed_paper(entry, **fields))
    assert said in str(error.value)


def test_a_p_value_that_is_not_met_is_said(
    changed_paper: Callable[..., Paper],
    rebuilt: Rebuilt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A p of 1e-7 for 16 and 9 needs more ties than separate groups can have: it is not met."""
    paper = changed_paper("table3.fat_rate_3", p="0.0000001")
    people = build_people(paper, rebuilt.joint, 2020)
    monkeypatch.setattr(continuous, "_ATTEMPTS", 6)
    part = imaging_part(paper, people, 2020)
    why = {origin.column: origin.why for origin in part.origins}["grade"]
    assert "Not met: the printed p 0.0000001 (fat_rate_3)" in why
    assert part.columns["fat_rate_3"].notna().sum() == 25


def _group(paper: Paper, name: str, wide: pd.DataFrame) -> pd.DataFrame:
    group = paper.groups[name]
    if group.arm is not None:
        wide = wide[wide["arm"] == group.arm]
    if group.outcome is not None:
        wide = wide[wide["outcome"].isin(group.outcome)]
    if group.has is not None:
        wide = wide[wide[group.has].notna()]
    for column, value in group.where.items():
        wide = wide[wide[column] == value]
    return wide


def _value(
    paper: Paper, numbers: dict[str, PrintedNumber], number: PrintedNumber, wide: pd.DataFrame
) -> float:
    """Compute a printed number with other tools than the package's own."""
    entry = number.entry
    if isinstance(entry, Same):
        return _value(paper, numbers, numbers[entry.of], wide)
    if isinstance(entry, PValue):
        first, second = (
            _group(paper, name, wide)[entry.variable].dropna().astype(float)
            for name in entry.groups
        )
        tied = len(set(first) | set(second)) < len(first) + len(second)
        method = "asymptotic" if tied else "exact"
        test = stats.mannwhitneyu(first, second, use_continuity=False, method=method)
        return float(test.pvalue)
    mine = _group(paper, entry.group, wide)  # type: ignore[union-attr]
    if isinstance(entry, Size):
        return len(mine)
    if isinstance(entry, Model):
        rows = []
        for line in entry.terms:
            variable, _, level = line.term.partition("=")
            rows.append((mine[variable] == (level or "yes")).to_numpy(dtype=float))
        design = sm.add_constant(np.array(rows).T)
        fit = sm.Logit((mine["outcome"] == entry.outcome).to_numpy(dtype=float), design)
        b = fit.fit(disp=0).params[1:]
        names = [f"{line.term}.odds_ratio" for line in entry.terms]
        return float(np.exp(b[names.index(number.field)]))
    if isinstance(entry, Correlation):
        x, y = (mine[name].astype(float) for name in (entry.x, entry.y))
        return float(stats.spearmanr(x, y).statistic)
    values = mine[entry.variable].dropna()  # type: ignore[union-attr]
    if isinstance(entry, Count):
        n = int((values == entry.level).sum())
        return n if number.field == "n" else 100 * n / len(values)
    values = values.astype(float)
    assert isinstance(entry, Mean | Median | Range)
    return float(
        {
            "mean": values.mean,
            "sd": values.std,
            "median": values.median,
            "q1": lambda: np.quantile(values, 0.25, method="weibull"),
            "q3": lambda: np.quantile(values, 0.75, method="weibull"),
            "low": values.min,
            "high": values.max,
        }[number.field]()
    )
