"""Table 2: the model's terms by each method, each family in its own line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myocohort.report.model.models import (
    EXACT,
    EXACT_SCORE,
    FIRTH_PROFILE,
    FIRTH_WALD,
    INTERCEPT,
    METHOD_NAMES,
    ML_PROFILE,
    ML_WALD,
    Family,
    Model,
    PrintedTerm,
    Term,
    interval_of,
    label_of,
    levels_of,
    numbers_of,
    p_of,
    printed_terms,
    term_names,
    term_of,
)
from myocohort.report.rounding import (
    MISSING,
    fixed_text,
    interval_text,
    p_equation,
    p_text,
    plain_text,
    ratio_text,
)

_FIELDS = {"odds_ratio": "odds ratio", "low": "lower limit", "high": "upper limit", "p": "p"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """Interval and p of one family.

    Parameters
    ----------
    interval, p
        As printed; a dash where there is none.
    reason
        Why a dash stands there.
    """

    interval: str
    p: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExactFit:
    """The exact conditional answer for one term.

    Parameters
    ----------
    odds_ratio
        As printed.
    kind
        Of the estimate: CMLE (conditional maximum likelihood) or median-unbiased.
    tail
        Exact interval and twice-one-sided p.
    score
        Exact score p, which has no interval.
    headline
        The odds ratio with its interval and p.
    """

    odds_ratio: str
    kind: str
    tail: Estimate
    score: Estimate
    headline: str


@dataclass(frozen=True, slots=True)
class Fit:
    """One method's answer for one term.

    Parameters
    ----------
    odds_ratio
        As printed.
    wald, likelihood
        Its two families of interval and p.
    headline
        The odds ratio with the family that is named first: Wald for maximum likelihood, as
        most papers print, and the profile likelihood for Firth.
    """

    odds_ratio: str
    wald: Estimate
    likelihood: Estimate
    headline: str


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """One printed number and whether the computation gives another."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class TermView:
    """One term of the table.

    Parameters
    ----------
    label
        As the study file words it.
    fits
        By maximum likelihood and Firth, in the order of the table's methods.
    exact
        By exact conditional regression; None where the study does not ask for it.
    printed
        What the publication prints, by name (odds_ratio, low, high, p); empty without one.
    differences
        For each printed number that differs: what it is, as printed, as computed.
    remarks
        Sentences on printed numbers that cannot be right, whatever was computed.
    name
        Of the term, by which it is found again.
    """

    label: str
    fits: tuple[Fit, ...]
    exact: ExactFit | None
    printed: Mapping[str, PrintedCell]
    differences: tuple[tuple[str, str, str], ...]
    remarks: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class ModelView:
    """The table ready to be printed; its rounding is done.

    Parameters
    ----------
    title
        Caption.
    level
        Of the intervals ("95%"); several are joined by "or".
    methods, full_names
        Of maximum likelihood and Firth, where fitted: the heading of the columns, and what was
        really run.
    exact_name
        What exact conditional regression really ran; "" where the study does not ask for it.
    terms
        Without the intercept.
    intercepts
        Method and the intercept's b, in words.
    facts
        Pairs of what and how much: n, events, events per variable, separation.
    warnings
        Method and warning.
    errors
        Method and why it could not be fitted.
    printed_family
        The family with which the printed numbers were compared, in words; "" without any.
    """

    title: str
    level: str
    methods: tuple[str, ...]
    full_names: tuple[str, ...]
    exact_name: str
    terms: tuple[TermView, ...]
    intercepts: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[tuple[str, str], ...]
    errors: tuple[tuple[str, str], ...]
    printed_family: str

    @property
    def has_printed(self) -> bool:
        """Whether the publication prints anything of this model."""
        return any(term.printed for term in self.terms)


def model_view(models: Mapping[str, Model]) -> ModelView:
    """Lay out the models of one id.

    Parameters
    ----------
    models
        By key, "ml", "firth" and "exact", as `models_of` returns them; at least one.
    """
    every = [key for key in METHOD_NAMES if key in models]
    keys = [key for key in every if key != "exact"]
    fitted = [key for key in every if not models[key].get("error")]
    family, printed = printed_terms(models)
    terms = []
    for name in term_names(models):
        shown = printed.get(name)
        terms.append(
            TermView(
                label=label_of(models, name),
                fits=tuple(_fit(models, key, name) for key in keys),
                exact=_exact(models, name) if "exact" in models else None,
                printed={
                    field: PrintedCell(text, field in shown.differs)
                    for field, text in shown.values.items()
                }
                if shown
                else {},
                differences=_differences(models, family, name, shown) if family and shown else (),
                remarks=shown.impossible if shown else (),
                name=name,
            )
        )
    first = models[every[0]]
    return ModelView(
        title=first["title"],
        level=" or ".join(f"{plain_text(level * 100)}%" for level in levels_of(models)) or "95%",
        methods=tuple(METHOD_NAMES[key] for key in keys),
        full_names=tuple(str(models[key]["procedure"]) for key in keys),
        exact_name=str(models["exact"]["procedure"]) if "exact" in models else "",
        terms=tuple(terms),
        intercepts=tuple(
            (METHOD_NAMES[key], fixed_text(term["b"], 3))
            for key in keys
            if (term := term_of(models, key, INTERCEPT)) is not None
        ),
        facts=_facts(models[fitted[0]]) if fitted else (),
        warnings=_warnings({key: models[key] for key in every}),
        errors=tuple(
            (METHOD_NAMES[key], models[key]["error"]) for key in every if key not in fitted
        ),
        printed_family=family.name if family else "",
    )


def _fit(models: Mapping[str, Model], key: str, name: str) -> Fit:
    term = term_of(models, key, name)
    error = models[key].get("error")
    wald, likelihood = (ML_WALD, ML_PROFILE) if key == "ml" else (FIRTH_WALD, FIRTH_PROFILE)
    return Fit(
        odds_ratio=MISSING if term is None else ratio_text(term["odds_ratio"]),
        wald=_estimate(term, wald, error),
        likelihood=_estimate(term, likelihood, error),
        headline=_headline(term, wald if key == "ml" else likelihood),
    )


def _exact(models: Mapping[str, Model], name: str) -> ExactFit:
    term = term_of(models, "exact", name)
    error = models["exact"].get("error")
    kinds = {"cmle": "CMLE", "mue": "median-unbiased"}
    score_p = p_text(p_of(term, EXACT_SCORE))
    reason = f"not fitted: {error}" if error else "the score test has no interval of its own"
    return ExactFit(
        odds_ratio=MISSING if term is None else ratio_text(term["odds_ratio"]),
        kind="" if term is None else kinds[term["estimate"]],
        tail=_estimate(term, EXACT, error),
        score=Estimate(MISSING, score_p, reason),
        headline=_headline(term, EXACT),
    )


def _headline(term: Term | None, family: Family) -> str:
    if term is None:
        return "not fitted"
    kind = "Wald" if family.interval == "wald" else family.interval
    interval = f"{kind} {interval_text(interval_of(term, family))}"
    return f"{ratio_text(term['odds_ratio'])} ({interval}; {p_equation(p_of(term, family))})"


def _estimate(term: Term | None, family: Family, error: str | None) -> Estimate:
    interval, p = interval_of(term, family), p_of(term, family)
    reason = ""
    if interval is None or p is None:
        reason = "not computed: see the notes under the table"
        if error:
            reason = f"not fitted: {error}"
        elif term is not None and isinstance(term["odds_ratio"], str):
            reason = "an infinite odds ratio has no standard error, so no Wald interval or test"
    return Estimate(interval_text(interval), p_text(p), reason)


def _differences(
    models: Mapping[str, Model], family: Family, name: str, shown: PrintedTerm
) -> tuple[tuple[str, str, str], ...]:
    computed = numbers_of(term_of(models, family.model, name), family)
    return tuple(
        (words, shown.values[field], (p_text if field == "p" else ratio_text)(computed[field]))
        for field, words in _FIELDS.items()
        if field in shown.differs
    )


def _facts(model: Model) -> tuple[tuple[str, str], ...]:
    separation = model.get("separation") or {}
    directions = separation.get("directions") or {}
    found = str(separation.get("kind") or "not looked for")
    if directions:
        labels = {term["name"]: term.get("label") or term["name"] for term in model["terms"]}
        found += ": " + "; ".join(
            f"{labels.get(name, name)} runs to {'+' if sign > 0 else '−'}∞"
            for name, sign in directions.items()
        )
    return (
        ("Patients", str(model["n"])),
        ("Left out for missing values", str(model["n_missing"])),
        ("Events", str(model["events"])),
        ("Events per variable", fixed_text(model["events_per_variable"], 1)),
        ("Separation", found),
    )


def _warnings(models: Mapping[str, Model]) -> tuple[tuple[str, str], ...]:
    """Return each warning once, with the methods that gave it."""
    found: dict[str, list[str]] = {}
    for key, model in models.items():
        for warning in model.get("warnings") or ():
            found.setdefault(warning, []).append(METHOD_NAMES[key])
    return tuple((" and ".join(methods), warning) for warning, methods in found.items())
