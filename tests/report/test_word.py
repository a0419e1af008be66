"""The report as a Word document: its numbers, its form, and what it does with awkward input."""

from __future__ import annotations

import base64
import copy
import io
import re
import time
import zipfile
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Cm
from parsed import Word
from sample import validated

from myocohort.report.figures import NumberedFigure
from myocohort.report.manuscript.word import word_bytes, write_word

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
# Of the wording itself: level of significance, "Table 1", "Table S4", "Figure 1", an ideal slope.
OF_THE_WORDING = {"0.05", "1", "2", "3", "4", "0"}

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


@pytest.fixture
def drawn() -> None:
    """Have the real figure drawn, which takes most of the time of a document."""


@pytest.fixture(autouse=True)
def _quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a dot in the place of the figure where a test does not look at it."""
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr(NumberedFigure, "png", DOT)


def rounded(value: float | str, decimals: int) -> str:
    """Round by the rule of the documentation, written a second time on purpose."""
    text = str(Decimal(str(value)).quantize(Decimal(10) ** -decimals, ROUND_HALF_UP))
    return text.replace("-", "−")


def rounded_p(p: float) -> str:
    """Round a p value by the same rule."""
    return "<0.001" if p < 0.001 else rounded(p, 3)


def leaves(value: Any) -> Iterator[Any]:
    """Yield every number and text of the results, and the length of every list."""
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        yield len(value)
        for part in value:
            yield from leaves(part)
    elif value is not None and not isinstance(value, bool):
        yield value


def roundings(results: dict[str, Any]) -> set[str]:
    """Return every text that a number of the results can be printed as."""
    found = set(OF_THE_WORDING)
    for leaf in leaves(results):
        if isinstance(leaf, str):
            found |= set(NUMBER.findall(leaf))
            continue
        for decimals in range(4):
            for value in (abs(leaf), 100 * abs(leaf)):  # a share as percentage
                text = rounded(value, decimals)
                found |= {text, text.rstrip("0").rstrip(".") if "." in text else text}
        found.add(f"{round(leaf):,}")
        if 0 < leaf < 0.001:
            found.add("0.001")
    return found


def test_every_number_of_table_1_is_the_rounding_of_a_result(results: dict[str, Any]) -> None:
    """Counts, percentages, p and published p of each yes-no row stand in its line."""
    lines = {row[0]: row for row in Word(word_bytes(results)).table("Table 1.").rows}
    checked = 0
    for row in results["table1"]:
        if row["kind"] != "yes_no":
            continue
        shares = (*row["counts"].values(), row["total"])
        line = lines[row["label"]]
        assert line[1:4] == [f"{s['n']} ({rounded(s['percent'], 1)})" for s in shares]
        assert line[4] == rounded_p(row["p"])
        assert line[5].removesuffix(" ≠") == row["printed_p"]
        assert line[6] == row["provenance"]
        checked += 1
    assert checked == 19
    assert lines["Age at onset, years"][1:5] == [
        "37.3 ± 18.1",
        "50.8 ± 15.8",
        "41.7 ± 18.3",
        "0.029",
    ]
    assert lines["Subacute"][1:4] == ["14 (53.8)", "5 (41.7)", "19 (50.0)"]
    assert {label for label, line in lines.items() if "≠" in line[-2:][0]} == {
        row["label"]
        for row in results["table1"]
        if row["printed_p"] in {"0.872", "0.132", "0.390", "0.269", "0.744", "0.098", "0.588"}
    }


def test_every_number_of_table_2_is_the_rounding_of_a_result() -> None:
    """Maximum likelihood, Firth and exact stand side by side, a family of interval and p a row."""
    results = validated()
    rows = Word(word_bytes(results)).table("Table 2.").rows
    assert rows[0][2:] == ["Maximum likelihood", "Firth", "Exact conditional", "As published"]
    models = {m["method"]: m for m in results["models"] if m["id"] == "final"}
    for i, term in enumerate(models["ml"]["terms"][1:]):
        first, second = rows[2 + 2 * i], rows[3 + 2 * i]
        assert first[:2] == [term["label"], "Wald; exact tails"]
        assert second[:2] == ["", "Likelihood; exact score"]
        for j, key in enumerate(("ml", "firth")):
            fit = models[key]["terms"][i + 1]
            assert first[2 + 2 * j : 4 + 2 * j] == _family(fit, "wald", "wald")
            assert second[2 + 2 * j : 4 + 2 * j] == _family(fit, "profile", "lrt")
        exact = models["exact"]["terms"][i]
        assert first[6:8] == _family(exact, "exact", "twice_one_sided")
        assert second[6:8] == ["–", rounded_p(exact["p"]["score"])]
        printed = term["printed"]
        assert first[8].replace(" ≠", "") == (
            f"{printed['odds_ratio']} ({printed['low']}–{printed['high']})"
        )
    assert "41.03 ≠" in rows[4][8]


def _family(term: dict[str, Any], interval: str, p: str) -> list[str]:
    limits = term["ci"][interval]
    low, high = (rounded(limits[end], 2) for end in ("low", "high"))
    return [f"{rounded(term['odds_ratio'], 2)} ({low}–{high})", rounded_p(term["p"][p])]


def test_no_number_of_the_document_comes_from_elsewhere() -> None:
    """Every number in text and tables is the rounding of a number of the results."""
    results = validated()
    known = roundings(results)
    text = Word(word_bytes(results)).text
    unknown = [number for number in NUMBER.findall(text) if number not in known]
    assert unknown == []
    assert len(NUMBER.findall(text)) > 400


def test_screening_and_validation_are_tables_too() -> None:
    """The tables behind Table 2 are numbered S1, S2, ...; screening has each candidate's p."""
    results = validated()
    word = Word(word_bytes(results))
    captions = [re.split(r"(?<=\d)\.", table.caption)[0] for table in word.tables]
    behind = [f"Table S{number}" for number in range(1, len(captions) - 1)]
    assert captions == ["Table 1", "Table 2", *behind]
    lines = {row[0]: row for row in word.table("Table S1.").rows}
    for row in results["screening"]["rows"]:
        assert lines[row["label"]][1] == rounded_p(row["p"])
    measures = {row[0]: row for row in word.table("Table S3.").rows[2:6]}
    assert measures["calibration slope"][1:4] == ["1.20–∞", "0.10–0.50", "0.70–1.10"]
    contradicted = word.table(f"{behind[-1]}.").rows[1:]
    assert [row[1:3] for row in contradicted] == [["0.872", "0.172"], ["41.03", "1.03"]]


def test_heading_rows_repeat_and_no_row_breaks(results: dict[str, Any]) -> None:
    """Word is told to repeat the headings on every page, and not to split a row over two."""
    document = Document(io.BytesIO(word_bytes(results)))
    for table, heads in zip(document.tables, (1, 2, 1, 2, 1, 1, 1), strict=True):
        for place, row in enumerate(table.rows):
            properties = row._tr.trPr
            assert (properties.find(qn("w:tblHeader")) is not None) == (place < heads)
            assert properties.find(qn("w:cantSplit")) is not None
        assert not list(table._tbl.iter(qn("w:vMerge")))


def test_tables_fit_their_pages_of_a4() -> None:
    """All pages are A4, and no table is wider than what lies between its page's margins."""
    results = validated()
    for group in results["tables"][0]["groups"]:
        group["label"] = "A group with a name of many words " * 6
    document = Document(io.BytesIO(word_bytes(results)))
    for section in document.sections:
        long = section.orientation == WD_ORIENT.LANDSCAPE
        sizes = [round(side.cm, 1) for side in (section.page_width, section.page_height)]
        assert sizes == ([29.7, 21.0] if long else [21.0, 29.7])
    for table in document.tables:
        width = sum(column.width for column in table.columns)
        assert width <= Cm(25.7) + len(table.columns) * Cm(0.01)
    assert {s.orientation for s in document.sections} == {
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
    }


def test_styles_have_their_names(results: dict[str, Any]) -> None:
    """Headings, captions, tables and notes use named styles; tables derive from Table Grid."""
    document = Document(io.BytesIO(word_bytes(results)))
    used = {p.style.name for p in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Caption", "Table Note", "Record Note",
            "List Number", "Normal", "Figure"} <= used  # fmt: skip
    assert {table.style.name for table in document.tables} == {"Journal Table"}
    assert document.styles["Journal Table"].base_style.name == "Table Grid"
    languages = {e.get(qn("w:val")) for e in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"en-GB"}
    feet = document.sections[0].footer._element
    fields = [field.get(qn("w:instr")) for field in feet.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


@pytest.mark.usefixtures("drawn")
def test_the_forest_plot_stands_with_legend_and_text_alternative(results: dict[str, Any]) -> None:
    """The picture is a PNG at 300 dots an inch of the drawing that the other documents have."""
    results["flow"] = []  # whose drawing is the other figure of the sample
    content = word_bytes(results)
    document = Document(io.BytesIO(content))
    (shape,) = document.inline_shapes
    assert shape.width <= Cm(17) + 1
    assert "Forest plot" in shape._inline.docPr.get("descr")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = [name for name in archive.namelist() if name.startswith("word/media")]
        picture = archive.read(name)
    assert picture.startswith(b"\x89PNG")
    width = int.from_bytes(picture[16:20])
    assert width == round(7.6 * 300)
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert captions[-1].startswith("Figure 1. Odds ratios of the final model by each method.")


def test_rebuilt_records_are_labelled_wherever_they_are_shown(results: dict[str, Any]) -> None:
    """The note stands under the title, the label in every caption and at the head of each page."""
    word = Word(word_bytes(results))
    assert word.texts[2].startswith("Rebuilt records. The records behind this report were rebuilt")
    captions = [p.text for p in word.document.paragraphs if p.style.name == "Caption"]
    assert len(captions) == 9  # seven tables, the flow and the forest plot
    assert all(caption.endswith("[Rebuilt records]") for caption in captions)
    for section in word.document.sections:
        assert section.header.paragraphs[0].text == "Rebuilt records."


@pytest.mark.parametrize(
    ("origin", "label"),
    [("made", "Made-up records"), (None, "Origin of records: not stated"), ("real", "")],
)
def test_no_origin_is_taken_for_real_in_word(
    results: dict[str, Any], origin: str | None, label: str
) -> None:
    """Made-up records and an origin that is not stated are labelled; real records are not."""
    results["study"].update(origin=origin, origin_note="")
    results["rebuild"], results["provenance"] = None, []
    word = Word(word_bytes(results))
    captions = [p.text for p in word.document.paragraphs if p.style.name == "Caption"]
    assert all(caption.endswith(f"[{label}]") == bool(label) for caption in captions)
    assert ("records" in word.texts[2]) == bool(label)


def test_properties_name_no_person_and_no_machine(results: dict[str, Any]) -> None:
    """Author is the program, the dates are when the records were loaded, nothing else is told."""
    content = word_bytes(results)
    properties = Document(io.BytesIO(content)).core_properties
    assert (properties.author, properties.last_modified_by) == ("Myocohort", "Myocohort")
    assert (properties.language, properties.comments, properties.revision) == ("en", "", 1)
    assert properties.title == results["study"]["title"]
    assert properties.created == properties.modified
    assert properties.created.isoformat() == "2026-11-22T09:30:00+00:00"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "docProps/thumbnail.jpeg" not in archive.namelist()
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert not {word for word in (b"python-docx", b"Macintosh") if word in everything}


@pytest.mark.usefixtures("drawn")
def test_the_same_results_give_the_same_document(
    results: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the clock says, the bytes are the same; the file is written whole."""
    path = tmp_path / "report.docx"
    write_word(results, path)
    first = path.read_bytes()
    later = time.localtime(time.time() + 1e6)
    monkeypatch.setattr(time, "localtime", lambda *_: later)
    assert word_bytes(copy.deepcopy(results)) == first
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 22, 9, 30, 0)}
    assert [file.name for file in tmp_path.iterdir()] == ["report.docx"]


ATTACKS = [
    '<w:p><b>bold</b> & "x" ]]> &amp;',
    "bell\x07null\x00escape\x1b tab\tline\nend",
    "W" * 200,
    "many words " * 20,
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe\N{LEFT-TO-RIGHT ISOLATE}",
    "حثل عضلي (MRC 1-2)",
    "חולשת שרירים",
    "筋炎 の 再発",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_awkward_names_stay_text(text: str) -> None:
    """Markup, control characters, long words and other scripts are shown as they are written."""
    results = validated()
    results["study"].update(title=text * 3, citation=text)
    table = results["tables"][0]
    table["title"] = text
    table["groups"][0]["label"] = text
    table["sections"][0]["heading"] = text
    table["sections"][0]["rows"][2]["label"] = text
    results["screening"]["rows"][0]["label"] = text
    for model in results["models"]:
        for term in model["terms"]:
            term["label"] = text
    word = Word(word_bytes(results))
    shown = text.translate({7: "�", 0: "�", 27: "�", 9: " ", 10: " ", 0x202E: "", 0x2066: ""})
    shown = " ".join(shown.split())
    labels = [row[0] for table in word.tables for row in table.rows]
    assert labels.count(shown) >= 4
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", word.text)


def test_text_from_right_to_left_is_set_so(results: dict[str, Any]) -> None:
    """A title in Arabic is a paragraph from right to left, with its Latin part the other way."""
    results["study"]["title"] = "حثل عضلي MRC"
    title = Document(io.BytesIO(word_bytes(results))).paragraphs[0]
    assert title._p.pPr.find(qn("w:bidi")) is not None
    assert [run.font.rtl for run in title.runs] == [True, None]
    assert title.runs[1].text.strip("\N{LEFT-TO-RIGHT MARK}") == "MRC"


def test_the_methods_and_references_are_those_of_the_results() -> None:
    """Every paragraph of the methods and every reference stands in the document as it is."""
    results = validated()
    texts = Word(word_bytes(results)).texts
    for paragraph in (*results["methods"], *results["references"]):
        assert paragraph in texts


def test_what_limits_the_numbers_is_listed() -> None:
    """Warnings, refusals and how far the records are determined are items of the limits."""
    results = validated()
    document = Document(io.BytesIO(word_bytes(results)))
    items = [p.text for p in document.paragraphs if p.style.name == "List Bullet"]
    assert any(item.startswith("The sizes of the eight patterns") for item in items)
    assert any("fewer than 10 events per variable" in item for item in items)
    assert any("could not be fitted; more than the budget" in item for item in items)


def test_results_that_hold_nothing_still_give_a_document() -> None:
    """An empty mapping gives a document that names all that is left out, and labels the origin."""
    word = Word(word_bytes({}))
    assert word.tables == []
    assert word.text.count("Left out:") >= 9
    assert "Origin of records: not stated" in word.text
    assert "no forest plot" in word.text


def test_without_a_model_there_is_no_table_2(results: dict[str, Any]) -> None:
    """Models that could not be fitted leave their reason, and neither table nor figure."""
    for model in results["models"]:
        model.update(error="no events", terms=[])
    results["flow"] = []
    word = Word(word_bytes(results))
    assert not [table for table in word.tables if table.caption.startswith("Table 2")]
    assert "Left out: Maximum likelihood could not be fitted: no events" in word.text
    assert not word.document.inline_shapes


def test_a_method_that_failed_has_no_columns_but_a_reason(results: dict[str, Any]) -> None:
    """The other method stays; why the first has no numbers is a note of the table."""
    for model in results["models"]:
        if model["method"] == "ml":
            model.update(error="3 terms for 2 events", terms=[])
    word = Word(word_bytes(results))
    assert word.table("Table 2.").rows[0][2:] == ["Firth", "As published"]
    assert "Maximum likelihood could not be fitted: 3 terms for 2 events." in word.text


def test_an_infinite_odds_ratio_says_why_wald_is_missing(results: dict[str, Any]) -> None:
    """Infinity is printed as such, and its dashes have a note with the reason."""
    results["models"][0]["terms"][1].update(
        b="inf",
        se=None,
        odds_ratio="inf",
        ci={"wald": None, "profile": {"low": 2.1, "high": "inf", "level": 0.95, "method": ""}},
        p={"wald": None, "lrt": 0.0069},
    )
    word = Word(word_bytes(results))
    rows = word.table("Table 2.").rows
    assert rows[2][2:4] == ["∞", "–"]
    assert rows[3][2:4] == ["∞ (2.10–∞)", "0.007"]
    assert "a An infinite odds ratio has no standard error" in word.text


def test_a_row_without_p_says_so(results: dict[str, Any]) -> None:
    """A dash stands for the p value, and the limits say why there is none."""
    row = results["tables"][0]["sections"][1]["rows"][0]
    row["p"], row["warnings"] = None, ["nobody has it"]
    word = Word(word_bytes(results))
    lines = {line[0]: line for line in word.table("Table 1.").rows}
    assert lines["Interstitial lung disease"][4] == "–"
    assert "Interstitial lung disease: no p value was computed; nobody has it." in word.text


def test_an_empty_group_has_dashes_and_a_sentence(results: dict[str, Any]) -> None:
    """A group of nobody has no numbers; the note under the table says so."""
    table = results["tables"][0]
    table["groups"][1]["n"] = 0
    for section in table["sections"]:
        for row in section["rows"]:
            if row["kind"] == "yes_no":
                row["counts"]["refractory"] = {"n": 0, "of": 0, "percent": None, "missing": 0}
    word = Word(word_bytes(results))
    lines = {line[0]: line for line in word.table("Table 1.").rows}
    assert lines["Male sex"][2] == "–"
    assert "Nobody is in the group “Refractory”" in word.text
    assert "No patient of this group has a value." in word.text


def test_missing_values_are_counted_under_table_1(results: dict[str, Any]) -> None:
    """The note names each row with missing values and how many; without any it says so."""
    assert "Missing values: Course 2; none of the others." in Word(word_bytes(results)).text
    for section in results["tables"][0]["sections"]:
        for row in section["rows"]:
            row["n_missing"] = 0
    assert "No value is missing." in Word(word_bytes(results)).text


def test_outcomes_over_time_have_tables_and_figures() -> None:
    """Numbers at risk, shares and hazard ratios are those of the results; curves are drawn."""
    results = validated()
    word = Word(word_bytes(results))
    for one in results["courses"]["times"]:
        groups = [group for group in one["groups"] if group["n"]]
        if groups:
            (table,) = [t for t in word.tables if f". {one['title']}: patients at" in t.caption]
            at_risk = [row[1:] for row in table.rows if row[0] == "At risk"]
            assert at_risk == [[str(at["at_risk"]) for at in group["at"]] for group in groups]
        terms = [term for model in one["models"] for term in model["terms"]]
        if terms:
            (table,) = [t for t in word.tables if f". {one['title']}: hazard" in t.caption]
            ratios = [row[2] for row in table.rows[2:]]
            assert ratios == [rounded(term["hazard_ratio"], 2) for term in terms]
    drawn = sum(bool(one["events"]) for one in results["courses"]["times"])
    assert len(word.document.inline_shapes) >= 1 + drawn
