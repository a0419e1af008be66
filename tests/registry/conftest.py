"""One worker process for all tests of the registry; see registry_worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from registry_worker import Registry, reset, worker


@pytest.fixture(scope="session")
def registry_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    """Give the worker and its folder."""
    folder = tmp_path_factory.mktemp("registry") / "study"
    folder.mkdir()
    with worker(folder) as pool:
        yield folder, pool


@pytest.fixture
def registry(registry_pool: tuple) -> Registry:
    """Give a study folder with an empty registry."""
    folder, pool = registry_pool
    reset(folder)
    return Registry(folder, pool)
