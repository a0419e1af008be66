"""The figures of a manuscript in the order of their numbers, with legend and text alternative."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure

from myocohort.report.courses import courses_view
from myocohort.report.forest import forest_figure
from myocohort.report.kaplan_meier import kaplan_meier_figure
from myocohort.report.models import Results
from myocohort.report.mrs_figure import mrs_figure, mrs_groups_figure


@dataclass(frozen=True, slots=True)
class ManuscriptFigure:
    """A drawing, what stands under it, and what is read aloud instead of it."""

    drawing: Figure
    legend: str
    alternative: str


def manuscript_figures(results: Results) -> list[ManuscriptFigure]:
    """Return the figures that the results hold the numbers of; the forest plot is the first."""
    return [
        ManuscriptFigure(drawing, legend, alternative)
        for drawing, legend, alternative in (*_forest(results), *_courses(results))
        if drawing is not None
    ]


def _forest(results: Results) -> Iterator[tuple[Figure | None, str, str]]:
    yield (
        forest_figure(results),
        "Odds ratios of the final model by each method. An arrow marks a limit that is infinite "
        "or lies beyond the axis.",
        "Forest plot of the odds ratios of the final model by each method; Table 2 has its numbers",
    )


def _courses(results: Results) -> Iterator[tuple[Figure | None, str, str]]:
    section = results.get("courses") or {}
    for one, view in zip(
        section.get("times") or (), courses_view(results, pictures=False).times, strict=True
    ):
        yield (
            kaplan_meier_figure(one, results),
            view.legend,
            f"Kaplan-Meier curves: {view.title}; the supplementary tables have their numbers",
        )
    mrs = section.get("mrs")
    if mrs:
        yield (
            mrs_figure(mrs, results),
            "mRS of all patients at each month, and who moves between categories; numbers are "
            "patients.",
            "Stacked bars of the mRS at each month, and who moves between categories",
        )
        yield (
            mrs_groups_figure(mrs, results),
            "mRS by group, of those with a value; numbers are patients.",
            "Stacked bars of the mRS at each month by group",
        )
