"""Every joint table of binary variables that a published logistic model leaves possible.

A paper prints, for each outcome group, how many patients have each finding, and a logistic
model of the findings. The first gives the margins of two tables of 2 x 2 x ... cells; the
second decides which pairs of tables those can be. For integers this is a finite search, so
its answer is a proof: what all solutions share is determined by the paper, the rest is free.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from myocohort.errors import RebuildError
from myocohort.papers.printed import Interval

Cells = tuple[int, ...]

CANDIDATE_LIMIT = 2_000_000
_NEWTON_STEPS = 40
_CONVERGED = 1e-9


@dataclass(frozen=True, slots=True)
class Margins:
    """One outcome group: its size, and how many of it have each finding.

    Parameters
    ----------
    group
        Name of the group, for messages.
    size
        Patients in the group.
    having
        For each binary term, the patients who have it.
    """

    group: str
    size: int
    having: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JointSolutions:
    """All pairs of joint tables that have the printed margins and odds ratios.

    Parameters
    ----------
    terms
        The binary terms, the first one the most significant digit of a pattern.
    groups
        Names of the two outcome groups: without, with the outcome.
    patterns
        Every combination of the terms, 0 absent and 1 present, in the order of the cells.
    candidates
        How many pairs of tables have the printed margins.
    separated
        How many of them have no maximum-likelihood fit.
    solutions
        The pairs that also have the printed odds ratios; cells in the order of `patterns`.
    pattern_sizes
        Patients by pattern, both groups together, where all solutions agree; otherwise None.
    """

    terms: tuple[str, ...]
    groups: tuple[str, str]
    patterns: tuple[Cells, ...]
    candidates: int
    separated: int
    solutions: tuple[tuple[Cells, Cells], ...]
    pattern_sizes: Cells | None

    @property
    def fits(self) -> int:
        """How many candidates have the printed odds ratios."""
        return len(self.solutions)

    def as_dict(self) -> dict[str, Any]:
        """Return the search as plain types for JSON, with a sentence that says what it means."""
        names = ["".join(str(digit) for digit in pattern) for pattern in self.patterns]
        sizes = self.pattern_sizes
        note = (
            f"{self.candidates:,} joint tables of {', '.join(self.terms)} by outcome have the "
            f"printed margins ({self.separated:,} of them without a maximum-likelihood fit); "
            f"{self.fits} give the printed odds ratios. "
        )
        note += (
            "All of them have the same number of patients in each pattern, so that the model "
            "follows; who of a pattern is refractory differs between them, and the records are "
            "the first of them."
            if sizes is not None
            else "They differ in the number of patients by pattern; the records are the first."
        )
        return {
            "terms": list(self.terms),
            "groups": list(self.groups),
            "candidates": self.candidates,
            "separated": self.separated,
            "fits": self.fits,
            "patterns": None if sizes is None else dict(zip(names, sizes, strict=True)),
            "solutions": [
                {
                    group: dict(zip(names, cells, strict=True))
                    for group, cells in zip(self.groups, pair, strict=True)
                }
                for pair in self.solutions
            ],
            "note": note,
        }


def patterns_of(terms: int) -> tuple[Cells, ...]:
    """Return all combinations of `terms` binary findings, 0...0 first."""
    return tuple(itertools.product((0, 1), repeat=terms))


def count_tables(margins: Margins) -> int:
    """Return how many integer tables have these one-way margins, without listing them.

    Exact up to 2 ** 53, far beyond what can be listed.
    """
    # ways[n, a, b, ...]: fillings of the cells so far with n patients, a with the first finding
    ways = np.zeros((margins.size + 1, *(count + 1 for count in margins.having)))
    ways[(0, *(0 for _ in margins.having))] = 1.0
    for pattern in patterns_of(len(margins.having)):
        to = tuple(slice(1, None) if present else slice(None) for present in pattern)
        of = tuple(slice(None, -1) if present else slice(None) for present in pattern)
        for n in range(1, margins.size + 1):
            ways[n][to] += ways[n - 1][of]
    return int(ways[(margins.size, *margins.having)])


def list_tables(margins: Margins) -> NDArray[np.int64]:
    """Return all integer tables with these one-way margins, one a row, cells as columns."""
    patterns = np.array(patterns_of(len(margins.having)))
    cells = np.zeros((1, 0), dtype=np.int64)
    left = np.array([margins.size])
    having = np.array([margins.having])
    for pattern in patterns[:-1].astype(bool):
        # Each row becomes one row for every number that can still stand in this cell.
        ways = np.minimum(left, having[:, pattern].min(axis=1, initial=margins.size)) + 1
        row = np.repeat(np.arange(len(left)), ways)
        put = np.arange(len(row)) - np.repeat(np.cumsum(ways) - ways, ways)
        left = left[row] - put
        having = having[row] - put[:, None] * pattern
        # Whoever is left must not be fewer than the most frequent finding still to be placed.
        good = having.max(axis=1) <= left
        cells = np.column_stack([cells[row], put])[good]
        left, having = left[good], having[good]
    # The last cell has every finding, so it takes all that is left.
    good = (having == left[:, None]).all(axis=1)
    tables: NDArray[np.int64] = np.column_stack([cells, left])[good]
    return tables


def fit_sizes(
    sizes: NDArray[np.int64], events: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Fit a main-effects logistic model to many tables of pattern sizes at once.

    With the margins of both groups fixed, the sufficient statistics of the model are fixed
    too, so that its maximum-likelihood fit depends only on the size of each pattern.

    Parameters
    ----------
    sizes
        Patients by pattern; shape (tables, 2 ** terms), patterns in the order of `patterns_of`.
    events
        Patients with the outcome, and of these those with each term; shape (terms + 1,).

    Returns
    -------
    coefficients
        Intercept and log odds ratios; shape (tables, terms + 1), NaN where there is no fit.
    converged
        False where Newton's steps do not die out: the outcome is separated.
    """
    terms = len(events) - 1
    X = np.column_stack([np.ones(2**terms), np.array(patterns_of(terms), dtype=float)])
    weights = sizes.astype(float)
    b = np.zeros((len(sizes), terms + 1))
    step = np.full_like(b, np.inf)
    going = np.ones(len(sizes), dtype=bool)
    for _ in range(_NEWTON_STEPS):
        mu = expit(b[going] @ X.T)
        score = events - (weights[going] * mu) @ X
        information = _information(X, weights[going], mu)
        # Singular where a coefficient runs away: the determinant against its largest value.
        scale = np.diagonal(information, axis1=1, axis2=2).prod(axis=1)
        usable = np.linalg.det(information) > 1e-12 * scale
        rows = np.flatnonzero(going)
        step[rows[~usable]] = np.inf
        going[rows[~usable]] = False
        rows = rows[usable]
        step[rows] = np.linalg.solve(information[usable], score[usable][:, :, None])[:, :, 0]
        b[rows] += step[rows]
        going[rows[np.abs(step[rows]).max(axis=1) < _CONVERGED]] = False
        if not going.any():
            break
    converged = np.abs(step).max(axis=1, initial=0.0) < _CONVERGED
    b[~converged] = np.nan
    return b, converged


def standard_errors(sizes: NDArray[np.int64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Wald's standard errors of coefficients that `fit_sizes` found, in their shape."""
    terms = b.shape[1] - 1
    X = np.column_stack([np.ones(2**terms), np.array(patterns_of(terms), dtype=float)])
    information = _information(X, sizes.astype(float), expit(b @ X.T))
    variances = np.diagonal(np.linalg.inv(information), axis1=1, axis2=2)
    return np.asarray(np.sqrt(variances))


def _information(
    X: NDArray[np.float64], weights: NDArray[np.float64], mu: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the information matrix of each table; shape (tables, terms + 1, terms + 1)."""
    return np.asarray(np.einsum("ti,ij,ik->tjk", weights * mu * (1 - mu), X, X))


def solve_joint(
    terms: Sequence[str], without: Margins, having: Margins, odds_ratios: Sequence[Interval]
) -> JointSolutions:
    """Find all joint tables with the printed margins whose logistic fit is the printed one.

    Parameters
    ----------
    terms, without, having, odds_ratios
        As for `search_joint`.

    Raises
    ------
    RebuildError
        As `search_joint`, and when no table has the printed odds ratios.
    """
    found = search_joint(terms, without, having, odds_ratios)
    if not found.solutions:
        raise RebuildError(
            f"none of the {found.candidates:,} joint tables with the printed margins of "
            f"{', '.join(terms)} has a maximum-likelihood fit with the printed odds ratios"
        )
    return found


def search_joint(
    terms: Sequence[str], without: Margins, having: Margins, odds_ratios: Sequence[Interval]
) -> JointSolutions:
    """Go through all joint tables with the printed margins; there may be none that fits.

    Parameters
    ----------
    terms
        Names of the two to four binary terms of the model.
    without, having
        Margins of the groups without and with the outcome, terms in the same order.
    odds_ratios
        What each printed odds ratio can stand for.

    Raises
    ------
    RebuildError
        When the margins contradict each other, or when there are too many candidates to be
        listed.
    """
    if not 2 <= len(terms) <= 4 or len(odds_ratios) != len(terms):
        raise RebuildError(
            f"joint tables are searched for 2 to 4 binary terms with an odds ratio each; "
            f"{len(terms)} terms and {len(odds_ratios)} odds ratios were given"
        )
    for margins in (without, having):
        _check_margins(terms, margins)
        fillings = math.prod(count + 1 for count in (margins.size, *margins.having))
        if fillings > CANDIDATE_LIMIT:
            raise RebuildError(
                f"group {margins.group!r} is too large for its joint tables to be gone through "
                f"one by one: {fillings:,} ways to fill a part of a table, and no more than "
                f"{CANDIDATE_LIMIT:,} are tried"
            )
    candidates = count_tables(without) * count_tables(having)
    if candidates > CANDIDATE_LIMIT:
        raise RebuildError(
            f"{candidates:,} joint tables have the printed margins of {', '.join(terms)}, more "
            f"than the {CANDIDATE_LIMIT:,} that can be gone through one by one"
        )
    first, second = list_tables(without), list_tables(having)
    sizes = (first[:, None, :] + second[None, :, :]).reshape(-1, first.shape[1])
    # Each row as one block of bytes: comparing those is much quicker than comparing rows.
    code = sizes.view(np.dtype((np.void, sizes.itemsize * sizes.shape[1])))[:, 0]
    _, chosen, which = np.unique(code, return_index=True, return_inverse=True)
    unique = sizes[chosen]
    events = np.array([having.size, *having.having], dtype=float)
    b, converged = fit_sizes(unique, events)
    good = converged.copy()
    for column, allowed in enumerate(odds_ratios, start=1):
        with np.errstate(over="ignore"):
            ratio = np.exp(b[:, column])
        if allowed.low is not None:
            good &= ratio >= float(allowed.low)
        if allowed.high is not None:
            good &= ratio <= float(allowed.high)
    pairs = np.flatnonzero(good[which])
    solutions = tuple(
        (
            tuple(int(n) for n in first[pair // len(second)]),
            tuple(int(n) for n in second[pair % len(second)]),
        )
        for pair in pairs
    )
    fitting = np.unique(sizes[pairs], axis=0)
    shared = tuple(int(n) for n in fitting[0]) if len(fitting) == 1 else None
    return JointSolutions(
        terms=tuple(terms),
        groups=(without.group, having.group),
        patterns=patterns_of(len(terms)),
        candidates=candidates,
        separated=int((~converged)[which].sum()),
        solutions=solutions,
        pattern_sizes=shared,
    )


def _check_margins(terms: Sequence[str], margins: Margins) -> None:
    if len(margins.having) != len(terms):
        raise RebuildError(
            f"group {margins.group!r} has {len(margins.having)} counts for {len(terms)} terms"
        )
    wrong = [
        f"{term}: {count} of {margins.size}"
        for term, count in zip(terms, margins.having, strict=True)
        if not 0 <= count <= margins.size
    ]
    if wrong:
        raise RebuildError(
            f"group {margins.group!r} has {margins.size} patients, and no table has the counts "
            f"{'; '.join(wrong)}"
        )
