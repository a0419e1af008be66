"""The section on patients over time: CK, strength, glucocorticoids and time lines."""

from __future__ import annotations

from myocohort.report.over_time.journal_patients_over_time import (
    patients_paragraphs,
    patients_tables,
    patients_warnings,
)
from myocohort.report.over_time.patients_over_time_sheets import patients_sheets
from myocohort.report.over_time.patients_over_time_view import KEY, patients_figures, patients_view
from myocohort.report.section import Section

PATIENTS_SECTION = Section(
    KEY,
    "Patients over time: CK, strength, glucocorticoids",
    "Patients over time",
    patients_view,
    patients_figures,
    patients_sheets,
    patients_tables,
    patients_paragraphs,
    patients_warnings,
)
"""`patients_over_time` of results.json in every document."""
