"""Measurable entry criteria of NCT04025632."""

from __future__ import annotations

import itertools

import pytest
from pydantic import ValidationError

from myocohort.errors import InputError
from myocohort.outcomes.imnm_entry import Parameters, Screened, definition, score


def decided(srp, hmgcr, mrc, ck, **parameters):
    """Decide one patient."""
    return score(Screened("P1", srp, hmgcr, mrc, ck), Parameters(**parameters))


@pytest.mark.parametrize(
    ("patient", "category", "met"),
    [
        ((True, False, "4", 1001), "met", 3),
        ((False, True, "3", 5000), "met", 3),
        ((False, False, "3", 5000), "not met", 2),
        ((True, False, "4", 1000), "not met", 2),  # above 1000 U/L, not from 1000
        ((True, False, "4", "1000.1"), "met", 3),
        ((True, False, "4+", 5000), "not met", 2),
        ((True, False, "4-", 5000), "met", 3),
        ((True, True, "5", 100), "not met", 1),
    ],
)
def test_criteria(patient, category, met):
    """Antibody, grade 4 or less and CK above 1000 U/L must all be met."""
    found = decided(*patient)
    assert (found.category, found.value) == (category, met)


@pytest.mark.parametrize(
    ("patient", "missing"),
    [
        ((None, False, "3", 5000), "anti-SRP"),
        ((None, None, "3", 5000), "anti-SRP and anti-HMGCR"),
        ((True, None, None, 5000), "weakest proximal MRC"),
        ((True, None, "3", None), "CK"),
    ],
)
def test_what_is_missing_leaves_it_open(patient, missing):
    """One positive antibody is enough; anything else that is missing is named."""
    found = decided(*patient)
    assert found.categories == ("not met", "met")
    assert found.missing == (missing,)
    assert found.statement == f"cannot be decided (missing: {missing})"


def test_a_failed_criterion_settles_it_whatever_is_missing():
    """Normal strength is not met, with antibodies and CK missing."""
    found = decided(None, None, "5", None)
    assert found.category == "not met"
    assert found.statement == "not met: MRC 4 or less in a proximal limb group"
    assert (found.low, found.high) == (0, 2)


def test_whether_4_plus_counts_is_a_parameter():
    """Set to 4+, the grade 4+ counts, and the definition says so."""
    assert decided(True, None, "4+", 5000, mrc_at_most="4+").category == "met"
    assert "MRC 4+ or less" in definition(Parameters(mrc_at_most="4+"))[0]
    with pytest.raises(ValidationError):
        Parameters(mrc_at_most="7")


def test_impossible_values_are_refused():
    """A Kendall grade as MRC code and a negative CK are two problems with their next step."""
    with pytest.raises(InputError) as error:
        decided(True, True, "9", -3)
    assert [problem.column for problem in error.value.problems] == [
        "weakest_proximal_mrc",
        "ck_u_per_l",
    ]


def test_what_is_decided_stays_decided():
    """Filling in what is missing never contradicts a decision, over all combinations."""
    known = {0: (True, False), 1: (True, False), 2: ("3", "5"), 3: (500, 5000)}
    for case in itertools.product(*((*values, None) for values in known.values())):
        found = decided(*case)
        filled = [known[i] if value is None else (value,) for i, value in enumerate(case)]
        closed = {decided(*full).category for full in itertools.product(*filled)}
        assert closed == set(found.categories)
