"""The dict of scores keeps its contract: whatever is in it is tested, documented and cited."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError

from myocohort.outcomes import RULES, SCORES, Score
from myocohort.outcomes.core_set import CoreSet, Enzyme, Measured
from myocohort.outcomes.iim_classification import Findings
from myocohort.outcomes.imnm_entry import Screened
from myocohort.outcomes.mmt8 import AXIAL, MUSCLES, SIDES, Grade, Muscles
from myocohort.outcomes.mrs_change import TwoGrades
from myocohort.outcomes.rim_entry import Treated
from myocohort.outcomes.score import between, exact, plain
from myocohort.outcomes.total_improvement import CoreSetChange

DOCS = Path(__file__).parents[2] / "docs" / "outcome-rules.md"

NOTHING = {
    "total_improvement": CoreSetChange("P1", CoreSet(), CoreSet(), None),
    "iim_classification": Findings("P1"),
    "mmt8": Muscles("P1", ()),
    "rim_entry": Treated("P1", None, None, None, CoreSet()),
    "imnm_entry": Screened("P1", None, None, None, None),
    "mrs_change": TwoGrades("P1", None, None),
}
"""A patient of whom nothing is known, for each score."""

BEFORE = CoreSet(
    Measured(6, 10), Measured(5, 10), Measured(120, 150), Measured("1.5", 3), Measured(3, 10),
    (Enzyme("CK", 4000, 200),),
)  # fmt: skip
AFTER = CoreSet(
    Measured(3, 10), Measured(3, 10), None, Measured("0.75", 3), Measured(1, 10),
    (Enzyme("CK", 1000, 200),),
)  # fmt: skip
ABSENT = dict.fromkeys(
    ("heliotrope", "gottron_papules", "gottron_sign", "dysphagia", "anti_jo1"), False
)
STRONG = tuple(
    Grade(muscle, side, "5" if muscle == "quadriceps" else "10")
    for muscle in MUSCLES
    for side in SIDES
    if muscle != AXIAL
)
EXAMPLES = {
    "total_improvement": CoreSetChange("P1", BEFORE, AFTER, "adult"),
    "iim_classification": Findings(
        "P1", 50, True, True, True, True, **ABSENT, raised_enzymes=True, biopsy=True,
        endomysial=False, perimysial=None, perifascicular_atrophy=False, rimmed_vacuoles=False,
    ),
    "mmt8": Muscles("P1", STRONG),
    "rim_entry": Treated("P1", "adult", True, None, BEFORE),
    "imnm_entry": Screened("P1", True, None, "4-", None),
    "mrs_change": TwoGrades("P1", 4, None),
}  # fmt: skip
"""The worked examples of the documentation."""


@pytest.mark.parametrize("name", SCORES)
def test_every_score_keeps_the_contract(name):
    """A score has its test file, its section in the docs, its source and its definition."""
    rule = SCORES[name]
    assert (Path(__file__).parent / f"test_{name}.py").is_file()
    assert f"## `{name}`" in DOCS.read_text(encoding="utf-8")
    assert rule.label
    assert rule.version
    assert "doi:" in rule.reference
    assert is_dataclass(rule.inputs)
    assert name not in RULES
    sentences = rule.definition(rule.parameters())
    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)
    with pytest.raises(ValidationError):
        rule.parameters(no_such_parameter=1)


@pytest.mark.parametrize("name", SCORES)
def test_nothing_known_is_never_zero(name):
    """Of a patient of whom nothing is known, no value and no category is decided."""
    rule = SCORES[name]
    assert isinstance(NOTHING[name], rule.inputs)
    found = rule.score(NOTHING[name], rule.parameters())
    assert isinstance(found, Score)
    assert (found.name, found.version, found.patient) == (name, rule.version, "P1")
    assert found.reference == rule.reference
    assert found.value is None
    assert found.category is None
    assert found.categories == rule.categories
    assert found.missing
    assert "missing" in found.statement
    assert all(item.points is None and item.missing for item in found.items)


@pytest.mark.parametrize("name", SCORES)
def test_a_score_is_plain_json(name):
    """A score goes into results.json as plain types."""
    rule = SCORES[name]
    found = rule.score(NOTHING[name], rule.parameters())
    plain_types = json.loads(json.dumps(found.as_dict()))
    assert plain_types["categories"] == list(found.categories)
    assert plain_types["value"] is None


@pytest.mark.parametrize("name", SCORES)
def test_the_worked_examples_of_the_documentation_are_true(name):
    """The result that the documentation prints is the one that the score gives."""
    rule = SCORES[name]
    statement = rule.score(EXAMPLES[name], rule.parameters()).statement
    _, _, section = DOCS.read_text(encoding="utf-8").partition(f"## `{name}`")
    assert f"`{statement}`" in " ".join(section.partition("\n## ")[0].split())


def test_the_documentation_has_no_score_that_is_not_there():
    """Every section named in code is a rule, a score or the core set."""
    titles = [
        line.removeprefix("## `").removesuffix("`")
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("## `")
    ]
    assert titles == [*RULES, *SCORES]


def test_numbers_are_exact():
    """A float stands for the decimal that is printed for it, and yes is not a number."""
    assert exact(0.1) == exact("0.1") == Fraction(1, 10)
    assert exact(" 5 ") == 5
    for wrong in ("five", float("nan"), float("inf"), True, "", "1/0"):
        with pytest.raises(ValueError, match="is not a number"):
            exact(wrong)
    assert [plain(Fraction(text)) for text in ("27.5", "100", "1/3", "-0.00001", "1000000")] == [
        "27.5", "100", "0.3333", "0", "1000000",
    ]  # fmt: skip


def test_both_ends_of_a_range_belong_to_it():
    """0 and 10 lie between 0 and 10; a limit may be open on either side."""
    assert not between(0, "x", 0, 10)
    assert not between(10, "x", 0, 10)
    assert between("10.001", "x", 0, 10)[0].rule == "x lies between 0 and 10"
    assert between(11, "x", None, 10, unit="cm")[0].rule == "x is a number of at most 10 cm"
    assert not between(-11, "x", None, 10)
