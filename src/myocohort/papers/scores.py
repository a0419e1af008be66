"""What became of each printed number, and the counts of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from myocohort.papers.entries import Kind
from myocohort.stats.result import jsonable

Status = Literal["reproduced", "consistent", "contradicted", "not_recoverable"]


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one printed number.

    Parameters
    ----------
    id, place, printed, kind
        The number as in the paper file.
    status
        "reproduced": recomputed from numbers that were not fitted to it, equal at the printed
        digits. "consistent": patients exist that give it, but the records were built to.
        "contradicted": other printed numbers leave no room for it. "not_recoverable": the
        records and the printed numbers do not decide it.
    computed
        The recomputed value with the printed digits; empty where there is none.
    value
        The same, not rounded; None where there is none.
    by
        The test, formula or check, by its name.
    other_test
        Whether a printed p is reproduced by another test than the one that is claimed.
    why
        The arithmetic, or the reason.
    """

    id: str
    place: str
    printed: str
    kind: Kind
    status: Status
    computed: str = ""
    value: float | None = None
    by: str = ""
    other_test: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """The scores of all printed numbers, in the order of the paper file."""

    scores: tuple[Score, ...]

    def count(self, status: Status) -> int:
        """Return how many numbers have a status."""
        return len(self.having(status))

    def having(self, status: Status) -> tuple[Score, ...]:
        """Return the scores that have a status."""
        return tuple(score for score in self.scores if score.status == status)

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        contradicted = ("id", "place", "printed", "computed", "by", "why")
        unknown = ("id", "place", "printed", "why")
        return {
            "published": len(self.scores),
            "reproduced": self.count("reproduced"),
            "consistent": self.count("consistent"),
            "contradicted": [
                {name: getattr(score, name) for name in contradicted}
                for score in self.having("contradicted")
            ],
            "not_recoverable": [
                {name: getattr(score, name) for name in unknown}
                for score in self.having("not_recoverable")
            ],
            "numbers": jsonable(self.scores),
        }
