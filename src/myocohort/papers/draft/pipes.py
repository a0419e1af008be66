"""Tables in lines: Markdown's, with "|" between cells, and those with tabs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from myocohort.papers.draft.characters import cell_text
from myocohort.papers.draft.document import Unread
from myocohort.papers.draft.grid import Grid, even

__all__ = ["begins_pipes", "begins_tabs", "read_pipes", "read_tabs"]

_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_CODE = re.compile(r"(?<!\\)(`+)(?!`)(.*?)(?<!`)\1(?!`)")


def split_pipes(line: str) -> list[str]:
    r"""Return the cells of a line; "\|" is a character of its cell, outer pipes are no cells."""
    cells = re.split(r"(?<!\\)\|", line.strip())
    if len(cells) > 1 and not cells[0].strip():
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1].strip() and line.rstrip().endswith("|"):
        cells = cells[:-1]
    return [cell.strip() for cell in cells]


def begins_pipes(lines: Sequence[str], index: int) -> bool:
    """Return whether a Markdown table begins at a line: cells, then a row of dashes."""
    if index + 1 >= len(lines) or "|" not in lines[index] or "|" not in lines[index + 1]:
        return False
    rule = lines[index + 1]
    return bool(_RULE.fullmatch(rule)) and len(split_pipes(rule)) == len(split_pipes(lines[index]))


def read_pipes(
    lines: Sequence[str], index: int, label: str, plain: Callable[[str], str]
) -> tuple[Grid, int | None, int, list[Unread]]:
    """Read the Markdown table that begins at a line.

    Parameters
    ----------
    lines, index
        The lines of the text and the place of the table's first.
    label
        What the table is called, for `Unread`.
    plain
        Takes the markup out of a cell.

    Returns
    -------
    grid, head, end, unread
        The cells, the number of head rows (None where sub-headings may stand in the first
        rows of the body), the first line after the table, what does not fit.
    """
    width = len(split_pipes(lines[index + 1]))
    end = index + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    rows = [
        [cell_text(plain(cell.replace(r"\|", "|"))) for cell in split_pipes(line)]
        for place, line in enumerate(lines[index:end])
        if place != 1 and not _RULE.fullmatch(line)
    ]
    grid, unread = even(rows, width, label)
    merged = bool(grid) and (not all(grid[0][1:]) or len(set(grid[0][1:])) < len(grid[0][1:]))
    return grid, None if merged else 1, end, unread


def begins_tabs(lines: Sequence[str], index: int) -> bool:
    """Return whether a table with tabs begins at a line: two lines that have some."""
    if "\t" not in lines[index]:
        return False
    following = next((line for line in lines[index + 1 :] if line.strip()), "")
    return "\t" in following or lines[index].count("\t") > 1


def read_tabs(
    lines: Sequence[str], index: int, label: str, plain: Callable[[str], str]
) -> tuple[Grid, None, int, list[Unread]]:
    """Read the table with tabs that begins at a line; parameters and result as `read_pipes`."""
    found: list[list[str]] = []
    end = index
    while end < len(lines):
        line = lines[end]
        if "\t" not in line:
            after = next((text for text in lines[end + 1 :] if text.strip()), "")
            names_section = line.strip() and len(line) <= 80 and "\t" in after
            empty = not line.strip() and after.count("\t") == lines[index].count("\t")
            if not (names_section or empty) or line == "\f" or after == "\f":
                break
        if line.strip():
            found.append([cell_text(plain(cell)) for cell in line.split("\t")])
        end += 1
    widths = Counter(len(row) for row in found if len(row) > 1)
    often = max(widths.values())
    width = max(size for size in widths if widths[size] == often)
    grid, unread = even(found, width, label)
    return grid, None, end, unread
