"""One measurement holds fat by each sequence that was made: pick the one that sessions share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_FAT = ("voxels", "volume_ml", "measured_voxels", "fat_share", "fat_fraction", "fat_fraction_sd",
        "fat_fraction_low", "fat_fraction_high", "grade", "slices")  # fmt: skip
"""What of a muscle's row depends on the sequence that fat was measured on."""


def modality_of(method: str | None) -> str:
    """Return "Dixon" or "T1", as a method's words say; '' where they say neither."""
    said = (method or "").casefold()
    return "Dixon" if "dixon" in said else "T1" if "t1" in said else ""


def modalities(content: Mapping[str, Any]) -> list[str]:
    """Return how fat was measured in a session, the main one first."""
    found = []
    for row in content["muscles"]:
        for method in (row.get("fat_method"), *(one["method"] for one in row.get("also") or ())):
            modality = modality_of(method)
            if modality and modality not in found:
                found.append(modality)
    return found


def shared_modality(contents: Sequence[Mapping[str, Any]]) -> str:
    """Return the modality that all sessions have, the first session's main one if it is.

    '' where there is none: their fat fractions cannot be compared.
    """
    lists = [modalities(content) for content in contents]
    shared = [one for one in lists[0] if all(one in other for other in lists)] if lists else []
    return shared[0] if shared else ""


def as_measured_by(content: Mapping[str, Any], modality: str) -> dict[str, Any]:
    """Return a session's content with the fat of one modality in the main place.

    Unchanged where it is there already, or the session has none of it.
    """
    rows, method = [], ""
    for row in content["muscles"]:
        other = next(
            (one for one in row.get("also") or () if modality_of(one["method"]) == modality), None
        )
        if other is None or modality_of(row.get("fat_method")) == modality:
            rows.append(row)
            continue
        method = other["method"]
        taken = {name: other.get(name) for name in _FAT} | {"fat_method": method}
        rows.append({**row, **taken, "texture": None, "also": []})
    if not method:
        return dict(content)
    references = dict(content.get("references") or {})
    for reference in references.values():
        if isinstance(reference, Mapping) and reference.get("method") == method:
            # readers take the first reference of fat for the method of the fractions
            references = {"fat": reference} | {
                key: one for key, one in references.items() if not key.startswith("fat")
            }
            break
    return {**content, "muscles": rows, "references": references}
