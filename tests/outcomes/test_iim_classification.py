"""The EULAR/ACR 2017 classification; vignettes calculated by hand from Lundberg 2017's table.

Points without / with biopsy: onset 18-39 1.3/1.5, from 40 2.1/2.2; proximal upper 0.7/0.7;
proximal lower 0.8/0.5; neck flexors 1.9/1.6; legs proximal 0.9/1.2; heliotrope 3.1/3.2; Gottron's
papules 2.1/2.7; Gottron's sign 3.3/3.7; dysphagia 0.7/0.6; anti-Jo-1 3.9/3.8; enzymes 1.3/1.4;
biopsy: endomysial 1.7, perimysial 1.2, perifascicular atrophy 1.9, rimmed vacuoles 3.1.
Possible from 5.3 / 6.5, probable from 5.5 / 6.7, definite from 7.5 / 8.7.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from myocohort.errors import InputError
from myocohort.outcomes.iim_classification import (
    BIOPSY_POINTS,
    CATEGORIES,
    POINTS,
    RASHES,
    Findings,
    Parameters,
    score,
)


def findings(age, *present, unknown=(), biopsy=False):
    """Return findings of which these are present, these not known and all others absent."""
    names = {*POINTS, *(BIOPSY_POINTS if biopsy else ())}
    assert names >= {*present, *unknown}
    said = {name: None if name in unknown else name in present for name in names}
    return Findings("P1", age, biopsy=biopsy, **said)


def classified(*arguments, **options):
    """Classify findings."""
    return score(findings(*arguments, **options), Parameters())


HELIOTROPE, PAPULES, SIGN = RASHES
UPPER, LOWER, NECK, LEGS = "proximal_upper", "proximal_lower", "neck_flexors", "legs_proximal"
ENZYMES, JO1 = "raised_enzymes", "anti_jo1"

WITHOUT_BIOPSY = [
    # 1. Typical dermatomyositis: 2.1+0.7+0.8+3.1+3.3+1.3 = 11.3.
    (45, (UPPER, LOWER, HELIOTROPE, SIGN, ENZYMES), "11.3", "definite"),
    # 2. A child with two rashes: 3.1+2.1 = 5.2, just below possible.
    (10, (HELIOTROPE, PAPULES), "5.2", "below possible"),
    # 3. 3.3+1.3+0.7 = 5.3, exactly possible.
    (10, (SIGN, ENZYMES, UPPER), "5.3", "possible"),
    # 4. 3.3+2.1 = 5.4: the gap between 5.3 and 5.5 is possible.
    (10, (SIGN, PAPULES), "5.4", "possible"),
    # 5. 3.1+0.7+0.8+0.9 = 5.5, exactly probable.
    (10, (HELIOTROPE, UPPER, LOWER, LEGS), "5.5", "probable"),
    # 6. 2.1+3.1+0.9+1.3 = 7.4, just below definite.
    (40, (HELIOTROPE, LEGS, ENZYMES), "7.4", "probable"),
    # 7. 2.1+3.3+2.1 = 7.5, exactly definite.
    (40, (SIGN, PAPULES), "7.5", "definite"),
    # 8. Onset at 39: 1.3 and not 2.1: 1.3+3.3+2.1 = 6.7.
    (39, (SIGN, PAPULES), "6.7", "probable"),
    # 9. Necrotizing myopathy without rash: 2.1+0.7+0.8+1.9+0.9+1.3 = 7.7, but not without biopsy.
    (50, (UPPER, LOWER, NECK, LEGS, ENZYMES), "7.7", "biopsy needed"),
    # 10. Anti-Jo-1 does not replace the rash: 2.1+3.9+1.3+0.7+0.8 = 8.8.
    (50, (JO1, ENZYMES, UPPER, LOWER), "8.8", "biopsy needed"),
]

WITH_BIOPSY = [
    # 11. The patient of 9 with a biopsy that shows none of the four features:
    #     2.2+0.7+0.5+1.6+1.2+1.4 = 7.6.
    (50, (UPPER, LOWER, NECK, LEGS, ENZYMES), "7.6", "probable"),
    # 12. Inclusion bodies beside it: 7.6+3.1 = 10.7.
    (50, (UPPER, LOWER, NECK, LEGS, ENZYMES, "rimmed_vacuoles"), "10.7", "definite"),
    # 13. 2.2+3.1+0.6+0.5 = 6.4, just below possible.
    (40, ("rimmed_vacuoles", "dysphagia", LOWER), "6.4", "below possible"),
    # 14. 2.2+3.1+1.2 = 6.5, exactly possible.
    (40, ("rimmed_vacuoles", "perimysial"), "6.5", "possible"),
    # 15. 2.2+1.9+1.4+1.2 = 6.7, exactly probable.
    (40, ("perifascicular_atrophy", ENZYMES, LEGS), "6.7", "probable"),
    # 16. 1.5+3.8+1.4+1.9 = 8.6, just below definite.
    (18, (JO1, ENZYMES, "perifascicular_atrophy"), "8.6", "probable"),
    # 17. 2.2+3.8+1.6+0.6+0.5 = 8.7, exactly definite.
    (40, (JO1, NECK, "dysphagia", LOWER), "8.7", "definite"),
    # 18. A child with everything: 0+0.7+0.5+1.6+1.2+3.2+2.7+3.7+0.6+3.8+1.4 = 19.4, and
    #     1.7+1.2+1.9+3.1 = 7.9 more: 27.3.
    (5, (*POINTS, *BIOPSY_POINTS), "27.3", "definite"),
]


@pytest.mark.parametrize(("age", "present", "points", "expected"), WITHOUT_BIOPSY)
def test_vignettes_without_biopsy(age, present, points, expected):
    """Each case has the points and the category of the table's first column."""
    found = classified(age, *present)
    assert found.value == Fraction(points)
    assert found.category == expected
    assert found.missing == ()


@pytest.mark.parametrize(("age", "present", "points", "expected"), WITH_BIOPSY)
def test_vignettes_with_biopsy(age, present, points, expected):
    """Each case has the points and the category of the table's second column."""
    found = classified(age, *present, biopsy=True)
    assert found.value == Fraction(points)
    assert found.category == expected


# 19. Vignette 1 without dysphagia known: 11.3 or 12.0, definite either way.
# 20. Vignette 9 without heliotrope known: 7.7 without a rash (needs a biopsy), or 7.7+3.1 = 10.8.
# 21. A child with Gottron's sign, anti-Jo-1 not known: 3.3 or 7.2: possible cannot be reached.
# 22. A child with heliotrope and papules, upper limbs not known: 5.2 or 5.9.
# 23. Vignette 7 without age: 5.4, 6.7 or 7.5.
# 24. Gottron's sign (3.3) and enzymes (1.3) in a child, upper (0.7) and lower limbs (0.8) not
#     known: 4.6, 5.3, 5.4 or 6.1.
MISSING = [
    (45, (UPPER, LOWER, HELIOTROPE, SIGN, ENZYMES), ("dysphagia",), "11.3", "12", ("definite",)),
    (50, (UPPER, LOWER, NECK, LEGS, ENZYMES), (HELIOTROPE,), "7.7", "10.8",
     ("biopsy needed", "definite")),
    (10, (SIGN,), (JO1,), "3.3", "7.2", ("below possible", "probable")),
    (10, (HELIOTROPE, PAPULES), (UPPER,), "5.2", "5.9", ("below possible", "probable")),
    (None, (SIGN, PAPULES), (), "5.4", "7.5", ("possible", "probable", "definite")),
    (10, (SIGN, ENZYMES), (UPPER, LOWER), "4.6", "6.1",
     ("below possible", "possible", "probable")),
]  # fmt: skip


@pytest.mark.parametrize(("age", "present", "unknown", "low", "high", "expected"), MISSING)
def test_vignettes_with_items_not_known(age, present, unknown, low, high, expected):
    """Items not known give a range of points and exactly the categories that can be reached."""
    found = classified(age, *present, unknown=unknown)
    assert (found.low, found.high) == (Fraction(low), Fraction(high))
    assert found.categories == expected
    assert len(found.missing) == len(unknown) + (age is None)


def test_the_result_in_words():
    """The words name the categories, the points and what is missing."""
    assert classified(45, HELIOTROPE, SIGN).statement == "definite (8.5)"
    found = classified(10, SIGN, unknown=(JO1,))
    assert found.statement == (
        "below possible or probable (3.3 to 7.2; missing: anti-Jo-1 antibody)"
    )
    found = classified(50, UPPER)
    assert found.statement.startswith("biopsy needed: no rash of dermatomyositis")
    found = classified(50, UPPER, unknown=(HELIOTROPE,))  # 2.1+0.7+3.1 = 5.9
    assert found.statement.startswith("biopsy needed if there is no rash, otherwise probable")
    assert found.notes[0].startswith("Perhaps no heliotrope")


@pytest.mark.parametrize(
    ("age", "points"),
    [(0, "0"), (17.9, "0"), (18, "1.3"), (39, "1.3"), ("39.9", "1.3"), (40, "2.1"), (120, "2.1")],
)
def test_age_bands(age, points):
    """Onset at 18 belongs to the second band and at 40 to the third."""
    assert classified(age).value == Fraction(points)


@pytest.mark.parametrize("age", [-1, 121, "forty", float("inf"), True])
def test_impossible_ages_are_refused(age):
    """An age that cannot be is refused with its range."""
    with pytest.raises(InputError, match="age at onset lies between 0 and 120 years"):
        classified(age)


def test_findings_of_a_biopsy_need_a_biopsy():
    """Rimmed vacuoles without a biopsy are a contradiction, whether present or absent."""
    for said in (True, False):
        with pytest.raises(InputError, match="need a biopsy; found 'rimmed_vacuoles'"):
            score(replace(findings(50), rimmed_vacuoles=said), Parameters())


def test_nothing_known_is_not_nothing_present():
    """Without any answer every category is possible: the sum goes from 0 to all points."""
    found = score(Findings("P1"), Parameters())
    # 2.1+0.7+0.8+1.9+0.9+3.1+2.1+3.3+0.7+3.9+1.3 = 20.8
    assert (found.low, found.high) == (0, Fraction("20.8"))
    assert found.categories == CATEGORIES


def test_there_is_nothing_to_set():
    """Weights and limits are the source's: a parameter is refused."""
    with pytest.raises(ValidationError):
        Parameters(probable=5)


answers = st.dictionaries(
    st.sampled_from([*POINTS, *BIOPSY_POINTS]), st.none() | st.booleans(), max_size=14
)


@given(st.integers(0, 90), answers, st.data())
def test_the_range_holds_every_answer(age, said, data):
    """Any answer to the items not known lies in the range and in the categories."""
    open_case = Findings("P1", age, biopsy=True, **said)
    found = score(open_case, Parameters())
    unknown = [name for name in (*POINTS, *BIOPSY_POINTS) if getattr(open_case, name) is None]
    full = replace(open_case, **{name: data.draw(st.booleans()) for name in unknown})
    closed = score(full, Parameters())
    assert found.low <= closed.value <= found.high
    assert closed.category in found.categories


@given(st.integers(0, 90), st.sets(st.sampled_from(list(POINTS))), st.sampled_from(list(POINTS)))
def test_one_more_finding_never_lowers_the_class(age, present, more):
    """A further item present keeps or raises points and category."""
    before = classified(age, *present)
    after = classified(age, *(present | {more}))
    assert after.value >= before.value
    assert CATEGORIES.index(after.category) >= CATEGORIES.index(before.category)
