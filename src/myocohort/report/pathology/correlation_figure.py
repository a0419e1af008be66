"""Expression of one marker against another: a point a patient, with the rank correlation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from myocohort.report.drawing import INK, figure_style, shrink_to
from myocohort.report.figure_parts import open_frame, shortened, tag_origin
from myocohort.report.group_marks import UNGROUPED, mark_of_group
from myocohort.report.model.models import Results
from myocohort.report.rounding import fixed_text, n_equals, p_equation, plain_text
from myocohort.report.wording import origin_of

_WIDTH, _HEIGHT = 7.6, 4.6  # inches, as are all lengths here
_LEFT, _BOTTOM, _SIDE = 0.75, 0.75, 3.7
_KEY = 4.75

Points = dict[str | None, Counter[tuple[float, float]]]


def correlation_figure(
    pair: Mapping[str, Any], section: Mapping[str, Any], results: Results
) -> Figure | None:
    """Draw one pair of markers.

    Parameters
    ----------
    pair
        One of `pathology.associations.pairs`.
    section
        `pathology` of results.json, whose lists of patients are drawn.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None without a rank correlation, or where the patients are not listed.
    """
    points = correlated_points(pair, section)
    if pair["rho"] is None or not points:
        return None
    with figure_style():
        return _draw(pair, points, section, results)


def correlated_points(pair: Mapping[str, Any], section: Mapping[str, Any]) -> Points:
    """Return group -> points with how many patients lie there; controls are left out."""
    listed = {marker["marker"]: marker["patients"] for marker in section["expression"]}
    follow = _followed(section)
    second = {p["patient"]: p["value"] for p in listed[pair["y"]]}
    points: Points = {}
    for patient in listed[pair["x"]]:
        x, y = patient["value"], second.get(patient["patient"])
        if x is not None and y is not None and patient["group"] in follow:
            points.setdefault(patient["group"], Counter())[(x, y)] += 1
    return points


def _followed(section: Mapping[str, Any]) -> set[str | None]:
    """Return the groups that are parts of the followed patients, and None for no group."""
    return {None, *(group["code"] for group in section["groups"] if group["followed"])}


def _draw(
    pair: Mapping[str, Any], points: Points, section: Mapping[str, Any], results: Results
) -> Figure:
    figure = Figure(figsize=(_WIDTH, _HEIGHT))
    axes = figure.add_axes((_LEFT / _WIDTH, _BOTTOM / _HEIGHT, _SIDE / _WIDTH, _SIDE / _HEIGHT))
    every = [group for group in section["groups"] if group["code"] != "all"]
    keys = []
    for place, group in enumerate([*every, {"code": None, "label": "In no group"}]):
        found = points.get(group["code"])
        if not found:
            continue
        mark = UNGROUPED if group["code"] is None else mark_of_group(group["code"], place)
        n = sum(found.values())
        face = mark.colour if mark.filled else "none"
        axes.scatter(
            [x for x, _ in found],
            [y for _, y in found],
            s=[26 * count for count in found.values()],
            marker=mark.shape,
            facecolors=face,
            edgecolors=mark.colour,
            linewidths=0.8,
            alpha=0.75,
            zorder=3,
            clip_on=False,
        )
        keys.append((Line2D([], [], marker=mark.shape, color=mark.colour, markerfacecolor=face,
                            linestyle="none", markersize=5.5), group["label"], n))  # fmt: skip
    together: Counter[tuple[float, float]] = Counter()
    for found in points.values():
        together.update(found)
    for (x, y), count in together.items():
        if count > 1:
            axes.annotate(f"{count} patients", (x, y), xytext=(6, 3), textcoords="offset points",
                          fontsize=7, color=INK, zorder=4)  # fmt: skip
    _axes(axes, pair, together)
    _numbers(figure, pair)
    _key(figure, keys)
    origin = origin_of(results)
    tag_origin(figure, origin)
    return figure


def _axes(axes: Axes, pair: Mapping[str, Any], points: Counter[tuple[float, float]]) -> None:
    """Draw both axes from 0, so that no association is made by where they begin."""
    for limit, highest in (
        (axes.set_xlim, max(x for x, _ in points)),
        (axes.set_ylim, max(y for _, y in points)),
    ):
        limit(0, 1.06 * highest if highest > 0 else 1)
    for label, name in ((pair["x_label"], "x"), (pair["y_label"], "y")):
        short = shortened(label, 40)
        words = f"{short}, positive cells per fibre"
        text = axes.set_xlabel(words) if name == "x" else axes.set_ylabel(words)
        text.set(fontsize=8.5, color=INK, parse_math=False)
        if name == "x":
            shrink_to(text, _SIDE)
        elif len(words) > 50:
            text.set_fontsize(8.5 * 50 / len(words))
    open_frame(axes, "left", "bottom")


def _numbers(figure: Figure, pair: Mapping[str, Any]) -> None:
    """Put rank correlation, limits, p and n beside the points."""
    lines = [f"Spearman’s rho = {rho_text(pair['rho'])}"]
    interval = pair["interval"]
    if interval:
        level = plain_text(100 * interval["level"])
        ends = f"{rho_text(interval['low'])} to {rho_text(interval['high'])}"
        lines.append(f"{level}% limits {ends}")
    lines += [p_equation(pair["p"]), n_equals(pair["n"])]
    for row, line in enumerate(lines):
        figure.text(_KEY / _WIDTH, (_HEIGHT - 0.45 - 0.21 * row) / _HEIGHT, line, fontsize=9,
                    color=INK, va="center")  # fmt: skip


def _key(figure: Figure, keys: list[tuple[Line2D, str, int]]) -> None:
    """Name the marks under the numbers."""
    y = _HEIGHT - 1.55
    wide = _WIDTH - _KEY - 0.35
    for handle, label, n in keys:
        handle.set_data([(_KEY + 0.06) / _WIDTH], [y / _HEIGHT])
        handle.set_transform(figure.transFigure)
        figure.add_artist(handle)
        words = f"{shortened(label, 60)} ({n_equals(n)})"
        text = figure.text((_KEY + 0.22) / _WIDTH, y / _HEIGHT, words, fontsize=8, color=INK,
                           va="center", parse_math=False)  # fmt: skip
        shrink_to(text, wide)
        y -= 0.23


def rho_text(rho: float | None) -> str:
    """Print a rank correlation with three decimals; 1.000 only where it is 1."""
    text = fixed_text(rho, 3)
    if rho is None or abs(rho) == 1 or not text.endswith("1.000"):
        return text
    return ">0.999" if rho > 0 else "<\N{MINUS SIGN}0.999"
