"""Receive field on T1: what the fitted field and N4 leave of it, and what that costs in fat.

    python benchmarks/mri_bias.py

On phantoms with a spared muscle, without oedema, a field of 0.6 to 1.4 or of surface coils (label
maps of ../shared/data/mri/labels at their own resolution, else invented thighs). Three ways to the
field: none, N4 (SimpleITK; mask is the body, shrunk by 4 in the plane as a thigh scan has few thick
slices, its other settings as they come) and the field that is fitted together with the anchors
(mri/t1/levels.py). After each of the three the anchors are plain medians: of voxels under the skin
that are fat, and of the muscle-sides with 5% of fat or less. Which these are is taken from the
truth, so that what differs is the field alone, and each is helped by more than a user knows. The
last row is the whole method, which is told nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import SimpleITK
from threadpoolctl import threadpool_limits

from myocohort.mri.body import Body, find_body
from myocohort.mri.fat_map import FatMap
from myocohort.mri.region_fat import fat_of_regions
from myocohort.mri.t1 import fat
from myocohort.mri.t1.evidence import SUBCUTANEOUS, THIN, Evidence, collect
from myocohort.mri.t1.levels import Levels
from myocohort.mri.t1.noise import noise_sd, without_noise_bias

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "mri"))

from phantom import TEXTURES, Anatomy, Phantom, made_anatomy, make_phantom  # noqa: E402
from phantom_labels import from_labels  # noqa: E402

LABELS = ROOT.parent / "shared" / "data" / "mri" / "labels"
KINDS = ("smooth", "coil")
SHRINK = 4
PURE, SPARED = 0.95, 0.05
"""True fractions from which a voxel is fat, and up to which a muscle-side is spared."""
METHODS = ("none", "N4", "fitted", "fitted, with its anchors")


@dataclass(frozen=True, slots=True)
class Row:
    """What one way to the field gives on one phantom.

    Parameters
    ----------
    error
        Per muscle-side: reading less truth, fraction.
    left
        SD of the log of what is left of the field over muscles and fat under the skin.
    seconds
        Of processor time, for field (and its anchors where they are fitted together).
    """

    method: str
    kind: str
    error: tuple[float, ...]
    left: float
    seconds: float


def anatomies(count: int, slices: int) -> Iterator[Anatomy]:
    """Yield thighs on each label map in turn."""
    maps: list[Path | None] = [*sorted(LABELS.glob("*.nii.gz"))] or [None]
    for number in range(count):
        path, fat_mm = maps[number % len(maps)], (12.0, 8.0, 25.0, 5.0)[number % 4]
        yield (
            made_anatomy(spacing=0.9, slices=slices, slice_mm=20.0, subcutaneous_mm=fat_mm)
            if path is None
            else from_labels(path, slices=slices, subcutaneous_mm=fat_mm)
        )


def phantom(anatomy: Anatomy, kind: str, number: int) -> Phantom:
    """Return a phantom with fractions of 0 to 95%, a fifth of the muscle-sides spared."""
    muscles = [(r.name, r.side) for r in anatomy.of.values() if r.kind == "muscle"]
    rng = np.random.default_rng([2026, number])
    values = np.clip(np.linspace(-0.2, 0.95, len(muscles)), 0.0, None)
    rng.shuffle(values)
    patterns = {m: TEXTURES[i % len(TEXTURES)] for i, m in enumerate(muscles)}
    return make_phantom(
        anatomy, fat=dict(zip(muscles, map(float, values), strict=True)), texture=patterns,
        rest=0.1, bias=0.4, bias_kind=kind, snr=30.0, field_t=(1.5, 3.0)[number % 2], seed=number,
    )  # fmt: skip


def n4_field(signal: np.ndarray, body: Body, spacing: np.ndarray) -> np.ndarray:
    """Return the log field that N4 finds."""
    image, mask = (
        SimpleITK.GetImageFromArray(array) for array in (signal.T.astype(np.float32),
                                                    body.mask.T.astype(np.uint8))
    )  # fmt: skip
    for one in (image, mask):
        one.SetSpacing([float(step) for step in spacing])
    shrink = [SHRINK, SHRINK, 1]
    finder = SimpleITK.N4BiasFieldCorrectionImageFilter()
    finder.Execute(SimpleITK.Shrink(image, shrink), SimpleITK.Shrink(mask, shrink))
    return np.asarray(SimpleITK.GetArrayFromImage(finder.GetLogBiasFieldAsImage(image)).T)


class Kept:
    """The fit of field and anchors: keeps its result and adds up its processor time."""

    def __init__(self, work: Any) -> None:
        self.work, self.seconds = work, 0.0
        self.levels: Levels | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Levels:
        """Do the work."""
        start = time.process_time()
        self.levels = self.work(*args, **kwargs)
        self.seconds += time.process_time() - start
        return self.levels


def fitted_field(levels: Levels, p: Phantom, body: Body) -> np.ndarray:
    """Return the log field of pure fat that was fitted, on the scan's grid."""
    axes = [
        (np.arange(n) - (at.min() + at.max()) / 2) * step
        for n, at, step in zip(
            body.mask.shape, np.nonzero(body.mask), p.t1.geometry.spacing, strict=True
        )
    ]
    return levels.field.on_grid(levels.coefficients, axes)


def measure(p: Phantom, kind: str) -> list[Row]:
    """Measure one phantom in all ways."""
    body = find_body(p.t1)
    spacing = p.t1.geometry.spacing
    sd = noise_sd(p.t1.voxels, body, spacing)
    signal = without_noise_bias(p.t1.voxels, sd)
    evidence, index = collect(signal, sd, p.regions, body, spacing)
    start = time.process_time()
    n4 = n4_field(signal, body, spacing)
    n4_seconds = time.process_time() - start
    with patch.object(fat, "find_levels", Kept(fat.find_levels)) as kept:
        ours = fat.measure_t1(p.t1, p.regions, body)
    if kept.levels is None:
        raise RuntimeError("the field was not fitted")
    fields = {
        "none": (np.zeros_like(signal), 0.0),
        "N4": (n4, n4_seconds),
        "fitted": (fitted_field(kept.levels, p, body), kept.seconds),
    }
    rows = []
    for method, (field, seconds) in fields.items():
        found = by_medians(ours, signal, field, evidence, index, p)
        rows.append(Row(method, kind, errors(found, p), left(field, p, index), seconds))
    rows.append(Row(METHODS[-1], kind, errors(ours, p), rows[-1].left, kept.seconds))
    return rows


def by_medians(
    ours: FatMap, signal: np.ndarray, field: np.ndarray, evidence: Evidence,
    index: tuple[np.ndarray, ...], p: Phantom,
) -> FatMap:  # fmt: skip
    """Return the fat map between two plain medians of the corrected image."""
    flat = signal / np.exp(field)
    spared = [c for c, r in p.regions.of.items() if p.truth.get((r.name, r.side), 1) <= SPARED]
    at = flat[index]
    under_skin = np.isin(evidence.code, (SUBCUTANEOUS, THIN))
    pure = under_skin & (p.fraction[index] > PURE)
    fat_level = float(np.median(at[pure]))
    muscle_level = float(np.median(at[np.isin(evidence.code, spared)]))
    fraction = (flat - muscle_level) / (fat_level - muscle_level)
    fraction[~np.isfinite(ours.fraction)] = np.nan
    return replace(ours, fraction=fraction.astype(np.float32))


def errors(found: FatMap, p: Phantom) -> tuple[float, ...]:
    """Return reading less truth of each muscle-side."""
    return tuple(
        one.fat_fraction - p.truth[p.regions.of[code].name, p.regions.of[code].side]
        for code, one in fat_of_regions(found, p.regions, p.t1).items()
        if p.regions.of[code].kind == "muscle" and one.fat_fraction is not None
    )


def left(field: np.ndarray, p: Phantom, index: tuple[np.ndarray, ...]) -> float:
    """Return the SD of the log of what is left of the field."""
    return float((np.log(p.bias[index]) - field[index]).std())


def report(rows: list[Row]) -> None:
    """Print the table."""
    print("| field | correction | field left, SD | mean error | worst | > 3 points | > 6 points "
          "| seconds |")  # fmt: skip
    print("|" + "---|" * 8)
    for kind in KINDS:
        for method in METHODS:
            these = [row for row in rows if row.kind == kind and row.method == method]
            error = 100 * np.abs(np.concatenate([row.error for row in these]))
            seconds = [row.seconds for row in these]
            print(
                f"| {kind} | {method} | {100 * np.mean([row.left for row in these]):.1f}% "
                f"| {error.mean():.1f} | {error.max():.1f} | {100 * (error > 3).mean():.0f}% "
                f"| {100 * (error > 6).mean():.0f}% | {np.median(seconds):.1f} |"
            )


def main(count: int = 4, slices: int = 5) -> None:
    """Measure and print."""
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    rows = []
    with threadpool_limits(1):
        for number, anatomy in enumerate(anatomies(count, slices)):
            for k, kind in enumerate(KINDS):
                p = phantom(anatomy, kind, 2 * number + k)
                rows += measure(p, kind)
                print(f"  {number + 1}, {kind}: {p.t1.geometry.shape}", file=sys.stderr, flush=True)
    sides = sum(len(row.error) for row in rows if row.method == "none")
    print(f"Receive field: {2 * count} phantoms of {slices} slices, {sides} muscle-sides; errors "
          "of fat in points\n")  # fmt: skip
    report(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=4, help="phantoms of each kind of field")
    parser.add_argument("--slices", type=int, default=5)
    given = parser.parse_args()
    main(given.count, given.slices)
