"""Loading files: by natural key, all rows accounted for, nothing lost in silence."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from registry_worker import STUDY, Registry

PATIENTS = "patient,onset,treatment_start\nP1,2015-06,2016-01-10\nP2,2014,2016-02-01\n"
VISITS = (
    "patient,date,month,mrs,mrc_upper_limbs,mrc_lower_limbs,ck,ck_unit,ck_uln_u_per_l,exclusion\n"
    "P1,2016-01-10,0,4,3,2,9000,,200,\n"
    "P1,2016-04-10,,3,4-,3+,12 ukat/L,,200,exercise\n"
    "P2,,12,-99,5,,15,ukat/L,248,\n"
)
MISSING = 'missing = {"-99" = "patient refused"}\n'


@pytest.fixture
def filled(registry: Registry) -> Registry:
    """Give a registry with two patients and three visits."""
    registry.study(MISSING)
    registry.write("patients.csv", PATIENTS)
    registry.write("visits.csv", VISITS)
    assert registry.load("patients.csv", "visits.csv").counts == (5, 0, 0)
    return registry


def test_a_second_import_changes_nothing(filled: Registry) -> None:
    """The same files again give neither new nor changed rows."""
    before = filled.counts()
    assert filled.load("patients.csv", "visits.csv").counts == (0, 0, 5)
    assert filled.counts() == before


def test_an_update_changes_only_what_changed(filled: Registry) -> None:
    """A corrected value updates its row; a new patient is created."""
    filled.write("visits.csv", VISITS.replace("P1,2016-01-10,0,4", "P1,2016-01-10,0,5"))
    filled.write("patients.csv", PATIENTS + "P3,,\n")
    assert filled.load("patients.csv", "visits.csv").counts == (1, 1, 4)
    assert list(filled.records().visits.mrs.dropna()) == [5, 3]


@pytest.mark.parametrize(
    ("old", "new"),
    [("3,2,9000", "3,1,9000"), ("9000", "150 ukat/L"), ("P2,,12,-99", "P2,,12,2")],
    ids=["a strength", "only the unit of CK", "a missing code"],
)
def test_any_part_of_a_row_makes_it_updated(filled: Registry, old: str, new: str) -> None:
    """Strengths, the raw cell and the reason of a missing value belong to the row."""
    assert old in VISITS
    filled.write("visits.csv", VISITS.replace(old, new))
    assert filled.load("visits.csv").counts == (0, 1, 2)
    assert filled.load("visits.csv").counts == (0, 0, 3)


def test_a_month_added_later_makes_no_second_visit(filled: Registry) -> None:
    """A visit with a complete date is found again by it."""
    filled.write("visits.csv", VISITS.replace("2016-04-10,,3", "2016-04-10,3,3"))
    assert filled.load("visits.csv").counts == (0, 1, 2)
    assert sorted(filled.records().visits.month) == [0, 3, 12]


def test_a_column_that_a_file_lacks_is_left_as_it_was(filled: Registry) -> None:
    """A file with some columns only adds to the row."""
    filled.write("more/visits.csv", "patient,date,exclusion\nP1,2016-01-10,thyroid\n")
    assert filled.load("more/visits.csv").counts == (0, 1, 0)
    visit = filled.records().visits.iloc[0]
    assert (visit.mrs, visit.ck, visit.exclusion, visit.month) == (4, 9000, "thyroid", 0)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("0,4,3,2,9000", "0,,3,2,9000", "mrs"),
        ("0,4,3,2,9000", "0,4,3,,9000", "mrc_lower_limbs"),
        ("0,4,3,2,9000", "0,4,3,2,", "ck"),
        ("P1,2016-01-10,0,", "P1,2016-01-10,,", "month"),
    ],
)
def test_a_blank_overwrites_only_when_told(
    filled: Registry, old: str, new: str, column: str
) -> None:
    """Without the word the import is refused as a whole; with it the value becomes missing."""
    before = filled.records()
    filled.write("visits.csv", VISITS.replace(old, new).replace(",4-,", ",4,"))
    problems = filled.load("visits.csv").problems
    assert [(p.row, p.column) for p in problems] == [(2, column)]
    assert problems[0].rule.startswith("an empty cell does not overwrite")
    assert filled.records().visits.equals(before.visits)
    assert filled.records().strengths.equals(before.strengths)
    assert filled.load("visits.csv", blank_overwrites=True).counts == (0, 2, 1)


def test_a_missing_code_is_an_explicit_word(filled: Registry) -> None:
    """A value may be replaced by a missing code, and its reason is kept."""
    filled.write("visits.csv", VISITS.replace("0,4,3,2,9000", "0,-99,3,2,9000"))
    assert filled.load("visits.csv").counts == (0, 1, 2)
    assert filled.records().visits.missing[0]["mrs"] == "patient refused"


def test_a_row_that_left_its_own_file_is_not_lost_in_silence(registry: Registry) -> None:
    """In the study's own file a corrected date would leave the old visit beside the new one."""
    declared(registry)
    registry.load_changed()
    before = registry.counts()
    registry.write("data/followup.csv", "case,month,CK [U/L]\n1,0,900\n")
    (problem,) = registry.load_changed().problems
    assert "(1 gone or given another key)" in problem.rule
    assert "myocohort study update STUDY" in problem.next_step
    assert registry.counts() == before


def test_the_next_export_under_the_same_name_adds(filled: Registry) -> None:
    """A file given by hand may hold new rows only: the earlier ones stay and are counted."""
    filled.write("visits.csv", "patient,month\nP1,36\n")
    assert filled.load("visits.csv").counts == (1, 0, 0)
    assert filled.counts()["Visit"] == 4


def test_a_row_may_come_from_another_file_later(filled: Registry) -> None:
    """Only what a file gave itself is looked for in it."""
    filled.write("more/visits.csv", "patient,month\nP1,24\n")
    assert filled.load("more/visits.csv").counts == (1, 0, 0)
    assert filled.load("visits.csv").counts == (0, 0, 3)


def test_a_workbook_gives_the_same_records_as_csv(filled: Registry) -> None:
    """Typed cells and dates of a workbook are read as the text of CSV is."""
    before = filled.records()
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in (("patients", PATIENTS), ("Visits", VISITS)):
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append([typed(cell) for cell in line.split(",")])
    book.create_sheet("legend").append(["what the columns mean"])
    stream = io.BytesIO()
    book.save(stream)
    filled.write("records.xlsx", stream.getvalue())
    outcome = filled.load("records.xlsx")
    assert outcome.counts == (0, 0, 5)
    assert outcome.summary["ignored"] == [
        {"file": "records.xlsx", "sheet": "legend", "column": "", "suggestion": ""}
    ]
    assert filled.records().visits.equals(before.visits)


def typed(cell: str) -> str | int | dt.date | None:
    """Return a cell as a spreadsheet program would keep it."""
    if cell == "":
        return None
    if cell.lstrip("-").isdigit() and len(cell) < 5:
        return int(cell)
    return dt.date.fromisoformat(cell) if len(cell) == 10 and cell[4] == "-" else cell


def test_every_row_and_every_unread_column_is_in_the_summary(filled: Registry) -> None:
    """Blank rows are counted and misspelt columns get a suggestion."""
    filled.write("more/visits.csv", "patient,month,exclusoin,Nurse\nP1,30,,A\n,,,\nP2,30,,B\n")
    summary = filled.load("more/visits.csv").summary
    (table,) = summary["tables"]
    assert (table["rows"], table["created"], table["blank_rows"]) == (2, 2, 1)
    assert len(table["sha256"]) == 64
    assert [(i["column"], i["suggestion"]) for i in summary["ignored"]] == [
        ("exclusoin", "exclusion"),
        ("Nurse", ""),
    ]


LABS = """
[tables.labs]
per = "visit"
columns = {patient = "ID", date = "Drawn"}

[variables.ldh]
label = "LDH"
type = "number"
unit = "U/L"
table = "labs"
column = "value"
where = {test = "LDH"}

[variables.alt]
label = "ALT"
type = "number"
table = "labs"
column = "value"
where = {test = "ALT"}
missing = {"hem" = "haemolysed"}
"""


def test_a_long_table_is_taken_apart_by_where(registry: Registry) -> None:
    """Rows that no variable picks are counted; those picked twice are refused."""
    registry.study(LABS)
    registry.write("patients.csv", PATIENTS)
    rows = "P1,2016-01-10,ldh,500\nP1,2016-01-10,ALT,hem\nP1,2016-01-10,AST,9\n"
    registry.write("labs.csv", "ID,Drawn,test,value\n" + rows)
    outcome = registry.load("patients.csv", "labs.csv")
    assert outcome.summary["tables"][1]["unmatched"] == 1
    assert outcome.counts == (4, 0, 0)
    observations = registry.records().observations
    assert list(observations.variable) == ["alt", "ldh"]
    assert list(observations.missing) == ["haemolysed", ""]
    assert observations.number[1] == 500
    assert list(observations.month) == [0, 0]
    assert registry.load("labs.csv").counts == (0, 0, 2)
    registry.write("labs.csv", "ID,Drawn,test,value\n" + rows + "P1,2016-01-10,LDH,501\n")
    (problem,) = registry.load("labs.csv").problems
    assert (problem.row, problem.column) == (5, "ID")
    assert "labs.csv, row 2" in problem.next_step


BASELINE = """
[variables.sex]
label = "Sex"
type = "category"
categories = {f = "female", m = "male"}
table = "baseline"

[variables.age]
label = "Age"
type = "number"
unit = "years"
minimum = 0
maximum = 110
table = "baseline"
missing = {"?" = "not known"}

[variables.old]
label = "65 or older"
type = "yes_no"
table = "baseline"
column = "age"
at_least = 65

[variables.decade]
label = "Age group"
type = "category"
categories = {young = "below 50", other = "50 and older"}
bands = {young = [0, 49.9], other = [50, 110]}
table = "baseline"
column = "age"

[variables.smoker]
label = "Smoker"
type = "yes_no"
table = "patients"

[variables.bmi]
label = "BMI"
type = "number"
table = "visits"

[variables.mrc_sum]
label = "MRC sum score"
type = "integer"
minimum = 0
maximum = 60
table = "visits"
"""


def test_declared_variables_are_observations(registry: Registry) -> None:
    """Of tables of the study's own, and of extra columns of patients and visits."""
    registry.study(BASELINE)
    registry.write("patients.csv", "patient,smoker\nP1,Y\nP2,\n")
    registry.write("baseline.csv", "patient,sex,age\nP1,Female,70\nP2,m,?\n")
    registry.write("visits.csv", "patient,month,bmi,mrc_sum\nP1,3,21.5,48\n")
    assert registry.load("patients.csv", "baseline.csv", "visits.csv").counts == (5, 0, 0)
    rows = registry.records().observations
    found = {
        (r.patient, r.variable): (r.number if r.number == r.number else r.text, r.missing)
        for r in rows.itertuples()
    }
    assert found == {
        ("P1", "smoker"): ("yes", ""), ("P2", "smoker"): (None, "not recorded"),
        ("P1", "sex"): ("f", ""), ("P2", "sex"): ("m", ""),
        ("P1", "age"): (70, ""), ("P2", "age"): (None, "not known"),
        ("P1", "old"): (70, ""), ("P2", "old"): (None, "not known"),
        ("P1", "decade"): (70, ""), ("P2", "decade"): (None, "not known"),
        ("P1", "bmi"): (21.5, ""), ("P1", "mrc_sum"): (48, ""),
    }  # fmt: skip
    assert registry.records().strengths.empty
    assert rows[rows.variable == "bmi"].month.item() == 3


def test_a_variable_of_a_muscle_group_is_observed_beside_its_strength(registry: Registry) -> None:
    """The group stays a strength; what is derived from it finds its MRC code."""
    registry.study(
        '\n[variables.severe]\nlabel = "Severe"\ntype = "yes_no"\nat_most = 2\n'
        'table = "visits"\ncolumn = "mrc_legs"\nmonth = 0\n'
    )
    registry.write("patients.csv", PATIENTS)
    registry.write("visits.csv", "patient,month,mrc_legs\nP1,0,2+\nP2,0,\n")
    assert registry.load("patients.csv", "visits.csv").counts == (4, 0, 0)
    records = registry.records()
    assert list(records.strengths.code) == ["2+", None]
    assert list(records.observations.text) == ["2+", None]
    assert list(records.observations.missing) == ["", "not recorded"]
    assert list(records.visits.weakest_mrc) == ["2+", None]


def test_a_declared_variable_without_its_column_is_named(registry: Registry) -> None:
    """It would be missing in all patients."""
    registry.study(BASELINE)
    registry.write("patients.csv", "patient,smoker\nP1,Y\n")
    registry.write("baseline.csv", "patient,sexx,age\nP1,f,70\n")
    summary = registry.load("patients.csv", "baseline.csv").summary
    assert summary["tables"][1]["absent"] == ("sex",)
    assert summary["ignored"][0]["suggestion"] == "sex"


def test_later_dates_of_patients_move_the_months_that_rest_on_them(filled: Registry) -> None:
    """A corrected start of treatment is felt by visits of earlier imports, but not by months
    that were given.
    """
    filled.write("patients.csv", PATIENTS.replace("2016-01-10", "2016-02-10"))
    assert filled.load("patients.csv").counts == (0, 1, 1)
    months = filled.records().visits.month
    assert months[0] == 0
    assert months[1] == 2.0  # 2016-02-10 to 2016-04-10, by the calendar
    assert months[2] == 12


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("2015-06", "2016-03", "a date is not before the onset"),
        ("2016-01-10", "2017-01-10", "a month is within 3 of the month of its date"),
        ("2016-01-10", "2016", "a start of treatment stays complete"),
    ],
)
def test_later_dates_of_patients_are_held_against_stored_visits(
    filled: Registry, old: str, new: str, rule: str
) -> None:
    """The rules hold for the registry as a whole, not only for the rows of one file."""
    before = filled.counts()
    filled.write("patients.csv", PATIENTS.replace(old, new))
    problems = filled.load("patients.csv").problems
    assert any(problem.rule.startswith(rule) for problem in problems)
    assert {(p.file, p.row) for p in problems} == {("patients.csv", 2)}
    assert filled.counts() == before


OWN = """
[tables.patients]
file = "data/people.csv"
columns = {patient = "case"}

[tables.visits]
file = "data/followup.csv"
columns = {patient = "case", ck = "CK [U/L]"}
"""


def declared(registry: Registry) -> None:
    """Write a study that names its files."""
    registry.study(OWN)
    registry.write("data/people.csv", "case,treatment_start\n1,2016-01-01\n2,2016-01-01\n")
    registry.write("data/followup.csv", "case,month,CK [U/L]\n1,0,900\n2,0,800\n")


def test_only_files_that_changed_are_loaded(registry: Registry) -> None:
    """The hash of a file decides."""
    declared(registry)
    assert registry.load_changed().counts == (4, 0, 0)
    outcome = registry.load_changed()
    assert outcome.counts == (0, 0, 0)
    assert outcome.summary["not_changed"] == ["data/people.csv", "data/followup.csv"]
    registry.write("data/followup.csv", "case,month,CK [U/L]\n1,0,901\n2,0,800\n")
    outcome = registry.load_changed()
    assert outcome.counts == (0, 1, 1)
    assert outcome.summary["not_changed"] == ["data/people.csv"]


def test_a_declared_file_that_is_missing_is_named(registry: Registry) -> None:
    """A file that went away is not taken for one that did not change."""
    declared(registry)
    assert registry.load_changed().counts == (4, 0, 0)
    (registry.folder / "data/followup.csv").unlink()
    (problem,) = registry.load_changed().problems
    assert (problem.file, problem.rule) == ("data/followup.csv", "there is no such file")


def test_a_study_file_that_changed_asks_for_an_update(registry: Registry) -> None:
    """Categories, codes and tables decide how records are read; labels do not."""
    declared(registry)
    assert registry.load_changed().counts == (4, 0, 0)
    registry.study(
        OWN.replace("[tables.patients]", "[schedule]\nmonths = [0, 6]\n[tables.patients]")
    )
    assert registry.load_changed().counts == (0, 0, 0)
    registry.study('missing = {"800" = "machine error"}\n' + STUDY + OWN, text="")
    outcome = registry.load_changed()
    assert "filled under another study file" in outcome.error
    assert "myocohort study update" in outcome.error
    assert registry.update().counts == (4, 0, 0)
    visits = registry.records().visits
    assert visits.missing[1]["ck"] == "machine error"
    assert registry.load_changed().counts == (0, 0, 0)


def test_an_update_brings_back_what_was_imported_by_hand(registry: Registry) -> None:
    """Files outside the study file are read again too, after the study's own."""
    declared(registry)
    assert registry.load_changed().counts == (4, 0, 0)
    registry.write("extra/visits.csv", "case,month,CK [U/L]\n1,6,100\n")
    assert registry.load("extra/visits.csv").counts == (1, 0, 0)
    before = registry.records()
    assert registry.update().counts == (5, 0, 0)
    assert registry.records().visits.equals(before.visits)
    (registry.folder / "extra/visits.csv").unlink()
    (problem,) = registry.update().problems
    assert problem.file == "extra/visits.csv"
    assert "gone or has changed" in problem.rule
    assert "--forget-changed" in problem.next_step
    assert registry.records().visits.equals(before.visits)


def test_an_update_that_fails_keeps_the_registry(registry: Registry) -> None:
    """All problems are reported, and what was there stays."""
    declared(registry)
    assert registry.load_changed().counts == (4, 0, 0)
    before = registry.counts()
    registry.write("data/people.csv", "case,treatment_start\n1,2016-02-30\n3,\n")
    problems = registry.update().problems
    assert [(p.file, p.column) for p in problems] == [
        ("data/people.csv", "treatment_start"),
        ("data/followup.csv", "case"),
    ]
    assert registry.counts() == before


def test_an_update_takes_rows_away_that_left_their_file(registry: Registry) -> None:
    """The update is the explicit word that an import asks for."""
    declared(registry)
    assert registry.load_changed().counts == (4, 0, 0)
    registry.write("data/followup.csv", "case,month,CK [U/L]\n1,0,900\n")
    assert len(registry.load_changed().problems) == 1
    assert registry.update().counts == (3, 0, 0)
    assert registry.counts()["Visit"] == 1


def test_a_workbook_with_a_named_sheet(registry: Registry) -> None:
    """The study file may name a sheet; one that is not there is a problem of the study file."""
    registry.study('\n[tables.patients]\nfile = "all.xlsx"\nsheet = "Stammdaten"\n')
    book = openpyxl.Workbook()
    book.active.title = "Stammdaten"
    for row in (["patient"], ["P1"]):
        book.active.append(row)
    book.create_sheet("visits").append(["patient", "month"])
    book["visits"].append(["P1", 3])
    book.save(registry.folder / "all.xlsx")
    assert registry.load_changed().counts == (2, 0, 0)
    registry.study('\n[tables.patients]\nfile = "all.xlsx"\nsheet = "Patienten"\n')
    problems = registry.update().problems
    assert [problem.key for problem in problems] == ["tables.patients.sheet"]
    assert problems[0].next_step == "all.xlsx has: Stammdaten, visits"


def test_a_mapped_column_that_is_not_there(registry: Registry) -> None:
    """A header that the study file names, and a column that nobody knows, are problems."""
    registry.study('\n[tables.visits]\ncolumns = {mrs = "Rankin", mrss = "x"}\n')
    registry.write("patients.csv", PATIENTS)
    registry.write("visits.csv", "patient,month,Rankine\nP1,0,2\n")
    problems = registry.load("patients.csv", "visits.csv").problems
    assert [(p.file, p.rule) for p in problems] == [
        ("study.toml", "a column of visits that Myocohort knows"),
        ("visits.csv", "a table visits has the column 'Rankin'"),
    ]
    assert "Did you mean 'Rankine'?" in problems[1].next_step


def test_two_tables_may_share_a_file(registry: Registry) -> None:
    """One row a patient with dates and findings is read as both."""
    registry.study(
        '\n[tables.patients]\nfile = "wide.csv"\n[tables.baseline]\nfile = "wide.csv"\n'
        '[variables.sex]\nlabel = "Sex"\ntype = "category"\n'
        'categories = {f = "female", m = "male"}\ntable = "baseline"\n'
    )
    registry.write("wide.csv", "patient,onset,sex\nP1,2015,f\n")
    outcome = registry.load_changed()
    assert outcome.counts == (2, 0, 0)
    assert outcome.summary["ignored"] == []
    assert registry.load_changed().counts == (0, 0, 0)
