"""STROBE and TRIPOD: every item is there, and an answer says no more than the report has."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from parsed import Page, Word

from myocohort.report.book.workbook import write_workbook
from myocohort.report.checklists.item import Answer, Checklist
from myocohort.report.checklists.section import checklists_section
from myocohort.report.checklists.strobe import STROBE
from myocohort.report.checklists.tripod import TRIPOD
from myocohort.report.figures import draw_figures
from myocohort.report.html import html_text
from myocohort.report.manuscript.word import write_word
from myocohort.report.rounding import fixed_text
from myocohort.report.sections import CHECKLISTS_SECTION

# von Elm 2007, Table 1, cohort studies: 22 items, seven of them with letters.
STROBE_NUMBERS = (
    "1a 1b 2 3 4 5 6a 6b 7 8 9 10 11 12a 12b 12c 12d 12e 13a 13b 13c 14a 14b 14c 15 16a 16b 16c "
    "17 18 19 20 21 22"
)
# Collins 2015, Table 1: the items marked D or D;V. The rest concerns validation in other data.
TRIPOD_NUMBERS = (
    "1 2 3a 3b 4a 4b 5a 5b 5c 6a 6b 7a 7b 8 9 10a 10b 10d 11 13a 13b 14a 14b 15a 15b 16 18 19b 20 "
    "21 22"
)
STATUSES = {"answered", "in part", "open", "does not apply"}


def answer(checklist: Checklist, number: str, results: dict[str, Any]) -> Answer:
    """Return the answer to an item."""
    (item,) = [item for item in checklist.items if item.number == number]
    return item.answer(results)


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def test_the_checklists_are_whole() -> None:
    """Each item once, in order, as the published tables number them."""
    assert [item.number for item in STROBE.items] == STROBE_NUMBERS.split()
    assert [item.number for item in TRIPOD.items] == TRIPOD_NUMBERS.split()
    assert len(STROBE.items) == 34
    assert len(TRIPOD.items) == 31


@pytest.mark.parametrize("checklist", [STROBE, TRIPOD])
def test_nothing_is_answered_by_nothing(checklist: Checklist) -> None:
    """Empty results leave every item to the authors."""
    for empty in ({}, {"tables": [], "models": [], "courses": None, "outcome": {}}):
        assert {item.answer(empty).status for item in checklist.items} == {"open"}


@pytest.mark.parametrize("checklist", [STROBE, TRIPOD])
def test_any_part_may_be_missing(checklist: Checklist, results: dict[str, Any]) -> None:
    """Old results, sections that were left out, tables without rows: an answer, no exception."""
    for key in (*results, "robustness", "imaging", "prediction", "patients_over_time"):
        for nothing in (None, {"left_out": "there is none", "notes": []}):
            if nothing is not None and not isinstance(results.get(key), dict | None):
                continue
            if nothing is not None and key in ("outcome", "study", "manifest", "validation"):
                continue
            changed = {**results, key: nothing}
            for item in checklist.items:
                assert item.answer(changed).status in STATUSES


@pytest.mark.parametrize("checklist", [STROBE, TRIPOD])
def test_what_the_authors_alone_can_say_stays_open(
    checklist: Checklist, results: dict[str, Any]
) -> None:
    """Title, abstract, background, interpretation and funding are never filled in."""
    wanted = {
        "STROBE": ("1a", "1b", "2", "3", "4", "6a", "10", "16b", "16c", "20", "21", "22"),
        "TRIPOD": ("1", "2", "3a", "3b", "4b", "5a", "5b", "7b", "15b", "19b", "20", "22"),
    }
    for number in wanted[checklist.name]:
        assert answer(checklist, number, results) == Answer("open", "to be written by the authors")


def test_facts_have_the_numbers_of_the_results(results: dict[str, Any]) -> None:
    """Counts of the flow, the tables, the gaps and the model, each where it belongs."""
    outcome = results["outcome"]
    enrolled = sum(outcome.values())
    said = answer(STROBE, "13a", results)
    assert said.status == "in part"
    assert said.fact.startswith(f"{enrolled} enrolled; {outcome['refractory']} refractory")
    rows = [row for table in results["tables"] for s in table["sections"] for row in s["rows"]]
    first = results["tables"][0]["sections"]
    variables = len({row["variable"] for s in first for row in s["rows"]})
    groups = sum(group["n"] for group in results["tables"][0]["groups"])
    said = answer(STROBE, "14a", results)
    assert said.fact.startswith(f"{variables} characteristics by group")
    assert (said.status == "in part") == (groups < enrolled)
    gaps = sum(bool(row["missing"]) for row in results["missing"])
    assert answer(STROBE, "14b", results).fact.startswith(
        f"{gaps} of {len(results['missing'])} variables"
    )
    tested = sum(row["p"] is not None for row in rows)
    assert f"of {tested} comparisons" in answer(STROBE, "12a", results).fact
    model = next(m for m in results["models"] if m["id"] == "final" and not m["error"])
    per = fixed_text(model["events_per_variable"], 1)
    assert answer(TRIPOD, "8", results).fact.startswith(
        f"{model['n']} patients, {model['events']} events, {per} events per variable"
    )
    assert f"{model['n_missing']} left out" in answer(TRIPOD, "14a", results).fact
    terms = len(model["terms"]) - 1
    assert answer(TRIPOD, "15a", results).fact.startswith(f"{terms} adjusted odds ratios")
    assert answer(STROBE, "16a", results).status == "in part"


def test_an_answer_goes_with_what_it_rests_on(results: dict[str, Any]) -> None:
    """Without a model nothing is adjusted; without validation there is no performance."""
    assert answer(STROBE, "12a", results).status == "answered"
    assert answer(TRIPOD, "10b", results).status == (
        "answered" if results.get("validation") else "in part"
    )
    bare = {**results, "models": [], "validation": None, "courses": None}
    said = answer(STROBE, "12a", bare)
    assert (said.status, "confounding" in said.fact) == ("in part", True)
    assert answer(STROBE, "16a", bare).status in ("open", "in part")
    assert answer(STROBE, "12e", bare).status == "open"
    assert answer(STROBE, "12d", bare).status == "in part"
    assert answer(TRIPOD, "10b", {**results, "validation": None}).status == "in part"
    assert answer(TRIPOD, "10d", {**results, "validation": None}).status == "open"
    assert answer(TRIPOD, "11", results).status == "does not apply"
    arms = [{"code": "a", "label": "A", "role": "patients", "n": 3}]
    assert answer(STROBE, "6b", {"study": {"arms": arms}}).status == "does not apply"
    arms.append({"code": "c", "label": "C", "role": "controls", "n": 3})
    assert answer(STROBE, "6b", {"study": {"arms": arms}}).status == "open"


def test_robustness_answers_what_it_has(results: dict[str, Any]) -> None:
    """Each part of it counts by itself, and a part that was left out does not."""
    robustness: dict[str, Any] = {
        "left_out": "", "followed": {"left_out": ""}, "lost": {"left_out": ""},
        "influence": {"left_out": ""}, "confounding": None,
    }  # fmt: skip
    full = {**results, "robustness": robustness}
    assert answer(STROBE, "9", full).status == "in part"
    assert answer(STROBE, "12d", full).anchor == "robustness"
    assert answer(STROBE, "12e", full).fact == "outcomes of the lost, each patient left out"
    robustness["lost"] = {"left_out": "nobody is lost"}
    assert answer(STROBE, "12d", full).anchor != "robustness"
    assert answer(STROBE, "12e", full).fact == "each patient left out"


def test_performance_without_intervals_is_in_part(results: dict[str, Any]) -> None:
    """Intervals of some measures answer the item in part, of all wholly."""
    measures = [{"name": "c-statistic", "interval": {"low": 0}}, {"name": "Brier score",
                "interval": None}]  # fmt: skip
    prediction = {"left_out": "", "models": [{"error": None, "measures": measures}]}
    said = answer(TRIPOD, "16", {**results, "prediction": prediction})
    assert said == Answer(
        "in part", "c-statistic with intervals; Brier score without", "prediction"
    )
    measures.pop()
    assert answer(TRIPOD, "16", {**results, "prediction": prediction}).status == "answered"


def test_the_interaction_of_the_mri_model_is_named(results: dict[str, Any]) -> None:
    """Group by month is an interaction; a model that was left out is none."""
    model = {"left_out": "", "form": "months"}
    imaging = {"left_out": "", "scales": [{"name": "fat", "model": model}]}
    assert "(fat)" in answer(STROBE, "12b", {**results, "imaging": imaging}).fact
    model["left_out"] = "too few scans"
    assert "no interaction" in answer(STROBE, "12b", {**results, "imaging": imaging}).fact


def test_every_link_leads_to_a_section_of_the_page(results: dict[str, Any]) -> None:
    """Each anchor that an item names is an id, and every item has its row."""
    read = page(results)
    ids = {attributes.get("id") for _, attributes in read.tags}
    for checklist in (STROBE, TRIPOD):
        table = read.table(f"{checklist.name} checklist")
        rows = [row for row in table.rows[1:] if len(row) == 5]
        assert [row[0] for row in rows] == [item.number for item in checklist.items]
        for row, item in zip(rows, checklist.items, strict=True):
            said = item.answer(results)
            assert row[2:4] == [said.status, said.fact]
            assert bool(row[4]) == bool(said.anchor), item.number
            if said.anchor:
                assert said.anchor in ids
    links = [a.get("href") for tag, a in read.tags if tag == "a"]
    assert all(link[1:] in ids for link in links if link and link.startswith("#"))


def test_every_anchor_that_could_be_named_is_in_a_page(results: dict[str, Any]) -> None:
    """Also those of sections that the sample does not hold."""
    sources = Path(checklists_section.__code__.co_filename).parent
    text = "".join(path.read_text() for path in sources.glob("*.py"))
    named = set(re.findall(r'"([a-z_]+)",?\s*\)', text)) & {
        "summary", "flow", "indicators", "screening", "model", "validation", "courses", "missing",
        "methods", "decisions", "manifest", "imaging", "pathology", "prediction", "robustness",
        "patients_over_time",
    }  # fmt: skip
    ids = {attributes.get("id") for _, attributes in page(results).tags}
    assert len(named) > 10
    assert named <= ids


def test_counts_add_up(results: dict[str, Any]) -> None:
    """The line above each table counts its rows, and open items are listed."""
    for one in CHECKLISTS_SECTION.view(results).checklists:
        found = Counter(line.status for line in one.lines)
        numbers = [int(n) for n in re.findall(r"\d+", one.counts)]
        assert numbers[0] == sum(numbers[1:]) == len(one.lines)
        assert numbers[1:4] == [found["answered"], found["in part"], found["open"]]
        still = [line.number for line in one.lines if line.status == "open"]
        assert one.open_items == f"Open items: {', '.join(still)}."


def test_tripod_is_for_studies_with_a_model(results: dict[str, Any]) -> None:
    """Without one it is left out, and the page says why."""
    results["models"] = []
    view = CHECKLISTS_SECTION.view(results)
    assert [one.name for one in view.checklists] == ["STROBE"]
    assert "Left out: TRIPOD, as the study has no model." in page(results).text
    assert "Left out: TRIPOD" in CHECKLISTS_SECTION.paragraphs(results)[0][0]


def test_old_results_have_no_checklist() -> None:
    """Results without an outcome: nothing, with its reason."""
    assert CHECKLISTS_SECTION.view({}).left_out.startswith("the results hold no outcome")
    assert list(CHECKLISTS_SECTION.tables({})) == list(CHECKLISTS_SECTION.sheets({})) == []
    assert CHECKLISTS_SECTION.paragraphs({})[0] == []


def test_word_and_workbook_hold_them(results: dict[str, Any], tmp_path: Path) -> None:
    """A supplementary table and a sheet each, with every item."""
    write_word(results, tmp_path / "report.docx", draw_figures(results))
    write_workbook(results, tmp_path / "tables.xlsx")
    word = Word((tmp_path / "report.docx").read_bytes())
    book = load_workbook(tmp_path / "tables.xlsx")
    for checklist in (STROBE, TRIPOD):
        (table,) = [t for t in word.tables if f"{checklist.name} checklist" in t.caption]
        numbers = [row[0] for row in table.rows[1:] if len(row) > 1]
        assert numbers == [item.number for item in checklist.items]
        column = [str(cell.value) for cell in book[checklist.name]["A"]]
        assert column[-len(numbers) :] == numbers
    (paragraph,), _ = CHECKLISTS_SECTION.paragraphs(results)
    assert paragraph in word.text
