"""Puts what a reader finds into the order of a Document: sections, captions, notes, cut text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from myocohort.papers.draft.document import Document, Paragraph, Table, Unread
from myocohort.papers.draft.grid import make_table
from myocohort.papers.draft.prose import continues, is_note, join_lines, section_heading

__all__ = ["Collector", "table_caption"]

_CAPTION = re.compile(
    r"(?P<label>(?:Supplementary |Additional |Appendix |Extended Data )?(?:Table|TABLE|Tab\.)\s?"
    r"(?:[A-Z]?[0-9]+[A-Za-z]?|[IVX]{1,5}))(?:\s?[.:|]\s?|\s?[—–-]\s|\s+|$)(?P<caption>.*)",
    re.DOTALL,
)
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]+[A-Za-z0-9]")
_RUN_IN = re.compile(
    r"(?P<name>Background|Introduction|Aims?|Objectives?|Purpose|Design|Setting|Patients|Methods"
    r"|Patients and methods|Materials? and methods|Results|Findings|Conclusions?|Interpretation"
    r"|Discussion|Key ?words)\s?[:.—]\s?(?=\S)",
    re.IGNORECASE,
)
_FURTHEST = 8  # paragraphs back in which the beginning of a cut sentence is looked for


def table_caption(text: str) -> tuple[str, str] | None:
    """Return ("Table 1", "the heading") where a line is a table's heading, otherwise None.

    A sentence such as "Table 1 shows the ..." is none: the heading begins with a capital,
    digit or bracket.
    """
    match = _CAPTION.match(text)
    if match is None:
        return None
    caption = match["caption"].strip()
    if caption and not re.match(r"[A-Z0-9(\"“'αβχ]|[a-z]{1,3}[A-Z]", caption):
        return None
    label = " ".join(match["label"].split())
    return re.sub("^(TABLE|Tab\\.) ?", "Table ", label), caption


class Collector:
    """Collects blocks in the order of the file.

    Parameters
    ----------
    words
        The words of the text, for words that are cut at the end of a page.
    """

    def __init__(self, words: Collection[str] = frozenset()) -> None:
        self.words = words
        self.title = ""
        self.doi = ""
        self.blocks: list[Paragraph | Table] = []
        self.unread: list[Unread] = []
        self.pending: tuple[str, str] | None = None
        self._top = ""
        self._sub = ""
        self._top_level = 0
        self._barrier = 0

    @property
    def in_section(self) -> bool:
        """Whether a main section has begun."""
        return bool(self._top)

    @property
    def section(self) -> str:
        """The section that holds now: "Results, Muscle MRI"."""
        return ", ".join(filter(None, (self._top, self._sub)))

    def heading(self, text: str, level: int = 0) -> None:
        """Begin a section; `level` is 0 where the file does not say one."""
        name = section_heading(text)
        if name:
            self._top, self._sub, self._top_level = name, "", level
        elif not self.title and not self._top and level:
            self.title = text
        elif not self._top or 0 < level < self._top_level:
            self._top, self._sub, self._top_level = text, "", level
        else:
            self._sub = text
        self._barrier = len(self.blocks)

    def set_section(self, *names: str) -> None:
        """Set the section as the file's own structure gives it."""
        self._top = names[0] if names else ""
        self._sub = ", ".join(names[1:])
        self._barrier = len(self.blocks)

    def paragraph(self, text: str, section: str | None = None, joins: bool = True) -> None:
        """Add running text, or join it to the paragraph that it continues.

        Parameters
        ----------
        text
            One paragraph.
        section
            Where it stands, if not in the section that holds now.
        joins
            Whether it may be the rest of a paragraph before; an item of a list is not.
        """
        if not text:
            return
        if section is not None:
            self.blocks.append(Paragraph(section, text))
            return
        run_in = _RUN_IN.match(text)
        if run_in is not None and re.match("key", run_in["name"], re.IGNORECASE):
            self.blocks.append(Paragraph("Keywords", text[run_in.end() :]))
            return
        if run_in is not None and self._top in ("Abstract", "Summary"):
            self._sub = run_in["name"].capitalize()
            self._barrier = len(self.blocks)
            text = text[run_in.end() :]
        if not self.doi and self._top != "References":
            doi = _DOI.search(text)
            self.doi = doi[0] if doi else ""
        looked = 0
        for index in range(len(self.blocks) - 1, self._barrier - 1, -1):
            block = self.blocks[index]
            if isinstance(block, Table) or block.section != self.section:
                continue
            if joins and continues(block.text, text):
                joined = join_lines([block.text, text], self.words)
                self.blocks[index] = replace(block, text=joined)
                return
            looked += 1
            if looked >= _FURTHEST:
                break
        self.blocks.append(Paragraph(self.section, text))

    def flowing(self, text: str, joins: bool = True) -> None:
        """Add a paragraph of a format without lines: it may be a caption or a table's note."""
        if not text:
            return
        last = self.blocks[-1] if self.blocks else None
        caption = table_caption(text) if len(text) <= 600 else None
        if caption is not None:
            self.settle()
            self.pending = caption
        elif self.pending is not None and not self.pending[1] and len(text) <= 400:
            self.pending = (self.pending[0], text)
        elif isinstance(last, Table) and self.pending is None and is_note(text):
            self.blocks[-1] = replace(last, notes=(*last.notes, text))
        else:
            self.settle()
            self.paragraph(text, joins=joins)

    def settle(self) -> None:
        """Find the table of a heading that no table followed: the one before, or none."""
        if self.pending is None:
            return
        label, caption = self.pending
        self.pending = None
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, Table) and not last.label:
            self.blocks[-1] = replace(last, label=label, caption=last.caption or caption)
            return
        why = "no table that could be read follows this heading"
        self.unread.append(Unread(label, caption, why))

    def table(
        self,
        grid: Sequence[Sequence[str]],
        head: int | None = None,
        label: str = "",
        caption: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        """Add a table of an even grid; an own label goes before that of the heading above."""
        if self.pending is not None:
            label, caption = label or self.pending[0], caption or self.pending[1]
            self.pending = None
        if any(any(row) for row in grid):
            self.blocks.append(make_table(label, caption, grid, head, notes))

    def place(self) -> str:
        """Return what the table that comes next is called, for `Unread`."""
        if self.pending is not None:
            return self.pending[0]
        return f"table {1 + sum(isinstance(block, Table) for block in self.blocks)}"

    def document(self) -> Document:
        """Return what was collected."""
        self.settle()
        return Document(self.title, self.doi, tuple(self.blocks), tuple(self.unread))
