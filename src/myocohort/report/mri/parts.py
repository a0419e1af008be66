"""What the pictures of a thigh share: colours of muscles, outlines, grey slices, the foot."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from myocohort.report.drawing import GREY, INK
from myocohort.report.imaging.thigh_map_figure import SEQUENTIAL

COLOURS = {
    "gluteus maximus": "#999999", "vastus intermedius": "#56b4e9", "vastus medialis": "#e69f00",
    "vastus lateralis": "#009e73", "rectus femoris": "#f0e442", "biceps femoris": "#cc79a7",
    "semitendinosus": "#0072b2", "semimembranosus": "#d55e00", "adductor magnus": "#8fd175",
    "sartorius": "#b39ddb", "adductor longus": "#c9b458", "gracilis": "#f4a6a6",
}  # fmt: skip
"""Muscle -> colour, the same on both sides. Twelve colours cannot all be told apart by everybody:
each muscle is also named by its abbreviation."""
OTHER = "#bdbdbd"
PROPOSED = "Measured by Myocohort: a proposal until a reader accepts it."


def show_slice(axes: Axes, plane: NDArray[np.uint8], pixel_mm: float) -> None:
    """Show a grey slice; coordinates are in mm from its upper left corner."""
    rows, columns = plane.shape
    axes.imshow(
        plane, cmap="gray", vmin=0, vmax=255, interpolation="bilinear",
        extent=(0, columns * pixel_mm, rows * pixel_mm, 0),
    )  # fmt: skip
    axes.set_axis_off()


def outline(
    axes: Axes, mask: NDArray[np.bool_], pixel_mm: float, colour: str, *, fill: float = 0.0
) -> None:
    """Draw the border of a mask in mm, and fill it with some of its colour."""
    if not mask.any():
        return
    padded = np.pad(mask.astype(float), 1)
    x = (np.arange(padded.shape[1]) - 0.5) * pixel_mm
    y = (np.arange(padded.shape[0]) - 0.5) * pixel_mm
    if fill:
        axes.contourf(x, y, padded, levels=[0.5, 2], colors=[colour], alpha=fill)
    axes.contour(x, y, padded, levels=[0.5], colors=[colour], linewidths=0.7)


def middle_of(mask: NDArray[np.bool_], pixel_mm: float) -> tuple[float, float]:
    """Return the pixel of a mask nearest to its middle, in mm."""
    rows, columns = np.nonzero(mask)
    away = (rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2
    nearest = int(away.argmin())
    return (columns[nearest] + 0.5) * pixel_mm, (rows[nearest] + 0.5) * pixel_mm


def scale_bar(axes: Axes, plane: NDArray[np.uint8], pixel_mm: float) -> None:
    """Draw 5 cm at the lower left."""
    y = plane.shape[0] * pixel_mm - 5
    axes.plot((5, 55), (y, y), color="white", linewidth=1.6, solid_capstyle="butt")
    axes.text(30, y - 3, "5 cm", color="white", fontsize=7, ha="center", va="bottom")


def sides(axes: Axes, plane: NDArray[np.uint8], pixel_mm: float) -> None:
    """Write R and L: the patient's right is at the left."""
    wide = plane.shape[1] * pixel_mm
    for x, word in ((4.0, "R"), (wide - 4, "L")):
        axes.text(x, 4, word, color="white", fontsize=8, fontweight="bold", va="top",
                  ha="left" if word == "R" else "right")  # fmt: skip


def foot(figure: Figure, lines: list[str]) -> None:
    """Write the lines at the foot of a figure, the last one lowest."""
    height = figure.get_figheight()
    for place, line in enumerate(reversed(lines)):
        figure.text(0.01, (0.06 + 0.15 * place) / height, line, fontsize=7.5, color=GREY,
                    va="bottom", parse_math=False)  # fmt: skip


def heading(figure: Figure, text: str) -> None:
    """Write the heading of a figure."""
    figure.text(
        0.01, 1 - 0.06 / figure.get_figheight(), text, fontsize=9, color=INK, va="top",
        fontweight="bold", parse_math=False,
    )  # fmt: skip


def colour_of(muscle: str) -> str:
    """Return the colour of a muscle; the others share one."""
    return COLOURS.get(muscle, OTHER)


def shade(share: float) -> str:
    """Return the colour of a share from 0 to 1, as the colour bars show it."""
    red, green, blue, _ = SEQUENTIAL(float(np.clip(share, 0, 1)))
    return "#" + "".join(f"{round(255 * part):02x}" for part in (red, green, blue))
