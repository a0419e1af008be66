"""References from earlier measurements: the level of pure muscle on T1, and the limit of STIR."""

from __future__ import annotations

import json
import math

import pytest
from measured_json import measured

from myocohort.errors import InputError
from myocohort.mri.references import (
    BETWEEN_SCANS_SD,
    GIVEN_SD,
    muscle_reference_of,
    stir_limit_of,
)
from myocohort.mri.scan import ScanError
from myocohort.mri.stir.controls import EXCESS_FROM, EXCESS_STEP, EXCESS_TO


def write(path, content):
    """Write JSON and return the path."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def with_ratio(path, value, sd=0.01, chance=0.99):
    """Write a measurement whose T1 had this ratio of muscle to fat."""
    ratio = {"value": value, "sd": sd, "chance_spared": chance}
    return write(path, measured(references={"fat": {"method": "T1", "muscle_ratio": ratio}}))


def control(path, status="healthy", study="ours", share=0.0):
    """Write a measured control: excess near 0, some of it (`share`) at 1."""
    bins = round((EXCESS_TO - EXCESS_FROM) / EXCESS_STEP)
    counts = [0] * bins
    at_zero, at_one = (round((x - EXCESS_FROM) / EXCESS_STEP) for x in (0.0, 1.0))
    counts[at_zero], counts[at_one] = round(1000 * (1 - share)), round(1000 * share)
    histogram = {"from": EXCESS_FROM, "step": EXCESS_STEP, "counts": counts,
                 "upper_points": [0.1] * 20}  # fmt: skip
    about = {"control": {"status": status, "study": study}} if status else {}
    return write(path, measured(references={"stir": {"histogram": histogram}}, **about))


@pytest.mark.parametrize("text", ["", "  "])
def test_none_is_given(text):
    """No text and no controls are no reference."""
    assert muscle_reference_of(text) is None
    assert stir_limit_of(()) is None


def test_a_ratio_with_and_without_its_sd():
    """A bare number gets a wide SD; one that is given is kept."""
    plain = muscle_reference_of("0.34")
    assert (plain.ratio, plain.sd) == (0.34, pytest.approx(GIVEN_SD * 0.34))
    known = muscle_reference_of("0.34:0.02")
    assert (known.ratio, known.sd, known.source) == (0.34, 0.02, "the user")


@pytest.mark.parametrize("text", ["1.4", "0", "-0.3", "0.3:0", "nan"])
def test_an_impossible_ratio_is_refused(text):
    """Muscle without fat is darker than fat, and an SD is above 0."""
    with pytest.raises(ScanError, match="between 0 and 1"):
        muscle_reference_of(text)


def test_one_earlier_scan_of_the_patient(tmp_path):
    """Its ratio, with its own SD and that from scan to scan."""
    found = muscle_reference_of(str(with_ratio(tmp_path / "a.json", 0.30, 0.01)))
    assert found.ratio == 0.30
    assert found.sd == pytest.approx(math.hypot(math.sqrt(2) * BETWEEN_SCANS_SD * 0.30, 0.01))
    assert found.source == "the measurement a.json"


def test_several_scans_are_averaged_and_their_spread_counts(tmp_path):
    """By hand: mean 0.35, SD 0.05 between three, prediction of a fourth."""
    names = [with_ratio(tmp_path / f"{v}.json", v, 0.012) for v in (0.30, 0.35, 0.40)]
    found = muscle_reference_of(", ".join(map(str, names)))
    assert found.ratio == pytest.approx(0.35)
    assert found.sd == pytest.approx(math.sqrt(0.05**2 * (1 + 1 / 3) + 3 * 0.012**2 / 9))
    assert found.source == "3 earlier measurements"


def test_all_files_that_cannot_serve_are_told(tmp_path):
    """No spared muscle, no T1, no JSON, not there: all in one error, each with its file."""
    files = [
        with_ratio(tmp_path / "ill.json", 0.5, chance=0.2),
        write(tmp_path / "stir.json", measured(references={"stir": {"method": "STIR"}})),
        write(tmp_path / "list.json", [1]),
        tmp_path / "absent.json",
    ]
    with pytest.raises(InputError) as caught:
        muscle_reference_of(",".join(map(str, files)))
    text = str(caught.value)
    for words in ("a spared muscle", "a measured T1", "is a number, or a file"):
        assert words in text
    assert all(path.name in text for path in files)


def test_healthy_controls_make_a_limit(tmp_path):
    """With 1% of bright voxels the controls' own muscles decide: none passes 0.1."""
    limit = stir_limit_of([control(tmp_path / f"{n}.json", share=0.01) for n in range(6)])
    assert limit.limit == pytest.approx(0.1)
    assert (limit.controls, limit.voxels, limit.source) == (6, 6000, "ours")
    assert limit.warnings == ()


def test_few_controls_are_told(tmp_path):
    """One control gives a limit and a warning; without a study its file names it."""
    limit = stir_limit_of([control(tmp_path / "a.json", study="")])
    assert limit.warnings == ("The limit rests on 1 healthy controls only.",)
    assert limit.source.endswith("a.json")


@pytest.mark.parametrize("status", ["", "dermatomyositis"])
def test_only_controls_that_are_stated_healthy_make_a_limit(tmp_path, status):
    """A control with a disease, or without a status, is refused and named."""
    paths = [control(tmp_path / "a.json"), control(tmp_path / "b.json", status)]
    with pytest.raises(ScanError, match="healthy"):
        stir_limit_of(paths)


def test_controls_without_stir_are_told_together(tmp_path):
    """No STIR, a histogram of other bins, no file: all in one error."""
    plain = write(tmp_path / "plain.json", measured())
    content = json.loads(control(tmp_path / "bins.json").read_text(encoding="utf-8"))
    content["references"]["stir"]["histogram"]["step"] = 0.5
    bins = write(tmp_path / "bins.json", content)
    with pytest.raises(InputError) as caught:
        stir_limit_of([plain, bins, tmp_path / "absent.json"])
    assert len(caught.value.problems) == 3
    assert "Measure the control with --stir" in str(caught.value)
