"""Words that every document of a report uses: origin, outcomes, provenance; clean text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OUTCOMES = {
    "refractory": "Refractory",
    "non_refractory": "Non-refractory",
    "discordant": "Discordant",
    "unclassifiable": "Unclassifiable",
    "lost": "Lost to follow-up",
    "died": "Died",
}

PROVENANCE = {
    "determined": "determined by the published numbers: every set of patients that gives "
    "them has these values",
    "one of many": "one solution among many that meet the published numbers",
    "illustrative": "illustrative: made to look plausible, not determined by anything published",
}

# Control characters have no place in XML, which both SVG and XLSX are.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the records come from, when they are not a study's own.

    Parameters
    ----------
    tag
        A few words, put at every table and figure.
    sentence
        What a reader must know before believing a number.
    """

    tag: str
    sentence: str


_ORIGINS = {
    "made": Origin(
        "Made-up records",
        "The records behind this report were made up. They describe no real patients, and "
        "nothing here is a finding.",
    ),
    "rebuilt": Origin(
        "Rebuilt records",
        "The records behind this report were rebuilt from a publication's printed numbers. "
        "They are not the charts of its patients, and they are no independent evidence.",
    ),
}


def origin_of(results: Mapping[str, Any]) -> Origin | None:
    """Return the label that records other than real ones must carry; None for real ones.

    An origin that is not known here is labelled by its own name, never taken for real.
    """
    origin = str((results.get("study") or {}).get("origin") or "not stated")
    if origin == "real":
        return None
    return _ORIGINS.get(
        origin,
        Origin(f"Origin of records: {origin}", f"The origin of the records is: {origin}."),
    )


def clean(text: object) -> str:
    """Return text without control characters, each replaced by the sign for "unreadable"."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def status_words(status: str) -> str:
    """Return a scoreboard status as words: "not_recoverable" becomes "not recoverable"."""
    return status.replace("_", " ")


def outcome_words(name: str) -> str:
    """Return an outcome's key as words, also one that is not known here."""
    return OUTCOMES.get(name, name.replace("_", " "))


def counted(n: int, one: str, several: str = "") -> str:
    """Return a number with its noun: "1 patient", "2 patients".

    Parameters
    ----------
    n
        How many.
    one, several
        The noun; without the plural an "s" makes it.
    """
    return f"{n} {one if n == 1 else several or one + 's'}"


def joined(parts: Sequence[str]) -> str:
    """Join parts, of which there is at least one, with commas and "and"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def reasons_text(reasons: Mapping[str, int]) -> str:
    """Print why values are missing, each reason with how many; empty without a reason."""
    return "; ".join(f"{why}: {n}" for why, n in reasons.items())


def missing_text(part: Mapping[str, Any]) -> str:
    """Print how many values are `missing`, and their `reasons`."""
    reasons = reasons_text(part["reasons"])
    return f"{part['missing']} ({reasons})" if reasons else str(part["missing"])


def month_words(month: int) -> str:
    """Return "before treatment" for 0, "month 3" for 3."""
    return f"month {month}" if month else "before treatment"


def first_capital(text: str) -> str:
    """Return a text with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]
