"""The p value of a comparison and its printed statistic: does the one follow from the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from scipy import special

from myocohort.papers.adjusted_p import may_be_adjusted
from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.count_tables import chi_square
from myocohort.papers.edits import healing
from myocohort.papers.entries import PrintedNumber, PValue
from myocohort.papers.mean_procedures import PRange
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_with
from myocohort.papers.printed import Rounding, agrees, format_like, interval, parse
from myocohort.papers.printed_tables import has_counts, printed_tables
from myocohort.papers.u_values import without_ties
from myocohort.stats.p_values import SMALLEST_P
from myocohort.stats.tests import TESTS

NAME = "p_of_statistic"

CHI_SQUARES = (
    "pearson_chi_square",
    "pearson_chi_square_corrected",
    "likelihood_ratio_chi_square",
    "linear_by_linear",
    "kruskal_wallis",
    "friedman",
    "mcnemar",
)
OF_TABLES = CHI_SQUARES[:4]
ONE_DEGREE = ("pearson_chi_square_corrected", "linear_by_linear", "mcnemar")
T_TESTS = ("student_t", "welch_t")
RANK_TESTS = ("mann_whitney", "wilcoxon_signed_rank")

Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Distribution:
    """What a statistic can be, with the limits of its degrees of freedom."""

    label: str
    p: Callable[..., float]
    df: tuple[Limits, ...]
    two_sided: bool = False

    @property
    def one_sided_too(self) -> bool:
        """Whether half its p is that of a one-sided test: also where it is a square."""
        return self.two_sided or self.df[0] == (1.0, 1.0)

    def range(self, text: str, rounding: Rounding) -> PRange:
        """Return the p values over the interval that the printed statistic stands for."""
        stands_for = interval(text, rounding)
        low = -math.inf if stands_for.low is None else float(stands_for.low)
        high = math.inf if stands_for.high is None else float(stands_for.high)
        if self.two_sided:
            nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
            low, high = nearest, max(abs(low), abs(high))
        ends = [
            max(float(self.p(*df, value)), SMALLEST_P) if math.isfinite(value) else SMALLEST_P
            for df in product(*self.df)
            for value in (max(low, 0.0), max(high, 0.0))
        ]
        return PRange(min(ends), max(ends))


def _of_chi_square(df: float, value: float) -> float:
    return float(special.chdtrc(df, value))


def _of_t(df: float, value: float) -> float:
    return float(2 * special.stdtr(df, -value))


def _of_f(df1: float, df2: float, value: float) -> float:
    return float(special.fdtrc(df1, df2, value))


def _of_z(value: float) -> float:
    return math.erfc(value / math.sqrt(2))


def p_of_statistic(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each p value against the statistic printed with it.

    As statcheck does (Nuijten and others 2016), with every value of the statistic and of
    fractional degrees of freedom that rounding allows.
    """
    for entry in paper.p:
        if entry.statistic is None:
            continue
        numbers = {number.field: number for number in paper.numbers_of(entry)}
        yield _check(paper, entry, entry.statistic, numbers, rounding)


def _check(
    paper: Paper,
    entry: PValue,
    statistic: str,
    numbers: dict[str, PrintedNumber],
    rounding: Rounding,
) -> Finding:
    claimed = "" if entry.claimed is None else TESTS[entry.claimed].label
    against = (numbers["statistic"].id,)
    untestable = partial(finding, NAME, "untestable", numbers["p"], against, claimed=claimed)
    distributions = _distributions(paper, entry)
    if isinstance(distributions, str):
        return untestable(distributions)
    if parse(statistic).value < 0 and not any(d.two_sided for d in distributions):
        return finding(
            NAME,
            "inconsistent",
            numbers["statistic"],
            (numbers["p"].id,),
            f"a {' or a '.join(d.label for d in distributions)} is never negative",
            claimed=claimed,
        )
    ranges = [(d, d.range(statistic, rounding)) for d in distributions]
    fits = tuple(d.label for d, found in ranges if _meets(entry.p, found, rounding))
    shown = "; ".join(f"{d.label} of {statistic} gives {_words(entry.p, r)}" for d, r in ranges)
    if fits:
        return finding(NAME, "consistent", numbers["p"], against, shown, claimed=claimed, fits=fits)
    if entry.claimed in RANK_TESTS and parse(statistic).decimals < 2:
        return _as_u(paper, entry, statistic, numbers["p"], shown, claimed, rounding)
    halves = [PRange(found.low / 2, found.high / 2) for d, found in ranges if d.one_sided_too]
    if any(_meets(entry.p, half, rounding) for half in halves):
        return untestable(f"{shown}; {entry.p} would be the one-sided p, half of it")
    for d, found in ranges:
        said = may_be_adjusted(paper, entry, found.low, found.high, rounding)
        if said:
            return untestable(f"{shown}; {said}, of this {d.label}")
    fewer = _with_missing(paper, entry, statistic, rounding)
    if fewer:
        return untestable(f"{shown}; {fewer}")
    if entry.claimed is None and entry.df is None:
        return untestable(f"{shown}; no test is named, and the statistic may be another")
    return finding(
        NAME,
        "inconsistent",
        numbers["p"],
        against,
        f"{shown}, not {entry.p}",
        computed=_single(entry.p, ranges[0][1]),
        suggestion=_suggestion(entry, statistic, distributions, rounding),
        claimed=claimed,
    )


def _distributions(paper: Paper, entry: PValue) -> tuple[_Distribution, ...] | str:
    """Return what the statistic can be, or why that is not known."""
    texts = [text.strip() for text in (entry.df or "").split(",") if text.strip()]
    whole = len(texts) == 1 and (entry.claimed in CHI_SQUARES or entry.claimed == "student_t")
    # The first of an F counts groups; the last is a Satterthwaite approximation in some models.
    df = tuple(_limits(text, whole=whole or text is not texts[-1]) for text in texts)
    if any(limits[0] <= 0 for limits in df):
        return f"{entry.df} degrees of freedom leave no distribution"
    if len(df) == 2:
        return (_Distribution(f"an F with {entry.df} degrees of freedom", _of_f, df),)
    if entry.claimed in CHI_SQUARES or entry.claimed in T_TESTS:
        t_test = entry.claimed in T_TESTS
        found = df or _df_of(paper, entry)
        if not found:
            return "the paper does not print the degrees of freedom"
        return (_t(found, entry.df) if t_test else _chi(found, entry.df),)
    if entry.claimed in RANK_TESTS:
        return (_Distribution("z", _of_z, (), two_sided=True),)
    if entry.claimed is not None:
        return f"{TESTS[entry.claimed].label} has no statistic that determines its p"
    if df:
        exact = (_limits(texts[0], whole=True),)
        return _chi(exact, entry.df), _t(df, entry.df)
    return (_Distribution("z", _of_z, (), two_sided=True),)


def _chi(df: tuple[Limits, ...], text: str | None) -> _Distribution:
    return _Distribution(f"chi-square with {_df_words(df, text)}", _of_chi_square, df)


def _t(df: tuple[Limits, ...], text: str | None) -> _Distribution:
    return _Distribution(f"t with {_df_words(df, text)}", _of_t, df, two_sided=True)


def _df_words(df: tuple[Limits, ...], text: str | None) -> str:
    low, high = df[0]
    many = text or (f"{low:g}" if low == high else f"{low:g} to {high:g}")
    return f"{many} degree{'' if many == '1' else 's'} of freedom"


def _limits(text: str, *, whole: bool) -> Limits:
    """Return the degrees of freedom that a text stands for.

    Parameters
    ----------
    text
        As printed.
    whole
        Whether they are a whole number by themselves. Those of Welch and Satterthwaite are not;
        some programs print them rounded, others cut their digits off.
    """
    if "." in text:
        stands_for = interval(text)
        return float(stands_for.low or 0), float(stands_for.high or 0)
    number = float(text)
    return (number, number) if whole else (max(number - 0.5, number / 2), number + 1)


def _df_of(paper: Paper, entry: PValue) -> tuple[Limits, ...]:
    """Return the degrees of freedom that follow from groups, levels and sizes; () if unknown."""
    k = len(entry.groups)
    if entry.claimed in ONE_DEGREE:
        return ((1.0, 1.0),)
    if entry.claimed in ("kruskal_wallis", "friedman"):
        return ((float(k - 1), float(k - 1)),)
    if entry.claimed == "student_t" and k == 2:
        most = _t_df(paper, entry)[-1:]
        return ((float(most[0]), float(most[0])),) if most else ()
    if entry.claimed in OF_TABLES and has_counts(paper, entry):
        tables = printed_tables(paper, entry)
        if not isinstance(tables, str) and tables.plain and not tables.lumped:
            dfs = [float(chi_square(table.counts)[1]) for table in tables.plain]
            return ((min(dfs), max(dfs)),) if min(dfs) > 0 else ()
    return ()


def _t_df(paper: Paper, entry: PValue) -> range:
    """Return the degrees of freedom that Student's t of two groups can have; none if unknown."""
    one, two = (patients_with(paper, entry.variable, group) for group in entry.groups)
    if not one or not two:
        return range(0)
    return range(max(one[0] + two[0] - 2, 1), one[-1] + two[-1] - 1)


def _with_missing(paper: Paper, entry: PValue, statistic: str, rounding: Rounding) -> str:
    """Say which fewer patients would give the p, where the paper leaves it open; "" for none."""
    if entry.claimed != "student_t" or entry.df is not None or len(entry.groups) != 2:
        return ""
    for df in reversed(_t_df(paper, entry)[:-1]):
        fewer = _t(((float(df), float(df)),), None)
        if _meets(entry.p, fewer.range(statistic, rounding), rounding):
            return (
                f"{fewer.label} would give {entry.p}, with patients without a value, and the paper "
                f"does not say how many have none"
            )
    return ""


def _as_u(
    paper: Paper,
    entry: PValue,
    statistic: str,
    number: PrintedNumber,
    shown: str,
    claimed: str,
    rounding: Rounding,
) -> Finding:
    """Return the finding where a statistic of a rank test may be U instead of z."""
    against = (f"{entry.id}.statistic",)
    numbers = [patients_with(paper, entry.variable, group) for group in entry.groups]
    sizes = [possible[-1] if possible else 0 for possible in numbers]
    value = parse(statistic).value
    if entry.claimed == "mann_whitney" and len(sizes) == 2 and all(sizes):
        u = min(value, math.prod(sizes) - value)
        if u >= 0 and u.denominator == 1:
            fits = tuple(
                by
                for by, values in without_ties(*sizes).items()
                if agrees(entry.p, float(values[int(u)]), rounding)
            )
            if fits:
                said = f"U = {statistic} of {sizes[0]} and {sizes[1]} patients gives {entry.p}"
                return finding(
                    NAME, "consistent", number, against, said, claimed=claimed, fits=fits
                )
    reason = f"{shown}; the statistic may be a U or a sum of ranks, whose p depends on ties"
    return finding(NAME, "untestable", number, against, reason, claimed=claimed)


def _meets(text: str, found: PRange, rounding: Rounding) -> bool:
    return interval(text, rounding).meets(found.interval)


def _single(text: str, found: PRange) -> str:
    low, high = format_like(text, found.low), format_like(text, found.high)
    return low if low == high else ""


def _words(text: str, found: PRange) -> str:
    digits = "0." + "0" * max(parse(text).decimals, 3)
    low, high = format_like(digits, found.low), format_like(digits, found.high)
    return low if low == high else f"{low} to {high}"


def _suggestion(
    entry: PValue, statistic: str, distributions: Sequence[_Distribution], rounding: Rounding
) -> str:
    """Return the slip in the p, and that in the statistic, after which they agree."""
    first = distributions[0]
    own = first.range(statistic, rounding)
    slips = (
        healing(entry.p, lambda text: _meets(text, own, rounding)),
        healing(statistic, lambda text: _meets(entry.p, first.range(text, rounding), rounding)),
    )
    return "; or ".join(slip for slip in slips if slip)
