"""What each section of results.json and of the report promises to all others."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from myocohort.analysis.sections import PARTS
from myocohort.report import templates
from myocohort.report.figures import draw_figures
from myocohort.report.section import ReportFigure, Section
from myocohort.report.sections import SECTIONS

SAMPLES = {"controls": "muscles_sample"}
"""Key of results.json -> module with a sample of it, where that is not called like the key."""
WITHOUT_SECTION = {
    "traces": "its numbers explain those of other sections (report/how.py, `myocohort explain`)",
}
WITHOUT_PART = {"checklists": "it says only what the other sections have"}
DOCUMENTED = Path(__file__).parents[1] / "docs" / "results.md"
EACH = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.identity)


def sample(key: str) -> dict[str, Any]:
    """Return the sample of a section."""
    found: dict[str, Any] = getattr(import_module(SAMPLES.get(key, f"{key}_sample")), key)()
    return found


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """Return the results of a run that hold every section."""
    results: dict[str, Any] = import_module("sample").results()
    return {**results, **{key: sample(key) for key in PARTS}}


def test_every_key_has_a_section_or_a_reason() -> None:
    """A part that no document shows, and a section without numbers, are named here with why."""
    identities = {section.identity for section in SECTIONS}
    assert set(PARTS) - identities == set(WITHOUT_SECTION)
    assert identities - set(PARTS) == set(WITHOUT_PART)


@pytest.mark.parametrize("key", PARTS)
def test_every_key_has_a_sample_that_is_plain_json(key: str) -> None:
    """Each says why it holds nothing, or nothing of the sort, and has notes."""
    found = sample(key)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert isinstance(found["left_out"], str)
    assert isinstance(found["notes"], list)


@pytest.mark.parametrize("key", PARTS)
@pytest.mark.parametrize("without", [True, False], ids=["nothing", "the others"])
def test_methods_and_references_cope_without_the_section(
    key: str, without: bool, whole: dict[str, Any]
) -> None:
    """Of results of an older version nothing is claimed to have been run."""
    results = {} if without else {name: part for name, part in whole.items() if name != key}
    assert PARTS[key].methods(results) == ""
    assert PARTS[key].references(results) == []


@EACH
def test_a_section_copes_with_nothing(section: Section) -> None:
    """Every document can be made of results that hold nothing, and says why."""
    section.view({})
    assert list(section.figures({})) == []
    assert list(section.warnings({})) == []
    assert [row for table in section.tables({}) for row in table.rows] == []
    assert [row for sheet in section.sheets({}) for row in sheet.rows] == []
    assert all(sheet.empty for sheet in section.sheets({}))
    paragraphs, why = section.paragraphs({})
    assert not paragraphs
    assert why


@EACH
def test_a_section_copes_with_what_was_left_out(section: Section, whole: dict[str, Any]) -> None:
    """Of results without this section the others still stand, and it says why it does not."""
    results = {name: part for name, part in whole.items() if name != section.identity}
    section.view(results)
    for each in (section.figures, section.sheets, section.tables, section.warnings):
        list(each(results))
    paragraphs, why = section.paragraphs(results)
    assert paragraphs or why


@EACH
def test_a_section_has_a_template_and_words(section: Section) -> None:
    """The page includes it by its name, below its heading."""
    assert re.fullmatch(r"[a-z_]+", section.identity)
    assert section.heading
    assert section.contents
    assert (Path(templates.__path__[0]) / f"{section.identity}.html.j2").is_file()


def test_names_are_unique(whole: dict[str, Any]) -> None:
    """A name is a file, an id of the page or a sheet: none hides another."""
    assert max(Counter(section.identity for section in SECTIONS).values()) == 1
    figures: list[ReportFigure] = [f for section in SECTIONS for f in section.figures(whole)]
    assert figures
    assert max(Counter(figure.name for figure in figures).values()) == 1
    assert {figure.name for figure in figures} <= set(draw_figures(whole))
    sheets = [sheet.name for section in SECTIONS for sheet in section.sheets(whole)]
    assert max(Counter(name.casefold() for name in sheets).values()) == 1


@EACH
def test_figures_have_words(section: Section, whole: dict[str, Any]) -> None:
    """Each is named as files are, says what is drawn, and has a text in its place."""
    for figure in section.figures(whole):
        assert re.fullmatch(r"[a-z0-9-]+", figure.name)
        assert figure.legend
        assert figure.alternative


@pytest.mark.parametrize("key", PARTS)
def test_every_key_is_documented(key: str) -> None:
    """Each section, and what it holds at its top, is named in docs/results.md."""
    named = re.findall(r"`([^`]+)`", DOCUMENTED.read_text(encoding="utf-8"))
    words = {word for text in named for word in re.findall(r"\w+", text)}
    assert key in words
    assert not set(sample(key)) - words
