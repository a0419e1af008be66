"""MuscleMap's whole-body labels: the last digit is 1 for left and 2 for right.

Rests on the numbers written down in references/mri.md (MuscleMap whole body). The long and the
short head of biceps femoris (718, 719) are one muscle of the readings and are merged. Numbers of
other parts of the body are not in this table and are told as unknown.
"""

from __future__ import annotations

from myocohort.mri.label_maps.table import LabelTable, both

MUSCLEMAP = LabelTable(
    name="musclemap",
    source="MuscleMap, whole-body model",
    labels={
        **both("gluteus maximus", 6121, 6122),
        **both("gluteus medius", 6111, 6112),
        **both("gluteus minimus", 6101, 6102),
        **both("femur", 6171, 6172),
        **both("vastus lateralis", 7101, 7102),
        **both("vastus intermedius", 7111, 7112),
        **both("vastus medialis", 7121, 7122),
        **both("rectus femoris", 7131, 7132),
        **both("sartorius", 7141, 7142),
        **both("gracilis", 7151, 7152),
        **both("semimembranosus", 7161, 7162),
        **both("semitendinosus", 7171, 7172),
        **both("biceps femoris long head", 7181, 7182),
        **both("biceps femoris short head", 7191, 7192),
        **both("adductor magnus", 7201, 7202),
        **both("adductor longus", 7211, 7212),
        **both("adductor brevis", 7221, 7222),
    },
)
