"""Checks that need no more than the printed numbers: one file and one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from myocohort.papers.checks.categories_sum import categories_sum
from myocohort.papers.checks.chi_square_of_counts import chi_square_of_counts
from myocohort.papers.checks.correlation_and_p import correlation_and_p
from myocohort.papers.checks.debit import debit
from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.grim import grim
from myocohort.papers.checks.grim_u import grim_u
from myocohort.papers.checks.grimmer import grimmer
from myocohort.papers.checks.interval_around_estimate import interval_around_estimate
from myocohort.papers.checks.odds_ratio_of_counts import odds_ratio_of_counts
from myocohort.papers.checks.p_of_counts import p_of_counts
from myocohort.papers.checks.p_of_estimate import p_of_estimate
from myocohort.papers.checks.p_of_means import p_of_means
from myocohort.papers.checks.p_of_statistic import p_of_statistic
from myocohort.papers.checks.percentage_of_count import percentage_of_count
from myocohort.papers.checks.pooled_mean import pooled_mean
from myocohort.papers.checks.pooled_sd import pooled_sd
from myocohort.papers.checks.possible_values import possible_values
from myocohort.papers.checks.readings_add_up import readings_add_up
from myocohort.papers.checks.same_patients import same_patients
from myocohort.papers.checks.significance_claim import significance_claim
from myocohort.papers.checks.sizes_add_up import sizes_add_up
from myocohort.papers.checks.stated_twice import stated_twice
from myocohort.papers.checks.zeros_in_group import zeros_in_group
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding
from myocohort.papers.rounding import WORDS, Recognised, recognise

CHECKS: dict[str, Callable[[Paper, Rounding], Iterable[Finding]]] = {
    "possible_values": possible_values,
    "percentage_of_count": percentage_of_count,
    "interval_around_estimate": interval_around_estimate,
    "p_of_estimate": p_of_estimate,
    "odds_ratio_of_counts": odds_ratio_of_counts,
    "p_of_counts": p_of_counts,
    "p_of_means": p_of_means,
    "grim_u": grim_u,
    "p_of_statistic": p_of_statistic,
    "chi_square_of_counts": chi_square_of_counts,
    "grim": grim,
    "grimmer": grimmer,
    "debit": debit,
    "pooled_mean": pooled_mean,
    "pooled_sd": pooled_sd,
    "same_patients": same_patients,
    "correlation_and_p": correlation_and_p,
    "zeros_in_group": zeros_in_group,
    "sizes_add_up": sizes_add_up,
    "categories_sum": categories_sum,
    "readings_add_up": readings_add_up,
    "stated_twice": stated_twice,
    "significance_claim": significance_claim,
}


MOST_CHANCE = 3
"""So many accused numbers, all explained by cut digits, are taken for no coincidence."""

_WOULD_PRINT: dict[Rounding, str] = {
    "nearest": "rounds to the nearest",
    "truncated": "cuts digits off",
    "twice": "rounds to one digit more and then again",
}


@dataclass(frozen=True, slots=True)
class Run:
    """What all checks say about a paper.

    Parameters
    ----------
    findings
        Check by check.
    rounding
        How the paper was taken to round.
    downgraded
        Ids of the numbers that would be inconsistent in a paper that rounds to the nearest,
        and are not, because this one rounds otherwise or may do so.
    """

    findings: tuple[Finding, ...]
    rounding: Recognised
    downgraded: tuple[str, ...]


def run_checks(paper: Paper) -> Run:
    """Hold the printed numbers of a paper against each other, by every check.

    The numbers are read in the way to round that the paper's percentages show. A finding that
    would accuse its number if the paper rounded to the nearest says that it rests on another
    way. Where the percentages leave another way open, what only that explains is not accused:
    a single number for rounding twice; for cut digits, which explain every other wrong
    digit, not less than `MOST_CHANCE`, and all that are accused.
    """
    known = recognise(paper)
    found = _run(paper, known.rounding)
    strict = found if known.rounding == "nearest" else _run(paper, "nearest")
    if known.rounding != "nearest":
        found = tuple(
            replace(f, explanation=f"{f.explanation}, {WORDS[known.rounding]}")
            if f.verdict != "inconsistent" and _key(f) in _accused(strict)
            else f
            for f in found
        )
    for way in known.also:
        accused = _accused(found)
        if not accused:
            break
        explained = accused - _still(found, _run(paper, way))
        by_chance = way == "truncated" and (len(explained) < MOST_CHANCE or explained < accused)
        if not by_chance or known.rounding != "nearest":
            found = tuple(_excused(f, way) if _key(f) in explained else f for f in found)
    still = {f.number for f in found if f.verdict == "inconsistent"}
    before = dict.fromkeys(f.number for f in strict if f.verdict == "inconsistent")
    return Run(found, known, tuple(number for number in before if number not in still))


def _excused(found: Finding, way: Rounding) -> Finding:
    """Return an accusation as untestable, since the paper may round in a way that explains it."""
    if found.verdict != "inconsistent":
        return found
    said = (
        f"{found.explanation}. A paper that {_WOULD_PRINT[way]} could print it, and no percentage "
        f"speaks against that"
    )
    return replace(found, verdict="untestable", explanation=said)


def _still(found: Iterable[Finding], otherwise: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    """Return the accusations that stay, perhaps at another of the numbers held together."""
    left = [(f.check, {f.number, *f.against}) for f in otherwise if f.verdict == "inconsistent"]
    return frozenset(
        _key(f)
        for f in found
        if any(f.check == check and involved & {f.number, *f.against} for check, involved in left)
    )


def _key(found: Finding) -> tuple[str, str]:
    return found.check, found.number


def _accused(found: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    return frozenset(_key(f) for f in found if f.verdict == "inconsistent")


def _run(paper: Paper, rounding: Rounding) -> tuple[Finding, ...]:
    return tuple(result for check in CHECKS.values() for result in check(paper, rounding))
