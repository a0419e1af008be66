"""The tables as LaTeX (booktabs), for a manuscript to take in as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from myocohort.report.files import write_whole
from myocohort.report.manuscript.journal_table import (
    JournalCell,
    JournalColumn,
    JournalRow,
    JournalTable,
)
from myocohort.report.manuscript.journal_tables import journal_tables
from myocohort.report.manuscript.word_page import safe
from myocohort.report.model.models import Results
from myocohort.report.wording import Origin, origin_of

_HEAD = """\
% Tables of a study, written by Myocohort from results.json; do not edit, run the study again.
% The preamble needs: \\usepackage{array,booktabs,longtable,pdflscape}
% Text in other scripts than Latin needs XeLaTeX or LuaLaTeX with a font that has them."""

# What TeX would act on, and signs that a Latin font may lack.
_SIGNS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "#": r"\#",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    '"': r"\char34{}",  # babel gives the sign itself a meaning in some languages
    "`": r"\textasciigrave{}",
    "-": "-{}",
    "'": "'{}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{EN DASH}": "--",
    "\N{MINUS SIGN}": r"\ensuremath{-}",
    "\N{PLUS-MINUS SIGN}": r"\ensuremath{\pm}",
    "\N{MULTIPLICATION SIGN}": r"\ensuremath{\times}",
    "\N{INFINITY}": r"\ensuremath{\infty}",
    "\N{NOT EQUAL TO}": r"\ensuremath{\neq}",
    "\N{LESS-THAN OR EQUAL TO}": r"\ensuremath{\leq}",
    "\N{GREATER-THAN OR EQUAL TO}": r"\ensuremath{\geq}",
    "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
}
# Two hyphens would become a dash, and two apostrophes a quotation mark; one stays as it is.
_TO_ESCAPE = re.compile(
    "-(?=-)|'(?=')|" + "|".join(re.escape(sign) for sign in _SIGNS if sign not in "-'")
)

_WHOLE = r"@{}p{\dimexpr\linewidth-2\tabcolsep\relax}@{}"  # a cell over all columns


def write_latex(results: Results, path: Path) -> None:
    """Write every table of the manuscript as LaTeX.

    The tables, their numbers and notes are those of the Word document. Without a table the
    file is a comment that says so.

    Parameters
    ----------
    results
        The content of results.json.
    path
        The file; it is replaced as a whole, or left as it was when something fails.
    """
    write_whole(path, latex_text(results).encode())


def latex_text(results: Results) -> str:
    """Return the tables as LaTeX; see `write_latex`."""
    origin = origin_of(results)
    parts = [_HEAD]
    if origin:
        parts.append(f"% {safe(origin.tag)}. {safe(origin.sentence)}")
    tables = journal_tables(results)
    parts += ["\n".join(_lines(table, origin)) for table in tables]
    if not tables:
        parts.append("% Left out: the results hold no table with rows and no model.")
    return "\n\n".join(parts) + "\n"


def escape(text: object) -> str:
    """Return text that TeX sets as it is: nothing in it is a command."""
    return _TO_ESCAPE.sub(lambda found: _SIGNS[found[0]], safe(text))


def _lines(table: JournalTable, origin: Origin | None) -> Iterator[str]:
    landscape = table.landscape
    if landscape:
        yield r"\begin{landscape}"
    # Within a group, so that the text around the table keeps its size.
    yield r"\begingroup\footnotesize\setlength{\tabcolsep}{2pt}"
    widths = table.widths()
    columns = "".join(
        _column(column, width / sum(widths))
        for column, width in zip(table.columns, widths, strict=True)
    )
    yield rf"\begin{{longtable}}{{@{{}}{columns}@{{}}}}"
    tag = f" {escape(f'[{origin.tag}]')}" if origin else ""
    caption = rf"\textbf{{{escape(table.number)}.}} {escape(table.title)}{tag}"
    yield rf"\multicolumn{{{len(table.columns)}}}{{{_WHOLE}}}{{{caption}}}\\[2pt]"
    yield from _heads(table)
    yield r"\endfirsthead"
    yield from _heads(table)
    yield r"\endhead"
    yield r"\bottomrule"
    yield r"\endfoot"
    for row in table.rows:
        yield _row(row, len(table.columns))
    yield r"\end{longtable}"
    for letter, text in table.notes:
        yield rf"\noindent\textsuperscript{{{letter}}} {escape(text)}\par"
    for text in table.remarks:
        yield rf"\noindent {escape(text)}\par"
    yield r"\endgroup"
    if landscape:
        yield r"\end{landscape}"


def _column(column: JournalColumn, share: float) -> str:
    side = r"\centering" if column.numbers else r"\raggedright"
    width = rf"\dimexpr{share:.4f}\linewidth-2\tabcolsep\relax"
    return rf">{{{side}\arraybackslash}}p{{{width}}}"


def _heads(table: JournalTable) -> Iterator[str]:
    """Yield the heading rows, which every page of a long table begins with."""
    yield r"\toprule"
    if any(group for group, _ in table.groups):
        cells, rules, position = [], [], 1
        for group, width in table.groups:
            if group:
                cells.append(rf"\multicolumn{{{width}}}{{c}}{{\textbf{{{escape(group)}}}}}")
                rules.append(rf"\cmidrule(lr){{{position}-{position + width - 1}}}")
            else:
                cells += [""] * width
            position += width
        yield " & ".join(cells) + r" \\"
        yield "".join(rules)
    yield " & ".join(rf"\textbf{{{escape(of.heading)}}}" for of in table.columns) + r" \\"
    yield r"\midrule"


def _row(row: JournalRow, columns: int) -> str:
    if row.heading:
        text = escape(row.cells[0].text)
        wide = rf"\multicolumn{{{columns}}}{{{_WHOLE}}}{{\textbf{{{text}}}}}"
        return rf"\addlinespace {wide} \\*"
    cells = [_cell(cell) for cell in row.cells]
    if cells[0].startswith(("[", "*")):
        cells[0] = "{}" + cells[0]  # at the end of the row above it would be a length, or a star
    if row.level:
        cells[0] = rf"\quad {cells[0]}"
    return " & ".join(cells) + (r" \\*" if row.goes_on else r" \\")


def _cell(cell: JournalCell) -> str:
    text = escape(cell.text)
    if cell.marks:
        text += rf"\textsuperscript{{{','.join(cell.marks)}}}"
    if cell.small:
        text += rf"\newline{{\scriptsize {escape(cell.small)}}}"
    return text
