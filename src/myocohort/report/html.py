"""The report as one HTML file that loads nothing: text, tables, figure, style and script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from myocohort.report.figures import Figures, draw_figures
from myocohort.report.files import write_whole
from myocohort.report.flow_figure import controls_of, flow_of
from myocohort.report.how import how_view
from myocohort.report.model.models import (
    SIGNIFICANCE,
    Results,
    models_of,
    refusals,
    usable,
    verdicts,
)
from myocohort.report.model.survival import what_survives
from myocohort.report.model.table2 import ModelView, model_view
from myocohort.report.model.validation import validation_view
from myocohort.report.notes import Notes
from myocohort.report.rounding import fixed_text, like_printed, p_equation, p_text, plain_text
from myocohort.report.sections import OF_THE_MODEL, SECTIONS
from myocohort.report.table1 import TableView, table_view
from myocohort.report.templating import asset, new_environment
from myocohort.report.wording import (
    OUTCOMES,
    PROVENANCE,
    clean,
    origin_of,
    outcome_words,
    status_words,
)

_MANIFEST = (
    "myocohort",
    "python",
    "packages",
    "inputs",
    "study_file_sha256",
    "seeds",
    "records_loaded",
)
_STATUSES = ("reproduced", "consistent", "contradicted", "not_recoverable")


def write_html(
    results: Results, path: Path, *, made_on: date, figures: Figures | None = None
) -> None:
    """Write the report.

    Parameters
    ----------
    results
        The content of results.json; parts that are missing are named as left out.
    path
        The file; it is replaced as a whole, or left as it was when something fails.
    made_on
        Date to be printed; given, so that the same results give the same file.
    figures
        As `draw_figures` draws them of these results; drawn here where not given.
    """
    write_whole(path, html_text(results, made_on=made_on, figures=figures).encode())


def html_text(results: Results, *, made_on: date, figures: Figures | None = None) -> str:
    """Return the report as HTML; see `write_html`."""
    script = asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    template = _environment().get_template("report.html.j2")
    return clean(
        template.render(
            css=Markup(asset("report.css")),
            script=Markup(script),
            script_hash=digest,
            made_on=made_on.isoformat(),
            figures=draw_figures(results) if figures is None else figures,
            **_context(results),
        )
    )


def _context(results: Results) -> dict[str, Any]:
    """Return what the templates name, with an empty part for every missing one."""
    tables = [table_view(table) for table in results.get("tables") or ()]
    return {
        "study": _filled(
            results.get("study") or {"title": None}, "title", "citation", "origin_note"
        ),
        "origin": origin_of(results),
        "outcome": _outcome(results),
        "flow": flow_of(results),
        "controls": controls_of(results),
        "rule": _filled(
            results.get("outcome_rule"), "name", "label", "definition", "parameters", "reference"
        ),
        "tables": [table for table in tables if any(lines for _, lines in table.sections)],
        "empty_tables": [
            table for table in tables if not any(lines for _, lines in table.sections)
        ],
        "table_titles": _titles(tables),
        "screening": _screening(results),
        "final": _model(results, "final"),
        "screened": _model(results, "screened"),
        "refusals": {key: refusals(models_of(results, key)) for key in ("final", "screened")},
        "verdicts": verdicts(models_of(results, "final")),
        "significance": plain_text(SIGNIFICANCE),
        "survives": what_survives(results),
        "validation": validation_view(results),
        "sections": [(section, section.view(results)) for section in SECTIONS],
        "of_the_model": len(OF_THE_MODEL),
        "how": how_view(results),
        "missing": _missing(results),
        "provenance": results.get("provenance") or [],
        "provenance_words": PROVENANCE,
        "rebuild": _filled(results.get("rebuild"), "candidates", "fits", "patterns", "note"),
        "scoreboard": _scoreboard(results),
        "methods": results.get("methods") or [],
        "references": results.get("references") or [],
        "decisions": results.get("decisions") or [],
        "version": (results.get("manifest") or {}).get("myocohort") or "",
        "manifest": _filled(results.get("manifest"), *_MANIFEST),
    }


def _filled(part: Mapping[str, Any] | None, *names: str) -> dict[str, Any]:
    """Return a part of the results with None for what it may lack; empty if it is not there."""
    return {**dict.fromkeys(names), **part} if part else {}


def _outcome(results: Results) -> list[tuple[str, int]]:
    counts = results.get("outcome") or {}
    order = dict.fromkeys((*OUTCOMES, *counts))
    return [(outcome_words(key), counts[key]) for key in order if key in counts]


def _titles(tables: list[TableView]) -> dict[str, str]:
    """Call the first table Table 1; Table 2 is the model, so others go on from Table 3."""
    numbers = [1, *range(3, len(tables) + 2)]
    return {table.identity: f"Table {n}" for table, n in zip(tables, numbers, strict=False)}


def _screening(results: Results) -> dict[str, Any] | None:
    screening = results.get("screening")
    if not screening or not screening.get("rows"):
        return None
    threshold = screening["threshold"]
    notes = Notes()
    rows = [{**row, "marks": notes.mark([row.get("test") or ""])} for row in screening["rows"]]
    return {
        "threshold": max(fixed_text(threshold, 2), plain_text(threshold), key=len),
        "rows": rows,
        "note": screening.get("note") or "",
        "notes": notes.listed,
    }


def _model(results: Results, identity: str) -> ModelView | None:
    models = models_of(results, identity)
    return model_view(models) if usable(models) else None


def _missing(results: Results) -> dict[str, Any] | None:
    rows = results.get("missing")
    if not rows:
        return None
    codes = list(dict.fromkeys(code for row in rows for code in row.get("group_missing") or {}))
    labels = {
        group["code"]: group["label"]
        for table in results.get("tables") or ()
        for group in table["groups"]
    }
    return {
        "groups": [(code, labels.get(code) or outcome_words(code)) for code in codes],
        "rows": [row for row in rows if row["missing"]],
        "nobody": not any(row["of"] for row in rows),
    }


def _scoreboard(results: Results) -> dict[str, Any] | None:
    scoreboard = results.get("scoreboard")
    if not scoreboard:
        return None
    grouped: dict[str, dict[str, list[str]]] = {}  # why -> place -> as printed
    for number in scoreboard.get("not_recoverable") or ():
        places = grouped.setdefault(number["why"], {})
        places.setdefault(number["place"], []).append(number["printed"])
    counts = {
        "reproduced": scoreboard["reproduced"],
        "consistent": scoreboard["consistent"],
        "contradicted": len(scoreboard.get("contradicted") or ()),
        "not_recoverable": len(scoreboard.get("not_recoverable") or ()),
    }
    return {
        "published": scoreboard["published"],
        "counts": [(status, counts[status]) for status in _STATUSES],
        "contradicted": scoreboard.get("contradicted") or [],
        "grouped": grouped,
        "numbers": scoreboard.get("numbers") or [],
        "balanced": sum(counts.values()) == scoreboard["published"],
    }


def _setting(value: object) -> str:
    """Print a rule's parameter: a number plainly, a pair as a range, anything else as it is."""
    if isinstance(value, list | tuple):
        return " to ".join(_setting(item) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return plain_text(value)
    return str(value)


@cache
def _environment() -> Environment:
    """Return the templates' environment with the filters of this page."""
    environment = new_environment()
    environment.filters.update(
        p=p_text,
        p_equation=p_equation,
        like=like_printed,
        setting=_setting,
        status=status_words,
        outcome=outcome_words,
    )
    return environment
