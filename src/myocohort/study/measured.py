"""Variables that measurements give, beside those that a study file declares."""

from __future__ import annotations

from myocohort.study.standard import SCALES
from myocohort.study.studyfile import Study
from myocohort.study.variable import Variable


def measured_variables(study: Study) -> dict[str, Variable]:
    """Return the variables that measurements give, beside the declared ones.

    Parameters
    ----------
    study
        With `imaging` and `markers`.

    Returns
    -------
    dict
        ``follow_up_years``; for each scale ``mri_fat_0`` (total score before treatment),
        ``fat_present`` and ``fat_rate_3`` (change per month) for each month;
        ``mri_followed``; ``blotted``; ``expression_baff`` for each marker.
    """
    found: dict[str, Variable] = {}

    def add(name: str, label: str, unit: str | None = None, kind: str = "number") -> None:
        found[name] = Variable.model_validate(
            {"name": name, "label": label, "type": kind, "unit": unit, "column": name}
        )

    add("follow_up_years", "follow-up from start of treatment to the last visit", "years")
    if study.imaging is not None:
        for scale in study.imaging.scales:
            add(f"mri_{scale}_0", f"MRI {scale}, total score before treatment")
            add(f"{scale}_present", f"MRI {scale} before treatment", kind="yes_no")
            for month in study.imaging.months:
                change = SCALES.get(study.imaging.scales[scale], "change")
                label = f"MRI {scale}, {change} by month {month}"
                add(f"{scale}_rate_{month}", label, "points/month")
        add("mri_followed", "MRI before treatment and later", kind="yes_no")
    if "blots" in study.tables:
        add("blotted", "western blot done", kind="yes_no")
    for name, marker in study.markers.items():
        add(f"expression_{name}", f"{marker.label}, positive cells per fibre")
    return found


def measured_later(study: Study) -> set[str]:
    """Return the measured variables that are known only some time after treatment began."""
    later = {"follow_up_years", "mri_followed"}
    if study.imaging is not None:
        for scale in study.imaging.scales:
            later |= {f"{scale}_rate_{month}" for month in study.imaging.months}
    return later
