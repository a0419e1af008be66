"""The section on what could overturn the model: every number is the rounding of one of results."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from parsed import Page
from robustness_sample import HEBREW, LONG, MARKUP, robustness, with_a_number
from sample import results as sample_results

from myocohort.report.book.workbook import write_workbook
from myocohort.report.html import html_text
from myocohort.report.robustness.influence_figure import influence_figure
from myocohort.report.robustness.lost_figure import lost_figure
from myocohort.report.robustness.section import ROBUSTNESS_SECTION, robustness_figures
from myocohort.report.robustness.view import robustness_view
from myocohort.report.rounding import fixed_text, interval_text, p_text, percent_text, ratio_text


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample with the section."""
    return {**sample_results(), "robustness": robustness()}


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def ratio_and_p(numbers: dict[str, Any] | None) -> str:
    """Print an odds ratio with its p as the report does."""
    return f"{ratio_text(numbers['odds_ratio'])} ({p_text(numbers['p'])})" if numbers else "–"


def test_families_and_e_values(found: dict[str, Any]) -> None:
    """Each line has odds ratio, limits and p of one family, and both E-values."""
    rows = page(found).table("The final model by method and family").rows[1:]
    section = found["robustness"]
    wanted = []
    for term in section["terms"]:
        wanted.append([term["label"]])
        wanted += [
            [
                ratio_text(row["odds_ratio"]), interval_text(row["interval"]), p_text(row["p"]),
                ratio_text(row["e_value"]), ratio_text(row["e_value_of_limit"]),
            ]
            for row in section["confounding"]["families"]
            if row["term"] == term["name"]
        ]  # fmt: skip
    assert [row if len(row) == 1 else row[1:] for row in rows] == wanted
    assert len(rows) == 2 * 7


def test_leave_one_out_has_a_line_for_each_kind_of_patient(found: dict[str, Any]) -> None:
    """Odds ratio and p of each term, how many patients, in how many solutions."""
    rows = page(found).table("Leave-one-out").rows[1:]
    influence = found["robustness"]["influence"]
    names = [term["name"] for term in influence["terms"]]
    assert rows[0][4:] == [ratio_and_p(t["whole"]["firth"]) for t in influence["terms"]]
    assert len(rows) == len(influence["rows"]) + 1
    for cells, row in zip(rows[1:], influence["rows"], strict=True):
        assert cells[1] == ("Refractory" if row["event"] else "Non-refractory")
        assert cells[2:4] == [str(row["n"]), f"{row['tables']} of 2"]
        assert cells[4:] == [ratio_and_p(row["terms"][name].get("firth")) for name in names]


def test_the_assigned_outcomes(found: dict[str, Any]) -> None:
    """Each scenario with n, odds ratio, limits and p by Firth, and by maximum likelihood."""
    rows = page(found).table("The final model with the outcomes").rows[1:]
    for term in found["robustness"]["lost"]["terms"]:
        assert rows.pop(0) == [term["label"]]
        for scenario in term["scenarios"]:
            firth = scenario["firth"]
            cells = rows.pop(0)
            assert cells[1:] == [
                f"{scenario['events']} / {scenario['n']}", ratio_text(firth["odds_ratio"]),
                interval_text(firth["interval"]), p_text(firth["p"]), ratio_and_p(scenario["ml"]),
            ]  # fmt: skip
    assert not rows


def test_the_lost_against_the_classified(found: dict[str, Any]) -> None:
    """Counts with percentages, mean and SD, p and standardised difference."""
    table = page(found).table("Patients lost to follow-up against")
    followed = found["robustness"]["followed"]
    assert [head.split(" n = ")[0] for head in table.rows[0][1:4]] == [
        group["label"] for group in followed["groups"]
    ]
    codes = [group["code"] for group in followed["groups"]]
    neck = followed["rows"][0]
    wanted = [f"{neck['counts'][c]['n']} ({percent_text(neck['counts'][c]['percent'])})"
              for c in codes]  # fmt: skip
    interval = neck["standardised_difference"]["interval"]
    distance = fixed_text(neck["standardised_difference"]["estimate"], 2)
    distance += f" ({fixed_text(interval['low'], 2)} to {fixed_text(interval['high'], 2)})"
    assert table.rows[1][1:6] == [*wanted, p_text(neck["p"]), distance]
    age = followed["rows"][2]
    assert table.rows[3][1].startswith(f"{fixed_text(age['counts']['classified']['mean'], 1)} ±")
    assert [row[0] for row in table.rows[4:]] == ["Course", "acute", "slow"]


def test_the_summary_says_what_turns_each_term(found: dict[str, Any]) -> None:
    """Ranges of the parts, and the sentence on each term."""
    read = page(found)
    rows = read.table("What could overturn each term").rows[1:]
    for cells, term in zip(rows, found["robustness"]["terms"], strict=True):
        families, influence = term["families"], term["influence"]["odds_ratio"]
        assert cells[1].startswith(f"{families['below']} of {families['n']} below")
        assert f"{ratio_text(influence['low'])}–{ratio_text(influence['high'])}" in cells[2]
        assert ratio_text(term["lost"]["odds_ratio"]["high"]) in cells[3]
        assert cells[4].split(";")[0] == ratio_text(term["e_value"])
        assert ("can be turned" in cells[5]) == bool(term["overturned_by"])
    for term in found["robustness"]["lost"]["terms"]:
        ways = found["robustness"]["lost"]["ways"]
        assert f"{term['ways_below']} of {ways} ways" in read.text


def test_treatments_and_notes_are_said(found: dict[str, Any]) -> None:
    """Confounding by indication, how far rebuilt records determine this, who is not assigned."""
    text = page(found).text
    part = found["robustness"]["confounding"]
    for sentence in (*part["sentences"], *part["by_indication"], *found["robustness"]["notes"]):
        assert " ".join(sentence.split()) in text
    assert f"these have p < 0.9 in the screening: {HEBREW}" in text
    assert f"{HEBREW} missing in 1 patient" in text
    part["treatments"][0]["passes"] = False
    assert "None of the 1 treatments" in page(found).text


def test_every_number_of_the_text_is_one_of_the_results(found: dict[str, Any]) -> None:
    """No number stands in the view that is no rounding of a number in the section."""
    numbers: set[str] = set()

    def gather(value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                numbers.update(re.findall(r"\d+", key))
                gather(item)
        elif isinstance(value, list):
            for item in value:
                gather(item)
            numbers.add(str(len(value)))
        elif isinstance(value, str):
            numbers.update(re.findall(r"\d+(?:\.\d+)?", value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers.update(re.findall(r"[\d.]+", " ".join((
                ratio_text(value), p_text(value), percent_text(value), fixed_text(value, 1),
                fixed_text(value, 2), fixed_text(value, 0), f"{value:g}",
            ))))  # fmt: skip

    section = found["robustness"]
    gather(section)
    for term in section["lost"]["terms"]:
        numbers.add(str(term["exposed"] + term["others"]))
    numbers.update(("1", "0.999", "0.001"))
    view = robustness_view(found)
    texts = [*view.sentences, *view.lost.about, *view.lost.turned, *view.influence.about,
             *view.treatments, *(cell for row in view.influence.rows for cell in row.cells),
             *(text for row in view.summary
               for text in (row.families, row.influence, row.lost, row.e_value))]  # fmt: skip
    for text in texts:
        for number in re.findall(r"\d+(?:\.\d+)?", text):
            assert number in numbers, (number, text)


def test_workbook_has_the_numbers_unrounded(found: dict[str, Any], tmp_path: Path) -> None:
    """Numbers are numbers, infinity and reasons are words."""
    write_workbook(found, tmp_path / "t.xlsx")
    book = load_workbook(tmp_path / "t.xlsx")
    section = found["robustness"]
    for name, numbers in (
        ("Families and E-values", [r["e_value"] for r in section["confounding"]["families"]]),
        ("Leave-one-out", [r["terms"]["neck"]["firth"]["dfbeta"]
                           for r in section["influence"]["rows"]]),
        ("Lost assigned", [s["firth"]["odds_ratio"]
                           for t in section["lost"]["terms"] for s in t["scenarios"]]),
        ("Lost compared", [r["standardised_difference"]["estimate"]
                           for r in section["followed"]["rows"]]),
    ):  # fmt: skip
        cells = [cell.value for row in book[name].iter_rows() for cell in row]
        values = [value for value in cells if isinstance(value, int | float)]
        for number in numbers:
            if isinstance(number, float):
                assert any(value == pytest.approx(number, rel=1e-12) for value in values)


def test_the_manuscript_has_the_tables(found: dict[str, Any]) -> None:
    """Its tables have the numbers of the page; treatments are among its limits."""
    tables = {table.title: table for table in ROBUSTNESS_SECTION.tables(found)}
    assert len(tables) == 4
    read = page(found)
    for title, table in tables.items():
        texts = {" ".join(cell.split()) for row in read.table(title).rows for cell in row}
        numbers = [c.text for row in table.rows if not row.heading for c in row.cells[1:] if c.text]
        assert all(" ".join(text.split()) in texts for text in numbers), title
    paragraphs, _ = ROBUSTNESS_SECTION.paragraphs(found)
    assert any("What could overturn the final model" in text for text in paragraphs)
    assert any("chose them after seeing" in text for text in ROBUSTNESS_SECTION.warnings(found))


def test_figures_have_the_numbers_of_the_tables(found: dict[str, Any]) -> None:
    """A dot a patient, at the odds ratio of the line; the forest has every scenario."""
    section = found["robustness"]
    figure = influence_figure(found)
    assert figure is not None
    dots = [x for line in figure.axes[0].lines if line.get_linestyle() == "None"
            for x in line.get_xdata()]  # fmt: skip
    wanted = [
        row["terms"][term["name"]]["firth"]["odds_ratio"]
        for term in section["influence"]["terms"]
        for row in section["influence"]["rows"]
        for _ in range(max(row["n"], 1))
    ]
    assert sorted(dots) == pytest.approx(sorted(wanted))
    forest = lost_figure(found)
    assert forest is not None
    texts = " ".join(text.get_text() for text in forest.texts)
    for term in section["lost"]["terms"]:
        for scenario in term["scenarios"]:
            firth = scenario["firth"]
            assert (
                f"{ratio_text(firth['odds_ratio'])} ({interval_text(firth['interval'])})" in texts
            )
    assert [figure.name for figure in robustness_figures(found)] == ["influence", "lost"]


def test_texts_of_the_study_cannot_break_the_page(found: dict[str, Any]) -> None:
    """Markup in labels and codes stays text; right-to-left labels are set apart."""
    html = html_text(found, made_on=dt.date(2026, 11, 22))
    assert "<b>neck" not in html
    assert "<P>" not in html
    assert f"<bdi>{HEBREW}</bdi>" in html
    assert MARKUP in page(found).text


def test_a_number_among_the_terms(found: dict[str, Any]) -> None:
    """Its value stands in the lines, its mean parts the lost, and a long label is drawn."""
    found["robustness"] = with_a_number()
    view = robustness_view(found)
    assert any(LONG.strip() in row.who for row in view.influence.rows)
    assert any("above the mean" in row.scenario for row in view.lost.terms[1][1])
    assert any("difference of one unit" in sentence for sentence in view.confounding)
    assert not view.influence.has_solutions
    assert any("does not say which variables are treatments" in text for text in view.treatments)
    assert len(list(robustness_figures(found))) == 2
    page(found)


def test_infinite_odds_ratios_are_printed_infinite(found: dict[str, Any]) -> None:
    """In ranges, lines and the workbook."""
    section = found["robustness"]
    section["influence"]["terms"][0]["ranges"]["ml"]["odds_ratio"]["high"] = "inf"
    section["confounding"]["families"][0]["e_value"] = "inf"
    section["lost"]["terms"][0]["scenarios"][1]["firth"]["interval"]["high"] = "inf"
    text = page(found).text
    assert "–∞" in text
    assert lost_figure(found) is not None
    list(ROBUSTNESS_SECTION.sheets(found))


@pytest.mark.parametrize("part", ["influence", "lost", "followed", "confounding"])
def test_a_part_that_was_left_out_says_why(found: dict[str, Any], part: str) -> None:
    """The reason stands in its place, and the other parts are there."""
    section = found["robustness"]
    section[part]["left_out"] = "A made-up reason."
    for name in ("rows", "terms", "families"):
        if name in section[part]:
            section[part][name] = []
    if part != "followed":
        for term in section["terms"]:
            term.update(influence=None, crossing=None, lost=None, e_value=None)
    if part != "confounding":
        assert "A made-up reason." in page(found).text
    page(found)
    list(robustness_figures(found))
    list(ROBUSTNESS_SECTION.sheets(found))
    list(ROBUSTNESS_SECTION.tables(found))


def test_results_without_the_section() -> None:
    """Old results and studies without a model have a reason and nothing else."""
    old = sample_results()
    assert robustness_view(old).left_out
    assert list(robustness_figures(old)) == []
    assert list(ROBUSTNESS_SECTION.tables(old)) == []
    assert ROBUSTNESS_SECTION.paragraphs(old)[0] == []
    assert list(ROBUSTNESS_SECTION.warnings(old)) == []
    assert all(not sheet.rows and sheet.empty for sheet in ROBUSTNESS_SECTION.sheets(old))
    page(old)


def test_without_a_model_the_lost_are_still_compared(found: dict[str, Any]) -> None:
    """The reason why there is no more stands above."""
    section = found["robustness"]
    section.update(no_model="No model.", lost=None, influence=None, confounding=None, terms=[])
    read = page(found)
    assert "Left out: No model." in read.text
    assert read.table("Patients lost to follow-up").rows
    assert list(robustness_figures(found)) == []


def test_a_patient_without_whom_there_is_no_model_is_no_proof(found: dict[str, Any]) -> None:
    """It is not said that p holds whoever is left out; of a term without anything no sentence."""
    section = found["robustness"]
    term, *others = section["terms"]
    term["crossing"] = {**term["crossing"], "n": 0, "n_tables": None, "rows": [], "patients": []}
    term["influence"]["failed"] = 2
    nothing = {"n": 0, "below": 0}
    for other in others:
        other.update(families=nothing, influence=None, crossing=None, e_value=None)
    section["lost"].update(left_out="All were classified.", terms=[])
    text = page(found).text
    assert "whoever else is left out; without 2 of the patients there is no model" in text
    assert not [other for other in others if f"{other['label']}: ." in text]
