"""What a printed number can be by itself, or beside the numbers of its own entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import (
    Count,
    Kind,
    Mean,
    Median,
    Missing,
    Model,
    PrintedNumber,
    Range,
)
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, Rounding, agrees, interval, parse, whole
from myocohort.papers.restated import original
from myocohort.papers.shares import denominator

NAME = "possible_values"

_ZERO, _ONE, _HUNDRED = Fraction(0), Fraction(1), Fraction(100)
_BOUNDS: dict[Kind, tuple[Fraction | None, Fraction | None, str]] = {
    "percent": (_ZERO, _HUNDRED, "a percentage lies between 0 and 100"),
    "p": (_ZERO, _ONE, "a p value lies between 0 and 1"),
    "correlation": (-_ONE, _ONE, "a correlation lies between -1 and 1"),
    "sd": (_ZERO, None, "a standard deviation is not negative"),
    "standard_error": (_ZERO, None, "a standard error is not negative"),
    "odds_ratio": (_ZERO, None, "an odds ratio is not negative"),
    "hazard_ratio": (_ZERO, None, "a hazard ratio is not negative"),
    "risk_ratio": (_ZERO, None, "a risk ratio is not negative"),
}


@dataclass(frozen=True, slots=True)
class _Rule:
    """What must hold for a number: in words, against which others, and as a function of its text.

    `said` stands after "but" where the rule is broken, and alone where it holds.
    """

    said: str
    against: tuple[str, ...]
    holds: Callable[[str], bool]


def possible_values(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each number against what such a number can be at all.

    Percentages lie within 0 to 100, p values within 0 to 1, correlations within -1 to 1;
    spreads and ratios are not negative; counts do not exceed those they are counted among;
    means, medians and quartiles lie within the range of their variable and in their order;
    limits of an interval are in their order. Every value that the number can stand for must
    lie outside before the number is called inconsistent.
    """
    numbers = {number.id: number for number in paper.numbers()}
    for number in numbers.values():
        rules = tuple(_rules(paper, number, numbers, rounding))
        if rules:
            yield _check(number, rules)
    for model in paper.model:
        yield from _level(paper, model)


def _check(number: PrintedNumber, rules: tuple[_Rule, ...]) -> Finding:
    against = tuple(dict.fromkeys(item for rule in rules for item in rule.against))
    broken = [rule for rule in rules if not rule.holds(number.text)]
    if not broken:
        said = "; ".join(rule.said for rule in rules)
        if number.kind == "p" and parse(number.text).value == 0:
            said += "; no p is 0: read as less than half of the last digit"
        return finding(NAME, "consistent", number, against, said)
    return finding(
        NAME,
        "inconsistent",
        number,
        tuple(dict.fromkeys(item for rule in broken for item in rule.against)),
        f"{number.text} is printed, but {'; '.join(rule.said for rule in broken)}",
        suggestion=healing(number.text, lambda text: all(rule.holds(text) for rule in rules)),
    )


def _rules(
    paper: Paper,
    number: PrintedNumber,
    numbers: Mapping[str, PrintedNumber],
    rounding: Rounding,
) -> Iterator[_Rule]:
    """Yield what must hold for a number."""
    kind = original(number, numbers).kind
    if kind in _BOUNDS:
        low, high, said = _BOUNDS[kind]
        yield _Rule(said, (), partial(_meets, Interval(low, high), rounding))
    match number.entry:
        case Count():
            yield from _rules_of_count(paper, number, number.entry, rounding)
        case Mean() if number.field == "n":
            yield from _at_most_the_group(paper, number.entry.group, number.entry.variable)
        case Missing():
            yield from _at_most_the_group(paper, number.entry.group)
        case Mean() | Median() | Range() if number.kind in ("mean", "median", "quartile", "limit"):
            yield from _within_variable(paper, number.entry.variable, rounding)
            yield from _within_range(paper, number, rounding)
            yield from _ordered(number, numbers, rounding)
        case Model() if number.kind == "interval_limit":
            yield from _rules_of_limit(number, numbers, rounding)
        case _:
            return


def _meets(bounds: Interval, rounding: Rounding, text: str) -> bool:
    return interval(text, rounding).meets(bounds)


def _at_most(limit: int, text: str) -> bool:
    return whole(text) <= limit


def _rules_of_count(
    paper: Paper, number: PrintedNumber, count: Count, rounding: Rounding
) -> Iterator[_Rule]:
    if number.field == "of":
        yield from _at_most_the_group(paper, count.group, count.variable)
    of = denominator(paper, count)
    if number.field != "n" or of is None:
        return
    said = f"a count of the {paper.groups[count.group].label} is at most {of.patients}"
    percent = count.percent

    def holds(text: str) -> bool:
        if whole(text) > of.patients:
            return False
        # A slip that heals the count must agree with its percentage as well.
        return (
            text == count.n
            or percent is None
            or agrees(percent, Fraction(100 * whole(text), max(of.patients, 1)), rounding)
        )

    yield _Rule(said, of.numbers, holds)


def _at_most_the_group(paper: Paper, group: str, variable: str | None = None) -> Iterator[_Rule]:
    """Yield that no more have (or lack) a value than the group has, less those declared missing."""
    size = next((size for size in paper.size if size.group == group), None)
    if size is None:
        return
    missing = [m for m in paper.missing if (m.variable, m.group) == (variable, group)][:1]
    most = whole(size.n) - sum(whole(m.n) for m in missing)
    against = (f"{size.id}.n", *(f"{m.id}.n" for m in missing))
    less = "".join(f", {m.n} of them without a value" for m in missing)
    said = f"the {paper.groups[group].label} are {size.n}{less}"
    yield _Rule(said, against, partial(_at_most, most))


def _within_variable(paper: Paper, variable: str, rounding: Rounding) -> Iterator[_Rule]:
    """Yield that values lie within the smallest and largest that a patient can have."""
    declared = paper.variable(variable)
    for text, end in ((declared.low, "low"), (declared.high, "high")):
        if text is None or parse(text).relation:
            continue
        value = parse(text).value
        bounds = Interval(value, None) if end == "low" else Interval(None, value)
        said = f"no value is {'below' if end == 'low' else 'above'} {text}"
        yield _Rule(said, (), partial(_meets, bounds, rounding))


def _within_range(paper: Paper, number: PrintedNumber, rounding: Rounding) -> Iterator[_Rule]:
    """Yield that means and medians lie within the printed range of the same values."""
    entry = number.entry
    if not isinstance(entry, Mean | Median):
        return
    for printed in paper.range:
        if (printed.variable, printed.group) != (entry.variable, entry.group):
            continue
        low = None if printed.low is None else interval(printed.low, rounding).low
        high = None if printed.high is None else interval(printed.high, rounding).high
        ends = {"low": printed.low, "high": printed.high}
        names = [name for name, text in ends.items() if text is not None]
        said = "the printed range is " + " and ".join(
            f"{'from' if name == 'low' else 'up to'} {ends[name]}" for name in names
        )
        against = tuple(f"{printed.id}.{name}" for name in names)
        yield _Rule(said, against, partial(_meets, Interval(low, high), rounding))


def _ordered(
    number: PrintedNumber, numbers: Mapping[str, PrintedNumber], rounding: Rounding
) -> Iterator[_Rule]:
    """Yield that quartiles and median, or the ends of a range, stand in their order.

    A pair out of order is told at the quartile, or at the lower end of the range.
    """
    order = {"q1": (("median", 1), ("q3", 1)), "q3": (("median", -1),), "low": (("high", 1),)}
    words = {"q1": "first quartile", "q3": "third quartile", "low": "smallest value"}
    words |= {"median": "median", "high": "largest value"}
    for other_field, side in order.get(number.field, ()):
        other = numbers.get(f"{number.entry.id}.{other_field}")
        if other is None:
            continue
        allowed = interval(other.text, rounding)
        bounds = Interval(None, allowed.high) if side > 0 else Interval(allowed.low, None)
        said = (
            f"the {words[number.field]} is not {'above' if side > 0 else 'below'} the "
            f"{words[other_field]}, {other.text}"
        )
        yield _Rule(said, (other.id,), partial(_meets, bounds, rounding))


def _rules_of_limit(
    number: PrintedNumber, numbers: Mapping[str, PrintedNumber], rounding: Rounding
) -> Iterator[_Rule]:
    """Yield that limits of ratios are not negative, and that the lower is not above the upper."""
    term, _, end = number.field.rpartition(".")
    base = f"{number.entry.id}.{term}"
    if f"{base}.coefficient" not in numbers:
        said = "a limit of a ratio is not negative"
        yield _Rule(said, (), partial(_meets, Interval(_ZERO, None), rounding))
    other = numbers.get(f"{base}.high")
    if end != "low" or other is None:
        return
    bounds = Interval(None, interval(other.text, rounding).high)
    said = f"the lower limit is not above the upper, {other.text}"
    yield _Rule(said, (other.id,), partial(_meets, bounds, rounding))


def _level(paper: Paper, model: Model) -> Iterator[Finding]:
    """Yield that the level of a model's intervals is none, where it is not within 0 to 100."""
    level = parse(model.level)
    if not level.relation and 0 < level.value < _HUNDRED:
        return
    for number in paper.numbers_of(model):
        if number.kind == "interval_limit":
            said = f"the file gives the intervals the level {model.level}, not one within 0 to 100"
            yield finding(NAME, "untestable", number, (), said)
            return
