"""Fat fraction from the echoes of a Dixon scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.air import find_air
from myocohort.mri.body import Body
from myocohort.mri.dixon.candidates import candidates_of
from myocohort.mri.dixon.coarse import Complexes, Floats, blocks_of, fill_outwards
from myocohort.mri.dixon.echoes import Echo, Series, series_of
from myocohort.mri.dixon.field import Field, choose_field
from myocohort.mri.dixon.limits import T1_LIMIT, method_sd
from myocohort.mri.dixon.magnitudes import fat_map_magnitudes
from myocohort.mri.dixon.refine import refine
from myocohort.mri.dixon.rim import (
    SKIN_MM,
    Shell,
    depth_below_skin,
    lean_warning,
    places,
    rim_of,
    shells_of,
    swapped_shells,
)
from myocohort.mri.dixon.separation import Model, noise_gain, separate
from myocohort.mri.dixon.spectrum import (
    FAT_DECAY_FASTER,
    SPECTRA,
    assumed_decay,
    fat_signal,
)
from myocohort.mri.fat_map import FatMap
from myocohort.mri.scan import ScanError

COARSE_MM = 3.0
"""Side of the blocks on which the field is chosen."""

FINE_MM = 1.7
"""Side of the blocks on which field and decay are sharpened."""

ENOUGH_BODY = 0.5
"""Share of a block that must be body for the block to count."""

LEAST_SNR = 5.0
"""Voxels whose water and fat together are weaker than this many SD of noise are left out: their
fraction would have an SD of 0.2 and more."""

CLEAR_MARGIN = 0.1
"""Cost per block by which a field must beat the next one for water and fat to count as told apart
(1 is a difference in misfit of one percent)."""


NEARLY_NONE, NEARLY_ALL = 0.1, 0.8
"""Fractions of healthy muscle, and of fat tissue, which is a tenth to a fifth water."""

ENOUGH_ML = 2.0
"""Volume of each from which on its decay is known."""

TRIED = 3
"""Slices on which spectra are tried: fat and muscle are the same in all."""

LEAST_LEVEL = 0.05
"""Share of strong tissue's signal below which a voxel is left out whatever the noise: cortical
bone, tendon and flowing blood give ghosts and ringing, not a fraction."""

SMALL_PIECE = 0.1
"""Pieces of body below this share of the largest one are not warned about."""

LEGS = {0: "both", 1: "left", 2: "right"}


@dataclass(frozen=True, slots=True)
class _Solved:
    """Field, decay and model at the end, and what is told of how they were found."""

    signal: Complexes
    model: Model
    field: Field
    hertz: Floats
    decay: Floats
    difference: float | None
    spectrum: str
    other_fat: NDArray[np.complex128]
    turned: bool
    surplus: float


@dataclass(frozen=True, slots=True)
class _Solution:
    """A field on the coarse grid for one direction of the phase."""

    field: Field
    coarse: Floats


def fat_map_echoes(echoes: Sequence[Echo], body: Body) -> FatMap:
    """Return the fat fraction from two or more gradient echoes.

    Parameters
    ----------
    echoes
        Of one scan, with or without phase; any order.
    body
        Where the body is in them.

    Returns
    -------
    With phase: F / (W + F) from water and several peaks of fat with a field map, and R2* from three
    echoes on. Without phase: see `magnitudes.fat_map_magnitudes`; fractions above one half cannot
    be told from their mirror image.

    Raises
    ------
    ScanError
        Echoes that do not belong together (see `echoes.series_of`), or echo times at which fat and
        water do not differ.
    """
    series = series_of(echoes, body)
    model = Model(series.seconds, fat_signal(series.echo_ms, series.field_t))
    _check_differ(model, series)
    if not np.iscomplexobj(series.signal):
        return fat_map_magnitudes(series)
    return _fat_map_phase(series, model, body)


def _check_differ(model: Model, series: Series) -> None:
    turned = np.angle(model.fat)
    apart = np.abs(np.angle(np.exp(1j * (turned[:, None] - turned[None, :])))).max()
    if apart < np.pi / 6:
        times = ", ".join(f"{one:g}" for one in series.echo_ms)
        raise ScanError(
            f"{series.name}: at echo times of {times} ms and {series.field_t:g} T fat is turned "
            f"against water by nearly the same angle in every echo (they differ by "
            f"{np.degrees(apart):.0f} degrees), so that water and fat cannot be told apart. Check "
            "the echo times and the field strength"
        )


def _fat_map_phase(series: Series, model: Model, body: Body) -> FatMap:
    signal = np.asarray(series.signal, dtype=np.complex64) * series.inside
    strong = float(np.quantile(np.abs(signal[0])[series.inside], 0.9))
    if strong <= 0:
        raise ScanError(f"{series.name}: the echoes have no signal within the body")
    signal /= np.float32(strong)
    air = find_air(np.abs(series.first))
    noise = (air.sigma or 0.0) / strong
    solved = _solve(signal, series, model, body)
    water, fat = _by_slice(solved)
    fraction, seen = _fraction(water, fat, series.inside, noise)
    if not seen.any():
        raise ScanError(
            f"{series.name}: no voxel of the body has enough signal in the echoes for a fraction"
        )
    whole = np.full(series.geometry.shape, np.nan, dtype=np.float32)
    whole[series.box] = fraction
    middle = float(np.median(solved.decay[series.inside]))
    level = float(np.median((water + fat)[seen]))
    sds = method_sd(solved.model, solved.other_fat, solved.difference is not None)
    shells = shells_of(whole, body, series.geometry.spacing)
    return FatMap(
        fraction=whole,
        geometry=series.geometry,
        noise_sd=noise_gain(model, middle) * noise / level,
        sd_at_zero=sds[0],
        sd_at_one=sds[1],
        method=_method(series),
        references=_references(series, solved, shells, seen, noise / level),
        warnings=(*_doubts(series, solved, air.sigma is None), *_of_shells(shells)),
    )


def _solve(signal: Complexes, series: Series, model: Model, body: Body) -> _Solved:
    """Choose the field for both directions of the phase, keep the better one, and sharpen it."""
    decay = assumed_decay(series.field_t)
    rim = rim_of(body, series.geometry.spacing)[series.box].astype(np.float32)
    legs = body.leg[series.box]
    both = [_on_blocks(signal, turn, series, model, decay, rim, legs) for turn in (False, True)]
    turned = both[1].field.cost < both[0].field.cost
    best, other = (both[1], both[0]) if turned else (both[0], both[1])
    if turned:
        np.conj(signal, out=signal)
    name, model, difference = _spectrum(signal, best.coarse, model, series, body, decay)
    field, decays = _sharpen(signal, best.coarse, series, model, decay)
    others = [peaks for one, peaks in SPECTRA.items() if one != name]
    return _Solved(
        signal=signal,
        model=model,
        field=best.field,
        hertz=field,
        decay=decays,
        difference=difference,
        spectrum=name,
        other_fat=fat_signal(series.echo_ms, series.field_t, others[0]),
        turned=turned,
        surplus=other.field.cost - best.field.cost,
    )


def _spectrum(
    signal: Complexes,
    coarse: Floats,
    model: Model,
    series: Series,
    body: Body,
    decay: float,
) -> tuple[str, Model, float | None]:
    """Return the spectrum that the patient's own fat agrees with, and how its decay differs.

    Under a wrong spectrum the fat's beats look like a decay. So each spectrum is tried on a few
    slices, and the first is kept under which fat decays like fat; where neither does, or fat or
    muscle is hardly there, or two echoes cannot tell, it is the first, without a difference.
    """
    first = next(iter(SPECTRA))
    if len(series.seconds) < 3:
        return first, model, None
    some = np.unique(np.linspace(0, series.inside.shape[2] - 1, TRIED + 2).round().astype(int))
    some = some[1:-1] if some.size > 2 else some
    part = replace(
        series,
        signal=series.signal[..., some],
        inside=np.ascontiguousarray(series.inside[..., some]),
    )
    signal = np.ascontiguousarray(signal[..., some])
    depth = depth_below_skin(body, series.geometry.spacing)[series.box][..., some]
    for name, peaks in SPECTRA.items():
        tried = Model(series.seconds, fat_signal(series.echo_ms, series.field_t, peaks))
        field, decays = _sharpen(signal, coarse[..., some], part, tried, decay)
        water, fat = separate(signal, tried, field, decays)
        rates = _difference(water, fat, decays, part.inside & (depth >= SKIN_MM), series)
        if rates is not None and FAT_DECAY_FASTER[0] <= rates <= FAT_DECAY_FASTER[1]:
            return name, tried.with_difference(rates), rates
    return first, model, None


def _difference(
    water: Floats, fat: Floats, decay: Floats, inside: NDArray[np.bool_], series: Series
) -> float | None:
    """Return by how much fat decays faster than water (1/s), from nearly pure tissue of each.

    Both decay between excitation and echo, so that a difference moves fractions near one half: by
    2 points for 15 / s at a mean echo time of 5 ms. None where one of them is hardly there.
    """
    total = water + fat
    inside = inside & (total > 0.1 * np.median(total[inside]))
    share = fat / np.where(total == 0, 1, total)
    wet, fatty = inside & (share < NEARLY_NONE), inside & (share > NEARLY_ALL)
    if min(np.count_nonzero(wet), np.count_nonzero(fatty)) * series.geometry.voxel_ml < ENOUGH_ML:
        return None
    return float(np.median(decay[fatty])) - float(np.median(decay[wet]))


def _on_blocks(
    signal: Complexes,
    turned: bool,
    series: Series,
    model: Model,
    decay: float,
    rim: Floats,
    legs: NDArray[np.int8],
) -> _Solution:
    """Choose the field on coarse blocks."""
    shape = (signal.shape[1], signal.shape[2], signal.shape[3])
    blocks = blocks_of(shape, series.geometry.spacing, COARSE_MM)
    share = np.asarray(blocks.mean(series.inside.astype(np.float32)))
    grid = share >= ENOUGH_BODY
    mean = np.asarray(blocks.mean(signal), dtype=np.complex64)
    if turned:
        mean = np.conj(mean)
    nodes = np.nonzero(grid)
    found = candidates_of(mean, model, decay, nodes, blocks.spacing, series.field_t)
    left = np.asarray(blocks.mean((legs == 1).astype(np.float32)))[nodes]
    right = np.asarray(blocks.mean((legs == 2).astype(np.float32)))[nodes]
    leg = np.where(np.maximum(left, right) <= 0, 0, np.where(left >= right, 1, 2)).astype(np.int8)
    at_rim = np.asarray(blocks.mean(rim), dtype=np.float32)[nodes]
    chosen = choose_field(found, grid, leg, at_rim, blocks.spacing, series.field_t)
    field = np.zeros(grid.shape, dtype=np.float32)
    field[nodes] = chosen.hertz
    return _Solution(chosen, blocks.spread(fill_outwards(field, grid)))


def _sharpen(
    signal: Complexes, start: Floats, series: Series, model: Model, decay: float
) -> tuple[Floats, Floats]:
    """Return field and decay at each voxel."""
    shape = (start.shape[0], start.shape[1], start.shape[2])
    blocks = blocks_of(shape, series.geometry.spacing, FINE_MM)
    mean = np.asarray(blocks.mean(signal), dtype=np.complex64)
    inside = np.asarray(blocks.mean(series.inside.astype(np.float32))) >= ENOUGH_BODY
    first = np.asarray(blocks.mean(start), dtype=np.float32)
    field, decays = refine(
        mean, inside, model, first, decay, blocks, with_decay=len(series.seconds) > 2
    )
    return blocks.spread(field), blocks.spread(decays)


def _fraction(
    water: Floats, fat: Floats, inside: NDArray[np.bool_], noise: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the fraction where there is signal, and where that is."""
    total = water + fat
    seen = inside & (total > LEAST_SNR * noise) & (total > LEAST_LEVEL)
    fraction = np.full(total.shape, np.nan, dtype=np.float32)
    fraction[seen] = fat[seen] / total[seen]
    return fraction, seen


def _by_slice(solved: _Solved) -> tuple[Floats, Floats]:
    """Return water and fat, slice by slice, so that large scans need little memory."""
    water, fat = np.empty_like(solved.hertz), np.empty_like(solved.hertz)
    for k in range(water.shape[2]):
        at = slice(k, k + 1)
        water[..., at], fat[..., at] = separate(
            solved.signal[..., at], solved.model, solved.hertz[..., at], solved.decay[..., at]
        )
    return water, fat


def _method(series: Series) -> str:
    n = len(series.seconds)
    decay = "R2* from the echoes" if n > 2 else "R2* assumed"
    return (
        f"Dixon, {n} echoes with phase: water and several peaks of fat with one phase at "
        f"excitation, smooth field map, {decay}"
    )


def _references(
    series: Series,
    solved: _Solved,
    shells: tuple[Shell, ...],
    seen: NDArray[np.bool_],
    noise: float,
) -> dict[str, Any]:
    centred = solved.hertz[seen]
    rates = solved.decay[seen]
    told: dict[str, Any] = {
        "echo_ms": [round(float(one), 4) for one in series.echo_ms],
        "field_t": series.field_t,
        "fat_spectrum": solved.spectrum,
        "phase_direction_margin": round(solved.surplus, 3),
        "phase_direction": "reversed" if solved.turned else "as in the files",
        "field_map_hz": [round(float(q), 1) for q in np.quantile(centred, (0.05, 0.5, 0.95))],
        "r2_star_per_s": [round(float(q), 1) for q in np.quantile(rates, (0.25, 0.5, 0.75))],
        "r2_star_fat_minus_water_per_s": None
        if solved.difference is None
        else round(solved.difference, 1),
        "snr": None if noise == 0 else round(1 / noise, 1),
        "fat_under_skin": [
            {"slice": one.slice + 1, "leg": LEGS[one.leg], "fraction": round(one.rim, 3)}
            for one in shells
        ],
        "limit": T1_LIMIT,
    }
    return told


def _doubts(series: Series, solved: _Solved, no_air: bool) -> tuple[str, ...]:
    told = []
    field = solved.field
    sizes = np.bincount(field.piece)
    unsure = (field.margin < CLEAR_MARGIN) & (sizes > SMALL_PIECE * sizes.max())
    if unsure.any():
        blocks = unsure[field.piece]
        at = sorted({int(k) + 1 for k in field.slice[blocks]})
        told.append(
            f"in slice{'s' if len(at) > 1 else ''} {', '.join(map(str, at))} the echoes and the "
            "fat "
            "under the skin hardly tell water from fat: look at the fat map before its numbers are "
            "used"
        )
    if no_air:
        told.append("the images show no noise in air: voxels of low signal are left out by level")
    if len(series.seconds) == 2:
        told.append(
            "two echoes cannot tell R2*: "
            f"{assumed_decay(series.field_t):g} per second is assumed, with its spread in the SD"
        )
    return tuple(told)


def _of_shells(shells: tuple[Shell, ...]) -> tuple[str, ...]:
    swapped = [(one.slice, one.leg) for one in swapped_shells(shells)]
    told = list(lean_warning(shells))
    if swapped:
        told.append(
            f"water lies under the skin ({places(swapped)}): water and fat are exchanged "
            "there; do not use these numbers"
        )
    return tuple(told)
