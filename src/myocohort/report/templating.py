"""The environment of the HTML templates, and the files beside them."""

from __future__ import annotations

from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

_ASSETS = resources.files("myocohort.report") / "templates"


def new_environment() -> Environment:
    """Return an environment in which all is escaped, and what is not there is an error."""
    return Environment(
        loader=PackageLoader("myocohort.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def asset(name: str) -> str:
    """Return the text of a style sheet or script."""
    return (_ASSETS / name).read_text(encoding="utf-8").strip()
