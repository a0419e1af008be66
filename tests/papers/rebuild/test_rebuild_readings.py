from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rebuild_papers import counts, everybody, paper_of, sizes

from myocohort.errors import RebuildError
from myocohort.papers.entries import Reading
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild.binary import AS_PRINTED, ReadingAnswer, read_rows
from myocohort.papers.rebuild.linked import Joint
from myocohort.papers.rebuild.model_terms import numbers_behind, search_model
from myocohort.papers.rebuild.rows import compare, compared_groups

NAMES = ("a", "b", "c")
MODEL = {
    "id": "m", "place": "Table 2", "outcome": "two", "group": "all", "claimed": "ml",
    "terms": [{"term": "a", "odds_ratio": "2.77"}, {"term": "b", "odds_ratio": "1.32"}],
}  # fmt: skip
READINGS = {
    "free": Reading(id="free", label="free"),
    "apart": Reading(id="apart", label="apart", exclusive=(("a", "b", "c"),)),
    "sum": Reading(id="sum", label="sum", any_of={"c": ("a", "b")}),
    "both": Reading(id="both", label="both", exclusive=(("a", "b"),), any_of={"c": ("a", "b")}),
}


def answer(
    paper: Paper, reading: Reading = AS_PRINTED, joint: Joint | None = None, limit: int = 8
) -> ReadingAnswer:
    """Return what a reading of the only comparison of a paper leaves possible."""
    ((above, groups),) = compared_groups(paper)
    return read_rows(paper, compare(paper, above, groups), reading, joint, limit=limit)


def ids(result: ReadingAnswer) -> list[set[str]]:
    """Return the conflicts as sets of ids."""
    return [{number.id for number in conflict.numbers} for conflict in result.conflicts]


def reference_answer(paper: Paper, name: str) -> ReadingAnswer:
    """Return what a declared reading of the reference study leaves possible, with its model."""
    reading = next(reading for reading in paper.reading if reading.id == name)
    joint = search_model(paper, paper.model[0]).joint
    assert joint is not None
    return answer(paper, reading, Joint(joint, numbers_behind(paper, paper.model[0])))


def exists(size: int | None, wanted: Mapping[str, int], reading: Reading) -> bool:
    """Return whether any patients have some counts, going through all; any number if size None."""
    every = range(sum(wanted.values()) + 1) if size is None else (size,)
    return any(
        all(sum(patient[name] for patient in patients) == n for name, n in wanted.items())
        for number in every
        for patients in everybody(number, NAMES, reading.exclusive, reading.any_of)
    )


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(READINGS)),
    st.integers(1, 3),
    st.tuples(*[st.integers(0, 3)] * 3),
)
def test_a_solution_exists_where_going_through_all_patients_finds_one(
    name: str, size: int, wanted: tuple[int, int, int]
) -> None:
    """On tiny groups CP-SAT and trying every set of patients agree, and conflicts are minimal."""
    reading = READINGS[name]
    printed = dict(zip(NAMES, wanted, strict=True))
    paper = paper_of(
        size=sizes(one=size, two=3), count=counts("one", **printed) + counts("two", a=1)
    )
    result = answer(paper, reading)
    assert result.possible is exists(size, printed, reading)
    assert bool(result.records) is result.possible
    for conflict in ids(result):
        assert not holds(conflict, size, printed, reading)
        for number in conflict:
            assert holds(conflict - {number}, size, printed, reading)


def holds(chosen: set[str], size: int, printed: Mapping[str, int], reading: Reading) -> bool:
    """Return whether patients exist for some of the printed numbers."""
    wanted = {name: n for name, n in printed.items() if f"{name}.one.n" in chosen}
    return exists(size if "size.one.n" in chosen else None, wanted, reading)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(READINGS)), st.data())
def test_counts_of_real_patients_are_never_in_conflict(name: str, data: st.DataObject) -> None:
    """Patients drawn first and counted afterwards always have a solution with these counts."""
    reading = READINGS[name]
    kinds = [kind for (kind,) in everybody(1, NAMES, reading.exclusive, reading.any_of)]
    groups = {
        group: data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=30))
        for group in ("one", "two")
    }
    paper = paper_of(
        size=sizes(**{group: len(patients) for group, patients in groups.items()}),
        count=[
            entry
            for group, patients in groups.items()
            for entry in counts(group, **{n: sum(p[n] for p in patients) for n in NAMES})
        ],
    )
    result = answer(paper, reading)
    assert result.possible
    assert_counts(paper, result, reading)


def assert_counts(paper: Paper, result: ReadingAnswer, reading: Reading) -> None:
    """Count every record again, and hold every patient against the reading."""
    for table in result.records:
        assert table["patient"].is_unique
        for entry in paper.count:
            group = table[table["group"] == entry.group]
            if entry.n is not None and len(group):
                assert (group[entry.variable] == entry.level).sum() == int(entry.n), entry.id
        for row in table.to_dict(orient="records"):
            for names in reading.exclusive:
                assert sum(row[name] == "yes" for name in names) <= 1
            for whole, parts in reading.any_of.items():
                assert (row[whole] == "yes") == any(row[part] == "yes" for part in parts)


FIVE = ("gc_only", "gc_ivig_mtx", "gc_mtx", "gc_ivig", "gc_oi")


@pytest.mark.parametrize("name", ["disjoint_any", "disjoint_own"])
def test_disjoint_regimens_do_not_fit_the_reference_study(
    reference_paper: Paper, name: str
) -> None:
    """Table 1: 3 + 10 + 6 + 5 + 4 = 28 of 27, and 4 + 3 + 3 + 5 = 15 of 13 [added by hand]."""
    result = reference_answer(reference_paper, name)
    assert result.possible is False
    assert not result.records
    expected = {f"table1.{row}.non_refractory.n" for row in FIVE}
    assert expected | {"table1.heading.non_refractory.n"} in ids(result)
    fewer = {f"table1.{row}.refractory.n" for row in FIVE if row != "gc_mtx"}
    assert fewer | {"table1.heading.refractory.n"} in ids(result)


def test_the_first_conflicts_are_said_in_words(reference_paper: Paper) -> None:
    """The sentence has the arithmetic; the numbers have their places."""
    result = reference_answer(reference_paper, "disjoint_any")
    assert "add up to 3 + 10 + 6 + 5 + 4 = 28, more than the 27 of the non-refractory group" in (
        result.words()
    )
    assert "3 have it, but these, of which no patient has two, are 3 + 1 = 4" in result.words()
    plain = result.as_dict()
    assert plain["possible"] is False
    assert plain["conflicts"][0]["numbers"][0]["place"].startswith("Table 1, ")


def test_conflicts_of_the_reference_study_are_minimal(reference_paper: Paper) -> None:
    """Every conflict of a sum is above the group, and at most the group without any one."""
    result = reference_answer(reference_paper, "disjoint_own")
    for conflict in result.conflicts:
        numbers = [int(n.printed) for n in conflict.numbers if "heading" not in n.id]
        (size,) = [int(n.printed) for n in conflict.numbers if "heading" in n.id]
        assert sum(numbers) > size >= sum(numbers) - min(numbers)


@pytest.mark.parametrize("name", ["overlapping_any", "overlapping_own"])
def test_overlapping_regimens_have_a_solution_of_all_19_rows(
    reference_paper: Paper, name: str
) -> None:
    """Every count of Table 1 and one of the 8 joint tables, in each of the 8 records."""
    reading = next(reading for reading in reference_paper.reading if reading.id == name)
    result = reference_answer(reference_paper, name)
    assert result.possible is True
    assert len(result.variables) == 19
    assert "one of the 8 joint tables of the model" in result.words()
    assert_counts(reference_paper, result, reading)
    joint = search_model(reference_paper, reference_paper.model[0]).joint
    assert joint is not None
    assert len(result.records) == joint.fits == 8
    for table, pair in zip(result.records, joint.solutions, strict=True):
        for group, cells in zip(joint.groups, pair, strict=True):
            inside = table[table["group"] == group]
            patterns = collections.Counter(
                (int(sex == "male"), int(severe == "yes"), int(ild == "yes"))
                for sex, severe, ild in zip(
                    inside["sex"], inside["severe_weakness"], inside["ild"], strict=True
                )
            )
            assert tuple(patterns[p] for p in joint.patterns) == cells


def test_what_two_rows_have_in_common_is_bounded(reference_paper: Paper) -> None:
    """3 + 1 regimens with methotrexate in 3 patients: exactly one of them has both."""
    result = reference_answer(reference_paper, "overlapping_any")
    pairs = {
        (pair.group, pair.first, pair.second): (pair.low, pair.high)
        for filling in result.fillings
        for pair in filling.together
    }
    assert pairs["refractory", "gc_ivig_mtx", "gc_mtx"] == (1, 1)
    assert pairs["non_refractory", "oi_mtx", "oi_ivig"] == (10, 15)
    assert pairs["refractory", "sex=male", "severe_weakness"] == (3, 5)


def test_a_count_above_its_group_is_a_conflict_of_the_two() -> None:
    """5 of 4: the count and the size, and nothing else."""
    paper = paper_of(size=sizes(one=4, two=3), count=counts("one", a=5) + counts("two", a=1))
    result = answer(paper)
    assert ids(result) == [{"a.one.n", "size.one.n"}]
    assert "a 5 is more than the 4 of the first group" in result.words()


def test_levels_of_a_category_cannot_add_up_to_more_than_the_group() -> None:
    """3 + 2 of 4 patients."""
    entries = counts("one", kind=3) + counts("two", kind=1)
    entries[0]["level"] = entries[1]["level"] = "x"
    entries.append(entries[0] | {"id": "more", "level": "y", "n": "2"})
    result = answer(paper_of(size=sizes(one=4, two=3), count=entries))
    assert ids(result) == [{"kind.one.n", "more.n", "size.one.n"}]
    assert "they are levels of one category" in result.words()


def test_fewer_than_all_levels_leave_patients_without_a_value() -> None:
    """Declared levels that add up to 3 of 4: one patient has none, unless all missing are said."""
    entries = counts("one", kind=2) + counts("two", kind=1)
    entries[0]["level"] = entries[1]["level"] = "x"
    entries.append(entries[0] | {"id": "more", "level": "y", "n": "1"})
    tables = {
        "size": sizes(one=4, two=3), "count": entries, "variables": {"kind": {"levels": ["x", "y"]}}
    }  # fmt: skip
    result = answer(paper_of(**tables))
    (table, *_) = result.records
    assert table.loc[table["group"] == "one", "kind"].isna().sum() == 1
    strict = answer(paper_of(**tables, missing_declared=True))
    assert ids(strict) == [{"kind.one.n", "more.n", "size.one.n"}]


def test_yes_and_no_may_leave_patients_without_a_value() -> None:
    """2 with and 1 without of 4: nothing says that the fourth has a value."""
    entries = counts("one", a=2) + counts("two", a=1)
    entries.append(entries[0] | {"id": "without", "level": "no", "n": "1"})
    (table, *_) = answer(paper_of(size=sizes(one=4, two=3), count=entries)).records
    assert table.loc[table["group"] == "one", "a"].isna().sum() == 1


def test_denominators_and_missing_values_are_kept() -> None:
    """2 of 3 known in the first group, 1 declared missing in the second."""
    entries = counts("one", a=2) + counts("two", a=1)
    entries[0]["of"] = "3"
    missing = [{"id": "m", "place": "Methods", "variable": "a", "group": "two", "n": "1"}]
    paper = paper_of(size=sizes(one=5, two=3), count=entries, missing=missing)
    (table, *_) = answer(paper).records
    assert table.groupby("group")["a"].count().to_dict() == {"one": 3, "two": 2}
    entries[0]["of"] = "6"
    assert ids(answer(paper_of(size=sizes(one=5, two=3), count=entries, missing=missing))) == [
        {"a.one.of", "size.one.n"}
    ]


def test_a_percentage_without_a_count_is_a_demand_too() -> None:
    """66.7% of 3 is 2 patients; 50.0% of 3 is nobody's."""
    entries = counts("one", a=1) + counts("two", a=1)
    del entries[0]["n"]
    (table, *_) = answer(
        paper_of(size=sizes(one=3, two=3), count=[entries[0] | {"percent": "66.7"}, entries[1]])
    ).records
    assert (table["a"] == "yes").sum() == 3
    result = answer(
        paper_of(size=sizes(one=3, two=3), count=[entries[0] | {"percent": "50.0"}, entries[1]])
    )
    assert ids(result) == [{"a.one.percent", "size.one.n"}]


@pytest.mark.parametrize(("everywhere", "good"), [(3, True), (4, False), (2, False)])
def test_counts_of_all_are_those_of_the_parts(everywhere: int, good: bool) -> None:
    """2 of the first and 1 of the second group are 3 of all."""
    paper = paper_of(
        size=sizes(one=4, two=3, all=7),
        count=counts("one", a=2) + counts("two", a=1) + counts("all", a=everywhere),
    )
    result = answer(paper)
    assert result.possible is good
    assert all("a.all.n" in conflict for conflict in ids(result))


def test_a_wider_group_only_limits() -> None:
    """Of 10 enrolled 3 to 5 more than the 7 compared can have it, not fewer and not more."""
    groups = {name: {"label": name} for name in ("all", "one", "two", "wide", "rest")}
    partitions = [
        {"whole": "wide", "parts": ["all", "rest"]}, {"whole": "all", "parts": ["one", "two"]}
    ]  # fmt: skip
    for everywhere, good in ((2, False), (3, True), (6, True), (7, False)):
        paper = paper_of(
            groups=groups, partitions=partitions, size=sizes(one=4, two=3, wide=10),
            count=counts("one", a=2) + counts("two", a=1) + counts("wide", a=everywhere),
        )  # fmt: skip
        assert answer(paper).possible is good, everywhere


def test_rows_can_conflict_with_a_model() -> None:
    """Odds ratios that need a patient with both terms, and a reading that allows none.

    Of the 12 joint tables with these counts, 3 have the odds ratios 2.77 and 1.32; in each of
    them a patient of the second group has both terms [all 12 fitted once].
    """
    paper = paper_of(
        size=sizes(one=8, two=8),
        count=counts("one", a=2, b=2) + counts("two", a=4, b=3),
        model=[MODEL],
    )
    found = search_model(paper, paper.model[0])
    assert found.joint is not None
    assert (found.joint.candidates, found.joint.fits) == (12, 3)
    joint = Joint(found.joint, numbers_behind(paper, paper.model[0]))
    assert answer(paper, AS_PRINTED, joint).possible is True
    apart = Reading(id="apart", label="apart", exclusive=(("a", "b"),))
    assert answer(paper, apart).possible is True
    result = answer(paper, apart, joint)
    assert ids(result) == [set(numbers_behind(paper, paper.model[0]))]
    assert "the odds ratios of a, b with the counts they rest on" in result.words()


def test_a_reading_of_rows_that_are_not_there_is_refused() -> None:
    """The message names the reading and the groups."""
    paper = paper_of(size=sizes(one=4, two=3), count=counts("one", a=1) + counts("two", a=1))
    with pytest.raises(RebuildError, match="'apart' names rows without a printed count"):
        answer(paper, READINGS["apart"])


def test_a_reading_of_a_category_says_why_it_is_not_searched() -> None:
    """Sex is no yes/no row."""
    entries = counts("one", a=1, sex=2) + counts("two", a=1)
    entries[1]["level"] = "male"
    paper = paper_of(size=sizes(one=4, two=3), count=entries)
    result = answer(paper, Reading(id="r", label="r", exclusive=(("a", "sex"),)))
    assert result.possible is None
    assert "sex has the levels male, not male" in result.words()


def test_many_rows_that_exclude_each_other_are_searched() -> None:
    """20 regimens of which a patient has one or none: 21 profiles, and they need 20 patients."""
    names = tuple(f"row{i}" for i in range(20))
    reading = Reading(id="r", label="r", exclusive=(names,))
    for size, good in ((20, True), (19, False)):
        paper = paper_of(
            size=sizes(one=size, two=3),
            count=counts("one", **dict.fromkeys(names, 1)) + counts("two", row0=1),
        )
        assert answer(paper, reading).possible is good


def test_too_many_rows_that_hang_together_are_said() -> None:
    """Thirteen rows summed up by a fourteenth have more profiles than are gone through."""
    names: Sequence[str] = [f"row{i}" for i in range(13)]
    paper = paper_of(
        size=sizes(one=4, two=3),
        count=[
            entry
            for group in ("one", "two")
            for entry in counts(group, **dict.fromkeys((*names, "total"), 1))
        ],
    )
    result = answer(paper, Reading(id="r", label="r", any_of={"total": tuple(names)}))
    assert result.possible is None
    assert "too many to be searched" in result.why
