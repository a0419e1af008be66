"""Doses of glucocorticoids as prednisone: a named table of equivalents, and units of doses."""

from __future__ import annotations

from dataclasses import dataclass

TABLE = "bnf-1"
"""Name and version of the table below."""

REFERENCE = (
    "British National Formulary, Glucocorticoid therapy: equivalent anti-inflammatory doses of "
    "corticosteroids"
)

EQUIVALENT_MG: dict[str, float] = {
    "prednisone": 5.0,
    "prednisolone": 5.0,
    "methylprednisolone": 4.0,
    "dexamethasone": 0.75,
    "betamethasone": 0.75,
    "hydrocortisone": 20.0,
    "cortisone": 25.0,
    "deflazacort": 6.0,
    "triamcinolone": 4.0,
}
"""Drug -> mg that act against inflammation as 5 mg of prednisone do (`REFERENCE`; cortisone as
its acetate). By mouth or into a vein; what the doses do to salt and water is left out."""

_SPELLINGS = {
    "cortisol": "hydrocortisone",
    "prednison": "prednisone",
    "prednisolon": "prednisolone",
    "methylprednisolon": "methylprednisolone",
    "6-methylprednisolone": "methylprednisolone",
    "dexamethason": "dexamethasone",
    "betamethason": "betamethasone",
    "hydrocortison": "hydrocortisone",
}
_SALTS = (
    "sodium succinate", "sodium hemisuccinate", "sodium phosphate", "acetate", "succinate",
    "hemisuccinate", "phosphate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DoseUnit:
    """What a unit of a dose means.

    Parameters
    ----------
    mg
        mg in one of it.
    per_kg
        Whether it is for each kg of body weight.
    days
        Over how many days it is given; None where the dose is given once.
    """

    mg: float
    per_kg: bool
    days: float | None


_WEIGHTS = {"mg": 1.0, "g": 1000.0}
_TIMES: dict[str, float | None] = {"": None, "/day": 1.0, "/week": 7.0}
UNITS: dict[str, DoseUnit] = {
    f"{weight}{per}{time}": DoseUnit(mg, bool(per), days)
    for weight, mg in _WEIGHTS.items()
    for per in ("", "/kg")
    for time, days in _TIMES.items()
}
"""Unit as `canonical_unit` writes it -> meaning; without a time the dose is given once."""

_ENDINGS = {
    "/d": "/day", "daily": "/day", "qd": "/day", "/wk": "/week", "/w": "/week", "weekly": "/week",
}  # fmt: skip


def canonical_drug(name: str) -> str | None:
    """Return the name that `EQUIVALENT_MG` uses for a drug, or None for an unknown one.

    Parameters
    ----------
    name
        As it is written in the records; capitals and the name of a salt do not matter.
    """
    words = " ".join(name.casefold().split())
    for salt in _SALTS:
        words = words.removesuffix(f" {salt}")
    drug = _SPELLINGS.get(words, words)
    return drug if drug in EQUIVALENT_MG else None


def prednisone_factor(name: str) -> float | None:
    """Return mg of prednisone that one mg of a drug stands for, or None for an unknown name."""
    drug = canonical_drug(name)
    return None if drug is None else EQUIVALENT_MG["prednisone"] / EQUIVALENT_MG[drug]


def canonical_unit(unit: str) -> str:
    """Return the spelling of a unit that `UNITS` uses; unknown units come back as they are."""
    text = "".join(unit.casefold().split())
    for ending, meant in _ENDINGS.items():
        if text.endswith(ending):
            text = text.removesuffix(ending) + meant
            break
    return text if text in UNITS else unit
