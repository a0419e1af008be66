"""Depth below a muscle's border, spots, averages, and the SD of normal muscle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.mri.stir.controls import ControlLimit
from myocohort.mri.stir.limit import LEAST_LIMIT, averaged, limit_of, normal_sd, without_spots
from myocohort.mri.stir.muscle_voxels import border_depth_mm


def test_depth_counts_from_the_border_in_mm() -> None:
    """Two touching muscles each have a border; the image's edge is none."""
    codes = np.zeros((6, 4, 1), dtype=np.int16)
    codes[:3], codes[3:] = 1, 2
    depth = border_depth_mm(codes, np.array([2.0, 2.0, 8.0]))
    assert depth[:, 1, 0].tolist() == [5.0, 3.0, 1.0, 1.0, 3.0, 5.0]


def test_small_spots_are_left_out_and_patches_stay() -> None:
    """3 by 3 mm are a vessel, 5 by 5 mm are oedema."""
    above = np.zeros((20, 20, 2), dtype=bool)
    above[2:5, 2:5, 0] = True
    above[10:15, 10:15, 1] = True
    kept = without_spots(above, np.array([1.0, 1.0, 8.0]))
    assert kept[..., 0].sum() == 0
    assert kept[..., 1].sum() == 25


def test_averages_do_not_reach_outside() -> None:
    """A constant inside stays what it is, whatever lies outside."""
    inside = np.zeros((12, 12, 1), dtype=bool)
    inside[3:9, 3:9] = True
    values = np.where(inside, 0.4, 9.0).astype(np.float32)
    result = averaged(values, inside, np.array([1.0, 1.0, 8.0]))
    np.testing.assert_allclose(result[inside], 0.4, rtol=1e-5)
    assert np.isnan(result[~inside]).all()


@given(st.floats(0.02, 0.3), st.floats(0.0, 0.3))
def test_bright_voxels_do_not_widen_normal_muscle(sd: float, wet: float) -> None:
    """Up to a third of bright voxels changes the SD of normal muscle by less than a half."""
    values = np.random.default_rng(5).normal(0, sd, 4000)
    values[: int(wet * 4000)] += 2
    assert normal_sd(values.astype(np.float32)) == pytest.approx(sd, rel=0.5)


def test_a_noisy_scan_raises_the_controls_limit() -> None:
    """Where noise alone would pass the controls' limit, it is raised and told."""
    controls = ControlLimit(0.1, 8, 1000, "volunteers", "")
    raised = limit_of(0.2, controls)
    assert raised.value == pytest.approx(0.6)
    assert "noisier" in raised.warnings[-1]
    quiet = limit_of(0.03, controls)
    assert quiet.value == LEAST_LIMIT
    assert "the least that is believed" in quiet.how
    assert limit_of(0.03, replace(controls, limit=0.3)).value == 0.3
