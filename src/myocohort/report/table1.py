"""Table 1 as a journal prints it: one line an indicator, two columns a group, p and test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import differs
from myocohort.report.notes import Notes
from myocohort.report.rounding import (
    MISSING,
    Number,
    decimals_for,
    fixed_text,
    p_text,
    percent_text,
    plain_text,
)

Row = Mapping[str, Any]
Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of the table.

    Parameters
    ----------
    text
        The number as printed.
    small
        A second, smaller line.
    reason
        Why a dash stands there.
    span
        Columns it takes.
    """

    text: str
    small: str = ""
    reason: str = ""
    span: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Parameters
    ----------
    label, unit, small
        The indicator, its unit, and a remark under it.
    level
        1 for the level of a category, which stands indented under its indicator.
    cells
        For the groups and the total, from left to right.
    p, marks
        The p value as printed, and the letters of its notes; empty for a level.
    printed, differs
        The p value of the publication, and whether the computed one differs from it.
    provenance
        How far the publication determines the records of this line; "" for real ones.
    variable
        Name of the variable, by which the line is found again.
    """

    label: str
    cells: tuple[Cell, ...]
    unit: str = ""
    small: str = ""
    level: int = 0
    p: str = ""
    marks: tuple[str, ...] = ()
    printed: str = ""
    differs: bool = False
    provenance: str = ""
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect size; the label and the reason stand on the first of an indicator only."""

    label: str
    reason: str
    name: str
    estimate: str
    interval: str
    p: str
    method: str


@dataclass(frozen=True, slots=True)
class TableView:
    """A table ready to be printed; its rounding is done.

    Parameters
    ----------
    identity, title
        Id for links, and caption.
    groups
        Label and n of each column pair before the total; none where nothing is compared.
    n
        Patients of the table; None where older results do not say.
    sections
        Heading and lines.
    notes
        Letter and text of each footnote.
    remarks
        Notes without a letter.
    effects
        Effect sizes of the first group against the second.
    has_tests, has_printed, has_provenance, has_numbers
        Whether those columns and legends are needed.
    only_numbers
        Whether no indicator is counted, so that there is no count and no percentage.
    empty_groups
        Labels of the groups that nobody is in.
    """

    identity: str
    title: str
    groups: tuple[tuple[str, int], ...]
    n: int | None
    sections: tuple[tuple[str, tuple[Line, ...]], ...]
    notes: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    effects: tuple[Effect, ...]
    has_tests: bool
    has_printed: bool
    has_provenance: bool
    has_numbers: bool
    only_numbers: bool
    empty_groups: tuple[str, ...]


def table_view(table: Mapping[str, Any]) -> TableView:
    """Lay out one entry of `tables` in results.json.

    Parameters
    ----------
    table
        With groups, sections and rows.
    """
    notes = Notes()
    codes = [group["code"] for group in table["groups"]]
    sections = tuple(
        (section["heading"], tuple(_lines(section["rows"], codes, notes)))
        for section in table["sections"]
    )
    rows = [row for section in table["sections"] for row in section["rows"]]
    groups = tuple((group["label"], group["n"]) for group in table["groups"])
    return TableView(
        identity=str(table["id"]),
        title=table["title"],
        groups=groups,
        n=table.get("n"),
        sections=sections,
        notes=notes.listed,
        remarks=tuple(table.get("notes") or ()),
        effects=tuple(_effects(rows)) if len(groups) == 2 else (),
        has_tests=bool(groups),
        has_printed=any(row.get("printed_p") for row in rows),
        has_provenance=any(row.get("provenance") for row in rows),
        has_numbers=any(row["kind"] == "number" for row in rows),
        only_numbers=bool(rows) and all(row["kind"] == "number" for row in rows),
        empty_groups=tuple(label for label, n in groups if n == 0),
    )


def _effects(rows: Iterable[Row]) -> Iterable[Effect]:
    for row in rows:
        for place, effect in enumerate(row.get("effects") or ()):
            interval = effect["interval"]
            limits = (
                MISSING
                if interval is None
                else f"{fixed_text(interval['low'], 2)} to {fixed_text(interval['high'], 2)}"
            )
            yield Effect(
                label=row["label"] if place == 0 else "",
                reason=(row.get("reason") or "") if place == 0 else "",
                name=effect["estimate_name"] or effect["method"],
                estimate=fixed_text(effect["estimate"], 2),
                interval=limits,
                p=MISSING if effect["p"] is None else p_text(effect["p"]),
                method=(interval or {}).get("method") or effect["method"],
            )


def _lines(rows: Iterable[Row], codes: list[str], notes: Notes) -> Iterable[Line]:
    for row in rows:
        summaries = [(row.get("counts") or {}).get(code) for code in codes] + [row.get("total")]
        if row["kind"] == "number":
            decimals = decimals_for(
                value
                for summary in summaries
                if summary
                for value in (summary.get("mean"), summary.get("sd"))
            )
            cells = [_number_cell(summary, decimals) for summary in summaries]
        elif row["kind"] == "category":
            cells = [_known_cell(summary) for summary in summaries]
        else:
            cells = [cell for summary in summaries for cell in _share_cells(summary)]
        yield _first_line(row, tuple(cells), notes, tested=bool(codes))
        if row["kind"] == "category":
            yield from _levels(summaries, row["variable"])


def _first_line(row: Row, cells: tuple[Cell, ...], notes: Notes, *, tested: bool) -> Line:
    p = row.get("p")
    texts = [row.get("test") or "", *(row.get("warnings") or ())]
    if tested and p is None and not row.get("warnings"):
        texts.append("No p value was computed; no reason is recorded.")
    printed = row.get("printed_p") or ""
    missing = row.get("n_missing") or 0
    return Line(
        label=row["label"],
        cells=cells,
        unit=row.get("unit") or "",
        small=f"{missing} missing" if missing else "",
        p=p_text(p) if tested else "",
        marks=notes.mark(texts),
        printed=printed,
        differs=bool(printed) and differs(printed, p),
        provenance=row.get("provenance") or "",
        variable=row["variable"],
    )


def _levels(summaries: list[Summary | None], variable: str) -> Iterable[Line]:
    """Yield a line for each level that any group has, in the order of first appearance."""
    labels: dict[str, str] = {}
    for summary in reversed(summaries):  # the total knows all levels
        for level in (summary or {}).get("levels") or ():
            labels.setdefault(level["code"], level["label"])
    for code, label in labels.items():
        cells = []
        for summary in summaries:
            levels = {level["code"]: level for level in (summary or {}).get("levels") or ()}
            of = (summary or {}).get("of") or 0
            cells += _count_cells(levels.get(code, {"n": 0, "percent": 0 if of else None}), of, 0)
        yield Line(label=label, cells=tuple(cells), level=1, variable=variable)


def _share_cells(summary: Summary | None) -> list[Cell]:
    if summary is None:
        return [Cell(MISSING, reason="not computed")] * 2
    return _count_cells(summary, summary["of"], summary.get("missing") or 0)


def _count_cells(count: Mapping[str, Any], of: int, missing: int) -> list[Cell]:
    """Return count and percentage; the count with its denominator when some are missing."""
    if not of:
        return [Cell(MISSING, reason="no patient of this group has a value")] * 2
    text = f"{count['n']}/{of}" if missing else str(count["n"])
    percent = count.get("percent")
    reason = "" if percent is not None else "not computed"
    return [Cell(text), Cell(percent_text(percent), reason=reason)]


def _known_cell(summary: Summary | None) -> Cell:
    """Return the cell beside a category's name: how many have a value, if not all do."""
    if summary is None:
        return Cell(MISSING, reason="not computed", span=2)
    if summary.get("missing"):
        return Cell("", small=f"n = {summary['of']}", span=2)
    return Cell("", span=2)


def _number_cell(summary: Summary | None, decimals: int) -> Cell:
    if summary is None:
        return Cell(MISSING, reason="not computed", span=2)
    if not summary["n"]:
        return Cell(MISSING, reason="no patient of this group has a value", span=2)
    sd = summary.get("sd")
    small = _quartiles(summary, decimals)
    if summary.get("missing"):
        small = f"{small}; n = {summary['n']}" if small else f"n = {summary['n']}"
    return Cell(
        f"{fixed_text(summary.get('mean'), decimals)} ± {fixed_text(sd, decimals)}",
        small=small,
        reason="" if sd is not None else "the SD of fewer than two values does not exist",
        span=2,
    )


def _quartiles(summary: Summary, decimals: int) -> str:
    """Return median and quartiles, with one decimal more than none for halves."""
    values: list[Number] = [summary.get(name) for name in ("median", "q1", "q3")]
    if values[0] is None:
        return ""
    median, q1, q3 = (plain_text(value, max(decimals, 1)) for value in values)
    return f"{median} ({q1}–{q3})"
