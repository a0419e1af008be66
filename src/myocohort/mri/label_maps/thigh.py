"""Labels of thigh networks: ThighSegAI, and the eleven-muscle numbering without sides.

Both rest on references/mri.md. The heads of biceps femoris are one muscle of the readings and are
merged.
"""

from __future__ import annotations

from myocohort.mri.label_maps.table import LabelTable, Structure, structure

_THIGHSEGAI = (
    "vastus lateralis", "vastus medialis", "rectus femoris", "biceps femoris short head",
    "biceps femoris long head", "semitendinosus", "semimembranosus",
)  # fmt: skip

_THIGH11 = (
    "sartorius", "rectus femoris", "vastus lateralis", "vastus intermedius", "vastus medialis",
    "adductor magnus", "gracilis", "biceps femoris long head", "semitendinosus",
    "semimembranosus", "biceps femoris short head",
)  # fmt: skip


def _thighsegai() -> dict[int, Structure]:
    """Right 1 to 7, left 8 to 14."""
    right = {k: structure(name, "right") for k, name in enumerate(_THIGHSEGAI, start=1)}
    left = {k: structure(name, "left") for k, name in enumerate(_THIGHSEGAI, start=8)}
    return right | left


THIGHSEGAI = LabelTable(
    name="thighsegai",
    source="ThighSegAI",
    labels=_thighsegai(),
)

THIGH11 = LabelTable(
    name="thigh11",
    source="network of the multimodal, multiethnic thigh MRI study (eleven muscles, no sides)",
    labels={k: structure(name) for k, name in enumerate(_THIGH11, start=1)},
    note="the map has no sides: they are split by position",
)
