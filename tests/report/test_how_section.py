"""The page's section on how each number came about, and the links that lead to it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from parsed import Page
from traces_sample import codes, traces

from myocohort.report.how import MOST_SHOWN, how_view, table_numbers
from myocohort.report.html import html_text
from myocohort.report.shown import shown

DAY = dt.date(2026, 11, 22)


@pytest.fixture
def traced(results: dict[str, Any]) -> dict[str, Any]:
    """Return the sample results with their traces."""
    return {**results, "traces": traces()}


def links_of(html: str) -> list[dict[str, str | None]]:
    """Return the attributes of all links to how a number came about."""
    return [attrs for tag, attrs in Page(html).tags if tag == "a" and attrs.get("class") == "how"]


def test_every_link_has_its_entry_and_every_entry_a_link(traced: dict[str, Any]) -> None:
    """No link leads nowhere, and no entry is out of reach."""
    html = html_text(traced, made_on=DAY)
    targets = {str(attrs["href"]).removeprefix("#") for attrs in links_of(html)}
    entries = {str(a["id"]) for tag, a in Page(html).tags if tag == "article"}
    assert targets == entries == {"how-table1-sex-male", "how-table1-ild", "how-final-ild"}


def test_one_tab_stop_a_row(traced: dict[str, Any]) -> None:
    """Numbers are links without a tab stop; the label of the row is the one that has it."""
    links = links_of(html_text(traced, made_on=DAY))
    stops = [attrs for attrs in links if "tabindex" not in attrs]
    assert len(stops) == 3
    assert {attrs["tabindex"] for attrs in links if "tabindex" in attrs} == {"-1"}
    row = [attrs for attrs in links if attrs["href"] == "#how-table1-ild"]
    assert len(row) == 8  # the label, three pairs of count and percentage, p


def test_the_numbers_are_as_without_links(results: dict[str, Any], traced: dict[str, Any]) -> None:
    """Links change nothing of what the tables say."""
    for caption in ("Table 1.", "Table 2."):
        plain = Page(html_text(results, made_on=DAY)).table(caption).rows
        assert Page(html_text(traced, made_on=DAY)).table(caption).rows == plain


def test_an_entry_says_who_is_behind_each_count(traced: dict[str, Any]) -> None:
    """Groups, values, counts and codes stand in its table, with source, test and command."""
    view = how_view(traced)
    (table, model) = view.tables
    entry = table.entries[1]
    assert [(p.group, p.value, p.n) for p in entry.patients] == [
        ("Non-refractory", "yes", 6), ("Non-refractory", "no", 21),
        ("Refractory", "yes", 9), ("Refractory", "no", 4),
    ]  # fmt: skip
    assert entry.patients[2].codes == ", ".join(codes(28, 9))
    facts = dict(entry.facts)
    assert facts["Header in the file"] == "ILD on CT"
    assert facts["Files"] == "records/baseline.csv"
    assert facts["Test"].startswith("Pearson chi-square")
    assert entry.command == 'myocohort explain STUDY "Table 1, Interstitial lung disease"'
    assert "1 left out for a missing value: 1 for Interstitial lung disease: not done (P41)" in (
        model.about
    )
    facts = dict(model.entries[0].facts)
    assert facts["Odds ratio, Firth"].startswith("20.06 (profile 3.17–273.31")


def test_the_counts_of_the_page_are_those_of_the_traces(traced: dict[str, Any]) -> None:
    """The tables of the section, read from the page, have the numbers of results.json."""
    tables = [t for t in Page(html_text(traced, made_on=DAY)).tables if "behind" in t.caption]
    counts = [int(row[2]) for table in tables for row in table.rows[1:]]
    assert counts == [5, 22, 6, 7, 6, 21, 9, 4, 9, 6, 4, 21]


def test_results_without_traces_have_no_links(results: dict[str, Any]) -> None:
    """Results of an earlier version are printed as they were, and the section says why."""
    html = html_text(results, made_on=DAY)
    assert links_of(html) == []
    assert "Left out: the results hold no traces." in Page(html).text


def test_patients_that_are_not_named_are_counted(traced: dict[str, Any]) -> None:
    """Above 200 patients the codes are absent; above 60 in one place the rest is counted."""
    group = traced["traces"]["tables"][0]["rows"][0]["groups"][0]["levels"]
    group[0]["patients"] = None
    group[1] |= {"n": 100, "patients": codes(1, 100)}
    patients = how_view(traced).tables[0].entries[0].patients
    assert (patients[0].n, patients[0].codes) == (5, "")
    assert patients[1].codes.endswith(f"P{MOST_SHOWN} and 40 more")


def test_hostile_names_make_safe_anchors_and_commands(traced: dict[str, Any]) -> None:
    """Markup and quotes in a variable's name reach neither an address nor a command."""
    name = 'a b"><script>'
    for part in (
        traced["tables"][0]["sections"][0]["rows"][0],
        traced["traces"]["tables"][0]["rows"][0],
        traced["traces"]["variables"][0],
    ):
        part["variable"] = name
    found = how_view(traced)
    anchor = found.row("table1", name)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", anchor)
    assert f'href="#{anchor}"' in html_text(traced, made_on=DAY)
    assert "<script>" not in html_text(traced, made_on=DAY).split("</style>")[1].split("<script")[0]


def test_two_names_that_look_alike_in_an_address_get_two_anchors(traced: dict[str, Any]) -> None:
    """`sex=male` and `sex male` are two entries."""
    rows = traced["traces"]["tables"][0]["rows"]
    traced["tables"][0]["sections"][0]["rows"][1]["variable"] = "sex male"
    rows.append({**rows[0], "variable": "sex male"})
    traced["traces"]["variables"].append(
        {**traced["traces"]["variables"][0], "variable": "sex male"}
    )
    found = how_view(traced)
    assert found.row("table1", "sex male") != found.row("table1", "sex=male") != ""


def test_tables_are_numbered_around_table_2() -> None:
    """The first table is Table 1, the second Table 3, because Table 2 is the model."""
    tables = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    assert table_numbers({"tables": tables}) == {"a": "Table 1", "b": "Table 3", "c": "Table 4"}


@pytest.mark.parametrize(
    ("path", "value", "near", "printed"),
    [
        (("tables", 0, "p"), 0.0004, [{}], "<0.001"),
        (("models", 0, "terms", 1, "p", "wald"), 0.0236, [{}], "0.024"),
        (("models", 0, "terms", 1, "odds_ratio"), 0.004, [{}], "<0.01"),
        (("models", 0, "terms", 1, "ci", "wald", "high"), "inf", [{}], "∞"),
        (("tables", 0, "counts", "a", "percent"), 69.23076923076923, [{}], "69.2"),
        (("courses", "at", 0, "survival"), 0.875, [{}], "87.5 %"),
        (("outcome", "refractory"), 13, [{}], "13"),
        (("tables", 0, "counts", "a", "mean"), 37.25925925925926,
         [{"kind": "number", "counts": {"a": {"mean": 37.25925925925926, "sd": 18.06}},
           "total": {"mean": 41.65, "sd": 18.3}}], "37.3"),
        (("tables", 0, "counts", "a", "median"), 40.5,
         [{"kind": "number", "counts": {"a": {"mean": 37.3, "sd": 18.06}}}], "40.5"),
        (("models", 0, "events_per_variable"), 4.333333333333333, [{}], "4.3"),
        (("robustness", "terms", 2, "e_value"), 8.42606289458044, [{}], "8.43"),
        (("robustness", "influence", "odds_ratio", "high"), 158.12264889088854, [{}], "158.12"),
        (("robustness", "families", 0, "interval", "low"), 0.001,
         [{"odds_ratio": 2.5}, {"low": 0.001}], "<0.01"),
        (("imaging", "rates", 0, "comparison", "p_holm"), 0.1085192291431749, [{}], "0.109"),
        (("imaging", "rates", 0, "interval", "low"), 2.5499526908004766,
         [{"mean": 3.7}, {"low": 2.55}], "2.55"),
    ],
)  # fmt: skip
def test_numbers_are_shown_as_the_report_prints_them(
    path: tuple[Any, ...], value: Any, near: list[Any], printed: str
) -> None:
    """The key and what stands around a number decide how it is rounded."""
    assert shown(path, value, near) == printed
