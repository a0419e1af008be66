"""Whether the procedures that give a printed p are those of the test that the paper names."""

from __future__ import annotations

from collections.abc import Collection

from myocohort.papers import correlation_procedures, count_procedures, mean_procedures
from myocohort.papers.u_values import CORRECTED, EXACT, UNCORRECTED

_RANKS = {"mann_whitney": (UNCORRECTED, CORRECTED, EXACT), "mann_whitney_exact": (EXACT,)}


def labels_of(claimed: str) -> dict[str, tuple[str, ...]]:
    """Return the procedures that a paper may name by a key of TESTS, by the check that tries them.

    They are called as findings call them.
    """
    return {
        "p_of_counts": tuple(
            each.label for each in count_procedures.PROCEDURES if claimed in each.claims
        ),
        "p_of_means": tuple(
            each.label for each in mean_procedures.PROCEDURES if each.name == claimed
        ),
        "correlation_and_p": tuple(
            each.label for each in correlation_procedures.PROCEDURES if each.claims == claimed
        ),
        "grim_u": _RANKS.get(claimed, ()),
    }


def computes(check: str, claimed: str | None) -> bool:
    """Return whether a check tries the test that a paper names."""
    return claimed is not None and bool(labels_of(claimed).get(check))


def is_another(claimed: str | None, fits: Collection[str]) -> bool:
    """Return whether only procedures other than the claimed one give a printed p.

    Parameters
    ----------
    claimed
        A key of TESTS; None where the paper names no test.
    fits
        The procedures that give the p, by their names; a name may go on after that of the
        procedure ("..., with ties", "... on the category coded 0 and 1").
    """
    if claimed is None or not fits:
        return False
    labels = tuple(label for named in labels_of(claimed).values() for label in named)
    return not any(fit.startswith(labels) for fit in fits)
