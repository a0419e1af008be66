"""A quantity stated in several places: does it read the same."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, interval

NAME = "stated_twice"


def stated_twice(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each restatement against the number that it restates.

    Different digits of one quantity agree when some value would be printed as either. Which
    of two that disagree is right, this check cannot say.
    """
    numbers = {number.id: number for number in paper.numbers()}
    for same in paper.same:
        number, original = numbers[f"{same.id}.printed"], numbers[same.of]
        if interval(same.printed).meets(interval(original.text)):
            said = f"{original.place} prints {original.text}"
            yield finding(NAME, "consistent", number, (original.id,), said)
        else:
            yield finding(
                NAME,
                "inconsistent",
                number,
                (original.id,),
                f"{original.place} prints {original.text} for the same quantity",
                computed=original.text,
            )
