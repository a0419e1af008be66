"""Fat fraction from echoes with phase, against small thighs whose fat is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from dixon_thigh import thighs

from myocohort.mri.body import Body
from myocohort.mri.dixon import Echo, fat_map_echoes
from myocohort.mri.scan import Geometry, Scan, ScanError


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"phase": "minus"},
        {"bend_hz": 150.0},
        {"offset_hz": 120.0, "bend_hz": 50.0},
        {"field_t": 1.5, "echo_ms": (2.3, 4.6, 6.9)},
        {"echo_ms": (1.1, 2.0, 2.9, 3.8, 4.7, 5.6)},
        {"echo_ms": (1.2, 2.5, 4.4)},
        {"echo_ms": (1.95, 2.75, 3.55)},
        {"fat_mm": 4.0},
        {"fractions": (0.0, 0.02, 0.05, 0.03)},
    ],
)
def test_each_muscle_is_read_to_one_point(changes: dict[str, object]) -> None:
    """Three echoes or more with phase give each muscle's fraction to 1 point."""
    given = thighs(slices=1, **changes)  # type: ignore[arg-type]
    errors = given.mean_errors(fat_map_echoes(given.echoes, given.body).fraction)
    assert np.abs(errors).max() < 0.01


def test_noise_moves_no_mean_systematically() -> None:
    """At SNR 20 and -+150 Hz the mean error of 16 muscles stays below 1 point, without a trend."""
    given = thighs(slices=1, snr=20.0, bend_hz=150.0)
    errors = given.mean_errors(fat_map_echoes(given.echoes, given.body).fraction)
    assert np.abs(errors).mean() < 0.01
    assert abs(errors.mean()) < 0.004


def test_two_echoes_are_read_within_their_stated_uncertainty() -> None:
    """Two echoes cannot tell R2*; the mean error is below 1 point and the SD covers all muscles."""
    given = thighs(slices=1, echo_ms=(3.45, 4.60))
    found = fat_map_echoes(given.echoes, given.body)
    errors = given.mean_errors(found.fraction)
    assert np.abs(errors).mean() < 0.01
    assert np.abs(errors).max() < 1.96 * found.sd_at_one
    assert any("R2*" in one for one in found.warnings)


def test_fat_under_the_skin_reads_as_fat() -> None:
    """The layer under the skin, 95% fat by its making, reads as 95% within a point."""
    given = thighs(slices=1)
    found = fat_map_echoes(given.echoes, given.body)
    assert np.median(found.fraction[given.under_skin]) == pytest.approx(0.95, abs=0.01)


def test_direction_of_phase_is_found_and_said() -> None:
    """A vendor's reversed phase gives the same fractions and is told in the references."""
    plain, turned = thighs(slices=1), thighs(slices=1, phase="minus")
    one = fat_map_echoes(plain.echoes, plain.body)
    two = fat_map_echoes(turned.echoes, turned.body)
    assert one.references["phase_direction"] == "as in the files"
    assert two.references["phase_direction"] == "reversed"
    np.testing.assert_allclose(one.fraction, two.fraction, atol=1e-3)


def test_scale_phase_offset_and_order_of_echoes_do_not_matter() -> None:
    """A common gain, a common phase and the order in which echoes are given change nothing."""
    given = thighs(slices=1)
    changed = []
    for echo in reversed(given.echoes):
        assert echo.phase is not None
        phase = np.angle(np.exp(1j * (echo.phase.voxels + 1.3))).astype(np.float32)
        changed.append(
            dataclasses.replace(
                echo,
                magnitude=dataclasses.replace(
                    echo.magnitude, voxels=echo.magnitude.voxels * np.float32(37)
                ),
                phase=dataclasses.replace(echo.phase, voxels=phase),
            )
        )
    one = given.mean_errors(fat_map_echoes(given.echoes, given.body).fraction)
    two = given.mean_errors(fat_map_echoes(changed, given.body).fraction)
    np.testing.assert_allclose(one, two, atol=1e-3)


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1)])
def test_flips_change_no_muscle(axes: tuple[int, ...]) -> None:
    """Mirrored images give mirrored maps, to a tenth of a point per muscle."""
    given = thighs(slices=1)
    flipped = _changed(given.echoes, given.body, lambda v: np.flip(v, axes).copy())
    back = np.flip(fat_map_echoes(*flipped).fraction, axes)
    plain = given.mean_errors(fat_map_echoes(given.echoes, given.body).fraction)
    np.testing.assert_allclose(given.mean_errors(back), plain, atol=1e-3)


def test_finer_voxels_change_no_muscle() -> None:
    """Voxels 20% smaller of the same thighs give the same fractions to 1 point."""
    coarse, fine = thighs(slices=1, snr=80.0), thighs(slices=1, snr=64.0, spacing=1.6)
    one = coarse.mean_errors(fat_map_echoes(coarse.echoes, coarse.body).fraction)
    two = fine.mean_errors(fat_map_echoes(fine.echoes, fine.body).fraction)
    assert np.abs(one - two).max() < 0.01


def test_voxels_without_signal_are_not_determined() -> None:
    """A hole without signal in a muscle is not a number, and never 0."""
    given = thighs(slices=1)
    hole = np.zeros(given.body.mask.shape, dtype=bool)
    hole[30:36, 30:36] = True

    def emptied(values: np.ndarray) -> np.ndarray:
        return np.where(hole, 0, values).astype(values.dtype)

    echoes = [
        dataclasses.replace(
            one, magnitude=dataclasses.replace(one.magnitude, voxels=emptied(one.magnitude.voxels))
        )
        for one in given.echoes
    ]
    found = fat_map_echoes(echoes, given.body)
    assert np.isnan(found.fraction[hole]).all()
    assert np.isnan(found.fraction[~given.body.mask]).all()


def test_map_says_what_it_rests_on() -> None:
    """Spectrum, echoes, field, decay, fat under the skin and the T1 limit stand in references."""
    given = thighs(slices=1)
    found = fat_map_echoes(given.echoes, given.body)
    assert found.ambiguous_above is None
    assert found.references["echo_ms"] == [3.45, 4.6, 5.75]
    assert "Hamilton" in found.references["fat_spectrum"]
    assert found.references["snr"] == pytest.approx(40, rel=0.3)
    assert "T1" in found.references["limit"]
    assert len(found.references["fat_under_skin"]) == 2


def _changed(echoes, body, by):  # type: ignore[no-untyped-def]
    mask, depth, leg = by(body.mask), by(body.depth_mm), by(body.leg)
    new = []
    for one in echoes:
        pair = [
            dataclasses.replace(scan, voxels=by(scan.voxels)) for scan in (one.magnitude, one.phase)
        ]
        new.append(dataclasses.replace(one, magnitude=pair[0], phase=pair[1]))
    return new, Body(mask, depth, leg)


def _small(changes: dict[int, dict[str, object]]) -> tuple[list[Echo], Body]:
    given = thighs(slices=1, spacing=5.0)
    echoes = [
        dataclasses.replace(one, **changes.get(k, {}))  # type: ignore[arg-type]
        for k, one in enumerate(given.echoes)
    ]
    return echoes, given.body


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({1: {"echo_ms": 3.45}}, "same echo time"),
        ({1: {"phase": None}}, "no phase image for"),
        ({2: {"field_t": 1.5}}, "field strength"),
        ({0: {"echo_ms": 0.00345}, 1: {"echo_ms": 4600.0}}, "milliseconds"),
        ({0: {"field_t": 30000.0}}, "in tesla"),
    ],
)
def test_echoes_that_do_not_belong_together_are_refused(
    changes: dict[int, dict[str, object]], says: str
) -> None:
    """Wrong units, missing phases, double echoes and mixed fields are told, not measured."""
    with pytest.raises(ScanError, match=says):
        fat_map_echoes(*_small(changes))


def test_echoes_in_which_fat_never_turns_are_refused() -> None:
    """Echoes that are all in phase cannot tell water from fat."""
    given = thighs(slices=1, spacing=5.0, echo_ms=(2.3, 4.6, 6.9))
    with pytest.raises(ScanError, match="cannot be told apart"):
        fat_map_echoes(given.echoes, given.body)


def test_phase_that_is_not_in_radians_is_refused() -> None:
    """Stored values of 0 to 4095 are no phases in radians."""
    echoes, body = _small({})
    phase = echoes[0].phase
    assert phase is not None
    stored = dataclasses.replace(phase, voxels=(phase.voxels + np.pi) * np.float32(651.7))
    echoes[0] = dataclasses.replace(echoes[0], phase=stored)
    with pytest.raises(ScanError, match="not in radians"):
        fat_map_echoes(echoes, body)


def test_one_echo_is_refused() -> None:
    """A fraction of one echo does not exist."""
    echoes, body = _small({})
    with pytest.raises(ScanError, match="two echoes or more"):
        fat_map_echoes(echoes[:1], body)


def test_echoes_on_different_grids_are_refused() -> None:
    """An echo on another grid belongs to another scan."""
    echoes, body = _small({})
    far = Geometry(echoes[1].magnitude.geometry.shape, np.diag([6.0, 5.0, 10.0, 1.0]))
    moved = Scan(echoes[1].magnitude.voxels, far, "moved")
    echoes[1] = dataclasses.replace(echoes[1], magnitude=moved)
    with pytest.raises(ScanError, match="another grid"):
        fat_map_echoes(echoes, body)
