"""A percentage and its count: is the one the share that the other is of its group."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import Count, PrintedNumber, Size
from myocohort.papers.other_shares import OtherShare, other_share
from myocohort.papers.paperfile import Paper
from myocohort.papers.places import block_of
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
    said: the fewest denominators that explain all percentages of a block together. A share of
    the row, of all patients, or of the group with those without a value is recognised. Where no
    count is printed, any count may have been meant. Where one slip in a group's size would
    explain all its percentages, the size is what does not fit. Where most percentages of the
    paper fit nothing, none is accused: they may be weighted.
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
    found = tuple(_findings(paper, doubted, inferred, rounding))
    accused = sum(item.verdict == "inconsistent" for item in found)
    if accused >= LEAST_ROWS and 2 * accused > sum(bool(item.against) for item in found):
        found = tuple(_of_another_kind(item) for item in found)
    yield from found


def _of_another_kind(found: Finding) -> Finding:
    """Return an accusation as untestable, where most percentages of a paper do not fit."""
    if found.verdict != "inconsistent":
        return found
    said = (
        f"{found.explanation}. Most percentages of the paper are no shares of their groups: they "
        f"may be weighted, adjusted, or of patients that the paper does not number"
    )
    return replace(found, verdict="untestable", explanation=said, computed="", suggestion="")


def _findings(
    paper: Paper,
    doubted: Mapping[str, Size],
    inferred: Mapping[str, _Inferred],
    rounding: Rounding,
) -> Iterator[Finding]:
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
        other = other_share(paper, count, rounding)
        if size_doubted is not None and f"{size_doubted.id}.n" in of.numbers:
            reason = f"a slip in the size {size_doubted.n} of the group is likelier, see there"
            yield finding(NAME, "untestable", numbers["percent"], row.against, reason)
        elif count.n is None:
            yield _without_count(row, count.percent, other)
        else:
            yield _with_count(row, count.percent, count.n, inferred.get(count.id), other)


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


def _with_count(
    row: _Row, percent: str, n: str, inferred: _Inferred | None, other: OtherShare | None
) -> Finding:
    patients, label = row.of.patients, _label(row.paper, row.count)
    if agrees(percent, _share(whole(n), patients), row.rounding):
        said = f"{n} of {patients} {label} is {percent}%"
        return finding(NAME, "consistent", row.numbers["percent"], row.against, said)
    if other is not None and (inferred is None or other.throughout):
        return _of_others(row, other)
    if inferred is None:
        if _made_to_be_hundred(row):
            said = (
                f"{n} of {patients} {label} is {format_like(percent, _share(whole(n), patients))}%,"
                f" not {percent}%, but the percentages of all levels are 100 together: they may "
                f"have been rounded so that they are"
            )
            return finding(NAME, "untestable", row.numbers["percent"], row.against, said)
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


def _of_others(row: _Row, other: OtherShare) -> Finding:
    """Return the finding about a percentage that is a share of others than its own group."""
    against = tuple(dict.fromkeys((*row.against, *other.against)))
    of = f"not of the {row.of.patients} {_label(row.paper, row.count)}"
    if other.throughout:
        said = f"{other.words}, {of}"
        return finding(NAME, "consistent", row.numbers["percent"], against, said)
    said = f"{other.words}, {of}, but no other percentage shows that this is what is printed"
    return finding(NAME, "untestable", row.numbers["percent"], against, said)


def _made_to_be_hundred(row: _Row) -> bool:
    """Return whether three levels or more are within a unit of their shares and make up 100."""
    count = row.count
    levels = [
        (c.percent, whole(c.n))
        for c in row.paper.count
        if (c.variable, c.group) == (count.variable, count.group)
        if c.percent is not None and c.n is not None and not parse(c.percent).relation
    ]
    patients = row.of.patients
    return (
        len(levels) > 2
        and sum(n for _, n in levels) == patients
        and sum(parse(text).value for text, _ in levels) == 100
        and all(
            abs(parse(text).value - _share(n, patients)) < parse(text).unit for text, n in levels
        )
    )


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


def _without_count(row: _Row, percent: str, other: OtherShare | None) -> Finding:
    patients, label = row.of.patients, _label(row.paper, row.count)
    number = row.numbers["percent"]
    possible = _counts(percent, patients, row.rounding)
    if possible:
        shown = " or ".join(str(n) for n in possible[:3])
        said = f"{shown} of {patients} {label} is {percent}%"
        return finding(NAME, "consistent", number, row.against, said)
    if other is not None:
        return _of_others(row, other)
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
            key = (share.count.group, block_of(share.count.place))
            blocks.setdefault(key, {})[share.count.id] = possible
    found = {}
    for (_, place), rows in blocks.items():
        chosen = _fewest(rows)
        by = {name: max(d for d in chosen if d in possible) for name, possible in rows.items()}
        for name, patients in by.items():
            fitting = sum(patients in possible for possible in rows.values())
            found[name] = _Inferred(patients, fitting, len(rows), place)
    return found


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
