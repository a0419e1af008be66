"""Plain text, as converters of PDF files write it or as it was copied from a page."""

from __future__ import annotations

from myocohort.papers.draft.document import Document
from myocohort.papers.draft.lines import read_lines

__all__ = ["read"]


def read(text: str) -> Document:
    """Read plain text; tables may be divided by tabs or run together row by row."""
    return read_lines(text)
