from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.errors import RebuildError
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import interval
from myocohort.papers.rebuild.demography import solve_outcome_model
from myocohort.papers.rebuild.joint import (
    Margins,
    count_tables,
    fit_sizes,
    list_tables,
    patterns_of,
    solve_joint,
)
from myocohort.stats.separation import detect_separation

# Zhao 2020, Table 1: men, severe weakness and ILD of 27 and of 13 patients.
NON_REFRACTORY = Margins("non_refractory", 27, (5, 9, 6))
REFRACTORY = Margins("refractory", 13, (6, 8, 9))
TERMS = ("sex=male", "severe_weakness", "ild")
# ../shared/references/statistics.md, "The reference study's own model" [enumerated]
SIZES = (9, 8, 8, 4, 5, 1, 3, 2)


def test_the_reference_model_has_eight_solutions(reference_paper: Paper) -> None:
    """31,000 tables have the margins, 8 the odds ratios, all 8 the same pattern sizes."""
    joint = solve_outcome_model(reference_paper)
    assert (joint.candidates, joint.fits, joint.pattern_sizes) == (31_000, 8, SIZES)
    assert joint.terms == TERMS
    assert joint.groups == ("non_refractory", "refractory")
    assert joint.patterns == tuple(itertools.product((0, 1), repeat=3))
    assert len(set(joint.solutions)) == 8


def test_every_solution_has_the_margins() -> None:
    """Each pair of tables adds up to the printed counts of both groups."""
    joint = solve_joint(TERMS, NON_REFRACTORY, REFRACTORY, [interval(t) for t in _PRINTED])
    patterns = np.array(joint.patterns)
    for pair in joint.solutions:
        for cells, margins in zip(pair, (NON_REFRACTORY, REFRACTORY), strict=True):
            assert sum(cells) == margins.size
            assert tuple(np.array(cells) @ patterns) == margins.having
        assert tuple(np.sum(pair, axis=0)) == SIZES


_PRINTED = ("19.57", "7.51", "39.70")


def test_coefficients_are_those_of_r() -> None:
    """R: glm(refractory ~ male + severe + ild, binomial) on the pattern sizes (statistics.md)."""
    b, converged = fit_sizes(np.array([SIZES]), np.array([13.0, 6, 8, 9]))
    assert converged.all()
    np.testing.assert_allclose(b[0, 1:], [2.973841, 2.015698, 3.681415], atol=5e-7)


def test_separated_tables_are_those_without_a_fit() -> None:
    """Newton gives up exactly where linear programming finds the outcome separated."""
    first, second = list_tables(NON_REFRACTORY), list_tables(REFRACTORY)
    rng = np.random.default_rng(5)
    X = np.column_stack([np.ones(8), np.array(patterns_of(3))])
    for _ in range(60):
        without, having = first[rng.integers(len(first))], second[rng.integers(len(second))]
        _, converged = fit_sizes((without + having)[None, :], np.array([13.0, 6, 8, 9]))
        rows = np.concatenate([np.repeat(X, without, axis=0), np.repeat(X, having, axis=0)])
        y = np.repeat([0.0, 1.0], [27, 13])
        separated = _is_separated(rows, y)
        assert bool(converged[0]) is not separated


def _is_separated(X: np.ndarray, y: np.ndarray) -> bool:
    return detect_separation(X[:, 1:], y, TERMS).kind != "none"


def test_more_separated_candidates_than_none(reference_paper: Paper) -> None:
    """1,378 of the 31,000 have no fit: so many linear programmes say too [run once]."""
    assert solve_outcome_model(reference_paper).separated == 1378


def test_swapping_the_groups_inverts_the_odds_ratios() -> None:
    """The same 8 pairs come out, the other way round, for the reciprocal odds ratios."""
    there = solve_joint(TERMS, NON_REFRACTORY, REFRACTORY, [interval(t) for t in _PRINTED])
    inverse = []
    for text in _PRINTED:
        allowed = interval(text)
        assert allowed.low is not None
        assert allowed.high is not None
        inverse.append(type(allowed)(1 / allowed.high, 1 / allowed.low))
    back = solve_joint(TERMS, REFRACTORY, NON_REFRACTORY, inverse)
    assert {pair[::-1] for pair in back.solutions} == set(there.solutions)


def test_the_order_of_the_terms_does_not_matter() -> None:
    """With the terms reversed, the same tables come out with reversed patterns."""
    there = solve_joint(TERMS, NON_REFRACTORY, REFRACTORY, [interval(t) for t in _PRINTED])
    back = solve_joint(
        TERMS[::-1],
        Margins("non_refractory", 27, (6, 9, 5)),
        Margins("refractory", 13, (9, 8, 6)),
        [interval(t) for t in _PRINTED[::-1]],
    )
    order = [back.patterns.index(pattern[::-1]) for pattern in there.patterns]
    turned = {tuple(tuple(cells[i] for i in order) for cells in pair) for pair in back.solutions}
    assert turned == set(there.solutions)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 6), st.data())
def test_tables_are_all_and_counted(size: int, data: st.DataObject) -> None:
    """Listing and counting agree with trying every table of up to 6 patients."""
    terms = data.draw(st.integers(2, 3))
    having = tuple(data.draw(st.integers(0, size)) for _ in range(terms))
    margins = Margins("group", size, having)
    patterns = np.array(patterns_of(terms))
    every = (
        np.bincount(chosen, minlength=len(patterns))
        for chosen in itertools.combinations_with_replacement(range(len(patterns)), size)
    )
    expected = {tuple(cells) for cells in every if tuple(cells @ patterns) == having}
    listed = [tuple(cells) for cells in list_tables(margins)]
    assert set(listed) == expected
    assert len(listed) == count_tables(margins) == len(expected)


def test_the_search_as_plain_types(reference_paper: Paper) -> None:
    """For JSON: numbers, patterns by name, and a sentence."""
    plain = solve_outcome_model(reference_paper).as_dict()
    assert plain["patterns"] == dict(
        zip(("000", "001", "010", "011", "100", "101", "110", "111"), SIZES, strict=True)
    )
    assert plain["note"].startswith("31,000 joint tables of sex=male, severe_weakness, ild")
    assert len(plain["solutions"]) == plain["fits"] == 8


@pytest.mark.parametrize(
    ("without", "having", "said"),
    [
        (Margins("a", 27, (5, 28, 6)), REFRACTORY, "severe_weakness: 28 of 27"),
        (NON_REFRACTORY, Margins("b", 13, (6, 8)), "2 counts for 3 terms"),
        (NON_REFRACTORY, Margins("b", 13, (0, 8, 9)), "none of the"),
        (Margins("a", 60, (20, 24, 30)), Margins("b", 40, (9, 20, 9)), "more than the 2,000,000"),
        (Margins("a", 400, (99, 150, 200)), REFRACTORY, "group 'a' is too large"),
    ],
)
def test_margins_without_tables_say_why(without: Margins, having: Margins, said: str) -> None:
    """Counts above the group, counts missing, no fit, too many tables: each is an error."""
    with pytest.raises(RebuildError) as error:
        solve_joint(TERMS, without, having, [interval(t) for t in _PRINTED])
    assert said in str(error.value)


def test_one_term_is_refused() -> None:
    """A single margin leaves nothing to be joined."""
    with pytest.raises(RebuildError, match="2 to 4 binary terms"):
        solve_joint(["a"], Margins("x", 5, (2,)), Margins("y", 5, (2,)), [interval("1.00")])
