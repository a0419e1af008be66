"""The p value of a Mann-Whitney U test and the sizes of its groups: does such a p exist."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count, islice

from myocohort.papers.adjusted_p import comparisons
from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import PrintedNumber, PValue
from myocohort.papers.mean_procedures import fitting_means
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import numbers_behind, patients_with, with_fewer
from myocohort.papers.printed import Interval, Rounding, format_like, interval, parse
from myocohort.papers.printed_tables import has_counts
from myocohort.papers.u_values import (
    EXACT,
    Way,
    exact_with_ties,
    nearest_without_ties,
    ways_with_ties,
    ways_without_ties,
)
from myocohort.stats.tests import TESTS

NAME = "grim_u"

RANK_TESTS = ("mann_whitney", "mann_whitney_exact")
MOST_PAIRS = 1_000_000  # of patients of the two groups; beyond, the p values lie too close
MOST_SIZES = 100  # pairs of sizes that are tried where the paper does not say who has no value


def grim_u(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Ask of each p value of a Mann-Whitney test whether groups of these sizes can have it.

    U counts pairs of patients, so it is a whole number, or a half with ties, and only some p
    values exist. Ties fill most of the gaps: a p can be excluded where the paper file says
    that no two patients share a value, or where the groups are very small.

    References
    ----------
    Heathers J, Grimes DR. GRIM-U (2025).
    """
    for entry in paper.p:
        ranks = entry.claimed in RANK_TESTS and len(entry.groups) == 2
        if ranks and not has_counts(paper, entry):
            yield _check(paper, entry, rounding)


def _check(paper: Paper, entry: PValue, rounding: Rounding) -> Finding:
    number = paper.number_of(entry, "p")
    claimed = TESTS[entry.claimed or "mann_whitney"].label
    untestable = partial(finding, NAME, "untestable", number, claimed=claimed)
    numbers = []
    for group in entry.groups:
        possible = patients_with(paper, entry.variable, group)
        if not possible or not possible[-1]:
            label = paper.groups[group].label
            return untestable((), f"the paper prints no size of the {label}")
        numbers.append(possible)
    n1, n2 = (possible[-1] for possible in numbers)
    against = tuple(
        number for g in entry.groups for number in numbers_behind(paper, entry.variable, g)
    )
    p = interval(entry.p, rounding)
    groups = f"{n1} and {n2} patients"
    if n1 * n2 > MOST_PAIRS:
        return untestable(against, f"{groups}: so large groups give nearly every p")
    ways = ways_without_ties(n1, n2, p)
    if ways:
        said = f"{groups}: {_listed(ways, entry.p)}"
        if entry.claimed == "mann_whitney_exact" and all(way.by != EXACT for way in ways):
            said += f"; the claimed {claimed} does not, without ties"
        return finding(
            NAME,
            "consistent",
            number,
            against,
            said,
            claimed=claimed,
            fits=tuple(way.by for way in ways),
        )
    none = f"{groups}: without ties no U gives {entry.p}"
    ties = paper.variable(entry.variable).ties
    if ties:
        ways = ways_with_ties(n1, n2, p)
        if ways:
            fewest = min(ways, key=lambda way: way.ties)
            said = f"{none}; with ties {_listed((fewest,), entry.p)}"
            said += ", so some patients share a value or have none"
            fits = tuple(f"{way.by}, with ties" for way in ways)
            return finding(NAME, "consistent", number, against, said, claimed=claimed, fits=fits)
        if exact_with_ties(n1, n2, p):
            return untestable(against, f"{none}; an exact test with ties is not excluded")
    by = fitting_means(paper, entry, rounding)
    if by:
        said = f"{none}; {by[0]} of the printed means and SDs can give it"
        return untestable(against, said)
    for fewer in islice(with_fewer(numbers), MOST_SIZES):
        if min(fewer) > 0 and _exists(fewer[0], fewer[1], p, ties=ties):
            said = (
                f"{none}, but with values of {fewer[0]} and {fewer[1]} patients it exists, and the "
                f"paper does not say how many have none"
            )
            return untestable(against, said)
    if _exists(n1, n2, _doubled(p), ties=ties):
        return untestable(against, f"{none}, but {entry.p} would be a one-sided p, half of one")
    of = comparisons(paper, entry)
    if of > 1:
        return untestable(against, f"{none}; it may be adjusted for {of} comparisons")
    return _inconsistent(entry, number, against, none, (n1, n2), ties, claimed, rounding)


def _doubled(p: Interval) -> Interval:
    low, high = (None if limit is None else 2 * limit for limit in (p.low, p.high))
    return Interval(low, high, p.closed)


def _inconsistent(
    entry: PValue,
    number: PrintedNumber,
    against: tuple[str, ...],
    none: str,
    sizes: tuple[int, int],
    ties: bool,
    claimed: str,
    rounding: Rounding,
) -> Finding:
    digits = "0." + "0" * (parse(entry.p).decimals + 1)
    near = nearest_without_ties(*sizes, float(parse(entry.p).value))
    nearest = " and ".join(format_like(digits, value) for value in near)
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"{none}, exact or asymptotic, with or without continuity correction"
        + (", nor does any with ties" if ties else "; the variable has no ties")
        + f". The nearest without ties {'are' if len(near) > 1 else 'is'} {nearest}",
        suggestion=healing(
            entry.p, lambda text: bool(ways_without_ties(*sizes, interval(text, rounding)))
        ),
        claimed=claimed,
    )


def _exists(n1: int, n2: int, p: Interval, *, ties: bool) -> bool:
    if ways_without_ties(n1, n2, p):
        return True
    return ties and bool(ways_with_ties(n1, n2, p) or exact_with_ties(n1, n2, p))


def _listed(ways: tuple[Way, ...], text: str) -> str:
    said = []
    for way in ways:
        equal = next(t for t in count(2) if t**3 - t >= way.ties)
        of_ties = f" and a tie term of {way.ties} (about {equal} equal values)" if way.ties else ""
        said.append(f"U = {way.u:g}{of_ties} gives {text} by the {way.by}")
    return "; ".join(said)
