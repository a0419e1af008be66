"""The reference paper's tables, written by hand in other formats, and random grids in all."""

from __future__ import annotations

import html
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.papers.draft.reading import read_document

GROUPED = (
    ("", "Non-refractory (27)", "Non-refractory (27)", "Refractory (13)", "Refractory (13)", "P"),
    ("", "Total(n)", "Proportion(%)", "Total(n)", "Proportion(%)", "P"),
    ("Clinical syndromes", "", "", "", "", ""),
    ("Gender(male: female)", "5:22", "18.5", "6:7", "46.2", "0.067"),
    ("Weight lost", "11", "40.7", "10", "76.9", "0.032"),
)
CELLS = """<thead><tr><th rowspan="2"></th><th colspan="2">Non-refractory (27)</th>
<th colspan="2">Refractory (13)</th><th rowspan="2"><italic>P</italic></th></tr>
<tr><th>Total(n)</th><th>Proportion(%)</th><th>Total(n)</th><th>Proportion(%)</th></tr></thead>
<tbody><tr><td colspan="6"><bold>Clinical syndromes</bold></td></tr>
<tr><td>Gender(male: female)</td><td>5:22</td><td>18.5</td><td>6:7</td><td>46.2</td>
<td>0.067</td></tr>
<tr><td>Weight lost</td><td>11</td><td>40.7</td><td>10</td><td>76.9</td><td>0.032</td></tr>
</tbody>"""
WRITTEN = {
    "paper.md": """Table 1: Clinical indicators

| | Non-refractory (27) | | Refractory (13) | | *P* |
|---|---:|---:|---:|---:|---:|
| | Total(n) | Proportion(%) | Total(n) | Proportion(%) | |
| **Clinical syndromes** | | | | | |
| Gender(male: female) | 5:22 | 18.5 | 6:7 | 46.2 | 0.067 |
| Weight lost | 11 | 40.7 | 10 | 76.9 | 0.032 |

ILD, interstitial lung disease
""",
    "mineru.md": f"""Table 1 Clinical indicators

<html><body><table>{CELLS.replace("italic", "i").replace("bold", "b")}</table></body></html>

ILD, interstitial lung disease
""",
    "paper.html": f"""<!DOCTYPE html><html><body><p><b>Table 1</b> Clinical indicators</p>
<table>{CELLS.replace("italic", "em").replace("bold", "strong")}</table>
<p>ILD, interstitial lung disease</p></body></html>""",
    "caption.html": f"""<html><body><table><caption>Table 1. Clinical indicators</caption>
{CELLS.replace("italic", "em").replace("bold", "strong")}</table>
<p>ILD, interstitial lung disease</p></body></html>""",
    "paper.nxml": f"""<article><body><sec><title>Results</title><table-wrap>
<label>Table 1</label><caption><p>Clinical indicators</p></caption><table>{CELLS}</table>
<table-wrap-foot><p>ILD, interstitial lung disease</p></table-wrap-foot></table-wrap>
</sec></body></article>""",
    "tabs.txt": """Table 1 Clinical indicators

\tNon-refractory (27)\t\tRefractory (13)\t\tP
\tTotal(n)\tProportion(%)\tTotal(n)\tProportion(%)\t
Clinical syndromes
Gender(male: female)\t5:22\t18.5\t6:7\t46.2\t0.067
Weight lost\t11\t40.7\t10\t76.9\t0.032

ILD, interstitial lung disease
""",
    "lines.txt": """Table 1 Clinical indicators

Non-refractory (27) Refractory (13) P

Total(n) Proportion(%) Total(n) Proportion(%)

Clinical syndromes

Gender(male: female) 5:22 18.5 6:7 46.2 0.067

Weight lost 11 40.7 10 76.9 0.032

ILD, interstitial lung disease
""",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_table_in_every_format(name, written, tables):
    """A table with merged headings and a section row is the same grid in every format."""
    document = written(WRITTEN[name], name)
    (table,) = tables(document)
    assert (table.label, table.caption) == ("Table 1", "Clinical indicators")
    assert table.head + table.rows == GROUPED
    assert len(table.head) == 2
    assert table.notes == ("ILD, interstitial lung disease",)
    assert document.unread == ()


NUMBER = st.one_of(
    st.integers(0, 500).map(str),
    st.decimals(0, 100, places=1).map(str),
    st.decimals(0, 1, places=3).map(lambda p: f"{p}*"),
    st.tuples(st.integers(0, 90), st.decimals(0, 100, places=1)).map(lambda p: f"{p[0]} ({p[1]})"),
    st.tuples(*[st.decimals(0, 60, places=2)] * 2).map(lambda p: f"{p[0]} ± {p[1]}"),
    st.tuples(*[st.decimals(0, 60, places=2)] * 2).map(lambda p: f"{p[0]}–{p[1]}"),
    st.sampled_from(["<0.001", "NS", "-", "5:22", "0.03^a"]),
)
WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=8).filter(
    lambda word: word not in ("note", "notes", "key", "legend", "data", "ref", "reference")
)
LABEL = st.lists(WORD, min_size=1, max_size=3).map(lambda words: " ".join(words).capitalize())


@st.composite
def grids(draw):
    """Make a head and rows of a label and values."""
    width = draw(st.integers(2, 6))
    head = ("Variable", *(f"Column {place}" for place in "abcdef"[: width - 1]))
    rows = [
        (draw(LABEL), *(draw(NUMBER) for _ in range(width - 1)))
        for _ in range(draw(st.integers(2, 6)))
    ]
    return (head, *rows)


def as_pipes(rows):
    """Write a grid as a Markdown table."""
    lines = ["| " + " | ".join(row).replace("*", r"\*") + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def as_elements(rows):
    """Write a grid as the table of HTML and JATS."""

    def row(cells, kind):
        inside = "".join(f"<{kind}>{html.escape(cell)}</{kind}>" for cell in cells)
        return f"<tr>{inside}</tr>"

    body = "".join(row(cells, "td") for cells in rows[1:])
    return f"<table><thead>{row(rows[0], 'th')}</thead><tbody>{body}</tbody></table>"


WRITERS = {
    "a.md": lambda rows: f"Table 1 Values\n\n{as_pipes(rows)}\n",
    "a.html": lambda rows: f"<html><body><p>Table 1 Values</p>{as_elements(rows)}</body></html>",
    "a.xml": lambda rows: (
        "<article><body><table-wrap><label>Table 1</label><caption><p>Values</p></caption>"
        f"{as_elements(rows)}</table-wrap></body></article>"
    ),
    "a.txt": lambda rows: "Table 1 Values\n\n" + "\n".join("\t".join(row) for row in rows) + "\n",
}


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=60)
@given(rows=grids())
def test_a_random_grid_comes_back(name, rows):
    """Whatever the values, a grid that was written in a format is read as the same grid."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(WRITERS[name](rows), encoding="utf-8")
        document = read_document(path)
    (table,) = document.blocks
    assert (table.head + table.rows, table.caption) == (rows, "Values")
    assert document.unread == ()


@settings(max_examples=60)
@given(rows=grids())
def test_random_rows_without_columns_are_never_misplaced(rows):
    """Rows that were run together come back whole, or are listed, but never in other columns."""
    text = "Table 1 Values\n\n" + "\n\n".join(" ".join(row) for row in rows) + "\n"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_text(text, encoding="utf-8")
        document = read_document(path)
    found = [row for block in document.blocks for row in getattr(block, "rows", ())]
    listed = " ".join(unread.text for unread in document.unread)
    for row in rows[1:]:
        assert row in found or " ".join(row) in listed or len(rows[0]) == 2, (found, listed)


PIECES = st.sampled_from(
    ["Table 1 Values", "Results", "Fig. 1 A", "| a | b |", "|---|---|", "a\t1", "\t\t", "", "\f",
     "Age 3 4 0.5", "Sex 1 - 2 - 3", "3 months 5", "<table><tr><td>1", "</table>", "*P<0.05",
     "# H", "===", "the text of", "- x", "($P < 0.1$)", "A (n = 3) B (n = 4) P", " 7 (8)", "12"]
)  # fmt: skip


@settings(max_examples=150)
@given(lines=st.lists(PIECES, max_size=14), name=st.sampled_from(["a.txt", "a.html"]))
def test_no_order_of_lines_ends_in_an_error_of_its_own(lines, name):
    """Pieces of papers in any order are read; every table is an even grid."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text("x\n" + "\n".join(lines), encoding="utf-8")
        document = read_document(path)
    for block in document.blocks:
        grid = (*getattr(block, "head", ()), *getattr(block, "rows", ()))
        assert len({len(row) for row in grid}) <= 1
