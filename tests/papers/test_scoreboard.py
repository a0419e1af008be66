from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from myocohort.papers.paperfile import Paper
from myocohort.papers.scoreboard import score
from myocohort.papers.scores import Score, Scoreboard

NOBODY = frozenset[str]()


@pytest.fixture(scope="module")
def reference(reference_paper: Paper, made_cohort: pd.DataFrame) -> dict[str, Score]:
    """Return the scores of the reference paper on a table with the printed counts."""
    return {s.id: s for s in reference_board(reference_paper, made_cohort).scores}


def reference_board(paper: Paper, table: pd.DataFrame) -> Scoreboard:
    """Score the reference paper on records that were built to its counts and odds ratios."""
    fitted = frozenset(n.id for n in paper.numbers() if n.kind in ("count", "odds_ratio"))
    return score(paper, table, fitted=fitted)


def groups(one: int, two: int, **columns: list[object]) -> pd.DataFrame:
    """Return an analysis table with two groups of patients and the columns given."""
    outcome = ["refractory"] * one + ["non_refractory"] * two
    return pd.DataFrame({"arm": "srp", "outcome": outcome, **columns})


def test_every_printed_number_has_one_score(
    reference_paper: Paper, made_cohort: pd.DataFrame
) -> None:
    """The scores are those of the paper's numbers, in order, and the counts add up."""
    board = reference_board(reference_paper, made_cohort)
    assert [s.id for s in board.scores] == [n.id for n in reference_paper.numbers()]
    shown = board.as_dict()
    assert shown["published"] == 421
    assert (
        shown["reproduced"]
        + shown["consistent"]
        + len(shown["contradicted"])
        + len(shown["not_recoverable"])
        == 421
    )
    assert len(json.loads(json.dumps(shown))["numbers"]) == 421
    assert all(row["why"] for row in shown["contradicted"] + shown["not_recoverable"])


def test_what_was_fitted_is_never_reproduced(
    reference_paper: Paper, made_cohort: pd.DataFrame
) -> None:
    """With all numbers declared as fitted nothing is reproduced, and matches are consistent."""
    everything = frozenset(number.id for number in reference_paper.numbers())
    board = score(reference_paper, made_cohort, fitted=everything)
    assert board.count("reproduced") == 0
    assert board.count("consistent") > 100


def test_percentages_follow_from_counts(reference: dict[str, Score]) -> None:
    """9 of 13 is 69.2%: the count was fitted, the percentage is reproduced from it."""
    assert reference["table1.ild.refractory.n"].status == "consistent"
    percent = reference["table1.ild.refractory.percent"]
    assert (percent.status, percent.by) == ("reproduced", "100 × 9 / 13")
    assert percent.value == pytest.approx(900 / 13)


def test_p_values_of_findings_are_pearsons_and_of_therapies_students(
    reference: dict[str, Score],
) -> None:
    """R: chisq.test(correct = FALSE) gives 11 rows; t.test(var.equal = TRUE) on 0/1 six more."""
    by = {
        s.id: s.by
        for s in reference.values()
        if s.id.startswith("table1.") and s.kind == "p" and s.status == "reproduced"
    }
    student = {name for name, said in by.items() if "Student" in said}
    assert len(by) == 18
    assert student == {
        f"table1.{row}.p"
        for row in ("gc_only", "gc_ivig_mtx", "gc_mtx", "gc_ivig", "gc_oi", "oi_ivig")
    }
    assert by["table1.gc_only.p"].endswith("not by the claimed Pearson chi-square")
    assert reference["table1.gc_only.p"].why == "the claimed Pearson chi-square gives 0.125"
    assert by["table1.ild.p"] == "Pearson chi-square test without continuity correction"


def test_the_p_of_esr_is_contradicted_with_the_digit_that_heals_it(
    reference: dict[str, Score],
) -> None:
    """5 of 27 and 5 of 13: chi-square 40 × 70² / (27 × 13 × 10 × 30) = 1.861, P = 0.172."""
    esr = reference["table1.raised_esr.p"]
    assert esr.status == "contradicted"
    assert esr.computed == "0.172"
    assert "5 of 27 and 5 of 13" in esr.why
    assert "0.172 instead of 0.872 (one digit wrong)" in esr.why


def test_limits_and_p_of_the_model_are_reproduced(reference: dict[str, Score]) -> None:
    """The odds ratios select the joint table; R's glm gives the limits and p values from it."""
    model = {
        name: s
        for name, s in reference.items()
        if name.startswith("table2.") and s.kind != "setting"
    }
    statuses = {name: s.status for name, s in model.items()}
    assert {s for name, s in statuses.items() if name.endswith("odds_ratio")} == {"consistent"}
    assert statuses.pop("table2.severe_weakness.low") == "contradicted"
    limits = [s for name, s in statuses.items() if not name.endswith("odds_ratio")]
    assert limits == ["reproduced"] * 8
    assert model["table2.severe_weakness.low"].value == pytest.approx(1.0266, abs=5e-5)
    assert "1.03 instead of 41.03" in model["table2.severe_weakness.low"].why
    assert "Wald" in model["table2.ild.high"].by


def test_a_restatement_follows_what_it_restates(reference: dict[str, Score]) -> None:
    """The text repeats 41.03 (contradicted), 54.88 (reproduced) and 19.57 (consistent)."""
    assert reference["text.severe_weakness.low.printed"].status == "contradicted"
    assert reference["text.severe_weakness.high.printed"].status == "reproduced"
    assert reference["text.male.odds_ratio.printed"].status == "consistent"
    assert "restates Table 2" in reference["text.severe_weakness.high.printed"].why


def test_a_restatement_that_differs_is_contradicted_with_both_places(
    reference: dict[str, Score],
) -> None:
    """The abstract's P < 0.001 against Table 2, the discussion's 34.8% against 9 of 13."""
    for term, p in (("male", "0.024"), ("severe_weakness", "0.047"), ("ild", "0.005")):
        found = reference[f"abstract.{term}.p.printed"]
        assert (found.status, found.computed) == ("contradicted", p)
        assert "Table 2" in found.why
        assert found.place == "Abstract, Results"
    ild = reference["discussion.ild.refractory.printed"]
    assert (ild.status, ild.computed) == ("contradicted", "69.2")
    assert "100 × 9 / 13" in ild.why


def test_settings_and_other_studies_are_not_recoverable(reference: dict[str, Score]) -> None:
    """They are no results of these patients, and the paper file says what they are."""
    found = reference["discussion.brazil.ild.printed"]
    assert found.status == "not_recoverable"
    assert found.why == "share with ILD in the Brazilian series [16]"


def test_a_number_that_is_not_in_the_table_says_so(reference: dict[str, Score]) -> None:
    """Without ages the P value of the onset age cannot be computed, and is not accused."""
    found = reference["text.onset_age.p"]
    assert found.status == "not_recoverable"
    assert "no column 'onset_age'" in found.why


AGES = """
mean = [
  { id = "one", place = "Text", variable = "age", group = "one", mean = "3.0", sd = "1.0" },
  { id = "two", place = "Text", variable = "age", group = "two", mean = "5.0", sd = "1.0" },
]
[[p]]
id = "p"
place = "Text"
variable = "age"
groups = ["one", "two"]
p = "%s"
claimed = "%s"
"""


def ages_paper(made_paper: Callable[[str], Paper], p: str, claimed: str = "mann_whitney") -> Paper:
    """Return a made paper with two mean ages and their P value."""
    return made_paper(AGES % (p, claimed))


AGES_TABLE = groups(3, 3, age=[2.0, 3.0, 4.0, 4.0, 5.0, 6.0])


def test_collected_records_reproduce_means_and_p(made_paper: Callable[[str], Paper]) -> None:
    """With nothing fitted, a match is a reproduction; Student's t of these ages is P = 0.0705."""
    board = score(ages_paper(made_paper, "0.070", "student_t"), AGES_TABLE, fitted=NOBODY)
    assert {s.status for s in board.scores} == {"reproduced"}
    assert board.scores[-1].by == "Student's t test (equal variances)"


def test_a_p_of_values_that_were_made_is_consistent_only_if_it_was_a_target(
    made_paper: Callable[[str], Paper],
) -> None:
    """Ages made to have the means may give the p by chance: that is no reproduction."""
    paper = ages_paper(made_paper, "0.070", "student_t")
    means = frozenset({"one.mean", "one.sd", "two.mean", "two.sd"})
    scores = {s.id: s for s in score(paper, AGES_TABLE, fitted=means).scores}
    assert scores["one.mean"].status == "consistent"
    assert scores["p.p"].status == "not_recoverable"
    assert "says nothing" in scores["p.p"].why
    scores = {s.id: s for s in score(paper, AGES_TABLE, fitted=means | {"p.p"}).scores}
    assert scores["p.p"].status == "consistent"


def test_a_p_of_values_that_differs_is_not_accused(made_paper: Callable[[str], Paper]) -> None:
    """Printed means do not determine a rank test: 0.900 stays undecided, with the reason given."""
    paper = ages_paper(made_paper, "0.900")
    found = score(paper, AGES_TABLE, fitted=NOBODY).scores[-1]
    assert found.status == "not_recoverable"
    assert "no other printed number determines it" in found.why


@pytest.mark.parametrize(("p", "word"), [("0.100", "exact"), ("0.050", "asymptotic")])
def test_both_mann_whitney_p_values_are_named(
    made_paper: Callable[[str], Paper], p: str, word: str
) -> None:
    """1, 2, 3 against 4, 5, 6: exact P = 2 / 20, z = 4.5 / sqrt(5.25) = 1.964 gives 0.0495."""
    table = groups(3, 3, age=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    found = score(ages_paper(made_paper, p), table, fitted=NOBODY).scores[-1]
    assert found.status == "reproduced"
    assert word in found.by


COUNTS = """
size = [
  { id = "one", place = "T", group = "one", n = "13" },
  { id = "two", place = "T", group = "two", n = "27" },
]
count = [
  { id = "c1", place = "T", variable = "ild", group = "one", n = "9", percent = "%s" },
  { id = "c2", place = "T", variable = "ild", group = "two", n = "6", percent = "22.2" },
]
[[p]]
id = "p"
place = "T"
variable = "ild"
groups = ["one", "two"]
p = "%s"
claimed = "pearson_chi_square"
"""


def ild_table(one: int = 9, two: int = 6) -> pd.DataFrame:
    """Return 13 and 27 patients of whom so many have ILD."""
    ild: list[object] = ["yes"] * one + ["no"] * (13 - one) + ["yes"] * two + ["no"] * (27 - two)
    return groups(13, 27, ild=ild)


def test_a_percentage_that_its_count_excludes_is_contradicted(
    made_paper: Callable[[str], Paper],
) -> None:
    """62.9% cannot be 9 of 13, whatever the records say."""
    paper = made_paper(COUNTS % ("62.9", "0.004"))
    for table in (ild_table(), ild_table(8, 6), pd.DataFrame({"arm": [], "outcome": []})):
        scores = {s.id: s for s in score(paper, table, fitted=NOBODY).scores}
        assert scores["c1.percent"].status == "contradicted"
        assert scores["c1.percent"].computed == "69.2"


def test_records_with_other_counts_contradict_nothing(made_paper: Callable[[str], Paper]) -> None:
    """Where the records lack the printed counts they say nothing about the printed p."""
    paper = made_paper(COUNTS % ("69.2", "0.004"))
    scores = {s.id: s for s in score(paper, ild_table(4, 6), fitted=NOBODY).scores}
    assert scores["c1.n"].status == "not_recoverable"
    assert scores["c1.percent"].status == "not_recoverable"
    assert scores["p.p"].status == "not_recoverable"
    assert "the records give" in scores["p.p"].why


def test_a_p_value_is_held_against_the_printed_counts(made_paper: Callable[[str], Paper]) -> None:
    """9 of 13 and 6 of 27 exclude a p of .900, whether or not the records lack a patient."""
    table = ild_table()
    table.loc[12, "ild"] = None
    paper = made_paper(COUNTS % ("69.2", "0.900"))
    for records in (table, ild_table()):
        scores = {s.id: s for s in score(paper, records, fitted=NOBODY).scores}
        assert scores["p.p"].status == "contradicted"


def test_a_restatement_may_be_the_right_one(made_paper: Callable[[str], Paper]) -> None:
    """Where the table misprints and the text does not, the text is reproduced."""
    paper = made_paper(
        COUNTS % ("62.9", "0.004")
        + '[[same]]\nid = "s"\nplace = "Text"\nprinted = "69.2"\nof = "c1.percent"\n'
    )
    scores = {s.id: s for s in score(paper, ild_table(), fitted=NOBODY).scores}
    assert scores["c1.percent"].status == "contradicted"
    assert scores["s.printed"].status == "reproduced"


def test_medians_quartiles_ranges_and_correlations(made_paper: Callable[[str], Paper]) -> None:
    """1, 2, 4, 8, 16, 32: quartiles at (n + 1)p are 1.75 and 20; rho is 1 - 12 / 210."""
    paper = made_paper(
        """
        [[median]]
        id = "m"
        place = "T"
        variable = "x"
        group = "all"
        median = "6"
        q1 = "1.75"
        q3 = "20"
        [[range]]
        id = "r"
        place = "T"
        variable = "x"
        group = "all"
        low = "1"
        high = "32"
        [[correlation]]
        id = "k"
        place = "T"
        x = "x"
        y = "y"
        group = "all"
        r = "0.943"
        p = "0.017"
        claimed = "spearman"
        """
    )
    table = groups(3, 3, x=[1.0, 2.0, 4.0, 8.0, 16.0, 32.0], y=[1.0, 2.0, 3.0, 4.0, 6.0, 5.0])
    scores = {s.id: s for s in score(paper, table, fitted=NOBODY).scores}
    assert {s.status for s in scores.values()} == {"reproduced"}
    assert "SPSS" in scores["m.q1"].by


def test_the_p_of_a_correlation_follows_from_r_and_n(made_paper: Callable[[str], Paper]) -> None:
    """Rho = 1 - 12 / 1716 = 0.993 with n = 12 gives P < 0.001, whatever the values behind it."""
    paper = made_paper(
        """
        size = [{ id = "s", place = "T", group = "all", n = "12" }]
        mean = [{ id = "m", place = "T", variable = "x", group = "all", mean = "6.5" }]
        [[correlation]]
        id = "k"
        place = "T"
        x = "x"
        y = "y"
        group = "all"
        r = "0.993"
        p = "<0.001"
        claimed = "spearman"
        """
    )
    numbers = [float(i) for i in range(1, 13)]
    table = groups(6, 6, x=list(numbers), y=[2.0, 1.0, *numbers[2:]])
    for fitted, status in (({"m.mean", "k.r"}, "reproduced"), ({"m.mean"}, "not_recoverable")):
        scores = {s.id: s for s in score(paper, table, fitted=frozenset(fitted)).scores}
        assert scores["k.p"].status == status
    assert "t approximation" in scores["k.p"].by


MODEL = """
[[model]]
id = "m"
place = "Table 2"
outcome = "refractory"
group = "all"
claimed = "ml"
terms = [{ term = "%s", odds_ratio = "%s", low = "%s", high = "34.84", p = "0.007" }]
"""


def test_a_limit_is_contradicted_only_where_the_odds_ratio_agrees(
    made_paper: Callable[[str], Paper],
) -> None:
    """OR 9 × 21 / (4 × 6) = 7.875: with another odds ratio printed the limits are undecided."""
    right = made_paper(MODEL % ("ild", "7.88", "2.00"))
    scores = {s.id: s for s in score(right, ild_table(), fitted=NOBODY).scores}
    assert scores["m.ild.odds_ratio"].status == "reproduced"
    assert scores["m.ild.low"].status == "contradicted"
    other = made_paper(MODEL % ("ild", "5.00", "2.00"))
    scores = {s.id: s for s in score(other, ild_table(), fitted=NOBODY).scores}
    assert scores["m.ild.odds_ratio"].status == scores["m.ild.low"].status == "not_recoverable"


def test_a_model_that_cannot_be_fitted_says_why(made_paper: Callable[[str], Paper]) -> None:
    """A constant term and a column that is absent end in a reason, not in an exception."""
    paper = made_paper(MODEL % ("ild", "7.88", "2.00"))
    for table, said in ((ild_table(0, 0), "constant"), (groups(2, 2), "no column 'ild'")):
        found = score(paper, table, fitted=NOBODY).scores[0]
        assert found.status == "not_recoverable"
        assert said in found.why


def test_an_infinite_odds_ratio_stays_infinite(made_paper: Callable[[str], Paper]) -> None:
    """With ILD in all refractory and no other patient the odds ratio has no finite estimate."""
    paper = made_paper(MODEL % ("ild", "99.00", "2.00"))
    board = score(paper, ild_table(13, 0), fitted=NOBODY)
    found = board.scores[0]
    assert (found.computed, found.status) == ("infinity", "not_recoverable")
    assert json.loads(json.dumps(board.as_dict()))["numbers"][0]["value"] == "inf"


def test_a_term_with_levels_and_a_number_term(made_paper: Callable[[str], Paper]) -> None:
    """A level is coded 1 against all others; a number enters as it is; missing rows drop out."""
    paper = made_paper(MODEL % ("sex=male", "7.88", "2.00"))
    table = ild_table()
    table["sex"] = np.where(table["ild"] == "yes", "male", "female")
    assert score(paper, table, fitted=NOBODY).scores[0].status == "reproduced"
    paper = made_paper(MODEL % ("sex", "7.88", "2.00"))
    assert "needs a level" in score(paper, table, fitted=NOBODY).scores[0].why
    paper = made_paper(MODEL % ("coded", "7.88", "2.00"))
    table["coded"] = (table["ild"] == "yes").astype(float)
    extra = groups(1, 1, ild=["yes", "no"], coded=[np.nan, np.nan])
    table = pd.concat([table, extra], ignore_index=True)
    assert score(paper, table, fitted=NOBODY).scores[0].status == "reproduced"
