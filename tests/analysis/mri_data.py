"""Made-up total scores on MRI: the readings that sum to them, and visits that give an outcome."""

from __future__ import annotations

from myocohort.study.standard import MUSCLES

SIDES = tuple((muscle, side) for muscle in MUSCLES for side in ("left", "right"))

# Patient -> outcome and total score at month 0, 3, 6 and 12; four scans are missing.
TOTALS = {
    "P1": ("non_refractory", {0: 22, 3: 27, 6: 29, 12: 31}),
    "P2": ("non_refractory", {0: 21, 3: 26, 6: 34}),
    "P3": ("non_refractory", {0: 22, 3: 27, 6: 35, 12: 33}),
    "P4": ("non_refractory", {0: 5, 3: 18, 6: 12, 12: 19}),
    "P5": ("non_refractory", {0: 16, 3: 20, 12: 24}),
    "P6": ("non_refractory", {0: 1, 3: 10, 6: 12, 12: 10}),
    "P7": ("non_refractory", {0: 31, 3: 35, 6: 39, 12: 36}),
    "P8": ("refractory", {0: 19, 3: 31, 6: 32, 12: 22}),
    "P9": ("refractory", {0: 22, 6: 34, 12: 33}),
    "P10": ("refractory", {0: 18, 3: 32, 6: 31, 12: 26}),
    "P11": ("refractory", {3: 27, 6: 26, 12: 23}),
    "P12": ("refractory", {0: 13, 3: 27, 6: 27, 12: 19}),
}


def scan(patient, month, total, *, scale="modified-mercuri", skip=(), **options):
    """Return the readings of one scan, whose grades sum to a whole total."""
    whole, more = divmod(total, len(SIDES))
    return [
        {"patient": patient, "month": float(month), "date": None, "muscle": muscle, "side": side,
         "scale": scale, "grade": float(whole + (place < more)), "reader": "R1", "automatic": "no",
         **options}
        for place, (muscle, side) in enumerate(SIDES)
        if (muscle, side) not in skip
    ]  # fmt: skip


def scans(totals=TOTALS, **options):
    """Return the readings of many patients."""
    return [
        row
        for patient, (_, by_month) in totals.items()
        for month, total in by_month.items()
        for row in scan(patient, month, total, **options)
    ]


def visits(totals=TOTALS):
    """Return a visit before treatment and one at month 12 that decide the outcome."""
    late = {"refractory": (4, "2"), "non_refractory": (1, "5")}
    return [
        {"patient": patient, "month": month, "date": None, "mrs": mrs, "weakest_mrc": mrc,
         "ck": 500.0, "ck_uln_u_per_l": 200.0}
        for patient, (outcome, _) in totals.items()
        for month, (mrs, mrc) in ((0.0, (4, "2")), (12.0, late.get(outcome, (None, None))))
        if mrs is not None
    ]  # fmt: skip


def rows(totals=TOTALS, readings=None):
    """Return the tables of records of these patients."""
    return {
        "patients": [{"patient": patient} for patient in totals],
        "visits": visits(totals),
        "mri_readings": scans(totals) if readings is None else readings,
    }
