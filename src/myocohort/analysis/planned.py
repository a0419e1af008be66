"""Sample size and precision in words: `myocohort plan`."""

from __future__ import annotations

from typing import Any

from myocohort.analysis.wording import interval_text


def plan_lines(plan: dict[str, Any]) -> list[str]:
    """Return a plan as lines of text for the terminal."""
    groups = f" ({' + '.join(map(str, plan['groups']))})" if plan["groups"] else ""
    decided = "decided by: " if plan["criteria"] else "given; found: "
    lines = [
        plan["question"],
        f"n {plan['n']}{groups}, {decided}{plan['criterion']}",
        f"Method: {plan['method']}",
    ]
    lines += [f"  {c['name']}: {c['n']}" for c in plan["criteria"]]
    lines.append("Assumed: " + _pairs(plan["assumptions"]))
    if plan["expected"]:
        lines.append("To be expected: " + _pairs(plan["expected"]))
    if plan["interval"]:
        lines.append(f"Interval: {interval_text(plan['interval'], 3)}")
    lines += [f"warning: {warning}" for warning in plan["warnings"]]
    return [*lines, f"Source: {plan['reference']}"]


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} "
        + ("not computed" if value is None else f"{value:.4g}" if _number(value) else str(value))
        for name, value in values.items()
    )


def _number(value: object) -> bool:
    return isinstance(value, float)
