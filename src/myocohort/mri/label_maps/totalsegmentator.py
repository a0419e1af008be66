"""TotalSegmentator's labels of its tasks total, total_mr and thigh_shoulder_muscles(_mr).

The numbers rest on references/mri.md (total_mr with its sides, total's gluteus maximus, the thigh
task) and, for the other pairs of total and for left before right everywhere, on the class lists in
the tool's public documentation ("Class details" of its README, version 2). A map whose sides do not
fit their place in the body is refused all the same (`mri.sides`).
"""

from __future__ import annotations

from myocohort.mri.label_maps.table import LabelTable, both

TOTALSEGMENTATOR_MR = LabelTable(
    name="totalsegmentator-mr",
    source="TotalSegmentator 2, task total_mr",
    labels={
        **both("femur", 36, 37),
        **both("gluteus maximus", 40, 41),
        **both("gluteus medius", 42, 43),
        **both("gluteus minimus", 44, 45),
    },
    note="muscles of the thigh are in the task thigh_shoulder_muscles_mr (totalsegmentator-thigh)",
)

TOTALSEGMENTATOR = LabelTable(
    name="totalsegmentator",
    source="TotalSegmentator 2, task total (numbers of CT)",
    labels={
        **both("femur", 75, 76),
        **both("gluteus maximus", 80, 81),
        **both("gluteus medius", 82, 83),
        **both("gluteus minimus", 84, 85),
    },
    note="for MR images the task total_mr has other numbers (totalsegmentator-mr)",
)

TOTALSEGMENTATOR_THIGH = LabelTable(
    name="totalsegmentator-thigh",
    source="TotalSegmentator 2, tasks thigh_shoulder_muscles and thigh_shoulder_muscles_mr",
    labels={
        **both("quadriceps", 1, 2),
        **both("medial compartment", 3, 4),
        **both("posterior compartment", 5, 6),
        **both("sartorius", 7, 8),
    },
    note=(
        "compartments only: it gives sartorius alone of the 12 muscles; with gluteus maximus from "
        "totalsegmentator-mr, 10 of the 12 are still absent"
    ),
)
