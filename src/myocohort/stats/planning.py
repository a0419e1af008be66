"""The planning functions on offer: adding one is a file beside this and a line in `PLANS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from myocohort.stats.plan import Plan
from myocohort.stats.planning_icc import icc_test_size, icc_width_size
from myocohort.stats.planning_precision import (
    c_statistic_precision,
    odds_ratio_precision,
    proportion_precision,
)
from myocohort.stats.planning_prediction import prediction_model_at_n, prediction_model_size
from myocohort.stats.planning_proportions import two_proportions_power, two_proportions_size


@dataclass(frozen=True, slots=True)
class Planning:
    """One planning function.

    Parameters
    ----------
    name
        The name used in commands and in `PLANS`.
    label
        The name as printed; the `method` of a Plan says more.
    finds
        "size" - the patients needed; "precision" - what a given number can tell.
    run
        Takes plain numbers and returns a Plan.
    """

    name: str
    label: str
    finds: Literal["size", "precision"]
    run: Callable[..., Plan]


PLANS: dict[str, Planning] = {
    planning.name: planning
    for planning in (
        Planning(
            "prediction_model_size", "Size for a prediction model", "size", prediction_model_size
        ),
        Planning(
            "prediction_model_at_n",
            "Prediction model at a given n",
            "precision",
            prediction_model_at_n,
        ),
        Planning("two_proportions_size", "Size for two proportions", "size", two_proportions_size),
        Planning(
            "two_proportions_power",
            "Power for two proportions at a given n",
            "precision",
            two_proportions_power,
        ),
        Planning("icc_test_size", "Size to test an ICC", "size", icc_test_size),
        Planning("icc_width_size", "Size to estimate an ICC", "size", icc_width_size),
        Planning(
            "proportion_precision", "Precision of a proportion", "precision", proportion_precision
        ),
        Planning(
            "odds_ratio_precision", "Precision of an odds ratio", "precision", odds_ratio_precision
        ),
        Planning(
            "c_statistic_precision",
            "Precision of a c-statistic",
            "precision",
            c_statistic_precision,
        ),
    )
}
