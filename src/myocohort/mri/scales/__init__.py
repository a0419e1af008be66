"""The grading scales of muscle MRI: adding one is a file beside this and a line in `SCALES`."""

from __future__ import annotations

from myocohort.mri.scales import (
    fischer,
    goutallier,
    lamminen,
    mercuri_leung,
    mercuri_wattjes,
    modified_mercuri,
    oedema_0_3,
    oedema_0_5,
)
from myocohort.mri.scales.scale import Fit, Grade, Scale, Swelling

__all__ = ["SCALES", "Fit", "Grade", "Scale", "Swelling"]

SCALES: dict[str, Scale] = {
    scale.name: scale
    for scale in (
        modified_mercuri.SCALE,
        mercuri_wattjes.SCALE,
        mercuri_leung.SCALE,
        fischer.SCALE,
        goutallier.SCALE,
        lamminen.SCALE,
        oedema_0_5.SCALE,
        oedema_0_3.SCALE,
    )
}
"""Name -> scale. Papers use one name for different scales: here each wording has its own."""
