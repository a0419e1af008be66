"""How well the model would do in new patients: the bootstrap with the screening inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from myocohort.analysis.modelling import model_rows, term_label, term_values
from myocohort.errors import StatisticsError
from myocohort.stats.result import jsonable
from myocohort.stats.validation import REFERENCE, validate
from myocohort.stats.validation_measures import MEASURES
from myocohort.stats.validation_result import Measure, Validation
from myocohort.study.studyfile import ModelPlan, ModelValidation, TablePlan, split_term
from myocohort.study.variable import Variable

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\w)")
SCREENING_TESTS = ("pearson_chi_square", "mann_whitney")
"""What the resamples are screened with, of yes/no and of numeric candidates."""


@dataclass(frozen=True, slots=True)
class DataSets:
    """What a model is validated on.

    Parameters
    ----------
    kind
        "records": the study's own. "joint tables": one table for each way in which the terms
        of a printed model can occur together.
    frames
        The analysis table, or one for each joint table.
    note
        What the tables are.
    """

    kind: Literal["records", "joint tables"]
    frames: tuple[pd.DataFrame, ...]
    note: str = ""


def validate_model(
    data: DataSets,
    plan: ModelPlan,
    tests: TablePlan,
    variables: Mapping[str, Variable],
) -> dict[str, Any] | None:
    """Validate the screening of the candidates, and the pinned terms as if fixed beforehand.

    Parameters
    ----------
    data
        The tables; each is validated by itself.
    plan
        Candidates, threshold, pinned terms, and how many resamples of which seed.
    tests
        The table plan whose tests screen the candidates outside the resamples.
    variables
        Name -> variable.

    Returns
    -------
    dict or None
        None where the study file asks for no validation. Every figure is a range, from the
        smallest to the largest over the tables, and says how many of them have it. A model
        that cannot be validated carries `error` in place of its numbers.
    """
    asked = plan.validation
    if asked is None:
        return None
    models = []
    if plan.candidates:
        title = f"Screening of {len(plan.candidates)} candidates at p < {plan.entry_p:g}"
        models.append(_validated("screening", title, data, plan, asked, variables))
    if plan.terms:
        title = f"The {len(plan.terms)} pinned terms, as if fixed beforehand"
        models.append(_validated("final", title, data, plan, asked, variables))
    used = [_test_of(term, tests, variables) for term in plan.candidates]
    other = sorted({test for test in used if test not in SCREENING_TESTS})
    warnings = []
    if other:
        warnings.append(
            f"inside the resamples candidates are screened with {' and '.join(SCREENING_TESTS)}; "
            f"the study's own screening uses {', '.join(other)} too"
        )
    left_out = {m["title"]: m["n_missing"]["high"] for m in models if not m["error"]}
    warnings += [
        f"{title}: patients left out here because a candidate is missing: {count:g}; they count "
        "in the tests of the other candidates above"
        for title, count in left_out.items()
        if count
    ]
    plain: dict[str, Any] = jsonable(
        {
            "method": validation_method(plan),
            "resamples": asked.resamples,
            "seed": asked.seed,
            "data": {"kind": data.kind, "tables": len(data.frames), "note": data.note},
            "models": models,
            "warnings": warnings,
            "reference": REFERENCE,
        }
    )
    return plain


def validation_method(plan: ModelPlan) -> Literal["ml", "firth"]:
    """Return by which method resamples are fitted: Firth's, unless the study has only ML.

    Exact conditional inference predicts nothing, so it is never this one.
    """
    return "ml" if "ml" in plan.methods and "firth" not in plan.methods else "firth"


def _validated(
    identity: Literal["screening", "final"],
    title: str,
    data: DataSets,
    plan: ModelPlan,
    asked: ModelValidation,
    variables: Mapping[str, Variable],
) -> dict[str, Any]:
    """Validate one model on every table and join the answers."""
    head = {"id": identity, "title": title}
    terms = plan.candidates if identity == "screening" else plan.terms
    screen = plan.entry_p if identity == "screening" else None
    found = []
    for number, frame in enumerate(data.frames, start=1):
        try:
            found.append(_validation(frame, terms, screen, plan, asked, variables))
        except StatisticsError as error:
            where = f"joint table {number}: " if data.kind == "joint tables" else ""
            return {**head, "error": f"{where}{error}"}
    labels = {term: term_label(term, variables) for term in terms}
    return {
        **head,
        "procedure": found[0].method,
        "n": _range(v.n for v in found),
        "n_missing": _range(v.n_missing for v in found),
        "events": _range(v.events for v in found),
        "terms": [
            {"term": term, "label": labels[term], "tables": sum(term in v.terms for v in found)}
            for term in terms
            if any(term in v.terms for v in found)
        ],
        "measures": _measures([v.measures for v in found]),
        "failed": _range(sum(v.failed.values()) for v in found),
        "failed_why": sorted({reason for v in found for reason in v.failed}),
        "inclusion": _inclusion(found, labels, plan),
        "terms_chosen": _range(v.inclusion.mean_terms if v.inclusion else None for v in found),
        "different_models": _range(
            v.inclusion.distinct_models if v.inclusion else None for v in found
        ),
        "warnings": _warnings([v.warnings for v in found]),
        "notes": list(found[0].notes),
        "error": None,
    }


def _validation(
    frame: pd.DataFrame,
    terms: Sequence[str],
    screen: float | None,
    plan: ModelPlan,
    asked: ModelValidation,
    variables: Mapping[str, Variable],
) -> Validation:
    absent = [name for name, _ in map(split_term, terms) if name not in frame]
    if absent:
        raise StatisticsError(
            f"the rebuilt tables do not hold {', '.join(absent)}, which the printed numbers were "
            f"not dealt out for. Take it out of the candidates, or validation out of the study "
            f"file"
        )
    inside, event = model_rows(frame, plan)
    X = np.column_stack([term_values(inside, term, variables).to_numpy() for term in terms])
    return validate(
        X,
        event.astype(float),
        list(terms),
        kinds=[_kind(term, variables) for term in terms],
        screen=screen,
        method=validation_method(plan),
        resamples=asked.resamples,
        seed=asked.seed,
    )


def _kind(term: str, variables: Mapping[str, Variable]) -> Literal["binary", "number"]:
    name, level = split_term(term)
    return "binary" if level is not None or variables[name].type == "yes_no" else "number"


def _test_of(term: str, tests: TablePlan, variables: Mapping[str, Variable]) -> str:
    """Return the test of the table by which a candidate is screened."""
    binary = _kind(term, variables) == "binary"
    usual = tests.categorical_test if binary else tests.continuous_test
    return tests.tests.get(split_term(term)[0], usual)


def _range(values: Iterable[float | int | None]) -> dict[str, float | int] | None:
    """Return the smallest and largest of the values that exist, and how many do."""
    known = [value for value in values if value is not None]
    return {"low": min(known), "high": max(known), "tables": len(known)} if known else None


def _measures(found: Sequence[Sequence[Measure]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "apparent": _range(measures[place].apparent for measures in found),
            "optimism": _range(measures[place].optimism for measures in found),
            "corrected": _range(measures[place].corrected for measures in found),
            "monte_carlo_se": _range(measures[place].monte_carlo_se for measures in found),
            "resamples": _range(measures[place].resamples for measures in found),
        }
        for place, name in enumerate(MEASURES)
    ]


def _inclusion(
    found: Sequence[Validation], labels: Mapping[str, str], plan: ModelPlan
) -> list[dict[str, Any]]:
    """Return how often each candidate is chosen, most often first; empty without a rule."""
    rows = [
        {
            "term": term,
            "label": label,
            "in_final": term in plan.terms,
            "tables_chosen": sum(term in v.terms for v in found),
            "share": _range(v.inclusion.terms[term] for v in found if v.inclusion is not None),
        }
        for term, label in labels.items()
        if all(v.inclusion is not None for v in found)
    ]

    def middle(row: Mapping[str, Any]) -> float:
        return -float(row["share"]["low"] + row["share"]["high"])

    return sorted(rows, key=middle)


def _warnings(found: Sequence[Sequence[str]]) -> list[str]:
    """Return each warning once: numbers that differ between tables become ranges.

    A warning that was not given for all tables says for how many.
    """
    alike: dict[str, list[str]] = {}
    for warnings in found:
        for warning in warnings:
            alike.setdefault(_NUMBER.sub("#", warning), []).append(warning)
    return [
        ("" if len(same) == len(found) else f"{len(same)} of {len(found)} joint tables: ")
        + _ranged(same)
        for same in alike.values()
    ]


def _ranged(warnings: Sequence[str]) -> str:
    """Join warnings that differ in nothing but their numbers."""
    numbers = zip(*(_NUMBER.findall(warning) for warning in warnings), strict=True)
    ranges = iter(
        min(values, key=float)
        if len(set(values)) == 1
        else f"{min(values, key=float)} to {max(values, key=float)}"
        for values in numbers
    )
    return _NUMBER.sub(lambda _: next(ranges), warnings[0])
