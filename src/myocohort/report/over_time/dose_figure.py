"""Cumulative glucocorticoid dose: every patient by group, with median and quartiles."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from myocohort.report.drawing import GREY, INK, figure_style, shrink_to
from myocohort.report.figure_parts import shortened, tag_origin
from myocohort.report.group_marks import mark_of_group
from myocohort.report.model.models import Results
from myocohort.report.over_time.patient_axes import WIDTH, plain_axes, space_of_tag
from myocohort.report.wording import origin_of

DRAWN = {"month_12": "by_month", "whole": "whole"}
"""Measure -> where a patient's dose stands."""
_LEFT, _RIGHT, _GAP = 1.75, 0.15, 0.3
_ROW, _TOP, _BOTTOM = 0.62, 0.3, 0.55
_BINS = 60
_APART = 0.075  # of a row, between dots of equal doses


def dose_figure(section: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw the doses by month 12 and of the whole follow-up, a row for each group.

    Parameters
    ----------
    section
        `patients_over_time` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where no dose is known.
    """
    measures = [m for m in section["glucocorticoid"]["measures"] if m["id"] in DRAWN]
    measures = [m for m in measures if any(group["n"] for group in m["groups"])]
    if not measures:
        return None
    with figure_style():
        return _draw(section, measures, results)


def _draw(
    section: Mapping[str, Any], measures: Sequence[Mapping[str, Any]], results: Results
) -> Figure:
    codes = _codes(measures)
    foot = _BOTTOM + space_of_tag(results)
    height = _TOP + len(codes) * _ROW + foot
    figure = Figure(figsize=(WIDTH, height))
    wide = (WIDTH - _LEFT - _RIGHT - _GAP * (len(measures) - 1)) / len(measures)
    for number, measure in enumerate(measures):
        left = _LEFT + number * (wide + _GAP)
        axes = figure.add_axes(
            (left / WIDTH, foot / height, wide / WIDTH, len(codes) * _ROW / height)
        )
        groups = {group["code"]: group for group in measure["groups"]}
        largest = _largest(section, measure)
        axes.set_xlim(0, 1.05 * largest or 1.0)
        axes.set_ylim(len(codes) - 0.5, -0.5)
        for row, code in enumerate(codes):
            _box(axes, groups[code], row)
            _dots(axes, section, measure["id"], groups[code], row, largest)
            if not groups[code]["n"]:
                axes.text(0.02 * largest, row, "no dose known", fontsize=7.5, color=GREY,
                          va="center")  # fmt: skip
            axes.text(1.0, row - 0.42, f"n {groups[code]['n']}, missing {groups[code]['missing']}",
                      transform=axes.get_yaxis_transform(), fontsize=7, color=GREY, ha="right",
                      va="center")  # fmt: skip
            if number == 0:
                short = textwrap.fill(shortened(groups[code]["label"], 60), 26)  # fmt: skip
                label = axes.text(-0.03, row, short, transform=axes.get_yaxis_transform(),
                                  fontsize=8, color=INK, ha="right", va="center",
                                  parse_math=False)  # fmt: skip
                shrink_to(label, _LEFT - 0.15)
        plain_axes(axes)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.12g}"))
        axes.set_xlabel(f"Prednisone, {measure['unit']}", fontsize=8, color=INK)
        axes.set_title(measure["label"], fontsize=8.5, color=INK, loc="left", pad=8)
    tag_origin(figure, origin_of(results), y=0.1)
    return figure


def _codes(measures: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the groups of the outcome in which any dose is known, or all patients."""
    known: dict[str, bool] = {}
    for measure in measures:
        for group in measure["groups"]:
            if group["by"] == "outcome":
                known[group["code"]] = known.get(group["code"], False) or group["n"] > 0
    return [code for code, any_dose in known.items() if any_dose] or ["all"]


def _largest(section: Mapping[str, Any], measure: Mapping[str, Any]) -> float:
    found = [group["max"] for group in measure["groups"] if group["max"] is not None]
    key = DRAWN[measure["id"]]
    found += [p["dose"][key]["high"] for p in section["patients"] if p["dose"][key]["high"]]
    return max(found, default=0.0)


def _box(axes: Axes, group: Mapping[str, Any], row: int) -> None:
    """Draw quartiles as a box and the median as a line."""
    if group["median"] is None:
        return
    axes.add_patch(
        Rectangle((group["q1"], row - 0.28), group["q3"] - group["q1"], 0.56, facecolor=GREY,
                  alpha=0.22, edgecolor="none", zorder=1)
    )  # fmt: skip
    axes.plot([group["median"]] * 2, [row - 0.32, row + 0.32], color=INK, linewidth=1.6, zorder=2)


def _dots(
    axes: Axes,
    section: Mapping[str, Any],
    identity: str,
    group: Mapping[str, Any],
    row: int,
    largest: float,
) -> None:
    """Draw a dot a patient, equal doses above one another, and the range of partial dates."""
    bins: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for patient in section["patients"]:
        dose = patient["dose"][DRAWN[identity]]
        mine = group["by"] == "all" or patient["outcome"] == group["code"]
        if mine and dose["dose"] is not None:
            bins[round(_BINS * dose["dose"] / largest) if largest else 0].append(dose)
    mark = mark_of_group(group["code"], row)
    most = max((len(dots) for dots in bins.values()), default=0)
    apart = min(_APART, 0.6 / most) if most else 0.0
    for dots in bins.values():
        for rank, dose in enumerate(sorted(dots, key=lambda d: d["dose"])):
            y = row + apart * (rank - (len(dots) - 1) / 2)
            if dose["low"] < dose["high"]:
                axes.plot([dose["low"], dose["high"]], [y, y], color=mark.colour,
                          linewidth=0.8, zorder=3)  # fmt: skip
            axes.plot([dose["dose"]], [y], marker=mark.shape, markersize=3, color=mark.colour,
                      markeredgewidth=0, zorder=4)  # fmt: skip
