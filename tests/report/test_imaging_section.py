"""The section on MRI over time: every number is the rounding of one in the results."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from imaging_sample import imaging
from openpyxl import load_workbook
from parsed import Page
from sample import results as sample_results

from myocohort.report.book.workbook import write_workbook
from myocohort.report.drawing import figure_png, figure_svg
from myocohort.report.html import html_text
from myocohort.report.imaging.rates_figure import imaging_figures
from myocohort.report.imaging.section import IMAGING_SECTION
from myocohort.report.imaging.sheets import imaging_sheets
from myocohort.report.imaging.tables import imaging_tables
from myocohort.report.imaging.view import imaging_view
from myocohort.report.imaging.words import imaging_paragraphs, imaging_warnings
from myocohort.report.rounding import decimals_for, fixed_text, p_text, plain_text


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample with MRI over time."""
    return {**sample_results(), "imaging": imaging()}


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def to(low: float | str | None, high: float | str | None, decimals: int) -> str:
    """Print two limits as the report does."""
    return f"{fixed_text(low, decimals)} to {fixed_text(high, decimals)}"


def check_summaries(
    rows: list[list[str]], parts: list[dict[str, Any]], decimals: int | None
) -> int:
    """Compare the rows of a table of summaries with the results; return how many there were."""
    checked = 0
    for part in parts:
        month = f"Month {part['month']}" if part["month"] else "Before treatment"
        assert rows.pop(0) == [month]
        shown = decimals
        if shown is None:
            shown = decimals_for(g[key] for g in part["groups"] for key in ("mean", "sd"))
        for group in part["groups"]:
            row = rows.pop(0)
            assert row[1] == str(group["n"])
            assert row[6].split()[0] == str(group["missing"])
            for why, n in group["reasons"].items():
                assert f"{why}: {n}" in row[6]
            if not group["n"]:
                assert row[2:6] == ["–"] * 4
                continue

            def text(key: str, of: dict[str, Any] = group, digits: int = shown) -> str:
                return fixed_text(of[key], digits)

            assert row[2] == f"{text('mean')} ± {text('sd')}"
            limits = group["interval"]
            wanted = "–" if limits is None else to(limits["low"], limits["high"], shown)
            assert row[3] == wanted
            assert row[4] == f"{text('median')} ({text('q1')} to {text('q3')})"
            assert row[5] == f"{text('min')} to {text('max')}"
            checked += 1
    assert not rows
    return checked


def test_the_tables_of_groups_have_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """n, mean, SD, limits, median, quartiles, range and missing of rates and of scores."""
    read = page(found)
    checked = 0
    for scale in found["imaging"]["scales"]:
        rates = read.table(f"{scale['label']}: change rates")
        checked += check_summaries(rates.rows[1:], scale["rates"], None)
        scores = read.table(f"{scale['label']}: total scores")
        checked += check_summaries(scores.rows[1:], scale["scores"], 1)
    assert checked > 30


def test_the_comparisons_have_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """Shift with its own limits and p, the test's p and Holm's beside it, at every month."""
    read = page(found)
    for scale in found["imaging"]["scales"]:
        rows = read.table(f"{scale['label']}: rates compared").rows[2:]
        for row, rate in zip(rows, scale["rates"], strict=True):
            one = rate["comparison"]
            sizes = {group["code"]: group["n"] for group in rate["groups"]}
            assert row[1] == f"{sizes['non_refractory']} / {sizes['refractory']}"
            shift = one["shift"]
            if shift is None:
                assert row[2:5] == ["–"] * 3
            else:
                ends = shift["interval"]
                digits = decimals_for((shift["estimate"], ends["low"], ends["high"]))
                assert row[2:5] == [
                    fixed_text(shift["estimate"], digits),
                    to(ends["low"], ends["high"], digits), p_text(shift["p"]),
                ]  # fmt: skip
            assert row[5:7] == [p_text(one["p"]), p_text(one["p_holm"])]
    few = read.table(f"{found['imaging']['scales'][1]['label']}: rates compared").rows[2:]
    assert few[0][3] == "−∞ to ∞"  # one patient of a group: nothing is excluded


def test_the_model_has_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """Estimate, limits and p of each coefficient, the test, and the SDs; also of one course."""
    fat, oedema = found["imaging"]["scales"]
    assert (fat["model"]["form"], oedema["model"]["form"]) == ("months", "line")
    read = page(found)
    for scale in (fat, oedema):
        model = scale["model"]
        listed = [*model["differences"], *([model["slope"]] if model["slope"] else [])]
        digits = decimals_for(
            value
            for one in listed
            for value in (one["estimate"], one["interval"]["low"], one["interval"]["high"])
        )
        rows = read.table(f"{scale['label']}: model of the repeated total scores").rows[1:]
        assert [row[2:] for row in rows] == [
            [fixed_text(one["estimate"], digits),
             to(one["interval"]["low"], one["interval"]["high"], digits), p_text(one["p"])]
            for one in listed
        ]  # fmt: skip
        test = model["test"]
        assert (
            f"F {fixed_text(test['statistic'], 2)} with {plain_text(test['df'])} and" in read.text
        )
        assert f"within patients {fixed_text(model['sd_within'], 2)} points" in read.text
        assert f"{model['n_patients']} patients with {model['n_scans']} scans" in read.text
    assert "Simpler model:" in read.text


def test_every_patient_is_in_the_page(found: dict[str, Any]) -> None:
    """Totals and rates of each patient, a dash where there is none."""
    read = page(found)
    for scale in found["imaging"]["scales"]:
        rows = read.table(f"{scale['label']}: total score, and rate").rows[2:]
        for row, one in zip(rows, scale["patients"], strict=True):
            totals = {s["month"]: s["total"] for s in one["scores"]}
            rates = {r["month"]: r["value"] for r in one["rates"]}
            assert (row[0], row[2]) == (one["patient"], plain_text(totals[0]))
            cells = iter(row[3:])
            for month in (3, 6, 12):
                total = next(cells)
                assert total == (plain_text(totals[month]) if month in totals else "–")
                assert next(cells) == fixed_text(rates.get(month), 2)


def test_the_workbook_has_the_same_numbers_whole(found: dict[str, Any], tmp_path: Path) -> None:
    """Rates per patient, summaries and models as numbers, unrounded."""
    path = tmp_path / "tables.xlsx"
    write_workbook(found, path)
    book = load_workbook(path)

    def cells(name: str) -> list[list[Any]]:
        sheet = book[name]
        first = int("".join(c for c in sheet.freeze_panes if c.isdigit()))
        return [list(row) for row in sheet.iter_rows(min_row=first, values_only=True)]

    for scale in found["imaging"]["scales"]:
        shown = cells(f"MRI {scale['name']}")
        assert len(shown) == len(scale["patients"])
        for row, one in zip(shown, scale["patients"], strict=True):
            rates = {r["month"]: r["value"] for r in one["rates"]}
            for place, month in enumerate((3, 6, 12)):
                value = rates.get(month)
                assert row[7 + 4 * place] == (
                    None if value is None else pytest.approx(value, rel=1e-14)
                )
        groups = cells(f"MRI {scale['name']} groups")
        parts = [*scale["rates"], *scale["scores"]]
        wanted = [(p["month"], g["n"], g["mean"]) for p in parts for g in p["groups"]]
        assert [(r[1], r[3], r[5]) for r in groups] == [
            (month, n, None if mean is None else pytest.approx(mean, rel=1e-14))
            for month, n, mean in wanted
        ]
    fat, oedema = (scale["model"] for scale in found["imaging"]["scales"])
    listed = [*fat["differences"], oedema["slope"]]
    assert [row[3] for row in cells("MRI models")] == [
        pytest.approx(one["estimate"], rel=1e-14) for one in listed
    ]


def test_the_manuscript_s_tables_are_those_of_the_page(found: dict[str, Any]) -> None:
    """One table of shifts with both scales, and one a model; each row is as long as the head."""
    shifts, fat, oedema = imaging_tables(found)
    assert [row.cells[0].text for row in shifts.rows if row.heading] == [
        scale["label"] for scale in found["imaging"]["scales"]
    ]
    view = imaging_view(found)
    assert [cell.text for cell in fat.rows[0].cells] == [
        "Before treatment, level", view.scales[0].model.rows[0].n,
        view.scales[0].model.rows[0].estimate, view.scales[0].model.rows[0].limits,
        view.scales[0].model.rows[0].p,
    ]  # fmt: skip
    for table in (shifts, fat, oedema):
        assert all(len(row.cells) in (1, len(table.columns)) for row in table.rows)
        assert all(len(row.cells) > 1 or row.heading for row in table.rows)
    paragraphs, _ = imaging_paragraphs(found)
    assert any("Month 3: Non-refractory" in text for text in paragraphs)
    assert any("random intercept" in text for text in paragraphs)
    test = found["imaging"]["scales"][0]["rates"][0]["comparison"]["test"]
    assert any(f"by group, and p of the {test}" in text for text in paragraphs)


def test_every_patient_is_a_point_and_the_groups_differ_in_more_than_colour(
    found: dict[str, Any],
) -> None:
    """As many points as rates of the two groups, other markers, and n under each group."""
    rates, scores = imaging_figures(found)
    assert (rates.name, scores.name) == ("mri-rates", "mri-scores")
    section = found["imaging"]
    wanted = sum(
        group["n"]
        for scale in section["scales"]
        for rate in scale["rates"]
        for group in rate["groups"]
        if group["code"] in ("refractory", "non_refractory")
    )
    points = [
        line for axes in rates.drawing.axes for line in axes.lines if line.get_linestyle() == "None"
    ]
    assert sum(len(line.get_xdata()) for line in points) == wanted
    assert {line.get_marker() for line in points} == {"o", "D"}
    labels = [label.get_text() for axes in rates.drawing.axes for label in axes.get_xticklabels()]
    assert labels == [
        f"n = {next(g['n'] for g in rate['groups'] if g['code'] == code)}"
        for scale in section["scales"]
        for rate in scale["rates"]
        for code in ("non_refractory", "refractory")
    ]
    first = scores.drawing.axes[0]
    thick = [line for line in first.lines if line.get_linewidth() == 2]
    assert [len(line.get_xdata()) for line in thick] == [4, 4]
    assert thick[0].get_linestyle() != thick[1].get_linestyle()


def test_no_point_hides_another(found: dict[str, Any]) -> None:
    """Ten patients with one and the same rate stand side by side, all at different places."""
    fat = found["imaging"]["scales"][0]
    for one in fat["patients"]:
        for rate in one["rates"]:
            rate["value"] = 1.0
    rates, _ = imaging_figures(found)
    for line in rates.drawing.axes[0].lines:
        if line.get_linestyle() == "None":
            assert len(set(line.get_xdata())) == len(line.get_xdata()) > 4


def test_too_many_patients_are_drawn_as_summaries(found: dict[str, Any]) -> None:
    """Without the list of patients: quartiles and means, no point, and the legend says so."""
    for scale in found["imaging"]["scales"]:
        scale["patients"] = []
    rates, scores = imaging_figures(found)
    assert not [
        line for axes in rates.drawing.axes for line in axes.lines if line.get_linestyle() == "None"
    ]
    assert "left out, there are too many" in rates.legend
    assert "left out, there are too many" in scores.legend
    assert figure_png(rates.drawing)
    sheet = next(iter(imaging_sheets(found)))
    assert (sheet.rows, sheet.empty) == ([], "single patients are not listed; the notes say why.")


def test_nothing_at_all_says_why(found: dict[str, Any]) -> None:
    """Old results, a section left out, a scale never read, a model that was not fitted."""
    assert imaging_view({}).left_out == "the results hold no MRI over time."
    assert list(imaging_figures({})) == []
    assert imaging_tables({}) == []
    assert list(imaging_warnings({})) == []
    assert imaging_paragraphs({}) == ([], "the results hold no MRI over time.")
    assert [sheet.empty for sheet in imaging_sheets({})] == ["the results hold no MRI over time."]
    fat, oedema = found["imaging"]["scales"]
    oedema.update(left_out="No reading.", rates=[], scores=[], patients=[], model=None, holm=None)
    fat["model"]["left_out"] = "Too few."
    text = page(found).text
    assert "Left out: No reading." in text
    assert "Left out: model of repeated measures. Too few." in text
    assert any("Too few" in warning for warning in imaging_warnings(found))
    assert len(list(imaging_figures(found))) == 2
    for sheet in imaging_sheets(found):
        assert all(len(row) == len(sheet.columns) for row in sheet.rows)
    found["imaging"] = {
        "left_out": "No patient is followed.", "notes": [], "groups": [], "compared": None,
        "scales": [], "within": None,
    }  # fmt: skip
    assert "Left out: No patient is followed." in page(found).text
    assert list(IMAGING_SECTION.figures(found)) == []
    assert [sheet.rows for sheet in IMAGING_SECTION.sheets(found)] == [()]


def test_labels_cannot_break_out(found: dict[str, Any]) -> None:
    """Markup, mathematics, 200 characters and right-to-left text stay text in page and picture."""
    groups = found["imaging"]["groups"]
    groups[1]["label"] = "<b>$x^2$</b> " + "long " * 40
    groups[2]["label"] = "עמיד לטיפול"
    found["imaging"]["scales"][0]["label"] = "$y_1$ <i>fat</i> " + "infiltration " * 15
    html = html_text(found, made_on=dt.date(2026, 11, 22))
    assert "<b>$x^2$" not in html
    assert "<i>fat</i>" not in html
    for figure in imaging_figures(found):
        width = figure.drawing.get_size_inches()[0] * figure.drawing.dpi
        figure.drawing.savefig(io.BytesIO())
        for text in figure.drawing.texts:
            assert text.get_window_extent().x1 <= width + 1


def test_figures_are_the_same_bytes_each_time(found: dict[str, Any]) -> None:
    """SVG of both figures, drawn twice."""
    first = [figure_svg(figure.drawing) for figure in imaging_figures(found)]
    assert first == [figure_svg(figure.drawing) for figure in imaging_figures(found)]
