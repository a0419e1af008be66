"""MRI over time, and muscle by muscle, in every document."""

from __future__ import annotations

from myocohort.report.imaging.muscles_tables import muscle_sheets, muscle_tables
from myocohort.report.imaging.muscles_view import (
    muscle_figures,
    muscle_paragraphs,
    muscle_warnings,
    muscles_view,
)
from myocohort.report.imaging.rates_figure import imaging_figures
from myocohort.report.imaging.sheets import imaging_sheets
from myocohort.report.imaging.tables import imaging_tables
from myocohort.report.imaging.view import imaging_view
from myocohort.report.imaging.words import imaging_paragraphs, imaging_warnings
from myocohort.report.section import Section

IMAGING_SECTION = Section(
    "imaging",
    "MRI over time",
    "MRI over time",
    imaging_view,
    imaging_figures,
    imaging_sheets,
    imaging_tables,
    imaging_paragraphs,
    imaging_warnings,
)

MUSCLES_SECTION = Section(
    "muscles",
    "Muscle by muscle on MRI",
    "Muscles on MRI",
    muscles_view,
    muscle_figures,
    muscle_sheets,
    muscle_tables,
    muscle_paragraphs,
    muscle_warnings,
)
