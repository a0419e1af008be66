"""Columns told by where they stand in the line, in text that keeps the page's layout."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from myocohort.papers.draft.values import is_value

__all__ = ["Spans", "aligned", "aligned_head", "column_spans"]

Spans = tuple[tuple[int, int], ...]
"""Where each column of values begins and ends, in characters; empty where that is not known."""

_PIECE = re.compile(r"\S+(?: \S+)*")  # words with one space between them


def column_spans(rows: Sequence[str], values: int) -> Spans:
    """Return where the columns of values stand.

    Parameters
    ----------
    rows
        Full rows with all their spaces.
    values
        How many columns of values the table has.

    Returns
    -------
    The columns' spans, if most rows show a label and the values apart by two spaces or more,
    and no two columns overlap; otherwise nothing.
    """
    found = [
        [piece.span() for piece in pieces[1:]]
        for pieces in (list(_PIECE.finditer(row)) for row in rows)
        if len(pieces) == values + 1
    ]
    if len(found) < 2 or 2 * len(found) < len(rows):
        return ()
    spans = tuple(
        (min(start for start, _ in column), max(end for _, end in column))
        for column in zip(*found, strict=True)
    )
    apart = all(left[1] < right[0] for left, right in itertools.pairwise(spans))
    return spans if apart else ()


def _over(piece: re.Match[str], spans: Spans) -> list[int]:
    start, end = piece.span()
    return [place for place, (low, high) in enumerate(spans) if start < high and end > low]


def aligned(line: str, spans: Spans) -> tuple[str, tuple[str, ...]] | None:
    """Return a row's label and values, missing ones empty, where each stands in one column."""
    pieces = list(_PIECE.finditer(line))
    if not spans or len(pieces) < 2 or pieces[0].end() > spans[0][0]:
        return None
    values = [""] * len(spans)
    for piece in pieces[1:]:
        over = _over(piece, spans)
        if len(over) != 1 or values[over[0]] or not is_value(piece[0]):
            return None
        values[over[0]] = piece[0]
    return pieces[0][0], tuple(values)


def aligned_head(line: str, spans: Spans) -> list[str] | None:
    """Return a head row, a heading over several columns repeated; None when in doubt."""
    pieces = list(_PIECE.finditer(line))
    if not spans or len(pieces) < 2:
        return None
    row = [""] * (len(spans) + 1)
    for piece in pieces:
        over = [place + 1 for place in _over(piece, spans)]
        if not over and piece.end() <= spans[0][0] and not row[0]:
            over = [0]
        if not over or any(row[place] for place in over):
            return None
        for place in over:
            row[place] = piece[0]
    return row
