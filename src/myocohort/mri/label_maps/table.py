"""What a label table is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from myocohort.mri.regions import Side
from myocohort.study.standard import MUSCLES

Kind = Literal["muscle", "other muscle", "compartment", "bone"]

OTHER_MUSCLES = (
    "gluteus medius", "gluteus minimus", "adductor brevis", "tensor fasciae latae", "pectineus",
    "iliopsoas", "popliteus", "gastrocnemius", "soleus", "tibialis anterior", "obturator internus",
)  # fmt: skip
"""Muscles that a table may name although the reference study did not read them."""

COMPARTMENTS = ("quadriceps", "medial compartment", "posterior compartment")

BONES = ("femur", "tibia", "fibula", "hip bone", "patella")

ALIASES = {
    "biceps femoris long head": "biceps femoris",
    "biceps femoris short head": "biceps femoris",
}
"""Parts that belong to one muscle of the readings; several numbers may stand for one muscle."""

_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(MUSCLES, "muscle"),
    **dict.fromkeys(OTHER_MUSCLES, "other muscle"),
    **dict.fromkeys(COMPARTMENTS, "compartment"),
    **dict.fromkeys(BONES, "bone"),
}


def kind_of(name: str) -> Kind | None:
    """Return what kind of structure a name stands for; None for a name that is not known."""
    return _KINDS.get(ALIASES.get(name, name))


def known_names() -> tuple[str, ...]:
    """Return every name that a table may use, the twelve muscles first."""
    return (*_KINDS, *ALIASES)


@dataclass(frozen=True, slots=True)
class Structure:
    """What one number of a map stands for; side None where the map does not tell sides apart."""

    name: str
    side: Side | None
    kind: Kind


def structure(name: str, side: Side | None = None) -> Structure:
    """Return the structure of a known name, parts of a muscle under the muscle's name."""
    kind = kind_of(name)
    if kind is None:
        raise ValueError(f"{name!r} is no muscle, compartment or bone that is known")
    return Structure(ALIASES.get(name, name), side, kind)


def both(name: str, left: int, right: int) -> dict[int, Structure]:
    """Return the two numbers of a structure that a map tells apart by side."""
    return {left: structure(name, "left"), right: structure(name, "right")}


@dataclass(frozen=True, slots=True)
class LabelTable:
    """What the numbers of a label map stand for.

    Parameters
    ----------
    name
        As in `LABEL_MAPS`, or the file's name of a user's table.
    source
        Where the numbers are from, and their version where one is known.
    labels
        Number -> structure. Several numbers may stand for one structure (heads of a muscle).
    note
        What a user must know of these labels; empty where nothing is special.
    """

    name: str
    source: str
    labels: Mapping[int, Structure]
    note: str = ""

    @property
    def sided(self) -> bool:
        """Whether every number tells the side."""
        return all(one.side is not None for one in self.labels.values())

    @property
    def absent(self) -> tuple[str, ...]:
        """Muscles of the twelve that no number stands for, in their order."""
        given = {one.name for one in self.labels.values()}
        return tuple(name for name in MUSCLES if name not in given)

    @property
    def compartments_only(self) -> bool:
        """Whether the thigh is given by compartments, single muscles being few or none."""
        return any(one.kind == "compartment" for one in self.labels.values())

    def what_is_absent(self) -> str:
        """Return a sentence on muscles that the table cannot give; empty if it gives all."""
        if not self.absent:
            return ""
        lead = "compartments only: " if self.compartments_only else ""
        muscles = ", ".join(self.absent)
        return (
            f"{lead}the label table {self.name} cannot give {len(self.absent)} of the "
            f"{len(MUSCLES)} muscles: {muscles}"
        )
