"""Expression of markers: a panel a marker, a point a patient, mean and SD beside the points."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from myocohort.report.drawing import INK, figure_style, shrink_to
from myocohort.report.figure_parts import open_frame, tag_origin
from myocohort.report.group_marks import UNGROUPED, Mark, mark_of_group
from myocohort.report.model.models import Results
from myocohort.report.rounding import n_equals, p_equation
from myocohort.report.wording import clean, origin_of

MOST_MARKERS = 12
MOST_GROUPS = 6
_WIDTH = 7.6  # inches, as are all lengths here
_HIGH = 2.7
_LEFT, _GAP, _RIGHT = 0.68, 0.58, 0.1
_TOP, _BOTTOM = 0.42, 0.72
_CHARACTER, _BOLD_CHARACTER = 0.066, 0.085  # at the size of the names below and above a panel
_SPREAD = 0.46  # of the distance of two groups
_GOLDEN = (math.sqrt(5) - 1) / 2  # its multiples lie evenly between 0 and 1

Marker = Mapping[str, Any]
Group = tuple[str | None, str, Mark]


def expression_figure(section: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw the expression of every marker by group.

    Points lie beside each other by a fixed rule, not by chance. Where no patients are listed,
    because they are too many, a box has their median and quartiles, and lines their range.

    Parameters
    ----------
    section
        `pathology` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where nobody has a value.
    """
    markers = [marker for marker in section["expression"] if _known(marker)][:MOST_MARKERS]
    if not markers:
        return None
    groups = drawn_groups(section, markers)
    with figure_style():
        return _draw(markers, groups, results)


def drawn_groups(section: Mapping[str, Any], markers: Sequence[Marker]) -> list[Group]:
    """Return the groups that have a value of any marker, and who is in none of them."""
    every = [group for group in section["groups"] if group["code"] != "all"]
    found: list[Group] = [
        (group["code"], group["label"], mark_of_group(group["code"], place))
        for place, group in enumerate(every)
        if any(marker["groups"][group["code"]]["n"] for marker in markers)
    ][:MOST_GROUPS]
    if any(patient["group"] is None for marker in markers for patient in _valued(marker)):
        found.append((None, "In no group", UNGROUPED))
    return found


def _known(marker: Marker) -> bool:
    return any(group["n"] for group in marker["groups"].values())


def _valued(marker: Marker) -> list[Mapping[str, Any]]:
    return [patient for patient in marker["patients"] if patient["value"] is not None]


def _draw(markers: Sequence[Marker], groups: Sequence[Group], results: Results) -> Figure:
    across = min(len(markers), 3 if len(groups) <= 2 else 2)
    rows = math.ceil(len(markers) / across)
    origin = origin_of(results)
    foot = 0.22 if origin else 0.0
    block = _TOP + _HIGH + _BOTTOM
    height = rows * block + foot
    figure = Figure(figsize=(_WIDTH, height))
    wide = (_WIDTH - _LEFT - _RIGHT - (across - 1) * _GAP) / across
    for place, marker in enumerate(markers):
        row, column = divmod(place, across)
        left = _LEFT + column * (wide + _GAP)
        bottom = foot + (rows - 1 - row) * block + _BOTTOM
        axes = figure.add_axes((left / _WIDTH, bottom / height, wide / _WIDTH, _HIGH / height))
        _panel(axes, marker, groups, wide, first=column == 0)
    tag_origin(figure, origin)
    return figure


def _panel(
    axes: Axes, marker: Marker, groups: Sequence[Group], wide: float, *, first: bool
) -> None:
    axes.set_xlim(-0.6, len(groups) - 0.4)
    for place, (code, label, mark) in enumerate(groups):
        values = [p["value"] for p in _valued(marker) if p["group"] == code]
        summary = marker["groups"].get(code, {"n": len(values)})
        if values:
            _points(axes, place, values, mark)
        elif summary["n"]:
            _box(axes, place, summary, mark)
        if values and summary.get("mean") is not None:
            _mean(axes, place, summary)
        _name(axes, place, label, summary["n"], wide / len(groups))
    low = min([0.0, *(low for group in marker["groups"].values() if (low := _low(group)) < 0)])
    axes.set_ylim(bottom=low)
    axes.margins(y=0.08)
    axes.set_ylim(low, axes.get_ylim()[1])
    axes.set_xticks([])
    open_frame(axes, "left", "bottom")
    if first:
        axes.set_ylabel("Positive cells per muscle fibre", fontsize=8.5, color=INK)
    title = axes.text(0, 1.09, _cut(marker["label"], int(0.6 * wide / _BOLD_CHARACTER)),
                      transform=axes.transAxes, fontsize=9, fontweight="bold", color=INK,
                      va="center", parse_math=False)  # fmt: skip
    shrink_to(title, wide * 0.65)
    compared = marker["comparison"]
    if compared and compared["p"] is not None:
        axes.text(1, 1.09, p_equation(compared["p"]), transform=axes.transAxes, fontsize=8,
                  color=INK, ha="right", va="center")  # fmt: skip


def _low(summary: Mapping[str, Any]) -> float:
    """Return the lower end of the drawn mean and SD."""
    return (summary.get("mean") or 0.0) - (summary.get("sd") or 0.0)


def _points(axes: Axes, place: int, values: Sequence[float], mark: Mark) -> None:
    """Draw a group's points, neighbours in value apart from each other."""
    ranked = sorted(values)
    spread = _SPREAD if len(ranked) > 1 else 0.0
    x = [place - 0.1 + spread * ((i * _GOLDEN) % 1 - 0.5) for i in range(1, len(ranked) + 1)]
    axes.scatter(
        x,
        ranked,
        s=20 if len(ranked) <= 60 else 9,
        marker=mark.shape,
        facecolors=mark.colour if mark.filled else "none",
        edgecolors=mark.colour,
        linewidths=0.7,
        alpha=0.75,
        zorder=3,
        clip_on=False,
    )


def _mean(axes: Axes, place: int, summary: Mapping[str, Any]) -> None:
    """Draw mean and SD at the right of the points."""
    x = place + 0.31
    axes.plot([x - 0.09, x + 0.09], [summary["mean"]] * 2, color=INK, linewidth=1.8, zorder=4)
    if summary.get("sd") is not None:
        axes.errorbar(x, summary["mean"], yerr=summary["sd"], color=INK, linewidth=0.9, capsize=2.5,
                      capthick=0.9, zorder=4)  # fmt: skip


def _box(axes: Axes, place: int, summary: Mapping[str, Any], mark: Mark) -> None:
    """Draw median, quartiles and range of patients who are not listed."""
    q1, q3 = summary["q1"], summary["q3"]
    axes.plot([place] * 2, [summary["min"], summary["max"]], color=mark.colour, linewidth=0.9)
    if q1 is not None and q3 is not None:
        axes.add_patch(Rectangle((place - 0.22, q1), 0.44, q3 - q1, facecolor=mark.colour,
                                 edgecolor=mark.colour, alpha=0.35, zorder=2))  # fmt: skip
    axes.plot([place - 0.22, place + 0.22], [summary["median"]] * 2, color=INK, linewidth=1.8,
              zorder=4)  # fmt: skip


def _name(axes: Axes, place: int, label: str, n: int, wide: float) -> None:
    """Put a group's name and n under its points, in lines that fit."""
    across = max(8, int(wide / _CHARACTER))
    words = " ".join(_cut(word, across + 4) for word in clean(label).split())
    lines = textwrap.wrap(words, across, max_lines=3, placeholder=" …", break_long_words=False)
    text = axes.annotate("\n".join([*lines, n_equals(n)]), (place, 0),
                         xycoords=("data", "axes fraction"), xytext=(0, -5),
                         textcoords="offset points", fontsize=8, color=INK, ha="center", va="top",
                         parse_math=False)  # fmt: skip
    shrink_to(text, wide)


def _cut(text: object, most: int) -> str:
    """Return a text of at most so many characters, its end replaced by dots where it is longer."""
    whole = clean(text)
    return whole if len(whole) <= most else f"{whole[: max(most - 2, 1)].rstrip()} …"
