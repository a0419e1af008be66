"""The section on predicted risks, in every document."""

from __future__ import annotations

from myocohort.report.prediction.journal_prediction import (
    prediction_paragraphs,
    prediction_tables,
    prediction_warnings,
)
from myocohort.report.prediction.prediction_sheets import prediction_sheets
from myocohort.report.prediction.prediction_view import prediction_figures, prediction_view
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
