"""Markdown, HTML and LaTeX marks around the text, ragged rows and merged cells (made numbers)."""

from __future__ import annotations

import pytest

from myocohort.papers.draft.characters import cell_text, clean, without_formulas
from myocohort.papers.draft.document import Paragraph
from myocohort.papers.draft.lines import plain

RAGGED = """Table 1 Values

Name | A | B
:--- | ---: | :---:
**x \\| y** | 22 (81.5) | *0.03*\\*
short | 3
| long | 1 | 2 | 3 |
| empty | 4 | 5 | |
Section
| [link](http://a.b/c_(d)) | <sub>1</sub> | 10<sup>3</sup> |
"""


def test_ragged_rows_are_listed_not_dropped(written, tables):
    """Missing cells are added at the end, a longer row is left out, and both are listed."""
    document = written(RAGGED, "a.md")
    (table,) = tables(document)
    assert table.head == (("Name", "A", "B"),)
    assert table.rows[:3] == (
        ("x | y", "22 (81.5)", "0.03*"),
        ("short", "3", ""),
        ("empty", "4", "5"),
    )
    assert [unread.text for unread in document.unread] == ["short | 3", "long | 1 | 2 | 3"]
    assert [unread.place for unread in document.unread] == ["Table 1, row 3", "Table 1, row 4"]


def test_headings_emphasis_and_captions_below(written, tables):
    """Marked headings give the sections; a caption under a table without one belongs to it."""
    document = written(
        "# A made paper\n\n## 2. Methods\n\nSome *text* with **bold**, `code` and\n[a link](x).\n\n"
        "### Muscle MRI\n\n- one\n- two\n\nResults\n=======\n\n"
        "| A | B |\n|---|---|\n| x | 1 |\n\n**Table 1.** Under it\n",
        "a.md",
    )
    assert document.title == "A made paper"
    assert document.blocks[:3] == (
        Paragraph("Methods", "Some text with bold, code and a link."),
        Paragraph("Methods, Muscle MRI", "one"),
        Paragraph("Methods, Muscle MRI", "two"),
    )
    (table,) = tables(document)
    assert (table.label, table.caption) == ("Table 1", "Under it")
    assert document.unread == ()


def test_html_with_omitted_tags_scripts_and_entities(written, tables):
    """End tags may be left out; scripts, styles and comments are no text; entities are."""
    document = written(
        "<html><head><script>var a = 1 < 2;</script><style>p {}</style></head><body>"
        "<h1>A made paper</h1><h2>Results</h2><p>P<0.05 &amp; 3&nbsp;&plusmn;&nbsp;1<!-- no -->,"
        " 4<sup>2</sup>, x<sub>1</sub>, CD4<sup>+</sup>"
        "<table><caption>Table 1: Made</caption><tr><th>V<th colspan=2>A<tr><td>a"
        "<td rowspan=2>1<td>2<sup>*</sup><tr><td>b<td>3<sup>1</sup></table>after",
        "a.html",
    )
    assert document.title == "A made paper"
    (table,) = tables(document)
    assert (table.label, table.caption) == ("Table 1", "Made")
    assert table.head == (("V", "A", "A"),)
    assert table.rows == (("a", "1", "2*"), ("b", "1", "3^1"))
    texts = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    assert texts == ["P<0.05 & 3 ± 1, 4^2, x1, CD4⁺ after"]


def test_spans_without_bounds_are_cut(written, tables):
    """A cell that claims millions of columns or rows does not fill the memory."""
    document = written(
        "<html><table><tr><td>a</td><td rowspan=0>7</td><td rowspan='99999999'>1</td></tr>"
        "<tr><td>b</td></tr><tr><td colspan=999999999>5</td></tr></table></html>",
        "a.html",
    )
    (table,) = tables(document)
    assert len(table.rows[0]) <= 200
    assert (table.head + table.rows)[1][:3] == ("b", "7", "1")


def test_a_table_within_a_table_of_the_page(written, tables):
    """A table that only lays out the page is no table of the paper."""
    document = written(
        "<html><table><tr><td>menu</td><td><table><tr><th>A</th><th>B</th></tr>"
        "<tr><td>x</td><td>1</td></tr></table></td></tr></table></html>",
        "a.html",
    )
    (table,) = tables(document)
    assert table.head + table.rows == (("A", "B"), ("x", "1"))


def test_short_html_rows_are_listed(written):
    """A row that lacks cells is filled up and listed; one cell alone names a section."""
    document = written(
        "<html><table><tr><th>A</th><th>B</th><th>C</th></tr><tr><td>Signs</td></tr>"
        "<tr><td>x</td><td>1</td></tr></table></html>",
        "a.html",
    )
    assert [unread.text for unread in document.unread] == ["x | 1"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("$P < 0.001$", "P < 0.001"),
        (r"$0.27 \pm 0.14$ and \(n \geq 3\)", "0.27 ± 0.14 and n ≥ 3"),
        (r"(${\times 400}$)", "(× 400)"),
        (r"CD68$^{+}$ $10^{3}$ $0.02^{a}$ $\mathrm{CD4}^+$", "CD68⁺ 10^3 0.02^a CD4⁺"),
        (r"$\frac{1}{2}$, 4 $^{\circ}$C, $\chi^2$, $81.5\%$", "1/2, 4 °C, χ^2, 81.5%"),
        ("it costs $500 and $600", "it costs $500 and $600"),
        ("$5-$10", "$5-$10"),
        ("2011[419]). **a, b** 0.022* 0.036* *P<0.05", "2011[419]). a, b 0.022* 0.036* *P<0.05"),
        (r"0.03\* a_1 snake_case_name <http://x.y>", "0.03* a_1 snake_case_name http://x.y"),
        ("0.022<sup>a</sup> P<0.05 &lt;1 ![p](x.png)", "0.022^a P<0.05 <1 "),
        ("*P<0.05, **P<0.01, ***P<0.001", "*P<0.05, **P<0.01, ***P<0.001"),
    ],
)
def test_marks_are_taken_out(raw, text):
    """Formulas, emphasis, links and tags go; stars that mark significance and money stay."""
    assert plain(raw) == text.strip() or plain(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("0·05 and 3·10^5", "0.05 and 3·10^5"),
        ("−0.4, 1.5−2.5", "-0.4, 1.5–2.5"),
        ("ef\ufb01cacy of \ufb02ow, 3\u00a0±\u20091", "efficacy of flow, 3 ± 1"),
        ("lym\u00ad\nphocyte non\u2011refractory", "lymphocyte non-refractory"),
        ("± – ≤ ≥ × ½ ⁺ stay", "± – ≤ ≥ × ½ ⁺ stay"),
        ("a\r\nb\rc\u200b", "a\nb\nc"),
    ],
)
def test_one_spelling(raw, text):
    """Spaces, minus signs, raised points, ligatures and soft hyphens have one spelling."""
    assert clean(raw) == text


def test_a_negative_number_in_a_cell():
    """A dash right before a cell's number is its minus sign; alone it stays a dash."""
    assert cell_text(" –0.40 ") == "-0.40"
    assert cell_text("–") == "–"
    assert without_formulas("no formula") == "no formula"
