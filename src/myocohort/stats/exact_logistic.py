"""Exact conditional logistic regression, for few patients and sparse terms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray, make_design
from myocohort.stats.exact_distribution import (
    ConditionalDistribution,
    conditional_distribution,
    on_grid,
)
from myocohort.stats.p_values import bounded, normal_quantile
from myocohort.stats.result import ModelResult, Term
from myocohort.stats.rising import zero_of_rising
from myocohort.stats.separation import find_separation
from myocohort.stats.terms import (
    QUESTION,
    design_warnings,
    odds_ratio,
    odds_ratio_interval,
    separation_warnings,
)

METHOD = (
    "Exact conditional logistic regression: conditional maximum-likelihood or median-unbiased "
    "estimates, limits from two one-sided exact tests"
)
REFERENCE = (
    "Cox DR. The analysis of binary data. Methuen 1970; Hirji KF, Mehta CR, Patel NR. J Am Stat "
    "Assoc 1987;82:1110-1117; Mehta CR, Patel NR. Stat Med 1995;14:2143-2160"
)
BUDGET = 5_000_000  # states kept at the same time: 80 MB, about half a second for each term
SAME = 1e-7  # two samples count as equally likely, or equally far, within this share


@dataclass(frozen=True, slots=True)
class ExactAnswer:
    """What the conditional distribution of one statistic says about its coefficient.

    Parameters
    ----------
    b, se
        Estimate, per unit of the statistic; its standard error, None for "mue".
    estimate
        "cmle": the conditional likelihood has its maximum at b. "mue": it has none, because
        the observed value is the smallest or the largest possible; at b its probability is
        one half (median-unbiased estimate).
    low, high
        Limits of b; infinite where the observed value is the smallest or largest possible.
    p
        "score", "probability", "twice_one_sided", "mid_p".
    smallest_p
        The smallest twice-one-sided p that any sample could have given.
    """

    b: float
    se: float | None
    estimate: Literal["cmle", "mue"]
    low: float
    high: float
    p: dict[str, float | None]
    smallest_p: float


def fit_exact(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    level: float = 0.95,
    weights: ArrayLike | None = None,
    budget: int = BUDGET,
    question: str = QUESTION,
) -> ModelResult:
    """Fit a logistic regression by exact conditional inference.

    Each coefficient is judged by the distribution of its sufficient statistic (the sum of its
    term over the patients with the outcome) among all samples that share the number of events
    and the statistics of all other terms. No approximation for large samples enters.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; rows with NaN are left out and counted.
        Their values are whole numbers or simple fractions.
    y
        Outcome, 0 or 1; NaN if missing.
    names
        Name of each term.
    level
        Least coverage of the intervals.
    weights
        How many patients each row stands for; 1 by default.
    budget
        Most states that the distribution of one term may take, before it is given up.
    question
        What is asked, in words.

    Returns
    -------
    ModelResult
        Terms without an intercept, which is conditioned away, as is the likelihood of the
        whole model (both log-likelihoods are None, and so is `p`). `ci["exact"]` belongs to
        `p["twice_one_sided"]`, twice the smaller tail: one excludes 1 exactly where the other
        is below 1 - `level`. `p["mid_p"]` counts the observed value only by half in it.
        `p["probability"]` sums the probabilities of all values no likelier than the observed
        one, and `p["score"]` those of all values at least as far from the mean.

    Raises
    ------
    StatisticsError
        If the design is unfit (see `make_design`), there are more than 1,000 rows, a term
        has values such as logarithms, the budget is exceeded, or the others leave a term's
        statistic only one value, so that nothing can be said about it.

    References
    ----------
    Cox DR. The analysis of binary data. Methuen 1970. Hirji KF, Mehta CR, Patel NR. J Am Stat
    Assoc 1987;82:1110-1117. Mehta CR, Patel NR. Stat Med 1995;14:2143-2160.
    """
    normal_quantile(level)  # refuses an impossible level
    design = make_design(X, y, names, weights)
    patterns = design.X[:, 1:] * design.scale[1:] + design.centre[1:]
    grids = [
        on_grid(values, name) for values, name in zip(patterns.T, design.names[1:], strict=True)
    ]
    whole = np.column_stack([multiples for multiples, _ in grids])
    trials, events = design.trials.astype(np.int64), design.events.astype(np.int64)
    distributions = [
        conditional_distribution(
            whole, column, trials, events, names=design.names[1:], budget=budget
        )
        for column in range(len(grids))
    ]
    single = [
        repr(name)
        for name, distribution in zip(design.names[1:], distributions, strict=True)
        if len(distribution.values) == 1
    ]
    if single:
        raise StatisticsError(
            f"exact conditional regression says nothing about {', '.join(single)}: the other "
            f"terms leave the statistic only the value that was observed. Divide terms with many "
            f"values into groups, leave one out, or use Firth's method"
        )
    finding = find_separation(design)
    terms, warnings = [], []
    for name, (_, step), distribution in zip(design.names[1:], grids, distributions, strict=True):
        answer = exact_inference(distribution, level)
        unit = float(step)
        b = answer.b / unit
        terms.append(
            Term(
                name=name,
                b=b,
                se=None if answer.se is None else answer.se / unit,
                odds_ratio=odds_ratio(b),
                ci={
                    "exact": odds_ratio_interval(
                        answer.low / unit, answer.high / unit, level, "exact conditional"
                    )
                },
                p=answer.p,
                estimate=answer.estimate,
            )
        )
        warnings += _warnings(name, answer, level)
    return ModelResult(
        question=question,
        method=METHOD,
        n=design.n,
        n_missing=design.n_missing,
        warnings=(
            *design_warnings(design),
            *separation_warnings(
                design, finding, "Exact conditional inference holds under separation too"
            ),
            *warnings,
        ),
        reference=REFERENCE,
        terms=tuple(terms),
        events=design.n_events,
        events_per_variable=design.events_per_variable,
        log_likelihood=None,
        null_log_likelihood=None,
        separation=finding.separation,
    )


def _warnings(name: str, answer: ExactAnswer, level: float) -> list[str]:
    warnings = []
    if answer.estimate == "mue":
        extreme, limit = ("smallest", "lower") if answer.low == -math.inf else ("largest", "upper")
        warnings.append(
            f"{name}: the observed statistic is the {extreme} that the other terms allow, so that "
            f"the estimate shown is the median-unbiased one and the {limit} limit is infinite"
        )
    if answer.smallest_p >= 1.0 - level:
        warnings.append(
            f"{name}: no sample with these totals could have given a p (twice one-sided) below "
            f"{answer.smallest_p:.2g}"
        )
    return warnings


def exact_inference(distribution: ConditionalDistribution, level: float) -> ExactAnswer:
    """Estimate and test a coefficient by the exact distribution of its statistic.

    Parameters
    ----------
    distribution
        The distribution where the coefficient is 0, of at least two values.
    level
        Least coverage of the limits.
    """
    values, observed = distribution.values, distribution.observed
    away = values - values[observed]
    log_samples = np.log(distribution.samples)

    def at(b: float) -> FloatArray:
        exponents = log_samples + b * away
        weights = np.exp(exponents - exponents.max())
        probabilities: FloatArray = weights / weights.sum()
        return probabilities

    def below(b: float) -> float:
        return float(at(b)[: observed + 1].sum())

    def above(b: float) -> float:
        return float(at(b)[observed:].sum())

    tail = (1.0 - level) / 2.0
    smallest, largest = observed == 0, observed == len(values) - 1
    estimate: Literal["cmle", "mue"] = "mue" if smallest or largest else "cmle"
    se = None
    if smallest:
        b = zero_of_rising(lambda b: 0.5 - below(b))
    elif largest:
        b = zero_of_rising(lambda b: above(b) - 0.5)
    else:
        b = zero_of_rising(lambda b: float(at(b) @ away))
        se = 1.0 / math.sqrt(float(at(b) @ away**2))
    return ExactAnswer(
        b=b,
        se=se,
        estimate=estimate,
        low=-math.inf if smallest else zero_of_rising(lambda b: above(b) - tail),
        high=math.inf if largest else zero_of_rising(lambda b: tail - below(b)),
        p=_p_values(at(0.0), values, observed),
        smallest_p=bounded(2.0 * float(min(at(0.0)[0], at(0.0)[-1]))),
    )


def _p_values(chance: FloatArray, values: FloatArray, observed: int) -> dict[str, float | None]:
    """Return the p values of the hypothesis that the coefficient is 0.

    Parameters
    ----------
    chance
        Probability of each value under the hypothesis.
    values
        The values, and the position of the observed one.
    """
    distance = np.abs(values - chance @ values)
    as_far = distance >= distance[observed] - SAME * max(1.0, distance[observed])
    no_likelier = chance <= chance[observed] * (1.0 + SAME)
    tail = min(float(chance[: observed + 1].sum()), float(chance[observed:].sum()))
    return {
        "score": bounded(chance[as_far].sum()),
        "probability": bounded(chance[no_likelier].sum()),
        "twice_one_sided": bounded(2.0 * tail),
        "mid_p": bounded(2.0 * tail - chance[observed]),
    }
