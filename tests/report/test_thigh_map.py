"""The thigh map and the section on single muscles: every number is one of the results."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.path import Path as Outline
from muscles_sample import muscles
from openpyxl import load_workbook
from parsed import Page

from myocohort.report.book.workbook import write_workbook
from myocohort.report.drawing import figure_svg
from myocohort.report.html import html_text
from myocohort.report.imaging.muscles_tables import muscle_tables
from myocohort.report.imaging.muscles_view import (
    muscle_figures,
    muscle_paragraphs,
    muscle_warnings,
    muscles_view,
)
from myocohort.report.imaging.section import MUSCLES_SECTION
from myocohort.report.imaging.thigh_map_figure import (
    DIVERGING,
    SEQUENTIAL,
    drawn_groups,
    n_words,
    number_text,
    scale_end,
    thigh_map_figure,
)
from myocohort.report.imaging.thigh_map_shapes import (
    ABBREVIATIONS,
    BOX,
    FASCIA,
    RIGHT_THIGH,
    mirrored,
)
from myocohort.report.rounding import fixed_text, plain_text
from myocohort.study.standard import MUSCLES


@pytest.fixture
def found() -> dict[str, Any]:
    """Return results that hold the muscles only, so that nothing else is drawn."""
    return {"study": {"title": "Muscles", "origin": "made"}, "muscles": muscles()}


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def texts_of(scale: dict[str, Any], results: dict[str, Any]) -> list[str]:
    """Return all texts of a map."""
    figure = thigh_map_figure(scale, 12, results)
    assert figure is not None
    return [text.get_text() for text in figure.axes[0].texts]


def test_all_twelve_muscles_have_a_place() -> None:
    """The shapes are those of the muscles that can be read, each with an abbreviation."""
    assert set(RIGHT_THIGH) == set(ABBREVIATIONS) == set(MUSCLES)
    assert len(set(ABBREVIATIONS.values())) == 12


GRID = np.array([(x, y) for x in np.arange(-1.3, 1.3, 0.01) for y in np.arange(-1.5, 1.2, 0.01)])


def inside(muscle: str) -> np.ndarray:
    """Return which points of a fine grid lie in the shape of a muscle."""
    corners = RIGHT_THIGH[muscle].outline
    return Outline([*corners, corners[0]], closed=True).contains_points(GRID)


def test_muscles_lie_beside_each_other_and_within_the_fascia() -> None:
    """No point is in two shapes; all but the gluteus maximus lie inside; all lie in their box."""
    within = np.array([inside(muscle) for muscle in RIGHT_THIGH])
    assert within.sum(axis=0).max() == 1
    assert within.sum(axis=1).min() > 500  # 0.05 of the square of a thigh's radius
    for muscle, shape in RIGHT_THIGH.items():
        for x, y in shape.outline:
            assert BOX[0] <= x <= BOX[1]
            assert BOX[2] <= y <= BOX[3]
            in_fascia = (x / FASCIA[0]) ** 2 + (y / FASCIA[1]) ** 2 <= 1.0
            assert in_fascia == (muscle != "gluteus maximus")


def test_the_order_of_the_muscles_is_that_of_a_thigh() -> None:
    """Outer and inner side, front and back, as on an axial MRI of the right thigh."""
    at = {muscle: GRID[inside(muscle)].mean(axis=0) for muscle in RIGHT_THIGH}
    assert at["vastus lateralis"][0] < at["vastus intermedius"][0] < at["vastus medialis"][0]
    assert at["rectus femoris"][1] > at["vastus intermedius"][1] > at["adductor magnus"][1]
    assert at["biceps femoris"][0] < at["semitendinosus"][0] < at["semimembranosus"][0]
    assert at["sartorius"][1] > at["gracilis"][1]
    assert at["adductor longus"][1] > at["adductor magnus"][1] > at["semitendinosus"][1]
    assert at["gluteus maximus"][0] < -0.5
    assert at["gluteus maximus"][1] < -0.9


def test_each_number_stands_in_its_muscle_or_has_a_line_to_it() -> None:
    """The number, or the end of its line, lies inside the shape."""
    for muscle, shape in RIGHT_THIGH.items():
        end = shape.number if shape.leader is None else shape.leader
        outline = Outline([*shape.outline, shape.outline[0]], closed=True)
        assert outline.contains_point(end), muscle
    assert mirrored((0.25, -0.5)) == (-0.25, -0.5)


def test_every_number_of_the_map_is_a_mean_of_the_results(found: dict[str, Any]) -> None:
    """For each drawn group and time the 24 numbers in order; n; nothing where nobody was read."""
    for scale in found["muscles"]["scales"]:
        texts = texts_of(scale, found)
        wanted = []
        for group in drawn_groups(scale):
            by_slot = {(row["muscle"], row["side"]): row for row in group["rows"]}
            for time in ("before", "after", "difference"):
                if not any(row[time]["n"] for row in group["rows"]):
                    wanted.append("no scans")
                    continue
                for side in ("right", "left"):
                    numbers = [
                        number_text(by_slot[m, side][time]["mean"], time) for m in RIGHT_THIGH
                    ]
                    wanted += [*(number for number in numbers if number), side[0].upper()]
                wanted.append(n_words(group["rows"], time))
        drawn = [text for text in texts if text in set(wanted)]
        # without the letters of the key
        assert drawn[2:] == wanted
        assert len(wanted) > 200


def test_a_muscle_without_a_reading_is_hatched_and_has_no_number(found: dict[str, Any]) -> None:
    """Gracilis on the left was never read: a hatched patch, a warning, and no zero."""
    scale = found["muscles"]["scales"][0]
    figure = thigh_map_figure(scale, 12, found)
    assert figure is not None
    hatched = [
        collection
        for collection in figure.axes[0].collections
        if isinstance(collection, PathCollection) and collection.get_hatch()
    ]
    assert len(hatched) == 1
    drawn = sum(any(row[time]["n"] for row in group["rows"]) for group in drawn_groups(scale)
                for time in ("before", "after", "difference"))  # fmt: skip
    assert len(hatched[0].get_offsets()) == drawn
    assert number_text(None, "before") == ""
    assert all("gracilis (left)" in warning for warning in muscle_warnings(found))
    assert len(list(muscle_warnings(found))) == 2


@settings(max_examples=4)
@given(st.integers(0, 2**16))
def test_mirrored_sides_mirror_the_map(seed: int) -> None:
    """Right and left exchanged in the results exchange the colours of both thighs."""
    scale = muscles()["scales"][seed % 2]
    for number, row in enumerate(scale["groups"][0]["rows"]):
        row["before"]["mean"] = ((seed + 7 * number) % 50) / 10
    other = copy.deepcopy(scale)
    for row in other["groups"][0]["rows"]:
        row["side"] = {"right": "left", "left": "right"}[row["side"]]
    first, second = (faces_of(one) for one in (scale, other))
    for muscle in RIGHT_THIGH:
        assert first[muscle, "right"] == second[muscle, "left"]
        assert first[muscle, "left"] == second[muscle, "right"]


def faces_of(scale: dict[str, Any]) -> dict[tuple[str, str], tuple[float, ...]]:
    """Return the colour of each muscle-side in the first panel; collections come in that order."""
    alone = {**scale, "groups": scale["groups"][:1]}
    figure = thigh_map_figure(alone, 12, {"study": {"origin": "real"}})
    assert figure is not None
    found = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    slots = [(muscle, side) for side in ("right", "left") for muscle in RIGHT_THIGH]
    faces = [c for c in found[2:] if len(c.get_facecolors()) > 1]
    return {
        slot: tuple(collection.get_facecolors()[1])
        for slot, collection in zip(slots, faces, strict=True)
    }


def test_colours_fall_in_lightness_and_differences_are_blue_and_orange() -> None:
    """Darker for a higher grade also in grey print; the middle of the difference is near white."""

    def light(colour: tuple[float, float, float, float]) -> float:
        return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]

    greys = [light(SEQUENTIAL(grade / 5)) for grade in range(6)]
    assert all(a - b > 0.08 for a, b in itertools.pairwise(greys))
    low, middle, high = (DIVERGING(share) for share in (0.0, 0.5, 1.0))
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert light(middle) > 0.9


def test_differences_carry_their_sign_and_end_at_a_whole_grade(found: dict[str, Any]) -> None:
    """+0.4, a real minus, no sign on zero; the scale holds the largest mean difference."""
    assert number_text(0.42, "difference") == "+0.4"
    assert number_text(-0.42, "difference") == "\N{MINUS SIGN}0.4"
    assert number_text(0.04, "difference") == "0.0"
    assert number_text(2.25, "before") == "2.3"
    scale = found["muscles"]["scales"][0]
    scale["groups"][0]["rows"][0]["difference"]["mean"] = -2.01
    assert scale_end(scale) == 3


def test_the_page_has_the_grades_of_the_results(found: dict[str, Any]) -> None:
    """n, missing, mean, SD, median and the patients at every grade, before and after."""
    read = page(found)
    checked = 0
    for scale in found["muscles"]["scales"]:
        for group in scale["groups"]:
            if group["left_out"]:
                assert f"{group['label']}, {group['n']}: {group['left_out']}" in read.text
                continue
            rows = read.table(f"{scale['label']}, {group['label']}: grade").rows[2:]
            assert len(rows) == 24
            later = any(row["after"]["n"] for row in group["rows"])
            for cells, row in zip(rows, group["rows"], strict=True):
                assert cells[:2] == [row["muscle"], row["side"]]
                wanted = []
                for time in ("before", "after") if later else ("before",):
                    of = row[time]
                    mean = f"{fixed_text(of['mean'], 2)} ({fixed_text(of['sd'], 2)})"
                    counts = " · ".join(map(str, of["grades"])) + "".join(
                        f"; {plain_text(b['grade'], 2)}: {b['n']}" for b in of["between"]
                    )
                    wanted += [str(of["n"]), mean, plain_text(of["median"], 2), counts]
                    if not of["n"]:
                        wanted[-3:] = ["–", "–", "–"]
                assert cells[2 : 2 + len(wanted)] == wanted
                checked += len(wanted)
                if later and row["difference"]["n"]:
                    change = row["difference"]
                    assert cells[10] == str(change["n"])
                    assert cells[11].startswith(fixed_text(change["mean"], 2))
                    assert cells[13] == f"{change['rose']} / {change['same']} / {change['fell']}"
    assert checked > 1000


def test_means_between_grades_are_shown_by_themselves(found: dict[str, Any]) -> None:
    """Two readers of one patient make halves, which are never put to a whole grade."""
    rows = found["muscles"]["scales"][0]["groups"][0]["rows"]
    halves = [row for row in rows if row["before"]["between"]]
    assert halves
    table = page(found).table("Fatty infiltration (modified Mercuri, 0–5), All patients").rows
    assert any("; " in cell for row in table for cell in row[5:6])


def test_the_workbook_and_the_manuscript_have_the_same_numbers(
    found: dict[str, Any], tmp_path: Path
) -> None:
    """A sheet with a row a muscle-side, unrounded; a table a scale; paragraphs with the notes."""
    path = tmp_path / "tables.xlsx"
    write_workbook(found, path)
    sheet = load_workbook(path)["Muscles"]
    rows = [
        row
        for scale in found["muscles"]["scales"]
        for group in scale["groups"]
        for row in group["rows"]
    ]
    shown = [line for line in sheet.iter_rows(values_only=True) if line[3] in ("right", "left")]
    assert len(shown) == len(rows)
    for line, row in zip(shown, rows, strict=True):
        assert line[2:6] == (row["muscle"], row["side"], row["before"]["n"],
                             row["before"]["missing"])  # fmt: skip
        mean = row["before"]["mean"]
        assert line[6] == (None if mean is None else pytest.approx(mean, rel=1e-14))
        assert list(line[11:17]) == row["before"]["grades"]
    tables = muscle_tables(found)
    assert len(tables) == 2
    first = found["muscles"]["scales"][0]["groups"][0]["rows"][0]
    cells = tables[0].rows[0].cells
    assert cells[2].text == fixed_text(first["before"]["mean"], 2)
    assert cells[2].small == f"n {first['before']['n']}"
    assert all(len(row.cells) == len(tables[0].columns) for row in tables[0].rows)
    for group in found["muscles"]["scales"][0]["groups"]:
        group["rows"] = [row for row in group["rows"] if row["muscle"] != "gracilis"]
    table = muscle_tables(found)[0]
    assert table.columns[2].heading == f"Before, n = {first['before']['n']}"
    assert table.rows[0].cells[2].small == ""
    paragraphs, _ = muscle_paragraphs(found)
    assert found["muscles"]["notes"][0] in paragraphs[0]
    assert len(paragraphs) == 3


def test_results_without_muscles_say_so(found: dict[str, Any]) -> None:
    """Old results, and a section that was left out, have reasons and no figure."""
    assert muscles_view({}).left_out == "the results hold no muscles."
    assert list(muscle_figures({})) == list(muscle_warnings({})) == muscle_tables({}) == []
    assert muscle_paragraphs({}) == ([], "the results hold no muscles.")
    assert all(not sheet.rows and sheet.empty for sheet in MUSCLES_SECTION.sheets({}))
    found["muscles"].update(left_out="the study file has no [imaging].", scales=[])
    assert list(muscle_figures(found)) == []
    assert "Left out: the study file has no [imaging]." in page(found).text


def test_awkward_labels_stay_text_and_in_their_place(found: dict[str, Any]) -> None:
    """Markup, 200 characters and right-to-left text do not break the page or the picture."""
    labels = [
        "<b>$x^2$</b>",
        "x" * 200,
        "\u05d7\u05d5\u05dc\u05d9\u05dd \u05d0\u05d7\u05e8\u05d9\u05dd",
    ]
    for scale in found["muscles"]["scales"]:
        for group, label in zip(scale["groups"], labels, strict=False):
            group["label"] = label
        figure = thigh_map_figure(scale, 12, found)
        assert figure is not None
        figure_svg(figure)
        wide = figure.get_size_inches()[0] * figure.dpi
        for text in figure.axes[0].texts:
            assert text.get_window_extent().x1 <= wide + 1, text.get_text()
    html = html_text(found, made_on=dt.date(2026, 11, 22))
    assert "<b>$x^2$</b>" not in html
    assert labels[2] in html


def test_the_map_is_the_same_each_time(found: dict[str, Any]) -> None:
    """The same results give the same bytes."""
    one, two = ([figure_svg(figure.drawing) for figure in muscle_figures(found)] for _ in range(2))
    assert one == two
    assert [figure.name for figure in muscle_figures(found)] == [
        "thigh-map-fat", "thigh-map-oedema",
    ]  # fmt: skip
