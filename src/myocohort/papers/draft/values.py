"""What counts as a value in a table, and how a line ends in a row of values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

__all__ = ["endings", "is_value", "kind"]

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+"
_SIGNED = rf"(?:[-–+]\s?)?(?:{_NUMBER})(?:\s?[×x]\s?10\^?[-–⁻]?[0-9⁰¹²³⁴-⁹]+|[eE][-+]?[0-9]+)?\s?%?"
_RELATION = r"(?:[<>≤≥=~≈]\s?|[<>]=\s?)"
_MARK = r"(?:\s?(?:[*†‡§¶#]|\^[a-z0-9](?:,[a-z0-9])*|(?<=[0-9])[a-d](?![a-z])))*"
_PLAIN = rf"{_RELATION}?(?:{_SIGNED})"
_JOINT = r"\s?(?:±|\+/-|–|-|/|:|to)\s?"
_RANGE = rf"{_PLAIN}(?:{_JOINT}{_PLAIN}){{0,2}}"
_BRACKET = rf"[(\[]\s?(?:95\s?%\s?CI:?,?\s*)?{_RANGE}(?:\s?[,;]\s?{_RANGE}){{0,2}}\s?[)\]]"
_VALUE = re.compile(rf"{_RANGE}{_MARK}(?:\s?{_BRACKET}{_MARK})?|{_BRACKET}{_MARK}")
_WORD = re.compile(
    rf"(?:NS|N\.S\.|n\.s\.|ns|N/A|n/a|NA|NR|ND|ref\.?|Ref\.?|[Rr]eference|[Rr]eferent|-+|–|—|…)"
    rf"{_MARK}"
)


@lru_cache(maxsize=20_000)
def is_value(text: str) -> bool:
    """Return whether a cell is a value: a number, a pair of numbers, or a word in their place.

    "22 (81.5)", "0.06 ± 0.03", "1.49–256.53", "5:22", "<0.001", "0.022*", "NS" and "-" are;
    "3 months", "Proportion(%)" and "" are not.
    """
    text = re.sub(r"^[Pp]\s?(?=[<>=≤≥])", "", text.strip())
    return len(text) <= 60 and bool(_VALUE.fullmatch(text) or _WORD.fullmatch(text))


def kind(text: str) -> str:
    """Return the look of a value: what joins its numbers, and how many decimals they have.

    "0.036*" and "0.542" look alike (".3"); "22 (81.5)" is another ("0(.1)"). A word or dash
    that stands for a value looks like any value and gives "".
    """
    text = re.sub(_MARK + "$", "", text.strip())
    if _WORD.fullmatch(text):
        return ""
    text = re.sub(r"[<>≤≥=~≈%\s]", "", text)

    def look(match: re.Match[str]) -> str:
        decimals = len(match[0].partition(".")[2])
        return f".{decimals}" if decimals else "0"

    return re.sub(_NUMBER, look, re.sub(r"^[-–+]", "", text))


def endings(line: str, most: int = 24) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every way to read a line as a label and the values at its end, fewest values first.

    Parameters
    ----------
    line
        One line, its spaces single.
    most
        No more values than this.

    Yields
    ------
    label, values
        The values from left to right; no value can be made one with its left neighbour by
        a bracket or a ± that belongs to it, so "22 (81.5)" is never two.
    """
    words = line.split(" ")
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting: list[tuple[int, tuple[str, ...]]] = [(len(words), ())]
    while waiting:
        end, values = waiting.pop(0)
        if values:
            reading = (" ".join(words[:end]), values)
            if reading not in seen:
                seen.add(reading)
                yield reading
        if len(values) >= most or len(seen) > 200:
            continue
        for size in range(1, min(7, end) + 1):
            text = " ".join(words[end - size : end])
            if not is_value(text) or not _whole(words, end - size, end):
                continue
            waiting.append((end - size, (text, *values)))


def _whole(words: list[str], start: int, end: int) -> bool:
    """Return whether the words could stand alone: nothing left of them belongs to them."""
    first = words[start]
    before = words[start - 1] if start else ""
    if before in ("±", "+/-", "<", ">", "≤", "≥", "=") or before.endswith(("±", "<", ">", "=")):
        return False
    if first in ("±", "+/-") or first.startswith("±"):
        return False
    if first[0] in "([" and before and is_value(before):
        return False
    if first[0] in "*†‡§¶#" and before and is_value(before):
        return False
    if words[end - 1].count("(") > words[end - 1].count(")"):
        return False
    return not (end < len(words) and words[end].startswith("±"))
