"""Headings of a table whose lines were run together: which words stand over which column."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

__all__ = ["place_heads"]

_BRACKET = r"\s?[(\[][^()\[\]]*[)\]]"
_ATOM = re.compile(
    rf"(?:95\s?%\s?(?:CI|confidence intervals?)|[Pp][ -]?[Vv]alues?|(?:[Oo]dds|[Hh]azards?|[Rr]isk)"
    rf" [Rr]atios?|[Ss]tandard (?:[Ee]rror|[Dd]eviation)|[Cc]onfidence [Ii]ntervals?"
    rf"|\S+\s?±\s?\S+|[^\s(\[]+)(?:{_BRACKET})*|{_BRACKET}|\S+"
)
_SIZE = re.compile(r"[(\[]\s?(?:[nN]\s?=\s?)?[0-9][0-9,]*(?:\s?[A-Za-z]+)?\s?[)\]][*†‡§a-z]?$")
_SINGLE = re.compile(
    r"(?:[Pp](?:[ -]?[Vv]alues?)?|OR|HR|RR|aOR|95\s?%\s?CI|χ2|χ²|[tFzZU]|SE|SD|[Tt]otal|[Oo]verall)"
    rf"(?:{_BRACKET})?[*†‡§]?"
)
_GROUP = re.compile(r"(?:groups?|arm|cohort)(?:\s?[(\[].*)?$", re.IGNORECASE)


def place_heads(
    lines: Sequence[str], labels: int, values: int
) -> tuple[list[list[str]], list[str]]:
    """Return the head rows of a table, and the lines that could not be divided.

    Parameters
    ----------
    lines
        The lines over the first row; runs of spaces are kept, as they divide columns.
    labels, values
        How many columns of labels and of values the table has.

    Returns
    -------
    head, undivided
        A line that cannot be divided without doubt stands as a whole in the first cell of its
        row, and in `undivided`.
    """
    spans = [_divide(line, labels, values) for line in lines]
    repeats = {span: True for span in (_repetition(line) for line in lines) if span}
    head: list[list[str]] = []
    undivided: list[str] = []
    for line, divided in zip(lines, spans, strict=True):
        row = None
        if divided is not None:
            row = _spread(*divided, labels, values, tuple(repeats))
        if row is None:
            unit = _repetition(line)
            if unit is not None:
                row = _under(unit, head, labels, values)
        if row is None:
            undivided.append(" ".join(line.split()))
            row = [undivided[-1], *[""] * (labels + values - 1)]
        head.append(row)
    return _over_repeated(head, undivided, labels)


def _over_repeated(
    head: list[list[str]], undivided: list[str], labels: int
) -> tuple[list[list[str]], list[str]]:
    """Divide names over headings that repeat ("OR P OR P") or that are sizes ("(n=13)")."""
    for row, below in itertools.pairwise(head):
        if row[0] not in undivided or any(row[1:]) or below[0] in undivided:
            continue
        names, values = _capitals(_atoms(row[0])), below[labels:]
        sized = [place for place, text in enumerate(values) if _SIZE.fullmatch(text)]
        if len(sized) != len(names):
            sized = []
            runs = [
                size
                for size in range(2, len(values) // 2 + 1)
                if values == values[:size] * (len(values) // size)
                and len(values) == size * len(names)
            ]
            if not runs or len(names) < 2:
                continue
            places = {place: names[place // runs[0]] for place in range(len(values))}
        else:
            places = dict(zip(sized, names, strict=True))
        undivided = [text for text in undivided if text != row[0]]
        row[:] = [""] * labels + [places.get(place, "") for place in range(len(values))]
    return head, undivided


def _atoms(line: str) -> list[str]:
    return [" ".join(found.split()) for found in _ATOM.findall(line)]


def _repetition(line: str) -> tuple[str, ...] | None:
    """Return the unit that a line repeats: "Total(n) Proportion(%)" twice; None where none."""
    atoms = _atoms(line)
    for size in range(1, len(atoms) // 2 + 1):
        times, rest = divmod(len(atoms), size)
        if not rest and atoms == atoms[:size] * times and size > 1:
            return (*atoms[:size], *[""] * 0)
    return None


def _under(
    unit: tuple[str, ...], head: Sequence[Sequence[str]], labels: int, values: int
) -> list[str] | None:
    """Place a repeated unit under the headings that were spread over as many columns."""
    if not head:
        return None
    above = list(head[-1])
    row = [""] * labels
    place = labels
    while place < labels + values:
        run = 1
        while place + run < len(above) and above[place + run] == above[place]:
            run += 1
        if run == len(unit):
            row += unit
        elif run == 1:
            row.append("")
        else:
            return None
        place += run
    return row


def _divide(line: str, labels: int, values: int) -> tuple[list[str], list[str], list[str]] | None:
    """Return a line's label headings, group headings and single headings; None when in doubt."""
    spaced = re.split(r" {2,}", line.strip())
    if len(spaced) == labels + values:
        return spaced[:labels], [], spaced[labels:]
    if len(spaced) == values and values > 1:
        return [""] * labels, [], spaced
    atoms = _atoms(line)
    if _repetition(line) is not None:
        return None
    singles: list[str] = []
    while atoms and _SINGLE.fullmatch(atoms[-1]):
        singles.insert(0, atoms.pop())
    if len(spaced) > 1 and len(spaced) - len(singles) in range(1, values):
        groups = spaced[: len(spaced) - len(singles)]
        return [""] * labels, groups, singles
    phrases = _phrases(atoms)
    if phrases is not None:
        label, groups = phrases
        return _labels(label, labels), groups, singles
    everything = atoms + singles
    if len(everything) == labels + values:
        return everything[:labels], [], everything[labels:]
    if len(everything) == values and (len(singles) or values > 1):
        return [""] * labels, [], everything
    starts = _capitals(atoms) + singles
    if len(starts) == labels + values:
        return starts[:labels], [], starts[labels:]
    if len(singles) == values:
        return _labels(atoms, labels), [], singles
    return None


def _capitals(atoms: Sequence[str]) -> list[str]:
    """Join words so that every phrase begins with a capital or a digit."""
    phrases: list[str] = []
    for atom in atoms:
        if phrases and not re.match(r"[A-Z0-9%]|[a-z]+[A-Z]", atom):
            phrases[-1] += " " + atom
        else:
            phrases.append(atom)
    return phrases


def _phrases(atoms: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """Return the words before the first group's name, and the groups' names with their sizes."""
    ends = [index for index, atom in enumerate(atoms) if _SIZE.search(atom)]
    if len(ends) < 2:
        ends = [index for index, atom in enumerate(atoms) if _GROUP.search(atom)]
    if len(ends) < 2 or ends[-1] != len(atoms) - 1:
        return None
    starts = [0, *[end + 1 for end in ends[:-1]]]
    parts = [list(atoms[start : end + 1]) for start, end in zip(starts, ends, strict=True)]
    first = parts[0]
    last_words = {re.sub(r"\s?[(\[].*", "", part[-1]).lower() for part in parts}
    lengths = {len(part) for part in parts[1:]}
    capital = max((i for i, word in enumerate(first) if re.match("[A-Z]", word)), default=None)
    cut = capital
    if len(last_words) == 1 and len(lengths) == 1 and len(first) >= min(lengths):
        cut = len(first) - min(lengths)
        if capital is not None and not re.match("[A-Z0-9]", first[cut]):
            return None
    if cut is None:
        if len(first) > 1:
            return None
        cut = 0
    return first[:cut], [" ".join(first[cut:]), *[" ".join(part) for part in parts[1:]]]


def _labels(words: Sequence[str], labels: int) -> list[str]:
    phrases = _capitals(words)
    if len(phrases) == labels:
        return phrases
    return [" ".join(words), *[""] * (labels - 1)]


def _spread(
    label: list[str],
    groups: list[str],
    singles: list[str],
    labels: int,
    values: int,
    repeated: tuple[tuple[str, ...], ...],
) -> list[str] | None:
    """Give every group as many columns as there are, where that comes out even."""
    if not groups:
        return [*label, *singles] if len(singles) == values else None
    each, rest = divmod(values - len(singles), len(groups))
    if rest or each < 1:
        return None
    if each > 1 and repeated and all(len(unit) != each for unit in repeated):
        return None
    return [*label, *[group for group in groups for _ in range(each)], *singles]
