"""A correlation, its number of pairs and its p value: which procedure gives the p from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.correlation_procedures import CorrelationProcedure, p_ranges
from myocohort.papers.edits import healing
from myocohort.papers.entries import Correlation
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import pairs_with
from myocohort.papers.printed import Interval, Rounding, format_like, interval, parse
from myocohort.stats.tests import TESTS

NAME = "correlation_and_p"
FAR = 2  # times beyond every usual p, for a correlation that is not named

Ranges = Sequence[tuple[CorrelationProcedure, Interval]]


def correlation_and_p(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the p value of each correlation against r and the number of pairs.

    Two-sided p values of Spearman's rho (t approximation, all orders, the Edgeworth series of
    R, normal approximation), Pearson's r, Fisher's z and Kendall's tau, for every r within
    rounding. The claimed coefficient is tried first. A p that only fewer pairs would give is
    untestable where missing values are not declared.
    """
    for entry in paper.correlation:
        if entry.p is not None:
            yield _check(paper, entry, entry.p, rounding)


def _check(paper: Paper, entry: Correlation, text: str, rounding: Rounding) -> Finding:
    number = paper.number_of(entry, "p")
    claimed = "" if entry.claimed is None else TESTS[entry.claimed].label
    against = (f"{entry.id}.r",)
    untestable = partial(finding, NAME, "untestable", number, against, claimed=claimed)
    label = paper.groups[entry.group].label
    pairs = pairs_with(paper, entry.x, entry.y, entry.group)
    if not pairs:
        return untestable(f"the paper prints no number of the {label}")
    if entry.claimed is not None and TESTS[entry.claimed].kind != "pairs":
        return untestable(f"{claimed} is no correlation")
    r = interval(entry.r, rounding)
    n = pairs[-1]
    ranges = tuple(p_ranges(r, n, entry.claimed))
    if parse(entry.r).relation or not ranges:
        return untestable(f"no usual procedure gives a p for r = {entry.r} of {n} pairs")
    allowed = interval(text, rounding)
    shown = f"r = {entry.r} of {n} pairs: {_shown(text, ranges)}"
    fits = tuple(procedure.label for procedure, p in ranges if allowed.meets(p))
    if fits:
        named = [p.label for p, found in ranges if p.claims == entry.claimed and p.label in fits]
        said = f"{shown}; {text} agrees with {(named or fits)[0]}"
        if claimed and not named:
            said += f", not with the claimed {claimed}. This is a finding about methods, "
            said += "not about the number"
        return finding(NAME, "consistent", number, against, said, claimed=claimed, fits=fits)
    one_sided = [procedure for procedure, p in ranges if _is_half(text, allowed, p)]
    if one_sided:
        return untestable(f"{shown}; {text} would be the one-sided p of {one_sided[0].label}")
    for fewer in reversed(pairs[:-1]):
        if any(allowed.meets(p) for _, p in p_ranges(r, fewer, entry.claimed)):
            return untestable(
                f"{shown}; with {fewer} of the {n} {label} {text} would agree, if the others lack "
                f"a value, which the paper does not say"
            )
    if entry.claimed is None and allowed.meets(_wide(ranges)):
        return untestable(f"{shown}; the paper does not say which correlation it is")
    own = [pair for pair in ranges if pair[0].claims == (entry.claimed or "")] or ranges
    low, high = _ends(text, own[0][1])
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"{shown}; no usual two-sided procedure gives {text}",
        computed=low if low == high else "",
        suggestion=healing(
            text, lambda other: any(interval(other, rounding).meets(p) for _, p in own)
        ),
        claimed=claimed,
    )


def _is_half(text: str, allowed: Interval, p: Interval) -> bool:
    """Return whether a printed p is half of a two-sided one, or 1 less this half."""
    assert p.low is not None
    assert p.high is not None
    low, high = p.low / 2, p.high / 2
    contrary = not parse(text).relation and allowed.meets(Interval(1 - high, 1 - low))
    return contrary or allowed.meets(Interval(low, high))


def _shown(text: str, ranges: Ranges) -> str:
    """Return what the first procedure gives, and between which p values all of them lie."""
    low, high = _ends(text, ranges[0][1])
    said = f"{ranges[0][0].label} gives {low if low == high else f'{low} to {high}'}"
    least = min(p.low for _, p in ranges if p.low is not None)
    most = max(p.high for _, p in ranges if p.high is not None)
    low, high = _ends(text, Interval(least, most))
    return f"{said}, all usual procedures {low if low == high else f'{low} to {high}'}"


def _ends(text: str, p: Interval) -> tuple[str, str]:
    digits = "0." + "0" * max(parse(text).decimals, 3)
    assert p.low is not None
    assert p.high is not None
    # What underflows or is 0 for a correlation of 1 is printed as lying below one unit.
    return format_like(digits, max(p.low, Fraction(1, 10**9))), format_like(digits, p.high)


def _wide(ranges: Ranges) -> Interval:
    least = min(p.low for _, p in ranges if p.low is not None)
    most = max(p.high for _, p in ranges if p.high is not None)
    return Interval(least / FAR, most * FAR)
