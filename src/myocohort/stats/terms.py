"""What all logistic models print alike: odds ratios, Wald rows, warnings about the design."""

from __future__ import annotations

import math
from collections.abc import Sequence

from myocohort.errors import StatisticsError
from myocohort.stats.design import INTERCEPT, Design
from myocohort.stats.p_values import from_normal
from myocohort.stats.result import Interval, Term
from myocohort.stats.separation import Finding

QUESTION = "Which terms go with the outcome, each adjusted for the others?"
LARGEST_EXPONENT = math.log(1.7e308)
FEW_EVENTS = 10.0


def odds_ratio(b: float) -> float:
    """Return exp(b), infinite where it is too large for a number."""
    return math.exp(b) if b < LARGEST_EXPONENT else math.inf


def odds_ratio_interval(low: float, high: float, level: float, method: str) -> Interval:
    """Return the interval of an odds ratio from limits of its logarithm."""
    return Interval(odds_ratio(low), odds_ratio(high), level, method)


def wald(b: float, se: float, z: float, level: float, method: str) -> tuple[Interval, float]:
    """Return the Wald interval of the odds ratio and its p, which belong together."""
    return odds_ratio_interval(b - z * se, b + z * se, level, method), from_normal(b / se)


def size_warnings(terms: Sequence[Term]) -> tuple[str, ...]:
    """Warn of terms whose finite odds ratio per unit is beyond, or nearly beyond, all numbers."""
    return tuple(
        f"the odds ratio of {term.name} per unit is exp({term.b:.4g}), beyond what can be "
        f"printed; express the term in a larger or smaller unit"
        for term in terms
        if term.name != INTERCEPT and LARGEST_EXPONENT / 2 < abs(term.b) < math.inf
    )


def profile_failed(name: str, reason: StatisticsError) -> StatisticsError:
    """Return the error to raise when the profile of one term is not found."""
    return StatisticsError(
        f"profile likelihood of {name!r}: {reason}. Without profile intervals "
        f"(profile=False) the model can be fitted"
    )


def design_warnings(design: Design) -> tuple[str, ...]:
    """Warn of rows left out and of few events for the number of terms."""
    warnings = []
    if design.n_missing:
        rows = "row was" if design.n_missing == 1 else "rows were"
        warnings.append(
            f"{design.n_missing} {rows} left out because a term or the outcome is missing; "
            f"{design.n} entered"
        )
    if design.events_per_variable < FEW_EVENTS:
        events, terms = design.n_events, len(design.names) - 1
        warnings.append(
            f"{design.events_per_variable:.1f} events per variable "
            f"({events} event{'s' * (events != 1)} and {design.n - events} others for "
            f"{terms} term{'s' * (terms != 1)}): below {FEW_EVENTS:.0f}, estimates are uncertain "
            f"and those of maximum likelihood too far from 0"
        )
    return tuple(warnings)


def separation_warnings(design: Design, finding: Finding, meaning: str) -> tuple[str, ...]:
    """Warn of separation: how many rows, which terms run where, and what follows.

    Parameters
    ----------
    design, finding
        The design and what was found in it.
    meaning
        What separation means for the estimates that this warning goes with.
    """
    separation = finding.separation
    if separation.kind == "none":
        return ()
    rows = int(design.trials[~finding.overlapping].sum())
    running = ", ".join(
        f"{name} to {'+' if sign > 0 else '-'}infinity"
        for name, sign in separation.directions.items()
    )
    warnings = [
        f"{separation.kind} separation: the terms predict the outcome of {rows} of {design.n} "
        f"rows perfectly, so that by maximum likelihood these coefficients run away: {running}. "
        f"{meaning}"
    ]
    if finding.undetermined:
        warnings.append(
            f"the data do not fix the sign of {', '.join(finding.undetermined)}: every value "
            f"reaches the same likelihood, and the direction named is a convention (Konis 2007)"
        )
    return tuple(warnings)
