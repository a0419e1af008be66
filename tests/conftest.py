"""Fixtures and settings that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from browser import chromium

# Time is measured in benchmarks/, never in tests. CI tries the same examples each time, so that
# a run says something about the change and not about the draw; elsewhere new ones are tried.
settings.register_profile("untimed", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "untimed")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of data from elsewhere, which is not part of the repository."""
    path = Path(__file__).parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip("../shared/data is not here: tests on real data are left out")
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One chromium for all tests of a session: Playwright starts once in a process."""
    with chromium() as started:
        yield started
