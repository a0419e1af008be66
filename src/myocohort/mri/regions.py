"""Muscles and other structures on a scan's grid, each with its side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scan import Geometry

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Region:
    """A structure on one side of the body.

    Parameters
    ----------
    name
        As in `study.standard.MUSCLES` for the twelve muscles of the readings; else the name of a
        further muscle ("gluteus medius"), a compartment ("quadriceps") or "femur".
    side
        The patient's left or right.
    kind
        "muscle" (one of the twelve), "other muscle", "compartment" or "bone".
    """

    name: str
    side: Side
    kind: Literal["muscle", "other muscle", "compartment", "bone"]


@dataclass(frozen=True, slots=True)
class Regions:
    """Where each region lies on a scan's grid.

    Parameters
    ----------
    codes
        int16, shape of the scan; 0 is none of them, k is `of[k]`.
    of
        Code -> region, in the order of `study.standard.MUSCLES`, left before right.
    geometry
        The scan's.
    absent
        Muscles of the twelve that the label map cannot give ("gluteus maximus"), whatever the scan.
    warnings
        What a reader must know of sides, resampling, tiny or cut regions.
    """

    codes: NDArray[np.int16]
    of: dict[int, Region]
    geometry: Geometry
    absent: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def masks(self, *kinds: str) -> Iterator[tuple[int, Region, NDArray[np.bool_]]]:
        """Yield code, region and mask of each region of these kinds; of all where none is named."""
        for code, region in self.of.items():
            if not kinds or region.kind in kinds:
                yield code, region, self.codes == code

    def numbered_as(self, known: dict[int, Region]) -> Regions:
        """Return the same regions under the codes that they have on another grid.

        Regions that are not known take the next codes.
        """
        codes_of = {region: code for code, region in known.items()}
        for region in self.of.values():
            codes_of.setdefault(region, len(codes_of) + 1)
        table = np.zeros(max(self.of, default=0) + 1, dtype=np.int16)
        for code, region in self.of.items():
            table[code] = codes_of[region]
        of = {codes_of[region]: region for region in self.of.values()}
        return replace(self, codes=table[self.codes], of=dict(sorted(of.items())))
