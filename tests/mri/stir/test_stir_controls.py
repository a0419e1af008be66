"""The limit from healthy controls: how it is found, and who may not give one."""

from __future__ import annotations

import json

import numpy as np
import pytest

from myocohort.mri.scan import ScanError
from myocohort.mri.stir.controls import (
    ControlHistogram,
    ControlLimit,
    excess_histogram,
    limit_from_controls,
)


def control(sd: float, status: str = "healthy", seed: int = 1) -> ControlHistogram:
    """Draw a control whose excess is normal about 0."""
    drawn = np.random.default_rng(seed).normal(0, sd, (20, 4000)).astype(np.float32)
    points = np.quantile(drawn, 0.975, axis=1)
    counts = excess_histogram(drawn.ravel())
    return ControlHistogram(status, "volunteers", tuple(counts), tuple(points.tolist()))


def test_limit_is_where_two_and_a_half_percent_lie_above() -> None:
    """For normal excess the limit is near 1.96 SD, a little more for 95% of muscles."""
    limit = limit_from_controls([control(0.1, seed=seed) for seed in range(6)])
    assert limit.limit == pytest.approx(0.196, abs=0.01)
    assert limit.controls == 6
    assert limit.voxels == 6 * 20 * 4000
    assert limit.warnings == ()


def test_bright_muscles_of_controls_raise_the_limit() -> None:
    """The limit leaves 95% of the controls' own muscles negative."""
    one = control(0.1)
    bright = ControlHistogram(
        one.status, one.study, one.counts, (*one.upper_points[:16], *[0.3] * 4)
    )
    assert limit_from_controls([bright]).limit == pytest.approx(0.3)


@pytest.mark.parametrize("status", ["diseased", "", "SRP-negative"])
def test_diseased_controls_are_refused(status: str) -> None:
    """Only people stated as healthy may give a limit."""
    with pytest.raises(ScanError, match="healthy people only"):
        limit_from_controls([control(0.1), control(0.1, status)])


def test_no_controls_are_refused() -> None:
    """An empty list is an error that names the way without controls."""
    with pytest.raises(ScanError, match="own muscle"):
        limit_from_controls([])


def test_few_controls_are_told() -> None:
    """A limit from few controls says so."""
    assert "2 healthy controls only" in limit_from_controls([control(0.1)] * 2).warnings[0]


def test_json_there_and_back() -> None:
    """Histogram and limit survive JSON."""
    one = control(0.1)
    assert ControlHistogram.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    limit = limit_from_controls([one])
    assert ControlLimit.from_dict(json.loads(json.dumps(limit.to_dict()))) == limit


def test_broken_json_is_refused() -> None:
    """Another binning, a negative count or a limit that is no number is an error."""
    good = control(0.1).to_dict()
    for key, value in (("step", 0.1), ("counts", [-1] * 250), ("upper_points", None)):
        with pytest.raises(ScanError, match="whole counts"):
            ControlHistogram.from_dict({**good, key: value})
    with pytest.raises(ScanError, match="no histogram"):
        ControlHistogram.of_measured({}, status="healthy", study="volunteers")
    with pytest.raises(ScanError, match="above 0"):
        ControlLimit.from_dict({"limit": -1.0, "controls": 3, "voxels": 5})
