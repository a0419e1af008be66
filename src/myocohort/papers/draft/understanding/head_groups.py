"""The groups that the head of a table names, with their sizes."""

from __future__ import annotations

import re

from myocohort.papers.draft.understanding.cells import Piece, read_cell
from myocohort.papers.draft.understanding.collected import WHOLE, Collected
from myocohort.papers.draft.understanding.columns import Column, HeadGroup
from myocohort.papers.draft.understanding.sheet import Sheet
from myocohort.papers.draft.understanding.tokens import normalised

_SIZE_ROW = re.compile(
    r"(?:(?:total )?(?:no\.?|numbers?|n)(?: of (?:patients|subjects|participants|cases))?"
    r"|patients|total)(?:,?\s*\(?n\)?)?",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\s*(?:stud(?:y|ies)|(?:first )?authors?|references?|series|country|publications?|"
    r"(?:patient|case|subject)s?(?:\s*(?:no\.?|number|id|#))?|no\.?|id|antibod(?:y|ies)|"
    r"primers?|genes?)\s*$",
    re.IGNORECASE,
)
_SIZE_IN_CAPTION = re.compile(r"\bn\s*=\s*([0-9]+)", re.IGNORECASE)


def read_groups(sheet: Sheet, collected: Collected, caption: str) -> None:
    """Declare the groups of the head with their sizes, and which make up which."""
    in_caption = _SIZE_IN_CAPTION.search(normalised(caption))
    seen: dict[HeadGroup, str] = {}
    for column in sheet.columns:
        if column.role != "group" or column.group is None:
            continue
        group = column.group
        size = int(group.size.text) if group.size is not None else None
        lone = not group.label and size is None
        if lone and in_caption is not None:
            size = int(in_caption[1])
        same = HeadGroup(group.label, None if size is None else Piece(str(size), 0, 0))
        key = seen.get(same)
        if key is None:
            key = collected.group(group.label, size, sheet.id, sheet.label)
            seen[same] = key
            if size is not None:
                named = f"{sheet.id}.heading.{key.removeprefix(sheet.id + '_')}"
                where = "heading" if group.size is not None else "caption"
                collected.add("size", named, f"{sheet.label}, {where}", group=key, n=str(size))
        sheet.keys[column.index] = key
        if group.size is not None:
            entry = next(
                line["id"]
                for line in reversed(collected.entries["size"])
                if line["group"] == key and str(line["place"]).startswith(f"{sheet.label}, ")
            )
            shown = (group.row, column.index)
            found = normalised(sheet.grid[group.row][column.index])
            if found[group.size.start : group.size.end].replace(",", "") == group.size.text:
                number = (group.size.start, group.size.end, f"{entry}.n")
                sheet.replaced.setdefault(shown, []).append(number)
    keys = tuple(dict.fromkeys(sheet.keys.values()))
    parts = tuple(key for key in keys if not key.endswith(WHOLE))
    if len(parts) > 1:
        collected.compared.append(parts)
    for key in keys:
        if key not in parts and len(parts) > 1:
            sizes = [collected.sizes.get(part) for part in parts]
            known = [size for size in sizes if size is not None]
            line = {"whole": key, "parts": list(parts)}
            if len(known) == len(sizes) and sum(known) == collected.sizes.get(key):
                collected.partitions.append(line)


def transposed(rows: list[list[str]], columns: tuple[Column, ...], collected: Collected) -> bool:
    """Return whether the groups stand in the rows, or each row is a study or a patient.

    Such a table is listed, not read.
    """
    if any(c.role == "p" or (c.group is not None and c.group.size is not None) for c in columns):
        return False
    if columns and _LISTED.match(normalised(columns[0].head)):
        return True
    known = {str(group["label"]).lower() for group in collected.groups.values()}
    named = [
        row[0]
        for row in rows
        if row[0].strip().lower() in known or re.search(r"\bn\s*=\s*[0-9]", row[0], re.IGNORECASE)
    ]
    return len(named) > 1


def read_size_row(sheet: Sheet, collected: Collected) -> None:
    """Take the sizes of groups from a first row "No. of patients" where the head has none."""
    body = sheet.grid[sheet.head_rows :]
    if not body or not _SIZE_ROW.fullmatch(normalised(body[0][0]).strip()):
        return
    done: set[str] = set()
    for index, key in sheet.keys.items():
        cell = read_cell(body[0][index])
        first = cell.pieces.get("first")
        if cell.shape != "number" or first is None or not first.whole or key in done:
            continue
        if key in collected.sizes or "first" in cell.percent:
            continue
        done.add(key)
        collected.sizes[key] = int(first.text)
        name = f"{sheet.id}.size.{key.removeprefix(sheet.id + '_')}"
        place = sheet.place(body[0][0].strip(), sheet.group_label(key))
        entry = collected.add("size", name, place, group=key, n=first.text)
        sheet.show(0, index, first, f"{entry}.n")
