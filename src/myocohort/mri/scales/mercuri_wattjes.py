"""Mercuri's scale 1 to 4, as printed in Wattjes 2010."""

from __future__ import annotations

from myocohort.mri.scales.scale import Fit, Grade, Scale, normal, patches

SCALE = Scale(
    name="mercuri-wattjes",
    version="1",
    label="Mercuri 1-4 (as printed in Wattjes 2010)",
    measures="fat",
    grades=(
        Grade("1", "normal", fits=normal()),
        Grade(
            "2", "early moth-eaten, less than 30% of the volume",
            band=(0.0, 0.30), pattern="moth-eaten or scattered",
            fits=(*patches(0.30), Fit(0.0, 0.10, ("scattered", "streaks"))),
        ),
        Grade(
            "3", "late moth-eaten, 30 to 60% of the volume",
            band=(0.30, 0.60), pattern="moth-eaten",
            fits=(
                Fit(0.30, 0.60, ("moth-eaten", "scattered", "streaks"), literal=True),
                Fit(0.30, 0.60),
                Fit(0.60, 0.75, ("moth-eaten", "scattered", "streaks")),
            ),
        ),
        Grade(
            "4", "washed-out, or end-stage",
            pattern="washed-out or end-stage",
            fits=(Fit(0.30, 0.60, ("washed-out", "periphery")), Fit(0.60, 1.0)),
        ),
    ),
    source="Mercuri, as printed in Wattjes MP et al. 2010",
    notes=(
        "It starts at 1: a sum of its grades is not that of a scale that starts at 0.",
        "A muscle with 30 to 60% of fat that is washed-out, or with more than 60% that is still "
        "moth-eaten, fits the words of two grades; both are proposed.",
    ),
)  # fmt: skip
"""1 normal, 2 below 30%, 3 30 to 60%, 4 washed-out or end-stage."""
