"""The rows of `nhanes2` (R's mice): Schafer JL. Analysis of Incomplete Multivariate Data. 1997."""

from __future__ import annotations

AGE = (
    "20-39 40-59 20-39 60-99 20-39 60-99 20-39 20-39 40-59 40-59 20-39 40-59 60-99 "
    "40-59 20-39 20-39 60-99 40-59 20-39 60-99 20-39 20-39 20-39 60-99 40-59"
)
BMI = (
    "- 22.7 - - 20.4 - 22.5 30.1 22.0 - - - 21.7 28.7 29.6 - 27.2 26.3 35.3 25.5 - 33.2 27.5 "
    "24.9 27.4"
)
HYP = "- 0 0 - 0 - 0 0 0 - - - 0 1 0 - 1 1 0 1 - 0 0 0 0"
CHL = "- 187 187 - 113 184 118 187 238 - - - 206 204 - - 284 199 218 - - 229 131 - 186"


def nhanes2() -> dict[str, list[object]]:
    """Return age (text), bmi, hyp (0, 1) and chl, None where missing."""
    numbers = {"bmi": BMI, "hyp": HYP, "chl": CHL}
    frame: dict[str, list[object]] = {"age": list(AGE.split())}
    for name, column in numbers.items():
        frame[name] = [None if cell == "-" else float(cell) for cell in column.split()]
    return frame
