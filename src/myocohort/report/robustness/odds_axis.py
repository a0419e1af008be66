"""The axis of odds ratios that both figures of robustness have."""

from __future__ import annotations

import math
from collections.abc import Iterable

from matplotlib.axes import Axes

from myocohort.report.drawing import INK
from myocohort.report.figure_parts import open_frame
from myocohort.report.rounding import plain_text

MOST_TERMS = 8
"""Terms that are drawn; the tables have all."""
WIDTH = 7.2  # inches, as are all lengths here
EDGE = 0.08
BOTTOM, ORIGIN = 0.6, 0.2  # below the axis, and for where the records are from
_LIMITS = (1e-3, 1e5)  # of the axes; what lies beyond is an arrow


def axis_ends(values: Iterable[float]) -> tuple[float, float]:
    """Return ends of an axis that is wide enough for every finite number, and shows 1."""
    finite = [value for value in values if math.isfinite(value) and value > 0]
    low = max(min([*finite, 0.8]) / 1.5, _LIMITS[0])
    high = min(max([*finite, 1.25]) * 1.5, _LIMITS[1])
    return min(low, 0.5), max(high, 2.0)


def odds_axis(axes: Axes, low: float, high: float) -> None:
    """Set up the logarithmic axis of odds ratios from `low` to `high`, with a line at 1."""
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    steps = (1.0,) if high / low > 300 else (1.0, 3.0)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**power for power in powers for step in steps]
    ticks = [tick for tick in ticks if low <= tick <= high]
    axes.set_xticks(ticks, [plain_text(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    open_frame(axes, "bottom")
    axes.axvline(1, color=INK, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
    axes.set_xlabel("Odds ratio (Firth), logarithmic axis", fontsize=8.5, color=INK)
