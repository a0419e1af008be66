from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rebuild_papers import counts, paper_of, sizes

from myocohort.errors import RebuildError
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, interval
from myocohort.papers.rebuild.joint import JointSolutions, Margins, search_joint
from myocohort.papers.rebuild.model_terms import (
    ModelSearch,
    numbers_behind,
    outcome_groups,
    search_model,
    solve_model,
)
from myocohort.papers.rebuild.ranges import over_tables, patients_of, refitted

# ../shared/references/statistics.md, "The reference study's own model"
SIZES = (9, 8, 8, 4, 5, 1, 3, 2)


def reference_search(paper: Paper) -> tuple[ModelSearch, JointSolutions]:
    """Return the search behind Table 2, and its joint tables."""
    found = search_model(paper, paper.model[0])
    assert found.joint is not None
    return found, found.joint


def test_the_search_behind_table_2(reference_paper: Paper) -> None:
    """31,000 joint tables, 8 with the odds ratios, one set of pattern sizes (statistics.md)."""
    found, joint = reference_search(reference_paper)
    assert (joint.candidates, joint.fits, joint.pattern_sizes) == (31_000, 8, SIZES)
    assert joint.groups == ("non_refractory", "refractory")
    assert "31,000 joint tables" in found.words()
    assert "8 of them give the printed odds ratios" in found.words()


def test_no_table_has_the_limit_of_41_03(reference_paper: Paper) -> None:
    """The printed 41.03 is a misprint of 1.03; the 8 have all the other limits and p values."""
    found, _ = reference_search(reference_paper)
    assert len(found.followed) == 9
    assert (found.hold_all, found.hold_most) == (0, 8)
    (number,) = found.nobody_has
    assert (number.id, number.printed) == ("table2.severe_weakness.low", "41.03")
    assert (number.low, number.high) == ("1.03", "1.03")
    assert "None of them has 41.03" in found.words()


def test_cells_say_what_is_determined(reference_paper: Paper) -> None:
    """Lowest and highest number of each cell are those over the 8 tables."""
    found, joint = reference_search(reference_paper)
    cells = found.cells()
    assert len(cells) == 16
    for g, group in enumerate(joint.groups):
        for c, pattern in enumerate(joint.patterns):
            numbers = {pair[g][c] for pair in joint.solutions}
            (cell,) = [
                cell for cell in cells
                if (cell["group"], cell["pattern"]) == (group, "".join(map(str, pattern)))
            ]  # fmt: skip
            assert (cell["low"], cell["high"]) == (min(numbers), max(numbers))
            assert cell["determined"] is (len(numbers) == 1)


def test_logarithms_of_odds_ratios_are_searched_too(reference_paper: Paper) -> None:
    """R's coefficients 2.973841, 2.015698, 3.681415 (statistics.md) have the same tables."""
    lines = [
        {"term": term, "coefficient": b, "standard_error": se}
        for term, b, se in (
            ("sex=male", "2.9738", "1.3130"),
            ("severe_weakness", "2.0157", "1.0151"),
            ("ild", "3.6814", "1.3109"),
        )
    ]
    model = type(reference_paper.model[0]).model_validate(
        {"id": "m", "place": "Table 2", "outcome": "refractory", "group": "followed",
         "claimed": "ml", "terms": lines}
    )  # fmt: skip
    paper = reference_paper.model_copy(update={"model": (model,)})
    found = search_model(paper, model)
    assert found.joint is not None
    assert (found.joint.fits, found.joint.pattern_sizes) == (8, SIZES)
    assert found.hold_all == 8


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"claimed": "firth"}, "only those of maximum likelihood"),
        ({"outcome": None}, "needs an outcome, and a partition"),
        ({"group": "one"}, "needs an outcome, and a partition"),
        ({"terms": [{"term": "a", "hazard_ratio": "2"}, {"term": "b", "odds_ratio": "2"}]},
         "a: only odds ratios"),
        ({"terms": [{"term": "a", "odds_ratio": "2"}, {"term": "c", "odds_ratio": "2"}]},
         "prints no count of c = yes in the group 'one'"),
        ({"terms": [{"term": "a", "odds_ratio": "2"}]}, "2 to 4 binary terms"),
    ],
)  # fmt: skip
def test_what_is_not_searched_says_why(entry: dict[str, Any], said: str) -> None:
    """Another method, no outcome, no partition, no count: words instead of joint tables."""
    model = {
        "id": "m", "place": "Table 2", "outcome": "two", "group": "all", "claimed": "ml",
        "terms": [{"term": "a", "odds_ratio": "2"}, {"term": "b", "odds_ratio": "2"}],
    } | entry  # fmt: skip
    paper = paper_of(
        size=sizes(one=8, two=8), count=counts("one", a=2, b=2) + counts("two", a=4, b=3),
        model=[model],
    )  # fmt: skip
    found = search_model(paper, paper.model[0])
    assert found.joint is None
    assert said in found.words()
    assert found.as_dict()["searched"] is False


def test_a_count_above_the_group_is_said(changed_paper: Callable[..., Paper]) -> None:
    """30 of 27 patients have no joint table; the message names the count and the group."""
    paper = changed_paper("table1.ild.non_refractory", n="30")
    found = search_model(paper, paper.model[0])
    assert "30 patients, but the group 'non_refractory' has 27" in found.words()
    with pytest.raises(RebuildError):
        solve_model(paper, paper.model[0])


def test_missing_values_of_a_term_are_not_guessed() -> None:
    """Who entered the model is not printed where a term is unknown of some."""
    model = {
        "id": "m", "place": "Table 2", "outcome": "two", "group": "all", "claimed": "ml",
        "terms": [{"term": "a", "odds_ratio": "2"}, {"term": "b", "odds_ratio": "2"}],
    }  # fmt: skip
    paper = paper_of(
        size=sizes(one=8, two=8), count=counts("one", a=2, b=2) + counts("two", a=4, b=3),
        missing=[{"id": "x", "place": "Methods", "variable": "a", "group": "two", "n": "1"}],
        model=[model],
    )  # fmt: skip
    assert "a is not known of all patients" in search_model(paper, paper.model[0]).words()


def test_outcome_groups_follow_the_partition(reference_paper: Paper) -> None:
    """The part with the outcome comes second, whatever its place in the partition."""
    model = reference_paper.model[0]
    assert outcome_groups(reference_paper, model) == ("non_refractory", "refractory")
    other = model.model_copy(update={"outcome": "non_refractory"})
    assert outcome_groups(reference_paper, other) == ("refractory", "non_refractory")


def test_odds_ratios_that_no_table_has_are_a_minimal_conflict(
    changed_paper: Callable[..., Paper],
) -> None:
    """With 7 instead of 8 refractory patients no table fits; drop any odds ratio and one does."""
    paper = changed_paper("table1.severe_weakness.refractory", n="7")
    model = paper.model[0]
    found = search_model(paper, model)
    assert found.joint is not None
    assert found.joint.fits == 0
    assert found.conflicts
    texts = {f"table2.{line.term}.odds_ratio": line.estimate for line in model.terms}
    behind = set(numbers_behind(paper, model))
    without = Margins("non_refractory", 27, (5, 9, 6))
    having = Margins("refractory", 13, (6, 7, 9))

    def fits(kept: set[str]) -> int:
        asked = [interval(t) if name in kept else Interval(None, None) for name, t in texts.items()]
        return search_joint([line.term for line in model.terms], without, having, asked).fits

    for conflict in found.conflicts:
        ids = {number.id for number in conflict.numbers}
        assert ids <= behind
        ratios = ids & set(texts)
        assert fits(ratios) == 0
        assert all(fits(ratios - {ratio}) for ratio in ratios)
        assert "No joint table with the printed counts" in conflict.words


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=12, max_size=40))
def test_odds_ratios_of_real_patients_are_found(patients: list[tuple[bool, bool, bool]]) -> None:
    """Patients drawn first: their own joint table is among those that fit their odds ratios."""
    data = np.array(patients, dtype=int)
    y, X = data[:, 0], data[:, 1:]
    table = np.zeros((2, 2, 2), dtype=int)
    np.add.at(table, (y, X[:, 0], X[:, 1]), 1)
    assume((table > 0).all())  # a fit exists
    b = sm.Logit(y, sm.add_constant(X)).fit(disp=False).params
    n = {group: data[y == k] for k, group in enumerate(("one", "two"))}
    paper = paper_of(
        size=sizes(**{group: len(rows) for group, rows in n.items()}),
        count=[
            entry
            for group, rows in n.items()
            for entry in counts(group, a=int(rows[:, 1].sum()), b=int(rows[:, 2].sum()))
        ],
        model=[
            {"id": "m", "place": "Table 2", "outcome": "two", "group": "all", "claimed": "ml",
             "terms": [{"term": "a", "odds_ratio": f"{math.exp(b[1]):.3f}"},
                       {"term": "b", "odds_ratio": f"{math.exp(b[2]):.3f}"}]}
        ],
    )  # fmt: skip
    joint = search_model(paper, paper.model[0]).joint
    assert joint is not None
    own = (tuple(table[0].ravel().tolist()), tuple(table[1].ravel().tolist()))
    assert own in joint.solutions


def test_ranges_over_the_eight_tables(reference_paper: Paper) -> None:
    """c-statistic .873 to .923, Brier score .105 to .126 within a unit (statistics.md)."""
    _, joint = reference_search(reference_paper)
    spreads = {s.statistic: s for s in refitted(reference_paper.model[0], joint)}
    c, brier = spreads["c-statistic"], spreads["Brier score"]
    assert (c.tables, c.of, c.determined) == (8, 8, False)
    assert (round(c.low, 3), round(c.high, 3)) == (0.873, 0.923)
    assert brier.low == pytest.approx(0.105, abs=0.0006)
    assert brier.high == pytest.approx(0.126, abs=0.0006)


def test_the_refitted_model_is_determined(reference_paper: Paper) -> None:
    """The coefficients of R's glm and brglm2 (statistics.md), one number each over all tables."""
    _, joint = reference_search(reference_paper)
    spreads = refitted(reference_paper.model[0], joint)
    refits = [s for s in spreads if s.method]
    assert {s.method for s in refits} == {"ml", "firth", "exact"}
    assert all(s.determined for s in refits)
    b = {(s.method, s.term): math.log(s.low) for s in refits if s.quantity == "odds_ratio"}
    for method, values in (
        ("ml", (2.973841, 2.015698, 3.681415)), ("firth", (2.416769, 1.670357, 2.998711))
    ):  # fmt: skip
        for term, value in zip(("sex=male", "severe_weakness", "ild"), values, strict=True):
            assert b[method, term] == pytest.approx(value, abs=2e-6)
    limits = {(s.term, s.quantity): s.low for s in refits if (s.method, s.family) == ("ml", "wald")}
    assert limits["severe_weakness", "low"] == pytest.approx(1.0266, abs=1e-4)
    assert limits["ild", "p"] == pytest.approx(0.004980, abs=1e-6)


def test_every_table_has_the_fit_of_statsmodels(reference_paper: Paper) -> None:
    """A second program on each of the 8 sets of 40 patients gives the printed odds ratios."""
    _, joint = reference_search(reference_paper)
    for number in range(1, joint.fits + 1):
        table = patients_of(joint, number)
        assert len(table) == 40
        X = sm.add_constant(table[list(joint.terms)].astype(float))
        ratios = np.exp(sm.Logit(table["outcome"], X).fit(disp=False).params[1:])
        assert [f"{ratio:.2f}" for ratio in ratios] == ["19.57", "7.51", "39.70"]


def test_any_statistic_is_a_range_over_the_tables(reference_paper: Paper) -> None:
    """Refractory men with severe weakness: counted over the cells of the 8 tables."""
    _, joint = reference_search(reference_paper)

    def both(table: Any) -> float:
        return float((table["outcome"] * table["sex=male"] * table["severe_weakness"]).sum())

    (spread,) = over_tables(joint, {"both": both})
    expected = [pair[1][6] + pair[1][7] for pair in joint.solutions]
    assert (spread.low, spread.high) == (min(expected), max(expected)) == (3, 5)
    (first,) = over_tables(joint, {"both": both}, limit=1)
    assert (first.tables, first.of, first.determined) == (1, 8, False)
