"""The final model of a study as arrays, for what is computed from it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.analysis.modelling import model_rows, term_label, term_values
from myocohort.outcomes import OUTCOMES
from myocohort.study.studyfile import ModelPlan, Study, split_term
from myocohort.study.variable import Variable

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FinalModel:
    """Terms and patients of the final model.

    Parameters
    ----------
    plan
        Event, groups and treatments.
    terms, labels
        In the order of the model; label of each.
    variables
        Name -> variable.
    X, event
        Of the patients in the model: terms, shape (patients, terms), NaN where missing; 1 for
        an event and 0 for none.
    patients
        Their codes.
    """

    plan: ModelPlan
    terms: tuple[str, ...]
    labels: Mapping[str, str]
    variables: Mapping[str, Variable]
    X: FloatArray
    event: FloatArray
    patients: tuple[str, ...]

    def yes_no(self, term: str) -> bool:
        """Whether a term is 0 or 1."""
        name, level = split_term(term)
        return level is not None or self.variables[name].type == "yes_no"

    def matrix(self, frame: pd.DataFrame) -> FloatArray:
        """Return the terms of any rows of an analysis table."""
        return np.column_stack(
            [term_values(frame, term, self.variables).to_numpy() for term in self.terms]
        )


def final_terms(plan: ModelPlan, screening: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the pinned terms, or those that passed the screening."""
    if plan.terms:
        return plan.terms
    rows: Sequence[Mapping[str, Any]] = screening["rows"] if screening else ()
    return tuple(row["term"] for row in rows if row["passes"])


def final_model(
    study: Study,
    frame: pd.DataFrame,
    variables: Mapping[str, Variable],
    screening: Mapping[str, Any] | None,
) -> FinalModel | str:
    """Return the final model, or why there is none.

    Parameters
    ----------
    study
        Its plan of the model.
    frame
        The analysis table.
    variables
        Name -> variable.
    screening
        Of results.json.
    """
    plan = study.model
    if plan is None:
        return "The study file asks for no model."
    terms = final_terms(plan, screening)
    if not terms:
        return "No candidate passed the screening, so that the final model has no term."
    inside, event = model_rows(frame, plan)
    return FinalModel(
        plan=plan,
        terms=terms,
        labels={term: term_label(term, variables) for term in terms},
        variables=variables,
        X=np.column_stack([term_values(inside, term, variables).to_numpy() for term in terms]),
        event=event.astype(np.float64),
        patients=tuple(inside["patient"]) if "patient" in inside else (),
    )


def classified_outcomes(study: Study) -> tuple[str, ...]:
    """Return the outcomes that the model compares; those of the rule where it compares arms."""
    plan = study.model
    if plan is None or plan.event not in OUTCOMES:
        return OUTCOMES[:2]
    return (plan.event, *plan.against)
