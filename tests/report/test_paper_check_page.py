"""The page of `paper check`: every number with its verdict, reachable, escaped, printed whole."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pytest
from parsed import Page

from browser import open_page
from myocohort.papers.checked import check_paper
from myocohort.papers.paperfile import load_paper
from myocohort.report.paper_check import paper_check_html, write_paper_check

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")  # Playwright's own sockets

DAY = dt.date(2026, 11, 22)
REFERENCE = Path(__file__).parents[2] / "studies" / "anm_srp_2020" / "paper.toml"
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}

LONG = "W" * 90 + " an indicator with a very long name " + "x" * 110
RIGHT_TO_LEFT = "مرض الرئة الخلالي <b>(ILD)</b> 12%"
MARKUP = '<script>alert(1)</script> "A&B" </table>'
HARD = f"""
title = '{MARKUP}'
citation = '{RIGHT_TO_LEFT}'
remarks = ['{LONG}']
groups.all = {{ label = '{LONG}' }}
groups.odd = {{ label = '{MARKUP}' }}
not_understood = [{{ place = '{MARKUP}', text = '{RIGHT_TO_LEFT} {LONG}' }}]
setting = [{{ id = "s", place = '{MARKUP}', printed = '<b>1:2</b>', why = '{LONG}' }}]
size = [
  {{ id = "all", place = '{LONG}', group = "all", n = "9" }},
  {{ id = "odd", place = '{MARKUP}', group = "odd", n = "10" }},
]
[[count]]
id = "c"
place = '{RIGHT_TO_LEFT}'
variable = "c"
level = '{MARKUP}'
group = "odd"
n = "3"
percent = "99.9"
[[model]]
id = "m"
place = "T"
group = "odd"
terms = [{{ term = 'x="><i>', odds_ratio = "2.0", low = "3.0", high = "4.0" }}]
[[table]]
id = "table1"
caption = '{RIGHT_TO_LEFT}'
head = [["", '{LONG}', '{LONG}', '{MARKUP}'], ["", "n", "%", "{{s.printed}}"]]
rows = [
  ['{LONG}', "", "", ""],
  ['{RIGHT_TO_LEFT}', "{{c.n}}:{{odd.n}}", '{{c.percent}}*', '{{m.x="><i>.low}}'],
]
notes = ['{MARKUP} of {{odd.n}}']
"""


def checked_file(path: Path) -> dict[str, Any]:
    """Return what `paper check --json` gives for a paper file."""
    return check_paper(load_paper(path)).as_dict()


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """Return the reference paper, checked."""
    return checked_file(REFERENCE)


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return a checked paper with names that are hard to lay out and to escape."""
    path = tmp_path_factory.mktemp("hard") / "paper.toml"
    path.write_text(HARD, encoding="utf-8")
    return checked_file(path)


@pytest.fixture(scope="module")
def addresses(
    reference: dict[str, Any], hard: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Addresses of the pages of both papers, and of the reference paper without its tables."""
    folder = tmp_path_factory.mktemp("pages")
    made = {"reference": reference, "hard": hard, "without tables": {**reference, "tables": []}}
    found = {}
    for name, checked in made.items():
        path = folder / f"{name.replace(' ', '-')}.html"
        write_paper_check(checked, path, made_on=DAY)
        found[name] = path.as_uri()
    return found


@pytest.mark.parametrize("name", ["reference", "hard", "without tables"])
def test_every_number_is_there_with_its_verdict_and_arithmetic(
    name: str, reference: dict[str, Any], hard: dict[str, Any]
) -> None:
    """Each result is shown once with its class, and its link and the link back have targets."""
    checked = hard if name == "hard" else reference
    if name == "without tables":
        checked = {**checked, "tables": []}
    html = paper_check_html(checked, made_on=DAY)
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    links = [attributes for tag, attributes in page.tags if tag == "a"]
    assert {link["href"] for link in links} <= {f"#{identity}" for identity in ids}
    shown = {str(link["id"]): link for link in links if link.get("id")}
    results = [item for item in checked["numbers"] if item["verdict"] != "not_result"]
    assert len(shown) == len(results)
    for item in results:
        # The arithmetic names the number by its id; its place in the list is that of the link.
        at = html.index(f"<code>{escaped(item['id'])}</code>")
        listed = html.rindex('<li id="a', 0, at) + len('<li id="a')
        number = html[listed : html.index('"', listed)]
        link = shown[f"n{number}"]
        assert link["href"] == f"#a{number}"
        assert f"v-{item['verdict']}" in str(link["class"]).split()
        assert ("involved" in str(link["class"]).split()) == item["involved"]
        opened = html.index(f'id="n{number}"')
        assert f"<bdi>{escaped(item['printed'])}</bdi>" in html[opened : html.index("</a>", opened)]


def escaped(text: str) -> str:
    """Escape as the templates do, written a second time."""
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;")):
        text = text.replace(sign, entity)
    return text.replace('"', "&#34;")


def test_the_tables_are_drawn_as_printed(reference: dict[str, Any]) -> None:
    """Table 1 has the lines of the paper, its merged heads, and headings over its sections."""
    page = Page(paper_check_html(reference, made_on=DAY))
    table = page.table("Clinical indicators")
    lines = {row[0]: [cell.replace("≠", "").replace("†", "") for cell in row] for row in table.rows}
    assert table.rows[0][1:3] == ["Non-refractory group (27)", "Refractory group (13)"]
    assert lines["Gender(male: female)"][1:] == ["5:22", "18.5", "6:7", "46.2", "0.067"]
    assert lines["ILD"][1:] == ["6", "22.2", "9", "69.2", "0.004"]
    assert ["Initial therapy"] in table.rows
    assert len(page.tables) >= 6


def test_markup_in_names_stays_text(hard: dict[str, Any]) -> None:
    """No name of the paper file opens a tag."""
    html = paper_check_html(hard, made_on=DAY)
    page = Page(html)
    assert "<script" not in html
    assert "<i>" not in html
    assert "<b>(ILD)" not in html
    assert page.text.count("<script>alert(1)</script>") >= 4
    assert "1:2" in page.table(RIGHT_TO_LEFT[:5]).rows[1][3]


def test_the_summary_comes_first(reference: dict[str, Any]) -> None:
    """Counts, every inconsistent number with its link, and what kind of statement this is."""
    html = paper_check_html(reference, made_on=DAY)
    summary = html[html.index('<section id="summary"') : html.index('class="printed-table"')]
    for item in reference["inconsistent"]:
        assert escaped(item["suggestion"]) in summary
        assert f"<bdi>{escaped(item['printed'])}</bdi>" in summary
    assert f"Consistent</dt><dd>{reference['consistent']}</dd>" in summary
    page = Page(html)
    assert "About numbers, not about people." in page.text
    assert "1.03 instead of 41.03 (one digit too many) would agree" in page.text


def test_every_finding_is_written_out(reference: dict[str, Any]) -> None:
    """The arithmetic of each finding, its computed value and its suggestion are on the page."""
    text = Page(paper_check_html(reference, made_on=DAY)).text
    for item in reference["numbers"]:
        for found in item["findings"]:
            assert " ".join(found["explanation"].split()) in text
            assert found["suggestion"] in text
    for check in reference["checks"]:
        assert check["question"] in text


def test_what_was_not_understood_is_listed(hard: dict[str, Any]) -> None:
    """Pieces that a draft could not place are on the page with their places."""
    text = Page(paper_check_html(hard, made_on=DAY)).text
    assert "Not understood" in text
    assert LONG in text


def test_procedures_that_differ_are_in_the_summary(reference: dict[str, Any]) -> None:
    """A p value by another test than the claimed one is listed with both."""
    number = next(item for item in reference["numbers"] if item["kind"] == "p")
    item = {
        "place": "Table 1, X, P", "claimed": "Fisher's <exact>", "fits": ["Pearson"],
        "id": number["id"], "printed": "0.04", "differs": True, "explanation": "",
    }  # fmt: skip
    page = Page(paper_check_html({**reference, "procedures": [item]}, made_on=DAY))
    (row,) = page.table("P values that the claimed test does not give").rows[1:]
    assert [row[0], *row[2:]] == ["Table 1, X, P", "Fisher's <exact>", "Pearson"]


def test_a_rounding_of_its_own_is_said(reference: dict[str, Any]) -> None:
    """The way and what it was recognised by, and which numbers it saves, with links."""
    number = reference["numbers"][0]
    rounding = {
        "name": "truncated",
        "explanation": "of 9, 4 fit only so",
        "downgraded": [number["id"]],
    }
    text = Page(paper_check_html({**reference, "rounding": rounding}, made_on=DAY)).text
    assert "Rounding: the paper cuts digits off throughout. Of 9, 4 fit only so." in text
    assert "1 more would be inconsistent: 48" in text


def test_headings_are_in_order_and_tables_have_scopes(reference: dict[str, Any]) -> None:
    """No level of heading is left out, and every heading cell says what it heads."""
    page = Page(paper_check_html(reference, made_on=DAY))
    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th")
    assert dict(page.tags)["html"]["lang"] == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280", "390"])
@pytest.mark.parametrize("name", ["reference", "hard"])
def test_the_paper_page_never_scrolls_sideways(
    browser: Any, addresses: dict[str, str], name: str, viewport: dict[str, int], scheme: str
) -> None:
    """Opened parts included, only tables scroll; nothing is loaded, nothing is complained of."""
    settings = {"viewport": viewport, "color_scheme": scheme, "java_script_enabled": True}
    with open_page(browser, addresses[name], **settings) as (page, seen):
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        assert seen.messages == []
        assert seen.refused == []


def test_a_number_leads_to_its_arithmetic_and_back_without_script(
    browser: Any, addresses: dict[str, str]
) -> None:
    """By keyboard: the target is highlighted, and Enter on its number leads back."""
    with open_page(browser, addresses["reference"], viewport=WIDE, java_script_enabled=False) as (
        page,
        _,
    ):
        link = page.locator("table.as-printed a.v-inconsistent", has_text="41.03").first
        assert link.inner_text().startswith("41.03")
        link.focus()
        assert link.evaluate("a => getComputedStyle(a).outlineStyle") == "solid"
        link.press("Enter")
        target = page.locator("li:target")
        assert "does not contain 7.51" in target.inner_text()
        assert target.evaluate("li => getComputedStyle(li).boxShadow") != "none"
        target.locator("a.n").first.press("Enter")
        assert page.locator("a.n:target").inner_text().startswith("41.03")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_have_contrast_and_more_than_colour(
    browser: Any, addresses: dict[str, str], scheme: str
) -> None:
    """Each verdict has a line of its own, and at least 4.5 to 1 against its ground (WCAG AA)."""
    script = """a => {
      const over = (e) => { for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor;
        if (c !== 'rgba(0, 0, 0, 0)') return c; } };
      const light = (c) => c.match(/[0-9.]+/g).slice(0, 3).map(Number)
        .map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
      const [x, y] = [light(getComputedStyle(a).color), light(over(a))].sort((p, q) => q - p);
      return [(x + .05) / (y + .05), getComputedStyle(a).textDecorationStyle];
    }"""
    lines = {}
    with open_page(browser, addresses["reference"], viewport=WIDE, color_scheme=scheme) as (
        page,
        _,
    ):
        for mark in ("v-consistent:not(.involved)", "v-untestable:not(.involved)",
                     "v-inconsistent", "involved"):  # fmt: skip
            contrast, lines[mark] = page.locator(f"table a.{mark}").first.evaluate(script)
            assert contrast >= 4.5, mark
    assert len(set(lines.values())) == 4


def test_on_paper_links_are_numbers_and_everything_is_there(
    browser: Any, addresses: dict[str, str]
) -> None:
    """In print the number of the arithmetic stands beside each value; closed parts are open."""
    with open_page(browser, addresses["reference"], viewport=WIDE) as (page, _):
        link = page.locator("table.as-printed a.n").first
        beside = "a => getComputedStyle(a, '::after').content"
        assert link.evaluate(beside) == "none"
        page.emulate_media(media="print")
        assert link.get_attribute("href") == f"#a{link.evaluate(beside).strip(chr(34))}"
        assert page.locator("#arithmetic details p").first.is_visible()
        assert page.evaluate(
            "getComputedStyle(document.querySelectorAll('.printed-table')[1]).breakBefore"
        ) == "page"  # fmt: skip
        assert page.pdf().startswith(b"%PDF")
