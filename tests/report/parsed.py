"""Reads a report's HTML and Word document, for tests that look at what they say."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from docx import Document
from docx.text.paragraph import Paragraph

_VOID = {"meta", "link", "br", "input", "img", "hr", "wbr"}
_ASIDE = {"hidden", "small", "marks"}  # classes of text that stands beside the numbers


@dataclass
class Table:
    """A table: its caption, and the texts of its rows' cells, heading cells included."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """Collects the tables, tags and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[tuple[str, set[str]]] = []
        self.feed(html)
        self.close()
        for table in self.tables:
            table.caption = _single_spaced(table.caption)
            table.rows = [[_single_spaced(cell) for cell in row] for row in table.rows]
        assert not self._open, f"not closed: {self._open}"

    def table(self, caption: str) -> Table:
        """Return the only table whose caption begins so."""
        (found,) = [table for table in self.tables if table.caption.startswith(caption)]
        return found

    @property
    def text(self) -> str:
        """All text of the page beside scripts and styles, spaces made single."""
        return _single_spaced("".join(self.texts))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and begin tables, rows and cells."""
        self.tags.append((tag, dict(attrs)))
        if tag in _VOID:
            return
        self._open.append((tag, set((dict(attrs).get("class") or "").split())))
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("td", "th"):
            self.tables[-1].rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the tags that this one ends."""
        if tag in _VOID:
            return
        while self._open:
            opened, _ = self._open.pop()
            if opened == tag:
                return
            # HTML lets these go unclosed; everything else must match.
            assert opened in ("p", "li", "option"), f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        """Keep text, and put it where it belongs in a table."""
        tags = [tag for tag, _ in self._open]
        if "script" in tags or "style" in tags:
            return
        self.texts.append(data)
        if "caption" in tags:
            self.tables[-1].caption += data
        elif ("td" in tags or "th" in tags) and "title" not in tags:
            classes = set().union(*(names for _, names in self._open))
            if not classes & _ASIDE:
                row = self.tables[-1].rows[-1]
                row[-1] += data


def _single_spaced(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


class Word:
    """Reads a Word document with python-docx: its tables by caption, and all of its text."""

    def __init__(self, content: bytes) -> None:
        self.document = Document(io.BytesIO(content))
        self.tables: list[Table] = []
        self.texts: list[str] = []
        caption = ""
        for block in self.document.iter_inner_content():
            if isinstance(block, Paragraph):
                self.texts.append(_single_spaced(block.text))
                if block.style is not None and block.style.name == "Caption":
                    caption = self.texts[-1]
            else:
                rows = [
                    [_cell_text(cell, aside=False) for cell in _cells(row)] for row in block.rows
                ]
                self.tables.append(Table(caption, rows))
                self.texts += [
                    _cell_text(cell, aside=True) for row in block.rows for cell in _cells(row)
                ]

    def table(self, caption: str) -> Table:
        """Return the only table whose caption begins so."""
        (found,) = [table for table in self.tables if table.caption.startswith(caption)]
        return found

    @property
    def text(self) -> str:
        """All text beside headers and footers, spaces made single."""
        return _single_spaced(" ".join(self.texts))


def _cells(row: Any) -> list[Any]:
    """Return each cell once, also one over several columns."""
    cells = {id(cell._tc): cell for cell in row.cells}
    return list(cells.values())


def _cell_text(cell: Any, *, aside: bool) -> str:
    """Return a cell's text, without the letters of notes and smaller lines unless asked for."""
    runs = [run for paragraph in cell.paragraphs for run in paragraph.runs]
    texts = [
        " " if run.text == "\n" else run.text
        for run in runs
        if aside or (run.font.superscript is None and run.font.size is None)
    ]
    return _single_spaced("".join(texts).replace("\N{LEFT-TO-RIGHT MARK}", ""))
