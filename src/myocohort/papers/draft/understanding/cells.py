"""One cell of a table: which numbers it holds, and in which arrangement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from myocohort.papers.draft.understanding.tokens import (
    NUMBER,
    PLUS_MINUS,
    RELATION,
    SIGNED,
    WHOLE,
    as_number,
    normalised,
)

Shape = Literal[
    "blank",
    "words",
    "number",  # 22; 18.5%; <0.001
    "pair",  # 22 (81.5); 37.3 (18.1); 18.5% (5)
    "share",  # 22/27 (81.5%); 22/27; 32 of 37
    "ratio",  # 5:22
    "plus_minus",  # 37.3 ± 18.1
    "triple",  # 6 (4, 18); 1.5 [1.1 to 2.0]
    "interval",  # 1.49–256.53
    "other",  # has digits, in no arrangement known here
]


@dataclass(frozen=True, slots=True)
class Piece:
    """A number within a cell: as a paper file writes it, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def whole(self) -> bool:
        """Whether it is a whole number without sign or inequality."""
        return self.text.isdigit()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell taken apart.

    Parameters
    ----------
    shape
        How its numbers are arranged.
    pieces
        The numbers by their role in the arrangement: first, second, of, low, high, n.
    percent
        The roles that have a percent sign.
    marks
        Signs behind the last number that point to a footnote.
    word
        What the brackets of a triple or pair say it is: "range", "quartiles", "ci", "" .
    """

    shape: Shape
    pieces: Mapping[str, Piece] = field(default_factory=dict)
    percent: frozenset[str] = frozenset()
    marks: str = ""
    word: Literal["", "range", "quartiles", "ci"] = ""


_UNIT = (
    r"(?:\s*(?:months?|mos?|years?|yrs?|y|weeks?|wks?|days?|hours?|min|kg|g|cm|mm|points?|"
    r"patients?|cases|times|pts))?\.?"
)
_AND = r"\s*(?:-|–|—|~|to|,|;|/)\s*"
_OPEN, _CLOSE = r"\s*[(\[]\s*", r"\s*[)\]]"
_WORD = (
    r"(?:(?P<range>range|min[.-]*max)|(?P<quartiles>IQR|Q1[^0-9]{1,3}Q3|interquartile range)|"
    r"(?P<ci>9[059]\s?%\s?CI))?\s*[,:=]?\s*"
)
_SECOND = rf"(?P<second>{SIGNED})\s*(?P<second_percent>%)?"
_FIRST = rf"(?P<first>{SIGNED})\s*(?P<first_percent>%)?"
_LIMITS = rf"(?P<low>{SIGNED})\s*%?{_AND}(?P<high>(?:[-–]\s?)?{NUMBER})\s*%?"
_N = rf"(?:{_OPEN}[nN]\s*=\s*(?P<n>{WHOLE}){_CLOSE})?"

_ARRANGED: tuple[tuple[Shape, str], ...] = (
    (
        "share",
        rf"(?P<first>{WHOLE})\s*(?:/|out of|of)\s*(?P<of>{WHOLE})"
        rf"(?:(?:{_OPEN}|\s*[,=]\s*){_SECOND}(?:{_CLOSE})?)?",
    ),
    (
        "share",
        rf"(?P<second>{NUMBER})\s*(?P<second_percent>%)?{_OPEN}(?P<first>{WHOLE})\s*"
        rf"(?:/|of)\s*(?P<of>{WHOLE}){_CLOSE}",
    ),
    (
        "ratio",
        rf"(?P<first>{WHOLE})\s*:\s*(?P<of>{WHOLE})(?:{_OPEN}{_SECOND}{_CLOSE})?",
    ),
    (
        "plus_minus",
        rf"{_FIRST}{PLUS_MINUS}(?P<second>{NUMBER})\s*%?{_UNIT}{_N}"
        rf"(?:(?:{_OPEN}|\s*[,;]\s*){_WORD}{_LIMITS}(?:{_CLOSE})?)?",
    ),
    ("triple", rf"{_FIRST}{_UNIT}\s*[,;]?{_OPEN}{_WORD}{_LIMITS}{_UNIT}{_CLOSE}{_UNIT}"),
    ("pair", rf"{_FIRST}{_UNIT}{_OPEN}(?:SD\s*[=:]?\s*)?{_SECOND}{_CLOSE}{_UNIT}"),
    ("pair", rf"(?P<first>{WHOLE})\s*[,;/]\s*(?P<second>{NUMBER})\s*(?P<second_percent>%)"),
    ("interval", rf"{_OPEN}{_WORD}{_LIMITS}{_CLOSE}{_UNIT}"),
    (
        "interval",
        rf"{_WORD}(?P<low>{SIGNED})(?:\s*(?:-|–|—|~|to|;)\s*|\s*,\s+)"
        rf"(?P<high>(?:[-–]\s?)?{NUMBER}){_UNIT}",
    ),
    ("number", rf"(?P<first>(?:{RELATION}\s*)?{SIGNED})\s*(?P<first_percent>%)?{_UNIT}"),
)
_SHAPES = tuple((shape, re.compile(said, re.IGNORECASE)) for shape, said in _ARRANGED)
_MARKS = re.compile(
    r"\s*(?:[*†‡§¶#∗]+|(?<=[0-9)\]])[a-h](?:,\s?[a-h])*|\^[a-z0-9*](?:,[a-z0-9])*|[ᵃᵇᶜᵈᵉ¹²³⁴⁵⁶]+)\s*$"
)
LONGEST_CELL = 200  # signs; what is longer is prose
_ROLES = ("first", "second", "of", "low", "high", "n")


def read_cell(text: str) -> Cell:
    """Take a cell apart.

    >>> cell = read_cell("22 (81.5%)*")
    >>> cell.shape, [piece.text for piece in cell.pieces.values()], cell.marks
    ('pair', ['22', '81.5'], '*')
    """
    if len(text) > LONGEST_CELL:
        return Cell("other" if re.search(r"[0-9]", text) else "words")
    plain = normalised(text)
    marks = ""
    while (found := _MARKS.search(plain)) is not None:
        marks = found[0].strip() + marks
        plain = plain[: found.start()]
    start = len(plain) - len(plain.lstrip())
    end = len(plain.rstrip())
    if start >= end or plain.strip() in {"-", "–", "—", "/"}:
        return Cell("blank" if not marks else "words", marks=marks)
    if not re.search(r"[0-9]", plain):
        return Cell("words", marks=marks)
    for shape, pattern in _SHAPES:
        match = pattern.fullmatch(plain, start, end)
        if match is not None:
            return _read(shape, match, marks)
    return Cell("other", marks=marks)


def _read(shape: Shape, match: re.Match[str], marks: str) -> Cell:
    found = match.groupdict()
    pieces = {
        role: Piece(as_number(found[role]), *match.span(role))
        for role in _ROLES
        if found.get(role) is not None
    }
    word: Literal["", "range", "quartiles", "ci"] = ""
    if found.get("range"):
        word = "range"
    elif found.get("quartiles"):
        word = "quartiles"
    elif found.get("ci"):
        word = "ci"
    percent = frozenset(role for role in ("first", "second") if found.get(f"{role}_percent"))
    return Cell(
        shape, dict(sorted(pieces.items(), key=lambda kv: kv[1].start)), percent, marks, word
    )


_P = re.compile(
    rf"\s*(?:p\s*(?:-?\s*value)?\s*)?=?\s*(?P<p>(?:{RELATION}\s*)?{NUMBER})\s*",
    re.IGNORECASE,
)


def read_p(text: str) -> tuple[Piece | None, str]:
    """Return the p value of a cell, as "0.022" or "<0.001", and its footnote marks.

    Whether it is at most 1 is not asked here: a misprinted p value is a finding.
    """
    if len(text) > LONGEST_CELL:
        return None, ""
    plain = normalised(text)
    spaced = re.search(r"(?<=[0-9])\s+(?=[a-h]\s*$)", plain)
    if spaced is not None:  # "1.00 a": in a column of p values no unit
        piece, marks = read_p(plain[: spaced.start()] + plain[spaced.end() :])
        return piece, marks
    cell = read_cell(text)
    if cell.marks:
        while (found := _MARKS.search(plain)) is not None:
            plain = plain[: found.start()]
    match = _P.fullmatch(plain)
    if match is None:
        return None, cell.marks
    return Piece(as_number(match["p"]), *match.span("p")), cell.marks
