"""A whole group's mean and SD and those of its parts, over every number of patients."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product

from myocohort.papers.entries import Mean
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_behind
from myocohort.papers.printed import Interval, Rounding, interval, parse

MOST_WEIGHTS = 50_000  # beyond, numbers of patients are not gone through
FEW_WEIGHTS = 1_000
Weights = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PooledMean:
    """A mean of a whole group and the means of its parts.

    Parameters
    ----------
    whole
        The mean of the whole group.
    parts
        The means of the parts, in the order of the partition; a part without a printed mean
        is replaced by its own parts where these have one.
    without
        Groups that are parts too, but have no printed mean.
    """

    whole: Mean
    parts: tuple[Mean, ...]
    without: tuple[str, ...]


def pooled_means(paper: Paper) -> Iterator[PooledMean]:
    """Yield each mean of a whole group of which at least one part has a mean."""
    means = {(mean.variable, mean.group): mean for mean in paper.mean}
    for partition in paper.partitions:
        for (variable, group), mean in means.items():
            if group != partition.whole:
                continue
            found: list[Mean] = []
            without: list[str] = []
            for part in partition.parts:
                inside = _means_of(paper, means, variable, part, (group,))
                found.extend(inside)
                without.extend([] if inside else [part])
            if found:
                yield PooledMean(mean, tuple(found), tuple(without))


def _means_of(
    paper: Paper,
    means: Mapping[tuple[str, str], Mean],
    variable: str,
    group: str,
    above: tuple[str, ...],
) -> tuple[Mean, ...]:
    """Return the mean of a group, or those of parts that make it up; empty where one lacks."""
    if (variable, group) in means:
        return (means[variable, group],)
    for partition in paper.partitions:
        if partition.whole == group and group not in above:
            inside = [
                _means_of(paper, means, variable, part, (*above, group)) for part in partition.parts
            ]
            if all(inside):
                return tuple(mean for found in inside for mean in found)
    return ()


@dataclass(frozen=True)
class Pooling:
    """The arithmetic of one mean of a whole and the means of its parts.

    Parameters
    ----------
    means
        What the printed means of the parts stand for.
    numbers
        How many patients can be behind each.
    together
        How many patients are behind the mean of the whole; None where that is not known.
    """

    means: tuple[Interval, ...]
    numbers: tuple[range, ...]
    together: int | None = None

    @property
    def countable(self) -> bool:
        """Whether the possible numbers of patients are few enough to go through."""
        return math.prod(len(numbers) for numbers in self.numbers[:-1]) <= MOST_WEIGHTS

    @property
    def few(self) -> bool:
        """Whether they are few enough to go through again for every slip of a finger."""
        return math.prod(len(numbers) for numbers in self.numbers[:-1]) <= FEW_WEIGHTS

    @cached_property
    def _limits(self) -> tuple[tuple[Fraction, Fraction], ...]:
        return tuple(_limits(mean) for mean in self.means)

    def between(self, whole: Interval) -> bool:
        """Return whether the whole's mean can lie between the smallest and largest of the parts."""
        least, most = min(low for low, _ in self._limits), max(high for _, high in self._limits)
        return whole.meets(Interval(least, most))

    def weights(self, whole: Interval) -> Iterator[Weights]:
        """Yield the numbers of patients of the parts that give the mean of the whole.

        With w patients in each part it is the sum of w m / the sum of w, with every m within
        its interval. The number of the last part follows from two linear inequalities.
        """
        low, high = _limits(whole)
        scale = math.lcm(*(limit.denominator for pair in self._limits for limit in pair),
                         low.denominator, high.denominator)  # fmt: skip
        lows = [int(least * scale) for least, _ in self._limits]
        highs = [int(most * scale) for _, most in self._limits]
        low_, high_ = int(low * scale), int(high * scale)
        for first in product(*self.numbers[:-1]):
            total = sum(first)
            least = sum(w * limit for w, limit in zip(first, lows, strict=False))
            most = sum(w * limit for w, limit in zip(first, highs, strict=False))
            last = _at_most(self.numbers[-1], lows[-1] - high_, high_ * total - least)
            last = _at_most(last, low_ - highs[-1], most - low_ * total)
            if self.together is not None:
                rest = self.together - total
                last = range(max(last.start, rest), min(last.stop, rest + 1))
            for number in last:
                yield (*first, number)

    def has_sd(
        self, weights: Weights, sds: Sequence[Interval], whole: Interval, *, less: int = 1
    ) -> bool:
        """Return whether the whole can have an SD, given those of the parts.

        The sum of squares of the whole is the sum of those within the parts and of those of
        the parts' means, the sum over pairs of w_i w_j (m_i - m_j)² / n. Each is taken at its
        smallest and largest within rounding, which for more than two parts is a little
        generous. Variances divide by n - `less`.
        """
        n = sum(weights)
        if n <= less:
            return True
        inside = [_limits(sd) for sd in sds]
        squares = [(max(low, Fraction(0)) ** 2, high**2) for low, high in inside]
        least = sum((w - less) * low for w, (low, _) in zip(weights, squares, strict=True))
        most = sum((w - less) * high for w, (_, high) in zip(weights, squares, strict=True))
        for (v, (low, high)), (w, (other_low, other_high)) in combinations(
            zip(weights, self._limits, strict=True), 2
        ):
            gap = max(other_low - high, low - other_high, Fraction(0))
            reach = max(other_high - low, high - other_low)
            least += Fraction(v * w, n) * gap**2
            most += Fraction(v * w, n) * reach**2
        low, high = _limits(whole)
        above = high >= 0 and least <= (n - less) * high**2
        return above and most >= (n - less) * max(low, Fraction(0)) ** 2


def pooling_of(paper: Paper, pooled: PooledMean, rounding: Rounding) -> Pooling | str:
    """Return the arithmetic of a mean and its parts, or why there is none."""
    if pooled.without:
        label = paper.groups[pooled.without[0]].label
        return f"no mean is printed for the {label}{_of_the_rest(paper, pooled)}"
    if any(parse(mean.mean).relation for mean in (pooled.whole, *pooled.parts)):
        return "an inequality in place of a mean excludes too little"
    numbers = [patients_behind(paper, part) for part in pooled.parts]
    known = tuple(part for part in numbers if part)
    if len(known) < len(numbers):
        return "the size of a part is not printed"
    behind = patients_behind(paper, pooled.whole)
    together = behind[0] if behind is not None and len(behind) == 1 else None
    if together is not None and not (
        sum(part[0] for part in known) <= together <= sum(part[-1] for part in known)
    ):
        return "the numbers of patients of the parts do not add up to that of the whole"
    means = tuple(interval(part.mean, rounding) for part in pooled.parts)
    return Pooling(means, known, together)


def _of_the_rest(paper: Paper, pooled: PooledMean) -> str:
    """Say which mean the patients without a printed mean would have, with nobody missing."""
    size = paper.group_size(pooled.whole.group)
    sizes = [paper.group_size(part.group) for part in pooled.parts]
    known = [n for n in sizes if n is not None]
    texts = [mean.mean for mean in (pooled.whole, *pooled.parts)]
    if size is None or len(known) < len(sizes) or any(parse(text).relation for text in texts):
        return ""
    rest = size - sum(known)
    if rest < 1:
        return ""
    total = size * parse(pooled.whole.mean).value - sum(
        n * parse(part.mean).value for n, part in zip(known, pooled.parts, strict=True)
    )
    mean = f"{float(total / rest):.4g}"
    return f"; if nobody lacks a value, the other {rest} have a mean of about {mean}"


def _limits(number: Interval) -> tuple[Fraction, Fraction]:
    if number.low is None or number.high is None:
        raise ValueError("an inequality has no two limits")
    return number.low, number.high


def _at_most(numbers: range, times: int, limit: int) -> range:
    """Return those of some neighbouring whole numbers w for which times × w <= limit."""
    if times > 0:
        return range(numbers.start, min(numbers.stop, limit // times + 1))
    if times < 0:
        return range(max(numbers.start, -(-limit // times)), numbers.stop)
    return numbers if limit >= 0 else range(0)
