"""A percentage and its count: is the one the share that the other is of its group."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import Count, PrintedNumber, Size
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, agrees, format_like, parse, whole
from myocohort.papers.shares import Denominator, Share, denominator, denominators_around, shares

NAME = "percentage_of_count"
MOST_TOGETHER = 3  # so many denominators of a block are sought together, further ones one by one
LEAST_ROWS = 3  # so many percentages are needed to doubt the size of their group instead


def percentage_of_count(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each percentage against its count and the number of patients that it is a share of.

    GRIM for percentages (Brown & Heathers 2017, Soc Psychol Personal Sci 8:363-369), in whole
    numbers. The denominator is the one printed beside the count, or the size of the group less
    those declared missing. Where the paper declares nothing, a smaller one is possible, and
    said: the fewest denominators that explain all percentages of a block together. Where no
    count is printed, any count may have been meant. Where one slip in a group's size would
    explain all its percentages, the size is what does not fit.
    """
    known = tuple(shares(paper))
    doubted = {}
    for size in paper.size:
        rows = [share for share in known if f"{size.id}.n" in share.of.numbers]
        slip = _slip_in_size(size, rows, rounding)
        if slip:
            doubted[size.group] = size
            yield _size_finding(paper, size, rows, slip)
    inferred = _denominators_of_blocks(known, rounding)
    for count in paper.count:
        if count.percent is None:
            continue
        of = denominator(paper, count)
        numbers = {number.field: number for number in paper.numbers_of(count)}
        against = (numbers["n"].id,) if "n" in numbers else ()
        if of is None or not of.patients:
            reason = f"the paper prints no size of the {_label(paper, count)}"
            reason = reason if of is None else "nobody is left with a value"
            yield finding(NAME, "untestable", numbers["percent"], against, reason)
            continue
        row = _Row(paper, count, numbers, of, (*against, *of.numbers), rounding)
        size_doubted = doubted.get(count.group)
        if size_doubted is not None and f"{size_doubted.id}.n" in of.numbers:
            reason = f"a slip in the size {size_doubted.n} of the group is likelier, see there"
            yield finding(NAME, "untestable", numbers["percent"], row.against, reason)
        elif count.n is None:
            yield _without_count(row, count.percent)
        else:
            yield _with_count(row, count.percent, count.n, inferred.get(count.id))


@dataclass(frozen=True, slots=True)
class _Row:
    paper: Paper
    count: Count
    numbers: Mapping[str, PrintedNumber]
    of: Denominator
    against: tuple[str, ...]
    rounding: Rounding

    def fits(self, percent: str, n: int, patients: int) -> bool:
        return _fits(percent, n, patients, self.rounding)


@dataclass(frozen=True, slots=True)
class _Inferred:
    """A denominator that a block of percentages has in common."""

    patients: int
    rows: int
    of_rows: int
    block: str


def _fits(percent: str, n: int, patients: int, rounding: Rounding) -> bool:
    return patients >= max(n, 1) and agrees(percent, _share(n, patients), rounding)


def _share(n: int, patients: int) -> Fraction:
    return Fraction(100 * n, patients)


def _label(paper: Paper, count: Count) -> str:
    return paper.groups[count.group].label


def _with_count(row: _Row, percent: str, n: str, inferred: _Inferred | None) -> Finding:
    patients, label = row.of.patients, _label(row.paper, row.count)
    if agrees(percent, _share(whole(n), patients), row.rounding):
        said = f"{n} of {patients} {label} is {percent}%"
        return finding(NAME, "consistent", row.numbers["percent"], row.against, said)
    if inferred is None:
        return _accused(row, percent, n)
    fewer = inferred.patients
    said = (
        f"{n} is {percent}% of {fewer}, not of all {patients} {label}: {fewer} of {patients} "
        f"have a value, which the paper does not say"
    )
    if inferred.of_rows > 1:
        said += (
            f" ({inferred.rows} of the {inferred.of_rows} percentages in {inferred.block} that "
            f"are not of {patients} fit {fewer})"
        )
    return finding(NAME, "consistent", row.numbers["percent"], row.against, said)


def _accused(row: _Row, percent: str, n: str) -> Finding:
    """Accuse the percentage, or the count or denominator where only a slip in that heals."""
    patients = row.of.patients
    numbers = dict(row.numbers)
    computed = format_like(percent, _share(whole(n), patients))
    slips = {
        "percent": healing(percent, lambda text: row.fits(text, whole(n), patients)),
        "n": healing(n, lambda text: row.fits(percent, whole(text), patients)),
    }
    if row.count.of is not None:
        slips["of"] = healing(row.count.of, lambda text: row.fits(percent, whole(n), whole(text)))
    missing = _declared_missing(row)
    if missing is not None:
        numbers["missing"] = missing
        everybody = patients + whole(missing.text)
        slips["missing"] = healing(
            missing.text, lambda text: row.fits(percent, whole(n), everybody - whole(text))
        )
    name = next((field for field, slip in slips.items() if slip), "percent")
    rest = "" if row.of.fixed else f", and no smaller denominator makes it {percent}%"
    said = f"{n} of {patients} {_label(row.paper, row.count)} is {computed}%, not {percent}%{rest}"
    if row.of.fixed and row.count.of is None:
        said += "; the paper says who has no value, so the denominator is known"
    others = [slip for field, slip in slips.items() if slip and field != name]
    if others:
        said += f"; as well {'; '.join(others)}"
    elif name != "percent":
        said += "; no slip in the percentage would do"
    if name == "n":
        possible = _counts(percent, patients, row.rounding)
        computed = str(possible[0]) if len(possible) == 1 else ""
    elif name != "percent":
        computed = ""
    number = numbers[name]
    ids = (*(item.id for item in row.numbers.values()), *row.of.numbers)
    against = tuple(dict.fromkeys(item for item in ids if item != number.id))
    return finding(
        NAME, "inconsistent", number, against, said, computed=computed, suggestion=slips[name]
    )


def _declared_missing(row: _Row) -> PrintedNumber | None:
    """Return the declared number of missing values that the denominator rests on, if any."""
    for missing in row.paper.missing:
        for number in row.paper.numbers_of(missing):
            if number.id in row.of.numbers:
                return number
    return None


def _without_count(row: _Row, percent: str) -> Finding:
    patients, label = row.of.patients, _label(row.paper, row.count)
    number = row.numbers["percent"]
    possible = _counts(percent, patients, row.rounding)
    if possible:
        shown = " or ".join(str(n) for n in possible[:3])
        said = f"{shown} of {patients} {label} is {percent}%"
        return finding(NAME, "consistent", number, row.against, said)
    said = f"no whole number of {patients} {label} is {percent}%"
    if not row.of.fixed:
        for fewer in range(patients - 1, 0, -1):
            smaller = _counts(percent, fewer, row.rounding)
            if smaller:
                said += f"; {smaller[0]} of {fewer} would be"
                return finding(NAME, "untestable", number, row.against, said)
        said += ", nor of fewer"
    slip = healing(percent, lambda text: bool(_counts(text, patients, row.rounding)))
    return finding(NAME, "inconsistent", number, row.against, said, suggestion=slip)


def _counts(percent: str, patients: int, rounding: Rounding) -> list[int]:
    """Return the counts that are such a percentage of so many patients."""
    printed = parse(percent)
    around = range(patients + 1)
    if not printed.relation:
        low = math.floor((printed.value - printed.unit) * patients / 100)
        high = math.ceil((printed.value + printed.unit) * patients / 100)
        around = range(max(low, 0), min(high, patients) + 1)
    return [n for n in around if _fits(percent, n, patients, rounding)]


def _denominators(percent: str, n: int, most: int, rounding: Rounding) -> frozenset[int]:
    """Return the numbers of patients up to `most` of which a count is such a percentage."""
    around = denominators_around(percent, n, most)
    return frozenset(d for d in around if _fits(percent, n, d, rounding))


def _denominators_of_blocks(known: Sequence[Share], rounding: Rounding) -> dict[str, _Inferred]:
    """Return, by count, the smaller denominator that explains a percentage with its block.

    A block is a group in one table, or in one section ("Results, Pathology"). Only counts that
    do not fit the size of their group, of which the paper declares no missing values, count.
    """
    blocks: dict[tuple[str, str], dict[str, frozenset[int]]] = {}
    for share in known:
        if share.of.fixed or agrees(share.percent, share.exact, rounding):
            continue
        possible = _denominators(share.percent, share.n, share.of.patients - 1, rounding)
        if possible:
            key = (share.count.group, _block(share.count.place))
            blocks.setdefault(key, {})[share.count.id] = possible
    found = {}
    for (_, place), rows in blocks.items():
        chosen = _fewest(rows)
        by = {name: max(d for d in chosen if d in possible) for name, possible in rows.items()}
        for name, patients in by.items():
            fitting = sum(patients in possible for possible in rows.values())
            found[name] = _Inferred(patients, fitting, len(rows), place)
    return found


def _block(place: str) -> str:
    """Return the table or section that a place lies in."""
    parts = place.split(", ")
    return parts[0] if parts[0].startswith("Table") else ", ".join(parts[:2])


def _fewest(rows: Mapping[str, frozenset[int]]) -> tuple[int, ...]:
    """Return the fewest denominators that leave no row without one; of such the largest."""
    explained: dict[frozenset[str], int] = {}
    for patients in sorted(frozenset().union(*rows.values())):
        explained[frozenset(name for name in rows if patients in rows[name])] = patients
    largest = sorted(explained.items(), key=lambda item: -item[1])
    for size in range(1, MOST_TOGETHER + 1):
        for chosen in combinations(largest, size):
            if len(frozenset().union(*(names for names, _ in chosen))) == len(rows):
                return tuple(patients for _, patients in chosen)
    left, found = set(rows), []
    while left:
        names, patients = max(largest, key=lambda item: (len(item[0] & left), item[1]))
        found.append(patients)
        left -= names
    return tuple(found)


def _slip_in_size(size: Size, rows: Sequence[Share], rounding: Rounding) -> str:
    """Return the slip in a group's size that explains all its percentages, if most do not fit."""
    wrong = [share for share in rows if not agrees(share.percent, share.exact, rounding)]
    if len(wrong) < LEAST_ROWS or 2 * len(wrong) <= len(rows):
        return ""
    known = all(share.of.fixed for share in rows)

    def heals(text: str) -> bool:
        more = whole(text) - whole(size.n)
        if more < 0 and not known:
            return False  # that may be patients without a value
        return all(
            _fits(share.percent, share.n, share.of.patients + more, rounding) for share in rows
        )

    return healing(size.n, heals)


def _size_finding(paper: Paper, size: Size, rows: Sequence[Share], slip: str) -> Finding:
    (number,) = paper.numbers_of(size)
    label = paper.groups[size.group].label
    return finding(
        NAME,
        "inconsistent",
        number,
        tuple(f"{share.count.id}.{field}" for share in rows for field in ("n", "percent")),
        f"most of the {len(rows)} percentages of the {label} are not shares of {size.n}, "
        f"and with one slip in this size all of them fit",
        suggestion=slip,
    )
