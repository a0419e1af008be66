"""Reading the registry for analysis: order, types, and what is missing with its reason."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_worker import Registry

from myocohort.registry.records import natural_key

TABLES = {
    "patients.csv": "patient,onset,treatment_start,death\nP10,2015-06-03,2016-01-10,\n"
    "P2,2014,2016-02,2018-05\n",
    "visits.csv": "patient,month,mrs,weakest_mrc,mrc_neck,mrc_legs,ck,ck_uln_u_per_l\n"
    "P10,6,2,,4-,4,300,200\nP10,0,-99,3,3,,12 ukat/L,200\nP2,0,1,,,,-99,\n",
    "treatments.csv": "patient,drug,name,start,stop,dose,dose_unit\n"
    "P10,methotrexate,,2016-03,,15,mg/week\nP10,glucocorticoid,prednisone,2016,2017-01,60,mg/d\n",
    "antibodies.csv": "patient,antigen,grade,scheme,date\nP2,Ro-52,(+),strip,\nP2,SRP,+++,,2016\n",
    "mri_readings.csv": "patient,month,muscle,side,scale,grade,reader,blinded,automatic\n"
    "P2,0,sartorius,left,modified-mercuri,2,A,yes,no\n"
    "P2,0,gluteus maximus,left,modified-mercuri,,A,1,0\n",
    "biopsies.csv": "patient,finding,stain,stained,present\nP2,MAC,C5b-9,yes,no\nP2,MHC-I,,no,\n",
    "fields.csv": "patient,marker,field,positive_cells,fibres\nP2,CD68,10,3,40\nP2,CD68,2,0,38\n",
    "blots.csv": "patient,membrane,lane,target,density\nP2,M1,,GAPDH,-0.5\nP2,M1,3,GAPDH,1.25\n",
}


@pytest.fixture
def records(registry: Registry):
    """Give the records of every standard table."""
    registry.study('missing = {"-99" = "patient refused"}\n')
    for name, text in TABLES.items():
        registry.write(name, text)
    rows = sum(text.count("\n") - 1 for text in TABLES.values())
    assert registry.load(*TABLES).counts == (rows, 0, 0)
    assert registry.load(*TABLES).counts == (0, 0, rows)
    return registry.records()


def test_patients_come_in_natural_order_with_their_partial_dates(records) -> None:
    """P2 before P10; a year stays a year; the only arm is filled in."""
    patients = records.patients.drop(columns="missing").values.tolist()
    assert patients == [
        ["P2", "imnm", "2014", "2016-02", "2018-05"],
        ["P10", "imnm", "2015-06-03", "2016-01-10", None],
    ]
    assert records.patients.missing[1] == {"death": "not recorded"}


def test_visits_come_in_the_order_of_time(records) -> None:
    """CK is in U/L beside the cell as written; codes stay codes; reasons stay."""
    visits = records.visits
    assert list(zip(visits.patient, visits.month, strict=True)) == [
        ("P2", 0),
        ("P10", 0),
        ("P10", 6),
    ]
    assert list(visits.ck_raw) == ["-99", "12 ukat/L", "300"]
    assert visits.ck[1:].tolist() == [720, 300]
    assert math.isnan(visits.ck[0])
    assert visits.missing[0]["ck"] == "patient refused"
    assert visits.missing[1] == {"mrs": "patient refused"}
    assert visits.dtypes[["month", "mrs", "ck", "ck_uln_u_per_l"]].eq("float64").all()


def test_the_weakest_group_is_taken_from_the_groups(records) -> None:
    """As given where it is; else the lowest measured; else missing with a reason."""
    assert list(records.visits.weakest_mrc) == [None, "3", "4-"]
    assert "weakest_mrc" not in records.visits.missing[2]
    assert records.visits.missing[0]["weakest_mrc"] == "not recorded"
    strengths = records.strengths
    assert list(strengths.columns) == ["patient", "date", "month", "group", "code", "missing"]
    assert list(strengths.code) == [None, None, "3", None, "4-", "4"]
    assert strengths.missing[3] == "not recorded"


def test_treatments_and_antibodies_come_with_partial_dates(records) -> None:
    """By start; texts that were left empty are None."""
    assert records.treatments.drug.tolist() == ["glucocorticoid", "methotrexate"]
    assert records.treatments.start.tolist() == ["2016", "2016-03"]
    assert records.treatments.name.tolist() == ["prednisone", None]
    assert records.antibodies.grade.tolist() == ["(+)", "+++"]
    assert records.antibodies.date.tolist() == [None, "2016"]


def test_readings_come_in_the_order_of_the_muscles(records) -> None:
    """The gluteus maximus is the first muscle; yes and no are spelt out."""
    readings = records.mri_readings
    assert readings.muscle.tolist() == ["gluteus maximus", "sartorius"]
    assert readings.blinded.tolist() == ["yes", "yes"]
    assert math.isnan(readings.grade[0])
    assert readings.missing[0] == {"grade": "not recorded"}


def test_what_was_not_stained_is_kept_apart_from_what_was_absent(records) -> None:
    """Denominators differ by stain."""
    rows = records.biopsies[["finding", "stained", "present"]].values.tolist()
    assert rows == [["MAC", "yes", "no"], ["MHC-I", "no", None]]


def test_counts_and_lanes_are_numbers(records) -> None:
    """Fields come by number, and a lane may be unknown."""
    assert records.fields.field.tolist() == [2, 10]
    assert records.fields.positive_cells.tolist() == [0, 3]
    assert records.blots.density.tolist() == [-0.5, 1.25]
    assert math.isnan(records.blots.lane[0])


def test_an_empty_registry_gives_empty_frames_with_their_columns(registry: Registry) -> None:
    """An analysis finds its columns before there are records."""
    records = registry.records()
    assert len(records.visits) == 0
    assert "weakest_mrc" in records.visits.columns
    assert records.visits.month.dtype == "float64"


VIGNETTES = """case,month,mrs,weakest_mrc,ck,ck_uln_u_per_l,exclusion,expected,why
v04,20,2,4,900,200,exercise,non_refractory,CK rise after exercise is excluded
v10,9,6,,,,,died,mRS 6 at month 9
v15,0,3,3,700,200,,refractory,"relapse in units: 12 ukat/L is 720 U/L, above 3 x 200"
v15,18,3,3,12 ukat/L,200,,refractory,"relapse in units: 12 ukat/L is 720 U/L, above 3 x 200"
v17,12,,4,300,200,,unclassifiable,mRS missing at month 12
"""


def test_the_columns_of_the_vignettes_are_mapped(registry: Registry) -> None:
    """`case` is the patient; what is not a record is listed; 12 ukat/L is 720 U/L."""
    registry.study(
        '\n[tables.visits]\nfile = "outcome-vignettes.csv"\ncolumns = {patient = "case"}\n'
        '[tables.patients]\nfile = "patients.csv"\n'
    )
    registry.write("outcome-vignettes.csv", VIGNETTES)
    registry.write("patients.csv", "patient\nv04\nv10\nv15\nv17\n")
    outcome = registry.load_changed()
    assert outcome.counts == (9, 0, 0)
    assert [ignored["column"] for ignored in outcome.summary["ignored"]] == ["expected", "why"]
    visits = registry.records().visits
    assert visits.patient.tolist() == ["v04", "v10", "v15", "v15", "v17"]
    assert visits.ck[3] == 720
    assert visits.ck_raw[3] == "12 ukat/L"
    assert visits.mrs[1] == 6
    assert visits.missing[4]["mrs"] == "not recorded"
    assert visits.exclusion[0] == "exercise"


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_numbers_in_codes_sort_as_numbers(numbers: list[int]) -> None:
    """Whatever the numbers, their codes come in their order."""
    codes = [f"P{number}" for number in numbers]
    assert sorted(codes, key=natural_key) == [f"P{number}" for number in sorted(numbers)]


@given(st.lists(st.text(max_size=8)))
def test_any_codes_can_be_sorted(codes: list[str]) -> None:
    """Text and numbers in any order never compare with each other."""
    assert len(sorted(codes, key=natural_key)) == len(codes)
