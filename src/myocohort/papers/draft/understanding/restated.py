"""Numbers of running text that a table prints too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from myocohort.papers.draft.understanding.collected import Collected, EntryKind
from myocohort.papers.draft.understanding.sentences import Statistic
from myocohort.papers.draft.understanding.tokens import normalised

_KINDS: tuple[EntryKind, ...] = ("count", "mean", "median", "p")


@dataclass(frozen=True, slots=True)
class Printed:
    """The numbers of one line of a table.

    Parameters
    ----------
    sort
        "count", "mean", "median", "p" or "ratio".
    group
        The label of its group; "" for p values and models.
    words
        The words of its row, abbreviations written out too.
    numbers
        Name within the statistic -> number and its id.
    """

    sort: str
    group: str
    words: frozenset[str]
    numbers: Mapping[str, tuple[str, str]]


def printed_in_tables(collected: Collected) -> tuple[Printed, ...]:
    """Return what the tables print, line by line."""
    spelled = _abbreviations(collected)
    result = []
    for kind in _KINDS:
        for line in collected.entries.get(kind, ()):
            label = str(collected.variables[line["variable"]]["label"])
            row = ", ".join(str(line["place"]).split(", ")[1:-1])
            group = str(collected.groups[line["group"]]["label"]) if "group" in line else ""
            numbers: dict[str, tuple[str, str]] = {
                name: (str(line[name]), f"{line['id']}.{name}")
                for name in ("n", "percent", "mean", "sd", "median", "q1", "q3", "p")
                if name in line
            }
            words = _words(f"{label} {row} {line.get('level', '')}", spelled)
            result.append(Printed(kind, _bare(group), words, numbers))
    for model in collected.entries.get("model", ()):
        for term in model["terms"]:
            terms: dict[str, tuple[str, str]] = {
                ("estimate" if name.endswith("_ratio") else name): (
                    str(text),
                    f"{model['id']}.{term['term']}.{name}",
                )
                for name, text in term.items()
                if name != "term"
            }
            words = _words(str(term["term"]).replace("_", " ").replace("=", " "), spelled)
            result.append(Printed("ratio", "", words, terms))
    return tuple(result)


def restated(
    statistic: Statistic, segment: str, group: str, printed: tuple[Printed, ...]
) -> dict[str, str]:
    """Return which printed numbers a statistic restates: its own names -> ids; empty for none.

    A ratio restates the only line with the same estimate. Any other statistic restates a line
    with the same numbers, of the same group where the sentence names one, and with a word of
    its row in the sentence; where several lines would do, the one with most words, or none.

    Parameters
    ----------
    statistic
        From the sentence.
    segment
        The words that it stands among.
    group
        The label of the group that the sentence names, or "".
    printed
        What the tables print.
    """
    if statistic.sort == "ratio":
        return _of_ratio(statistic, printed)
    sort = {"percent": "count"}.get(statistic.sort, statistic.sort)
    values = {name: piece.text for name, piece in statistic.pieces.items() if name != "of"}
    if sort == "median":
        values = {"median": values["median"], "q1": values["low"], "q3": values["high"]}
    words = _words(segment, {})
    scored = []
    for line in printed:
        if line.sort != sort or (sort != "p" and line.group != _bare(group)):
            continue
        same = all(line.numbers.get(name, ("", ""))[0] == text for name, text in values.items())
        if same and (overlap := len(line.words & words)):
            scored.append((overlap, line))
    best = max((overlap for overlap, _ in scored), default=0)
    lines = [line for overlap, line in scored if overlap == best]
    if len(lines) != 1:
        return {}
    found = {name: lines[0].numbers[name][1] for name in values}
    if sort == "median":
        return {"median": found["median"], "low": found["q1"], "high": found["q3"]}
    return found


def _of_ratio(statistic: Statistic, printed: tuple[Printed, ...]) -> dict[str, str]:
    estimate = statistic.pieces["estimate"].text
    lines = [
        line
        for line in printed
        if line.sort == "ratio" and line.numbers.get("estimate", ("", ""))[0] == estimate
    ]
    names = set(statistic.pieces)
    if len(lines) != 1 or not names <= set(lines[0].numbers):
        return {}
    return {name: lines[0].numbers[name][1] for name in statistic.pieces}


def _bare(label: str) -> str:
    label = re.sub(r"\s*\([^()]*[Tt]able[^()]*\)$", "", label)
    return re.sub(r"\s+(?:groups?|patients|cases)$", "", label, flags=re.IGNORECASE).lower()


_COMMON = frozenset(
    [
        "and",
        "the",
        "with",
        "from",
        "for",
        "group",
        "groups",
        "patients",
        "patient",
        "yes",
        "percent",
        "table",
        "months",
        "month",
        "years",
        "year",
        "mean",
        "median",
        "old",
        "was",
        "were",
    ]
)


def _words(text: str, spelled: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the words of a text in one form: small letters, no plural; numbers of a time too."""
    found: set[str] = set()
    plain = normalised(text)
    for word in re.findall(
        r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(?=\s*(?:months?|weeks?|years?|days?))", plain
    ):
        lower = word.lower()
        found |= spelled.get(lower, frozenset())
        for part in (lower, *(re.split(r"-", lower) if len(lower) > 6 else ())):
            stem = part[:-1] if part.endswith("s") and len(part) > 3 else part
            if (len(stem) > 2 or stem.isdigit()) and stem not in _COMMON:
                found.add(stem)
    return frozenset(found)


def _abbreviations(collected: Collected) -> dict[str, frozenset[str]]:
    """Read "ILD Interstitial lung disease, MTX Methotrexate" under the tables."""
    found: dict[str, frozenset[str]] = {}
    for table in collected.tables:
        for note in table["notes"]:
            for part in re.split(r"[,;.]\s+", str(note)):
                match = re.match(r"\s*([A-Za-z][\w-]{1,9})\s*[:=,]?\s+([A-Za-z][a-z].+)", part)
                if match and any(sign.isupper() for sign in match[1][1:]):
                    found[match[1].lower()] = _words(match[2], {})
    return found
