"""The IMACS core set measures of one visit."""

from __future__ import annotations

from fractions import Fraction

from myocohort.outcomes.core_set import MEASURES, CoreSet, Enzyme, Measured


def test_an_empty_core_set_names_six_missing_measures():
    """What is missing is said by name, in the order of the core set."""
    assert CoreSet().missing == tuple(MEASURES)


def test_a_measure_keeps_its_denominator():
    """An MMT of 76 of 80 and one of 76 of 150 are different shares, exactly."""
    assert Measured(76, 80).share == Fraction(19, 20)
    assert Measured("0.3", 3).share == Measured(0.3, 3).share == Fraction(1, 10)
    assert str(Measured(76, 80)) == "76 of 80"


def test_an_enzyme_without_its_limit_is_missing():
    """A CK of 4000 says nothing without the limit of its laboratory."""
    measures = CoreSet(haq=Measured(1, 3), enzymes=(Enzyme("CK", 4000, None),))
    assert "enzyme" in measures.missing
    assert "haq" not in measures.missing
    assert Enzyme("CK", 4000, 200).times_limit == 20
    assert "enzyme" not in CoreSet(enzymes=(Enzyme("CK", 0, 200),)).missing


def test_problems_name_the_visit_and_do_not_stop_at_the_first():
    """Two impossible values are two problems with their visit."""
    found = CoreSet(haq=Measured(4, 3), extramuscular=Measured(5, "ten")).problems("month 6")
    assert [problem.column for problem in found] == ["haq", "extramuscular"]
    assert all("month 6" in problem.rule for problem in found)
