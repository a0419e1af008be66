"""Draw an example of each grade of each MRI scale: docs/images/mri-scale-NAME.png.

    .venv/bin/python benchmarks/draw_mri_scales.py [NAME ...]

The muscles are made (tests/mri/fat_patterns.py): fat is bright and muscle dark, as on T1; oedema is
bright, as on STIR. Below each stands what it was made with and what the tool proposes for it, so
that the pictures of docs/mri-scales.md cannot tell something else than the program.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from scipy import ndimage

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "mri"))

from fat_patterns import muscle  # noqa: E402

from myocohort.mri.fat_map import RegionFat  # noqa: E402
from myocohort.mri.grading import Proposal, propose, propose_oedema  # noqa: E402
from myocohort.mri.oedema import MODERATE_EXCESS  # noqa: E402
from myocohort.mri.oedema_map import RegionOedema  # noqa: E402
from myocohort.mri.scales import SCALES, Scale  # noqa: E402
from myocohort.mri.texture import describe_texture  # noqa: E402

IMAGES = ROOT / "docs" / "images"
NOISE = 0.03
SPACING = 0.5

NONE, SPOTS, FULL = ("even", 0.03), ("scattered", 0.07), ("even", 0.98)
FAT: dict[str, tuple[tuple[str, float], ...]] = {
    "modified-mercuri": (
        NONE, SPOTS, ("moth-eaten", 0.2), ("moth-eaten", 0.45), ("washed-out", 0.75), FULL,
    ),
    "mercuri-wattjes": (NONE, ("moth-eaten", 0.2), ("moth-eaten", 0.45), ("washed-out", 0.75)),
    "mercuri-leung": (
        NONE, SPOTS, ("moth-eaten", 0.2), ("moth-eaten", 0.45), ("periphery", 0.78), FULL,
    ),
    "fischer": (NONE, SPOTS, ("moth-eaten", 0.35), ("washed-out", 0.7), FULL),
    "goutallier": (
        NONE, ("streaks", 0.08), ("moth-eaten", 0.3), ("washed-out", 0.5), ("washed-out", 0.75),
    ),
    "lamminen": (NONE, ("moth-eaten", 0.15), ("washed-out", 0.6), FULL),
}  # fmt: skip
"""Pattern and fraction of each grade's example."""

WEAK, STRONG = 0.65 * MODERATE_EXCESS, 2.5 * MODERATE_EXCESS
OEDEMA: dict[str, tuple[tuple[str, float, float], ...]] = {
    "oedema-0-5": (
        ("none", 0.0, 0.0), ("threads", 0.14, WEAK), ("part", 0.35, WEAK), ("whole", 0.95, WEAK),
        ("part", 0.35, STRONG), ("whole", 0.95, STRONG),
    ),
    "oedema-0-3": (
        ("none", 0.0, 0.0), ("part", 0.35, WEAK), ("whole", 0.95, WEAK), ("whole", 0.95, STRONG),
    ),
}  # fmt: skip
"""Where oedema lies, its share of the muscle and its excess, of each grade's example."""


def made_muscle(
    pattern: str, mean: float
) -> tuple[np.ndarray, np.ndarray, tuple[float, float, float]]:
    """Return a muscle; its islands are irregular here, which looks more like a moth's work."""
    even = "even" if pattern == "moth-eaten" else pattern
    values, mask, spacing = muscle(
        even, 0.0 if even != pattern else mean, spacing=SPACING, noise=NOISE, seed=3, slices=1
    )
    if pattern == "moth-eaten":
        rng = np.random.default_rng(8)
        field = ndimage.gaussian_filter(rng.standard_normal(mask.shape[:2]), 2.0 / SPACING)
        islands = field > np.quantile(field[mask[:, :, 0]], 1 - mean)
        values = values + ndimage.gaussian_filter(islands.astype(np.float32), 0.6)[:, :, None]
    return values.astype(np.float32), mask, spacing


def fat_example(scale: Scale, pattern: str, mean: float) -> tuple[np.ndarray, Proposal]:
    """Return the picture of a muscle and what is proposed for it."""
    values, mask, spacing = made_muscle(pattern, mean)
    fraction = float(values[mask].mean())
    sd = 0.01
    fat = RegionFat(
        voxels=int(mask.sum()), volume_ml=0.0, measured=int(mask.sum()),
        fat_share=float((values[mask] > 0.5).mean()), fat_fraction=fraction, fat_fraction_sd=sd,
        low=max(0.0, fraction - 1.96 * sd), high=min(1.0, fraction + 1.96 * sd),
    )  # fmt: skip
    proposal = propose(scale, fat, describe_texture(values, mask, spacing, NOISE))
    picture = np.where(mask, 0.28 + 0.67 * np.clip(values, 0, 1), 0.0)
    return picture[:, :, 0], proposal


def oedema_example(
    scale: Scale, where: str, share: float, excess: float
) -> tuple[np.ndarray, Proposal]:
    """Return the picture of a muscle on STIR and what is proposed for it."""
    values, mask, _ = muscle("even", 0.0, spacing=SPACING, noise=NOISE, seed=4, slices=1)
    inside = mask[:, :, 0]
    rng = np.random.default_rng(4)
    field = ndimage.gaussian_filter(rng.standard_normal(inside.shape), 3)
    if where == "threads":  # the borders of bundles: where two neighbouring fields are alike
        field = -np.abs(field)
    elif where == "part":
        field = field / field.std() + 0.12 * np.arange(len(field))[:, np.newaxis]
    bright = np.zeros(inside.shape)
    if share:
        bright[inside & (field > np.quantile(field[inside], 1 - share))] = 1.0
    extra = ndimage.gaussian_filter(bright, 0.7) * excess
    # a window of half to twice the signal of muscle, in which weak oedema is seen
    picture = np.where(inside, 0.2 + 0.6 * extra + 0.8 * values[:, :, 0], 0.0)
    pattern = {"intensity": excess, "extent_slices": 1.0} if share else {}
    region = RegionOedema(900, 900, share, share > 0.025, share * excess, pattern)
    return picture, propose_oedema(scale, region)


def draw(name: str) -> Path:
    """Draw one scale and return the file."""
    scale = SCALES[name]
    count = len(scale.grades)
    figure, axes = plt.subplots(1, count, figsize=(1.85 * count, 2.1), dpi=110)
    made = FAT.get(name) or OEDEMA[name]
    for grade, axis, settings in zip(scale.grades, axes, made, strict=True):
        if scale.measures == "fat":
            picture, proposal = fat_example(scale, *settings)
            label = f"{settings[0]}, {100 * settings[1]:.0f}% fat"
        else:
            picture, proposal = oedema_example(scale, *settings)
            label = f"{100 * settings[1]:.0f}% above the limit"
            if settings[1]:
                label += f",\n{1 + settings[2]:.1f} times as bright"
        axis.imshow(picture[19:-19, 5:-5], cmap="gray", vmin=0, vmax=1, interpolation="bilinear")
        axis.set_axis_off()
        axis.set_title(grade.code, fontsize=12, fontweight="bold")
        proposed = proposal.grade or f"{proposal.low} to {proposal.high}"
        text = "\n".join(textwrap.wrap(label, 24)) if "\n" not in label else label
        axis.text(0.5, -0.06, f"{text}\nproposed: {proposed}", transform=axis.transAxes,
                  ha="center", va="top", fontsize=8)  # fmt: skip
    figure.subplots_adjust(left=0.01, right=0.99, top=0.86, bottom=0.26, wspace=0.06)
    path = IMAGES / f"mri-scale-{name}.png"
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)
    return path


if __name__ == "__main__":
    for wanted in sys.argv[1:] or SCALES:
        target = draw(wanted)
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")
