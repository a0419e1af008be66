"""The methods paragraphs of a report, written from what was run, and the references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from myocohort.analysis.comparison import rows_of
from myocohort.analysis.plan import Plan
from myocohort.analysis.sections import PARTS

ORIGINS = {
    "real": "",
    "made": "These records are made up; no result here is a finding about patients.",
    "rebuilt": "These records are rebuilt from the numbers that a publication prints; they are "
    "not the patients' records, and no result here is a new finding about patients.",
}


def methods_paragraphs(
    plan: Plan, results: Mapping[str, Any], notes: Sequence[str] = ()
) -> list[str]:
    """Describe outcome, tests and models as they were run.

    Parameters
    ----------
    plan
        The study and its rule.
    results
        The finished parts of results.json: `tables`, `screening`, `models`, `validation` and
        the sections.
    notes
        What was noticed while measuring.

    Returns
    -------
    list of str
        One paragraph each; nothing is named that did not run.
    """
    paragraphs = [ORIGINS[plan.study.origin]] if ORIGINS[plan.study.origin] else []
    paragraphs.append(" ".join(plan.rule.definition(plan.parameters)))
    tests = _tests_in_words(results)
    if tests:
        paragraphs.append(tests)
    model = _models_in_words(plan, results)
    if model:
        paragraphs.append(model)
    validated = _validation_in_words(results)
    if validated:
        paragraphs.append(validated)
    paragraphs.append(" ".join([_measures_in_words(plan), *notes]).strip())
    paragraphs += [part.methods(results) for part in PARTS.values()]
    return [paragraph for paragraph in paragraphs if paragraph]


def _tests_in_words(results: Mapping[str, Any]) -> str:
    used: dict[str, int] = {}
    for row in rows_of(*results["tables"]):
        if row["p"] is not None:
            used[row["test"]] = used.get(row["test"], 0) + 1
    if not used:
        return ""
    listed = "; ".join(
        f"{test} ({count} variable{'s' if count > 1 else ''})" for test, count in used.items()
    )
    return (
        "Counts are given with the number of patients in whom the variable is known; "
        "percentages refer to that number. Groups were compared with: "
        f"{listed}. These tests are two-sided and without correction for multiple testing; "
        "missing values were left out variable by variable."
    )


def _models_in_words(plan: Plan, results: Mapping[str, Any]) -> str:
    fitted = [m for m in results["models"] if m["id"] == "final" and not m["error"]]
    if plan.study.model is None or not fitted:
        return ""
    first = fitted[0]
    methods = "; ".join(dict.fromkeys(m["procedure"] for m in fitted))
    text = ""
    if results["screening"] is not None:
        text = (
            "Candidates were screened one by one with the tests of the table "
            f"(p < {results['screening']['threshold']:g}). "
        )
    exact = ""
    if any(m["method"] == "exact" for m in fitted):
        exact = (
            ", and exact limits with the twice-one-sided exact p, beside which the exact score p "
            "stands without limits"
        )
    intervals = []
    for family in ("wald", "profile", "exact"):
        found = [
            interval["method"]
            for m in fitted
            for term in m["terms"]
            if (interval := term["ci"].get(family))
        ]
        intervals += list(dict.fromkeys(found))
    return text + (
        f"Binary logistic regression for {plan.study.model.event.replace('_', ' ')} was fitted "
        f"to {first['n']} patients with {first['events']} "
        f"event{'s' * (first['events'] != 1)} "
        f"({first['events_per_variable']:.1f} events per variable; {first['n_missing']} patients "
        f"left out for missing values) by: {methods}. Separation was looked for by linear "
        "programming before any model was believed. Wald intervals stand with Wald p values, "
        "profile-likelihood intervals with (penalised) likelihood-ratio p values"
        f"{exact}. Intervals: {'; '.join(dict.fromkeys(intervals))}."
    )


def _validation_in_words(results: Mapping[str, Any]) -> str:
    validation = results["validation"] or {"models": []}
    done = [model for model in validation["models"] if not model["error"]]
    if not done:
        return ""
    text = f"Performance was validated (seed {validation['seed']}) as follows. " + "".join(
        f"{model['title']}: {model['procedure']}. " for model in done
    )
    text += " ".join(f"{note[0].upper()}{note[1:]}." for note in done[0]["notes"])
    if validation["data"]["kind"] == "joint tables":
        text += f" {validation['data']['note']} Every figure is the range over these tables."
    return text


def _measures_in_words(plan: Plan) -> str:
    parts = []
    if plan.study.imaging is not None:
        imaging = plan.study.imaging
        parts.append(
            f"MRI scores are sums of grades over {len(imaging.muscles)} muscles on both sides "
            f"({', '.join(imaging.scales.values())}); change rates are the difference between "
            "the scan nearest to the planned month (within "
            f"{imaging.within:g} months) and the last scan before treatment (or the first up to "
            f"month {imaging.before[1]:g}), divided by the months "
            "between the two scans by their dates. Automatic readings do not count until a "
            "reader accepts them."
        )
    if plan.study.markers:
        labels = ", ".join(marker.label for marker in plan.study.markers.values())
        parts.append(
            f"Expression of {labels} is the mean over high-power fields of positive cells per "
            "muscle fibre; fields without fibres have no ratio and are left out."
        )
    return " ".join(parts)


def references(plan: Plan, results: Mapping[str, Any]) -> list[str]:
    """List the sources of the rule, the tests and the models that were used, each once."""
    found = [plan.rule.reference]
    found += [row["reference"] for row in rows_of(*results["tables"]) if row["p"] is not None]
    found += [model["reference"] for model in results["models"] if not model["error"]]
    if results["validation"] is not None:
        found.append(results["validation"]["reference"])
    for part in PARTS.values():
        found += part.references(results)
    return [text for text in dict.fromkeys(found) if text]
