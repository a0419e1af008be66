"""What the families of the final model say together, and what the paper prints of it."""

from __future__ import annotations

from typing import Any

import pytest

from myocohort.report.model.models import (
    FIRTH_WALD,
    ML_PROFILE,
    ML_WALD,
    differs,
    models_of,
    printed_terms,
    refusals,
    usable,
    verdicts,
)


def test_a_verdict_that_depends_on_the_family_is_found(results: dict[str, Any]) -> None:
    """Severe weakness is below 0.05 in three families and not by Firth's Wald test."""
    found = {verdict.label: verdict for verdict in verdicts(models_of(results, "final"))}
    severe = found["Severe muscle weakness"]
    assert severe.depends
    assert [family for family, _ in severe.not_below] == [FIRTH_WALD]
    assert len(severe.below) == 3
    assert not found["Male sex"].depends
    assert len(found["Male sex"].below) == 4


def test_a_p_value_that_is_not_there_gives_no_verdict(results: dict[str, Any]) -> None:
    """A missing p value counts neither as below nor as not below the level."""
    models = models_of(results, "final")
    for model in models.values():
        for term in model["terms"]:
            term["p"] = {"wald": None, "lrt": None}
    assert all(not v.below and not v.not_below and not v.depends for v in verdicts(models))


def test_the_only_misprint_of_table_2_is_the_lower_limit(results: dict[str, Any]) -> None:
    """Eleven of the twelve printed numbers agree with maximum likelihood by Wald."""
    family, printed = printed_terms(models_of(results, "final"))
    assert family == ML_WALD
    assert {name: set(term.differs) for name, term in printed.items()} == {
        "sex=male": set(),
        "severe_weakness": {"low"},
        "ild": set(),
    }
    (sentence,) = printed["severe_weakness"].impossible
    assert "41.03" in sentence
    assert "7.51" in sentence


def test_a_published_profile_interval_is_not_called_a_misprint(results: dict[str, Any]) -> None:
    """A paper that prints profile limits is compared with profile limits."""
    models = models_of(results, "final")
    for name, low, high, p in (
        ("sex=male", "2.10", "507.22", "0.007"),
        ("severe_weakness", "1.21", "74.87", "0.030"),
        ("ild", "4.59", "1058.91", "<0.001"),
    ):
        for model in models.values():
            for term in model["terms"]:
                if term["name"] == name:
                    term["printed"].update(low=low, high=high, p=p)
    family, printed = printed_terms(models)
    assert family == ML_PROFILE
    assert not any(term.differs for term in printed.values())


def test_without_published_numbers_nothing_is_compared(results: dict[str, Any]) -> None:
    """The screened model has no printed numbers, so it has no family of comparison."""
    assert printed_terms(models_of(results, "screened")) == (None, {})


@pytest.mark.parametrize(
    ("printed", "computed", "answer"),
    [
        ("0.024*", 0.0235, False),
        ("<0.001", 0.0005, False),
        ("<0.001", 0.0235, True),
        ("1.02", 1.025, False),  # half a unit away: some rounding prints it so
        ("1.02", 1.0251, True),
        ("5.0", "inf", True),
        ("n.s.", 0.3, False),
        ("0.024", None, False),
    ],
)
def test_a_printed_number_differs_when_no_rounding_gives_it(
    printed: str, computed: float | str | None, answer: bool
) -> None:
    """A difference is only claimed between numbers, and beyond half a unit."""
    assert differs(printed, computed) is answer


def test_a_model_with_an_error_is_not_used_and_says_why(results: dict[str, Any]) -> None:
    """A failed fit stays apart from the other method's fit, with its reason."""
    models = models_of(results, "final")
    models["ml"].update(error="did not converge", terms=[])
    assert usable(models)
    assert refusals(models) == [("Maximum likelihood", "did not converge")]
    models["firth"].update(error="no events", terms=[])
    assert not usable(models)
