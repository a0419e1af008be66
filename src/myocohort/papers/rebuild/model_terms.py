"""The joint tables behind a printed logistic model of yes/no terms, from any paper file."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import RebuildError
from myocohort.papers.entries import Model, ModelTerm, PrintedNumber
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, agrees, format_like, interval, parse
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.conflicts import Conflict, listed, minimal_conflicts, stated
from myocohort.papers.rebuild.joint import (
    JointSolutions,
    Margins,
    fit_sizes,
    search_joint,
    solve_joint,
    standard_errors,
)
from myocohort.stats.p_values import from_normal, normal_quantile

ANY = Interval(None, None)
CONFLICTS = 5
SOLUTIONS_GIVEN = 200
"""How many joint tables `as_dict` lists, of as many as there are."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A limit or p value that follows from a joint table, held against the printed one.

    Parameters
    ----------
    id, place, printed
        The printed number.
    low, high
        Wald's value over the tables that fit, with the printed digits.
    held_by
        How many of these tables have it as printed.
    """

    id: str
    place: str
    printed: str
    low: str
    high: str
    held_by: int


@dataclass(frozen=True, slots=True)
class ModelSearch:
    """What the printed counts and odds ratios of a model leave possible.

    Parameters
    ----------
    id, place
        The model in the paper file.
    joint
        The joint tables; None where they were not searched.
    why
        Why they were not; empty where they were.
    followed
        The printed limits and p values, held against the tables that fit.
    hold_all
        How many tables have all of them.
    hold_most
        How many have all but those that no table has.
    conflicts
        Odds ratios that, with the printed counts, no table has together.
    """

    id: str
    place: str
    joint: JointSolutions | None
    why: str = ""
    followed: tuple[Followed, ...] = ()
    hold_all: int = 0
    hold_most: int = 0
    conflicts: tuple[Conflict, ...] = ()

    @property
    def nobody_has(self) -> tuple[Followed, ...]:
        """Printed limits and p values that none of the tables has."""
        return tuple(number for number in self.followed if not number.held_by)

    def cells(self) -> list[dict[str, Any]]:
        """Return every cell of the joint table with its smallest and largest number."""
        if self.joint is None or not self.joint.solutions:
            return []
        tables = np.array(self.joint.solutions)
        lows, highs = tables.min(axis=0), tables.max(axis=0)
        return [
            {
                "group": group,
                "pattern": "".join(str(digit) for digit in pattern),
                "low": int(lows[g, c]),
                "high": int(highs[g, c]),
                "determined": bool(lows[g, c] == highs[g, c]),
            }
            for g, group in enumerate(self.joint.groups)
            for c, pattern in enumerate(self.joint.patterns)
        ]

    def words(self) -> str:
        """Return the search in words."""
        if self.joint is None:
            return f"{self.place}: the joint tables were not searched: {self.why}"
        joint = self.joint
        said = [
            f"{self.place}: {joint.candidates:,} joint tables of {', '.join(joint.terms)} by "
            f"{joint.groups[0]} and {joint.groups[1]} have the printed counts; "
            f"{joint.fits:,} of them give the printed odds ratios."
        ]
        said += [conflict.words for conflict in self.conflicts]
        if joint.pattern_sizes is not None:
            names = (
                f"{''.join(str(digit) for digit in pattern)} {n}"
                for pattern, n in zip(joint.patterns, joint.pattern_sizes, strict=True)
            )
            said.append(
                f"Determined: the patients in each pattern of {', '.join(joint.terms)} "
                f"({', '.join(names)}), and with them the model."
            )
        elif joint.fits:
            said.append("The tables that fit differ in the number of patients by pattern.")
        free = [cell for cell in self.cells() if not cell["determined"]]
        if free:
            said.append(
                f"Free: {len(free)} of {len(self.cells())} cells by group differ between them."
            )
        if self.followed and joint.fits:
            said.append(
                f"{self.hold_all:,} of the {joint.fits:,} also have all {len(self.followed)} "
                "printed limits and p values, as Wald's."
            )
            for number in self.nobody_has:
                computed = (
                    number.low if number.low == number.high else f"{number.low} to {number.high}"
                )
                said.append(
                    f"None of them has {number.printed} ({number.place}, "
                    f"{number.id.rpartition('.')[2]}): they have {computed}."
                )
            if self.nobody_has:
                said.append(f"Apart from that, {self.hold_most:,} have all the others.")
        return " ".join(said)

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        joint = None if self.joint is None else self.joint.as_dict()
        if joint is not None:
            joint["solutions"] = joint["solutions"][:SOLUTIONS_GIVEN]
            joint["note"] = self.words()
        return {
            "id": self.id,
            "place": self.place,
            "searched": self.joint is not None,
            "why_not": self.why,
            "joint": joint,
            "cells": self.cells(),
            "limits_and_p": [
                {
                    "id": n.id, "place": n.place, "printed": n.printed,
                    "low": n.low, "high": n.high, "held_by": n.held_by,
                }
                for n in self.followed
            ],
            "hold_all": self.hold_all,
            "hold_all_but_those_of_none": self.hold_most,
            "conflicts": [conflict.as_dict() for conflict in self.conflicts],
            "words": self.words(),
        }  # fmt: skip


def split_term(term: str) -> tuple[str, str]:
    """Return variable and level of a model's term; a term without a level means "yes"."""
    variable, _, level = term.partition("=")
    return variable, level or "yes"


def outcome_groups(paper: Paper, model: Model) -> tuple[str, str]:
    """Return the groups without and with the outcome of a model.

    They are the two parts of a partition of the model's group; one of them is named as the
    model's outcome, or is declared to have it as its only outcome.

    Raises
    ------
    RebuildError
        When the paper file declares no such partition.
    """
    for partition in paper.partitions:
        if partition.whole != model.group or len(partition.parts) != 2:
            continue
        for part, other in (partition.parts, partition.parts[::-1]):
            if model.outcome and model.outcome in (part, *_outcomes(paper, part)):
                return other, part
    raise RebuildError(
        f"the model {model.id!r} needs an outcome, and a partition of its group "
        f"{model.group!r} into the patients without and with it; declare both "
        "(`outcome`, [[partitions]])"
    )


def margins_of(paper: Paper, model: Model, group: str) -> Margins:
    """Return the printed size of a group, and how many of it have each term of a model.

    Raises
    ------
    RebuildError
        When a number is not printed, or a count is above the size.
    """
    return Margins(
        group,
        targets.size(paper, group),
        tuple(targets.count(paper, *_swapped(line, group)) for line in model.terms),
    )


def _swapped(line: ModelTerm, group: str) -> tuple[str, str, str]:
    variable, level = split_term(line.term)
    return variable, group, level


def _outcomes(paper: Paper, group: str) -> tuple[str, ...]:
    declared = paper.groups[group].outcome or ()
    return declared if len(declared) == 1 else ()


def solve_model(paper: Paper, model: Model) -> JointSolutions:
    """Find the joint tables of a printed model's terms by outcome; there is at least one.

    Raises
    ------
    RebuildError
        When numbers are missing or contradict each other, or when no table fits.
    """
    without, having = (margins_of(paper, model, g) for g in outcome_groups(paper, model))
    return solve_joint(_names(model), without, having, _odds_ratios(model))


def numbers_behind(paper: Paper, model: Model) -> tuple[str, ...]:
    """Return the ids of the printed numbers that `solve_model` rests on."""
    ids = [f"{model.id}.{line.term}.{line.measure}" for line in model.terms]
    for group in outcome_groups(paper, model):
        ids += [f"{size.id}.n" for size in paper.size if size.group == group][:1]
        for line in model.terms:
            variable, level = split_term(line.term)
            ids.append(f"{targets.count_entry(paper, variable, group, level).id}.n")
    return tuple(ids)


def search_model(paper: Paper, model: Model) -> ModelSearch:
    """Search the joint tables of a printed model, and say what is determined and what is free.

    Nothing is raised for a model that cannot be searched: the answer says why.
    """
    try:
        _searchable(paper, model)
        without, having = (margins_of(paper, model, g) for g in outcome_groups(paper, model))
        odds_ratios = _odds_ratios(model)
        joint = search_joint(_names(model), without, having, odds_ratios)
    except RebuildError as error:
        return ModelSearch(model.id, model.place, None, why=str(error))
    if not joint.solutions:
        conflicts = _conflicts(paper, model, without, having)
        return ModelSearch(model.id, model.place, joint, conflicts=conflicts)
    return _with_limits(paper, model, joint)


def _names(model: Model) -> list[str]:
    return [line.term for line in model.terms]


def _searchable(paper: Paper, model: Model) -> None:
    """Raise a RebuildError where joint tables are not what a model's numbers come from."""
    if model.claimed not in (None, "ml"):
        raise RebuildError(
            f"its estimates are of the method {model.claimed!r}, and only those of maximum "
            "likelihood are searched for"
        )
    odd = [line.term for line in model.terms if line.measure not in ("odds_ratio", "coefficient")]
    if odd:
        raise RebuildError(f"{', '.join(odd)}: only odds ratios or their logarithms are searched")
    for line in model.terms:
        variable, level = split_term(line.term)
        for group in outcome_groups(paper, model):
            targets.count_entry(paper, variable, group, level)
            if paper.having(variable, group) != paper.group_size(group):
                raise RebuildError(
                    f"{variable} is not known of all patients of the group {group!r}, and who of "
                    "the others entered the model is not printed"
                )


def _odds_ratios(model: Model) -> list[Interval]:
    """Return what each printed odds ratio, or its logarithm, stands for."""
    found = []
    for line in model.terms:
        allowed = interval(line.estimate)
        if line.measure == "coefficient":
            low, high = (
                None if limit is None else parse(f"{math.exp(limit):.15f}").value
                for limit in (allowed.low, allowed.high)
            )
            allowed = Interval(low, high, allowed.closed)
        found.append(allowed)
    return found


def _conflicts(
    paper: Paper, model: Model, without: Margins, having: Margins
) -> tuple[Conflict, ...]:
    """Return sets of odds ratios, as small as possible, that no table with the counts has."""
    odds_ratios = _odds_ratios(model)

    def feasible(kept: frozenset[int]) -> bool:
        asked = [allowed if i in kept else ANY for i, allowed in enumerate(odds_ratios)]
        return bool(search_joint(_names(model), without, having, asked).solutions)

    found, _ = minimal_conflicts(len(model.terms), feasible, limit=CONFLICTS)
    ids = numbers_behind(paper, model)
    counts = ids[len(model.terms) :]
    conflicts = []
    for wrong in found:
        ratios = stated(paper, (ids[i] for i in sorted(wrong)))
        what = listed(ratios) if ratios else "any maximum-likelihood fit"
        words = (
            f"No joint table with the printed counts of {', '.join(_names(model))} in the groups "
            f"{without.group} and {having.group} gives {what}."
        )
        conflicts.append(Conflict((*ratios, *stated(paper, counts)), words))
    return tuple(conflicts)


def _with_limits(paper: Paper, model: Model, joint: JointSolutions) -> ModelSearch:
    """Hold the printed limits and p values against Wald's of the tables that fit."""
    tables = np.array(joint.solutions, dtype=np.int64)
    sizes, which = np.unique(tables.sum(axis=1), axis=0, return_inverse=True)
    times = np.bincount(which.ravel())
    having = tables[0, 1]
    events = np.array([having.sum(), *(having @ np.array(joint.patterns))], dtype=float)
    b, _ = fit_sizes(sizes, events)
    se = standard_errors(sizes, b)
    z = normal_quantile(float(parse(model.level).value) / 100)
    followed = []
    holding = []
    for number in paper.numbers_of(model):
        if number.kind not in ("interval_limit", "p", "standard_error"):
            continue
        values = _wald(number, model, b, se, z)
        held = np.array([agrees(number.text, float(value)) for value in values])
        holding.append(held)
        followed.append(
            Followed(
                number.id,
                number.place,
                number.text,
                format_like(number.text, float(values.min())),
                format_like(number.text, float(values.max())),
                int(times[held].sum()),
            )
        )
    return ModelSearch(
        model.id,
        model.place,
        joint,
        followed=tuple(followed),
        hold_all=_together(holding, times),
        hold_most=_together([held for held in holding if held.any()], times),
    )


def _together(holding: Iterable[NDArray[np.bool_]], times: NDArray[np.int64]) -> int:
    everywhere = np.ones(len(times), dtype=bool)
    for held in holding:
        everywhere &= held
    return int(times[everywhere].sum())


def _wald(
    number: PrintedNumber, model: Model, b: NDArray[np.float64], se: NDArray[np.float64], z: float
) -> NDArray[np.float64]:
    """Return Wald's value of a printed limit, p value or standard error in each table."""
    name, _, what = number.field.rpartition(".")
    place = _names(model).index(name)
    estimate, error = b[:, place + 1], se[:, place + 1]
    if what == "standard_error":
        return error
    if what == "p":
        return np.array([from_normal(float(t)) for t in estimate / error])
    limit = estimate - z * error if what == "low" else estimate + z * error
    ratio = model.terms[place].measure != "coefficient"
    return np.asarray(np.exp(limit) if ratio else limit)
