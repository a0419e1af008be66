"""Entry criteria of the RIM trial (Oddis 2013), another construct than `refractory`."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from myocohort.errors import InputError
from myocohort.outcomes import RULES
from myocohort.outcomes.core_set import CoreSet, Enzyme, Measured
from myocohort.outcomes.rim_entry import RIM_ENTRY, Parameters, Treated, definition, score

NORMAL = CoreSet(
    Measured(0, 10), Measured(0, 10), Measured(125, 150), Measured(0, 3), Measured(0, 10),
    (Enzyme("CK", 100, 200),),
)  # fmt: skip
TWO = replace(NORMAL, physician_global=Measured(2, 10), haq=Measured("0.25", 3))


def decided(measures, population="adult", first=True, second=True, **parameters):
    """Decide a patient whom both treatments failed, unless said otherwise."""
    return score(Treated("P1", population, first, second, measures), Parameters(**parameters))


def test_weak_adults_with_two_other_abnormal_measures_meet_the_criteria():
    """MMT8 125 of 150, physician 2 of 10 and HAQ 0.25 of 3, each exactly on its limit."""
    found = decided(TWO)
    assert (found.category, found.value, found.statement) == ("met", 4, "met")


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({"mmt": Measured(126, 150)}, "MMT8 at most 125 of 150"),
        ({"haq": Measured("0.24", 3)}, "at least 2 other abnormal core set measures"),
        ({"physician_global": Measured("1.9", 10)}, "at least 2 other abnormal core set measures"),
    ],
)
def test_one_criterion_that_fails_settles_it(change, label):
    """Just beyond a limit is not met, and the criterion is named."""
    found = decided(replace(TWO, **change))
    assert (found.category, found.value, found.statement) == ("not met", 3, f"not met: {label}")


@pytest.mark.parametrize(
    "abnormal",
    [{"patient_global": Measured(20, 100)}, {"extramuscular": Measured(1, 10)},
     {"enzymes": (Enzyme("CK", 100, 200), Enzyme("ALT", 52, 40))}],
)  # fmt: skip
def test_each_other_measure_can_be_the_second(abnormal):
    """20 of 100 mm, extramuscular 1 of 10, and one enzyme at 1.3 times its limit are abnormal."""
    one = replace(NORMAL, physician_global=Measured(5, 10))
    assert decided(one).category == "not met"
    assert decided(replace(one, **abnormal)).category == "met"


def test_juveniles_need_three_abnormal_measures_weak_or_not():
    """Weakness is one of three in juveniles, and three others do without it."""
    assert decided(TWO, "juvenile").category == "met"
    strong = replace(TWO, mmt=Measured(150, 150))
    assert decided(strong, "juvenile").category == "not met"
    assert decided(replace(strong, patient_global=Measured(3, 10)), "juvenile").category == "met"


def test_treatment_must_have_failed():
    """A response to either treatment settles it, even where all else is missing."""
    assert decided(TWO, first=False).category == "not met"
    found = decided(CoreSet(), population=None, second=False, first=None)
    assert found.category == "not met"
    assert found.statement == (
        "not met: intolerance of or inadequate response to another immunosuppressant"
    )


@pytest.mark.parametrize(
    ("measures", "options", "missing"),
    [
        (TWO, {"second": None}, "response to another immunosuppressant"),
        (replace(TWO, mmt=None), {}, "MMT8 out of 150"),
        (replace(TWO, mmt=Measured(60, 80)), {}, "MMT8 out of 150 (it was taken out of 80)"),
        (replace(TWO, haq=None), {}, "HAQ"),
        (replace(TWO, haq=None, enzymes=(Enzyme("CK", None, 200),)), {}, "HAQ, muscle enzyme"),
        (replace(NORMAL, haq=Measured(3, 3),
                 enzymes=(Enzyme("CK", 100, 200), Enzyme("ALT", None, 40))), {}, "muscle enzyme"),
        (replace(TWO, mmt=Measured(150, 150), haq=None), {"population": "juvenile"}, None),
        (replace(TWO, mmt=Measured(126, 150), patient_global=Measured(9, 10)),
         {"population": None}, "adult or juvenile"),
    ],
)  # fmt: skip
def test_what_is_missing_leaves_it_open(measures, options, missing):
    """Undecided names what is missing; where it makes no difference, the rule decides."""
    found = decided(measures, **options)
    if missing is None:
        assert found.category == "not met"  # one abnormal and one not known are not three
        return
    assert found.category is None
    assert found.categories == ("not met", "met")
    expected = f"cannot be decided (missing: {missing})"
    assert found.statement == expected


def test_a_missing_measure_that_makes_no_difference_does_not_matter():
    """Two abnormal measures are two, whatever a third that is missing would have been."""
    found = decided(replace(TWO, patient_global=None))
    assert found.category == "met"
    assert decided(TWO, None).category == "met"  # the criteria of adults and juveniles agree


def test_limits_from_memory_are_said_and_others_need_a_source():
    """The default limits come with a note; replacing them asks for where they were read."""
    assert "not checked" in decided(TWO).notes[0]
    with pytest.raises(ValidationError, match="need their own `source`"):
        Parameters(haq_at_least=1)
    found = decided(TWO, haq_at_least=1, source="protocol, section 4", checked=True)
    assert found.category == "not met"
    assert found.notes == ()
    text = " ".join(definition(Parameters(haq_at_least=1, source="protocol, section 4")))
    assert "HAQ of at least 1 " in text
    assert "protocol, section 4" in text


def test_it_is_not_the_refractory_of_the_reference_study():
    """The construct has its own name and label, and no outcome rule is called so."""
    assert "rim_entry" not in RULES
    assert "refractory" not in RIM_ENTRY.label.lower()
    assert "refractory" not in decided(TWO).statement


def test_impossible_values_are_refused():
    """An MMT beyond its denominator and an unknown population are refused together."""
    with pytest.raises(InputError) as error:
        decided(replace(TWO, mmt=Measured(160, 150)), population="dog")
    assert [problem.column for problem in error.value.problems] == ["mmt", "population"]


tri_state = st.sampled_from([True, False, None])


@given(
    tri_state, tri_state, st.sampled_from(["adult", "juvenile", None]),
    st.sets(st.sampled_from([field.name for field in fields(CoreSet)])),
    st.lists(st.booleans(), min_size=6, max_size=6),
)  # fmt: skip
def test_what_is_decided_stays_decided(first, second, population, names, abnormal):
    """Filling in what is missing never contradicts a decision that was made without it."""
    ill = CoreSet(
        Measured(5, 10), Measured(5, 10), Measured(100, 150), Measured(2, 3), Measured(5, 10),
        (Enzyme("CK", 900, 200),),
    )  # fmt: skip
    strong = replace(NORMAL, mmt=Measured(150, 150))
    listed = [field.name for field in fields(CoreSet)]
    full = CoreSet(
        **{
            name: getattr(ill if bad else strong, name)
            for name, bad in zip(listed, abnormal, strict=True)
        }
    )
    blank = replace(full, **{name: () if name == "enzymes" else None for name in names})
    found = decided(blank, population, first, second)
    for one in (True, False) if first is None else (first,):
        for two in (True, False) if second is None else (second,):
            for who in ("adult", "juvenile") if population is None else (population,):
                assert decided(full, who, one, two).category in found.categories
