"""Tiny papers made in the tests, and everything that their patients can be, one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from myocohort.papers.paperfile import Paper

GROUPS = {
    "all": {"label": "all"},
    "one": {"label": "first group"},
    "two": {"label": "second group"},
}
PARTITION = [{"whole": "all", "parts": ["one", "two"]}]


def paper_of(**tables: Any) -> Paper:
    """Return a paper with the groups all, one and two."""
    head: dict[str, Any] = {"title": "A paper", "groups": GROUPS, "partitions": PARTITION}
    return Paper.model_validate(head | tables)


def sizes(**n: int) -> list[dict[str, str]]:
    """Return size entries."""
    return [
        {"id": f"size.{group}", "place": "Methods", "group": group, "n": str(size)}
        for group, size in n.items()
    ]


def counts(group: str, **n: int) -> list[dict[str, str]]:
    """Return count entries of yes/no rows in a group."""
    return [
        {"id": f"{name}.{group}", "place": f"Table 1, {name}, {group}", "variable": name,
         "group": group, "n": str(number)}
        for name, number in n.items()
    ]  # fmt: skip


def everybody(
    size: int, names: Sequence[str], exclusive: Sequence[Sequence[str]],
    any_of: Mapping[str, Sequence[str]],
) -> Iterator[tuple[dict[str, bool], ...]]:  # fmt: skip
    """Yield every set of `size` patients whose yes/no values obey the rules of a reading."""
    kinds = []
    for values in itertools.product((False, True), repeat=len(names)):
        patient = dict(zip(names, values, strict=True))
        apart = all(sum(patient[name] for name in rule) <= 1 for rule in exclusive)
        summed = all(
            patient[whole] == any(patient[part] for part in parts)
            for whole, parts in any_of.items()
        )
        if apart and summed:
            kinds.append(patient)
    yield from itertools.combinations_with_replacement(kinds, size)
