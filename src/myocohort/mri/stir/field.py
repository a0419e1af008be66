"""The receive field of a STIR scan, told apart from oedema.

STIR has no bright fat that could show the field, and a smoother such as N4 takes an oedematous
thigh for a bright coil. What tells them apart: the field is smooth across the whole picture and is
seen as a slope inside every muscle, oedema changes from muscle to muscle. So each muscle gets a
level of its own, and the field is what slopes inside muscles have in common. Once it is known which
muscles look healthy, their levels are held together, which makes the field sharper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from myocohort.mri.scan import Geometry
from myocohort.mri.stir.muscle_voxels import Blocks

DEGREE = 6
"""Of the polynomial across a slice, at the most; `SMOOTH_MM` decides which terms count."""

DEGREE_ALONG = 2
"""Of the polynomial along the thigh; a slab of some 200 mm."""

LEAST_ALONG_MM = 100.0
"""Half length of the thigh for the prior along it, at least: between slices the signal also changes
with their profiles and the order in which they are excited, however near they lie."""

SMOOTH_MM = 40.0
"""Correlation length of log receive fields: of surface coils, loops of 70 to 110 mm in radius, they
change over about their radius; of body coils over more."""

LEAST_PRIOR = 0.005
"""Terms that may change the field by less than that are left out."""

PRIOR_SD = 0.4
"""Of a coefficient of long wave, in log signal. Fields of 0.6 to 1.4 differ by 0.85 in log signal
from end to end. Shorter waves are damped as the spectrum of a Gaussian process with `SMOOTH_MM` is;
without it a step between two legs could be taken for a field."""

LEVEL_SD = 0.05
"""SD of the levels of healthy muscles, log signal: their T2 differs by about 2 ms."""

FIRST_STEPS, STEPS = 6, 20
"""Of the reweighted fit: those that find the quantile at which it starts, and all."""

DARKER_PART = 0.3
"""Quantile of a muscle's blocks at which the fit starts where fat is known: muscle without oedema
in all muscles of which less than 70% is oedematous."""

ALIKE_BLOCKS = 4
"""Neighbouring blocks that count as one observation: texture of muscle runs over some 10 mm."""

TUKEY = 4.685
"""Constant of Tukey's biweight (95% efficiency under normal errors; Beaton & Tukey 1974)."""

SCALE_AT_LEAST = 0.02
"""Smallest SD of a block's log signal that is believed: muscle is not smoother than that."""

SCALE_AT_MOST = 0.1
"""Largest one: at a signal-to-noise ratio of 10 a block of six voxels has 0.04, and healthy
muscle's texture adds some 0.05. What is wider is patches of oedema."""


@dataclass(frozen=True, slots=True)
class Field:
    """Log of the receive field as a polynomial; its mean level is free.

    Parameters
    ----------
    centre_mm, half_mm
        (3,): middle and half width of the box on which it was fitted; outside, the value of the
        nearest place on the box is used, because a polynomial must not be carried on.
    terms
        (n, 3): Legendre degrees.
    coefficients
        (n,): log signal.
    low, high
        Range of the log field where there was muscle.
    """

    centre_mm: NDArray[np.float64]
    half_mm: NDArray[np.float64]
    terms: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    low: float
    high: float

    def at(self, position_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log field at positions, shape (n, 3)."""
        return design(position_mm, self.centre_mm, self.half_mm, self.terms) @ self.coefficients

    def on(self, geometry: Geometry) -> NDArray[np.float32]:
        """Return the field on a grid, float32, kept within what it is where there was muscle."""
        cube = np.zeros((DEGREE + 1, DEGREE + 1, DEGREE_ALONG + 1))
        cube[tuple(self.terms.T)] = self.coefficients
        along = []
        for axis in range(3):
            at = np.arange(geometry.shape[axis]) * geometry.spacing[axis]
            unit = np.clip((at - self.centre_mm[axis]) / self.half_mm[axis], -1, 1)
            along.append(legendre.legvander(unit, cube.shape[axis] - 1))
        inner = np.einsum("ijk,zk->ijz", cube, along[2])
        middle = np.einsum("ijz,yj->iyz", inner, along[1])
        log = np.einsum("iyz,xi->xyz", middle.astype(np.float32), along[0].astype(np.float32))
        return np.asarray(np.exp(np.clip(log, self.low, self.high)), dtype=np.float32)


def design(
    position_mm: NDArray[np.float64],
    centre_mm: NDArray[np.float64],
    half_mm: NDArray[np.float64],
    terms: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return products of Legendre polynomials at positions, shape (n, terms)."""
    unit = np.clip((position_mm - centre_mm) / half_mm, -1, 1)
    result = np.ones((unit.shape[0], len(terms)))
    for axis in range(3):
        result *= legendre.legvander(unit[:, axis], DEGREE)[:, terms[:, axis]]
    return result


def _terms(
    slices: int, half_mm: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the degrees of the terms that count, and the prior SD of each.

    A Legendre polynomial of degree d has d / 4 waves on its half width. How many terms there are
    does not depend on the number of blocks, which changes with the grid: the prior holds what few
    blocks cannot tell.
    """
    along = min(DEGREE_ALONG, slices - 1)
    grid = np.indices((DEGREE + 1, DEGREE + 1, along + 1)).reshape(3, -1).T[1:]
    wave = np.pi / 2 * grid / np.maximum(half_mm, (0, 0, LEAST_ALONG_MM))
    sd = PRIOR_SD * np.exp(-(SMOOTH_MM**2) / 4 * (wave**2).sum(axis=1))
    order = np.argsort(-sd, kind="stable")
    order = order[sd[order] >= LEAST_PRIOR]
    return grid[order].astype(np.int64), sd[order]


def fit_field(
    blocks: Blocks,
    alike: NDArray[np.int64],
    slices: int,
    fat_known: bool,
    start: Field | None = None,
) -> tuple[Field, NDArray[np.float64], float]:
    """Fit the field to blocks, with a level for each muscle.

    Parameters
    ----------
    blocks
        Means of muscle.
    alike
        Codes of muscles that are taken for healthy: their levels lie about a common one with an SD
        of `LEVEL_SD`. Levels of the others are free.
    slices
        Slices with muscle.
    fat_known
        Whether fat was taken out. Then only oedema makes blocks differ from their muscle, to the
        bright side, and the fit settles on the darker part of each muscle; else on its middle,
        because fat makes dark parts.
    start
        A field to begin with; without it the field is flat.

    Returns
    -------
    The field; each block's log level (log signal less field), shape (n,); and the SD of a block
    about the level of its muscle.
    """
    at = blocks.position_mm
    centre = (at.max(axis=0) + at.min(axis=0)) / 2
    half = np.maximum((at.max(axis=0) - at.min(axis=0)) / 2, 1.0)
    terms, smooth = _terms(slices, half)
    basis = design(at, centre, half, terms)
    log = np.log(blocks.signal)
    codes, group = np.unique(blocks.code, return_inverse=True)
    prior = _prior(smooth, np.isin(codes, alike))
    area = np.sqrt(blocks.area_mm2 / blocks.area_mm2.max())
    field = np.zeros(len(log)) if start is None else start.at(at)
    level = group_median(log - field, group)
    coefficients = np.zeros(len(terms))
    scale, low = 1.0, DARKER_PART if fat_known else 0.5
    for step in range(STEPS):
        residual = log - field - level
        scale = float(np.median(np.abs(residual[residual <= 0]))) / 0.6745
        scale = min(max(scale, SCALE_AT_LEAST), SCALE_AT_MOST)
        far = np.abs(residual) / (TUKEY * scale)
        if step < FIRST_STEPS:
            side = np.where(residual > 0, low, 1 - low)
            weight = side / np.maximum(1, 3 * far)
        else:
            weight = (1 - np.minimum(far, 1) ** 2) ** 2
        before = coefficients
        coefficients, levels = _solve(
            basis, group, log, area * weight / (ALIKE_BLOCKS * scale**2), prior
        )
        field, level = basis @ coefficients, levels[group]
        if step > FIRST_STEPS and np.abs(coefficients - before).max(initial=0) < 1e-4:
            break
    found = Field(centre, half, terms, coefficients, float(field.min()), float(field.max()))
    return found, log - field, scale


def _prior(smooth: NDArray[np.float64], alike: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the prior's precision of coefficients, of the muscles' levels and the common level."""
    n, muscles = len(smooth), len(alike)
    result = np.zeros((n + muscles + 1, n + muscles + 1))
    result[np.arange(n), np.arange(n)] = 1 / smooth**2
    tied = n + np.flatnonzero(alike)
    common = n + muscles
    result[tied, tied] = 1 / LEVEL_SD**2
    result[tied, common] = result[common, tied] = -1 / LEVEL_SD**2
    result[common, common] = max(tied.size / LEVEL_SD**2, 1.0)
    return result


def _solve(
    basis: NDArray[np.float64],
    group: NDArray[np.int64],
    log: NDArray[np.float64],
    weight: NDArray[np.float64],
    prior: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Solve the weighted normal equations; return coefficients and each muscle's level."""
    n = basis.shape[1]
    muscles = prior.shape[0] - n - 1
    weighted = basis * weight[:, None]
    left = prior.copy()
    left[:n, :n] += weighted.T @ basis
    for k in range(n):
        cross = np.bincount(group, weighted[:, k], minlength=muscles)
        left[k, n : n + muscles] += cross
        left[n : n + muscles, k] += cross
    own = n + np.arange(muscles)
    left[own, own] += np.bincount(group, weight, minlength=muscles) + 1e-9
    right = np.zeros(prior.shape[0])
    right[:n] = weighted.T @ log
    right[own] = np.bincount(group, weight * log, minlength=muscles)
    found = np.asarray(np.linalg.solve(left, right), dtype=np.float64)
    return found[:n], found[n : n + muscles]


def group_median(values: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each value's group median, shape (n,)."""
    order = np.lexsort((values, group))
    count = np.bincount(group)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    ranked = values[order]
    low, high = first + (count - 1) // 2, first + count // 2
    return np.asarray(((ranked[low] + ranked[high]) / 2)[group], dtype=np.float64)
