"""A stack: slices that make one scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scans.frames import Frame


@dataclass(frozen=True, slots=True)
class Stack:
    """Slices that make one scan.

    Parameters
    ----------
    name
        "series 5, echo 2.30 ms"; no person's name.
    frames
        In any order until `ordered`, then by position along `normal`.
    warnings
        In sentences.
    """

    name: str
    frames: tuple[Frame, ...]
    warnings: tuple[str, ...] = ()

    @property
    def positions(self) -> NDArray[np.float64]:
        """Positions along the normal of the slices, mm, shape (slices,)."""
        normal = self.frames[0].normal
        return np.array([frame.position @ normal for frame in self.frames])
