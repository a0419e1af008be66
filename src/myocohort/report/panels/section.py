"""Micrographs and MRI slices in every document."""

from __future__ import annotations

from myocohort.report.panels.view import (
    panels_paragraphs,
    panels_sheets,
    panels_tables,
    panels_view,
    panels_warnings,
)
from myocohort.report.section import Section

PANELS_SECTION = Section(
    "panels",
    "Micrographs and MRI slices",
    "Images",
    panels_view,
    lambda _: (),  # draw_figures knows where the pictures lie
    panels_sheets,
    panels_tables,
    panels_paragraphs,
    panels_warnings,
)
