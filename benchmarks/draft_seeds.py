"""How many numbers of the reference paper's Tables 1 to 4 a draft puts in the right place.

The paper's text in ../shared/seeds, in two versions, is read and drafted; each printed number
is held against the paper file that was made by hand. A number is right when the draft has it in
the same table, row and column, of the same kind, with the same digits. What the draft calls its
entries does not matter.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from myocohort.papers.draft.drafting import draft_paper
from myocohort.papers.draft.reading import read_document
from myocohort.papers.draft.writing import draft_toml
from myocohort.papers.entries import Count, Model, PrintedNumber, PValue, Setting, Size
from myocohort.papers.paperfile import Paper, load_paper

REPOSITORY = Path(__file__).resolve().parents[1]
SEEDS = REPOSITORY.parent / "shared" / "seeds"
BY_HAND = REPOSITORY / "studies" / "anm_srp_2020" / "paper.toml"

# The lines of Table 2 as the paper prints them; the hand-made file names them by variable.
LINES_OF_TABLE_2 = {
    "sex=male": "Gender(male)",
    "severe_weakness": "Severe muscle weakness",
    "ild": "With ILD",
}


class Where(NamedTuple):
    """A printed number with its place, in words that do not depend on who made the file."""

    table: str
    row: str
    column: str
    level: str
    kind: str
    text: str


@dataclass(frozen=True)
class Result:
    """The draft of one text against the file made by hand."""

    name: str
    total: int
    right: int
    missing: tuple[Where, ...]
    misplaced: tuple[Where, ...]
    surplus: tuple[Where, ...]
    not_understood: int

    @property
    def share(self) -> float:
        """The part of the numbers that are in the right place."""
        return self.right / self.total


def places(paper: Paper, lines_of_models: dict[str, str]) -> Iterator[Where]:
    """Yield the numbers of Tables 1 to 4 of a paper file with their places.

    Parameters
    ----------
    paper
        By hand, or drafted.
    lines_of_models
        Term of a model -> the label of its row as printed.
    """
    for number in paper.numbers():
        table = re.match(r"Table [1-4](?=,|$)", number.place)
        if table is None or isinstance(number.entry, Setting):
            continue
        yield _where(paper, number, table[0], lines_of_models)


def _where(
    paper: Paper, number: PrintedNumber, table: str, lines_of_models: dict[str, str]
) -> Where:
    entry = number.entry
    if isinstance(entry, Model):
        term, _, field = number.field.rpartition(".")
        return Where(table, _plain(lines_of_models[term]), field, "", number.kind, number.text)
    parts = number.place.split(", ")
    level = entry.level if isinstance(entry, Count) else ""
    if isinstance(entry, Size):
        label = paper.groups[entry.group].label
        return Where(table, "heading", _group(label), level, number.kind, number.text)
    column = "p" if isinstance(entry, PValue) else _group(parts[-1])
    return Where(table, _plain(" ".join(parts[1:-1])), column, level, number.kind, number.text)


def _plain(label: str) -> str:
    return re.sub(r"[^a-z0-9]", "", label.lower())


def _group(label: str) -> str:
    return "non-refractory" if label.lower().startswith("non-refractory") else "refractory"


def _lines_of_models(paper: Paper) -> dict[str, str]:
    """Return which row of the drawn table each term of a drafted model stands in."""
    lines: dict[str, str] = {}
    for model in paper.model:
        for term in model.terms:
            number = f"{{{model.id}.{term.term}.{term.measure}}}"
            for table in paper.table:
                for row in table.rows:
                    if any(number in cell for cell in row):
                        lines[term.term] = row[0]
    return lines


def measure(text: Path, by_hand: Path = BY_HAND) -> Result:
    """Draft a text and hold Tables 1 to 4 of the draft against the file made by hand."""
    draft = draft_paper(read_document(text))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.toml"
        path.write_text(draft_toml(draft), encoding="utf-8")
        drafted = load_paper(path)
    wanted = Counter(places(load_paper(by_hand), LINES_OF_TABLE_2))
    found = Counter(places(drafted, _lines_of_models(drafted)))
    missing, surplus = wanted - found, found - wanted
    elsewhere = Counter((w.table, w.text) for w in surplus.elements())
    misplaced = []
    for where in missing.elements():
        if elsewhere[where.table, where.text]:
            elsewhere[where.table, where.text] -= 1
            misplaced.append(where)
    return Result(
        text.name,
        wanted.total(),
        wanted.total() - missing.total(),
        tuple(missing.elements()),
        tuple(misplaced),
        tuple(surplus.elements()),
        len(draft.not_understood),
    )


def main() -> int:
    """Print the shares and every miss; 1 where a text stays below 95%."""
    texts = sorted(SEEDS.glob("*.txt"))
    if not texts:
        print("skipped: the paper's text is not beside this repository (../shared/seeds)")
        return 0
    worst = 1.0
    for text in texts:
        result = measure(text)
        worst = min(worst, result.share)
        print(
            f"{result.name}: {result.right} of {result.total} numbers of Tables 1-4 in the right "
            f"row and column ({100 * result.share:.1f}%); {len(result.missing)} missing, of these "
            f"{len(result.misplaced)} elsewhere in the table; {len(result.surplus)} surplus; "
            f"{result.not_understood} pieces of the paper listed as not understood"
        )
        for where in result.missing:
            print(f"  missing: {', '.join(part for part in where if part)}")
        for where in result.surplus:
            print(f"  surplus: {', '.join(part for part in where if part)}")
    return int(worst < 0.95)


if __name__ == "__main__":
    sys.exit(main())
