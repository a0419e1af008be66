"""Markdown, with tables in pipes or, as converters of PDF files write them, in HTML."""

from __future__ import annotations

from myocohort.papers.draft.document import Document
from myocohort.papers.draft.lines import read_lines

__all__ = ["read"]


def read(text: str) -> Document:
    """Read Markdown; what is written as plain text within it is read as plain text is."""
    return read_lines(text)
