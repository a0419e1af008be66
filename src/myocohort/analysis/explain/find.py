"""Finding a number by what a person calls it: "Table 2, ILD, OR"."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
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
    results
        The content of results.json.

    Raises
    ------
    UnusableQuery
        With the nearest names where nothing fits, and with those that fit where several do.
    """
    every = leaves(results)
    parts = [part for part in (plain(piece) for piece in query.split(",")) if part]
    if not parts:
        rule = "a query names a number: table or section, row, column"
        raise UnusableQuery(Problem(rule=rule, next_step=_what_can_be_asked(every)), ())
    scores = [score_of(leaf.levels, parts) for leaf in every]
    best = max(scores, default=0.0)
    if not best:
        raise _nothing_fits(query, parts, every)
    top = [leaf for leaf, score in zip(every, scores, strict=True) if score == best]
    by_subject: dict[Subject, list[Leaf]] = {}
    for leaf in top:
        by_subject.setdefault(subject_of(leaf), []).append(leaf)
    whole = [subject for subject in by_subject if subject[0] == "models" and not subject[2]]
    for subject in whole if len(by_subject) > len(whole) else ():
        del by_subject[subject]  # a term was named: its numbers, not those of the whole model
    names = [_name(group) for group in by_subject.values()]
    if len(by_subject) > 1 and len(set(names)) == 1 and top[0].path[0] not in OWN_ROWS:
        chosen = [leaf for group in by_subject.values() for leaf in group]
        by_subject = {_shared_path(chosen): chosen}  # elements without a name are one answer
    if len(by_subject) > 1:
        rule = f"a query names one row; {len(by_subject)} are called so"
        raise UnusableQuery(
            Problem(rule=rule, value=query, next_step="Say which: add its table or its full name"),
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


def _nothing_fits(query: str, parts: Sequence[str], every: Sequence[Leaf]) -> UnusableQuery:
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
    step = f"Ask for one of the nearest. {_what_can_be_asked(every)}"
    return UnusableQuery(
        Problem(rule=rule, value=query, next_step=step), list(names)[:MOST_CHOICES]
    )


def _what_can_be_asked(every: Sequence[Leaf]) -> str:
    heads = dict.fromkeys(leaf.levels[0].words for leaf in every)
    return (
        f"Tables and sections: {', '.join(heads)}. Then a row (label or variable), then a group "
        "or column such as OR, p, interval, n, median, Firth"
    )
