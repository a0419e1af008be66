"""Agreement in any file: published coefficients through a long table, and bad input."""

from __future__ import annotations

import pytest
from file_data import SHROUT_FLEISS

from myocohort.analysis.data_files.agree_file import agree_file, agreement_lines, default_measures
from myocohort.errors import InputError
from myocohort.stats.agreement import AGREEMENT

FORMS = {
    "icc_1_1": 0.17, "icc_2_1": 0.29, "icc_3_1": 0.71, "icc_1_k": 0.44, "icc_2_k": 0.62,
    "icc_3_k": 0.91,
}  # fmt: skip


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def make(text):
        path = tmp_path / "readings.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_the_correlations_of_shrout_and_fleiss(write):
    """All six forms, as printed in Psychol Bull 1979;86:420-428, table 4."""
    agreed = agree_file(write(SHROUT_FLEISS), "target", "judge", "score", measures=list(FORMS))
    assert (agreed["units"], agreed["raters"], agreed["readings"]) == (6, 4, 24)
    for measure, printed in zip(agreed["measures"], FORMS.values(), strict=True):
        assert measure["estimate"] == pytest.approx(printed, abs=0.005)


GRADES = "m,r,g\n" + "".join(
    f"M{i},{r},{g}\n" for i, pair in enumerate(("01", "11", "22", "33", "2", "54")) for r, g in
    zip("AB", pair, strict=False)
)  # fmt: skip


@pytest.mark.parametrize(("grades", "raters"), [(0, 2), (0, 3), (2, 2), (2, 3), (6, 2), (6, 3)])
def test_default_measures_fit_the_scale_and_the_raters(grades, raters):
    """Numbers get no kappa, several raters none for two, and each name is on offer."""
    names = default_measures(grades, raters)
    assert names
    for name in names:
        assert raters == 2 or AGREEMENT[name].raters == "two or more"
        assert grades or AGREEMENT[name].takes == "numbers"


def test_a_scale_brings_weighted_measures_and_counts_missing_readings(write):
    """Six grades: weighted kappa, AC2 and ordinal alpha; the reading that is not there counts."""
    agreed = agree_file(write(GRADES), "m", "r", "g", scale=list("012345"))
    names = [measure["name"] for measure in agreed["measures"]]
    assert names == ["cohen_kappa_quadratic", "gwet_ac2_quadratic", "krippendorff_ordinal"]
    assert (agreed["readings"], agreed["n_missing"]) == (11, 1)
    assert not any("error" in measure for measure in agreed["measures"])
    assert any("n 5, missing 1" in line for line in agreement_lines(agreed))


def test_grades_in_words_are_taken_in_the_order_of_the_scale(write):
    """The same readings in words give the same kappa."""
    words = GRADES
    scale = ["none", "trace", "mild", "moderate", "marked", "severe"]
    for grade, word in enumerate(scale):
        words = words.replace(f",{grade}\n", f",{word}\n")
    number = agree_file(write(GRADES), "m", "r", "g", scale=list("012345"))
    word = agree_file(write(words), "m", "r", "g", scale=scale)
    assert [m["estimate"] for m in word["measures"]] == [m["estimate"] for m in number["measures"]]


BAD_INPUT = {
    "a grade off the scale": ("M9,A,7\n", "one of 0, 1, 2, 3, 4, 5", 13),
    "a text": ("M9,A,two\n", "g is a number", 13),
    "a pair twice": ("M0,A,1\n", "row 2 is the same pair", 13),
    "no rater": ("M9,,1\n", "each reading has a rater", 13),
}


@pytest.mark.parametrize("name", list(BAD_INPUT))
def test_bad_readings_name_their_row(write, name):
    """File and row as the spreadsheet shows them."""
    line, rule, row = BAD_INPUT[name]
    with pytest.raises(InputError) as caught:
        agree_file(write(GRADES + line), "m", "r", "g", scale=list("012345"))
    (problem,) = caught.value.problems
    assert rule in problem.rule
    assert (problem.file, problem.row) == ("readings.csv", row)


def test_a_blank_line_does_not_shift_the_row(write):
    """The row of a problem is that of the spreadsheet."""
    with pytest.raises(InputError) as caught:
        agree_file(write(GRADES + "\nM9,A,7\n"), "m", "r", "g", scale=list("012345"))
    assert caught.value.problems[0].row == 14


def test_a_measure_for_two_is_refused_for_four(write):
    """With no other measure it is an error, which says how many raters there are."""
    with pytest.raises(InputError, match="compares 2 raters; found 4"):
        agree_file(write(SHROUT_FLEISS), "target", "judge", "score", measures=["bland_altman"])


def test_one_rater_is_too_few(write):
    """Agreement needs two."""
    with pytest.raises(InputError, match="two raters"):
        agree_file(write("m,r,g\n1,A,2\n2,A,3\n"), "m", "r", "g")
