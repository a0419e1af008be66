"""The tables of counts that the printed counts of a variable can stand for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product

from myocohort.papers.count_tables import Counts, counts_of
from myocohort.papers.entries import Count, PValue, Variable
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import nearest_first, patients_with
from myocohort.papers.printed import Rounding, agrees, interval, whole

MOST_TABLES = 400
MOST_ROWS = 2 * MOST_TABLES + 2
MOST_TOTALS = 60

YES_NO = frozenset({"yes", "no"})


@dataclass(frozen=True, slots=True)
class Row:
    """What the printed counts of one group can stand for.

    Parameters
    ----------
    printed
        Patients at each printed level.
    total
        Patients with a value.
    """

    printed: tuple[int, ...]
    total: int

    @property
    def words(self) -> str:
        """Return "5 of 27", or "5 : 9 of 27" for more levels than one."""
        return f"{' : '.join(str(n) for n in self.printed)} of {self.total}"


@dataclass(frozen=True, slots=True)
class Table:
    """One table that the printed counts can stand for, a row for each group."""

    rows: tuple[Row, ...]
    counts: Counts

    @property
    def words(self) -> str:
        """Return "5 of 27 and 5 of 13"."""
        return " and ".join(row.words for row in self.rows)


@dataclass(frozen=True, slots=True)
class PrintedTables:
    """All tables that the printed counts of a comparison can stand for.

    Parameters
    ----------
    plain
        Tables with the patients that the paper says, or its percentages show, have a value.
    missing
        Tables with fewer patients, which the printed percentages allow and the paper does not
        exclude; those with the fewest missing first.
    against
        Ids of the printed numbers behind them.
    doubtful
        Whether counts and percentages, or counts and their sum, disagree among themselves;
        `plain` then has the tables of either reading.
    lumped
        Whether several levels that the paper does not print may stand in one column.
    all_of_them
        Whether none had to be left out for their number.
    """

    plain: tuple[Table, ...]
    missing: tuple[Table, ...]
    against: tuple[str, ...]
    doubtful: bool
    lumped: bool
    all_of_them: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    plain: tuple[Row, ...]
    missing: tuple[Row, ...]
    doubtful: bool


def has_counts(paper: Paper, entry: PValue) -> bool:
    """Return whether the paper prints counts of what a p value compares, in all its groups."""
    printed = {count.group for count in paper.count if count.variable == entry.variable}
    return printed.issuperset(entry.groups)


def printed_tables(
    paper: Paper, entry: PValue, rounding: Rounding = "nearest"
) -> PrintedTables | str:
    """Return the tables behind a p value, or why there are none.

    Parameters
    ----------
    paper, entry
        The paper and a p value for which `has_counts` holds.
    rounding
        How the paper rounds its percentages.
    """
    variable = paper.variable(entry.variable)
    by_group = {
        group: {
            count.level: count
            for count in paper.count
            if (count.variable, count.group) == (entry.variable, group)
        }
        for group in entry.groups
    }
    levels = _levels(variable, by_group)
    for group, counts in by_group.items():
        lacking = [level for level in levels if level not in counts]
        if lacking:
            label = paper.groups[group].label
            return f"the paper prints no count of {', '.join(lacking)} for the {label}"
    left = [level for level in variable.levels if level not in levels]
    complete = (bool(variable.levels) and not left) or frozenset(levels) >= YES_NO
    found = []
    for group in entry.groups:
        rows = _rows(paper, [by_group[group][level] for level in levels], complete, rounding)
        if isinstance(rows, str):
            return rows
        found.append(rows)
    more_than_one = len(levels) > 1 and not variable.levels
    columns = _Columns(levels, variable, complete)
    plain = list(islice(_tables([rows.plain for rows in found], columns), MOST_TABLES + 1))
    with_missing = [(*rows.plain, *rows.missing) for rows in found]
    most = len(plain) + MOST_TABLES + 1
    every = list(islice(_tables(with_missing, columns), most))
    known = {table.rows for table in plain}
    missing = tuple(table for table in every if table.rows not in known)
    return PrintedTables(
        plain=tuple(plain[:MOST_TABLES]),
        missing=missing[:MOST_TABLES],
        against=tuple(_ids(paper, by_group)),
        doubtful=any(rows.doubtful for rows in found),
        lumped=len(left) > 1 or (more_than_one and not complete and not _add_up(found)),
        all_of_them=len(plain) <= MOST_TABLES and len(missing) <= MOST_TABLES,
    )


def _add_up(groups: Sequence[_Rows]) -> bool:
    """Return whether the printed levels can be all that any patient has."""
    return all(any(sum(row.printed) == row.total for row in rows.plain) for rows in groups)


def _levels(variable: Variable, by_group: Mapping[str, Mapping[str, Count]]) -> tuple[str, ...]:
    printed = dict.fromkeys(level for counts in by_group.values() for level in counts)
    return (
        *(level for level in variable.levels if level in printed),
        *(level for level in printed if level not in variable.levels),
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """How printed levels and the rest become the columns of a table."""

    levels: tuple[str, ...]
    variable: Variable
    complete: bool

    def table(self, rows: tuple[Row, ...], *, rest: bool) -> Table:
        """Return a table, with a column for all levels that are not printed if `rest`."""
        cells = [list(row.printed) for row in rows]
        left = [level for level in self.variable.levels if level not in self.levels]
        place = self.variable.levels.index(left[0]) if len(left) == 1 else len(self.levels)
        if rest:
            for cell, row in zip(cells, rows, strict=True):
                cell.insert(place, row.total - sum(row.printed))
        # Nobody said whether levels that the file does not list are in an order: they may be.
        ordered = len(left) < 2 and (self.variable.ordered or not self.variable.levels)
        return Table(rows, counts_of(cells, ordered=ordered))


def _tables(choices: Sequence[Sequence[Row]], columns: _Columns) -> Iterator[Table]:
    for places in nearest_first([len(rows) for rows in choices]):
        rows = tuple(found[place] for found, place in zip(choices, places, strict=True))
        yield columns.table(rows, rest=not columns.complete)
        open_list = len(columns.levels) > 1 and not columns.variable.levels
        if open_list and not columns.complete and any(sum(r.printed) < r.total for r in rows):
            # The printed levels may be all there are, and the others have no value.
            only = tuple(Row(row.printed, sum(row.printed)) for row in rows)
            yield columns.table(only, rest=False)


def _rows(paper: Paper, counts: Sequence[Count], complete: bool, rounding: Rounding) -> _Rows | str:
    variable, group = counts[0].variable, counts[0].group
    size = paper.group_size(group)
    possible = patients_with(paper, variable, group)
    having = None if possible is None else possible[-1]
    fixed = possible is not None and len(possible) == 1
    printed = [whole(count.n) for count in counts if count.n is not None]
    if complete and len(printed) == len(counts):
        return _complete(counts, tuple(printed), having, fixed, rounding)
    if possible is None or having is None:
        totals = _totals_of_percentages(counts, None, rounding)
        if not totals:
            return f"the paper prints no size of the {paper.groups[group].label}"
        return _Rows(_first_of(_at(counts, totals, complete, rounding)), (), doubtful=False)
    if sum(printed) > having:
        label = paper.groups[group].label
        return f"the printed counts of the {label} add up to more than {having}"
    plain = _first_of(_at(counts, [having], complete, rounding))
    if plain:
        least = max(sum(printed), 1, possible[0])
        fewer = range(having - 1, least - 1, -1)
        return _Rows(plain, _first_of(_at(counts, fewer, complete, rounding)), doubtful=False)
    if not fixed:
        shown = _totals_of_percentages(counts, having - 1, rounding)
        plain = _first_of(_at(counts, shown, complete, rounding))
        if plain:  # the percentage may also be of other patients than those of the group
            everybody = _first_of(_at(counts, [having], complete, rounding, either=True))
            return _Rows(plain, everybody, doubtful=False)
    fewer = range(having - 1, max(possible[0], 1) - 1, -1)
    either = _first_of(_at(counts, [having], complete, rounding, either=True))
    others = _first_of(_at(counts, fewer, complete, rounding, either=True))
    if size is not None and not either:
        label = paper.groups[group].label
        return f"counts and percentages of the {label} do not go together"
    return _Rows(either, others, doubtful=True)


def _first_of(rows: Iterator[Row]) -> tuple[Row, ...]:
    """Return as many rows of a group as the tables that are looked at can need."""
    return tuple(islice(rows, MOST_ROWS))


def _complete(
    counts: Sequence[Count],
    printed: tuple[int, ...],
    having: int | None,
    fixed: bool,
    rounding: Rounding,
) -> _Rows:
    """Return the row of a group that has all its levels printed, and others where they clash."""
    total = sum(printed)
    as_printed = (Row(printed, total),) if total else ()
    totals = [t for t in dict.fromkeys((total, having)) if t]
    at_odds = having is not None and (total > having or (fixed and total != having))
    agreeing = any(all(_levels_at(count, t, rounding) for count in counts) for t in totals)
    if not at_odds and agreeing:
        return _Rows(as_printed, (), doubtful=False)
    others = [
        Row((*printed[:i], t - (total - n), *printed[i + 1 :]), t)
        for t in totals
        for i, n in enumerate(printed)
        if t >= total - n
    ]
    others += list(_at(counts, totals, True, rounding, either=True))
    return _Rows(tuple(dict.fromkeys((*as_printed, *others))), (), doubtful=True)


def _at(
    counts: Sequence[Count],
    totals: Iterable[int],
    complete: bool,
    rounding: Rounding,
    *,
    either: bool = False,
) -> Iterator[Row]:
    """Yield the rows with so many patients that counts and percentages allow, or either does."""
    for total in totals:
        choices = [_levels_at(count, total, rounding, either=either) for count in counts]
        for cells in islice(product(*choices), MOST_TABLES):
            if sum(cells) == total or (not complete and sum(cells) < total):
                yield Row(cells, total)


def _levels_at(
    count: Count, total: int, rounding: Rounding, *, either: bool = False
) -> tuple[int, ...]:
    """Return how many of `total` patients a count with its percentage can mean."""
    printed = None if count.n is None else whole(count.n)
    if count.percent is None:
        return () if printed is None else (printed,)
    if total == 0:  # nobody has no share
        return ()
    if printed is not None and agrees(count.percent, Fraction(100 * printed, total), rounding):
        return (printed,)
    if printed is not None and not either:
        return ()
    share = interval(count.percent, rounding)
    low = 0 if share.low is None else max(0, math.ceil(share.low * total / 100))
    high = total if share.high is None else min(total, math.floor(share.high * total / 100))
    meant = tuple(range(low, high + 1))
    return meant if printed is None else tuple(dict.fromkeys((printed, *meant)))


def _totals_of_percentages(
    counts: Sequence[Count], most: int | None, rounding: Rounding
) -> tuple[int, ...]:
    """Return the totals, the largest first, that counts and percentages show.

    Up to `most`, where that is known, and not more than `MOST_TOTALS` of them.
    """
    lows, highs = [1, sum(whole(count.n) for count in counts if count.n is not None)], []
    for count in counts:
        if count.n is None or count.percent is None or not whole(count.n):
            continue
        share = interval(count.percent, rounding)
        if share.low is not None and share.low > 0:
            highs.append(math.floor(100 * whole(count.n) / share.low))
        if share.high is not None and share.high > 0:
            lows.append(math.ceil(100 * whole(count.n) / share.high))
    if most is not None:
        highs.append(most)
    if not highs:
        return ()
    totals = range(min(highs), max(lows) - 1, -1)
    fitting = (t for t in totals if all(_levels_at(count, t, rounding) for count in counts))
    return tuple(islice(fitting, MOST_TOTALS))


def _ids(paper: Paper, by_group: Mapping[str, Mapping[str, Count]]) -> Iterator[str]:
    for counts in by_group.values():
        for count in counts.values():
            for number in paper.numbers_of(count):
                if number.field in ("n", "of") or count.n is None:
                    yield number.id
