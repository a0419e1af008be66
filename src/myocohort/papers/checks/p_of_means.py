"""The p value of a comparison and the printed means and SDs: which t test or analysis gives it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from myocohort.papers.adjusted_p import may_be_adjusted
from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.checks.other_kind import spared
from myocohort.papers.edits import healing
from myocohort.papers.entries import Mean, PrintedNumber, PValue
from myocohort.papers.mean_procedures import (
    MeanProcedure,
    PRange,
    Summary,
    fitting,
    means_of,
    p_ranges,
    summaries,
    welch,
    with_missing,
)
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, format_like, interval, parse
from myocohort.papers.printed_tables import has_counts
from myocohort.papers.spread import divides_by_fewer
from myocohort.stats.tests import TESTS

NAME = "p_of_means"

OF_MEANS = ("student_t", "welch_t")
"""Tests that need no more than means, SDs and sizes."""

Ranges = Sequence[tuple[MeanProcedure, PRange]]


def p_of_means(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each p value of a comparison against the printed means, SDs and sizes.

    Rounding hides where in their intervals means and SDs lie, so each test gives a range of p
    values. A printed p inside the range of any test is consistent. Outside all of them it is
    inconsistent only where the paper names a t test: a rank test may give any other p.
    """
    compared = [
        (entry, means)
        for entry in paper.p
        if (means := means_of(paper, entry)) and not has_counts(paper, entry)
    ]
    fewer = divides_by_fewer(paper, rounding)
    findings = [_check(paper, entry, means, rounding, fewer) for entry, means in compared]
    yield from spared([entry for entry, _ in compared], findings)


def _check(
    paper: Paper, entry: PValue, means: Sequence[Mean], rounding: Rounding, fewer: bool
) -> Finding:
    number = paper.number_of(entry, "p")
    against = tuple(
        item.id
        for mean in means
        for item in paper.numbers_of(mean)
        if item.field in ("n", "mean", "sd")
    )
    claimed = "" if entry.claimed is None else TESTS[entry.claimed].label
    groups = summaries(paper, means, rounding)
    untestable = partial(finding, NAME, "untestable", number, against, claimed=claimed)
    if isinstance(groups, str):
        return untestable(groups)
    ranges = tuple(p_ranges(groups))
    if not ranges:
        return untestable("no test of means fits groups of these sizes")
    fits = fitting(entry.p, ranges, rounding)
    shown = f"{_words(means, groups)}: {_shown(entry.p, ranges)}"
    if fits:
        return _consistent(entry, number, against, shown, fits, ranges, claimed)
    if entry.claimed not in OF_MEANS or len(groups) != 2:
        reason = (
            f"{entry.p} is of another test, as the claimed {claimed} would be"
            if claimed
            else f"{entry.p} is of another test, and the paper names none"
        )
        return untestable(f"{shown}; {reason}: means and SDs do not determine it")
    halves = [(procedure, PRange(found.low / 2, found.high / 2)) for procedure, found in ranges]
    if not parse(entry.p).relation:  # in the other direction
        halves += [(procedure, PRange(1 - half.high, 1 - half.low)) for procedure, half in halves]
    one_sided = fitting(entry.p, halves, rounding)
    if one_sided:
        return untestable(f"{shown}; {entry.p} would be the one-sided p of {one_sided[0]}")
    rounded = welch(groups, whole_df=True)
    if rounded is not None and interval(entry.p, rounding).meets(rounded.interval):
        return untestable(f"{shown}; Welch's with whole degrees of freedom can give {entry.p}")
    for procedure, found in ranges:
        said = may_be_adjusted(paper, entry, found.low, found.high, rounding)
        if said:
            return untestable(f"{shown}; {said}, by {procedure.label}")
    by = () if fewer else fitting(entry.p, tuple(p_ranges(_with_n(groups))), rounding)
    if by:
        return untestable(
            f"{shown}; {by[0]} would give {entry.p} if the SDs were printed with n in place of "
            f"n - 1 in their denominators"
        )
    for less in with_missing(paper, means, groups):
        by = fitting(entry.p, tuple(p_ranges(less)), rounding)
        if by:
            sizes = " and ".join(str(group.n) for group in less)
            return untestable(
                f"{shown}. With values of {sizes} patients {by[0]} would give {entry.p}, and the "
                f"paper does not say how many have none"
            )
    return _inconsistent(entry, number, against, shown, ranges, groups, claimed, rounding)


def _consistent(
    entry: PValue,
    number: PrintedNumber,
    against: tuple[str, ...],
    shown: str,
    fits: tuple[str, ...],
    ranges: Ranges,
    claimed: str,
) -> Finding:
    named = [p.label for p, _ in ranges if p.name == entry.claimed and p.label in fits]
    said = f"{shown}; {entry.p} lies in the range of {' and of '.join(named or fits)}"
    if not named and claimed:
        said += (
            f", not of the claimed {claimed}"
            if entry.claimed in OF_MEANS and len(entry.groups) == 2
            else f", though the {claimed} is claimed, which may give it too"
        )
        said += ". This is a finding about methods, not about the number"
    return finding(NAME, "consistent", number, against, said, claimed=claimed, fits=fits)


def _inconsistent(
    entry: PValue,
    number: PrintedNumber,
    against: tuple[str, ...],
    shown: str,
    ranges: Ranges,
    groups: Sequence[Summary],
    claimed: str,
    rounding: Rounding,
) -> Finding:
    own = [pair for pair in ranges if pair[0].name == entry.claimed]
    slip = healing(entry.p, lambda text: bool(fitting(text, own, rounding)))
    as_sem = [Summary(g.n, g.mean, (g.sd[0] * g.n**0.5, g.sd[1] * g.n**0.5)) for g in groups]
    by = fitting(entry.p, tuple(p_ranges(as_sem)), rounding)
    if by:
        sem = f"{by[0]} would give {entry.p} if what is printed as SD were the SEM"
        slip = f"{slip}; or {sem}" if slip else sem
    lowest, highest = (format_like(entry.p, p) for p in (own[0][1].low, own[0][1].high))
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"{shown}; {entry.p} lies outside of every range",
        computed=lowest if lowest == highest else "",
        suggestion=slip,
        claimed=claimed,
    )


def _with_n(groups: Sequence[Summary]) -> list[Summary]:
    """Return the groups with the SDs (n - 1) that they have where n was divided by."""
    times = [(g.n / (g.n - 1)) ** 0.5 if g.n > 1 else 1.0 for g in groups]
    return [
        Summary(g.n, g.mean, (g.sd[0] * factor, g.sd[1] * factor))
        for g, factor in zip(groups, times, strict=True)
    ]


def _words(means: Sequence[Mean], groups: Sequence[Summary]) -> str:
    """Return "37.26 ± 18.06 (n = 27) and 50.77 ± 15.77 (n = 13)"."""
    return " and ".join(
        f"{mean.mean} ± {mean.sd} (n = {group.n})"
        for mean, group in zip(means, groups, strict=True)
    )


def _shown(text: str, ranges: Ranges) -> str:
    digits = "0." + "0" * max(parse(text).decimals, 3)
    said = []
    for procedure, found in ranges:
        low, high = format_like(digits, found.low), format_like(digits, found.high)
        said.append(f"{procedure.label} gives {low if low == high else f'{low} to {high}'}")
    return ", ".join(said) + " within rounding"
