"""Oedema 0 to 5 on STIR: between or within the bundles, segmental or global, mild or moderate."""

from __future__ import annotations

from myocohort.mri.scales.scale import Grade, Scale, Swelling
from myocohort.mri.stir.controls import POSITIVE_SHARE as POSITIVE

GLOBAL = (0.40, 0.60)
"""Up to two fifths of the muscle is segmental, from three fifths on global; between them either.
Project default."""
THREADS = 0.30
"""Oedema between bundles fills no more than this. Project default."""

SCALE = Scale(
    name="oedema-0-5",
    version="1",
    label="Oedema 0-5",
    measures="oedema",
    grades=(
        Grade("0", "none", swellings=(Swelling(0.0, POSITIVE),)),
        Grade(
            "1", "mild, between the bundles (interfascicular)", pattern="threads",
            swellings=(Swelling(POSITIVE, THREADS, "mild"),),
        ),
        Grade(
            "2", "mild, within the bundles (intrafascicular), a part of the muscle",
            pattern="areas, segmental",
            swellings=(Swelling(POSITIVE, GLOBAL[1], "mild"),),
        ),
        Grade(
            "3", "mild, within the bundles, the whole muscle", pattern="areas, global",
            swellings=(Swelling(GLOBAL[0], 1.0, "mild"),),
        ),
        Grade(
            "4", "moderate, within the bundles, a part of the muscle",
            pattern="areas, segmental", swellings=(Swelling(POSITIVE, GLOBAL[1], "moderate"),),
        ),
        Grade(
            "5", "moderate, within the bundles, the whole muscle", pattern="areas, global",
            swellings=(Swelling(GLOBAL[0], 1.0, "moderate"),),
        ),
    ),
    source="End points: Zhao 2020 (normal to moderate intrafascicular global oedema, on STIR)",
    notes=(
        "Wording from memory: only the end points, 0 and 5, are confirmed. Grades 1 to 4 are as "
        "the scale that ends so is remembered.",
        "Between the bundles and within them cannot be told from the measures: where both fit, "
        "both are proposed.",
        "No publication gives numbers for segmental, global, mild or moderate: every limit but "
        "that of 0 is a project default.",
    ),
)  # fmt: skip
"""0 none, 1 interfascicular, 2 and 3 mild, 4 and 5 moderate; segmental before global."""
