"""Oedema 0 to 3 per muscle, as Gramegna 2024 counts it."""

from __future__ import annotations

from myocohort.mri.scales.oedema_0_5 import GLOBAL
from myocohort.mri.scales.scale import Grade, Scale, Swelling
from myocohort.mri.stir.controls import POSITIVE_SHARE as POSITIVE

SCALE = Scale(
    name="oedema-0-3",
    version="1",
    label="Oedema 0-3 (Gramegna 2024)",
    measures="oedema",
    grades=(
        Grade("0", "none", swellings=(Swelling(0.0, POSITIVE),)),
        Grade("1", "mild", swellings=(Swelling(POSITIVE, GLOBAL[1], "mild"),)),
        Grade(
            "2", "between 1 and 3",
            swellings=(
                Swelling(GLOBAL[0], 1.0, "mild"),
                Swelling(POSITIVE, GLOBAL[1], "moderate"),
            ),
        ),
        Grade("3", "the most", swellings=(Swelling(GLOBAL[0], 1.0, "moderate"),)),
    ),
    source="Gramegna 2024 (0 to 3 per muscle, 19 muscles on 2 sides)",
    notes=(
        "Only the count of grades is confirmed; what each is worded like was not at hand, so that "
        "the words here are place-holders and every limit but that of 0 is a project default.",
    ),
)  # fmt: skip
"""0 none to 3 the most."""
