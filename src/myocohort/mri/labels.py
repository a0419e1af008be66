"""From a segmentation tool's label map to the regions of a scan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.body import Body
from myocohort.mri.checks import check_regions
from myocohort.mri.label_maps import LABEL_MAPS, LabelTable, Structure
from myocohort.mri.label_maps.own_table import read_label_table
from myocohort.mri.regions import Region, Regions, Side
from myocohort.mri.resample import resample_like
from myocohort.mri.scan import LabelMap, Scan, ScanError
from myocohort.mri.sides import SIDE_CODES, check_sides, side_of_voxels, split_by_position
from myocohort.study.standard import MUSCLES

__all__ = ["LABEL_MAPS", "LabelTable", "read_label_table", "regions_of"]

UNDECIDED = 0.05
"""Share of a muscle that lies across the split of the legs from which on it is told."""


def regions_of(
    label_map: LabelMap, table: LabelTable, scan: Scan, body: Body, *, side: Side | None = None
) -> Regions:
    """Return where each muscle of each side lies on the scan's grid.

    Parameters
    ----------
    label_map
        As a tool wrote it, on the scan's grid or another one.
    table
        What its numbers stand for.
    scan, body
        The scan that is measured, and its outline.
    side
        Which leg it is, where only one leg is seen and the map has no sides.

    Raises
    ------
    ScanError
        The map has none of the table's numbers, does not overlap the scan, is flipped left-right,
        lies outside the body, or its sides cannot be known.
    """
    told = [*label_map.warnings, *_numbers_told(label_map, table)]
    placed = resample_like(label_map, scan)
    told += placed.warnings
    codes, of, sides_told = _coded(placed.labels, table, body, side, label_map.name)
    if not of:
        raise ScanError(
            f"{label_map.name}: none of its muscles lies within {scan.name}. Check that both are "
            "of the same examination"
        )
    told += sides_told
    told += [text for text in (table.what_is_absent(), table.note) if text]
    regions = Regions(codes=codes, of=of, geometry=scan.geometry, absent=table.absent)
    told += check_regions(regions, scan, body)
    return replace(regions, warnings=tuple(dict.fromkeys(told)))


def _numbers_told(label_map: LabelMap, table: LabelTable) -> list[str]:
    """Say which numbers of a map are not in the table; refuse a map without any that is.

    Raises
    ------
    ScanError
        No voxel has a number of the table.
    """
    numbers, voxels = np.unique(label_map.labels, return_counts=True)
    found = {int(n): int(v) for n, v in zip(numbers, voxels, strict=True) if n != 0}
    if not found:
        raise ScanError(f"{label_map.name}: the map is empty (all 0). Segment the scan again")
    unknown = {number: count for number, count in found.items() if number not in table.labels}
    if len(unknown) == len(found):
        raise ScanError(
            f"{label_map.name}: none of its numbers ({_listed(list(found))}) is in the label table "
            f"{table.name}. {_fitting(set(found))}"
        )
    if not unknown:
        return []
    shown = _listed([f"{number} ({count} voxels)" for number, count in unknown.items()])
    fit = _better(set(found))
    return [
        f"{label_map.name}: numbers that are not in the label table {table.name} are left out: "
        f"{shown}{fit}"
    ]


def _listed(items: list[int] | list[str], most: int = 12) -> str:
    shown = ", ".join(str(one) for one in items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"


def _better(found: set[int]) -> str:
    """Return the tables that know all numbers of a map, where this one does not."""
    fitting = [name for name, one in LABEL_MAPS.items() if found <= set(one.labels)]
    return f"; all of them are in {' and in '.join(fitting)}" if fitting else ""


def _fitting(found: set[int]) -> str:
    """Return which tables know the most numbers of a map."""
    shares = {name: len(found & set(one.labels)) for name, one in LABEL_MAPS.items()}
    best = max(shares.values())
    if best == 0:
        return f"Known tables are {', '.join(LABEL_MAPS)}; give your own as a CSV file"
    names = [name for name, share in shares.items() if share == best]
    return f"{best} of its {len(found)} numbers are in {' and in '.join(names)}"


def _coded(
    labels: NDArray[np.int32], table: LabelTable, body: Body, side: Side | None, map_name: str
) -> tuple[NDArray[np.int16], dict[int, Region], list[str]]:
    """Return codes, regions and warnings about sides."""
    position = side_of_voxels(body)
    index, structures = _structures(labels, table)
    _check_side_choice(index, structures, position, side, map_name)
    halves, crossing = _sides(index, structures, position, side)
    order = sorted(
        ((one, which) for one, which in _present(index, halves, len(structures))),
        key=lambda pair: (*_rank(structures[pair[0]]), pair[1]),
    )
    lookup = np.zeros((len(structures) + 1, 3), dtype=np.int16)
    of: dict[int, Region] = {}
    for code, (one, which) in enumerate(order, start=1):
        lookup[one + 1, which] = code
        found = structures[one]
        of[code] = Region(found.name, "left" if which == 1 else "right", found.kind)
    codes = lookup[index, halves]
    told = [*crossing]
    if position is not None and any(one.side for one in structures):
        told += check_sides(_counts(codes, of, structures, position), map_name)
    return codes, of, told


def _rank(one: Structure) -> tuple[int, str]:
    """Return the place of a structure: the twelve muscles in their order, the rest by name."""
    return (MUSCLES.index(one.name), "") if one.name in MUSCLES else (len(MUSCLES), one.name)


def _structures(
    labels: NDArray[np.int32], table: LabelTable
) -> tuple[NDArray[np.int16], list[Structure]]:
    """Return for each voxel the index (from 1) of its structure, and the structures."""
    structures = list(dict.fromkeys(table.labels.values()))
    numbers = np.array(sorted(table.labels), dtype=np.int64)
    codes = np.array(
        [structures.index(table.labels[int(number)]) + 1 for number in numbers], dtype=np.int16
    )
    index = np.zeros(labels.shape, dtype=np.int16)
    some = labels > 0
    value = labels[some]
    at = np.clip(np.searchsorted(numbers, value), 0, numbers.size - 1)
    index[some] = np.where(numbers[at] == value, codes[at], 0)
    return index, structures


def _check_side_choice(
    index: NDArray[np.int16],
    structures: list[Structure],
    position: NDArray[np.int8] | None,
    side: Side | None,
    map_name: str,
) -> None:
    """Refuse a side that is not needed, or is missing.

    Raises
    ------
    ScanError
        See `regions_of`.
    """
    unsided = any(one.side is None for one in structures)
    if unsided and position is None and side is None:
        raise ScanError(
            f"{map_name}: the map has no sides and the scan shows one leg only, so that left and "
            "right cannot be told. Say which leg it is (--side left or --side right)"
        )
    if side is not None and position is not None:
        raise ScanError(
            f"{map_name}: a side ({side}) was given, but the scan shows both legs. Leave the side "
            "out: the legs are told apart by their position"
        )
    sides = {structures[code - 1].side for code in np.unique(index) if code}
    if side is not None and sides - {side, None}:
        raise ScanError(
            f"{map_name}: a side ({side}) was given, but in this scan the map has muscles of the "
            f"{' and the '.join(sorted(one for one in sides if one and one != side))}. Leave the "
            "side out, or check which leg was scanned"
        )


def _sides(
    index: NDArray[np.int16],
    structures: list[Structure],
    position: NDArray[np.int8] | None,
    side: Side | None,
) -> tuple[NDArray[np.int8], list[str]]:
    """Return 1 left, 2 right for every voxel of a structure, and what lies across the split."""
    by_map = np.array([0, *(SIDE_CODES.get(one.side or "", 0) for one in structures)], np.int8)
    halves = by_map[index]
    told = []
    for code, one in enumerate(structures, start=1):
        if one.side is not None:
            continue
        mask = index == code
        if not mask.any():
            continue
        if position is None:
            halves[mask] = SIDE_CODES[side or ""]
            continue
        split, undecided = split_by_position(mask, position)
        halves[mask] = split[mask]
        if undecided > UNDECIDED:
            told.append(f"{one.name} ({undecided:.0%})")
    if not told:
        return halves, []
    return halves, [
        "cut at the split between the legs, because pieces lie across it: " + ", ".join(told)
    ]


def _present(index: NDArray[np.int16], halves: NDArray[np.int8], n: int) -> list[tuple[int, int]]:
    """Return (structure, side) of every region that has a voxel."""
    pairs = np.bincount(index.ravel().astype(np.int32) * 3 + halves.ravel(), minlength=3 * n + 3)
    return [(k - 1, s) for k in range(1, n + 1) for s in (1, 2) if pairs[3 * k + s]]


def _counts(
    codes: NDArray[np.int16],
    of: dict[int, Region],
    structures: list[Structure],
    position: NDArray[np.int8],
) -> dict[tuple[str, str], tuple[int, int]]:
    """Return voxels on the left and the right of each region whose side the map tells."""
    pairs = np.bincount(
        codes.ravel().astype(np.int32) * 3 + position.ravel(), minlength=3 * len(of) + 3
    )
    sided = {(one.name, one.side) for one in structures if one.side}
    return {
        (region.name, region.side): (int(pairs[3 * code + 1]), int(pairs[3 * code + 2]))
        for code, region in of.items()
        if (region.name, region.side) in sided
    }
