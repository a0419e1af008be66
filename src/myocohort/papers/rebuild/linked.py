"""Rows that hang together, and how many patients of each group have which values in them.

Two rows hang together where a reading or a model says something of both. Patients of one group
who have the same values in such rows cannot be told apart, so that the question is how many
there are of each kind ("profile"), one whole number for each kind and group. That is the same
question as 0 or 1 for each patient and row, without the n! orders that patients can have. Rows
that do not hang together can be dealt to the patients in any order.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from myocohort.errors import RebuildError
from myocohort.papers.entries import Reading
from myocohort.papers.rebuild.conflicts import minimal_conflicts, solved, solver
from myocohort.papers.rebuild.joint import JointSolutions
from myocohort.papers.rebuild.model_terms import split_term
from myocohort.papers.rebuild.rows import Comparison, Demand, Row, Value

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Profile = tuple[Value, ...]  # one value for each row, in their order
Counts = Mapping[str, tuple[int, ...]]  # group -> how many patients of each profile
PROFILE_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Joint:
    """The joint tables of a model's terms, and the printed numbers that they rest on."""

    solutions: JointSolutions
    numbers: tuple[str, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the terms."""
        return tuple(split_term(term)[0] for term in self.solutions.terms)


@dataclass(frozen=True, slots=True)
class Linked:
    """Rows that hang together.

    Parameters
    ----------
    rows
        In the order of the paper file.
    groups
        Of the comparison.
    profiles
        Group -> the combinations of values that the reading allows a patient.
    demands
        What the printed numbers ask of these rows, and of the sizes of the groups.
    joint
        The joint tables of a model whose terms are among the rows.
    """

    rows: tuple[Row, ...]
    groups: tuple[str, ...]
    profiles: Mapping[str, tuple[Profile, ...]]
    demands: tuple[Demand, ...]
    joint: Joint | None

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the rows."""
        return tuple(row.variable for row in self.rows)

    def numbers(self, index: int) -> tuple[str, ...]:
        """Return the ids of the numbers of a demand; the model's comes after all others."""
        if index < len(self.demands):
            return self.demands[index].numbers
        return self.joint.numbers if self.joint is not None else ()


@dataclass(frozen=True, slots=True)
class Together:
    """How many patients of a group have one thing and another, at least and at most."""

    group: str
    first: str
    second: str
    low: int
    high: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        return {
            "group": self.group, "first": self.first, "second": self.second,
            "low": self.low, "high": self.high, "determined": self.low == self.high,
        }  # fmt: skip


def link(comparison: Comparison, reading: Reading, joint: Joint | None) -> tuple[Linked, ...]:
    """Divide the rows of a comparison into those that hang together under a reading.

    Raises
    ------
    RebuildError
        When a reading names a row that is not yes/no, or leaves too many profiles.
    """
    sets = [set(names) for names in reading.exclusive]
    sets += [{name, *parts} for name, parts in reading.any_of.items()]
    if joint is not None:
        sets.append(set(joint.variables))
    for name in set().union(*sets[: len(reading.exclusive) + len(reading.any_of)]):
        row = next(row for row in comparison.rows if row.variable == name)
        if not set(row.levels) <= {"yes", "no"}:
            raise RebuildError(
                f"the reading {reading.id!r} is of yes/no rows, and {name} has the levels "
                f"{', '.join(row.levels)}"
            )
    home = {name: {name} for name in comparison.variables}
    for names in sets:
        merged = set().union(*(home[name] for name in names))
        for name in merged:
            home[name] = merged
    parts = dict.fromkeys(
        tuple(name for name in comparison.variables if name in home[first])
        for first in comparison.variables
    )
    return tuple(_linked(comparison, reading, joint, names) for names in parts)


def _linked(
    comparison: Comparison, reading: Reading, joint: Joint | None, names: tuple[str, ...]
) -> Linked:
    rows = tuple(row for row in comparison.rows if row.variable in names)
    demands = tuple(d for d in comparison.demands if d.variable is None or d.variable in names)
    here = joint if joint is not None and set(joint.variables) <= set(names) else None
    profiles = {
        group: tuple(_profiles([row.values(group) for row in rows], _rules(reading, names)))
        for group in comparison.groups
    }
    return Linked(rows, comparison.groups, profiles, demands, here)


Rule = tuple[int, Callable[[Sequence[Value]], bool]]  # last row that it needs, and the rule


def _rules(reading: Reading, names: tuple[str, ...]) -> list[Rule]:
    """Return what a reading asks of one patient's values, each with the last row it looks at."""
    rules: list[Rule] = []
    for names_of_set in reading.exclusive:
        places = sorted(names.index(name) for name in names_of_set if name in names)
        # Two of the set rule a patient out as soon as the second of them is there.
        rules += [
            (last, partial(_at_most_one, places=tuple(places[: i + 1])))
            for i, last in enumerate(places)
        ]
    for name, parts in reading.any_of.items():
        if name in names:
            own, others = names.index(name), tuple(names.index(part) for part in parts)
            rules.append((max(own, *others), partial(_sums_up, own=own, parts=others)))
    return rules


def _at_most_one(values: Sequence[Value], places: tuple[int, ...]) -> bool:
    return sum(values[place] == "yes" for place in places) <= 1


def _sums_up(values: Sequence[Value], own: int, parts: tuple[int, ...]) -> bool:
    """Return whether a summary is yes with any part, no with none, and free where unknown."""
    if values[own] is None:
        return True
    if any(values[part] == "yes" for part in parts):
        return values[own] == "yes"
    return any(values[part] is None for part in parts) or values[own] == "no"


def _profiles(values: Sequence[Sequence[Value]], rules: Sequence[Rule]) -> Iterator[Profile]:
    """Yield all combinations that the rules allow, cutting off what cannot become one."""
    heads: list[Profile] = [()]
    for place, choices in enumerate(values):
        heads = [(*head, value) for head in heads for value in choices]
        for last, rule in rules:
            if last == place:
                heads = [head for head in heads if rule(head)]
        if len(heads) > PROFILE_LIMIT:
            raise RebuildError(
                f"more than {PROFILE_LIMIT:,} combinations of values hang together in "
                f"{len(values)} rows, too many to be searched"
            )
    yield from heads


class Question:
    """The CP-SAT model of some of the demands on linked rows."""

    def __init__(self, linked: Linked, kept: frozenset[int] | None = None) -> None:
        from ortools.sat.python import cp_model

        self.linked = linked
        self.model = cp_model.CpModel()
        kept = frozenset(range(questions(linked))) if kept is None else kept
        # Without the size of a group there may be as many patients as all counts together ask.
        most = sum(d.high if d.high is not None else d.low or 0 for d in linked.demands)
        most += 0 if linked.joint is None else sum(map(sum, linked.joint.solutions.solutions[0]))
        self.counts = {
            group: [self.model.new_int_var(0, most, f"{group}.{i}") for i in range(len(profiles))]
            for group, profiles in linked.profiles.items()
        }
        for index in sorted(kept):
            if index < len(linked.demands):
                self._ask(linked.demands[index])
            elif linked.joint is not None:
                self._fit(linked.joint.solutions)

    def _ask(self, demand: Demand) -> None:
        having = self._having(demand)
        if demand.outside is not None:
            outside = demand.outside - self._of(demand.groups, lambda _: True)
            having = having + outside
        if demand.low is not None:
            self.model.add(having >= demand.low)
        if demand.high is not None:
            self.model.add(having <= demand.high)

    def _having(self, demand: Demand) -> cp_model.LinearExpr:
        if demand.variable is None:
            return self._of(demand.groups, lambda _: True)
        place = self.linked.variables.index(demand.variable)
        return self._of(demand.groups, lambda profile: profile[place] in demand.values)

    def both(self, group: str, first: int, second: int) -> cp_model.LinearExpr:
        """Return how many patients of a group have the first levels of two rows."""
        a, b = (self.linked.rows[place].levels[0] for place in (first, second))
        return self._of((group,), lambda profile: (profile[first], profile[second]) == (a, b))

    def _of(self, groups: Sequence[str], chosen: Callable[[Profile], bool]) -> cp_model.LinearExpr:
        """Return how many patients of some groups have one of the chosen profiles."""
        from ortools.sat.python import cp_model

        terms = [
            count
            for group in groups
            for profile, count in zip(self.linked.profiles[group], self.counts[group], strict=True)
            if chosen(profile)
        ]
        return cp_model.LinearExpr.weighted_sum(terms, [1] * len(terms))

    def _fit(self, joint: JointSolutions) -> None:
        terms = [split_term(term) for term in joint.terms]
        places = [self.linked.variables.index(variable) for variable, _ in terms]
        cells = []
        most = max(max(map(max, pair)) for pair in joint.solutions)
        for group in joint.groups:
            for pattern in joint.patterns:

                def matches(profile: Profile, pattern: tuple[int, ...] = pattern) -> bool:
                    return all(
                        (profile[place] == level) == bool(digit)
                        for place, (_, level), digit in zip(places, terms, pattern, strict=True)
                    )

                cell = self.model.new_int_var(0, most, "")
                self.model.add(self._of((group,), matches) == cell)
                cells.append(cell)
        tables = [[n for table in pair for n in table] for pair in joint.solutions]
        self.model.add_allowed_assignments(cells, tables)


def questions(linked: Linked) -> int:
    """Return how many demands there are, the model's among them."""
    return len(linked.demands) + (linked.joint is not None)


def possible(linked: Linked, kept: frozenset[int] | None = None) -> bool:
    """Return whether any patients meet some of the demands, by default all."""
    return solved(Question(linked, kept).model, solver())


def conflicts_of(linked: Linked, *, limit: int) -> tuple[tuple[frozenset[int], ...], bool]:
    """Return minimal conflicts among the demands, and whether these are all of their kind.

    Those within a single group come first; only where there are none, demands on several
    groups together enter.
    """
    found: list[frozenset[int]] = []
    complete = True
    for group in linked.groups:
        inside = [i for i, demand in enumerate(linked.demands) if demand.groups == (group,)]
        sets, ended = _among(linked, inside, limit)
        found += sets
        complete &= ended
    if found:
        return tuple(found), complete
    sets, complete = _among(linked, range(questions(linked)), limit)
    return tuple(sets), complete


def _among(linked: Linked, demands: Sequence[int], limit: int) -> tuple[list[frozenset[int]], bool]:
    """Return minimal conflicts among some of the demands."""

    def feasible(kept: frozenset[int]) -> bool:
        return possible(linked, frozenset(demands[i] for i in kept))

    sets, complete = minimal_conflicts(len(demands), feasible, limit=limit)
    return [frozenset(demands[i] for i in wrong) for wrong in sets], complete


def ways(linked: Linked, *, limit: int, seed: int) -> tuple[tuple[Counts, ...], bool]:
    """List the ways to fill linked rows, each a number of patients for every profile.

    Returns
    -------
    ways
        At most `limit`, none of them twice; where a model's terms are among the rows, in the
        order of its joint tables.
    complete
        Whether these are all.
    """
    from ortools.sat.python import cp_model

    question = Question(linked)

    class Listing(cp_model.CpSolverSolutionCallback):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[Counts] = []

        def on_solution_callback(self) -> None:
            self.found.append(
                {
                    group: tuple(int(self.value(count)) for count in counts)
                    for group, counts in question.counts.items()
                }
            )
            if len(self.found) > limit:
                self.stop_search()

    listing = Listing()
    using = solver(seed)
    using.parameters.enumerate_all_solutions = True
    ended = using.solve(question.model, listing) == cp_model.OPTIMAL
    found = listing.found[:limit]
    if not found:
        raise RebuildError("no way to fill the rows was found within the effort allowed")
    if linked.joint is not None:
        place = {pair: k for k, pair in enumerate(linked.joint.solutions.solutions)}
        found.sort(key=lambda counts: place[_tables(linked, counts)])
    return tuple(found), ended and len(listing.found) <= limit


def _tables(linked: Linked, counts: Counts) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the joint tables of the model's terms that some counts of profiles make up."""
    if linked.joint is None:
        return (), ()
    joint = linked.joint.solutions
    terms = [split_term(term) for term in joint.terms]
    places = [linked.variables.index(variable) for variable, _ in terms]
    tables = []
    for group in joint.groups:
        cells = dict.fromkeys(joint.patterns, 0)
        for profile, n in zip(linked.profiles[group], counts[group], strict=True):
            digits = (profile[p] == level for p, (_, level) in zip(places, terms, strict=True))
            cells[tuple(int(digit) for digit in digits)] += n
        tables.append(tuple(cells.values()))
    return tables[0], tables[1]


def together(linked: Linked) -> tuple[Together, ...]:
    """Return for each two linked rows how many patients have both, at least and at most.

    Of a row with several levels, the first printed one counts. Two rows are left out where
    the effort allowed does not decide it.
    """
    from ortools.sat.python import cp_model

    if len(linked.rows) < 2:
        return ()
    question = Question(linked)
    found = []
    for group in linked.groups:
        for (i, first), (j, second) in itertools.combinations(enumerate(linked.rows), 2):
            both = question.both(group, i, j)
            ends = []
            for ask in (question.model.minimize, question.model.maximize):
                ask(both)
                using = solver()
                if using.solve(question.model) == cp_model.OPTIMAL:
                    ends.append(round(using.objective_value))
            if len(ends) == 2:
                found.append(Together(group, _named(first), _named(second), ends[0], ends[1]))
    return tuple(found)


def _named(row: Row) -> str:
    return row.variable if row.levels[0] == "yes" else f"{row.variable}={row.levels[0]}"
