"""One reader per format: the text of a file becomes a Document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from myocohort.papers.draft.document import Document
from myocohort.papers.draft.readers.html import read as read_html
from myocohort.papers.draft.readers.jats import read as read_jats
from myocohort.papers.draft.readers.markdown import read as read_markdown
from myocohort.papers.draft.readers.text import read as read_text

__all__ = ["READERS"]

READERS: Mapping[str, Callable[[str], Document]] = {
    "text": read_text,
    "markdown": read_markdown,
    "html": read_html,
    "jats": read_jats,
}
"""The readers by the name of their format."""
