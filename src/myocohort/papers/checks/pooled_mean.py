"""The mean of a whole group and the means of its parts: can it be pooled from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import Mean, Partition, PrintedNumber
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, Rounding, format_like, interval, parse

NAME = "pooled_mean"
MOST_WEIGHTS = 200_000  # beyond, only the range of the parts' means is looked at


def pooled_mean(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the mean of each whole against the means of its parts.

    With i patients of the one part and j of the other the whole has the mean
    (i a + j b) / (i + j). How many patients have a value is often not printed, so every i
    and j from 1 to the sizes of the parts is tried, and every value within rounding.
    """
    means = {(mean.variable, mean.group): mean for mean in paper.mean}
    for partition in paper.partitions:
        for variable, group in tuple(means):
            parts = [means.get((variable, part)) for part in partition.parts]
            found = [part for part in parts if part is not None]
            if group == partition.whole and len(found) == len(parts):
                yield _check(paper, partition, means[variable, group], found)


def _check(paper: Paper, partition: Partition, whole: Mean, parts: Sequence[Mean]) -> Finding:
    number = _mean_of(paper, whole)
    against = tuple(_mean_of(paper, part).id for part in parts)
    sizes = [paper.group_size(part) for part in partition.parts]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return finding(NAME, "untestable", number, against, "the size of a part is not printed")
    texts = [part.mean for part in parts]
    intervals = [interval(text) for text in texts]

    def fits(text: str) -> bool:
        return _possible(interval(text), intervals, known)

    if fits(whole.mean):
        said = f"{whole.mean} can be pooled from {' and '.join(texts)}"
        return finding(NAME, "consistent", number, against, said)
    centres = [parse(text).value for text in texts]
    total = sum(centre * size for centre, size in zip(centres, known, strict=True))
    everybody = format_like(whole.mean, Fraction(total, sum(known)))
    outside = not min(centres) <= parse(whole.mean).value <= max(centres)
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"the parts have the means {' and '.join(texts)} "
        f"({' and '.join(f'up to {size}' for size in known)} patients): "
        + (
            f"{whole.mean} does not lie between them"
            if outside
            else f"no numbers of patients up to these sizes give {whole.mean}"
        )
        + f"; with everybody it would be {everybody}",
        computed=everybody,
        suggestion=healing(whole.mean, fits),
    )


def _possible(whole: Interval, parts: Sequence[Interval], sizes: Sequence[int]) -> bool:
    """Return whether some weights and some values within rounding give the whole's mean."""
    lows = [part.low for part in parts if part.low is not None]
    highs = [part.high for part in parts if part.high is not None]
    if len(lows) < len(parts) or len(highs) < len(parts):
        return True  # an inequality among the means excludes too little
    if not whole.meets(Interval(min(lows), max(highs))):
        return False
    if math.prod(sizes) > MOST_WEIGHTS:
        return True
    for weights in product(*(range(1, size + 1) for size in sizes)):
        total = sum(weights)
        low = sum(w * limit for w, limit in zip(weights, lows, strict=True)) / total
        high = sum(w * limit for w, limit in zip(weights, highs, strict=True)) / total
        if whole.meets(Interval(Fraction(low), Fraction(high))):
            return True
    return False


def _mean_of(paper: Paper, mean: Mean) -> PrintedNumber:
    return next(number for number in paper.numbers_of(mean) if number.field == "mean")
