"""Fixtures of the report's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # for browser.py, which other rooms use too

from sample import results as sample_results

from browser import chromium


@pytest.fixture
def results() -> dict[str, Any]:
    """A fresh copy of the sample results, to be changed at will."""
    return sample_results()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One chromium for all tests of a session."""
    with chromium() as started:
        yield started
