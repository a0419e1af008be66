"""The report as HTML: its numbers, its labels, and what it does with hostile or missing input."""

from __future__ import annotations

import datetime as dt
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from parsed import Page
from sample import results as sample_results

from myocohort.report.html import html_text, write_html

DAY = dt.date(2026, 11, 22)


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=DAY))


def rounded(value: float, decimals: int) -> str:
    """Round by the rule of the documentation, written a second time on purpose."""
    text = str(Decimal(str(value)).quantize(Decimal(10) ** -decimals, ROUND_HALF_UP))
    return text.replace("-", "−")


def rounded_p(p: float) -> str:
    """Round a p value by the same rule."""
    return "<0.001" if p < 0.001 else rounded(p, 3)


def test_every_number_of_table_1_is_the_rounding_of_a_result(results: dict[str, Any]) -> None:
    """Counts, percentages, p and published p of each yes-no row stand in its line."""
    lines = {row[0]: row for row in page(results).table("Table 1.").rows}
    checked = 0
    for row in results["table1"]:
        if row["kind"] != "yes_no":
            continue
        expected = []
        for share in (*row["counts"].values(), row["total"]):
            expected += [str(share["n"]), rounded(share["percent"], 1)]
        line = lines[row["label"]]
        assert line[1:7] == expected
        assert line[7] == rounded_p(row["p"])
        assert line[8].removesuffix("≠").strip() == row["printed_p"]
        checked += 1
    assert checked == 19


def test_number_rows_show_mean_sd_and_quartiles(results: dict[str, Any]) -> None:
    """A number's line has mean and SD with one precision, and the quartiles in small."""
    seen = page(results)
    lines = {row[0]: row for row in seen.table("Table 1.").rows}
    assert lines["Age at onset, years"][1:5] == [
        "37.3 ± 18.1",
        "50.8 ± 15.8",
        "41.7 ± 18.3",
        "0.029",
    ]
    assert "38 (22–51.5)" in seen.text


def test_category_rows_list_every_level(results: dict[str, Any]) -> None:
    """A category's levels stand under it, with the n of the groups that have a value."""
    seen = page(results)
    lines = {row[0]: row for row in seen.table("Table 1.").rows}
    assert lines["Subacute"][1:7] == ["14", "53.8", "5", "41.7", "19", "50.0"]
    assert "Course 2 missing n = 26 n = 12 n = 38" in seen.text


@pytest.mark.parametrize(
    ("label", "ml", "firth", "published"),
    [
        (
            "Male sex",
            ["19.57", "1.49–256.53", "0.024"],
            ["11.21", "1.40–89.57", "0.023"],
            ["19.57", "1.49–256.53", "0.024"],
        ),
        (
            "Severe muscle weakness",
            ["7.51", "1.03–54.88", "0.047"],
            ["5.31", "0.97–29.14", "0.054"],
            ["7.51", "41.03 ≠–54.88", "0.047"],
        ),
        (
            "Interstitial lung disease",
            ["39.70", "3.04–518.38", "0.005"],
            ["20.06", "2.59–155.59", "0.004"],
            ["39.70", "3.04–518.38", "0.005"],
        ),
    ],
)
def test_table_2_has_the_published_model_beside_firth(
    results: dict[str, Any], label: str, ml: list[str], firth: list[str], published: list[str]
) -> None:
    """Table 2 of Zhao 2020 comes out as printed, but for the misprint, beside Firth's method."""
    line = next(row for row in page(results).table("Table 2.").rows if row[0] == label)
    assert line == [label, "Wald", *ml, *firth, *published]


def test_every_number_of_table_2_is_the_rounding_of_a_result(results: dict[str, Any]) -> None:
    """Both families of both methods stand in their lines, and no interval with another's p."""
    rows = page(results).table("Table 2.").rows
    models = {m["method"]: m for m in results["models"] if m["id"] == "final"}
    for i, term in enumerate(models["ml"]["terms"][1:]):
        fits = [models[key]["terms"][i + 1] for key in ("ml", "firth")]
        wald, likelihood = rows[2 + 2 * i], rows[3 + 2 * i]
        assert wald[0] == term["label"]
        for j, fit in enumerate(fits):
            assert wald[2 + 3 * j] == rounded(fit["odds_ratio"], 2)
            assert wald[3 + 3 * j : 5 + 3 * j] == _family(fit, "wald", "wald")
            assert likelihood[1 + 2 * j : 3 + 2 * j] == _family(fit, "profile", "lrt")


def _family(term: dict[str, Any], interval: str, p: str) -> list[str]:
    limits = term["ci"][interval]
    return [
        f"{rounded(limits['low'], 2)}–{rounded(limits['high'], 2)}",
        rounded_p(term["p"][p]),
    ]


def test_the_verdict_that_depends_on_the_family_is_said_in_words(results: dict[str, Any]) -> None:
    """The families below 0.05 are named with their p values, and so is the one that is not."""
    text = page(results).text
    assert "Severe muscle weakness: the verdict depends on the family." in text
    assert "Not below: Firth with Wald interval and Wald test (p = 0.054)." in text
    assert "Male sex: below 0.05 in every family that was computed." in text


def test_the_misprint_is_named_with_the_computed_number(results: dict[str, Any]) -> None:
    """41.03 is named beside 1.03, and why it cannot be a lower limit."""
    text = page(results).text
    assert "lower limit: published 41.03, computed 1.03" in text
    assert "41.03 lies above the printed odds ratio 7.51" in text


def test_published_p_values_that_differ_are_marked(results: dict[str, Any]) -> None:
    """Exactly the p values that no rounding of the computed one gives carry the mark."""
    rows = page(results).table("Table 1.").rows
    marked = {row[8].split()[0] for row in rows if len(row) > 8 and row[8].endswith("≠")}
    assert marked == {"0.872", "0.132", "0.390", "0.269", "0.744", "0.098", "0.588"}


def test_rebuilt_records_are_labelled_at_every_table_and_figure(results: dict[str, Any]) -> None:
    """The label stands at the top, in each caption of data, and in both figures."""
    seen = page(results)
    captions = [table.caption for table in seen.tables if table.caption != "Input files"]
    assert captions
    assert all(caption.endswith("Rebuilt records") for caption in captions)
    figures = html_text(results, made_on=DAY).split("<figcaption")[1:]
    assert len(figures) == 2
    assert all("Rebuilt records" in part.split("</figcaption>")[0] for part in figures)
    assert "Rebuilt records. The records behind this report were rebuilt" in seen.text


@pytest.mark.parametrize(
    ("origin", "label"),
    [
        ("made", "Made-up records"),
        ("borrowed", "Origin of records: borrowed"),
        (None, "not stated"),
    ],
)
def test_no_origin_is_taken_for_real(
    results: dict[str, Any], origin: str | None, label: str
) -> None:
    """Made-up records, an unknown origin and one that is not stated are all labelled."""
    results["study"]["origin"] = origin
    assert label in page(results).text


def test_real_records_carry_no_label(results: dict[str, Any]) -> None:
    """A study's own records are not called anything else."""
    results["study"].update(origin="real", origin_note="")
    results["rebuild"], results["provenance"] = None, []
    text = page(results).text
    assert "Rebuilt records" not in text
    assert "Made-up" not in text


def test_the_scoreboard_lists_contradicted_numbers_with_their_arithmetic(
    results: dict[str, Any],
) -> None:
    """The contradicted numbers stand with the computed one and why; counts are those given."""
    seen = page(results)
    rows = seen.table("Published numbers that the records contradict").rows[1:]
    assert [row[1:3] for row in rows] == [["0.872", "0.172"], ["41.03", "1.03"]]
    assert "exp(2.0157" in rows[1][3]
    assert len(seen.table("All published numbers").rows) - 1 == results["scoreboard"]["published"]
    reasons = {row[0]: row[1] for row in seen.table("Numbers that are not recoverable").rows}
    assert (
        "Methods, setting 11: 11"
        in reasons["a laboratory or analysis setting, no result of patient records"]
    )


def test_a_scoreboard_that_does_not_add_up_says_so(results: dict[str, Any]) -> None:
    """A published number without a class is not passed over."""
    assert "do not add up" not in page(results).text
    results["scoreboard"]["published"] += 1
    assert "do not add up" in page(results).text


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'\"><svg/onload=alert(1)>",
    "</title></style></script><iframe src='http://example.org'>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "<!-- --><base href='http://example.org'>",
    "]]><x xmlns='http://www.w3.org/1999/xhtml'>",
    "$\\frac{1}{2}$ & <b>bold</b>",
    "bell\x07null\x00escape\x1b",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe",
]


def _poisoned(value: Any, text: str) -> Any:
    """Put an attack into every text that comes from a study, but for keys and known codes."""
    codes = {
        "id",
        "method",
        "kind",
        "level",
        "code",
        "by",
        "printed",
        "printed_p",
        "origin",
        "status",
    }
    codes |= {"name", "variable", "computed", "provenance", "records_loaded", "sha256"}
    if isinstance(value, dict):
        return {k: v if k in codes else _poisoned(v, text) for k, v in value.items()}
    if isinstance(value, list):
        return [_poisoned(item, text) for item in value]
    return f"{value} {text}" if isinstance(value, str) and value not in ("", "inf") else value


@pytest.fixture(scope="module")
def harmless_tags() -> list[str]:
    """Tags of the page without any attack."""
    return [tag for tag, _ in page(sample_results()).tags]


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_from_the_study_stays_text(
    results: dict[str, Any], harmless_tags: list[str], attack: str
) -> None:
    """No attack adds a tag, an attribute or an address; the page has the tags that it had."""
    seen = page(_poisoned(results, attack))
    drawn = {"text", "g"}  # a longer label takes more lines of the figure
    assert [tag for tag in harmless_tags if tag not in drawn] == [
        tag for tag, _ in seen.tags if tag not in drawn
    ]
    for tag, attributes in seen.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "action", "xlink:href", "srcset", "poster", "data"):
            address = attributes.get(name) or ""
            assert (
                address.startswith(("#", "data:,"))
                or (tag == "a" and address.startswith("https://doi.org/"))
                or not address
            )
    assert "\x00" not in seen.text
    assert ("7*7" in seen.text) == ("7*7" in attack)


def test_the_page_loads_nothing_and_forbids_loading(results: dict[str, Any]) -> None:
    """Beside links to references there is no address, and the policy forbids any load."""
    seen = page(results)
    policy = next(a["content"] for t, a in seen.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    for tag, attributes in seen.tags:
        if tag != "a":
            assert not any((value or "").startswith("http") for value in (
                attributes.get("src"), attributes.get("href")))  # fmt: skip
    assert "@import" not in html_text(results, made_on=DAY)
    assert "url(http" not in html_text(results, made_on=DAY)


def test_the_page_has_one_heading_landmarks_and_named_tables(results: dict[str, Any]) -> None:
    """One h1, one main, a named navigation; ids are unique; every table has a caption."""
    seen = page(results)
    tags = [tag for tag, _ in seen.tags]
    assert tags.count("h1") == 1
    assert tags.count("main") == 1
    assert [a["aria-label"] for t, a in seen.tags if t == "nav"] == ["Contents"]
    ids = [a["id"] for _, a in seen.tags if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"] for t, a in seen.tags if t == "a" and (a["href"] or "").startswith("#")]
    assert {link[1:] for link in links if link} <= set(ids)
    assert all(table.caption for table in seen.tables)
    assert all(a.get("scope") for t, a in seen.tags if t == "th")
    regions = [a for t, a in seen.tags if a.get("role") == "region"]
    assert len(regions) == len(seen.tables) + 2  # and the flow and the forest plot
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in regions)


def test_the_same_results_give_the_same_bytes(results: dict[str, Any], tmp_path: Path) -> None:
    """Nothing but the results and the given date enters the file."""
    write_html(results, tmp_path / "a.html", made_on=DAY)
    write_html(json.loads(json.dumps(results)), tmp_path / "b.html", made_on=DAY)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_report_that_fails_leaves_the_old_one(results: dict[str, Any], tmp_path: Path) -> None:
    """Results that cannot be read leave neither half a file nor a trace beside it."""
    path = tmp_path / "report.html"
    path.write_text("old")
    results["models"][0]["terms"][1]["odds_ratio"] = object()
    with pytest.raises(TypeError):
        write_html(results, path, made_on=DAY)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("models", "no final model, so there is no Table 2"),
        ("scoreboard", "no published paper to be compared with"),
        ("rebuild", "do not say how the records were made"),
        ("tables", "hold no table with rows"),
        ("screening", "no candidates were screened"),
        ("flow", "hold no flow of patients"),
        ("outcome", "no outcome was decided"),
        ("outcome_rule", "name no outcome rule"),
        ("missing", "do not say what was missing"),
        ("decisions", "hold no decisions"),
        ("manifest", "hold no manifest"),
        ("methods", "hold no methods paragraph"),
        ("provenance", "How the records were made"),
    ],
)
def test_a_missing_part_is_named_as_left_out(
    results: dict[str, Any], part: str, sentence: str
) -> None:
    """A report without one of its parts is made and says what it left out."""
    del results[part]
    assert sentence in page(results).text


def test_results_that_hold_nothing_still_give_a_page() -> None:
    """An empty mapping gives a page that names all that is left out, and labels the origin."""
    text = page({}).text
    assert text.count("Left out:") >= 9
    assert "Origin of records: not stated" in text


def test_a_table_without_rows_is_left_out_by_name(results: dict[str, Any]) -> None:
    """An empty table is named, and no empty table is drawn."""
    results["tables"][0]["sections"] = []
    seen = page(results)
    assert "has no rows" in seen.text
    assert not [table for table in seen.tables if table.caption.startswith("Table 1.")]


def test_a_model_that_could_not_be_fitted_says_why(results: dict[str, Any]) -> None:
    """The other method stays; the failed one has dashes with the reason."""
    for model in results["models"]:
        if model["method"] == "ml":
            model.update(error="3 terms for 2 events", terms=[])
    text = page(results).text
    assert "Maximum likelihood could not be fitted: 3 terms for 2 events" in text
    assert "not fitted: 3 terms for 2 events" in text
    for model in results["models"]:
        model.update(error="no events", terms=[])
    seen = page(results)
    assert "Firth could not be fitted: no events" in seen.text
    assert not [table for table in seen.tables if table.caption.startswith("Table 2.")]


def test_separation_prints_infinity_and_why_wald_is_missing(results: dict[str, Any]) -> None:
    """An infinite odds ratio is printed as such, its Wald family as a dash with the reason."""
    model = results["models"][0]
    model["separation"] = {"kind": "quasi-complete", "directions": {"sex=male": 1}}
    model["terms"][1].update(
        b="inf",
        se=None,
        odds_ratio="inf",
        ci={"wald": None, "profile": {"low": 2.1, "high": "inf", "level": 0.95, "method": ""}},
        p={"wald": None, "lrt": 0.0069},
    )
    seen = page(results)
    rows = seen.table("Table 2.").rows
    assert rows[2][:5] == ["Male sex", "Wald", "∞", "–", "–"]
    assert rows[3][1:3] == ["2.10–∞", "0.007"]
    assert "quasi-complete: Male sex runs to +∞" in seen.text
    assert "an infinite odds ratio has no standard error" in seen.text


def test_a_group_of_size_0_has_dashes_and_a_sentence(results: dict[str, Any]) -> None:
    """A group without patients has no numbers; the report says so instead of dividing by 0."""
    table = results["tables"][0]
    table["groups"][1]["n"] = 0
    for section in table["sections"]:
        for row in section["rows"]:
            row["p"], row["warnings"] = None, ["nobody is in one of the groups"]
            if row["kind"] == "yes_no":
                row["counts"]["refractory"] = {"n": 0, "of": 0, "percent": None, "missing": 0}
            elif row["kind"] == "number":
                row["counts"]["refractory"] = dict.fromkeys(
                    ("mean", "sd", "median", "q1", "q3", "min", "max")
                ) | {"n": 0, "missing": 0}
            else:
                row["counts"]["refractory"] = {"of": 0, "missing": 0, "levels": []}
    seen = page(results)
    lines = {row[0]: row for row in seen.table("Table 1.").rows}
    assert lines["Male sex"][3:5] == ["–", "–"]
    assert lines["Male sex"][7] == "–"
    assert lines["Age at onset, years"][2] == "–"
    assert "nobody is in the group “Refractory”" in seen.text


def test_the_sd_of_one_value_is_a_dash_with_its_reason(results: dict[str, Any]) -> None:
    """One value has a mean and no SD."""
    age = results["tables"][0]["sections"][0]["rows"][0]
    age["counts"]["refractory"].update(n=1, sd=None)
    seen = page(results)
    lines = {row[0]: row for row in seen.table("Table 1.").rows}
    assert lines["Age at onset, years"][2] == "50.8 ± –"
    assert "the SD of fewer than two values does not exist" in seen.text


def test_missing_values_show_the_denominator(results: dict[str, Any]) -> None:
    """A count with missing values is printed with the number that has a value."""
    row = results["tables"][0]["sections"][1]["rows"][0]
    row["counts"]["refractory"] = {"n": 9, "of": 12, "percent": 75.0, "missing": 1}
    lines = {line[0]: line for line in page(results).table("Table 1.").rows}
    assert lines["Interstitial lung disease"][3:5] == ["9/12", "75.0"]
