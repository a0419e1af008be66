"""The field (B0) of a thigh: the smooth choice among each block's candidates.

Where fat and water swap, the field jumps by the shift between them, 434 Hz at 3 T. A real field
does not jump, so each piece of body in a slice has only as many smooth fields as its best block has
candidates. They grow from that block along the most reliable neighbours (as in Yu et al., Magn
Reson Med 2005;54:1032-1039), and one is chosen: the one that explains the echoes better, that shows
fat just under the skin, and that agrees with the slices above and below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from myocohort.mri.dixon.candidates import Candidates
from myocohort.mri.dixon.coarse import Floats
from myocohort.mri.dixon.spectrum import MHZ_PER_TESLA

STEEP_PPM_PER_MM = 0.04
"""A steep field of a shimmed thigh: 5 Hz/mm at 3 T; air and metal make steeper ones only nearby."""

MISFIT_SCALE = 0.01
"""Misfit, as a share of power, that counts as one unit of cost: spectra of fat from different
people differ by as much."""

RIM_COST = 3.0
"""Cost of a block of water where fat under the skin is expected."""

JUMP_COST = 30.0
"""Largest cost of a jump between neighbours: a jump at a real edge (metal) stays possible."""

SLICE_COST = 4.0
"""Cost per block of a jump between slices, which may differ in shim or centre frequency."""

CENTRE_COST = 0.3
"""Cost of a field half a period off the centre frequency: it decides only where nothing else does,
because scanners set their frequency on water or fat of the region."""

SWEEPS = 12
"""Rounds in which each block may change to what its neighbours say."""

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Field:
    """The field of each block, and how surely water and fat are told apart.

    Parameters
    ----------
    hertz
        Of each block, unwrapped within a piece.
    piece
        Number of the connected piece (of a slice and leg) that each block belongs to.
    slice
        Slice of each block.
    margin
        Of each piece: cost per block by which the second-best field is worse.
    cost
        Sum over all pieces, per block.
    """

    hertz: Floats
    piece: Ints
    slice: Ints
    margin: Floats
    cost: float


def choose_field(
    found: Candidates,
    grid: NDArray[np.bool_],
    leg: NDArray[np.int8],
    rim: Floats,
    spacing: tuple[float, float, float],
    field_t: float,
) -> Field:
    """Return the smooth field of each block.

    Parameters
    ----------
    found
        Candidates of the blocks within `grid`, in the order of `np.nonzero`.
    grid
        Blocks that hold enough of the body.
    leg
        Leg of each block within the grid.
    rim
        Of each block: share of it that is expected to be fat under the skin.
    spacing
        Of blocks and slices, mm.
    """
    steep = STEEP_PPM_PER_MM * MHZ_PER_TESLA * field_t
    edges = _edges(grid, leg, spacing)
    tree, piece, roots = _tree(found, edges, steep)
    options = np.count_nonzero(np.isfinite(found.field[roots]), axis=1)
    own = _own_cost(found, rim)
    grown = [
        _settle(found, _grow(found, tree, roots, np.minimum(k, options - 1)), own, edges, steep)
        for k in range(int(options.max()))
    ]
    costs = np.stack([_cost_of_pieces(found, one, own, edges, steep, piece) for one in grown])
    sizes = np.asarray(np.bincount(piece, weights=found.weight), dtype=np.float64)
    pick = _agree(found, grown, costs, sizes, piece, grid)
    best = np.take_along_axis(np.stack(grown), pick[piece][None], axis=0)[0]
    rows = np.arange(piece.size)
    hertz = _unwrap(found.field[rows, best], tree, roots, found.period)
    chosen = np.take_along_axis(costs, pick[None], axis=0)[0]
    return Field(
        hertz=hertz,
        piece=piece,
        slice=np.nonzero(grid)[2],
        margin=_margin(costs, chosen, grown, pick, piece, sizes),
        cost=float(chosen.sum() / sizes.sum()),
    )


def wrapped(difference: Floats, period: float) -> Floats:
    """Return a difference of fields to the nearest multiple of the period."""
    if not np.isfinite(period):
        return difference
    return np.asarray(difference - period * np.round(difference / period), dtype=np.float32)


def _edges(
    grid: NDArray[np.bool_], leg: NDArray[np.int8], spacing: tuple[float, float, float]
) -> tuple[Ints, Ints, Floats]:
    """Return pairs of neighbouring blocks of a slice and leg, one or two apart, and distances."""
    number = np.full(grid.shape, -1, dtype=np.intp)
    number[grid] = np.arange(np.count_nonzero(grid))
    ends: list[tuple[Ints, Ints, float]] = []
    for step in ((1, 0), (0, 1), (1, 1), (1, -1), (2, 0), (0, 2)):
        one, two = _pair(number, step)
        both = (one >= 0) & (two >= 0)
        one, two = one[both], two[both]
        same = leg[one] == leg[two]
        ends.append((one[same], two[same], float(np.hypot(*np.multiply(step, spacing[:2])))))
    return (
        np.concatenate([e[0] for e in ends]),
        np.concatenate([e[1] for e in ends]),
        np.concatenate([np.full(e[0].size, e[2], dtype=np.float32) for e in ends]),
    )


def _pair(number: Ints, step: tuple[int, int]) -> tuple[Ints, Ints]:
    sides: list[tuple[slice, slice]] = []
    for by in step:
        here = slice(0, -by) if by > 0 else slice(-by, None)
        there = slice(by, None) if by > 0 else slice(0, by if by else None)
        sides.append((slice(None), slice(None)) if by == 0 else (here, there))
    one = number[sides[0][0], sides[1][0]]
    two = number[sides[0][1], sides[1][1]]
    return one.ravel(), two.ravel()


def _tree(
    found: Candidates, edges: tuple[Ints, Ints, Floats], steep: float
) -> tuple[list[tuple[Ints, Ints]], Ints, Ints]:
    """Return levels of (blocks, parents) from each piece's best block, pieces, and best blocks."""
    one, two, far = edges
    least = np.full(one.size, np.inf, dtype=np.float32)
    for k in range(found.field.shape[1]):
        for m in range(found.field.shape[1]):
            apart = np.abs(wrapped(found.field[one, k] - found.field[two, m], found.period))
            np.fmin(least, apart, out=least)
    weak = np.minimum(found.weight[one], found.weight[two])
    price = (least / far / steep + 0.1) * far / weak
    n = found.weight.size
    graph = sparse.coo_matrix((price, (one, two)), shape=(n, n)).tocsr()
    spanning = sparse.csgraph.minimum_spanning_tree(graph)
    _, piece = sparse.csgraph.connected_components(spanning, directed=False)
    piece = np.asarray(piece, dtype=np.intp)
    order = np.lexsort((-found.weight, piece))
    roots = order[np.searchsorted(piece[order], np.arange(piece.max() + 1))]
    both = (spanning + spanning.T).tocsr()
    levels: list[tuple[Ints, Ints]] = []
    seen = np.zeros(n, dtype=bool)
    seen[roots] = True
    front = roots
    while front.size:
        counts = np.diff(both.indptr)[front]
        parents = np.repeat(front, counts)
        starts = np.repeat(both.indptr[front], counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        children = both.indices[starts + within]
        new = ~seen[children]
        front, parents = children[new].astype(np.intp), parents[new]
        seen[front] = True
        if front.size:
            levels.append((front, parents))
    return levels, piece, roots


def _own_cost(found: Candidates, rim: Floats) -> Floats:
    """Return the cost of each candidate of each block from its own signal."""
    least = found.cost.min(axis=1, keepdims=True)
    reach = np.nanmax(np.abs(found.field))
    off = np.nan_to_num(found.field / reach) ** 2
    cost = (found.cost - least) / MISFIT_SCALE + CENTRE_COST * off
    cost = cost + RIM_COST * rim[:, None] * (1 - np.nan_to_num(found.fat))
    return np.asarray(found.weight[:, None] * cost, dtype=np.float32)


def _grow(found: Candidates, tree: list[tuple[Ints, Ints]], roots: Ints, first: Ints) -> Ints:
    """Return the candidate of each block that is nearest to its parent's, from a given start."""
    taken = np.zeros(found.weight.size, dtype=np.intp)
    taken[roots] = first
    for blocks, parents in tree:
        from_parent = found.field[parents, taken[parents]]
        apart = np.abs(wrapped(found.field[blocks] - from_parent[:, None], found.period))
        taken[blocks] = np.nanargmin(np.where(np.isnan(apart), np.inf, apart), axis=1)
    return taken


def _settle(
    found: Candidates,
    taken: Ints,
    own: Floats,
    edges: tuple[Ints, Ints, Floats],
    steep: float,
) -> Ints:
    """Let each block change to the candidate that it and its neighbours find cheapest."""
    one, two, far = edges
    weak = np.minimum(found.weight[one], found.weight[two])
    n, most = found.field.shape
    for _ in range(SWEEPS):
        total = own.copy()
        for here, there in ((one, two), (two, one)):
            chosen = found.field[there, taken[there]]
            for k in range(most):
                apart = wrapped(found.field[here, k] - chosen, found.period)
                cost = weak * np.minimum((apart / (steep * far)) ** 2, JUMP_COST)
                total[:, k] += np.bincount(here, weights=cost, minlength=n).astype(np.float32)
        total[~np.isfinite(found.field)] = np.inf
        total[np.isnan(total)] = np.inf
        better = np.argmin(total, axis=1)
        if np.array_equal(better, taken):
            break
        taken = better
    return taken


def _cost_of_pieces(
    found: Candidates,
    taken: Ints,
    own: Floats,
    edges: tuple[Ints, Ints, Floats],
    steep: float,
    piece: Ints,
) -> NDArray[np.float64]:
    """Return the cost of each piece: of its blocks and of the jumps between them."""
    one, two, far = edges
    rows = np.arange(taken.size)
    field = found.field[rows, taken]
    apart = wrapped(field[one] - field[two], found.period)
    weak = np.minimum(found.weight[one], found.weight[two])
    jumps = weak * np.minimum((apart / (steep * far)) ** 2, JUMP_COST)
    pieces = int(piece.max()) + 1
    return np.asarray(
        np.bincount(piece, weights=own[rows, taken], minlength=pieces)
        + np.bincount(piece[one], weights=jumps, minlength=pieces)
    )


def _agree(
    found: Candidates,
    grown: list[Ints],
    costs: NDArray[np.float64],
    sizes: NDArray[np.float64],
    piece: Ints,
    grid: NDArray[np.bool_],
) -> Ints:
    """Return the field of each piece that is cheap and agrees with the slices beside it."""
    rows = np.arange(piece.size)
    fields = np.stack([found.field[rows, one] for one in grown])
    number = np.full(grid.shape, -1, dtype=np.intp)
    number[grid] = rows
    low, high = number[:, :, :-1].ravel(), number[:, :, 1:].ravel()
    both = (low >= 0) & (high >= 0)
    low, high = low[both], high[both]
    pick = np.argmin(costs, axis=0)
    weak = np.minimum(found.weight[low], found.weight[high])
    quarter = found.period / 4 if np.isfinite(found.period) else 200.0
    for _ in range(min(sizes.size + SWEEPS, 200)):
        total = costs.copy()
        for here, there in ((low, high), (high, low)):
            chosen = fields[pick[piece[there]], there]
            for k in range(len(grown)):
                apart = np.abs(wrapped(fields[k, here] - chosen, found.period))
                cost = SLICE_COST * weak * np.minimum(apart / quarter, 1)
                total[k] += np.bincount(piece[here], weights=cost, minlength=sizes.size)
        better = np.argmin(total, axis=0)
        if np.array_equal(better, pick):
            break
        # One at a time, the surest first: two neighbours must not change places for ever.
        gain = np.take_along_axis(total, pick[None], 0)[0] - total.min(axis=0)
        most = int(np.argmax(gain))
        pick = pick.copy()
        pick[most] = better[most]
    return np.asarray(pick, dtype=np.intp)


def _unwrap(field: Floats, tree: list[tuple[Ints, Ints]], roots: Ints, period: float) -> Floats:
    """Return the field without jumps of whole periods between neighbours."""
    hertz = field.copy()
    for blocks, parents in tree:
        hertz[blocks] = hertz[parents] + wrapped(field[blocks] - hertz[parents], period)
    return hertz


def _margin(
    costs: NDArray[np.float64],
    chosen: NDArray[np.float64],
    grown: list[Ints],
    pick: Ints,
    piece: Ints,
    sizes: NDArray[np.float64],
) -> Floats:
    """Return by how much the best really different field of each piece is worse, per block."""
    margin = np.full(sizes.size, np.inf)
    best = np.take_along_axis(np.stack(grown), pick[piece][None], axis=0)[0]
    count = np.bincount(piece, minlength=sizes.size)
    for k, one in enumerate(grown):
        changed = np.bincount(piece, weights=one != best, minlength=sizes.size) / count
        other = np.where(changed > 0.2, (costs[k] - chosen) / sizes, np.inf)
        margin = np.minimum(margin, other)
    return margin.astype(np.float32)
