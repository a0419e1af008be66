"""How a paper rounds: to the nearest, by cutting digits off, or twice.

What decides are the percentages whose count and number of patients are printed, because their
exact values are known: one value each, or a few where the paper does not say who has none. One
that only cut digits explain and one that only rounding to the nearest explains weigh the same;
one that both explain says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, agrees, parse
from myocohort.papers.shares import Share, shares

# A paper that cuts digits off has practically no percentage above its exact value; this many
# times more must lie a good half unit below it, so that a few misprints do not hide the way.
TIMES_MORE = 4
# From a single percentage "throughout" is only said where so many could have spoken against it.
LEAST_COMPARED = 5

WORDS: dict[Rounding, str] = {
    "nearest": "in a paper that rounds to the nearest",
    "truncated": "in a paper that cuts digits off throughout",
    "twice": "in a paper that rounds twice throughout",
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """The way in which a paper rounds.

    Parameters
    ----------
    rounding
        The way that its numbers are to be read in.
    explanation
        What it was recognised by, in words with the counts.
    also
        Other ways that no percentage contradicts. About one percentage in twenty can tell
        rounding twice from rounding once.
    """

    rounding: Rounding
    explanation: str
    also: tuple[Rounding, ...] = ()


def recognise(paper: Paper) -> Recognised:
    """Say how a paper rounds.

    A paper cuts digits off when at least `TIMES_MORE` times as many percentages fit only that
    as fit only rounding to the nearest, and rounding twice explains no more; a single one is
    enough where none speaks against it and at least `LEAST_COMPARED` could. A paper rounds
    twice (to one digit more, then again) when some percentage fits only that and none
    contradicts it, under one of the five ways to do it: half-up or half-even at either step,
    or as printf does. Otherwise it rounds to the nearest: half-up, half-even and printf are
    not told apart, and never taken for one of the others.
    """
    compared = tuple(shares(paper))
    if not compared:
        said = "no percentage has a printed count and number of patients"
        return Recognised("nearest", said, also=("truncated", "twice"))
    nearest = [_fits_nearest(share) for share in compared]
    cut = [_fits_cut(share) for share in compared]
    only_cut = sum(c and not n for c, n in zip(cut, nearest, strict=True))
    only_nearest = sum(n and not c for c, n in zip(cut, nearest, strict=True))
    by_twice = [_only_twice(compared, nearest, way) for way in _WAYS_TO_ROUND_TWICE]
    uncontradicted = [found for found in by_twice if found is not None]
    only_twice = max(uncontradicted, default=0)
    cut_open: tuple[Rounding, ...] = () if only_nearest else ("truncated",)
    twice_open: tuple[Rounding, ...] = ("twice",) if uncontradicted else ()
    known = f"of {len(compared)} percentages with a printed count and number of patients"
    # One percentage is enough where the other way to explain it would be rarer still.
    enough = only_cut > 1 or (only_cut == 1 and (len(compared) >= LEAST_COMPARED or only_twice))
    cut_explains_more = _explained(compared, "truncated") >= _explained(compared, "twice")
    if enough and cut_explains_more and only_cut >= TIMES_MORE * only_nearest:
        return Recognised(
            "truncated",
            f"{known}, {only_cut} {_fit(only_cut)} only if digits are cut off, "
            f"{only_nearest} only if they are rounded to the nearest, "
            f"{sum(c and n for c, n in zip(cut, nearest, strict=True))} either way",
            also=twice_open if only_twice else (),
        )
    if only_twice:
        return Recognised(
            "twice",
            f"{known}, {only_twice} {_fit(only_twice)} only if rounded to one digit more and "
            f"then again, and none contradicts that",
            also=cut_open if only_cut else (),
        )
    return Recognised(
        "nearest",
        f"{known}, {sum(nearest)} {_fit(sum(nearest))} rounding to the nearest, "
        f"{only_cut} only cut digits",
        also=(*cut_open, *twice_open),
    )


def _explained(compared: tuple[Share, ...], rounding: Rounding) -> int:
    return sum(
        any(agrees(share.percent, value, rounding) for value in share.possible())
        for share in compared
    )


def _fit(count: int) -> str:
    return "fits" if count == 1 else "fit"


def _fits_nearest(share: Share) -> bool:
    return any(agrees(share.percent, value) for value in share.possible())


def _fits_cut(share: Share) -> bool:
    """Return whether cutting digits off gives the percentage; closed, as floats may fall short."""
    printed = parse(share.percent)
    return any(printed.value <= value <= printed.value + printed.unit for value in share.possible())


def _only_twice(
    compared: tuple[Share, ...], nearest: list[bool], way: Callable[[Fraction, int], Fraction]
) -> int | None:
    """Return how many percentages only this way to round twice explains; None against it."""
    found = 0
    for share, fits_nearest in zip(compared, nearest, strict=True):
        printed = parse(share.percent)
        fits = any(way(value, printed.decimals) == printed.value for value in share.possible())
        if fits_nearest and not fits:
            return None
        found += fits and not fits_nearest
    return found


def _half_up(value: Fraction, decimals: int) -> Fraction:
    return Fraction(math.floor(value * 10**decimals + Fraction(1, 2)), 10**decimals)


def _half_even(value: Fraction, decimals: int) -> Fraction:
    return Fraction(round(value * 10**decimals), 10**decimals)


def _printf(value: Fraction, decimals: int) -> Fraction:
    return Fraction(f"{float(value):.{decimals}f}")


def _twice(
    first: Callable[[Fraction, int], Fraction], second: Callable[[Fraction, int], Fraction]
) -> Callable[[Fraction, int], Fraction]:
    return lambda value, decimals: second(first(value, decimals + 1), decimals)


_WAYS_TO_ROUND_TWICE = (
    _twice(_half_up, _half_up),
    _twice(_half_up, _half_even),
    _twice(_half_even, _half_up),
    _twice(_half_even, _half_even),
    _twice(_printf, _printf),
)
