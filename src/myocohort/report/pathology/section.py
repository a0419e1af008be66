"""Muscle biopsies as a section of the report, in every document."""

from __future__ import annotations

from myocohort.report.pathology.figures import pathology_figures
from myocohort.report.pathology.sheets import pathology_sheets
from myocohort.report.pathology.tables import pathology_tables
from myocohort.report.pathology.view import pathology_view, pathology_warnings
from myocohort.report.pathology.words import pathology_paragraphs
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
