"""The analysis table."""

from __future__ import annotations

import pytest

from myocohort.analysis.outcome import decide_all
from myocohort.analysis.table import build_table
from myocohort.errors import InputError

STUDY = """
[variables.ild]
type = "yes_no"
[variables.ro52]
type = "yes_no"
table = "antibodies"
column = "grade"
where = { antigen = "Ro-52" }
any_of = ["+", "++", "+++"]
[variables.severe]
type = "yes_no"
table = "visits"
column = "weakest_mrc"
month = 0
at_most = 2
[variables.class]
type = "category"
categories = { severe = "severe", mild = "mild" }
bands = { severe = [0, 2], mild = [4, 5] }
table = "visits"
column = "weakest_mrc"
month = 0
[variables.necrosis]
type = "yes_no"
table = "biopsies"
column = "present"
where = { finding = "necrosis" }
"""


def visit(patient, month, mrc, **options):
    """Return one visit."""
    return {"patient": patient, "month": float(month), "mrs": 2.0, "weakest_mrc": mrc, **options}


@pytest.fixture
def build(make_plan, make_records):
    """Return a function from records to the analysis table."""

    def run(body=STUDY, **tables):
        plan = make_plan(body)
        records = make_records(**tables)
        return build_table(plan, records, decide_all(plan, records))

    return run


def column(table, name):
    """Return patient -> value of a column."""
    values = table.frame[name].where(table.frame[name].notna(), None)
    return dict(zip(table.frame["patient"], values, strict=True))


def test_observations_keep_their_reason(build):
    """A value is a value; a missing one has the reason of its record, or 'no record'."""
    table = build(
        patients=[{"patient": p} for p in ("P1", "P2", "P3")],
        observations=[
            {"patient": "P1", "table": "baseline", "variable": "ild", "text": "yes",
             "missing": ""},
            {"patient": "P2", "table": "baseline", "variable": "ild", "missing": "not done"},
        ],
    )  # fmt: skip
    assert column(table, "ild") == {"P1": "yes", "P2": None, "P3": None}
    assert table.reasons["ild"] == {"P2": "not done", "P3": "no record"}


def test_a_derived_yes_no_takes_any_row_that_qualifies(build):
    """Of several tests of an antibody one positive makes a yes; other antigens do not count."""
    rows = [("P1", "Ro-52", "negative"), ("P1", "Ro-52", "++"), ("P2", "SRP", "+++"),
            ("P2", "Ro-52", "negative")]  # fmt: skip
    table = build(
        patients=[{"patient": p} for p in ("P1", "P2", "P3")],
        antibodies=[{"patient": p, "antigen": a, "grade": g} for p, a, g in rows],
    )
    assert column(table, "ro52") == {"P1": "yes", "P2": "no", "P3": None}


def test_strength_before_treatment_is_the_visit_nearest_to_month_0(build):
    """Later visits do not count, and 2+ is grade 2."""
    table = build(
        patients=[{"patient": "P1"}, {"patient": "P2"}, {"patient": "P3"}],
        visits=[visit("P1", 0, "2+"), visit("P1", 12, "5"), visit("P2", 0, "4-"),
                visit("P3", 12, "5")],
    )  # fmt: skip
    assert column(table, "severe") == {"P1": "yes", "P2": "no", "P3": None}
    assert column(table, "class") == {"P1": "severe", "P2": "mild", "P3": None}


def test_a_variable_derived_from_an_own_column_reads_that_column(build):
    """A teenager is found by the age, which the registry keeps once under the age's name."""
    body = """
[variables.age]
type = "integer"
[variables.teenager]
type = "yes_no"
column = "age"
at_most = 17
"""
    rows = [{"patient": p, "table": "baseline", "variable": "age", "number": n, "missing": ""}
            for p, n in (("P1", 16.0), ("P2", 40.0))]  # fmt: skip
    table = build(body, patients=[{"patient": "P1"}, {"patient": "P2"}], observations=rows)
    assert column(table, "teenager") == {"P1": "yes", "P2": "no"}
    assert column(table, "age") == {"P1": 16.0, "P2": 40.0}


def test_a_value_outside_all_bands_is_missing_with_that_reason(build):
    """Grade 3 is in neither of the two bands."""
    table = build(patients=[{"patient": "P1"}], visits=[visit("P1", 0, "3")])
    assert table.reasons["class"] == {"P1": "outside all bands"}


def test_not_stained_is_not_negative(build):
    """A finding of a stain that was not done is missing; its denominator differs."""
    table = build(
        patients=[{"patient": "P1"}, {"patient": "P2"}],
        biopsies=[
            {"patient": "P1", "finding": "necrosis", "stained": "yes", "present": "no"},
            {"patient": "P2", "finding": "necrosis", "stained": "no", "present": None,
             "missing": {"present": "not stained"}},
        ],
    )  # fmt: skip
    assert column(table, "necrosis") == {"P1": "no", "P2": None}
    assert table.reasons["necrosis"] == {"P2": "not stained"}


def test_a_blank_finding_of_a_stain_that_was_not_done_says_so(build):
    """The reason is in the column beside it; a stain that was done and not read is not recorded."""
    finding = {"finding": "necrosis", "present": None}
    table = build(
        patients=[{"patient": "P1"}, {"patient": "P2"}, {"patient": "P3"}],
        biopsies=[
            {"patient": "P1", "stained": "no", **finding},
            {"patient": "P2", "stained": "yes", **finding},
        ],
    )
    reasons = {"P1": "not stained", "P2": "not recorded", "P3": "no record"}
    assert table.reasons["necrosis"] == reasons


def test_several_different_values_are_an_error_that_names_the_variable(build):
    """Two values for one patient need a month or a where: nothing is picked in silence."""
    body = '[variables.mrs_any]\ntype = "integer"\ntable = "visits"\ncolumn = "mrs"\n'
    rows = [visit("P1", 0, "2"), visit("P1", 12, "5") | {"mrs": 1.0}]
    with pytest.raises(InputError, match=r"variables\.mrs_any"):
        build(body, patients=[{"patient": "P1"}], visits=rows)


def test_any_of_compares_numbers_as_numbers(build):
    """The mRS 3.0 that the registry keeps is the 3 of the study file."""
    body = """
[variables.poor]
type = "yes_no"
table = "visits"
column = "mrs"
month = 12
any_of = ["3", "4", "5"]
"""
    rows = [visit("P1", 12, "2", mrs=3.0), visit("P2", 12, "5", mrs=1.0)]
    table = build(body, patients=[{"patient": "P1"}, {"patient": "P2"}], visits=rows)
    assert column(table, "poor") == {"P1": "yes", "P2": "no"}


def test_where_is_read_as_the_import_reads_it(build):
    """ro-52 in the study file finds Ro-52 in the records."""
    body = STUDY.replace('"Ro-52"', '"ro-52"')
    rows = [{"patient": "P1", "antigen": "Ro-52", "grade": "++"}]
    assert column(build(body, patients=[{"patient": "P1"}], antibodies=rows), "ro52") == {
        "P1": "yes"
    }


def test_the_month_is_counted_by_the_dates_where_they_are_known(build):
    """A visit planned for month 0 but dated four months later is not before treatment."""
    rows = [visit("P1", 0, "2", date="2018-05-01")]
    table = build(patients=[{"patient": "P1", "treatment_start": "2018-01-01"}], visits=rows)
    assert column(table, "severe") == {"P1": None}


def test_several_bands_are_an_error_without_a_month(build):
    """Grades of two visits in two bands are not reduced to the last one."""
    body = STUDY.replace(
        'column = "weakest_mrc"\nmonth = 0\n[variables.nec',
        'column = "weakest_mrc"\n[variables.nec',
    )
    rows = [visit("P1", 0, "2"), visit("P1", 12, "5")]
    with pytest.raises(InputError, match=r"variables\.class"):
        build(body, patients=[{"patient": "P1"}], visits=rows)


def test_a_partial_date_of_death_counts(build):
    """Dead within 2018 after a start in January 2018 is dead by month 14."""
    rows = [visit("P1", 6, "2", date="2018-07-01")]
    person = {"patient": "P1", "treatment_start": "2018-01-10", "death": "2018"}
    assert column(build(patients=[person], visits=rows), "outcome") == {"P1": "died"}
    person["treatment_start"] = None
    assert column(build(patients=[person], visits=rows), "outcome") == {"P1": "unclassifiable"}


def test_controls_have_no_outcome(build):
    """Outcome is decided for the arms that are followed only."""
    table = build(patients=[{"patient": "P1"}, {"patient": "C1", "arm": "c"}])
    assert column(table, "outcome") == {"P1": "lost", "C1": None}


def test_follow_up_is_counted_by_dates(build):
    """Two years from the start of treatment to the last visit, by the calendar."""
    table = build(
        patients=[{"patient": "P1", "treatment_start": "2018-01-01"}],
        visits=[visit("P1", 0, "2", date="2018-01-01"), visit("P1", 24, "5", date="2020-01-01")],
    )
    assert table.frame["follow_up_years"][0] == 2.0
