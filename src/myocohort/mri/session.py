"""What one scan session brings to be measured."""

from __future__ import annotations

from dataclasses import dataclass

from myocohort.mri.calibrated_bands import Calibration
from myocohort.mri.dixon import Echo
from myocohort.mri.label_maps import LabelTable
from myocohort.mri.regions import Side
from myocohort.mri.scan import LabelMap, Scan, ScanError
from myocohort.mri.stir.controls import ControlLimit
from myocohort.mri.t1.reference import MuscleReference


@dataclass(frozen=True, slots=True)
class Session:
    """Scans of one patient on one day, with one label map.

    Parameters
    ----------
    labels, table
        Label map and what its numbers mean.
    t1, stir
        Scans, as far as they were made.
    fat, water
        Both Dixon images, or neither.
    echoes
        Dixon echoes, instead of fat and water.
    """

    labels: LabelMap
    table: LabelTable
    t1: Scan | None = None
    stir: Scan | None = None
    fat: Scan | None = None
    water: Scan | None = None
    echoes: tuple[Echo, ...] = ()

    def __post_init__(self) -> None:
        if (self.fat is None) != (self.water is None):
            raise ScanError("a two-point Dixon is measured from its fat and its water image both")
        if self.fat is not None and self.echoes:
            raise ScanError("Dixon is measured from fat and water, or from echoes, not from both")
        if not self.scans():
            raise ScanError("nothing to measure: give a T1, a STIR or a Dixon scan")

    def scans(self) -> dict[str, Scan]:
        """Return the scans by what they are called in results."""
        named = {"t1": self.t1, "stir": self.stir, "dixon-fat": self.fat,
                 "dixon-water": self.water}  # fmt: skip
        found = {name: scan for name, scan in named.items() if scan is not None}
        for place, echo in enumerate(self.echoes, start=1):
            found[f"dixon-echo-{place}"] = echo.magnitude
        return found


@dataclass(frozen=True, slots=True)
class Choices:
    """How it is measured.

    Parameters
    ----------
    scale, oedema_scale
        Names in `mri.scales.SCALES`.
    side
        Of a scan that shows one leg only.
    muscle_reference
        Signal of muscle without fat on T1 relative to subcutaneous fat, where no muscle is
        spared.
    controls
        Limit of STIR from healthy controls; None for the stated fallback.
    calibration
        Bands of the study's own readers (`myocohort mri calibrate`).
    """

    scale: str = "modified-mercuri"
    oedema_scale: str = "oedema-0-5"
    side: Side | None = None
    muscle_reference: MuscleReference | None = None
    controls: ControlLimit | None = None
    calibration: Calibration | None = None
