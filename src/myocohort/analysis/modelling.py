"""Screening of candidates and the regression models of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.analysis.comparison import compare_variable
from myocohort.errors import StatisticsError
from myocohort.outcomes import OUTCOMES
from myocohort.stats.models import MODELS
from myocohort.study.studyfile import ModelPlan, TablePlan, split_term
from myocohort.study.variable import Variable


@dataclass(frozen=True, slots=True)
class Modelled:
    """What the modelling part of a study gives, in the shape of results.json."""

    screening: dict[str, Any] | None
    models: list[dict[str, Any]]


def model_outcome(
    frame: pd.DataFrame,
    plan: ModelPlan,
    tests: TablePlan,
    variables: Mapping[str, Variable],
) -> Modelled:
    """Screen the candidates and fit the final model, and all that passed, by each method.

    Parameters
    ----------
    frame
        The analysis table.
    plan
        Event, candidates, threshold, final terms and methods.
    tests
        The table plan whose tests screen the candidates, so that one p stands in both places.
    variables
        Name -> variable.

    Returns
    -------
    Modelled
        A model that cannot be fitted carries `error` in place of its numbers.
    """
    inside, event = model_rows(frame, plan)
    screening = _screen(inside, event, plan, tests, variables) if plan.candidates else None
    passed = [row["term"] for row in screening["rows"] if row["passes"]] if screening else []
    final = list(plan.terms) or passed
    models = _fit_all("final", "Final model", final, inside, event, plan, variables)
    if passed and set(passed) != set(final):
        title = f"All {len(passed)} candidates with p < {plan.entry_p:g}"
        models += _fit_all("screened", title, passed, inside, event, plan, variables)
    return Modelled(screening, models)


def model_rows(frame: pd.DataFrame, plan: ModelPlan) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Return the rows of the groups that the model compares, and which of them are events."""
    by = "outcome" if plan.event in OUTCOMES else "arm"
    inside = frame.loc[frame[by].isin([plan.event, *plan.against])]
    return inside, (inside[by] == plan.event).to_numpy()


def term_values(frame: pd.DataFrame, term: str, variables: Mapping[str, Variable]) -> pd.Series:
    """Return a term as numbers: yes/no and ``variable=category`` as 1 and 0, NaN if missing."""
    name, level = split_term(term)
    values = frame[name]
    if level is not None:
        coded = (values == level).astype(float)
    elif variables[name].type == "yes_no":
        coded = (values == "yes").astype(float)
    else:
        return values.astype(float)
    return coded.where(values.notna())


def term_label(term: str, variables: Mapping[str, Variable]) -> str:
    """Return what a table calls a term: the variable's label, with the category if one."""
    name, level = split_term(term)
    variable = variables[name]
    return variable.title if level is None else f"{variable.title}: {variable.categories[level]}"


def _as_candidate(
    frame: pd.DataFrame, term: str, variables: Mapping[str, Variable]
) -> tuple[pd.Series, Variable]:
    """Return what is tested for a candidate: of ``variable=category`` whether it is that one."""
    name, level = split_term(term)
    if level is None:
        return frame[name], variables[name]
    indicator = term_values(frame, term, variables).map({1.0: "yes", 0.0: "no"})
    return indicator, Variable(name=name, label=term_label(term, variables), type="yes_no")


def _screen(
    frame: pd.DataFrame,
    event: NDArray[np.bool_],
    plan: ModelPlan,
    tests: TablePlan,
    variables: Mapping[str, Variable],
) -> dict[str, Any]:
    """Test each candidate alone, by the tests of the table; ``p < entry_p`` passes."""
    pair = tests.model_copy(update={"groups": ("not " + plan.event, plan.event)})
    codes = event.astype(np.intp)
    rows = []
    for term in plan.candidates:
        values, variable = _as_candidate(frame, term, variables)
        compared = compare_variable(values, codes, pair, variable, with_effects=False)
        p = compared["p"]
        rows.append(
            {
                "term": term,
                "label": term_label(term, variables),
                "p": p,
                "test": compared["test"],
                "n": compared["n"],
                "n_missing": compared["n_missing"],
                "passes": p is not None and p < plan.entry_p,
                "in_final": term in plan.terms if plan.terms else p is not None
                and p < plan.entry_p,
                "warnings": compared["warnings"],
            }
        )  # fmt: skip
    passed = [row["term"] for row in rows if row["passes"]]
    note = f"{len(passed)} of {len(rows)} candidates pass p < {plan.entry_p:g}."
    if plan.terms and passed and set(plan.terms) != set(passed):
        note += (
            f" The study file pins {len(plan.terms)} of them as the final model"
            if set(plan.terms) <= set(passed)
            else f" The study file pins {len(plan.terms)} terms as the final model"
        ) + "; the model with all that pass is shown beside it."
    return {"threshold": plan.entry_p, "rows": rows, "note": note}


def _fit_all(
    identifier: str,
    title: str,
    terms: Sequence[str],
    frame: pd.DataFrame,
    event: NDArray[np.bool_],
    plan: ModelPlan,
    variables: Mapping[str, Variable],
) -> list[dict[str, Any]]:
    """Fit one set of terms by each method of the plan."""
    labels = {term: term_label(term, variables) for term in terms}
    columns = [term_values(frame, term, variables).to_numpy() for term in terms]
    X = np.column_stack(columns) if columns else np.empty((len(frame), 0))
    fitted = []
    for key in plan.methods:
        head = {"id": identifier, "title": title, "method": key, "event": plan.event}
        try:
            if not terms:
                raise StatisticsError("no term is in the model")
            result = MODELS[key].fit(X, event.astype(float), list(terms))
        except StatisticsError as error:
            known = ~np.isnan(X).any(axis=1)
            fitted.append(
                {
                    **head,
                    "procedure": MODELS[key].label,
                    "n": int(known.sum()),
                    "n_missing": int((~known).sum()),
                    "events": int(event[known].sum()),
                    "terms": [],
                    "warnings": [],
                    "error": str(error),
                }
            )
            continue
        as_dict = result.as_dict()
        as_dict["procedure"] = as_dict.pop("method")
        for term in as_dict["terms"]:
            term["label"] = labels.get(term["name"], term["name"])
            term["printed"] = None
        fitted.append({**head, **as_dict, "error": None})
    return fitted
