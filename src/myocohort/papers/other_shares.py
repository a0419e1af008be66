"""Percentages that are shares of other patients than those of their own group.

A percentage may be that of a row ("of the 34 with the finding, 24 are in this group"), of a
larger group ("24 of all 53 patients"), or of everybody in the group, those without a value
included. All three are usual and honest, and tables seldom say which they print.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from myocohort.papers.entries import Count
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_with
from myocohort.papers.printed import Rounding, agrees, interval, parse, whole


@dataclass(frozen=True, slots=True)
class OtherShare:
    """What a percentage is a share of, if not of the patients of its group with a value.

    Parameters
    ----------
    words
        The arithmetic: "24 is 70.6% of the 34 in its row".
    throughout
        Whether other percentages of the row are such shares too, so that it is no chance.
    against
        Ids of the printed numbers that it rests on.
    """

    words: str
    throughout: bool
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """The counts of one level in groups that were set side by side, and their sum."""

    counts: tuple[Count, ...]
    total: int | None
    of_all: tuple[int, str] | None


def other_share(paper: Paper, count: Count, rounding: Rounding = "nearest") -> OtherShare | None:
    """Return of which other patients a percentage is a share, or None where of none.

    A row has percentages of one kind, so all that are printed in it must be such shares.

    Parameters
    ----------
    paper, count
        The paper, and a count with its percentage.
    rounding
        How the paper rounds.
    """
    text = count.percent
    if text is None or parse(text).relation:
        return None
    size = paper.group_size(count.group)
    if size and count.n is not None and _is(text, count.n, size, rounding):
        label = paper.groups[count.group].label
        words = f"{count.n} is {text}% of all {size} {label}, those without a value included"
        return OtherShare(words, True, (f"{count.id}.n",))
    for row in _rows(paper, count):
        found = _of_row(count, row, rounding) or _of_all(count, row, rounding)
        if found is not None:
            return found
    return None


def _of_row(count: Count, row: _Row, rounding: Rounding) -> OtherShare | None:
    against = tuple(f"{c.id}.{'n' if row.total is not None else 'percent'}" for c in row.counts)
    if row.total is None:
        texts = [c.percent for c in row.counts if c.percent is not None]
        if len(texts) < len(row.counts) or not _make_up_hundred(texts, rounding):
            return None
        words = f"{' + '.join(texts)} is 100%: they are shares of their row"
        return OtherShare(words, True, against)
    if not row.total or not _is(count.percent, count.n, row.total, rounding):
        return None
    words = f"{count.n} is {count.percent}% of the {row.total} in its row"
    return _unless_contradicted(words, row, row.total, against, rounding)


def _of_all(count: Count, row: _Row, rounding: Rounding) -> OtherShare | None:
    if row.of_all is None or count.n is None:
        return None
    patients, label = row.of_all
    if not _is(count.percent, count.n, patients, rounding):
        return None
    words = f"{count.n} is {count.percent}% of the {patients} {label}"
    return _unless_contradicted(words, row, patients, (f"{count.id}.n",), rounding)


def _unless_contradicted(
    words: str, row: _Row, patients: int, against: tuple[str, ...], rounding: Rounding
) -> OtherShare | None:
    """Return a share of so many patients, unless another percentage of the row is none of them."""
    together = [c for c in row.counts if c.percent is not None]
    if not all(_is(c.percent, c.n, patients, rounding) for c in together):
        return None
    return OtherShare(words, len(together) > 1, against)


def _rows(paper: Paper, count: Count) -> Iterator[_Row]:
    """Yield the rows that a count stands in: parts of a group, or groups that were compared."""
    for partition in paper.partitions:
        if count.group == partition.whole or count.group in partition.parts:
            possible = patients_with(paper, count.variable, partition.whole)
            label = paper.groups[partition.whole].label
            of_all = (possible[-1], label) if possible and possible[-1] else None
            yield from _row(paper, count, partition.parts, of_all)
    for entry in paper.p:
        if entry.variable == count.variable and count.group in entry.groups:
            yield from _row(paper, count, entry.groups, None)


def _row(
    paper: Paper, count: Count, groups: Sequence[str], of_all: tuple[int, str] | None
) -> Iterator[_Row]:
    level = (count.variable, count.level)
    found = {c.group: c for c in reversed(paper.count) if (c.variable, c.level) == level}
    counts = tuple(found[group] for group in groups if group in found)
    if len(counts) < len(groups):
        if of_all is not None:
            yield _Row((), 0, of_all)
        return
    numbers = [whole(c.n) for c in counts if c.n is not None]
    total = sum(numbers) if len(numbers) == len(counts) else None
    if count.n is None:
        total = None
    yield _Row(counts, total, of_all)


def _is(percent: str | None, n: str | None, patients: int, rounding: Rounding) -> bool:
    if percent is None or n is None:
        return False
    return agrees(percent, Fraction(100 * whole(n), patients), rounding)


def _make_up_hundred(texts: Sequence[str], rounding: Rounding) -> bool:
    limits = [interval(text, rounding) for text in texts]
    low = sum(limit.low for limit in limits if limit.low is not None)
    high = sum(limit.high for limit in limits if limit.high is not None)
    return low <= 100 <= high and all(parse(text).relation == "" for text in texts)
