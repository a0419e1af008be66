"""What moved between the results of two runs, in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.analysis.explain.find import Subject, subject_of
from myocohort.analysis.explain.index import Leaf, leaves
from myocohort.report.rounding import MISSING
from myocohort.report.wording import outcome_words

UNCHANGED = "Nothing moved: results.json is byte-identical."
ARROW = "→"
_ORDER = ("models", "tables", "screening", "validation", "missing", "courses")
"""After the outcome and Table 2 and 1, sections come in this order, then all others."""

Key = tuple[str, ...]
Ranked = tuple[tuple[int, bool], str]
"""How important a line is, and the line."""
Parent = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What a run changed in the results.

    Parameters
    ----------
    identical
        Whether results.json has the same bytes as before.
    causes
        Inputs, study file and versions that changed.
    lines
        What moved at the printed digits, most important first.
    below
        How many further numbers moved only in digits that are not printed.
    note
        Why nothing was compared; empty where it was.
    """

    identical: bool = False
    causes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    below: int = 0
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain types, for `--json`."""
        return {
            "identical": self.identical, "causes": list(self.causes), "lines": list(self.lines),
            "below_printed_digits": self.below, "note": self.note,
        }  # fmt: skip

    def text(self, most: int | None = None) -> list[str]:
        """Return it as lines for a terminal or a file.

        Parameters
        ----------
        most
            Lines of what moved that are printed; all where not given.
        """
        if self.note or self.identical:
            return [self.note or UNCHANGED]
        found = [f"Changed: {cause}" for cause in self.causes]
        if not self.lines and not self.below:
            return [*found, "No number moved; only words, dates or hashes did."]
        found += self.lines[:most]
        if most is not None and len(self.lines) > most:
            found.append(f"and {len(self.lines) - most} more: see results/moved.txt")
        if self.below:
            what = "numbers" if self.below > 1 else "number"
            found.append(f"{self.below} further {what} moved below the printed digits.")
        return found


def what_moved(before: str, after: str) -> Moved:
    """Compare two results.json.

    Parameters
    ----------
    before
        What stood there; it may be of another version or damaged, and is then not compared.
    after
        What this run writes.
    """
    if before == after:
        return Moved(identical=True)
    new = json.loads(after)
    try:
        old = json.loads(before)
        was, now = _by_key(leaves(old)), _by_key(leaves(new))
        causes = tuple(_causes(old["manifest"], new["manifest"]))
        decided = list(_decisions(old["decisions"], new["decisions"]))
        words = list(_words(old, new))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return Moved(note="The earlier results.json could not be read, so nothing was compared.")
    numbers, below = _numbers(was, now)
    ranked = sorted([*numbers, *words], key=lambda item: item[0])
    return Moved(False, causes, (*decided, *(line for _, line in ranked)), below)


def _by_key(found: Sequence[Leaf]) -> dict[Key, Leaf]:
    """Return the numbers by what they are, whatever place they have in lists."""
    by_key: dict[Key, Leaf] = {}
    seen: Counter[Key] = Counter()
    for leaf in found:
        key = (str(leaf.path[0]), *(level.identity for level in leaf.levels))
        seen[key] += 1  # elements that nothing tells apart are known by their order
        by_key[key if seen[key] == 1 else (*key, str(seen[key]))] = leaf
    return by_key


def _numbers(was: Mapping[Key, Leaf], now: Mapping[Key, Leaf]) -> tuple[list[Ranked], int]:
    """Compare all numbers; return ranked lines, and how many moved below the printed digits."""
    lines: list[Ranked] = []
    below = 0
    told: set[Parent] = set()
    pairs = {key: (was[key], leaf) for key, leaf in now.items() if key in was}
    by_parent: dict[Parent, dict[str, tuple[Leaf, Leaf]]] = {}
    for one, other in pairs.values():
        by_parent.setdefault(other.path[:-1], {})[str(other.path[-1])] = (one, other)
    for one, other in pairs.values():
        if one.value == other.value:
            continue
        shared = by_parent[other.path[:-1]]
        if "n" in shared and "percent" in shared and other.path[-1] in ("n", "of", "percent"):
            if other.path[:-1] not in told:
                told.add(other.path[:-1])
                lines.append(_line(other, _share(shared, 0), _share(shared, 1), other.words[:-1]))
        elif one.printed == other.printed:
            below += 1
        else:
            lines.append(_line(other, one.printed, other.printed, other.words))
    known = {subject_of(leaf) for leaf in was.values()}
    left = {subject_of(leaf) for leaf in now.values()}
    lines += _rows({k: v for k, v in now.items() if k not in was}, known, "new")
    lines += _rows({k: v for k, v in was.items() if k not in now}, left, "gone")
    return lines, below


def _line(leaf: Leaf, before: str, after: str, words: Sequence[str]) -> Ranked:
    return _rank(leaf), f"{', '.join(words)}: {before} {ARROW} {after}"


def _share(shared: Mapping[str, tuple[Leaf, Leaf]], side: int) -> str:
    """Return n of how many; the level of a category has its size in what encloses it."""
    leaf = shared["n"][side]
    of = leaf.near[-1].get("of")
    if of is None:
        of = next((part["of"] for part in reversed(leaf.near) if "of" in part), None)
    return str(leaf.value) if of is None else f"{leaf.value} of {of}"


def _rows(only: Mapping[Key, Leaf], elsewhere: set[Subject], what: str) -> Iterator[Ranked]:
    """Say which rows are in one of the results only, and which numbers of rows that are in both."""
    whole: dict[Subject, list[Leaf]] = {}
    for leaf in only.values():
        if subject_of(leaf) not in elsewhere:
            whole.setdefault(subject_of(leaf), []).append(leaf)
        else:
            yield _rank(leaf), f"{', '.join(leaf.words)}: {leaf.printed} is {what}"
    for of_row in whole.values():
        first = of_row[0]
        shared = [w for w in first.words if all(w in leaf.words for leaf in of_row)]
        numbers = f"{len(of_row)} numbers are" if len(of_row) > 1 else f"{first.printed} is"
        yield _rank(first), f"{', '.join(dict.fromkeys(shared))}: {numbers} {what}"


def _rank(leaf: Leaf) -> tuple[int, bool]:
    """Rank a number by its section; effect sizes come behind what a table shows."""
    return _section_rank(leaf), "effects" in leaf.path


def _section_rank(leaf: Leaf) -> int:
    """Rank the outcome, Table 2, Table 1, then other tables and sections."""
    head, second = leaf.path[0], leaf.path[1] if len(leaf.path) > 1 else None
    if head in ("outcome", "flow"):
        return 0
    if head == "models" and leaf.near[0].get("id") == "final":
        return 1
    if head == "tables" and second == 0:
        return 2
    return 3 + (_ORDER.index(str(head)) if head in _ORDER else len(_ORDER))


def _decisions(old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    """Yield each patient whose outcome is another now, or who came or went."""
    was = {str(one["patient"]): one for one in old}
    now = {str(one["patient"]): one for one in new}
    for patient, one in now.items():
        if patient not in was:
            yield f"Patient {patient} is new: {outcome_words(one['outcome'])} ({one['why']})"
        elif was[patient]["outcome"] != one["outcome"]:
            before, after = outcome_words(was[patient]["outcome"]), outcome_words(one["outcome"])
            yield f"Patient {patient}: {before} {ARROW} {after} ({one['why']})"
    for patient, one in was.items():
        if patient not in now:
            yield f"Patient {patient} is gone: was {outcome_words(one['outcome'])}"


def _words(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Ranked]:
    """Yield tests that are other ones now, and models that could or could not be fitted."""
    rows = [
        {
            (table["id"], row["variable"]): (place, row)
            for place, table in enumerate(one["tables"])
            for section in table["sections"]
            for row in section["rows"]
        }
        for one in (old, new)
    ]
    for key, (place, row) in rows[1].items():
        before = rows[0].get(key, (0, row))[1]["test"]
        if before != row["test"]:
            line = f"{row['label']}, test: {before or MISSING} {ARROW} {row['test'] or MISSING}"
            yield (2 if place == 0 else 3 + _ORDER.index("tables"), False), line
    models = [{(m["id"], m["method"]): m for m in one["models"]} for one in (old, new)]
    for identity, model in models[1].items():
        earlier = models[0].get(identity, model)
        if bool(earlier["error"]) != bool(model["error"]):
            said = f"could not be fitted: {model['error']}" if model["error"] else "could be fitted"
            yield (1, False), f"{model['title']} ({model['method']}): now {said}"


def _causes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield inputs, study file and versions that are not what they were."""
    was = {(item["file"], item["table"]): item for item in old["inputs"]}
    now = {(item["file"], item["table"]): item for item in new["inputs"]}
    for key, item in now.items():
        if key not in was:
            yield f"{key[0]} ({key[1]}) is new, {item['rows']} rows"
        elif was[key]["sha256"] != item["sha256"]:
            before, after = was[key]["rows"], item["rows"]
            rows = f"{after} rows" if before == after else f"{before} {ARROW} {after} rows"
            yield f"{key[0]} ({key[1]}), {rows}"
    yield from (f"{file} ({table}) is gone" for file, table in was if (file, table) not in now)
    if old["study_file_sha256"] != new["study_file_sha256"]:
        yield "study.toml"
    versions = [
        {"myocohort": one["myocohort"], "python": one["python"], **one["packages"]}
        for one in (old, new)
    ]
    for name, version in versions[1].items():
        if versions[0].get(name) != version:
            yield f"{name} {versions[0].get(name, MISSING)} {ARROW} {version}"
