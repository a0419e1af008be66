"""Clinical scores of the followed patients: the section `scores` of results.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from myocohort.analysis.scores.inputs import READINGS, Row, tops
from myocohort.analysis.section import MOST_LISTED, Asked, Part
from myocohort.errors import InputError
from myocohort.outcomes import OUTCOMES, SCORES, Score
from myocohort.outcomes.score import plain
from myocohort.stats.describe import describe_values
from myocohort.study.score_plan import ScorePlan
from myocohort.study.variable import Variable


def describe_scores(asked: Asked) -> dict[str, Any]:
    """Score the followed patients.

    Returns
    -------
    dict
        `scores` of results.json (docs/results.md).
    """
    plans = asked.plan.study.scores
    if not plans:
        return {"left_out": "the study file asks for no score.", "notes": [], "scores": []}
    if not asked.decisions:
        return {"left_out": "No patient is followed.", "notes": [], "scores": []}
    frame = asked.table.frame.set_index("patient").loc[[d.patient for d in asked.decisions]]
    return {
        "left_out": "",
        "notes": [
            "What is missing is never taken as zero: a score has the lowest and the highest value "
            "that its missing items allow, and a category only where it does not depend on them."
        ],
        "scores": [
            _scored(plan, f"score-{number}", frame, asked)
            for number, plan in enumerate(plans, start=1)
        ],
    }


def _scored(plan: ScorePlan, identity: str, frame: pd.DataFrame, asked: Asked) -> dict[str, Any]:
    rule = SCORES[plan.score]
    parameters = rule.parameters.model_validate(plan.parameters)
    scores: list[Score] = []
    refused: list[dict[str, str]] = []
    for row in _rows(plan, frame, asked.table.variables):
        try:
            scores.append(rule.score(READINGS[plan.score].inputs(row), parameters))
        except InputError as error:
            why = "; ".join(f"{p.rule}, not {p.value}" for p in error.problems)
            refused.append({"patient": row.patient, "why": why})
    outcomes = {decision.patient: decision.outcome for decision in asked.decisions}
    found = [o for o in OUTCOMES if o in set(outcomes.values())]
    groups = [("", "All patients", scores)] + [
        (o, asked.labels[o], [s for s in scores if outcomes[s.patient] == o]) for o in found
    ]
    return {
        "id": identity,
        "score": plan.score,
        "title": plan.title or rule.label,
        "version": rule.version,
        "categories": list(rule.categories),
        "parameters": parameters.model_dump(mode="json"),
        "items": dict(plan.items),
        "definition": rule.definition(parameters),
        "reference": rule.reference,
        "groups": [_summary(code, label, of, rule.categories) for code, label, of in groups],
        "notes": list(dict.fromkeys(note for score in scores for note in score.notes)),
        "refused": refused,
        "patients": [_listed(score) for score in scores] if len(scores) <= MOST_LISTED else [],
        "not_listed": "" if len(scores) <= MOST_LISTED else
        f"The scores of {len(scores)} patients are too many to be listed one by one.",
    }  # fmt: skip


def _rows(plan: ScorePlan, frame: pd.DataFrame, variables: Mapping[str, Variable]) -> Sequence[Row]:
    """Return each patient's values under the names of the score's items."""
    out_of = tops(plan.items, variables)
    columns = {
        item: frame[name].astype(object).where(frame[name].notna(), None).tolist()
        for item, name in plan.items.items()
    }
    juvenile: list[Any] = [plan.population or None] * len(frame)
    if plan.population in variables:
        answers = {"yes": "juvenile", "no": "adult"}
        juvenile = [answers.get(answer) for answer in frame[plan.population]]
    return [
        Row(str(patient), {item: values[at] for item, values in columns.items()}, out_of, of)
        for at, (patient, of) in enumerate(zip(frame.index, juvenile, strict=True))
    ]


def _summary(
    code: str, label: str, scores: Sequence[Score], categories: Sequence[str]
) -> dict[str, Any]:
    """Count decided categories, and describe the scores that nothing is missing of."""
    decided = Counter(score.category for score in scores if score.category)
    n = sum(decided.values())
    values = [float(score.value) for score in scores if score.value is not None]
    summary = describe_values(values) if values else None
    return {
        "code": code,
        "label": label,
        "n": len(scores),
        "decided": n,
        "undecided": len(scores) - n if categories else 0,
        "categories": [
            {"category": c, "n": decided[c], "percent": 100 * decided[c] / n if n else None}
            for c in categories
        ],
        "complete": len(values),
        "incomplete": len(scores) - len(values),
        "median": None if summary is None else summary.median,
        "q1": None if summary is None else summary.lower_quartile,
        "q3": None if summary is None else summary.upper_quartile,
        "min": None if summary is None else summary.minimum,
        "max": None if summary is None else summary.maximum,
        "missing": [
            {"item": item, "n": count}
            for item, count in Counter(
                each.label for score in scores for each in score.items if each.missing
            ).most_common()
        ],
    }


def _listed(score: Score) -> dict[str, Any]:
    """Return one patient's score; its points in words keep thirds readable."""
    return {
        "patient": score.patient,
        "low": None if score.low is None else float(score.low),
        "high": None if score.high is None else float(score.high),
        "out_of": None if score.out_of is None else plain(score.out_of),
        "categories": list(score.categories),
        "statement": score.statement,
        "missing": list(score.missing),
    }


def methods_of_scores(results: Mapping[str, Any]) -> str:
    """Describe the scores, as they were calculated; empty where there are none."""
    scores = (results.get("scores") or {}).get("scores") or ()
    return " ".join(sentence for score in scores for sentence in score["definition"])


def references_of_scores(results: Mapping[str, Any]) -> list[str]:
    """List the sources of the scores."""
    return [score["reference"] for score in (results.get("scores") or {}).get("scores") or ()]


SCORES_PART = Part(describe_scores, methods_of_scores, references_of_scores)
