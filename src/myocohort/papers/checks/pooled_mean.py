"""The mean of a whole group and the means of its parts: can it be pooled from them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.paperfile import Paper
from myocohort.papers.pooled import PooledMean, Pooling, pooled_means, pooling_of
from myocohort.papers.printed import Rounding, format_like, interval, parse

NAME = "pooled_mean"


def pooled_mean(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the mean of each whole against the means of its parts.

    With i patients of the one part and j of the other the whole has the mean
    (i a + j b) / (i + j). How many patients have a value is often not printed, so every i
    and j from 1 to the sizes of the parts is tried, and every value within rounding.
    """
    for pooled in pooled_means(paper):
        yield _check(paper, pooled, pooling_of(paper, pooled, rounding), rounding)


def _check(paper: Paper, pooled: PooledMean, pooling: Pooling | str, rounding: Rounding) -> Finding:
    number = paper.number_of(pooled.whole, "mean")
    against = tuple(f"{part.id}.mean" for part in pooled.parts)
    if isinstance(pooling, str):
        return finding(NAME, "untestable", number, against, pooling)
    texts = [part.mean for part in pooled.parts]
    whole = pooled.whole.mean

    def fits(text: str) -> bool:
        mean = interval(text, rounding)
        return pooling.between(mean) and any(True for _ in pooling.weights(mean))

    outside = not pooling.between(interval(whole, rounding))
    if not outside and not pooling.countable:
        reason = f"{whole} lies between {' and '.join(texts)}; the numbers of patients are too many"
        return finding(NAME, "untestable", number, against, f"{reason} to try each")
    if fits(whole):
        said = f"{whole} can be pooled from {' and '.join(texts)}"
        return finding(NAME, "consistent", number, against, said)
    sizes = [numbers[-1] for numbers in pooling.numbers]
    exact = all(len(numbers) == 1 for numbers in pooling.numbers)
    total = sum(parse(text).value * n for text, n in zip(texts, sizes, strict=True))
    everybody = format_like(whole, Fraction(total, sum(sizes)))
    patients = " and ".join(
        str(numbers[-1]) if len(numbers) == 1 else f"up to {numbers[-1]}"
        for numbers in pooling.numbers
    )
    if exact:
        why = f"with {' and '.join(map(str, sizes))} patients the whole has {everybody}"
    elif outside:
        why = (
            f"{whole} does not lie between them, where a pooled mean and a pooled median lie; with "
            f"everybody it would be {everybody}"
        )
    else:
        why = f"no numbers of patients up to these sizes give {whole}"
        why += f"; with everybody it would be {everybody}"
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"the parts have the means {' and '.join(texts)} ({patients} patients): {why}",
        computed=everybody,
        suggestion=healing(whole, fits) if pooling.few else "",
    )
