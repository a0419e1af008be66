"""What holds for every check in CHECKS, and what all of them find in the reference paper."""

from __future__ import annotations

import importlib
import json

import pytest

from myocohort.papers.checks import CHECKS, run_checks
from myocohort.papers.paperfile import Paper


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_speaks_of_printed_numbers_under_its_own_name(
    name: str, reference_paper: Paper
) -> None:
    """Each finding names its check and numbers that are in the paper, and says why."""
    texts = {number.id: number.text for number in reference_paper.numbers()}
    found = list(CHECKS[name](reference_paper))
    assert found
    for finding in found:
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


def test_the_findings_in_the_reference_paper(reference_paper: Paper) -> None:
    """Eleven numbers cannot be as printed; each has its own test with a second calculation."""
    found = [f for f in run_checks(reference_paper) if f.verdict == "inconsistent"]
    assert {f.number for f in found} == {
        "table2.severe_weakness.low",
        "text.fat_rate_24.mean",
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
    for finding in run_checks(reference_paper):
        said = f"{finding.explanation} {finding.suggestion}".lower()
        assert not any(word in said for word in ("fraud", "error", "fault", "mistake", "fabricat"))
