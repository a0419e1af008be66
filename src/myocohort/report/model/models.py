"""The final model as families of estimate, interval and p, and what they say together.

An interval and a p value are only ever shown as members of one family: Wald with Wald,
profile likelihood with the likelihood-ratio test (penalised for Firth), exact limits with
the twice-one-sided exact test. The exact score test has no interval of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from myocohort.papers.printed import agrees, parse
from myocohort.report.rounding import Number

Results = Mapping[str, Any]
Model = Mapping[str, Any]
Term = Mapping[str, Any]

SIGNIFICANCE = 0.05
"""Two-sided level at which the report puts a verdict in words; the usual convention."""
METHOD_NAMES = {"ml": "Maximum likelihood", "firth": "Firth", "exact": "Exact conditional"}
"""Short names for headings; the full name of what was run stands in the notes."""
INTERCEPT = "(Intercept)"


@dataclass(frozen=True, slots=True)
class Family:
    """One way to get from a fitted model to an interval and a p value that belong together.

    Parameters
    ----------
    model
        Key of the model in results.json: "ml", "firth" or "exact".
    interval, p
        Keys of the term's `ci` and `p`; None for a test without an interval.
    name
        In words, as used in sentences.
    """

    model: Literal["ml", "firth", "exact"]
    interval: Literal["wald", "profile", "exact"] | None
    p: Literal["wald", "lrt", "twice_one_sided", "score"]
    name: str


ML_WALD = Family("ml", "wald", "wald", "maximum likelihood with Wald interval and Wald test")
ML_PROFILE = Family(
    "ml", "profile", "lrt", "maximum likelihood with profile interval and likelihood-ratio test"
)
FIRTH_PROFILE = Family(
    "firth", "profile", "lrt", "Firth with profile interval and penalised likelihood-ratio test"
)
FIRTH_WALD = Family("firth", "wald", "wald", "Firth with Wald interval and Wald test")
EXACT = Family(
    "exact", "exact", "twice_one_sided", "exact with exact interval and twice-one-sided test"
)
EXACT_SCORE = Family("exact", None, "score", "exact with score test")
FAMILIES = (ML_WALD, ML_PROFILE, FIRTH_PROFILE, FIRTH_WALD, EXACT)
"""Those that have an interval."""
TESTS = (*FAMILIES, EXACT_SCORE)
"""All that have a p value."""


def models_of(results: Results, identity: str) -> dict[str, Model]:
    """Return the models called `identity` ("final", "screened") by key ("ml", "firth", "exact")."""
    return {
        model["method"]: model for model in results.get("models") or () if model["id"] == identity
    }


def term_names(models: Mapping[str, Model]) -> list[str]:
    """Return the names of the terms beside the intercept, in the models' order."""
    names: dict[str, None] = {}
    for model in models.values():
        names.update(dict.fromkeys(term["name"] for term in model.get("terms") or ()))
    names.pop(INTERCEPT, None)
    return list(names)


def term_of(models: Mapping[str, Model], key: str, name: str) -> Term | None:
    """Return one model's term by name, or None when that model does not have it."""
    for term in models.get(key, {}).get("terms") or ():
        if term["name"] == name:
            return dict(term)
    return None


def label_of(models: Mapping[str, Model], name: str) -> str:
    """Return a term's label as the study file words it."""
    for key in models:
        term = term_of(models, key, name)
        if term is not None:
            return str(term.get("label") or name)
    return name


def interval_of(term: Term | None, family: Family) -> Mapping[str, Any] | None:
    """Return a term's interval in one family, or None."""
    if term is None or family.interval is None:
        return None
    interval: Mapping[str, Any] | None = (term.get("ci") or {}).get(family.interval)
    return interval


def p_of(term: Term | None, family: Family) -> Number:
    """Return a term's p value in one family, or None."""
    if term is None:
        return None
    p: Number = (term.get("p") or {}).get(family.p)
    return p


def numbers_of(term: Term | None, family: Family) -> dict[str, Number]:
    """Return odds_ratio, low, high and p of a term in one family."""
    interval = interval_of(term, family) or {}
    return {
        "odds_ratio": term.get("odds_ratio") if term else None,
        "low": interval.get("low"),
        "high": interval.get("high"),
        "p": p_of(term, family),
    }


def levels_of(models: Mapping[str, Model]) -> list[float]:
    """Return the different confidence levels that the models' intervals have."""
    levels = {
        interval["level"]
        for model in models.values()
        for term in model.get("terms") or ()
        for interval in (term.get("ci") or {}).values()
        if interval is not None
    }
    return sorted(levels)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which families put a term below the level of significance, and which do not.

    Parameters
    ----------
    label
        The term, as the study file words it.
    below, not_below
        Pairs of family and its p value.
    """

    label: str
    below: tuple[tuple[Family, Number], ...]
    not_below: tuple[tuple[Family, Number], ...]

    @property
    def depends(self) -> bool:
        """Whether the families disagree."""
        return bool(self.below) and bool(self.not_below)


def verdicts(models: Mapping[str, Model]) -> list[Verdict]:
    """Compare the families' p values of every term with the level of significance."""
    found = []
    for name in term_names(models):
        below: list[tuple[Family, Number]] = []
        not_below: list[tuple[Family, Number]] = []
        for family in TESTS:
            p = p_of(term_of(models, family.model, name), family)
            if isinstance(p, int | float):
                (below if p < SIGNIFICANCE else not_below).append((family, p))
        found.append(Verdict(label_of(models, name), tuple(below), tuple(not_below)))
    return found


@dataclass(frozen=True, slots=True)
class PrintedTerm:
    """What the paper prints for one term, and which of it the computation bears out.

    Parameters
    ----------
    values
        Printed texts by name: odds_ratio, low, high, p.
    differs
        Names of those that the computed number would not be printed as.
    impossible
        Sentences on printed numbers that contradict each other, whatever was computed.
    """

    values: Mapping[str, str]
    differs: frozenset[str]
    impossible: tuple[str, ...]


def printed_terms(models: Mapping[str, Model]) -> tuple[Family | None, dict[str, PrintedTerm]]:
    """Compare what a paper prints for each term with the family that it agrees with best.

    A paper seldom says which interval it prints. The family that agrees with most of the
    printed numbers is taken as the one that was used, so that a profile interval is not
    called a misprint because it is no Wald interval.

    Returns
    -------
    tuple
        The family, or None when nothing printed is known; and by term what was printed.
    """
    printed: dict[str, Mapping[str, str]] = {}
    for name in term_names(models):
        for key in models:
            values = (term_of(models, key, name) or {}).get("printed")
            if values:
                printed[name] = {k: str(v) for k, v in values.items() if v is not None}
    families = [family for family in FAMILIES if models.get(family.model, {}).get("terms")]
    if not printed or not families:
        return None, {}

    def wrong(family: Family, name: str) -> frozenset[str]:
        computed = numbers_of(term_of(models, family.model, name), family)
        return frozenset(k for k, text in printed[name].items() if differs(text, computed.get(k)))

    best = min(families, key=lambda family: sum(len(wrong(family, name)) for name in printed))
    return best, {
        name: PrintedTerm(values, wrong(best, name), _impossible(values))
        for name, values in printed.items()
    }


def differs(printed: str, computed: Number) -> bool:
    """Return whether a computed number would be printed otherwise than a paper prints it.

    Parameters
    ----------
    printed
        As in the paper; a star for significance is ignored.
    computed
        None, when nothing was computed, differs from nothing.
    """
    if computed is None:
        return False
    text = printed.strip().rstrip("*").strip()
    value = float(computed) if isinstance(computed, str) else computed
    try:
        return not agrees(text, value)
    except ValueError:  # words, not a number
        return False


def _impossible(values: Mapping[str, str]) -> tuple[str, ...]:
    """Find limits on the wrong side of the odds ratio that is printed beside them."""
    sentences = []
    try:
        ratio = parse(values["odds_ratio"].rstrip("*")).value
        if parse(values["low"]).value > ratio:
            sentences.append(
                f"The printed lower limit {values['low']} lies above the printed odds ratio "
                f"{values['odds_ratio']}, which no interval around it can do."
            )
        if parse(values["high"]).value < ratio:
            sentences.append(
                f"The printed upper limit {values['high']} lies below the printed odds ratio "
                f"{values['odds_ratio']}, which no interval around it can do."
            )
    except (KeyError, ValueError):  # something is not printed, or is printed in words
        return tuple(sentences)
    return tuple(sentences)


def usable(models: Mapping[str, Model]) -> bool:
    """Return whether at least one of the models was fitted and has terms."""
    return any(not model.get("error") and model.get("terms") for model in models.values())


def refusals(models: Mapping[str, Model]) -> Sequence[tuple[str, str]]:
    """Return short name and reason of every method that could not be fitted."""
    return [
        (METHOD_NAMES[key], str(model["error"]))
        for key, model in models.items()
        if model.get("error")
    ]
