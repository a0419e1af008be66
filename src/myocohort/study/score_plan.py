"""A clinical score in the study file: which variables its items are read from."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ScorePlan(BaseModel):
    """One score of every followed patient.

    Parameters
    ----------
    score
        Name of a score in `myocohort.outcomes.SCORES`.
    title
        Printed above it; the score's own name if empty.
    items
        Item of the score -> variable of the study. An item that is not listed is not known.
    population
        Of scores that differ by age: `adult`, `juvenile`, or the name of a yes/no variable that
        is yes for juveniles; not known if empty.
    parameters
        Of the score, checked by the score itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    score: str
    title: str = ""
    items: dict[str, str] = Field(min_length=1)
    population: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
