"""A whole paper checked: one verdict for every printed number, from all findings about it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from myocohort.papers.checks import CHECKS, run_checks
from myocohort.papers.checks.finding import Finding
from myocohort.papers.claimed_procedures import computes, is_another
from myocohort.papers.described import described
from myocohort.papers.entries import (
    Cited,
    Claim,
    Correlation,
    PrintedNumber,
    PValue,
    Same,
    Setting,
)
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import format_like, parse
from myocohort.papers.restated import original
from myocohort.papers.rounding import Recognised

NumberVerdict = Literal["consistent", "inconsistent", "untestable", "not_result"]
NO_CHECK = "no check applies to it"
# To lie within what such a number can be at all is no agreement with another number.
BOUNDS = "possible_values"
SEVERAL = 5
"""From so many comparisons in one table on their number is told."""


@dataclass(frozen=True, slots=True)
class CheckedNumber:
    """What all checks together say about one printed number.

    Parameters
    ----------
    number
        The number.
    about, what
        What it counts or measures, and what it says of that: "onset age, refractory group" and
        "mean".
    verdict
        "inconsistent" where a finding accuses it; otherwise "consistent" where a consistent
        finding is about it or was held against it (one that says more than that such a number
        is possible); otherwise "untestable". A setting or a number of another study is
        "not_result".
    reason
        Why it is untestable; empty otherwise.
    involved
        Whether an inconsistent number was held against this one, or this one restates it.
    findings
        All findings about it.
    against
        All findings about other numbers that were held against it.
    """

    number: PrintedNumber
    about: str
    what: str
    verdict: NumberVerdict
    reason: str
    involved: bool
    findings: tuple[Finding, ...]
    against: tuple[Finding, ...]

    @property
    def accusations(self) -> tuple[Finding, ...]:
        """The findings that call it inconsistent, those on the numbers alone and a slip first."""
        accusing = [found for found in self.findings if found.verdict == "inconsistent"]
        return tuple(
            sorted(accusing, key=lambda found: (bool(found.reading), not found.suggestion))
        )

    @property
    def remark(self) -> str:
        """What the paper file remarks on its entry."""
        return self.number.entry.remark

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        return {
            "id": self.number.id,
            "place": self.number.place,
            "about": self.about,
            "what": self.what,
            "kind": self.number.kind,
            "printed": self.number.text,
            "verdict": self.verdict,
            "reason": self.reason,
            "remark": self.remark,
            "involved": self.involved,
            "findings": [found.as_dict() for found in self.findings],
            "held_against": [
                {"id": found.number, "check": found.check, "verdict": found.verdict}
                for found in self.against
            ],
        }


@dataclass(frozen=True, slots=True)
class CheckedPaper:
    """A paper with the verdict of every printed number.

    Parameters
    ----------
    paper
        The paper file.
    numbers
        Every printed number with its verdict, in the order of the file; then every claim of
        significance.
    findings
        Everything that the checks said, check by check.
    rounding
        How the paper rounds, by which all its numbers were read.
    downgraded
        Ids of the numbers that would be inconsistent in a paper that rounds to the nearest,
        and are not, because this one rounds otherwise or may do so.
    """

    paper: Paper
    numbers: tuple[CheckedNumber, ...]
    findings: tuple[Finding, ...]
    rounding: Recognised
    downgraded: tuple[str, ...]

    def having(self, verdict: NumberVerdict) -> tuple[CheckedNumber, ...]:
        """Return the numbers with a verdict."""
        return tuple(number for number in self.numbers if number.verdict == verdict)

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON.

        Returns
        -------
        dict
            `checked`: how many printed numbers and claims of significance are results of the
            study, so that the checks looked at them; each of them is in one of the next three.
            `consistent`: how many agree with what they were held against, and with nothing
            that they contradict.
            `inconsistent`: those that cannot stand together with other printed numbers, each
            once: `id`, `place`, `printed`, `computed`, `check`, `explanation`, `suggestion` and
            `reading` of its first finding, what it is `about`, the `remark` of the paper file,
            and further findings in `others`. First those that the printed numbers alone
            exclude, then restatements, claims, and those that rest on a reading of the paper.
            `untestable`: those that no check could decide, with the reason. `procedures`: for
            each p value whose procedures were tried, the claimed one, those that give the
            printed p, and whether they differ from the claimed.

            Then `readings` (each with what speaks `against` it), `p_values` (how many each table
            compares, and the smallest times that number), `title`, `citation`, `doi`,
            `rounding` (`name`, `explanation`, and in `downgraded` the numbers that would be
            inconsistent if it were to the nearest),
            `not_results` (how many numbers are settings or belong to other studies), `remarks`,
            `not_understood`, `checks` (each with how many findings it made), `numbers` (every
            one with all its findings) and `tables` (as printed, with ids in braces).
        """
        results = [number for number in self.numbers if number.verdict != "not_result"]
        return {
            "checked": len(results),
            "consistent": len(self.having("consistent")),
            "inconsistent": [
                _inconsistent(number) for number in sorted(self.having("inconsistent"), key=_weight)
            ],
            "untestable": [_untestable(number) for number in self.having("untestable")],
            "procedures": [
                _procedure(number)
                for number in self.numbers
                if any(found.claimed or found.fits for found in number.findings)
            ],
            "readings": _readings(self.paper, self.findings),
            "p_values": _p_values(self.numbers),
            "title": self.paper.title,
            "citation": self.paper.citation,
            "doi": self.paper.doi,
            "rounding": {
                "name": self.rounding.rounding,
                "explanation": self.rounding.explanation,
                "downgraded": list(self.downgraded),
            },
            "not_results": len(self.numbers) - len(results),
            "remarks": list(self.paper.remarks),
            "not_understood": [part.model_dump() for part in self.paper.not_understood],
            "checks": _checks(self.findings),
            "numbers": [number.as_dict() for number in self.numbers],
            "tables": [table.model_dump(mode="json") for table in self.paper.table],
        }


def check_paper(paper: Paper) -> CheckedPaper:
    """Hold every printed number of a paper against the others, and give each one verdict.

    Parameters
    ----------
    paper
        The paper file.
    """
    run = run_checks(paper)
    findings = run.findings
    numbers = (*paper.numbers(), *(claim.as_number() for claim in paper.claim))
    about: dict[str, list[Finding]] = {number.id: [] for number in numbers}
    against: dict[str, list[Finding]] = {number.id: [] for number in numbers}
    for found in findings:
        about[found.number].append(found)
        for name in dict.fromkeys(found.against):
            against[name].append(found)
    accused = {found.number for found in findings if found.verdict == "inconsistent"}
    places = {number.id: number.place for number in numbers}
    for number in numbers:
        about[number.id] += _inherited(number, numbers, about)
    return CheckedPaper(
        paper=paper,
        numbers=tuple(
            _checked(
                number,
                described(paper, number, places),
                findings=about[number.id],
                against=against[number.id],
                restates_accused=isinstance(number.entry, Same) and number.entry.of in accused,
                places=places,
            )
            for number in numbers
        ),
        findings=findings,
        rounding=run.rounding,
        downgraded=run.downgraded,
    )


def _inherited(
    number: PrintedNumber,
    numbers: Sequence[PrintedNumber],
    about: Mapping[str, Sequence[Finding]],
) -> list[Finding]:
    """Return what accuses the number that this one restates in the same words."""
    by_id = {other.id: other for other in numbers}
    first = original(number, by_id)
    if first is number or first.text != number.text:
        return []
    return [
        replace(
            found,
            number=number.id,
            place=number.place,
            printed=number.text,
            explanation=f"it restates {first.place}: {found.explanation}",
        )
        for found in about[first.id]
        if found.verdict == "inconsistent"
    ]


def _checked(
    number: PrintedNumber,
    words: tuple[str, str],
    *,
    findings: Sequence[Finding],
    against: Sequence[Finding],
    restates_accused: bool,
    places: Mapping[str, str],
) -> CheckedNumber:
    tied = restates_accused or any(found.verdict == "inconsistent" for found in against)
    reason = ""
    verdict: NumberVerdict
    if any(found.verdict == "inconsistent" for found in findings):
        verdict = "inconsistent"
    elif isinstance(number.entry, Cited | Setting):
        verdict = "not_result"
    elif any(_agrees(found) for found in (*findings, *against)):
        verdict = "consistent"
    else:
        verdict = "untestable"
        reason = _reason(findings, against, places)
    return CheckedNumber(
        number=number,
        about=words[0],
        what=words[1],
        verdict=verdict,
        reason=reason,
        involved=tied and verdict in ("consistent", "untestable"),
        findings=tuple(findings),
        against=tuple(against),
    )


def _reason(
    findings: Sequence[Finding], against: Sequence[Finding], places: Mapping[str, str]
) -> str:
    """Say why a number is untestable: by its own findings, else by those held against it."""
    own = [found.explanation for found in findings if found.verdict == "untestable"]
    if own:
        return "; ".join(dict.fromkeys(own))
    for verdict, what in (
        ("inconsistent", "is inconsistent with it, and nothing else was held against it"),
        ("untestable", "was held against it, and could not be decided"),
    ):
        for found in against:
            if found.verdict == verdict:
                return f"{found.printed} ({places[found.number]}) {what}"
    if findings or against:
        return "such a number is possible; no other check applies to it"
    return NO_CHECK


def _agrees(found: Finding) -> bool:
    return found.verdict == "consistent" and found.check != BOUNDS


def _inconsistent(number: CheckedNumber) -> dict[str, Any]:
    first, *others = number.accusations
    return {
        "id": number.number.id,
        "place": number.number.place,
        "printed": number.number.text,
        **_arithmetic(first),
        "about": ", ".join(filter(None, (number.about, number.what))),
        "remark": number.remark,
        "others": [_arithmetic(found) for found in others],
    }


def _weight(number: CheckedNumber) -> tuple[bool, bool, bool, bool]:
    """Return the place of an inconsistent number in the list: what rests on least comes first."""
    first, entry = number.accusations[0], number.number.entry
    return (
        bool(first.reading),
        isinstance(entry, Claim),
        isinstance(entry, Same),
        not first.suggestion,
    )


def _arithmetic(found: Finding) -> dict[str, str]:
    return {
        "computed": found.computed,
        "check": found.check,
        "explanation": found.explanation,
        "suggestion": found.suggestion,
        "reading": found.reading,
    }


def _untestable(number: CheckedNumber) -> dict[str, str]:
    return {
        "id": number.number.id,
        "place": number.number.place,
        "printed": number.number.text,
        "check": ", ".join(
            dict.fromkeys(f.check for f in number.findings if f.verdict == "untestable")
        ),
        "explanation": number.reason,
    }


def _procedure(number: CheckedNumber) -> dict[str, Any]:
    """Put together what several checks say about the procedure behind one p value.

    Where a check of another kind gives the p by another procedure (a t test from the means, the
    claimed one being of ranks), and none could compute the claimed one, nothing differs.
    """
    entry = number.number.entry
    found = [item for item in number.findings if item.claimed or item.fits]
    key = entry.claimed if isinstance(entry, PValue | Correlation) else None
    computable = [item for item in found if item.fits and computes(item.check, key)]
    fits = list(dict.fromkeys(fit for item in found for fit in item.fits))
    return {
        "place": number.number.place,
        "claimed": next((item.claimed for item in found if item.claimed), ""),
        "fits": fits,
        "id": number.number.id,
        "printed": number.number.text,
        "differs": bool(computable) and is_another(key, fits),
        "explanation": "; ".join(dict.fromkeys(item.explanation for item in found)),
    }


def _readings(paper: Paper, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return every reading of the paper file with the arithmetic that speaks against it."""
    said = [found for found in findings if found.check == "readings_add_up"]
    return [
        {
            "id": reading.id,
            "label": reading.label,
            "against": [
                found.explanation.removeprefix(f"on the reading that {reading.label}, ")
                for found in said
                if found.verdict != "consistent" and reading.label in found.explanation
            ],
        }
        for reading in paper.reading
    ]


def _p_values(numbers: Sequence[CheckedNumber]) -> list[dict[str, Any]]:
    """Return how many comparisons each table prints, and the smallest p times that number.

    The last is Bonferroni's bound: how small the smallest of so many p values is by chance.
    """
    tables: dict[str, list[str]] = {}
    for number in numbers:
        if isinstance(number.number.entry, PValue) and number.number.kind == "p":
            tables.setdefault(number.number.place.partition(",")[0], []).append(number.number.text)
    return [
        {
            "place": place,
            "n": len(texts),
            "smallest": smallest,
            "times_n": format_like(smallest, min(Fraction(1), parse(smallest).value * len(texts))),
        }
        for place, texts in tables.items()
        if len(texts) >= SEVERAL
        for smallest in [min(texts, key=lambda text: parse(text).value)]
    ]


def _checks(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return every check with its question and how many findings of each verdict it made."""
    return [
        {
            "name": name,
            "question": (inspect.getdoc(check) or "").partition("\n")[0],
            **{
                verdict: sum(found.check == name and found.verdict == verdict for found in findings)
                for verdict in ("consistent", "inconsistent", "untestable")
            },
        }
        for name, check in CHECKS.items()
    ]
