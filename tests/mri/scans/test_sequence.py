"""What a sequence is: by image type, timing, description or file name."""

from __future__ import annotations

import pytest
from made_dicom import thigh, write_series

from myocohort.mri.scan import Sequence
from myocohort.mri.scans import read_scan
from myocohort.mri.scans.sequence import Tags, contradiction, guess


def said(description="", methods=(), named="series description", **tags) -> Sequence:
    """The guess of these tags."""
    return guess(Tags(description=description, scanning_sequence=methods, **tags), named=named)


SE, TSE_IR, GR = ("SE",), ("SE", "IR"), ("GR",)


@pytest.mark.parametrize(("tags", "kind"), [
    # spin echoes by timing alone
    ({"methods": SE, "repetition_ms": 600, "echo_ms": 12}, "t1"),
    ({"methods": SE, "repetition_ms": 4000, "echo_ms": 90}, "t2"),
    ({"methods": SE, "repetition_ms": 3000, "echo_ms": 15}, "unknown"),  # proton density
    # fat is nulled at ln 2 of its T1: 1.5 T about 150-180 ms, 3 T about 200-240 ms
    ({"methods": TSE_IR, "repetition_ms": 4000, "echo_ms": 40, "inversion_ms": 150}, "stir"),
    ({"methods": TSE_IR, "repetition_ms": 4000, "echo_ms": 40, "inversion_ms": 230}, "stir"),
    ({"methods": TSE_IR, "repetition_ms": 9000, "echo_ms": 90, "inversion_ms": 2500}, "unknown"),
    # gradient echoes: 1.5 T in phase at 4.6 ms, out at 2.3; 3 T in at 2.3, out at 1.15 and 3.45
    ({"methods": GR, "echo_ms": 4.6, "field_t": 1.5}, "dixon-in"),
    ({"methods": GR, "echo_ms": 2.3, "field_t": 1.5}, "dixon-out"),
    ({"methods": GR, "echo_ms": 2.3, "field_t": 3.0}, "dixon-in"),
    ({"methods": GR, "echo_ms": 3.45, "field_t": 3.0}, "dixon-out"),
    ({"methods": GR, "echo_ms": 3.45, "field_t": 1.5}, "dixon-echo"),
    ({"methods": GR, "echo_ms": 3.45}, "dixon-echo"),
])  # fmt: skip
def test_timing_alone(tags, kind):
    """Weighting, fat nulling and phase follow from the physics; the rest stays unknown."""
    found = said(**tags)
    assert found.kind == kind
    assert found.confidence == ("unknown" if kind == "unknown" else "likely")
    assert found.because


@pytest.mark.parametrize(("name", "kind"), [
    ("sub-01_T1w", "t1"), ("thigh_t1_tse_tra", "t1"), ("AX STIR BOTH THIGHS", "stir"),
    ("t2_tirm_tra_p2", "stir"), ("T2_TSE", "t2"), ("mDIXON_W", "dixon-water"),
    ("x_Dixon_TE_345_th", "dixon-echo"), ("t1_vibe_dixon_F", "dixon-fat"),
    ("vibe_dixon_in", "dixon-in"), ("vibe_dixon_opp", "dixon-out"), ("3-plane loc", "localiser"),
    ("fat fraction map", "dixon-fraction"), ("in-phase", "dixon-in"), ("WATER: Ax LAVA",
    "dixon-water"), ("FAT: x", "dixon-fat"), ("T12 spine", "unknown"), ("T2* map", "unknown"),
    ("T2 map", "unknown"), ("scan", "unknown"), ("history", "unknown"), ("", "unknown"),
])  # fmt: skip
def test_names(name, kind):
    """Words of their own count, in any case; letters inside other words do not."""
    found = said(name, named="file name")
    assert found.kind == kind
    assert found.confidence == ("unknown" if kind == "unknown" else "likely")


def test_a_fat_suppressed_t1_is_not_called_t1():
    """Its fat is dark, so that no fat fraction may come from it; a T2 stays a T2."""
    assert said("t1 tse fs").kind == "unknown"
    assert said("t1_tse", options=("FS",)).kind == "unknown"
    assert "fat suppression" in said("t1 tse spair").because
    assert said("t2 tse fs").kind == "t2"


def test_name_and_timing_that_contradict_leave_it_unknown():
    """A "T1" with the timing of a T2, a "STIR" with the inversion time of a FLAIR."""
    timed = {"methods": SE, "repetition_ms": 4000.0, "echo_ms": 90.0}
    assert said("t1 tse", **timed).kind == "unknown"
    assert "they contradict" in said("t1 tse", **timed).because
    assert said("t2 tse", **timed).kind == "t2"
    echo = {"methods": GR, "echo_ms": 2.3, "field_t": 1.5}
    assert said("t2", **echo).kind == "unknown"
    assert said("in phase", **echo).kind == "unknown"
    assert said("t1 vibe", **echo).kind == "t1"


def test_only_the_word_that_counts_is_quoted():
    """A description may hold a name, and none comes through."""
    for text in ("Zauberer t1 Quirin", "DIXON_ZAUBERER", "stir-zauberer", "fatsat zauberer t2"):
        assert "zauberer" not in said(text).because.lower()


def test_what_the_user_states(tmp_path):
    """A statement wins, and what speaks against it is told."""
    voxels, geometry = thigh()
    write_series(tmp_path, voxels, geometry, ScanningSequence=["SE", "IR"], InversionTime=150,
                 RepetitionTime=4000, EchoTime=30)  # fmt: skip
    scan = read_scan(tmp_path, kind="t1")
    assert scan.sequence == Sequence("t1", "stated", "stated by the user")
    assert any("stated to be t1, but it looks like stir" in one for one in scan.warnings)
    assert read_scan(tmp_path, kind="stir").warnings == ()
    assert read_scan(tmp_path).sequence.kind == "stir"


def test_statements_that_do_not_contradict():
    """A gradient echo may be a T1 or any part of a Dixon; water is not fat."""
    echo = Sequence("dixon-echo", "likely", "x")
    for kind in ("t1", "dixon-fat", "dixon-in", "dixon-echo"):
        assert contradiction(kind, echo) == ""
    assert contradiction("stir", echo)
    assert contradiction("dixon-in", Sequence("dixon-out", "likely", "x"))
    assert contradiction("dixon-fat", Sequence("dixon-water", "stated", "x"))
    assert contradiction("t1", Sequence()) == ""
    assert "fat is dark" in contradiction("t1", said("t1 tse fs"))
    assert contradiction("stir", said(methods=TSE_IR, inversion_ms=2500.0))
