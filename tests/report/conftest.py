"""Fixtures of the report's tests."""

from __future__ import annotations

from typing import Any

import pytest
from sample import results as sample_results


@pytest.fixture
def results() -> dict[str, Any]:
    """A fresh copy of the sample results, to be changed at will."""
    return sample_results()
