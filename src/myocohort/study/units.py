"""Units of laboratory values and how to convert between them."""

from __future__ import annotations

FACTORS: dict[tuple[str, str], float] = {
    # 1 kat = 1 mol/s = 6e7 U, so 1 ukat/L = 60 U/L (IUPAC-IUB 1979).
    ("ukat/L", "U/L"): 60.0,
    ("nkat/L", "U/L"): 0.06,
    ("IU/L", "U/L"): 1.0,
    ("g/L", "mg/dL"): 100.0,
    ("mg/L", "mg/dL"): 0.1,
    ("kg", "g"): 1000.0,
    ("mg", "g"): 0.001,
    ("years", "months"): 12.0,
    ("m", "cm"): 100.0,
}
"""(from, to) -> factor by which a value is multiplied."""

SPELLINGS = {
    "u/l": "U/L",
    "iu/l": "IU/L",
    "ukat/l": "ukat/L",
    "µkat/l": "ukat/L",  # micro sign
    "μkat/l": "ukat/L",  # Greek mu
    "nkat/l": "nkat/L",
    "g/l": "g/L",
    "mg/l": "mg/L",
    "mg/dl": "mg/dL",
}


def canonical(unit: str) -> str:
    """Return the spelling of a unit that `FACTORS` uses; unknown units come back unchanged."""
    return SPELLINGS.get(unit.strip().lower(), unit.strip())


def factor(source: str, target: str) -> float | None:
    """Return what a value in `source` is multiplied by to be in `target`; None if unknown."""
    source, target = canonical(source), canonical(target)
    if source == target:
        return 1.0
    if (source, target) in FACTORS:
        return FACTORS[source, target]
    if (target, source) in FACTORS:
        return 1.0 / FACTORS[target, source]
    return None


def convertible_to(target: str) -> list[str]:
    """List the units from which a value can be brought to `target`, itself first."""
    target = canonical(target)
    others = {a for a, b in FACTORS if b == target} | {b for a, b in FACTORS if a == target}
    return [target, *sorted(others)]
