"""One recomputed value, with the procedure that gave it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one procedure gives for a printed number.

    Parameters
    ----------
    value
        Exact where counts were divided, otherwise a float.
    by
        The procedure, by its name.
    claimed
        Whether it is the procedure that the paper names, or the only one there is.
    """

    value: int | Fraction | float
    by: str
    claimed: bool = True
