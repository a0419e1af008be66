"""The draft while it grows: groups, variables and entries under names of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from myocohort.papers.draft.understanding.columns import WHOLE_SAMPLE
from myocohort.papers.draft.understanding.labels import slug

EntryKind = Literal[
    "size",
    "missing",
    "count",
    "mean",
    "median",
    "range",
    "p",
    "model",
    "correlation",
    "same",
    "setting",
    "claim",
]
Line = dict[str, Any]

WHOLE = "whole_sample"


@dataclass(slots=True)
class Collected:
    """What has been understood so far, in the shapes of a paper file.

    Parameters
    ----------
    groups, variables
        Key -> what the paper file says of it.
    sizes
        Group -> its first printed size.
    compared
        The groups that a table compares, table by table; the first are the paper's own.
    """

    groups: dict[str, Line] = field(default_factory=dict)
    variables: dict[str, Line] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    compared: list[tuple[str, ...]] = field(default_factory=list)
    partitions: list[Line] = field(default_factory=list)
    entries: dict[EntryKind, list[Line]] = field(default_factory=dict)
    tables: list[Line] = field(default_factory=list)
    not_understood: list[Line] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _described: set[tuple[str, str, str]] = field(default_factory=set)
    _listed: set[tuple[str, str]] = field(default_factory=set)

    def unused(self, name: str) -> str:
        """Return an id that no entry has, and keep it from others."""
        free, number = name, 1
        while free in self._ids:
            number += 1
            free = f"{name}_{number}"
        self._ids.add(free)
        return free

    def add(self, kind: EntryKind, name: str, place: str, **fields: object) -> str:
        """Add an entry and return its id; fields that are None are left out."""
        line: Line = {"id": self.unused(name), "place": place}
        line.update({key: value for key, value in fields.items() if value is not None})
        self.entries.setdefault(kind, []).append(line)
        self._described.add((kind, str(line.get("variable")), str(line.get("group"))))
        return str(line["id"])

    def has(self, kind: EntryKind, variable: str, group: str) -> bool:
        """Return whether there is an entry of a kind on a variable of a group."""
        return (kind, variable, group) in self._described

    def puzzled(self, place: str, text: str) -> None:
        """List a piece of the paper as not understood."""
        line = {"place": place or "Text", "text": " ".join(text.split())}
        known = (line["place"], line["text"])
        if line["text"] and known not in self._listed:
            self._listed.add(known)
            self.not_understood.append(line)

    def group(self, label: str, size: int | None, table: str, printed: str) -> str:
        """Return the key of a group; the same name with another size is another group.

        Parameters
        ----------
        label
            As in the head; "" for the whole sample.
        size
            As printed there, or None.
        table
            The id of the table, which names the second of two groups of one name.
        printed
            The table's label, for a reader.
        """
        whole = not label or bool(WHOLE_SAMPLE.fullmatch(label))
        key = WHOLE if whole else _group_key(label)
        label = label or "whole sample"
        known = self.sizes.get(key)
        if size is not None and known is not None and known != size:
            key = f"{table}_{key}"
            label = f"{label} ({printed})"
            while key in self.groups and self.sizes.get(key, size) != size:
                key += "_b"
        self.groups.setdefault(key, {"label": label})
        if size is not None:
            self.sizes.setdefault(key, size)
        return key

    def whole_sample(self) -> str:
        """Return the group that numbers stand for where the paper names none."""
        self.groups.setdefault(WHOLE, {"label": "whole sample"})
        return WHOLE

    def variable(self, name: str, label: str, levels: tuple[str, ...] = ()) -> str:
        """Declare a variable, or add levels to it, and return its key."""
        known = self.variables.setdefault(name, {"label": label.strip() or name})
        if levels:
            both = (*known.get("levels", ()), *levels)
            known["levels"] = list(dict.fromkeys(both))
        return name


def _group_key(label: str) -> str:
    """Return a name without the word "group": "Refractory group" is refractory."""
    words = slug(label).split("_")
    kept = [word for word in words if word not in ("group", "groups", "patients")]
    return "_".join(kept) if kept and len("_".join(kept)) > 1 else "_".join(words)
