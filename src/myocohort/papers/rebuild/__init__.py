"""Patients behind a published paper, made from the numbers that it prints."""

from myocohort.papers.rebuild.alternatives import alternatives
from myocohort.papers.rebuild.cohort import Rebuilt, rebuild_cohort
from myocohort.papers.rebuild.joint import JointSolutions, Margins, solve_joint
from myocohort.papers.rebuild.origins import ColumnOrigin
from myocohort.papers.rebuild.rebuilt import RebuiltPaper, rebuild_paper

__all__ = [
    "ColumnOrigin",
    "JointSolutions",
    "Margins",
    "Rebuilt",
    "RebuiltPaper",
    "alternatives",
    "rebuild_cohort",
    "rebuild_paper",
    "solve_joint",
]
