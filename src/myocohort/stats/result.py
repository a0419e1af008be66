"""What every test and model returns: numbers together with their method, n and source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval; a limit may be infinite.

    Parameters
    ----------
    low, high
        Limits, in the unit of the estimate they belong to.
    level
        Nominal coverage, between 0 and 1.
    method
        How the limits were found ("Wald", "profile likelihood", ...).
    """

    low: float
    high: float
    level: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The answer of one test or model. Rounding happens only when something is printed.

    Parameters
    ----------
    question
        What was asked, in words.
    method
        The procedure that was really run, by its full name (with correction and exactness).
    n, n_missing
        Units that entered, and units left out because a value is missing.
    statistic, statistic_name, df
        The test statistic, what it is called, and its degrees of freedom.
    estimate, estimate_name, interval
        The effect, what it is called, and its interval; of the same family as `p`.
    p
        Two-sided p value in (0, 1], or None where none can be computed (a warning says why).
    warnings
        What a reader must know before believing the numbers.
    reference
        The source of the method.
    """

    question: str
    method: str
    n: int
    n_missing: int = 0
    statistic: float | None = None
    statistic_name: str | None = None
    df: float | None = None
    estimate: float | None = None
    estimate_name: str | None = None
    interval: Interval | None = None
    p: float | None = None
    warnings: tuple[str, ...] = ()
    reference: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain types for JSON; infinities become "inf" and "-inf"."""
        plain: dict[str, Any] = jsonable(self)
        return plain


P_OF_INTERVAL: Mapping[str, str] = {
    "wald": "wald",
    "profile": "lrt",
    "exact": "twice_one_sided",
}
"""Family of an interval in `Term.ci` -> the p in `Term.p` that belongs to it: below 1 - level
where the interval excludes an odds ratio of 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One coefficient of a regression model.

    Parameters
    ----------
    name
        The term, as named in the study file or command.
    b, se
        Log odds ratio and its standard error; `b` may be infinite, `se` is then None.
    odds_ratio
        exp(b).
    ci
        Intervals of the odds ratio by family ("wald", "profile", "exact"); a limit may be 0 or
        infinite.
    p
        p values by family: "wald" belongs to the interval wald, "lrt" to profile,
        "twice_one_sided" to exact; exact terms have "score", "probability" and "mid_p" too.
    estimate
        Of exact terms: "cmle" (conditional maximum likelihood) or, where that is infinite,
        "mue" (median unbiased).
    """

    name: str
    b: float
    se: float | None
    odds_ratio: float
    ci: Mapping[str, Interval | None] = field(default_factory=dict)
    p: Mapping[str, float | None] = field(default_factory=dict)
    estimate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Whether the outcome can be split perfectly by the terms.

    Parameters
    ----------
    kind
        "none", "quasi-complete" or "complete".
    directions
        Term -> +1 or -1 for each coefficient that runs to +infinity or -infinity.
    """

    kind: str
    directions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult(Result):
    """A fitted regression model.

    Parameters
    ----------
    terms
        The intercept first (named "(Intercept)"), which exact conditional models do not have,
        then the terms in the order asked for.
    events
        Units with the outcome.
    events_per_variable
        Events (or non-events, if fewer) divided by the number of terms beside the intercept.
    log_likelihood, null_log_likelihood
        Of the fitted and of the intercept-only model; penalised for Firth, None for exact
        conditional models, which have no likelihood of the whole.
    separation
        Found by linear programming before the model was fitted.
    """

    terms: tuple[Term, ...]
    events: int
    events_per_variable: float
    log_likelihood: float | None
    null_log_likelihood: float | None
    separation: Separation


def jsonable(value: object) -> Any:
    """Turn dataclasses, mappings, tuples and numpy scalars into plain JSON types.

    Infinities become the strings "inf" and "-inf"; NaN is refused, because a number that
    is not there is None with a reason, never NaN.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: jsonable(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, bool | str | int) or value is None:
        return value
    if hasattr(value, "item"):  # numpy scalars
        return jsonable(value.item())
    if isinstance(value, float):
        if math.isnan(value):
            raise ValueError("NaN has no place in a result")
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        return value
    return str(value)
