"""The tables as LaTeX: their numbers, and text that TeX cannot take for a command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsed import Word
from sample import validated

from myocohort.report.manuscript.latex import escape, latex_text, write_latex
from myocohort.report.manuscript.word import word_bytes


def plain(tex: str) -> str:
    """Turn a cell of these tables back into text, as TeX would set it."""
    tex = tex.strip()
    tex = re.sub(r"\\newline\{\\scriptsize .*\}$|\\textsuperscript\{[a-z,]*\}", "", tex)
    tex = re.sub(r"\\multicolumn\{\d+\}\{[^ ]*?\}\{\\textbf\{(.*?)\}\}", r"\1", tex)
    for sign, text in ((r"\ensuremath{\pm}", "±"), (r"\ensuremath{\neq}", "≠"),
                       (r"\ensuremath{<}", "<"), (r"\ensuremath{-}", "−"), ("--", "–"),
                       (r"\ensuremath{\infty}", "∞"), (r"\%", "%"), ("~", " "),
                       (r"\_", "_"), (r"\quad ", "")):  # fmt: skip
        tex = tex.replace(sign, text)
    return tex


def rows(text: str, caption: str) -> list[list[str]]:
    """Return the cells of a table's rows below its headings."""
    part = text[text.index(rf"\textbf{{{caption}}}") :]
    body = part[part.index(r"\endfoot") : part.index(r"\end{longtable}")]
    return [
        [plain(cell) for cell in re.split(r"(?<!\\)&", line.removesuffix("*").removesuffix(r"\\"))]
        for line in body.splitlines()[1:]
        if not line.startswith(r"\addlinespace")
    ]


@pytest.mark.parametrize("caption", ["Table 1.", "Table 2.", "Table S1.", "Table S3."])
def test_latex_tables_have_the_cells_of_the_word_tables(
    caption: str,
) -> None:
    """Each row of numbers is that of the Word document, whose numbers are tested there."""
    results = validated()
    word = [row for row in Word(word_bytes(results, {})).table(caption).rows if len(row) > 1]
    heads = 2 if caption == "Table 2." else 1
    assert rows(latex_text(results), caption) == word[heads:]


def test_rows_have_as_many_cells_as_columns() -> None:
    """Every row of every table ends its line, and none has a cell too many."""
    text = latex_text(validated())
    tables = text.split(r"\begin{longtable}")[1:]
    assert len(tables) >= 6
    for table in tables:
        columns = table.splitlines()[0].count("p{")
        body = table[table.index(r"\endfoot") : table.index(r"\end{longtable}")]
        for line in body.splitlines()[1:]:
            assert line.endswith((r"\\", r"\\*"))
            if r"\multicolumn" not in line:
                assert len(re.findall(r"(?<!\\)&", line)) == columns - 1


ALLOWED = re.compile(
    r"\\(?:textbackslash|textasciitilde|textasciicircum|textasciigrave|char34)\{\}"
    r"|\\ensuremath\{(?:[<>-]|\\(?:pm|times|infty|neq|leq|geq))\}"
    r"|\\[{}#$%&_]|-\{\}|'\{\}|~"
)


@given(st.text())
def test_no_text_is_a_command(text: str) -> None:
    """Whatever a name holds, beside the known replacements no sign is left that TeX acts on."""
    rest = ALLOWED.sub("", escape(text))
    assert not set(rest) & set("\\{}#$%&_~^\n\r\t")


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        (r"50% of $5 & #1_x", r"50\% of \$5 \& \#1\_x"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a--b ''c''", "a-{}-b '{}'c'{}'"),
        ("1 ± 2, <0.001, 3–4, −5, ∞, ≠", r"1 \ensuremath{\pm} 2, \ensuremath{<}0.001, 3--4, "
         r"\ensuremath{-}5, \ensuremath{\infty}, \ensuremath{\neq}"),
        ("bell\x07 two\nlines", "bell\N{REPLACEMENT CHARACTER} two lines"),
    ],
)  # fmt: skip
def test_escaping_by_example(text: str, tex: str) -> None:
    """Signs that TeX acts on are printed as they are; those of the tables become commands."""
    assert escape(text) == tex


def test_a_label_cannot_end_a_row_otherwise() -> None:
    """A label that begins with a bracket or a star is no length and no star of the row before."""
    results = validated()
    labels = ["[3cm] up", "* starred"]
    for row, label in zip(results["tables"][0]["sections"][1]["rows"], labels, strict=False):
        row["label"] = label
    text = latex_text(results)
    assert "\n{}[3cm] up & " in text
    assert "\n{}* starred & " in text


def test_latex_labels_rebuilt_records(results: dict[str, Any]) -> None:
    """The head of the file and every caption say that the records are rebuilt."""
    text = latex_text(results)
    assert "\n% Rebuilt records. The records behind this report were rebuilt" in text
    assert text.count("[Rebuilt records]}") == text.count(r"\begin{longtable}")
    assert text.count(r"\begin{longtable}") >= 5


def test_without_tables_the_file_says_so(tmp_path: Path) -> None:
    """Nothing in gives a comment out, in a file that is written whole."""
    path = tmp_path / "tables.tex"
    write_latex({}, path)
    text = path.read_text(encoding="utf-8")
    assert "% Left out: the results hold no table with rows and no model." in text
    assert all(line.startswith("%") for line in text.splitlines() if line)
    assert [file.name for file in tmp_path.iterdir()] == ["tables.tex"]
