"""What a session may hold, and that a muscle keeps its name on every scan of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from phantom import made_anatomy, make_phantom

from myocohort.mri.dixon import Echo
from myocohort.mri.label_maps import LABEL_MAPS
from myocohort.mri.measure import measure
from myocohort.mri.regions import Region, Regions
from myocohort.mri.scan import Geometry, ScanError
from myocohort.mri.session import Choices, Session

WET = ("gracilis", "left")


@pytest.fixture(scope="module")
def p():
    """Thighs with oedema in one muscle."""
    anatomy = made_anatomy(spacing=2.0, slices=2)
    return make_phantom(anatomy, fat={("vastus lateralis", "left"): 0.5}, oedema={WET: 0.8}, seed=3)


def session(p, **scans):
    """Return a session with these scans and the phantom's labels."""
    return Session(p.label_map, LABEL_MAPS["musclemap"], **scans)


def test_a_session_holds_one_dixon_and_at_least_one_scan(p):
    """Fat without water, two Dixons, or nothing at all are refused."""
    echo = Echo(p.echoes[0][0], None, 3.45, 1.5)
    with pytest.raises(ScanError, match="fat and its water image both"):
        session(p, fat=p.fat)
    with pytest.raises(ScanError, match="not from both"):
        session(p, fat=p.fat, water=p.water, echoes=(echo,))
    with pytest.raises(ScanError, match="nothing to measure"):
        session(p)


def test_scans_are_named_in_their_order(p):
    """As they stand in the result."""
    echoes = tuple(Echo(m, None, float(m.echo_ms), 1.5) for m, _ in p.echoes)
    assert list(session(p, stir=p.stir, echoes=echoes).scans()) == [
        "stir", "dixon-echo-1", "dixon-echo-2", "dixon-echo-3",
    ]  # fmt: skip


def test_a_muscle_that_the_stir_does_not_reach_shifts_no_other(p):
    """STIR with fewer slices lacks a muscle: the oedema stays with the muscle that has it."""
    labels = p.label_map.labels.copy()
    labels[:, :, 0][labels[:, :, 0] // 10 == 711] = 0  # vastus intermedius: only in the upper slice
    shape = p.stir.geometry.shape
    below = Geometry((shape[0], shape[1], 1), p.stir.geometry.affine)
    stir = replace(p.stir, voxels=p.stir.voxels[:, :, :1], geometry=below)
    held = replace(session(p, t1=p.t1, stir=stir), labels=replace(p.label_map, labels=labels))
    for first in (held, replace(held, t1=None, fat=p.fat, water=p.water)):
        measured = measure(first, Choices())
        rows = {(row["name"], row["side"]): row for row in measured.content["muscles"]}
        wet = {key for key, row in rows.items() if (row["stir_positive_share"] or 0) > 0.3}
        assert wet == {WET}
        assert rows["vastus intermedius", "left"]["stir_positive_share"] is None
        assert rows["vastus intermedius", "left"]["fat_fraction"] is not None
        by_title = {view.title: view for view in measured.views}
        named = {measured.of[int(code)].name for code in np.unique(by_title["STIR"].codes)[1:]}
        assert "vastus intermedius" not in named


def test_stir_may_have_more_slices_than_t1(p):
    """The outline beyond T1 is STIR's own; a muscle that T1 does not reach has a row, no values."""
    labels = p.label_map.labels.copy()
    labels[:, :, 0][labels[:, :, 0] // 10 == 715] = 0  # gracilis: only in the upper slice
    shape = p.t1.geometry.shape
    below = Geometry((shape[0], shape[1], 1), p.t1.geometry.affine)
    t1 = replace(p.t1, voxels=p.t1.voxels[:, :, :1], geometry=below)
    held = replace(session(p, t1=t1, stir=p.stir), labels=replace(p.label_map, labels=labels))
    measured = measure(held, Choices())
    rows = {(row["name"], row["side"]): row for row in measured.content["muscles"]}
    assert any("1 of its 2 slices lie beyond phantom T1" in w for w in measured.content["warnings"])
    assert rows[WET]["fat_fraction"] is None
    assert rows[WET]["stir_positive_share"] is None  # fat is not known there
    assert rows["vastus lateralis", "left"]["stir_positive_share"] == 0


def test_regions_are_numbered_as_on_another_grid():
    """Known regions keep their codes, new ones take the next; voxels do not move."""
    left, right, new = (
        Region("gracilis", "left", "muscle"), Region("gracilis", "right", "muscle"),
        Region("sartorius", "left", "muscle"),
    )  # fmt: skip
    codes = np.array([[[0, 1, 2]]], dtype=np.int16)
    regions = Regions(codes, {1: new, 2: right}, Geometry((1, 1, 3), np.eye(4)))
    found = regions.numbered_as({1: left, 2: right})
    assert found.of == {2: right, 3: new}
    assert found.codes.tolist() == [[[0, 3, 2]]]
    assert regions.numbered_as({}).of == regions.of
