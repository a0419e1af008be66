"""The figures of muscle biopsies, with their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.report.model.models import Results
from myocohort.report.pathology.correlation_figure import correlation_figure
from myocohort.report.pathology.expression_figure import expression_figure
from myocohort.report.pathology.findings_figure import findings_figure
from myocohort.report.pathology.view import drawn_pairs, figure_name, interval_words
from myocohort.report.rounding import n_equals
from myocohort.report.section import ReportFigure


def pathology_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield the findings, the expression, and the pairs of markers."""
    section = results.get("pathology")
    if not section or section["left_out"]:
        return
    findings = findings_figure(section, results)
    if findings is not None:
        method = interval_words([next(
            finding["groups"]["all"]["interval"] for finding in section["findings"]
            if finding["groups"]["all"]["interval"])])  # fmt: skip
        yield ReportFigure(
            "findings",
            findings,
            "Findings of the muscle biopsies in all patients: share of those in whom the "
            f"finding was read, with {method}; at the right patients with it of those read.",
            "Bars of the share of patients with each finding of the biopsy; the table has the "
            "numbers",
        )
    expression = expression_figure(section, results)
    if expression is not None:
        yield ReportFigure(
            "expression",
            expression,
            _expression_legend(section),
            "Expression of each marker by group, a point a patient; the table has the numbers",
        )
    for pair in drawn_pairs(section):
        figure = correlation_figure(pair, section, results)
        if figure is not None:
            names = f"{pair['x_label']} against {pair['y_label']}"
            yield ReportFigure(
                figure_name(pair),
                figure,
                f"Expression of {names}, a point a patient ({n_equals(pair['n'])}); both axes "
                f"begin at 0. p is of: {pair['method']}."
                + (f" Limits: {pair['interval']['method']}." if pair["interval"] else ""),
                f"Expression of {names} in each patient; the table has the numbers",
            )


def _expression_legend(section: Mapping[str, Any]) -> str:
    """Return what is drawn: points with mean and SD, or boxes of many patients."""
    listed = any(marker["patients"] for marker in section["expression"])
    boxed = any(marker["patients_left_out"] for marker in section["expression"])
    text = "Expression: positive cells per muscle fibre, mean of the high-power fields."
    if listed:
        text += " Each point is a patient; the thick line is the mean, the thin one mean ± SD."
    if boxed:
        text += (
            " A box has median and quartiles, its line the range, of patients who are not listed; "
            "who is in no group is not drawn."
        )
    tests = {marker["comparison"]["test"] for marker in section["expression"]
             if marker["comparison"] and marker["comparison"]["p"] is not None}  # fmt: skip
    if tests:
        text += f" p is of: {'; '.join(sorted(tests))}."
    return f"{text} Each panel has an axis of its own."
