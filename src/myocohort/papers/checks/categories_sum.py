"""Categories that exclude each other, and the parts of a group: do the counts add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing, likeliest
from myocohort.papers.entries import Count, PrintedNumber
from myocohort.papers.other_shares import other_share
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_with
from myocohort.papers.printed import Rounding, agrees, interval, parse, whole
from myocohort.papers.shares import Denominator, denominator

NAME = "categories_sum"


def categories_sum(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Add up the levels of each variable in each group, and each level over parts of a group.

    A patient has one level. With all levels declared and printed their counts make up those
    with a value, and their percentages 100 within rounding; otherwise they must not exceed
    these. A level is as frequent in a group as in its parts together, whoever has no value.
    """
    groups: dict[tuple[str, str], dict[str, Count]] = {}
    for count in paper.count:
        groups.setdefault((count.variable, count.group), {}).setdefault(count.level, count)
    for (variable, group), levels in groups.items():
        yield from _counts_of_levels(paper, variable, group, levels, rounding)
        yield from _percentages_of_levels(paper, variable, group, levels, rounding)
    yield from _parts(paper, groups, rounding)


def _complete(paper: Paper, variable: str, printed: Sequence[str]) -> bool:
    """Return whether the levels printed are all that the variable has."""
    declared = paper.variable(variable).levels
    return bool(declared) and set(declared) == set(printed)


def _counts_of_levels(
    paper: Paper, variable: str, group: str, levels: Mapping[str, Count], rounding: Rounding
) -> Iterator[Finding]:
    printed = {level: count for level, count in levels.items() if count.n is not None}
    if len(printed) < 2:
        return
    counts = tuple(printed.values())
    numbers = [paper.number_of(count, "n") for count in counts]
    of = denominator(paper, counts[0])
    against = tuple(number.id for number in numbers[1:])
    if _apart(counts):
        reason = "the levels have denominators of their own, so that they were looked for apart"
        yield finding(NAME, "untestable", numbers[0], against, reason)
        return
    if of is None:
        reason = f"the paper prints no size of the {paper.groups[group].label}"
        yield finding(NAME, "untestable", numbers[0], against, reason)
        return
    total = sum(whole(number.text) for number in numbers)
    added = f"{' + '.join(number.text for number in numbers)} = {total} of {of.patients}"
    complete = _complete(paper, variable, tuple(printed))
    against = (*against, *of.numbers)
    if total == of.patients:
        yield finding(NAME, "consistent", numbers[0], against, added)
    elif total < of.patients and not complete:
        reason = f"{added}; whether other levels exist is not declared"
        yield finding(NAME, "untestable", numbers[0], against, reason)
    elif total < of.patients and not of.fixed:
        left = of.patients - total
        said = f"{added}: {left} without a value, which the paper does not say"
        yield finding(NAME, "consistent", numbers[0], against, said)
    else:
        yield _sum_is_wrong(counts, numbers, of, total, added, complete, rounding)


def _apart(counts: Sequence[Count]) -> bool:
    """Return whether different denominators are printed beside the levels of a variable."""
    return len({count.of for count in counts if count.of is not None}) > 1


def _sum_is_wrong(
    counts: Sequence[Count],
    numbers: Sequence[PrintedNumber],
    of: Denominator,
    total: int,
    added: str,
    complete: bool,
    rounding: Rounding,
) -> Finding:
    """Accuse the count that one slip heals and whose percentage agrees with the slip."""
    slips = []
    for count, number in zip(counts, numbers, strict=True):
        rest = total - whole(number.text)

        def fits(text: str, count: Count = count, rest: int = rest) -> bool:
            right = rest + whole(text)
            adds_up = right == of.patients if complete and of.fixed else right <= of.patients
            return adds_up and _agrees(count, whole(text), of, rounding)

        slips.append(healing(number.text, fits))
    place, also = likeliest(slips)
    accused = numbers[place]
    right = of.patients - (total - whole(accused.text))
    exclude = (
        "levels of one variable exclude each other"
        if total > of.patients
        else ("these are all levels, and the paper says who has no value")
    )
    return finding(
        NAME,
        "inconsistent",
        accused,
        (*(number.id for number in numbers if number is not accused), *of.numbers),
        f"{added}, and {exclude}{also}",
        computed=str(right) if complete and of.fixed and slips[place] else "",
        suggestion=slips[place],
    )


def _agrees(count: Count, n: int, of: Denominator, rounding: Rounding) -> bool:
    """Return whether a count agrees with the percentage printed beside it, if any."""
    if count.percent is None or not of.patients:
        return True
    return agrees(count.percent, Fraction(100 * n, of.patients), rounding)


def _percentages_of_levels(
    paper: Paper, variable: str, group: str, levels: Mapping[str, Count], rounding: Rounding
) -> Iterator[Finding]:
    printed = {level: count for level, count in levels.items() if count.percent is not None}
    if len(printed) < 2:
        return
    complete = _complete(paper, variable, tuple(printed))
    counts = tuple(printed.values())
    numbers = [paper.number_of(count, "percent") for count in counts]
    texts = [number.text for number in numbers]
    against = tuple(number.id for number in numbers[1:])
    added = f"{' + '.join(texts)} = {_shown(texts)}%"
    if _can_be_hundred(texts, complete, rounding):
        if complete:
            said = f"{added}, which is 100% within rounding"
            yield finding(NAME, "consistent", numbers[0], against, said)
        return
    reason = _need_not_be_hundred(paper, variable, group, counts, rounding)
    if reason:
        yield finding(NAME, "untestable", numbers[0], against, f"{added}; {reason}")
        return
    slips = []
    for place, (count, number) in enumerate(zip(counts, numbers, strict=True)):
        of = denominator(paper, count)

        def fits(
            text: str, place: int = place, count: Count = count, of: Denominator | None = of
        ) -> bool:
            changed = [*texts[:place], text, *texts[place + 1 :]]
            share = (
                None
                if count.n is None or of is None or not of.patients
                else Fraction(100 * whole(count.n), of.patients)
            )
            right = share is None or agrees(text, share, rounding)
            return right and _can_be_hundred(changed, complete, rounding)

        slips.append(healing(number.text, fits))
    place, also = likeliest(slips)
    what = "all levels make up 100%" if complete else "levels of one variable exclude each other"
    yield finding(
        NAME,
        "inconsistent",
        numbers[place],
        tuple(number.id for number in numbers if number is not numbers[place]),
        f"{added}, more than rounding explains, and {what}{also}",
        suggestion=slips[place],
    )


def _need_not_be_hundred(
    paper: Paper, variable: str, group: str, counts: Sequence[Count], rounding: Rounding
) -> str:
    """Return why the percentages of all levels may sum to something else than 100, or ""."""
    if _apart(counts):
        return "the levels have denominators of their own"
    for count in counts:
        of = denominator(paper, count)
        n = None if count.n is None else whole(count.n)
        if n is not None and of is not None and _agrees(count, n, of, rounding):
            continue
        other = other_share(paper, count, rounding)
        if other is not None:
            return other.words
    limits = [interval(count.percent or "0", rounding) for count in counts]
    if any(limit.high is None for limit in limits):
        return ""
    high = sum(limit.high for limit in limits if limit.high is not None)
    size, possible = paper.group_size(group), patients_with(paper, variable, group)
    if size is None or possible is None:
        with_value = Fraction(100 if paper.missing_declared else 0)
    else:
        with_value = Fraction(100 * possible[0], max(size, 1))
    if with_value <= high < 100 and with_value < 100:
        return "they may be of all patients, those without a value included"
    return ""


def _shown(texts: Sequence[str]) -> str:
    """Write the sum of percentages, with as many digits as the longest has."""
    numbers = [parse(text) for text in texts]
    decimals = max(number.decimals for number in numbers)
    return f"{float(sum(number.value for number in numbers)):.{decimals}f}"


def _can_be_hundred(texts: Sequence[str], complete: bool, rounding: Rounding) -> bool:
    """Return whether the percentages can sum to 100, or to less where levels may be left out."""
    limits = [interval(text, rounding) for text in texts]
    low = sum(max(limit.low, Fraction(0)) for limit in limits if limit.low is not None)
    high = sum(Fraction(100) if limit.high is None else limit.high for limit in limits)
    return low <= 100 and (high >= 100 or not complete)


@dataclass(frozen=True, slots=True)
class _Found:
    """The counts of a level in parts of a group, and whether they cover all of it."""

    counts: tuple[Count, ...]
    complete: bool


def _parts(
    paper: Paper, groups: Mapping[tuple[str, str], Mapping[str, Count]], rounding: Rounding
) -> Iterator[Finding]:
    """Hold the count of a level in a whole against those in its parts."""
    for partition in paper.partitions:
        for (variable, group), levels in groups.items():
            for level, count in levels.items():
                if group != partition.whole or count.n is None:
                    continue
                found = _together(
                    [_printed_in(paper, groups, variable, level, part) for part in partition.parts]
                )
                if found.counts:
                    yield _whole(paper, count, found, rounding)


def _together(parts: Sequence[_Found]) -> _Found:
    counts = tuple(count for part in parts for count in part.counts)
    return _Found(counts, all(part.complete for part in parts))


def _printed_in(
    paper: Paper,
    groups: Mapping[tuple[str, str], Mapping[str, Count]],
    variable: str,
    level: str,
    group: str,
) -> _Found:
    """Return the count of a level in a group, or those in its parts where it has none itself."""
    count = groups.get((variable, group), {}).get(level)
    if count is not None and count.n is not None:
        return _Found((count,), complete=True)
    for partition in paper.partitions:
        if partition.whole == group:
            return _together(
                [_printed_in(paper, groups, variable, level, part) for part in partition.parts]
            )
    return _Found((), complete=False)


def _whole(paper: Paper, count: Count, found: _Found, rounding: Rounding) -> Finding:
    number = paper.number_of(count, "n")
    parts = [paper.number_of(part, "n") for part in found.counts]
    ids = tuple(part.id for part in parts)
    total, n = sum(whole(part.text) for part in parts), whole(number.text)
    added = f"{' + '.join(part.text for part in parts)} = {total} in the parts"
    others = 0 if found.complete else _others(paper, count.group, found)
    if n == total:
        return finding(NAME, "consistent", number, ids, f"{added}, {n} in the whole")
    if n > total and others is None:
        reason = f"{added} of {n} in the whole; how many the other parts have is not printed"
        return finding(NAME, "untestable", number, ids, reason)
    if others is not None and 0 < n - total <= others:
        said = f"{added} of {n} in the whole leave {n - total} among the {others} others"
        return finding(NAME, "consistent", number, ids, said)

    def right(name: str, text: str) -> bool:
        """Return whether a text in place of one number would make them add up."""
        texts = {item.id: item.text for item in (number, *parts)} | {name: text}
        rest = whole(texts[number.id]) - sum(whole(texts[part]) for part in ids)
        counted = next(c for c in (count, *found.counts) if f"{c.id}.n" == name)
        of = denominator(paper, counted)
        known = of is None or _agrees(counted, whole(text), of, rounding)
        return known and rest >= 0 and (others is None or rest <= others)

    slips = [healing(item.text, partial(right, item.id)) for item in (number, *parts)]
    place, also = likeliest(slips)
    accused = (number, *parts)[place]
    among = f", which leaves {n - total} among {others} others" if others and n > total else ""
    return finding(
        NAME,
        "inconsistent",
        accused,
        tuple(item.id for item in (number, *parts) if item is not accused),
        f"{added}, but the whole is printed with {n}{among}{also}",
        computed=str(total) if accused is number and not others else "",
        suggestion=slips[place],
    )


def _others(paper: Paper, group: str, found: _Found) -> int | None:
    """Return how many patients of a group are in none of the parts that were counted."""
    size = paper.group_size(group)
    sizes = [paper.group_size(count.group) for count in found.counts]
    known = [part for part in sizes if part is not None]
    if size is None or len(known) < len(sizes):
        return None
    return max(size - sum(known), 0)
