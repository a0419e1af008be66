"""The p value of a comparison and the printed counts: which procedure gives the p from them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from myocohort.papers.adjusted_p import may_be_adjusted
from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.checks.other_kind import spared
from myocohort.papers.count_procedures import (
    PROCEDURES,
    CountProcedure,
    is_costly,
    is_slow,
    p_values,
    p_values_of,
)
from myocohort.papers.count_tables import Counts
from myocohort.papers.edits import healing
from myocohort.papers.entries import PrintedNumber, PValue
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, Rounding, agrees, format_like, interval, parse
from myocohort.papers.printed_tables import PrintedTables, Table, has_counts, printed_tables
from myocohort.stats.tests import TESTS

NAME = "p_of_counts"

FEW = 9
"""Tables that are tried where a single one takes time."""
LARGE = 5000
"""Patients from whom on it does."""
SAMPLES = 2000
"""Random tables from which programs estimate an exact p, or more (R's default)."""
SAMPLING_ERRORS = 3
"""Standard errors that such an estimate may be off."""

_FISHER = next(procedure for procedure in PROCEDURES if procedure.name == "fisher_exact")


def p_of_counts(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each p value of a comparison against the printed counts that it is computed from.

    The test that the paper names is tried first, then every other usual one. A p that
    another test gives is consistent: that is a finding about methods. A p that only
    undeclared missing values would explain is untestable. Only a p that none of them
    gives is inconsistent, and neither where it may be one-sided, adjusted for the number of
    comparisons, a Monte Carlo estimate, or, no test being named, of another kind.
    """
    entries = tuple(entry for entry in paper.p if has_counts(paper, entry))
    yield from spared(entries, [_check(paper, entry, rounding) for entry in entries])


def _check(paper: Paper, entry: PValue, rounding: Rounding) -> Finding:
    number = paper.number_of(entry, "p")
    claimed = "" if entry.claimed is None else TESTS[entry.claimed].label
    tables = printed_tables(paper, entry, rounding)
    if isinstance(tables, str):
        return finding(NAME, "untestable", number, (), tables, claimed=claimed)
    if entry.claimed is not None and TESTS[entry.claimed].kind in ("pairs", "paired"):
        reason = f"{claimed} needs the values of each patient, not counts by group"
        return finding(NAME, "untestable", number, tables.against, reason, claimed=claimed)
    comparable = [table for table in tables.plain if table.counts.comparable]
    if not comparable:
        words = tables.plain[0].words if tables.plain else "no table"
        reason = f"{words}: all in one level, so that there is nothing to compare"
        return finding(NAME, "untestable", number, tables.against, reason, claimed=claimed)
    if _takes_time(entry, comparable[0]) and len(comparable) > FEW:
        comparable, tables = comparable[:FEW], replace(tables, all_of_them=False)
    fits = _fitting(entry, comparable, rounding)
    if fits:
        return _consistent(entry, number, tables, fits, claimed)
    return _nothing_fits(paper, entry, number, tables, comparable, claimed, rounding)


def _takes_time(entry: PValue, table: Table) -> bool:
    """Return whether the procedures take more than a few milliseconds for one table."""
    counts = table.counts
    slow = is_slow(_FISHER, counts) or is_costly(counts, entry.claimed)
    return slow or sum(counts.sizes) > LARGE


Fit = tuple[CountProcedure, Table, float]


def _fitting(entry: PValue, tables: Sequence[Table], rounding: Rounding) -> list[Fit]:
    """Return the procedures that give the printed p; the slow ones only if no quick one does."""
    fits = [
        (procedure, table, p)
        for table in tables
        for procedure, p in p_values(table.counts, entry.claimed, slow=False)
        if agrees(entry.p, p, rounding)
    ]
    if fits:
        return fits
    return [
        (procedure, table, p)
        for table in tables[:FEW]
        for procedure in PROCEDURES
        if not procedure.usual or is_slow(procedure, table.counts)
        if (p := procedure.run(table.counts)) is not None and agrees(entry.p, p, rounding)
    ]


def _consistent(
    entry: PValue,
    number: PrintedNumber,
    tables: PrintedTables,
    fits: Sequence[Fit],
    claimed: str,
) -> Finding:
    named = [fit for fit in fits if entry.claimed in fit[0].claims]
    table = (named or fits)[0][1]
    chosen = named[:1] or [fit for fit in fits if fit[1] == table]
    by = dict.fromkeys(procedure.said(table.counts) for procedure, _, _ in chosen)
    said = f"{table.words}: {' or '.join(by)} gives {entry.p}"
    if len(tables.plain) > 1 and not tables.doubtful:
        said += ", with as many patients as the printed percentages allow"
    if tables.doubtful:
        said += "; counts and percentages do not go together here, and this is one reading of them"
    if not named and entry.claimed is not None:
        instead = _by_claim(entry, table.counts)
        said += f"; the claimed {claimed} " + (f"gives {instead}" if instead else "does not fit it")
        said += ". This is a finding about methods, not about the number"
    names = dict.fromkeys(fit[0].said(fit[1].counts) for fit in fits)
    return finding(
        NAME, "consistent", number, tables.against, said, claimed=claimed, fits=tuple(names)
    )


def _nothing_fits(
    paper: Paper,
    entry: PValue,
    number: PrintedNumber,
    tables: PrintedTables,
    comparable: Sequence[Table],
    claimed: str,
    rounding: Rounding,
) -> Finding:
    table = comparable[0]
    shown = f"{table.words}: {_shown(entry, table.counts, claimed)}"
    untestable = partial(finding, NAME, "untestable", number, tables.against, claimed=claimed)
    reason = _not_decided(entry, tables, comparable, claimed)
    if reason:
        return untestable(f"{shown}; {reason}")
    usable = [other for other in tables.missing if other.counts.comparable]
    fits = _fitting(entry, usable[:FEW] if _takes_time(entry, table) else usable, rounding)
    if fits:
        procedure, other, _ = fits[0]
        return untestable(
            f"{shown}. With patients without a value, {other.words}, "
            f"{procedure.said(other.counts)} would give {entry.p}, and the paper does not say how "
            f"many have none",
            fits=(),
        )
    one_sided = _one_sided(entry, comparable, rounding)
    if one_sided:
        return untestable(f"{shown}; {entry.p} would be a one-sided p: {one_sided}")
    reason = _adjusted(paper, entry, comparable, rounding) or _sampled(entry, comparable, rounding)
    if reason:
        return untestable(f"{shown}; {reason}")
    computed = _by_claim(entry, table.counts)
    others = sorted(p for _, p in p_values(table.counts, entry.claimed, slow=False))
    lowest, highest = format_like(entry.p, others[0]), format_like(entry.p, others[-1])
    more = f" or of the {len(comparable) - 1} other tables" if len(comparable) > 1 else ""
    return finding(
        NAME,
        "inconsistent",
        number,
        tables.against,
        f"{shown}, and no usual procedure gives {entry.p} from this table{more} "
        f"(they give {lowest} to {highest})",
        computed=computed,
        suggestion=_suggestion(paper, entry, comparable, rounding),
        claimed=claimed,
    )


def _one_sided(entry: PValue, tables: Sequence[Table], rounding: Rounding) -> str:
    """Return the test whose one-sided p is printed, of the claimed one and Fisher's; else ""."""
    for table in tables:
        for procedure, p in p_values(table.counts, entry.claimed, slow=False):
            named = entry.claimed in procedure.claims and procedure.symmetric
            fisher = procedure.name == "fisher_doubled" and p < 1
            sides = (p / 2,) if parse(entry.p).relation else (p / 2, 1 - p / 2)
            if (named or fisher) and any(agrees(entry.p, side, rounding) for side in sides):
                return procedure.said(table.counts) if named else "Fisher's exact test"
    return ""


def _adjusted(paper: Paper, entry: PValue, tables: Sequence[Table], rounding: Rounding) -> str:
    """Say that the p may be that of one of several comparisons, adjusted for them; else ""."""
    for table in tables:
        for procedure, p in p_values(table.counts, entry.claimed, slow=False):
            if entry.claimed is None or entry.claimed in procedure.claims:
                said = may_be_adjusted(paper, entry, p, p, rounding)
                if said:
                    return f"{said}, by {procedure.said(table.counts)}"
    return ""


def _sampled(entry: PValue, tables: Sequence[Table], rounding: Rounding) -> str:
    """Say that the p may be estimated from random tables, as programs do it; else "".

    This is usual for more than two groups or levels, and for Fisher's test.
    """
    if entry.claimed not in (None, "fisher_exact"):
        return ""
    printed = interval(entry.p, rounding)
    for table in tables:
        exact = None if table.counts.two_by_two else _FISHER.run(table.counts)
        if exact is not None:
            off = SAMPLING_ERRORS * math.sqrt(exact * (1 - exact) / SAMPLES)
            near = Interval(Fraction(exact - off), Fraction(exact + off))
            if printed.meets(near):
                return f"{entry.p} may be an estimate of Fisher's exact p from {SAMPLES} samples"
    return ""


def _not_decided(
    entry: PValue, tables: PrintedTables, comparable: Sequence[Table], claimed: str
) -> str:
    """Return why a p that nothing gives is not accused, or "" where nothing stands against it."""
    if tables.lumped:
        return "the paper does not print all levels"
    if not tables.all_of_them or len(comparable) > FEW:
        return "many tables are possible, and not all were tried"
    if entry.claimed is not None and not any(_by_claim(entry, t.counts) for t in comparable):
        return f"the claimed {claimed} cannot be computed from the table alone"
    if any(is_slow(_FISHER, t.counts) and _FISHER.run(t.counts) is None for t in comparable):
        return "Fisher's exact test would have too many tables to look at"
    return ""


def _by_claim(entry: PValue, counts: Counts) -> str:
    """Return the p by the claimed test, or Pearson's, with the printed digits; "" for none."""
    claim = entry.claimed or "pearson_chi_square"
    found = p_values_of(counts, claim)
    return format_like(entry.p, found[0][1]) if found else ""


def _shown(entry: PValue, counts: Counts, claimed: str) -> str:
    value = _by_claim(entry, counts)
    if entry.claimed is None:
        return f"no test is named; Pearson chi-square gives {value}"
    return f"the claimed {claimed} gives {value}" if value else f"{claimed} is claimed"


def _suggestion(paper: Paper, entry: PValue, tables: Sequence[Table], rounding: Rounding) -> str:
    """Return the slip in the p, and then that in a count, after which the claimed test agrees."""
    claim = entry.claimed or "pearson_chi_square"

    def given(text: str, among: Iterable[Table]) -> bool:
        return any(
            agrees(text, p, rounding)
            for table in among
            for _, p in p_values_of(table.counts, claim)
        )

    found = [healing(entry.p, lambda text: given(text, tables))]
    if is_costly(tables[0].counts, claim):
        return found[0]
    for place, count in enumerate(paper.count):
        if count.variable != entry.variable or count.group not in entry.groups or count.n is None:
            continue

        def fits(text: str, place: int = place) -> bool:
            slipped = paper.count[place].model_copy(update={"n": text})
            counts = (*paper.count[:place], slipped, *paper.count[place + 1 :])
            other = printed_tables(paper.model_copy(update={"count": counts}), entry, rounding)
            return (
                not isinstance(other, str)
                and not other.doubtful
                and given(entry.p, (t for t in other.plain if t.counts.comparable))
            )

        slip = healing(count.n, fits)
        if slip:
            found.append(f"{slip} (the count of the {paper.groups[count.group].label})")
    return "; or ".join(text for text in found if text)
