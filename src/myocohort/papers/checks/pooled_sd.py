"""The SD of a whole group and the means and SDs of its parts: can it be pooled from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import sqrt

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.paperfile import Paper
from myocohort.papers.pooled import (
    FEW_WEIGHTS,
    MOST_WEIGHTS,
    PooledMean,
    Pooling,
    Weights,
    pooled_means,
    pooling_of,
)
from myocohort.papers.printed import Rounding, format_like, interval, parse
from myocohort.papers.spread import divides_by_fewer

NAME = "pooled_sd"


def pooled_sd(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the SD of each whole against the means and SDs of its parts.

    The sum of squares around the mean of the whole is that within the parts and that of the
    parts' means around it. Every number of patients that gives the mean of the whole is
    tried, and every value within rounding.
    """
    fewer = divides_by_fewer(paper, rounding)
    for pooled in pooled_means(paper):
        if pooled.whole.sd is not None:
            pooling = pooling_of(paper, pooled, rounding)
            sds = [part.sd for part in pooled.parts if part.sd is not None]
            if len(sds) < len(pooled.parts) and not pooled.without:
                pooling = "no SD is printed for one of the parts"
            yield _check(paper, pooled, pooled.whole.sd, pooling, sds, rounding, fewer)


def _check(
    paper: Paper,
    pooled: PooledMean,
    sd: str,
    pooling: Pooling | str,
    sds: Sequence[str],
    rounding: Rounding,
    fewer: bool,
) -> Finding:
    number = paper.number_of(pooled.whole, "sd")
    against = (
        f"{pooled.whole.id}.mean",
        *(f"{part.id}.{name}" for part in pooled.parts for name in ("mean", "sd")
          if name == "mean" or part.sd is not None),
    )  # fmt: skip

    def untestable(reason: str) -> Finding:
        return finding(NAME, "untestable", number, against, reason)

    if isinstance(pooling, str):
        return untestable(pooling)
    if any(parse(text).relation for text in (sd, *sds)):
        return untestable("an inequality in place of an SD excludes too little")
    if not pooling.countable:
        return untestable("the numbers of patients are too many to try each")
    weights = list(islice(pooling.weights(interval(pooled.whole.mean, rounding)), MOST_WEIGHTS))
    if not weights:
        return untestable(f"the mean {pooled.whole.mean} cannot be pooled, see pooled_mean")
    parts = [interval(text, rounding) for text in sds]

    def fits(text: str, less: int = 1) -> bool:
        whole = interval(text, rounding)
        return any(pooling.has_sd(w, parts, whole, less=less) for w in weights)

    said = " and ".join(f"{p.mean} ± {p.sd}" for p in pooled.parts)
    if fits(sd):
        why = f"{sd} around {pooled.whole.mean} can be pooled from {said}"
        return finding(NAME, "consistent", number, against, why)
    if len(weights) == MOST_WEIGHTS:
        return untestable("the numbers of patients are too many to try each")
    everybody = tuple(numbers[-1] for numbers in pooling.numbers)
    expected = format_like(sd, _pooled(pooled, sds, everybody))
    patients = " and ".join(str(n) for n in everybody)
    why = f"{said} in {patients} patients pool to an SD of {expected}, not {sd}"
    if not fewer and fits(sd, 0):
        return untestable(f"{why}; with n in place of n - 1 in the denominators they would")
    if len(weights) > 1 or weights[0] != everybody:
        why += f", and no smaller numbers that give the mean {pooled.whole.mean} pool to it"
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        why,
        computed=expected,
        suggestion=healing(sd, fits) if len(weights) <= FEW_WEIGHTS else "",
    )


def _pooled(pooled: PooledMean, sds: Sequence[str], weights: Weights) -> float:
    """Return the SD (n - 1) of the whole, of the numbers as printed."""
    means = [parse(part.mean).value for part in pooled.parts]
    n = sum(weights)
    if n < 2:
        return 0.0
    centre = sum(w * mean for w, mean in zip(weights, means, strict=True)) / n
    squares = sum(
        (w - 1) * parse(sd).value ** 2 + w * (mean - centre) ** 2
        for w, mean, sd in zip(weights, means, sds, strict=True)
    )
    return sqrt(squares / (n - 1))
