"""Finding a number by what a person calls it: "Table 2, ILD, OR"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from myocohort.analysis.explain.index import Leaf, Level, leaves, plain
from myocohort.errors import InputError, Problem

EXACT, INITIALS, BEGINS, WORDS, INSIDE = 8.0, 6.0, 5.0, 4.0, 2.0
FIRST = 1.0
"""How well a name fits: equal, by its initials, by its beginning, by whole words, anywhere; and
what is added where the first part is a table or section."""
SHORTEST_INSIDE = 3
MOST_CHOICES = 12
SAID_BETWEEN = frozenset(
    {"of", "the", "in", "for", "at", "by", "with", "and", "what", "is", "how", "many"}
)
"""Words that stand between names and are none, where a query has no commas."""

Subject = tuple[object, ...]
OWN_ROWS = ("tables", "models", "screening", "missing", "outcome")
"""Sections whose rows are told apart by variable and term, never only by their place."""


class UnusableQuery(InputError):  # noqa: N818  (a wrong use of the command, not of a study)
    """Nothing, or several things, are called what was asked for.

    Parameters
    ----------
    problem
        What is wrong with the query.
    choices
        What can be asked for instead, nearest first.
    """

    def __init__(self, problem: Problem, choices: Sequence[str]) -> None:
        super().__init__([problem])
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class Found:
    """The numbers that a query names, all of one row, term or group.

    Parameters
    ----------
    subject
        What they belong to: see `subject_of`.
    name
        In words, as printed.
    leaves
        In the order of results.json.
    """

    subject: Subject
    name: str
    leaves: tuple[Leaf, ...]

    def rest(self, leaf: Leaf) -> str:
        """Return what tells a number from the others that were found, as printed."""
        shared = set(self.leaves[0].words).intersection(*(other.words for other in self.leaves))
        own = [word for word in leaf.words if word not in shared]
        return ", ".join(own) or leaf.words[-1]


def find_numbers(query: str, results: Mapping[str, Any]) -> Found:
    """Find what a query names.

    Parameters
    ----------
    query
        Parts between commas, each the name of a table, row, group, column or method: whole, its
        beginning, some of its words or its initials. Without a column, all numbers of the row.
        Where commas are missing, names that stand in results.json part the words. If a row and
        a column are named and fit equally well, a table or the final model comes before what
        else rests on it.
    results
        The content of results.json.

    Raises
    ------
    UnusableQuery
        With the nearest names where nothing fits, and with those that fit where several do.
    """
    every = leaves(results)
    pieces = [part for part in (plain(piece) for piece in query.split(",")) if part]
    if not pieces:
        rule = "a query names a number: table or section, row, column"
        raise UnusableQuery(Problem(rule=rule, next_step=_what_can_be_asked(every)), ())
    levels = {level for leaf in every for level in leaf.levels}
    parts = [part for piece in pieces for part in _parted(piece, levels)]
    scores = [score_of(leaf.levels, parts) for leaf in every]
    best = max(scores, default=0.0)
    if not best:
        raise _nothing_fits(query, parts, every, results)
    top = [leaf for leaf, score in zip(every, scores, strict=True) if score == best]
    by_subject: dict[Subject, list[Leaf]] = {}
    for leaf in top:
        by_subject.setdefault(subject_of(leaf), []).append(leaf)
    whole = [subject for subject in by_subject if subject[0] == "models" and not subject[2]]
    named = any(subject[0] == "models" and subject[2] for subject in by_subject)
    for subject in whole if named else ():
        del by_subject[subject]  # a term was named: its numbers, not those of the whole model
    first = [s for s in by_subject if s[0] == "tables" or s[:2] == ("models", "final")]
    if len(first) == 1 and len(parts) > 1:
        by_subject = {first[0]: by_subject[first[0]]}
    names = [_name(group) for group in by_subject.values()]
    if len(by_subject) > 1 and len(set(names)) == 1 and top[0].path[0] not in OWN_ROWS:
        chosen = [leaf for group in by_subject.values() for leaf in group]
        by_subject = {_shared_path(chosen): chosen}  # elements without a name are one answer
    if (shortest := _part_of_all(by_subject)) is not None:
        by_subject = {shortest: by_subject[shortest]}
    if len(by_subject) > 1:
        rule = f"a query names one row; {len(by_subject)} are called so"
        raise UnusableQuery(
            Problem(
                rule=rule,
                value=query,
                next_step="Say which: add its table or its full name"
                + _of_a_patient(query, results),
            ),
            list(dict.fromkeys(names))[:MOST_CHOICES],
        )
    subject, chosen = next(iter(by_subject.items()))
    return Found(subject, _name(chosen), tuple(chosen))


def subject_of(leaf: Leaf) -> Subject:
    """Return what a number belongs to: a row, a term, a question about time, or its element.

    Returns
    -------
    tuple
        ``("tables", place, variable)``, ``("models", id, term)``, ``("screening", term)``,
        ``("times", place)``, ``("missing", variable)``, ``("outcome", code)``, or the path of the
        innermost element of a list in any other section. Blank where it is of the whole.
    """
    path, near = leaf.path, leaf.near
    if path[0] == "tables":
        row = next((part for part in near if "variable" in part), {})
        return ("tables", path[1], row.get("variable", ""))
    if path[0] == "models":
        term = near[1].get("name", "") if "terms" in path else ""
        return ("models", near[0]["id"], term)
    if path[0] == "screening":
        return ("screening", near[-1].get("term", ""))
    if path[0] == "missing":
        return ("missing", near[0].get("variable", ""))
    if path[0] == "outcome":
        return path
    if path[:3] == ("courses", "mrs", "groups"):
        return path[:6]
    if path[:2] == ("courses", "times"):
        return ("times", path[2])
    places = [place for place, part in enumerate(path) if isinstance(part, int)]
    return path[: places[-1] + 1] if places else path[:-1]


def score_of(levels: tuple[Level, ...], parts: Sequence[str]) -> float:
    """Say how well a query fits the way to a number; 0 where a part fits nothing on it."""
    total = 0.0
    for part in parts:
        score = _part_score(levels, part)
        if not score:
            return 0.0
        total += score
    named = _level_score(levels[0], parts[0]) >= BEGINS  # a table or section comes first
    return total + FIRST if named else total


def _parted(piece: str, levels: Iterable[Level]) -> list[str]:
    """Part words that no comma parts: by the longest names that stand in results.json."""
    words = piece.split()
    if len(words) < 2 or any(_level_score(level, piece) >= WORDS for level in levels):
        return [piece]
    known = {alias for level in levels for alias in level.aliases}
    parts: list[list[str]] = []
    place, open_ended = 0, False
    while place < len(words):
        ends = range(len(words), place, -1)
        end = next((e for e in ends if _is_name(words[place:e], known)), place)
        if end > place:
            parts.append(words[place:end])
            place, open_ended = end, False
            continue
        if words[place] not in SAID_BETWEEN:
            parts = [*parts[:-1], [*parts[-1], words[place]]] if open_ended else [
                *parts, [words[place]]
            ]  # fmt: skip
            open_ended = True
        place += 1
    return [" ".join(part) for part in parts]


def _is_name(words: Sequence[str], known: set[str]) -> bool:
    """Whether some words are a whole name; a number alone is none, and no word between names."""
    if len(words) == 1 and (words[0].isdigit() or words[0] in SAID_BETWEEN):
        return False
    return " ".join(words) in known


def _part_score(levels: tuple[Level, ...], part: str) -> float:
    """Fit a part as a whole, otherwise word by word: "Firth OR" names a method and a column."""
    score = max(_level_score(level, part) for level in levels)
    words = part.split()
    if score >= WORDS or len(words) < 2:
        return score
    single = [max(_level_score(level, word) for level in levels) for word in words]
    return max(score, sum(single) / len(single) - 1.0 if all(single) else 0.0)


@cache
def _level_score(level: Level, part: str) -> float:
    return max((_alias_score(alias, part) for alias in level.aliases), default=0.0)


def _alias_score(alias: str, part: str) -> float:
    if alias == part:
        return EXACT
    if len(part) < 2:
        return 0.0
    if len(part) > 2 and part == "".join(word[0] for word in alias.split()):
        return INITIALS
    if alias.startswith(part):
        return BEGINS
    if f" {part}" in f" {alias}":
        return WORDS
    return INSIDE if len(part) >= SHORTEST_INSIDE and part in alias else 0.0


def _shared_path(chosen: Sequence[Leaf]) -> Subject:
    """Return the part of their paths that numbers have in common."""
    shared = []
    for parts in zip(*(leaf.path for leaf in chosen), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return tuple(shared)


def _name(chosen: Sequence[Leaf]) -> str:
    """Return what the numbers have in common, as printed."""
    first, *others = [leaf.words for leaf in chosen]
    if not others:
        return ", ".join(first[:-1])
    shared = [word for word in first if all(word in words for words in others)]
    return ", ".join(dict.fromkeys(shared))


def _part_of_all(by_subject: Mapping[Subject, Sequence[Leaf]]) -> Subject | None:
    """Return what can be named in no other way: its words are among those of all others."""
    words = {
        subject: {word for leaf in group for word in leaf.words}
        for subject, group in by_subject.items()
    }
    found = [s for s, own in words.items() if all(own < o for t, o in words.items() if t != s)]
    return found[0] if len(found) == 1 and len(words) > 1 else None


def _nothing_fits(
    query: str, parts: Sequence[str], every: Sequence[Leaf], results: Mapping[str, Any]
) -> UnusableQuery:
    """Return the error with the rows whose names are nearest to what was asked."""
    by_subject: dict[Subject, list[Leaf]] = {}
    for leaf in every:
        by_subject.setdefault(subject_of(leaf), []).append(leaf)
    wanted = " ".join(parts)
    ranked: list[tuple[float, float, str]] = []
    for group in by_subject.values():
        fit = max(sum(_part_score(leaf.levels, part) for part in parts) for leaf in group[:8])
        name = _name(group)
        if not name:
            continue
        close = difflib.SequenceMatcher(None, plain(name), wanted).quick_ratio()
        ranked.append((-fit, -close, name))
    names = dict.fromkeys(name for *_, name in sorted(ranked)[: 3 * MOST_CHOICES])
    unknown = [part for part in parts if not any(_part_score(leaf.levels, part) for leaf in every)]
    rule = "a number is called so in results.json"
    if unknown:
        rule = f"nothing in results.json is called {' or '.join(map(repr, unknown))}"
    step = f"Ask for one of the nearest{_of_a_patient(query, results)}. {_what_can_be_asked(every)}"
    if any(re.fullmatch(r"fig(ure)? ?\w*", part) for part in parts):
        step = f"A figure is drawn from the numbers of its section: ask for one of those. {step}"
    return UnusableQuery(
        Problem(rule=rule, value=query, next_step=step), list(names)[:MOST_CHOICES]
    )


def _of_a_patient(query: str, results: Mapping[str, Any]) -> str:
    """Say which command a patient's code belongs to; empty where it is none."""
    codes = [str(one["patient"]) for one in results.get("decisions") or ()]
    named = next((code for code in codes if plain(code) == plain(query)), None)
    return (
        f"; the decision on a patient: `myocohort outcome STUDY --patient {named}`" if named else ""
    )


def _what_can_be_asked(every: Sequence[Leaf]) -> str:
    heads = dict.fromkeys(leaf.levels[0].words for leaf in every)
    return (
        f"Tables and sections: {', '.join(heads)}. Then a row (label or variable), then a group "
        "or column such as OR, p, interval, n, median, Firth"
    )
