"""What the methods say together, E-values, and treatments among the terms and candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.analysis.robustness.final_model import FinalModel
from myocohort.errors import StatisticsError
from myocohort.stats.design import INTERCEPT
from myocohort.stats.e_value import COMMON, REFERENCE, EValue, e_value
from myocohort.stats.result import P_OF_INTERVAL
from myocohort.study.studyfile import split_term

WITHOUT_INTERVAL = ("score",)
"""p values of exact models that have no interval of their own."""

SENTENCES = (
    "An E-value is the smallest risk ratio that one unmeasured confounder would need with both the "
    "term and the outcome, beyond the terms of the model, to move the odds ratio, or the limit of "
    "its interval that is nearest to 1, to 1. It assumes that the term is an exposure whose effect "
    "is asked for and that nothing else is wrong: no selection by loss, no wrong measurement, no "
    "choice of the terms by their p values.",
    "A large E-value does not show that there is no such confounder, and a small one does not show "
    "that there is one.",
)
OF_A_NUMBER = "Of a term that is a number it belongs to a difference of one unit."
BY_INDICATION = (
    "Treatments were not assigned by chance: the doctor chose them after seeing the patient, so "
    "that the odds ratio of a treatment mixes its effect with the reasons for which it was given "
    "(confounding by indication). No test, refit or E-value here can part the two."
)
UNADJUSTED = (
    "No treatment is a term of the final model, so that its odds ratios are not adjusted for the "
    "treatment that the patients were given."
)
ADJUSTED = (
    "A treatment is a term of the final model: its odds ratio is no estimate of what the treatment "
    "does, and a part of what the other terms do may go through it."
)
NOT_NAMED = (
    "The study file does not say which variables are treatments (treatments in [model]), so that "
    "nothing is said of confounding by indication here; it has to be considered."
)


def describe_confounding(model: FinalModel, results: Mapping[str, Any]) -> dict[str, Any]:
    """Collect the fitted models' families and compute E-values; nothing is fitted again.

    Parameters
    ----------
    model
        Terms of the final model, treatments and the threshold of the screening.
    results
        The finished parts of results.json: `models` and `screening`.

    Returns
    -------
    dict
        `confounding` of the section (docs/results.md).
    """
    plan, terms = model.plan, model.terms
    numbers = [term for term in terms if not model.yes_no(term)]
    models = [m for m in results["models"] if m["id"] == "final" and not m["error"]]
    candidates = (results["screening"] or {"rows": []})["rows"]
    treatments = [
        {
            "term": row["term"],
            "label": row["label"],
            "p": row["p"],
            "passes": row["passes"],
            "in_final": row["term"] in terms,
        }
        for row in candidates
        if split_term(row["term"])[0] in plan.treatments
    ]
    in_final = [term for term in terms if split_term(term)[0] in plan.treatments]
    return {
        "left_out": "" if models else "The final model could not be fitted.",
        "threshold": COMMON,
        "families": [row for fitted in models for row in _families(fitted)],
        "reference": REFERENCE if models else "",
        "sentences": [*SENTENCES, *([OF_A_NUMBER] if numbers else [])] if models else [],
        "treatments_named": bool(plan.treatments),
        "treatments": treatments,
        "entry_p": plan.entry_p,
        "treatments_in_final": in_final,
        "by_indication": [BY_INDICATION, ADJUSTED if in_final else UNADJUSTED]
        if plan.treatments
        else [NOT_NAMED],
    }


def _families(model: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each term in each family of one model, with its E-value."""
    share = model["events"] / model["n"]
    for term in model["terms"]:
        if term["name"] == INTERCEPT:
            continue
        for family, interval in term["ci"].items():
            found, why = _e_value(term["odds_ratio"], interval, share)
            yield {
                "term": term["name"],
                "label": term["label"],
                "method": model["method"],
                "family": family,
                "odds_ratio": term["odds_ratio"],
                "interval": interval,
                "p": term["p"].get(P_OF_INTERVAL[family]),
                "share": share,
                "e_value": None if found is None else found.estimate,
                "e_value_of_limit": None if found is None else found.limit,
                "e_value_method": "" if found is None else found.method,
                "warnings": [why] if why else [],
            }
        for name in WITHOUT_INTERVAL:
            if name in term["p"]:
                yield {
                    "term": term["name"],
                    "label": term["label"],
                    "method": model["method"],
                    "family": name,
                    "odds_ratio": term["odds_ratio"],
                    "interval": None,
                    "p": term["p"][name],
                    "share": share,
                    "e_value": None,
                    "e_value_of_limit": None,
                    "e_value_method": "",
                    "warnings": [],
                }


def _e_value(
    ratio: float | str, interval: Mapping[str, Any] | None, share: float
) -> tuple[EValue | None, str]:
    """Return the E-value, or why there is none; numbers may be "inf"."""
    limits = (None, None) if interval is None else (interval["low"], interval["high"])
    low, high = (None if limit is None else float(limit) for limit in limits)
    try:
        return e_value(float(ratio), low, high, share=share), ""
    except StatisticsError as error:
        return None, f"no E-value: {error}"
