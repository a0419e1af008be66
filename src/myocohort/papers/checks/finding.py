"""What a check says about one printed number."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from myocohort.papers.entries import PrintedNumber

Verdict = Literal["consistent", "inconsistent", "untestable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict of one check on one printed number, with the arithmetic in words.

    A finding is about a number, not about people: "inconsistent" says that the number and
    those it is held against cannot all be as printed.

    Parameters
    ----------
    check
        Name of the check, a key of `CHECKS`.
    verdict
        "untestable" where the paper prints too little, or where more than one honest
        procedure gives such numbers.
    number
        Id of the number that the verdict is about.
    place, printed
        Where it stands and how it reads.
    against
        Ids of the printed numbers that it was held against.
    explanation
        The arithmetic, in words.
    computed
        What the arithmetic gives instead; empty where it gives no single value.
    suggestion
        Which one-digit slip would heal it; empty where none does.
    reading
        The reading of the paper that the verdict rests on, where it rests on one beside the
        printed numbers; empty otherwise.
    claimed, fits
        For a p value: the test that the paper names, and every procedure that gives the
        printed p, by their names.
    """

    check: str
    verdict: Verdict
    number: str
    place: str
    printed: str
    against: tuple[str, ...]
    explanation: str
    computed: str = ""
    suggestion: str = ""
    reading: str = ""
    claimed: str = ""
    fits: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        return {**asdict(self), "against": list(self.against), "fits": list(self.fits)}


def finding(
    check: str,
    verdict: Verdict,
    number: PrintedNumber,
    against: tuple[str, ...],
    explanation: str,
    *,
    computed: str = "",
    suggestion: str = "",
    reading: str = "",
    claimed: str = "",
    fits: tuple[str, ...] = (),
) -> Finding:
    """Return a finding about a printed number."""
    return Finding(
        check=check,
        verdict=verdict,
        number=number.id,
        place=number.place,
        printed=number.text,
        against=against,
        explanation=explanation,
        computed=computed,
        suggestion=suggestion,
        reading=reading,
        claimed=claimed,
        fits=fits,
    )
