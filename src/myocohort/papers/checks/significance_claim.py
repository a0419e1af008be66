"""What is called significant: does its p value say so."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from myocohort.papers.checks.finding import Finding, Verdict, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import Claim, PrintedNumber
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, interval, parse
from myocohort.papers.restated import original

NAME = "significance_claim"


def significance_claim(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each claim of significance, or of none, against its p value and the level.

    A claim is wrong only where every value that the p can stand for lies on the other side of
    the level. A p that is printed as the level itself lies on both sides. Where the paper
    claims both of one p, the claim that its p bears out is named beside the other.
    """
    numbers = {number.id: number for number in paper.numbers()}
    for claim in paper.claim:
        number = numbers[claim.of]
        if original(number, numbers).kind != "p":
            said = f"{_claimed(claim)}, but the number is not a p value"
            yield _finding(claim, "untestable", said)
        else:
            yield _check(paper, claim, number, rounding)


def _finding(claim: Claim, verdict: Verdict, said: str, suggestion: str = "") -> Finding:
    """Return a finding about the words; their p is what they were held against."""
    return finding(NAME, verdict, claim.as_number(), (claim.of,), said, suggestion=suggestion)


def _claimed(claim: Claim) -> str:
    said = "significant" if claim.significant else "not significant"
    return f"{claim.place} calls it {said} at {claim.level}"


def _check(paper: Paper, claim: Claim, number: PrintedNumber, rounding: Rounding) -> Finding:
    level, claimed = parse(claim.level), _claimed(claim)
    if level.relation or not 0 < level.value < 1:
        said = f"{claimed}, but a level lies between 0 and 1"
        return _finding(claim, "untestable", said)
    side = _side(number.text, level.value, rounding)
    if side == "":
        reason = f"{number.text} can lie on either side of {claim.level}"
        return _finding(claim, "untestable", f"{claimed}; {reason}")
    reason = f"a p of {number.text} lies {side} {claim.level}"
    right = "below" if claim.significant else "above"
    if side == right:
        return _finding(claim, "consistent", f"{claimed}, and {reason}")
    others = [
        _claimed(other)
        for other in paper.claim
        if (other.of, other.level) == (claim.of, claim.level)
        and other.significant != claim.significant
    ]
    if others:
        said = f"{claimed}, but {reason}; {others[0]}, as the p says"
        return _finding(claim, "inconsistent", said)
    slip = healing(number.text, lambda text: _heals(text, level.value, right, rounding))
    return _finding(claim, "inconsistent", f"{claimed}, but {reason}", slip)


def _heals(text: str, level: Fraction, right: str, rounding: Rounding) -> bool:
    return parse(text).value <= 1 and _side(text, level, rounding) == right


def _side(text: str, level: Fraction, rounding: Rounding) -> str:
    """Return "below" or "above" where a printed p certainly lies there, otherwise ""."""
    allowed = interval(text, rounding)
    low, high = allowed.low, allowed.high
    if high is not None and (high < level or (high == level and not allowed.closed)):
        return "below"
    if low is not None and (low > level or (low == level and not allowed.closed)):
        return "above"
    return ""
