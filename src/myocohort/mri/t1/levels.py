"""Receive field and muscle-to-fat ratio, found together from all voxels that tell something.

The signal of a voxel is field x ((1 - f) ratio + f): f its fat, and 1 the level of subcutaneous
fat. Neither the field nor the ratio nor f is known. What is known: the field is smooth; fat under
the skin has one level, and lies all around; pure muscle has another one, and lies inside; f runs
from 0 to 1, so that fat is the upper and pure muscle the lower edge of what is seen. A muscle that
is evenly infiltrated, or darkened by oedema, has a level of its own: each region may leave the
common muscle level, but must pay for it, and a field that bends to spare the payment costs more.

It is found by expectation and maximisation: each voxel is pure muscle, pure fat, a mixture of both,
or something else (vessel, tendon), with shares of its own for each region; field, ratio and the
regions' offsets are fitted to the pure voxels, and the widths shrink from step to step. How rough
the field may be is estimated along with it (MacKay 1992, Neural Computation 4:415).

Where the fat under the skin is too thin to fill a voxel, fat between the muscles and marrow count
from the start as well, and the upper edge of them all is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.special import ndtr

from myocohort.mri.t1.evidence import BETWEEN, MARROW, SUBCUTANEOUS, THIN, Evidence
from myocohort.mri.t1.smooth_field import SmoothField, smooth_field

Array = NDArray[np.float64]

CELL_MM = (12.0, 12.0, 20.0)
"""Voxels of one region in such a box make one equation."""

CELL_SD = 0.015
"""SD of a box's log signal about its level, beside noise: tissue is not the same everywhere."""

OFFSET_SD, OFFSET_FREEDOM = 0.02, 2.0
"""Scale and degrees of freedom of a region's offset from the common muscle level, in log signal:
healthy muscles differ by some 2% (water content 76 to 79%), infiltrated or wet ones by anything, so
that the tail is that of a t distribution."""

ROUGHNESS = (0.2, 2.5)
"""Smallest and largest root mean square of the log field's second derivative, per (100 mm)^2. A
wave of 0.6 to 1.4 over 250 mm has 2; a field through both thighs that is flat within 2% has
0.1."""

SLOPE = 0.4
"""Expected slope of the log field, per 100 mm; holds the field where there is no evidence."""

DARKENING = (0.1, 0.1)
"""Prior mean and SD of the fall of muscle's log signal on T1 per unit of STIR excess. T1 from 1.1
to 1.4 s and T2 from 35 to 50 ms (moderate oedema) give -0.05 to -0.15 at an excess of about
0.7."""

STEPS_OF_FAT, STEPS = 10, 32
"""Steps in which only subcutaneous fat counts, and all."""

WIDE_FAT, WIDE, NARROW = 0.25, 0.10, 0.02
"""Widths in log signal: at the start for fat and for muscle, and at the end (healthy muscles and
fat lobules differ by that much)."""

ELSE_DENSITY, MOST_ELSE = 1 / 3, 0.1
"""Something else has any log signal over a range of 3, and is at most this share of a region."""

PRIOR_SHARES = (0.2, 0.2, 0.5, 0.1)
PRIOR_COUNT = 5.0
"""Shares of muscle, fat, mixture and something else, worth so many voxels in each region."""

PEAK_SD, PEAK_SHARE = 0.07, 0.25
"""Width of the kernel that finds the lowest peak of muscle, and the part of the highest that
counts."""

UPPER_EDGE = 0.9
"""Where no layer of pure fat is there, half of what may be fat is partly muscle: the level starts
at this quantile, and the field at the curve that weighs what lies above it so much more than what
lies below (asymmetric least squares, Newey & Powell 1987, Econometrica 55:819)."""

STEPS_OF_EDGE, NO_FAT = 6, -0.7
"""Steps in which it does so, and the log signal over it below which a voxel is no fat at all."""

MUSCLE, FAT = 0, 1


@dataclass(frozen=True, slots=True)
class Levels:
    """What was found.

    Parameters
    ----------
    field, coefficients
        Log of the signal of pure fat, on positions as in `Evidence`.
    log_ratio
        Log of the level of pure muscle over that of fat.
    darkening
        Fall of muscle's log signal per unit of STIR excess; 0 without STIR.
    offset
        Region's code -> how far its pure muscle lies from the common level, log.
    share, area_mm2
        Region's code -> share of its voxels that look like pure muscle, and the area of those.
    lowest, highest
        Log signal over fat that 2% of the muscles' voxels do not reach, and that 2% of all voxels
        inside the compartment pass.
    sd_muscle, sd_fat
        SD of the log level of muscle and of fat where the muscles are, as far as voxels tell.
    """

    field: SmoothField
    coefficients: Array
    log_ratio: float
    darkening: float
    offset: dict[int, float]
    share: dict[int, float]
    area_mm2: dict[int, float]
    lowest: float
    highest: float
    sd_muscle: float
    sd_fat: float


class _Cells:
    """Evidence in boxes: what does not change from step to step."""

    def __init__(self, evidence: Evidence) -> None:
        at = evidence.at_mm
        self.codes, self.group = np.unique(evidence.code, return_inverse=True)
        self.field = smooth_field(at.min(axis=0), at.max(axis=0))
        self.rows = self.field.rows(at)
        box = np.rint(at / np.array(CELL_MM)).astype(np.int64)
        _, self.cell = np.unique(np.column_stack([box, self.group]), axis=0, return_inverse=True)
        self.cell = self.cell.ravel()
        count = np.bincount(self.cell)
        self.size = count.size
        mean = sparse.csr_array(
            (1 / count[self.cell], (self.cell, np.arange(self.cell.size))),
            shape=(self.size, self.cell.size),
        )
        self.basis = (mean @ self.rows).toarray()
        self.wet = self.sum(evidence.wet) / count
        self.group_of = np.zeros(self.size, dtype=np.int64)
        self.group_of[self.cell] = self.group
        self.member = np.zeros((self.size, self.codes.size))
        self.member[np.arange(self.size), self.group_of] = 1

    def sum(self, values: Array) -> Array:
        return np.asarray(np.bincount(self.cell, values, minlength=self.size), dtype=np.float64)

    def by_group(self, values: Array) -> Array:
        total = np.bincount(self.group, values, minlength=self.codes.size)
        return np.asarray(total, dtype=np.float64)


class _Fit:
    """State of the fit."""

    def __init__(self, evidence: Evidence, log_ratio: float) -> None:
        self.evidence = evidence
        self.cells = _Cells(evidence)
        self.prior_ratio = log_ratio
        self.log_ratio = log_ratio
        self.wet = bool(np.any(evidence.wet != 0))
        self.darkening = DARKENING[0] if self.wet else 0.0
        groups = self.cells.codes.size
        self.offset = np.zeros(groups)
        self.offset_variance = np.full(groups, OFFSET_SD**2)
        self.shares = np.tile(np.array(PRIOR_SHARES), (groups, 1))
        self.shares[self.cells.codes == SUBCUTANEOUS] = (0.0, 0.7, 0.25, 0.05)
        self.shares[np.isin(self.cells.codes, (THIN, MARROW))] = (0.0, 0.4, 0.5, 0.1)
        self.first = np.isin(evidence.code, (SUBCUTANEOUS, THIN))
        edge = 0.6
        if evidence.mostly_thin:
            self.first, edge = evidence.code < 0, UPPER_EDGE
        field = self.cells.field
        self.free = max(field.terms - 4, 1)
        self.bending = self.free / (field.volume * 1.0)
        start = np.quantile(evidence.log[self.first], edge)
        self.coefficients = np.full(field.terms, start)  # the functions add up to 1
        self.log_fat = np.full(evidence.log.size, start)
        self.covariance = np.zeros((0, 0))
        self.counts = np.zeros((groups, 4))

    def muscle_level(self) -> Array:
        """Log level of pure muscle over fat at each voxel."""
        group = self.cells.group
        level = self.log_ratio + self.offset[group] - self.darkening * self.evidence.wet
        return np.asarray(np.minimum(level, -0.05), dtype=np.float64)

    def members(self, width: float, *, fat_only: bool) -> tuple[Array, Array, Array]:
        """Return the chance of pure muscle and fat of each voxel, (n, 2), residuals, variances."""
        over_fat = self.evidence.log - self.log_fat
        muscle = self.muscle_level()
        noise = self.evidence.noise / np.exp(self.log_fat)
        sd = np.stack([np.hypot(width, noise / np.exp(muscle)), np.hypot(width, noise)], axis=1)
        residual = np.stack([over_fat - muscle, over_fat], axis=1)
        pure = np.exp(-0.5 * (residual / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        # any fraction between pure muscle and pure fat is as likely: density of the log signal
        mixed = np.exp(np.minimum(over_fat, 0)) / (1 - np.exp(muscle))
        mixed *= ndtr(residual[:, MUSCLE] / sd[:, MUSCLE]) * ndtr(-over_fat / sd[:, FAT])
        other = np.full(over_fat.size, ELSE_DENSITY)
        chance = np.column_stack([pure, mixed, other]) * self.shares[self.cells.group]
        chance /= chance.sum(axis=1, keepdims=True)
        if not fat_only:
            self._update_shares(chance)
        used = chance[:, :2].copy()
        # fat inside labelled muscle may hold muscle: it is no anchor
        used[self.evidence.code > 0, FAT] = 0
        if fat_only:
            used[~self.first] = 0
        if not self.evidence.mostly_thin:  # marrow is not quite the fat under the skin
            used[self.evidence.code == MARROW] = 0
        return used, residual, sd**2

    def at_edge(self) -> tuple[Array, Array, Array]:
        """Return weights, residuals, variances as `members`, for the upper edge of all fat."""
        over_fat = self.evidence.log - self.log_fat
        weight = np.where(over_fat > 0, UPPER_EDGE, 1 - UPPER_EDGE)
        weight[~self.first | (over_fat < NO_FAT)] = 0
        used = np.column_stack([np.zeros(weight.size), weight])
        residual = np.stack([over_fat, over_fat], axis=1)
        return used, residual, np.full(residual.shape, WIDE_FAT**2)

    def _update_shares(self, chance: Array) -> None:
        self.counts = np.stack([self.cells.by_group(one) for one in chance.T], axis=1)
        shares = self.counts + PRIOR_COUNT * np.array(PRIOR_SHARES)
        shares /= shares.sum(axis=1, keepdims=True)
        shares[:, 3] = np.minimum(shares[:, 3], MOST_ELSE)
        shares[np.isin(self.cells.codes, (SUBCUTANEOUS, THIN, MARROW)), MUSCLE] = 0
        self.shares = shares / shares.sum(axis=1, keepdims=True)

    def improve(self, used: Array, residual: Array, variance: Array, *, fat_only: bool) -> float:
        """Fit field, ratio, darkening and offsets to the pure voxels; return the largest change."""
        cells, field = self.cells, self.cells.field
        weight, mean = np.zeros((cells.size, 2)), np.zeros((cells.size, 2))
        for k in (MUSCLE, FAT):
            total = cells.sum(used[:, k])
            found = total > 0.5
            part = np.where(found, total, 1)
            mean[:, k] = cells.sum(used[:, k] * residual[:, k]) / part
            spread = cells.sum(used[:, k] * variance[:, k]) / part**2
            weight[:, k] = np.where(found, 1 / (CELL_SD**2 + spread), 0)
        own = np.column_stack([np.ones(cells.size), -cells.wet, cells.member])
        n, basis = field.terms, cells.basis
        left = np.zeros((n + own.shape[1],) * 2)
        left[:n, :n] = (basis * weight.sum(axis=1)[:, None]).T @ basis
        left[:n, n:] = basis.T @ (own * weight[:, :1])
        left[n:, :n] = left[:n, n:].T
        left[n:, n:] = (own * weight[:, :1]).T @ own
        pull = (weight * mean).sum(axis=1)
        right = np.concatenate([basis.T @ pull, own.T @ (weight[:, MUSCLE] * mean[:, MUSCLE])])
        prior, centre = self._prior(n, own.shape[1])
        now = np.concatenate([self.coefficients, [self.log_ratio, self.darkening], self.offset])
        right -= prior @ (now - centre)
        factor = linalg.cho_factor(left + prior)
        change = linalg.cho_solve(factor, right)
        self._take(now + change, fat_only=fat_only)
        self.covariance = linalg.cho_solve(factor, np.eye(len(now)))
        self._update_bending(n)
        return float(np.abs(change).max())

    def _prior(self, n: int, more: int) -> tuple[Array, Array]:
        """Return the prior's precision and mean of all unknowns."""
        field = self.cells.field
        prior, centre = np.zeros((n + more, n + more)), np.zeros(n + more)
        prior[:n, :n] = self.bending * field.bending + 3 / (field.volume * SLOPE**2) * field.slope
        prior[np.arange(n), np.arange(n)] += 1e-6
        centre[:n] = self.coefficients.mean()
        prior[n, n], centre[n] = 1 / 0.5**2, self.prior_ratio
        prior[n + 1, n + 1] = 1 / (DARKENING[1] if self.wet else 1e-6) ** 2
        centre[n + 1] = DARKENING[0] if self.wet else 0.0
        own = n + 2 + np.arange(more - 2)
        prior[own, own] = 1 / self.offset_variance
        return prior, centre

    def _take(self, unknown: Array, *, fat_only: bool) -> None:
        n = self.cells.field.terms
        self.coefficients = unknown[:n]
        self.log_fat = self.cells.rows @ self.coefficients
        if fat_only:
            return
        self.log_ratio = float(np.clip(unknown[n], np.log(0.08), np.log(0.9)))
        self.darkening = float(max(unknown[n + 1], 0.0))
        self.offset = unknown[n + 2 :]
        self.offset_variance = (self.offset**2 + OFFSET_FREEDOM * OFFSET_SD**2) / (
            OFFSET_FREEDOM + 1
        )

    def _update_bending(self, n: int) -> None:
        """Estimate how rough the field is."""
        field = self.cells.field
        told = self.free - self.bending * float(np.sum(self.covariance[:n, :n] * field.bending))
        seen = float(self.coefficients @ field.bending @ self.coefficients)
        low, high = (self.free / (field.volume * rough**2) for rough in reversed(ROUGHNESS))
        self.bending = float(np.clip(max(told, 1.0) / max(seen, 1e-9), low, high))

    def find_lowest_peak(self) -> None:
        """Start the ratio at the lowest level that a fair part of the muscles' voxels share."""
        labelled = self.evidence.code > 0
        over_fat = (self.evidence.log - self.log_fat)[labelled]
        size = np.bincount(self.cells.group)
        weight = 1 / np.sqrt(size[self.cells.group[labelled]])
        step = 0.01
        edges = np.arange(np.log(0.1), np.log(0.9), step)
        mass = np.histogram(over_fat, bins=edges, weights=weight)[0]
        reach = np.arange(-30, 31) * step
        density = np.convolve(mass, np.exp(-0.5 * (reach / PEAK_SD) ** 2), mode="same")
        inner = density[1:-1]
        peaks = (inner >= density[:-2]) & (inner > density[2:])
        peaks &= inner > PEAK_SHARE * density.max()
        first = int(np.flatnonzero(peaks)[0]) + 1 if peaks.any() else int(np.argmax(density))
        self.log_ratio = float(edges[first] + step / 2)


def find_levels(evidence: Evidence, expected_ratio: float) -> Levels:
    """Find receive field, muscle-to-fat ratio and the regions' offsets.

    Parameters
    ----------
    evidence
        With voxels of subcutaneous fat and of muscle.
    expected_ratio
        Prior mean of the ratio.
    """
    fit = _Fit(evidence, float(np.log(expected_ratio)))
    for step in range(STEPS):
        fat_only = step < STEPS_OF_FAT
        if fat_only:
            width = max(0.03, WIDE_FAT * 0.75**step)
        else:
            width = max(NARROW, WIDE * 0.85 ** (step - STEPS_OF_FAT))
        if step == STEPS_OF_FAT:
            fit.find_lowest_peak()
        if evidence.mostly_thin and step < STEPS_OF_EDGE:
            used, residual, variance = fit.at_edge()
        else:
            used, residual, variance = fit.members(width, fat_only=fat_only)
        change = fit.improve(used, residual, variance, fat_only=fat_only)
        if width == NARROW and change < 1e-3:
            break
    return _levels(fit)


def _levels(fit: _Fit) -> Levels:
    cells, n = fit.cells, fit.cells.field.terms
    codes = [int(code) for code in cells.codes]
    inside = cells.codes[cells.group_of] > 0
    own = np.column_stack([cells.basis[inside], np.ones(int(inside.sum()))])
    joint = fit.covariance[: n + 1, : n + 1]
    of_muscle = np.einsum("ij,jk,ik->i", own, joint, own)
    of_fat = np.einsum("ij,jk,ik->i", own[:, :n], joint[:n, :n], own[:, :n])
    over_fat = fit.evidence.log - fit.log_fat
    within = (fit.evidence.code > 0) | (fit.evidence.code == BETWEEN)
    pick = [k for k, code in enumerate(codes) if code > 0 or code == BETWEEN]
    return Levels(
        field=cells.field,
        coefficients=fit.coefficients,
        log_ratio=fit.log_ratio,
        darkening=fit.darkening,
        offset={codes[k]: float(fit.offset[k]) for k in pick},
        share={codes[k]: float(fit.shares[k, MUSCLE]) for k in pick},
        area_mm2={codes[k]: float(fit.counts[k, MUSCLE]) * fit.evidence.area_mm2 for k in pick},
        lowest=float(np.quantile(over_fat[fit.evidence.code > 0], 0.02)),
        highest=float(np.quantile(over_fat[within], 0.98)),
        sd_muscle=float(np.sqrt(of_muscle.mean())),
        sd_fat=float(np.sqrt(of_fat.mean())),
    )


__all__ = ["BETWEEN", "Levels", "find_levels"]
