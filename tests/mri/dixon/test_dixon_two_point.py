"""Fat fraction from a scanner's fat and water images."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from dixon_thigh import Thighs, thighs
from numpy.typing import NDArray

from myocohort.mri.dixon import fat_map_two_point
from myocohort.mri.scan import Geometry, Scan, ScanError, Sequence

Exchanged = NDArray[np.bool_] | None


def pair(
    given: Thighs, exchanged: Exchanged = None, snr: float = 40.0, brighter: float = 1.6
) -> tuple[Scan, Scan]:
    """Return fat and water images of the thighs; fat is brighter by T1 weighting after TE 0."""
    share = np.where(given.body.mask, given.fraction, 0)
    # A fraction of signal: what the images show is what they are asked for.
    total = np.where(given.body.mask, 1 + (brighter - 1) * share, 0)
    fat, water = share * total, (1 - share) * total
    if exchanged is not None:
        fat, water = np.where(exchanged, water, fat), np.where(exchanged, fat, water)
    rng = np.random.default_rng(3)
    scans = []
    for image, kind in ((fat, "dixon-fat"), (water, "dixon-water")):
        noise = rng.normal(size=(2, *image.shape)) / snr if np.isfinite(snr) else np.zeros(2)
        voxels = np.hypot(image + noise[0], noise[1]).astype(np.float32)
        scan = Scan(voxels, given.echoes[0].magnitude.geometry, kind)
        scans.append(dataclasses.replace(scan, sequence=Sequence(kind)))  # type: ignore[arg-type]
    return scans[0], scans[1]


@pytest.fixture(scope="module")
def given() -> Thighs:
    """Two thighs in two slices."""
    return thighs(slices=2)


def test_each_muscle_is_read_to_one_point(given: Thighs) -> None:
    """With noise of 1/40 every muscle is within a point, the ones without fat as well."""
    found = fat_map_two_point(*pair(given), given.body)
    assert np.abs(given.mean_errors(found.fraction)).max() < 0.01
    assert found.warnings == ()
    assert "T1" in found.references["limit"]


def test_noise_floor_is_taken_off(given: Thighs) -> None:
    """At SNR 20 plain magnitudes read 6 points in muscle without fat; the map reads below 1.5."""
    fat, water = pair(given, snr=20)
    bare = given.muscle == 1
    plain = (fat.voxels / (fat.voxels + water.voxels))[bare].mean()
    found = fat_map_two_point(fat, water, given.body).fraction[bare].mean()
    assert plain > 0.05
    assert abs(found) < 0.015


def test_images_without_noise_in_air_are_warned_about(given: Thighs) -> None:
    """Where air was set to zero, the share of noise in muscle is not known, and that is said."""
    fat, water = pair(given, snr=np.inf)
    found = fat_map_two_point(fat, water, given.body)
    assert any("no noise in air" in one for one in found.warnings)
    assert np.isnan(found.fraction[~given.body.mask]).all()


def test_zero_signal_is_not_zero_fat(given: Thighs) -> None:
    """Voxels without signal are not a number."""
    fat, water = pair(given)
    hole = np.zeros(given.body.mask.shape, dtype=bool)
    hole[30:36, 30:36] = True
    emptied = [
        dataclasses.replace(one, voxels=np.where(hole, 0, one.voxels).astype(np.float32))
        for one in (fat, water)
    ]
    found = fat_map_two_point(emptied[0], emptied[1], given.body)
    assert np.isnan(found.fraction[hole]).all()


def test_images_in_the_wrong_order_are_refused() -> None:
    """Fat given as water shows water under the skin and fat inside: nothing is guessed."""
    healthy = thighs(slices=2, fractions=(0.02, 0.05, 0.1))
    fat, water = (dataclasses.replace(one, sequence=Sequence()) for one in pair(healthy))
    with pytest.raises(ScanError, match="in the other order"):
        fat_map_two_point(water, fat, healthy.body)


def test_tags_that_name_the_images_otherwise_are_refused(given: Thighs) -> None:
    """A water image given as the fat image by its own tags is refused at once."""
    fat, water = pair(given)
    with pytest.raises(ScanError, match="in the order fat, water"):
        fat_map_two_point(water, fat, given.body)


def test_swap_of_one_leg_is_exchanged_back_and_said() -> None:
    """One leg inside out is exchanged back, and the warning names it."""
    healthy = thighs(slices=2, fractions=(0.02, 0.05, 0.1))
    found = fat_map_two_point(*pair(healthy, healthy.body.leg == 1), healthy.body)
    assert np.abs(healthy.mean_errors(found.fraction)).max() < 0.01
    assert any("left leg, slices 1 to 2" in one for one in found.warnings)


def test_swap_of_a_leg_with_replaced_muscles_is_seen_beside_the_other() -> None:
    """Fat of all degrees inside proves nothing; the other leg's fat under the skin does."""
    mixed = thighs(slices=2)
    found = fat_map_two_point(*pair(mixed, mixed.body.leg == 2), mixed.body)
    assert np.abs(mixed.mean_errors(found.fraction)).max() < 0.015
    assert any("right leg, slices 1 to 2" in one for one in found.warnings)


def test_swap_that_nothing_proves_is_warned_about() -> None:
    """A leg of water beside a leg of fat may be lean or swapped: nothing is changed, and said."""
    lean = thighs(slices=1, fractions=(0.02, 0.04), fat_mm=2.0)
    found = fat_map_two_point(*pair(lean, lean.body.leg == 2), lean.body)
    assert any("no fat is seen" in one for one in found.warnings)


def test_swap_of_one_slice_of_one_leg_is_exchanged_back_and_said() -> None:
    """A swap in a single slice is seen there and not elsewhere."""
    healthy = thighs(slices=2, fractions=(0.02, 0.05, 0.1))
    where = (healthy.body.leg == 2) & (np.arange(2) == 1)
    found = fat_map_two_point(*pair(healthy, where), healthy.body)
    assert np.abs(healthy.mean_errors(found.fraction)).max() < 0.01
    assert any("right leg, slice 2" in one for one in found.warnings)


def test_swapped_patch_under_the_skin_is_left_out() -> None:
    """A patch of fat that reads as water, with the signal of fat, is not determined, and said."""
    healthy = thighs(slices=1, fractions=(0.02, 0.05, 0.1), fat_mm=16.0)
    patch = np.zeros(healthy.body.mask.shape, dtype=bool)
    patch[2:24, 25:50] = True
    patch &= healthy.fraction > 0.9
    found = fat_map_two_point(*pair(healthy, patch), healthy.body)
    assert np.isnan(found.fraction[patch]).mean() > 0.8
    assert any("patches under the skin" in one for one in found.warnings)
    assert np.abs(healthy.mean_errors(found.fraction)).max() < 0.01


def test_wholly_replaced_thigh_is_no_swap() -> None:
    """Fat under the skin and fat inside is an end-stage thigh, not an exchange."""
    replaced = thighs(slices=1, fractions=(0.8, 0.9, 0.95))
    found = fat_map_two_point(*pair(replaced), replaced.body)
    assert np.abs(replaced.mean_errors(found.fraction)).max() < 0.01
    assert not any("exchanged" in one for one in found.warnings)


def test_pairs_that_do_not_belong_together_are_refused(given: Thighs) -> None:
    """Another grid, the same image twice, values below 0 and phase images are told."""
    fat, water = pair(given)
    other = Geometry(water.geometry.shape, np.diag([2.0, 2.0, 12.0, 1.0]))
    with pytest.raises(ScanError, match="different grids"):
        fat_map_two_point(fat, dataclasses.replace(water, geometry=other), given.body)
    with pytest.raises(ScanError, match="same image"):
        fat_map_two_point(fat, fat, given.body)
    with pytest.raises(ScanError, match="below 0"):
        fat_map_two_point(dataclasses.replace(fat, voxels=fat.voxels - 1), water, given.body)
    with pytest.raises(ScanError, match="phase image"):
        fat_map_two_point(dataclasses.replace(fat, quantity="phase"), water, given.body)
