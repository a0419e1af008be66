"""How many patients a printed summary can rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from myocohort.papers.entries import Mean
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import whole


def patients_behind(paper: Paper, mean: Mean) -> range | None:
    """Return the numbers of patients that a printed mean can rest on.

    One number where `n` stands beside the mean; otherwise as `patients_with`.
    """
    if mean.n is not None:
        n = whole(mean.n)
        return range(n, n + 1)
    return patients_with(paper, mean.variable, mean.group)


def patients_with(paper: Paper, variable: str, group: str) -> range | None:
    """Return how many patients of a group can have a value of a variable.

    One number where the paper prints it or declares the missing values, or where the group is
    defined as those who have the value; failing that, the sum over parts of which one has such
    a number. Where the paper says of every variable who lacks a value, a group of which
    nothing is said lacks none, unless numbers are printed beside the values of other groups.
    Otherwise anything from 1 to the size of the group: nothing rules out that patients without
    a value are passed over. None where the paper prints no size.
    """
    return _patients_with(paper, variable, group, ())


def _patients_with(paper: Paper, variable: str, group: str, above: tuple[str, ...]) -> range | None:
    most = paper.having(variable, group)
    if _declared(paper, variable, group):
        return None if most is None else range(most, most + 1)
    for partition in paper.partitions:
        if partition.whole != group or group in above:
            continue
        if any(_declared(paper, variable, part) for part in partition.parts):
            parts = [
                _patients_with(paper, variable, part, (*above, group)) for part in partition.parts
            ]
            known = [part for part in parts if part]
            if len(known) == len(parts):
                high = sum(part[-1] for part in known)
                high = high if most is None else min(high, most)
                return range(min(sum(part[0] for part in known), high), high + 1)
    if most is None:
        return None
    if paper.missing_declared and not _numbers_beside(paper, variable):
        return range(max(most - max(_left_over(paper, variable, group), 0), 0), most + 1)
    return range(min(1, most), most + 1)


def _declared(paper: Paper, variable: str, group: str) -> bool:
    """Return whether the paper says how many of this very group have a value."""
    pair = (variable, group)
    known = paper.patients
    return paper.groups[group].has == variable or pair in known.missing or pair in known.beside


def _numbers_beside(paper: Paper, variable: str) -> bool:
    """Return whether numbers of patients are printed beside values of a variable."""
    return any(name == variable for name, _ in paper.patients.beside)


def _left_over(paper: Paper, variable: str, group: str) -> int:
    """Return how many of a group may lack a value: those of its whole, less those of parts.

    0 where nothing is declared of a whole either.
    """
    return max(
        (
            paper.missing_of(variable, partition.whole)
            - sum(paper.missing_of(variable, part) for part in partition.parts)
            for partition in paper.partitions
            if group in partition.parts
        ),
        default=0,
    )


def numbers_behind(paper: Paper, variable: str, group: str) -> tuple[str, ...]:
    """Return the ids of the printed numbers that say how many of a group have a value.

    That beside a count or a mean; otherwise the size of the group and the declared missing.
    """
    known, pair = paper.patients, (variable, group)
    if pair in known.beside:
        return (known.beside[pair][0],)
    found = (known.sizes.get(group), known.missing.get(pair))
    return tuple(number[0] for number in found if number is not None)


def with_fewer(numbers: Sequence[range]) -> Iterator[tuple[int, ...]]:
    """Yield how many patients of each group have a value, if some who could have one lack it.

    Those with the fewest missing come first; that nobody lacks a value is left out.

    Parameters
    ----------
    numbers
        What is possible in each group, as `patients_with` returns it.
    """
    for missing in nearest_first([len(possible) for possible in numbers]):
        if any(missing):
            yield tuple(n[-1] - less for n, less in zip(numbers, missing, strict=True))


def nearest_first(lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of one place in each of some lists, those with the smallest sum first."""
    for total in range(sum(lengths) - len(lengths) + 1):
        yield from _places(total, lengths)


def _places(total: int, lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not lengths:
        if total == 0:
            yield ()
        return
    rest = sum(lengths[1:]) - len(lengths[1:])
    for first in range(max(0, total - rest), min(total, lengths[0] - 1) + 1):
        for others in _places(total - first, lengths[1:]):
            yield (first, *others)


def several(numbers: list[int], most: int = 3) -> str:
    """Write the first of some numbers: "26", "26 or 25", "26, 25, 24 or fewer"."""
    shown = [str(number) for number in numbers[:most]]
    if len(numbers) > most:
        return f"{', '.join(shown)} or other numbers"
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _size_with_parts(paper: Paper, group: str) -> int | None:
    """Return the size of a group, or the sum of the sizes of its parts; None without both."""
    size = paper.group_size(group)
    for partition in paper.partitions:
        if size is None and partition.whole == group:
            parts = [paper.group_size(part) for part in partition.parts]
            known = [part for part in parts if part is not None]
            size = sum(known) if len(known) == len(parts) else None
    return size


def pairs_with(paper: Paper, x: str, y: str, group: str) -> range | None:
    """Return how many patients of a group can have values of both of two variables.

    At least as many as cannot lack either, where the size of the group or of all its parts is
    printed; None where the paper prints no number.
    """
    first, second = patients_with(paper, x, group), patients_with(paper, y, group)
    if not first or not second:
        return None
    most = min(first[-1], second[-1])
    size = _size_with_parts(paper, group)
    least = 1 if size is None else first[0] + second[0] - size
    return range(max(least, min(1, most)), most + 1)
