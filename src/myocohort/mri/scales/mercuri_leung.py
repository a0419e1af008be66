"""Mercuri's scale with 2A and 2B, as in Leung 2017."""

from __future__ import annotations

from myocohort.mri.scales.scale import Fit, Grade, Scale, mostly, normal, patches, replaced, traces

SCALE = Scale(
    name="mercuri-leung",
    version="1",
    label="Mercuri 0, 1, 2A, 2B, 3, 4 (as in Leung 2017)",
    measures="fat",
    grades=(
        Grade("0", "normal", fits=normal()),
        Grade("1", "scattered small areas of fat", pattern="scattered", fits=traces()),
        Grade(
            "2A", "areas that begin to run together, less than 30% of the volume",
            band=(0.0, 0.30), pattern="moth-eaten", fits=patches(0.30),
        ),
        Grade(
            "2B", "the same, 30 to 60% of the volume",
            band=(0.30, 0.60), pattern="moth-eaten",
            fits=(
                Fit(0.30, 0.60, ("moth-eaten", "scattered", "streaks", "even"), literal=True),
                Fit(0.30, 0.60),
                Fit(0.60, 0.75, ("moth-eaten", "scattered", "streaks")),
            ),
        ),
        Grade(
            "3", "washed-out, muscle left at the periphery",
            pattern="washed-out or periphery",
            fits=(Fit(0.30, 0.60, ("washed-out", "periphery")), *mostly(0.60)),
        ),
        Grade(
            "4", "end-stage: only a rim of fascia, vessels and nerves left",
            pattern="end-stage", fits=replaced(),
        ),
    ),
    source="Mercuri, as in Leung DG. J Neurol 2017;264:1320-1333, Table 2",
    notes=(
        "Its six levels, counted 0 to 5, agree with modified-mercuri grade for grade.",
        "Two grades are called 2; records keep the letter.",
        "A washed-out muscle with 30 to 60% of fat, or a moth-eaten one with more than 60%, fits "
        "the words of two grades; both are proposed.",
    ),
)  # fmt: skip
"""0 normal, 1 scattered, 2A below 30%, 2B 30 to 60%, 3 washed-out, 4 end-stage."""
