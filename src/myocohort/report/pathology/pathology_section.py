"""Muscle biopsies as a section of the report, in every document."""

from __future__ import annotations

from myocohort.report.pathology.journal_pathology import pathology_tables
from myocohort.report.pathology.pathology import (
    pathology_figures,
    pathology_paragraphs,
    pathology_view,
    pathology_warnings,
)
from myocohort.report.pathology.pathology_sheets import pathology_sheets
from myocohort.report.section import Section

PATHOLOGY_SECTION = Section(
    "pathology",
    "Muscle biopsies",
    "Biopsies",
    pathology_view,
    pathology_figures,
    pathology_sheets,
    pathology_tables,
    pathology_paragraphs,
    pathology_warnings,
)
