"""P values that are accused in such numbers that they are rather of another kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from myocohort.papers.checks.finding import Finding
from myocohort.papers.entries import PValue
from myocohort.papers.places import block_of
from myocohort.papers.printed import parse

LEAST_ADJUSTED = 3  # so many p values of one table, all too large, are taken for adjusted ones


def spared(entries: Sequence[PValue], findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield findings about p values; those that may be of p values of another kind accuse none.

    Where no test is named, a p is accused only if more p values of the same table without a
    named test fit a usual procedure than do not: it may be a p of a log-rank test, of a stratified
    or of an adjusted comparison. Where tests are named and half of the p values of a table or
    more, at least `LEAST_ADJUSTED`, are larger than their test gives, they may be adjusted for
    the number of comparisons.

    Parameters
    ----------
    entries, findings
        The p values, and one finding about the p of each of them or of some.
    """
    by_id = {f"{entry.id}.p": entry for entry in entries}
    blocks: dict[tuple[str, bool], list[Finding]] = defaultdict(list)
    for found in findings:
        if found.verdict != "untestable":
            named = by_id[found.number].claimed is not None
            blocks[block_of(found.place), named].append(found)
    reasons = {key: _reason(together, named=key[1]) for key, together in blocks.items()}
    for found in findings:
        named = by_id[found.number].claimed is not None
        reason = reasons.get((block_of(found.place), named), "")
        if found.verdict == "inconsistent" and reason:
            said = f"{found.explanation}. {reason}"
            yield replace(found, verdict="untestable", explanation=said, computed="", suggestion="")
        else:
            yield found


def _reason(findings: Sequence[Finding], *, named: bool) -> str:
    """Return why the p values of one table are of another kind, or ""."""
    accused = [found for found in findings if found.verdict == "inconsistent"]
    if not named:
        if 2 * len(accused) < len(findings):
            return ""
        return (
            "No test is named, and no majority of the p values there is of such tests: it may be "
            "of a log-rank test, of strata, or adjusted"
        )
    larger = all(
        parse(found.printed).value > parse(found.computed).value
        for found in accused
        if found.computed
    )
    if len(accused) < LEAST_ADJUSTED or 2 * len(accused) < len(findings) or not larger:
        return ""
    return (
        f"{len(accused)} of {len(findings)} p values there are larger than their tests give: they "
        f"may be adjusted for the number of comparisons"
    )
