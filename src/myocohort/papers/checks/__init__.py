"""Checks that need no more than the printed numbers: one file and one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

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


def run_checks(paper: Paper, rounding: Rounding | None = None) -> tuple[Finding, ...]:
    """Return what every check says about a paper, check by check.

    Parameters
    ----------
    paper
        The paper file.
    rounding
        How the paper rounds; None to recognise it. A finding that would accuse its number if
        the paper rounded to the nearest says that it rests on the other way; where nothing
        shows that the paper does not round twice, what only that explains is not accused.
    """
    known = recognise(paper) if rounding is None else Recognised(rounding, "as asked for")
    found = _run(paper, known.rounding)
    if known.rounding != "nearest":
        accused = _accused(_run(paper, "nearest"))
        return tuple(
            replace(f, explanation=f"{f.explanation}, {WORDS[known.rounding]}")
            if f.verdict != "inconsistent" and _key(f) in accused
            else f
            for f in found
        )
    if not known.twice_open or not _accused(found):
        return found
    still = _accused(_run(paper, "twice"))
    return tuple(
        replace(f, verdict="untestable", explanation=f"{f.explanation}{_PERHAPS_TWICE}")
        if f.verdict == "inconsistent" and _key(f) not in still
        else f
        for f in found
    )


_PERHAPS_TWICE = (
    ". A paper that rounds to one digit more and then again could print it, and no percentage "
    "here speaks against that"
)


def _key(found: Finding) -> tuple[str, str]:
    return found.check, found.number


def _accused(found: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    return frozenset(_key(f) for f in found if f.verdict == "inconsistent")


def _run(paper: Paper, rounding: Rounding) -> tuple[Finding, ...]:
    return tuple(result for check in CHECKS.values() for result in check(paper, rounding))
