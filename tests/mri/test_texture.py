"""Texture: patterns are told apart whatever the fraction, the noise and the voxel size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fat_patterns import PATTERNS, muscle
from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.mri.texture import describe_texture

NUMBERS = ("structure_sd", "contrast", "length_mm", "edge_mm", "coherence")
STRUCTURED = [pattern for pattern in PATTERNS if pattern != "even"]


def described(pattern, mean, **settings):
    """Return the texture of a made muscle, told its noise."""
    values, mask, spacing = muscle(pattern, mean, **settings)
    return describe_texture(values, mask, spacing, settings.get("noise", 0.03))


@pytest.mark.parametrize("mean", [0.12, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_are_told_apart_at_any_fraction(pattern, mean):
    """The pattern that was drawn is among those that the numbers allow.

    A core with little fat in it is not yet muscle that is left at the periphery.
    """
    if pattern == "periphery" and mean < 0.5:
        assert "washed-out" in described(pattern, mean).patterns
    else:
        assert pattern in described(pattern, mean).patterns


@pytest.mark.parametrize("mean", [0.12, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("pattern", ["scattered", "streaks", "moth-eaten", "washed-out"])
def test_a_plain_pattern_is_the_likeliest(pattern, mean):
    """Discs, stripes and clouds are named first, or second where the neighbour is as likely."""
    assert pattern in described(pattern, mean).patterns[:2]


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.1])
@pytest.mark.parametrize("pattern", STRUCTURED)
def test_noise_does_not_change_the_numbers(pattern, noise):
    """What noise adds to variance and slopes is taken off again."""
    quiet, noisy = described(pattern, 0.3, noise=0.0), described(pattern, 0.3, noise=noise)
    assert noisy.structure_sd == pytest.approx(quiet.structure_sd, abs=0.02)
    assert noisy.length_mm == pytest.approx(quiet.length_mm, rel=0.15, abs=0.2)
    assert noisy.edge_mm == pytest.approx(quiet.edge_mm, rel=0.3)
    assert noisy.coherence == pytest.approx(quiet.coherence, abs=0.15)


@pytest.mark.parametrize("pattern", STRUCTURED)
def test_voxel_size_does_not_change_the_numbers(pattern):
    """Voxels of 0.75 and of 1.25 mm give what those of 1 mm give."""
    at = {size: described(pattern, 0.3, spacing=size, noise=0.02) for size in (0.75, 1.0, 1.25)}
    for size in (0.75, 1.25):
        assert at[size].structure_sd == pytest.approx(at[1.0].structure_sd, rel=0.1)
        assert at[size].length_mm == pytest.approx(at[1.0].length_mm, rel=0.2, abs=0.3)
        assert at[size].edge_mm == pytest.approx(at[1.0].edge_mm, rel=0.15)
        assert at[size].coherence == pytest.approx(at[1.0].coherence, abs=0.1)
        assert at[size].fat_area_share == pytest.approx(at[1.0].fat_area_share, abs=0.03)


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.2])
@pytest.mark.parametrize("mean", [0.0, 0.05, 0.4, 0.5, 0.95])
def test_noise_alone_is_no_pattern(mean, noise):
    """An even muscle stays even however noisy, though half of its voxels pass one half."""
    found = described("even", mean, noise=noise)
    assert found.patterns == ("even",)
    assert found.length_mm is None
    assert found.edge_mm is None
    assert found.structure_sd < 0.03


@pytest.mark.parametrize("pattern", STRUCTURED)
def test_flips_and_turns_change_nothing(pattern):
    """Mirrored and turned by a right angle, a muscle has the same texture."""
    straight, turned = described(pattern, 0.3), described(pattern, 0.3, turned=True)
    assert turned.patterns == straight.patterns
    for name in NUMBERS:
        assert getattr(turned, name) == pytest.approx(getattr(straight, name), rel=1e-4, abs=1e-5)


def test_slices_are_not_mixed():
    """The order of slices and their distance change nothing: all is measured in the plane."""
    values, mask, _ = muscle("moth-eaten", 0.3)
    near = describe_texture(values, mask, (1, 1, 4), 0.03)
    far = describe_texture(values[:, :, ::-1], mask[:, :, ::-1], (1, 1, 24), 0.03)
    assert near == far


def test_the_width_of_discs_is_seen():
    """One disc of 10 mm is one island of that width, with a sharp border.

    A sharp border smoothed by a Gaussian with an SD of 1 mm rises from a quarter to three
    quarters of its step over 2 x 0.6745 mm.
    """
    y, x = np.mgrid[:60, :60] * 0.5 - 15.0
    mask = (x**2 + y**2 < 14**2)[:, :, np.newaxis]
    disc = (x**2 + y**2 < 5**2).astype(np.float32)[:, :, np.newaxis]
    found = describe_texture(disc, mask, (0.5, 0.5, 8.0), 0.0)
    assert found.island_mm == pytest.approx(10, rel=0.05)
    assert found.islands_per_cm2 == pytest.approx(1 / (math.pi * 1.4**2), rel=0.02)
    assert found.edge_mm == pytest.approx(2 * 0.6745, rel=0.1)
    assert found.largest_share == 1.0
    assert found.largest_mm2 == pytest.approx(math.pi * 25, rel=0.1)
    assert found.length_mm == pytest.approx(10 / 3, rel=0.3)
    assert found.rim_fraction == pytest.approx(0.0, abs=1e-6)


def test_the_gradient_of_a_slope_is_its_border():
    """Fat that rises in a straight line over 24 mm has borders half as wide as the slope.

    A little less, because smoothing flattens both ends of it.
    """
    x = np.linspace(0, 1, 25, dtype=np.float32)
    slope = np.repeat(x[:, np.newaxis], 25, axis=1)[:, :, np.newaxis]
    found = describe_texture(slope, np.ones(slope.shape, bool), (1.0, 1.0, 8.0), 0.0)
    assert found.edge_mm == pytest.approx(12, rel=0.08)
    assert found.pattern == "washed-out"


def test_undetermined_voxels_are_left_out():
    """Voxels without a fraction are as if they lay outside."""
    values, mask, spacing = muscle("moth-eaten", 0.3)
    hole = np.zeros_like(mask)
    hole[20:26, 20:26] = True
    holed = np.where(hole, np.nan, values)
    assert describe_texture(holed, mask, spacing, 0.03) == describe_texture(
        values, mask & ~hole, spacing, 0.03
    )


def test_too_little_muscle_has_no_texture():
    """A region of a few voxels, or none, gives None; wrong shapes are refused."""
    values, mask, spacing = muscle("even", 0.3)
    tiny = np.zeros_like(mask)
    tiny[20:24, 20:24, 0] = True
    assert describe_texture(values, tiny, spacing, 0.03) is None
    assert describe_texture(values, np.zeros_like(mask), spacing, 0.03) is None
    assert describe_texture(values, mask, (2.5, 1.0, 8.0), 0.03) is None
    with pytest.raises(ValueError, match="one shape"):
        describe_texture(values[:-1], mask, spacing, 0.03)
    with pytest.raises(ValueError, match="noise"):
        describe_texture(values, mask, spacing, float("nan"))


@settings(max_examples=15)
@given(st.floats(-0.2, 1.2), st.floats(0, 0.2), st.integers(0, 3))
def test_any_map_has_numbers_in_their_range(level, noise, seed):
    """Whatever the values, numbers are finite and within their range."""
    rng = np.random.default_rng(seed)
    values = level + rng.normal(0, 0.5 * seed, (24, 18, 2)).astype(np.float32)
    found = describe_texture(values, np.ones(values.shape, bool), (1.0, 2.0, 9.0), noise)
    assert 0 <= found.contrast <= 1
    assert 0 <= found.fat_area_share <= 1
    assert found.patterns
    for name in ("length_mm", "edge_mm", "island_mm"):
        value = getattr(found, name)
        assert value is None or (math.isfinite(value) and value > 0)
