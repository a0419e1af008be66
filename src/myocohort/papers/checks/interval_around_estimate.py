"""The estimate of a model and its confidence limits: do they belong together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from myocohort.papers.checks.finding import Finding, Verdict, finding
from myocohort.papers.edits import healing
from myocohort.papers.model_lines import (
    NO_COINCIDENCE,
    SOME_COINCIDENCE,
    Line,
    Triple,
    chance_of_wald_peers,
    contains,
    could_be,
    distances_without,
    lines,
    may_be_profile,
    spread_of_values,
    symmetric,
    with_text,
)
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, format_like, parse

NAME = "interval_around_estimate"


def interval_around_estimate(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each ratio or coefficient against its limits.

    A Wald interval is symmetric, for ratios on the log scale: the square of the ratio is the
    product of the limits, and twice a coefficient is their sum, within what rounding allows.
    An interval that is not symmetric may be a profile or an exact one and is accused only
    where the lines analysed like it are Wald intervals, too precisely for chance. One that
    does not contain its estimate is wrong under every method.
    """
    for line in lines(paper):
        triple = line.triple
        if triple is not None:
            yield _check(paper, line, triple, rounding)


def _check(paper: Paper, line: Line, triple: Triple, rounding: Rounding) -> Finding:
    if not triple.plain:
        reason = "an inequality in place of a number leaves nothing to compute with"
        return _about(line, "estimate", "untestable", reason)
    sums = _sums(triple)
    if symmetric(triple, rounding):
        said = f"{sums}: equal within rounding, as in a Wald interval"
        return _about(line, "estimate", "consistent", said)
    explanation = f"{sums}: not the Wald interval of {triple.estimate}"
    suspect, suggestion = _suspect(line, triple, rounding)
    computed = _expected(triple, suspect) if suggestion else ""
    if not contains(triple, rounding):
        said = (
            f"the interval {triple.low} to {triple.high} does not contain {triple.estimate}; "
            f"{explanation}"
        )
        return _about(line, suspect, "inconsistent", said, computed, suggestion)
    explanation += _arms(triple)
    accused = _accused(paper, line, triple, rounding)
    if accused:
        said = f"{explanation}; {accused}"
        return _about(line, suspect, "inconsistent", said, computed, suggestion)
    said = f"{explanation}; a profile or exact interval may well be so"
    return _about(line, "estimate", "untestable", said, "", suggestion)


def _accused(paper: Paper, line: Line, triple: Triple, rounding: Rounding) -> str:
    """Say why an interval that contains its estimate can be of no family, or ""."""
    chance = chance_of_wald_peers(paper, line, rounding)
    if chance <= NO_COINCIDENCE:
        return "the lines analysed like it all have Wald intervals"
    spread = spread_of_values(paper, line)
    if spread is None or may_be_profile(triple, spread, rounding):
        return ""
    if line.model.claimed == "ml" or chance <= SOME_COINCIDENCE:
        return "and no likelihood of a yes/no term has a profile interval so lopsided"
    return ""


def _about(
    line: Line, name: str, verdict: Verdict, said: str, computed: str = "", suggestion: str = ""
) -> Finding:
    against = tuple(
        line.numbers[other].id for other in ("estimate", "low", "high") if other != name
    )
    return finding(
        NAME,
        verdict,
        line.numbers[name],
        against,
        said,
        computed=computed,
        suggestion=suggestion,
    )


def _sums(triple: Triple) -> str:
    """Return the two sides of the equation that a Wald interval meets."""
    estimate, low, high = (parse(text).value for text in (triple.estimate, triple.low, triple.high))
    if triple.ratio:
        return (
            f"{triple.estimate}² = {float(estimate**2):.4g}, "
            f"{triple.low} × {triple.high} = {float(low * high):.4g}"
        )
    return (
        f"2 × {triple.estimate} = {float(2 * estimate):.4g}, "
        f"{triple.low} + {triple.high} = {float(low + high):.4g}"
    )


def _arms(triple: Triple) -> str:
    """Say how far the interval reaches to either side."""
    estimate, low, high = (
        float(parse(text).value) for text in (triple.estimate, triple.low, triple.high)
    )
    if triple.ratio:
        if min(estimate, low, high) <= 0:
            return ""
        down, up = math.log(estimate / low), math.log(high / estimate)
        scale = " on the log scale"
    else:
        down, up, scale = estimate - low, high - estimate, ""
    return f" (it reaches {down:.3g} down and {up:.3g} up{scale})"


def _suspect(line: Line, triple: Triple, rounding: Rounding) -> tuple[str, str]:
    """Return the number that one slip would heal, and how; else the limit on the wrong side.

    Of several, the one without which the two others give the printed p.
    """
    healed = {
        name: healing(getattr(triple, name), partial(_fits, triple, name, rounding))
        for name in ("low", "high", "estimate")
    }
    healed = {name: slip for name, slip in healed.items() if slip}
    for name, slip in healed.items():
        if _gives_p_without(line, triple, name, rounding):
            return name, slip
    if healed:
        return next(iter(healed.items()))
    wrong_low = parse(triple.low).value > parse(triple.estimate).value
    wrong_high = parse(triple.high).value < parse(triple.estimate).value
    return ("low" if wrong_low else "high" if wrong_high else "estimate"), ""


def _gives_p_without(line: Line, triple: Triple, name: str, rounding: Rounding) -> bool:
    found = distances_without(triple, name, rounding)
    if found is None or line.term.p is None:
        return False
    least, most = (math.erfc(end * line.quantile / math.sqrt(2)) for end in reversed(found))
    return could_be(line.term.p, least, most, rounding)


def _fits(triple: Triple, name: str, rounding: Rounding, text: str) -> bool:
    return symmetric(with_text(triple, name, text), rounding)


def _expected(triple: Triple, name: str) -> str:
    estimate, low, high = (parse(text).value for text in (triple.estimate, triple.low, triple.high))
    other = high if name == "low" else low
    text = getattr(triple, name)
    if not triple.ratio:
        return format_like(text, (low + high) / 2 if name == "estimate" else 2 * estimate - other)
    if name == "estimate":
        return format_like(text, math.sqrt(low * high)) if low * high > 0 else ""
    return format_like(text, estimate**2 / other) if other else ""
