"""The dicts of tests and models keep their contract."""

from __future__ import annotations

import json

import numpy as np
import pytest

from myocohort.stats.models import MODELS
from myocohort.stats.tests import TESTS

INPUTS = {
    "table": ([[5, 9], [8, 3]],),
    "values": (np.array([1.0, 4.0, 2.0, 8.0, 5.0, 7.0]), np.array([0, 0, 0, 1, 1, 1])),
    "pairs": (np.array([1.0, 4.0, 2.0, 8.0]), np.array([2.0, 3.0, 1.0, 9.0])),
    "paired": (np.array([1.0, 0.0, 1.0, 1.0, 0.0]), np.array([0.0, 0.0, 0.0, 1.0, 1.0])),
}


@pytest.mark.parametrize("name", TESTS)
def test_every_test_answers_for_its_kind(name):
    """A test takes what its kind says and returns a result with method, n, source and p."""
    test = TESTS[name]
    result = test.run(*INPUTS[test.kind], question="asked")
    assert test.name == name
    assert result.question == "asked"
    assert result.method
    assert result.reference
    assert 0 < result.p <= 1
    assert result.n > 0
    json.dumps(result.as_dict(), allow_nan=False)


FAMILIES = {
    "ml": ({"wald", "profile"}, {"wald", "lrt"}),
    "firth": ({"wald", "profile"}, {"wald", "lrt"}),
    "exact": ({"exact"}, {"score", "probability", "twice_one_sided", "mid_p"}),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_model_answers(name):
    """A model returns its terms with intervals and p of all its families, as plain JSON."""
    X = np.array([[0.0, 1.0], [1.0, 2.0], [0.0, 3.0], [1.0, 1.5], [1.0, 3.0], [0.0, 2.5]])
    result = MODELS[name].fit(X, np.array([0, 1, 0, 0, 1, 1]), ["sex", "CK"])
    assert MODELS[name].name == name
    assert [term.name for term in result.terms[-2:]] == ["sex", "CK"]
    assert [term.name for term in result.terms[:-2]] == ["(Intercept)"] * (name != "exact")
    for term in result.terms:
        assert (set(term.ci), set(term.p)) == FAMILIES[name]
    json.dumps(result.as_dict(), allow_nan=False)
