"""Field and decay of each voxel, sharpened from the coarse field by its neighbourhood's misfit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.dixon.coarse import Blocks, Complexes, Floats, fill_outwards, smooth
from myocohort.mri.dixon.separation import Model, misfit

SHARED_MM = 2.5
"""Voxels share their misfit over this distance (Gaussian, SD) for the field and the decay."""

DECAYS = (0.0, 300.0)
"""R2* that occurs in muscle and fat, 1/s; cortical bone and iron lie above and give no signal."""

DECAY_STEP = 10.0
"""R2* by which the misfit is bent, 1/s."""

WIDTHS = (16, 48, 96, 96)
"""Fractions of a turn over all echoes by which the field is moved to see the misfit's slope, round
by round: wide ones find the valley, narrow ones its floor where it is lopsided (where water and fat
lie a quarter turn apart, a step of 1/16 shifts the floor by 3 Hz)."""

LEAST_BEND = 0.02
"""Share of the typical bend of the misfit that the pull to the coarse value has: where water and
fat cancel, no echo tells the field."""


def refine(
    signal: Complexes,
    inside: NDArray[np.bool_],
    model: Model,
    field: Floats,
    decay: float,
    blocks: Blocks,
    with_decay: bool,
) -> tuple[Floats, Floats]:
    """Return field (Hz) and decay (1/s) of each block, by damped Newton steps.

    Parameters
    ----------
    signal
        Mean echoes of each block, (echoes, x, y, slices); 0 outside the body.
    inside
        Blocks that hold enough of the body.
    field
        To start from, Hz.
    decay
        R2* to start from, and to keep where `with_decay` is false.

    Notes
    -----
    Slope and bend of the misfit are taken along the field around its present value in each voxel
    and then averaged, so that a steep field is not blurred as it would be by averaging fields.
    """
    field = fill_outwards(field, inside)
    decays = np.full(field.shape, decay, dtype=np.float32)
    for parts in WIDTHS:
        width = 1 / (parts * model.span)
        middle = misfit(signal, model, field, decays)
        step = _step(
            misfit(signal, model, field - np.float32(width), decays),
            middle,
            misfit(signal, model, field + np.float32(width), decays),
            blocks,
            inside,
        )
        field = fill_outwards(
            field + np.clip(step, -parts / 8, parts / 8) * np.float32(width), inside
        )
        if with_decay:
            middle = misfit(signal, model, field, decays)
            step = _step(
                misfit(signal, model, field, decays - np.float32(DECAY_STEP)),
                middle,
                misfit(signal, model, field, decays + np.float32(DECAY_STEP)),
                blocks,
                inside,
            )
            decays = np.clip(decays + np.clip(step, -4, 4) * np.float32(DECAY_STEP), *DECAYS)
            decays = fill_outwards(decays.astype(np.float32), inside)
    return field.astype(np.float32), decays


def _step(
    before: Floats, middle: Floats, after: Floats, blocks: Blocks, inside: NDArray[np.bool_]
) -> Floats:
    """Return the Newton step in units of the difference taken, smoothed over the neighbourhood."""
    slope = smooth((after - before) * np.float32(0.5), SHARED_MM, blocks.spacing)
    bend = smooth(after - np.float32(2) * middle + before, SHARED_MM, blocks.spacing)
    typical = float(np.median(np.abs(bend[inside])))
    pull = np.float32(max(LEAST_BEND * typical, 1e-20))
    return np.asarray(-slope / (np.maximum(bend, 0) + pull), dtype=np.float32)
