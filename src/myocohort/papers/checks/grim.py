"""A mean of values that are counted in units: can so many of them have it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import Mean
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_behind, several
from myocohort.papers.printed import Rounding, format_like, interval, parse
from myocohort.papers.unit_values import UnitValues, plain

NAME = "grim"


def grim(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each mean of a variable with a declared `step` against its number of patients.

    GRIM (Brown & Heathers 2017): the sum of n values is a whole multiple of their unit, so
    only some means exist. Where the paper does not say how many patients lack a value, any
    smaller number may be behind the mean, down to one.

    References
    ----------
    Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369.
    """
    for mean in paper.mean:
        values = UnitValues.of(paper.variable(mean.variable))
        if values is not None:
            yield _check(paper, mean, values, rounding)


def _check(paper: Paper, mean: Mean, values: UnitValues, rounding: Rounding) -> Finding:
    number = paper.number_of(mean, "mean")
    against = (f"{mean.id}.n",) if mean.n is not None else ()
    numbers = patients_behind(paper, mean)
    label = paper.groups[mean.group].label
    if not numbers or numbers[-1] == 0:
        reason = f"the paper prints no number of the {label}"
        return finding(NAME, "untestable", number, against, reason)
    if parse(mean.mean).relation:
        reason = "an inequality in place of a number leaves no limits for a sum"
        return finding(NAME, "untestable", number, against, reason)
    n = numbers[-1]

    def possible(text: str, total: int) -> bool:
        return bool(values.sums(total, interval(text, rounding)))

    if possible(mean.mean, n):
        said = f"{n} {values.words} can have the mean {mean.mean}"
        if values.unit / n <= parse(mean.mean).unit:
            said += ", like any other with so few digits"
        return finding(NAME, "consistent", number, against, said)
    said = f"{n} {values.words} cannot have the mean {mean.mean}: {_nearest(mean, values, n)}"
    fewer = list(islice((k for k in reversed(numbers[:-1]) if possible(mean.mean, k)), 4))
    if fewer:
        return finding(
            NAME,
            "untestable",
            number,
            against,
            f"{said}; {several(fewer)} of the {n} {label} can, if the others have no value, "
            f"which the paper does not say",
        )
    if len(numbers) > 1:
        said += f", and no smaller number of the {label} makes it possible"
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        said,
        suggestion=healing(mean.mean, lambda text: possible(text, n)),
    )


def _nearest(mean: Mean, values: UnitValues, n: int) -> str:
    """Say which sums lie on either side of the printed mean, or which limit it passes."""
    printed = parse(mean.mean).value
    low = None if values.low is None else values.low * values.unit
    high = None if values.high is None else values.high * values.unit
    if low is not None and printed < low:
        return "it lies below the smallest value"
    if high is not None and printed > high:
        return "it lies above the largest value"
    below = printed * n // values.unit
    digits = f"{mean.mean}0" if "." in mean.mean else f"{mean.mean}.0"
    first, second = (
        f"a sum of {plain(total)} gives {format_like(digits, total / n)}"
        for total in (below * values.unit, (below + 1) * values.unit)
    )
    return f"{first}, {second}"
