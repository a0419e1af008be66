"""Logistic regression on any file: goldens through the file, and bad input."""

from __future__ import annotations

import json

import pytest
from file_data import BAD, FEW, GAPS

from myocohort.analysis.data_files.fit_file import FAMILIES, fit_file, model_lines
from myocohort.errors import InputError

BOTH = list(FAMILIES)


@pytest.fixture
def bad(tmp_path):
    """Return the file in which most things are wrong."""
    path = tmp_path / "bad.csv"
    path.write_text(BAD, encoding="utf-8")
    return path


@pytest.fixture
def gaps(tmp_path):
    """Return the file with missing values."""
    path = tmp_path / "gaps.csv"
    path.write_text(GAPS, encoding="utf-8")
    return path


def problems_of(path, outcome, terms, **options):
    """Return the problems of a fit that must fail."""
    with pytest.raises(InputError) as caught:
        fit_file(path, outcome, terms, ["ml", "firth", "exact"], BOTH, **options)
    assert all(problem.file == path.name for problem in caught.value.problems)
    return caught.value.problems


def test_the_endometrial_golden_comes_through_the_file(shared_data):
    """Firth's b, profile limits and penalised LRT p are logistf's; ML of NV is infinite.

    R: logistf::logistf(HG ~ NV + PI + EH, endometrial); references/statistics.md.
    """
    path = shared_data / "stats" / "endometrial.csv"
    fitted = fit_file(path, "HG", ["NV", "PI", "EH"], ["ml", "firth"], BOTH)
    ml, firth = fitted["models"]
    nv = {term["name"]: term for term in firth["terms"]}["NV"]
    assert nv["b"] == pytest.approx(2.929273, rel=1e-6)
    assert nv["ci_b"]["profile"] == pytest.approx([0.609724, 7.854632], rel=1e-5)
    assert nv["p"]["lrt"] == pytest.approx(0.00912367, rel=1e-5)
    assert firth["log_likelihood"] == pytest.approx(-24.037268, rel=1e-7)
    infinite = {term["name"]: term for term in ml["terms"]}["NV"]
    assert (infinite["odds_ratio"], infinite["ci"]["wald"]) == ("inf", None)
    assert infinite["ci"]["profile"][1] == "inf"
    assert ml["separation"] == {"kind": "quasi-complete", "terms": {"NV": "inf"}}
    json.dumps(fitted, allow_nan=False)


def test_exact_terms_have_their_own_p_and_say_how_they_were_estimated(tmp_path):
    """The admissions example: published limits and p, from weights, in the shape of the issue.

    Enumerated in references/statistics.md: apcalc b 3.3387, (3.0092, 1430.71), p .0006.
    """
    path = tmp_path / "admissions.csv"
    cells = {(0, 0): (1, 8), (0, 1): (7, 10), (1, 0): (1, 6), (1, 1): (6, 6)}
    rows = "".join(f"1,{f},{a},{yes}\n0,{f},{a},{n - yes}\n" for (f, a), (yes, n) in cells.items())
    path.write_text("admit,female,apcalc,n\n" + rows, encoding="utf-8")
    fitted = fit_file(path, "admit", ["female", "apcalc"], ["exact"], BOTH, weight="n")
    (model,) = fitted["models"]
    assert (model["n"], model["events"], model["log_likelihood"]) == (30, 15, None)
    assert [term["name"] for term in model["terms"]] == ["female", "apcalc"]
    term = model["terms"][1]
    assert term["estimate"] == "cmle"
    assert term["b"] == pytest.approx(3.3387, abs=5e-5)
    low, high = term["ci"]["exact"]
    assert low == pytest.approx(3.0092, abs=5e-5)  # half a unit of the last printed digit
    assert high == pytest.approx(1430.71, abs=5e-3)
    assert set(term["p"]) == {"score", "probability", "twice_one_sided", "mid_p"}
    assert term["p"]["probability"] == pytest.approx(0.00031, abs=5e-6)
    assert any("exact 3.01 to 1430.71, p 0.001" in line for line in model_lines(model))


def test_only_the_intervals_asked_for_are_shown_each_with_its_own_p(gaps):
    """Without profile there is no lrt p either."""
    fitted = fit_file(gaps, "y", ["a"], ["firth"], ["wald"])
    for term in fitted["models"][0]["terms"]:
        assert list(term["ci"]) == ["wald"]
        assert list(term["p"]) == ["wald"]
        assert "estimate" not in term


def test_rows_left_out_are_counted_by_column(gaps):
    """One row lacks the outcome, one each term: three are left out of twelve."""
    fitted = fit_file(gaps, "y", ["a", "b"], ["firth"], BOTH)
    assert (fitted["rows"], fitted["n_missing"]) == (12, 3)
    assert fitted["missing"] == {"y": 1, "a": 1, "b": 1}
    assert fitted["models"][0]["n"] == 9


BAD_INPUT = {
    "an outcome with five values": ("level", ["double"], "two values, it has 5"),
    "a constant term": ("y", ["same"], "constant"),
    "a term twice": ("y", ["level", "level"], "names a term once"),
    "a term that doubles another": ("y", ["level", "double"], "determined by 'level'"),
    "the outcome as a term": ("y", ["y"], "the outcome is not a term"),
    "no terms": ("y", [], "at least one column"),
    "an unknown column": ("y", ["levl"], "column of the file"),
    "an unknown category": ("y", ["letter=w"], "category of letter"),
}


@pytest.mark.parametrize("name", list(BAD_INPUT))
def test_bad_input_names_the_rule(bad, name):
    """Each is one problem that names the file and the rule."""
    outcome, terms, rule = BAD_INPUT[name]
    problems = problems_of(bad, outcome, terms)
    assert any(rule in problem.rule for problem in problems), problems


def test_a_text_among_numbers_names_its_cell(bad):
    """File, row as the spreadsheet shows it, column and value."""
    (problem,) = problems_of(bad, "y", ["text"])
    assert (problem.row, problem.column, problem.value) == (3, "text", "x")


def test_impossible_weights_name_their_cells(bad):
    """A negative and a fractional weight are two problems."""
    problems = problems_of(bad, "y", ["level"], weight="weight")
    assert [(p.row, p.value) for p in problems] == [(3, "-1"), (5, "1.5")]


def test_more_terms_than_patients_are_refused(tmp_path):
    """Four terms and three rows have no estimate."""
    path = tmp_path / "few.csv"
    path.write_text(FEW, encoding="utf-8")
    problems = problems_of(path, "y", ["a", "b", "c", "d"])
    assert "Use fewer terms" in problems[0].rule


@pytest.mark.parametrize("content", ["", "y,a\n"])
def test_a_file_without_rows_is_refused(tmp_path, content):
    """Neither an empty file nor a header alone can be analysed."""
    path = tmp_path / "empty.csv"
    path.write_text(content, encoding="utf-8")
    assert problems_of(path, "y", ["a"])


def test_a_category_of_one_row_is_said(bad):
    """It is fitted, with a note about the category and one about the reference."""
    fitted = fit_file(bad, "y", ["letter"], ["firth"], BOTH)
    assert fitted["notes"] == [
        "letter: compared with 'u', its first category.",
        "letter=v: one row only has this category.",
    ]


def test_an_outcome_of_names_is_not_repeated(tmp_path):
    """A column with more than twenty values may hold names: the error does not show them."""
    path = tmp_path / "names.csv"
    path.write_text("who,a\n" + "".join(f"Person{i},{i}\n" for i in range(25)), encoding="utf-8")
    (problem,) = problems_of(path, "who", ["a"])
    assert "Person" not in str(problem)
