"""Tables whose rows were run together, as converters of PDF files leave them (made numbers)."""

from __future__ import annotations

import pytest

from myocohort.papers.draft.document import Paragraph
from myocohort.papers.draft.values import endings, is_value, kind

DENSE = """Results

Table 1. Baseline characteristics
Variables Severe (n = 13) Mild disease (n = 27) P value
Age (years), mean ± SD 37.3 ± 18.1 50.8 ± 15.8 0.029
Sex, male/female 5/22 6/7 0.067
BMI (kg/m2) 22.1 (18.2–25.0) 23.5 (19.9–26.1) 0.41
Disease duration
(months) 6 (4, 18) 7 (3, 9) NS
CK (U/L) 1,234 ± 567 2,345 ± 678 < 0.001
NYHA class 2 7 (25.9%) 5 (38.5%) -
SD, standard deviation; BMI, body mass index.
In the whole cohort the mean age was high and the patients had been
treated with steroids for 12
months before, as is shown in the next figure of the paper, where 27
patients are drawn.
"""


def test_rows_without_empty_lines_and_the_text_after_them(written, tables):
    """Wrapped labels are whole, a number in a label stays there, the text after is no row."""
    document = written(DENSE)
    (table,) = tables(document)
    assert table.head == (("Variables", "Severe (n = 13)", "Mild disease (n = 27)", "P value"),)
    assert table.rows == (
        ("Age (years), mean ± SD", "37.3 ± 18.1", "50.8 ± 15.8", "0.029"),
        ("Sex, male/female", "5/22", "6/7", "0.067"),
        ("BMI (kg/m2)", "22.1 (18.2–25.0)", "23.5 (19.9–26.1)", "0.41"),
        ("Disease duration (months)", "6 (4, 18)", "7 (3, 9)", "NS"),
        ("CK (U/L)", "1,234 ± 567", "2,345 ± 678", "< 0.001"),
        ("NYHA class 2", "7 (25.9%)", "5 (38.5%)", "-"),
    )
    assert table.notes == ("SD, standard deviation; BMI, body mass index.",)
    assert isinstance(document.blocks[-1], Paragraph)
    assert "steroids for 12 months before" in document.blocks[-1].text
    assert document.unread == ()


def test_headings_over_repeated_headings(written, tables):
    """Two names over "OR 95% CI P" twice cover three columns each; a short row is listed."""
    document = written(
        "Table 2 Regression\n\nUnivariate Multivariate\n\nVariable OR 95% CI P OR 95% CI P\n\n"
        "Age 1.02 0.99–1.05 0.21 1.03 0.98–1.08 0.25\n\n"
        "Male sex 2.31 1.10–4.85 0.03 2.10 1.01–4.41 0.047\n\nILD 3.10 1.50–6.40 0.002\n"
    )
    (table,) = tables(document)
    assert table.head == (
        ("", *["Univariate"] * 3, *["Multivariate"] * 3),
        ("Variable", "OR", "95% CI", "P", "OR", "95% CI", "P"),
    )
    assert len(table.rows) == 2
    assert [unread.text for unread in document.unread] == ["ILD 3.10 1.50–6.40 0.002"]


def test_a_row_with_fewer_values_is_placed_by_their_look(written, tables):
    """A lone p and two shares find their columns; a lone whole number may stand in two."""
    document = written(
        "Table 1 Counts\n\nFactor A (n = 9) B (n = 8) P\n\nFever 3 (33.3) 4 (50.0) 0.637\n\n"
        "Pain 5 (55.6) 2 (25.0) 0.335\n\nStage 0.912\n\nI 4 (44.4) 4 (50.0)\n\n"
        "Visits 7 (77.8)\n\nCough 2 (22.2) 1 (12.5) 1.000\n"
    )
    (table,) = tables(document)
    assert table.rows[2:] == (
        ("Stage", "", "", "0.912"),
        ("I", "4 (44.4)", "4 (50.0)", ""),
        ("Cough", "2 (22.2)", "1 (12.5)", "1.000"),
    )
    assert [unread.text for unread in document.unread] == ["Visits 7 (77.8)"]


def test_columns_by_their_place(written, tables):
    """Where the page's layout was kept, a value's place in the line says its column."""
    document = written(
        """Results

            Table 4. Outcomes at 12 months
                                  Refractory           Non-refractory
         Characteristic           (n=13)               (n=27)            P-value
         Age                      37.3 ± 18.1          50.8 ± 15.8       0.029
         Male                     5                    6                 0.67
         MRC grade                                                       0.03
           0–2                    3 (23)               4 (15)
           3                                           10 (37)
         Total                    13                   27
         *Fisher's exact test.
"""
    )
    (table,) = tables(document)
    assert table.head == (
        ("", "Refractory", "Non-refractory", ""),
        ("Characteristic", "(n=13)", "(n=27)", "P-value"),
    )
    assert table.rows[2:] == (
        ("MRC grade", "", "", "0.03"),
        ("0–2", "3 (23)", "4 (15)", ""),
        ("3", "", "10 (37)", ""),
        ("Total", "13", "27", ""),
    )
    assert document.unread == ()


def test_cells_one_on_a_line_are_listed(written, tables):
    """A table that was written cell by cell is listed whole, not guessed and not dropped."""
    document = written(
        "Results\n\nTable 3 Cells\n\nVariable\n\nA\n\nB\n\nAge\n\n37\n\n50\n\nSex\n\n5\n\n6\n\n"
        "Discussion\n\nThe end of it.\n"
    )
    assert tables(document) == []
    assert document.unread[0].place == "Table 3"
    assert "Age | 37 | 50" in document.unread[0].text
    assert document.blocks == (Paragraph("Discussion", "The end of it."),)


def test_a_heading_that_cannot_be_divided_is_listed(written, tables):
    """Words over the columns that could be divided in several ways are kept and listed."""
    document = written("Table 1 Counts\n\nthe first and the other\n\nFever 3 4\n\nPain 5 6\n")
    (table,) = tables(document)
    assert table.head == (("the first and the other", "", ""),)
    assert "which words stand over which column" in document.unread[0].why


def test_steps_of_time_are_labels(written, tables):
    """Without a heading, the number that alone tells the rows apart belongs to the label."""
    document = written("Table 2 Change\n\nMonth 3 2.6 0.02\nMonth 6 2.7 0.03\nMonth 9 2.8 0.04\n")
    (table,) = tables(document)
    assert table.rows == (
        ("Month 3", "2.6", "0.02"),
        ("Month 6", "2.7", "0.03"),
        ("Month 9", "2.8", "0.04"),
    )


def test_a_heading_without_a_table(written):
    """A heading that no table follows is listed; a sentence about a table is text."""
    document = written("Results\n\nTable 9 Lost values\n\nTable 3 shows that 3 of 4 got better.\n")
    assert document.unread[0].place == "Table 9"
    assert document.blocks == (Paragraph("Results", "Table 3 shows that 3 of 4 got better."),)


def test_running_heads_and_page_numbers_are_left_out(written):
    """What is repeated at the edges of pages is no text of the paper."""
    pages = [
        f"Author et al. Journal (2020) 1:1\nPage {n} of 4\n\nthe text of {n} goes"
        for n in range(1, 5)
    ]
    document = written("Results\n\nAt first,\n\n" + "\n\f".join(pages) + " on.\n")
    (paragraph,) = document.blocks
    assert paragraph.text == (
        "At first, the text of 1 goes the text of 2 goes the text of 3 goes the text of 4 goes on."
    )


@pytest.mark.parametrize(
    "text",
    ["22", "-0.4", "1,234", "22 (81.5)", "22 (81.5%)", "22/27 (81.5)", "0.06 ± 0.03", "5:22",
     "1.49–256.53", "19.57 (1.49–256.53)", "6 (4, 18)", "6 [4–18]", "<0.001", "< 0.001", "≥3",
     "0.022*", "0.022^a", "0.022a", "NS", "-", "–", "N/A", "P<0.05", ".17", "2 × 10^3"],
)  # fmt: skip
def test_values(text):
    """Numbers, pairs, intervals, marks and the words in their place are values."""
    assert is_value(text)


@pytest.mark.parametrize(
    "text",
    ["", "3 months", "12months", "Proportion(%)", "P", "95%CI", "CD19", "(n)", "Total",
     "0." + "*" * 50 + "x"],
)  # fmt: skip
def test_no_values(text):
    """Labels with numbers in them are none."""
    assert not is_value(text)


def test_the_look_of_values():
    """Marks and relations do not change the look; decimals and what joins numbers do."""
    assert kind("0.036*") == kind("<0.001") == ".3"
    assert kind("22 (81.5)") == "0(.1)"
    assert kind("NS") == kind("-") == ""


def test_values_are_not_torn_apart():
    """No reading of a line divides a pair that a bracket or a ± holds together."""
    assert list(endings("Age 22 (81.5) 0.06 ± 0.03")) == [
        ("Age 22 (81.5)", ("0.06 ± 0.03",)),
        ("Age", ("22 (81.5)", "0.06 ± 0.03")),
    ]
