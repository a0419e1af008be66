"""One slice as a DICOM file tells it, whichever kind of file it came in."""

from __future__ import annotations

import datetime
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.valuerep import PersonName

from myocohort.mri.scans.sequence import Tags

Component = Literal["magnitude", "phase", "real", "imaginary"]

DAMAGED = (
    OSError, EOFError, ValueError, KeyError, IndexError, AttributeError, TypeError,
    NotImplementedError, RuntimeError, MemoryError, ArithmeticError, struct.error, zlib.error,
    InvalidDicomError, BytesLengthException,
)  # fmt: skip
"""What readers raise on damaged files; pydicom and nibabel raise all of these."""


class FrameError(Exception):
    """A slice lacks what places or scales it; the text is the rule, `value` what was found."""

    def __init__(self, rule: str, value: str = "absent or unusable") -> None:
        super().__init__(rule)
        self.value = value


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One slice: where it lies, how its numbers are scaled, and what it belongs to.

    Parameters
    ----------
    path, label, index
        The file, how messages call it, and the number of the frame in it (0 in classic files).
    uid
        Of this one image.
    position, along_row, along_column
        Centre of the first voxel, and directions in which columns and rows count up, in
        DICOM's axes (left, back, head), mm; shape (3,).
    spacing
        Between rows and between columns, mm.
    size
        Rows and columns.
    person
        A hash that tells patients apart and no more.
    """

    path: Path
    label: str
    index: int
    uid: str
    series: str
    series_number: int | None
    person: int
    reference_frame: str
    position: NDArray[np.float64]
    along_row: NDArray[np.float64]
    along_column: NDArray[np.float64]
    spacing: tuple[float, float]
    size: tuple[int, int]
    thickness: float | None
    between: float | None
    slope: float
    intercept: float
    component: Component
    tags: Tags
    stack_id: str
    acquisition: int | None
    temporal: int | None
    trigger_ms: float | None
    date: datetime.date | None
    vendor: str
    syntax: str
    private_scale: float | None
    contrast: bool
    lossy: bool
    promised: int | None

    @property
    def normal(self) -> NDArray[np.float64]:
        """Direction across the slice, shape (3,)."""
        return np.cross(self.along_row, self.along_column)


def number(dataset: Dataset, tag: str | tuple[int, int]) -> float | None:
    """Return a tag's (first) value as a number; None where it is absent or no number."""
    value = _value(dataset, tag)
    if isinstance(value, bytes):
        try:
            return float(struct.unpack("<f", value)[0]) if len(value) == 4 else None
        except struct.error:
            return None
    if value is None or isinstance(value, str):
        return None
    if not isinstance(value, int | float):
        value = value[0] if len(value) else None
    try:
        out = float(value)
    except (TypeError, ValueError):
        return None
    return out if np.isfinite(out) else None


def whole(dataset: Dataset, tag: str) -> int | None:
    """Return a tag's value as a whole number; None where it is absent."""
    value = number(dataset, tag)
    return None if value is None else int(value)


def numbers(dataset: Dataset, tag: str, count: int) -> NDArray[np.float64] | None:
    """Return a tag's values; None where there are not that many finite ones."""
    value = _value(dataset, tag)
    try:
        out = np.array([float(one) for one in value], dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return out if len(out) == count and np.isfinite(out).all() else None


def texts(dataset: Dataset, tag: str) -> tuple[str, ...]:
    """Return a tag's values as texts; none where it is absent.

    A value longer than DICOM allows, or with signs that no text has, comes from a damaged header:
    it may hold the neighbouring tags, the patient's name among them, and is left out.
    """
    return tuple(
        one for one in raw_texts(dataset, tag) if len(one) <= LONGEST_TEXT and one.isprintable()
    )


LONGEST_TEXT = 64
"""Of UI, LO, SH and CS values, which are all that is read (DICOM PS3.5, table 6.2-1)."""


def raw_texts(dataset: Dataset, tag: str) -> tuple[str, ...]:
    """Return a tag's values as texts, whatever they hold; never to be told."""
    value = _value(dataset, tag)
    if value is None or value == "":
        return ()
    if isinstance(value, str | PersonName):  # a PersonName iterates over its letters
        return (str(value).strip(),)
    if isinstance(value, Iterable):
        return tuple(str(one).strip() for one in value)
    return (str(value).strip(),)


def text(dataset: Dataset, tag: str) -> str:
    """Return a tag's value as one text; empty where it is absent."""
    return " ".join(texts(dataset, tag))


def _value(dataset: Dataset, tag: str | tuple[int, int]) -> Any:
    """Return a tag's value as it is; None where it is absent or cannot be understood."""
    try:
        if isinstance(tag, tuple):
            return dataset[tag].value if tag in dataset else None
        return dataset.get(tag)
    except DAMAGED:
        return None


def place_of(
    position: NDArray[np.float64] | None,
    orientation: NDArray[np.float64] | None,
    spacing: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], tuple[float, float]]:
    """Return position, directions and spacing of a slice.

    Raises
    ------
    FrameError
        Where one is absent, or the directions are no unit vectors at a right angle.
    """
    if position is None:
        raise FrameError("a slice says where it lies (ImagePositionPatient)")
    if orientation is None:
        raise FrameError("a slice says how it lies (ImageOrientationPatient)")
    if spacing is None or spacing.min() <= 0:
        raise FrameError("a slice says the distance of its voxels (PixelSpacing, above 0)")
    row, column = orientation[:3], orientation[3:]
    lengths = float(np.linalg.norm(row)), float(np.linalg.norm(column))
    if max(abs(lengths[0] - 1), abs(lengths[1] - 1), abs(float(row @ column))) > 0.01:
        raise FrameError("ImageOrientationPatient is two unit vectors at a right angle")
    row, column = row / lengths[0], column / lengths[1]
    return position, row, column, (float(spacing[0]), float(spacing[1]))


def component_of(
    image_type: tuple[str, ...], component: str, ge_code: float | None, vendor: str
) -> Component:
    """Tell magnitude from phase: by ComplexImageComponent, the image type, or GE's own code.

    Philips writes "PHASE MAP" and "P", Siemens "P", GE (0043,102F): 0 magnitude, 1 phase,
    2 real, 3 imaginary.
    """
    said: dict[str, Component] = {
        "MAGNITUDE": "magnitude", "PHASE": "phase", "REAL": "real", "IMAGINARY": "imaginary",
    }  # fmt: skip
    if component in said:
        return said[component]
    values = {one.strip().upper() for one in image_type[2:]}
    if values & {"P", "PHASE", "PHASE MAP", "PHASE_MAP"}:
        return "phase"
    if values & {"R", "REAL"}:
        return "real"
    if values & {"I", "IMAGINARY"}:
        return "imaginary"
    ge: dict[float, Component] = {1.0: "phase", 2.0: "real", 3.0: "imaginary"}
    if vendor.upper().startswith("GE") and ge_code in ge:
        return ge[ge_code]
    return "magnitude"


def day_of(dataset: Dataset, *tags: str) -> datetime.date | None:
    """Return the day in the first of these tags that has one."""
    for tag in tags:
        written = text(dataset, tag)[:8]
        try:
            return datetime.datetime.strptime(written, "%Y%m%d").date()
        except ValueError:
            continue
    return None


def maker_of(dataset: Dataset) -> str:
    """Return manufacturer and model."""
    parts = [text(dataset, "Manufacturer"), text(dataset, "ManufacturerModelName")]
    return " ".join(part for part in parts if part)


def field_of(dataset: Dataset) -> float | None:
    """Return the field strength in tesla; some old files keep it in gauss, which is no tesla."""
    value = number(dataset, "MagneticFieldStrength")
    return value if value is not None and 0.01 < value < 15 else None


def person_of(dataset: Dataset) -> int:
    """Return a hash that tells patients apart within this run (Python's own, salted)."""
    return hash(tuple(text(dataset, tag) for tag in ("PatientID", "PatientBirthDate")))
