"""The total improvement score; vignettes calculated by hand from Rider 2017, Table 3.

The table, as printed (percentages are of the range of the measure, upper bounds inclusive):

                    to 5 %   >5-15   >15-25   >25-40   >40
physician global      0       7.5     15       17.5     20
patient global        0       2.5      5        7.5     10
HAQ                   0       5        7.5      7.5     10
enzyme                0       2.5      5        7.5      7.5
extramuscular         0       7.5     12.5     15       20
                    to 2 %   >2-10   >10-20   >20-30   >30
MMT                   0      10       20       27.5     32.5

Adults: minimal from 20, moderate from 40, major from 60; juveniles from 30, 45, 70.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from myocohort.errors import InputError
from myocohort.outcomes.core_set import ENZYMES, MEASURES, CoreSet, Enzyme, Measured
from myocohort.outcomes.total_improvement import (
    CATEGORIES,
    CoreSetChange,
    Parameters,
    category,
    definition,
    points,
    score,
)

DENOMINATORS = {
    "physician_global": 10, "patient_global": 10, "mmt": 150, "haq": 3, "extramuscular": 10,
}  # fmt: skip


def ck(value, limit=200):
    """Return a CK with an upper limit of 200 U/L."""
    return Enzyme("CK", value, limit)


CK = ck(400)


def core(physician=5, patient=5, mmt=100, haq=1, extramuscular=5, enzymes=(CK,), mmt_of=150):
    """Return a core set on scales of 10, 10, 150, 3 and 10, with CK twice its limit."""
    given = {
        "physician_global": physician,
        "patient_global": patient,
        "mmt": mmt,
        "haq": haq,
        "extramuscular": extramuscular,
    }
    tops = {**DENOMINATORS, "mmt": mmt_of}
    scales = {
        name: None if value is None else Measured(value, tops[name])
        for name, value in given.items()
    }
    return CoreSet(**scales, enzymes=tuple(enzymes))


def scored(before, after, population="adult", **parameters):
    """Score a change."""
    change = CoreSetChange("P1", before, after, population)
    return score(change, Parameters(**parameters))


ACTIVE = core(6, 5, 120, 1.5, 3, [ck(4000)])
BETTER = core(3, 3, 141, 0.75, 1, [ck(1000)])

VIGNETTES = [
    # 1. Nothing changes: six times 0.
    (core(), core(), 0, "below minimal", "below minimal"),
    # 2. Physician 6 to 3: 30 %, 17.5. Patient 5 to 3: 20 %, 5. MMT 120 to 141: 21/150 = 14 %, 20.
    #    HAQ 1.5 to 0.75: 0.75/3 = 25 %, 7.5. CK 20 to 5 times: 15/15 = 100 %, 7.5.
    #    Extramuscular 3 to 1: 20 %, 12.5. Sum 17.5+5+20+7.5+7.5+12.5 = 70.
    (ACTIVE, BETTER, 70, "major", "major"),
    # 3. Every value on a boundary belongs to the lower bin. Physician 5 to 4.5: 5 %, 0. Patient
    #    5 to 3.5: 15 %, 2.5. MMT 60 to 68 of 80: 10 %, 10. HAQ 1.75 to 1: 25 %, 7.5. CK 2 to 1.25
    #    times: 0.75/15 = 5 %, 0. Extramuscular 6 to 2: 40 %, 15. Sum 2.5+10+7.5+15 = 35.
    (core(5, 5, 60, 1.75, 6, [ck(400)], 80), core(4.5, 3.5, 68, 1, 2, [ck(250)], 80),
     35, "minimal", "minimal"),
    # 4. Just above them. Physician 5 to 4.49: 5.1 %, 7.5. Patient 5 to 3.49: 15.1 %, 5. MMT 100 to
    #    127 of 260: 10.4 %, 20. HAQ 1.75 to 0.99: 25.3 %, 7.5. CK 2 to 1.245 times: 0.755/15 =
    #    5.03 %, 2.5. Extramuscular 6 to 1.99: 40.1 %, 20. Sum 7.5+5+20+7.5+2.5+20 = 62.5.
    (core(5, 5, 100, 1.75, 6, [ck(400)], 260), core(4.49, 3.49, 127, 0.99, 1.99, [ck(249)], 260),
     62.5, "major", "moderate"),
    # 5. Everything worse: worsening is in the lowest bin, six times 0.
    (core(), core(8, 8, 80, 2, 8, [ck(4000)]), 0, "below minimal", "below minimal"),
    # 6. Only MMT, 100 to 120: 20/150 = 13.3 %, 20. Exactly the adult minimum.
    (core(), core(mmt=120), 20, "minimal", "below minimal"),
    # 7. MMT 20, and patient 5 to 0.9: 41 %, 10. Sum 30, exactly the juvenile minimum.
    (core(), core(patient=0.9, mmt=120), 30, "minimal", "minimal"),
    # 8. MMT 100 to 140: 26.7 %, 27.5; physician 5 to 2.2: 28 %, 17.5. Sum 45, juvenile moderate.
    (core(), core(physician=2.2, mmt=140), 45, "moderate", "moderate"),
    # 9. Physician 5 to 0: 50 %, 20; extramuscular 5 to 0: 50 %, 20; MMT 120: 20. Sum 60.
    (core(), core(physician=0, extramuscular=0, mmt=120), 60, "major", "moderate"),
    # 10. Physician 20 and extramuscular 20 only: sum 40, exactly the adult moderate.
    (core(), core(physician=0, extramuscular=0), 40, "moderate", "minimal"),
    # 11. Everything from worst to best: 20+10+32.5+10+7.5+20 = 100.
    (core(10, 10, 0, 3, 10, [ck(3200)]), core(0, 0, 150, 0, 0, [ck(100)]), 100, "major", "major"),
    # 12. Gains are not taken off by losses: MMT 100 to 150: 33.3 %, 32.5; all else worse, 0.
    (core(), core(8, 8, 150, 2, 8, [ck(4000)]), 32.5, "minimal", "minimal"),
    # 13. Near the juvenile moderate from below: MMT 32.5 (100 to 150), and HAQ 2 to 1.1: 30 %,
    #     7.5, and CK 2 to 1 times: 1/15 = 6.7 %, 2.5. Sum 42.5.
    (core(haq=2), core(mmt=150, haq=1.1, enzymes=[ck(200)]), 42.5, "moderate", "minimal"),
    # 14. HAQ has the same points in two bins: 2 to 1.4: 20 %, 7.5; enzyme too: CK 32 to 1 times:
    #     31/15 > 40 %, 7.5. Sum 15.
    (core(haq=2, enzymes=[ck(6400)]), core(haq=1.4, enzymes=[ck(200)]),
     15, "below minimal", "below minimal"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected", "adult", "juvenile"), VIGNETTES)
def test_vignettes(before, after, expected, adult, juvenile):
    """Each case has the total and the categories that Table 3 of Rider 2017 gives by hand."""
    grown = scored(before, after)
    assert grown.value == Fraction(str(expected))
    assert grown.category == adult
    assert scored(before, after, "juvenile").category == juvenile
    assert grown.missing == ()


# 15. Vignette 2 (70) without patient global (5 there): 65 and 0 to 10 more.
# 16. Vignette 2 without MMT at follow-up: 50 without it. From 120 of 150 it can reach 150: 30/150 =
#     20 %, 20 points. So 50 to 70.
# 17. Vignette 2 without HAQ at baseline: 62.5 without it. From 3 to 0.75 at most: 75 %, 10.
# 18. Vignette 2 without physician global at follow-up: 52.5 without it; 6 to 0 is 60 %, 20.
# 19. Vignette 2 without extramuscular at baseline: 57.5; 10 to 1 is 90 %, 20.
# 20. Vignette 2 without CK at follow-up: 62.5; 20 times the limit to 0 gives 7.5.
# 21. Near the top of its scale: MMT 141 of 150 can only gain 6 %, 10; nothing else changes.
# 22. Nothing at all: 0 to 100.
MISSING = [
    (replace(ACTIVE, patient_global=None), replace(BETTER, patient_global=None),
     65, 75, ("major",), ("moderate", "major"),
     "patient global activity at baseline and follow-up"),
    (ACTIVE, replace(BETTER, mmt=None), 50, 70, ("moderate", "major"), ("moderate", "major"),
     "manual muscle test at follow-up"),
    (replace(ACTIVE, haq=None), BETTER, 62.5, 72.5, ("major",), ("moderate", "major"),
     "HAQ at baseline"),
    (ACTIVE, replace(BETTER, physician_global=None), 52.5, 72.5, ("moderate", "major"),
     ("moderate", "major"), "physician global activity at follow-up"),
    (replace(ACTIVE, extramuscular=None), BETTER, 57.5, 77.5, ("moderate", "major"),
     ("moderate", "major"), "extramuscular activity at baseline"),
    (ACTIVE, replace(BETTER, enzymes=()), 62.5, 70, ("major",), ("moderate", "major"),
     "CK at follow-up"),
    (core(mmt=141), replace(core(), mmt=None), 0, 10, ("below minimal",), ("below minimal",),
     "manual muscle test at follow-up"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "low", "high", "adult", "child", "missing"), MISSING)
def test_vignettes_with_a_missing_measure(before, after, low, high, adult, child, missing):
    """A missing measure gives a range, its name, and a category only where all of it lies."""
    found = scored(before, after)
    assert (found.low, found.high) == (Fraction(str(low)), Fraction(str(high)))
    assert found.categories == adult
    assert scored(before, after, "juvenile").categories == child
    assert found.missing == (missing,)
    assert missing in found.statement


def test_without_any_measure_everything_is_possible():
    """Nothing recorded is a score of 0 to 100 with six missing items, and not 0."""
    found = scored(CoreSet(), CoreSet())
    assert (found.low, found.high, found.value) == (0, 100, None)
    assert found.categories == CATEGORIES
    assert found.category is None
    assert len(found.missing) == 6
    assert found.statement.startswith("between below minimal and major (0 to 100 of 100; missing:")


def test_the_range_in_words():
    """A range over two categories says between which."""
    found = scored(ACTIVE, replace(BETTER, mmt=None))
    assert found.statement == (
        "between moderate and major (50 to 70 of 100; missing: manual muscle test at follow-up)"
    )
    assert scored(ACTIVE, BETTER).statement == "major (70 of 100)"


def test_not_knowing_whether_adult_or_juvenile_tries_both():
    """62.5 is major in an adult and moderate in a juvenile: undecided; 70 is major in both."""
    before, after = VIGNETTES[3][:2]
    found = scored(before, after, None)
    assert found.value == Fraction("62.5")
    assert found.categories == ("moderate", "major")
    assert "adult or juvenile" in found.statement
    assert scored(ACTIVE, BETTER, None).category == "major"


@pytest.mark.parametrize(
    ("gain", "expected"),
    [(3, 0), ("3.01", 10), (15, 10), ("15.01", 20), (30, 20), ("30.01", 27.5), (45, 27.5),
     ("45.01", 32.5), (-20, 0)],
)  # fmt: skip
def test_bounds_of_mmt(gain, expected):
    """2, 10, 20 and 30 percent of 150 are 3, 15, 30 and 45, and belong to the lower bin."""
    found = scored(core(), core(mmt=100 + Fraction(gain)))
    assert found.value == Fraction(str(expected))


@pytest.mark.parametrize(
    ("percent", "bin_of"),
    [(-100, 0), (0, 0), (5, 0), ("5.001", 1), (15, 1), ("15.001", 2), (25, 2), ("25.001", 3),
     (40, 3), ("40.001", 4), (400, 4)],
)  # fmt: skip
def test_bounds_of_the_other_measures(percent, bin_of):
    """5, 15, 25 and 40 percent belong to the lower bin, in each of five measures."""
    table = {
        "physician_global": [0, 7.5, 15, 17.5, 20],
        "patient_global": [0, 2.5, 5, 7.5, 10],
        "haq": [0, 5, 7.5, 7.5, 10],
        "enzyme": [0, 2.5, 5, 7.5, 7.5],
        "extramuscular": [0, 7.5, 12.5, 15, 20],
    }
    for measure, expected in table.items():
        assert points(measure, Fraction(percent)) == Fraction(str(expected[bin_of]))


def test_thresholds_belong_to_the_higher_category():
    """20, 40 and 60 in adults; 30, 45 and 70 in juveniles; half a point less is below."""
    for population, limits in (("adult", (20, 40, 60)), ("juvenile", (30, 45, 70))):
        for index, limit in enumerate(limits):
            assert category(Fraction(limit), population) == CATEGORIES[index + 1]
            assert category(limit - Fraction(1, 2), population) == CATEGORIES[index]


def test_a_boundary_is_exact():
    """1.1 to 0.6 of 10 is 5 % and no point; in binary it is a little more (0.5000000000000001)."""
    assert 1.1 - 0.6 > 0.5
    assert scored(core(physician=1.1), core(physician=0.6)).value == 0


def test_the_scale_of_an_analogue_scale_does_not_matter():
    """60 of 100 mm to 3 of 10 cm is 30 %, 17.5 points."""
    before = replace(core(), physician_global=Measured(60, 100))
    assert scored(before, core(physician=3)).value == Fraction("17.5")


def test_the_most_abnormal_enzyme_at_baseline_counts():
    """ALT 5 times its limit goes before CK twice: 5 to 2.5 times, 2.5/3 = 83 %, 7.5 points."""
    before = core(enzymes=[ck(400), Enzyme("ALT", 200, 40)])
    after = core(enzymes=[ck(400), Enzyme("ALT", 100, 40)])
    found = scored(before, after)
    assert found.value == Fraction("7.5")
    assert "83.3333% better" in found.items[4].evidence
    assert scored(before, after, enzyme="CK").value == 0


def test_each_laboratory_has_its_own_limit():
    """CK 800 of 200 (4 times) to 800 of 400 (twice): 2/15 = 13.3 %, 2.5 points."""
    assert scored(core(enzymes=[ck(800)]), core(enzymes=[ck(800, 400)])).value == Fraction("2.5")


def test_an_enzyme_without_baseline_leaves_open_which_one_counts():
    """A planned CK that is missing may have been the most abnormal: 0 to 7.5 points."""
    alt = Enzyme("ALT", 200, 40)
    for missing in (ck(None), ck(400, None)):
        found = scored(core(enzymes=[missing, alt]), core(enzymes=[ck(100), alt]))
        assert (found.low, found.high) == (0, Fraction("7.5"))
        assert "CK at baseline" in found.missing[0]


def test_an_enzyme_that_must_stay_high_narrows_the_range():
    """CK 2 times its limit can fall by 2/15 = 13.3 % at most: 0 to 2.5 points."""
    found = scored(core(), core(enzymes=[ck(300, None)]))
    assert (found.low, found.high) == (0, Fraction("2.5"))


def test_unchecked_ranges_of_enzymes_are_said_and_can_be_replaced():
    """The default ranges come with a warning; a cited one is used without: 10/20 = 50 %."""
    before, after = core(enzymes=[ck(2200)]), core(enzymes=[ck(1600)])
    found = scored(before, after)  # 11 to 8 times: 3/15 = 20 %, 5 points
    assert found.value == 5
    assert "not checked" in found.notes[0]
    ranges = {"CK": {"times_upper_limit": 30, "source": "trial protocol"}}
    found = scored(before, after, enzyme_ranges=ranges)  # 3/30 = 10 %, 2.5 points
    assert found.value == Fraction("2.5")
    assert found.notes == ()
    assert "trial protocol" in " ".join(definition(Parameters(enzyme_ranges=ranges)))
    alt = Enzyme("ALT", 200, 40)
    found = scored(core(enzymes=[alt]), core(enzymes=[alt]), enzyme_ranges=ranges)
    assert found.missing == ("range of ALT in the parameters",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"physician": 11}, "physician global activity at follow-up lies between 0 and 10; found "),
        ({"haq": -0.5}, "HAQ at follow-up lies between 0 and 3; found '-0.5'"),
        ({"mmt": 151}, "lies between 0 and 150; found '151'"),
        ({"mmt": "strong"}, "found 'strong'. Write the number, or leave it missing"),
        ({"mmt": True}, "found 'True'"),
        ({"patient": float("nan")}, "found 'nan'"),
        ({"mmt": 60, "mmt_of": 80}, "the same range at both visits; found '100 of 150, then 60"),
        ({"mmt": 60, "mmt_of": 0}, "the range is a number above 0; found '0'"),
        ({"enzymes": [ck(-5)]}, "CK at follow-up is a number of at least 0; found '-5'"),
        ({"enzymes": [ck(5, 0)]}, "upper limit of CK at follow-up is above 0"),
        ({"enzymes": [ck(5), ck(6)]}, "an enzyme is given once at follow-up; found 'CK, 2 times'"),
        ({"enzymes": [Enzyme("troponin", 5, 1)]}, "one of CK, aldolase, ALT, AST, LDH; found "),
    ],
)
def test_impossible_values_are_refused(change, said):
    """A value that cannot be is refused with its item, range and next step, not scored."""
    with pytest.raises(InputError) as error:
        scored(core(), core(**change))
    assert said in str(error.value)
    assert all(problem.next_step and problem.column for problem in error.value.problems)


def test_all_impossible_values_are_said_at_once():
    """Three wrong values are three problems."""
    with pytest.raises(InputError) as error:
        scored(core(physician=-1), replace(core(patient=12), haq=Measured(1, 5)), "dog")
    assert [problem.column for problem in error.value.problems] == [
        "physician_global", "patient_global", "haq", "population",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"enzime": "CK"}, {"enzyme": "troponin"}, {"enzyme_ranges": {}},
     {"enzyme_ranges": {"CK": {"times_upper_limit": 15}}},
     {"enzyme_ranges": {"CK": {"times_upper_limit": 0, "source": "x"}}},
     {"enzyme": "ALT", "enzyme_ranges": {"CK": {"times_upper_limit": 15, "source": "x"}}}],
)  # fmt: skip
def test_parameters_without_sense_or_source_are_refused(wrong):
    """A range needs a source, and the enzyme that is chosen needs a range."""
    with pytest.raises(ValidationError):
        Parameters(**wrong)


tenths = st.integers(0, 100).map(lambda value: Fraction(value, 10))
core_sets = st.builds(
    core,
    physician=tenths,
    patient=tenths,
    mmt=st.integers(0, 150),
    haq=st.integers(0, 24).map(lambda value: Fraction(value, 8)),
    extramuscular=tenths,
    enzymes=st.integers(0, 9000).map(lambda value: [ck(value)]),
)


@given(core_sets, core_sets, st.sampled_from(sorted(DENOMINATORS)), st.fractions(0, 1))
def test_more_improvement_never_lowers_the_score(before, after, name, share):
    """A follow-up value moved towards health keeps or raises the total."""
    top = DENOMINATORS[name]
    value = after.scales[name].value
    best = top if name == "mmt" else 0
    moved = replace(after, **{name: Measured(value + (best - value) * share, top)})
    assert scored(before, moved).value >= scored(before, after).value


@given(core_sets, core_sets, st.integers(0, 9000))
def test_a_lower_enzyme_never_lowers_the_score(before, after, value):
    """The same for CK at follow-up."""
    lower = min(value, after.enzymes[0].value)
    moved = replace(after, enzymes=(ck(lower),))
    assert scored(before, moved).value >= scored(before, after).value


@given(
    core_sets, core_sets, st.sets(st.sampled_from(sorted(MEASURES))), st.booleans(), st.booleans()
)
def test_the_range_holds_the_score_with_any_value(before, after, names, first, second):
    """Blanking measures gives a range that contains the score that they had."""
    full = scored(before, after)

    def blank(measures):
        gone = {name: () if name == "enzyme" else None for name in names}
        return replace(
            measures, **{("enzymes" if n == "enzyme" else n): v for n, v in gone.items()}
        )

    start = blank(before) if first else before
    end = blank(after) if second else after
    found = scored(start, end)
    assert found.low <= full.value <= found.high
    assert full.category in found.categories
    assert bool(found.missing) == (bool(names) and (first or second))


@given(core_sets, core_sets)
def test_a_score_is_the_sum_of_its_items(before, after):
    """Six items, in the order of the table, sum to the total, between 0 and 100."""
    found = scored(before, after)
    assert [item.name for item in found.items] == list(MEASURES)
    assert found.value == sum(item.points for item in found.items)
    assert 0 <= found.value <= 100


def test_every_enzyme_has_a_default_range_with_a_source():
    """The defaults are configuration from memory, and say so."""
    ranges = Parameters().enzyme_ranges
    assert set(ranges) == set(ENZYMES)
    assert ranges["CK"].times_upper_limit == Decimal(15)
    assert all("memory" in span.source and not span.checked for span in ranges.values())
