"""The sizes of parts and of their whole, and of those with and without a value: do they add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing, likeliest
from myocohort.papers.entries import Count, Mean, PrintedNumber
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, whole

NAME = "sizes_add_up"


def sizes_add_up(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the printed size of each whole against those of its parts.

    Where only some parts have a printed size, these must not exceed the whole. Where a
    denominator is printed and missing values are declared, the two make up the group's size.
    """
    sizes = {size.group: size for size in paper.size}
    for partition in paper.partitions:
        if partition.whole not in sizes:
            continue
        (number,) = paper.numbers_of(sizes[partition.whole])
        known = [sizes[part] for part in partition.parts if part in sizes]
        parts = [next(iter(paper.numbers_of(size))) for size in known]
        yield _parts(number, parts, all_printed=len(known) == len(partition.parts))
    for count in paper.count:
        yield from _with_missing(paper, count)
    for mean in paper.mean:
        yield from _with_missing(paper, mean)


def _parts(number: PrintedNumber, parts: Sequence[PrintedNumber], *, all_printed: bool) -> Finding:
    total = sum(whole(part.text) for part in parts)
    added = f"{' + '.join(part.text for part in parts)} = {total}"
    size = whole(number.text)
    ids = tuple(part.id for part in parts)
    if all_printed and total == size:
        return finding(NAME, "consistent", number, ids, added)
    if not all_printed:
        if total <= size:
            return finding(NAME, "untestable", number, ids, "a part has no printed size")
        said = f"{added} without the parts whose size is not printed, but the whole has {size}"
        return finding(NAME, "inconsistent", number, ids, said, computed=f"at least {total}")
    right = {part.id: whole(part.text) + size - total for part in parts}
    right[number.id] = total
    slips = [healing(item.text, partial(_is, right[item.id])) for item in (number, *parts)]
    place, also = likeliest(slips)
    accused = (number, *parts)[place]
    return finding(
        NAME,
        "inconsistent",
        accused,
        tuple(item.id for item in (number, *parts) if item is not accused),
        f"{added}, but the whole is printed as {number.text}{also}",
        computed=str(right[accused.id]) if right[accused.id] >= 0 else "",
        suggestion=slips[place],
    )


def _is(total: int, text: str) -> bool:
    return whole(text) == total


def _with_missing(paper: Paper, entry: Count | Mean) -> Iterator[Finding]:
    """Hold a printed number of patients with a value against the size and the declared rest."""
    field = "of" if isinstance(entry, Count) else "n"
    number = next((n for n in paper.numbers_of(entry) if n.field == field), None)
    size = next((size for size in paper.size if size.group == entry.group), None)
    missing = next(
        (m for m in paper.missing if (m.variable, m.group) == (entry.variable, entry.group)), None
    )
    if number is None or size is None or missing is None:
        return
    total = whole(number.text) + whole(missing.n)
    against = (f"{size.id}.n", f"{missing.id}.n")
    added = f"{number.text} with a value + {missing.n} without = {total}"
    if total == whole(size.n):
        yield finding(NAME, "consistent", number, against, f"{added}, as the group has")
        return
    rest = whole(size.n) - whole(missing.n)
    yield finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"{added}, but the group is printed with {size.n}",
        computed=str(rest) if rest >= 0 else "",
        suggestion=healing(number.text, partial(_is, rest)),
    )
