"""Every number of results.json with the names by which it can be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from myocohort.report.how import MODEL_TITLES, table_numbers
from myocohort.report.model.models import METHOD_NAMES
from myocohort.report.sections import SECTIONS
from myocohort.report.shown import shown
from myocohort.report.wording import OUTCOMES

NOT_ASKED = {
    "table1", "manifest", "methods", "references", "provenance", "traces", "scoreboard",
    "decisions", "study", "rebuild", "outcome_rule",
}  # fmt: skip
"""Keys of results.json that hold no numbers of their own; the scoreboard has its own command."""

HEADINGS = {
    "outcome": "Outcome", "flow": "Flow of patients", "screening": "Screening",
    "validation": "Validation", "missing": "Missing values",
    **{section.identity: section.heading for section in SECTIONS},
}  # fmt: skip

SILENT = {
    "tables", "models", "sections", "rows", "counts", "groups", "terms", "levels", "times", "at",
    "months", "measures", "effects", "inclusion", "findings",
}  # fmt: skip
"""Keys that only hold a list or the groups: nobody says them when asking for a number."""

KEYS = {
    "p": ("p", "p value"), "odds_ratio": ("OR", "odds ratio"),
    "hazard_ratio": ("HR", "hazard ratio"), "ci": ("interval", "CI", "confidence interval"),
    "low": ("lower limit", "low"),
    "high": ("upper limit", "high"), "percent": ("percent", "%"), "of": ("of", "known"),
    "n_missing": ("missing", "left out"), "lrt": ("likelihood-ratio test", "LRT", "likelihood"),
    "profile": ("profile likelihood", "profile"), "wald": ("Wald",),
    "at_risk": ("at risk", "number at risk"), "survival": ("without the event", "survival"),
    "total": ("All", "total", "overall"), "mrs": ("mRS",), "sd": ("SD",), "b": ("b", "coefficient"),
    "se": ("SE", "standard error"), "events_per_variable": ("events per variable", "EPV"),
}  # fmt: skip
"""Key -> what it is called when it is printed (first) or asked for."""

SHORT = {
    "odds ratio": "OR", "risk ratio": "RR", "risk difference": "RD", "hazard ratio": "HR",
    "Spearman": "rho",
}  # fmt: skip
"""Beginning of an estimate's name -> what it is called for short."""
NAMED_BY = (
    "patient", "label", "title", "name", "variable", "term", "code", "id", "heading",
    "estimate_name", "event_label", "x_label", "method", "mrs", "marker", "muscle", "side",
    "region", "scale", "group", "kind", "finding", "model", "measure", "scenario", "y_label",
    "target", "membrane",
)  # fmt: skip
"""Fields that tell the elements of a list apart, the one that is printed first."""
SAID_BESIDE = ("side", "y_label", "target", "membrane")
"""Fields that are printed behind the name, because it is not whole without them."""
IDENTIFIED_BY = ("patient", "id", "variable", "term", "name", "code", "mrs")
"""Fields that name an element whatever its label is."""
COUNTED = re.compile(r"(time|score|panel)-\d+")
"""Identities that only count: what they stand for is asked, scored or shown somewhere else."""
ASKED = ("event", "by", "score")
"""Fields that say instead what such an element is."""
AT_MONTH = ("month", "time", "from", "to")
"""Fields that say when; of a patient they are a number, elsewhere a name of the element."""
NO_NUMBERS = {"level", "number"}
"""Numbers that only describe others: the level of an interval, a place in a list."""


@dataclass(frozen=True, slots=True)
class Level:
    """One step on the way to a number.

    Parameters
    ----------
    words
        As printed; empty where it is not said.
    aliases
        What it may be called, as `plain` writes them.
    identity
        What tells it from its neighbours in every run, whatever the labels are.
    """

    words: str
    aliases: tuple[str, ...]
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A number of results.json.

    Parameters
    ----------
    path
        Keys and places from the top.
    value
        Infinity is "inf" or "-inf".
    levels
        From its table or section down to its own key.
    near
        The mappings that enclose it, the innermost last.
    """

    path: tuple[str | int, ...]
    value: int | float | str
    levels: tuple[Level, ...]
    near: tuple[Mapping[str, Any], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What leads to it, as printed."""
        return tuple(level.words for level in self.levels if level.words)

    @property
    def place(self) -> str:
        """Its place in results.json, as jq and Python write it without quotes."""
        return path_text(self.path)

    @property
    def printed(self) -> str:
        """The number as the report prints it."""
        return shown(self.path, self.value, self.near)


def path_text(path: tuple[str | int, ...]) -> str:
    """Write a path: tables[0].sections[1].rows[2].p."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def plain(text: object) -> str:
    """Write a name without case, punctuation and doubled spaces, so that spellings meet."""
    words = re.sub(r"[^\w%+<>]+", " ", str(text).replace("_", " ").casefold())
    return " ".join(words.split())


def leaves(results: Mapping[str, Any]) -> list[Leaf]:
    """Return all numbers of results.json that can be asked for, in its order."""
    labels = _labels(results)
    numbers = table_numbers(results)
    found: list[Leaf] = []
    for key, part in results.items():
        if key in NOT_ASKED or not isinstance(part, dict | list):
            continue
        if key == "tables":
            for place, table in enumerate(part):
                identity = str(table["id"])
                head = _level(numbers[identity], table["title"], identity=identity)
                found += _walk(table, ("tables", place), (head,), (), labels)
        elif key == "models":
            for place, model in enumerate(part):
                found += _walk(model, ("models", place), _model_levels(model), (), labels)
        else:
            head = _level(HEADINGS.get(key) or key.replace("_", " ").capitalize(), key)
            found += _walk(part, (key,), (head,), (), labels)
    return found


def is_number(value: object) -> bool:
    """Whether a value of results.json is a number; infinity is a text."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or value in ("inf", "-inf")


def _labels(results: Mapping[str, Any]) -> dict[str, str]:
    groups = [group for table in results.get("tables") or () for group in table["groups"]]
    arms = (results.get("study") or {}).get("arms") or ()
    return {**OUTCOMES, **{item["code"]: item["label"] for item in (*arms, *groups)}}


def _model_levels(model: Mapping[str, Any]) -> tuple[Level, ...]:
    title = MODEL_TITLES.get(model["id"], model["id"])
    method = METHOD_NAMES.get(model["method"], model["method"])
    also = ("screened", "screened model") if model["id"] == "screened" else ()
    return (
        _level(title, model["id"], model["title"], *also, identity=model["id"]),
        _level(method, model["method"], model.get("procedure") or "", identity=model["method"]),
    )


def _level(words: str, *others: object, identity: str = "") -> Level:
    aliases = [plain(name) for name in (words, identity, *others) if name]
    known = tuple(dict.fromkeys(alias for alias in aliases if alias))
    return Level(words, known, identity or words)


def _key_level(key: str, labels: Mapping[str, str]) -> Level:
    if key in labels:
        return _level(labels[key], identity=key)
    named = KEYS.get(key, (key.replace("_", " "),))
    return _level(named[0], *named[1:], identity=key)


def _item_level(item: Mapping[str, Any], place: int) -> Level:
    """Return what tells an element of a list from the others."""
    names = [str(item[key]) for key in NAMED_BY if isinstance(item.get(key), str) and item[key]]
    months = [
        f"{'month' if key in ('month', 'time') else key} {float(item[key]):g}"
        for key in AT_MONTH
        if "patient" not in item and is_number(item.get(key))
    ]
    if set(item) <= {"heading", "rows"}:
        return Level("", tuple(plain(name) for name in names))  # a heading moves no number
    names += [short for long, short in SHORT.items() if any(n.startswith(long) for n in names)]
    every = [*names, *months] if names else months
    if not every:
        return _level(str(place + 1))
    beside = [str(item[key]) for key in SAID_BESIDE if isinstance(item.get(key), str)]
    printed = ", ".join(dict.fromkeys([*names[:1], *beside, *months]))
    own = next((str(item[key]) for key in IDENTIFIED_BY if isinstance(item.get(key), str)), "")
    if COUNTED.fullmatch(own):
        own = "/".join(str(item[key]) for key in ASKED if item.get(key)) or names[0]
    return _level(printed, *every, identity="/".join([own, *beside, *months]) if own else printed)


def _walk(
    node: Any,
    path: tuple[str | int, ...],
    levels: tuple[Level, ...],
    near: tuple[Mapping[str, Any], ...],
    labels: Mapping[str, str],
) -> Iterator[Leaf]:
    if isinstance(node, dict):
        near = (*near, node)
        inside = levels
        if path[0] == "models" and len(path) == 2:  # n of the model, asked for beside a term
            names = [plain(t[key]) for t in node["terms"] for key in ("name", "label")]
            inside = (*levels, Level("", tuple(dict.fromkeys(names))))
        for key, child in node.items():
            if key in NO_NUMBERS or (key in AT_MONTH and "patient" not in node):
                continue
            if is_number(child):
                level = _key_level(key, labels)
                yield Leaf((*path, key), child, (*inside, level), near)
            elif isinstance(child, dict | list):
                below = levels if key in SILENT else (*levels, _key_level(key, labels))
                yield from _walk(child, (*path, key), below, near, labels)
    else:
        for place, child in enumerate(node):
            here = (*path, place)
            if is_number(child):
                yield Leaf(here, child, (*levels, _level(str(place + 1))), near)
            elif isinstance(child, dict):
                yield from _walk(child, here, (*levels, _item_level(child, place)), near, labels)
            elif isinstance(child, list):
                yield from _walk(child, here, levels, near, labels)
