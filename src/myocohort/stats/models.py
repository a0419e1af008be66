"""The regression models on offer: adding one is a file beside this and a line in `MODELS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from myocohort.stats.exact_logistic import fit_exact
from myocohort.stats.firth import fit_firth
from myocohort.stats.logistic import fit_ml
from myocohort.stats.result import ModelResult


@dataclass(frozen=True, slots=True)
class Model:
    """One way to fit a regression model.

    Parameters
    ----------
    name
        The name used in study files and in `MODELS`.
    label
        The name as printed; the `method` of a ModelResult says more.
    fit
        Takes terms, outcome and names, and returns a ModelResult.
    """

    name: str
    label: str
    fit: Callable[..., ModelResult]


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model("ml", "Maximum likelihood", fit_ml),
        Model("firth", "Firth's penalised likelihood", fit_firth),
        Model("exact", "Exact conditional logistic regression", fit_exact),
    )
}
