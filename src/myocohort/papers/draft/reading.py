"""Reads a paper's file, whatever its format, into paragraphs and tables."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from myocohort.errors import PaperFileError, Problem
from myocohort.papers.draft.decoding import decode, foreign
from myocohort.papers.draft.document import Document, Unread
from myocohort.papers.draft.readers import READERS

__all__ = ["LARGEST", "read_document"]

LARGEST = 50 * 1024 * 1024
"""The most bytes that a paper's file may have; papers have a few hundred thousand."""

_BY_SUFFIX = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".xml": "jats",
    ".nxml": "jats",
}


def read_document(path: Path) -> Document:
    """Read a paper's file.

    Parameters
    ----------
    path
        Plain text, Markdown, HTML or JATS XML. The suffix tells the format, unless the text
        itself begins as HTML or XML.

    Returns
    -------
    What the file says in its order. Its `unread` lists what a person must look at.

    Raises
    ------
    PaperFileError
        When the file is missing, is no text (PDF, Word, archives, pictures), is empty or
        larger than 50 MB, has characters that cannot be told, or is XML that is not JATS.
    """
    try:
        return _read(path)
    except PaperFileError as error:
        named = [problem.at(file=str(path)) for problem in error.problems]
        raise PaperFileError(named) from None


def _read(path: Path) -> Document:
    data = _bytes_of(path)
    problem = foreign(data)
    if problem is not None:
        raise PaperFileError([problem])
    decoded = decode(data)
    if isinstance(decoded, Problem):
        raise PaperFileError([decoded])
    text = decoded.text.lstrip("\ufeff")
    if not text.strip():
        raise _error("the file holds a paper's text", "nothing but spaces", "Export it again.")
    try:
        document = READERS[_format(path, text)](text)
    except RecursionError:
        raise _error(
            "the elements of a paper are nested a few levels deep",
            "hundreds of levels",
            "Export the paper again, or as plain text.",
        ) from None
    notes: list[Unread] = []
    if decoded.guessed:
        why = f"not UTF-8; read as {decoded.guessed}: look at letters with accents and at ± and –"
        notes.append(Unread("the whole file", path.name, why))
    if "\ufffd" in text:
        count = text.count("\ufffd")
        why = f"{count} characters were already lost when the file was written (shown as \ufffd)"
        notes.append(Unread("the whole file", path.name, why))
    return replace(document, unread=(*notes, *document.unread))


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _error("a paper is one file", "a folder", "Name the file in it.")
        if not path.exists():
            raise _error("the file exists", "", "Check its name and folder.")
        size = path.stat().st_size
        if size > LARGEST:
            raise _error(
                "a paper's file has at most 50 MB",
                f"{size / 1024 / 1024:.0f} MB",
                "Export the text alone, without pictures.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise _error(
            "the file can be read", error.strerror or "", "Check its name and permissions."
        ) from None
    if not data:
        raise _error("the file holds a paper's text", "an empty file", "Export it again.")
    return data


def _format(path: Path, text: str) -> str:
    """Return the name of the reader: by how the text begins, then by the suffix."""
    start = text[:4096].lstrip()
    start = re.sub(r"\A(?:<\?xml[^>]*\?>|<!--.*?-->|<\?[^>]*\?>|\s)+", "", start, flags=re.DOTALL)
    if re.match(r"<!doctype\s+html|<html\b", start, re.IGNORECASE):
        return "html"
    if text.lstrip().startswith("<?xml") or re.match(
        r"<!DOCTYPE\s+(?:article|pmc-articleset)\b|<(?:article|pmc-articleset)\b[^>]*\b"
        r"(?:article-type|dtd-version|xmlns:xlink)",
        start,
    ):
        return "jats"
    return _BY_SUFFIX.get(path.suffix.lower(), "text")


def _error(rule: str, value: str, next_step: str) -> PaperFileError:
    return PaperFileError([Problem(rule=rule, value=value, next_step=next_step)])
