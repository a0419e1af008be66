"""The grading scales: what each demands, and that no fraction falls between its grades."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from myocohort.mri.scales import SCALES
from myocohort.mri.scales.scale import STRUCTURE
from myocohort.study.standard import SCALES as CHANGING

CODES = {
    "modified-mercuri": "0 1 2 3 4 5",
    "mercuri-wattjes": "1 2 3 4",
    "mercuri-leung": "0 1 2A 2B 3 4",
    "fischer": "0 1 2 3 4",
    "goutallier": "0 1 2 3 4",
    "lamminen": "1 2 3 4",
    "oedema-0-5": "0 1 2 3 4 5",
    "oedema-0-3": "0 1 2 3",
}
FAT = [scale for scale in SCALES.values() if scale.measures == "fat"]
OEDEMA = [scale for scale in SCALES.values() if scale.measures == "oedema"]


def test_every_scale_has_all_its_grades():
    """No scale is flattened: the grades are those that its publication prints."""
    assert {name: " ".join(scale.codes) for name, scale in SCALES.items()} == CODES


@pytest.mark.parametrize("scale", SCALES.values(), ids=lambda scale: scale.name)
def test_every_scale_says_where_it_comes_from(scale):
    """Name, version, label, source and the words of each grade are there."""
    assert SCALES[scale.name] is scale
    assert scale.version
    assert scale.label
    assert scale.source
    assert len(set(scale.codes)) == len(scale.grades)
    for grade in scale.grades:
        assert grade.words
        assert bool(grade.fits) == (scale.measures == "fat")
        assert bool(grade.swellings) == (scale.measures == "oedema")


def test_the_scales_whose_change_counts_are_defined():
    """Each scale with a direction of change in the study's records is one of these."""
    assert set(CHANGING) <= set(SCALES)
    assert {name: SCALES[name].measures for name in CHANGING} == {
        "modified-mercuri": "fat",
        "oedema-0-5": "oedema",
    }


def test_literal_bands_are_those_of_the_words():
    """The bands are the numbers in the scales' wording (../shared/references/mri.md)."""
    bands = {
        name: {grade.code: grade.band for grade in SCALES[name].grades if grade.band}
        for name in CODES
    }
    assert bands["modified-mercuri"] == {"2": (0, 0.3), "3": (0.3, 0.6), "4": (0.6, 1)}
    assert bands["mercuri-wattjes"] == {"2": (0, 0.3), "3": (0.3, 0.6)}
    assert bands["mercuri-leung"] == {"2A": (0, 0.3), "2B": (0.3, 0.6)}
    assert bands["fischer"] == {"2": (0, 0.5), "3": (0.5, 1)}
    assert bands["goutallier"] == {"2": (0, 0.5), "3": (0.5, 0.5), "4": (0.5, 1)}
    assert not bands["lamminen"]
    assert not bands["oedema-0-5"]
    assert not bands["oedema-0-3"]


@pytest.mark.parametrize("scale", FAT, ids=lambda scale: scale.name)
def test_every_fraction_with_every_pattern_has_a_grade(scale):
    """No fraction falls between the fits, whatever the pattern, and every grade can be reached."""
    reached = set()
    for pattern in ("even", *STRUCTURE):
        for fraction in np.linspace(0, 1, 401):
            left = "muscle left" if fraction < 0.9 else "end-stage"
            found = [
                grade.code
                for grade in scale.grades
                for fit in grade.fits
                if fit.low <= fraction
                and (fraction < fit.high or fit.high == 1)
                and (not fit.signs or {pattern, left} & set(fit.signs))
            ]
            assert found, (pattern, fraction)
            reached.update(found)
    assert reached == set(scale.codes)


@pytest.mark.parametrize("scale", OEDEMA, ids=lambda scale: scale.name)
@pytest.mark.parametrize("strength", ["mild", "moderate"])
def test_every_share_of_oedema_has_a_grade(scale, strength):
    """No share falls between the grades, whatever the strength."""
    for share in np.linspace(0, 1, 201):
        assert any(
            (one.low < share or one.low == 0) and share <= one.high
            and one.strength in (None, strength)
            for grade in scale.grades
            for one in grade.swellings
        )  # fmt: skip


def test_the_remembered_wording_says_so():
    """Oedema 0-5 is from memory, and the modified Mercuri scale is Song's and not Zhao's."""
    assert "from memory" in SCALES["oedema-0-5"].notes[0]
    assert "Song" in SCALES["modified-mercuri"].source
    assert "not Zhao's" in SCALES["modified-mercuri"].notes[0]
    assert "confirmed" in SCALES["oedema-0-3"].notes[0]


def test_a_grade_that_a_scale_does_not_have():
    """An unknown code is refused with the scale's codes."""
    assert SCALES["mercuri-leung"].position("2B") == 3
    with pytest.raises(KeyError, match="2A, 2B"):
        SCALES["mercuri-leung"].position("2")


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_has_its_page_with_a_picture(name):
    """docs/mri-scales.md has a section with a drawn example, and a row for each grade."""
    docs = Path(__file__).parents[2] / "docs"
    section = (docs / "mri-scales.md").read_text().split(f"\n## {name}\n")[1].split("\n## ")[0]
    assert f"images/mri-scale-{name}.png" in section
    assert (docs / "images" / f"mri-scale-{name}.png").stat().st_size < 120_000
    for code in SCALES[name].codes:
        assert f"\n| {code} | " in section
