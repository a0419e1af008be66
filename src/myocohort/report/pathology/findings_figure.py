"""Findings of biopsies: the share of patients with each, its limits, and both numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myocohort.report.drawing import INK, ML, figure_style, shrink_to
from myocohort.report.figure_parts import open_frame, shortened, tag_origin
from myocohort.report.model.models import Results
from myocohort.report.rounding import percent_text
from myocohort.report.wording import origin_of

MOST_FINDINGS = 40
_WIDTH = 7.6  # inches, as are all lengths here
_LEFT, _RIGHT = 2.75, 1.35
_ROW, _TOP, _BOTTOM = 0.245, 0.32, 0.5


def findings_figure(section: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw the findings of all patients as bars.

    Parameters
    ----------
    section
        `pathology` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where no finding was read in anyone.
    """
    found = drawn_findings(section)
    if not found:
        return None
    with figure_style():
        return _draw(found, results)


def drawn_findings(section: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the first findings that were read in anyone, in the order of the tables."""
    read = [finding for finding in section["findings"] if finding["groups"]["all"]["of"]]
    return read[:MOST_FINDINGS]


def _draw(found: list[Mapping[str, Any]], results: Results) -> Figure:
    origin = origin_of(results)
    bottom = _BOTTOM + (0.22 if origin else 0)
    plot = _ROW * len(found)
    height = _TOP + plot + bottom
    figure = Figure(figsize=(_WIDTH, height))
    wide = _WIDTH - _LEFT - _RIGHT
    axes = figure.add_axes((_LEFT / _WIDTH, bottom / height, wide / _WIDTH, plot / height))
    axes.set_xlim(0, 100)
    axes.set_ylim(len(found) - 0.5, -0.5)
    for place, finding in enumerate(found):
        _bar(axes, place, finding, wide)
    figure.text((_WIDTH - _RIGHT + 0.12) / _WIDTH, (height - _TOP / 2) / height,
                "Present / read (%)", fontsize=8, color=INK, va="center")  # fmt: skip
    axes.set_yticks([])
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel("Of those in whom it was read, %", fontsize=8.5, color=INK)
    open_frame(axes, "left", "bottom")
    tag_origin(figure, origin)
    return figure


def _bar(axes: Axes, place: int, finding: Mapping[str, Any], wide: float) -> None:
    counts = finding["groups"]["all"]
    percent, interval = counts["percent"], counts["interval"]
    axes.barh(place, percent, height=0.62, color=ML, alpha=0.45, zorder=2)
    if interval:
        ends = [[percent - interval["low"]], [interval["high"] - percent]]
        axes.errorbar(percent, place, xerr=ends, color=INK, linewidth=0.9, capsize=2.2,
                      capthick=0.9, zorder=3, clip_on=False)  # fmt: skip
    unit = 100 / wide  # percent in an inch
    label = axes.text(
        -0.1 * unit, place, shortened(finding["label"], 60), fontsize=8, color=INK, ha="right",
        va="center", parse_math=False,
    )  # fmt: skip
    shrink_to(label, _LEFT - 0.18)
    words = f"{counts['present']}/{counts['of']} ({percent_text(percent)})"
    axes.text(100 + 0.12 * unit, place, words, fontsize=8, color=INK, va="center")
