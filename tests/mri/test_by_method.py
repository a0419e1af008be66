"""Sessions with several sequences are compared by the one that they share."""

from __future__ import annotations

import copy
from typing import Any

from myocohort.mri.by_method import as_measured_by, modalities, shared_modality

DIXON, T1 = "Dixon, fat / (fat + water)", "T1, smooth receive field"


def session(main: str, fraction: float, *also: tuple[str, float]) -> dict[str, Any]:
    """Make a session of one muscle."""
    row: dict[str, Any] = {"name": "gracilis", "side": "left", "fat_method": main}
    row |= {"fat_fraction": fraction, "stir_positive_share": 0.1, "texture": {}}
    row["also"] = [{"method": method, "fat_fraction": value} for method, value in also]
    names = [main, *(method for method, _ in also)]
    references = {f"fat_{n}" if n else "fat": {"method": one} for n, one in enumerate(names)}
    return {"muscles": [row], "references": {**references, "stir": {"method": "STIR"}}}


def test_the_shared_sequence_is_found() -> None:
    """T1 is shared where one session has Dixon and T1 and the other T1 only."""
    both, one = session(DIXON, 0.4, (T1, 0.5)), session(T1, 0.3)
    assert modalities(both) == ["Dixon", "T1"]
    assert shared_modality([both, one]) == "T1"
    assert shared_modality([both, both]) == "Dixon"
    assert shared_modality([session(DIXON, 0.4), one]) == ""


def test_the_other_sequence_takes_the_main_place() -> None:
    """Fat and method change, oedema stays, and the session given is not altered."""
    both = session(DIXON, 0.4, (T1, 0.5))
    before = copy.deepcopy(both)
    taken = as_measured_by(both, "T1")
    row = taken["muscles"][0]
    assert (row["fat_fraction"], row["fat_method"]) == (0.5, T1)
    assert row["stir_positive_share"] == 0.1
    assert taken["references"] == {"fat": {"method": T1}, "stir": {"method": "STIR"}}
    assert both == before
    assert as_measured_by(both, "Dixon")["muscles"] == both["muscles"]
