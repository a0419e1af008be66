from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from myocohort.papers.draft.document import Document, Table
from myocohort.papers.draft.reading import read_document

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"


@pytest.fixture
def seed() -> Callable[[str], Path]:
    """Return a function that finds a text version of the reference paper by its number."""

    def find(number: str) -> Path:
        found = sorted(SEEDS.glob(f"{number}_*.txt"))
        if not found:
            pytest.skip("../shared/seeds is not here: the paper's text versions are left out")
        return found[0]

    return find


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Document]:
    """Return a function that writes a text to a file and reads the file as a paper."""

    def read(text: str, name: str = "paper.txt") -> Document:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_document(path)

    return read


@pytest.fixture
def tables() -> Callable[[Document], list[Table]]:
    """Return a function that gives the tables of a document."""
    return lambda document: [block for block in document.blocks if isinstance(block, Table)]
