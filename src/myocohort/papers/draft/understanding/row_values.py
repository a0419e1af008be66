"""What a row prints of each group: counts, means, medians, ranges, missing values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from myocohort.papers.draft.understanding.cells import Cell, Piece
from myocohort.papers.draft.understanding.collected import WHOLE, Collected, EntryKind
from myocohort.papers.draft.understanding.columns import Column
from myocohort.papers.draft.understanding.labels import one_level, slug, two_levels
from myocohort.papers.draft.understanding.meaning import Around, Meaning, is_share, meaning_of
from myocohort.papers.draft.understanding.rows import Row
from myocohort.papers.draft.understanding.sheet import Sheet

_CONFIDENCE = re.compile(r"\bCIs?\b|confidence interval")


def _meanings(
    sheet: Sheet, row: Row, sizes: Mapping[int, int | None]
) -> dict[str, list[tuple[Column, Meaning]]]:
    """Say of each group what its cells in this row mean."""
    groups = [column for column in sheet.columns if column.role == "group"]
    total = _row_total(sheet, row)
    shares = any(
        is_share(row.cells[c.index], size) for c in groups for size in (sizes.get(c.index), total)
    )
    by_group: dict[str, list[tuple[Column, Meaning]]] = {}
    for column in groups:
        cell = _levels_cell(row.cells[column.index], row)
        around = Around(
            column.hint,
            row.hint,
            sheet.hints,
            row.variable,
            sizes.get(column.index),
            shares,
            bool(_CONFIDENCE.search(f"{column.head} {row.label} {sheet.caption}")),
        )
        if row.kind in ("level", "missing") and around.row in ("", "mean_sd", "mean_se", "mean"):
            around = replace(around, row="count_percent" if cell.shape == "pair" else "")
            if cell.shape == "number" and column.hint == "" and cell.pieces["first"].whole:
                around = replace(around, row="n")
        found = meaning_of(cell, around)
        if found.kind != "nothing":
            by_group.setdefault(sheet.keys[column.index], []).append((column, found))
    return by_group


def _row_total(sheet: Sheet, row: Row) -> int | None:
    """Return the sum of a row's counts over its groups, of which its percentages may be."""
    total = 0
    for index, key in sheet.keys.items():
        if not key.endswith(WHOLE):
            cell = row.cells[index]
            if cell.shape != "pair" or not cell.pieces["first"].whole:
                return None
            total += int(cell.pieces["first"].text)
    return total or None


def _levels_cell(cell: Cell, row: Row) -> Cell:
    """Read "5/22" as two counts where the label names two levels, otherwise as a share."""
    if cell.shape == "share" and "second" not in cell.pieces and two_levels(row.variable):
        return replace(cell, shape="ratio")
    return cell


def read_values(
    sheet: Sheet, row: Row, collected: Collected, sizes: Mapping[int, int | None]
) -> None:
    """Add the entries of a row, group by group; columns of one group make one entry."""
    for key, found in _meanings(sheet, row, sizes).items():
        pieces: dict[str, tuple[Column, Piece]] = {}
        for column, meaning in found:
            for name, piece in meaning.pieces.items():
                pieces.setdefault(name, (column, piece))
        kinds = {meaning.kind for _, meaning in found}
        remark = next((meaning.remark for _, meaning in found if meaning.remark), None)
        if row.kind == "missing":
            _add_missing(sheet, row, key, pieces, collected)
        elif "ratio" in kinds:
            _add_ratio(sheet, row, key, pieces, sizes, collected)
        elif kinds & {"mean"} and "mean" in pieces:
            _add(sheet, row, key, "mean", ("n", "mean", "sd"), pieces, collected, remark)
            _add(sheet, row, key, "range", ("low", "high"), pieces, collected, None)
        elif "median" in kinds and "median" in pieces:
            _add(sheet, row, key, "median", ("median", "q1", "q3"), pieces, collected, remark)
            _add(sheet, row, key, "range", ("low", "high"), pieces, collected, None)
        elif "range" in kinds:
            _add(sheet, row, key, "range", ("low", "high"), pieces, collected, remark)
        elif kinds & {"count", "n"}:
            _add(sheet, row, key, "count", ("n", "of", "percent"), pieces, collected, remark)


def _variable(row: Row, collected: Collected) -> tuple[str, str]:
    """Declare the variable of a row; return its key and the level that the row counts."""
    if row.level:
        level = row.level.lower() if row.level.lower() in ("yes", "no") else row.level
        return collected.variable(row.name, row.variable, (level,)), level
    single = one_level(row.variable)
    if single is not None:
        name, level = single
        level = "yes" if level in ("present", "positive") else level
        return collected.variable(slug(name), name), level
    return collected.variable(row.name, row.variable), "yes"


def _add(
    sheet: Sheet,
    row: Row,
    key: str,
    kind: EntryKind,
    names: tuple[str, ...],
    pieces: Mapping[str, tuple[Column, Piece]],
    collected: Collected,
    remark: str | None,
) -> None:
    """Add an entry of one group and show its numbers in the layout."""
    used = {name: pieces[name] for name in names if name in pieces}
    if not used or not _printable(kind, used):
        return
    variable, level = _variable(row, collected)
    parts = [sheet.id, variable]
    fields: dict[str, object] = {"variable": variable}
    if kind == "count":
        fields["level"] = level
        if row.level:
            parts.append(slug(level))
    parts.append(key.removeprefix(f"{sheet.id}_"))
    if kind == "range":
        parts.append("range")
    fields["group"] = key
    fields.update({name: piece.text for name, (_, piece) in used.items()})
    place = sheet.place(*row_place(row), sheet.group_label(key))
    entry = collected.add(kind, ".".join(parts), place, **fields, remark=remark)
    for name, (column, piece) in used.items():
        sheet.show(row.index, column.index, piece, f"{entry}.{name}")


def row_place(row: Row) -> tuple[str, ...]:
    """Return the names of a row, its variable first where the row is below it."""
    if row.kind in ("level", "missing", "statistic") and not row.first:
        return row.variable, row.label
    return (row.label,)


def _printable(kind: str, used: Mapping[str, tuple[Column, Piece]]) -> bool:
    """Return whether a paper file takes these fields: whole counts, a mean, no inequalities."""
    if kind == "count":
        whole = all(used[name][1].whole for name in ("n", "of") if name in used)
        return whole and bool({"n", "percent"} & set(used))
    if kind in ("mean", "median"):
        return kind in used and ("n" not in used or used["n"][1].whole)
    return True


def _add_missing(
    sheet: Sheet,
    row: Row,
    key: str,
    pieces: Mapping[str, tuple[Column, Piece]],
    collected: Collected,
) -> None:
    if "n" not in pieces or not pieces["n"][1].whole:
        return
    column, piece = pieces["n"]
    variable = collected.variable(row.name, row.variable)
    entry = collected.add(
        "missing",
        f"{sheet.id}.{variable}.missing.{key.removeprefix(sheet.id + '_')}",
        sheet.place(*row_place(row), sheet.group_label(key)),
        variable=variable,
        group=key,
        n=piece.text,
    )
    sheet.show(row.index, column.index, piece, f"{entry}.n")


def _add_ratio(
    sheet: Sheet,
    row: Row,
    key: str,
    pieces: Mapping[str, tuple[Column, Piece]],
    sizes: Mapping[int, int | None],
    collected: Collected,
) -> None:
    """Add the counts of two levels; the percentage beside them is that of the first.

    Only where the second level's count gives the printed share and the first's does not, it
    is the second's.
    """
    levels = two_levels(row.variable)
    if levels is None or "first" not in pieces:
        return
    label, one, two = levels
    name = collected.variable(slug(label), label, (one, two))
    place = sheet.place(*row_place(row), sheet.group_label(key))
    counts = (pieces["first"], pieces["of"])
    size = next((sizes.get(i) for i, k in sheet.keys.items() if k == key), None)
    share = pieces.get("percent")
    second = False
    if share is not None:
        fits = [
            is_share(Cell("pair", {"first": piece, "second": share[1]}), size)
            for _, piece in counts
        ]
        second = fits == [False, True]
    for position, (level, (column, piece)) in enumerate(zip((one, two), counts, strict=True)):
        own = share if share is not None and second == bool(position) else None
        entry = collected.add(
            "count",
            f"{sheet.id}.{name}.{slug(level)}.{key.removeprefix(sheet.id + '_')}",
            place,
            variable=name,
            level=level,
            group=key,
            n=piece.text,
            percent=own[1].text if own is not None else None,
        )
        sheet.show(row.index, column.index, piece, f"{entry}.n")
        if own is not None:
            sheet.show(row.index, own[0].index, own[1], f"{entry}.percent")
