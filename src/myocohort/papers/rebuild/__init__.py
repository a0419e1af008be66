"""Patients behind a published paper, made from the numbers that it prints."""

from myocohort.papers.rebuild.alternatives import alternatives
from myocohort.papers.rebuild.cohort import Rebuilt, rebuild_cohort
from myocohort.papers.rebuild.joint import JointSolutions, Margins, solve_joint
from myocohort.papers.rebuild.origins import ColumnOrigin

__all__ = [
    "ColumnOrigin",
    "JointSolutions",
    "Margins",
    "Rebuilt",
    "alternatives",
    "rebuild_cohort",
    "solve_joint",
]
