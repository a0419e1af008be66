"""An odds ratio and its confidence limits: do they belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import PrintedNumber
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, format_like, parse

NAME = "interval_around_estimate"


def interval_around_estimate(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each odds ratio against its limits.

    A Wald interval is symmetric on the log scale: the square of the odds ratio is the
    product of the limits, within what rounding allows. An interval that is not symmetric
    may be a profile or an exact one and is not accused; one that does not contain its
    estimate is wrong under every method.
    """
    for model in paper.model:
        numbers = {number.field: number for number in paper.numbers_of(model)}
        for line in model.terms:
            if line.measure != "odds_ratio" or line.low is None or line.high is None:
                continue
            yield _check(
                {name: numbers[f"{line.term}.{name}"] for name in ("odds_ratio", "low", "high")}
            )


def _check(parts: Mapping[str, PrintedNumber]) -> Finding:
    texts = {name: number.text for name, number in parts.items()}
    odds_ratio, low, high = texts["odds_ratio"], texts["low"], texts["high"]
    if any(parse(text).relation for text in texts.values()):
        number = parts["odds_ratio"]
        reason = "an inequality in place of a number leaves nothing to multiply"
        return finding(NAME, "untestable", number, _others(parts, "odds_ratio"), reason)
    square = float(parse(odds_ratio).value ** 2)
    product = float(parse(low).value * parse(high).value)
    sums = f"{odds_ratio}² = {square:.4g}, {low} × {high} = {product:.4g}"
    if _is_wald(odds_ratio, low, high):
        return finding(
            NAME,
            "consistent",
            parts["odds_ratio"],
            _others(parts, "odds_ratio"),
            f"{sums}: equal within rounding, as in a Wald interval",
        )
    suspect, suggestion = _suspect(texts)
    explanation = f"{sums}: not the Wald interval of {odds_ratio}"
    if parse(low).value <= parse(odds_ratio).value <= parse(high).value:
        return finding(
            NAME,
            "untestable",
            parts["odds_ratio"],
            _others(parts, "odds_ratio"),
            f"{explanation}; a profile or exact interval may well be so",
            suggestion=suggestion,
        )
    return finding(
        NAME,
        "inconsistent",
        parts[suspect],
        _others(parts, suspect),
        f"the interval {low} to {high} does not contain {odds_ratio}; {explanation}",
        computed=_expected(texts, suspect) if suggestion else "",
        suggestion=suggestion,
    )


def _is_wald(odds_ratio: str, low: str, high: str) -> bool:
    """Return whether some values behind the printed ones have low <= or and or² = low × high."""
    (or_low, or_high), (low_low, low_high), (high_low, high_high) = map(
        _edges, (odds_ratio, low, high)
    )
    symmetric = low_low * high_low <= or_high**2 and or_low**2 <= low_high * high_high
    return symmetric and low_low <= or_high and or_low <= high_high


def _edges(text: str) -> tuple[Fraction, Fraction]:
    """Return the smallest and largest odds ratio that a printed number can stand for."""
    printed = parse(text)
    half = printed.unit / 2
    return max(printed.value - half, Fraction(0)), max(printed.value + half, Fraction(0))


def _suspect(texts: Mapping[str, str]) -> tuple[str, str]:
    """Return the number that one slip would heal, and how; else the limit on the wrong side."""
    for name in ("low", "high", "odds_ratio"):
        suggestion = healing(texts[name], partial(_fits, texts, name))
        if suggestion:
            return name, suggestion
    wrong_low = parse(texts["low"]).value > parse(texts["odds_ratio"]).value
    return ("low" if wrong_low else "high"), ""


def _fits(texts: Mapping[str, str], name: str, text: str) -> bool:
    changed = {**texts, name: text}
    return _is_wald(changed["odds_ratio"], changed["low"], changed["high"])


def _expected(texts: Mapping[str, str], name: str) -> str:
    odds_ratio, low, high = (parse(texts[key]).value for key in ("odds_ratio", "low", "high"))
    if name == "odds_ratio":
        return format_like(texts[name], float(low * high) ** 0.5)
    other = high if name == "low" else low
    return format_like(texts[name], odds_ratio**2 / other) if other else ""


def _others(parts: Mapping[str, PrintedNumber], name: str) -> tuple[str, ...]:
    return tuple(number.id for key, number in parts.items() if key != name)
