"""Time lines: one row a patient, from onset to the last visit, with what happened when."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import offset_copy

from myocohort.report.drawing import EXACT, FIRTH, GREY, INK, ML, figure_style
from myocohort.report.figure_parts import shortened, tag_origin
from myocohort.report.model.models import Results
from myocohort.report.over_time.mrs_figure import SHADES
from myocohort.report.over_time.patient_axes import (
    WIDTH,
    is_rooted,
    month_axis,
    month_words,
    place,
    plain_axes,
    space_of_tag,
)
from myocohort.report.wording import clean, origin_of, outcome_words

MOST_LINES = 60
"""Patients in one figure; of more, as many are taken at even steps from the list."""
_TALLEST = 9.3
_LEFT, _RIGHT, _TOP, _AXIS, _KEY = 1.0, 1.0, 0.1, 0.55, 0.62
_ROW = 0.18
EARLIEST = -24.0  # months; an earlier onset is drawn as an arrow
DRUGS = {
    "glucocorticoid": (ML, "glucocorticoid"),
    "methotrexate": (FIRTH, "methotrexate"),
    "ivig": (EXACT, "IVIg"),
    "other": (GREY, "other drug"),
}
_LANES = tuple(DRUGS)


def drawn_patients(section: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the patients who are drawn: all, or as many as fit at even steps from the list."""
    patients = section["patients"]
    if len(patients) <= MOST_LINES:
        return list(patients)
    step = (len(patients) - 1) / (MOST_LINES - 1)
    return [patients[round(step * n)] for n in range(MOST_LINES)]


def time_lines_figure(section: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw the time lines.

    Parameters
    ----------
    section
        `patients_over_time` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where no patient is listed, or nothing stands on any line.
    """
    patients = drawn_patients(section)
    if not any(p["end"] is not None or p["visits"] or p["treatments"] for p in patients):
        return None
    sizes = {g["code"]: g["n"] for g in section["groups"] if g["by"] == "outcome"}
    with figure_style():
        return _draw(patients, sizes, results)


def _draw(
    patients: Sequence[Mapping[str, Any]], sizes: Mapping[str, int], results: Results
) -> Figure:
    bands = _bands(patients)
    units = len(patients) + 0.8 * (len(bands) - 1)
    apart = _TOP + _AXIS + _KEY + space_of_tag(results)
    row = min(_ROW, (_TALLEST - apart) / units)
    height = units * row + apart
    foot = height - _TOP - units * row
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes(
        (_LEFT / WIDTH, foot / height, (WIDTH - _LEFT - _RIGHT) / WIDTH, units * row / height)
    )
    times = [0.0, *(month for p in patients for month in _months(p))]
    low, high = max(min(times), EARLIEST), max(*times, 1.0)
    rooted = is_rooted(times)
    axes.set_ylim(units - 0.5, -0.5)
    axes.axvline(0, color=GREY, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
    y = 0.0
    ticks, names = [], []
    signs = _Signs()
    for outcome, members in bands:
        words = textwrap.fill(clean(outcome_words(outcome)), 15, break_long_words=False)
        n = len(members)
        words += f"\nn = {n}" if n == sizes.get(outcome, n) else f"\n{n} of {sizes[outcome]}"
        # beside its rows, so that it takes no row of its own
        axes.text(1.03, y + (len(members) - 1) / 2, words, fontsize=8,
                  color=INK, va="center", ha="left", transform=axes.get_yaxis_transform(),
                  parse_math=False)  # fmt: skip
        axes.plot([1.02, 1.02], [y - 0.35, y + len(members) - 0.65], color=GREY, linewidth=0.8,
                  transform=axes.get_yaxis_transform(), clip_on=False)  # fmt: skip
        for patient in members:
            _line(axes, signs, patient, y, low, high, rooted=rooted)
            ticks.append(y)
            names.append(shortened(patient["patient"], 14))
            y += 1
        y += 0.8
    signs.draw(axes)
    month_axis(axes, low, high, rooted=rooted, ticks=12)
    plain_axes(axes)
    axes.set_yticks(ticks, names, parse_math=False)
    axes.tick_params(axis="y", length=0, labelsize=min(7.0, 72 * row * 0.85))
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(month_words(rooted=rooted), fontsize=8.5, color=INK)
    _keys(figure, patients, low, (foot - _AXIS - 0.22) / height)
    tag_origin(figure, origin_of(results), y=0.1)
    return figure


def _bands(patients: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Split the ordered patients by the code of their outcome."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for patient in patients:
        found.setdefault(patient["outcome"], []).append(patient)
    return list(found.items())


def _months(patient: Mapping[str, Any]) -> list[float]:
    """Return every month that stands on a line."""
    found = [patient["onset"], patient["end"]]
    found += [v["month"] for v in patient["visits"]]
    found += [e["month"] for e in patient["events"]]
    found += patient["scans"]
    found += [t["from"] for t in patient["treatments"]]
    end = patient["end"] or 0.0
    found += [min(t["to"], end) for t in patient["treatments"] if t["to"] is not None]
    return [month for month in found if month is not None]


class _Signs:
    """Points of one kind, gathered so that each kind is drawn at once."""

    def __init__(self) -> None:
        self._points: dict[str, tuple[list[float], list[float]]] = {}
        self.lines: list[tuple[tuple[float, float], tuple[float, float]]] = []

    def add(self, kind: str, x: float, y: float) -> None:
        """Keep one point."""
        xs, ys = self._points.setdefault(kind, ([], []))
        xs.append(x)
        ys.append(y)

    def draw(self, axes: Axes) -> None:
        """Draw all of them."""
        axes.add_collection(
            LineCollection(self.lines, colors=[GREY], linewidths=0.7, zorder=1), autolim=False
        )
        figure = axes.get_figure(root=True)
        for kind, (xs, ys) in self._points.items():
            looks = dict(_LOOKS[kind])
            if looks.pop("after", False):
                looks["transform"] = offset_copy(axes.transData, figure, x=7, units="points")
            axes.plot(xs, ys, linestyle="none", **looks)


def _line(
    axes: Axes,
    signs: _Signs,
    patient: Mapping[str, Any],
    y: float,
    low: float,
    high: float,
    *,
    rooted: bool,
) -> None:
    """Draw one patient: drugs in the lower half of the row, the rest on a line above."""

    def at(month: float) -> float:
        return place(min(max(month, low), high), rooted=rooted)

    line = y - 0.14
    end = patient["end"] or 0.0
    onset = patient["onset"]
    first = min([0.0, *(visit["month"] for visit in patient["visits"])])
    begin = first if onset is None else min(first, onset)
    signs.lines.append(((at(begin), line), (at(end), line)))
    if onset is not None:
        signs.add("earlier onset" if onset < low else "onset", at(onset), line)
    least = 0.006 * (place(high, rooted=rooted) - place(low, rooted=rooted))
    for drug in patient["treatments"]:
        stop = end if drug["to"] is None else min(drug["to"], end)
        left, right = at(drug["from"]), at(max(stop, drug["from"]))
        kind = drug["drug"] if drug["drug"] in DRUGS else "other"
        lane = y + 0.05 + 0.105 * _LANES.index(kind)
        # a short course would vanish
        bar = Rectangle((left, lane), max(right - left, least), 0.095, facecolor=DRUGS[kind][0],
                        edgecolor="none", zorder=1)  # fmt: skip
        axes.add_patch(bar)
    for month in patient["scans"]:
        signs.add("scan", at(month), line - 0.2)
    for visit in patient["visits"]:
        signs.add(_mrs_kind(visit["mrs"]), at(visit["month"]), line)
    for event in patient["events"]:
        signs.add(event["event"], at(event["month"]), line)
    if patient["ended_by"] in _LOOKS and (patient["visits"] or patient["end"] is not None):
        signs.add(patient["ended_by"], at(end), line)


def _mrs_kind(mrs: int | None) -> str:
    return "mRS missing" if mrs is None else f"mRS {mrs}"


def _square(face: str) -> dict[str, Any]:
    return {"marker": "s", "markerfacecolor": face, "markeredgecolor": GREY,
            "markersize": 3.8, "markeredgewidth": 0.5, "zorder": 3}  # fmt: skip


def _hollow(marker: str, colour: str, size: float, zorder: int) -> dict[str, Any]:
    return {"marker": marker, "markerfacecolor": "none", "markeredgecolor": colour,
            "markersize": size, "markeredgewidth": 1.0, "zorder": zorder}  # fmt: skip


_LOOKS: dict[str, dict[str, Any]] = {
    **{f"mRS {grade}": _square(shade) for grade, shade in enumerate(SHADES)},
    "mRS missing": _square("none"),
    "relapse": _hollow("^", FIRTH, 6, 5),
    "remission": _hollow("o", EXACT, 6, 5),
    "onset": {"marker": "|", "color": INK, "markersize": 3.4, "markeredgewidth": 0.9},
    "earlier onset": {"marker": "<", "color": INK, "markersize": 3.4, "markeredgewidth": 0.9},
    "scan": {"marker": "v", "color": INK, "markersize": 2.2, "markeredgewidth": 0, "zorder": 4},
    "death": {**_hollow("x", INK, 4.2, 6), "after": True},
    "loss": {**_hollow("D", INK, 3.8, 6), "after": True},
}
_WORDS = {
    "relapse": "first relapse", "remission": "first remission", "scan": "MRI", "loss": "lost",
    "earlier onset": "earlier onset",
}  # fmt: skip


def _kinds(patients: Sequence[Mapping[str, Any]], low: float) -> set[str]:
    """Return the kinds of signs that are there."""
    found = {_mrs_kind(visit["mrs"]) for patient in patients for visit in patient["visits"]}
    found |= {event["event"] for patient in patients for event in patient["events"]}
    found |= {patient["ended_by"] for patient in patients}
    onsets = [patient["onset"] for patient in patients if patient["onset"] is not None]
    found |= {"earlier onset" if onset < low else "onset" for onset in onsets}
    return found | ({"scan"} if any(patient["scans"] for patient in patients) else set())


def _keys(figure: Figure, patients: Sequence[Mapping[str, Any]], low: float, y: float) -> None:
    """Explain the signs that are there, in rows under the axis."""
    there = _kinds(patients, low)
    signs: list[Line2D | Patch] = []
    for kind, looks in _LOOKS.items():
        if kind in there:
            looks = {name: value for name, value in looks.items() if name != "after"}
            looks["markersize"] = max(looks["markersize"], 4.0)
            signs.append(Line2D([], [], linestyle="none", label=_WORDS.get(kind, kind), **looks))
    given = {drug["drug"] for patient in patients for drug in patient["treatments"]}
    for drug, (colour, label) in DRUGS.items():
        if drug in given or (drug == "other" and given - set(DRUGS)):
            signs.append(Patch(facecolor=colour, edgecolor="none", label=label))
    figure.legend(handles=signs, loc="center", bbox_to_anchor=(0.5, y), ncols=min(len(signs), 8),
                  frameon=False, fontsize=7.5, labelcolor=INK, handlelength=1.2,
                  handletextpad=0.4, columnspacing=1.1)  # fmt: skip
