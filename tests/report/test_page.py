"""The report in a real browser: it fits, loads nothing, raises no error, and prints whole."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sample import results as sample_results
from sample import validated

from browser import open_page
from myocohort.report.html import write_html

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")  # Playwright's own sockets

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
LONG = "W" * 60 + " an indicator with a very long label " * 4 + "x" * 80
RIGHT_TO_LEFT = "مرض الرئة الخلالي <b>(ILD)</b> 12%"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of the sample's report and of one with labels that are hard to lay out."""
    folder = tmp_path_factory.mktemp("reports")
    hard = copy.deepcopy(validated())
    hard["study"].update(title=LONG, citation=RIGHT_TO_LEFT)
    hard["flow"][1]["label"] = LONG
    hard["flow"][3]["label"] = RIGHT_TO_LEFT
    hard["tables"][0]["groups"][0]["label"] = LONG
    for i, row in enumerate(hard["table1"]):
        row["label"] = (LONG, RIGHT_TO_LEFT)[i % 2]
        row["warnings"] = [LONG]
    for model in hard["models"]:
        for i, term in enumerate(model["terms"]):
            term["label"] = (LONG, RIGHT_TO_LEFT)[i % 2]
        model["title"], model["procedure"] = LONG, LONG
    for model in hard["validation"]["models"]:
        model.update(title=LONG, warnings=[LONG], failed_why=[RIGHT_TO_LEFT])
        for row in model["inclusion"]:
            row["label"] = LONG
    for one in hard["courses"]["times"]:
        one.update(title=LONG, warnings=[LONG], not_compared=RIGHT_TO_LEFT, by_label=LONG)
        for group in one["groups"]:
            group["label"] = (LONG, RIGHT_TO_LEFT)[group["code"] == "a"]
        for model in one["models"]:
            for term in model["terms"]:
                term["label"] = LONG
    for group in hard["courses"]["mrs"]["groups"]:
        group["label"] = LONG
    hard["decisions"][0].update(patient=LONG, why=LONG, records=[LONG, RIGHT_TO_LEFT])
    hard["manifest"]["inputs"][0]["file"] = LONG
    hard["scoreboard"]["numbers"][0].update(place=LONG, why=RIGHT_TO_LEFT, printed=LONG)
    hard["methods"], hard["references"] = [LONG], [f"https://example.org/{'x' * 200}"]
    addresses = {}
    every = {"sample": sample_results(), "validated": validated(), "hard": hard, "empty": {}}
    for name, results in every.items():
        path = folder / f"{name}.html"
        write_html(results, path, made_on=dt.date(2026, 11, 22))
        addresses[name] = path.as_uri()
    return addresses


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280", "390"])
@pytest.mark.parametrize("name", ["validated", "hard", "empty"])
def test_the_page_never_scrolls_sideways(
    browser: Any, reports: dict[str, str], name: str, viewport: dict[str, int], scheme: str
) -> None:
    """At 1280 and 390 pixels, light and dark, opened parts included, only tables scroll."""
    with open_page(browser, reports[name], viewport=viewport, color_scheme=scheme) as (page, seen):
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == viewport["width"]
        assert seen.messages == []
        assert seen.refused == []


def test_table_2_fits_a_wide_page(browser: Any, reports: dict[str, str]) -> None:
    """At 1280 pixels both main tables show all columns without scrolling."""
    with open_page(browser, reports["sample"], viewport=WIDE) as (page, _):
        for table in ("table.table1", "table.table2"):
            inside = page.eval_on_selector(
                table, "t => [t.parentElement.scrollWidth, t.parentElement.clientWidth]"
            )
            assert inside[0] == inside[1], table


# Relative luminance and contrast as WCAG 2.2 defines them, for every piece of text.
CONTRAST = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const weak = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim()) continue;
    if (element.closest("script, style, title, option")) continue;
    const style = getComputedStyle(element);
    const ink = rgb(element.closest("svg") ? style.fill : style.color);
    const [high, low] = [luminance(ink), luminance(background(element))].sort((a, b) => b - a);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) weak.add(`${element.tagName}.${element.className}: ${contrast.toFixed(2)}`);
  }
  return [...weak];
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_enough_contrast(browser: Any, reports: dict[str, str], scheme: str) -> None:
    """Every text stands out from its background by 4.5 to 1 (WCAG 2.2, 1.4.3, level AA)."""
    with open_page(browser, reports["sample"], viewport=WIDE, color_scheme=scheme) as (page, _):
        assert page.evaluate(CONTRAST) == []


def test_light_and_dark_differ(browser: Any, reports: dict[str, str]) -> None:
    """The page follows the reader's colour scheme."""
    colours = []
    for scheme in ("light", "dark"):
        with open_page(browser, reports["sample"], color_scheme=scheme) as (page, _):
            colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(20, 24, 29)"]


def test_the_list_of_numbers_can_be_filtered(browser: Any, reports: dict[str, str]) -> None:
    """By status and by text; the count says how many are shown."""
    with open_page(browser, reports["sample"]) as (page, seen):
        page.click("#all-numbers > summary")
        rows = "#numbers tbody tr:not([hidden])"
        assert page.locator(rows).count() == 129
        page.select_option("#filter-status", "contradicted")
        assert page.locator(rows).count() == 2
        page.fill("#filter-text", "41.03")
        assert page.locator(rows).count() == 1
        assert page.text_content("#filter-count") == "1 of 129 shown"
        assert seen.messages == []


def test_without_script_the_page_is_complete(browser: Any, reports: dict[str, str]) -> None:
    """With JavaScript off every row is there, and no control that would do nothing."""
    with open_page(browser, reports["sample"], java_script_enabled=False) as (page, _):
        page.click("#all-numbers > summary")
        assert page.locator("#numbers tbody tr").count() == 129
        assert not page.locator(".filter").is_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_closed_parts_are_printed(browser: Any, reports: dict[str, str], script: bool) -> None:
    """On paper the collapsed parts are open, also without JavaScript, and the file is a PDF."""
    with open_page(browser, reports["sample"], java_script_enabled=script) as (page, seen):
        screen = page.pdf()
        page.emulate_media(media="print")
        table = page.locator("table.decisions")
        assert table.is_visible()
        assert table.bounding_box()["height"] > 500
        assert screen.startswith(b"%PDF-")
        assert seen.messages == []


def test_the_first_tab_leads_past_the_navigation(browser: Any, reports: dict[str, str]) -> None:
    """The skip link is the first to get the focus, becomes visible, and leads to the results."""
    with open_page(browser, reports["sample"]) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_hostile_markup_does_not_run(browser: Any, tmp_path: Path) -> None:
    """Script in labels neither runs nor loads anything."""
    results = sample_results()
    attack = "<img src='http://example.org/x' onerror='document.title=1'><script>document.title=2"
    results["study"]["title"] = attack
    for row in results["table1"]:
        row["label"] = attack
    for model in results["models"]:
        for term in model["terms"]:
            term["label"] = attack
    path = tmp_path / "attack.html"
    write_html(results, path, made_on=dt.date(2026, 11, 22))
    with open_page(browser, path.as_uri()) as (page, seen):
        assert page.title() == attack
        assert page.locator("img").count() == 0
        assert seen.refused == []
        assert seen.messages == []
