"""What a validation returns: each measure apparent, its optimism, and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from myocohort.stats.design import FloatArray
from myocohort.stats.result import Result
from myocohort.stats.validation_inclusion import Inclusion
from myocohort.stats.validation_measures import MEASURES, SLOPE
from myocohort.stats.validation_resamples import Outcome

NO_MODEL = "no model in the resample"
ALL_EQUAL = "all predictions equal, so no slope"
INFINITE = "predictions separate the outcome, so an infinite slope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of performance, corrected for optimism.

    Parameters
    ----------
    name
        "c-statistic", "Brier score", "calibration slope" or "calibration intercept".
    apparent
        In the data that the model was made from; None where it has no value.
    optimism
        Mean over resamples of the measure in the resample less that in the data.
    corrected
        Apparent less optimism.
    monte_carlo_se
        Standard error of the optimism that comes from the limited number of resamples.
    resamples
        How many entered the optimism.
    left_out
        How many did not, by reason.
    """

    name: str
    apparent: float | None
    optimism: float | None
    corrected: float | None
    monte_carlo_se: float | None
    resamples: int
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation(Result):
    """A model validated by the bootstrap; `estimate` is the corrected c-statistic.

    Parameters
    ----------
    rule
        How the terms are chosen, in words; empty if they were given.
    candidates, terms
        Candidates, and terms of the model in the data.
    coefficients
        Of that model, by name, the intercept first.
    events
        Rows with the outcome.
    resamples, seed
        Resamples drawn, and the seed they come from; None where they were given.
    measures
        Of the whole procedure, choice of terms included.
    fixed_measures
        Of the same terms, in the same resamples, as if they had been fixed beforehand; the
        difference is what the choice adds to the optimism. Empty without a rule, and where it
        chose nothing.
    failed, fixed_failed
        Resamples without a model, by reason, of the whole procedure and of the fixed terms.
    inclusion
        How often each candidate and each set of them was chosen; None without a rule.
    notes
        How the figures were made.
    """

    rule: str
    candidates: tuple[str, ...]
    terms: tuple[str, ...]
    coefficients: Mapping[str, float]
    events: int
    resamples: int
    seed: int | None
    measures: tuple[Measure, ...]
    fixed_measures: tuple[Measure, ...] = ()
    failed: Mapping[str, int] = field(default_factory=dict)
    fixed_failed: Mapping[str, int] = field(default_factory=dict)
    inclusion: Inclusion | None = None
    notes: tuple[str, ...] = ()

    def measure(self, name: str) -> Measure:
        """Return one of the measures of the whole procedure by its name."""
        return next(measure for measure in self.measures if measure.name == name)


def measures_of(apparent: FloatArray, outcome: Outcome) -> tuple[Measure, ...]:
    """Correct each measure for its optimism.

    Parameters
    ----------
    apparent
        In the data themselves, shape (measures,).
    outcome
        In the resamples.
    """
    left_out = _left_out(outcome)
    measures = []
    for place, name in enumerate(MEASURES):
        pairs = np.stack((outcome.trained[:, place], outcome.tested[:, place]))
        trained, tested = pairs[:, np.isfinite(pairs).all(axis=0)]
        differences = trained - tested
        count = len(differences)
        value = None if np.isnan(apparent[place]) else float(apparent[place])
        optimism = float(differences.mean()) if count else None
        corrected = None
        if optimism is not None and value is not None and np.isfinite(value):
            corrected = value - optimism
        measures.append(
            Measure(
                name=name,
                apparent=value,
                optimism=optimism,
                corrected=corrected,
                monte_carlo_se=float(differences.std(ddof=1)) / count**0.5 if count > 1 else None,
                resamples=count,
                left_out=left_out if name.startswith("calibration") else _only_failed(left_out),
            )
        )
    return tuple(measures)


def _left_out(outcome: Outcome) -> dict[str, int]:
    """Count the resamples without a calibration slope, by reason."""
    failed = outcome.reasons > 0
    slopes = np.stack((outcome.trained[:, SLOPE], outcome.tested[:, SLOPE]))
    infinite = ~failed & np.isinf(slopes).any(axis=0)
    equal = ~failed & ~infinite & np.isnan(slopes).any(axis=0)
    counts = {NO_MODEL: failed, INFINITE: infinite, ALL_EQUAL: equal}
    return {reason: int(which.sum()) for reason, which in counts.items() if which.any()}


def _only_failed(left_out: Mapping[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in left_out.items() if reason == NO_MODEL}
