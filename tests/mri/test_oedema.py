"""Oedema on STIR: found where it is, not found where it is not, and not claimed where unknown."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from phantom import Phantom, made_anatomy, make_phantom

from myocohort.mri.body import Body
from myocohort.mri.oedema import measure_stir, oedema_of_regions
from myocohort.mri.oedema_map import OedemaMap, RegionOedema
from myocohort.mri.regions import Regions
from myocohort.mri.scan import Geometry, Scan, ScanError
from myocohort.mri.stir.controls import ControlHistogram, limit_from_controls

MODERATE = 0.5
LEG = {
    (name, "left"): MODERATE
    for name in ("vastus lateralis", "vastus medialis", "rectus femoris", "gracilis", "sartorius")
}
ANATOMY = made_anatomy(spacing=2.0, slices=2)
Found = dict[tuple[str, str], RegionOedema]


def phantom(**settings: object) -> Phantom:
    """Paint a small thigh pair; oedema in five muscles of the left where nothing else is asked."""
    return make_phantom(ANATOMY, **{"oedema": LEG, "snr": 40.0, "seed": 3, **settings})  # type: ignore[arg-type]


@lru_cache
def usual() -> tuple[Phantom, OedemaMap, Found]:
    """Return the usual phantom and what is measured in it."""
    p = phantom()
    return (p, *measured(p))


def measured(p: Phantom, *, fat: bool = True, **more: object) -> tuple[OedemaMap, Found]:
    """Measure a phantom's STIR, with its true fat map unless told otherwise."""
    fraction = p.fraction if fat else None
    found = measure_stir(p.stir, p.regions, p.body, fat_fraction=fraction, **more)  # type: ignore[arg-type]
    by_code = oedema_of_regions(found, p.regions, p.stir)
    of = p.regions.of
    return found, {(of[c].name, of[c].side): one for c, one in by_code.items()}


@pytest.mark.parametrize("fat", [True, False])
@pytest.mark.parametrize("bias_kind", ["smooth", "coil"])
def test_moderate_oedema_is_found_and_nothing_else(bias_kind: str, fat: bool) -> None:
    """Without controls, muscles with moderate oedema are positive and all others are not."""
    _, found = measured(phantom(bias_kind=bias_kind), fat=fat)
    assert {key for key, one in found.items() if one.positive} == set(LEG)


def test_oedema_of_a_whole_leg_is_not_taken_for_the_coil() -> None:
    """All muscles of one leg are found, although a smooth field might explain a bright leg."""
    leg = {key: MODERATE for key in usual()[0].truth if key[1] == "left"}
    _, found = measured(phantom(oedema=leg))
    assert {key for key, one in found.items() if one.positive} == set(leg)


def test_oedema_in_fatty_muscle_is_found_with_a_fat_map() -> None:
    """Fat darkens muscle on STIR; with a fat map its oedema is seen, and fat alone is none."""
    wet, dry = ("vastus lateralis", "left"), ("adductor magnus", "right")
    p = phantom(fat={wet: 0.45, dry: 0.45}, oedema={wet: MODERATE})
    _, found = measured(p)
    assert found[wet].positive
    assert found[dry].positive is False


def test_failed_suppression_is_flagged_and_left_out() -> None:
    """A failed corner is told, its voxels have no value, and no muscle beside it is positive."""
    found, muscles = measured(phantom(oedema={}, suppression_fails=1.0))
    assert any("Fat suppression failed" in one for one in found.warnings)
    assert not any(one.positive for one in muscles.values())
    touched = [one for one in muscles.values() if one.warnings]
    assert touched
    assert all(one.positive_share is None or one.measured < one.voxels for one in touched)


def test_good_suppression_raises_no_alarm() -> None:
    """A clean scan is not accused of failed fat suppression, with or without a fat map."""
    p, with_map, _ = usual()
    for found in (with_map, measured(p, fat=False)[0]):
        assert found.references["fat_suppression"]["failed_places"] == 0


def test_controls_give_the_limit() -> None:
    """With healthy controls the limit is theirs, and oedema is still told from none."""
    healthy = [measured(phantom(oedema={}, seed=seed))[0] for seed in (11, 12)]
    limit = limit_from_controls(
        [
            ControlHistogram.of_measured(one.references, status="healthy", study="volunteers")
            for one in healthy
        ]
    )
    found, muscles = measured(usual()[0], controls=limit)
    assert "2 healthy controls" in found.method or "raised" in " ".join(found.warnings)
    assert {key for key, one in muscles.items() if one.positive} == set(LEG)


def test_a_weak_reference_is_no_proof_of_health() -> None:
    """Where next to no muscle is alike, a muscle that does not stand out has no value."""
    keys = sorted(usual()[0].truth)
    levels = {key: 0.15 + 0.85 * i / (len(keys) - 1) for i, key in enumerate(keys)}
    found, muscles = measured(phantom(oedema=levels))
    share = (found.references["reference"] or {}).get("share_of_muscle", 0.0)
    assert share < 0.5
    if share < 0.25:
        assert all(one.positive is not False for one in muscles.values())


def test_the_pattern_tells_extent_and_place() -> None:
    """Global oedema fills slices and cross-section; a muscle without any has extent 0."""
    _, _, found = usual()
    wet = found["vastus lateralis", "left"].pattern
    assert wet["extent_slices"] == 1.0
    assert wet["extent_area"] > 0.9
    assert wet["inside_share"] == pytest.approx(wet["inside_of_muscle"], abs=0.1)
    assert 0.3 < wet["intensity"] < 0.8
    dry = found["vastus lateralis", "right"].pattern
    assert dry["extent_slices"] == 0.0
    assert "intensity" not in dry


def test_flips_change_nothing() -> None:
    """A scan flipped along all axes gives the same shares to less than a point."""
    p, _, straight = usual()
    turn = np.s_[::-1, ::-1, ::-1]
    scan = replace(p.stir, voxels=np.ascontiguousarray(p.stir.voxels[turn]))
    regions = replace(p.regions, codes=np.ascontiguousarray(p.regions.codes[turn]))
    body = Body(p.body.mask[turn], p.body.depth_mm[turn], p.body.leg[turn])
    found = measure_stir(scan, regions, body, fat_fraction=p.fraction[turn])
    for code, one in oedema_of_regions(found, regions, scan).items():
        region = regions.of[code]
        before = straight[region.name, region.side].positive_share
        assert one.positive_share == pytest.approx(before, abs=0.01)


def test_another_grid_is_refused() -> None:
    """A fat map or muscles on another grid are an error that says what to do."""
    p = usual()[0]
    with pytest.raises(ScanError, match="Resample"):
        measure_stir(p.stir, p.regions, p.body, fat_fraction=p.fraction[:-1])
    moved = Geometry(p.regions.geometry.shape, p.regions.geometry.affine + np.eye(4) * 0.5)
    with pytest.raises(ScanError, match="Resample"):
        measure_stir(p.stir, replace(p.regions, geometry=moved), p.body)


def test_no_muscle_is_refused() -> None:
    """A scan in which no labelled muscle lies is an error, not an empty result."""
    p = usual()[0]
    empty = Regions(np.zeros_like(p.regions.codes), p.regions.of, p.regions.geometry)
    with pytest.raises(ScanError, match="no labelled muscle"):
        measure_stir(p.stir, empty, p.body)


def test_a_thigh_of_fat_has_no_oedema_value() -> None:
    """Where the fat map leaves no muscle, oedema is not measured, and the scan is no error."""
    p = usual()[0]
    found = measure_stir(p.stir, p.regions, p.body, fat_fraction=np.full_like(p.fraction, 0.95))
    assert any("no muscle has less than 50% of fat" in one for one in found.warnings)
    assert all(one.positive is None for one in oedema_of_regions(found, p.regions, p.stir).values())


def test_without_a_fat_map_fatty_muscle_is_no_reference() -> None:
    """Muscles of 0 to 70% of fat without a fat map: healthy muscle is not called oedema."""
    keys = sorted(usual()[0].truth)
    fat = {key: 0.7 * i / (len(keys) - 1) for i, key in enumerate(keys)}
    found, muscles = measured(phantom(fat=fat, oedema={}), fat=False)
    assert not any(one.positive for one in muscles.values())
    assert any("cannot be" in one for one in found.warnings)


def test_another_sequence_is_told() -> None:
    """A T1 measured as STIR is told in a warning."""
    p = usual()[0]
    wrong: Scan = replace(p.stir, sequence=replace(p.stir.sequence, kind="t1"))
    assert any("looks like t1" in one for one in measure_stir(wrong, p.regions, p.body).warnings)
