"""Which field and reference a STIR scan gets, and which bright fat is failed suppression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.body import Body
from myocohort.mri.scan import Geometry
from myocohort.mri.stir.field import fit_field
from myocohort.mri.stir.muscle_voxels import Blocks
from myocohort.mri.stir.reference import find_reference
from myocohort.mri.stir.suppression import find_failures


def legs(wet_rows: tuple[int, ...]) -> Blocks:
    """Make two legs 60 mm apart, each of 16 square muscles; oedema fades across rows of one."""
    rng = np.random.default_rng(0)
    position, log, code = [], [], []
    x, y, z = np.meshgrid(np.arange(6) * 5.0, np.arange(6) * 5.0, np.arange(2) * 20.0)
    for side in (0, 1):
        for i in range(4):
            for j in range(4):
                place = np.stack([x.ravel() + 180 * side + 30 * i, y.ravel() + 30 * j, z.ravel()])
                fading = np.clip(1 - (30 * i + x.ravel()) / 120, 0, 1)
                excess = fading * (side == 1 and j in wet_rows)
                position.append(place.T)
                log.append(np.log(300) + np.log1p(excess) + 0.03 * rng.standard_normal(x.size))
                code.append(np.full(x.size, 1 + 2 * (4 * i + j) + side))
    all_codes = np.concatenate(code)
    signal = np.exp(np.concatenate(log))
    return Blocks(np.concatenate(position), signal, np.full(all_codes.size, 25.0), all_codes)


def test_oedema_that_fades_inside_muscles_is_no_step_between_the_legs() -> None:
    """Where half of a leg's muscles have fading oedema, the other half still counts as normal."""
    found = find_reference(legs((0, 1)), 2, fat_known=True)
    assert found is not None
    assert found.share > 0.6


def test_a_clean_scan_has_one_field() -> None:
    """Without oedema all muscle is normal, and no other field is in question."""
    found = find_reference(legs(()), 2, fat_known=True)
    assert found is not None
    assert found.share > 0.98
    assert not found.doubtful


def test_the_field_has_the_same_terms_however_many_blocks() -> None:
    """A grid that gives fewer blocks does not get another kind of field."""
    blocks, none = legs(()), np.zeros(0, dtype=np.int64)
    at = blocks.position_mm
    outermost = ((at == at.min(axis=0)) | (at == at.max(axis=0)))[:, :2].any(axis=1)
    third = blocks.where(outermost | (np.arange(blocks.code.size) % 3 == 0))
    assert third.code.size < 0.5 * blocks.code.size
    whole, few = (fit_field(one, none, 2, fat_known=True)[0] for one in (blocks, third))
    assert np.array_equal(whole.terms, few.terms)


def failed_cells(bright: NDArray[np.bool_]) -> int:
    """Return how many places are called failed in a block of fat with bright voxels."""
    mask = np.zeros(bright.shape, dtype=bool)
    mask[2:-2, 2:-2] = True
    depth = np.where(mask, np.float32(10), np.float32(0))
    body = Body(mask, depth, mask.astype(np.int8))
    ratio = np.where(bright, np.float32(1.5), np.float32(0.1))
    geometry = Geometry(bright.shape, np.diag([2.0, 2.0, 8.0, 1.0]))
    fat = np.ones(bright.shape, dtype=np.float32)
    labelled = np.zeros(bright.shape, dtype=bool)
    return find_failures(ratio, body, labelled, fat, geometry).failed_cells


def test_a_vein_along_the_thigh_is_no_failed_suppression() -> None:
    """A bright spot of 8 mm in six slices is a vein; 40 mm of bright fat in one are a failure."""
    vein, corner = (np.zeros((60, 60, 6), dtype=bool) for _ in range(2))
    vein[28:32, 28:32] = True
    corner[4:24, 4:24, 2] = True
    assert failed_cells(vein) == 0
    assert failed_cells(corner) >= 4
