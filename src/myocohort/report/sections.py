"""The sections of the report beside its tables and models, in their order."""

from __future__ import annotations

from myocohort.report.checklists.section import CHECKLISTS_SECTION
from myocohort.report.controls.controls_section import CONTROLS_SECTION
from myocohort.report.imaging.imaging import IMAGING_SECTION
from myocohort.report.imaging.muscles import MUSCLES_SECTION
from myocohort.report.over_time.course_sheets import course_sheets
from myocohort.report.over_time.courses import course_figures, courses_view
from myocohort.report.over_time.journal_courses import (
    course_paragraphs,
    course_tables,
    course_warnings,
)
from myocohort.report.over_time.patients_over_time import PATIENTS_SECTION
from myocohort.report.panels.panels import PANELS_SECTION
from myocohort.report.pathology.pathology_section import PATHOLOGY_SECTION
from myocohort.report.prediction.prediction import PREDICTION_SECTION
from myocohort.report.robustness.robustness import ROBUSTNESS_SECTION
from myocohort.report.scores import SCORES_SECTION
from myocohort.report.section import Section

SECTIONS: tuple[Section, ...] = (
    PREDICTION_SECTION,
    ROBUSTNESS_SECTION,
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
    PATIENTS_SECTION,
    IMAGING_SECTION,
    MUSCLES_SECTION,
    CONTROLS_SECTION,
    SCORES_SECTION,
    PATHOLOGY_SECTION,
    PANELS_SECTION,
    CHECKLISTS_SECTION,
)
