"""The real thighs of ../shared/data: a Siemens three-point Dixon, and one GE echo."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest

from myocohort.mri.body import Body, find_body
from myocohort.mri.dixon import Echo, fat_map_echoes, replaced_share_one_echo
from myocohort.mri.dixon.rim import depth_below_skin
from myocohort.mri.fat_map import FatMap
from myocohort.mri.scan import Geometry, Scan

SLICES = slice(4, 8, 3)
"""Two slices of mid-thigh keep the test quick; benchmarks/mri_dixon.py measures all ten."""


DRAWN = (
    (slice(40, 60), slice(150, 180), 0),  # vastus lateralis, left, slice 5 of 10
    (slice(135, 155), slice(185, 205), 0),  # vastus medialis, left
    (slice(440, 460), slice(150, 170), 0),  # vastus lateralis, right
    (slice(340, 370), slice(180, 200), 0),  # vastus medialis, right
    (slice(90, 130), slice(215, 230), 1),  # rectus femoris, left, slice 8
    (slice(140, 180), slice(100, 130), 1),  # adductor magnus, left
    (slice(390, 420), slice(205, 220), 1),  # rectus femoris, right
    (slice(340, 380), slice(110, 140), 1),  # adductor magnus, right
)
"""Boxes drawn by hand in healthy muscle, after looking at the images."""


def scan(folder: Path, name: str, phase: bool = False, slices: slice = SLICES) -> Scan:
    """Return one image; Siemens stores phases as 0 to 4095 for -pi to pi."""
    (path,) = folder.glob(f"{name}*")
    image = nibabel.as_closest_canonical(nibabel.load(path))
    voxels = np.asarray(image.dataobj, dtype=np.float32)[:, :, slices]
    if phase:
        voxels = (voxels - 2048) * np.float32(np.pi / 2048)
    return Scan(
        voxels,
        Geometry((voxels.shape[0], voxels.shape[1], voxels.shape[2]), np.asarray(image.affine)),
        name,
        quantity="phase" if phase else "magnitude",
    )


@pytest.fixture(scope="module")
def siemens(shared_data: Path) -> tuple[FatMap, Body]:
    """The fat map of two slices of the Siemens thighs."""
    folder = shared_data / "mri" / "dixon"
    if not folder.is_dir():
        pytest.skip("../shared/data/mri is not here: the real thighs are left out")
    echoes = [
        Echo(scan(folder, f"siemens_000{m}" if m < 10 else f"siemens_00{m}"),
             scan(folder, f"siemens_000{p}" if p < 10 else f"siemens_00{p}", phase=True), te, 3.0)
        for m, p, te in ((6, 7, 3.45), (8, 9, 4.60), (10, 11, 5.75))
    ]  # fmt: skip
    body = find_body(echoes[0].magnitude)
    return fat_map_echoes(echoes, body), body


def test_fat_under_the_skin_of_a_real_thigh_is_fat(siemens: tuple[FatMap, Body]) -> None:
    """From 5.5 mm below the skin on the median of subcutaneous fat is above 0.85 in each leg."""
    found, body = siemens
    depth = depth_below_skin(body, found.geometry.spacing)
    for leg in (1, 2):
        layer = (body.leg == leg) & (depth >= 5.5) & (depth <= 9)
        assert np.nanmedian(found.fraction[layer]) > 0.85


def test_healthy_muscle_of_a_real_thigh_is_lean(siemens: tuple[FatMap, Body]) -> None:
    """Drawn regions of vastus and rectus femoris read below 0.10, in both legs."""
    found, _ = siemens
    for place in DRAWN:
        assert np.nanmedian(found.fraction[place]) < 0.10


def test_no_swap_in_a_real_thigh(siemens: tuple[FatMap, Body]) -> None:
    """Water encloses fat in no slice, and nothing is left in doubt."""
    found, _ = siemens
    assert not any("exchanged" in one or "hardly tell" in one for one in found.warnings)
    assert all(one["fraction"] > 0.8 for one in found.references["fat_under_skin"])


def test_heavily_replaced_real_thigh_is_seen_in_one_echo(shared_data: Path) -> None:
    """The GE thigh is called heavily replaced, from one echo and without a fraction."""
    folder = shared_data / "mri" / "dixon"
    if not folder.is_dir():
        pytest.skip("../shared/data/mri is not here: the real thighs are left out")
    image = scan(folder, "ge_40006", slices=slice(0, 10, 3))
    assert replaced_share_one_echo(image, find_body(image)).heavily_replaced is True
