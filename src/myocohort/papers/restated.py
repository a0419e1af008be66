"""Restated numbers, followed to the number that they restate."""

from __future__ import annotations

from collections.abc import Mapping

from myocohort.papers.entries import PrintedNumber, Same


def original(number: PrintedNumber, numbers: Mapping[str, PrintedNumber]) -> PrintedNumber:
    """Return what a number restates in the end; the number itself where it restates none.

    Parameters
    ----------
    number
        A printed number.
    numbers
        All printed numbers of the paper, by id.
    """
    seen = {number.id}
    while isinstance(number.entry, Same) and number.entry.of not in seen:
        number = numbers[number.entry.of]
        seen.add(number.id)
    return number
