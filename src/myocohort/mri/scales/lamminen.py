"""Lamminen's scale 1 to 4: how bright, and how far."""

from __future__ import annotations

from myocohort.mri.scales.scale import ALL, FULL, STRUCTURE, Fit, Grade, Scale, normal, replaced

SCALE = Scale(
    name="lamminen",
    version="1",
    label="Lamminen 1-4",
    measures="fat",
    grades=(
        Grade("1", "normal", fits=normal()),
        Grade(
            "2", "slightly bright, in patches", pattern="patches",
            fits=(
                Fit(0.0, 0.40, ("scattered", "streaks", "moth-eaten")),
                Fit(0.10, 0.40),
            ),
        ),
        Grade(
            "3", "markedly bright, in patches but widespread", pattern="patches",
            fits=(
                Fit(0.25, FULL),
                Fit(FULL, ALL, ("muscle left", *STRUCTURE)),
                Fit(FULL, (FULL + ALL) / 2, ("even",)),
            ),
        ),
        Grade(
            "4", "the whole muscle evenly bright, as fat is", pattern="even, end-stage",
            fits=replaced(),
        ),
    ),
    source="Lamminen, as printed in Leung DG. J Neurol 2017;264:1320-1333, Table 2",
    notes=(
        "Its words name no share of the volume: every limit is a project default, and between 25 "
        "and 40% of fat both 2 and 3 are proposed.",
        "It starts at 1: a sum of its grades is not that of a scale that starts at 0.",
    ),
)  # fmt: skip
"""1 normal, 2 slight, 3 marked and widespread, 4 total."""
