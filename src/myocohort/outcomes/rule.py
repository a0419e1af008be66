"""What an outcome rule is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from myocohort.outcomes.course import Course, Decision
from myocohort.outcomes.course_events import Criteria

OUTCOMES = ("refractory", "non_refractory", "discordant", "unclassifiable", "lost", "died")
"""What a rule may decide; only the first two are groups of a comparison."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named, cited outcome rule.

    Parameters
    ----------
    label
        What a report calls it.
    parameters
        The pydantic model of its parameters, with defaults.
    decide
        (course, parameters) -> decision.
    definition
        parameters -> the rule in sentences, for the methods of a report.
    reference
        Its source.
    criteria
        parameters -> what it calls a relapse, a remission and a loss; None where it has none.
    """

    label: str
    parameters: type[BaseModel]
    decide: Callable[[Course, Any], Decision]
    definition: Callable[[Any], list[str]]
    reference: str
    criteria: Callable[[Any], Criteria] | None = None
