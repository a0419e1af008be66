"""Where a paper prints a number."""

from __future__ import annotations


def block_of(place: str) -> str:
    """Return the table or section that a place lies in: "Table 1", or "Results, Pathology"."""
    parts = place.split(", ")
    return parts[0] if parts[0].startswith("Table") else ", ".join(parts[:2])
