"""The section on predicted risks: every number is the rounding of one in the results."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from parsed import Page, Table
from prediction_sample import prediction
from sample import results as sample_results

from myocohort.report.drawing import figure_svg
from myocohort.report.html import html_text
from myocohort.report.prediction.calibration_figure import calibration_figure, letter_rows
from myocohort.report.prediction.decision_curve_figure import decision_curve_figure
from myocohort.report.prediction.section import PREDICTION_SECTION
from myocohort.report.prediction.sheets import prediction_sheets
from myocohort.report.prediction.tables import prediction_tables
from myocohort.report.prediction.view import prediction_figures, prediction_view
from myocohort.report.prediction.words import prediction_paragraphs, prediction_warnings
from myocohort.report.rounding import fixed_text, percent_text

DECIMALS = {"c-statistic": 2, "Brier score": 3, "calibration slope": 2, "calibration intercept": 2}


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample with predicted risks."""
    return {**sample_results(), "prediction": prediction()}


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def ends(low: str, high: str) -> str:
    """Join two limits as the report does."""
    return f"{low} to {high}" if "−" in low + high else f"{low}–{high}"


def over(of: dict[str, Any], decimals: int) -> str:
    """Print a range over joint tables."""
    low, high = fixed_text(of["low"], decimals), fixed_text(of["high"], decimals)
    return low if low == high else ends(low, high)


def measures(model: dict[str, Any]) -> list[list[str]]:
    """Return the table of measures as it must be."""
    rows = []
    for row in model["measures"]:
        d = DECIMALS[row["name"]]
        limits = "–"
        if row["interval"]:
            limits = ends(*(fixed_text(row["interval"][end], d) for end in ("low", "high")))
        name = row["name"][:1].upper() + row["name"][1:]
        cells = [
            row["name"] if row["name"] == "c-statistic" else name,
            fixed_text(row["apparent"], d), limits, fixed_text(row["cross_validated"], d),
            fixed_text(row["sd"], d + 1),
        ]  # fmt: skip
        if row["tables"]:
            cells += [over(row["tables"][key], d) for key in ("apparent", "cross_validated")]
        rows.append(cells)
    return rows


def points(model: dict[str, Any]) -> list[list[str]]:
    """Return the numbers of the table of points as they must be."""
    rows = []
    for point in model["calibration"]["points"]:
        limits = [percent_text(100 * point["interval"][end]) for end in ("low", "high")]
        cells = [
            str(point["n"]), str(point["events"]), percent_text(100 * point["observed"]),
            ends(*limits), percent_text(100 * point["risk"]),
            percent_text(100 * point["cross_validated_risk"]),
        ]  # fmt: skip
        if point["tables"]:
            of = point["tables"]["observed"]
            low, high = percent_text(100 * of["low"]), percent_text(100 * of["high"])
            cells.append(low if low == high else ends(low, high))
        rows.append(cells)
    return rows


def benefits(section: dict[str, Any], model: dict[str, Any]) -> list[list[str]]:
    """Return the table of net benefits as it must be."""
    rows, decision = [], model["decision"]
    by_name = {s["name"]: s for s in decision["strategies"]}

    def per_100(value: float) -> str:
        return fixed_text(100 * value, 1)

    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5):
        at = section["thresholds"]["values"].index(threshold)
        limits = decision["limits"]
        cells = [
            f"{100 * threshold:.0f}", str(decision["treated"][at]),
            str(decision["true_positives"][at]),
            per_100(by_name["apparent"]["net_benefit"][at]),
            per_100(by_name["cross_validated"]["net_benefit"][at]),
            ends(per_100(limits["low"][at]), per_100(limits["high"][at])),
        ]  # fmt: skip
        tables = by_name["cross_validated"]["tables"]
        if tables:
            low, high = per_100(tables["low"][at]), per_100(tables["high"][at])
            cells.append(low if low == high else ends(low, high))
        rows.append([*cells, per_100(by_name["treat_all"]["net_benefit"][at])])
    return rows


def test_the_page_has_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """Measures, points, net benefits and coefficients of both models, with their ranges."""
    read = page(found)
    section = found["prediction"]
    assert [model["id"] for model in section["models"]] == ["final", "screened"]
    for model in section["models"]:
        title = model["title"]
        assert read.table(f"{title}: how good").rows[1:] == measures(model)
        rows = read.table(f"{title}: predicted and").rows[1:]
        assert [row[2:] for row in rows] == points(model)
        assert read.table(f"{title}: net benefit").rows[2:] == benefits(section, model)
        rows = read.table(f"{title}: coefficients").rows[1:]
        assert rows == [[c["label"], fixed_text(c["b"], 3)] for c in model["coefficients"]]
    assert "n = 40, n missing = 0, with the outcome (Refractory) 13" in read.text


def test_the_manuscript_s_tables_have_the_same_numbers(found: dict[str, Any]) -> None:
    """Tables of Word and LaTeX, row by row."""
    section = found["prediction"]
    final, screened = section["models"]
    how_good, formula, where, benefit = (
        Table(table.title, [[c.text for c in row.cells] for row in table.rows if not row.heading])
        for table in prediction_tables(found)
    )
    assert how_good.rows == measures(final) + [[*row, "–", "–"] for row in measures(screened)]
    assert [row[1] for row in formula.rows] == [
        fixed_text(c["b"], 3) for c in final["coefficients"]
    ]
    assert [row[2:] for row in where.rows] == points(final)
    assert benefit.rows == benefits(section, final)
    paragraphs, _ = prediction_paragraphs(found)
    c = final["measures"][0]
    assert f"c-statistic {fixed_text(c['apparent'], 2)}" in paragraphs[0]
    assert f"cross-validated {fixed_text(c['cross_validated'], 2)}" in paragraphs[0]
    assert all(
        len(table.columns) == len(table.rows[-1].cells) for table in prediction_tables(found)
    )


def test_the_workbook_has_the_numbers_unrounded(found: dict[str, Any]) -> None:
    """As numbers, as many cells as columns, percentages and benefits times 100."""
    sheets = {sheet.name: sheet for sheet in prediction_sheets(found)}
    assert list(sheets) == [
        "Predicted risks", "Risk coefficients", "Calibration", "Decision curve", "ROC",
    ]  # fmt: skip
    for sheet in sheets.values():
        assert {len(row) for row in sheet.rows} == {len(sheet.columns)}
    section = found["prediction"]
    rows = sheets["Predicted risks"].rows
    every = [row for model in section["models"] for row in model["measures"]]
    assert [row[2] for row in rows] == [measure["apparent"] for measure in every]
    assert [row[5] for row in rows] == [measure["cross_validated"] for measure in every]
    final = section["models"][0]
    shown = sheets["Calibration"].rows[: len(final["calibration"]["points"])]
    assert [row[8] for row in shown] == [100 * p["risk"] for p in final["calibration"]["points"]]
    curve = sheets["Decision curve"].rows[: len(section["thresholds"]["values"])]
    apparent = next(s for s in final["decision"]["strategies"] if s["name"] == "apparent")
    assert [row[5] for row in curve] == [100 * value for value in apparent["net_benefit"]]


def test_figures_have_their_letters_counts_and_legends(found: dict[str, Any]) -> None:
    """Calibration names every pattern; both are the same bytes twice."""
    first = {f.name: figure_svg(f.drawing) for f in prediction_figures(found)}
    again = {f.name: figure_svg(f.drawing) for f in prediction_figures(found)}
    assert list(first) == ["calibration", "decision-curve"]
    assert first == again
    for point in found["prediction"]["models"][0]["calibration"]["points"]:
        assert f"{point['events']} / {point['n']}" in first["calibration"]
    assert "lowest to highest over 2 joint tables" in first["calibration"]
    assert "Act on all" in first["decision-curve"]


def test_letters_above_points_of_equal_risk_do_not_hide_each_other() -> None:
    """Near risks go to rows above each other, far ones share the first."""
    assert letter_rows([10, 11, 12, 60, 90]) == [0, 1, 2, 0, 0]
    assert letter_rows([50] * 4) == [0, 1, 2, 3]


def test_markup_in_labels_stays_text(found: dict[str, Any]) -> None:
    """A label becomes neither an element nor mathematics."""
    html = html_text(found, made_on=dt.date(2026, 11, 22))
    assert "Male <b>" not in html
    assert "Male &lt;b&gt;sex&lt;/b&gt; &amp; $x^2$" in html


def test_long_labels_and_numbers_are_drawn(found: dict[str, Any]) -> None:
    """Labels of 200 letters are cut in the drawing; without repeats there are no diamonds."""
    model = found["prediction"]["models"][0]
    for point in model["calibration"]["points"]:
        point["terms"] = ["L" * 200]
        point["cross_validated_risk"] = None
    model["decision"]["strategies"] = [
        s for s in model["decision"]["strategies"] if s["name"] != "cross_validated"
    ]
    model["decision"]["limits"] = None
    drawn = figure_svg(calibration_figure(model, "E" * 200, found))
    assert "…" in drawn
    assert "cross-validated" not in drawn
    values = found["prediction"]["thresholds"]["values"]
    assert "cross-validated" not in figure_svg(decision_curve_figure(model, values, found))
    view = prediction_view(found).models[0]
    assert view.thresholds[0].cross_validated == "–"
    assert view.best.startswith("No repeat of the cross-validation is whole")


def test_infinite_and_absent_measures_are_printed_as_such(found: dict[str, Any]) -> None:
    """An infinite slope is the sign of infinity, an absent one a dash."""
    slope = found["prediction"]["models"][0]["measures"][2]
    slope.update(apparent="inf", cross_validated=None, sd=None, repeats=0)
    row = prediction_view(found).models[0].measures[2]
    assert (row.apparent, row.cross_validated, row.sd) == ("∞", "–", "–")
    page(found)


def test_a_model_without_numbers_says_why_in_every_document(found: dict[str, Any]) -> None:
    """The final model separated: the screened one is drawn, the reason stands everywhere."""
    section = found["prediction"]
    final = section["models"][0]
    section["models"][0] = {
        "id": "final", "title": "Final model", "terms": final["terms"], "error": "separated <i>",
    }  # fmt: skip
    read = page(found)
    assert "Left out: separated <i>" in read.text
    assert prediction_view(found).drawn == "screened"
    assert [figure.name for figure in prediction_figures(found)] == [
        "calibration", "decision-curve",
    ]  # fmt: skip
    assert "left out: separated <i>" in str(next(iter(prediction_sheets(found))).rows[0])
    assert any("separated" in warning for warning in prediction_warnings(found))
    assert prediction_paragraphs(found)[0][0].startswith(section["models"][1]["title"])


@pytest.mark.parametrize("section", [None, {"left_out": "no model.", "notes": [], "models": []}])
def test_results_without_risks_say_so(section: dict[str, Any] | None) -> None:
    """Old results, and a section that is left out: a reason, and nothing else."""
    results = {**sample_results(), "prediction": section}
    if section is None:
        del results["prediction"]
    assert prediction_view(results).left_out
    assert list(prediction_figures(results)) == []
    assert prediction_tables(results) == []
    assert prediction_paragraphs(results)[0] == []
    assert list(prediction_warnings(results)) == []
    assert all(sheet.rows == [] and sheet.empty for sheet in prediction_sheets(results))
    assert PREDICTION_SECTION.identity == "prediction"
    page(results)
