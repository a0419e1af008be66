"""Phantoms written as files of a scan session: NIfTI with sidecars, a label map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.orientations import apply_orientation, inv_ornt_aff
from numpy.typing import NDArray
from phantom import Phantom

from myocohort.mri.scan import Geometry, Scan

STORED = np.array([[0, 1], [1, 1], [2, 1]], dtype=float)
"""Storage order of a NIfTI: axes and their directions; this one is the order of `Scan`."""


def write_voxels(
    path: Path, voxels: NDArray[Any], geometry: Geometry, stored: NDArray[np.float64] = STORED
) -> Path:
    """Write a grid of numbers in a storage order."""
    affine = geometry.affine @ inv_ornt_aff(stored, geometry.shape)
    image = nib.Nifti1Image(apply_orientation(voxels, stored), affine)
    image.header.set_xyzt_units("mm")
    nib.save(image, path)
    return path


def write_scan(
    path: Path, scan: Scan, *, date: str = "", stored: NDArray[np.float64] = STORED, **more: Any
) -> Path:
    """Write a scan with the sidecar that dcm2niix would write; `more` are further keys of it."""
    content: dict[str, Any] = {"EchoTime": (scan.echo_ms or 0) / 1000, **more}
    for key, value in (
        ("RepetitionTime", scan.repetition_ms),
        ("InversionTime", scan.inversion_ms),
    ):
        if value is not None:
            content[key] = value / 1000
    if scan.field_t is not None:
        content["MagneticFieldStrength"] = scan.field_t
    if date:
        content["AcquisitionDateTime"] = f"{date}T10:00:00"
    path.with_name(path.name.removesuffix(".gz").removesuffix(".nii") + ".json").write_text(
        json.dumps(content), encoding="utf-8"
    )
    return write_voxels(path, scan.voxels, scan.geometry, stored)


def write_session(
    p: Phantom, folder: Path, *, date: str = "", stored: NDArray[np.float64] = STORED
) -> Path:
    """Write T1, STIR, fat, water and labels under the names that `measure-all` looks for."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, scan in (("t1", p.t1), ("stir", p.stir), ("dixon_fat", p.fat),
                       ("dixon_water", p.water)):  # fmt: skip
        write_scan(folder / f"{name}.nii.gz", scan, date=date, stored=stored)
    labels = p.label_map
    write_voxels(folder / "labels.nii.gz", labels.labels, labels.geometry, stored)
    return folder


def write_echoes(p: Phantom, folder: Path) -> list[Path]:
    """Write magnitudes and phases of the echoes."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for place, (magnitude, phase) in enumerate(p.echoes, start=1):
        paths += [
            write_scan(folder / f"echo{place}.nii.gz", magnitude),
            write_scan(folder / f"echo{place}_phase.nii.gz", phase),
        ]
    return paths
