"""The section on patients and controls: every number is the rounding of one in the results."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from muscles_sample import controls, muscles
from openpyxl import load_workbook
from parsed import Page

from myocohort.report.book.workbook import write_workbook
from myocohort.report.controls.blots_figure import blots_figure, drawn_targets, p_words, spread
from myocohort.report.controls.controls_figure import controls_figure
from myocohort.report.controls.figures import control_figures
from myocohort.report.controls.section import CONTROLS_SECTION
from myocohort.report.controls.tables import control_tables
from myocohort.report.controls.view import controls_view, effect_text, least_p_text
from myocohort.report.controls.words import control_paragraphs, control_warnings
from myocohort.report.drawing import figure_svg
from myocohort.report.html import html_text
from myocohort.report.rounding import fixed_text, p_equation, p_text

STUDY = {
    "title": "Controls",
    "origin": "made",
    "arms": [{"code": "h", "label": "Healthy", "role": "controls", "n": 4}],
}


@pytest.fixture
def found() -> dict[str, Any]:
    """Return results that hold patients and controls only, so that nothing else is drawn."""
    return {"study": STUDY, "controls": controls()}


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def limits(effect: dict[str, Any] | None, decimals: int = 2) -> str:
    """Print an effect as the report does."""
    if effect is None:
        return "–"
    ends = "–"
    if effect["interval"]:
        low, high = (fixed_text(effect["interval"][end], decimals) for end in ("low", "high"))
        ends = f"{low} to {high}"
    return f"{fixed_text(effect['estimate'], decimals)} ({ends})"


def group(of: dict[str, Any], decimals: int) -> list[str]:
    """Print mean with SD, and median as the report does."""
    if not of["n"]:
        return ["–", "–"]
    mean = f"{fixed_text(of['mean'], decimals)} ({fixed_text(of['sd'], decimals)})"
    return [mean, fixed_text(of["median"], decimals)]


def test_the_muscles_of_the_page_are_those_of_the_results(found: dict[str, Any]) -> None:
    """n, mean, SD, median, shift with limits, raw and adjusted p, Cliff's delta of all muscles."""
    (arm,) = found["controls"]["imaging"]["arms"]
    table = page(found).table(f"MRI before treatment: followed patients against {arm['label']}")
    lines = [line for line in table.rows[2:] if len(line) > 1]
    assert len(lines) == len(arm["rows"]) == 24
    for line, row in zip(lines, arm["rows"], strict=True):
        assert line[0] == row["muscle"]
        assert line[1].split()[0] == str(row["patients"]["n"])
        assert line[2:4] == group(row["patients"], 2)
        assert line[4].split()[0] == str(row["controls"]["n"])
        assert line[5:7] == group(row["controls"], 2)
        assert line[7:] == [
            limits(row["shift"]), p_text(row["p"]), p_text(row["holm"]),
            p_text(row["benjamini_hochberg"]), limits(row["delta"]),
        ]  # fmt: skip
    unread = next(row for row in arm["rows"] if row["muscle"] == "gracilis")
    assert unread["patients"]["n"] == 0
    assert arm["family"]["tests"] == 22
    sides = [s for s in found["controls"]["imaging"]["sides"] if s["code"] == "all"]
    lines = [line for line in page(found).table("Right less left: All").rows[1:] if len(line) > 1]
    for line, side in zip(lines, sides, strict=True):
        assert line[1].split()[0] == str(side["n"])
        if side["n"]:
            assert line[2] == f"{fixed_text(side['mean'], 2)} ({fixed_text(side['sd'], 2)})"
            counts = (side["right_higher"], side["same"], side["left_higher"])
            assert line[4] == " / ".join(map(str, counts))


def test_the_blots_of_the_page_are_those_of_the_results(found: dict[str, Any]) -> None:
    """Every comparison with its smallest possible p, the membranes, and every lane."""
    read, blots = page(found), found["controls"]["blots"]
    rows = [(t, row) for t in blots["targets"] for row in t["comparisons"]]
    table = read.table(f"Western blots: {blots['unit']}")
    lines = [line for line in table.rows[2:] if len(line) > 1]
    assert len(lines) == len(rows) == 6
    for line, (target, row) in zip(lines, rows, strict=True):
        assert line[0] == target["target"] + (f", {row['membrane']}" if row["membrane"] else "")
        assert line[2:4] == group(row["patients"], 3)
        assert line[5:7] == group(row["controls"], 3)
        assert line[7:] == [
            limits(row["shift"], 3), p_text(row["p"]), least_p_text(row["smallest_p"]),
            p_text(row["holm"]), p_text(row["benjamini_hochberg"]), limits(row["delta"]),
        ]  # fmt: skip
    lanes = read.table("Every lane of the blots").rows[1:]
    assert len(lanes) == len(blots["lanes"])
    for line, lane in zip(lanes, blots["lanes"], strict=True):
        assert line[3] == lane["patient"]
        shown = lane["why"] if lane["value"] is None else fixed_text(lane["value"], 3)
        assert line[7] == shown
    assert any(line[7] == "no actin in this lane" for line in lanes)
    membranes = read.table("Membranes").rows[1:]
    assert [line[:2] for line in membranes] == [
        [one["membrane"], str(one["lanes"])] for one in blots["membranes"]
    ]


def test_what_a_reader_must_know_stands_on_the_page(found: dict[str, Any]) -> None:
    """Notes on normalisation, families and the arm without MRI, and how often p is small."""
    text = page(found).text
    section = found["controls"]
    for note in (*section["notes"], *section["imaging"]["notes"], *section["blots"]["notes"]):
        assert " ".join(note.split()) in text
    below = section["imaging"]["arms"][0]["family"]["below"]
    assert f"{below['raw']} have a raw p below 0.05, {below['holm']} after Holm's" in text
    assert "Healthy: no MRI to compare." in text
    (warning, *_) = control_warnings(found)
    assert warning.startswith("Patients against controls (")


def test_no_two_elements_share_an_id(found: dict[str, Any]) -> None:
    """Notes, captions and pictures of both sections have ids of their own, and links have ends."""
    tags = page({**found, "muscles": muscles()}).tags
    ids = [attributes["id"] for _, attributes in tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    ends = [attributes.get("href") or "" for tag, attributes in tags if tag == "a"]
    marks = [end for end in ends if end.startswith(("#controls-", "#muscles-"))]
    assert marks
    assert {end[1:] for end in marks} <= set(ids)


def test_small_p_values_keep_two_digits_where_they_are_bounds() -> None:
    """2 of 3060 is 0.00065, 2 of 36 is 0.056; nothing is ever printed as 0."""
    assert least_p_text(2 / 3060) == "0.00065"
    assert least_p_text(2 / 36) == "0.056"
    assert least_p_text(1e-12) == "<0.000001"
    assert least_p_text(None) == "–"
    assert effect_text(None) == "–"
    infinite = {"estimate": 0.5, "interval": {"low": "-inf", "high": "inf"}}
    assert effect_text(infinite) == "0.50 (\N{MINUS SIGN}∞ to ∞)"


def test_the_figures_show_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """Each muscle with its mean in both groups and Holm's p; each value of a blot as a point."""
    section = found["controls"]
    (arm,) = section["imaging"]["arms"]
    figure = controls_figure(arm, found)
    assert figure is not None
    texts = [text.get_text() for text in figure.texts]
    assert [text for text in texts if text.startswith("p\N{NO-BREAK SPACE}")] == [
        p_equation(row["holm"]) for row in arm["rows"] if row["holm"] is not None
    ]
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in marks] == [
        row["patients"]["mean"] for row in arm["rows"] if row["patients"]["n"]
    ]
    drawing = blots_figure(section["blots"], found)
    assert drawing is not None
    drawn = drawn_targets(section["blots"])
    assert len(drawing.axes) == len(drawn) == 2
    for axes, (_, row) in zip(drawing.axes, drawn, strict=True):
        points = [
            y for line in axes.lines if line.get_linestyle() == "None" for y in line.get_ydata()
        ]
        assert sorted(points) == sorted(value["value"] for value in row["values"])
        assert p_words(row) == f"exact {p_equation(row['p'])}"
        assert p_words(row) in [text.get_text() for text in axes.texts]


def test_points_that_are_near_stand_beside_each_other() -> None:
    """Equal values never hide each other, and a lone value stands in the middle."""
    assert spread([1.0], 0.1) == [0.0]
    assert spread([1.0, 5.0], 0.1) == [0.0, 0.0]
    offsets = spread([1.0, 1.0, 1.0], 0.1)
    assert len(set(offsets)) == 3
    assert sum(offsets) == pytest.approx(0)
    assert max(spread([2.0] * 50, 0.1)) <= 0.36
    assert spread([], 0.1) == []


def test_the_workbook_and_the_manuscript_have_the_same_numbers(
    found: dict[str, Any], tmp_path: Path
) -> None:
    """Sheets are unrounded, infinite limits stay infinite; tables and paragraphs are rounded."""
    path = tmp_path / "tables.xlsx"
    write_workbook(found, path)
    book = load_workbook(path)
    section = found["controls"]
    arm = section["imaging"]["arms"][0]
    shown = [r for r in book["Controls MRI"].iter_rows(values_only=True) if r[0] == arm["label"]]
    assert len(shown) == 24
    for line, row in zip(shown, arm["rows"], strict=True):
        assert line[2:5] == (row["muscle"], row["patients"]["n"], row["patients"]["missing"])
        p = line[27]
        assert p == (None if row["p"] is None else pytest.approx(row["p"], rel=1e-14))
    lanes = list(book["Blot lanes"].iter_rows(values_only=True))
    assert sum(line[1] in ("membrane 1", "membrane 2") for line in lanes) == len(
        section["blots"]["lanes"]
    )
    assert "Sides MRI" in book.sheetnames
    mri, blots = control_tables(found)
    assert all(len(row.cells) == len(mri.columns) for row in mri.rows if not row.heading)
    assert all(len(row.cells) == len(blots.columns) for row in blots.rows if not row.heading)
    assert any("95% limits" in remark for remark in mri.remarks)
    paragraphs, _ = control_paragraphs(found)
    baff_r = section["blots"]["targets"][1]["comparisons"][0]
    (sentence,) = [text for text in paragraphs if text.startswith("BAFF-R")]
    assert fixed_text(baff_r["patients"]["mean"], 3) in sentence
    shift = baff_r["shift"]
    ends = (fixed_text(shift["interval"][end], 3) for end in ("low", "high"))
    estimate = fixed_text(shift["estimate"], 3)
    assert f"shift with 95% limits {estimate} ({' to '.join(ends)}); {baff_r['test']}" in sentence
    assert f"is {least_p_text(baff_r['smallest_p'])})" in sentence


def test_results_without_controls_say_so(found: dict[str, Any]) -> None:
    """Old results, a section that was left out, and each of its halves."""
    assert controls_view({}).left_out == "the results hold no comparison with controls."
    assert control_tables({}) == list(control_figures({})) == list(control_warnings({})) == []
    assert control_paragraphs({})[0] == []
    assert all(not sheet.rows and sheet.empty for sheet in CONTROLS_SECTION.sheets({}))
    section = found["controls"]
    section["imaging"].update(left_out="nobody was scanned.", arms=[], sides=[])
    section["blots"].update(
        left_out="no blot.", targets=[], families=[], lanes=[], membranes=[], loading=None, unit=""
    )
    text = page(found).text
    assert "Left out: nobody was scanned." in text
    assert "Left out: no blot." in text
    assert control_tables(found) == list(control_figures(found)) == []
    assert control_paragraphs(found)[0] == [
        "MRI of controls was left out: nobody was scanned.",
        "Blots of controls were left out: no blot.",
    ]
    found["controls"] = {"left_out": "the study has no arm of controls.", "notes": [],
                         "imaging": None, "blots": None}  # fmt: skip
    assert "Left out: the study has no arm of controls." in page(found).text
    assert control_paragraphs(found) == ([], "the study has no arm of controls.")
    assert all(not sheet.rows for sheet in CONTROLS_SECTION.sheets(found))


def test_awkward_labels_stay_text(found: dict[str, Any]) -> None:
    """Markup, 200 characters and right-to-left names break neither page nor pictures."""
    section = found["controls"]
    section["imaging"]["arms"][0]["label"] = "<b>$x^2$</b>" + "x" * 200
    for target in section["blots"]["targets"]:
        target["label"] = "\u05d1\u05e8\u05d9\u05d0\u05d9\u05dd"
        target["target"] = "<i>$\\frac$</i>" + "y" * 200
    for figure in control_figures(found):
        svg = figure_svg(figure.drawing)
        assert "<b>$x" not in svg
    html = html_text(found, made_on=dt.date(2026, 11, 22))
    assert "<b>$x^2$</b>" not in html
    assert "<i>$\\frac$</i>" not in html


def test_a_comparison_without_a_shift_is_drawn_without_one(found: dict[str, Any]) -> None:
    """No shift is said in its place, and infinite limits end in arrows at the edge."""
    (arm,) = found["controls"]["imaging"]["arms"]
    arm["rows"][0]["shift"] = None
    arm["rows"][1]["shift"]["interval"].update(low="-inf", high="inf")
    figure = controls_figure(arm, found)
    assert figure is not None
    assert "no shift" in [text.get_text() for text in figure.axes[1].texts]
    assert {"<", ">"} <= {line.get_marker() for line in figure.axes[1].lines}


def test_many_values_are_drawn_as_quartiles(found: dict[str, Any]) -> None:
    """Where the results list no single values, the box and the range are drawn."""
    for target in found["controls"]["blots"]["targets"]:
        for row in target["comparisons"]:
            row["values"] = []
    figure = blots_figure(found["controls"]["blots"], found)
    assert figure is not None
    row = drawn_targets(found["controls"]["blots"])[0][1]
    drawn = [tuple(line.get_ydata()) for line in figure.axes[0].lines]
    assert (row["patients"]["q1"], row["patients"]["q3"]) in drawn
