"""Left and right of labelled regions, by the map and by their place in the body."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body
from myocohort.mri.legs import LEFT, RIGHT
from myocohort.mri.scan import ScanError

CLEAR_SHARE = 0.8
"""A piece of a muscle that lies in one leg by this share belongs to it as a whole: the split of
legs that touch is a straight line, their skin is not."""

CROSSING = 0.05
"""Share of a region on the other side of the body from which on it is told."""

SIDE_CODES = {"left": LEFT, "right": RIGHT}


def side_of_voxels(body: Body) -> NDArray[np.int8] | None:
    """Return 1 left, 2 right for every voxel, outside the body too; None if one leg is seen.

    Outside the skin a voxel belongs to the side of the column that divides the legs in its slice.
    """
    left, right = (body.leg == LEFT).any(axis=1), (body.leg == RIGHT).any(axis=1)
    both = np.flatnonzero(left.any(axis=0) & right.any(axis=0))
    if both.size == 0:
        return None
    n = left.shape[0]
    ends = n - 1 - left[::-1, both].argmax(axis=0)
    starts = right[:, both].argmax(axis=0)
    between = np.interp(np.arange(left.shape[1]), both, (ends + starts) / 2)
    columns = np.arange(n)[:, None]
    side = np.where(columns < between[None, :], LEFT, RIGHT).astype(np.int8)
    every = np.broadcast_to(side[:, None, :], body.leg.shape)
    return np.where(body.leg > 0, body.leg, every).astype(np.int8)


def split_by_position(
    mask: NDArray[np.bool_], side: NDArray[np.int8]
) -> tuple[NDArray[np.int8], float]:
    """Return 1 left, 2 right, 0 not in the mask, and the share that lies in undecided pieces.

    Parameters
    ----------
    mask
        bool, (x, y, slices): a muscle of both legs.
    side
        Of every voxel, as `side_of_voxels` gives it.

    Notes
    -----
    A piece of a slice that lies in one leg for the most part belongs to it as a whole; pieces that
    lie across both are cut at the split.
    """
    in_plane = np.zeros((3, 3, 3), dtype=bool)
    in_plane[:, :, 1] = True
    pieces, n = ndimage.label(mask, in_plane)
    on_left = np.bincount(pieces[mask & (side == LEFT)], minlength=n + 1)
    on_right = np.bincount(pieces[mask & (side == RIGHT)], minlength=n + 1)
    share = on_right / np.maximum(on_left + on_right, 1)
    whole = np.zeros(n + 1, dtype=np.int8)
    whole[share >= CLEAR_SHARE] = RIGHT
    whole[share <= 1 - CLEAR_SHARE] = LEFT
    out = whole[pieces]
    undecided = mask & (out == 0)
    out = np.where(undecided, side, out)
    out[~mask] = 0
    total = float(mask.sum())
    return out.astype(np.int8), float(undecided.sum()) / max(total, 1.0)


def check_sides(
    counts: Mapping[tuple[str, str], tuple[int, int]], map_name: str
) -> tuple[str, ...]:
    """Return warnings of regions whose side by the map is not their side by position.

    Parameters
    ----------
    counts
        (name, side by the map) -> voxels on the patient's left and on the right, by position.
    map_name
        How messages call the map.

    Raises
    ------
    ScanError
        All regions lie on the other side: the map or the scan is flipped.
    """
    swapped, crossing = [], []
    for (name, side), (left, right) in counts.items():
        other = right if side == "left" else left
        share = other / max(left + right, 1)
        if share > 0.5:
            swapped.append(f"{side} {name}")
        elif share > CROSSING:
            crossing.append(f"{side} {name} ({share:.0%})")
    if swapped and len(swapped) == len(counts):
        raise ScanError(
            f"{map_name}: the map is flipped left-right: what it calls left lies on the patient's "
            "right, and the other way round, in every region. Look at the scan and the map in a "
            "viewer that shows L and R; correct the header of the file that is wrong, or segment "
            "the scan again"
        )
    told = []
    if swapped:
        told.append(
            f"{map_name}: on the other side of the body than their name says: "
            + ", ".join(sorted(swapped))
        )
    if crossing:
        told.append(f"{map_name}: partly on the other side of the body: " + ", ".join(crossing))
    return tuple(told)
