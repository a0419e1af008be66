"""Small sets of printed numbers that cannot hold together.

A demand is what one printed number asks for, or a few numbers that ask for something together.
A set of demands is a minimal conflict when nothing meets all of them, and leaving out any one
of them lets the others be met. All minimal conflicts are found by going through the subsets
with a map of what is already known (Liffiton MH, Previti A, Malik A, Marques-Silva J.
Constraints 2016;21:223-250).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from myocohort.errors import RebuildError
from myocohort.papers.paperfile import Paper

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

SEED = 2020
EFFORT = 4.0
"""Deterministic time of one CP-SAT call; far more than any of the reference study takes."""

ROUNDS = 300
"""How many subsets of the demands are looked at in the search for further conflicts."""

Feasible = Callable[[frozenset[int]], bool]


@dataclass(frozen=True, slots=True)
class Stated:
    """A printed number as the paper has it: id in the paper file, place, and digits."""

    id: str
    place: str
    printed: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Printed numbers that cannot hold together, while all but any one of them can.

    Parameters
    ----------
    numbers
        The numbers; a demand that rests on several has them all.
    words
        The arithmetic.
    """

    numbers: tuple[Stated, ...]
    words: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        return {
            "numbers": [{"id": s.id, "place": s.place, "printed": s.printed} for s in self.numbers],
            "words": self.words,
        }


def stated(paper: Paper, ids: Iterable[str]) -> tuple[Stated, ...]:
    """Return printed numbers by their ids, each once, in the order given."""
    known = {number.id: number for number in paper.numbers()}
    return tuple(
        Stated(known[name].id, known[name].place, known[name].text) for name in dict.fromkeys(ids)
    )


def listed(numbers: Sequence[Stated]) -> str:
    """Return numbers as a reader finds them: digits and place."""
    return "; ".join(f"{number.printed} ({number.place})" for number in numbers)


def span(low: int, high: int | None) -> str:
    """Write a range of whole numbers: "3 to 5", or "3" where both ends are the same."""
    return str(low) if low == high else f"{low} to {high}"


def solver(seed: int = SEED, *, effort: float = EFFORT) -> cp_model.CpSolver:
    """Return a CP-SAT solver that gives the same answer every time: one worker, fixed seed.

    An interrupt ends the program, as elsewhere: the solver would otherwise take it as the end of
    its own search alone, and the rebuild would go on with a question left undecided.
    """
    from ortools.sat.python import cp_model

    made = cp_model.CpSolver()
    made.parameters.num_workers = 1
    made.parameters.random_seed = seed
    made.parameters.max_deterministic_time = effort
    made.parameters.catch_sigint_signal = False
    return made


def solved(model: cp_model.CpModel, using: cp_model.CpSolver) -> bool:
    """Return whether a model has a solution.

    Raises
    ------
    RebuildError
        When the effort allowed was not enough to decide it.
    """
    from ortools.sat.python import cp_model

    status = using.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return True
    if status == cp_model.INFEASIBLE:
        return False
    raise RebuildError("the search was not decided within the effort allowed for one question")


def shrink(demands: Iterable[int], feasible: Feasible) -> frozenset[int]:
    """Return a minimal conflict within demands that cannot be met: a deletion filter."""
    kept = list(dict.fromkeys(demands))
    for demand in tuple(kept):
        without = frozenset(kept) - {demand}
        if not feasible(without):
            kept.remove(demand)
    return frozenset(kept)


def minimal_conflicts(
    demands: int, feasible: Feasible, *, limit: int
) -> tuple[tuple[frozenset[int], ...], bool]:
    """Find the minimal conflicts among demands 0 to `demands` - 1.

    Parameters
    ----------
    demands
        How many there are.
    feasible
        Whether something meets a set of demands. More demands are never easier to meet.
    limit
        How many conflicts are looked for, at least 1.

    Returns
    -------
    conflicts
        In the order found; none where all demands can be met.
    complete
        Whether these are all that there are.
    """
    from ortools.sat.python import cp_model

    everything = frozenset(range(demands))
    if feasible(everything):
        return (), True
    known = cp_model.CpModel()
    inside = [known.new_bool_var(f"d{i}") for i in range(demands)]
    known.maximize(sum(inside))
    found = [shrink(range(demands), feasible)]
    known.add_bool_or([~inside[i] for i in sorted(found[0])])
    for _ in range(ROUNDS):
        using = solver()
        if not solved(known, using):
            return tuple(found), True
        chosen = frozenset(i for i in range(demands) if using.boolean_value(inside[i]))
        if feasible(chosen):
            # All its subsets can be met too, so that something outside must be asked for.
            known.add_bool_or([inside[i] for i in sorted(everything - chosen)])
        elif len(found) == limit:
            break
        else:
            found.append(shrink(sorted(chosen), feasible))
            known.add_bool_or([~inside[i] for i in sorted(found[-1])])
    return tuple(found), False
