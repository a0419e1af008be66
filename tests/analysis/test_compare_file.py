"""Comparing groups in any file: the numbers are those of scipy, and bad input."""

from __future__ import annotations

import json

import numpy as np
import pytest
from file_data import BAD, GAPS
from scipy import stats

from myocohort.analysis.data_files.compare_file import compare_file
from myocohort.analysis.data_files.compare_text import comparison_lines
from myocohort.errors import InputError


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def make(text):
        path = tmp_path / "data.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_the_endometrial_groups(shared_data):
    """Fisher's p, the exact odds ratio and Mann-Whitney are scipy's; Holm covers all three."""
    path = shared_data / "stats" / "endometrial.csv"
    compared = compare_file(path, "HG")
    rows = {row["variable"]: row for row in compared["variables"]}
    assert [row["kind"] for row in rows.values()] == ["yes_no", "number", "number"]
    nv = rows["NV"]
    assert nv["p"] == pytest.approx(stats.fisher_exact([[49, 0], [17, 13]]).pvalue, rel=1e-9)
    assert [s["counts"] for s in nv["summaries"]] == [[49, 0], [17, 13]]
    difference, ratio, _, _ = nv["effects"]
    assert difference["estimate"] == pytest.approx(0 / 49 - 13 / 30)
    assert (ratio["estimate"], ratio["interval"]["low"]) == (0.0, 0.0)
    oracle = stats.contingency.odds_ratio([[0, 49], [13, 17]]).confidence_interval(0.95)
    assert ratio["interval"]["high"] == pytest.approx(oracle.high, rel=1e-4)
    raw = np.loadtxt(path, delimiter=",", skiprows=1)
    for column, name in ((1, "PI"), (2, "EH")):
        first, second = (raw[raw[:, 3] == code, column] for code in (0, 1))
        median = np.median(np.subtract.outer(first, second))
        assert rows[name]["effects"][0]["estimate"] == pytest.approx(median)
        assert (rows[name]["n"], rows[name]["n_missing"]) == (79, 0)
    p = sorted(row["p"] for row in rows.values())
    adjusted = sorted(row["p_adjusted"] for row in rows.values())
    assert adjusted[0] == pytest.approx(3 * p[0])
    assert adjusted[2] == pytest.approx(max(p[2], 2 * p[1]))
    json.dumps(compared, allow_nan=False)


def test_the_order_of_groups_turns_effects_around_and_keeps_p(write):
    """--groups names the first group: the odds ratio is inverted, the difference negated."""
    path = write(GAPS)
    one = compare_file(path, "y", ["b"])["variables"][0]
    other = compare_file(path, "y", ["b"], groups=["1", "0"])["variables"][0]
    assert one["p"] == other["p"]
    assert one["effects"][0]["estimate"] == -other["effects"][0]["estimate"]
    assert one["effects"][1]["estimate"] == pytest.approx(1 / other["effects"][1]["estimate"])


def test_missing_values_and_groups_are_counted(write):
    """The row without a group counts as missing in each variable, beside its own."""
    compared = compare_file(write(GAPS), "y")
    assert compared["group"]["n_missing"] == 1
    assert [(row["n"], row["n_missing"]) for row in compared["variables"]] == [(10, 2), (10, 2)]


def test_the_rule_decides_the_test_and_the_odds_ratio_beside_it(write):
    """spss-2020 runs Pearson's test on any counts, beside it Woolf's odds ratio with its p."""
    path = write(GAPS)
    exact = compare_file(path, "y", ["b"])["variables"][0]
    pearson = compare_file(path, "y", ["b"], rule="spss-2020")["variables"][0]
    assert exact["test"]["name"] == "fisher_exact"
    assert "expected count" in exact["test"]["reason"]
    assert exact["effects"][1]["estimate_name"].startswith("conditional")
    assert pearson["test"]["name"] == "pearson_chi_square"
    assert "Wald" in pearson["effects"][1]["method"]


def test_three_groups_are_compared_two_by_two_after_the_test(write):
    """Kruskal-Wallis is scipy's, Dunn's pairs carry the names of the groups."""
    values = {"a": (1, 5, 2, 8), "b": (4, 9, 7, 12), "c": (11, 15, 14, 3)}
    rows = "".join(f"{g},{v}\n" for g, all_ in values.items() for v in all_)
    (row,) = compare_file(write("g,x\n" + rows), "g")["variables"]
    assert row["p"] == pytest.approx(stats.kruskal(*values.values()).pvalue)
    pairs = [(pair["first"], pair["second"]) for pair in row["pairs"]["pairs"]]
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]


def test_codes_of_categories_are_counted_when_asked(write):
    """Numbers named in --categories become categories in the order of their size."""
    text = "g,stage\n" + "".join(f"{i % 2},{s}\n" for i, s in enumerate((1, 2, 10, 2, 10, 1, 1, 2)))
    (row,) = compare_file(write(text), "g", as_categories=["stage"])["variables"]
    assert (row["kind"], row["labels"]) == ("category", ["1", "2", "10"])
    assert compare_file(write(text), "g")["variables"][0]["kind"] == "number"


def test_identifiers_are_left_out_by_default_with_a_note(write):
    """Text with another value in each row cannot be compared."""
    path = write("who,g,x\n" + "".join(f"P{i},{i % 2},{i}\n" for i in range(8)))
    compared = compare_file(path, "g")
    assert [row["variable"] for row in compared["variables"]] == ["x"]
    assert compared["notes"] == ["who was left out: text with another value in each row."]


def test_without_adjustment_there_is_no_adjusted_p(write):
    """--adjust none leaves p_adjusted empty; bh is the step-up procedure of scipy."""
    path = write(GAPS)
    assert compare_file(path, "y", adjust="none")["variables"][0]["p_adjusted"] is None
    rows = compare_file(path, "y", adjust="bh")["variables"]
    oracle = stats.false_discovery_control([row["p"] for row in rows])
    assert [row["p_adjusted"] for row in rows] == pytest.approx(list(oracle))


def test_a_constant_and_a_category_of_one_row_are_said(write):
    """No p with a reason for the constant; a warning for the lonely category."""
    rows = {
        row["variable"]: row
        for row in compare_file(write(BAD), "y", ["same", "letter"])["variables"]
    }
    assert rows["same"]["p"] is None
    assert rows["same"]["warnings"] == ["no test: all values are the same"]
    assert rows["letter"]["warnings"][0] == "letter=v: one row only has this category."
    assert rows["letter"]["effects"][1]["estimate"] == "inf"


BAD_INPUT = {
    "a text among numbers": ({"group": "y"}, "text is a number"),
    "a constant group": ({"group": "same"}, "at least two groups"),
    "an unknown group": ({"group": "grp"}, "--group names a column"),
    "an unknown variable": ({"group": "y", "variables": ["z"]}, "--variables names a column"),
    "a variable twice": ({"group": "y", "variables": ["level", "level"]}, "a column once"),
    "the group as a variable": ({"group": "y", "variables": ["y"]}, "with itself"),
    "an unknown value": ({"group": "y", "groups": ["0", "2"]}, "--groups names values"),
}


@pytest.mark.parametrize("name", list(BAD_INPUT))
def test_bad_input_names_the_rule(write, name):
    """Each is a problem that names the file and the rule."""
    options, rule = BAD_INPUT[name]
    with pytest.raises(InputError) as caught:
        compare_file(write(BAD), **options)
    assert any(rule in problem.rule for problem in caught.value.problems)
    assert all(problem.file == "data.csv" for problem in caught.value.problems)


def test_the_text_names_method_n_missing_and_the_groups(write):
    """What is printed carries the test, its reason, n, missing and both p values."""
    lines = comparison_lines(compare_file(write(GAPS), "y", ["b"]))
    text = "\n".join(lines)
    for part in ("n 10, missing 2", "Fisher's exact test", "chosen because", "adjusted", "Newcombe",
                 "the first group is 0, the second 1"):  # fmt: skip
        assert part in text
