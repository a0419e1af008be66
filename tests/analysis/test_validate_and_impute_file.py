"""Validation and imputation of models in any file: the same as the functions, and bad input."""

from __future__ import annotations

import json

import numpy as np
import pytest
from file_data import BAD, FEW, GAPS

from myocohort.analysis.data_files.fit_file import fit_file
from myocohort.analysis.data_files.impute_file import impute_file, imputed_lines
from myocohort.analysis.data_files.validate_file import validate_file, validation_lines
from myocohort.errors import InputError
from myocohort.stats.validation import validate

TERMS = ["NV", "PI", "EH"]


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def make(text):
        path = tmp_path / "data.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_validation_of_a_file_is_that_of_its_columns(shared_data):
    """The same seed gives the figures of `validate`, with the inclusion of each candidate."""
    path = shared_data / "stats" / "endometrial.csv"
    raw = np.loadtxt(path, delimiter=",", skiprows=1)
    told = []
    answer = validate_file(
        path, "HG", TERMS, screen=0.1, resamples=60, seed=3,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    direct = validate(raw[:, :3], raw[:, 3], TERMS, screen=0.1, resamples=60, seed=3).as_dict()
    assert answer["measures"] == direct["measures"]
    assert answer["inclusion"] == direct["inclusion"]
    assert (answer["n"], answer["events"], answer["event"]) == (79, 30, "HG=1")
    assert told[-1][0] == told[-1][1]
    json.dumps(answer, allow_nan=False)
    text = "\n".join(validation_lines(answer))
    for part in ("c-statistic", "Chosen in 60 resamples", "Resamples without a model: 0 of 60"):
        assert part in text


def test_imputation_without_gaps_gives_the_model_of_the_file(shared_data):
    """Nothing missing: the pooled b is that of logistf, whatever m.

    R: logistf::logistf(HG ~ NV + PI + EH, endometrial); references/statistics.md.
    """
    path = shared_data / "stats" / "endometrial.csv"
    answer = impute_file(path, "HG", TERMS, ["firth", "ml"], m=2, iterations=2)
    firth, ml = answer["models"]
    assert [term["b"] for term in firth["terms"]] == pytest.approx(
        [3.774560, 2.929273, -0.034752, -2.604164], rel=2e-5
    )
    infinite = ml["terms"][1]
    assert (infinite["odds_ratio"], infinite["se"], infinite["infinite_in"]) == ("inf", None, 2)
    assert ml["separated_sets"] == 2


def test_gaps_are_imputed_and_compared_with_complete_rows(write):
    """All rows with an outcome enter; the complete rows give what `fit` gives."""
    path = write(GAPS)
    answer = impute_file(path, "y", ["a", "b"], ["firth"], m=3, iterations=3)
    (model,) = answer["models"]
    assert answer["missing"] == {"y": 1, "a": 1, "b": 1}
    assert (model["n"], model["n_missing"], model["complete_cases"]["n"]) == (11, 1, 9)
    fitted = fit_file(path, "y", ["a", "b"], ["firth"], ["wald"])["models"][0]["terms"]
    assert [t["b"] for t in model["complete_cases"]["terms"]] == [t["b"] for t in fitted]
    json.dumps(answer, allow_nan=False)
    assert any("missing information" in line for line in imputed_lines(answer))
    again = impute_file(path, "y", ["a", "b"], ["firth"], m=3, iterations=3)
    assert again == answer


BAD_INPUT = {
    "an outcome with five values": (BAD, "level", ["double"], "two values, it has 5"),
    "a constant term": (BAD, "y", ["same"], "constant|does not vary"),
    "a term twice": (BAD, "y", ["level", "level"], "names a term once"),
    "a term that doubles another": (BAD, "y", ["level", "double"], "determine"),
    "a text among numbers": (BAD, "y", ["text"], "row 3, column 'text'"),
    "the outcome as a term": (BAD, "y", ["y"], "the outcome is not a term"),
    "more terms than patients": (FEW, "y", ["a", "b", "c", "d"], "coefficients"),
    "an empty file": ("", "y", ["a"], "not empty"),
}


@pytest.mark.parametrize("name", list(BAD_INPUT))
def test_bad_input_names_the_file_and_the_rule(write, name):
    """Both commands refuse it with a problem of the file."""
    text, outcome, terms, rule = BAD_INPUT[name]
    path = write(text)
    with pytest.raises(InputError, match=rule) as caught:
        validate_file(path, outcome, terms, resamples=10)
    assert caught.value.problems[0].file == "data.csv"
    with pytest.raises(InputError, match=rule) as caught:
        impute_file(path, outcome, terms, ["firth"], m=2, iterations=2)
    assert caught.value.problems[0].file == "data.csv"


def test_a_category_of_one_row_is_said_by_both(write):
    """It is a note of the answer, beside the category that others are compared with."""
    path = write(BAD)
    lonely = "letter=v: one row only has this category."
    assert lonely in validate_file(path, "y", ["letter"], resamples=20)["notes"]
    assert lonely in impute_file(path, "y", ["letter"], ["firth"], m=2, iterations=2)["notes"]


def test_an_auxiliary_that_is_a_term_is_refused(write):
    """Columns beside the model are not in it."""
    with pytest.raises(InputError, match="beside the model"):
        impute_file(write(GAPS), "y", ["a"], ["firth"], auxiliary=["a"])
