"""The odds ratio of a model with one yes/no term: is it that of the printed counts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

from myocohort.errors import StatisticsError
from myocohort.papers.checks.finding import Finding, Verdict, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import Count
from myocohort.papers.model_lines import NO_COINCIDENCE, Line, lines, symmetric
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, agrees, format_like, interval, parse, whole
from myocohort.stats.exact_logistic import fit_exact
from myocohort.stats.logistic import fit_ml

NAME = "odds_ratio_of_counts"


@dataclass(frozen=True, slots=True)
class _Table:
    """Patients with and without the level, among those with the outcome and those without."""

    a: int
    b: int
    c: int
    d: int
    ids: tuple[str, ...]
    certain: bool  # no patient can lack a value without the paper saying so

    @property
    def words(self) -> str:
        return f"({self.a} × {self.d}) / ({self.b} × {self.c})"


@dataclass(frozen=True, slots=True)
class _Family:
    """An estimate with its limits, by one method."""

    name: str
    values: Mapping[str, float | Fraction]


def odds_ratio_of_counts(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the odds ratio of a single yes/no term against the counts of the two groups.

    Where the model's patients are parted into those with the outcome and those without it,
    and both groups print how many have the term's level, the odds ratio and its Woolf, profile
    and exact limits follow. A model may be adjusted for what it does not print, so a number
    is accused only where the two others of its line are those of the counts, to digits that
    leave chance no room, and the three do not make a Wald interval.
    """
    for line in lines(paper):
        table = _table(paper, line, rounding) if line.term.measure == "odds_ratio" else None
        if table is None:
            continue
        if len(line.model.terms) > 1:
            reason = "the other terms of the model adjust it"
            yield _about(line, table, "estimate", "untestable", f"{_unlike(line, table)}: {reason}")
        elif any(parse(n.text).relation for n in line.numbers.values() if n.kind != "p"):
            reason = "an inequality stands in place of a number"
            yield _about(line, table, "estimate", "untestable", reason)
        else:
            yield _check(line, table, rounding)


def _table(paper: Paper, line: Line, rounding: Rounding) -> _Table | None:
    """Return the fourfold table, or None where the paper does not print it."""
    model = line.model
    variable, _, level = line.term.term.partition("=")
    level = level or "yes"
    printed = {count.level for count in paper.count if count.variable == variable}
    if model.outcome is None or len(printed | set(paper.variable(variable).levels)) > 2:
        return None
    for partition in paper.partitions:
        if partition.whole != model.group or len(partition.parts) != 2:
            continue
        cases = [p for p in partition.parts if paper.groups[p].outcome == (model.outcome,)]
        if len(cases) != 1:
            continue
        controls = next(part for part in partition.parts if part != cases[0])
        rows = [_row(paper, (variable, level, group), rounding) for group in (cases[0], controls)]
        if rows[0] is not None and rows[1] is not None:
            (a, b, of_cases), (c, d, of_controls) = rows[0], rows[1]
            certain = paper.missing_declared or bool(of_cases.of and of_controls.of)
            ids = tuple(
                f"{count.id}.{'percent' if count.n is None else 'n'}"
                for count in (of_cases, of_controls)
            )
            return _Table(a, b, c, d, ids, certain)
    return None


def _row(
    paper: Paper, wanted: tuple[str, str, str], rounding: Rounding
) -> tuple[int, int, Count] | None:
    """Return how many of a group have the level and have it not, and the entry that says so.

    Where only a percentage is printed, the one count that it leaves possible.
    """
    total = paper.having(wanted[0], wanted[2])
    for count in paper.count:
        if (count.variable, count.level, count.group) != wanted or not total:
            continue
        text = count.percent
        if count.n is not None:
            fitting = [whole(count.n)]
        elif text is not None:
            shares = ((k, Fraction(100 * k, total)) for k in range(total + 1))
            fitting = [k for k, share in shares if agrees(text, share, rounding)]
        if len(fitting) == 1 and fitting[0] <= total:
            return fitting[0], total - fitting[0], count
    return None


def _check(line: Line, table: _Table, rounding: Rounding) -> Finding:
    numbers = {n: line.numbers[n] for n in ("estimate", "low", "high") if n in line.numbers}
    texts = {name: number.text for name, number in numbers.items()}
    families = []
    for family in _families(table, float(line.model.level) / 100):
        if all(agrees(text, family.values[name], rounding) for name, text in texts.items()):
            said = f"{table.words} = {_of(family, 'estimate', texts)}"
            limits = f", with limits by {family.name}" if len(texts) > 1 else ""
            return _about(line, table, "estimate", "consistent", said + limits)
        families.append(family)
    triple = line.triple
    if table.certain and triple is not None and not symmetric(triple, rounding):
        for family in families:
            wrong = [n for n in texts if not agrees(texts[n], family.values[n], rounding)]
            if len(wrong) == 1 and _chance(texts, wrong[0], rounding) <= NO_COINCIDENCE:
                return _accused(line, table, family, wrong[0], texts, rounding)
    if agrees(texts["estimate"], _crude(table), rounding):
        reason = f"{table.words} = {texts['estimate']}, but the limits are not those by "
        reason += ", ".join(dict.fromkeys(family.name for family in families))
    else:
        reason = f"{_unlike(line, table)}: the model may be adjusted, or compare the other way"
    return _about(line, table, "estimate", "untestable", reason)


def _unlike(line: Line, table: _Table) -> str:
    crude = format_like(line.term.estimate, _crude(table))
    return f"the odds ratio of the counts is {table.words} = {crude}, not {line.term.estimate}"


def _accused(
    line: Line,
    table: _Table,
    family: _Family,
    name: str,
    texts: Mapping[str, str],
    rounding: Rounding,
) -> Finding:
    value = family.values[name]
    others = " and ".join(texts[other] for other in texts if other != name)
    shown = _of(family, name, texts)
    return _about(
        line,
        table,
        name,
        "inconsistent",
        f"the counts {table.words} give {shown} by {family.name}, which {others} agree with",
        computed=shown,
        suggestion=healing(texts[name], lambda text: agrees(text, value, rounding)),
    )


def _about(
    line: Line,
    table: _Table,
    name: str,
    verdict: Verdict,
    said: str,
    *,
    computed: str = "",
    suggestion: str = "",
) -> Finding:
    others = tuple(
        line.numbers[other].id
        for other in ("estimate", "low", "high")
        if other in line.numbers and other != name
    )
    against = (*table.ids, *others)
    number = line.numbers[name]
    return finding(NAME, verdict, number, against, said, computed=computed, suggestion=suggestion)


def _of(family: _Family, name: str, texts: Mapping[str, str]) -> str:
    return format_like(texts[name], family.values[name])


def _crude(table: _Table) -> float | Fraction:
    if table.b * table.c:
        return Fraction(table.a * table.d, table.b * table.c)
    return math.inf if table.a * table.d else math.nan


def _families(table: _Table, level: float) -> Iterator[_Family]:
    """Yield estimate and limits by each usual method, the quickest first."""
    crude = _crude(table)
    if table.a * table.b * table.c * table.d:
        yield _woolf("Woolf", tuple(map(Fraction, (table.a, table.b, table.c, table.d))), level)
    halves = tuple(Fraction(2 * n + 1, 2) for n in (table.a, table.b, table.c, table.d))
    yield _woolf("Woolf with a half added to each count", halves, level)
    X, y = [[1.0], [0.0], [1.0], [0.0]], [1.0, 1.0, 0.0, 0.0]
    weights = [float(n) for n in (table.a, table.b, table.c, table.d)]
    try:
        profile = fit_ml(X, y, ("level",), level=level, weights=weights).terms[-1].ci["profile"]
        (exact,) = fit_exact(X, y, ("level",), level=level, weights=weights).terms
    except StatisticsError:
        return
    if profile is not None:
        values = {"estimate": crude, "low": profile.low, "high": profile.high}
        yield _Family("profile likelihood", values)
    limits = exact.ci["exact"]
    if limits is not None:
        for estimate in (crude, exact.odds_ratio):
            values = {"estimate": estimate, "low": limits.low, "high": limits.high}
            yield _Family("the exact conditional method", values)


def _woolf(name: str, counts: tuple[Fraction, ...], level: float) -> _Family:
    """Return the Wald interval of a fourfold table (Woolf, Ann Hum Genet 1955;19:251-253)."""
    a, b, c, d = counts
    estimate = a * d / (b * c)
    arm = NormalDist().inv_cdf(0.5 + level / 2) * math.sqrt(sum(1 / n for n in counts))
    low, high = (float(estimate) * math.exp(sign * arm) for sign in (-1, 1))
    return _Family(name, {"estimate": estimate, "low": low, "high": high})


def _chance(texts: Mapping[str, str], without: str, rounding: Rounding) -> float:
    """Return how often an adjusted model would print these numbers too.

    Adjusted log odds ratios and limits are taken to differ from the crude ones by about 0.5.
    """
    chance = 1.0
    for name, text in texts.items():
        if name == without:
            continue
        allowed = interval(text, rounding)
        if allowed.low is None or allowed.high is None or allowed.low <= 0:
            return 1.0
        chance *= min(1.0, math.log(allowed.high / allowed.low) / 0.5)
    return chance
