"""Variables that measurements give, beside those that a study file declares."""

from __future__ import annotations

from myocohort.study.standard import SCALES
from myocohort.study.studyfile import Study
from myocohort.study.variable import Variable

GRADES = ("mri_readings", "grade")


def measured_variables(study: Study) -> dict[str, Variable]:
    """Return the variables that measurements give, beside the declared ones.

    Parameters
    ----------
    study
        With `imaging` and `markers`.

    Returns
    -------
    dict
        Each with the table and column that it rests on: ``follow_up_years``; for each scale
        ``mri_fat_0`` (total score before treatment), ``fat_present``, and ``fat_rate_3``
        (change per month) for each month;
        ``mri_followed``; ``blotted``; ``expression_baff`` for each marker.
    """
    found: dict[str, Variable] = {}

    def add(
        name: str,
        label: str,
        source: tuple[str, str],
        unit: str | None = None,
        kind: str = "number",
    ) -> None:
        table, column = source
        found[name] = Variable.model_validate(
            {"name": name, "label": label, "type": kind, "unit": unit, "table": table,
             "column": column}
        )  # fmt: skip

    follow_up = "follow-up from start of treatment to the last visit"
    add("follow_up_years", follow_up, ("visits", "month"), "years")
    if study.imaging is not None:
        for scale in study.imaging.scales:
            add(f"mri_{scale}_0", f"MRI {scale}, total score before treatment", GRADES)
            add(f"{scale}_present", f"MRI {scale} before treatment", GRADES, kind="yes_no")
            for month in study.imaging.months:
                change = SCALES.get(study.imaging.scales[scale], "change")
                label = f"MRI {scale}, {change} by month {month}"
                add(f"{scale}_rate_{month}", label, GRADES, "points/month")
        add("mri_followed", "MRI before treatment and later", GRADES, kind="yes_no")
    if "blots" in study.tables:
        add("blotted", "western blot done", ("blots", "density"), kind="yes_no")
    for name, marker in study.markers.items():
        label = f"{marker.label}, positive cells per fibre"
        add(f"expression_{name}", label, ("fields", "positive_cells"))
    return found


def measured_later(study: Study) -> set[str]:
    """Return the measured variables that are known only some time after treatment began."""
    later = {"follow_up_years", "mri_followed"}
    if study.imaging is not None:
        for scale in study.imaging.scales:
            later |= {f"{scale}_rate_{month}" for month in study.imaging.months}
    return later
