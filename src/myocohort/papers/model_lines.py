"""Lines of printed regression tables: Wald's arithmetic over the intervals of rounding.

A Wald interval reaches equally far to both sides of its estimate, for ratios on the log scale.
Everything here is a statement about the sets of values that printed numbers can stand for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import NormalDist

from myocohort.papers.entries import Model, ModelTerm, PrintedNumber
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, agrees, interval, parse

NO_COINCIDENCE = 1e-3
"""A family of intervals counts as recognised when chance would do the same less often."""

# A profile interval's two arms differ by about this share of arm times log ratio: a tenth, in
# the reference study's model 0.13, 0.11 and 0.12 (../statistics.md, "The reference study's own
# model").
_TYPICAL_SKEW = 0.1

SOME_COINCIDENCE = 0.1
"""Enough to say that intervals which cannot be profile intervals are not of a kind unheard of."""

NumberRange = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Triple:
    """An estimate and its limits, as printed.

    Parameters
    ----------
    estimate, low, high
        The texts.
    ratio
        Whether they are ratios, whose logarithms an analysis computes with.
    """

    estimate: str
    low: str
    high: str
    ratio: bool

    @property
    def plain(self) -> bool:
        """Whether all three are numbers and none is an inequality."""
        return not any(parse(text).relation for text in (self.estimate, self.low, self.high))

    def ranges(self, rounding: Rounding) -> tuple[NumberRange, NumberRange, NumberRange]:
        """Return what estimate, low and high can stand for; ratios are never negative."""
        estimate, low, high = (
            _range(text, self.ratio, rounding) for text in (self.estimate, self.low, self.high)
        )
        return estimate, low, high


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a regression table with its printed numbers.

    Parameters
    ----------
    model, term
        The entry of the paper file and the line in it.
    numbers
        "estimate", "standard_error", "low", "high" and "p" -> the printed number, where printed.
    """

    model: Model
    term: ModelTerm
    numbers: Mapping[str, PrintedNumber]

    @property
    def ratio(self) -> bool:
        """Whether the line prints a ratio."""
        return self.term.measure != "coefficient"

    @property
    def triple(self) -> Triple | None:
        """Estimate and limits, where both limits are printed."""
        if self.term.low is None or self.term.high is None:
            return None
        return Triple(self.term.estimate, self.term.low, self.term.high, self.ratio)

    @property
    def quantile(self) -> float:
        """How many standard errors a Wald interval of this level reaches to each side."""
        return NormalDist().inv_cdf(0.5 + float(parse(self.model.level).value) / 200)

    def others(self, name: str) -> tuple[str, ...]:
        """Return the ids of estimate, error and limits, without the one named."""
        names = ("estimate", "standard_error", "low", "high")
        return tuple(self.numbers[n].id for n in names if n in self.numbers and n != name)


def could_be(text: str, least: float, most: float, rounding: Rounding) -> bool:
    """Return whether some value between two limits would be printed so."""
    if agrees(text, least, rounding) or agrees(text, most, rounding):
        return True
    allowed = interval(text, rounding)
    above = allowed.high is None or least <= allowed.high
    return above and (allowed.low is None or allowed.low <= most)


def lines(paper: Paper) -> Iterator[Line]:
    """Yield every line of every model."""
    for model in paper.model:
        printed = {number.field: number for number in paper.numbers_of(model)}
        for term in model.terms:
            fields = {"estimate": term.measure} | {
                name: name for name in ("standard_error", "low", "high", "p")
            }
            numbers = {
                name: printed[f"{term.term}.{field}"]
                for name, field in fields.items()
                if f"{term.term}.{field}" in printed
            }
            yield Line(model, term, numbers)


def peers(paper: Paper, line: Line) -> tuple[Line, ...]:
    """Return the lines that were analysed like this one.

    The other lines of the same model, and those of all models that the paper says were fitted
    by maximum likelihood, if this one was; always of the same measure and level.
    """
    return tuple(
        other
        for other in lines(paper)
        if (other.model.id, other.term.term) != (line.model.id, line.term.term)
        and (other.model.id == line.model.id or other.model.claimed == line.model.claimed == "ml")
        and other.term.measure == line.term.measure
        and parse(other.model.level).value == parse(line.model.level).value
    )


def with_text(triple: Triple, name: str, text: str) -> Triple:
    """Return the same line with another text for "estimate", "low" or "high"."""
    if name == "estimate":
        return replace(triple, estimate=text)
    return replace(triple, low=text) if name == "low" else replace(triple, high=text)


def contains(triple: Triple, rounding: Rounding) -> bool:
    """Return whether some values behind the numbers have low <= estimate <= high."""
    estimate, low, high = triple.ranges(rounding)
    return low[0] <= estimate[1] and estimate[0] <= high[1]


def symmetric(triple: Triple, rounding: Rounding) -> bool:
    """Return whether some values behind the numbers are a Wald interval.

    Exact: low × high meets estimate² for ratios, low + high meets 2 × estimate otherwise.
    """
    if not contains(triple, rounding):
        return False
    estimate, low, high = triple.ranges(rounding)
    if triple.ratio:
        return low[0] * high[0] <= estimate[1] ** 2 and estimate[0] ** 2 <= low[1] * high[1]
    return low[0] + high[0] <= 2 * estimate[1] and 2 * estimate[0] <= low[1] + high[1]


def distances(triple: Triple, rounding: Rounding) -> tuple[float, float]:
    """Return the smallest and largest |estimate| / half-width that a Wald interval can have.

    A Wald interval is fixed by its limits l and u (logarithms for ratios): the estimate is
    their mean and the distance from no effect |l + u| / (u - l). The limits lie in a box, the
    estimate keeps l + u within a strip, and a ratio of linear functions is largest and
    smallest in the corners of what is common to both.

    Returns
    -------
    tuple
        NaN twice where the digits leave the width open (a lower limit of 0.00).
    """
    (e1, e2), (l1, l2), (u1, u2) = (
        (_scale(a, triple.ratio), _scale(b, triple.ratio)) for a, b in triple.ranges(rounding)
    )
    l1 = max(l1, 2 * e1 - u2)  # a limit of 0.00 is held by the two other numbers
    if not all(map(math.isfinite, (e1, e2, l1, l2, u1, u2))):
        return math.nan, math.nan
    corners = [(low, high) for low in (l1, l2) for high in (u1, u2)]
    for total in (2 * e1, 2 * e2):
        corners += [(low, total - low) for low in (l1, l2)]
        corners += [(total - high, high) for high in (u1, u2)]
    slack = 1e-9 * (1 + abs(e1) + abs(u2) + abs(l1))
    inside = [
        (low, high)
        for low, high in corners
        if l1 - slack <= low <= l2 + slack
        and u1 - slack <= high <= u2 + slack
        and 2 * e1 - slack <= low + high <= 2 * e2 + slack
    ]
    ratios = [(low + high) / (high - low) for low, high in inside if high - low > slack]
    if not ratios:
        return math.nan, math.nan
    least, most = min(ratios), max(ratios)
    nearest = 0.0 if least <= 0 <= most else min(abs(least), abs(most))
    # digits too coarse to tell the limits apart leave the width as small as one likes
    open_ended = len(ratios) < len(inside)
    return nearest, math.inf if open_ended else max(abs(least), abs(most))


def loose_distances(triple: Triple, rounding: Rounding) -> tuple[float, float]:
    """Return the smallest and largest |estimate| / half-width, wherever the estimate lies."""
    (e1, e2), (l1, l2), (u1, u2) = (
        (_scale(a, triple.ratio), _scale(b, triple.ratio)) for a, b in triple.ranges(rounding)
    )
    nearest = 0.0 if e1 <= 0 <= e2 else min(abs(e1), abs(e2))
    widest, narrowest = (u2 - l1) / 2, (u1 - l2) / 2
    farthest = max(abs(e1), abs(e2)) / narrowest if narrowest > 0 else math.inf
    return nearest / widest if widest > 0 else 0.0, farthest


def distances_without(triple: Triple, name: str, rounding: Rounding) -> tuple[float, float] | None:
    """Return |estimate| / half-width of the Wald interval that two of the numbers fix.

    Parameters
    ----------
    name
        Which of "estimate", "low" and "high" is left out.

    Returns
    -------
    tuple or None
        Smallest and largest; None where the two numbers fix no interval.
    """
    texts = triple.ranges(rounding)
    estimate, low, high = ((_scale(a, triple.ratio), _scale(b, triple.ratio)) for a, b in texts)
    if name == "estimate":
        pairs = [((k + u) / 2, (u - k) / 2) for k in low for u in high]
    elif name == "low":
        pairs = [(b, u - b) for b in estimate for u in high]
    else:
        pairs = [(b, b - k) for b in estimate for k in low]
    if not all(math.isfinite(b) and arm > 0 for b, arm in pairs):
        return None
    ratios = [b / arm for b, arm in pairs]  # monotone in each number, so extreme in the corners
    least, most = min(ratios), max(ratios)
    return (0.0 if least <= 0 <= most else min(abs(least), abs(most))), max(abs(least), abs(most))


def spread_of_values(paper: Paper, line: Line) -> float | None:
    """Return how far apart the values of a term are, less what the other terms predict of it.

    This is what bounds how quickly the curvature of the log likelihood changes along the
    term's coefficient. A yes/no variable or a level beside at most one other of its kind is
    predicted by shares, so that 1 is left; beside more, or beside numbers, up to about 2. None
    where the paper does not tell the values, or the coefficient may be no log ratio.
    """
    if not (line.ratio or line.model.claimed) or not _is_yes_no(paper, line.term):
        return None
    few = len(line.model.terms) <= 2 and all(_is_yes_no(paper, t) for t in line.model.terms)
    return 1.0 if few else 2.0


def _is_yes_no(paper: Paper, term: ModelTerm) -> bool:
    return "=" in term.term or any(count.variable == term.term for count in paper.count)


def may_be_profile(triple: Triple, spread: float, rounding: Rounding) -> bool:
    """Return whether a profile-likelihood interval can be so lopsided.

    At both limits the log likelihood lies equally far below its maximum. Its curvature changes
    by a factor of at most exp(S t) over a distance t, where S is the spread of the values, so
    that the drop over t lies between (exp(-S t) - 1 + S t) and (exp(S t) - 1 - S t), in units
    of curvature / S². The longer arm's least drop must not exceed the shorter arm's largest
    (Bach, Electron J Stat 2010;4:384-414, section 2).
    """
    estimate, low, high = (
        (_scale(a, triple.ratio), _scale(b, triple.ratio)) for a, b in triple.ranges(rounding)
    )
    arms = (
        (estimate[1] - low[0], high[0] - estimate[1]),  # as long down and as short up as it goes
        (high[1] - estimate[0], estimate[0] - low[1]),
    )
    for shorter, longer in arms:
        x, y = spread * shorter, spread * longer
        if longer > shorter and (x <= 0 or (x < 500 and math.expm1(-y) + y > math.expm1(x) - x)):
            return False
    return True


def chance_of_symmetry(triple: Triple, rounding: Rounding) -> float:
    """Return about how often an interval of another family would look like Wald's.

    Rounding leaves the difference between the two arms open by some width. The arms of a
    profile interval differ by about a tenth of arm times log ratio (which goes to nothing near
    a ratio of 1 and with many patients); the chance that this lands inside the width is taken
    as the width over that, at most 1.
    """
    estimate, low, high = (
        (_scale(a, triple.ratio), _scale(b, triple.ratio)) for a, b in triple.ranges(rounding)
    )
    width = (low[1] - low[0]) + (high[1] - high[0]) + 2 * (estimate[1] - estimate[0])
    arm = (high[0] + high[1] - low[0] - low[1]) / 4
    from_null = abs(estimate[0] + estimate[1]) / 2
    return _chance(width, arm * min(arm, from_null))


def chance_of_p(log_width: float, log_ratio: float) -> float:
    """Return about how often the p of another family would look like Wald's.

    Parameters
    ----------
    log_width
        Width that rounding leaves to the logarithm of the chi-square statistic.
    log_ratio
        The estimate: near 0 all families agree, further away the logarithms of their
        statistics differ by about a tenth of it.
    """
    return _chance(log_width, abs(log_ratio))


def _chance(width: float, size: float) -> float:
    if not (math.isfinite(width) and size > 0):
        return 1.0
    return min(1.0, width / (_TYPICAL_SKEW * size))


def chance_of_wald_peers(paper: Paper, line: Line, rounding: Rounding) -> float:
    """Return how likely it is by chance that the lines analysed like this one all look like Wald's.

    1 where there are none, or where one of them does not look so.
    """
    chance = 1.0
    for other in peers(paper, line):
        triple = other.triple
        if triple is None or not triple.plain:
            continue
        if not symmetric(triple, rounding):
            return 1.0
        chance *= chance_of_symmetry(triple, rounding)
    return chance


def _range(text: str, ratio: bool, rounding: Rounding) -> NumberRange:
    allowed = interval(text, rounding)
    if allowed.low is None or allowed.high is None:
        raise ValueError(f"{text!r} is an inequality")
    if not ratio:
        return allowed.low, allowed.high
    return max(allowed.low, Fraction(0)), max(allowed.high, Fraction(0))


def _scale(value: Fraction, ratio: bool) -> float:
    if not ratio:
        return float(value)
    return math.log(value) if value > 0 else -math.inf
