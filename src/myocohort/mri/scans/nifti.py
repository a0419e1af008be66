"""NIfTI files: scans and label maps."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import nibabel.imageglobals
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from myocohort.mri.scan import SAME_PLACE_MM, Geometry, LabelMap, Scan
from myocohort.mri.scans.frames import DAMAGED
from myocohort.mri.scans.grids import check_size, oddities, place
from myocohort.mri.scans.problems import refused
from myocohort.mri.scans.sidecar import told_of
from myocohort.mri.scans.values import finite, is_like_phase, radians, whole_numbers

SUFFIXES = (".nii", ".nii.gz")
_axes: Any = nib.aff2axcodes  # nibabel has no types there

MOST_VOXELS = 1_000_000_000
"""More is a damaged header: a whole body at 1 mm has a third of it."""

_BAD_NIFTI = (*DAMAGED, ImageFileError, HeaderDataError)
_AGAIN = "Copy the file anew, or convert it again from DICOM (dcm2niix)."
_TO_MM = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}


@dataclass(frozen=True, slots=True)
class Opened:
    """A NIfTI with its voxels as stored numbers times its scale, and its affine in mm."""

    voxels: NDArray[Any]
    affine: NDArray[np.float64]
    through: int
    warnings: tuple[str, ...]


def is_nifti(path: Path) -> bool:
    """Whether a file's name says that it is NIfTI."""
    return path.name.lower().endswith(SUFFIXES)


def read_nifti(path: Path, *, phase: bool | None = None) -> Scan:
    """Read a scan from a NIfTI file.

    Parameters
    ----------
    phase
        Whether its numbers are phases; None to go by the sidecar or the name.

    Raises
    ------
    ScanError
        Damaged, several volumes, flat, in colour, complex, without orientation, of a size that
        no thigh has, without content, or a phase on no known scale.
    """
    told = told_of(path)
    opened = _open(path, np.float32)
    placed = place(opened.voxels, opened.affine, opened.through, path.name)
    check_size(placed, path.name)
    values, said = finite(placed.voxels, path.name)
    is_phase = told.phase if phase is None else phase
    notes = [*told.warnings, *opened.warnings, *oddities(placed), *said]
    if is_phase:
        values, scale = radians(values, path.name, told.vendor)
        if scale != "radians":
            notes.append(f"the phase was taken to be {scale}, by its range")
    elif told.phase:
        notes.append("read as magnitude as stated, but sidecar or name say that it is a phase")
    elif phase is None and not told.tags.image_type and is_like_phase(values):
        notes.append(
            "read as magnitude, but its numbers spread as those of a phase: state which it is"
        )
    if placed.geometry.shape[placed.through] == 1:
        notes.append("one slice only")
    step = float(placed.geometry.spacing[placed.through])
    thick = told.thickness
    return Scan(
        voxels=values, geometry=placed.geometry, name=path.name, sequence=told.sequence,
        quantity="phase" if is_phase else "magnitude", echo_ms=told.tags.echo_ms,
        repetition_ms=told.tags.repetition_ms, inversion_ms=told.tags.inversion_ms,
        field_t=told.tags.field_t, date=told.date, axial=placed.axial,
        slice_gap_mm=None if thick is None else round(max(step - thick, 0.0), 3),
        vendor=told.vendor, warnings=tuple(notes),
    )  # fmt: skip


def read_label_map(path: Path) -> LabelMap:
    """Read a map of whole numbers from a NIfTI file.

    Raises
    ------
    ScanError
        As `read_nifti`; and where numbers are negative or not whole, or there is no label at all.
    """
    opened = _open(path, np.float64)
    placed = place(opened.voxels, opened.affine, opened.through, path.name)
    values = np.asarray(placed.voxels)
    notes = [*opened.warnings, *oddities(placed)]
    bad = ~np.isfinite(values)
    if bad.any():
        notes.append(f"{int(bad.sum())} voxels are not a number and were set to 0")
        values = np.where(bad, 0, values)
    labels = whole_numbers(values, path.name)
    return LabelMap(labels, placed.geometry, path.name, tuple(notes))


def _open(path: Path, dtype: type[np.floating[Any]]) -> Opened:
    """Open a NIfTI, check its header, and read its voxels."""
    image = _image(path)
    header = image.header
    shape = _shape(image, path.name)
    stored = header.get_data_dtype()
    if stored.names or stored.kind == "c":
        what = "complex numbers" if stored.kind == "c" else "colours"
        raise refused(
            path.name, "a voxel is one number", what,
            "Save magnitude and phase in a file each." if stored.kind == "c" else
            "Give the scan itself, not a picture of it.",
        )  # fmt: skip
    affine, said = _affine(image, path.name)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            voxels = np.asanyarray(image.dataobj)
            if voxels.dtype.kind == "f" or dtype is np.float32:
                voxels = np.asarray(voxels, dtype=dtype)
    except _BAD_NIFTI as error:
        raise refused(
            path.name, "a file holds all voxels that its header counts",
            f"cut off or damaged ({type(error).__name__})", _AGAIN,
        ) from error  # fmt: skip
    return Opened(voxels.reshape(shape), affine, _through(header, affine), tuple(said))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep nibabel from printing which headers it repaired: what matters is checked here."""
    logger = nibabel.imageglobals.logger
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _image(path: Path) -> Any:
    """Return nibabel's image, its voxels not yet read."""
    try:
        with _quiet():
            image = nib.load(path)
    except FileNotFoundError as error:
        raise refused(path.name, "a file is where it is said to be", "no such file",
                      "Check the path.") from error  # fmt: skip
    except _BAD_NIFTI as error:
        raise refused(
            path.name, "a file is NIfTI", f"its header cannot be read ({type(error).__name__})",
            _AGAIN,
        ) from error  # fmt: skip
    if not isinstance(image, nib.Nifti1Image | nib.Nifti1Pair):
        raise refused(path.name, "a file is NIfTI", type(image).__name__, _AGAIN)
    return image


def _shape(image: Any, name: str) -> tuple[int, ...]:
    """Return the three counts of voxels."""
    shape = tuple(int(one) for one in image.shape)
    if len(shape) < 3:
        raise refused(
            name, "a scan has three axes", f"{len(shape)} ({' x '.join(map(str, shape))})",
            "Save the slice as a volume of one slice with its thickness.",
        )  # fmt: skip
    if min(shape) < 1 or np.prod(shape, dtype=float) > MOST_VOXELS:
        raise refused(name, f"a scan has 1 to {MOST_VOXELS:g} voxels", f"{shape}", _AGAIN)
    if len(shape) > 3 and np.prod(shape[3:]) > 1:
        raise refused(
            name, "a scan is one volume", f"{int(np.prod(shape[3:]))} volumes in one file",
            "Save each volume (echo, repetition) in a file of its own, as fslsplit or dcm2niix "
            "do: a NIfTI does not tell their echo times, so that they are not guessed.",
        )  # fmt: skip
    return shape[:3]


def _affine(image: Any, name: str) -> tuple[NDArray[np.float64], list[str]]:
    """Return the affine in mm, and what is odd about it."""
    header = image.header
    try:
        qform, q_code = image.get_qform(coded=True)
        sform, s_code = image.get_sform(coded=True)
        unit = str(header.get_xyzt_units()[0])
        factor = _TO_MM[unit]
    except _BAD_NIFTI as error:
        raise refused(
            name, "the header tells how the scan lies",
            "qform, sform or the unit of lengths is damaged", _AGAIN,
        ) from error  # fmt: skip
    if not s_code and not q_code:
        raise refused(
            name, "the header tells how the scan lies, so that left and right are known",
            "neither qform nor sform is set", "Convert it again from DICOM (dcm2niix).",
        )  # fmt: skip
    said = [] if factor == 1.0 else [f"lengths are stored in {unit}s and were turned into mm"]
    used = np.array(sform if s_code else qform, dtype=np.float64)
    used[:3] *= factor
    if s_code and q_code and qform is not None:
        other = np.array(qform, dtype=np.float64)
        other[:3] *= factor
        said += _disagreement(used, other, image.shape[:3], name)
    return used, said


def _disagreement(
    sform: NDArray[np.float64], qform: NDArray[np.float64], shape: tuple[int, ...], name: str
) -> list[str]:
    """Compare the two places that a header can tell."""
    if not np.isfinite(sform).all() or not np.isfinite(qform).all():
        return []
    size = (int(shape[0]), int(shape[1]), int(shape[2]))
    ends = (Geometry(size, sform).corners(), Geometry(size, qform).corners())
    apart = float(np.linalg.norm(ends[0] - ends[1], axis=1).max())
    if apart <= SAME_PLACE_MM:
        return []
    codes = ["".join(map(str, _axes(affine))) for affine in (sform, qform)]
    if codes[0] != codes[1]:
        raise refused(
            name, "qform and sform tell the same left, front and head",
            " and ".join(codes),
            "Find out which is right and set both, or convert it again from DICOM (dcm2niix).",
        )  # fmt: skip
    return [f"qform and sform differ by up to {apart:.1f} mm; the sform was used"]


def _through(header: Any, affine: NDArray[np.float64]) -> int:
    """Return the storage axis across the slices.

    The header's own word (dim_info), else the axis of the largest spacing, else (all alike, as
    a 3-D sequence has them) the one towards the head: so that the storage order has no say.
    """
    told = header.get_dim_info()[2]
    if told is not None:
        return int(told)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    order = np.argsort(spacing)
    if spacing[order[2]] > 1.05 * spacing[order[1]]:
        return int(order[2])
    return int(np.argmax(np.abs(affine[2, :3]) / np.maximum(spacing, 1e-12)))
