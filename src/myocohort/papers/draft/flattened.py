"""Tables that lost their columns: each row is one line of text, as PDF converters write it.

The values are found from the right. How many there are is what most lines have; a line with
more has a number in its label, a line with fewer is placed only where the look of its values
(whole, one decimal, "0.06 ± 0.03") leaves one way.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from myocohort.papers.draft.aligned import Spans, aligned, aligned_head, column_spans
from myocohort.papers.draft.characters import cell_text
from myocohort.papers.draft.document import Table, Unread
from myocohort.papers.draft.grid import make_table
from myocohort.papers.draft.heads import place_heads
from myocohort.papers.draft.prose import is_note
from myocohort.papers.draft.values import endings, kind

__all__ = ["PAGE", "Flattened", "notes_under", "read_flattened"]

PAGE = "\f"
"""The line that stands where a new page begins."""

_LONGEST_NAME = 80  # characters of a row that names a section
_ONE_BY_ONE = "the cells stand one on a line, so that nobody can say where a row ends"
_UNDIVIDED = "the lines can be divided into values in several ways"
_HEAD_WORDS = re.compile(
    r"(?:^|\s)(?:[Pp](?:[ -]?[Vv]alues?)?|OR|HR|RR|95\s?%\s?CI|SD|SE|IQR|[Mm]ean|[Mm]edian"
    r"|[Gg]roups?|[Tt]otal)\b|\([nN%]\)|\([nN]\s?=|\(%\)|\([0-9]+\)"
)


@dataclass(frozen=True, slots=True)
class Flattened:
    """A table read from lines.

    Parameters
    ----------
    table
        None where the lines hold no table that could be told.
    end
        The index of the first line that no longer belongs to it.
    unread
        Lines that could not be placed.
    """

    table: Table | None
    end: int
    unread: tuple[Unread, ...]


@dataclass(slots=True)
class _Line:
    """A line of the table: a row with values, or a name without."""

    index: int
    text: str
    values: tuple[str, ...] = ()
    label: str = ""
    alone: bool = False  # the line holds values and no label


def read_flattened(
    label: str,
    caption: str,
    lines: Sequence[str],
    start: int,
    stops: Callable[[str], bool],
    raw: Sequence[str] | None = None,
) -> Flattened:
    """Read the table that begins at a line.

    Parameters
    ----------
    label, caption
        "Table 1" and its heading.
    lines
        Lines of the whole text; "" is an empty line, `PAGE` the start of a page.
    start
        The index of the first line after the heading.
    stops
        Whether a line begins something else: another table, a figure, a section.
    raw
        The same lines with the spaces at their beginning, where the places of the columns
        are to be used.
    """
    raw = lines if raw is None else raw
    region = _region(lines, start, stops)
    wide = _columns([lines[index] for index in region])
    if wide == 0:
        return Flattened(None, start, ())
    rows = [index for index in region if _reading(lines[index], wide) is not None]
    if not rows:
        return Flattened(None, region[-1] + 1, (_whole(label, lines, region, _UNDIVIDED),))
    first, last = rows[0], rows[-1]
    last = _with_short_rows(lines, region, last, wide)
    inside = [index for index in region if first <= index <= last]
    above = [index for index in region if index < first]

    while above and _names_section(lines, above, wide):
        inside.insert(0, above.pop())
    spans = column_spans([raw[index] for index in rows], wide)
    body, unread = _body(label, lines, raw, inside, wide, spans)
    head, undivided = place_heads([lines[index] for index in above], 1, wide)
    if undivided or not any(row[0] for row in head):
        body = _absorb_repeated(body)
    rows_found = [line for line in body if line.values]
    if not rows_found:
        return Flattened(None, region[-1] + 1, (_whole(label, lines, region, _UNDIVIDED),))
    if 3 * sum(line.alone for line in rows_found) > len(rows_found):
        return Flattened(None, region[-1] + 1, (_whole(label, lines, region, _ONE_BY_ONE),))
    wide = Counter(len(line.values) for line in body if line.values).most_common(1)[0][0]
    labels, names = _label_columns(body)
    over = [aligned_head(raw[index], spans) for index in above]
    if labels == 1 and len(spans) == wide and over and all(over):
        head, undivided = [row for row in over if row is not None], []
    else:
        head, undivided = place_heads([lines[index] for index in above], labels, wide)
    unread += [
        Unread(f"{label}, heading", text, "it is not clear which words stand over which column")
        for text in undivided
    ]
    grid = head + [
        [*name, *(map(cell_text, line.values) if line.values else [""] * wide)]
        for name, line in zip(names, body, strict=True)
    ]
    notes, end = notes_under(lines, last + 1, stops)
    return Flattened(make_table(label, caption, grid, len(head), notes), end, tuple(unread))


def _whole(label: str, lines: Sequence[str], region: Sequence[int], why: str) -> Unread:
    return Unread(label, " | ".join(" ".join(lines[index].split()) for index in region), why)


def _counts(text: str) -> list[int]:
    return [len(values) for _, values in endings(" ".join(text.split()))]


def _reading(text: str, wide: int) -> tuple[str, tuple[str, ...]] | None:
    """Return the one way to read a line with so many values; None where none or several."""
    found = [reading for reading in endings(" ".join(text.split())) if len(reading[1]) == wide]
    return found[0] if len(found) == 1 else None


def _region(lines: Sequence[str], start: int, stops: Callable[[str], bool]) -> list[int]:
    """Return the indices of the lines that may belong to the table: up to the first prose."""
    region: list[int] = []
    index = start
    begun = False
    while index < len(lines):
        if lines[index] == PAGE:
            following = next((line for line in lines[index + 1 :] if line not in ("", PAGE)), "")
            if not begun or stops(following) or len(_counts(following)) < 2:
                break
        if lines[index] in ("", PAGE):
            index += 1
            continue
        block = list(
            itertools.takewhile(
                lambda place: lines[place] not in ("", PAGE), range(index, len(lines))
            )
        )
        block = list(itertools.takewhile(lambda place: not stops(lines[place]), block))
        if not block:
            break
        with_values = [place for place in block if _counts(lines[place])]
        if len(block) > 2 and 2 * len(with_values) < len(block):
            # Rows may run on into text without an empty line: keep the rows of its beginning.
            if len(with_values) >= 2 and with_values[0] - block[0] <= 3:
                region += block[: with_values[-1] - block[0] + 1]
            break
        if not with_values and len(lines[block[0]]) > 2 * _LONGEST_NAME:
            break
        if not with_values and begun and not _may_name(lines[block[0]]):
            break
        begun = begun or bool(with_values)
        region += block
        index = block[-1] + 1
        if index < len(lines) and lines[index] not in ("", PAGE):
            break  # `stops` cut the block
    return region


def _may_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and not re.search(r"[.!?;]$", text) and not is_note(text)


def _columns(lines: Sequence[str]) -> int:
    """Return how many values most of the lines end in; 0 where there are no rows."""
    most = [max(counts) for counts in map(_counts, lines) if counts]
    if not most:
        return 0
    often = Counter(most)
    best = max(often.values())
    wide = max(count for count in often if often[count] == best)
    return wide if wide > 1 or often[1] > 1 else 0


def _with_short_rows(lines: Sequence[str], region: Sequence[int], last: int, wide: int) -> int:
    """Return the last row's index, counting rows with fewer values right under the full ones."""
    for index in region:
        if index > last:
            if not any(count > 1 or wide <= 2 for count in _counts(lines[index])):
                break
            last = index
    return last


def _names_section(lines: Sequence[str], above: Sequence[int], wide: int) -> bool:
    """Return whether the last line above the rows names their section and is no heading."""
    text = " ".join(lines[above[-1]].split())
    if len(above) < 2 or _HEAD_WORDS.search(text) or not _may_name(text):
        return False
    head, undivided = place_heads([lines[above[-1]]], 1, wide)
    return bool(undivided) or not head


def _body(
    label: str,
    lines: Sequence[str],
    raw: Sequence[str],
    inside: Sequence[int],
    wide: int,
    spans: Spans,
) -> tuple[list[_Line], list[Unread]]:
    """Return the rows, labels that run over two lines put together."""
    body: list[_Line] = []
    unread: list[Unread] = []
    readings = [_reading(lines[index], wide) for index in inside]
    looks = _looks(readings, wide)
    labelled = _looks([reading for reading in readings if reading and reading[0]], wide)
    for index in inside:
        text = " ".join(lines[index].split())
        reading = _reading(text, wide)
        if reading is None:
            placed = aligned(raw[index], spans) or _placed(text, looks, wide)
            if placed is None and not _counts(text):
                body.append(_Line(index, text, (), text))
                continue
            if placed is None:
                why = f"the line can not be divided into the {wide} values of the other rows"
                unread.append(Unread(label, text, why))
                continue
            reading = placed
        name, values = reading
        named_above = bool(body) and not body[-1].values and body[-1].index >= index - 2
        if not name and not named_above and not _fits(values, labelled):
            placed = aligned(raw[index], spans) or _placed(text, labelled, wide)
            if placed is None:
                why = "it is not clear whether the first value is a label"
                unread.append(Unread(label, text, why))
                continue
            name, values = placed
        alone = not name
        before = body[-1] if body else None
        if before is not None and not before.values and before.index in (index - 1, index - 2):
            next_to = before.index == index - 1
            if not name or (next_to and re.match(r"[a-z(]", name)):
                name = f"{before.label} {name}".strip()
                body.pop()
        body.append(_Line(index, text, values, name, alone))
    return body, unread


def _looks(
    readings: Sequence[tuple[str, tuple[str, ...]] | None], wide: int
) -> list[frozenset[str]]:
    full = [reading[1] for reading in readings if reading is not None]
    return [frozenset(kind(values[place]) for values in full) - {""} for place in range(wide)]


def _fits(values: Sequence[str], looks: Sequence[frozenset[str]]) -> bool:
    return all(kind(value) in {"", *look} for value, look in zip(values, looks, strict=True))


def _placed(
    text: str, looks: Sequence[frozenset[str]], wide: int
) -> tuple[str, tuple[str, ...]] | None:
    """Place a row with fewer values where the look of its values allows one way only."""
    if wide > 14:
        return None
    ways = _ways(text, looks, wide, kind) or _ways(
        text, [frozenset(map(_joined, look)) for look in looks], wide, lambda t: _joined(kind(t))
    )
    if len(ways) != 1:
        return None
    name, values, columns = ways[0]
    cells = [""] * wide
    for value, at in zip(values, columns, strict=True):
        cells[at] = value
    return name, tuple(cells)


def _ways(
    text: str, looks: Sequence[frozenset[str]], wide: int, look: Callable[[str], str]
) -> list[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    """Return the ways to put fewer values into columns that have values of their look."""
    ways = []
    longest = max((len(values) for name, values in endings(text) if name), default=0)
    if longest >= wide:
        return []
    for name, values in endings(text):
        if len(values) != longest or not name:
            continue
        for columns in itertools.combinations(range(wide), len(values)):
            fits = (look(value) in looks[at] for value, at in zip(values, columns, strict=True))
            if all(fits):
                ways.append((name, values, columns))
    return ways


def _joined(look: str) -> str:
    """Return a look without its decimals: what joins the numbers alone."""
    return re.sub(r"\.[0-9]+", "0", look)


def _absorb_repeated(body: list[_Line]) -> list[_Line]:
    """Give a number back to the labels where all are the same without it ("Month 3")."""
    rows = [line for line in body if line.values]
    same = {line.label for line in rows}
    if len(rows) < 3 or len(same) > 1 or "" in same or len(rows[0].values) < 2:
        return body
    if len({line.values[0] for line in rows}) < len(rows):
        return body
    for line in rows:
        line.label = f"{line.label} {line.values[0]}"
        line.values = line.values[1:]
    return body


def _label_columns(body: Sequence[_Line]) -> tuple[int, list[tuple[str, ...]]]:
    """Return how many columns of labels there are, and each row's labels.

    There are two where some rows consist of a step alone ("6 months") and the others end in
    such a step ("Fatty infiltration 3 months"): the first column then holds for the rows below.
    """
    rows = [line.label for line in body if line.values]
    names = [line.label for line in body]
    steps = {_shape(name) for name in rows if "0" in _shape(name) and len(name.split()) <= 3}
    steps = {_shape(name) for name in rows if _shape(name) in steps and not _step_at(name, steps)}
    divided: list[tuple[str, str]] = []
    for line in body:
        if not line.values:
            divided.append((line.label, ""))
            continue
        cut = _step_at(line.label, steps)
        if cut is None:
            return 1, [(name,) for name in names]
        divided.append((line.label[:cut].strip(), line.label[cut:].strip()))
    firsts = [first for (first, _), line in zip(divided, body, strict=True) if line.values]
    if not steps or not firsts or not firsts[0] or all(firsts) or not any(firsts):
        return 1, [(name,) for name in names]
    above = ""
    filled: list[tuple[str, ...]] = []
    for first, second in divided:
        above = first or above
        filled.append((above, second))
    return 2, filled


def _shape(text: str) -> str:
    return re.sub(r"[0-9]+(?:\.[0-9]+)?", "0", re.sub(r"\s", "", text)).lower().removesuffix("s")


def _step_at(label: str, steps: set[str]) -> int | None:
    """Return where the step at the end of a label begins; the shortest step wins."""
    places = [0, *[match.end() for match in re.finditer(r"\s", label)]]
    return next((place for place in reversed(places) if _shape(label[place:]) in steps), None)


def notes_under(
    lines: Sequence[str], start: int, stops: Callable[[str], bool]
) -> tuple[list[str], int]:
    """Return the notes under a table and the index of the first line after them."""
    notes: list[str] = []
    index = start
    end = start
    while index < len(lines):
        text = " ".join(lines[index].split())
        if lines[index] == PAGE:
            break
        if not text:
            index += 1
            continue
        follows = index == end and bool(notes)  # on the next line, without an empty one between
        if stops(text):
            break
        if is_note(text):
            notes.append(text)
        elif follows and (re.match(r"[a-z(]", text) or notes[-1].endswith((",", ";", "-"))):
            notes[-1] += " " + text
        else:
            break
        index += 1
        end = index
    return notes, end
