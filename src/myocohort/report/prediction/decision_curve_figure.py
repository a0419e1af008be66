"""The picture of a decision curve: net benefit of acting by the model, on all and on none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myocohort.report.drawing import FIRTH, GREY, INK, ML, figure_style
from myocohort.report.figure_parts import open_frame, tag_origin
from myocohort.report.model.models import Results
from myocohort.report.rounding import plain_text
from myocohort.report.wording import origin_of

_WIDTH, _PLOT_WIDTH, _PLOT = 7.2, 4.35, 2.7  # inches, as are all lengths here
_LEFT, _TOP, _BOTTOM = 0.72, 0.15, 0.72
_BELOW_ZERO = -5.0  # net benefit per 100 patients down to which the axis goes
_ODDS = {0.1: "1:9", 0.2: "1:4", 0.3: "3:7", 0.4: "2:3", 0.5: "1:1"}
"""Threshold -> harm of acting needlessly against that of missing a patient."""


def decision_curve_figure(
    model: Mapping[str, Any], thresholds: Sequence[float], results: Results
) -> Figure:
    """Draw the decision curve of one model.

    Parameters
    ----------
    model
        An element of `prediction.models` of results.json that has numbers.
    thresholds
        Of its net benefits.
    results
        The whole of it, for the origin of the records.
    """
    with figure_style():
        return _draw(model, thresholds, results)


def _draw(model: Mapping[str, Any], thresholds: Sequence[float], results: Results) -> Figure:
    origin = origin_of(results)
    below = _BOTTOM + (0.2 if origin else 0.0)
    height = _TOP + _PLOT + below
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((_LEFT / _WIDTH, below / height, _PLOT_WIDTH / _WIDTH, _PLOT / height))
    _curves(axes, model["decision"], [100 * value for value in thresholds])
    axes.legend(
        loc="upper left", bbox_to_anchor=(1.02, 1.02), frameon=False, fontsize=8, labelcolor=INK,
        handlelength=2.6, borderaxespad=0.0, labelspacing=0.7,
    )  # fmt: skip
    _axes(axes, thresholds)
    tag_origin(figure, origin)
    return figure


def _curves(axes: Axes, decision: Mapping[str, Any], x: Sequence[float]) -> None:
    strategies = {strategy["name"]: strategy for strategy in decision["strategies"]}
    highest = 0.0

    def per_100(values: Sequence[float]) -> list[float]:
        return [100 * value for value in values]

    def line(name: str, label: str, **style: Any) -> None:
        nonlocal highest
        y = per_100(strategies[name]["net_benefit"])
        highest = max(highest, *y)
        axes.plot(x, y, label=label, **style)

    crossed, limits = strategies.get("cross_validated"), decision["limits"]
    if crossed:
        line("cross_validated", "Model,\ncross-validated", color=ML, linewidth=1.8, zorder=5)
    line("apparent", "Model, apparent", color=FIRTH, linewidth=1.2, linestyle=(0, (5, 2)), zorder=4)
    line("treat_all", "Act on all", color=GREY, linewidth=1.2, zorder=2)
    line("treat_none", "Act on none", color=INK, linewidth=0.9, linestyle=(0, (1.5, 1.5)), zorder=2)
    if limits:
        low, high = per_100(limits["low"]), per_100(limits["high"])
        highest = max(highest, *high)
        level = plain_text(100 * limits["level"])
        axes.fill_between(
            x, low, high, color=ML, alpha=0.12, linewidth=0,
            label=f"{level}% limits of it,\ncross-validated", zorder=1,
        )  # fmt: skip
    if crossed and crossed["tables"]:
        tables = crossed["tables"]
        for end, label in (
            ("low", f"lowest and highest over\n{tables['tables']} joint tables,\ncross-validated"),
            ("high", None),
        ):
            y = per_100(tables[end])
            highest = max(highest, *y)
            axes.plot(x, y, color=ML, linewidth=0.9, linestyle=(0, (1, 1.2)), label=label, zorder=3)
    axes.set_ylim(_BELOW_ZERO, max(highest * 1.06, 5.0))


def _axes(axes: Axes, thresholds: Sequence[float]) -> None:
    axes.set_xlim(100 * thresholds[0], 100 * thresholds[-1])
    shown = [value for value in _ODDS if thresholds[0] <= value <= thresholds[-1]]
    axes.set_xticks(
        [100 * value for value in shown],
        [f"{plain_text(100 * value)}\n{_ODDS[value]}" for value in shown],
    )
    open_frame(axes, "left", "bottom")
    axes.set_xlabel(
        "Risk from which on one would act, %, and harm of acting needlessly : of missing a patient",
        fontsize=8, color=INK, loc="left",
    )  # fmt: skip
    axes.set_ylabel("Net benefit per 100 patients", fontsize=8.5, color=INK)
