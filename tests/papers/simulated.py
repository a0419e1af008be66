"""Made papers judged by the whole check, without and with a planted slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from made_papers import make_paper
from planted import Planted, detectable, plant

from myocohort.papers.checked import CheckedPaper, check_paper
from myocohort.papers.printed import Rounding


@dataclass(frozen=True, slots=True)
class Judged:
    """What the check says about a made paper, in which every number is true.

    Parameters
    ----------
    seed
        Of the paper.
    numbers
        How many printed numbers it has.
    recognised
        How the check says that it rounds.
    accused
        Each inconsistent number with check and explanation.
    """

    seed: int
    numbers: int
    recognised: Rounding
    accused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """What the check says about a paper with one slip.

    Parameters
    ----------
    seed, kind, slip, words
        The paper, the kind of number, the kind of slip, and what became of what.
    detectable
        What the oracle says.
    found
        Whether the changed number is inconsistent, or was held against one that is.
    """

    seed: int
    kind: str
    slip: str
    words: str
    detectable: bool
    found: bool


def judge(seed: int, way: Rounding = "nearest") -> Judged:
    """Check the paper of a seed."""
    checked = check_paper(make_paper(seed, way).paper)
    accused = tuple(
        f"{found.check}: {found.number} {found.printed}: {found.explanation}"
        for number in checked.having("inconsistent")
        for found in number.accusations
    )
    return Judged(seed, len(checked.numbers), checked.rounding.rounding, accused)


def slips(seed: int, kinds: tuple[str, ...], *, all_of_them: bool) -> Iterator[Slip]:
    """Plant one slip of each kind in the paper of a seed, and check it.

    Parameters
    ----------
    all_of_them
        Whether slips that the oracle calls undetectable are checked too; otherwise they are
        left out.
    """
    raw = make_paper(seed).raw
    for kind in kinds:
        planted = plant(raw, np.random.default_rng([seed, 7, ord(kind[0]), len(kind)]), kind)
        if planted is None:
            continue
        visible = detectable(planted)
        if visible or all_of_them:
            found = _found(check_paper(planted.paper), planted)
            words = f"{planted.number}: {planted.after} for {planted.before}"
            yield Slip(seed, kind, planted.slip, words, visible, found)


def _found(checked: CheckedPaper, planted: Planted) -> bool:
    return any(
        planted.number == found.number or planted.number in found.against
        for number in checked.having("inconsistent")
        for found in number.accusations
    )
