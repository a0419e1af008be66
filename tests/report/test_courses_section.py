"""The section on outcomes over time: every number is the rounding of one in the results."""

from __future__ import annotations

import copy
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from courses_sample import courses
from openpyxl import load_workbook
from parsed import Page
from sample import results as sample_results

from myocohort.report.book.workbook import write_workbook
from myocohort.report.figures import NumberedFigure, write_figures
from myocohort.report.html import html_text
from myocohort.report.over_time.courses_sheets import course_sheets
from myocohort.report.over_time.courses_view import course_figures, courses_view
from myocohort.report.over_time.kaplan_meier import kaplan_meier_figure
from myocohort.report.over_time.mrs_figure import mrs_figure, mrs_groups_figure
from myocohort.report.rounding import fixed_text, interval_text, p_text, percent_text, ratio_text


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample with courses."""
    return {**sample_results(), "courses": courses()}


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def written(results: dict[str, Any], folder: Path) -> list[Path]:
    """Write the section's figures, and return their files."""
    drawn = enumerate(course_figures(results), start=1)
    return write_figures({f.name: NumberedFigure(n, f) for n, f in drawn}, folder)


def share(value: float | None) -> str:
    """Print a share as the report does."""
    return percent_text(None if value is None else 100 * value)


def test_the_curve_s_table_has_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """At risk, share and limits of each group at each month, and n, events and median."""
    read = page(found)
    checked = 0
    for one in found["courses"]["times"]:
        tables = [t for t in read.tables if t.caption.startswith(f"{one['title']}: patients")]
        rows = next(t.rows for t in tables if len(t.rows[0]) == len(one["months"]) + 1)
        rows = rows[1:]
        assert [cell.split()[-1] for cell in tables[0].rows[0][1:]] == [
            str(month) for month in one["months"]
        ]
        for group in one["groups"]:
            head = rows.pop(0)[0]
            assert head.startswith(f"{group['label']}: n = {group['n']}")
            if not group["n"]:
                continue
            assert re.search(rf"\b{group['events']} events?\b", head)
            if group["median"] is not None:
                assert f"median {fixed_text(group['median'], 1)} months" in head
            lines = [rows.pop(0)[1:] for _ in range(3)]
            for place, at in enumerate(group["at"]):
                cells = [line[place] for line in lines]
                limits = "–"
                if at["low"] is not None:
                    limits = f"{share(at['low'])}–{share(at['high'])}"
                assert cells == [str(at["at_risk"]), share(at["survival"]), limits]
                checked += 3
        if one["by"] is not None:
            assert not rows
    assert checked > 60


def test_hazard_ratios_and_log_rank_are_those_of_the_results(found: dict[str, Any]) -> None:
    """Each interval stands with the p that belongs to it."""
    read = page(found)
    one = found["courses"]["times"][0]
    rows = read.table(f"{one['title']}: hazard ratios").rows[1:]
    wanted = [
        [
            term["label"], {"firth": "Firth", "ml": "Maximum likelihood"}[model["method"]],
            ratio_text(term["hazard_ratio"]), interval_text(term["ci"]["profile"]),
            p_text(term["p"]["lrt"]), interval_text(term["ci"]["wald"]), p_text(term["p"]["wald"]),
        ]
        for model in one["models"]
        for term in model["terms"]
    ]  # fmt: skip
    assert rows == wanted
    assert f"chi-square {fixed_text(one['comparison']['statistic'], 2)} with 1 df" in read.text


def test_mrs_has_the_counts_of_the_results(found: dict[str, Any]) -> None:
    """n, counts with percentages, and missing of each group at each month; and the flows."""
    read = page(found)
    mrs = found["courses"]["mrs"]
    rows = read.table("mRS by group and month").rows[1:]
    for group in mrs["groups"]:
        assert rows.pop(0) == [f"{group['label']}: {group['n']}"]
        for month in group["months"]:
            row = rows.pop(0)
            assert row[1] == str(month["of"])
            assert row[2:9] == [
                f"{level['n']} ({percent_text(level['percent'])})" if month["of"] else "0"
                for level in month["levels"]
            ]
            assert row[9].split()[0] == str(month["missing"])
    assert not rows
    flow = mrs["groups"][0]["flows"][0]
    table = read.table("From before treatment to month 3")
    total = sum(int(n) for row in table.rows[1:] for n in row[1:])
    assert total == sum(cell["n"] for cell in flow["cells"]) == mrs["groups"][0]["n"]


def test_the_picture_s_numbers_at_risk_are_those_of_the_table(found: dict[str, Any]) -> None:
    """All texts of the drawing are numbers at risk, months, ends of axes, or words."""
    one = found["courses"]["times"][0]
    figure = kaplan_meier_figure(one, found)
    assert figure is not None
    numbers = [text.get_text() for text in figure.texts if text.get_text().isdigit()]
    months = [int(label.get_text()) for label in figure.axes[0].get_xticklabels()]
    assert numbers == [
        str(at["at_risk"])
        for group in one["groups"]
        if group["n"]
        for at in group["at"]
        if at["month"] in months
    ]
    dashes = {line.get_linestyle() for line in figure.axes[0].lines if len(line.get_xdata()) > 1}
    assert len(dashes) > 1  # never colour alone


def test_what_was_left_out_is_said(found: dict[str, Any]) -> None:
    """Patients without follow-up, an empty group, a refused comparison, models that failed."""
    text = page(found).text
    for one in found["courses"]["times"]:
        for row in one["left_out"]:
            assert f"{row['n']} patients: {row['reason']}" in text
    assert "Empty: n = 0" in text
    assert "The groups of the outcome were not compared" in text
    assert "nobody of the" in text
    assert "no event. Without an event there is no curve to draw." in text
    assert kaplan_meier_figure(found["courses"]["times"][3], found) is None


def test_nothing_at_all_says_why(found: dict[str, Any]) -> None:
    """No courses, nobody with a time, and nobody with an mRS are said, not drawn."""
    assert courses_view({}).left_out == "the results hold no courses."
    found["courses"]["left_out"] = "No patient is followed."
    found["courses"]["times"], found["courses"]["mrs"] = [], None
    assert "Left out: No patient is followed." in page(found).text
    empty = courses()
    for group in empty["mrs"]["groups"]:
        for month in group["months"]:
            month.update(of=0, missing=group["n"])
            for level in month["levels"]:
                level.update(n=0, percent=None)
    assert mrs_figure(empty["mrs"], found) is None
    assert mrs_groups_figure(empty["mrs"], found) is None
    one = copy.deepcopy(courses()["times"][0])
    one.update(error="no patient has a time to it", groups=[], months=[], events=0, n=0)
    found["courses"].update(left_out="", times=[one])
    assert "Left out: no patient has a time to it." in page(found).text
    (sheet, *_) = course_sheets(found)
    assert len(sheet.rows[0]) == len(sheet.columns)
    assert sheet.rows[0][1] == "left out: no patient has a time to it"


def test_the_workbook_has_the_same_numbers_whole(found: dict[str, Any], tmp_path: Path) -> None:
    """Sheets hold shares in percent, every step, ratios, counts and flows, unrounded."""
    path = tmp_path / "tables.xlsx"
    write_workbook(found, path)
    book = load_workbook(path)

    def cells(name: str) -> list[list[Any]]:
        sheet = book[name]
        first = int("".join(c for c in sheet.freeze_panes if c.isdigit()))
        return [list(row) for row in sheet.iter_rows(min_row=first, values_only=True)]

    section = found["courses"]
    at = [a for one in section["times"] for g in one["groups"] for a in g["at"] or [{}]]
    shown = cells("Courses")
    assert len(shown) == len(at)
    for row, wanted in zip(shown, at, strict=True):
        assert row[2:4] == [wanted.get("month"), wanted.get("at_risk")]
        survival = wanted.get("survival")
        assert row[4] == (None if survival is None else pytest.approx(100 * survival, rel=1e-14))
    steps = [s for one in section["times"] for g in one["groups"] for s in g["steps"]]
    assert [row[2:5] for row in cells("Curves")] == [
        [pytest.approx(step["time"], rel=1e-14), step["at_risk"], step["events"]] for step in steps
    ]
    terms = [t for one in section["times"] for m in one["models"] for t in m["terms"]]
    fitted = [row for row in cells("Hazard ratios") if row[3] is not None]
    assert [row[5] for row in fitted] == [
        pytest.approx(term["hazard_ratio"], rel=1e-14) for term in terms
    ]
    months = [m for group in section["mrs"]["groups"] for m in group["months"]]
    assert [row[1:4] for row in cells("mRS")] == [
        [month["month"], month["of"], month["missing"]] for month in months
    ]
    moved = [c for g in section["mrs"]["groups"] for f in g["flows"] for c in f["cells"]]
    assert sum(row[5] for row in cells("mRS flows")) == sum(cell["n"] for cell in moved)


def test_markup_in_labels_stays_text(found: dict[str, Any]) -> None:
    """A label cannot become an element, nor mathematics in the picture."""
    one = found["courses"]["times"][0]
    one["groups"][0]["label"] = "<b>$x^2$</b>"
    html = html_text(found, made_on=dt.date(2026, 11, 22))
    assert "<b>$x^2$</b>" not in html
    assert "&lt;b&gt;$x^2$&lt;/b&gt;" in html


def test_figures_are_written_alike_each_time(found: dict[str, Any], tmp_path: Path) -> None:
    """SVG, PNG and PDF of each curve with an event and of the bars, the same bytes twice."""
    found["courses"]["times"] = found["courses"]["times"][:1]
    first = written(found, tmp_path / "a")
    second = written(found, tmp_path / "b")
    assert [path.name for path in first] == [
        f"{name}.{ending}"
        for name in ("time-1-remission", "mrs", "mrs-groups")
        for ending in ("svg", "png", "pdf")
    ]
    assert [a.read_bytes() for a in first] == [b.read_bytes() for b in second]
    assert written({}, tmp_path / "c") == []
