"""The section on patients and controls: what it is in every document."""

from __future__ import annotations

from myocohort.report.controls.figures import control_figures
from myocohort.report.controls.tables import control_sheets, control_tables
from myocohort.report.controls.view import controls_view
from myocohort.report.controls.words import control_paragraphs, control_warnings
from myocohort.report.section import Section

CONTROLS_SECTION = Section(
    "controls",
    "Patients and controls",
    "Controls",
    controls_view,
    control_figures,
    control_sheets,
    control_tables,
    control_paragraphs,
    control_warnings,
)
