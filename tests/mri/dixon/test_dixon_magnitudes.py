"""What magnitudes without phase tell, and what one echo tells."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from dixon_thigh import thighs

from myocohort.mri.dixon import fat_map_echoes, replaced_share_one_echo
from myocohort.mri.dixon.spectrum import OTHER_FAT_PEAKS, fat_signal, turns_of_fat
from myocohort.mri.scan import ScanError


@pytest.mark.parametrize("echo_ms", [(1.23, 2.46), (3.45, 4.60, 5.75)])
def test_magnitudes_read_below_one_half_and_say_so(echo_ms: tuple[float, ...]) -> None:
    """Below 0.4 magnitudes are within their SD; the map calls everything above 0.5 ambiguous."""
    given = thighs(slices=1, echo_ms=echo_ms, phase="none", fractions=(0.0, 0.05, 0.1, 0.2, 0.3))
    found = fat_map_echoes(given.echoes, given.body)
    errors = given.mean_errors(found.fraction)
    assert np.abs(errors).max() < 2 * found.sd_at_zero
    assert found.ambiguous_above == 0.5
    assert any("mirror image" in one for one in found.warnings)


def test_magnitudes_show_fat_as_its_mirror_image() -> None:
    """Fat under the skin reads far below one half without phase: nothing is claimed of it."""
    given = thighs(slices=1, phase="none")
    found = fat_map_echoes(given.echoes, given.body)
    assert np.median(found.fraction[given.under_skin]) < 0.3


@pytest.mark.parametrize(
    ("fractions", "heavy"), [((0.45, 0.6, 0.3, 0.5), True), ((0.02, 0.05, 0.0), False)]
)
def test_one_echo_tells_heavy_replacement_and_gives_no_fraction(
    fractions: tuple[float, ...], heavy: bool
) -> None:
    """Out of phase, muscle mixed with fat is dark beside what is left of it."""
    mixed = (0.02, *fractions) if heavy else fractions
    given = thighs(slices=1, fractions=mixed, spacing=1.0)
    scan = dataclasses.replace(given.echoes[0].magnitude, echo_ms=3.45, field_t=3.0)
    found = replaced_share_one_echo(scan, given.body)
    assert found.heavily_replaced is heavy
    assert "no fat fraction" in found.says
    assert found.references["phase"] == "out of phase"


def test_one_echo_in_phase_says_nothing() -> None:
    """In phase water and fat add up, so that no share is given."""
    given = thighs(slices=1)
    scan = dataclasses.replace(given.echoes[1].magnitude, echo_ms=4.6, field_t=3.0)
    found = replaced_share_one_echo(scan, given.body)
    assert found.share is None
    assert "in phase" in found.says


def test_phase_image_is_no_echo_to_judge() -> None:
    """A phase image given as the echo is refused."""
    given = thighs(slices=1)
    phase = given.echoes[0].phase
    assert phase is not None
    with pytest.raises(ScanError, match="phase image"):
        replaced_share_one_echo(phase, given.body)


def test_spectra_add_up_and_turn_as_printed() -> None:
    """Fat is 1 at the excitation; its main peak lags by 1.5 turns at 3.45 ms and 3 T."""
    assert fat_signal(np.zeros(1), 3.0)[0] == pytest.approx(1)
    assert fat_signal(np.zeros(1), 3.0, OTHER_FAT_PEAKS)[0] == pytest.approx(1)
    assert turns_of_fat(3.45, 3.0) == pytest.approx(1.498, abs=0.001)
