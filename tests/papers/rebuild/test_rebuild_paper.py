from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from rebuild_papers import counts, paper_of, sizes

from myocohort.errors import RebuildError
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild import RebuiltPaper, rebuild_paper


@pytest.fixture(scope="module")
def found(reference_paper: Paper) -> RebuiltPaper:
    """Return what the reference study's paper file leaves possible."""
    return rebuild_paper(reference_paper)


def test_the_readings_of_the_reference_study(found: RebuiltPaper) -> None:
    """Disjoint regimens have no solution, overlapping ones have; OI + MTX either way."""
    assert {answer.reading.id: answer.possible for answer in found.readings} == {
        "disjoint_any": False, "disjoint_own": False,
        "overlapping_any": True, "overlapping_own": True,
    }  # fmt: skip


def test_records_have_every_printed_number_that_was_searched(
    found: RebuiltPaper, reference_paper: Paper
) -> None:
    """40 patients a record: the counts of Table 1 and the means and SDs of the ages."""
    assert [(r.reading, r.number) for r in found.records] == [
        (reading, number)
        for reading in ("overlapping_any", "overlapping_own")
        for number in range(1, 9)
    ]
    for records in found.records:
        table = records.table
        assert len(table) == table["patient"].nunique() == 40
        for entry in reference_paper.count:
            inside = table[table["group"] == entry.group]
            if entry.n is not None and entry.variable in table.columns and len(inside):
                assert (inside[entry.variable] == entry.level).sum() == int(entry.n), entry.id
        ages = table.astype({"onset_age": float}).groupby("group")["onset_age"]
        assert ages.mean().round(2).to_dict() == {"non_refractory": 37.26, "refractory": 50.77}
        assert ages.std().round(2).to_dict() == {"non_refractory": 18.06, "refractory": 15.77}


def test_what_has_no_step_is_not_searched(found: RebuiltPaper) -> None:
    """Rates and expression have no declared step; only ages were searched."""
    status = {column.variable: column.status for column in found.columns}
    assert status.pop("onset_age") == "found"
    assert status["fat_rate_3"] == status["expression_baff_r"] == "not searched"


def test_the_answer_as_plain_types(found: RebuiltPaper) -> None:
    """JSON without NaN, with everything in words."""
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["models"][0]["joint"]["candidates"] == 31_000
    assert plain["readings"][0]["conflicts"][0]["numbers"][0].keys() == {"id", "place", "printed"}
    assert len(plain["records"]) == 16
    assert all(records["made"] for records in plain["records"])
    assert plain["conflicts"] == found.conflicts
    said = " ".join(plain["words"])
    assert "None of them has 41.03" in said
    assert "c-statistic 0.873 to 0.923" in said


def test_the_same_seed_gives_the_same(found: RebuiltPaper, reference_paper: Paper) -> None:
    """Byte for byte; another seed deals the rows anew and finds the same conflicts."""
    again = rebuild_paper(reference_paper)
    assert json.dumps(again.as_dict()) == json.dumps(found.as_dict())
    other = rebuild_paper(reference_paper, seed=7, limit=1)
    assert [r.as_dict()["conflicts"] for r in other.readings] == [
        r.as_dict()["conflicts"] for r in found.readings
    ]
    assert not other.records[0].table.equals(found.records[0].table)


def test_the_steps_are_told() -> None:
    """Each step with its number; as many as announced."""
    told: list[tuple[int, int, str]] = []
    paper = paper_of(size=sizes(one=4, two=3), count=counts("one", a=2) + counts("two", a=1))
    rebuild_paper(paper, progress=lambda *step: told.append(step))
    assert [number for number, _, _ in told] == list(range(1, told[-1][1] + 1))
    assert told[0][2] == "rows of one and two, reading as_printed"


def test_a_paper_without_model_or_readings_is_rebuilt_too() -> None:
    """Counts of two groups are enough; it is said that there is no model."""
    paper = paper_of(size=sizes(one=4, two=3), count=counts("one", a=2) + counts("two", a=1))
    found = rebuild_paper(paper, limit=2)
    assert [answer.reading.id for answer in found.readings] == ["as_printed"]
    assert (found.records[0].table["a"] == "yes").sum() == 3
    assert "no model" in " ".join(found.words())
    assert not rebuild_paper(paper, limit=0).records


def test_groups_of_a_p_value_are_compared_without_a_partition() -> None:
    """Where no partition is declared, the groups of a p value are taken as disjoint."""
    p = [{"id": "p", "place": "Table 1, P", "variable": "a", "groups": ["one", "two"],
          "p": "0.5", "claimed": "fisher_exact"}]  # fmt: skip
    paper = paper_of(
        partitions=[], size=sizes(one=4, two=3), count=counts("one", a=2) + counts("two", a=1), p=p
    )
    assert rebuild_paper(paper).readings[0].groups == ("one", "two")


def test_a_paper_with_nothing_to_rebuild_is_refused() -> None:
    """The message names the tables that would help."""
    with pytest.raises(RebuildError, match=r"\[\[count\]\].*\[\[mean\]\].*\[\[model\]\]"):
        rebuild_paper(paper_of(size=sizes(one=4)))


def test_a_size_that_is_not_printed_is_named() -> None:
    """Alone it is an error; beside other things it is said and the rest is searched."""
    count = counts("one", a=2) + counts("two", a=1)
    with pytest.raises(RebuildError, match=r"no size of the group 'two'.*\[\[size\]\]"):
        rebuild_paper(paper_of(size=sizes(one=4), count=count))
    mean = [{"id": "x", "place": "Table 1, x", "variable": "x", "group": "one", "mean": "2.50"}]
    found = rebuild_paper(
        paper_of(
            size=sizes(one=4), count=count, mean=mean,
            variables={"x": {"step": "1", "low": "0", "high": "9"}},
        )
    )  # fmt: skip
    assert found.columns[0].status == "found"
    assert "one and two were not searched" in " ".join(found.words())


def test_a_reading_of_rows_in_no_common_groups_is_refused() -> None:
    """The reading is named."""
    paper = paper_of(
        size=sizes(one=4, two=3),
        count=counts("one", a=2) + counts("two", a=1) + counts("all", b=1),
        reading=[{"id": "strange", "label": "strange", "exclusive": [["a", "b"]]}],
    )
    with pytest.raises(RebuildError, match="'strange'"):
        rebuild_paper(paper)


def test_a_negative_limit_is_refused(reference_paper: Paper) -> None:
    """Fewer than no solutions cannot be listed."""
    with pytest.raises(RebuildError, match="-1"):
        rebuild_paper(reference_paper, limit=-1)


def test_counts_above_the_group_end_in_words(changed_paper: Callable[..., Paper]) -> None:
    """30 of 27: a conflict of two numbers in every reading, and no joint tables."""
    found = rebuild_paper(changed_paper("table1.ild.non_refractory", n="30"))
    assert not found.records
    assert found.models[0].joint is None
    for answer in found.readings:
        assert any(
            {number.id for number in conflict.numbers}
            == {"table1.ild.non_refractory.n", "table1.heading.non_refractory.n"}
            for conflict in answer.conflicts
        )


def test_the_solver_is_imported_only_when_something_is_searched() -> None:
    """OR-Tools takes 0.4 s to import; its import gives no warning either."""
    code = (
        "import sys; import myocohort.papers.rebuild; assert 'ortools' not in sys.modules; "
        "from ortools.sat.python import cp_model"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
