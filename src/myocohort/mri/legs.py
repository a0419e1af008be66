"""Which leg a part of the body is, by its place in the image.

Axis 0 runs towards the patient's right, so of two legs the left one has the smaller index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

LEFT, RIGHT = 1, 2

VALLEY = 0.9
"""Two thighs that touch are narrower (front to back) where they touch than each is in its middle,
at least by this factor."""

FLAT = 0.03
"""The bottom of the valley reaches as far as depth differs by less than this share: the split lies
in the middle of it, whatever a voxel of noise makes the lowest."""

WIDE = 1.45
"""A part this much wider than deep is two legs or a pelvis side by side: a single thigh is about as
wide as deep (0.8 to 1.3, soft thighs on a table included)."""

MIDDLE_SHARE = 0.25
"""The cleft between two legs lies in the middle half of their common width."""

SMOOTH_MM = 8.0
"""Width over which the depth profile is smoothed before its valley is looked for."""

ONE_LEG = "only one leg is seen, and which one it is cannot be told from the image: give the side"
NO_CLEFT = (
    "no cleft between the legs is seen in any slice: left and right are split at the middle of "
    "the body's width"
)
CLOSE = "the legs touch in {n} of {all} slices: they are split where they are narrowest"


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where left ends and right begins in a slice, as an index along axis 0 (may be a half)."""

    at: float | None
    how: str  # "apart", "touch", "wide", "one", "none"
    centre: float = 0.0


def split_legs(
    parts: NDArray[np.bool_], joined: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> tuple[NDArray[np.int8], tuple[str, ...]]:
    """Return 1 left leg, 2 right leg, 3 a leg of unknown side, 0 none, and warnings.

    Parameters
    ----------
    parts
        bool, (x to the right, y to the front, slices): parts of the body, holes not filled.
    joined
        The same with pieces of one leg bridged; may bridge both legs.
    spacing
        Voxel size along each axis, mm.

    Notes
    -----
    In each slice the two legs are two parts, or one part with a valley in its depth from front to
    back. Slices without either are split at the plane that the other slices give, or at the middle
    where none gives it (pelvis).
    """
    cuts = [_cut(joined[:, :, k], spacing) for k in range(parts.shape[2])]
    seen = [k for k, cut in enumerate(cuts) if cut.how in ("apart", "touch")]
    some = [k for k, cut in enumerate(cuts) if cut.how != "none"]
    wide = [k for k, cut in enumerate(cuts) if cut.how == "wide"]
    out = np.zeros(parts.shape, dtype=np.int8)
    if not seen and len(wide) * 2 < len(some):
        out[parts] = 3
        return out, (ONE_LEG,)
    place = _plane(cuts, seen or wide)
    columns = np.arange(parts.shape[0])[:, None]
    for k in some:
        cut = cuts[k]
        at = cut.at if cut.at is not None and (cut.how != "wide" or not seen) else place[k]
        if cut.how == "one":
            side = np.full((parts.shape[0], 1), LEFT if cut.centre < place[k] else RIGHT)
        else:
            side = np.where(columns < at, LEFT, RIGHT)
        out[:, :, k] = np.where(parts[:, :, k], side, 0)
    return out, _told(cuts, seen, some)


def _told(cuts: list[_Cut], seen: list[int], some: list[int]) -> tuple[str, ...]:
    told = []
    if not seen:
        told.append(NO_CLEFT)
    touching = sum(cut.how == "touch" for cut in cuts)
    if touching:
        told.append(CLOSE.format(n=touching, all=len(some)))
    single = sum(cut.how == "one" for cut in cuts)
    if single:
        told.append(f"only one leg is seen in {single} of {len(some)} slices")
    return tuple(told)


def _plane(cuts: list[_Cut], known: list[int]) -> NDArray[np.float64]:
    """Return the place of the cut in every slice, between and beyond those that show it."""
    at = [cuts[k].at for k in known]
    return np.asarray(np.interp(np.arange(len(cuts)), known, np.array(at, dtype=float)))


def _cut(joined: NDArray[np.bool_], spacing: NDArray[np.float64]) -> _Cut:
    """Return where a slice is cut into left and right."""
    columns = np.flatnonzero(joined.any(axis=1))
    if columns.size == 0:
        return _Cut(None, "none")
    gap = _gap(columns)
    if gap is not None:
        return _Cut(gap, "apart")
    depth = _depth_profile(joined)[columns[0] : columns[-1] + 1]
    apart = _two_parts(joined)
    if apart is not None:
        return _Cut(apart, "apart")
    valley = _valley(depth, float(spacing[0]))
    if valley is not None:
        return _Cut(float(columns[0]) + valley, "touch")
    centre = float(columns[0] + columns[-1]) / 2
    rows = np.flatnonzero(joined.any(axis=0))
    width = columns.size * float(spacing[0])
    height = (rows[-1] - rows[0] + 1) * float(spacing[1])
    if width > WIDE * height:
        return _Cut(centre + 0.5, "wide", centre)
    return _Cut(None, "one", centre)


def _gap(columns: NDArray[np.intp]) -> float | None:
    """Return the middle of the widest run of empty columns, if both sides are of some width."""
    steps = np.diff(columns)
    if steps.size == 0 or steps.max() == 1:
        return None
    at = int(steps.argmax())
    left, right = columns[at], columns[at + 1]
    widths = (left - columns[0] + 1, columns[-1] - right + 1)
    if min(widths) < MIDDLE_SHARE * max(widths):
        return None
    return float(left + right) / 2


def _two_parts(joined: NDArray[np.bool_]) -> float | None:
    """Return the column between two parts that lie beside each other, although columns overlap."""
    parts, n = ndimage.label(joined)
    if n < 2:
        return None
    areas = np.bincount(parts.ravel())[1:]
    first, second = np.argsort(areas)[-2:] + 1
    if areas[first - 1] < MIDDLE_SHARE * areas[second - 1]:
        return None
    spans = [np.flatnonzero((parts == one).any(axis=1)) for one in (first, second)]
    left, right = sorted(spans, key=lambda span: float(span.mean()))
    overlap = left[-1] - right[0] + 1
    if overlap > 0.3 * min(left.size, right.size):
        return None
    return float(left[-1] + right[0] + 1) / 2


def _depth_profile(joined: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the extent from back to front of each column, holes counted, in voxels."""
    any_ = joined.any(axis=1)
    first = joined.argmax(axis=1)
    last = joined.shape[1] - 1 - joined[:, ::-1].argmax(axis=1)
    return np.where(any_, last - first + 1, 0).astype(float)


def _valley(depth: NDArray[np.float64], spacing: float) -> float | None:
    """Return the place of the valley between two humps, in voxels; None where there is none."""
    window = 2 * round(SMOOTH_MM / spacing / 2) + 1
    smooth = ndimage.uniform_filter1d(depth, window, mode="nearest")
    n = smooth.size
    low, high = int(np.ceil(MIDDLE_SHARE * n)), int(np.floor((1 - MIDDLE_SHARE) * n))
    if high - low < 3:
        return None
    # A valley is low against the highest place on either side of it; a slope is not.
    left, right = np.maximum.accumulate(smooth), np.maximum.accumulate(smooth[::-1])[::-1]
    depth_share = (smooth / np.maximum(np.minimum(left, right), 1))[low:high]
    lowest = float(depth_share.min())
    if lowest > VALLEY:
        return None
    bottom = np.flatnonzero(depth_share <= lowest + FLAT)
    return float(bottom[0] + bottom[-1]) / 2 + low + 0.5
