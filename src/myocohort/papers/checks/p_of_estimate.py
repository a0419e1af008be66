"""The p value of a model's line: does it belong to the estimate and its interval."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

from scipy.stats import t as student

from myocohort.papers.checks.finding import Finding, Verdict, finding
from myocohort.papers.model_lines import (
    NO_COINCIDENCE,
    Line,
    Triple,
    chance_of_p,
    contains,
    could_be,
    distances,
    distances_without,
    lines,
    loose_distances,
    peers,
    spread_of_values,
    symmetric,
)
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, Rounding, interval, parse

NAME = "p_of_estimate"

UNKNOWN_SPREAD = 6.0
"""Log ratio between the ends of a variable whose values the paper does not tell."""

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far an estimate lies from no effect, in Wald standard errors.

    Parameters
    ----------
    low, high
        Limits over the intervals of rounding, both at least 0.
    of
        What was divided, in words.
    error
        Largest standard error (of the logarithm for ratios).
    degrees
        Whether an analysis may have taken Student's t with few degrees of freedom.
    """

    low: float
    high: float
    of: str
    error: float
    degrees: bool


def p_of_estimate(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the p value of each line against its estimate, with the interval or standard error.

    The interval's half-width is a quantile times the standard error, so that a Wald interval
    fixes the Wald p, within rounding. Another p may be that of a likelihood-ratio, score or
    exact test, or one-sided: it is accused only where it lies further from Wald's than any of
    these can (see `other_families`), or where the p values of the lines analysed like it are
    Wald's, too precisely for chance.
    """
    for line in lines(paper):
        if "p" in line.numbers and (line.triple is not None or line.term.standard_error):
            yield _check(paper, line, rounding)


def other_families(low: float, high: float, spread: float, error: float) -> tuple[float, float]:
    """Return how far other tests of the same estimate may put it from no effect.

    For a log ratio b of a variable whose values are S apart, the curvature of the log
    likelihood changes by a factor of at most e per 1/S on the way from b to 0 (its third
    derivative is at most S times its second: Bach, Electron J Stat 2010;4:384-414, section 2).
    With x = S|b| the likelihood-ratio and score statistics therefore lie between
    4(1 - exp(-x/2))²/x² and 2(exp(x) - x - 1)/x² times Wald's. Corrections for continuity and
    exact tests lower the distance further, by about half a patient on either side: one
    standard error.

    Parameters
    ----------
    low, high
        Distances by Wald, in standard errors.
    spread
        x.
    error
        The standard error.

    Returns
    -------
    tuple
        Smallest and largest distance, as normal deviates.
    """
    least, most = _factors(spread)
    return max(0.0, low * math.sqrt(least) - error), high * math.sqrt(most)


def _factors(spread: float) -> tuple[float, float]:
    if spread < 1e-4:
        return 1 - spread / 2, 1 + spread / 2
    least = 4 * math.expm1(-spread / 2) ** 2 / spread**2
    return least, 2 * (math.expm1(min(spread, 500.0)) - spread) / spread**2


def _check(paper: Paper, line: Line, rounding: Rounding) -> Finding:
    triple = line.triple
    texts = [line.term.estimate, line.term.standard_error]
    texts += [triple.low, triple.high] if triple is not None else []
    if any(parse(text).relation for text in texts if text is not None):
        reason = "an inequality in place of a number leaves nothing to compute with"
        return _about(line, "untestable", reason)
    p = _p(line)
    if triple is not None and not contains(triple, rounding):
        return _beside_a_wrong_interval(line, triple, p, rounding)
    if triple is not None and not symmetric(triple, rounding):
        return _beside_an_asymmetric_interval(paper, line, triple, p, rounding)
    reaches = tuple(_reaches(line, rounding))
    if not reaches:
        return _about(line, "untestable", "the printed digits leave the standard error open")
    for reach in reaches:
        found = _fitting(reach, line, p, rounding)
        if found:
            return _about(line, "consistent", f"{reach.of} gives {found}", fits=("Wald",))
    return _not_walds(paper, line, reaches, p, rounding)


def _p(line: Line) -> str:
    text = line.term.p
    if text is None:
        raise ValueError("the line prints no p")
    return text


def _about(
    line: Line,
    verdict: Verdict,
    said: str,
    computed: str = "",
    fits: tuple[str, ...] = (),
) -> Finding:
    return finding(
        NAME, verdict, line.numbers["p"], line.others("p"), said, computed=computed, fits=fits
    )


def _reaches(line: Line, rounding: Rounding) -> Iterator[_Reach]:
    """Yield the distance from no effect by the interval, and by the standard error."""
    triple, quantile = line.triple, line.quantile
    degrees = not line.ratio
    if triple is not None:
        low, high = distances(triple, rounding)
        if not math.isnan(low):
            said = f"the interval {triple.low} to {triple.high} around {triple.estimate}"
            error = _arm(triple, rounding) / quantile
            yield _Reach(low * quantile, high * quantile, said, error, degrees)
    if line.term.standard_error is not None and triple is None:
        yield from _by_standard_error(line, rounding)


def _by_standard_error(line: Line, rounding: Rounding) -> Iterator[_Reach]:
    """Yield estimate / SE; the SE printed beside a ratio may be that of the ratio itself."""
    text = line.term.standard_error or ""
    error, estimate = interval(text, rounding), interval(line.term.estimate, rounding)
    if error.low is None or error.high is None or estimate.low is None or estimate.high is None:
        return
    s1, s2 = float(error.low), float(error.high)
    if s1 <= 0 or (line.ratio and estimate.low <= 0):
        return
    ends = [float(estimate.low), float(estimate.high)]
    said = f"{line.term.estimate} with a standard error of {text}"
    if not line.ratio:
        yield _Reach(*_divided(ends, s1, s2), said, s2, True)
        return
    logs = [math.log(end) for end in ends]
    yield _Reach(*_divided(logs, s1, s2), f"{said} of its logarithm", s2, False)
    least, most = s1 / ends[1], s2 / ends[0]
    yield _Reach(*_divided(logs, least, most), f"{said} of the ratio", most, False)


def _divided(ends: list[float], s1: float, s2: float) -> tuple[float, float]:
    a, b = sorted(abs(end) for end in ends)
    return (0.0 if ends[0] <= 0 <= ends[1] else a / s2), b / s1


def _arm(triple: Triple, rounding: Rounding) -> float:
    """Return the largest half-width, of the logarithms for ratios."""
    _, low, high = triple.ranges(rounding)
    if not triple.ratio:
        return float(high[1] - low[0]) / 2
    if low[0] > 0:
        return math.log(high[1] / low[0]) / 2
    estimate = triple.ranges(rounding)[0]
    return math.log(high[1] / estimate[0]) if estimate[0] > 0 else math.inf


def _fitting(reach: _Reach, line: Line, p: str, rounding: Rounding) -> str:
    """Return which Wald p values belong to a distance when the printed one is among them."""
    if could_be(p, _p_of(reach.high), _p_of(reach.low), rounding):
        return f"a Wald p of {_shown(_p_of(reach.high), _p_of(reach.low))}"
    if reach.degrees:
        for degrees in (*range(3, 60), 80, 120, 250, 500):
            quantile = float(student.isf((1 - _NORMAL.cdf(line.quantile)), degrees))
            scale = quantile / line.quantile if line.triple is not None else 1.0
            least = 2 * float(student.sf(reach.high * scale, degrees))
            most = 2 * float(student.sf(reach.low * scale, degrees))
            if could_be(p, least, most, rounding):
                return f"p = {_shown(least, most)} by Student's t with {degrees} degrees of freedom"
    return ""


def _p_of(distance: float) -> float:
    return math.erfc(distance / math.sqrt(2))


def _shown(least: float, most: float) -> str:
    low, high = f"{least:.2g}", f"{most:.2g}"
    return low if low == high else f"{least:.3g} to {most:.3g}"


def _spread(paper: Paper, line: Line, size: float) -> float:
    """Return x of `other_families` for a log ratio of some size."""
    spread = spread_of_values(paper, line)
    return max(UNKNOWN_SPREAD, 2 * size) if spread is None else spread * size


def _size(line: Line, rounding: Rounding) -> float:
    """Return the largest absolute log ratio or coefficient that the estimate stands for."""
    allowed: Interval = interval(line.term.estimate, rounding)
    ends = [float(end) for end in (allowed.low, allowed.high) if end is not None]
    if not line.ratio:
        return max(abs(end) for end in ends)
    return max(abs(math.log(end)) if end > 0 else math.inf for end in ends)


def _not_walds(
    paper: Paper, line: Line, reaches: tuple[_Reach, ...], p: str, rounding: Rounding
) -> Finding:
    reach = reaches[0]
    wald = _shown(_p_of(reach.high), _p_of(reach.low))
    said = f"{reach.of} gives a Wald p of {wald}, not {p}"
    if _prints_wald_p(paper, line, rounding):
        return _about(
            line,
            "inconsistent",
            f"{said}; the lines analysed like it all have the p of Wald's test",
            wald,
        )
    one_sided = _p_of(reach.high) / 2, _p_of(reach.low) / 2
    if could_be(p, *one_sided, rounding):
        return _about(line, "untestable", f"{said}, but half of that, as in a one-sided test")
    ends = [_by_others(paper, line, reach, rounding) for reach in reaches]
    least, most = _p_of(max(high for _, high in ends)), _p_of(min(low for low, _ in ends))
    if could_be(p, least, most, rounding):
        reason = "a likelihood-ratio, score or exact test of the same estimate may give it"
        return _about(line, "untestable", f"{said}; {reason}")
    if _perhaps_exact(line):
        reason = "the probability test of an exact model may give any p beside an estimate"
        return _about(line, "untestable", f"{said}; {reason}")
    return _about(
        line,
        "inconsistent",
        f"{said}; likelihood-ratio, score and exact tests of this estimate give between "
        f"{least:.2g} and {most:.2g}",
        wald,
    )


def _perhaps_exact(line: Line) -> bool:
    """Return whether the model may be an exact conditional one, whose p follow no estimate."""
    claimed = line.model.claimed
    return claimed == "exact" or (claimed is None and line.term.measure == "odds_ratio")


def _by_others(paper: Paper, line: Line, reach: _Reach, rounding: Rounding) -> tuple[float, float]:
    """Return `other_families` of a distance; the interval may be theirs too.

    An interval that looks like Wald's may be another family's, so that its estimate need not
    lie in its middle and its half-width may differ as the statistics do.
    """
    size, low, high = _size(line, rounding), reach.low, reach.high
    if line.triple is not None:
        ends = loose_distances(line.triple, rounding)
        low, high = (end * line.quantile for end in ends)
        size = max(size, reach.error * line.quantile)
    return other_families(low, high, _spread(paper, line, size), reach.error)


def _prints_wald_p(paper: Paper, line: Line, rounding: Rounding) -> bool:
    """Return whether the lines analysed like this one all have Wald's p, not by chance."""
    chance = 1.0
    for other in peers(paper, line):
        triple, p = other.triple, other.term.p
        if triple is None or p is None or not triple.plain:
            continue
        reach = next(iter(_reaches(other, rounding)), None)
        if reach is None or not could_be(p, _p_of(reach.high), _p_of(reach.low), rounding):
            return False
        chance *= chance_of_p(_log_width(reach, p, rounding), _size(other, rounding))
    return chance <= NO_COINCIDENCE


def _log_width(reach: _Reach, p: str, rounding: Rounding) -> float:
    """Return how much room rounding leaves to the logarithm of the chi-square statistic."""
    allowed = interval(p, rounding)
    low, high = allowed.low, allowed.high
    if reach.low <= 0 or low is None or low <= 0 or high is None or high >= 1:
        return math.inf
    printed = [-_NORMAL.inv_cdf(float(end) / 2) for end in (high, low)]
    return 2 * (math.log(reach.high / reach.low) + math.log(printed[1] / printed[0]))


def _beside_a_wrong_interval(line: Line, triple: Triple, p: str, rounding: Rounding) -> Finding:
    """Say whether one of the limits, with the estimate, gives the p."""
    said = f"the interval {triple.low} to {triple.high} does not contain {triple.estimate}"
    for without, limit in (
        ("low", f"the upper limit {triple.high}"),
        ("high", f"the lower limit {triple.low}"),
    ):
        found = distances_without(triple, without, rounding)
        if found is None:
            continue
        least, most = (_p_of(end * line.quantile) for end in reversed(found))
        if could_be(p, least, most, rounding):
            shown = _shown(least, most)
            said += f", but {triple.estimate} and {limit} give a Wald p of {shown}"
            return _about(line, "consistent", said, fits=("Wald",))
    return _about(line, "untestable", f"{said}, so that it gives no p")


def _beside_an_asymmetric_interval(
    paper: Paper, line: Line, triple: Triple, p: str, rounding: Rounding
) -> Finding:
    """Hold p against the nearer limit: a convex likelihood ties the two together.

    The statistic at no effect is at least |b| / (distance to the nearer limit) times that at
    the limit when the interval excludes no effect, and at most so much when it includes it.
    """
    said = (
        f"the interval {triple.low} to {triple.high} is not Wald's around {triple.estimate}, "
        f"so that another family's p may stand beside it"
    )
    share = _towards_null(triple, rounding)
    size = _size(line, rounding)
    if share is None or not math.isfinite(size):
        return _about(line, "untestable", said)
    least, most = _factors(_spread(paper, line, size))
    low, high = 0.0, math.inf
    if share[0] > 1:
        error = _arm(triple, rounding) / line.quantile
        low = max(0.0, line.quantile * math.sqrt(share[0] * least / most) - error)
    elif share[1] < 1:
        high = line.quantile * math.sqrt(share[1] * most / least)
    smallest, largest = _p_of(high), _p_of(low)
    if could_be(p, smallest, largest, rounding) or could_be(p, smallest / 2, largest / 2, rounding):
        return _about(line, "untestable", said)
    if _perhaps_exact(line):
        return _about(line, "untestable", said)
    end = "below" if share[0] > 1 else "above"
    limit = largest if share[0] > 1 else smallest
    return _about(
        line,
        "inconsistent",
        f"{said}; but whatever the family, its nearer limit puts p {end} {limit:.2g}, not at {p}",
    )


def _towards_null(triple: Triple, rounding: Rounding) -> tuple[float, float] | None:
    """Return the range of |b| / (distance from b to the limit that lies towards no effect)."""
    estimate, low, high = triple.ranges(rounding)
    if triple.ratio and (estimate[0] <= 0 or high[0] <= 0):
        return None
    one = 1 if triple.ratio else 0
    if estimate[0] <= one <= estimate[1]:
        return None
    limit = low if estimate[0] > one else high
    if triple.ratio and limit[0] <= 0:
        return None
    e1, e2, k1, k2 = (math.log(end) if triple.ratio else float(end) for end in (*estimate, *limit))
    if e1 < 0:  # turn it round, so that no effect lies below the estimate
        e1, e2, k1, k2 = -e2, -e1, -k2, -k1
    if k2 >= e1:
        return None
    ends = [b / (b - k) for b in (e1, e2) for k in (k1, k2)]
    return min(ends), max(ends)
