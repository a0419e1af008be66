"""The phantoms themselves: what they say is true, and the signals that they are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import phantom_anatomy as tissues
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phantom import TEXTURES, Anatomy, made_anatomy, make_phantom
from phantom_cases import GROUPS, SPARED, acceptance_cases
from phantom_labels import MISSING, from_labels
from phantom_physics import (
    FAT_AT,
    FLUID_AT,
    MUSCLE_AT,
    PPM,
    fat_phasor,
    inversion_recovery,
    null_time,
    spin_echo,
    spoiled_echo,
    wet,
)
from phantom_texture import fill

from myocohort.study.standard import MUSCLES


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    """Return small invented thighs."""
    return made_anatomy(spacing=2.0, slices=2, seed=3)


# --- equations --------------------------------------------------------------------------------
def test_spin_echo_at_known_values() -> None:
    """A spin echo gives 1 - 1/e after one T1 and falls by e after one T2."""
    assert spin_echo(500, 1e9, 500, 0) == pytest.approx(1 - np.exp(-1))
    assert spin_echo(1e-9, 40, 500, 40) == pytest.approx(np.exp(-1))
    # by hand: (1 - exp(-550/1130)) exp(-10/35.3) = 0.3854 * 0.7533
    muscle = MUSCLE_AT[1.5]
    assert spin_echo(muscle.t1_ms, muscle.t2_ms, 550, 10) == pytest.approx(0.2903, abs=2e-4)


def test_fat_is_brighter_than_muscle_on_t1() -> None:
    """Fat is about three times as bright as muscle on a T1 spin echo, at either field strength."""
    for field_t in (1.5, 3.0):
        muscle, fat = MUSCLE_AT[field_t], FAT_AT[field_t]
        ratio = spin_echo(fat.t1_ms, fat.t2_ms, 550, 10) / spin_echo(
            muscle.t1_ms, muscle.t2_ms, 550, 10
        )
        assert 2.2 < ratio < 4.0


def test_inversion_recovery_at_known_values() -> None:
    """A whole inversion is null at T1 ln 2, -1 at once, and 1 when all has recovered."""
    assert inversion_recovery(300, 1e9, 1e9, 0, 300 * np.log(2)) == pytest.approx(0, abs=1e-12)
    assert inversion_recovery(300, 1e9, 1e9, 0, 0) == pytest.approx(-1)
    assert inversion_recovery(300, 1e9, 1e9, 0, 1e6) == pytest.approx(1)
    assert null_time(300, 1e9) == pytest.approx(300 * np.log(2))


@pytest.mark.parametrize("field_t", [1.5, 3.0])
def test_stir_nulls_fat_and_shows_oedema(field_t: float) -> None:
    """At fat's null time muscle keeps signal, oedema raises it, and no inversion shows fat."""
    fat, muscle = FAT_AT[field_t], MUSCLE_AT[field_t]
    ti = null_time(fat.t1_ms, 4000)
    assert inversion_recovery(fat.t1_ms, fat.t2_ms, 4000, 50, ti) == pytest.approx(0, abs=1e-9)
    t1, t2 = wet(muscle, FLUID_AT[field_t], [0.0, 0.5, 1.0])
    signal = np.abs(inversion_recovery(t1, t2, 4000, 50, ti))
    assert signal[1] > 1.2 * signal[0]
    assert signal[2] > 1.6 * signal[0]
    assert inversion_recovery(fat.t1_ms, fat.t2_ms, 4000, 50, ti, 0.3) > signal[0]


def test_oedema_darkens_t1() -> None:
    """Oedema lengthens T1 and T2, and on T1 the first wins."""
    t1, t2 = wet(MUSCLE_AT[1.5], FLUID_AT[1.5], [0.0, 1.0])
    assert t1[0] == pytest.approx(1130, rel=1e-4)
    assert t1[1] == pytest.approx(1 / (0.5 / 1130 + 0.5 / 2850), rel=1e-4)
    assert t2[1] > 1.9 * t2[0]
    signal = spin_echo(t1, t2, 550, 10)
    assert signal[1] < signal[0]


def test_spoiled_echo_at_the_ernst_angle() -> None:
    """The signal of a spoiled echo is largest at the Ernst angle, arccos of exp(-TR/T1)."""
    angle = np.rad2deg(np.arccos(np.exp(-100 / 371)))
    best = spoiled_echo(371, 100, angle)
    assert best > spoiled_echo(371, 100, angle + 2)
    assert best > spoiled_echo(371, 100, angle - 2)
    assert spoiled_echo(371, 1e9, 90) == pytest.approx(1)


def test_fat_phasor_is_in_and_out_of_phase() -> None:
    """One peak at -3.4 ppm turns half a circle in 1.15 ms at 3 T; six peaks never cancel whole."""
    half = 1000 / (2 * 3.4 * 42.577 * 3)
    assert fat_phasor(half, 3.0, PPM["one peak"]) == pytest.approx(-1)
    assert fat_phasor(0, 3.0, PPM["hamilton"]) == pytest.approx(1)
    assert 0.5 < abs(fat_phasor(half, 3.0, PPM["hamilton"])) < 1


# --- truth ------------------------------------------------------------------------------------
@settings(max_examples=40)
@given(st.floats(0, 1), st.sampled_from(TEXTURES), st.integers(0, 1000))
def test_every_texture_has_the_mean_that_was_asked(mean: float, texture: str, seed: int) -> None:
    """Whatever the pattern, the mean is met within 0.2 points and no cell leaves 0 to 1."""
    i, j, _ = np.indices((60, 50, 2))
    cells = np.hypot(i - 30, 1.2 * (j - 25)) < 26
    field = fill(cells, mean, texture, 0.8, 20.0, np.random.default_rng(seed))
    assert field.mean(dtype=float) == pytest.approx(mean, abs=0.002)
    assert field.min() >= 0
    assert field.max() <= 1


def test_textures_differ_at_the_same_mean() -> None:
    """Moth-eaten fat is all or nothing, diffuse fat is neither, washed-out fat spares the rim."""
    i, j, _ = np.indices((90, 90, 1))
    radius = np.hypot(i - 45, j - 45)
    cells = radius < 42

    def field(texture: str) -> np.ndarray:
        return fill(cells, 0.5, texture, 0.5, 20.0, np.random.default_rng(1))

    assert ((field("moth-eaten") > 0.1) & (field("moth-eaten") < 0.9)).mean() < 0.15
    assert ((field("even") > 0.3) & (field("even") < 0.7)).mean() > 0.95
    washed, rim = field("washed out"), radius[cells] > 36
    assert washed[rim].mean() < 0.5 * washed[~rim].mean()


def test_truth_of_each_muscle_is_as_asked(anatomy: Anatomy) -> None:
    """All twelve muscles of both sides are there, each with its asked mean of fat and of oedema."""
    p = make_phantom(anatomy, fat=4, oedema={("gracilis", "left"): 0.5}, texture="moth-eaten")
    assert {name for name, _ in p.truth} == set(MUSCLES)
    assert len(p.truth) == 24
    asked = np.random.default_rng([4, 5]).uniform(0, 1, 24)
    assert list(p.truth.values()) == pytest.approx(list(asked), abs=0.002)
    assert p.oedema_truth["gracilis", "left"] == pytest.approx(0.5, abs=0.002)
    assert p.oedema_truth["gracilis", "right"] == 0
    apart = [abs(p.truth[key] - p.voxel_truth[key]) for key in p.truth]
    assert max(apart) < 0.15  # 2 mm voxels hold a good part of the fat between muscles


def test_partial_volume_conserves_fat(anatomy: Anatomy) -> None:
    """The voxels hold as much fat as the cells, and border voxels lie between their neighbours."""
    p = make_phantom(anatomy, rest=0.0)
    solid = np.isin(anatomy.tissue, (tissues.ADIPOSE, tissues.SEPTUM, tissues.MARROW))
    assert p.fraction.mean(dtype=float) == pytest.approx(solid.mean(), rel=1e-5)
    assert ((p.fraction > 0.1) & (p.fraction < 0.9)).sum() > 500


def test_finer_cells_change_little() -> None:
    """Twice as fine a rendering moves no truth of labelled voxels by 1.5 points."""
    asked = {("vastus lateralis", "left"): 0.4}
    coarse, fine = (
        make_phantom(made_anatomy(spacing=1.0, slices=1, finer=n), fat=asked, texture="even")
        for n in (3, 6)
    )
    for key, value in coarse.voxel_truth.items():
        assert value == pytest.approx(fine.voxel_truth[key], abs=0.015)


# --- images -----------------------------------------------------------------------------------
def test_bias_has_the_asked_range(anatomy: Anatomy) -> None:
    """The factor runs from 0.6 to 1.4 over the body; without bias it is 1."""
    p = make_phantom(anatomy, bias=0.4)
    inside = p.bias[p.body.mask]
    assert inside.min() == pytest.approx(0.6, abs=1e-3)
    assert inside.max() == pytest.approx(1.4, abs=1e-3)
    assert (make_phantom(anatomy, bias=0.0).bias == 1).all()
    coil = make_phantom(anatomy, bias_kind="coil")
    assert coil.bias[coil.body.mask].mean() == pytest.approx(1, abs=1e-3)
    assert coil.bias[coil.body.mask].max() > 1.3


def test_t1_is_the_equation_in_whole_voxels(anatomy: Anatomy) -> None:
    """Without noise and bias a voxel deep in a muscle has the spin echo's signal of its mixture."""
    key = ("vastus lateralis", "left")
    p = make_phantom(
        anatomy, fat={key: 0.4}, texture="even", bias=0.0, snr=np.inf, muscle_spread=0.0
    )
    deep = p.regions.codes == next(c for c, r in p.regions.of.items() if (r.name, r.side) == key)
    deep &= np.abs(p.fraction - 0.4) < 0.1
    muscle, fat = MUSCLE_AT[1.5], FAT_AT[1.5]
    low = float(spin_echo(muscle.t1_ms, muscle.t2_ms, 550, 10))
    high = float(spin_echo(fat.t1_ms, fat.t2_ms, 550, 10))
    wanted = 1200 * ((1 - p.fraction[deep]) * low + p.fraction[deep] * high)
    inner = np.abs(p.t1.voxels[deep] - wanted) / wanted < 0.002
    assert inner.mean() > 0.7  # the others share a voxel with fascia


def test_noise_is_rician(anatomy: Anatomy) -> None:
    """Air has Rayleigh's mean, muscle the SD that the asked SNR says."""
    p = make_phantom(anatomy, bias=0.0, snr=20.0, rest=0.0, muscle_spread=0.0)
    clean = make_phantom(anatomy, bias=0.0, snr=np.inf, rest=0.0, muscle_spread=0.0)
    sd = 1200 * float(spin_echo(1130, 35.3, 550, 10)) / 20
    air = p.fraction + (clean.t1.voxels > 0) == 0
    assert p.t1.voxels[air].mean() == pytest.approx(sd * np.sqrt(np.pi / 2), rel=0.03)
    muscle = p.regions.codes > 0
    apart = (p.t1.voxels - clean.t1.voxels)[muscle & (clean.t1.voxels > 8 * sd)]
    assert apart.std() == pytest.approx(sd, rel=0.05)


def test_dixon_gives_the_fraction_back(anatomy: Anatomy) -> None:
    """Water and fat images, and complex echoes with phase, hold the true fraction to a point."""
    p = make_phantom(anatomy, fat=2, texture="even", dixon_snr=1e6, bias=0.4, field_t=3.0,
                     muscle_spread=0.0)  # fmt: skip
    muscle = p.regions.codes > 0
    muscle &= p.water.voxels + p.fat.voxels > 0
    two_point = p.fat.voxels / np.maximum(p.fat.voxels + p.water.voxels, 1e-6)
    pure = muscle & (np.abs(p.water.voxels + p.fat.voxels - 4800 * p.bias) < 60 * p.bias)
    assert np.abs(two_point - p.fraction)[pure].max() < 0.012  # the rest is T1 weighting
    times = p.settings["echo_times_ms"]
    images = [m.voxels * np.exp(1j * f.voxels) for m, f in p.echoes]
    turned = [
        image * np.exp(-2j * np.pi * p.b0_hz * te / 1000)
        for te, image in zip(times, images, strict=True)
    ]
    model = np.array([[1, fat_phasor(te, 3.0, PPM["hamilton"])] for te in times])
    solved = np.abs(np.linalg.lstsq(model, np.stack([t[pure] for t in turned]), rcond=None)[0])
    echo = solved[1] / solved.sum(axis=0)
    assert np.abs(echo - p.fraction[pure]).mean() < 0.02  # R2* of fat and of water differ


def test_a_swap_exchanges_one_leg(anatomy: Anatomy) -> None:
    """A swapped left leg has its water where the right leg has its fat."""
    p = make_phantom(anatomy, swap="left", rest=0.0)
    for code, region in p.regions.of.items():
        if region.kind == "muscle":
            there = p.regions.codes == code
            fatter = p.fat.voxels[there].mean() > p.water.voxels[there].mean()
            assert fatter == (region.side == "left")


def test_failed_suppression_shows_fat_in_one_corner(anatomy: Anatomy) -> None:
    """The left leg's front corner has bright fat on STIR, the right leg has dark fat."""
    p = make_phantom(anatomy, suppression_fails=0.7, bias=0.0)
    solid = p.fraction > 0.95
    failed = solid & (p.suppression < 0.5)
    assert failed.any()
    assert (p.body.leg[failed] == 1).all()
    assert p.stir.voxels[failed].mean() > 3 * p.stir.voxels[solid & (p.suppression > 0.99)].mean()


def test_the_same_seed_gives_the_same_images_in_any_order(anatomy: Anatomy) -> None:
    """Images repeat with the seed, whatever is asked for first; another seed changes them."""
    first, again, other = (make_phantom(anatomy, fat=1, seed=s) for s in (7, 7, 8))
    stir = first.stir.voxels.copy()
    assert np.array_equal(first.t1.voxels, again.t1.voxels)
    assert np.array_equal(stir, again.stir.voxels)
    assert not np.array_equal(first.t1.voxels, other.t1.voxels)


def test_a_phantom_knows_where_it_lies(anatomy: Anatomy) -> None:
    """Left is where x is low, labels are in MuscleMap's numbers, and depth counts from the skin."""
    p = make_phantom(anatomy)
    half = p.t1.geometry.shape[0] // 2
    for code, region in p.regions.of.items():
        where = np.nonzero(p.regions.codes == code)[0]
        assert where.size
        assert (where < half).all() == (region.side == "left")
        assert set(np.unique(p.label_map.labels[p.regions.codes == code]) % 10) == {
            1 if region.side == "left" else 2
        }
    muscle = p.body.mask & np.isin(p.regions.codes, [c for c, r in p.regions.of.items()
                                                     if r.kind == "muscle"])  # fmt: skip
    assert p.body.depth_mm[muscle].min() > 6
    assert set(np.unique(p.body.leg[p.body.mask])) == {1, 2}


def test_nonsense_is_refused(anatomy: Anatomy) -> None:
    """A muscle that is not there, an unknown texture or setting, a fraction above 1 are errors."""
    with pytest.raises(ValueError, match="no"):
        make_phantom(anatomy, fat={("soleus", "left"): 0.1})
    with pytest.raises(ValueError, match="texture"):
        make_phantom(anatomy, texture="tartan")
    with pytest.raises(ValueError, match="between 0 and 1"):
        make_phantom(anatomy, rest=1.5)
    with pytest.raises(TypeError, match="t2_tr_ms"):
        make_phantom(anatomy, t2_tr_ms=1)


# --- cases and real labels ----------------------------------------------------------------------
def test_cases_cover_what_they_say() -> None:
    """Each group keeps its range of fractions and has bias, noise and both field strengths."""
    cases = list(acceptance_cases(small=True))
    assert {case.group for case in cases} == set(GROUPS)
    for case in cases:
        values = np.array(list(case.settings["fat"].values()))
        if case.group == "spared":
            assert (values <= SPARED).sum() >= 4
            assert values.max() == 1
        elif case.group == "one spared":
            assert (values <= SPARED).sum() == 1
            assert np.sort(values)[1] >= 0.2
        elif case.group == "none spared":
            assert values.min() >= 0.2
        elif case.group == "all above half":
            assert values.min() > 0.5
    assert {case.settings["field_t"] for case in cases} == {1.5, 3.0}
    assert {case.settings["bias_kind"] for case in cases} == {"smooth", "coil"}
    assert cases[0].phantom().t1.voxels.max() > 0


def test_thighs_grow_around_real_labels(shared_data: Path) -> None:
    """Ten muscles of either side, a femur, fat under the skin and air: a pair of thighs."""
    path = shared_data / "mri" / "labels" / "Training_T1_THIGH_049_0002.nii.gz"
    anatomy = from_labels(path, slices=2, spacing=2.0, subcutaneous_mm=15)
    p = make_phantom(anatomy, fat=3)
    assert anatomy.absent == MISSING
    assert len(p.truth) == 20
    for code, region in p.regions.of.items():
        area_cm2 = (p.regions.codes == code).sum() / 2 * 0.04
        assert (3.5 < area_cm2 < 9) if region.name == "femur" else area_cm2 > 0.3
    fat = (anatomy.tissue == tissues.ADIPOSE).sum()
    muscle = np.isin(anatomy.tissue, (tissues.MUSCLE, tissues.OTHER_MUSCLE)).sum()
    assert 0.2 < fat / muscle < 1.2
    assert not anatomy.tissue[[0, -1]].any()
    assert not anatomy.tissue[:, [0, -1]].any()
