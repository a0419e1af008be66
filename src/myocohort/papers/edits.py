"""What one slip of a finger can make of a printed number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from myocohort.papers.printed import parse

DIGITS = "0123456789"


def one_digit_edits(text: str) -> Iterator[tuple[str, str]]:
    """Yield each number that differs from `text` by one slip, with the slip in words.

    First those where a digit too many was printed, then two neighbours swapped, one digit
    changed, one digit left out. The digits behind the point stay as many as printed, and
    forms that nobody prints ("041") are not yielded.
    """
    places = [place for place, sign in enumerate(text) if sign in DIGITS]
    for place in places:
        yield from _kept(text, text[:place] + text[place + 1 :], "one digit too many")
    for place in places:
        pair = text[place : place + 2]
        if len(pair) == 2 and pair[1] in DIGITS and pair[0] != pair[1]:
            swapped = text[:place] + pair[::-1] + text[place + 2 :]
            yield from _kept(text, swapped, "two digits swapped")
    for place in places:
        for digit in DIGITS:
            if digit != text[place]:
                yield from _kept(text, text[:place] + digit + text[place + 1 :], "one digit wrong")
    for place in sorted({*places, *(place + 1 for place in places)}):
        for digit in DIGITS:
            yield from _kept(text, text[:place] + digit + text[place:], "one digit left out")


def _kept(original: str, edited: str, slip: str) -> Iterator[tuple[str, str]]:
    number = edited.lstrip("<>=≤≥-−")
    odd = not number or number[0] == "." or number[-1] == "."
    if odd or (number[0] == "0" and number[1:2] not in ("", ".")):
        return
    before, after = parse(original), parse(edited)
    if before.decimals == after.decimals and before.value != after.value:
        yield edited, slip


def likeliest(slips: Sequence[str]) -> tuple[int, str]:
    """Return which of some numbers to accuse, and the slips in the others, in words.

    The first one that a slip heals, or the very first where none does.

    Parameters
    ----------
    slips
        What `healing` says of each number.
    """
    place = next((place for place, slip in enumerate(slips) if slip), 0)
    others = [slip for other, slip in enumerate(slips) if slip and other != place]
    return place, f"; as well {'; '.join(others)}" if others else ""


def healing(text: str, fits: Callable[[str], bool]) -> str:
    """Say which one-digit slip would explain a number, or return "" where none does.

    Parameters
    ----------
    text
        The number as printed.
    fits
        Whether a number would agree with the arithmetic.

    Returns
    -------
    str
        The numbers of the first kind of slip that fit: "1.03 instead of 41.03 (one digit too
        many) would agree"; empty where none fits, or more than three, which says nothing.
    """
    found: dict[str, list[str]] = {}
    for edited, slip in one_digit_edits(text):
        if (not found or slip in found) and edited not in found.get(slip, []) and fits(edited):
            found.setdefault(slip, []).append(edited)
    for slip, texts in found.items():
        if len(texts) <= 3:
            return f"{' or '.join(texts)} instead of {text} ({slip}) would agree"
    return ""
