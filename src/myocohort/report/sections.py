"""The sections of the report beside its tables and models, in their order."""

from __future__ import annotations

from myocohort.report.course_sheets import course_sheets
from myocohort.report.courses import course_figures, courses_view
from myocohort.report.journal_courses import course_paragraphs, course_tables, course_warnings
from myocohort.report.section import Section

SECTIONS: tuple[Section, ...] = (
    Section(
        "courses",
        "Outcomes over time",
        "Outcomes over time",
        courses_view,
        course_figures,
        course_sheets,
        course_tables,
        course_paragraphs,
        course_warnings,
    ),
)
