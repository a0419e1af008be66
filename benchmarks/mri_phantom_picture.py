"""Draw the picture of docs/mri-phantoms.md: T1, STIR, Dixon and true fat of two phantoms.

`python benchmarks/mri_phantom_picture.py` writes docs/images/mri-phantoms.png. The second row
stands on a label map of ../shared/data/mri/labels (Apache-2.0), left out where that is absent.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "mri"))

from phantom import Phantom, made_anatomy, make_phantom  # noqa: E402 (found by the path above)
from phantom_labels import from_labels  # noqa: E402

LABELS = ROOT.parent / "shared" / "data" / "mri" / "labels" / "Training_T1_THIGH_049_0002.nii.gz"
PICTURE = ROOT / "docs" / "images" / "mri-phantoms.png"
FAT = {
    ("vastus lateralis", "left"): 0.35, ("semimembranosus", "left"): 0.7,
    ("biceps femoris", "left"): 0.55, ("adductor magnus", "left"): 0.25,
    ("semitendinosus", "left"): 0.15, ("semimembranosus", "right"): 0.95,
    ("vastus medialis", "right"): 0.3, ("biceps femoris", "right"): 0.4,
}  # fmt: skip
TEXTURE = {
    ("vastus lateralis", "left"): "moth-eaten", ("semimembranosus", "left"): "washed out",
    ("biceps femoris", "left"): "washed out", ("adductor magnus", "left"): "streaks",
    ("semitendinosus", "left"): "speckled", ("semimembranosus", "right"): "washed out",
    ("vastus medialis", "right"): "even", ("biceps femoris", "right"): "moth-eaten",
}  # fmt: skip
OEDEMA = {("vastus lateralis", "right"): 0.6, ("rectus femoris", "left"): 0.5,
          ("gracilis", "right"): 1.0, ("vastus intermedius", "left"): 0.3}  # fmt: skip


def phantoms() -> list[tuple[str, Phantom]]:
    """Return the phantoms to draw."""
    settings = {"fat": FAT, "texture": TEXTURE, "oedema": OEDEMA, "oedema_texture": "gradient",
                "bias": 0.3, "snr": 35.0, "seed": 5}  # fmt: skip
    invented = made_anatomy(spacing=0.9, slices=1, subcutaneous_mm=11)
    made = [("invented", make_phantom(invented, **settings))]
    if LABELS.is_file():
        grown = from_labels(LABELS, slices=[6], spacing=0.9, subcutaneous_mm=13, finer=3)
        made.append(("on a real label map", make_phantom(grown, **settings)))
    return made


def main(picture: Path = PICTURE) -> None:
    """Draw."""
    mpl.use("Agg")
    rows = phantoms()
    figure, axes = plt.subplots(len(rows), 4, figsize=(11, 1.75 * len(rows)), squeeze=False)
    for line, (name, p) in zip(axes, rows, strict=True):
        total = np.maximum(p.fat.voxels + p.water.voxels, 1)
        dixon = np.where(p.body.mask, p.fat.voxels / total, 0)
        for ax, title, image in zip(
            line,
            (f"T1, {name}", "STIR", "Dixon: fat / (fat + water)", "true fat fraction"),
            (p.t1.voxels, p.stir.voxels, dixon, p.fraction),
            strict=True,
        ):
            top = float(np.percentile(image, 99.7))
            ax.imshow(image[:, :, 0].T, origin="lower", cmap="gray", vmin=0, vmax=top)
            ax.set_title(title, fontsize=8)
            ax.axis("off")
    figure.tight_layout(pad=0.3)
    picture.parent.mkdir(exist_ok=True)
    with io.BytesIO() as drawn:
        figure.savefig(drawn, dpi=100, format="png")
        grey = Image.open(drawn).convert("L").quantize(28)  # a third of the bytes
    grey.save(picture, optimize=True)
    plt.close(figure)
    print(f"{picture}: {picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
