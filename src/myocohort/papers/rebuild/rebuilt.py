"""Records behind any paper file: everything that is printed at once, or what rules it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from myocohort.errors import RebuildError
from myocohort.papers.entries import Reading
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.binary import AS_PRINTED, ReadingAnswer, applies, read_rows
from myocohort.papers.rebuild.columns import ColumnAnswer, search_column
from myocohort.papers.rebuild.linked import Joint
from myocohort.papers.rebuild.model_terms import ModelSearch, numbers_behind, search_model
from myocohort.papers.rebuild.ranges import Spread, refitted
from myocohort.papers.rebuild.rows import Comparison, compare, compared_groups
from myocohort.papers.rebuild.summaries import numeric_variables
from myocohort.papers.refit import FAMILIES
from myocohort.stats.models import MODELS
from myocohort.stats.result import P_OF_INTERVAL

Progress = Callable[[int, int, str], None]

NOTE = (
    "Every record here is made: it is one of the sets of patients that the printed numbers leave "
    "possible, and says nothing about the patients of the study. What is called determined is "
    "the same in all of them."
)


@dataclass(frozen=True, slots=True)
class Records:
    """Patients who have all printed numbers that were searched, one a row.

    Parameters
    ----------
    reading
        Id of the reading that they follow.
    number
        Which solution of it, counted from 1.
    table
        Columns: `patient` (a made code), `group`, every category and every number.
    """

    reading: str
    number: int
    table: pd.DataFrame


@dataclass(frozen=True, slots=True)
class RebuiltPaper:
    """What the printed numbers of a paper leave possible.

    Parameters
    ----------
    title
        Of the paper.
    models
        The search behind each printed model.
    readings
        Every reading of the categories, comparison by comparison.
    columns
        Every variable that is a number.
    ranges
        Model id -> its statistics over all joint tables.
    records
        The solutions listed.
    left_out
        Groups whose rows were not searched, and why.
    """

    title: str
    models: tuple[ModelSearch, ...]
    readings: tuple[ReadingAnswer, ...]
    columns: tuple[ColumnAnswer, ...]
    ranges: dict[str, tuple[Spread, ...]]
    records: tuple[Records, ...]
    left_out: tuple[str, ...] = ()

    @property
    def conflicts(self) -> int:
        """How many minimal conflicts were found in all."""
        parts: Sequence[ModelSearch | ReadingAnswer | ColumnAnswer] = (
            *self.models, *self.readings, *self.columns
        )  # fmt: skip
        return sum(len(part.conflicts) for part in parts)

    def words(self) -> tuple[str, ...]:
        """Return everything that was found in words, a paragraph each."""
        said = [model.words() for model in self.models]
        if not self.models:
            said.append("The paper file has no model, so that no joint tables were searched.")
        said += [reading.words() for reading in self.readings]
        said += self.left_out
        if not self.readings and not self.left_out:
            said.append("No counts of categories are printed of two groups side by side.")
        said += [column.words() for column in self.columns if column.status != "not searched"]
        reasons: dict[str, list[str]] = {}
        for column in self.columns:
            if column.status == "not searched":
                reasons.setdefault(column.why, []).append(column.variable)
        said += [f"Not searched: {', '.join(names)}: {why}." for why, names in reasons.items()]
        said += [_range_words(model, spreads) for model, spreads in self.ranges.items()]
        said.append(
            f"{len(self.records)} sets of records are given. {NOTE}"
            if self.records
            else "No records are given."
        )
        return tuple(said)

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON; the same paper, limit and seed give the same."""
        return {
            "title": self.title,
            "models": [model.as_dict() for model in self.models],
            "left_out": list(self.left_out),
            "readings": [reading.as_dict() for reading in self.readings],
            "columns": [column.as_dict() for column in self.columns],
            "ranges": {
                model: [spread.as_dict() for spread in spreads]
                for model, spreads in self.ranges.items()
            },
            "records": [
                {
                    "reading": records.reading,
                    "solution": records.number,
                    "made": True,
                    "patients": records.table.to_dict(orient="records"),
                }
                for records in self.records
            ],
            "conflicts": self.conflicts,
            "note": NOTE,
            "words": list(self.words()),
        }


def rebuild_paper(
    paper: Paper,
    *,
    limit: int = 8,
    seed: int = 2020,
    progress: Progress | None = None,
) -> RebuiltPaper:
    """Search for individual records that have every printed number at once.

    Parameters
    ----------
    paper
        Any paper file.
    limit
        How many solutions of each reading are listed as records.
    seed
        Of every choice that the printed numbers leave free; the same seed gives the same.
    progress
        Told step, number of steps and what is being done.

    Returns
    -------
    RebuiltPaper
        Joint tables, readings, columns, ranges and records. What could not be searched says
        why.

    Raises
    ------
    RebuildError
        When the paper file has nothing to rebuild patients from, or `limit` is below 0.
    """
    if limit < 0:
        raise RebuildError(f"the number of solutions to list is not below 0; found {limit}")
    sets, left_out = _comparisons(paper)
    variables = numeric_variables(paper)
    if not sets and not variables and not paper.model:
        raise RebuildError(
            left_out[0]
            if left_out
            else "the paper file has nothing that patients can be rebuilt from: no counts of two "
            "groups ([[count]] with [[partitions]] or [[p]]), no means, medians or ranges "
            "([[mean]], [[median]], [[range]]), and no [[model]]"
        )
    asked = tuple(_readings(paper, sets))
    steps = len(paper.model) + len(asked) + len(variables) + 1
    done = 0

    def tell(what: str) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, steps, what)

    models = []
    for entry in paper.model:
        tell(f"joint tables of {entry.place}")
        models.append(search_model(paper, entry))
    answers = []
    for comparison, reading in asked:
        tell(f"rows of {' and '.join(comparison.groups)}, reading {reading.id}")
        joint = _joint(paper, models, comparison)
        answers.append(read_rows(paper, comparison, reading, joint, limit=limit, seed=seed))
    columns = []
    for variable in variables:
        tell(f"values of {variable}")
        columns.append(search_column(paper, variable, seed=seed))
    tell("statistics over all joint tables")
    ranges = {
        entry.id: refitted(entry, found.joint)
        for entry, found in zip(paper.model, models, strict=True)
        if found.joint is not None and found.joint.solutions
    }
    records = tuple(
        Records(answer.reading.id, number, _with_columns(table, columns, seed, number))
        for answer in answers
        for number, table in enumerate(answer.records, start=1)
    )
    return RebuiltPaper(
        paper.title, tuple(models), tuple(answers), tuple(columns), ranges, records, left_out
    )


def _comparisons(paper: Paper) -> tuple[list[Comparison], tuple[str, ...]]:
    """Return the groups that can be compared, and why others cannot."""
    sets, left_out = [], []
    for above, groups in compared_groups(paper):
        try:
            sets.append(compare(paper, above, groups))
        except RebuildError as error:
            left_out.append(f"{' and '.join(groups)} were not searched: {error}")
    return sets, tuple(left_out)


def _readings(paper: Paper, sets: Sequence[Comparison]) -> list[tuple[Comparison, Reading]]:
    """Return each comparison with the readings that name rows of it."""
    pairs = []
    for reading in paper.reading:
        if not any(applies(reading, comparison) for comparison in sets):
            raise RebuildError(
                f"the reading {reading.id!r} names rows that are not printed of the same groups"
            )
    for comparison in sets:
        mine = [
            reading
            for reading in paper.reading
            if applies(reading, comparison) and (_names(reading) or comparison is sets[0])
        ]
        pairs += [(comparison, reading) for reading in mine or [AS_PRINTED]]
    return pairs


def _names(reading: Reading) -> bool:
    return bool(reading.exclusive or reading.any_of)


def _joint(paper: Paper, models: Sequence[ModelSearch], comparison: Comparison) -> Joint | None:
    """Return the joint tables of the first model of the groups of a comparison."""
    for entry, found in zip(paper.model, models, strict=True):
        joint = found.joint
        if joint is not None and joint.solutions and set(joint.groups) <= set(comparison.groups):
            return Joint(joint, numbers_behind(paper, entry))
    return None


def _with_columns(
    table: pd.DataFrame, columns: Sequence[ColumnAnswer], seed: int, number: int
) -> pd.DataFrame:
    """Deal the values that were found to the patients of each group, in an order of their own."""
    table = table.copy()
    for column in columns:
        dealt: list[Any] = [None] * len(table)
        for group, values in column.values.items():
            places = np.flatnonzero(table["group"] == group)
            rng = targets.stream(seed, f"{column.variable} {group} {number}")
            for place, value in zip(rng.permutation(places)[: len(values)], values, strict=False):
                dealt[place] = int(value) if value.is_integer() else value
        if any(value is not None for value in dealt):
            table[column.variable] = pd.Series(dealt, dtype=object)
    return table


def _range_words(model: str, spreads: Sequence[Spread]) -> str:
    free = [spread for spread in spreads if not spread.determined]
    sure = len(spreads) - len(free)
    said = (
        f"Over the joint tables of {model}, {sure} statistics of the refitted model are the same "
        "in all of them (maximum likelihood, Firth, exact)."
    )
    if free:
        named = "; ".join(f"{s.statistic} {s.low:.3g} to {s.high:.3g}" for s in free[:6])
        said += f" {len(free)} are ranges: {named}"
        said += ", and more." if len(free) > 6 else "."
    terms = dict.fromkeys(spread.term for spread in spreads if spread.term)
    return "\n".join([said, *(f"  {term}: {_refitted(term, spreads)}" for term in terms)])


def _refitted(term: str, spreads: Sequence[Spread]) -> str:
    """Write what each method gives for a term: the odds ratio, then each family's limits and p."""
    found = {(s.method, s.quantity, s.family): s for s in spreads if s.term == term}
    said = []
    for method in dict.fromkeys(method for method, _, _ in found):
        estimate = found.get((method, "odds_ratio", ""))
        families = []
        for family, family_of_p in P_OF_INTERVAL.items():
            low, high = (found.get((method, name, family)) for name in ("low", "high"))
            p = found.get((method, "p", family_of_p))
            if low is not None and high is not None:
                limits = f"{FAMILIES.get(family, family)} {_value(low)} to {_value(high)}"
                families.append(limits if p is None else f"{limits}, p {_value(p)}")
        shown = "" if estimate is None else f" {_value(estimate)}"
        said.append(f"{MODELS[method].label}{shown} ({'; '.join(families)})")
    return "; ".join(said)


def _value(spread: Spread) -> str:
    if spread.determined:
        return f"{spread.low:.4g}"
    return f"{spread.low:.4g} up to {spread.high:.4g}"
