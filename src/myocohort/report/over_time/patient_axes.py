"""What the figures of single patients share: the axis of months, the origin, and the groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from myocohort.report.drawing import INK, shrink_to
from myocohort.report.figure_parts import open_frame, shortened
from myocohort.report.model.models import Results
from myocohort.report.rounding import plain_text
from myocohort.report.wording import origin_of

WIDTH = 7.4  # inches, as are all lengths of the figures
TAG = 0.2
MOST_PANELS = 6
_LINEAR_UP_TO = 24.0
_TICKS = (-240, -120, -60, -36, -24, -12, 0, 3, 6, 12, 24, 48, 84, 120, 240, 360, 480, 600)


def outcome_groups(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the groups of the outcome that have a value, or all patients where none has."""
    groups = part["groups"]
    of_outcome = [g for g in groups if g["by"] == "outcome" and any(m["n"] for m in g["months"])]
    return of_outcome[:MOST_PANELS] or list(groups[:1])


def place(month: float, *, rooted: bool) -> float:
    """Return where a month stands: at itself, or at its square root where time is long."""
    return math.copysign(math.sqrt(abs(month)), month) if rooted else month


def is_rooted(months: Iterable[float]) -> bool:
    """Whether time is so long that the first year would become too narrow to be read."""
    return max((abs(month) for month in months), default=0.0) > _LINEAR_UP_TO


def month_axis(axes: Axes, low: float, high: float, *, rooted: bool, ticks: int = 7) -> None:
    """Draw the axis of months from `low` to `high`."""
    left, right = place(low, rooted=rooted), place(high, rooted=rooted)
    margin = 0.04 * max(right - left, 1.0)
    axes.set_xlim(left - margin, right + margin)
    if not rooted:
        step = next(s for s in (1, 3, 6, 12) if (high - low) / s <= ticks or s == 12)
        first = math.ceil(low / step)
        months = [step * n for n in range(first, math.floor(high / step) + 1)]
    else:
        months = _apart([m for m in _TICKS if low <= m <= high], (right - left) / (1.3 * ticks))
    axes.set_xticks(
        [place(month, rooted=rooted) for month in months], [plain_text(month) for month in months]
    )


def _apart(months: Sequence[int], least: float) -> list[int]:
    """Leave out ticks that would stand too near to the one before; 0 always stays."""
    kept: list[int] = []
    for month in sorted(months, key=lambda m: (abs(m), m)):
        at = place(month, rooted=True)
        if all(abs(at - place(other, rooted=True)) >= least for other in kept):
            kept.append(month)
    return sorted(kept)


def month_words(*, rooted: bool) -> str:
    """Return the title of the axis of months."""
    scale = " (square-root scale)" if rooted else ""
    return f"Months since the start of treatment{scale}"


def plain_axes(axes: Axes) -> None:
    """Take away what is not data: upper and right frame, thick ticks."""
    open_frame(axes, "left", "bottom", size=7.5, length=2.5)


def heading(axes: Axes, label: str, n: int, inches: float) -> None:
    """Write a group and its number of patients above a panel."""
    short = shortened(label, 48)
    text = axes.set_title(
        f"{short} (n = {n})", fontsize=8.5, color=INK, loc="left", pad=5, parse_math=False
    )
    shrink_to(text, inches)


def space_of_tag(results: Results) -> float:
    """Return how much room the origin needs at the foot."""
    return TAG if origin_of(results) else 0.0


def thin_lines(
    axes: Axes, courses: Iterable[Sequence[tuple[float, float]]], colour: str, size: float
) -> None:
    """Draw a thin line for each patient, with a point for each visit; all of them at once."""
    drawn = [list(points) for points in courses if points]
    lines = LineCollection(
        [points for points in drawn if len(points) > 1],
        colors=[colour], linewidths=0.6, alpha=0.65, zorder=2,
    )  # fmt: skip
    axes.add_collection(lines, autolim=False)
    every = [point for points in drawn for point in points]
    axes.plot([x for x, _ in every], [y for _, y in every], linestyle="none", marker="o",
              markersize=size, markeredgewidth=0, color=colour, alpha=0.8, zorder=2)  # fmt: skip


def panels(n: int) -> tuple[int, int]:
    """Return rows and columns for so many panels."""
    across = 2 if n == 4 else min(n, 3)
    return math.ceil(n / across), across
