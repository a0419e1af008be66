"""A results mapping like that of the reference study, for the tests of the report.

Counts are those of Table 1 of Zhao 2020, p values come from Pearson's chi-square on them.
The final model is the one of that paper; its numbers were computed with scipy from the
covariate patterns (male, severe weakness, ILD) 000 ... 111 of 9, 8, 8, 4, 5, 1, 3, 2
patients with 13 refractory (6 male, 8 severe, 9 with ILD): coefficients and Wald limits by
Newton's method on the likelihood and on Firth's penalised likelihood (standard errors of
the augmented-data form), profile limits by Brent's method.
Everything else (screened model, onset age, missing values) is made up, and says so.
"""

from __future__ import annotations

import copy
import math
from typing import Any

from courses_sample import courses
from scipy.stats import chi2_contingency, norm

GROUPS = {"non_refractory": 27, "refractory": 13}
PEARSON = "Pearson chi-square, uncorrected"
MANN_WHITNEY = "Mann-Whitney U, asymptotic with tie correction, no continuity correction"

# Section -> variable, label, non-refractory, refractory, p as printed, provenance.
TABLE1 = {
    "Clinical syndromes": [
        ("sex=male", "Male sex", 5, 6, "0.067", "determined"),
        ("neck_weakness", "Cervical flexion weakness", 22, 11, "0.807", "one of many"),
        ("severe_weakness", "Severe muscle weakness", 9, 8, "0.091", "determined"),
        ("dysphagia", "Dysphagia", 9, 5, "0.750", "one of many"),
        ("dysmasesia", "Dysmasesia", 7, 1, "0.177", "one of many"),
        ("myalgia", "Myalgia", 10, 4, "0.697", "one of many"),
        ("amyotrophy", "Amyotrophy", 11, 6, "0.746", "one of many"),
        ("weight_loss", "Weight loss", 11, 10, "0.032", "one of many"),
    ],
    "Auxiliary examination": [
        ("ild", "Interstitial lung disease", 6, 9, "0.004", "determined"),
        ("raised_esr", "Raised ESR", 5, 5, "0.872", "one of many"),
        ("raised_ana", "Raised ANA", 12, 8, "0.311", "one of many"),
        ("anti_ro52", "Anti-Ro-52 antibody", 7, 5, "0.418", "one of many"),
    ],
    "Initial therapy": [
        ("gc_only", "Glucocorticoid alone", 3, 4, "0.132", "one of many"),
        ("gc_ivig_mtx", "Glucocorticoid + IVIg + methotrexate", 10, 3, "0.390", "one of many"),
        ("gc_mtx", "Glucocorticoid + methotrexate", 6, 1, "0.269", "one of many"),
        ("gc_ivig", "Glucocorticoid + IVIg", 5, 3, "0.744", "one of many"),
        ("gc_oi", "Glucocorticoid + other immunosuppressant", 4, 5, "0.098", "one of many"),
        ("oi_mtx", "Any regimen with methotrexate", 16, 3, "0.032", "one of many"),
        ("oi_ivig", "Any regimen with IVIg", 15, 6, "0.588", "one of many"),
    ],
}

# name: b, se, Wald low, high, p, profile low, high, likelihood-ratio p
ML = {
    "(Intercept)": (-4.259439435797, 1.332774202253, 0.001036787, 0.192578773, 0.001393859,
                    0.000513006, 0.120893094, 1.052998e-06),
    "sex=male": (2.973840950336, 1.312977338767, 1.492500131, 256.525800638, 0.023515141,
                 2.103459403, 507.216878329, 0.006872204),
    "severe_weakness": (2.015697564120, 1.015060248018, 1.026562699, 54.881652404, 0.047056536,
                        1.207417728, 74.869294401, 0.029627600),
    "ild": (3.681415053567, 1.310883209798, 3.040832037, 518.375007331, 0.004979653,
            4.592425613, 1058.907200590, 0.000208337),
}  # fmt: skip
FIRTH = {
    "(Intercept)": (-3.516635453510, 1.058134375332, 0.003733009, 0.236281784, 0.000889178,
                    0.002102615, 0.182055134, 4.834720e-06),
    "sex=male": (2.416768320613, 1.060344718555, 1.402885043, 89.568686707, 0.022653462,
                 1.608978405, 152.252098418, 0.012839601),
    "severe_weakness": (1.670356893571, 0.868322884159, 0.968967036, 29.143691477, 0.054397375,
                        1.027345125, 38.661195947, 0.046195216),
    "ild": (2.998711318052, 1.045176333894, 2.586235507, 155.589213907, 0.004116467,
            3.168177478, 273.313357622, 0.000618277),
}  # fmt: skip
LABELS = {row[0]: row[1] for rows in TABLE1.values() for row in rows} | {
    "(Intercept)": "Intercept",
    "onset_age": "Age at onset, per year",
}
PRINTED_TERMS = {
    "sex=male": {"odds_ratio": "19.57", "low": "1.49", "high": "256.53", "p": "0.024"},
    "severe_weakness": {"odds_ratio": "7.51", "low": "41.03", "high": "54.88", "p": "0.047"},
    "ild": {"odds_ratio": "39.70", "low": "3.04", "high": "518.38", "p": "0.005"},
}
SCREENED = {
    "sex=male": (3.4, 1.7), "severe_weakness": (2.2, 1.4), "ild": (4.3, 1.9),
    "weight_loss": (1.1, 1.3), "gc_oi": (0.4, 1.5), "oi_mtx": (-1.9, 1.6),
    "onset_age": (0.03, 0.04),
}  # fmt: skip


def results() -> dict[str, Any]:
    """Return a fresh copy of the sample."""
    return copy.deepcopy(_results())


def validated() -> dict[str, Any]:
    """Return the sample with exact models, a validation over 8 joint tables, and courses.

    The exact numbers of the final model were computed by `fit_exact`; of the validation only
    the shape matters, its numbers are made up.
    """
    found = results()
    found["courses"] = courses()
    found["models"] += [_exact("final", None), _exact("screened", "more than the budget")]
    found["validation"] = {
        "method": "firth", "resamples": 1000, "seed": 1,
        "data": {"kind": "joint tables", "tables": 8, "note": "One table for each joint table."},
        "models": [
            {
                "id": identity, "title": title, "procedure": "Bootstrap", "error": None,
                "n": _range(40, 40), "n_missing": _range(0, 0), "events": _range(13, 13),
                "terms": [{"term": t, "label": LABELS[t], "tables": 8} for t in PRINTED_TERMS],
                "measures": _measures(shift), "failed": _range(0, 7),
                "failed_why": ["the fit does not converge"], "inclusion": chosen,
                "terms_chosen": None, "different_models": None, "warnings": ["made up"],
                "notes": ["no interval is given"],
            }
            for identity, title, shift, chosen in (
                ("screening", "Screening of 19 candidates at p < 0.1", 0.1, [
                    {"term": term, "label": LABELS[term], "in_final": term in PRINTED_TERMS,
                     "tables_chosen": 8, "share": _range(low, low + 0.05)}
                    for term, low in (("ild", 0.9), ("weight_loss", 0.7), ("sex=male", 0.58),
                                      ("severe_weakness", 0.5), ("myalgia", 0.1))
                ]),
                ("final", "The 3 pinned terms, as if fixed beforehand", 0.0, []),
            )
        ],
        "warnings": [], "reference": "Harrell FE et al. Stat Med 1996;15:361-387",
    }  # fmt: skip
    return found


def _range(low: float | str, high: float | str, tables: int = 8) -> dict[str, Any]:
    return {"low": low, "high": high, "tables": tables}


def _measures(shift: float) -> list[dict[str, Any]]:
    """Return made-up measures; `shift` is the optimism of the c-statistic."""
    rows = [
        (
            "c-statistic",
            _range(0.87, 0.92),
            _range(shift, shift + 0.04),
            _range(0.83 - shift, 0.88 - shift),
            1000,
        ),
        ("Brier score", _range(0.11, 0.125), _range(-0.03, -0.02), _range(0.13, 0.155), 1000),
        ("calibration slope", _range(1.2, "inf"), _range(0.1, 0.5), _range(0.7, 1.1, 7), 600),
        ("calibration intercept", _range(-0.1, 0.1), _range(0.0, 0.2), None, 600),
    ]
    return [
        {"name": name, "apparent": apparent, "optimism": optimism, "corrected": corrected,
         "monte_carlo_se": _range(0.001, 0.002), "resamples": _range(used, 1000)}
        for name, apparent, optimism, corrected, used in rows
    ]  # fmt: skip


# name: b, se, exact low, high, twice-one-sided, score, mid-p (probability as score)
EXACT = {
    "sex=male": (2.684465331, 1.220184312, 1.145455296, 929.588759, 0.034657837, 0.018733695,
                 0.018031306),
    "severe_weakness": (1.790147187, 0.938474552, 0.778189300, 80.112368, 0.100010708,
                        0.093563092, 0.055653710),
    "ild": (3.287451995, 1.193495222, 2.438195740, 1627.296654, 0.001816744, 0.001366496,
            0.000929783),
}  # fmt: skip


def _exact(identity: str, error: str | None) -> dict[str, Any]:
    terms = [
        {
            "name": name, "label": LABELS[name], "b": b, "se": se, "odds_ratio": math.exp(b),
            "estimate": "cmle",
            "ci": {"exact": {"low": low, "high": high, "level": 0.95, "method": "exact"}},
            "p": {"twice_one_sided": tails, "score": score, "probability": score, "mid_p": mid},
            "printed": PRINTED_TERMS[name],
        }
        for name, (b, se, low, high, tails, score, mid) in EXACT.items()
    ]  # fmt: skip
    head = {
        "id": identity, "title": f"{identity.capitalize()} model of refractory disease",
        "procedure": "Exact conditional logistic regression", "method": "exact", "n": 40,
        "n_missing": 0, "events": 13, "warnings": [], "terms": [], "error": error,
    }  # fmt: skip
    if error:
        return head
    return {
        **head, "terms": terms, "events_per_variable": 13 / 3, "log_likelihood": None,
        "null_log_likelihood": None, "separation": {"kind": "none", "directions": {}},
        "reference": "Cox DR. The analysis of binary data. Methuen 1970",
    }  # fmt: skip


def _results() -> dict[str, Any]:
    table = _table1()
    rows = [row for section in table["sections"] for row in section["rows"]]
    return {
        "study": {
            "title": "Refractory myopathy with anti-signal recognition particle antibodies",
            "citation": "Zhao Y, Zhang W, Liu Y, Wang Z, Yuan Y. Factors associated with "
            "refractory autoimmune necrotizing myopathy with anti-signal recognition particle "
            "antibodies. Orphanet J Rare Dis 2020.",
            "origin": "rebuilt",
            "origin_note": "The sizes of the eight patterns of sex, severe weakness and ILD are "
            "determined by Tables 1 and 2; who among them is refractory is one of 8 solutions.",
            "arms": [{"code": "srp", "label": "Anti-SRP patients", "role": "patients", "n": 48}],
        },
        "outcome": {"refractory": 13, "non_refractory": 27, "discordant": 0, "unclassifiable": 0,
                    "lost": 8, "died": 0},
        "outcome_rule": {
            "name": "refractory_with_relapse",
            "label": "Refractory with relapse (Zhao 2020)",
            "parameters": {"month": 12, "window_months": [10, 14],
                           "baseline_ck": "before treatment"},
            "definition": [
                "Refractory: mRS 3-5 with a weakest muscle group of MRC 3 or less at month 12, "
                "or a relapse at any time of follow-up.",
                "Non-refractory: mRS 0-2 with a weakest muscle group of MRC 4 or more at month 12.",
                "The month-12 visit is the one nearest to month 12 within months 10 to 14.",
            ],
            "reference": "Zhao Y et al. Orphanet J Rare Dis 2020, Methods.",
        },
        "decisions": [_decision(i) for i in range(1, 49)],
        "flow": [
            {"label": "Enrolled with anti-SRP antibody", "n": 48, "level": 0},
            {"label": "Lost before the month-12 visit", "n": 8, "level": 1},
            {"label": "Followed for 12 months", "n": 40, "level": 0},
            {"label": "Non-refractory", "n": 27, "level": 1},
            {"label": "Refractory", "n": 13, "level": 1},
        ],
        "tables": [table],
        "table1": rows,
        "screening": _screening(rows),
        "models": [
            _model("final", "Maximum likelihood", "ml", ML, PRINTED_TERMS),
            _model("final", "Firth's penalised likelihood", "firth", FIRTH, PRINTED_TERMS),
            _model("screened", "Maximum likelihood", "ml", _wald_only(1.0), {}),
            _model("screened", "Firth's penalised likelihood", "firth", _wald_only(0.6), {}),
        ],
        "missing": [
            {"variable": variable, "label": LABELS[variable],
             "group_missing": {"non_refractory": 0, "refractory": 0}, "missing": 0, "of": 40,
             "reasons": {}}
            for variable in LABELS if variable not in ("(Intercept)", "onset_age")
        ] + [
            {"variable": "course", "label": "Course", "group_missing": {"non_refractory": 1,
             "refractory": 1}, "missing": 2, "of": 40, "reasons": {"not recorded": 2}},
        ],
        "methods": [
            "Patients were classed by the rule stated above. Yes-no variables were compared with "
            "Pearson's chi-square test without continuity correction, numbers with the "
            "Mann-Whitney U test. Two-sided p values below 0.05 were called significant.",
            "Binary logistic regression was fitted by maximum likelihood and by Firth's penalised "
            "likelihood. Separation was looked for by linear programming before any model was "
            "believed. Wald intervals are shown with Wald tests, profile intervals with "
            "likelihood-ratio tests, penalised for Firth.",
        ],
        "references": [
            "Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38.",
            "Heinze G, Schemper M. A solution to the problem of separation in logistic regression. "
            "Stat Med 2002;21:2409-2419. https://doi.org/10.1002/sim.1047",
        ],
        "provenance": [
            {"table": "patients", "column": "sex", "kind": "determined", "why": "Tables 1 and 2."},
            {"table": "baseline", "column": "ild", "kind": "determined", "why": "Tables 1 and 2."},
            {"table": "baseline", "column": "dysphagia", "kind": "one of many",
             "why": "Its counts in Table 1 are met; who has it is free."},
            {"table": "visits", "column": "ck", "kind": "illustrative",
             "why": "The paper prints no CK values."},
        ],
        "rebuild": {
            "candidates": 31000, "fits": 8,
            "patterns": [
                {"pattern": pattern, "n": n}
                for pattern, n in zip(
                    ("none", "ILD", "severe", "severe, ILD", "male", "male, ILD", "male, severe",
                     "male, severe, ILD"), (9, 8, 8, 4, 5, 1, 3, 2), strict=True)
            ],
            "note": "All fitting tables share these pattern sizes.",
        },
        "scoreboard": _scoreboard(rows),
        "manifest": {
            "myocohort": "0.1.0", "python": "3.11.9",
            "packages": {"numpy": "2.4.6", "pandas": "3.1.1", "scipy": "1.17.1"},
            "inputs": [
                {"file": f"{name}.csv", "sha256": f"{i:064x}", "rows": 48 * i}
                for i, name in enumerate(("patients", "baseline", "visits"), start=0xABC)
            ],
            "study_file_sha256": "5d" * 32, "seeds": {"rebuild": 2020},
            "records_loaded": "2026-11-22T09:30:00Z",
        },
    }  # fmt: skip


def _decision(i: int) -> dict[str, Any]:
    outcome = "refractory" if i <= 13 else "non_refractory" if i <= 40 else "lost"
    why = {
        "refractory": "mRS 3-5 and weakest MRC 3 or less at month 12",
        "non_refractory": "mRS 0-2 and weakest MRC 4 or more at month 12",
        "lost": "no visit within months 10 to 14",
    }[outcome]
    mrs, mrc = (3, 2) if outcome == "refractory" else (1, 5)
    records = [] if outcome == "lost" else [f"visit 2016-05-{i % 28 + 1:02d}: mRS {mrs}, MRC {mrc}"]
    return {"patient": f"P{i:02d}", "outcome": outcome, "why": why, "records": records}


def _table1() -> dict[str, Any]:
    sections = []
    for heading, entries in TABLE1.items():
        rows = [_yes_no(*entry) for entry in entries]
        if heading == "Clinical syndromes":
            rows = [_age(), _course(), *rows]
        sections.append({"heading": heading, "rows": rows})
    return {
        "id": "table1", "title": "Clinical indicators of refractory and non-refractory patients",
        "by": "outcome",
        "groups": [
            {"code": "non_refractory", "label": "Non-refractory", "n": 27},
            {"code": "refractory", "label": "Refractory", "n": 13},
        ],
        "sections": sections,
        "notes": ["ESR erythrocyte sedimentation rate; ANA antinuclear antibody; IVIg intravenous "
                  "immunoglobulin."],
    }  # fmt: skip


def _row(**fields: Any) -> dict[str, Any]:
    return {
        "unit": "", "test": PEARSON, "question": "Do the groups differ?", "statistic": None,
        "df": None, "n": 40, "n_missing": 0, "warnings": [], "printed_p": None, "provenance": "",
        **fields,
    }  # fmt: skip


def _share(n: int, of: int, missing: int = 0) -> dict[str, Any]:
    return {"n": n, "of": of, "percent": 100 * n / of, "missing": missing}


def _yes_no(
    variable: str, label: str, non: int, ref: int, printed: str, provenance: str
) -> dict[str, Any]:
    test = chi2_contingency([[non, 27 - non], [ref, 13 - ref]], correction=False)
    small = int((test.expected_freq < 5).sum())
    return _row(
        variable=variable, label=label, kind="yes_no",
        counts={"non_refractory": _share(non, 27), "refractory": _share(ref, 13)},
        total=_share(non + ref, 40), p=float(test.pvalue), statistic=float(test.statistic), df=1,
        warnings=[f"{small} of 4 cells expect fewer than 5 patients"] if small else [],
        printed_p=printed, provenance=provenance,
    )  # fmt: skip


def _numbers(n: int, mean: float, sd: float | None, quartiles: tuple[float, ...]) -> dict[str, Any]:
    q1, median, q3 = quartiles
    return {"n": n, "missing": 0, "mean": mean, "sd": sd, "median": median, "q1": q1, "q3": q3,
            "min": 9.0, "max": 79.0}  # fmt: skip


def _age() -> dict[str, Any]:
    return _row(
        variable="onset_age", label="Age at onset", kind="number", unit="years",
        counts={
            "non_refractory": _numbers(27, 37.259259259, 18.061234, (22.0, 38.0, 51.5)),
            "refractory": _numbers(13, 50.769230769, 15.772345, (41.0, 52.0, 61.0)),
        },
        total=_numbers(40, 41.65, 18.344321, (27.5, 42.0, 55.25)),
        p=0.028731, test=MANN_WHITNEY, statistic=100.5, printed_p="0.029", provenance="one of many",
    )  # fmt: skip


def _levels(of: int, *counts: int) -> dict[str, Any]:
    names = [("acute", "Acute"), ("subacute", "Subacute"), ("chronic", "Chronic")]
    return {
        "of": of, "missing": 1,
        "levels": [
            {"code": code, "label": label, "n": n, "percent": 100 * n / of}
            for (code, label), n in zip(names, counts, strict=True)
        ],
    }  # fmt: skip


def _course() -> dict[str, Any]:
    return _row(
        variable="course", label="Course", kind="category",
        counts={"non_refractory": _levels(26, 3, 14, 9), "refractory": _levels(12, 1, 5, 6)},
        total={**_levels(38, 4, 19, 15), "missing": 2},
        p=float(chi2_contingency([[3, 14, 9], [1, 5, 6]], correction=False).pvalue), df=2,
        n=38, n_missing=2, provenance="one of many",
    )  # fmt: skip


def _screening(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "threshold": 0.10,
        "rows": [
            {"term": row["variable"], "label": row["label"], "p": row["p"], "test": row["test"],
             "passes": row["p"] < 0.10, "in_final": row["variable"] in PRINTED_TERMS}
            for row in rows
        ],
        "note": "Seven candidates pass; the printed model has three, which are pinned in the "
                "study file.",
    }  # fmt: skip


def _wald_only(share: float) -> dict[str, tuple[float, ...]]:
    terms = {"(Intercept)": (-6.0 * share, 2.4)} | {
        name: (b * share, se * share) for name, (b, se) in SCREENED.items()
    }
    rows = {}
    for name, (b, se) in terms.items():
        low, high = math.exp(b - 1.959964 * se), math.exp(b + 1.959964 * se)
        p = 2 * float(norm.sf(abs(b / se)))
        rows[name] = (b, se, low, high, p, low * 0.9, high * 1.2, p * 0.8)
    return rows


def _model(
    identity: str,
    method: str,
    key: str,
    numbers: dict[str, tuple[float, ...]],
    printed: dict[str, dict[str, str]],
) -> dict[str, Any]:
    terms = []
    for name, (b, se, wald_low, wald_high, wald_p, low, high, lrt_p) in numbers.items():
        terms.append({
            "name": name, "label": LABELS[name], "b": b, "se": se, "odds_ratio": math.exp(b),
            "ci": {
                "wald": {"low": wald_low, "high": wald_high, "level": 0.95, "method": "Wald"},
                "profile": {"low": low, "high": high, "level": 0.95, "method": "profile"},
            },
            "p": {"wald": wald_p, "lrt": lrt_p}, "printed": printed.get(name),
        })  # fmt: skip
    variables = len(numbers) - 1
    return {
        "id": identity, "title": f"{identity.capitalize()} model of refractory disease",
        "procedure": method, "method": key, "n": 40, "n_missing": 0, "events": 13,
        "events_per_variable": 13 / variables,
        "log_likelihood": -15.290617 if key == "ml" else -14.445054,
        "null_log_likelihood": -25.223241, "separation": {"kind": "none", "directions": {}},
        "terms": terms,
        "warnings": [f"13 events for {variables} terms: fewer than 10 events per variable"],
        "reference": "Hosmer DW, Lemeshow S. Applied Logistic Regression." if key == "ml" else
        "Firth D. Biometrika 1993;80:27-38.",
        "error": None,
    }  # fmt: skip


def _scoreboard(rows: list[dict[str, Any]]) -> dict[str, Any]:
    numbers = []

    def add(number: str, place: str, printed: str, status: str, computed: Any, why: str) -> None:
        numbers.append({
            "id": number, "place": place, "printed": printed, "status": status,
            "computed": computed, "by": PEARSON if number.endswith(".p") else "count", "why": why,
        })  # fmt: skip

    for row in rows:
        if row["kind"] != "yes_no":
            continue
        for code, share in row["counts"].items():
            place = f"Table 1, {row['label']}, {code.replace('_', '-')}"
            stem = f"table1.{row['variable']}.{code}"
            add(f"{stem}.n", place, str(share["n"]), "consistent", share["n"],
                "the records were built to meet it")  # fmt: skip
            add(f"{stem}.percent", place, f"{share['percent']:.1f}", "reproduced",
                share["percent"], "from the count and the group size")  # fmt: skip
        wrong = row["printed_p"] in ("0.872",)
        add(f"table1.{row['variable']}.p", f"Table 1, {row['label']}, P", row["printed_p"],
            "contradicted" if wrong else "reproduced", row["p"],
            "no named test of 5 of 27 against 5 of 13 gives it" if wrong else "by the named test",
            )  # fmt: skip
    for name, printed in PRINTED_TERMS.items():
        for field, text in printed.items():
            wrong = text == "41.03"
            add(f"table2.{name}.{field}", f"Table 2, {LABELS[name]}, {field.replace('_', ' ')}",
                text, "contradicted" if wrong else "reproduced", 1.026562637 if wrong else text,
                "exp(2.0157 - 1.96 x 1.0151) = 1.03; the printed limit lies above the odds ratio"
                if wrong else "from the only joint tables that give the odds ratios")  # fmt: skip
    for month in (3, 6, 12, 18, 24):
        for kind in ("fatty infiltration", "oedema"):
            place = f"Table 3, {kind}, {month} months, P"
            add(f"table3.{kind}.{month}.p", place, "0.5", "not_recoverable", None,
                "the paper prints no spread of the change rates")  # fmt: skip
    for number in range(12):
        place = f"Methods, setting {number}"
        add(f"setting.{number}", place, str(number), "not_recoverable", None,
            "a laboratory or analysis setting, no result of patient records")  # fmt: skip
    chosen = {
        status: [number for number in numbers if number["status"] == status]
        for status in ("reproduced", "consistent", "contradicted", "not_recoverable")
    }
    return {
        "published": len(numbers), "reproduced": len(chosen["reproduced"]),
        "consistent": len(chosen["consistent"]),
        "contradicted": [
            {key: number[key] for key in ("id", "place", "printed", "computed", "why")}
            for number in chosen["contradicted"]
        ],
        "not_recoverable": [
            {key: number[key] for key in ("id", "place", "printed", "why")}
            for number in chosen["not_recoverable"]
        ],
        "numbers": numbers,
    }  # fmt: skip
