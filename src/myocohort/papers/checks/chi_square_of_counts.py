"""A printed chi-square and the printed counts: is the one that of the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.count_tables import Counts, chi_square, g_square, trend, yates_chi_square
from myocohort.papers.edits import healing
from myocohort.papers.entries import PValue
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, agrees, format_like, parse
from myocohort.papers.printed_tables import Table, has_counts, printed_tables
from myocohort.stats.tests import TESTS

NAME = "chi_square_of_counts"

OWN = {
    "pearson_chi_square": "Pearson's chi-square",
    "pearson_chi_square_corrected": "chi-square with Yates's correction",
    "likelihood_ratio_chi_square": "likelihood-ratio chi-square",
    "linear_by_linear": "linear-by-linear association",
}


def chi_square_of_counts(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each chi-square that is printed beside a p value against the printed counts.

    Pearson's, with Yates's correction, of the likelihood ratio, of the trend and times
    (N - 1) / N: one that is not the claimed one is a finding about methods.
    """
    for entry in paper.p:
        claim = entry.claimed
        if entry.statistic is None or claim not in OWN or not has_counts(paper, entry):
            continue
        if parse(entry.statistic).value >= 0:
            yield _check(paper, entry, entry.statistic, claim, rounding)


def _check(paper: Paper, entry: PValue, statistic: str, claim: str, rounding: Rounding) -> Finding:
    number = paper.number_of(entry, "statistic")
    claimed = TESTS[claim].label
    tables = printed_tables(paper, entry, rounding)
    untestable = partial(finding, NAME, "untestable", number, claimed=claimed)
    if isinstance(tables, str):
        return untestable((), tables)
    plain = [table for table in tables.plain if table.counts.comparable]
    if not plain:
        return untestable(tables.against, "all patients are in one level")
    fit = _fit(statistic, plain, rounding)
    if fit is not None:
        table, names = fit
        words = f"{table.words}: {' and '.join(names)} is {statistic}"
        return finding(
            NAME, "consistent", number, tables.against, words, claimed=claimed, fits=names
        )
    fit = _fit(statistic, tables.missing, rounding)
    if fit is not None:
        table, names = fit
        return untestable(
            tables.against,
            f"{names[0]} would be {statistic} for {table.words}, with patients without a value, "
            f"and the paper does not say how many have none",
        )
    values = dict(_statistics(plain[0].counts))
    listed = (f"{by} is {format_like(statistic, value)}" for by, value in values.items())
    shown = f"{plain[0].words}: {', '.join(listed)}"
    own = values.get(OWN[claim])
    if own is None or tables.lumped or tables.doubtful or not tables.all_of_them:
        return untestable(tables.against, f"{shown}; it may be another, or of another table")
    return finding(
        NAME,
        "inconsistent",
        number,
        tables.against,
        f"{shown}, none of them {statistic}",
        computed=format_like(statistic, own),
        suggestion=healing(statistic, lambda text: agrees(text, own, rounding)),
        claimed=claimed,
    )


def _fit(
    statistic: str, tables: Iterable[Table], rounding: Rounding
) -> tuple[Table, tuple[str, ...]] | None:
    """Return the first table that has the printed chi-square, and which of its kinds it is."""
    for table in tables:
        if table.counts.comparable:
            found = _statistics(table.counts)
            names = tuple(by for by, value in found if agrees(statistic, value, rounding))
            if names:
                return table, names
    return None


def _statistics(counts: Counts) -> list[tuple[str, float]]:
    n = sum(counts.sizes)
    found: list[tuple[str, float | None]] = [
        (OWN["pearson_chi_square"], chi_square(counts)[0]),
        (OWN["pearson_chi_square_corrected"], yates_chi_square(counts)),
        (OWN["likelihood_ratio_chi_square"], g_square(counts)[0]),
        ("chi-square times (N - 1) / N", chi_square(counts)[0] * (n - 1) / n),
    ]
    scored = trend(counts)
    if scored is not None:
        found.append((OWN["linear_by_linear"], scored * (n - 1) / n))
    return [(by, value) for by, value in found if value is not None]
