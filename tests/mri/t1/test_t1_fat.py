"""Fat fraction from T1 on phantoms whose fractions are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from phantom import Phantom, made_anatomy, make_phantom

from myocohort.mri.body import Body
from myocohort.mri.region_fat import fat_of_regions
from myocohort.mri.regions import Regions
from myocohort.mri.scan import Geometry, Scan, ScanError
from myocohort.mri.t1.fat import measure_t1
from myocohort.mri.t1.levels import Levels
from myocohort.mri.t1.reference import MuscleReference, usual_reference
from myocohort.mri.t1.smooth_field import smooth_field
from myocohort.mri.t1.spared import is_doubted, judge_ratio, lower_level

FRACTIONS = {
    ("vastus lateralis", "left"): 0.45,
    ("vastus medialis", "right"): 0.75,
    ("semitendinosus", "left"): 1.0,
    ("adductor magnus", "right"): 0.25,
    ("biceps femoris", "right"): 0.9,
}


@pytest.fixture(scope="module")
def spared() -> Phantom:
    """Thighs with a strong receive field, in which most muscles are spared."""
    anatomy = made_anatomy(spacing=2.0, slices=2)
    return make_phantom(anatomy, fat=FRACTIONS, rest=0.0, bias=0.4, snr=30, seed=4)


def _fractions(p: Phantom, **more: object) -> dict[tuple[str, str], tuple[float, float]]:
    fat = measure_t1(p.t1, p.regions, p.body, **more)  # type: ignore[arg-type]
    found = fat_of_regions(fat, p.regions, p.t1)
    return {
        (p.regions.of[code].name, p.regions.of[code].side): (one.fat_fraction, one.fat_fraction_sd)
        for code, one in found.items()
        if one.fat_fraction is not None and one.fat_fraction_sd is not None
    }


def test_fractions_are_right_within_the_agreed_error(spared: Phantom) -> None:
    """With spared muscles the mean error is at most 3 points, none above 6, and intervals hold."""
    found = _fractions(spared)
    error = np.array([found[key][0] - spared.truth[key] for key in found])
    sd = np.array([found[key][1] for key in found])
    assert np.abs(error).mean() <= 0.03
    assert np.abs(error).max() <= 0.06
    assert (np.abs(error) <= 1.96 * sd).mean() >= 0.9


def _flipped(scan: Scan, regions: Regions, body: Body, axis: int) -> tuple[Scan, Regions, Body]:
    def turn(values: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.flip(values, axis))

    return (
        replace(scan, voxels=turn(scan.voxels)),
        replace(regions, codes=turn(regions.codes)),
        Body(turn(body.mask), turn(body.depth_mm), turn(body.leg)),
    )


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_flips_change_nothing(spared: Phantom, axis: int) -> None:
    """A scan that is flipped gives the same fractions within half a point."""
    before = fat_of_regions(
        measure_t1(spared.t1, spared.regions, spared.body), spared.regions, spared.t1
    )
    scan, regions, body = _flipped(spared.t1, spared.regions, spared.body, axis)
    after = fat_of_regions(measure_t1(scan, regions, body), regions, scan)
    for code, one in before.items():
        assert after[code].fat_fraction == pytest.approx(one.fat_fraction, abs=0.005)


def test_no_spared_muscle_is_said_and_widens_the_interval() -> None:
    """Where all muscles hold more than half of fat, the interval is wide, told, and holds."""
    anatomy = made_anatomy(spacing=2.0, slices=2)
    names = [(r.name, r.side) for r in anatomy.of.values() if r.kind == "muscle"]
    fat = {key: 0.55 + 0.4 * k / len(names) for k, key in enumerate(names)}
    p = make_phantom(anatomy, fat=fat, rest=0.7, texture="even", bias=0.3, snr=30, seed=2)
    told = measure_t1(p.t1, p.regions, p.body)
    assert "spared" in " ".join(told.warnings)
    assert told.sd_at_zero > 0.06
    found = _fractions(p)
    covered = [abs(v - p.truth[key]) <= 1.96 * sd for key, (v, sd) in found.items()]
    assert np.mean(covered) >= 0.9


def test_a_reference_replaces_the_missing_muscle() -> None:
    """A muscle reference from elsewhere is what the ratio rests on where no muscle is spared."""
    anatomy = made_anatomy(spacing=2.0, slices=2)
    p = make_phantom(anatomy, rest=0.7, texture="even", bias=0.3, snr=30, seed=2)
    given = MuscleReference(0.36, 0.01, "10 controls of this study")
    fat = measure_t1(p.t1, p.regions, p.body, muscle_reference=given)
    assert fat.references["muscle_ratio"]["value"] == pytest.approx(0.36, abs=0.02)
    assert fat.references["muscle_ratio"]["expected_source"] == given.source


def test_stir_tells_darkened_muscle_from_the_anchor() -> None:
    """With STIR, oedema in some muscles leaves errors within the agreed ones."""
    anatomy = made_anatomy(spacing=2.0, slices=2)
    wet = {("vastus lateralis", "right"): 1.0, ("gracilis", "left"): 0.5}
    p = make_phantom(anatomy, fat=FRACTIONS, rest=0.0, oedema=wet, snr=30, seed=7)
    found = _fractions(p, stir=p.stir)
    error = [abs(v - p.truth[key]) for key, (v, _) in found.items()]
    assert np.mean(error) <= 0.03
    assert max(error) <= 0.06


def test_thin_fat_under_the_skin_is_told_and_does_not_set_the_level() -> None:
    """Where skin leaves 2 mm of fat on 2 mm voxels, marrow and septa hold the level of fat."""
    anatomy = made_anatomy(spacing=2.0, slices=2, subcutaneous_mm=3.0)
    p = make_phantom(anatomy, fat=FRACTIONS, rest=0.0, bias=0.2, snr=30, seed=5)
    told = measure_t1(p.t1, p.regions, p.body)
    assert told.references["subcutaneous_fat"]["mostly_thin"]
    assert "too thin" in " ".join(told.warnings)
    assert told.sd_at_one > 0.08
    found = _fractions(p)
    error = [abs(v - p.truth[key]) for key, (v, _) in found.items()]
    assert np.mean(error) <= 0.05
    covered = [abs(v - p.truth[key]) <= 1.96 * sd for key, (v, sd) in found.items()]
    assert np.mean(covered) >= 0.9


def _levels(log_ratio: float, sharing: int) -> Levels:
    """Return levels of 20 regions of which so many lie at the common level of muscle."""
    codes = range(1, 21)
    field = smooth_field(np.zeros(3), np.array([100.0, 100.0, 0.0]))
    return Levels(
        field=field,
        coefficients=np.zeros(field.terms),
        log_ratio=log_ratio,
        darkening=0.0,
        offset={code: 0.0 if code <= sharing else 0.3 for code in codes},
        share=dict.fromkeys(codes, 0.5),
        area_mm2=dict.fromkeys(codes, 500.0),
        lowest=log_ratio,
        highest=0.0,
        sd_muscle=0.01,
        sd_fat=0.01,
    )


def test_a_level_that_pure_muscle_cannot_have_is_not_taken_for_spared() -> None:
    """A ratio of 0.55 where 0.35 is expected is no spared muscle, however many share it."""
    expected = MuscleReference(0.35, 0.07, "timing")
    for sharing in (1, 4, 12):
        judged = judge_ratio(_levels(np.log(0.55), sharing), expected, 0.05)
        assert judged.chance_spared <= 0.1
        assert judged.value < 0.45
        assert judged.sd > 0.04


def test_muscles_that_share_a_level_by_accident_are_weak_evidence() -> None:
    """Of 20 muscles two share a level by accident, eight do not."""
    expected = MuscleReference(0.35, 0.07, "timing")
    chance = [judge_ratio(_levels(np.log(0.42), n), expected, 0.05).chance_spared for n in (2, 8)]
    assert chance[0] < 0.9 < chance[1]


def test_timing_tells_what_ratio_to_expect(spared: Phantom) -> None:
    """At 550/10 ms and 1.5 T muscle has about a third of fat's signal (Gold 2004, Stanisz 2005)."""
    assert usual_reference(spared.t1).ratio == pytest.approx(0.34, abs=0.05)
    unknown = usual_reference(replace(spared.t1, repetition_ms=None))
    assert unknown.sd > usual_reference(spared.t1).sd


def test_wrong_input_is_refused(spared: Phantom) -> None:
    """Other grids, scans without muscle and impossible references are errors."""
    other = Geometry((4, 4, 1), np.eye(4))
    with pytest.raises(ScanError, match="grid"):
        measure_t1(spared.t1, replace(spared.regions, geometry=other), spared.body)
    none = replace(spared.regions, codes=np.zeros_like(spared.regions.codes))
    with pytest.raises(ScanError, match="no labelled muscle"):
        measure_t1(spared.t1, none, spared.body)
    with pytest.raises(ScanError, match="between 0 and 1"):
        MuscleReference(1.4, 0.1, "the user")


def test_a_scan_without_subcutaneous_fat_is_refused(spared: Phantom) -> None:
    """Without fat under the skin there is no level of pure fat."""
    mask = spared.regions.codes > 0
    body = Body(mask, spared.body.depth_mm, spared.body.leg)
    with pytest.raises(ScanError, match="subcutaneous"):
        measure_t1(spared.t1, spared.regions, body)


def _one_lower(offset: float) -> Levels:
    """Return levels of which one region lies below the common level."""
    levels = _levels(np.log(0.37), 4)
    return replace(levels, offset={**levels.offset, 20: offset})


def test_a_dry_muscle_below_the_common_level_takes_its_place() -> None:
    """Nothing but oedema darkens muscle: the common level is then not pure muscle."""
    moved = lower_level(_one_lower(-0.2), dry={20})
    assert moved.log_ratio == pytest.approx(np.log(0.37) - 0.2)
    assert moved.offset[20] == pytest.approx(0)
    assert moved.offset[1] == pytest.approx(0.2)
    near = _one_lower(-0.05)
    assert lower_level(near, dry={20}) is near


def test_a_wet_muscle_below_the_common_level_is_a_doubt() -> None:
    """Oedema may be why: the level stays, the chance of a spared muscle falls, the SD grows."""
    levels = _one_lower(-0.2)
    assert lower_level(levels, dry=set()) is levels
    assert is_doubted(levels, dry=set())
    assert not is_doubted(_one_lower(-0.1), dry=set())
    expected = MuscleReference(0.33, 0.1, "timing")
    sure = judge_ratio(_levels(np.log(0.37), 8), expected, 0.05)
    doubted = judge_ratio(_levels(np.log(0.37), 8), expected, 0.05, doubted=True)
    assert doubted.chance_spared < sure.chance_spared
    assert doubted.sd > sure.sd
    assert doubted.value == sure.value
