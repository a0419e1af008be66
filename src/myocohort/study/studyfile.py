"""The study file: what a study measures and asks, validated as a whole."""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from myocohort.errors import Problem, StudyFileError
from myocohort.study.dates import DateOrder
from myocohort.study.standard import MUSCLES, TABLES
from myocohort.study.variable import Variable

FILE_NAME = "study.toml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Arm(_Part):
    """A group that patients belong to from the start.

    Parameters
    ----------
    label
        What tables call it.
    role
        `patients` are followed and classified; `controls` are compared only.
    """

    label: str
    role: Literal["patients", "controls"] = "patients"


class TableSource(_Part):
    """Where a record table is kept and what its headers are called.

    Parameters
    ----------
    file
        CSV or XLSX file, relative to the study folder.
    sheet
        Of a workbook; the table's name where not given.
    per
        Of a table that is not a standard one: one row a patient or one row a visit.
    columns
        Column as Myocohort calls it -> header in the file, where they differ.
    """

    file: str | None = None
    sheet: str | None = None
    per: Literal["patient", "visit"] = "patient"
    columns: dict[str, str] = Field(default_factory=dict)


class Schedule(_Part):
    """Planned visits, in months since the start of treatment.

    Parameters
    ----------
    months
        Planned months, ascending.
    within
        How many months a visit or scan may lie from the planned month and still count.
    """

    months: tuple[int, ...] = (0, 3, 6, 12)
    within: float = Field(default=1.5, gt=0)


class OutcomePlan(_Part):
    """Which outcome rule is used, and its parameters (checked by the rule itself)."""

    rule: str = "refractory"
    parameters: dict[str, Any] = Field(default_factory=dict)


class Section(_Part):
    """A heading of a table and the variables below it."""

    heading: str = ""
    variables: tuple[str, ...]


class TablePlan(_Part):
    """What goes into one table of group comparisons.

    Parameters
    ----------
    title
        Printed above the table.
    by
        Columns are the groups of the `outcome`, or the `arm`.
    groups
        Codes of those groups, in the order of the columns.
    categorical_test, continuous_test
        Names of tests in `myocohort.stats.tests.TESTS`.
    tests
        Variable -> test, where another one is wanted.
    sections
        Headings with variables, in order.
    """

    title: str
    by: Literal["outcome", "arm"] = "outcome"
    groups: tuple[str, ...] = Field(min_length=2)
    categorical_test: str = "pearson_chi_square"
    continuous_test: str = "mann_whitney"
    tests: dict[str, str] = Field(default_factory=dict)
    sections: tuple[Section, ...] = Field(min_length=1)

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in order."""
        return tuple(name for section in self.sections for name in section.variables)


class ModelPlan(_Part):
    """The regression model for the outcome.

    Parameters
    ----------
    event, against
        Outcome (or arm) codes: the event, and what it is compared with.
    candidates
        Terms that are screened one by one: a yes/no or numeric variable, or
        ``variable=category``.
    entry_p
        A candidate passes with p below this.
    terms
        The final terms; empty means those that pass.
    methods
        Names of models in `myocohort.stats.models.MODELS`.
    """

    event: str
    against: tuple[str, ...] = Field(min_length=1)
    candidates: tuple[str, ...] = ()
    entry_p: float = Field(default=0.10, gt=0, le=1)
    terms: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("ml", "firth")


class Imaging(_Part):
    """Which scans are compared with the one before treatment.

    Parameters
    ----------
    months
        Planned months of the follow-up scans.
    scales
        Name in variables -> scale of the readings.
    muscles
        Muscles whose grades are summed, both sides.
    within
        How many months a scan may lie from the planned month.
    """

    months: tuple[int, ...] = (3, 6, 12, 18, 24)
    scales: dict[str, str] = Field(
        default_factory=lambda: {"fat": "modified-mercuri", "oedema": "oedema-0-5"}
    )
    muscles: tuple[str, ...] = MUSCLES
    within: float = Field(default=1.5, gt=0)


class Marker(_Part):
    """A stained marker whose expression is positive cells per muscle fibre.

    Parameters
    ----------
    label
        What tables call it, and how the records spell it.
    fields
        How many high-power fields are counted.
    """

    label: str
    fields: int = Field(default=10, ge=1)


class Study(_Part):
    """A whole study file.

    Parameters
    ----------
    title, citation
        Of the study.
    origin
        `real` records, `made` up, or `rebuilt` from a publication; shown wherever results are.
    paper
        The paper file whose printed numbers are recomputed, relative to the study folder.
    date_order
        How 03/04/2020 is read: "dmy" or "mdy"; under "iso" it is refused.
    missing
        Code as written -> reason, for all variables.
    arms, schedule, tables, variables, outcome, table, model, imaging, markers
        See the classes of those names.
    folder, sha256
        Where the file was read from, and the hash of its bytes.
    """

    title: str
    citation: str = ""
    origin: Literal["real", "made", "rebuilt"] = "real"
    paper: str | None = None
    date_order: DateOrder = "iso"
    missing: dict[str, str] = Field(default_factory=dict)
    arms: dict[str, Arm] = Field(min_length=1)
    schedule: Schedule = Schedule()
    tables: dict[str, TableSource] = Field(default_factory=dict)
    variables: dict[str, Variable] = Field(default_factory=dict)
    outcome: OutcomePlan = OutcomePlan()
    table: dict[str, TablePlan] = Field(default_factory=dict)
    model: ModelPlan | None = None
    imaging: Imaging | None = None
    markers: dict[str, Marker] = Field(default_factory=dict)
    folder: Path = Field(default=Path(), exclude=True)
    sha256: str = Field(default="", exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        """Give each variable its name, its column and the study's missing codes."""
        if not isinstance(data, dict) or not isinstance(data.get("variables"), dict):
            return data
        shared = data.get("missing")
        shared = shared if isinstance(shared, dict) else {}
        variables: dict[str, Any] = {}
        for name, raw in data["variables"].items():
            if isinstance(raw, dict):
                own = raw.get("missing", {})
                own = own if isinstance(own, dict) else {}
                raw = {"column": name, **raw, "name": name, "missing": {**shared, **own}}
            variables[name] = raw
        return {**data, "variables": variables}

    @property
    def records_hash(self) -> str:
        """Hash of what decides how records are read: a change asks for `study update`."""
        parts = self.model_dump(
            mode="json",
            include={"arms", "missing", "date_order", "variables", "tables"},
        )
        for variable in parts["variables"].values():
            variable.pop("label")
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def table_sources(self) -> dict[str, TableSource]:
        """Return table -> source of all tables that the study's variables or files name."""
        named = {variable.table: TableSource() for variable in self.variables.values()}
        return {**named, **self.tables}


def load_study(folder: Path) -> Study:
    """Read and validate the study file of a folder.

    Parameters
    ----------
    folder
        The study folder, or its study.toml.

    Raises
    ------
    StudyFileError
        With every key that breaks a rule.
    """
    path = folder if folder.suffix == ".toml" else folder / FILE_NAME
    name = path.name
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise StudyFileError(
            [
                Problem(
                    rule="a study folder has a study.toml",
                    file=str(path),
                    next_step="`myocohort new DIR` writes one to start from",
                )
            ]
        ) from error
    except OSError as error:
        raise StudyFileError(
            [Problem(rule=f"the study file can be read ({error.strerror})", file=str(path))]
        ) from error
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise StudyFileError(
            [
                Problem(
                    rule="the study file is UTF-8",
                    file=name,
                    next_step="Save it as UTF-8 in your editor",
                )
            ]
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise StudyFileError(
            [
                Problem(
                    rule=f"the study file is TOML: {error}",
                    file=name,
                    next_step="See docs/study-file.md",
                )
            ]
        ) from error
    try:
        study = Study.model_validate(
            {**data, "folder": path.parent.resolve(), "sha256": hashlib.sha256(content).hexdigest()}
        )
    except ValidationError as error:
        raise StudyFileError(toml_problems(error, name, Study)) from error
    if problems := list(_cross_references(study, name)):
        raise StudyFileError(problems)
    return study


def toml_problems(error: ValidationError, file: str, root: type[BaseModel]) -> list[Problem]:
    """Say what pydantic found in terms of the file's keys, with close matches for typos."""
    problems = []
    for item in error.errors():
        location = [str(part) for part in item["loc"]]
        key = ".".join(location)
        if item["type"] == "extra_forbidden":
            known = _known_keys(root, location[:-1])
            close = difflib.get_close_matches(location[-1], known, n=1)
            step = (
                f"Did you mean {close[0]!r}?"
                if close
                else (f"Known keys: {', '.join(known)}" if known else "")
            )
            problems.append(Problem(rule="unknown key", key=key, file=file, next_step=step))
            continue
        given = item.get("input")
        quoted = str(given) if isinstance(given, str | int | float) else ""
        message = item["msg"].removeprefix("Value error, ")
        problems.append(Problem(rule=message, value=quoted, key=key, file=file))
    return problems


def _known_keys(root: type[BaseModel], location: list[str]) -> list[str]:
    """List the keys of the model that a dotted location leads to."""
    model: Any = root
    for part in location:
        fields = getattr(model, "model_fields", {})
        if part not in fields:  # a name or index below a dict or list: the model stays
            continue
        annotation = fields[part].annotation
        inner = [annotation, *getattr(annotation, "__args__", ())]
        models = [a for a in inner if isinstance(a, type) and issubclass(a, BaseModel)]
        model = models[0] if models else None
    fields = getattr(model, "model_fields", {})
    return [name for name in fields if name not in ("name", "folder", "sha256")]


def split_term(term: str) -> tuple[str, str | None]:
    """Split a model's term into variable and category: ``sex=male`` -> ("sex", "male")."""
    variable, _, level = term.partition("=")
    return variable, level or None


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
                change = "increase" if scale == "fat" else "reduction"
                add(
                    f"{scale}_rate_{month}",
                    f"MRI {scale}, {change} by month {month}",
                    "points/month",
                )
        add("mri_followed", "MRI before treatment and later", kind="yes_no")
    if "blots" in study.tables:
        add("blotted", "western blot done", kind="yes_no")
    for name, marker in study.markers.items():
        add(f"expression_{name}", f"{marker.label}, positive cells per fibre")
    return found


def _cross_references(study: Study, file: str) -> list[Problem]:
    """Find names that point to nothing: variables, tables, arms, terms."""
    problems: list[Problem] = []
    variables = {**study.variables, **measured_variables(study)}

    def unknown(name: str, known: list[str], key: str, what: str) -> None:
        close = difflib.get_close_matches(name, known, n=1)
        step = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}"
        problems.append(
            Problem(
                rule=f"{what} is declared in the study file",
                value=name,
                key=key,
                file=file,
                next_step=step,
            )
        )

    for name, variable in study.variables.items():
        key = f"variables.{name}"
        standard = TABLES.get(variable.table)
        if standard is None:
            continue
        known = list(standard.columns)
        extra = variable.column not in known and variable.table not in ("patients", "visits")
        if extra:
            unknown(variable.column, known, f"{key}.column", f"a column of {variable.table}")
        for column in variable.where:
            if column not in known:
                unknown(column, known, f"{key}.where", f"a column of {variable.table}")
    for name, plan in study.table.items():
        for variable_name in (*plan.variables, *plan.tests):
            if variable_name not in variables:
                unknown(variable_name, list(variables), f"table.{name}", "a variable")
        if plan.by == "arm":
            for group in plan.groups:
                if group not in study.arms:
                    unknown(group, list(study.arms), f"table.{name}.groups", "an arm")
    if study.model is not None:
        for part in ("candidates", "terms"):
            for term in getattr(study.model, part):
                variable_name, level = split_term(term)
                key = f"model.{part}"
                if variable_name not in variables:
                    unknown(variable_name, list(variables), key, "a variable")
                elif level is not None and level not in variables[variable_name].categories:
                    unknown(
                        level,
                        list(variables[variable_name].categories),
                        key,
                        f"a category of {variable_name}",
                    )
                elif level is None and variables[variable_name].type in (
                    "category",
                    "text",
                    "date",
                ):
                    problems.append(
                        Problem(
                            rule="a term is yes/no, a number, or variable=category",
                            value=term,
                            key=key,
                            file=file,
                            next_step=f"Write {variable_name}=<category>",
                        )
                    )
    return problems
