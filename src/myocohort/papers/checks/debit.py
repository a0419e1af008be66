"""An SD of values that are 0 or 1: the one that belongs to their mean."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import sqrt

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.sd_finding import sd_findings
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, format_like
from myocohort.papers.spread import Spread

NAME = "debit"


def debit(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each SD of a variable with step 1, low 0 and high 1 against its mean.

    DEBIT (Heathers & Brown 2019): k ones among n values have the mean k / n and the SD
    sqrt(k (n - k) / (n (n - 1))). The mean alone is left to `grim`.

    References
    ----------
    Heathers JAJ, Brown NJL. DEBIT: a simple consistency test for binary data, 2019.
    """
    yield from sd_findings(NAME, paper, rounding, _of_ones, binary=True)


def _of_ones(spread: Spread, n: int) -> tuple[str, str]:
    sums = spread.sums(n)
    if not sums:
        return ": they cannot have that mean", ""
    if n < 2:
        return ": one value has no SD", ""
    squares = sorted(Fraction(ones * (n - ones), n * (n - 1)) for ones in sums)
    first, last = (format_like(spread.sd, sqrt(square)) for square in (squares[0], squares[-1]))
    ones = str(sums[0]) if len(sums) == 1 else f"{sums[0]} to {sums[-1]}"
    gives = first if first == last else f"{first} to {last}"
    return f": {ones} of them are 1, which gives {gives}", first if first == last else ""
