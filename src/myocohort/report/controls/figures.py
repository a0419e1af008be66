"""The figures on patients and controls, with their words."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.report.controls.blots_figure import blots_figure, drawn_targets
from myocohort.report.controls.controls_figure import controls_figure
from myocohort.report.controls.view import arm_figure
from myocohort.report.model.models import Results
from myocohort.report.rounding import n_equals
from myocohort.report.section import ReportFigure


def control_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield the muscles against each arm of controls, and the blots."""
    section = results.get("controls") or {}
    if not section or section["left_out"]:
        return
    for place, arm in enumerate(section["imaging"]["arms"], start=1):
        drawing = controls_figure(arm, results)
        if drawing is None:
            continue
        scanned = arm["scanned"]
        yield ReportFigure(
            arm_figure(place),
            drawing,
            f"Mean grade of each muscle before treatment, both sides averaged: followed patients "
            f"(filled, {n_equals(scanned['patients'])} scanned) and {arm['label']} (open, "
            f"{n_equals(scanned['controls'])} scanned). Beside it the Hodges-Lehmann shift of the "
            "patients against the controls with its limits, and p adjusted by Holm for all "
            f"{arm['family']['tests']} comparisons.",
            f"Muscles of the followed patients against {arm['label']}; the table has the numbers",
        )
    blots = section["blots"]
    drawing = blots_figure(blots, results)
    if drawing is not None:
        drawn = len(drawn_targets(blots))
        asked = sum(row["in_family"] for one in blots["targets"] for row in one["comparisons"])
        more = " The other comparisons are in the table." if drawn < asked else ""
        yield ReportFigure(
            "blots",
            drawing,
            f"Western blots, {blots['unit']}: every patient and control as a point, several lanes "
            f"of one averaged; a bar is the mean.{more}",
            "Densities of blots of patients and controls; the tables have the numbers",
        )
