"""The section on what could overturn the final model, in every document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from myocohort.report.model.models import Results
from myocohort.report.robustness.influence_figure import MOST_DOTS, influence_figure
from myocohort.report.robustness.lost_figure import lost_figure
from myocohort.report.robustness.odds_axis import MOST_TERMS
from myocohort.report.robustness.sheets import robustness_sheets
from myocohort.report.robustness.tables import robustness_tables
from myocohort.report.robustness.view import robustness_view
from myocohort.report.robustness.words import robustness_paragraphs, robustness_warnings
from myocohort.report.section import ReportFigure, Section


def robustness_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield the pictures of leave-one-out and of the lost, where there is anything to draw."""
    section = results.get("robustness") or {}
    left_out = influence_figure(results)
    if left_out is not None:
        yield ReportFigure(
            "influence",
            left_out,
            _influence_legend(section["influence"]),
            "Odds ratios of the final model without each patient in turn; the table of "
            "leave-one-out has their numbers",
        )
    lost = lost_figure(results)
    if lost is not None:
        part = section["lost"]
        yield ReportFigure(
            "lost",
            lost,
            f"Odds ratios (Firth, profile limits) with outcomes assigned to the "
            f"{part['n_assigned']} patients without one who have all terms, n = "
            f"{part['terms'][0]['scenarios'][1]['n']}; those classified: n = "
            f"{part['terms'][0]['scenarios'][0]['n']}.{_first_terms(len(part['terms']))}",
            "Odds ratios of the final model with the outcomes that patients without one may have "
            "had; the table of assignments has their numbers",
        )


def _influence_legend(influence: dict[str, Any]) -> str:
    rows = influence["rows"]
    text = (
        f"Odds ratios (Firth) of the final model without one patient, "
        f"{influence['n_refitted']} of {influence['n']} patients. "
    )
    if sum(row["n"] for row in rows) <= MOST_DOTS:
        text += "A dot is a patient; "
    else:
        text += "A dot is all patients who are equal in the terms and the outcome; "
    text += "who moves a term most is named; the line is the model of all."
    if any(not row["n"] for row in rows):
        text += (
            f" Hollow signs are patients who occur only in others of the {influence['tables']} "
            "solutions of the rebuilt records."
        )
    if len(rows) < influence["refits"]:
        text += f" Drawn are the {len(rows)} of {influence['refits']} that move a term most."
    return text + _first_terms(len(influence["terms"]))


def _first_terms(number: int) -> str:
    if number <= MOST_TERMS:
        return ""
    return f" The first {MOST_TERMS} of {number} terms are drawn."


ROBUSTNESS_SECTION = Section(
    "robustness",
    "What could overturn it",
    "What could overturn it",
    robustness_view,
    robustness_figures,
    robustness_sheets,
    robustness_tables,
    robustness_paragraphs,
    robustness_warnings,
)
