"""The report as a Word document: what a journal takes as manuscript, from results.json alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from myocohort.report.archive import date_of
from myocohort.report.figures import Figures, draw_figures
from myocohort.report.files import write_whole
from myocohort.report.manuscript.journal_table import (
    PORTRAIT_CM,
    JournalCell,
    JournalRow,
    JournalTable,
)
from myocohort.report.manuscript.journal_tables import journal_tables
from myocohort.report.manuscript.manuscript import (
    NOT_WRITTEN,
    ROUNDING,
    Part,
    limits,
    methods_parts,
    results_parts,
)
from myocohort.report.manuscript.word_page import (
    CELL_STYLE,
    FIGURE_STYLE,
    FOOTNOTE_STYLE,
    HEAD_STYLE,
    LEFT_OUT_STYLE,
    NOTE_STYLE,
    SECTION_STYLE,
    TABLE_STYLE,
    describe,
    document_bytes,
    new_document,
    new_page,
    number_pages,
    put,
    raised,
    runs_from_right,
    small,
    styled,
    underline_cell,
)
from myocohort.report.model.models import Results
from myocohort.report.wording import Origin, origin_of

_FIGURE_CM = (PORTRAIT_CM, 20.0)  # at most so wide and so high
_INDENT = Cm(0.3)
_BETWEEN_TABLES = Pt(24)
_KEPT_WHOLE = 16  # rows of a table up to which no page ends within it


def write_word(results: Results, path: Path, figures: Figures | None = None) -> None:
    """Write the report as a Word document.

    Text, tables, figure, references and limits, each drawn from the results; a part that is
    missing is named as left out. The same results give the same bytes.

    Parameters
    ----------
    results
        The content of results.json.
    path
        The file; it is replaced as a whole, or left as it was when something fails.
    figures
        As `draw_figures` draws them of these results; drawn here where not given.
    """
    write_whole(path, word_bytes(results, figures))


def word_bytes(results: Results, figures: Figures | None = None) -> bytes:
    """Return the document; see `write_word`."""
    figures = draw_figures(results) if figures is None else figures
    made = date_of(results)
    study: dict[str, Any] = dict(results.get("study") or {})
    title = str(study.get("title") or "Untitled study")
    origin = origin_of(results)
    document = new_document(title, origin.tag if origin else "Study report", made)
    number_pages(document, f"{origin.tag}." if origin else "")
    _front(document, title, study, origin)
    _parts(document, "Methods", methods_parts(results))
    _parts(document, "Results", results_parts(results, figures))
    _listing(document, "Limits and warnings", limits(results), "List Bullet",
             "the results hold no warning.")  # fmt: skip
    _listing(document, "References", results.get("references") or (), "List Number",
             "the results name no reference.")  # fmt: skip
    _heading(document, "About this document")
    version = (results.get("manifest") or {}).get("myocohort") or ""
    put(document.add_paragraph(), f"Made by Myocohort {version}".strip() + f". {ROUNDING}")
    put(document.add_paragraph(), NOT_WRITTEN)
    tables = journal_tables(results)
    if not tables:
        _heading(document, "Tables")
        _left_out(document, "the results hold no table with rows and no model.")
    landscape = None
    for table in tables:
        first = _heading(document, "Tables") if landscape is None else None
        if first:
            new_page(document, first, landscape=table.landscape)
        caption = _caption(document, table.number, table.title, origin)
        if not first and table.landscape != landscape:
            new_page(document, caption, landscape=table.landscape)
        elif not first:
            caption.paragraph_format.space_before = _BETWEEN_TABLES
        _table(document, table)
        landscape = table.landscape
    _figures(document, figures, origin)
    return document_bytes(document, made)


def _front(
    document: WordDocument, title: str, study: dict[str, Any], origin: Origin | None
) -> None:
    put(document.add_paragraph(style="Title"), title)
    if study.get("citation"):
        put(document.add_paragraph(style="Subtitle"), study["citation"])
    if origin:
        note = document.add_paragraph(style=NOTE_STYLE)
        put(note, f"{origin.tag}. ", bold=True)
        put(note, " ".join(text for text in (origin.sentence, study.get("origin_note")) if text))


def _heading(document: WordDocument, text: str, level: int = 1) -> Paragraph:
    return put(document.add_paragraph(style=f"Heading {level}"), text)


def _left_out(document: WordDocument, reason: str) -> None:
    put(document.add_paragraph(style=LEFT_OUT_STYLE), f"Left out: {reason}")


def _parts(document: WordDocument, heading: str, parts: Sequence[Part]) -> None:
    _heading(document, heading)
    for part in parts:
        _heading(document, part.heading, 2)
        for paragraph in part.paragraphs:
            put(document.add_paragraph(), paragraph)
        if not part.paragraphs:
            _left_out(document, part.left_out)


def _listing(
    document: WordDocument, heading: str, items: Sequence[object], style: str, left_out: str
) -> None:
    _heading(document, heading)
    for item in items:
        put(document.add_paragraph(style=style), item)
    if not items:
        _left_out(document, left_out)


def _caption(document: WordDocument, number: str, text: str, origin: Origin | None) -> Paragraph:
    caption = document.add_paragraph(style="Caption")
    put(caption, f"{number}. ")
    put(caption, text, bold=False)
    if origin:
        put(caption, f" [{origin.tag}]", bold=False)
    return caption


def _table(document: WordDocument, content: JournalTable) -> None:
    """Add a table: heading rows that repeat on every page, rows and notes."""
    grouped = any(group for group, _ in content.groups)
    table = document.add_table(rows=0, cols=len(content.columns), style=TABLE_STYLE)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = content.widths()
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    if grouped:
        _group_heads(table, content, widths)
    head = _new_row(table, widths, header=True)
    for cell, column in zip(head.cells, content.columns, strict=True):
        _fill(cell, JournalCell(column.heading), HEAD_STYLE, column.numbers)
        underline_cell(cell._tc.get_or_add_tcPr())
    whole = len(content.rows) <= _KEPT_WHOLE
    for position, row in enumerate(content.rows, start=1):
        added = _fill_row(table, row, content, widths)
        if row.goes_on or (whole and position < len(content.rows)):
            added.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    notes = [*content.notes, *(("", remark) for remark in content.remarks)]
    for position, (letter, text) in enumerate(notes):
        note = document.add_paragraph(style=FOOTNOTE_STYLE)
        if position == 0:
            note.paragraph_format.space_before = Pt(4)
        if letter:
            raised(note, (letter,))
            put(note, " ")
        put(note, text)


def _new_row(table: Table, widths: Sequence[float], *, header: bool = False) -> _Row:
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))
    for cell, width in zip(row.cells, widths, strict=True):
        cell.width = Cm(width)
    return row


def _group_heads(table: Table, content: JournalTable, widths: Sequence[float]) -> None:
    """Write the common headings, each in one cell over its columns."""
    row = _new_row(table, widths, header=True)
    position = 0
    for group, width in content.groups:
        if group:
            cell = row.cells[position].merge(row.cells[position + width - 1])
            _fill(cell, JournalCell(group), HEAD_STYLE, True)
            underline_cell(cell._tc.get_or_add_tcPr())
        else:
            for cell in row.cells[position : position + width]:
                styled(cell.paragraphs[0], HEAD_STYLE)
        position += width


def _fill_row(
    table: Table, row: JournalRow, content: JournalTable, widths: Sequence[float]
) -> _Row:
    added = _new_row(table, widths)
    cells = added.cells
    if row.heading:
        _fill(cells[0].merge(cells[-1]), row.cells[0], SECTION_STYLE, False)
        return added
    for cell, of, column in zip(cells, row.cells, content.columns, strict=True):
        _fill(cell, of, CELL_STYLE, column.numbers)
    if row.level:
        cells[0].paragraphs[0].paragraph_format.left_indent = _INDENT
    return added


def _fill(cell: _Cell, content: JournalCell, style: str, centred: bool) -> None:
    paragraph = put(styled(cell.paragraphs[0], style), content.text)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif runs_from_right(paragraph):  # its end is the left side, where the other labels begin
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    raised(paragraph, content.marks)
    if content.small:
        small(paragraph, content.small)


def _figures(document: WordDocument, figures: Figures, origin: Origin | None) -> None:
    """Add each figure on a page of its own, its legend below it."""
    for figure in figures.values():
        if figure.number == 1:
            new_page(document, _heading(document, "Figures"), landscape=False)
        paragraph = document.add_paragraph(style=FIGURE_STYLE)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        wide, high = figure.inches
        run = paragraph.add_run()
        width = min(_FIGURE_CM[0], _FIGURE_CM[1] * wide / high)
        run.add_picture(io.BytesIO(figure.png), width=Cm(width))
        describe(run, f"Figure {figure.number}", figure.alternative)
        _caption(document, f"Figure {figure.number}", figure.legend, origin)
    if not figures:
        new_page(document, _heading(document, "Figures"), landscape=False)
        _left_out(document, "the results hold neither a final model nor a course to draw.")
