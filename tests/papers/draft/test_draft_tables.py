"""Tables in the styles of journals turned into entries; the tables are made for these tests."""

from __future__ import annotations

import tomllib
from typing import Any

from myocohort.papers.draft.document import Document, Paragraph, Table
from myocohort.papers.draft.drafting import draft_paper
from myocohort.papers.draft.writing import draft_toml
from myocohort.papers.paperfile import Paper, load_paper


def drafted(*blocks: Table | Paragraph) -> dict[str, Any]:
    """Return a draft as its TOML reads, and hold it against the rules of a paper file."""
    raw = tomllib.loads(draft_toml(draft_paper(Document("A paper", "", blocks))))
    Paper.model_validate(raw)
    return raw


def lines(raw: dict[str, Any], kind: str, *names: str) -> list[tuple[Any, ...]]:
    """Return the named fields of the entries of a kind."""
    return [tuple(line.get(name) for name in names) for line in raw.get(kind, ())]


SUMMARY = Table(
    "Table 1",
    "Baseline characteristics",
    (("Characteristic", "Overall, N = 40^1", "A, N = 27^1", "B, N = 13^1", "p-value^2"),),
    (
        ("Age", "45 (12)", "44 (11)", "47 (13)", "0.45"),
        ("Sex", "", "", "", "0.067"),
        ("    Male", "11 (28%)", "5 (19%)", "6 (46%)", ""),
        ("    Female", "29 (72%)", "22 (81%)", "7 (54%)", ""),
        ("Stage", "", "", "", ">0.9"),
        ("    I", "10 (26%)", "7 (27%)", "3 (25%)", ""),
        ("    II", "28 (74%)", "19 (73%)", "9 (75%)", ""),
        ("    Unknown", "2", "1", "1", ""),
        ("CK, U/L", "1,200 (640, 2,310)", "1,100 (600, 2,000)", "1,500 (700, 3,000)", "0.12"),
        ("ILD", "15 (38%)", "6 (22%)", "9 (69%)", "0.004"),
    ),
    ("^1 Mean (SD); n (%); Median (Q1, Q3)",),
)


def test_a_summary_table_with_levels_and_unknowns() -> None:
    """The style of gtsummary: groups, partition, levels, missing values, means and medians."""
    raw = drafted(SUMMARY)
    assert raw["partitions"] == [{"whole": "whole_sample", "parts": ["a", "b"]}]
    assert lines(raw, "size", "group", "n") == [("whole_sample", "40"), ("a", "27"), ("b", "13")]
    assert raw["variables"]["sex"] == {"label": "Sex", "levels": ["Male", "Female"]}
    assert raw["variables"]["stage"]["levels"] == ["I", "II"]
    counts = lines(raw, "count", "variable", "level", "group", "n", "percent")
    assert ("sex", "Female", "a", "22", "81") in counts
    assert ("ild", "yes", "whole_sample", "15", "38") in counts
    assert ("stage", "a", "1") in lines(raw, "missing", "variable", "group", "n")
    assert ("age", "b", "47", "13") in lines(raw, "mean", "variable", "group", "mean", "sd")
    medians = lines(raw, "median", "variable", "group", "median", "q1", "q3")
    assert ("ck", "b", "1500", "700", "3000") in medians
    assert lines(raw, "p", "variable", "p") == [
        ("age", "0.45"), ("sex", "0.067"), ("stage", ">0.9"), ("ck", "0.12"), ("ild", "0.004"),
    ]  # fmt: skip
    assert raw["p"][0]["groups"] == ["a", "b"]
    assert "not_understood" not in raw


def test_the_look_of_a_table_is_kept() -> None:
    """Cells read as printed once the ids in braces are replaced by their numbers."""
    raw = drafted(SUMMARY)
    numbers = {number.id: number.text for number in Paper.model_validate(raw).numbers()}
    table = raw["table"][0]
    shown = [[_filled(cell, numbers) for cell in row] for row in (*table["head"], *table["rows"])]
    printed = [
        [cell.strip().replace(",", "") for cell in row] for row in (*SUMMARY.head, *SUMMARY.rows)
    ]
    assert [[cell.replace(",", "") for cell in row] for row in shown] == printed
    assert sum(cell.count("{") for row in table["rows"] for cell in row) == len(numbers) - 3


def _filled(cell: str, numbers: dict[str, str]) -> str:
    for name, text in numbers.items():
        cell = cell.replace(f"{{{name}}}", text)
    return cell


def test_levels_beside_their_variable_with_merged_p_values() -> None:
    """Two label columns: a p value that a merged cell repeats is one p value."""
    raw = drafted(
        Table(
            "Table 1",
            "",
            (("Variable", "Category", "Cases (n=27)", "Controls (n=13)", "P value"),),
            (
                ("Sex", "Male", "5 (18.5)", "6 (46.2)", "0.067"),
                ("Sex", "Female", "22 (81.5)", "7 (53.8)", "0.067"),
                ("Age, y", "Mean (SD)", "45.1 (12.3)", "50.2 (11.1)", "0.2"),
                ("Age, y", "Median (range)", "44 (20–70)", "51 (30–77)", "0.2"),
            ),
        )
    )
    assert list(raw["groups"])[:2] == ["cases", "controls"]
    assert lines(raw, "p", "variable", "p") == [("sex", "0.067"), ("age", "0.2")]
    assert ("sex", "Female", "controls", "7") in lines(
        raw, "count", "variable", "level", "group", "n"
    )
    assert lines(raw, "range", "variable", "group", "low", "high") == [
        ("age", "cases", "20", "70"), ("age", "controls", "30", "77"),
    ]  # fmt: skip
    assert raw["table"][0]["rows"][1][4] == "{table1.sex.p.p}"
    assert "not_understood" not in raw


def test_merged_cells_are_read_once() -> None:
    """A p value over three rows and a mean over two columns, repeated as a reader gives them."""
    raw = drafted(
        Table(
            "Table 1",
            "",
            (("", *["A (n = 27)"] * 2, *["B (n = 13)"] * 2, "P"), ("", "n", "%", "n", "%", "P")),
            (
                ("Sex", "", "", "", "", "0.067"),
                ("Male", "5", "18.5", "6", "46.2", "0.067"),
                ("Female", "22", "81.5", "7", "53.8", "0.067"),
                ("ILD", "6", "22.2", "9", "69.2", "0.067"),
                ("Age, mean ± SD", *["37.3 ± 18.1"] * 2, *["50.8 ± 15.8"] * 2, "0.029"),
            ),
        )
    )
    assert lines(raw, "p", "variable", "p") == [
        ("sex", "0.067"),
        ("ild", "0.067"),
        ("age", "0.029"),
    ]
    assert raw["variables"]["sex"]["levels"] == ["Male", "Female"]
    assert lines(raw, "mean", "group", "mean", "sd") == [
        ("a", "37.3", "18.1"),
        ("b", "50.8", "15.8"),
    ]
    assert raw["table"][0]["rows"][4][1] == raw["table"][0]["rows"][4][2]
    assert "not_understood" not in raw


def test_sections_whose_rows_have_p_values_are_no_variables() -> None:
    """Rows below a section are findings of their own, even where they add up to the group."""
    raw = drafted(
        Table(
            "Table 1",
            "",
            (("", "A (10)", "B (10)", "P"),),
            (
                ("Symptoms", "", "", ""),
                ("Cough", "4 (40)", "5 (50)", "0.7"),
                ("Fever", "6 (60)", "5 (50)", "0.7"),
            ),
        )
    )
    assert lines(raw, "count", "variable", "level")[::2] == [("cough", "yes"), ("fever", "yes")]


def test_a_group_b_is_no_coefficient() -> None:
    """Beside a group A, a column headed B is a group as well."""
    raw = drafted(
        Table("Table 1", "", (("", "A", "B", "P"),), (("ILD, n (%)", "4 (40)", "5 (50)", "0.7"),))
    )
    assert lines(raw, "count", "group", "n") == [("a", "4"), ("b", "5")]


def test_two_counts_in_a_cell_and_their_share() -> None:
    """Of two levels the percentage belongs to the first, unless only the second's fits."""
    raw = drafted(
        Table(
            "Table 1",
            "",
            (("", "A (n = 27)", "B (n = 13)"),),
            (("Gender(male: female)", "5:22 (18.5)", "6:7 (53.8)"), ("M/F", "5/22", "6/7")),
        )
    )
    counts = lines(raw, "count", "variable", "level", "group", "n", "percent")
    assert counts[:4] == [
        ("gender", "male", "a", "5", "18.5"),
        ("gender", "female", "a", "22", None),
        ("gender", "male", "b", "6", None),
        ("gender", "female", "b", "7", "53.8"),
    ]
    assert ("sex", "F", "a", "22", None) in counts


def test_sizes_in_a_first_row_and_signs_in_names() -> None:
    """Where the head has no sizes, a first row "No. of patients" has; SRP+ is not SRP-."""
    raw = drafted(
        Table(
            "Table 3",
            "",
            (("Feature", "SRP+", "SRP−", "p"),),
            (("No. of patients", "40", "36", ""), ("Dysphagia", "14 (35)", "9 (25)", ".34")),
        )
    )
    assert lines(raw, "size", "group", "n") == [("srp_positive", "40"), ("srp_negative", "36")]
    assert lines(raw, "count", "group", "n", "percent") == [
        ("srp_positive", "14", "35"), ("srp_negative", "9", "25"),
    ]  # fmt: skip


def test_p_values_of_pairs_of_groups_and_tests_in_notes() -> None:
    """A head that names two groups compares these; a mark can stand for a test or a level."""
    raw = drafted(
        Table(
            "Table 4",
            "",
            (("", "A (n = 10)", "B (n = 12)", "C (n = 11)", "p (A vs B)", "p (A vs C)"),),
            (
                ("Age", "40.1 ± 5.2", "41.0 ± 6.1", "45.2 ± 4.4", "0.72", "0.03*"),
                ("Male", "5 (50%)", "6 (50%)", "7 (64%)", "1.00 a", "0.67 a"),
            ),
            ("*p<0.05; a Fisher's exact test",),
        )
    )
    assert lines(raw, "p", "groups", "p", "claimed") == [
        (["a", "b"], "0.72", None),
        (["a", "c"], "0.03", None),
        (["a", "b"], "1.00", "fisher_exact"),
        (["a", "c"], "0.67", "fisher_exact"),
    ]
    assert lines(raw, "claim", "of", "significant", "level") == [("table4.age.p_2.p", True, "0.05")]


def test_the_statistic_of_a_test_stands_with_its_p_value() -> None:
    """A column t/χ2 belongs to the p values."""
    raw = drafted(
        Table(
            "Table 5",
            "mean ± SD or n (%)",
            (("Variables", "Group A (n = 20)", "Group B (n = 25)", "t/χ2", "P"),),
            (
                ("Age (years, x̄ ± s)", "45.3 ± 12.1", "47.2 ± 11.0", "0.551", "0.585"),
                ("Smoking [n (%)]", "8 (40.0)", "12 (48.0)", "0.288", "0.592"),
            ),
        )
    )
    assert lines(raw, "p", "variable", "statistic", "p") == [
        ("age", "0.551", "0.585"), ("smoking", "0.288", "0.592"),
    ]  # fmt: skip


def test_one_group_with_its_size_in_the_caption() -> None:
    """Columns "n" and "%" without a group are of the whole sample."""
    raw = drafted(
        Table(
            "Table 6",
            "Features of the patients (n = 48)",
            (("Feature", "n", "%"),),
            (("Male", "14", "29.2"), ("Onset age, mean ± SD", "40.9 ± 17.2", "")),
        )
    )
    assert lines(raw, "size", "group", "n") == [("whole_sample", "48")]
    assert lines(raw, "count", "variable", "n", "percent") == [("male", "14", "29.2")]
    assert lines(raw, "mean", "variable", "mean", "sd") == [("onset_age", "40.9", "17.2")]


def test_the_same_name_with_another_size_is_another_group() -> None:
    """A second table on a part of the patients does not change the first table's group."""
    head = ("", "Cases ({n})", "Controls (30)")
    tables = [
        Table(
            f"Table {number}",
            "",
            (tuple(cell.format(n=n) for cell in head),),
            (("ILD", f"{n // 2} (50)", "15 (50)"),),
        )
        for number, n in ((1, 20), (2, 10))
    ]
    raw = drafted(*tables)
    assert lines(raw, "size", "group", "n") == [
        ("cases", "20"), ("controls", "30"), ("table2_cases", "10"), ("controls", "30"),
    ]  # fmt: skip
    assert raw["groups"]["table2_cases"]["label"] == "Cases (Table 2)"


def test_models_side_by_side_with_levels_and_references() -> None:
    """Univariate and multivariate models; levels of a variable; reference levels are settings."""
    raw = drafted(
        Table(
            "Table 2",
            "",
            (
                ("Variable", *["Univariate"] * 3, *["Multivariate"] * 3),
                ("", "OR", "95% CI", "P value", "OR", "95% CI", "P value"),
            ),
            (
                ("Age (years)", "1.03", "0.99–1.08", "0.11", "", "", ""),
                ("Sex (male vs female)", "3.77", "0.88 to 16", "0.07", "19.57", "1.5–9", "0.024*"),
                ("Stage", "", "", "", "", "", ""),
                ("  I", "1 (ref)", "", "", "1.00", "", ""),
                ("  II", "1.2", "0.3–4.4", "0.8", "0.9", "(0.2, 3.9)", "0.88"),
            ),
            ("*P < 0.05",),
        ),
        Paragraph("Statistical analysis", "Logistic regression was used."),
    )  # fmt: skip
    one, many = raw["model"]
    assert (one["id"], many["id"], one["claimed"]) == (
        "table2.univariate", "table2.multivariate", "ml",
    )  # fmt: skip
    assert [term["term"] for term in one["terms"]] == ["age", "sex=male", "stage=ii"]
    assert many["terms"][1] == {
        "term": "stage=ii", "odds_ratio": "0.9", "low": "0.2", "high": "3.9", "p": "0.88",
    }  # fmt: skip
    assert lines(raw, "setting", "printed") == [("1",), ("1.00",)]
    assert raw["claim"][0]["of"] == "table2.multivariate.sex=male.p"
    assert "not_understood" not in raw


def test_coefficients_and_ratios_of_one_model_are_two_entries() -> None:
    """The style of SPSS: B, SE, Wald, Sig., Exp(B), Lower, Upper; Wald is listed."""
    raw = drafted(
        Table(
            "Table 4",
            "",
            (
                ("", "B", "SE", "Wald", "Sig.", "Exp(B)", "95% CI for Exp(B)", "95% CI for Exp(B)"),
                ("", "B", "SE", "Wald", "Sig.", "Exp(B)", "Lower", "Upper"),
            ),
            (("Age", "0.05", "0.02", "6.25", "0.012", "1.05", "1.01", "1.09"),),
        )
    )
    assert [model["terms"] for model in raw["model"]] == [
        [{"term": "age", "coefficient": "0.05", "standard_error": "0.02", "p": "0.012"}],
        [{"term": "age", "odds_ratio": "1.05", "low": "1.01", "high": "1.09"}],
    ]
    assert lines(raw, "not_understood", "place", "text") == [("Table 4, Age, Wald", "6.25")]


def test_estimates_with_intervals_in_one_cell() -> None:
    """Hazard ratios and coefficients with their limits in brackets."""
    raw = drafted(
        Table(
            "Table 3",
            "",
            (("Factor", "HR (95% CI)", "P"),),
            (
                ("With ILD", "2.31 (1.10–4.85)", "0.027"),
                ("Age, per 10 years", "1.10 [0.90 to 1.34]", "0.35"),
            ),
        )
    )  # fmt: skip
    assert raw["model"][0]["terms"][0] == {
        "term": "ild", "hazard_ratio": "2.31", "low": "1.10", "high": "4.85", "p": "0.027",
    }  # fmt: skip


def test_comparisons_in_the_same_patients_are_listed() -> None:
    """P values of columns that are times are no comparison of groups."""
    raw = drafted(
        Table(
            "Table 2", "", (("", "Before", "After", "P"),), (("CK", "50 ± 12", "60 ± 20", "0.1"),)
        )
    )
    assert "p" not in raw
    assert lines(raw, "not_understood", "text") == [("0.1",)]


def test_lists_of_studies_and_turned_tables_are_listed() -> None:
    """A table whose rows are studies, patients or groups is not read as one of variables."""
    raw = drafted(
        Table("Table 5", "", (("Study", "Year", "ILD (%)"),), (("Suzuki", "2015", "25"),)),
        Table(
            "Table 6", "", (("", "Age", "CK"),),
            (("Cases (n = 3)", "40.1", "500"), ("Controls (n = 4)", "41.3", "600")),
        ),
    )  # fmt: skip
    assert set(raw) == {"title", "groups", "table", "not_understood"}
    assert len(raw["not_understood"]) == 6


def test_decimal_commas_throughout() -> None:
    """A table without a decimal point writes its decimals with commas."""
    raw = drafted(
        Table(
            "Table 1",
            "",
            (("", "A (n = 27)", "B (n = 13)", "p"),),
            (
                ("ILD", "6 (22,2)", "9 (69,2)", "0,004"),
                ("Age", "37,3 ± 18,1", "50,8 ± 15,8", "0,029"),
            ),
        )
    )  # fmt: skip
    assert lines(raw, "count", "n", "percent") == [("6", "22.2"), ("9", "69.2")]
    assert lines(raw, "p", "p") == [("0.004",), ("0.029",)]


def test_ragged_and_empty_tables(tmp_path: Any) -> None:
    """Rows of different length are filled up; a table without rows is still drawn."""
    text = draft_toml(
        draft_paper(
            Document(
                "",
                "",
                (
                    Table("Table 1", "", (("", "A (27)"),), (("ILD", "6 (22.2)", "odd 3"), ("x",))),
                    Table("Table 1", "", (("", "A"),), ()),
                    Table("", "", (), ()),
                ),
            )
        )
    )  # fmt: skip
    path = tmp_path / "paper.toml"
    path.write_text(text, encoding="utf-8")
    paper = load_paper(path)
    assert [table.id for table in paper.table] == ["table1", "table1_2", "table3"]
    assert [(piece.text) for piece in paper.not_understood] == ["odd 3"]
