"""What holds for every check in CHECKS, and what all of them find in the reference paper."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from myocohort.papers.checks import CHECKS, run_checks
from myocohort.papers.paperfile import Paper

DOCS = Path(__file__).parents[3] / "docs" / "checks"


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_speaks_of_printed_numbers_under_its_own_name(
    name: str, reference_paper: Paper
) -> None:
    """Each finding names its check and what is in the paper, and says why."""
    claims = (claim.as_number() for claim in reference_paper.claim)
    texts = {number.id: number.text for number in (*reference_paper.numbers(), *claims)}
    for finding in CHECKS[name](reference_paper, "nearest"):
        assert finding.check == name
        assert texts[finding.number] == finding.printed
        assert set(finding.against) <= texts.keys() - {finding.number}
        assert finding.explanation
        assert finding.verdict != "consistent" or not (finding.computed or finding.suggestion)


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_has_its_own_file(name: str) -> None:
    """A check lives in the file of its name, which calls it so."""
    module = importlib.import_module(f"myocohort.papers.checks.{name}")
    assert name == module.NAME
    assert getattr(module, name) is CHECKS[name]


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_is_documented_and_tested(name: str) -> None:
    """It has a page, a line in the table of all checks, and a test file of its own."""
    page = DOCS / f"{name}.md"
    assert page.is_file()
    assert name in page.read_text(encoding="utf-8").partition("\n")[0]
    assert f"| [{name}]({name}.md) |" in (DOCS / "README.md").read_text(encoding="utf-8")
    assert (Path(__file__).parent / f"test_{name}.py").is_file()


def test_no_page_is_left_of_a_check_that_is_gone() -> None:
    """Every page in docs/checks is that of a check, beside those about all of them."""
    pages = {page.stem for page in DOCS.glob("*.md")}
    assert pages - set(CHECKS) == {"README", "accuracy", "limits"}


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_answers_on_an_empty_paper(
    name: str, made_paper: Callable[[str], Paper]
) -> None:
    """A paper without a single number gives no finding and no error, however it rounds."""
    for rounding in ("nearest", "truncated", "twice"):
        assert list(CHECKS[name](made_paper(""), rounding)) == []


def test_the_findings_in_the_reference_paper(reference_paper: Paper) -> None:
    """Thirteen numbers and a claim; each has its own test with a second calculation."""
    found = [f for f in run_checks(reference_paper).findings if f.verdict == "inconsistent"]
    assert {f.number for f in found} == {
        "table1.raised_esr.p",
        "table2.severe_weakness.low",
        "claim.heading.baff",
        "text.fat_rate_24.mean",
        "text.oedema_rate_3.mean",
        "text.oedema_rate_12.mean",
        "text.oedema_rate_18.mean",
        "text.oedema_rate_24.mean",
        "text.baff_positive.n",
        "text.cd19_positive.n",
        "abstract.male.p.printed",
        "abstract.severe_weakness.p.printed",
        "abstract.ild.p.printed",
        "discussion.ild.refractory.printed",
    }
    assert json.loads(json.dumps([f.as_dict() for f in found]))[0]["verdict"] == "inconsistent"


def test_the_wording_is_about_numbers(reference_paper: Paper) -> None:
    """No finding speaks of fraud, error or fault."""
    for finding in run_checks(reference_paper).findings:
        said = f"{finding.explanation} {finding.suggestion}".lower()
        assert not any(word in said for word in ("fraud", "error", "fault", "mistake", "fabricat"))
