"""Make the phantom patient of docs/mri.md, measure it, and draw the page's four pictures.

`python benchmarks/draw_mri_page.py FOLDER` writes FOLDER/patients/PH01/2024-03-01 and 2024-09-01
with T1, STIR and MuscleMap's labels as NIfTI, measures both into FOLDER/measured, and writes
docs/images/mri-{montage,before-after,thigh-map,trajectories}.png.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "mri"))

from phantom import Phantom, made_anatomy, make_phantom  # noqa: E402 (found by the path above)
from session_files import write_scan, write_voxels  # noqa: E402

from myocohort.cli.mri_measure import measure_all  # noqa: E402
from myocohort.cli.mri_pictures import pictures  # noqa: E402

FAT = {
    ("vastus lateralis", "left"): (0.12, 0.24), ("vastus lateralis", "right"): (0.08, 0.20),
    ("vastus medialis", "left"): (0.20, 0.26), ("semimembranosus", "left"): (0.45, 0.66),
    ("semimembranosus", "right"): (0.50, 0.72), ("biceps femoris", "left"): (0.30, 0.46),
    ("biceps femoris", "right"): (0.22, 0.34), ("adductor magnus", "left"): (0.38, 0.55),
    ("adductor magnus", "right"): (0.34, 0.42), ("semitendinosus", "right"): (0.15, 0.16),
    ("gluteus maximus", "left"): (0.28, 0.36), ("gluteus maximus", "right"): (0.30, 0.40),
}  # fmt: skip
"""True fractions before and after; .03 elsewhere."""
OEDEMA = {
    ("vastus lateralis", "left"): (0.9, 0.5), ("vastus lateralis", "right"): (0.6, 0.0),
    ("rectus femoris", "left"): (0.6, 0.3), ("gracilis", "right"): (0.5, 0.0),
}  # fmt: skip
DAYS = ("2024-03-01", "2024-09-01")
IMAGES = ROOT / "docs" / "images"
COLOURS = 128


def phantom(visit: int) -> Phantom:
    """Return the patient at a visit: the same thighs, other fat and oedema, another field."""
    return make_phantom(
        made_anatomy(spacing=1.4, slices=4),
        fat={key: both[visit] for key, both in FAT.items()},
        oedema={key: both[visit] for key, both in OEDEMA.items() if both[visit]},
        texture="moth-eaten",
        bias=0.3,
        snr=30,
        seed=7 + visit,
    )


def shrink(path: Path, to: Path, *, shorter: bool = False, width: int = 1000) -> None:
    """Write a picture smaller, for the page; shorter with its first and its middle row only."""
    with Image.open(path) as picture:
        part = picture.convert("RGB")
    if shorter:
        part = _two_rows(part)
    part.thumbnail((width, 2 * width), Image.Resampling.LANCZOS)
    part.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        to, optimize=True
    )
    print(to.name, part.size, f"{to.stat().st_size / 1000:.0f} kB")


def _two_rows(picture: Image.Image) -> Image.Image:
    """Keep the head, the first and the middle row of images (dark ones), and the foot."""
    voxels = np.asarray(picture.convert("L"))
    dark = np.flatnonzero((voxels < 128).mean(axis=1) > 0.2)
    rows = np.split(dark, np.flatnonzero(np.diff(dark) > 4) + 1)
    rows = [one for one in rows if len(one) > 0.1 * picture.width]
    kept = (rows[0], rows[len(rows) // 2])
    cuts = [
        (0, kept[0][-1] + 8),
        (kept[1][0] - 8, kept[1][-1] + 8),
        (rows[-1][-1] + 8, picture.height),
    ]
    parts = [picture.crop((0, int(top), picture.width, int(end))) for top, end in cuts]
    whole = Image.new("RGB", (picture.width, sum(one.height for one in parts)), "white")
    at = 0
    for one in parts:
        whole.paste(one, (0, at))
        at += one.height
    return whole


def main(folder: Path) -> None:
    """Make, measure and draw."""
    patient = folder / "patients" / "PH01"
    for visit, day in enumerate(DAYS):
        made, place = phantom(visit), patient / day
        place.mkdir(parents=True, exist_ok=True)
        for name, scan in (("t1", made.t1), ("stir", made.stir)):
            write_scan(place / f"{name}.nii.gz", scan)
        labels = made.label_map
        write_voxels(place / "labels.nii.gz", labels.labels, labels.geometry)
    measured = folder / "measured"
    measure_all(folder / "patients", measured, "musclemap")
    sessions = [measured / f"PH01_{day}" for day in DAYS]
    drawn = folder / "pictures"
    pictures(sessions, drawn)
    shrink(sessions[0] / "montage-t1.png", IMAGES / "mri-montage.png", width=880)
    shrink(sessions[0] / "thigh-map.png", IMAGES / "mri-thigh-map.png")
    shrink(drawn / "before-after.png", IMAGES / "mri-before-after.png", shorter=True, width=760)
    shrink(drawn / "trajectories-fat-fraction.png", IMAGES / "mri-trajectories.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
