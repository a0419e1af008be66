"""Modified Mercuri scale 0 to 5, after Song 2021."""

from __future__ import annotations

from myocohort.mri.scales.scale import Fit, Grade, Scale, mostly, normal, patches, replaced, traces

SCALE = Scale(
    name="modified-mercuri",
    version="1",
    label="Modified Mercuri 0-5 (Song 2021)",
    measures="fat",
    grades=(
        Grade("0", "normal", fits=normal()),
        Grade("1", "scattered spots of fat", pattern="scattered", fits=traces()),
        Grade(
            "2", "patches of fat, less than 30% of the volume",
            band=(0.0, 0.30), pattern="patches", fits=patches(0.30),
        ),
        Grade(
            "3", "fat in 30 to 60% of the volume",
            band=(0.30, 0.60), fits=(Fit(0.30, 0.60, literal=True),),
        ),
        Grade("4", "fat in more than 60% of the volume", band=(0.60, 1.0), fits=mostly(0.60)),
        Grade(
            "5", "end-stage: replaced by fat or fibrous tissue",
            pattern="end-stage", fits=replaced(),
        ),
    ),
    source="Song 2021, translated",
    notes=(
        "The reference study (Zhao 2020) says 0 to 5, from normal appearance to complete fatty "
        "infiltration, and prints no wording of its own: this is Song's, not Zhao's.",
        "Leung's six levels (0, 1, 2A, 2B, 3, 4) agree with it grade for grade.",
        "Fibrous tissue is dark on T1 and on a fat map: an end-stage muscle of fibrous tissue is "
        "not recognised.",
    ),
)  # fmt: skip
"""0 normal, 1 scattered, 2 below 30%, 3 30 to 60%, 4 above 60%, 5 end-stage."""
