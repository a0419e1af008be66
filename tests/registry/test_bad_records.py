"""Bad records: each gives its place, value and rule, and nothing is written."""

from __future__ import annotations

import io

import openpyxl
import pytest
from registry_worker import Outcome, Registry

from myocohort.errors import Problem

PATIENTS = (
    "patient,onset,treatment_start,death\nP1,2015-06,2016-01-10,\nP2,2014,2016-02,2018-05\nP3,,,\n"
)


def refused(registry: Registry, *names: str) -> list[Problem]:
    """Import files, check that nothing at all was written, and return the problems."""
    before = registry.counts()
    outcome: Outcome = registry.load(*names)
    assert outcome.error == ""
    assert outcome.problems
    assert registry.counts() == before
    return outcome.problems


def one(registry: Registry, content: str, name: str = "visits.csv") -> Problem:
    """Import one file beside the patients and return its only problem."""
    registry.write("patients.csv", PATIENTS)
    registry.write(name, content)
    names = {"patients.csv", name}
    (problem,) = refused(registry, *sorted(names))
    assert problem.file == name
    return problem


def place(problem: Problem) -> tuple:
    """Return row, column and value."""
    return problem.row, problem.column, problem.value


def test_a_file_that_is_missing(registry: Registry) -> None:
    """The file is named."""
    (problem,) = refused(registry, "visits.csv")
    assert (problem.file, problem.rule) == ("visits.csv", "there is no such file")


def test_a_folder_instead_of_a_file(registry: Registry) -> None:
    """A folder is no file of records."""
    (registry.folder / "scans.csv").mkdir()
    (problem,) = refused(registry, "scans.csv")
    assert "not a folder" in problem.rule


@pytest.mark.parametrize("suffix", [".xls", ".docx", ""])
def test_a_file_of_another_kind(registry: Registry, suffix: str) -> None:
    """The kinds that can be read are listed."""
    registry.write(f"visits{suffix}", "patient\nP1\n")
    (problem,) = refused(registry, f"visits{suffix}")
    assert ".csv, .tsv, .xlsx" in problem.rule


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "the file is not empty"),
        ("patient,arm\nP1,\xfc\n".encode("cp1252"), "the file is UTF-8"),
        (b"patient,onset,onset\nP1,,\n", "no name comes twice in the header"),
        (b"patient,onset\n", "a table has at least one row below its header"),
    ],
    ids=["empty", "not UTF-8", "duplicate header", "header only"],
)
def test_a_file_that_cannot_be_read(registry: Registry, content: bytes, rule: str) -> None:
    """What a reader refuses stops the import."""
    registry.write("patients.csv", content)
    (problem,) = refused(registry, "patients.csv")
    assert problem.rule == rule


def test_a_duplicate_patient_names_both_rows(registry: Registry) -> None:
    """A patient code may come once."""
    registry.write("patients.csv", "patient\nP1\nP2\n P1 \n")
    (problem,) = refused(registry, "patients.csv")
    assert place(problem) == (4, "patient", "P1")
    assert problem.rule == "patients has one row for each patient"
    assert "patients.csv, row 2" in problem.next_step


@pytest.mark.parametrize("code", ["007", "p7", "P07"])
def test_codes_that_differ_only_by_zeros_or_case(registry: Registry, code: str) -> None:
    """They are two strings, but more likely one patient."""
    first = "7" if code == "007" else "P7"
    registry.write("patients.csv", f"patient\n{first}\n{code}\n")
    (problem,) = refused(registry, "patients.csv")
    assert place(problem) == (3, "patient", code)
    assert f"{first!r} is in patients.csv, row 2" in problem.next_step


def test_a_code_like_one_in_the_registry(registry: Registry) -> None:
    """007 is held against 7 of an earlier import too."""
    registry.write("patients.csv", "patient\n7\n")
    registry.load("patients.csv")
    registry.write("more/patients.csv", "patient\n007\n")
    (problem,) = refused(registry, "more/patients.csv")
    assert "'7' is in the registry" in problem.next_step


@pytest.mark.parametrize("mrs", ["7", "-1", "2.5", "２", "two", "#REF!"])
def test_an_mrs_that_is_none(registry: Registry, mrs: str) -> None:
    """The value is repeated as written, with its rule."""
    problem = one(registry, f"patient,month,mrs\nP1,0,2\nP1,3,{mrs}\n")
    assert place(problem) == (3, "mrs", mrs)
    if mrs != "#REF!":
        assert problem.rule == "mRS is a whole number from 0 to 6"


@pytest.mark.parametrize(
    "ck", ['"1,234"', '"1.234,5"', "12 mg/L", "12 furlongs", ">10000", "<20", "1e400", "NaN", "-5"]
)
def test_a_ck_that_is_none(registry: Registry, ck: str) -> None:
    """Thousands, unknown units, bounds and numbers too large are refused."""
    problem = one(registry, f"patient,month,ck\nP1,0,{ck}\n")
    assert place(problem) == (2, "ck", ck.strip('"'))
    assert problem.rule.startswith("CK is ")
    assert "U/L" in problem.rule


def test_a_ck_with_two_units(registry: Registry) -> None:
    """The unit in the cell and the one beside it must agree."""
    problem = one(registry, "patient,month,ck,ck_unit\nP1,0,12 ukat/L,U/L\n")
    assert place(problem) == (2, "ck", "12 ukat/L beside U/L")


def test_an_unknown_ck_unit_column(registry: Registry) -> None:
    """A unit from its own column is checked like one in the cell."""
    problem = one(registry, "patient,month,ck,ck_unit\nP1,0,12,mg/L\n")
    assert place(problem) == (2, "ck", "12 mg/L")
    assert "ukat/L" in problem.rule


@pytest.mark.parametrize("date", ["2020-02-30", "03/04/2020", "43831", "31.12.", "1820-01-01"])
def test_a_date_that_is_none(registry: Registry, date: str) -> None:
    """Impossible, ambiguous and serial dates are refused."""
    problem = one(registry, f"patient,date,month,mrs\nP1,{date},3,2\n")
    assert place(problem) == (2, "date", date)


def test_an_ambiguous_date_asks_for_an_order(registry: Registry) -> None:
    """The next step says what to declare; with an order the date is read."""
    problem = one(registry, "patient,date\nP1,03/04/2016\n")
    assert 'date_order = "dmy" or "mdy"' in problem.next_step
    registry.study(text='title = "x"\ndate_order = "dmy"\n[arms.a]\nlabel = "A"\n')
    assert registry.load("patients.csv", "visits.csv").counts == (4, 0, 0)
    assert list(registry.records().visits.date) == ["2016-04-03"]


def test_a_date_in_the_future(registry: Registry) -> None:
    """What has happened is not in the future."""
    problem = one(registry, "patient,date,month\nP3,2099-01-01,3\n")
    assert place(problem) == (2, "date", "2099-01-01")
    assert problem.rule == "a date is not in the future"


@pytest.mark.parametrize(
    ("row", "bad"),
    [
        ("P1,2015-05-31,-7", True), ("P1,2015-05,-7", True), ("P1,2015-06-01,-7", False),
        ("P1,2015,-7", False), ("P2,2013-12-31,-25", None), ("P2,2014-01-01,-24", False),
    ],
)  # fmt: skip
def test_a_visit_before_onset_only_where_certain(
    registry: Registry, row: str, bad: bool | None
) -> None:
    """A partial date gets the benefit of its doubt."""
    registry.write("patients.csv", PATIENTS)
    registry.write("visits.csv", f"patient,date,month\n{row}\n")
    outcome = registry.load("patients.csv", "visits.csv")
    rules = [problem.rule for problem in outcome.problems]
    if bad is None:  # month -25 is out of range as well
        assert rules == ["month since start of treatment is a number from -24 to 600"]
    else:
        assert ("a date is not before the onset" in rules) is bad
    if bad:
        (problem,) = outcome.problems
        assert place(problem) == (2, "date", row.split(",")[1])
        assert problem.next_step == "patient P1: onset is 2015-06; correct one of the two"
        assert registry.counts()["Visit"] == 0


def test_an_mri_reading_before_onset(registry: Registry) -> None:
    """Readings are held to the same rule."""
    header = "patient,date,month,muscle,side,scale,grade,reader,blinded,automatic\n"
    row = "P1,2015-01-01,-12,gracilis,left,modified-mercuri,1,A,yes,no\n"
    assert one(registry, header + row, "mri_readings.csv").rule == "a date is not before the onset"


@pytest.mark.parametrize(
    ("date", "month", "bad"), [("2018-05-31", 28, False), ("2018-06", 28, True)]
)
def test_a_visit_after_death(registry: Registry, date: str, month: int, bad: bool) -> None:
    """A date in the month of death may be before it."""
    content = f"patient,date,month\nP2,{date},{month}\n"
    if bad:
        assert one(registry, content).rule == "a date is not after death"
    else:
        registry.write("patients.csv", PATIENTS)
        registry.write("visits.csv", content)
        assert registry.load("patients.csv", "visits.csv").counts == (4, 0, 0)


def test_a_patient_in_visits_but_not_in_patients(registry: Registry) -> None:
    """The closest code is suggested."""
    problem = one(registry, "patient,month\nP01,0\n")
    assert place(problem) == (2, "patient", "P01")
    assert problem.rule.startswith("a patient in visits is in patients")
    assert "Did you mean 'P1'?" in problem.next_step


def test_a_duplicate_visit_names_both_rows(registry: Registry) -> None:
    """A patient has one visit on a date."""
    problem = one(registry, "patient,date,mrs\nP1,2016-04-10,2\nP1,2016-04-10,3\n")
    assert place(problem) == (3, "patient", "P1, 2016-04-10")
    assert problem.rule == "visits has one row for each patient, date"
    assert "visits.csv, row 2" in problem.next_step


def test_a_row_without_date_and_month(registry: Registry) -> None:
    """A visit at an unknown time cannot be used."""
    problem = one(registry, "patient,date,month,mrs\nP1,,,2\n")
    assert place(problem) == (2, "date", "")
    assert problem.next_step == "Fill in one of them"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("P3,2016-05-01", "start of treatment of patient P3 is missing"),
        ("P2,2016-05-01", "start of treatment of patient P2 is known as 2016-02 only"),
        ("P1,2016-05", "is complete, but the date is 2016-05 only"),
    ],
)
def test_a_date_that_gives_no_month(registry: Registry, row: str, why: str) -> None:
    """Without a complete start and date a month has to be given."""
    problem = one(registry, f"patient,date\n{row}\n")
    assert place(problem) == (2, "date", row.split(",")[1])
    assert why in problem.next_step


@pytest.mark.parametrize(("month", "bad"), [(0, False), (5.9, False), (6.1, True), (-0.2, True)])
def test_a_month_far_from_its_date(registry: Registry, month: float, bad: bool) -> None:
    """2016-04-10 is 2.99 months (91 days) after the start; three months' distance is allowed."""
    registry.write("patients.csv", PATIENTS)
    registry.write("visits.csv", f"patient,date,month\nP1,2016-04-10,{month}\n")
    outcome = registry.load("patients.csv", "visits.csv")
    assert bool(outcome.problems) is bad
    if bad:
        assert "2016-04-10 is month 3.0 after the start" in outcome.problems[0].next_step


def test_a_weakest_group_that_is_not_the_lowest(registry: Registry) -> None:
    """The column that disagrees is named with its code."""
    problem = one(registry, "patient,month,weakest_mrc,mrc_arms,mrc_legs\nP1,0,4,4,4-\n")
    assert place(problem) == (2, "weakest_mrc", "4")
    assert problem.next_step.startswith("mrc_legs is 4-")


def test_a_weakest_group_may_be_one_that_was_not_noted(registry: Registry) -> None:
    """Lower than the groups is possible where one of them is missing, higher never."""
    registry.write("patients.csv", PATIENTS)
    registry.write("visits.csv", "patient,month,weakest_mrc,mrc_arms,mrc_legs\nP1,0,2,4,\n")
    assert registry.load("patients.csv", "visits.csv").counts == (4, 0, 0)
    registry.write("visits.csv", "patient,month,weakest_mrc,mrc_arms,mrc_legs\nP1,0,5,4,\n")
    assert [p.column for p in refused(registry, "visits.csv")] == ["weakest_mrc"]


def test_a_finding_without_its_stain(registry: Registry) -> None:
    """A finding cannot be absent where nobody stained for it."""
    problem = one(registry, "patient,finding,stained,present\nP1,MAC,no,no\n", "biopsies.csv")
    assert place(problem) == (2, "present", "no")
    assert "stain was done" in problem.rule


def test_a_drug_that_stops_before_it_starts(registry: Registry) -> None:
    """Partial dates are wrong only where they are certain to be."""
    problem = one(
        registry,
        "patient,drug,start,stop\nP1,ivig,2016-03,2016-02-28\nP1,ivig,2016,2016-01\n",
        "treatments.csv",
    )
    assert place(problem) == (2, "stop", "2016-02-28")


def test_a_key_that_is_missing_or_coded_missing(registry: Registry) -> None:
    """A patient cannot be -99."""
    registry.study('missing = {"-99" = "refused"}\n')
    registry.write("patients.csv", "patient,onset\nP1,2016\n-99,2015\n,2014\n")
    problems = refused(registry, "patients.csv")
    assert [(p.row, p.column, p.value) for p in problems] == [
        (3, "patient", "-99"),
        (4, "patient", ""),
    ]


def test_a_key_column_that_is_missing_is_guessed(registry: Registry) -> None:
    """The header that may be meant is suggested, and how to map it."""
    problem = one(registry, "patinet,month,mrs\nP1,0,2\n")
    assert problem.rule == "a table visits has the column 'patient'"
    assert "Did you mean 'patinet'?" in problem.next_step
    assert "[tables.visits.columns] patient = ..." in problem.next_step


def test_a_dated_table_without_date_and_month(registry: Registry) -> None:
    """One of the two columns must be there."""
    problem = one(registry, "patient,Date of visit,mrs\nP1,2016-03-01,2\n")
    assert problem.rule == "a table visits has a column 'date', 'month' or both"


def test_a_file_that_is_no_table(registry: Registry) -> None:
    """The tables of the study are listed, with the closest."""
    registry.write("visit.csv", "patient\nP1\n")
    (problem,) = refused(registry, "visit.csv")
    assert "patients, visits, treatments" in problem.next_step
    assert "Did you mean 'visits'?" in problem.next_step


def test_an_arm_that_the_study_does_not_have(registry: Registry) -> None:
    """With two arms every patient needs one of them."""
    registry.study('\n[arms.controls]\nlabel = "Controls"\nrole = "controls"\n')
    registry.write("patients.csv", "patient,arm\nP1,imnm\nP2,sham\nP3,\n")
    problems = refused(registry, "patients.csv")
    assert [(p.row, p.column, p.value) for p in problems] == [(3, "arm", "sham"), (4, "arm", "")]
    assert problems[0].rule == "arm is one of: imnm, controls"
    registry.write("patients.csv", "patient\nP1\n")
    assert refused(registry, "patients.csv")[0].rule == "a table patients has the column 'arm'"


def test_every_problem_of_every_file_is_reported_at_once(registry: Registry) -> None:
    """Cells, rows and tables, in the order of the files and rows."""
    registry.write("patients.csv", "patient,onset\nP1,2015-13\nP1,2015\n")
    registry.write("visits.csv", "patient,month,mrs,ck\nP1,0,7,1 mg/L\nP9,0,8,200\nP1,x,2,300\n")
    problems = refused(registry, "patients.csv", "visits.csv")
    assert [(p.file, p.row, p.column) for p in problems] == [
        ("patients.csv", 2, "onset"),
        ("patients.csv", 3, "patient"),
        ("visits.csv", 2, "mrs"),
        ("visits.csv", 2, "ck"),
        ("visits.csv", 3, "mrs"),
        ("visits.csv", 3, "patient"),
        ("visits.csv", 4, "month"),
    ]


def test_problems_of_a_workbook_name_the_sheet(registry: Registry) -> None:
    """A formula's error is refused where it stands."""
    book = openpyxl.Workbook()
    book.active.title = "patients"
    for row in (["patient", "onset"], ["P1", "#REF!"]):
        book.active.append(row)
    visits = book.create_sheet("visits")
    for row in (["patient", "month", "mrs"], ["P1", 0, 7]):
        visits.append(row)
    stream = io.BytesIO()
    book.save(stream)
    registry.write("records.xlsx", stream.getvalue())
    problems = refused(registry, "records.xlsx")
    assert [(p.sheet, p.row, p.column, p.value) for p in problems] == [
        ("patients", 2, "onset", "#REF!"),
        ("visits", 2, "mrs", "7"),
    ]


IDENTIFYING = """
[variables.code]
label = "code"
type = "text"
table = "patients"
column = "patient"
identifying = true

[variables.birth]
label = "Date of birth"
type = "date"
table = "patients"
identifying = true

[variables.mobile]
label = "Telephone"
type = "integer"
table = "contact"
identifying = true
"""


def test_values_that_identify_a_person_are_not_repeated(registry: Registry) -> None:
    """No message holds a name, a birth date or a number that reaches someone."""
    registry.study(IDENTIFYING)
    registry.write("patients.csv", "patient,birth,onset\nMeier,1950-13-01,\nMeier,1950-01-01,\n"
                   "meier,,2099\n")  # fmt: skip
    registry.write("contact.csv", "patient,mobile\nMeier,01 23 45\nMaier,5\n")
    problems = refused(registry, "patients.csv", "contact.csv")
    text = "\n".join(map(str, problems))
    assert len(problems) == 6
    for secret in ("1950", "23 45"):
        assert secret not in text
    assert "eier" not in text.replace("column 'Maier'", "")


def test_a_value_that_is_very_long_is_cut(registry: Registry) -> None:
    """A message stays readable."""
    problem = one(registry, f"patient,month,mrs\nP1,0,{'9' * 5000}\n")
    assert len(problem.value) < 100


def test_a_count_that_no_database_holds(registry: Registry) -> None:
    """A whole number without an upper limit still has to be stored."""
    problem = one(registry, "patient,marker,field,fibres\nP1,CD68,1,1e300\n", "fields.csv")
    assert place(problem) == (2, "fibres", "1e300")


def test_a_declared_range_holds_for_a_standard_column(registry: Registry) -> None:
    """The study file may be stricter than the standard column."""
    registry.study(
        '\n[variables.ck]\nlabel = "CK"\ntype = "number"\nunit = "U/L"\nmaximum = 20000\n'
        'table = "visits"\n'
    )
    problem = one(registry, "patient,month,ck\nP1,0,500 ukat/L\n")
    assert place(problem) == (2, "ck", "500 ukat/L")
    assert problem.rule.endswith("at most 20000 U/L")


def test_a_declared_unit_that_is_not_the_one_of_the_column(registry: Registry) -> None:
    """CK without a unit would be read in two ways: the study file has to be changed."""
    registry.study(
        '\n[variables.ck]\nlabel = "CK"\ntype = "number"\nunit = "ukat/L"\ntable = "visits"\n'
    )
    registry.write("patients.csv", PATIENTS)
    (problem,) = refused(registry, "patients.csv")
    assert (problem.key, problem.value) == ("variables.ck.unit", "ukat/L")


def test_an_onset_after_the_start_of_treatment(registry: Registry) -> None:
    """Nobody is treated before the disease began; a partial date gets its benefit."""
    registry.write("patients.csv", "patient,onset,treatment_start\nP1,2016-03,2016-02-10\n")
    (problem,) = refused(registry, "patients.csv")
    assert problem.rule == "onset is not after the start of treatment"
    assert place(problem) == (2, "onset", "2016-03")


def test_a_planned_month_after_death(registry: Registry) -> None:
    """A visit without a date is held against the death by its month."""
    people = "patient,treatment_start,death\nP1,2016-01-10,2016-08-01\n"
    registry.write("patients.csv", people)
    registry.write("visits.csv", "patient,month,mrs\nP1,6,3\nP1,12,2\n")
    (problem,) = refused(registry, "patients.csv", "visits.csv")
    assert problem.rule == "a month is not after death"
    assert problem.row == 3
