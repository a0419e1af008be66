"""What is told beside a NIfTI: the JSON file of dcm2niix or BIDS, or the file's name."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from myocohort.mri.scan import Sequence
from myocohort.mri.scans.frames import component_of
from myocohort.mri.scans.sequence import Tags, guess, word


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a NIfTI's making; times in ms, lengths in mm."""

    tags: Tags
    sequence: Sequence
    phase: bool
    vendor: str = ""
    date: datetime.date | None = None
    thickness: float | None = None
    warnings: tuple[str, ...] = ()


def sidecar_of(path: Path) -> Path:
    """Return the JSON file beside a NIfTI, whether it is there or not."""
    return path.with_name(f"{_stem(path)}.json")


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".nii")


def told_of(path: Path) -> Told:
    """Return what the sidecar of a NIfTI tells, or else its name.

    Names and identifiers of patients that a sidecar may hold are not read.
    """
    stem = _stem(path)
    sidecar = sidecar_of(path)
    named = word(r"phase|phs|ph|pha", stem)
    if not sidecar.is_file():
        tags = Tags(description=stem)
        return Told(tags, guess(tags, named="file name"), bool(named))
    try:
        content = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        tags = Tags(description=stem)
        said = "the JSON file beside it cannot be read and was not used"
        return Told(tags, guess(tags, named="file name"), bool(named), warnings=(said,))
    return _from(content, stem, bool(named))


def _from(content: dict[str, Any], stem: str, named_phase: bool) -> Told:
    image_type = tuple(str(one) for one in _list(content.get("ImageType")))
    vendor = " ".join(
        str(content[key]) for key in ("Manufacturer", "ManufacturersModelName") if content.get(key)
    )
    said: list[str] = []
    described = content.get("SeriesDescription") or content.get("ProtocolName")
    tags = Tags(
        image_type=image_type,
        description=str(described) if described else stem,
        scanning_sequence=_methods(content),
        options=tuple(str(content.get("ScanOptions") or "").replace("_", "\\").split("\\")),
        repetition_ms=_ms(content, "RepetitionTime", 30.0, said),
        echo_ms=_ms(content, "EchoTime", 1.0, said),
        inversion_ms=_ms(content, "InversionTime", 10.0, said),
        field_t=_positive(content.get("MagneticFieldStrength")),
    )
    component = component_of(image_type, "", None, vendor)
    sequence = guess(tags, named="series description" if described else "file name")
    return Told(
        tags, sequence, component == "phase" or (not image_type and named_phase), vendor,
        _day(content), _positive(content.get("SliceThickness")), tuple(said),
    )  # fmt: skip


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _methods(content: dict[str, Any]) -> tuple[str, ...]:
    """Return the scanning sequence; dcm2niix joins its values by "_"."""
    return tuple(
        part for part in str(content.get("ScanningSequence") or "").replace("\\", "_").split("_")
        if part
    )  # fmt: skip


def _positive(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < float("inf") else None


def _ms(content: dict[str, Any], key: str, longest_s: float, said: list[str]) -> float | None:
    """Return a time, which BIDS keeps in seconds; one that is no time in seconds is left out."""
    value = _positive(content.get(key))
    if value is None:
        return None
    if value > longest_s:
        said.append(
            f"{key} in the JSON file is {value:g}; it is kept in seconds there, and so long is "
            "none: it was not used"
        )
        return None
    return round(value * 1000, 6)


def _day(content: dict[str, Any]) -> datetime.date | None:
    """Return the day of the scan; dcm2niix keeps it where it was not told to leave it out."""
    written = str(content.get("AcquisitionDateTime") or content.get("AcquisitionDate") or "")
    try:
        return datetime.date.fromisoformat(written[:10] if "-" in written else written[:8])
    except ValueError:
        return None
