"""Variables that were measured in the same patients: can their numbers of patients be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.described import variable_words
from myocohort.papers.entries import Missing, PrintedNumber, SamePatients
from myocohort.papers.paperfile import Paper
from myocohort.papers.pooled import MOST_WEIGHTS, PooledMean, Weights, pooled_means, pooling_of
from myocohort.papers.printed import Rounding, interval, whole

NAME = "same_patients"


def same_patients(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold variables that rest on the same patients against each other.

    Printed numbers of patients in one group must be equal. And the numbers of patients of the
    parts that give the mean of the whole for one variable must have some in common with those
    of the others, even where the paper prints none of them. A mean that no numbers give is
    left to `pooled_mean`.
    """
    for same in paper.same_patients:
        yield from _denominators(paper, same)
        yield from _weights(paper, same, rounding)


def _denominators(paper: Paper, same: SamePatients) -> Iterator[Finding]:
    """Hold each printed number of patients against the first one of another variable."""
    first: dict[str, _Number] = {}
    for here in _printed(paper, same):
        before = first.setdefault(here.group, here)
        if before.variable == here.variable:
            continue
        said = (
            f"{before.n} of the {paper.groups[here.group].label} with "
            f"{variable_words(paper, before.variable)}, "
            f"{here.n} with {variable_words(paper, here.variable)}"
        )
        against = (before.printed.id,)
        if before.n == here.n:
            yield finding(NAME, "consistent", here.printed, against, said)
            continue
        yield finding(
            NAME,
            "inconsistent",
            here.printed,
            against,
            f"{said}: both should rest on the same patients ({same.remark})",
            computed=str(before.n if here.is_number else here.size - before.n),
        )


@dataclass(frozen=True, slots=True)
class _Number:
    """How many patients of a group have a value of a variable, and the number that says so."""

    variable: str
    group: str
    printed: PrintedNumber
    n: int
    size: int = 0  # of the group, where the printed number is that of patients without a value

    @property
    def is_number(self) -> bool:
        """Whether the printed number is that of patients with a value."""
        return not isinstance(self.printed.entry, Missing)


def _printed(paper: Paper, same: SamePatients) -> Iterator[_Number]:
    for count in paper.count:
        if count.variable in same.variables and count.of is not None:
            printed = paper.number_of(count, "of")
            yield _Number(count.variable, count.group, printed, whole(count.of))
    for mean in paper.mean:
        if mean.variable in same.variables and mean.n is not None:
            printed = paper.number_of(mean, "n")
            yield _Number(mean.variable, mean.group, printed, whole(mean.n))
    for missing in paper.missing:
        size = paper.group_size(missing.group)
        if missing.variable in same.variables and size is not None:
            printed = next(iter(paper.numbers_of(missing)))
            n = size - whole(missing.n)
            yield _Number(missing.variable, missing.group, printed, n, size)


def _weights(paper: Paper, same: SamePatients, rounding: Rounding) -> Iterator[Finding]:
    """Hold each mean of a whole against those before it, by the numbers of patients behind."""
    common: dict[tuple[str, ...], _Weighed] = {}
    for pooled in pooled_means(paper):
        if pooled.whole.variable not in same.variables:
            continue
        weights = _possible(paper, pooled, rounding)
        if weights is None:
            continue
        groups = (pooled.whole.group, *(part.group for part in pooled.parts))
        here = _Weighed((pooled,), weights)
        before = common.setdefault(groups, here)
        if before is here:
            continue
        both = here.weights & before.weights
        yield _compared(paper, same, before, here, both)
        if both:
            common[groups] = _Weighed((*before.pooled, pooled), both)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Means, and the numbers of patients of the parts that give all of them."""

    pooled: tuple[PooledMean, ...]
    weights: frozenset[Weights]


def _possible(paper: Paper, pooled: PooledMean, rounding: Rounding) -> frozenset[Weights] | None:
    pooling = pooling_of(paper, pooled, rounding)
    if isinstance(pooling, str) or not pooling.countable:
        return None
    mean = interval(pooled.whole.mean, rounding)
    weights = frozenset(islice(pooling.weights(mean), MOST_WEIGHTS))
    return weights if 0 < len(weights) < MOST_WEIGHTS else None


def _compared(
    paper: Paper,
    same: SamePatients,
    before: _Weighed,
    here: _Weighed,
    both: frozenset[Weights],
) -> Finding:
    (pooled,) = here.pooled
    number = paper.number_of(pooled.whole, "mean")
    earlier = [mean for there in before.pooled for mean in (there.whole, *there.parts)]
    against = tuple(f"{mean.id}.mean" for mean in (*earlier, *pooled.parts))
    names = " and ".join(variable_words(paper, there.whole.variable) for there in before.pooled)
    means = " and ".join(there.whole.mean for there in before.pooled)
    groups = " and ".join(paper.groups[part.group].label for part in pooled.parts)
    if both:
        said = f"{_listed(both)} of the {groups} give both {means} and {pooled.whole.mean}"
        return finding(NAME, "consistent", number, against, said)
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"of the {groups}, {_listed(here.weights)} give the mean {pooled.whole.mean} of "
        f"{variable_words(paper, pooled.whole.variable)}, and {_listed(before.weights)} the mean "
        f"{means} of {names}: none in common, though both should rest on the same patients "
        f"({same.remark})",
        reading=same.remark,
    )


def _listed(weights: frozenset[Weights], most: int = 6) -> str:
    """Write numbers of patients: "8 + 3, 13 + 5 or 16 + 6"."""
    texts = [" + ".join(map(str, each)) for each in sorted(weights)]
    if len(texts) > most:
        return f"{', '.join(texts[:most])} or {len(texts) - most} other numbers"
    return " or ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
