"""Left and right of regions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_legs import APART, TOUCHING, Leg, draw, grid, inside, labelled

from myocohort.mri.body import Body, find_body
from myocohort.mri.label_maps import LABEL_MAPS
from myocohort.mri.labels import regions_of
from myocohort.mri.scan import LabelMap, ScanError
from myocohort.mri.sides import check_sides, side_of_voxels, split_by_position

THIGH11 = LABEL_MAPS["thigh11"]


def sided(swap=False):
    """Return a map with ThighSegAI's numbers of vastus lateralis, right 1 and left 8."""
    plain = labelled(APART)
    middle = plain.geometry.shape[0] // 2
    right, left = (8, 1) if swap else (1, 8)
    labels = np.where(plain.labels == 3, right, 0)
    labels[:middle][plain.labels[:middle] == 3] = left
    return LabelMap(labels.astype(np.int32), plain.geometry, "made labels")


@pytest.mark.parametrize("legs", [APART, TOUCHING], ids=["apart", "touching"])
def test_a_map_without_sides_is_split_by_position(legs):
    """The patient's left lies at the smaller x; both sides have the same size."""
    scan, _ = draw(legs)
    regions = regions_of(labelled(legs), THIGH11, scan, find_body(scan))
    assert [(one.name, one.side) for one in regions.of.values()] == [
        ("vastus lateralis", "left"),
        ("vastus lateralis", "right"),
        ("semitendinosus", "left"),
        ("semitendinosus", "right"),
    ]
    sizes = np.bincount(regions.codes.ravel())[1:]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.02)
    half = regions.codes.shape[0] // 2
    assert set(np.unique(regions.codes[:half])) == {0, 1, 3}


def test_a_piece_over_a_slanting_cleft_belongs_to_its_leg():
    """A straight split through legs that lie askew does not cut a muscle that lies in one leg."""
    scan, _ = draw(TOUCHING)
    body = find_body(scan)
    side = side_of_voxels(body)
    muscle = inside(scan.geometry, Leg(-20, 0, a=30, b=20))
    assert (side[muscle] == 2).any()
    halves, undecided = split_by_position(muscle, side)
    assert set(np.unique(halves[muscle])) == {1}
    assert undecided == 0


def test_a_piece_in_both_legs_is_cut_and_told():
    """A label that spans both legs is cut where the legs part, with a warning."""
    scan, _ = draw(TOUCHING)
    labels = inside(scan.geometry, Leg(0, 0, a=50, b=20)).astype(np.int32)
    regions = regions_of(LabelMap(labels, scan.geometry, "x"), THIGH11, scan, find_body(scan))
    assert len(regions.of) == 2
    assert any("pieces lie across it: sartorius (100%)" in text for text in regions.warnings)


def test_one_leg_needs_its_side():
    """Which leg it is comes from the caller; without it, nothing is guessed."""
    geometry = grid(width_mm=200)
    leg = (Leg(0),)
    scan, _ = draw(leg, geometry=geometry)
    labels, body = labelled(leg, geometry), find_body(scan)
    with pytest.raises(ScanError, match="Say which leg it is"):
        regions_of(labels, THIGH11, scan, body)
    regions = regions_of(labels, THIGH11, scan, body, side="right")
    assert {one.side for one in regions.of.values()} == {"right"}


def test_a_side_is_refused_where_both_legs_are_seen():
    """A side cannot be given against what the image shows."""
    scan, _ = draw(APART)
    with pytest.raises(ScanError, match="shows both legs"):
        regions_of(labelled(APART), THIGH11, scan, find_body(scan), side="left")


def test_sides_of_the_map_are_kept():
    """A map with sides in their place gives them without a warning of sides."""
    scan, _ = draw(APART)
    regions = regions_of(sided(), LABEL_MAPS["thighsegai"], scan, find_body(scan))
    assert [one.side for one in regions.of.values()] == ["left", "right"]
    assert not any("side" in text for text in regions.warnings)


def test_a_flipped_map_is_refused():
    """Left labels on the patient's right in every region: no number comes of it."""
    scan, _ = draw(APART)
    with pytest.raises(ScanError, match="flipped left-right"):
        regions_of(sided(swap=True), LABEL_MAPS["thighsegai"], scan, find_body(scan))


def test_a_flipped_image_is_refused():
    """The same with the image mirrored: one leg is larger, so the body is not its own mirror."""
    scan, _ = draw((Leg(-85, a=60), Leg(85, a=75)))
    flipped = replace(scan, voxels=scan.voxels[::-1].copy())
    labels = sided()
    mirrored = replace(labels, labels=labels.labels[::-1].copy())
    with pytest.raises(ScanError, match="flipped left-right"):
        regions_of(mirrored, LABEL_MAPS["thighsegai"], flipped, find_body(flipped))


def test_single_regions_on_the_wrong_side_are_told():
    """Some regions swapped, some crossing: a warning names each."""
    told = check_sides(
        {
            ("femur", "left"): (100, 0),
            ("gracilis", "left"): (10, 90),
            ("sartorius", "right"): (20, 80),
        },
        "map",
    )
    assert "left gracilis" in told[0]
    assert "right sartorius (20%)" in told[1]


def test_voxels_outside_the_skin_have_a_side_too():
    """Labels a voxel beyond the outline belong to the leg they lie at."""
    leg = np.zeros((10, 4, 2), dtype=np.int8)
    leg[1:4, 1:3], leg[6:9, 1:3] = 1, 2
    side = side_of_voxels(Body(leg > 0, np.zeros(leg.shape, np.float32), leg))
    assert (side[:5] == 1).all()
    assert (side[5:] == 2).all()
    assert side_of_voxels(Body(leg > 0, np.zeros(leg.shape, np.float32), leg * 0)) is None
