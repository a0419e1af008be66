"""Second calculations of the reference study's sections, from its CSV files and nothing else.

Each number is computed again with pandas, NumPy and SciPy from what `myocohort demo` wrote to
records/, with none of Myocohort's own functions. What R gives for the same files (R 4.2.2, lme4
1.1-31, lmerTest 3.1-3) stands beside the numbers that SciPy cannot give.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.stats import (
    binomtest,
    chi2,
    chi2_contingency,
    false_discovery_control,
    mannwhitneyu,
    norm,
    spearmanr,
    t,
)

Values = NDArray[np.float64]
DAYS = 30.4375
FIRST, SECOND = "non_refractory", "refractory"
TERMS = ("sex=male", "severe_weakness", "ild")


class Study:
    """The CSV files of the study, its results, and the outcome of each followed patient."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        text = (folder / "results" / "results.json").read_text(encoding="utf-8")
        self.results: dict[str, Any] = json.loads(text)
        self.outcome = {row["patient"]: row["outcome"] for row in self.results["decisions"]}
        self.people = self.read("patients").set_index("patient")
        self.start = pd.to_datetime(self.people["treatment_start"])

    def read(self, name: str) -> pd.DataFrame:
        """Return a table of the records, dates as dates."""
        frame = pd.read_csv(self.folder / "records" / f"{name}.csv")
        if "date" in frame:
            frame["date"] = pd.to_datetime(frame["date"])
        return frame

    def of(self, code: str) -> list[str]:
        """Return the followed patients of an outcome, or all of them."""
        return [p for p, outcome in self.outcome.items() if code in ("all", outcome)]

    def months(self, frame: pd.DataFrame) -> pd.Series:
        """Return months from the start of treatment by dates; for controls as recorded."""
        days = (frame["date"] - frame["patient"].map(self.start)).dt.days
        return (days / DAYS).fillna(frame["month"])


@pytest.fixture(scope="module")
def study(reference_study: Path) -> Study:
    """Return the reference study with its files read."""
    return Study(reference_study)


def near(value: object) -> Any:
    """Return what a number computed again must be equal to."""
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def holm(p: Values) -> Values:
    """Return Holm's adjusted p values, written out from his step-down rule."""
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1, p[order] * (len(p) - np.arange(len(p))))
    found = np.empty(len(p))
    found[order] = np.maximum.accumulate(steps)
    return found


def scans(study: Study, scale: str) -> tuple[pd.DataFrame, dict[str, pd.Timestamp]]:
    """Return the total score of each scan with its month, and each patient's first scan."""
    readings = study.read("mri_readings")
    readings = readings[readings["scale"] == scale]
    keys = ["patient", "date", "month"]
    totals = readings.groupby(keys)["grade"].agg(["sum", "count"]).reset_index()
    assert set(totals["count"]) == {24}
    totals["at"] = study.months(totals)
    before = totals[(totals["at"] <= 0) | (totals["patient"].map(study.start).isna())]
    return totals, dict(before.groupby("patient")["date"].max())


def test_mri_rates_their_tests_and_shifts(study: Study) -> None:
    """Points a month by dates: n, mean, SD, t interval, Mann-Whitney, Hodges-Lehmann, Holm."""
    for scale in study.results["imaging"]["scales"]:
        totals, first = scans(study, scale["scale"])
        score = totals.set_index(["patient", "date"])["sum"]
        sign = 1 if scale["change"] == "increase" else -1
        p_values = []
        for rate in scale["rates"]:
            late = totals[(totals["at"] - rate["month"]).abs() <= 1.5]
            late = late[late["patient"].isin(first) & late["patient"].isin(study.outcome)]
            assert not late["patient"].duplicated().any()
            values = {
                p: sign * (total - score[p, first[p]]) / ((date - first[p]).days / DAYS)
                for p, date, total in zip(late["patient"], late["date"], late["sum"], strict=True)
            }
            groups = {}
            for group in rate["groups"]:
                x = np.array([values[p] for p in study.of(group["code"]) if p in values])
                groups[group["code"]] = x
                assert (group["n"], group["missing"]) == (
                    len(x), len(study.of(group["code"])) - len(x),
                )  # fmt: skip
                if len(x):
                    assert [group["mean"], group["sd"]] == near([x.mean(), x.std(ddof=1)])
                    half = t.ppf(0.975, len(x) - 1) * x.std(ddof=1) / len(x) ** 0.5
                    assert group["interval"]["low"] == near(x.mean() - half)
            found = rate["comparison"]
            a, b = groups[FIRST], groups[SECOND]
            plain = mannwhitneyu(a, b, use_continuity=False, method="asymptotic")
            assert [found["statistic"], found["p"]] == near([plain.statistic, plain.pvalue])
            assert found["shift"]["estimate"] == near(np.median(np.subtract.outer(a, b)))
            corrected = mannwhitneyu(a, b, method="asymptotic")
            assert found["shift"]["p"] == near(corrected.pvalue)
            p_values.append(plain.pvalue)
        adjusted = [rate["comparison"]["p_holm"] for rate in scale["rates"]]
        assert adjusted == near(holm(np.array(p_values)))


# lmer(score ~ month * g + (1 | patient)), REML; g is 1 in the non-refractory group. The last
# coefficients are their changes since before treatment less those of the others; F and df of
# contestMD over the five.
R_MIXED = {
    "fat": ((4.745454546, -8.612920963, -0.855976518, 2.650967926, 1.248190149, -0.286532074),
            2.644839283, 118.9452339, 4.386071, 116.8901, 0.001073254, 9.371735426, 4.523224777),
    "oedema": ((-10.49090909, -1.879780626, 0.738274929, 2.502163818, -2.740891737, 1.772997151),
               5.040395681, 113.605543, 0.3208088, 109.5375, 0.8995416, 11.841078227,
               8.677653616),
}  # fmt: skip


def test_the_mixed_models_are_those_of_lmer(study: Study) -> None:
    """Differences in level and change, Satterthwaite's df and F of lmerTest, both SDs."""
    for scale in study.results["imaging"]["scales"]:
        estimates, se, df, f, f_df, p, between, within = R_MIXED[scale["name"]]
        model = scale["model"]
        rows, test = model["differences"], model["test"]
        assert [row["estimate"] for row in rows] == pytest.approx(estimates, rel=1e-5)
        assert [rows[1]["se"], rows[1]["df"]] == pytest.approx([se, df], rel=1e-6)
        found = [test["statistic"], test["df_denominator"], test["p"]]
        assert found == pytest.approx([f, f_df, p], rel=1e-6)
        assert [model["sd_between"], model["sd_within"]] == pytest.approx(
            [between, within], rel=1e-7
        )


def cliffs_delta(x: Values, y: Values) -> tuple[float, float, float]:
    """Return Cliff's delta with the asymmetric limits of Feng & Cliff 2004."""
    m, n = len(x), len(y)
    signs = np.sign(np.subtract.outer(x, y))
    d = float(signs.mean())
    by_x, by_y = ((signs.mean(axis=k) - d) ** 2 for k in (1, 0))
    total = n * n * by_x.sum() + m * m * by_y.sum() - ((signs - d) ** 2).sum()
    v = max(total / (m * n * (m - 1) * (n - 1)), (1 - d * d) / (m * n - 1))
    q = t.ppf(0.975, m + n - 2)
    root = q * np.sqrt(v * ((1 - d * d) ** 2 + q * q * v))
    low, high = ((d - d**3 + side * root) / (1 - d * d + q * q * v) for side in (-1, 1))
    return d, float(low), float(high)


def test_controls_muscle_by_muscle(study: Study) -> None:
    """Both sides averaged before treatment: Mann-Whitney, shift, Cliff's delta, Holm, BH."""
    (arm,) = study.results["controls"]["imaging"]["arms"]
    readings = study.read("mri_readings")
    for scale in ("modified-mercuri", "oedema-0-5"):
        _, first = scans(study, scale)
        rows = readings[(readings["scale"] == scale)]
        rows = rows[rows["date"] == rows["patient"].map(first)]
        grades = rows.groupby(["muscle", "patient"])["grade"].mean()
        for row in (row for row in arm["rows"] if row["scale"] == scale):
            of = grades[row["muscle"]]
            x = of[of.index.isin(study.of("all"))].to_numpy()
            y = of[study.people["arm"][of.index] == arm["code"]].to_numpy()
            assert (row["patients"]["n"], row["controls"]["n"]) == (len(x), len(y)) == (36, 36)
            test = mannwhitneyu(x, y, method="asymptotic")
            assert [row["statistic"], row["p"]] == near([test.statistic, test.pvalue])
            assert row["shift"]["estimate"] == near(np.median(np.subtract.outer(x, y)))
            delta, limits = row["delta"], row["delta"]["interval"]
            found = (delta["estimate"], limits["low"], limits["high"])
            assert found == near(cliffs_delta(x, y))
    p = np.array([row["p"] for row in arm["rows"]])
    assert [row["holm"] for row in arm["rows"]] == near(holm(p))
    assert [row["benjamini_hochberg"] for row in arm["rows"]] == near(false_discovery_control(p))


def test_blots_divided_by_actin(study: Study) -> None:
    """Both membranes together: means, exact Mann-Whitney, shift and Holm over two targets."""
    lanes = study.read("blots").pivot(
        index=["patient", "membrane", "lane"], columns="target", values="density"
    )
    p_values, adjusted = [], []
    for target in study.results["controls"]["blots"]["targets"]:
        found = target["comparisons"][0]
        values = (lanes[target["target"]] / lanes["actin"]).groupby("patient").mean()
        x = values[values.index.isin(study.of("all"))].to_numpy()
        y = values[study.people["arm"][values.index] == target["code"]].to_numpy()
        assert found["patients"]["mean"] == near(x.mean())
        assert found["controls"]["sd"] == near(y.std(ddof=1))
        test = mannwhitneyu(x, y, method="exact")
        assert found["p"] == near(test.pvalue)
        assert found["shift"]["estimate"] == near(np.median(np.subtract.outer(x, y)))
        p_values.append(test.pvalue)
        adjusted.append(found["holm"])
    assert adjusted == near(holm(np.array(p_values)))


def test_pathology_counts_expression_and_correlation(study: Study) -> None:
    """Present of stained with Wilson's limits; mean ratio of ten fields; Spearman's rho."""
    biopsies, fields = study.read("biopsies"), study.read("fields")
    pathology = study.results["pathology"]
    for finding in pathology["findings"]:
        rows = biopsies[(biopsies["finding"] == finding["finding"])]
        rows = rows[rows["stained"] == "yes"].set_index("patient")["present"]
        for code, group in finding["groups"].items():
            answers = rows[rows.index.isin(study.of(code))]
            present = int((answers == "yes").sum())
            assert (group["present"], group["of"]) == (present, len(answers))
            limits = binomtest(present, len(answers)).proportion_ci(method="wilson")
            found = [group["interval"]["low"], group["interval"]["high"]]
            assert found == near([100 * limits.low, 100 * limits.high])
    expression = {}
    for marker in pathology["expression"]:
        rows = fields[fields["marker"] == marker["label"]]
        ratio = (rows["positive_cells"] / rows["fibres"]).groupby(rows["patient"]).mean()
        expression[marker["marker"]] = ratio
        for code, group in marker["groups"].items():
            of = ratio[ratio.index.isin(study.of(code))]
            assert [group["mean"], group["sd"]] == near([of.mean(), of.std()])
    for pair in pathology["associations"]["pairs"]:
        x, y = expression[pair["x"]], expression[pair["y"]]
        both = spearmanr(x, y[x.index])
        assert [pair["rho"], pair["p"]] == near([both.statistic, both.pvalue])
        z = np.arctanh(both.statistic)
        half = norm.ppf(0.975) * np.sqrt((1 + both.statistic**2 / 2) / (pair["n"] - 3))
        found = [pair["interval"]["low"], pair["interval"]["high"]]
        assert found == near([np.tanh(z - half), np.tanh(z + half)])


def model_rows(study: Study, outcomes: tuple[str, ...]) -> tuple[Values, Values]:
    """Return design and outcome of the final model's terms, read from three CSV files."""
    visits, baseline = study.read("visits"), study.read("baseline").set_index("patient")
    weakest = visits[visits["month"] == 0].set_index("patient")["weakest_mrc"]
    who = [p for p, outcome in study.outcome.items() if outcome in outcomes]
    columns = (
        study.people["sex"][who] == "male", weakest[who].astype(int) <= 2,
        baseline["ild"][who] == "yes",
    )  # fmt: skip
    design = np.column_stack([np.ones(len(who)), *(c.to_numpy(float) for c in columns)])
    return design, np.array([study.outcome[p] == SECOND for p in who], dtype=float)


def firth(x: Values, y: Values, without: int | None = None) -> tuple[Values, float]:
    """Return the maximum of the penalised likelihood, with one coefficient held at 0 or none."""
    free = [k for k in range(x.shape[1]) if k != without]

    def loss(some: Values) -> float:
        b = np.zeros(x.shape[1])
        b[free] = some
        eta = x @ b
        risk = 1 / (1 + np.exp(-eta))
        information = x.T @ (x * (risk * (1 - risk))[:, None])
        log_likelihood = (y * eta - np.logaddexp(0, eta)).sum()
        return float(-log_likelihood - np.linalg.slogdet(information)[1] / 2)

    found = minimize(loss, np.zeros(len(free)), method="BFGS", options={"gtol": 1e-7})
    b = np.zeros(x.shape[1])
    b[free] = found.x
    return b, -float(found.fun)


def close(value: object) -> Any:
    """Return what a fit by a general optimiser must be equal to."""
    return pytest.approx(value, rel=1e-4, abs=1e-6)


def test_worst_cases_leave_one_out_and_e_values(study: Study) -> None:
    """Firth by a general optimiser: all lost with or without the event, one left out, E-values."""
    robustness = study.results["robustness"]
    x, y = model_rows(study, (FIRST, SECOND))
    lost, _ = model_rows(study, ("lost",))
    whole = np.vstack([x, lost])
    for place, term in enumerate(robustness["lost"]["terms"], start=1):
        assert term["name"] == TERMS[place - 1]
        assert term["exposed"] == lost[:, place].sum()
        given = {row["id"]: row["firth"] for row in term["scenarios"]}
        for identity, event in (("all_events", 1.0), ("no_events", 0.0)):
            outcome = np.append(y, np.full(len(lost), event))
            b, best = firth(whole, outcome)
            p = chi2.sf(2 * (best - firth(whole, outcome, place)[1]), 1)
            found = given[identity]
            assert [found["odds_ratio"], found["p"]] == close([np.exp(b[place]), p])
    everybody, _ = firth(x, y)
    for row in robustness["influence"]["rows"]:
        pattern = [1.0, *(row["values"][term] for term in TERMS)]
        same = np.flatnonzero((x == pattern).all(axis=1) & (y == row["event"]))
        assert len(same) == row["n"]
        if len(same):
            b, _ = firth(np.delete(x, same[0], axis=0), np.delete(y, same[0]))
            found = [row["terms"][term]["firth"]["dfbeta"] for term in TERMS]
            assert found == close(everybody[1:] - b[1:])
    for row in robustness["confounding"]["families"]:
        if row["e_value"] is not None:
            low = max(1.0, row["interval"]["low"])
            ratios = np.sqrt([row["odds_ratio"], low])
            wanted = ratios + np.sqrt(ratios * (ratios - 1))
            assert [row["e_value"], row["e_value_of_limit"]] == near(wanted)


def test_lost_against_classified(study: Study) -> None:
    """Chi-square and standardised difference of three yes/no rows; age by Mann-Whitney."""
    baseline = study.read("baseline").set_index("patient")
    rows = {row["variable"]: row for row in study.results["robustness"]["followed"]["rows"]}
    stayed, lost = [*study.of(FIRST), *study.of(SECOND)], study.of("lost")
    for name in ("ild", "weight_loss", "oi_mtx"):
        a, b = ((baseline[name][who] == "yes") for who in (stayed, lost))
        table = [[a.sum(), (~a).sum()], [b.sum(), (~b).sum()]]
        assert rows[name]["p"] == near(chi2_contingency(table, correction=False).pvalue)
        spread = np.sqrt((a.mean() * (1 - a.mean()) + b.mean() * (1 - b.mean())) / 2)
        found = rows[name]["standardised_difference"]["estimate"]
        assert found == near((a.mean() - b.mean()) / spread)
    ages = study.people["onset_age"]
    test = mannwhitneyu(ages[stayed], ages[lost], use_continuity=False, method="asymptotic")
    assert rows["onset_age"]["p"] == near(test.pvalue)


def test_predicted_risks_and_their_measures(study: Study) -> None:
    """FLIC: Firth's terms, mean risk as observed; c with DeLong, Brier, net benefit."""
    prediction = study.results["prediction"]
    model = prediction["models"][0]
    x, y = model_rows(study, (FIRST, SECOND))
    b, _ = firth(x, y)
    part = x[:, 1:] @ b[1:]
    intercept = brentq(lambda a: (1 / (1 + np.exp(-a - part))).mean() - y.mean(), -20, 20)
    found = [row["b"] for row in model["coefficients"]]
    assert found == close([intercept, *b[1:]])
    risk = 1 / (1 + np.exp(-intercept - part))
    measures = {row["name"]: row for row in model["measures"]}
    assert measures["Brier score"]["apparent"] == close(((risk - y) ** 2).mean())
    wins = np.sign(np.subtract.outer(risk[y == 1], risk[y == 0]).round(9)) / 2 + 0.5
    c = wins.mean()
    variance = wins.mean(axis=1).var(ddof=1) / y.sum()
    variance += wins.mean(axis=0).var(ddof=1) / (1 - y).sum()
    found_c = measures["c-statistic"]
    assert found_c["apparent"] == near(c)
    assert found_c["interval"]["low"] == near(c + norm.ppf(0.025) * np.sqrt(variance))
    (apparent,) = [s for s in model["decision"]["strategies"] if s["name"] == "apparent"]
    thresholds = prediction["thresholds"]["values"]
    for threshold, benefit in zip(thresholds, apparent["net_benefit"], strict=True):
        act, odds = risk >= threshold, threshold / (1 - threshold)
        assert benefit == near((act & (y == 1)).mean() - odds * (act & (y == 0)).mean())


def nearest(visits: pd.DataFrame, month: float, low: float, high: float) -> pd.DataFrame:
    """Return each patient's visit nearest to a month, of those in its window."""
    inside = visits[visits["at"].between(low - 0.05, high + 0.05)]
    places = (inside["at"] - month).abs().groupby(inside["patient"]).idxmin()
    return inside.loc[places].set_index("patient")


def test_ck_strength_and_doses_over_time(study: Study) -> None:
    """CK of the nearest visit in the window, MRC counts, and days times dose by dates."""
    over_time = study.results["patients_over_time"]
    visits = study.read("visits")
    visits = visits[visits["patient"].isin(study.outcome)]
    visits = visits.assign(at=study.months(visits))
    windows = {m["month"]: (m["from"], m["to"]) for m in over_time["months"] if m["month"]}
    for month, (low, high) in windows.items():
        seen = nearest(visits, month, low, high)
        for ck, strength in zip(
            over_time["ck"]["groups"], over_time["strength"]["groups"], strict=True
        ):
            of = seen[seen.index.isin(study.of(ck["code"]))]
            (found,) = [row for row in ck["months"] if row["month"] == month]
            assert found["n"] == len(of)
            assert found["missing"] == len(study.of(ck["code"])) - len(of)
            if len(of):
                wanted = [of["ck"].median(), np.exp(np.log(of["ck"]).mean())]
                assert [found["median"], found["geometric_mean"]] == near(wanted)
                assert found["above"] == (of["ck"] > of["ck_uln_u_per_l"]).sum()
            (found,) = [row for row in strength["months"] if row["month"] == month]
            counts = [int((of["weakest_mrc"].astype(str) == str(g)).sum()) for g in range(6)]
            assert [level["n"] for level in found["levels"]] == counts
    drugs = study.read("treatments")
    drugs = drugs[drugs["drug"] == "glucocorticoid"].set_index("patient")
    assert drugs["stop"].isna().all()
    end = visits.groupby("patient")["date"].max()
    for patient in over_time["patients"]:
        code = patient["patient"]
        days = (end[code] - pd.Timestamp(drugs["start"][code])).days
        assert patient["dose"]["whole"]["dose"] == near(days * drugs["dose"][code])


def test_change_of_mrs_and_the_sets_of_patients(study: Study) -> None:
    """The mRS before less that near month 12, by outcome; who has MRI, biopsy and blot."""
    visits = study.read("visits")
    visits = visits.assign(at=study.months(visits))
    before = visits[visits["at"] <= 0].set_index("patient")["mrs"]
    change = (before - nearest(visits, 12, 10, 14)["mrs"]).reindex(list(study.outcome))
    (score,) = [s for s in study.results["scores"]["scores"] if s["score"] == "mrs_change"]
    for group in score["groups"]:
        of = change[study.of(group["code"] or "all")]
        wanted = {"died": 0, "worse": (of < 0).sum(), "unchanged": (of == 0).sum(),
                  "better": (of > 0).sum()}  # fmt: skip
        assert {row["category"]: row["n"] for row in group["categories"]} == wanted
        assert group["undecided"] == of.isna().sum()
    boxes = {box["label"]: box["n"] for box in study.results["flow"]}
    totals, first = scans(study, "oedema-0-5")
    followed = set(study.outcome)
    later = set(totals[totals["at"] > 1]["patient"])
    biopsies, blots = study.read("biopsies"), study.read("blots")
    stained = set(biopsies[biopsies["stained"] == "yes"]["patient"])
    assert boxes["Analysed: MRI before treatment"] == len(set(first) & followed)
    assert boxes["Analysed: MRI before treatment and later"] == len(set(first) & later & followed)
    assert boxes["Analysed: muscle biopsy"] == len(stained & followed)
    assert boxes["Analysed: western blot"] == len(set(blots["patient"]) & followed)
