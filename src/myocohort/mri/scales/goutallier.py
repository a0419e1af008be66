"""Goutallier's scale 0 to 4: fat against muscle."""

from __future__ import annotations

from myocohort.mri.scales.scale import Fit, Grade, Scale, normal, traces

EQUAL = (0.45, 0.55)
"""As much fat as muscle, as far as that can be seen. Project default: the words name the point."""

SCALE = Scale(
    name="goutallier",
    version="1",
    label="Goutallier 0-4",
    measures="fat",
    grades=(
        Grade("0", "no fat", fits=normal()),
        Grade("1", "some streaks of fat", pattern="streaks", fits=traces()),
        Grade(
            "2", "fat, but less than muscle", band=(0.0, 0.50),
            fits=(
                Fit(0.15, EQUAL[0], literal=True),
                Fit(0.10, 0.15),
                Fit(0.05, 0.10, ("moth-eaten",)),
            ),
        ),
        Grade("3", "as much fat as muscle", band=(0.50, 0.50), fits=(Fit(*EQUAL),)),
        Grade(
            "4", "more fat than muscle", band=(0.50, 1.0), fits=(Fit(EQUAL[1], 1.0, literal=True),)
        ),
    ),
    source="Goutallier",
    notes=(
        "Made for the shoulder; the publication's wording was not at hand, only what each grade "
        "stands for.",
    ),
)  # fmt: skip
"""0 none, 1 streaks, 2 fat < muscle, 3 equal, 4 fat > muscle."""
