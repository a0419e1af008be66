"""What signal pure muscle has on T1 against subcutaneous fat, before a scan is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myocohort.mri.scan import Scan, ScanError


@dataclass(frozen=True, slots=True)
class MuscleReference:
    """Signal of muscle without fat over that of subcutaneous fat.

    Parameters
    ----------
    ratio
        Between 0 and 1.
    sd
        Its uncertainty, in the same units.
    source
        Where it comes from, as it is printed ("this patient's scan of 2024-05-01", "10 controls
        of this study", "given by the user", "literature ...").
    """

    ratio: float
    sd: float
    source: str

    def __post_init__(self) -> None:
        if not (0 < self.ratio < 1 and 0 < self.sd < 1):
            raise ScanError(
                f"the muscle reference from {self.source} is {self.ratio:g} with an SD of "
                f"{self.sd:g}; the signal of muscle over that of subcutaneous fat on T1 must lie "
                "between 0 and 1 (it is about a third), and its SD above 0 and below 1"
            )


MUSCLE_MS = {1.5: (1070.0, 40.0), 3.0: (1420.0, 38.0)}
"""T1 and T2 of muscle: between Gold 2004 (AJR 183:343, Table 2: 1130 and 35 ms at 1.5 T, 1420 and
32 ms at 3 T) and Stanisz 2005 (Magn Reson Med 54:507, Table 1: 1008 and 44, 1412 and 50 ms)."""

FAT_MS = {1.5: (288.0, 165.0), 3.0: (371.0, 133.0)}
"""T1 and T2 of subcutaneous fat (Gold 2004, Table 2)."""

DENSITY = 0.9
"""Proton density of muscle over that of fat; published values run from 0.8 to 1."""

KNOWN_TIMING_SD = 0.2
"""SD of the log ratio where timing is known: the two sets of relaxation times above differ by 0.15
and proton density adds 0.1. Echo trains make fat brighter and muscle darker than the equation."""

USUAL_RATIO, USUAL_SD = 0.33, 0.3
"""Ratio and SD of its log where timing is not known: repetition times of 400 to 800 ms, echo times
of 8 to 20 ms and both field strengths give 0.22 to 0.45."""

T1_WEIGHTED_MS = (200.0, 1200.0)
"""Repetition times of T1-weighted spin echoes; others do not follow the equation used here."""


def usual_reference(scan: Scan) -> MuscleReference:
    """Return the ratio that timing and field strength let expect, from a spin echo's equation."""
    field, repetition, echo = scan.field_t, scan.repetition_ms, scan.echo_ms
    low, high = T1_WEIGHTED_MS
    if field is None or repetition is None or echo is None or not low <= repetition <= high:
        return MuscleReference(
            USUAL_RATIO, USUAL_RATIO * USUAL_SD, "range of T1-weighted spin echoes in general"
        )
    near = min(MUSCLE_MS, key=lambda known: abs(known - field))

    def signal(t1_ms: float, t2_ms: float) -> float:
        return float((1 - np.exp(-repetition / t1_ms)) * np.exp(-echo / t2_ms))

    ratio = min(DENSITY * signal(*MUSCLE_MS[near]) / signal(*FAT_MS[near]), 0.8)
    return MuscleReference(
        ratio,
        ratio * KNOWN_TIMING_SD,
        f"spin echo of {repetition:g}/{echo:g} ms at {near:g} T with published relaxation times",
    )
