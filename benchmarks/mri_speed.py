"""Time and memory of measuring fat in 24 muscle-sides of a 512 x 256 x 10 T1.

- Measuring, against scikit-learn's Gaussian mixtures of 2 and of 3 components at MuscleMap's
  settings (20 starts by k-means, tolerance 1e-3) on the same voxels. The mixtures are fitted to one
  muscle-side after the other, as MuscleMap does. One thread on either side, one process, processor
  time, so that other work on the machine does not count.
- Ours is told twice. Receive field and anchors are found in one fit; without a field the anchors
  would be two medians. So "bias correction aside" leaves out this fit and takes the medians' time
  instead; the other figure has the whole fit. Theirs has neither a bias correction nor anchors.
- One muscle of 20,000 voxels with scikit-learn's own number of threads, seconds by the clock: its
  k-means and matrix products start threads for each small step.
- The whole command `myocohort mri measure`, reading of files included, as a process of its own:
  processor seconds and its largest memory, also on 512 x 512 x 45.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nibabel
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from myocohort.mri.body import Body, find_body
from myocohort.mri.region_fat import fat_of_regions
from myocohort.mri.t1 import fat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "mri"))

from phantom import TEXTURES, Phantom, made_anatomy, make_phantom  # noqa: E402 (found by the path above)

ROUNDS = 3
WATCH = """
import json, resource, subprocess, sys
run = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"muscles": len(json.loads(run.stdout)["muscles"]), "mb": used.ru_maxrss / 1024,
                  "seconds": used.ru_utime + used.ru_stime}))
"""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def thighs(shape: tuple[int, int], slices: int, slice_mm: float) -> Phantom:
    """Return a phantom with fractions of 0 to 100% in all muscle-sides, in all patterns."""
    anatomy = made_anatomy(
        spacing=0.8, slices=slices, slice_mm=slice_mm, finer=2, shape=shape, subcutaneous_mm=14
    )
    muscles = [(r.name, r.side) for r in anatomy.of.values() if r.kind == "muscle"]
    patterns = {key: TEXTURES[i % len(TEXTURES)] for i, key in enumerate(muscles)}
    return make_phantom(anatomy, fat=1, rest=0.03, texture=patterns, bias=0.4, snr=30, seed=1)


def timed(work: Callable[[], object]) -> float:
    """Return the processor seconds of one run."""
    start = time.process_time()
    work()
    return time.process_time() - start


class Stopwatch:
    """A function that adds up its own processor time."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self.work = work
        self.seconds = 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do the work."""
        start = time.process_time()
        result = self.work(*args, **kwargs)
        self.seconds += time.process_time() - start
        return result


def ours(p: Phantom, body: Body) -> tuple[float, float]:
    """Return the seconds of measuring, with and without the fit of the receive field."""
    with patch.object(fat, "find_levels", Stopwatch(fat.find_levels)) as field:
        whole = timed(
            lambda: fat_of_regions(fat.measure_t1(p.t1, p.regions, body), p.regions, p.t1)
        )
    muscle = next(code for code, region in p.regions.of.items() if region.kind == "muscle")
    anchors = timed(
        lambda: [np.median(p.t1.voxels[at]) for at in (body.mask, p.regions.codes == muscle)]
    )
    return whole, whole - field.seconds + anchors


def mixture(values: np.ndarray, components: int) -> None:
    """Fit MuscleMap's mixture to the voxels of a muscle-side."""
    found = GaussianMixture(components, n_init=20, init_params="kmeans", tol=1e-3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found.fit_predict(values.reshape(-1, 1))


def mixtures(p: Phantom, components: int) -> None:
    """Fit it to each muscle-side."""
    for code, region in p.regions.of.items():
        if region.kind == "muscle":
            mixture(p.t1.voxels[p.regions.codes == code], components)


def one_muscle(p: Phantom) -> None:
    """Print the seconds of a mixture of 2 on the largest muscle, with and without threads."""
    largest = np.bincount(p.regions.codes[p.regions.codes > 0]).argmax()
    values = p.t1.voxels[p.regions.codes == largest][:20_000]
    with threadpool_limits(1):
        alone = timed(lambda: mixture(values, 2))
    clock, used = time.perf_counter(), time.process_time()
    mixture(values, 2)
    clock, used = time.perf_counter() - clock, time.process_time() - used
    print(f"One muscle of {values.size:,} voxels, 2 components: {alone:.1f} s of processor on one "
          f"thread; as scikit-learn comes, {clock:.1f} s by the clock, {used:.1f} s of "
          "processor")  # fmt: skip


def whole(p: Phantom, folder: Path) -> tuple[float, float]:
    """Return seconds and peak MB of the whole command on files."""
    affine = p.t1.geometry.affine
    scan, labels = folder / "t1.nii.gz", folder / "labels.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.round(p.t1.voxels).astype(np.int16), affine), scan)
    nibabel.save(nibabel.Nifti1Image(p.label_map.labels.astype(np.int16), affine), labels)
    command = [
        str(Path(sys.executable).with_name("myocohort")), "mri", "measure", "--t1", str(scan),
        "--labels", str(labels), "--label-map", "musclemap", "--json",
    ]  # fmt: skip
    # a small process starts it: memory of a large one would count as the command's own
    run = subprocess.run(
        [sys.executable, "-c", WATCH, *command],
        check=True, capture_output=True, text=True, env=os.environ | ONE_THREAD,
    )  # fmt: skip
    told = json.loads(run.stdout)
    if told["muscles"] != 24:
        raise RuntimeError(f"{told['muscles']} muscle-sides were measured, not 24")
    return float(told["seconds"]), float(told["mb"])


def measuring(p: Phantom) -> None:
    """Print our seconds, the mixtures' and their ratio, run in turn."""
    body = find_body(p.t1)
    sizes = [
        int((p.regions.codes == c).sum()) for c, r in p.regions.of.items() if r.kind == "muscle"
    ]
    shape = " x ".join(map(str, p.t1.geometry.shape))
    print(f"Fat of {len(sizes)} muscle-sides of {min(sizes):,} to {max(sizes):,} voxels, together "
          f"{sum(sizes):,}, of a {shape} T1, processor time")  # fmt: skip
    print(f"  body outline, done once before: {timed(lambda: find_body(p.t1)):.2f} s")
    for components in (2, 3):
        runs = [ours(p, body) for _ in range(ROUNDS)]
        theirs = timed(lambda: mixtures(p, components))  # noqa: B023 (called at once)
        runs += [ours(p, body) for _ in range(ROUNDS)]
        whole = statistics.median(one for one, _ in runs)
        rest = statistics.median(one for _, one in runs)
        print(f"  myocohort {rest:.2f} s, with receive field {whole:.2f} s")
        print(f"  {components} components, 20 starts {theirs:.1f} s: {theirs / rest:.1f} times as "
              f"long, {theirs / whole:.1f} times with receive field")  # fmt: skip


def main(*, only_whole: bool = False) -> None:
    """Run both."""
    usual = thighs((512, 256), 10, 20.0)
    if not only_whole:
        with threadpool_limits(1):
            measuring(usual)
        one_muscle(usual)
    print("The whole command on files, reading and proposed grades included")
    for p in (usual, thighs((512, 512), 45, 9.0)):
        with tempfile.TemporaryDirectory() as folder:
            seconds, mb = whole(p, Path(folder))
        shape = " x ".join(map(str, p.t1.geometry.shape))
        print(f"  {shape}: {seconds:.1f} s, {mb:.0f} MB at most")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only-whole", action="store_true", help="leave the mixtures out")
    main(only_whole=parser.parse_args().only_whole)
