"""Clinical outcome rules and scores: one file for each, and the dicts that name them."""

from myocohort.outcomes.course import Course, Decision, Visit
from myocohort.outcomes.iim_classification import IIM_CLASSIFICATION
from myocohort.outcomes.imnm_entry import IMNM_ENTRY
from myocohort.outcomes.mmt8 import MMT8
from myocohort.outcomes.mrs_change import MRS_CHANGE
from myocohort.outcomes.refractory import REFRACTORY
from myocohort.outcomes.rim_entry import RIM_ENTRY
from myocohort.outcomes.rule import OUTCOMES, Rule
from myocohort.outcomes.score import Item, Score, ScoreRule
from myocohort.outcomes.total_improvement import TOTAL_IMPROVEMENT

RULES: dict[str, Rule] = {"refractory": REFRACTORY}
"""Name in the study file -> rule."""

SCORES: dict[str, ScoreRule] = {
    "total_improvement": TOTAL_IMPROVEMENT,
    "iim_classification": IIM_CLASSIFICATION,
    "mmt8": MMT8,
    "rim_entry": RIM_ENTRY,
    "imnm_entry": IMNM_ENTRY,
    "mrs_change": MRS_CHANGE,
}
"""Name -> score. A rule decides a course of visits; a score looks at one visit, or at two."""

__all__ = [
    "OUTCOMES",
    "RULES",
    "SCORES",
    "Course",
    "Decision",
    "Item",
    "Rule",
    "Score",
    "ScoreRule",
    "Visit",
]
