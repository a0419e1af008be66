"""The refractory rule by itself; tests/cli runs the same vignettes through import and registry."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from myocohort.outcomes import OUTCOMES, RULES, Course, Visit
from myocohort.outcomes.refractory import Parameters, decide, definition
from myocohort.study.standard import MRC_SCORES


def course(*visits, death=None):
    """Return a course of visits given as (month, mRS, MRC, CK)."""
    made = [Visit(float(m), mrs, mrc, ck, 200.0) for m, mrs, mrc, ck in visits]
    return Course("P1", tuple(made), death)


def outcome(*visits, **options):
    """Decide a course by the default parameters, or those given."""
    death = options.pop("death", None)
    return decide(course(*visits, death=death), Parameters(**options)).outcome


BEFORE = (0, 4, "2", 5000.0)


def test_worked_cases(shared_data):
    """Each case of the vignettes (columns case, month, mrs, ...) has the outcome stated there."""
    path = shared_data.parent / "references" / "outcome-vignettes.csv"
    cases: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        cases.setdefault(row["case"], []).append(row)

    def ck(text):
        return None if not text else float(text.split()[0]) * (60 if "ukat" in text else 1)

    found = {}
    for case, rows in cases.items():
        visits = tuple(
            Visit(
                month=float(row["month"]),
                mrs=int(row["mrs"]) if row["mrs"] else None,
                weakest_mrc=row["weakest_mrc"] or None,
                ck=ck(row["ck"]),
                ck_uln=ck(row["ck_uln_u_per_l"]),
                exclusion=row["exclusion"] or None,
            )
            for row in rows
        )
        found[case] = decide(Course(case, visits), Parameters()).outcome
    assert len(found) >= 18
    assert found == {case: rows[0]["expected"] for case, rows in cases.items()}


@pytest.mark.parametrize(
    ("mrs", "mrc", "expected"),
    [(2, "4-", "non_refractory"), (0, "5", "non_refractory"), (3, "3+", "refractory"),
     (5, "0", "refractory"), (3, "4", "discordant"), (2, "3+", "discordant")],
)  # fmt: skip
def test_a_plus_or_minus_belongs_to_its_grade(mrs, mrc, expected):
    """4- is close to normal and 3+ is obvious weakness: the whole grade decides."""
    assert outcome(BEFORE, (12, mrs, mrc, 300.0)) == expected


def test_death_after_the_window_does_not_undo_the_outcome():
    """Death by month 14 is reported apart; a later one leaves the outcome of month 12."""
    seen = (BEFORE, (12, 1, "5", 100.0))
    assert outcome(*seen, death=(13.0, 13.0)) == "died"
    assert outcome(*seen, death=(30.0, 30.0)) == "non_refractory"
    assert outcome(BEFORE, death=(30.0, 30.0)) == "lost"


def test_a_death_that_a_later_visit_contradicts_is_not_believed():
    """MRS 6 at month 6 and a living patient at month 12: one of the two is wrong."""
    assert outcome(BEFORE, (6, 6, None, None), (12, 1, "5", 100.0)) == "unclassifiable"


def test_a_partial_date_of_death_is_not_ignored():
    """A death within 2019 counts where the whole year does, and is open where part of it does."""
    assert outcome(BEFORE, death=(2.0, 14.0)) == "died"
    assert outcome(BEFORE, death=(8.0, 19.0)) == "unclassifiable"
    assert outcome(BEFORE, (12, 1, "5", 100.0), death=(8.0, 19.0)) == "non_refractory"


def test_a_relapse_needs_something_that_became_better():
    """The first visit on treatment is no relapse, on whichever day the first one is dated."""
    for day in (-1, 0):
        visits = ((day, 4, "4", 700.0), (3, 4, "2", 6000.0), (12, 1, "5", 100.0))
        assert outcome(*visits) == "non_refractory"
    low = {"baseline_ck": "lowest_since_treatment"}
    assert outcome((0, 4, "4", 700.0), (3, 3, "3", 6000.0), (12, 1, "5", 100.0), **low) == (
        "non_refractory"
    )


def test_a_relapse_counts_whatever_else_is_missing():
    """A relapse at month 8 makes a patient refractory who has no visit at month 12."""
    assert outcome((0, 3, "3", 700.0), (3, 1, "5", 100.0), (8, 3, "3", 900.0)) == "refractory"


def test_a_relapse_that_missing_values_leave_open_is_not_silently_no_relapse():
    """Worse strength without a CK makes a good outcome unclassifiable, not non-refractory."""
    good = ((0, 3, "3", 700.0), (12, 1, "5", 150.0))
    assert outcome(*good, (20, 2, "4", None)) == "unclassifiable"
    assert outcome(*good, (20, 2, None, 900.0)) == "unclassifiable"
    assert outcome(*good, (20, 1, "5", None)) == "non_refractory"


def test_a_fall_is_measured_in_grades():
    """5 to 4 is a fall of one grade, 5 to 4+ is not."""
    high = (20, 2, "4", 900.0)
    good = ((0, 3, "3", 700.0), (12, 1, "5", 150.0))
    assert outcome(*good, high) == "refractory"
    assert outcome(*good, (20, 2, "4+", 900.0)) == "non_refractory"


def test_the_other_reading_of_the_baseline_ck():
    """Against the lowest CK since treatment, a rise below the first CK is a relapse."""
    visits = ((0, 4, "2", 9000.0), (12, 1, "5", 150.0), (20, 2, "4", 1200.0))
    assert outcome(*visits) == "non_refractory"
    assert outcome(*visits, baseline_ck="lowest_since_treatment") == "refractory"


def test_no_visit_at_all_is_lost():
    """A patient without any visit is lost, and the reason says so."""
    decision = decide(Course("P1", ()), Parameters())
    assert decision.outcome == "lost"
    assert "no visit at all" in decision.why


def test_a_decision_carries_the_records_that_led_to_it():
    """A relapse names the relapse, its baseline and the best visit before it."""
    decision = decide(
        course((0, 3, "3", 700.0), (12, 1, "5", 150.0), (20, 3, "3", 900.0)), Parameters()
    )
    assert [text.split(":")[0] for text in decision.records] == ["month 0", "month 12", "month 20"]


@pytest.mark.parametrize(
    "wrong",
    [{"window": (13, 14)}, {"window": (14, 10)}, {"month": -1}, {"obvious_weakness_at_most": 4},
     {"monht": 12}],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused(wrong):
    """The window surrounds the month and grades do not overlap."""
    with pytest.raises(ValidationError):
        Parameters(**wrong)


visits_strategy = st.lists(
    st.builds(
        Visit,
        month=st.integers(-2, 30).map(float),
        mrs=st.none() | st.integers(0, 6),
        weakest_mrc=st.none() | st.sampled_from(list(MRC_SCORES)),
        ck=st.none() | st.integers(20, 9000).map(float),
        ck_uln=st.none() | st.just(200.0),
        exclusion=st.none() | st.just("exercise"),
    ),
    max_size=6,
    unique_by=lambda visit: visit.month,
)


@given(visits_strategy)
def test_every_course_gets_one_outcome_and_a_reason(visits):
    """Whatever is missing, the rule decides, says why, and does not depend on the order."""
    decision = decide(Course("P1", tuple(visits)), Parameters())
    assert decision.outcome in OUTCOMES
    assert decision.why
    assert decide(Course("P1", tuple(reversed(visits))), Parameters()) == decision


@given(visits_strategy)
def test_units_of_ck_do_not_matter(visits):
    """Scaling every CK and upper limit by the same factor leaves the outcome."""

    def scaled(visit):
        return replace(
            visit,
            ck=None if visit.ck is None else visit.ck * 2,
            ck_uln=None if visit.ck_uln is None else visit.ck_uln * 2,
        )

    before = decide(Course("P1", tuple(visits)), Parameters())
    after = decide(Course("P1", tuple(scaled(v) for v in visits)), Parameters())
    assert before.outcome == after.outcome


def test_every_rule_has_a_definition_that_states_its_parameters():
    """The sentences of the methods name the month, the window and the factor that were run."""
    for rule in RULES.values():
        assert rule.reference
    text = " ".join(definition(Parameters(month=6, window=(5, 8), relapse_times_upper_limit=5)))
    assert "month 6" in text
    assert "5 to 8" in text
    assert "5 times" in text
