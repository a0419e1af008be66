"""Cases that the measures of thigh MRI must pass: many phantoms, small for tests or of full size.

for case in acceptance_cases(small=True):
    p = case.phantom()
    ... p.t1, p.truth ...
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from phantom import TEXTURES, Anatomy, MuscleSide, Phantom, made_anatomy, make_phantom
from phantom_labels import MISSING, from_labels

from myocohort.study.standard import MUSCLES

GROUPS = ("spared", "one spared", "none spared", "all above half", "early disease")
"""Draws of true fractions: 0 to 100% with a fifth of the muscles spared; only one muscle-side
spared; all at 20% or more; all above 50%; most below 15%, as in a cohort of myositis."""

SPARED = 0.05
"""A spared muscle has at most this fraction of fat."""


@dataclass(frozen=True, slots=True)
class Case:
    """One phantom to be measured.

    Parameters
    ----------
    name
        What is special about it.
    group
        One of `GROUPS`.
    thigh
        How its anatomy is made: a label map's path or None, slices, spacing, mm of fat.
    settings
        For `make_phantom`.
    """

    name: str
    group: str
    thigh: tuple[Path | None, int, float, float]
    settings: dict[str, Any]

    def phantom(self) -> Phantom:
        """Render it."""
        return make_phantom(_anatomy(*self.thigh), **self.settings)


@lru_cache(maxsize=2)
def _anatomy(path: Path | None, slices: int, spacing: float, fat_mm: float) -> Anatomy:
    if path is None:
        slice_mm = 20.0
        return made_anatomy(
            spacing=spacing, slices=slices, slice_mm=slice_mm, subcutaneous_mm=fat_mm
        )
    return from_labels(path, slices=slices, spacing=spacing, subcutaneous_mm=fat_mm)


def acceptance_cases(
    labels: Path | None = None, *, small: bool = False, each: int = 6, seed: int = 2026
) -> Iterator[Case]:
    """Yield cases of every group.

    Parameters
    ----------
    labels
        Folder of label maps; without it all anatomies are invented.
    small
        Two slices of 2 mm voxels for tests; otherwise six slices of 0.8 mm.
    each
        Cases per group. Bias, its kind, noise, field strength, fat under the skin and failed fat
        suppression change from case to case.
    """
    maps: list[Path | None] = [None, *(sorted(labels.glob("*.nii.gz")) if labels else [])]
    slices, spacing = (2, 2.0) if small else (6, 0.8)
    number = 0
    for group in GROUPS:
        for turn in range(each):
            rng = np.random.default_rng([seed, number])
            path = maps[number % len(maps)]
            fat_mm = (12.0, 5.0, 25.0, 8.0, 40.0, 16.0, 3.0)[number % 7]
            muscles = _muscles(path)
            settings: dict[str, Any] = {
                "fat": _fractions(group, muscles, rng),
                "oedema": _oedema(muscles, rng),
                "oedema_texture": ("even", "moth-eaten", "gradient")[number % 3],
                "texture": {m: str(rng.choice(TEXTURES)) for m in muscles},
                "bias": (0.4, 0.4, 0.2, 0.4, 0.0, 0.4, 0.4)[number % 7],
                "bias_kind": "coil" if number % 7 == 3 else "smooth",
                "snr": (30.0, 15.0, 60.0, 20.0, 40.0)[number // 2 % 5],
                "field_t": (1.5, 3.0)[number % 2],
                "suppression_fails": 0.7 if number % 4 == 2 else 0.0,
                "seed": 100 + number,
            }
            settings["rest"] = _rest(settings["fat"])
            what = f"{settings['bias_kind']} bias {settings['bias']:g}, SNR {settings['snr']:g}"
            place = "made" if path is None else path.name.split(".")[0]
            name = f"{group} {turn + 1}: {place}, {what}, {settings['field_t']:g} T"
            yield Case(name, group, (path, slices, spacing, fat_mm), settings)
            number += 1


def _muscles(path: Path | None) -> list[MuscleSide]:
    names = [m for m in MUSCLES if path is None or m not in MISSING]
    return [(name, side) for name in names for side in ("left", "right")]


def _fractions(
    group: str, muscles: list[MuscleSide], rng: np.random.Generator
) -> dict[MuscleSide, float]:
    """Draw the fractions: spread evenly over the group's range, in random order."""
    n = len(muscles)
    low, high = {"none spared": (0.2, 1.0), "all above half": (0.52, 1.0)}.get(group, (0.0, 1.0))
    values = low + (high - low) * (np.arange(n) + rng.uniform(0, 1, n)) / n
    if group == "one spared":
        values = 0.2 + 0.8 * values
        values[0] = rng.uniform(0, SPARED)
    elif group == "spared":
        values[: n // 5] = rng.uniform(0, SPARED, n // 5)
        values[-1] = 1.0
    elif group == "early disease":
        values = np.where(values < 0.8, 0.15 * values, values - 0.4)
    rng.shuffle(values)
    return dict(zip(muscles, map(float, values), strict=True))


def _rest(fat: dict[MuscleSide, float]) -> float:
    """Return the fraction of muscles without a label: no better than the best that has one."""
    return float(np.quantile(list(fat.values()), 0.25))


def _oedema(muscles: list[MuscleSide], rng: np.random.Generator) -> dict[MuscleSide, float]:
    """Draw oedema: a third of the muscle-sides, at mild, moderate and severe levels."""
    chosen = rng.permutation(len(muscles))[: len(muscles) // 3]
    return {muscles[i]: (0.5, 1.0, 0.25)[k % 3] for k, i in enumerate(chosen)}
