"""The sections of the report beside its tables and models, in their order."""

from __future__ import annotations

from myocohort.report.checklists.section import checklists_section
from myocohort.report.controls.section import CONTROLS_SECTION
from myocohort.report.imaging.section import IMAGING_SECTION, MUSCLES_SECTION
from myocohort.report.over_time.section import COURSES_SECTION, PATIENTS_SECTION
from myocohort.report.panels.section import PANELS_SECTION
from myocohort.report.pathology.section import PATHOLOGY_SECTION
from myocohort.report.prediction.section import PREDICTION_SECTION
from myocohort.report.robustness.section import ROBUSTNESS_SECTION
from myocohort.report.scores import SCORES_SECTION
from myocohort.report.section import Section

OF_THE_MODEL: tuple[Section, ...] = (PREDICTION_SECTION, ROBUSTNESS_SECTION)
"""What belongs to the final model and stands behind it, before the further tables."""
_OF_RESULTS: tuple[Section, ...] = (
    *OF_THE_MODEL,
    COURSES_SECTION,
    PATIENTS_SECTION,
    IMAGING_SECTION,
    MUSCLES_SECTION,
    CONTROLS_SECTION,
    PATHOLOGY_SECTION,
    SCORES_SECTION,
    PANELS_SECTION,
)
CHECKLISTS_SECTION = checklists_section(_OF_RESULTS)
SECTIONS: tuple[Section, ...] = (*_OF_RESULTS, CHECKLISTS_SECTION)
