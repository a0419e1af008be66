"""The forest plot of the final model: every method on one logarithmic axis."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from myocohort.report.drawing import (
    EXACT as EXACT_COLOUR,
)
from myocohort.report.drawing import FIRTH, GREY, INK, ML, figure_style
from myocohort.report.figure_parts import open_frame, ratio_line, tag_origin, text_at
from myocohort.report.model.models import (
    EXACT,
    FIRTH_PROFILE,
    FIRTH_WALD,
    METHOD_NAMES,
    ML_PROFILE,
    ML_WALD,
    Family,
    Model,
    Results,
    Term,
    interval_of,
    label_of,
    models_of,
    p_of,
    term_names,
    term_of,
    usable,
)
from myocohort.report.rounding import Number, interval_text, p_equation, plain_text, ratio_text
from myocohort.report.section import ReportFigure
from myocohort.report.wording import clean, origin_of

_COLOURS = {"ml": ML, "firth": FIRTH, "exact": EXACT_COLOUR}
_MARKERS = {"ml": "s", "firth": "D", "exact": "o"}

_WIDTH = 7.6  # inches, as are all lengths here
_PLOT = (2.35, 5.05)  # from, to: labels stand to its left, numbers to its right
_WHOLE_WIDTH = (
    (0.08 - _PLOT[0]) / (_PLOT[1] - _PLOT[0]),
    (_WIDTH - 0.08 - _PLOT[0]) / (_PLOT[1] - _PLOT[0]),
)  # of the axes
_ENTRY = 0.24
_LABEL_LINE = 0.165
_GAP = 0.16
_TOP, _BOTTOM = 0.42, 0.62
_LABEL_WIDTH = 30  # characters
_AXIS_LIMITS = (1e-3, 1e4)  # what lies beyond is an arrow


@dataclass(frozen=True, slots=True)
class _Entry:
    """One drawn line: a term in one method."""

    model: str
    ratio: Number
    low: Number
    high: Number
    text: str


@dataclass(frozen=True, slots=True)
class _Block:
    """A term: its label in lines, and its entries."""

    label: tuple[str, ...]
    entries: tuple[_Entry, ...]

    @property
    def height(self) -> float:
        return max(len(self.entries) * _ENTRY, len(self.label) * _LABEL_LINE) + _GAP


def forest_figure(results: Results) -> Figure | None:
    """Draw the odds ratios of the final model by each method.

    Maximum likelihood is drawn with Wald intervals, Firth with profile intervals, exact
    regression with its own; where one of the first two has no such interval for some term,
    its other family is drawn for all terms. The
    legend names what was drawn. A limit that is infinite or beyond the axis ends in an
    arrow; an infinite odds ratio has no mark.

    Parameters
    ----------
    results
        The content of results.json.

    Returns
    -------
    Figure or None
        None when there is no final model that could be fitted.
    """
    models = models_of(results, "final")
    if not usable(models):
        return None
    families = {
        key: _drawn_family(model, key) for key, model in models.items() if model.get("terms")
    }
    blocks = [_block(models, families, name) for name in term_names(models)]
    if not blocks:
        return None
    with figure_style():
        return _draw(blocks, families, models, results)


def forest_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield the forest plot, where there is a final model to draw."""
    figure = forest_figure(results)
    if figure is not None:
        yield ReportFigure(
            "forest",
            figure,
            "Odds ratios of the final model by each method. An arrow marks a limit that is "
            "infinite or lies beyond the axis.",
            "Forest plot of the odds ratios of the final model by each method; Table 2 has its "
            "numbers",
        )


def _drawn_family(model: Model, key: str) -> Family:
    if key == "exact":
        return EXACT
    wanted, other = (ML_WALD, ML_PROFILE) if key == "ml" else (FIRTH_PROFILE, FIRTH_WALD)
    complete = all(interval_of(term, wanted) for term in model["terms"])
    return wanted if complete else other


def _block(models: Mapping[str, Model], families: Mapping[str, Family], name: str) -> _Block:
    label = textwrap.wrap(clean(label_of(models, name)), _LABEL_WIDTH) or [name]
    entries = [
        _entry(key, family, term)
        for key, family in families.items()
        if (term := term_of(models, key, name)) is not None
    ]
    return _Block(tuple(label), tuple(entries))


def _entry(key: str, family: Family, term: Term) -> _Entry:
    interval = interval_of(term, family)
    text = f"{ratio_text(term['odds_ratio'])} ({interval_text(interval)})"
    limits = interval or {"low": None, "high": None}
    return _Entry(
        key,
        term["odds_ratio"],
        limits["low"],
        limits["high"],
        f"{text}, {p_equation(p_of(term, family))}",
    )


def _draw(
    blocks: list[_Block],
    families: Mapping[str, Family],
    models: Mapping[str, Model],
    results: Results,
) -> Figure:
    origin = origin_of(results)
    height = _TOP + sum(block.height for block in blocks) + _BOTTOM + (0.2 if origin else 0)
    figure = Figure(figsize=(_WIDTH, height))
    bottom = _BOTTOM + (0.2 if origin else 0)
    plot_height = height - _TOP - bottom
    axes = figure.add_axes(
        (
            _PLOT[0] / _WIDTH,
            bottom / height,
            (_PLOT[1] - _PLOT[0]) / _WIDTH,
            plot_height / height,
        )
    )
    axes.set_ylim(plot_height, 0)  # inches from the top
    low, high = _log_axis(axes, blocks)
    top = 0.0
    for block in blocks:
        middle = top + block.height / 2
        text_at(figure, 0.08, height - _TOP - middle, "\n".join(block.label), size=9, spacing=1.2)
        start = middle - _ENTRY * (len(block.entries) - 1) / 2
        for i, entry in enumerate(block.entries):
            y = start + i * _ENTRY
            ratio_line(
                axes,
                entry.ratio,
                {"low": entry.low, "high": entry.high},
                y,
                (low, high),
                colour=_COLOURS[entry.model],
                marker=_MARKERS[entry.model],
            )
            text_at(figure, _PLOT[1] + 0.15, height - _TOP - y, entry.text, size=8)
        top += block.height
        if block is not blocks[-1]:
            axes.axhline(top, *_WHOLE_WIDTH, color=GREY, linewidth=0.4, alpha=0.5, clip_on=False)
    _legend(figure, families, models)
    tag_origin(figure, origin)
    return figure


def _log_axis(axes: Axes, blocks: list[_Block]) -> tuple[float, float]:
    """Set up the axis, wide enough for every finite number; return its ends."""
    finite = [
        value
        for block in blocks
        for entry in block.entries
        for value in (entry.ratio, entry.low, entry.high)
        if isinstance(value, int | float) and value > 0
    ]
    low = max(min([*finite, 0.5]) / 1.6, _AXIS_LIMITS[0])
    high = min(max([*finite, 2.0]) * 1.6, _AXIS_LIMITS[1])
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    ticks = [10.0**power for power in powers]
    axes.set_xticks(ticks, [plain_text(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    open_frame(axes, "bottom")
    axes.axvline(1, color=INK, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
    axes.set_xlabel("Odds ratio, logarithmic axis", fontsize=8.5, color=INK)
    return low, high


def _legend(figure: Figure, families: Mapping[str, Family], models: Mapping[str, Model]) -> None:
    handles = []
    for key, family in families.items():
        interval = next(
            (found for term in models[key]["terms"] if (found := interval_of(term, family))), None
        )
        level = f" {plain_text(interval['level'] * 100)}%" if interval else ""
        kind = "Wald" if family.interval == "wald" else family.interval
        handles.append(
            Line2D(
                [],
                [],
                color=_COLOURS[key],
                marker=_MARKERS[key],
                markersize=5.5,
                linewidth=1.5,
                label=f"{METHOD_NAMES[key]}, {kind}{level} interval",
            )
        )
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=len(handles),
        frameon=False,
        fontsize=8.5,
        labelcolor=INK,
    )
