"""The reference paper's text, drafted, against the paper file made by hand."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from myocohort.papers.checks import CHECKS
from myocohort.papers.draft.drafting import draft_paper
from myocohort.papers.draft.reading import read_document
from myocohort.papers.draft.writing import draft_toml
from myocohort.papers.paperfile import Paper, load_paper

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "draft_seeds.py"
VERSIONS = ("000", "003")


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """Return the module that measures drafts of the reference paper."""
    spec = importlib.util.spec_from_file_location("draft_seeds", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["draft_seeds"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("version", VERSIONS)
def test_the_numbers_of_the_tables_land_in_their_places(
    benchmark: ModuleType, seed: Callable[[str], Path], version: str
) -> None:
    """At least 95% of the 160 numbers of Tables 1 to 4 are in the right row and column."""
    result = benchmark.measure(seed(version))
    assert result.total == 160
    assert result.share >= 0.95, result.missing
    assert not result.surplus


def drafted(path: Path, folder: Path) -> Paper:
    """Draft a text and read the draft."""
    target = folder / "paper.toml"
    target.write_text(draft_toml(draft_paper(read_document(path))), encoding="utf-8")
    return load_paper(target)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_else_the_draft_of_the_paper_has(
    seed: Callable[[str], Path], tmp_path: Path, version: str
) -> None:
    """Claimed tests from Methods, asterisks, restatements, and counts of running text."""
    paper = drafted(seed(version), tmp_path)
    tests = {(p.place.split(",")[0], p.claimed) for p in paper.p if p.place.startswith("Table")}
    assert tests == {
        ("Table 1", "pearson_chi_square"), ("Table 3", "mann_whitney"), ("Table 4", "mann_whitney"),
    }  # fmt: skip
    assert [claim.of.split(".")[0] for claim in paper.claim] == [
        "table2", "table2", "table2", "table3", "table4", "table4",
    ]  # fmt: skip
    restated = {(same.printed, same.of) for same in paper.same}
    assert ("<0.001", "table2.gender=male.p") in restated
    assert ("22.2", "table1.ild.non_refractory.percent") in restated
    assert ("41.03", "table2.severe_muscle_weakness.low") in restated
    assert ("0.42", "table4.baff_r.refractory.mean") in restated
    shares = {(count.n, count.percent) for count in paper.count if count.place.startswith("Result")}
    assert {("27", "67.5"), ("13", "32.5"), ("29", "80.6"), ("9", "20.5"), ("32", "86.5")} <= shares
    assert [(c.r, c.p, c.claimed) for c in paper.correlation] == [("0.818", "<0.001", "spearman")]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_uncorrected_draft_accuses_no_number_wrongly(
    seed: Callable[[str], Path], tmp_path: Path, version: str
) -> None:
    """Every inconsistency that the checks find in the raw draft is one of the paper itself.

    The lower limit 41.03, the p value of an elevated ESR, and the p values of the abstract are
    found in the hand-made file as well.
    """
    paper = drafted(seed(version), tmp_path)
    found = {
        (finding.place.split(",")[0], finding.printed)
        for check in CHECKS.values()
        for finding in check(paper)
        if finding.verdict == "inconsistent"
    }
    assert found <= {("Table 2", "41.03"), ("Table 1", "0.872"), ("Abstract", "<0.001")}
    assert ("Table 2", "41.03") in found
