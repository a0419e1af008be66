"""Label tables and the regions they lead to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from tiny_legs import APART, draw, labelled

from myocohort.errors import InputError
from myocohort.mri.body import find_body
from myocohort.mri.label_maps import LABEL_MAPS
from myocohort.mri.labels import read_label_table, regions_of
from myocohort.mri.scan import Geometry, LabelMap, Scan, ScanError
from myocohort.study.standard import MUSCLES

THIGH11 = LABEL_MAPS["thigh11"]

REAL = (
    "Training_T1_THIGH_003_0002.nii.gz",
    "Training_T1_THIGH_022_0002.nii.gz",
    "Training_T1_THIGH_049_0002.nii.gz",
)


@pytest.mark.parametrize("name", LABEL_MAPS)
def test_each_table_keeps_the_rules_of_tables(name):
    """Names are known, numbers are positive, and pairs are complete."""
    table = LABEL_MAPS[name]
    assert table.name == name
    assert all(number > 0 for number in table.labels)
    given = list(table.labels.values())
    if table.sided:
        assert {(one.name, "left") for one in given} | {(one.name, "right") for one in given} == {
            (one.name, one.side) for one in given
        }
    assert set(table.absent) | {one.name for one in given} >= set(MUSCLES)


@pytest.mark.parametrize("name", LABEL_MAPS)
def test_each_table_says_where_its_numbers_are_from(name):
    """A source, and a place in the docs: a new table is one file, one line and one paragraph."""
    assert LABEL_MAPS[name].source
    docs = Path(__file__).parents[2] / "docs" / "mri.md"
    if docs.is_file():
        assert f"`{name}`" in docs.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("musclemap", ()),
        ("thigh11", ("gluteus maximus", "adductor longus")),
        ("totalsegmentator-mr", tuple(name for name in MUSCLES if name != "gluteus maximus")),
        ("totalsegmentator-thigh", tuple(name for name in MUSCLES if name != "sartorius")),
        (
            "thighsegai",
            ("gluteus maximus", "vastus intermedius", "adductor magnus", "sartorius",
             "adductor longus", "gracilis"),
        ),
    ],
)  # fmt: skip
def test_what_each_table_cannot_give(name, absent):
    """As references/mri.md lists the labels of each tool."""
    assert LABEL_MAPS[name].absent == absent
    assert len(absent) == 0 or str(len(absent)) in LABEL_MAPS[name].what_is_absent()


def test_numbers_are_those_of_the_reference():
    """A sample of each table, as references/mri.md has it."""
    found = {
        ("musclemap", 7182): ("biceps femoris", "right"),
        ("musclemap", 7191): ("biceps femoris", "left"),
        ("musclemap", 6121): ("gluteus maximus", "left"),
        ("totalsegmentator-mr", 36): ("femur", "left"),
        ("totalsegmentator", 81): ("gluteus maximus", "right"),
        ("totalsegmentator-thigh", 5): ("posterior compartment", "left"),
        ("thighsegai", 4): ("biceps femoris", "right"),
        ("thighsegai", 14): ("semimembranosus", "left"),
        ("thigh11", 11): ("biceps femoris", None),
        ("thigh11", 6): ("adductor magnus", None),
    }
    for (table, number), expected in found.items():
        one = LABEL_MAPS[table].labels[number]
        assert (one.name, one.side) == expected


def test_compartments_are_said_to_be_no_muscles():
    """The sentence that keeps a user from expecting muscles."""
    table = LABEL_MAPS["totalsegmentator-thigh"]
    assert table.compartments_only
    assert "compartments only" in table.what_is_absent()
    assert "10 of the 12" in table.note
    assert table.labels[1].kind == "compartment"


def test_heads_of_biceps_are_one_region():
    """Two numbers of one muscle have one code for each side."""
    plain = labelled(APART)
    labels = np.where(plain.labels == 3, 8, np.where(plain.labels == 9, 11, 0)).astype(np.int32)
    scan, _ = draw(APART)
    regions = regions_of(LabelMap(labels, plain.geometry, "x"), THIGH11, scan, find_body(scan))
    assert [one.name for one in regions.of.values()] == ["biceps femoris"] * 2
    assert (regions.codes > 0).sum() == (labels > 0).sum()
    assert regions.codes.dtype == np.int16


def test_unknown_numbers_are_told_with_their_voxels():
    """A number beyond the table is never dropped in silence."""
    plain = labelled(APART)
    plain.labels[40:44, 50, 0] = 12
    scan, _ = draw(APART)
    regions = regions_of(plain, THIGH11, scan, find_body(scan))
    assert any("left out: 12 (4 voxels)" in text for text in regions.warnings)


def test_a_map_of_another_table_is_refused_with_the_table_that_fits():
    """None of the numbers known: the error names the tables that know them."""
    plain = labelled(APART)
    labels = np.where(plain.labels == 3, 7101, np.where(plain.labels == 9, 7171, 0))
    scan, _ = draw(APART)
    other = LabelMap(labels.astype(np.int32), plain.geometry, "map.nii.gz")
    with pytest.raises(ScanError, match="2 of its 2 numbers are in musclemap"):
        regions_of(other, THIGH11, scan, find_body(scan))
    odd = LabelMap((labels * 1000).astype(np.int32), plain.geometry, "map.nii.gz")
    with pytest.raises(ScanError, match="give your own as a CSV"):
        regions_of(odd, THIGH11, scan, find_body(scan))
    empty = LabelMap(np.zeros_like(plain.labels), plain.geometry, "map.nii.gz")
    with pytest.raises(ScanError, match="empty"):
        regions_of(empty, THIGH11, scan, find_body(scan))


def test_a_table_of_ones_own(tmp_path):
    """Names as people write them, with and without sides."""
    path = tmp_path / "ours.csv"
    path.write_text(
        "\ufefflabel;muscle;side\n3;Vastus Lateralis;L\n4;vastus_lateralis;right\n\n9;femur;\n",
        encoding="utf-8",
    )
    table = read_label_table(path)
    assert table.name == "ours.csv"
    assert {n: (one.name, one.side, one.kind) for n, one in table.labels.items()} == {
        3: ("vastus lateralis", "left", "muscle"),
        4: ("vastus lateralis", "right", "muscle"),
        9: ("femur", None, "bone"),
    }
    assert not table.sided
    assert len(table.absent) == 11


def test_all_problems_of_a_table_at_once(tmp_path):
    """Each wrong cell has its row, its rule and, where there is one, the likely name."""
    path = tmp_path / "ours.csv"
    path.write_text(
        "label,muscle,side\nx,vastus lateralis,left\n2,vastus lateral,left\n3,sartorius,both legs\n"
        "4,gracilis,left\n4,gracilis,right\n5,rectus femoris,left\n6,rectus femoris,\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_label_table(path)
    rows = [one.row for one in caught.value.problems]
    assert rows == [2, 3, 4, 6, None]
    text = str(caught.value)
    assert "Did you mean 'vastus lateralis'?" in text
    assert "all labels of a muscle have a side" in text


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"label,name\n1,x\n", "columns"), (b"label,muscle,side\n", "at least one row"),
     (b"", "columns"), (b"\xff\xfe\x00", "UTF-8")],
)  # fmt: skip
def test_files_that_are_no_tables(tmp_path, content, rule):
    """Missing columns, no rows, an empty and a binary file."""
    path = tmp_path / "ours.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rule):
        read_label_table(path)
    with pytest.raises(InputError, match="No such file"):
        read_label_table(tmp_path / "absent.csv")


@pytest.mark.parametrize("name", REAL)
def test_real_label_maps_have_as_much_on_the_left_as_on_the_right(shared_data, name):
    """Eleven labels of real thighs split by position: sides agree within a quarter."""
    from myocohort.mri.scans import read_labels

    path = shared_data / "mri" / "labels" / name
    if not path.is_file():
        pytest.skip("../shared/data/mri is not here: tests on real label maps are left out")
    whole = read_labels(path)
    full = np.flatnonzero(
        [np.unique(layer).size == 12 for layer in np.moveaxis(whole.labels, 2, 0)]
    )
    layers = np.ascontiguousarray(whole.labels[::2, ::2, full[0] : full[0] + 3])
    affine = whole.geometry.affine @ np.diag([2.0, 2.0, 1.0, 1.0])
    affine[:3, 3] += whole.geometry.affine[:3, 2] * full[0]
    geometry = Geometry(layers.shape, affine)
    scan = around(layers, geometry)
    regions = regions_of(LabelMap(layers, geometry, name), THIGH11, scan, find_body(scan))
    sizes = np.bincount(regions.codes.ravel())
    by_side = {"left": 0, "right": 0}
    for code, region in regions.of.items():
        by_side[region.side] += int(sizes[code])
    assert len(regions.of) == 20
    assert by_side["left"] == pytest.approx(by_side["right"], rel=0.25)
    assert not any("lie across" in text for text in regions.warnings)


def around(labels, geometry):
    """Return a T1 scan with 15 mm of fat around labelled muscle."""
    signal = np.zeros(labels.shape, np.float32)
    for k in range(labels.shape[2]):
        away = ndimage.distance_transform_edt(labels[:, :, k] == 0, geometry.spacing[:2])
        signal[:, :, k] = np.where(away == 0, 350, np.where(away < 15, 1000, 0))
    rng = np.random.default_rng(1)
    noise = 20 * (rng.standard_normal(signal.shape) + 1j * rng.standard_normal(signal.shape))
    return Scan(np.abs(signal + noise).astype(np.float32), geometry, "made scan")
