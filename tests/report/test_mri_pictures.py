"""Pictures of measured thighs: montage, before and after, thigh map, trajectories, kept views."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from measured_json import measured, with_each

from myocohort.errors import InputError
from myocohort.mri.regions import Region
from myocohort.mri.views import View
from myocohort.report.drawing import figure_svg
from myocohort.report.mri.kept import read_views, write_views
from myocohort.report.mri.montage_figure import MOST_DRAWN, montage_figure
from myocohort.report.mri.patient_map_figure import patient_map_figure
from myocohort.report.mri.pictures import Session, patient_pictures, session_pictures
from myocohort.report.mri.pictures import write_pictures as write
from myocohort.report.mri.side_by_side_figure import level_slice, side_by_side_figure
from myocohort.report.mri.trajectories_figure import trajectories_figure
from myocohort.report.mri.words import grade_text, percent_text

LONG = "a segmentation model's very long name of a muscle with $signs$ & <marks>"
OF = {
    1: Region("sartorius", "right", "muscle"),
    2: Region("sartorius", "left", "muscle"),
    3: Region(LONG, "left", "other muscle"),
    4: Region("femur", "left", "bone"),
}


def view(title="T1", slices=3, first=0.0):
    """Return a view with four regions in every slice."""
    planes = np.full((slices, 40, 60), 90, dtype=np.uint8)
    codes = np.zeros(planes.shape, dtype=np.int16)
    for code in OF:
        codes[:, 5:25, 12 * code : 12 * code + 10] = code
    return View(title, planes, codes, first + 10.0 * np.arange(slices), 1.0)


def content(date="2020-01-01", fraction=0.2, **changes):
    """Return a measurement with what pictures need beyond the agreed shape."""
    found = measured(date, fraction, patient="P1", **changes)
    for row in found["muscles"]:
        row["fat_method"] = "T1, N4 and anchors"
        row["fat_fraction_low"], row["fat_fraction_high"] = fraction - 0.05, fraction + 0.05
        for key, codes in (("grade", range(6)), ("oedema_grade", range(6))):
            row[key] |= {"grades": list(codes), "low": int(row[key]["low"]),
                         "high": int(row[key]["high"])}  # fmt: skip
    return found


def words(figure):
    """Return all text of a figure."""
    own = [text.get_text() for text in figure.texts]
    return [*own, *(t.get_text() for axes in figure.axes for t in [*axes.texts, axes.title])]


def test_a_montage_names_muscles_and_heights():
    """From the head down; each muscle by its abbreviation, sides marked, bones left out."""
    figure = montage_figure(view(), OF, "P1 <2020>")
    text = words(figure)
    assert [one for one in text if one.endswith(" mm")] == ["20 mm", "10 mm", "0 mm"]
    assert text.count("R") == text.count("L") == 3
    assert any("sartorius" in one for one in text)
    assert not any("femur" in one or LONG in one for one in text)
    assert "P1 &lt;2020&gt;" in figure_svg(figure)


def test_a_montage_draws_twelve_slices_at_most():
    """Of 30 slices the ends and evenly spread ones between."""
    figure = montage_figure(view(slices=30), OF, "P1")
    heights = [one for one in words(figure) if one.endswith(" mm")]
    assert len(heights) == MOST_DRAWN
    assert (heights[0], heights[-1]) == ("290 mm", "0 mm")


def test_a_montage_of_values_has_a_scale_and_says_proposal():
    """Muscles are coloured by their value; one without is outlined only."""
    text = words(montage_figure(view(slices=1), OF, "P1", values={1: 0.4}, value_label="Fat"))
    assert "Fat" in text
    assert any("a proposal until a reader accepts it" in one for one in text)


def test_before_and_after_share_sequences_and_levels():
    """Only sequences that both have; the same share of the length, whatever the table's height."""
    before, after = [view("T1"), view("STIR")], [view("T1", slices=6, first=500.0), view("Dixon")]
    figure = side_by_side_figure(before, after, OF, OF, ("before", "after"), LONG)
    assert len(figure.axes) == 6
    assert level_slice(before[0], 0.5) == 1
    assert side_by_side_figure(before[1:], after, OF, OF, ("", ""), "") is None
    few = side_by_side_figure([view(slices=1)], [view(slices=2)], OF, OF, ("", ""), "")
    assert len(few.axes) == 2


def test_the_thigh_map_has_a_panel_for_each_quantity():
    """Fat fraction, both grades and oedema; ranges as ranges, muscles without value hatched."""
    found = content()
    found["muscles"][0]["grade"] |= {"low": 1, "high": 3, "proposal": None}
    text = words(patient_map_figure(found, LONG))
    for title in ("Fat fraction, %", "Proposed grade of fat (modified-mercuri)",
                  "Proposed grade of oedema (oedema-0-5)", "STIR-positive voxels, %"):  # fmt: skip
        assert title in text
    assert "1\u20133" in text
    assert text.count("20") == 24


def test_a_thigh_map_of_nothing_is_none():
    """Nothing measured: no picture, and none of the fat montage either."""
    found = with_each(content(), fat_fraction=None, stir_positive_share=None, grade=None,
                      oedema_grade=None)  # fmt: skip
    assert patient_map_figure(found, "P1") is None
    assert [name for name, _ in session_pictures(found, [view()], OF)] == ["montage-t1"]


def test_trajectories_need_two_sessions():
    """A chart for every muscle, also one that is not of the twelve; one session is no course."""
    sessions = [(0.0, content()), (6.0, content("2020-07-01", 0.3))]
    for _, one in sessions:
        extra = copy.deepcopy(one["muscles"][0]) | {"name": LONG}
        one["muscles"].append(extra)
    text = words(trajectories_figure(sessions, "fat_fraction", "P1", "months"))
    assert "sartorius" in text
    assert LONG in text
    assert trajectories_figure(sessions[:1], "fat_fraction", "P1", "months") is None
    bare = [(at, with_each(one, fat_fraction=None)) for at, one in sessions]
    assert trajectories_figure(bare, "fat_fraction", "P1", "months") is None


def test_sessions_are_drawn_in_the_order_of_their_days():
    """Given the wrong way round; without days the order given is kept and said."""
    late = Session(content("2020-07-01"), [view()], OF)
    early = Session(content("2020-01-01"), [view()], OF)
    drawn = dict(patient_pictures([late, early]))
    text = words(drawn["before-after"])
    assert text.index("before: 2020-01-01") < text.index("after: 2020-07-01")
    assert any(
        "months from the first scan" in one for one in words(drawn["trajectories-fat-fraction"])
    )
    unknown = [Session(content(None), [view()], OF)] * 2
    drawn = dict(patient_pictures(unknown))
    assert any("days are not known" in one for one in words(drawn["trajectories-fat-fraction"]))


def test_pictures_are_written_as_png_and_svg(tmp_path):
    """Each figure twice, whole."""
    found = write(session_pictures(content(), [view()], OF), tmp_path / "out")
    assert {path.name for path in found} == {
        f"{name}.{end}"
        for name in ("montage-t1", "montage-fat", "thigh-map") for end in ("png", "svg")
    }  # fmt: skip
    assert all(path.stat().st_size > 1000 for path in found)


def test_views_are_read_back_as_they_were(tmp_path):
    """Slices, codes, heights, pixel width, and what the codes mean."""
    path = tmp_path / "views.npz"
    write_views([view(), view("STIR", 5)], OF, path)
    views, of = read_views(path)
    assert of == OF
    assert [one.title for one in views] == ["T1", "STIR"]
    for one, before in zip(views, (view(), view("STIR", 5)), strict=True):
        np.testing.assert_array_equal(one.slices, before.slices)
        np.testing.assert_array_equal(one.codes, before.codes)
        np.testing.assert_array_equal(one.positions_mm, before.positions_mm)
        assert one.pixel_mm == before.pixel_mm


@pytest.mark.parametrize("damage", ["absent", "empty", "text", "cut", "other"])
def test_views_that_cannot_be_read_are_told(tmp_path, damage):
    """The file's name and what to do, whatever is wrong with it."""
    path = tmp_path / "views.npz"
    write_views([view()], OF, path)
    whole = path.read_bytes()
    if damage == "absent":
        path.unlink()
    elif damage == "other":
        np.savez(path, other=np.zeros(3))
    else:
        path.write_bytes({"empty": b"", "text": b"no views", "cut": whole[:-200]}[damage])
    with pytest.raises(InputError, match=r"views\.npz"):
        read_views(path)


def test_words_of_numbers_and_grades():
    """Percent without the sign; a range with a dash; nothing where there is none."""
    assert [percent_text(one) for one in (None, 0.0, 0.456)] == ["", "0", "46"]
    assert percent_text(0.456, 1) == "45.6"
    assert grade_text(None) == grade_text({"low": None, "high": None}) == ""
    assert grade_text({"low": 0, "high": 0}) == "0"
    assert grade_text({"low": "2A", "high": "2B"}) == "2A\u20132B"


def test_a_slice_is_shown_once():
    """With two slices the three levels fall onto two: no picture is drawn twice."""
    pair = ([view("T1", slices=2)], [view("T1", slices=6)])
    figure = side_by_side_figure(*pair, OF, OF, ("before", "after"), LONG)
    assert len(figure.axes) == 4
