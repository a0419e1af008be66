"""The outline of the body, its legs, and the depth under the skin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tiny_legs import APART, SIGNAL, TOUCHING, Leg, draw, grid, inside

from myocohort.mri.body import body_on, depth_in_plane, find_body, shrink_in_plane
from myocohort.mri.scan import Geometry, Scan, ScanError, Sequence

MM = 1.2


def overlap(one, other):
    """Return Dice's coefficient."""
    return 2 * (one & other).sum() / (one.sum() + other.sum())


@pytest.mark.parametrize("contrast", SIGNAL)
@pytest.mark.parametrize("legs", [APART, TOUCHING], ids=["apart", "touching"])
@pytest.mark.parametrize("bias", [0.0, 0.4])
def test_the_outline_holds_in_every_contrast(contrast, legs, bias):
    """Dark fat, a strong coil profile and touching legs leave outline and sides as they are."""
    geometry = grid(mm=MM)
    scan, truth = draw(legs, contrast, geometry=geometry, noise=0.02, bias=bias)
    body = find_body(scan)
    assert overlap(body.mask, truth) > 0.98
    for number, leg in enumerate(legs, start=1):
        assert overlap(body.leg == number, inside(geometry, leg)) > 0.98


def test_fat_hardly_above_noise_is_still_body():
    """Fat of two standard deviations of noise is found by the statistics of its noise."""
    scan, truth = draw(APART, "water", geometry=grid(mm=0.9), noise=0.05)
    assert overlap(find_body(scan).mask, truth) > 0.97


@pytest.mark.parametrize("noise", [0.0, 0.002, 0.08])
def test_the_outline_does_not_depend_on_the_noise_of_bright_tissue(noise):
    """Air set to zero, little noise and much noise give the same outline on T1."""
    scan, truth = draw(APART, "t1", geometry=grid(mm=MM), noise=noise)
    assert overlap(find_body(scan).mask, truth) > 0.985


def test_uneven_noise_and_padded_corners_are_not_body():
    """Air whose noise doubles from one side to the other, with corners of zeros, stays air."""
    scan, truth = draw(APART, "t1", geometry=grid(mm=MM), noise=0.02)
    rise = np.linspace(0.7, 2.0, scan.voxels.shape[0])[:, None, None]
    voxels = np.where(truth, scan.voxels, scan.voxels * rise).astype(np.float32)
    i, j = np.indices(voxels.shape[:2])
    voxels[i + j < 60] = 0
    assert overlap(find_body(replace(scan, voxels=voxels)).mask, truth) > 0.98


def test_hands_and_pads_are_left_out():
    """Small parts beside and below the thighs are no legs."""
    geometry = grid(width_mm=460, depth_mm=230, mm=MM)
    hand = Leg(205, 20, a=18, b=25, fat_mm=4, bone_mm=6)
    pad = Leg(-80, -105, a=25, b=6, fat_mm=5.9, bone_mm=0.1)
    scan, _ = draw((*APART, hand, pad), "t1", geometry=geometry)
    body = find_body(scan)
    assert not (body.mask & inside(geometry, hand)).any()
    assert not (body.mask & inside(geometry, pad)).any()


def test_bone_is_filled():
    """Cortical bone has no signal and is part of the body."""
    geometry = grid(mm=MM)
    scan, _ = draw(APART, "t1", geometry=geometry)
    assert find_body(scan).mask[inside(geometry, Leg(-85, a=13, b=13))].all()


def test_air_enclosed_by_both_legs_is_not_filled():
    """Where thighs touch in front and behind, the air between them stays air."""
    geometry = grid(mm=MM)
    bridges = (Leg(0, 28, a=22, b=8, fat_mm=6, bone_mm=0.1), Leg(0, -28, a=22, b=8, fat_mm=6))
    scan, _ = draw((Leg(-82), Leg(82), *bridges), "t1", geometry=geometry)
    between = inside(geometry, Leg(0, a=4, b=8))
    assert find_body(scan).mask[between].mean() < 0.1


def test_one_leg_has_no_side():
    """The image of a single leg does not tell which one it is."""
    scan, truth = draw((Leg(0),), "t1", geometry=grid(width_mm=200, mm=MM))
    body = find_body(scan)
    assert overlap(body.mask, truth) > 0.98
    assert not body.leg.any()
    assert any("only one leg" in text for text in body.warnings)


def test_a_pelvis_is_split_at_its_middle_and_told():
    """A body wider than deep without a cleft is split at the middle, with a warning."""
    wide = Leg(10, a=170, b=95, fat_mm=20)
    scan, _ = draw((wide,), "t1", geometry=grid(width_mm=420, depth_mm=230, mm=MM))
    body = find_body(scan)
    left, right = (body.leg == 1).sum(), (body.leg == 2).sum()
    assert abs(left - right) < 0.02 * (left + right)
    assert any("no cleft" in text for text in body.warnings)


def test_a_body_cut_by_the_border_is_told():
    """Where the image ends within the leg the skin is not seen, and depth counts from skin only."""
    scan, _ = draw((Leg(-85, -60), Leg(85, -60)), "t1", geometry=grid(mm=MM))
    body = find_body(scan)
    assert any("border cuts" in text for text in body.warnings)
    middle = np.argmin(np.abs(np.arange(body.mask.shape[0]) * MM - 94))
    assert body.depth_mm[middle, 0, 0] > 20


def test_an_image_without_air_is_told():
    """An image that shows tissue from border to border has no skin."""
    rng = np.random.default_rng(1)
    voxels = (500 + 20 * rng.standard_normal((60, 60, 2))).astype(np.float32)
    body = find_body(Scan(voxels, grid(120, 120), "all tissue"))
    assert body.mask.mean() > 0.95
    assert any("hardly any air" in text for text in body.warnings)


def test_another_part_of_the_body_is_told_by_its_size():
    """Legs of 38 cm2 are no thighs."""
    scan, _ = draw((Leg(-60, a=35, b=35), Leg(60, a=35, b=35)), "t1", geometry=grid(mm=MM))
    assert any("is this a scan of the thighs" in text for text in find_body(scan).warnings)


def test_what_cannot_have_an_outline_is_refused():
    """Phases, fractions, pure noise and wrong units end in an error that says what to do."""
    scan, _ = draw(APART)
    with pytest.raises(ScanError, match="magnitude"):
        find_body(replace(scan, quantity="phase"))
    with pytest.raises(ScanError, match="fat fraction"):
        find_body(replace(scan, sequence=Sequence("dixon-fraction")))
    with pytest.raises(ScanError, match="no body is seen"):
        find_body(replace(scan, voxels=np.zeros_like(scan.voxels)))
    metres = Geometry(scan.geometry.shape, scan.geometry.affine / 1000)
    with pytest.raises(ScanError, match="not in millimetres"):
        find_body(replace(scan, geometry=metres))


@examples(max_examples=5)
@given(st.sampled_from(sorted(SIGNAL)), st.integers(0, 1000))
def test_mirrored_images_give_mirrored_bodies(contrast, seed):
    """Left and right, front and back, and the order of slices change places, and nothing else."""
    scan, _ = draw(TOUCHING, contrast, geometry=grid(mm=2), seed=seed)
    body = find_body(scan)
    for axis in range(3):
        flipped = find_body(replace(scan, voxels=np.flip(scan.voxels, axis).copy()))
        assert overlap(np.flip(flipped.mask, axis), body.mask) > 0.995
        expected = np.where(body.leg > 0, 3 - body.leg, 0) if axis == 0 else body.leg
        assert (np.flip(flipped.leg, axis) != expected).mean() < 0.005


def test_skin_alone_shows_the_outline():
    """Fat and muscle as dark as air, as on STIR of a wholly replaced thigh: skin is enough."""
    geometry = grid(mm=0.9)
    signal = np.zeros(geometry.shape)
    for leg in APART:
        signal[inside(geometry, leg) & ~inside(geometry, leg, 1.9)] = 0.3
    rng = np.random.default_rng(1)
    noise = 0.03 * (rng.standard_normal(signal.shape) + 1j * rng.standard_normal(signal.shape))
    scan = Scan(np.abs(signal + noise).astype(np.float32), geometry, "skin")
    truth = inside(geometry, APART[0]) | inside(geometry, APART[1])
    assert overlap(find_body(scan).mask, truth) > 0.97


def test_a_body_on_another_grid_keeps_its_place():
    """The outline of T1 serves a STIR scan with other voxels; slices far from any have none."""
    here, there = grid(mm=MM, slices=2, gap=10), grid(mm=1.5, slices=4, gap=10)
    body = find_body(draw(APART, "t1", geometry=here)[0])
    placed = body_on(body, here, there)
    assert overlap(placed.leg[:, :, 1:3] == 1, inside(there, APART[0])[:, :, 1:3]) > 0.98
    assert not placed.mask[:, :, [0, 3]].any()
    assert placed.depth_mm.max() == pytest.approx(body.depth_mm.max(), abs=1.5)
    assert body_on(body, here, here) is body


def test_the_outline_does_not_depend_on_the_voxel_size():
    """Voxels larger by a fifth give the same area and depth."""
    bodies = [find_body(draw(APART, "stir", geometry=grid(mm=mm))[0]) for mm in (1.0, 1.2)]
    areas = [one.mask[:, :, 0].sum() * mm**2 for one, mm in zip(bodies, (1.0, 1.2), strict=True)]
    assert areas[0] == pytest.approx(areas[1], rel=0.01)
    assert bodies[0].depth_mm.max() == pytest.approx(bodies[1].depth_mm.max(), abs=1.5)


def test_depth_is_in_millimetres_within_the_slice():
    """Unequal voxel sizes and thick slices count as they are."""
    mask = np.zeros((9, 9, 3), dtype=bool)
    mask[2:7, 2:7, 1] = True
    depth = depth_in_plane(mask, np.array([1.0, 2.0, 20.0]))
    assert depth[4, 4, 1] == 3.0
    assert depth[4, 3, 1] == 3.0
    assert depth[4, 2, 1] == 2.0
    assert not depth[:, :, [0, 2]].any()


@given(st.floats(0, 12))
def test_shrinking_takes_a_rim_of_that_width(mm):
    """A disc of 30 mm loses its rim, whatever the voxel size."""
    for spacing in (0.8, 1.0):
        x = (np.arange(int(80 / spacing)) + 0.5) * spacing - 40
        disc = (x[:, None] ** 2 + x[None, :] ** 2 < 30**2)[:, :, None]
        shrunk = shrink_in_plane(disc, mm, np.array([spacing, spacing, 10.0]))
        radius = np.sqrt(shrunk.sum() * spacing**2 / np.pi)
        assert radius == pytest.approx(30 - mm, abs=0.6)


@pytest.mark.parametrize(
    "name", ["siemens_0006-Dixon_TE_345_th.nii.gz", "ge_40006-ORIG_DIXON_TE_345_TH-0000.nii.gz"]
)
def test_real_thighs(shared_data, name):
    """Two legs of plausible size in every slice, and next to nothing bright left outside."""
    from myocohort.mri.scans import read_scan

    path = shared_data / "mri" / "dixon" / name
    if not path.is_file():
        pytest.skip("../shared/data/mri is not here: tests on real scans are left out")
    scan = read_scan(path)
    few = replace(
        scan,
        voxels=np.ascontiguousarray(scan.voxels[:, :, 2:5]),
        geometry=Geometry((*scan.geometry.shape[:2], 3), scan.geometry.affine),
    )
    body = find_body(few)
    in_plane = float(np.prod(few.geometry.spacing[:2])) / 100
    for leg in (1, 2):
        area = (body.leg == leg).sum(axis=(0, 1)) * in_plane
        assert ((area > 100) & (area < 450)).all()
    bright = few.voxels > 0.25 * np.quantile(few.voxels[body.mask], 0.9)
    assert (bright & ~body.mask).sum() < 0.01 * bright.sum()
    assert (body.leg > 0).sum() == body.mask.sum()
