"""Those with an outcome against those without one, as it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.rounding import MISSING, fixed_text
from myocohort.report.table1 import Cell, Line, TableView, table_view


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line of the lost against the classified; a cell a group."""

    label: str
    level: int
    small: str
    cells: tuple[str, ...]
    p: str
    marks: tuple[str, ...]
    distance: str
    provenance: str


@dataclass(frozen=True, slots=True)
class ComparedView:
    """The lost against the classified."""

    left_out: str
    groups: tuple[tuple[str, int], ...]
    lines: tuple[ComparedLine, ...]
    notes: tuple[tuple[str, str], ...]
    has_provenance: bool
    caution: str = (
        "A large p does not show that those who were lost were like the others: few were compared. "
        "The p values are not adjusted for the number of lines."
    )


NO_COMPARISON = ComparedView("there is none.", (), (), (), False)


def compared_view(followed: Mapping[str, Any]) -> ComparedView:
    """Lay out `robustness.followed` of results.json; its tests are printed as Table 1's are."""
    groups = tuple((group["label"], group["n"]) for group in followed["groups"])
    if followed["left_out"]:
        return ComparedView(followed["left_out"], groups, (), (), False)
    distances = {row["variable"]: row["standardised_difference"] for row in followed["rows"]}
    view: TableView = table_view(
        {
            "id": "lost",
            "title": "",
            "groups": followed["groups"],
            "sections": [{"heading": "", "rows": followed["rows"]}],
        }
    )
    lines = tuple(
        _compared_line(line, len(groups), distances) for _, of in view.sections for line in of
    )
    return ComparedView("", groups, lines, view.notes, view.has_provenance)


def _compared_line(
    line: Line, groups: int, distances: Mapping[str, Mapping[str, Any] | None]
) -> ComparedLine:
    distance = ""
    if not line.level:
        distance = _distance_text(distances[line.variable])
    return ComparedLine(
        f"{line.label}, {line.unit}" if line.unit else line.label,
        line.level,
        line.small,
        tuple(_texts(line.cells))[:groups],
        line.p,
        line.marks,
        distance,
        line.provenance,
    )


def _distance_text(found: Mapping[str, Any] | None) -> str:
    """Print a standardised difference with its limits: of few lost patients they are wide."""
    if not found:
        return MISSING
    text, interval = fixed_text(found["estimate"], 2), found["interval"]
    if not interval:
        return text
    return f"{text} ({fixed_text(interval['low'], 2)} to {fixed_text(interval['high'], 2)})"


def _texts(cells: Sequence[Cell]) -> Iterable[str]:
    """Join count and percentage, and a mean with its second line, to one text a group."""
    waiting: str | None = None
    for cell in cells:
        if cell.span == 2:
            yield (
                f"{cell.text}; {cell.small}"
                if cell.text and cell.small
                else (cell.text or cell.small)
            )
        elif waiting is None:
            waiting = cell.text
        else:
            yield waiting if cell.text == MISSING else f"{waiting} ({cell.text})"
            waiting = None
