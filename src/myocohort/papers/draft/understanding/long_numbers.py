"""Numbers that are too long for a paper file: taken out before anything is read, and listed."""

from __future__ import annotations

import re
from dataclasses import replace

from myocohort.papers.draft.document import Paragraph, Table
from myocohort.papers.draft.understanding.collected import Collected
from myocohort.papers.entries import MOST_DIGITS

__all__ = ["without_long_numbers"]

_MOST_DECIMALS = 15
_AROUND = 60  # signs on either side that are listed with a number
_LONG = re.compile(
    rf"(?:[0-9],?){{{MOST_DIGITS},}}[0-9](?:[.·∙][0-9]+)?"
    rf"|[0-9]*[.·∙][0-9]{{{_MOST_DECIMALS},}}[0-9]"
)


def without_long_numbers(
    block: Paragraph | Table, place: str, collected: Collected
) -> Paragraph | Table:
    """Return a block with an ellipsis for each number that no paper file takes; they are listed.

    Such numbers are registrations and grants rather than results.
    """

    def cut(text: str) -> str:
        for match in _LONG.finditer(text):
            around = text[max(0, match.start() - _AROUND) : match.end() + _AROUND]
            collected.puzzled(place, around)
        return _LONG.sub("…", text)

    if isinstance(block, Paragraph):
        return replace(block, text=cut(block.text))
    return replace(
        block,
        caption=cut(block.caption),
        head=tuple(tuple(map(cut, row)) for row in block.head),
        rows=tuple(tuple(map(cut, row)) for row in block.rows),
    )
