"""Fat fraction of the real thighs in ../shared/data: medians, swaps, time and memory.

    python benchmarks/mri_dixon.py

Prints, for the Siemens three-point Dixon, the median fraction under the skin (5.5 to 9 mm) and
deep in the leg for each slice and leg, what the map rests on, and how long it took; then what one
echo of the GE thigh says.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path

import nibabel
import numpy as np

from myocohort.mri.body import find_body
from myocohort.mri.dixon import Echo, fat_map_echoes, replaced_share_one_echo
from myocohort.mri.dixon.rim import depth_below_skin
from myocohort.mri.scan import Geometry, Scan

DATA = Path(__file__).parents[2] / "shared" / "data" / "mri" / "dixon"
SERIES = ((6, 7, 3.45), (8, 9, 4.60), (10, 11, 5.75))
"""Numbers of magnitude and phase, and echo time in ms."""


def scan(name: str, phase: bool = False) -> Scan:
    """Return one image; Siemens stores phases as 0 to 4095 for -pi to pi."""
    (path,) = DATA.glob(f"{name}*")
    image = nibabel.as_closest_canonical(nibabel.load(path))
    voxels = np.asarray(image.dataobj, dtype=np.float32)
    if phase:
        voxels = (voxels - 2048) * np.float32(np.pi / 2048)
    geometry = Geometry(voxels.shape, np.asarray(image.affine))
    return Scan(voxels, geometry, name, quantity="phase" if phase else "magnitude")


def siemens() -> None:
    """Measure the three-point Dixon."""
    echoes = [
        Echo(scan(f"siemens_{m:04d}"), scan(f"siemens_{p:04d}", phase=True), te, 3.0)
        for m, p, te in SERIES
    ]
    body = find_body(echoes[0].magnitude)
    wall, used = time.perf_counter(), time.process_time()
    found = fat_map_echoes(echoes, body)
    wall, used = time.perf_counter() - wall, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"Siemens, {found.geometry.shape}: {wall:.1f} s ({used:.1f} s of processor), {peak:.0f} MB"
    )
    depth = depth_below_skin(body, found.geometry.spacing)
    print("slice  leg    under the skin  deep")
    for k in range(found.geometry.shape[2]):
        for leg, name in ((1, "left"), (2, "right")):
            here = body.leg[:, :, k] == leg
            values, at = found.fraction[:, :, k], depth[:, :, k]
            layer = np.nanmedian(values[here & (at >= 5.5) & (at <= 9)])
            deep = np.nanmedian(values[here & (at > 25)])
            print(f"{k + 1:5d}  {name:5s}  {layer:14.3f}  {deep:.3f}")
    for key, value in found.references.items():
        if key != "fat_under_skin":
            print(f"{key}: {value}")
    print(f"noise {found.noise_sd:.3f}, SD {found.sd_at_zero:.3f} to {found.sd_at_one:.3f}")
    print("warnings:", *(found.warnings or ("none",)), sep="\n  ")


def ge() -> None:
    """Say what one echo tells."""
    image = scan("ge_40006")
    body = find_body(image)
    start = time.perf_counter()
    found = replaced_share_one_echo(image, body)
    print(f"GE, {image.geometry.shape}: {time.perf_counter() - start:.1f} s\n  {found.says}")


if __name__ == "__main__":
    siemens()
    ge()
