"""A quantity stated in several places: does it read the same."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, Rounding, interval, parse

NAME = "stated_twice"


def stated_twice(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each restatement against the number that it restates.

    Different digits of one quantity agree when some value would be printed as either. Which
    of two that disagree is right, this check cannot say.
    """
    numbers = {number.id: number for number in paper.numbers()}
    for same in paper.same:
        number, original = numbers[f"{same.id}.printed"], numbers[same.of]
        there = interval(original.text, rounding)
        if interval(same.printed, rounding).meets(there):
            said = f"{original.place} prints {original.text}"
            if same.printed != original.text:
                said += f", and a value can be printed as both {same.printed} and {original.text}"
            yield finding(NAME, "consistent", number, (original.id,), said)
            continue
        relations = {parse(same.printed).relation, parse(original.text).relation}
        yield finding(
            NAME,
            "inconsistent",
            number,
            (original.id,),
            f"{original.place} prints {original.text} for the same quantity, and no value can be "
            f"printed as both {same.printed} and {original.text}",
            computed=original.text,
            suggestion="" if relations != {""} else _slip(same.printed, there, rounding),
        )


def _slip(text: str, there: Interval, rounding: Rounding) -> str:
    return healing(text, lambda slipped: interval(slipped, rounding).meets(there))
