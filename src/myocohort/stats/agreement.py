"""The measures of agreement on offer: adding one is a file beside this and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from myocohort.stats.bland_altman import bland_altman
from myocohort.stats.fleiss import fleiss_kappa
from myocohort.stats.gwet import gwet_ac1, gwet_ac2
from myocohort.stats.icc import icc
from myocohort.stats.kappa import cohen_kappa
from myocohort.stats.krippendorff import krippendorff_alpha
from myocohort.stats.result import Result


@dataclass(frozen=True, slots=True)
class Agreement:
    """One measure of agreement.

    Parameters
    ----------
    name
        The name used in commands and in `AGREEMENT`.
    label
        The name as printed; the `method` of a Result says more.
    takes
        "grades" - readings and `categories`, the scale's full list; "numbers" - readings.
    raters
        "two", or "two or more".
    run
        Takes a table of readings, a row per subject and a column per rater.
    """

    name: str
    label: str
    takes: Literal["grades", "numbers"]
    raters: Literal["two", "two or more"]
    run: Callable[..., Result]


AGREEMENT: dict[str, Agreement] = {
    measure.name: measure
    for measure in (
        Agreement("cohen_kappa", "Cohen's kappa", "grades", "two", cohen_kappa),
        Agreement(
            "cohen_kappa_linear",
            "Cohen's kappa, linear weights",
            "grades",
            "two",
            partial(cohen_kappa, weights="linear"),
        ),
        Agreement(
            "cohen_kappa_quadratic",
            "Cohen's kappa, quadratic weights",
            "grades",
            "two",
            partial(cohen_kappa, weights="quadratic"),
        ),
        Agreement("fleiss_kappa", "Fleiss' kappa", "grades", "two or more", fleiss_kappa),
        Agreement("gwet_ac1", "Gwet's AC1", "grades", "two or more", gwet_ac1),
        Agreement(
            "gwet_ac2_linear",
            "Gwet's AC2, linear weights",
            "grades",
            "two or more",
            partial(gwet_ac2, weights="linear"),
        ),
        Agreement(
            "gwet_ac2_quadratic",
            "Gwet's AC2, quadratic weights",
            "grades",
            "two or more",
            partial(gwet_ac2, weights="quadratic"),
        ),
        *(
            Agreement(
                f"krippendorff_{metric}",
                f"Krippendorff's alpha, {metric}",
                "grades" if metric in ("nominal", "ordinal") else "numbers",
                "two or more",
                partial(krippendorff_alpha, metric=metric),
            )
            for metric in ("nominal", "ordinal", "interval", "ratio")
        ),
        *(
            Agreement(
                f"icc_{form.replace(',', '_')}",
                f"ICC({form})",
                "numbers",
                "two or more",
                partial(icc, form=form),
            )
            for form in ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")
        ),
        Agreement("bland_altman", "Bland-Altman limits", "numbers", "two", bland_altman),
    )
}
