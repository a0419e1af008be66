"""Fischer's scale 0 to 4."""

from __future__ import annotations

from myocohort.mri.scales.scale import Fit, Grade, Scale, mostly, normal, patches, replaced, traces

SCALE = Scale(
    name="fischer",
    version="1",
    label="Fischer 0-4",
    measures="fat",
    grades=(
        Grade("0", "normal", fits=normal()),
        Grade("1", "mild: traces of fat", pattern="traces", fits=traces()),
        Grade(
            "2", "moderate: areas that begin to run together in less than 50% of the muscle",
            band=(0.0, 0.50), pattern="confluent", fits=patches(0.50),
        ),
        Grade(
            "3", "severe: the same in more than 50% of the muscle",
            band=(0.50, 1.0), pattern="confluent", fits=mostly(0.50),
        ),
        Grade(
            "4", "end-stage: the entire muscle replaced",
            pattern="end-stage", fits=(Fit(0.98, 1.0, literal=True), *replaced()),
        ),
    ),
    source="Fischer 2008, as printed in Wattjes MP et al. 2010",
)  # fmt: skip
"""0 normal, 1 traces, 2 below 50%, 3 above 50%, 4 the entire muscle."""
