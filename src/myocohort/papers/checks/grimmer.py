"""An SD of values that are counted in units: can so many of them have it beside their mean."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.sd_finding import sd_findings
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, format_like, interval
from myocohort.papers.spread import Spread

NAME = "grimmer"


def grimmer(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each SD of a variable with a declared `step` against its mean and number of patients.

    GRIMMER (Anaya 2016; Allard 2018): the sum of squares of n values is a whole multiple of
    the square of their unit, odd or even as their sum is, and not below that of n values as
    equal as possible (nor above that of values at the declared limits). A variable of 0 and 1
    is left to `debit`, and a mean that is not possible itself to `grim`.

    References
    ----------
    Anaya J. PeerJ Preprints 2016;4:e2400v1. Allard A. Analytic-GRIMMER, 2018.
    """
    yield from sd_findings(NAME, paper, rounding, _nearest, binary=False)


def _nearest(spread: Spread, n: int) -> tuple[str, str]:
    sums = spread.sums(n)
    if not sums:
        return ": they cannot have that mean", ""
    if n < 2:
        return ": one value has no SD", ""
    digits = f"{spread.sd}0" if "." in spread.sd else f"{spread.sd}.0"
    below, above = spread.values.nearest_sds(n, sums, interval(spread.sd, spread.rounding))
    near = [format_like(digits, sqrt(square)) for square in (below, above) if square is not None]
    if not near:
        return "", ""
    return f": the nearest possible {'are' if len(near) > 1 else 'is'} {' and '.join(near)}", ""
