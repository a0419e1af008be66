"""The final model with the outcomes that patients without one may have had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from myocohort.report.drawing import EXACT, FIRTH, GREY, INK, ML, figure_style, shrink_to
from myocohort.report.figure_parts import as_float, label_lines, ratio_line, tag_origin, text_at
from myocohort.report.model.models import Results
from myocohort.report.robustness.odds_axis import (
    BOTTOM,
    EDGE,
    MOST_TERMS,
    ORIGIN,
    WIDTH,
    axis_ends,
    odds_axis,
)
from myocohort.report.robustness.view import scenario_words
from myocohort.report.rounding import interval_text, p_equation, ratio_text
from myocohort.report.wording import clean, origin_of

_ENTRY, _HEADING, _GAP = 0.22, 0.24, 0.14
_LOST_PLOT = (2.95, 5.15)
_HEADING_WIDTH = 40  # characters
_SCENARIOS = {
    "classified": (INK, "s"),
    "favour": (EXACT, "^"),
    "against": (FIRTH, "v"),
    "all_events": (ML, "o"),
    "no_events": (GREY, "D"),
}


def lost_figure(results: Results) -> Figure | None:
    """Draw each term's odds ratio with the outcomes that the lost may have had.

    Parameters
    ----------
    results
        The content of results.json.

    Returns
    -------
    Figure or None
        None where nobody was assigned an outcome.
    """
    section = results.get("robustness") or {}
    lost = section.get("lost") or {"left_out": "not there"}
    if lost["left_out"]:
        return None
    with figure_style():
        return _draw_lost(section, lost["terms"][:MOST_TERMS], results)


def _draw_lost(
    section: Mapping[str, Any], terms: Sequence[Mapping[str, Any]], results: Results
) -> Figure:
    every = [s["firth"] for term in terms for s in term["scenarios"]]
    numbers = [as_float(row["odds_ratio"]) for row in every]
    numbers += [
        as_float(row["interval"][end])
        for row in every
        if row["interval"]
        for end in ("low", "high")
    ]
    low, high = axis_ends(numbers)
    heights = [_HEADING + _ENTRY * len(term["scenarios"]) + _GAP for term in terms]
    origin = origin_of(results)
    bottom = BOTTOM + (ORIGIN if origin else 0)
    top = 0.08
    height = top + sum(heights) + bottom
    figure = Figure(figsize=(WIDTH, height))
    plot = sum(heights)
    wide = _LOST_PLOT[1] - _LOST_PLOT[0]
    axes = figure.add_axes((_LOST_PLOT[0] / WIDTH, bottom / height, wide / WIDTH, plot / height))
    axes.set_ylim(plot, 0)
    odds_axis(axes, low, high)
    above = 0.0
    for term, tall in zip(terms, heights, strict=True):
        y = above + _HEADING / 2 + 0.03
        label = label_lines(term["label"], _HEADING_WIDTH, 1)[0]
        heading = text_at(figure, EDGE, height - top - y, label, size=8.5)
        heading.set_fontweight("bold")
        shrink_to(heading, _LOST_PLOT[0] - EDGE - 0.1)
        for place, scenario in enumerate(term["scenarios"]):
            y = above + _HEADING + _ENTRY * (place + 0.5)
            colour, marker = _SCENARIOS[scenario["id"]]
            firth = scenario["firth"]
            ratio_line(
                axes,
                firth["odds_ratio"],
                firth["interval"],
                y,
                (low, high),
                colour=colour,
                marker=marker,
                width=1.4,
                size=5,
                arrow=5,
            )
            words = clean(scenario_words(scenario, term, section["event_label"].lower()))
            entry = text_at(figure, EDGE + 0.1, height - top - y, words, size=7.5)
            shrink_to(entry, _LOST_PLOT[0] - EDGE - 0.2)
            text = (
                f"{ratio_text(firth['odds_ratio'])} ({interval_text(firth['interval'])}), "
                f"{p_equation(firth['p'])}"
            )
            beside = text_at(figure, _LOST_PLOT[1] + 0.1, height - top - y, text, size=7.5)
            shrink_to(beside, WIDTH - _LOST_PLOT[1] - 0.15)
        above += tall
        if term is not terms[-1]:
            line = above - _GAP / 2
            whole = ((EDGE - _LOST_PLOT[0]) / wide, (WIDTH - EDGE - _LOST_PLOT[0]) / wide)
            axes.axhline(line, *whole, color=GREY, linewidth=0.4, alpha=0.5, clip_on=False)
    tag_origin(figure, origin)
    return figure
