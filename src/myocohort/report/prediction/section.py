"""The section on predicted risks, in every document."""

from __future__ import annotations

from myocohort.report.prediction.sheets import prediction_sheets
from myocohort.report.prediction.tables import prediction_tables
from myocohort.report.prediction.view import prediction_figures, prediction_view
from myocohort.report.prediction.words import prediction_paragraphs, prediction_warnings
from myocohort.report.section import Section

PREDICTION_SECTION = Section(
    "prediction",
    "Predicted risks",
    "Predicted risks",
    prediction_view,
    prediction_figures,
    prediction_sheets,
    prediction_tables,
    prediction_paragraphs,
    prediction_warnings,
)
