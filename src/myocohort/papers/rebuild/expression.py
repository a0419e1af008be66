"""Field counts whose expression has the printed means, SDs, p values and correlation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.stats import rankdata

from myocohort.errors import RebuildError
from myocohort.papers.checks.zeros_in_group import most_zeros
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, interval
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.continuous import Between, Sample, bell, find_values
from myocohort.papers.rebuild.demography import GROUPS
from myocohort.papers.rebuild.origins import ColumnOrigin, Part, describe
from myocohort.papers.rebuild.ranks import Floats

MARKERS = {"baff": "BAFF", "baff_r": "BAFF-R", "cd19": "CD19"}
FIELDS = 10
FIBRES = (24, 48)  # muscle fibres in a field, fewest and most
EVEN_SECTIONS, EVEN_FIBRES = 3, 32
CORRELATED = ("baff_r", "cd19")
_SWAPS = 5000
_CLOSE = 0.01


@dataclass(frozen=True, slots=True)
class _Sections:
    """One marker in every stained patient: fibres by field, and the cells added one by one."""

    fibres: NDArray[np.int64]  # (patients, fields)
    order: NDArray[np.int64]  # (patients, cells): the field in which each further cell lies

    def cells(self, patient: int, total: int) -> NDArray[np.int64]:
        return np.bincount(self.order[patient, :total], minlength=FIELDS)

    def choices(self, patient: int) -> Floats:
        """Return the expression with 0, 1, 2, ... positive cells, ascending."""
        added = 1.0 / self.fibres[patient][self.order[patient]] / FIELDS
        return np.concatenate([[0.0], np.cumsum(added)])


def expression_part(paper: Paper, people: pd.DataFrame, stained: pd.Series, seed: int) -> Part:
    """Make the fields table of the stained patients.

    Parameters
    ----------
    paper
        The paper file.
    people
        The enrolled patients.
    stained
        "yes" or "no" by patient code: whether the three markers were stained.
    seed
        Of the search.
    """
    shuffle = targets.stream(seed, "sections")
    patients = [
        str(code)
        for group in GROUPS
        for code in shuffle.permutation(
            people.index[(people["outcome"] == group) & (stained == "yes")]
        )
    ]
    group = people.loc[patients, "outcome"].to_numpy(dtype=str)
    counts: dict[str, NDArray[np.int64]] = {}
    fibres: dict[str, NDArray[np.int64]] = {}
    notes: dict[str, str] = {}
    for marker in MARKERS:
        rng = targets.stream(seed, marker)
        sections = _make_sections(paper, marker, group, rng)
        totals, notes[marker] = _find_totals(paper, marker, sections, group, seed)
        counts[marker] = np.array([sections.cells(i, n) for i, n in enumerate(totals)])
        fibres[marker] = sections.fibres
    values = {name: (counts[name] / fibres[name]).mean(axis=1) for name in MARKERS}
    x, y = CORRELATED
    r = interval(targets.correlation_entry(paper, f"expression_{x}", f"expression_{y}").r)
    order = pair_for_correlation(values[x], values[y], group, r, targets.stream(seed, "pairs"))
    counts[y], fibres[y], values[y] = counts[y][order], fibres[y][order], values[y][order]
    blocks = [
        pd.DataFrame(
            {
                "patient": patient,
                "marker": MARKERS[marker],
                "field": np.arange(1, FIELDS + 1),
                "positive_cells": counts[marker][i],
                "fibres": fibres[marker][i],
            }
        )
        for patient, i in sorted((patient, i) for i, patient in enumerate(patients))
        for marker in MARKERS
    ]
    wide = pd.DataFrame(index=people.index)
    for marker in MARKERS:
        wide[f"expression_{marker}"] = pd.Series(values[marker], index=patients)
        positive = counts[marker].sum(axis=1) > 0
        wide[f"{marker}_positive"] = pd.Series(
            np.where(positive, "yes", "no"), index=patients, dtype=object
        ).reindex(people.index)
    return Part({"fields": pd.concat(blocks, ignore_index=True)}, wide, _origins(notes))


def _make_sections(paper: Paper, marker: str, group: NDArray[np.str_], rng: Generator) -> _Sections:
    """Draw fibres by field, and where positive cells lie: clustered, as infiltrates are."""
    n = len(group)
    highest = max(
        float(entry.mean) + 3 * float(entry.sd or 0)
        for entry in (
            targets.mean_entry(paper, f"expression_{marker}", f"stained_{g}") for g in GROUPS
        )
    )
    fibres = rng.integers(FIBRES[0], FIBRES[1] + 1, size=(n, FIELDS))
    # Some patients have as many fibres in every field. That number is a power of two, for which
    # shares are exact in binary, so that two of them can have the same expression.
    for name in GROUPS:
        fibres[np.flatnonzero(group == name)[:EVEN_SECTIONS]] = EVEN_FIBRES
    most = int(highest * FIELDS * FIBRES[1])
    share = rng.dirichlet(np.full(FIELDS, 6.0), size=n)
    order = np.array([rng.choice(FIELDS, size=most, p=p) for p in share])
    return _Sections(fibres, order)


def _find_totals(
    paper: Paper, marker: str, sections: _Sections, group: NDArray[np.str_], seed: int
) -> tuple[NDArray[np.int64], str]:
    """Find the positive cells of each patient; say which printed numbers they have."""
    variable, label = f"expression_{marker}", MARKERS[marker]
    printed = {g: targets.mean_and_sd(paper, variable, f"stained_{g}") for g in GROUPS}
    entry = targets.p_entry(paper, variable)
    p = interval(entry.p)
    rng = targets.stream(seed, f"{marker} start")
    every = [sections.choices(i) for i in range(len(group))]
    splits = list(_zero_splits(paper, marker, group, printed))
    positives = f"{label}: the printed number of positive patients is met"
    if not splits:
        bound = sum(_bounds(group, printed).values())
        positives = (
            f"{label}: the printed number of positive patients is not met, because the printed "
            f"means and SDs leave room for at most {bound} of {len(group)} patients without any "
            "positive cell; all of them have some"
        )
        splits = [(0, 0)]
    # Without two negative patients hardly any share a value: then the exact test is tried first.
    tries: list[tuple[tuple[int, int], Between | None]] = [
        (split, Between(p=p, exact=exact))
        for split in splits
        for exact in ((True, False) if sum(split) < 2 else (False,))
    ]
    for split, between in (*tries, (splits[0], None)):
        samples = [
            _sample(variable, name, none, every, group, printed[name], rng)
            for name, none in zip(GROUPS, split, strict=True)
        ]
        try:
            values = np.concatenate(find_values(samples, between, seed=seed))
        except RebuildError:
            continue
        by = "not met"
        if between is not None:
            by = "met by the exact test" if between.exact else "met by the asymptotic test"
        totals = [int(np.argmin(np.abs(every[i] - value))) for i, value in enumerate(values)]
        return np.array(totals), f"{positives}; its p {entry.p} (Mann-Whitney) is {by}."
    raise RebuildError(f"no field counts were found with the printed means and SDs of {variable}")


def _sample(
    variable: str,
    name: str,
    negative: int,
    every: list[Floats],
    group: NDArray[np.str_],
    printed: tuple[Interval, Interval | None],
    rng: Generator,
) -> Sample:
    """Return one outcome group, whose last patients are the negative ones."""
    inside = np.flatnonzero(group == name)
    choices = tuple(
        every[i][:1] if rank >= len(inside) - negative else every[i][1:]
        for rank, i in enumerate(inside)
    )
    mean, sd = printed
    centre = _middle(mean) * len(inside) / max(1, len(inside) - negative)
    start = rng.permutation(np.abs(bell(len(inside), centre, 0.7 * _middle(sd or mean))))
    return Sample(f"{variable} of {name}", choices, start, mean, sd)


def _bounds(
    group: NDArray[np.str_], printed: dict[str, tuple[Interval, Interval | None]]
) -> dict[str, int]:
    """Return the most zeros that each group's mean and SD leave room for."""
    bounds = {}
    for name, (mean, sd) in printed.items():
        n = int((group == name).sum())
        bounds[name] = n if sd is None else most_zeros(n, mean, sd)
    return bounds


def _zero_splits(
    paper: Paper,
    marker: str,
    group: NDArray[np.str_],
    printed: dict[str, tuple[Interval, Interval | None]],
) -> Iterator[tuple[int, int]]:
    """Yield how the negative patients can spread over the groups; none where they cannot."""
    negative = len(group) - targets.count(paper, f"{marker}_positive", "stained")
    bounds = _bounds(group, printed)
    for first in range(min(negative, bounds[GROUPS[0]]), -1, -1):
        if negative - first <= bounds[GROUPS[1]]:
            yield first, negative - first


def _middle(allowed: Interval) -> float:
    low, high = allowed.low or 0, allowed.high or 0
    return float((low + high) / 2)


def pair_for_correlation(
    x: Floats, y: Floats, group: NDArray[np.str_], r: Interval, rng: Generator
) -> NDArray[np.int64]:
    """Return an order of `y`, within groups, in which Spearman's correlation with `x` is r.

    Raises
    ------
    RebuildError
        When no such order was found.
    """
    low = -1.0 if r.low is None else float(r.low)
    high = 1.0 if r.high is None else float(r.high)
    rank_x, rank_y = rankdata(x), rankdata(y)
    order = np.arange(len(y))
    for name in np.unique(group):
        inside = np.flatnonzero(group == name)
        order[inside[np.argsort(rank_x[inside], kind="stable")]] = inside[
            np.argsort(rank_y[inside], kind="stable")
        ]

    def distance(trial: NDArray[np.int64]) -> float:
        found = float(np.corrcoef(rank_x, rank_y[trial])[0, 1])
        return max(low - found, found - high, 0.0)

    away = distance(order)
    for _ in range(_SWAPS):
        if away == 0:
            return order
        first = int(rng.integers(len(y)))
        second = int(rng.choice(np.flatnonzero(group == group[first])))
        trial = order.copy()
        trial[[first, second]] = trial[[second, first]]
        there = distance(trial)
        # Close to the goal any step is taken, because no single swap may lead into it.
        if there <= max(away, _CLOSE):
            order, away = trial, there
    raise RebuildError(
        f"no pairing within the groups was found with a Spearman correlation from {low:g} to "
        f"{high:g}; {_SWAPS} swaps were tried"
    )


def _origins(notes: dict[str, str]) -> tuple[ColumnOrigin, ...]:
    return describe(
        "fields",
        patient=("illustrative", "made-up codes; who of the followed was stained is free"),
        marker=("determined", "the three printed markers"),
        field=("determined", "ten fields a section, as printed"),
        positive_cells=(
            "one of many",
            "the printed means and SDs of both outcome groups and the printed correlation of "
            "BAFF-R with CD19; positive means any positive cell in the ten fields. "
            + " ".join(notes.values()),
        ),
        fibres=("illustrative", f"{FIBRES[0]} to {FIBRES[1]} a field; nothing is printed"),
    )
