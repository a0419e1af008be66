"""Fat, oedema and grades measured on phantoms with known truth, beside MuscleMap's threshold.

The phantoms (tests/mri/phantom.py, docs/mri-phantoms.md) have fractions of 0 to 100%, bias, noise,
oedema that darkens T1, and patterns that do not depend on the fraction. They stand on the label
maps of ../shared/data/mri/labels where that folder is there, and on invented thighs. The body and
all references are found in the images; only the muscles' labels are given.

MuscleMap's rule: a Gaussian mixture of 2 or 3 components on each muscle's own voxels, at its
settings (20 starts by k-means, tolerance 1e-3); the share of the brightest component counts as fat.

First the same fractions in all muscles' turn (`ladder`), then the acceptance cases.
"""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import nibabel
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from myocohort.mri.body import Body, find_body
from myocohort.mri.dixon import Echo, fat_map_echoes, fat_map_two_point
from myocohort.mri.fat_map import FatMap
from myocohort.mri.grading import propose
from myocohort.mri.oedema import measure_stir, oedema_of_regions
from myocohort.mri.region_fat import fat_of_regions
from myocohort.mri.t1.fat import measure_t1
from myocohort.mri.texture import describe_texture

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "mri"))

from phantom import TEXTURES, Phantom, made_anatomy, make_phantom  # noqa: E402 (the path above)
from phantom_cases import GROUPS, acceptance_cases  # noqa: E402
from phantom_labels import from_labels  # noqa: E402

LABELS = ROOT.parent / "shared" / "data" / "mri" / "labels"
BINS = (0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 1.01)
STEPS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
"""True fractions of `ladder`: those of the simulation in references/mri.md."""
MODERATE = 0.5  # level of oedema
MIXTURES = ("mixture of 2", "mixture of 3")


@dataclass(frozen=True, slots=True)
class Reading:
    """One muscle-side: its truth and what each method says (None: it does not say)."""

    method: str
    group: str
    truth: float
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Wet:
    """One muscle-side's oedema: true level and fat, and whether it is found."""

    group: str
    level: float
    fat: float
    positive: bool | None
    failed_suppression: bool


@dataclass(frozen=True, slots=True)
class Graded:
    """One muscle-side's proposed grade, and the grades that the scale's words allow the truth."""

    group: str
    nearest: int | None
    low: int
    high: int


def musclemap(values: np.ndarray, components: int) -> float:
    """Return the share of the brightest component of a Gaussian mixture."""
    mixture = GaussianMixture(components, n_init=20, init_params="kmeans", tol=1e-3, random_state=0)
    column = values.reshape(-1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        belongs = mixture.fit_predict(column)
    return float((belongs == mixture.means_.ravel().argmax()).mean())


def of_map(method: str, group: str, fat_map: FatMap, p: Phantom) -> list[Reading]:
    """Return the reading of each muscle-side of a fat map."""
    rows = []
    for code, fat in fat_of_regions(fat_map, p.regions, p.t1).items():
        region = p.regions.of[code]
        truth = p.truth.get((region.name, region.side))
        if truth is not None:
            rows.append(Reading(method, group, truth, fat.fat_fraction, fat.low, fat.high))
    return rows


def of_mixtures(group: str, p: Phantom) -> list[Reading]:
    """Return MuscleMap's rule on the T1 as it comes from the scanner."""
    rows = []
    for code, region in p.regions.of.items():
        truth = p.truth.get((region.name, region.side))
        values = p.t1.voxels[p.regions.codes == code]
        if truth is not None and values.size > 30:
            for n, name in zip((2, 3), MIXTURES, strict=True):
                rows.append(Reading(name, group, truth, musclemap(values, n)))
    return rows


def of_dixon(group: str, p: Phantom, body: Body) -> list[Reading]:
    """Return Dixon's fractions: echoes with phase, magnitudes only, water and fat images."""
    field_t = p.settings["field_t"]
    with_phase = [Echo(m, f, float(m.echo_ms or 0), field_t) for m, f in p.echoes]
    bare = [Echo(one.magnitude, None, one.echo_ms, field_t) for one in with_phase]
    ambiguous = fat_map_echoes(bare, body)
    if ambiguous.ambiguous_above is None:
        raise AssertionError("magnitude-only Dixon must be flagged as ambiguous")
    maps = {
        "Dixon echoes with phase": fat_map_echoes(with_phase, body),
        "Dixon magnitudes": ambiguous,
        "Dixon water and fat": fat_map_two_point(p.fat, p.water, body),
    }
    return [row for name, one in maps.items() for row in of_map(name, group, one, p)]


def literal_grades(truth: float) -> tuple[int, int]:
    """Return least and highest modified Mercuri grade by the volumes in the scale's own words."""
    if truth < 0.30:
        return (0, 2)
    return (3, 3) if truth <= 0.60 else (4, 5)


def of_grades(group: str, p: Phantom, fat_map: FatMap) -> list[Graded]:
    """Return the proposed grade of each muscle-side."""
    rows = []
    spacing = p.t1.geometry.spacing
    for code, fat in fat_of_regions(fat_map, p.regions, p.t1).items():
        truth = p.truth.get((p.regions.of[code].name, p.regions.of[code].side))
        if truth is not None:
            mask = p.regions.codes == code
            texture = describe_texture(fat_map.fraction, mask, spacing, fat_map.noise_sd)
            nearest = propose("modified-mercuri", fat, texture).nearest
            low, high = literal_grades(truth)
            rows.append(Graded(group, None if nearest is None else int(nearest), low, high))
    return rows


def of_stir(group: str, p: Phantom, body: Body, fat: FatMap) -> list[Wet]:
    """Return which muscle-sides are STIR-positive."""
    oedema = measure_stir(p.stir, p.regions, body, fat_fraction=fat)
    failed = p.settings["suppression_fails"] > 0
    rows = []
    for code, one in oedema_of_regions(oedema, p.regions, p.stir).items():
        key = (p.regions.of[code].name, p.regions.of[code].side)
        if key in p.truth:
            rows.append(Wet(group, p.oedema_truth[key], p.truth[key], one.positive, failed))
    return rows


def ladder(each: int, small: bool) -> Iterator[Phantom]:
    """Yield phantoms whose muscle-sides have the fractions of `STEPS` in turn, in all patterns.

    Label maps at their own resolution, four slices, a bias of 0.6 to 1.4, SNR 30, no oedema.
    """
    maps: list[Path | None] = [*sorted(LABELS.glob("*.nii.gz"))] or [None]
    if small:
        maps = [None]
    for number in range(max(each, 1)):
        path = maps[number % len(maps)]
        anatomy = (
            made_anatomy(spacing=2.0 if small else 0.8, slices=4, slice_mm=20.0)
            if path is None
            else from_labels(path, slices=4)
        )
        muscles = [(r.name, r.side) for r in anatomy.of.values() if r.kind == "muscle"]
        np.random.default_rng([7, number]).shuffle(muscles)
        yield make_phantom(
            anatomy, fat={m: STEPS[i % len(STEPS)] for i, m in enumerate(muscles)}, rest=0.05,
            texture={m: TEXTURES[i % len(TEXTURES)] for i, m in enumerate(sorted(muscles))},
            bias=0.4, snr=30.0, field_t=(1.5, 3.0)[number % 2], seed=500 + number,
        )  # fmt: skip


def measure_ladder(each: int, small: bool) -> list[Reading]:
    """Measure the ladder's phantoms on T1."""
    readings = []
    for p in ladder(each, small):
        fat = measure_t1(p.t1, p.regions, find_body(p.t1))
        readings += of_map("T1", "ladder", fat, p) + of_mixtures("ladder", p)
        print(f"  ladder: {p.t1.geometry.shape}", file=sys.stderr, flush=True)
    return readings


def measure_all(each: int, small: bool) -> tuple[list[Reading], list[Wet], list[Graded]]:
    """Measure every case."""
    readings: list[Reading] = []
    wet: list[Wet] = []
    graded: list[Graded] = []
    labels = LABELS if LABELS.is_dir() and not small else None
    for case in acceptance_cases(labels, small=small, each=each):
        path, slices, _, fat_mm = case.thigh
        if path is not None:  # at its own resolution
            width = float(nibabel.load(path).header.get_zooms()[0])
            case = replace(case, thigh=(path, slices, width, fat_mm))
        p = case.phantom()
        body = find_body(p.t1)
        fat = measure_t1(p.t1, p.regions, body, stir=p.stir)
        invented = labels is not None and path is None
        readings += of_map("T1, invented thighs" if invented else "T1", case.group, fat, p)
        readings += [] if invented else of_mixtures(case.group, p)
        readings += of_dixon(case.group, p, body)
        wet += of_stir(case.group, p, body, fat)
        graded += of_grades(case.group, p, fat)
        print(f"  {case.name}", file=sys.stderr, flush=True)
    return readings, wet, graded


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def points(value: float) -> str:
    """Print a fraction in points."""
    return "-" if math.isnan(value) else f"{100 * value:.1f}"


def summary(rows: Sequence[Reading]) -> list[str]:
    """Return count, mean and worst error, shares beyond 3 and 6 points, coverage and half-width."""
    said = [row for row in rows if row.value is not None]
    error = np.array([abs(row.value - row.truth) for row in said if row.value is not None])
    if not error.size:
        return [f"0 of {len(rows)}", *["-"] * 6]
    held = [
        (row.low - 1e-9 <= row.truth <= row.high + 1e-9, (row.high - row.low) / 2)
        for row in said
        if row.low is not None and row.high is not None
    ]
    covered = f"{100 * np.mean([one for one, _ in held]):.0f}%" if held else "-"
    half = points(float(np.mean([width for _, width in held]))) if held else "-"
    return [
        f"{len(said)} of {len(rows)}", points(float(error.mean())), points(float(error.max())),
        f"{100 * (error > 0.03).mean():.0f}%", f"{100 * (error > 0.06).mean():.0f}%",
        covered, half,
    ]  # fmt: skip


def report_fat(readings: list[Reading]) -> None:
    """Print errors and mean readings of fat."""
    methods = list(dict.fromkeys(row.method for row in readings))
    head = ["muscle-sides", "mean error", "worst", "> 3 points", "> 6 points", "in interval",
            "half of interval"]  # fmt: skip
    print("Fat fraction per muscle-side, errors in points\n")
    rows = []
    for method in methods:
        for group in GROUPS:
            these = [r for r in readings if r.method == method and r.group == group]
            if these and not method.startswith("Dixon"):
                rows.append([method, group, *summary(these)])
        if method.startswith("Dixon"):
            below = [r for r in readings if r.method == method and r.truth < 0.45]
            rows.append([method, "all", *summary([r for r in readings if r.method == method])])
            rows.append([method, "all below 45%", *summary(below)])
    table(["method", "true fractions", *head], rows)

    print("T1 by true fraction, all groups with a spared muscle\n")
    spared = [r for r in readings if r.group not in ("none spared", "all above half")]
    rows = []
    for low, high in pairwise(BINS):
        inside = [r for r in spared if low <= r.truth < high]
        these = [r for r in inside if r.method == "T1"]
        if these:
            theirs = [
                summary([r for r in inside if r.method == m])[1:3] for m in MIXTURES if inside
            ]
            name = f"{100 * low:.0f}-{min(100 * high, 100):.0f}"
            rows.append([name, *summary(these), *(" / ".join(one) for one in theirs)])
    table(["true, %", *head, *(f"{m}: mean / worst error" for m in MIXTURES)], rows)


def report_ladder(readings: list[Reading]) -> None:
    """Print what each method reads, mean and range, by true fraction."""
    print("What is read by true fraction, in %: mean (least to most)\n")
    rows = []
    for step in STEPS:
        row = [f"{100 * step:.0f}"]
        for method in ("T1", *MIXTURES):
            values = [
                100 * r.value for r in readings
                if r.method == method and abs(r.truth - step) < 0.005 and r.value is not None
            ]  # fmt: skip
            row.append(
                f"{np.mean(values):.0f} ({min(values):.0f} to {max(values):.0f})" if values else "-"
            )
        rows.append([*row, str(len(values))])
    table(["true", "Myocohort, T1", *MIXTURES, "muscle-sides"], rows)
    head = ["muscle-sides", "mean error", "worst", "> 3 points", "> 6 points", "in interval",
            "half of interval"]  # fmt: skip
    rows = [[m, *summary([r for r in readings if r.method == m])] for m in ("T1", *MIXTURES)]
    table(["method", *head], rows)


def report_oedema(wet: list[Wet]) -> None:
    """Print how many muscles with oedema are found."""
    print("Oedema on STIR: moderate and severe against none, without controls\n")
    rows = []
    for name, keep in (
        ("fat below 50%", [w for w in wet if w.fat < 0.5]),
        ("of these, fat suppression fails in a corner",
         [w for w in wet if w.fat < 0.5 and w.failed_suppression]),
        ("fat 50% and more", [w for w in wet if w.fat >= 0.5]),
    ):  # fmt: skip
        ill = [w.positive for w in keep if w.level >= MODERATE - 0.01]
        well = [w.positive for w in keep if w.level < 0.01]
        mild = [w.positive for w in keep if 0.01 <= w.level < MODERATE - 0.01]
        rows.append([name, share(ill, True), share(well, False), share(mild, True),
                     str(sum(w.positive is None for w in keep))])  # fmt: skip
    table(["muscles", "sensitivity", "specificity", "mild ones found", "not judged"], rows)


def report_grades(graded: list[Graded]) -> None:
    """Print how far proposed grades lie from those that the scale's words allow."""
    print("Proposed modified Mercuri grade from T1 against the volumes in the scale's own words\n")
    rows = []
    for group in GROUPS:
        these = [g for g in graded if g.group == group]
        steps = np.array([max(g.low - g.nearest, g.nearest - g.high, 0)
                          for g in these if g.nearest is not None])  # fmt: skip
        said = f"{steps.size} of {len(these)}"
        within = [f"{100 * (steps <= n).mean():.0f}%" if steps.size else "-" for n in (0, 1)]
        rows.append([group, said, *within])
    table(["true fractions", "proposed", "the same", "within one step"], rows)


def share(found: list[bool | None], wanted: bool) -> str:
    """Return how many of those judged are as wanted."""
    judged = [one for one in found if one is not None]
    right = sum(one is wanted for one in judged)
    return f"{100 * right / len(judged):.1f}% ({right} of {len(judged)})" if judged else "-"


def main(each: int = 2, *, small: bool = False) -> None:
    """Measure the cases and print the tables."""
    print(f"Thigh MRI on phantoms: {each} cases in each of {len(GROUPS)} groups")
    with threadpool_limits(1):
        report_ladder(measure_ladder(max(each, 5), small))
        readings, wet, graded = measure_all(each, small)
    report_fat(readings)
    report_oedema(wet)
    report_grades(graded)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=2, help="cases in each group (7 in the docs)")
    parser.add_argument("--small", action="store_true", help="small invented thighs, for a try")
    given = parser.parse_args()
    main(given.each, small=given.small)
