"""The final model without each patient in turn, drawn: a dot for each patient."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from myocohort.report.drawing import FIRTH, GREY, INK, ML, figure_style, shrink_to
from myocohort.report.figure_parts import label_lines, tag_origin, text_at
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
from myocohort.report.robustness.view import ratios_text
from myocohort.report.rounding import ratio_text
from myocohort.report.wording import clean, origin_of

MOST_DOTS = 400
"""Dots of one term up to which each patient has one; beyond, one stands for each line."""
MOST_NAMES = 3
"""Codes beside the dot of the most influential patients."""

_PLOT = (2.0, 5.3)
_DOT = 0.085
_TALLEST = 1.5  # of a stack of dots
_TERM_GAP = 0.4
_CHARACTER = 0.065  # of a small text
_BESIDE = 0.1  # free to the right of the plot
_LABEL_WIDTH = 27  # characters


@dataclass(frozen=True, slots=True)
class _Placed:
    """A dot, inches from the left, and its level above (-) or below the middle of its row."""

    dot: _Dot
    x: float
    level: int


@dataclass(frozen=True, slots=True)
class _Dot:
    """One patient, or one line of them, at an odds ratio."""

    ratio: float
    event: bool
    real: bool


def influence_figure(results: Results) -> Figure | None:
    """Draw each term's odds ratio without each patient, and with all.

    Parameters
    ----------
    results
        The content of results.json.

    Returns
    -------
    Figure or None
        None where no patient was left out.
    """
    section = results.get("robustness") or {}
    influence = section.get("influence") or {"left_out": "not there"}
    if influence["left_out"] or not influence["rows"]:
        return None
    terms = [term for term in influence["terms"] if "firth" in term["whole"]][:MOST_TERMS]
    with figure_style():
        return _draw_influence(section, terms, results)


def _draw_influence(
    section: Mapping[str, Any], terms: Sequence[Mapping[str, Any]], results: Results
) -> Figure:
    rows = section["influence"]["rows"]
    dots = [_dots(rows, term["name"]) for term in terms]
    ratios = [dot.ratio for of in dots for dot in of]
    ratios += [float(term["whole"]["firth"]["odds_ratio"]) for term in terms]
    low, high = axis_ends(ratios)
    wide = _PLOT[1] - _PLOT[0]
    placed = [_placed(of, low, high, wide) for of in dots]
    levels = [2 * max((abs(one.level) for one in of), default=0) + 1 for of in placed]
    heights = [max(min(level * _DOT, _TALLEST), 0.3) + _TERM_GAP for level in levels]
    origin = origin_of(results)
    bottom = BOTTOM + (ORIGIN if origin else 0)
    top = 0.42
    height = top + sum(heights) + bottom
    figure = Figure(figsize=(WIDTH, height))
    plot = sum(heights)
    axes = figure.add_axes((_PLOT[0] / WIDTH, bottom / height, wide / WIDTH, plot / height))
    axes.set_ylim(plot, 0)
    odds_axis(axes, low, high)
    above = 0.0
    for term, of, level, tall in zip(terms, placed, levels, heights, strict=True):
        middle = above + tall / 2
        whole = term["whole"]["firth"]
        spacing = min(_DOT, _TALLEST / level)
        _swarm(axes, of, middle, spacing, low, high)
        at = float(whole["odds_ratio"])
        axes.plot([at, at], [above + 0.07, above + tall - 0.07], color=INK, linewidth=1.3, zorder=2)
        _most(axes, section, term, middle, spacing, of, low, high, wide)
        label = "\n".join(label_lines(term["label"], _LABEL_WIDTH, 3))
        text = text_at(figure, EDGE, height - top - middle, label, size=8.5, spacing=1.15)
        shrink_to(text, _PLOT[0] - EDGE - 0.1)
        ranges = term["ranges"]["firth"]["odds_ratio"]
        lines = f"all: {ratio_text(whole['odds_ratio'])}"
        if ranges:
            lines += f"\none left out:\n{ratios_text(ranges)}"
        beside = text_at(
            figure, _PLOT[1] + 0.12, height - top - middle, lines, size=8, spacing=1.15
        )
        shrink_to(beside, WIDTH - _PLOT[1] - 0.2)
        above += tall
        if term is not terms[-1]:
            axes.axhline(above, color=GREY, linewidth=0.4, alpha=0.5)
    _legend(figure, _dot_legend(section, dots))
    tag_origin(figure, origin)
    return figure


def _dots(rows: Sequence[Mapping[str, Any]], name: str) -> list[_Dot]:
    """Return a dot a patient; of lines that no patient of the records has, one each."""
    every = sum(row["n"] for row in rows) <= MOST_DOTS
    found = []
    for row in rows:
        numbers = row["terms"][name].get("firth")
        if numbers is not None:
            dot = _Dot(float(numbers["odds_ratio"]), row["event"], row["n"] > 0)
            found += [dot] * (max(row["n"], 1) if every else 1)
    return found


def _placed(dots: Iterable[_Dot], low: float, high: float, wide: float) -> list[_Placed]:
    """Give each dot the place nearest to the middle of its row where it covers no other."""
    ends: dict[int, float] = {}  # of each level, where its last dot stands
    found = []
    for dot in sorted(dots, key=lambda dot: (dot.ratio, not dot.real, dot.event)):
        x = _inches(dot.ratio, low, high, wide)
        level = next(level for level in _levels() if x - ends.get(level, -math.inf) >= _DOT)
        ends[level] = x
        found.append(_Placed(dot, x, level))
    return found


def _levels() -> Iterator[int]:
    """Yield 0, 1, -1, 2, -2, ..."""
    yield 0
    for level in count(1):
        yield level
        yield -level


def _inches(ratio: float, low: float, high: float, wide: float) -> float:
    inside = min(max(ratio, low), high)
    return wide * math.log(inside / low) / math.log(high / low)


def _swarm(
    axes: Axes,
    placed: Sequence[_Placed],
    middle: float,
    spacing: float,
    low: float,
    high: float,
) -> None:
    """Draw each dot at its own odds ratio, around the middle of the row."""
    for event, real in ((True, True), (False, True), (True, False), (False, False)):
        alike = [one for one in placed if (one.dot.event, one.dot.real) == (event, real)]
        colour, marker = _look(event=event, real=real)
        axes.plot(
            [min(max(one.dot.ratio, low), high) for one in alike],
            [middle + one.level * spacing for one in alike],
            marker,
            color=colour,
            markerfacecolor=colour if real else "none",
            markersize=3.8 if marker == "D" else 4.6,
            markeredgewidth=0.9,
            linestyle="none",
            zorder=3,
        )


def _look(*, event: bool, real: bool) -> tuple[str, str]:
    """Return colour and marker: events are diamonds, others circles, hollow where not real."""
    if not real:
        return GREY, "D" if event else "o"
    return (FIRTH, "D") if event else (ML, "o")


def _most(
    axes: Axes,
    section: Mapping[str, Any],
    term: Mapping[str, Any],
    middle: float,
    spacing: float,
    placed: Sequence[_Placed],
    low: float,
    high: float,
    wide: float,
) -> None:
    """Write who of the records moves a term most, above the dots that the text would cover."""
    for row in section["influence"]["rows"]:
        if row["id"] not in term["most"]:
            continue
        numbers = row["terms"][term["name"]].get("firth")
        if numbers is None:
            continue
        codes = row["patients"]
        words = f"{row['n']} patients" if row["n"] > 1 else "1 patient"
        if codes:
            more = f" and {len(codes) - MOST_NAMES} more" if len(codes) > MOST_NAMES else ""
            words = ", ".join(clean(code)[:14] for code in codes[:MOST_NAMES]) + more
        ratio = min(max(float(numbers["odds_ratio"]), low), high)
        inches = _inches(ratio, low, high, wide)
        reach = len(words) * _CHARACTER
        # away from the line of all patients, unless there is no room
        left = ratio >= float(term["whole"]["firth"]["odds_ratio"])
        if inches + reach > wide + _BESIDE:
            left = False
        elif inches < reach:
            left = True
        first, last = (inches, inches + reach) if left else (inches - reach, inches)
        above = [one.level for one in placed if first - _DOT <= one.x <= last + _DOT]
        axes.annotate(
            words,
            (ratio, middle + (min(above, default=0) - 0.5) * spacing),
            xytext=(3 if left else -3, 4),
            textcoords="offset points",
            fontsize=7,
            color=INK,
            ha="left" if left else "right",
            va="bottom",
            parse_math=False,
        )
        return


def _dot_legend(
    section: Mapping[str, Any], dots: Sequence[Sequence[_Dot]]
) -> list[tuple[Any, str]]:
    words = {True: section["event_label"], False: section["against_label"]}
    handles: list[tuple[Any, str]] = []
    for event in (True, False):
        colour, marker = _look(event=event, real=True)
        if any(dot.event == event and dot.real for of in dots for dot in of):
            handles.append((_mark(colour, marker), f"without one: {words[event]}"))
    if any(not dot.real for of in dots for dot in of):
        handles.append((_mark(GREY, "o", hollow=True), "only in other solutions"))
    handles.append((Line2D([], [], color=INK, linewidth=1.3), "all patients"))
    return handles


def _mark(colour: str, marker: str, *, hollow: bool = False) -> Line2D:
    return Line2D(
        [],
        [],
        color=colour,
        marker=marker,
        markerfacecolor="none" if hollow else colour,
        markersize=4.6,
        linestyle="none",
    )


def _legend(figure: Figure, handles: Sequence[tuple[Any, str]]) -> None:
    figure.legend(
        handles=[handle for handle, _ in handles],
        labels=[label_lines(text, 34, 1)[0] for _, text in handles],
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=len(handles),
        frameon=False,
        fontsize=8,
        labelcolor=INK,
        handletextpad=0.3,
        columnspacing=1.2,
    )
