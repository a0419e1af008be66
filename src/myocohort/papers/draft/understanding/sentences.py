"""The statistics that a sentence prints, each with the place of its numbers in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from myocohort.papers.draft.understanding.cells import Piece
from myocohort.papers.draft.understanding.tokens import (
    NUMBER,
    PLUS_MINUS,
    SIGNED,
    WHOLE,
    as_number,
    normalised,
)
from myocohort.papers.entries import Measure

Sort = Literal["ratio", "correlation", "mean", "count", "levels", "median", "p", "percent"]

_WORDS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "thirteen": "13",
    "fourteen": "14",
    "fifteen": "15",
    "sixteen": "16",
    "seventeen": "17",
    "eighteen": "18",
    "nineteen": "19",
    "twenty": "20",
}
_ANY_COUNT = rf"(?:(?<![0-9.,]){WHOLE}|\b(?:{'|'.join(_WORDS)})\b)"
_P_TEXT = r"[Pp](?:\s*-?\s*values?)?\s*(?:was|of)?\s*=?\s*"
_P_NUMBER = rf"(?:(?:<=|>=|[<>≤≥=])\s*)?{NUMBER}"
_WITH_P = rf"(?:\s*[,;:]?\s*(?:and\s+|with\s+)?[(\[]?\s*{_P_TEXT}(?P<p>{_P_NUMBER}))?"
_TO = r"\s*(?:-|–|—|to|,|;)\s*"
_CI = (
    rf"(?:\s*[,;:]?\s*[(\[]?\s*(?:[,;]?\s*(?P<level>9[059](?:\.[0-9])?)\s*%\s*)?"
    rf"(?:CIs?|confidence intervals?)\s*(?:of|was)?\s*[,:=]?\s*[(\[]?\s*"
    rf"(?P<low>{SIGNED}){_TO}(?P<high>{SIGNED})\s*[)\]]?"
    rf"|\s*[(\[]\s*(?P<low2>{SIGNED}){_TO}(?P<high2>{SIGNED})\s*[)\]])?"
)
_RATIOS: tuple[tuple[Measure, str], ...] = (
    ("odds_ratio", r"(?:[acu]?OR|[Oo]dds [Rr]atio)s?"),
    ("hazard_ratio", r"(?:[acu]?HR|[Hh]azards? [Rr]atio)s?"),
    ("risk_ratio", r"(?:[acu]?RR|(?:[Rr]isk|[Rr]ate) [Rr]atio|[Rr]elative [Rr]isk)s?"),
)
_RATIO = tuple(
    (
        measure,
        re.compile(
            rf"(?<![A-Za-z]){name}\b\s*(?:[(\[][acu]?(?:OR|HR|RR)[)\]])?\s*"
            rf"(?:(?:for|of)\s+[^.;,()0-9]{{1,60}}?\s+(?=was|is|of|=))?"
            rf"(?:[,:=]|of|was|were|is)?\s*(?P<estimate>{NUMBER})(?![0-9%]){_CI}{_WITH_P}"
        ),
    )
    for measure, name in _RATIOS
)
_NO_LEVEL = r"(?!\s*(?:CIs?|CrI|confidence|level|limit))"
_PEOPLE = r"(?:patients?|cases?|subjects?|participants?|individuals?|children|women|men|people)"
_PATTERNS: tuple[tuple[Sort, re.Pattern[str]], ...] = (
    (
        "correlation",
        re.compile(
            rf"(?<![A-Za-z])(?:r|R|rs|rho|ρ|Rho)\s*(?:\(\s*[0-9]+\s*\))?\s*=\s*(?P<r>{SIGNED})"
            rf"{_WITH_P}"
        ),
    ),
    (
        "mean",
        re.compile(rf"(?P<mean>{SIGNED}){PLUS_MINUS}(?P<sd>{NUMBER})(?!\s*%)"),
    ),
    (
        "levels",
        re.compile(
            rf"\bratio of (?P<one>[A-Za-z]+) to (?P<two>[A-Za-z]+)[^.;0-9]{{0,40}}"
            rf"(?P<n>{WHOLE})\s*:\s*(?P<n2>{WHOLE})"
        ),
    ),
    (
        "count",
        re.compile(
            rf"(?P<n>{_ANY_COUNT})\s*(?:/|(?:out )?of)\s*(?:the\s+|all\s+)?(?P<of>{WHOLE})"
            rf"[^.;:()0-9]{{0,40}}?[(\[,]\s*(?P<percent>{NUMBER})\s*%{_NO_LEVEL}",
            re.IGNORECASE,
        ),
    ),
    (
        "count",
        re.compile(
            rf"(?P<n>{_ANY_COUNT})(?:\s+(?![Oo]f\b)[^\s.;:,()0-9]+){{0,6}}\s*[(\[]\s*"
            rf"(?P<percent>{NUMBER})\s*%{_NO_LEVEL}\s*[)\]]?(?:[;,][^()]*\))?"
            rf"(?:\s+of\s+(?:the\s+|all\s+)?(?P<of>{WHOLE})(?=\s+(?:\w+\s+)?{_PEOPLE}))?",
            re.IGNORECASE,
        ),
    ),
    (
        "count",
        re.compile(
            rf"(?P<percent>{NUMBER})\s*%\s*[(\[]\s*(?:n\s*=\s*)?(?P<n>{WHOLE})"
            rf"(?:\s*(?:/|of)\s*(?P<of>{WHOLE}))?\s*[)\]]",
            re.IGNORECASE,
        ),
    ),
    (
        "median",
        re.compile(
            rf"(?P<median>{SIGNED})\s*(?:[A-Za-z]+\s*)?[,;]?\s*[(\[]\s*"
            rf"(?:(?P<range>range)|(?P<quartiles>IQR|interquartile range))?\s*[,:=]?\s*"
            rf"(?P<low>{SIGNED}){_TO}(?P<high>{NUMBER})\s*(?:[A-Za-z]+\s*)?[)\]]",
            re.IGNORECASE,
        ),
    ),
    ("p", re.compile(rf"(?<![A-Za-z]){_P_TEXT}(?P<p>{_P_NUMBER})")),
    ("percent", re.compile(rf"(?P<percent>{NUMBER})\s*%{_NO_LEVEL}")),
)  # fmt: skip
_NAMES = ("estimate", "low", "high", "p", "r", "mean", "sd", "n", "n2", "of", "percent", "median")


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic in a sentence.

    Parameters
    ----------
    sort
        What it is.
    pieces
        Its numbers by their names in an entry, with their places in the sentence.
    start, end
        Where it stands in the sentence.
    measure
        Of a ratio.
    word
        "range" or "quartiles" where the brackets of a median say so; "" otherwise.
    level
        Of a ratio's interval, where printed.
    levels
        The names of two levels that a ratio of patients counts.
    """

    sort: Sort
    pieces: Mapping[str, Piece]
    start: int
    end: int
    measure: Measure | None = None
    word: str = ""
    level: str = ""
    levels: tuple[str, str] | None = None


def statistics_in(sentence: str) -> tuple[Statistic, ...]:
    """Return the statistics of a sentence from left to right; no number belongs to two."""
    plain = normalised(sentence)
    taken: list[tuple[int, int]] = []
    found: list[Statistic] = []
    for statistic in _candidates(plain):
        if not any(statistic.start < end and start < statistic.end for start, end in taken):
            taken.append((statistic.start, statistic.end))
            found.append(statistic)
    return tuple(sorted(found, key=lambda statistic: statistic.start))


def _candidates(plain: str) -> Iterator[Statistic]:
    for measure, pattern in _RATIO:
        for match in pattern.finditer(plain):
            yield _statistic("ratio", match, measure)
    for sort, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            yield _statistic(sort, match)


def _statistic(sort: Sort, match: re.Match[str], measure: Measure | None = None) -> Statistic:
    groups = match.groupdict()
    pieces = {}
    for name in _NAMES:
        for key in (name, f"{name}2"):
            if groups.get(key) and (key != "n2" or name == "n2"):
                text = _WORDS.get(groups[key].lower(), "") or as_number(groups[key])
                pieces[name] = Piece(text, *match.span(key))
                break
    if "n2" in pieces and sort != "levels":
        del pieces["n2"]
    levels = (groups["one"], groups["two"]) if sort == "levels" else None
    word = next((name for name in ("range", "quartiles") if groups.get(name)), "")
    return Statistic(sort, pieces, *match.span(), measure, word, groups.get("level") or "", levels)


_BREAK = re.compile(r"(?<=[.!?])[\])]?\s+(?=[A-Z(\[“\"])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Fig|Figs|Tab|vs|al|e\.g|i\.e|No|Dr|approx|ca|cf|Eq|Ref|Refs|resp|St|Suppl|[A-Z])"
    r"|\bet al)\.$"
)


def sentences_of(text: str) -> tuple[str, ...]:
    """Divide a paragraph into sentences; abbreviations and initials do not end one."""
    pieces: list[str] = []
    at = 0
    for match in _BREAK.finditer(text):
        before = text[at : match.start() + 1].rstrip()
        if _ABBREVIATED.search(text[at : match.start()].rstrip()):
            continue
        pieces.append(before)
        at = match.end()
    pieces.append(text[at:].strip())
    return tuple(piece for piece in pieces if piece)


_CITED = re.compile(
    r"\[[0-9]+(?:\s*[,–-]\s*[0-9]+)*\]"
    r"|\b(?:Tables?|Figs?\.?|Figures?|Refs?\.?|Eq\.?|Additional file|Supplementary \w+)"
    r"\s*S?[0-9]+[A-Za-z]?(?:\s*(?:,|and|–|-)\s*S?[0-9]+[A-Za-z]?)*"
    r"|https?://\S+|\bdoi:?\s*\S+|\b(?:19|20)[0-9]{2}\b"
    r"|\b9[059]\s*%\s*(?=CI|confidence)",
    re.IGNORECASE,
)
_IN_NAMES = re.compile(r"[A-Za-z][A-Za-z-]*[0-9][\w./-]*|\b[0-9]+[A-Za-z]{1,2}(?=[-A-Z])\S*")


def cites(sentence: str) -> bool:
    """Return whether a sentence points to other papers by numbers in brackets."""
    return bool(re.search(r"\[[0-9]+(?:\s*[,–-]\s*[0-9]+)*\]", sentence))


def numbers_left(sentence: str, statistics: tuple[Statistic, ...]) -> bool:
    """Return whether a sentence has a number outside the given statistics.

    Numbers that only point elsewhere (citations, tables, figures, years) and those within
    names (CD19, anti-Ro-52, mRS) do not count.
    """
    signs = list(normalised(sentence))
    for statistic in statistics:
        for place in range(statistic.start, statistic.end):
            signs[place] = " "
    left = _IN_NAMES.sub(" ", _CITED.sub(" ", "".join(signs)))
    return bool(re.search(r"[0-9]", left))
