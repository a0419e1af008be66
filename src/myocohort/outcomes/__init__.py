"""Clinical outcome rules: one file per rule, and the dict that names them."""

from myocohort.outcomes.course import Course, Decision, Visit
from myocohort.outcomes.refractory import REFRACTORY
from myocohort.outcomes.rule import OUTCOMES, Rule

RULES: dict[str, Rule] = {"refractory": REFRACTORY}
"""Name in the study file -> rule."""

__all__ = ["OUTCOMES", "RULES", "Course", "Decision", "Rule", "Visit"]
