"""The rows of a table: sections, variables and the levels of a variable."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from myocohort.papers.draft.understanding.cells import Cell, read_cell
from myocohort.papers.draft.understanding.columns import Column
from myocohort.papers.draft.understanding.labels import (
    Hint,
    carried,
    only_time,
    read_label,
    says_missing,
    slug,
    time_at_end,
    without_unit,
)
from myocohort.papers.draft.understanding.tokens import normalised

RowKind = Literal["section", "head", "variable", "level", "statistic", "missing"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table and what it is about.

    Parameters
    ----------
    index
        From the top, from 0.
    label
        The cells that name it, joined by commas, carried-down ones written out.
    cells
        Column -> cell, without the label columns.
    indent
        Spaces before the label.
    first
        The first of several label cells, written out; "" with a single label column.
    kind
        "section": only a name. "head": a variable whose levels follow. "statistic": a row
        such as "Median (IQR)" under its variable.
    section
        The section that it stands in.
    variable, name
        Label and key of the variable.
    level
        Which level of it the row counts; "" where the variable is a yes/no or a number.
    hint
        What labels say about the cells.
    """

    index: int
    label: str
    cells: Mapping[int, Cell]
    indent: int
    first: str = ""
    kind: RowKind = "variable"
    section: str = ""
    variable: str = ""
    name: str = ""
    level: str = ""
    hint: Hint = ""
    p: str = field(default="", compare=False)


def rows_of(
    rows: Sequence[Sequence[str]], columns: Sequence[Column], sizes: Mapping[int, int | None]
) -> tuple[Row, ...]:
    """Say what each row is about.

    Parameters
    ----------
    rows
        The grid without its head.
    columns
        What the columns hold.
    sizes
        Column -> the size of its group, for the columns of groups.
    """
    labelled = _with_labels(rows, columns)
    return _with_names(_with_kinds(labelled, columns, sizes))


def _with_labels(rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> list[Row]:
    width = sum(column.role == "label" for column in columns)
    p_columns = [column.index for column in columns if column.role == "p"]
    result = []
    above = [""] * width
    in_place_of = ("", "")
    for index, cells in enumerate(rows):
        own = [re.sub(r"\s+", " ", cell).strip() for cell in cells[:width]]
        values = {column.index: read_cell(cells[column.index]) for column in columns[width:]}
        repeated = len(set(cells)) == 1 and len(cells) > 1
        empty = repeated or all(cell.shape == "blank" for cell in values.values())
        if repeated:
            values = {place: Cell("blank") for place in values}
            own = [own[0]] + [""] * (width - 1)
        if not empty and width > 1:
            for place in range(width - 1):
                if (
                    not own[place]
                    and above[place]
                    and own[place + 1 :] != [""] * (width - 1 - place)
                ):
                    own[place] = above[place]
        above = own
        if width > 1 and not empty:
            own, in_place_of = _carried_cells(own, in_place_of)
        text = ", ".join(dict.fromkeys(part for part in own if part))
        plain = normalised(cells[0])
        result.append(
            Row(
                index,
                text,
                values,
                len(plain) - len(plain.lstrip()),
                own[0] if width > 1 else "",
                "section" if empty else "variable",
                p=next((cells[i].strip() for i in p_columns if cells[i].strip()), ""),
            )
        )
    if width == 1:
        labels = carried(tuple(row.label for row in result))
        result = [replace(row, label=label) for row, label in zip(result, labels, strict=True)]
    return result


def _carried_cells(
    own: list[str], in_place_of: tuple[str, str]
) -> tuple[list[str], tuple[str, str]]:
    """Move a name that stands before a time to the first label cell, and carry it down.

    A text version that has lost its columns gives "Fatty infiltration | Edema 3 months" and
    then "Fatty infiltration | 6 months", where the second part of the table is on oedema.
    """
    parted = time_at_end(own[1])
    if parted is not None:
        return [*parted, *own[2:]], (own[0], parted[0])
    if in_place_of[0] and own[0] == in_place_of[0] and only_time(own[1]):
        return [in_place_of[1], *own[1:]], in_place_of
    return own, ("", "")


def _with_kinds(
    rows: list[Row], columns: Sequence[Column], sizes: Mapping[int, int | None]
) -> tuple[Row, ...]:
    """Find sections, the levels below a variable's head, and rows of statistics below it."""
    groups = [c.index for c in columns if c.role == "group" and c.hint != "percent"]
    result: list[Row] = []
    section, position = "", 0
    while position < len(rows):
        row = rows[position]
        valued = any(row.cells[index].shape != "blank" for index in groups)
        if row.kind == "section" or (groups and not valued and row.p):
            apart = _subgroups(rows, position, groups)
            if apart:
                name = f"{row.label} (subgroups)"
                result.append(replace(row, kind="head", section=section, variable=name))
                result += [
                    replace(
                        line,
                        label=f"{row.label}, {line.label}",
                        section=section,
                        variable=f"Among {row.label} {line.label}",
                    )
                    for line in rows[position + 1 : position + 1 + apart]
                ]
                position += 1 + apart
                continue
            block = _block(rows, position, groups, sizes)
            if block:
                hint = read_label(row.label).hint
                result.append(replace(row, kind="head", section=section, variable=row.label))
                result += [
                    _below(row, line, section, hint)
                    for line in rows[position + 1 : position + 1 + block]
                ]
                position += 1 + block
                continue
            if row.kind == "section":
                section = row.label or section
                result.append(row)
                position += 1
                continue
        pair = _levels_beside(rows, position, groups, sizes)
        if pair:
            for line in rows[position : position + pair]:
                level = line.label.removeprefix(line.first).strip(" ,")
                hint = read_label(line.first).hint
                kind: RowKind = "missing" if says_missing(level) else "level"
                result.append(
                    replace(
                        line,
                        kind=kind,
                        section=section,
                        variable=line.first,
                        level=level,
                        hint=hint,
                    )
                )
            position += pair
            continue
        above = result[-1].variable if result else ""
        said = read_label(row.label)
        beside = row.label.removeprefix(row.first).strip(" ,") if row.first else ""
        if beside and read_label(beside).hint and _only_says_what(beside):
            hint = read_label(beside).hint
            result.append(
                replace(row, kind="statistic", section=section, variable=row.first, hint=hint)
            )
            position += 1
            continue
        if says_missing(row.label) and above:
            result.append(replace(row, kind="missing", section=section, variable=above))
        elif above and said.hint and _only_says_what(row.label):
            result.append(
                replace(row, kind="statistic", section=section, variable=above, hint=said.hint)
            )
        else:
            result.append(replace(row, section=section, variable=row.label))
        position += 1
    return tuple(result)


def _only_says_what(label: str) -> bool:
    """Return whether a label says what its cells hold and nothing else: "Median (IQR)"."""
    if normalised(label).strip().lower() == "no":  # the level beside "Yes", not "No." of patients
        return False
    text = read_label(label).text
    return not text or text == normalised(label).strip()


def _below(head: Row, line: Row, section: str, hint: Hint) -> Row:
    said = read_label(line.label)
    if says_missing(line.label):
        return replace(line, kind="missing", section=section, variable=head.label)
    if said.hint and _only_says_what(line.label):
        return replace(line, kind="statistic", section=section, variable=head.label, hint=said.hint)
    level = re.sub(r"^[-–•·]\s*", "", said.text or line.label)
    return replace(
        line,
        kind="level",
        section=section,
        variable=head.label,
        level=level,
        hint=said.hint or hint,
    )


def _counts(row: Row, groups: Sequence[int]) -> dict[int, int] | None:
    """Return the counts of a row, column by column, or None where a cell is no count."""
    found: dict[int, int] = {}
    for index in groups:
        cell = row.cells[index]
        first = cell.pieces.get("first")
        if cell.shape in ("blank", "words"):
            continue
        if cell.shape not in ("number", "pair", "share") or first is None:
            return None
        if cell.shape == "pair" and "first" in cell.percent:
            first = cell.pieces["second"]
        if "first" in cell.percent:
            continue
        if not first.whole:
            return None
        found[index] = int(first.text)
    return found


def _subgroups(rows: list[Row], position: int, groups: Sequence[int]) -> int:
    """Return how many rows below a head count a finding in subgroups; 0 where none do.

    "15/29" below "Male" and "4/13" below "Female": the patients are divided by the head, and
    the counts are no levels of it.
    """
    end = position + 1
    found: dict[int, set[str]] = {index: set() for index in groups}
    while end < len(rows) and rows[end].kind != "section":
        shares = [index for index in groups if rows[end].cells[index].shape == "share"]
        if not shares:
            break
        for index in shares:
            found[index].add(rows[end].cells[index].pieces["of"].text)
        end += 1
        if end < len(rows) and rows[end].indent < rows[position + 1].indent:
            break
    return end - position - 1 if any(len(different) > 1 for different in found.values()) else 0


def _block(
    rows: list[Row], position: int, groups: Sequence[int], sizes: Mapping[int, int | None]
) -> int:
    """Return how many rows below a head are its levels or its statistics; 0 where none surely.

    They have no p value of their own other than the head's, which a merged cell repeats, and
    either the head has one or their counts add up to every group.
    """
    head = rows[position]
    end = position + 1
    deeper = end < len(rows) and rows[end].indent > head.indent
    totals = dict.fromkeys(groups, 0)
    statistics = missing = 0
    while end < len(rows):
        row = rows[end]
        said = read_label(row.label)
        own = row.p and row.p != head.p  # a merged cell repeats the head's p value
        if row.kind == "section" or own or (deeper and row.indent <= head.indent):
            break
        if says_missing(row.label):
            missing += 1
        elif said.hint and _only_says_what(row.label):
            statistics += 1
        else:
            counts = _counts(row, groups)
            if counts is None:
                break
            if not deeper and _full(totals, sizes, groups):
                break
            for index, count in counts.items():
                totals[index] += count
        end += 1
    block = end - position - 1
    if not block:
        return 0
    if head.p or statistics == block:
        return block
    return block if _full(totals, sizes, groups) and block - missing > 1 else 0


def _full(
    totals: Mapping[int, int], sizes: Mapping[int, int | None], groups: Sequence[int]
) -> bool:
    """Return whether the counts add up to the size of every group that has counts and a size."""
    compared = [(totals[i], sizes.get(i)) for i in groups if totals[i] and sizes.get(i)]
    return bool(compared) and all(total == size for total, size in compared)


def _levels_beside(
    rows: list[Row], position: int, groups: Sequence[int], sizes: Mapping[int, int | None]
) -> int:
    """Return how many rows from here are levels of the variable in their first label cell."""
    first = rows[position].first
    if not first:
        return 0
    end = position
    totals = dict.fromkeys(groups, 0)
    while end < len(rows) and rows[end].first == first and rows[end].kind != "section":
        level = rows[end].label.removeprefix(first).strip(" ,")
        if not level:
            return 0
        counts = _counts(rows[end], groups)
        if counts is None:
            return 0
        for index, count in counts.items():
            totals[index] += 0 if says_missing(level) else count
        end += 1
    lines = rows[position:end]
    if len(lines) < 2 or not groups:
        return 0
    values = {line.p for line in lines}
    lone = (len(values) == 1) or all(not line.p for line in lines[1:])
    return len(lines) if lone and (_full(totals, sizes, groups) or bool(lines[0].p)) else 0


def _with_names(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Give each variable a key of its own; the section tells apart what is called alike."""
    owners: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if row.kind != "section":
            name = slug(without_unit(read_label(row.variable).text))
            owner = (row.section, row.variable)
            if owner not in owners.setdefault(name, []):
                owners[name].append(owner)
    result = []
    for row in rows:
        if row.kind == "section":
            result.append(row)
            continue
        said = read_label(row.variable)
        label = without_unit(said.text)
        name = slug(label)
        if len(owners[name]) > 1 and row.section:
            name = slug(f"{row.section} {label}", 60)
        result.append(replace(row, name=name, variable=said.text, hint=row.hint or said.hint))
    return tuple(result)
