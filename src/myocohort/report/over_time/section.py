"""Outcomes over time, and patients over time, in every document."""

from __future__ import annotations

from myocohort.report.over_time.courses_sheets import course_sheets
from myocohort.report.over_time.courses_tables import course_tables
from myocohort.report.over_time.courses_view import course_figures, courses_view
from myocohort.report.over_time.courses_words import course_paragraphs, course_warnings
from myocohort.report.over_time.patients_sheets import patients_sheets
from myocohort.report.over_time.patients_tables import patients_tables
from myocohort.report.over_time.patients_view import KEY, patients_figures, patients_view
from myocohort.report.over_time.patients_words import patients_paragraphs, patients_warnings
from myocohort.report.section import Section

COURSES_SECTION = Section(
    "courses",
    "Outcomes over time",
    "Outcomes over time",
    courses_view,
    course_figures,
    course_sheets,
    course_tables,
    course_paragraphs,
    course_warnings,
)

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
