"""Muscle biopsies in every document: each number is the rounding of one in the results."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from matplotlib.collections import PathCollection
from openpyxl import load_workbook
from parsed import Page, Word
from pathology_sample import pathology
from sample import results as sample_results

from myocohort.report.book.workbook import write_workbook
from myocohort.report.figures import NumberedFigure, write_figures
from myocohort.report.group_marks import mark_of, mark_of_group
from myocohort.report.html import html_text
from myocohort.report.manuscript.latex import latex_text
from myocohort.report.manuscript.word import word_bytes
from myocohort.report.pathology.correlation_figure import (
    correlated_points,
    correlation_figure,
    rho_text,
)
from myocohort.report.pathology.expression_figure import drawn_groups, expression_figure
from myocohort.report.pathology.figures import pathology_figures
from myocohort.report.pathology.findings_figure import findings_figure
from myocohort.report.pathology.sheets import pathology_sheets
from myocohort.report.pathology.tables import pathology_tables
from myocohort.report.pathology.view import pathology_view, pathology_warnings
from myocohort.report.pathology.words import pathology_paragraphs
from myocohort.report.rounding import decimals_for, fixed_text, p_equation, p_text, percent_text

FINDINGS, EXPRESSION = "Findings of the muscle biopsies", "Expression of markers"
PATIENTS, PAIRS = "Expression of every patient", "Rank correlation of the expression"


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample with biopsies."""
    return {**sample_results(), "pathology": pathology()}


def page(results: dict[str, Any]) -> Page:
    """Render and read a report without its figures."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22), figures={}))


def word_rows(results: dict[str, Any], caption: str) -> list[list[str]]:
    """Return the rows of a supplementary table of the Word document."""
    word = Word(word_bytes(results, {}))
    (rows,) = [t.rows for t in word.tables if re.match(rf"Table S\d+\. {caption}", t.caption)]
    return rows


def shares(counts: dict[str, Any]) -> list[str]:
    """Print what stands of one finding in one group."""
    if not counts["of"]:
        return ["–", "–"]
    low, high = (percent_text(counts["interval"][end]) for end in ("low", "high"))
    share = f"{counts['present']}/{counts['of']} ({percent_text(counts['percent'])})"
    return [share, f"{low}–{high}"]


def test_findings_have_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """Present of read with percent and limits in every group, in page and Word."""
    section = found["pathology"]
    wanted = [
        [finding["label"], finding["stain"]]
        + [text for group in section["groups"] for text in shares(finding["groups"][group["code"]])]
        for finding in section["findings"]
    ]
    shown = page(found).table(FINDINGS).rows[2:]
    assert [[re.sub(r" \(the finding.*", "", cell) for cell in row[:-1]] for row in shown] == wanted
    last = [finding["groups"]["all"] for finding in section["findings"]]
    for row, counts in zip(shown, last, strict=True):
        for number, words in (("not_stained", "not stained"), ("no_record", "without a record")):
            assert (f"{counts[number]} {words}" in row[-1]) == bool(counts[number])
    assert [row[:-1] for row in word_rows(found, FINDINGS)[-len(wanted) :]] == wanted


def test_expression_has_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """N, mean, SD, median, quartiles, range and missing of each marker and group."""
    section = found["pathology"]
    for rows in (page(found).table(EXPRESSION).rows[1:], word_rows(found, EXPRESSION)[1:]):
        for marker in section["expression"]:
            assert rows.pop(0)[0] == marker["label"]
            summaries = marker["groups"].values()
            digits = decimals_for(s[key] for s in summaries for key in ("mean", "sd"))
            for group in section["groups"]:
                of = marker["groups"][group["code"]]
                row = rows.pop(0)
                assert row[:2] == [group["label"], str(of["n"])]
                assert row[5].split()[0] == str(of["missing"])
                if of["n"]:
                    mean, sd, median, q1, q3, low, high = (
                        fixed_text(of[key], digits)
                        for key in ("mean", "sd", "median", "q1", "q3", "min", "max")
                    )
                    assert row[2:5] == [
                        f"{mean} ± {sd}", f"{median} ({q1}–{q3})", f"{low}–{high}",
                    ]  # fmt: skip
        assert not rows


def test_the_comparison_is_the_table_s(found: dict[str, Any]) -> None:
    """The test's p with its n stands under the table; without a table, why there is none."""
    text = page(found).text
    for marker in found["pathology"]["expression"]:
        compared = marker["comparison"]
        if compared is None:
            assert marker["not_compared"] in text
        else:
            assert f"p = {p_text(compared['p'])}, n = {compared['n']}." in text
            assert compared["test"] in text
    assert "2 fields planned a patient" in text


def test_every_patient_is_listed_with_cells_and_fields(found: dict[str, Any]) -> None:
    """Value, positive cells of fibres, and fields, and a dash where there is none."""
    section = found["pathology"]
    rows = page(found).table(PATIENTS).rows[1:]
    listed = [{p["patient"]: p for p in marker["patients"]} for marker in section["expression"]]
    assert {row[0] for row in rows} == {patient for marker in listed for patient in marker}
    for row in rows:
        for place, marker in enumerate(listed):
            value, cells = row[2 + 2 * place : 4 + 2 * place]
            of = marker.get(row[0])
            if of is None:
                assert (value.split()[0], cells) == ("–", "–")
                continue
            assert value.split()[0] == fixed_text(of["value"], 3)
            assert cells == f"{of['positive_cells']}/{of['fibres']}; {of['fields']}"


def test_pairs_have_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """Rho, limits with their own p, the test's p and the adjusted one; the published beside."""
    pairs = found["pathology"]["associations"]["pairs"]
    wanted = [
        [
            f"{pair['x_label']} with {pair['y_label']}", str(pair["n"]), str(pair["n_missing"]),
            rho_text(pair["rho"]),
            f"{rho_text(pair['interval']['low'])} to {rho_text(pair['interval']['high'])}",
            p_text(pair["p_interval"]), p_text(pair["p"]), p_text(pair["p_adjusted"]),
            "0.818; p <0.001" if pair["printed"] else "",
        ]
        for pair in pairs
    ]  # fmt: skip
    assert page(found).table(PAIRS).rows[1:] == wanted
    assert [[" ".join(c.split()) for c in row] for row in word_rows(found, PAIRS)[1:]] == wanted
    assert pairs[0]["printed"]


def test_the_workbook_has_the_numbers_whole(found: dict[str, Any], tmp_path: Path) -> None:
    """Counts, summaries, patients and pairs, unrounded."""
    section = found["pathology"]
    path = tmp_path / "tables.xlsx"
    write_workbook(found, path)
    book = load_workbook(path)

    def cells(name: str) -> list[list[Any]]:
        sheet = book[name]
        first = int("".join(c for c in sheet.freeze_panes if c.isdigit()))
        return [list(row) for row in sheet.iter_rows(min_row=first, values_only=True)]

    for row, finding in zip(cells("Biopsy findings"), section["findings"], strict=True):
        place = 2
        for group in section["groups"]:
            of = finding["groups"][group["code"]]
            limits = of["interval"] or {"low": None, "high": None}
            numbers = [of["present"], of["of"], of["percent"], of["not_stained"], of["not_read"],
                       of["no_record"], limits["low"], limits["high"]]  # fmt: skip
            assert row[place : place + 8] == [
                None if n is None else pytest.approx(n, rel=1e-14) for n in numbers
            ]
            place += 8
    rows = cells("Expression")
    summaries = [m["groups"][g["code"]] for m in section["expression"] for g in section["groups"]]
    for row, of in zip(rows, summaries, strict=True):
        assert row[2:4] == [of["n"], of["missing"]]
        for value, key in zip(row[4:11], ("mean", "sd", "median", "q1", "q3", "min", "max"),
                              strict=True):  # fmt: skip
            assert value == (None if of[key] is None else pytest.approx(of[key], rel=1e-14))
    listed = [p for marker in section["expression"] for p in marker["patients"]]
    values = [row[3] for row in cells("Expression patients")]
    assert values == [
        None if p["value"] is None else pytest.approx(p["value"], rel=1e-14) for p in listed
    ]
    pairs = section["associations"]["pairs"]
    for row, pair in zip(cells("Marker pairs"), pairs, strict=True):
        assert row[2:4] == [pair["n"], pair["n_missing"]]
        assert [row[4], row[7], row[9], row[11]] == [
            pytest.approx(pair[key], rel=1e-14) for key in ("rho", "p_interval", "p", "p_adjusted")
        ]


def test_figures_draw_every_patient_and_name_their_numbers(found: dict[str, Any]) -> None:
    """As many points as values, the numbers of the results as texts, axes from 0."""
    section = found["pathology"]
    figure = expression_figure(section, found)
    assert figure is not None
    clouds = [c for axes in figure.axes for c in axes.collections if isinstance(c, PathCollection)]
    drawn = [len(cloud.get_offsets()) for cloud in clouds]
    values = [p for m in section["expression"] for p in m["patients"] if p["value"] is not None]
    assert sum(drawn) == len(values)
    pair = section["associations"]["pairs"][0]
    figure = correlation_figure(pair, section, found)
    assert figure is not None
    (axes,) = figure.axes
    assert axes.get_xlim()[0] == axes.get_ylim()[0] == 0
    points = correlated_points(pair, section)
    assert sum(sum(of.values()) for of in points.values()) == pair["n"]
    texts = " ".join(text.get_text() for text in figure.texts)
    assert f"rho = {rho_text(pair['rho'])}" in texts
    assert f"n = {pair['n']}".replace(" ", "\N{NO-BREAK SPACE}") in texts
    figure = findings_figure(section, found)
    assert figure is not None
    texts = " ".join(text.get_text() for text in figure.axes[0].texts)
    read = [f["groups"]["all"] for f in section["findings"] if f["groups"]["all"]["of"]]
    assert all(shares(of)[0] in texts for of in read)


def test_patients_at_the_same_place_are_counted(found: dict[str, Any]) -> None:
    """A tie is one larger mark with the number beside it."""
    section = found["pathology"]
    pair = section["associations"]["pairs"][0]
    for marker in section["expression"]:
        for patient in marker["patients"]:
            patient["value"] = 0.5
    figure = correlation_figure(pair, section, found)
    assert figure is not None
    n = sum(sum(of.values()) for of in correlated_points(pair, section).values())
    assert [text.get_text() for text in figure.axes[0].texts] == [f"{n} patients"]


def test_marks_differ_in_colour_and_shape() -> None:
    """Groups are never told apart by colour alone."""
    marks = [mark_of(place) for place in range(8)]
    assert len(set(marks)) == 8
    assert len({(mark.shape, mark.filled) for mark in marks}) == 8


def test_an_outcome_has_one_mark_wherever_it_stands() -> None:
    """Refractory patients look the same in a figure that names them first or second."""
    assert mark_of_group("refractory", 0) == mark_of_group("refractory", 1) == mark_of(1)
    assert mark_of_group("arm-a", 0) == mark_of(0)


def test_who_is_in_no_group_is_drawn_too(found: dict[str, Any]) -> None:
    """A lost patient's point has its own mark and name."""
    section = found["pathology"]
    assert any(p["group"] is None for m in section["expression"] for p in m["patients"])
    assert drawn_groups(section, section["expression"])[-1][1] == "In no group"


def test_figures_are_written_alike_each_time(found: dict[str, Any], tmp_path: Path) -> None:
    """The findings, the expression and the pair that is reported, the same bytes twice."""

    def written(folder: Path) -> list[Path]:
        drawn = enumerate(pathology_figures(found), start=1)
        return write_figures({f.name: NumberedFigure(n, f) for n, f in drawn}, folder)

    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    assert {path.stem for path in first} == {"findings", "expression", "baff-r-cd19"}
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_markup_stays_text(found: dict[str, Any]) -> None:
    """A label cannot become an element, nor mathematics in a picture, nor a command of TeX."""
    figures = {f.name: NumberedFigure(n, f) for n, f in enumerate(pathology_figures(found), 1)}
    html = html_text(found, made_on=dt.date(2026, 11, 22), figures=figures)
    for label in ("<b>$x^2$</b>", "<b>$y$</b>", "<i>controls</i>"):
        assert label not in html
    assert "&lt;b&gt;$x^2$&lt;/b&gt;" in html
    assert r"\$y\$" in latex_text(found)
    assert "$x^2$" in figures["findings"].svg.decode()


def test_many_patients_are_drawn_as_boxes(found: dict[str, Any]) -> None:
    """Without lists the figure has boxes, the pair is not drawn, and both are said."""
    section = found["pathology"]
    for marker in section["expression"]:
        marker.update(patients=[], patients_left_out="Too many.")
    assert expression_figure(section, found) is not None
    assert [figure.name for figure in pathology_figures(found)] == ["findings", "expression"]
    text = page(found).text
    assert "Left out: BAFF <b>$y$</b>: Too many." in text
    assert "is not drawn, because the patients are not listed" in text
    assert [list(sheet.rows) for sheet in pathology_sheets(found)][2] == []


def test_a_correlation_that_cannot_be_is_said(found: dict[str, Any]) -> None:
    """Without rho there are dashes, no picture, and the reason."""
    pair = found["pathology"]["associations"]["pairs"][0]
    pair.update(rho=None, interval=None, p_interval=None, p=None, p_adjusted=None,
                warnings=["no test: one does not vary"])  # fmt: skip
    assert page(found).table(PAIRS).rows[1][3:8] == ["–"] * 5
    assert "baff-r-cd19" not in [figure.name for figure in pathology_figures(found)]
    assert any("one does not vary" in text for text in pathology_warnings(found))
    assert correlation_figure(pair, found["pathology"], found) is None


def test_rho_is_never_printed_as_1_where_it_is_not() -> None:
    """What would be rounded to 1 keeps its distance; 1 itself is 1."""
    assert [rho_text(rho) for rho in (0.8184, 0.99999, -0.99999, 1.0, -1.0, None)] == [
        "0.818", ">0.999", "<\N{MINUS SIGN}0.999", "1.000", "\N{MINUS SIGN}1.000", "–",
    ]  # fmt: skip


def test_results_without_biopsies_leave_the_section_out(found: dict[str, Any]) -> None:
    """Older results, and a study without a biopsy, say why there is nothing."""
    assert pathology_view({}).left_out == "the results hold no pathology."
    empty = {
        "left_out": "The records hold no finding.", "notes": [], "groups": [], "findings": [],
        "expression": [], "associations": {"pairs": [], "adjustment": None},
    }  # fmt: skip
    for results in ({}, {"pathology": empty}):
        assert list(pathology_figures(results)) == []
        assert list(pathology_tables(results)) == []
        assert list(pathology_warnings(results)) == []
        paragraphs, why = pathology_paragraphs(results)
        assert paragraphs == []
        assert why
        assert all(not sheet.rows and sheet.empty for sheet in pathology_sheets(results))
    assert "Left out: The records hold no finding." in page({**found, "pathology": empty}).text


def test_the_paragraphs_have_the_numbers_of_the_tables(found: dict[str, Any]) -> None:
    """Findings with their denominators, expression with SD, and the pairs with p."""
    text = " ".join(pathology_paragraphs(found)[0])
    section = found["pathology"]
    for finding in section["findings"]:
        counts = finding["groups"]["all"]
        if counts["of"]:
            assert f"{finding['label']} {shares(counts)[0]}" in text
    for pair in section["associations"]["pairs"]:
        assert f"{rho_text(pair['rho'])} (95% limits" in text
        assert f"{p_equation(pair['p'])}, adjusted {p_equation(pair['p_adjusted'])}" in text
