"""The verdict on an SD of values counted in units, which `grimmer` and `debit` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import Mean
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_behind, several
from myocohort.papers.printed import Rounding, parse
from myocohort.papers.spread import Spread, divides_by_fewer
from myocohort.papers.unit_values import UnitValues

Arithmetic = Callable[[Spread, int], tuple[str, str]]
"""Says what n values with the mean can have instead: in words, and as one SD or ""."""


def sd_findings(
    check: str, paper: Paper, rounding: Rounding, arithmetic: Arithmetic, *, binary: bool
) -> Iterator[Finding]:
    """Hold each SD of a variable with a declared unit against its mean and number of patients.

    Parameters
    ----------
    check
        Name of the check.
    paper, rounding
        The paper, and how it rounds.
    arithmetic
        What the SD could be instead.
    binary
        Whether variables of 0 and 1 are looked at, or all others.
    """
    fewer = divides_by_fewer(paper, rounding)
    for mean in paper.mean:
        values = UnitValues.of(paper.variable(mean.variable))
        if values is None or mean.sd is None or values.binary != binary:
            continue
        spread = Spread(values, mean.mean, mean.sd, rounding)
        yield _finding(check, paper, mean, spread, arithmetic, divided_by_fewer=fewer)


def _finding(
    check: str,
    paper: Paper,
    mean: Mean,
    spread: Spread,
    arithmetic: Arithmetic,
    *,
    divided_by_fewer: bool,
) -> Finding:
    number = paper.number_of(mean, "sd")
    against = tuple(item.id for item in paper.numbers_of(mean) if item.field != "sd")
    label = paper.groups[mean.group].label
    numbers = patients_behind(paper, mean)

    def untestable(reason: str) -> Finding:
        return finding(check, "untestable", number, against, reason)

    if not numbers or numbers[-1] == 0:
        return untestable(f"the paper prints no number of the {label}")
    if parse(spread.mean).relation or parse(spread.sd).relation:
        return untestable("an inequality in place of a number leaves no limits")
    n = numbers[-1]
    what = f"{n} {spread.values.words} with the mean {spread.mean}"
    if spread.fits(n):
        said = f"{what} can have the SD {spread.sd}"
        return finding(check, "consistent", number, against, said)
    if not any(spread.sums(k) for k in numbers):
        return untestable(f"the mean {spread.mean} is itself not possible, see grim")
    if n == 1 and not numbers[:-1]:
        return finding(check, "inconsistent", number, against, "one value has no SD")
    said, computed = arithmetic(spread, n)
    said = f"{what} cannot have the SD {spread.sd}{said}"
    others = list(islice(spread.numbers_that_fit(numbers[:-1]), 4))
    if others:
        return untestable(
            f"{said}; {several(others)} of the {n} {label} can, if the others have no value, "
            f"which the paper does not say"
        )
    if not divided_by_fewer and any(spread.numbers_that_fit(numbers, less=0)):
        return untestable(
            f"{said}; it would be possible with n in place of n - 1 in the denominator of the SD"
        )
    if len(numbers) > 1:
        said += f", and no smaller number of the {label} makes it possible"
    return finding(
        check,
        "inconsistent",
        number,
        against,
        said,
        computed=computed,
        suggestion=healing(spread.sd, lambda text: replace(spread, sd=text).fits(n)),
    )
