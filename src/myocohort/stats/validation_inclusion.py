"""How often candidates, and sets of them, are chosen over resamples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from myocohort.stats.selection import Choices
from myocohort.stats.validation_data import Candidates

MODELS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFrequency:
    """How often one set of terms was chosen.

    Parameters
    ----------
    terms
        The set; empty where nothing was chosen.
    count, share
        Resamples that chose it, as number and as share of those with a choice.
    """

    terms: tuple[str, ...]
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """How often terms, and sets of terms, were chosen over resamples.

    Parameters
    ----------
    resamples
        Resamples in which the rule could choose; the shares refer to them.
    terms
        Share of them in which each candidate was chosen.
    untestable
        Number of them in which a candidate had no univariable p (it was constant); only
        candidates with any.
    models
        Sets of terms by falling frequency, at most the `MODELS_SHOWN` first.
    distinct_models
        Number of different sets.
    mean_terms
        Mean number of terms chosen.
    """

    resamples: int
    terms: Mapping[str, float]
    untestable: Mapping[str, int]
    models: tuple[ModelFrequency, ...]
    distinct_models: int
    mean_terms: float | None


def inclusion(data: Candidates, choices: Choices, *, screened: bool) -> Inclusion:
    """Count how often candidates, and sets of them, were chosen.

    Parameters
    ----------
    data
        The candidates.
    choices
        What was chosen in each resample.
    screened
        Whether p values were needed, so that those without one are counted.
    """
    usable = choices.reasons == 0
    columns, count = choices.columns[usable], int(usable.sum())
    sets, times = np.unique(columns, axis=0, return_counts=True)
    # by falling frequency, then fewer terms first
    order = np.lexsort((sets.sum(axis=1), -times))
    without_p = np.isnan(choices.p[usable]).sum(axis=0) if screened else np.zeros(len(data.names))
    return Inclusion(
        resamples=count,
        terms={
            name: float(share)
            for name, share in zip(data.names, columns.sum(axis=0) / max(count, 1), strict=True)
        },
        untestable={
            name: int(number) for name, number in zip(data.names, without_p, strict=True) if number
        },
        models=tuple(
            ModelFrequency(
                terms=data.chosen(sets[i]), count=int(times[i]), share=float(times[i] / count)
            )
            for i in order[:MODELS_SHOWN]
        ),
        distinct_models=len(sets),
        mean_terms=float(columns.sum(axis=1).mean()) if count else None,
    )
