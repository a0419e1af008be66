"""The finished report of the reference study, opened in a browser: for everybody, and whole."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from browser import open_page

_NUMBERED = re.compile(r"(?:Table|Figure) \d+(?=\.)")
_OPEN_ALL = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"

# Rows and entries of a kind are alike, and axe takes a minute over all of them.
_THIN_OUT = """
for (const rows of document.querySelectorAll("tbody"))
  for (const row of [...rows.rows].slice(4)) row.remove();
for (const part of document.querySelectorAll("#how details"))
  for (const entry of [...part.querySelectorAll(".how-entry")].slice(2)) entry.remove();
"""


@pytest.fixture(scope="module")
def address(reference_study: Path) -> str:
    """Where the page is."""
    return (reference_study / "results" / "report.html").as_uri()


def _violations(page: Any, **options: Any) -> list[str]:
    """Return what axe finds on the page, its rule and the first place, by how much it matters."""
    page.evaluate(_OPEN_ALL)
    page.evaluate(_THIN_OUT)
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    found = page.evaluate(
        "(options) => axe.run(document, {resultTypes: ['violations'], ...options})", options
    )
    return [
        f"{violation['impact']}: {violation['id']} at {violation['nodes'][0]['html'][:200]}"
        for violation in found["violations"]
    ]


def test_axe_finds_nothing(browser: Any, address: str) -> None:
    """With every folded part open, the page breaks none of axe-core's rules."""
    with open_page(browser, address, viewport={"width": 1280, "height": 900}) as (page, _):
        assert _violations(page) == []


def test_axe_finds_enough_contrast_in_the_dark(browser: Any, address: str) -> None:
    """The colours of the dark page are told from their ground, on a narrow screen, too."""
    only = {"runOnly": ["color-contrast"]}
    dark = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    with open_page(browser, address, **dark) as (page, _):
        assert _violations(page, **only) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_reaches_sideways(browser: Any, address: str, width: int) -> None:
    """Only tables and figures scroll to the side, within themselves; nothing complains."""
    with open_page(browser, address, viewport={"width": width, "height": 900}) as (page, visits):
        page.evaluate(_OPEN_ALL)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert visits.messages == []
        assert visits.refused == []


def test_every_link_within_the_page_has_its_target(browser: Any, address: str) -> None:
    """No link leads nowhere, and no two things share an id."""
    with open_page(browser, address) as (page, _):
        assert page.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1))"
            ".filter((id) => !document.getElementById(id))"
        ) == []  # fmt: skip
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_the_page_and_word_number_alike(browser: Any, address: str, reference_study: Path) -> None:
    """A table and a figure have one number and title in both documents, counted from 1."""
    with open_page(browser, address) as (page, _):
        listed = page.evaluate(
            "[...document.querySelectorAll('caption, figcaption')].map((one) => one.textContent)"
        )
    on_page = _captions(listed)
    document = Document(str(reference_study / "results" / "report.docx"))
    in_word = _captions(paragraph.text for paragraph in document.paragraphs)
    assert on_page == in_word
    for kind in ("Table", "Figure"):
        numbers = [int(name.split()[1]) for name in on_page if name.startswith(kind)]
        assert numbers == list(range(1, len(numbers) + 1))


def _captions(texts: Any) -> dict[str, str]:
    """Return number -> the words behind it, of what begins with a number."""
    found = {}
    for text in texts:
        words = " ".join(text.split())
        if number := _NUMBERED.match(words):
            origin = re.compile(r" \[?Rebuilt records\]?$")
            found[number[0]] = origin.sub("", words[number.end() + 1 :].strip())
    return found
