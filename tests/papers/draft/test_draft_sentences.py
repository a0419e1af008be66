"""Statistics in running text: what becomes an entry, what restates a table, what is listed."""

from __future__ import annotations

from typing import Any

import pytest

from myocohort.papers.draft.document import Document, Paragraph, Table
from myocohort.papers.draft.drafting import draft_paper
from myocohort.papers.draft.understanding.sentences import sentences_of, statistics_in
from myocohort.papers.paperfile import Paper

TABLE = Table(
    "Table 1",
    "",
    (("Variable", "Case group (n = 30)", "Control group (n = 40)", "P"),),
    (
        ("Age (years), mean ± SD", "45.3 ± 12.1", "47.2 ± 11.0", "0.51"),
        ("Dysphagia, n (%)", "12 (40.0)", "8 (20.0)", "0.066"),
        ("ILD, n (%)", "12 (40.0)", "9 (22.5)", "0.110"),
    ),
    ("ILD Interstitial lung disease",),
)


def said(text: str, section: str = "Results") -> dict[str, Any]:
    """Return what a paragraph adds to a draft with the table above."""
    draft = draft_paper(Document("A paper", "", (TABLE, Paragraph(section, text))))
    Paper.model_validate(draft.paper)
    found: dict[str, Any] = {}
    for kind, entries in draft.paper.items():
        if isinstance(entries, list) and kind not in ("table", "partitions"):
            own = [e for e in entries if not str(e.get("place", "")).startswith("Table")]
            if own:
                found[kind] = own
    return found


def fields(entry: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """Return some fields of an entry."""
    return tuple(entry.get(name) for name in names)


@pytest.mark.parametrize(
    ("text", "sort", "numbers"),
    [
        ("male (OR = 19.57, 95%CI = 1.49–256.53)", "ratio", ["19.57", "1.49", "256.53"]),
        ("male (OR, 19.57; P < 0.001)", "ratio", ["19.57", "<0.001"]),
        ("aOR for ILD was 2.45 (95% CI: 1 to 5.4, p=.03)", "ratio", ["2.45", "1", "5.4", ".03"]),
        ("hazard ratio 1.8; 95% confidence interval, 1.1-2.9", "ratio", ["1.8", "1.1", "2.9"]),
        ("HR, 1.03 [1.01–1.05]; p<0.001", "ratio", ["1.03", "1.01", "1.05", "<0.001"]),
        ("(R = 0.818, P < 0.001)", "correlation", ["0.818", "<0.001"]),
        ("r(38) = −.45", "correlation", ["-.45"]),
        ("3.85 ± 2.49 years", "mean", ["3.85", "2.49"]),
        ("13 patients (32.5%) had", "count", ["13", "32.5"]),
        ("three patients using SDH staining (7.5%)", "count", ["3", "7.5"]),
        ("32 of 37 patients (86.5%)", "count", ["32", "37", "86.5"]),
        ("12/48 (25%)", "count", ["12", "48", "25"]),
        ("21 patients (72.4%) of 29 tested patients", "count", ["21", "72.4", "29"]),
        ("32.5% (13/40)", "count", ["32.5", "13", "40"]),
        ("22.2% in the group", "percent", ["22.2"]),
        ("6 (4, 18) months", "median", ["6", "4", "18"]),
        ("24 months (range 6–60)", "median", ["24", "6", "60"]),
        ("(P = 0.029)", "p", ["0.029"]),
        ("the ratio of male to female participants was 14:34", "levels", ["14", "34"]),
    ],
)  # fmt: skip
def test_statistics_of_a_sentence(text: str, sort: str, numbers: list[str]) -> None:
    """Each is found once, with its numbers as printed."""
    found = statistics_in(text)
    assert [statistic.sort for statistic in found] == [sort]
    texts = sorted(piece.text for piece in found[0].pieces.values())
    assert texts == sorted(numbers)


@pytest.mark.parametrize(
    "text", ["95% confidence intervals", "at the 95% level", "CD19 and mRS 0-2 in 2012"]
)
def test_no_statistics(text: str) -> None:
    """Levels of intervals, names and citations are none."""
    assert statistics_in(text) == ()


def test_sentences_end_where_they_end() -> None:
    """Decimals, abbreviations and figures do not end a sentence."""
    text = "P was 0.03 (Fig. 1). Zhao et al. found 3 vs. 4 of them. All others (5) did not."
    assert sentences_of(text) == (
        "P was 0.03 (Fig. 1).", "Zhao et al. found 3 vs. 4 of them.", "All others (5) did not.",
    )  # fmt: skip


def test_numbers_of_a_table_said_again() -> None:
    """The group and a word of the row decide between equal numbers of a table."""
    found = said(
        "Dysphagia was seen in 40.0% in the case group and 20.0% in the control group (P = 0.066)."
    )
    assert [entry["of"] for entry in found["same"]] == [
        "table1.dysphagia.case.percent",
        "table1.dysphagia.control.percent",
        "table1.dysphagia.p.p",
    ]
    assert set(found) == {"same"}


def test_abbreviations_under_a_table_are_known() -> None:
    """ILD in the table and interstitial lung disease in the sentence are one thing."""
    found = said("Interstitial lung disease was present in 40.0% of the case group.")
    assert [entry["of"] for entry in found["same"]] == ["table1.ild.case.percent"]


def test_a_number_that_two_rows_print_is_nobodys() -> None:
    """Where the words do not decide, the number is an entry of its own."""
    found = said("Symptoms were seen in 40.0% in the case group.")
    assert [fields(entry, "group", "percent") for entry in found["count"]] == [("case", "40.0")]


def test_means_in_the_order_of_the_groups() -> None:
    """Two means after two groups belong to them in turn, and their p value compares them."""
    found = said(
        "CRP was higher in the case group than in the control group (15.2 ± 3.1 vs 9.8 ± 2.2, "
        "P = 0.003)."
    )
    assert [fields(entry, "variable", "group", "mean", "sd") for entry in found["mean"]] == [
        ("crp", "case", "15.2", "3.1"), ("crp", "control", "9.8", "2.2"),
    ]  # fmt: skip
    assert fields(found["p"][0], "variable", "groups", "p") == ("crp", ["case", "control"], "0.003")


def test_a_group_that_a_count_defines_is_not_its_denominator() -> None:
    """A share that defines a group, "13 patients (the case group)", is of the whole sample."""
    found = said("After treatment, 13 patients (32.5%) still had weakness (the case group).")
    assert fields(found["count"][0], "variable", "group", "n", "percent") == (
        "still_weakness", "whole_sample", "13", "32.5",
    )  # fmt: skip


def test_counts_medians_ranges_models_and_correlations_of_their_own() -> None:
    """What no table prints becomes an entry with the words beside it."""
    found = said(
        "MAC deposition was seen in 32 of 37 patients (86.5%). Median follow-up was 24 months "
        "(range 6–60). The time to admission was 6 (4, 18) months. Older age (HR, 1.03 "
        "[1.01–1.05]; p<0.001) predicted relapse. Spearman tests showed a correlation between "
        "BAFF-R and CD19 (R = 0.818, P < 0.001). The ratio of male to female was 14:34."
    )
    assert fields(found["count"][0], "variable", "n", "of", "percent") == (
        "mac_deposition", "32", "37", "86.5",
    )  # fmt: skip
    assert [fields(entry, "level", "n") for entry in found["count"][1:]] == [
        ("male", "14"), ("female", "34"),
    ]  # fmt: skip
    assert fields(found["median"][0], "variable", "median", "q1") == ("follow_up", "24", None)
    assert fields(found["range"][0], "low", "high") == ("6", "60")
    assert fields(found["median"][1], "median", "q1", "q3") == ("6", "4", "18")
    assert "range" in found["median"][1]["remark"]
    assert found["model"][0]["terms"] == [
        {"term": "older_age", "hazard_ratio": "1.03", "low": "1.01", "high": "1.05", "p": "<0.001"}
    ]
    assert fields(found["correlation"][0], "x", "y", "r", "p", "claimed") == (
        "baff_r", "cd19", "0.818", "<0.001", "spearman",
    )  # fmt: skip
    assert "not_understood" not in found


def test_what_is_not_understood_is_listed_with_its_place() -> None:
    """One line a sentence; sentences without numbers, or with years and names only, are not."""
    found = said(
        "The rates were 3.44, 1.45 and 0.68, respectively. CD19 was stained in 2012 (Table 1). "
        "Others reported 25% [8]. The rest was normal."
    )
    assert found == {
        "not_understood": [
            {"place": "Results", "text": "The rates were 3.44, 1.45 and 0.68, respectively."},
            {"place": "Results", "text": "Others reported 25% [8]."},
        ]
    }


def test_settings_of_methods_are_listed_and_references_left_out() -> None:
    """A threshold in Methods is no result; reference lists are not part of the paper's numbers."""
    found = said("Significance was accepted as P < 0.05.", "Methods, Statistical analysis")
    assert set(found) == {"not_understood"}
    assert said("Suzuki S, et al. J 2015;10:61.", "References") == {}


def test_an_endless_sentence_is_listed() -> None:
    """What is too long for a sentence is a list or a lost table, and is listed whole."""
    text = "Patients had 1 (5%) and " * 200
    assert set(said(text)) == {"not_understood"}
