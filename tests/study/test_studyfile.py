"""The study file as a whole."""

from __future__ import annotations

import re

import pytest

from myocohort.errors import InputError, StudyFileError
from myocohort.study.example import write_example
from myocohort.study.loading import load_study
from myocohort.study.measured import measured_variables

MINIMAL = """
title = "A study"
[arms.all]
label = "all"
[variables.ild]
type = "yes_no"
"""


@pytest.fixture
def study_file(tmp_path):
    """Return a function that writes a study file and loads it."""

    def load(text):
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        return load_study(tmp_path)

    return load


def keys_of(error):
    """Return key -> rule of all problems of an error."""
    return {problem.key: problem.rule for problem in error.value.problems}


def test_variables_get_name_column_and_shared_missing_codes(study_file):
    """A variable knows its name, its column and the study's missing codes."""
    study = study_file(MINIMAL + '[missing]\n"-99" = "not done"\n')
    ild = study.variables["ild"]
    assert (ild.name, ild.column, ild.table) == ("ild", "ild", "baseline")
    assert ild.parse("-99").missing == "not done"


def test_all_wrong_keys_are_reported_at_once_with_suggestions(study_file):
    """Three errors in three places are three problems, and a typo names what was meant."""
    text = MINIMAL.replace('type = "yes_no"', 'type = "yes-no"\nlabl = "ILD"')
    with pytest.raises(StudyFileError) as error:
        study_file(text + "[schedule]\nwithin = 0\n")
    assert set(keys_of(error)) == {"variables.ild.type", "variables.ild.labl", "schedule.within"}
    assert "Did you mean 'label'?" in str(error.value)


def test_lists_are_counted_from_one_and_asked_for_in_words(study_file):
    """The second question is called 2, and a value where a list belongs is said so."""
    question = '[[time_to_event]]\nevent = "death"\n'
    with pytest.raises(StudyFileError) as error:
        study_file(MINIMAL + question + question + 'methods = "firth"\n')
    assert keys_of(error) == {"time_to_event.2.methods": "a list in brackets, also of one"}


def test_names_that_point_to_nothing_are_found(study_file):
    """Tables and models may name only what is declared."""
    text = (
        MINIMAL
        + """
[table.one]
title = "One"
groups = ["refractory", "non_refractory"]
sections = [{ variables = ["idl"] }]
[model]
event = "refractory"
against = ["non_refractory"]
terms = ["ild", "sex=male", "ild=maybe"]
"""
    )
    with pytest.raises(StudyFileError) as error:
        study_file(text)
    assert "Did you mean 'ild'?" in str(error.value)
    assert len(error.value.problems) == 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('[variables.outcome]\ntype = "text"\n', "built-in"),
        ('[variables.follow_up_years]\ntype = "number"\n', "measured"),
        ('[variables.x]\ntype = "category"\ncategories = { a = "A" }\ntable = "visits"\n'
         'column = "mrs"\n', "of type integer"),
        ('[variables.x]\ntype = "yes_no"\nat_least = 1\ntable = "antibodies"\n'
         'column = "grade"\n', "has none"),
        ('[variables.x]\ntype = "yes_no"\nany_of = ["++++"]\ntable = "antibodies"\n'
         'column = "grade"\n', "Did you mean"),
        ('[variables.x]\ntype = "yes_no"\nat_most = 2\ntable = "visits"\ncolumn = "mrs"\n'
         "month = 7\n", "schedule"),
        ('[variables.x]\ntype = "text"\n[table.t]\ntitle = "T"\ngroups = ["a", "b"]\n'
         'sections = [{ variables = ["x"] }]\n', "compares numbers"),
        ('[table.t]\ntitle = "T"\ngroups = ["a", "a"]\nsections = [{ variables = ["ild"] }]\n',
         "once"),
        ('[imaging]\nscales = { fat = "mercuri" }\n', "modified-mercuri"),
    ],
)  # fmt: skip
def test_mistakes_that_would_give_wrong_numbers_are_found_in_the_file(body, message, study_file):
    """Names that clash, types that do not fit and tests of text are errors with their key."""
    with pytest.raises(StudyFileError, match=message):
        study_file(MINIMAL + body)


@pytest.mark.parametrize(
    ("keys", "wrong", "step"),
    [
        ('by = "overall"\ngroups = ["refractory", "non_refractory"]', "groups", "Remove `groups`"),
        ('by = "overall"\ncontinuous_test = "mann_whitney"', "continuous_test", "Remove"),
        ('by = "overall"\ntests = { ild = "fisher_exact" }', "tests", "Remove `tests`"),
        ('by = "overall"\nrule_of_choice = "spss-2020"', "rule_of_choice", 'by = "outcome"'),
        ('by = "outcome"', "groups", 'table.t.by = "overall"'),
        ('by = "arm"\ngroups = ["all"]', "groups", "Give `groups`"),
    ],
)
def test_a_table_has_groups_where_it_compares_and_none_where_it_does_not(
    keys, wrong, step, study_file
):
    """Each wrong combination names its key and what to do."""
    body = f'[table.t]\ntitle = "T"\n{keys}\nsections = [{{ variables = ["ild"] }}]\n'
    with pytest.raises(StudyFileError) as error:
        study_file(MINIMAL + body)
    (problem,) = error.value.problems
    assert problem.key == f"table.t.{wrong}"
    assert step in problem.next_step


def test_a_table_of_all_followed_patients_is_not_the_first_comparison(study_file):
    """It may come first, and the first table that compares is still found; or none is."""
    overall = '[table.a]\ntitle = "A"\nby = "overall"\nsections = [{ variables = ["ild"] }]\n'
    compared = (
        '[table.b]\ntitle = "B"\ngroups = ["refractory", "non_refractory"]\n'
        'sections = [{ variables = ["ild"] }]\n'
    )
    assert study_file(MINIMAL + overall).first_comparison is None
    study = study_file(MINIMAL + overall + compared)
    assert study.first_comparison == study.table["b"]
    assert not study.table["a"].compares


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"title = ", "TOML"), (b'title = "\xe9"', "UTF-8"), (None, "myocohort new")],
)
def test_a_file_that_is_no_study_file_says_so(tmp_path, content, message):
    """A missing file, bytes that are not UTF-8 and broken TOML each say what to do."""
    if content is not None:
        (tmp_path / "study.toml").write_bytes(content)
    with pytest.raises(StudyFileError, match=message):
        load_study(tmp_path)


def test_the_records_hash_follows_what_decides_how_records_are_read(study_file):
    """A label does not change the hash; a category, unit or missing code does."""
    before = study_file(MINIMAL).records_hash
    assert study_file(MINIMAL + 'label = "ILD"').records_hash == before
    assert study_file(MINIMAL.replace("A study", "B")).records_hash == before
    assert study_file(MINIMAL + '[missing]\n"-9" = "no"\n').records_hash != before
    assert study_file(MINIMAL.replace("yes_no", "text")).records_hash != before


def test_measured_variables_follow_imaging_and_markers(study_file):
    """Scales, months and markers give columns of the analysis table."""
    study = study_file(MINIMAL + '[imaging]\nmonths = [3]\n[markers.cd19]\nlabel = "CD19"\n')
    assert set(measured_variables(study)) == {
        "follow_up_years", "mri_fat_0", "fat_present", "fat_rate_3", "mri_oedema_0",
        "oedema_present", "oedema_rate_3", "mri_followed", "expression_cd19",
    }  # fmt: skip


def test_the_example_is_valid_and_every_key_it_uses_is_explained(tmp_path):
    """The example that `new` writes loads, and has a comment for each part."""
    write_example(tmp_path / "study")
    study = load_study(tmp_path / "study")
    assert study.origin == "made"
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    assert len(re.findall(r"^#", text, re.MULTILINE)) >= 15


def test_the_example_never_overwrites(tmp_path):
    """A folder with anything in it is refused and left alone."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="new or empty"):
        write_example(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
