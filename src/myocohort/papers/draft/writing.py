"""A draft written as the text of a paper file, one line an entry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from myocohort.papers.draft.drafting import Draft

__all__ = ["draft_toml", "toml_value"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_HEADER = """\
# A DRAFT, read from the paper's text by a program: a person has to correct it before its
# numbers are checked. How: docs/paper-draft.md; what the keys mean: docs/paper-file.md.
#
# Look at these first:
#  - groups: does each label mean the patients that the paper means? Numbers of running text
#    without a named group stand for "whole_sample".
#  - variables: `step = "1"` where single values are whole numbers (days, scores); `levels` where
#    the paper prints all categories; `low` and `high` where a scale has ends. None of these is
#    guessed, and without a step no mean can be checked.
#  - claimed: the test that the paper names for a p value; left out where it leaves a choice.
#  - missing values: `missing_declared = true` where the paper says of every variable how many
#    patients lack a value; a line under `missing` for each number that it prints.
#  - not_understood, at the end: every piece with a number that is in no entry.
"""


def draft_toml(draft: Draft) -> str:
    """Write a draft as TOML that `load_paper` reads.

    One entry a line, numbers as printed. (The usual writers spread an entry over many lines;
    a person has to correct hundreds of them, so this one writes what a person would.)
    """
    lines = [_HEADER.rstrip("\n")]
    if draft.attention:
        lines += ["#", "# In this paper:"]
        lines += [f"#  - {_comment(point)}" for point in draft.attention]
    paper = dict(draft.paper)
    for key in ("title", "citation", "doi"):
        if key in paper:
            if key == "title":
                lines.append("")
            lines.append(f"{key} = {toml_value(paper.pop(key))}")
    for key in ("groups", "variables"):
        named = paper.pop(key, {})
        if named:
            lines.append("")
            lines += [f"{key}.{_key(name)} = {toml_value(what)}" for name, what in named.items()]
        elif key == "groups":
            lines += ["", "groups = {}"]
    for key, value in paper.items():
        lines.append("")
        if isinstance(value, Sequence) and not isinstance(value, str):
            lines.append(f"{_key(key)} = [")
            write = _table if key == "table" else _model if key == "model" else toml_value
            lines += [f"  {write(item)}," for item in value]
            lines.append("]")
        else:
            lines.append(f"{_key(key)} = {toml_value(value)}")
    return "\n".join(lines) + "\n"


def toml_value(value: Any) -> str:
    """Write a text, truth value, whole number, list or table on one line.

    Raises
    ------
    TypeError
        For anything else: a paper file keeps numbers as text.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        inside = ", ".join(
            f"{_key(str(name))} = {toml_value(what)}" for name, what in value.items()
        )
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, Sequence):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    raise TypeError(f"a paper file has no value such as {value!r}")


def _text(text: str) -> str:
    """Quote a text; control characters are written as TOML writes them."""
    signs = []
    for sign in text:
        if sign in _ESCAPES:
            signs.append(_ESCAPES[sign])
        elif ord(sign) < 0x20 or ord(sign) == 0x7F:
            signs.append(f"\\u{ord(sign):04x}")
        elif 0xD800 <= ord(sign) <= 0xDFFF:
            signs.append("\ufffd")
        else:
            signs.append(sign)
    return f'"{"".join(signs)}"'


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _comment(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", text)


def _model(model: Mapping[str, Any]) -> str:
    """Write a model with a line for each term."""
    head = {name: what for name, what in model.items() if name != "terms"}
    terms = "".join(f"\n    {toml_value(term)}," for term in model["terms"])
    return f"{toml_value(head)[:-2]}, terms = [{terms}\n  ] }}"


def _table(table: Mapping[str, Any]) -> str:
    """Write the look of a table with a line for each of its rows."""
    parts = []
    for name, what in table.items():
        if name in ("head", "rows") and what:
            rows = "".join(f"\n    {toml_value(row)}," for row in what)
            parts.append(f"{name} = [{rows}\n  ]")
        else:
            parts.append(f"{name} = {toml_value(what)}")
    return f"{{ {', '.join(parts)} }}"
