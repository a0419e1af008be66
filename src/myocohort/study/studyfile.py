"""The study file: what a study measures and asks, validated as a whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from myocohort.study.dates import DateOrder
from myocohort.study.panels import MOST_PANELS, Panel, distinct_titles
from myocohort.study.score_plan import ScorePlan
from myocohort.study.standard import MUSCLES
from myocohort.study.variable import Variable

FILE_NAME = "study.toml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("a name stands here once")
    return names


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
    """What goes into one table: groups compared, or all patients described.

    Parameters
    ----------
    title
        Printed above the table.
    by
        Columns are the groups of the `outcome`, or the `arm`; `overall` is one column of all
        followed patients (of the arms with role `patients`), which compares nothing.
    groups
        Codes of those groups, in the order of the columns; none for `overall`.
    categorical_test, continuous_test
        Names of tests in `myocohort.stats.tests.TESTS`.
    rule_of_choice
        Name of a rule in `myocohort.stats.choice.RULES_OF_CHOICE`, which then chooses the
        test for each variable by its counts and sizes; empty: the two tests above.
    tests
        Variable -> test, where another one is wanted.
    sections
        Headings with variables, in order.
    """

    title: str
    by: Literal["outcome", "arm", "overall"] = "outcome"
    groups: Annotated[tuple[str, ...], AfterValidator(_distinct)] = ()
    categorical_test: str = "pearson_chi_square"
    continuous_test: str = "mann_whitney"
    rule_of_choice: str = ""
    tests: dict[str, str] = Field(default_factory=dict)
    sections: tuple[Section, ...] = Field(min_length=1)

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in order."""
        return tuple(name for section in self.sections for name in section.variables)

    @property
    def compares(self) -> bool:
        """Whether it compares groups, so that its tests can screen candidates."""
        return self.by != "overall"


class ModelValidation(_Part):
    """How the model is validated: by bootstrap resamples, the screening inside each of them.

    Parameters
    ----------
    resamples
        How many are drawn.
    seed
        Of the draws; the same seed gives the same figures.
    """

    resamples: int = Field(default=1000, ge=10, le=100_000)
    seed: int = Field(default=1, ge=0)


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
    validation
        How the model is validated; not at all where it is not given.
    treatments
        Variables that are treatments: the doctor chose them after seeing the patient, and the
        report says so where they are candidates or terms.
    """

    event: str
    against: tuple[str, ...] = Field(min_length=1)
    candidates: tuple[str, ...] = ()
    entry_p: float = Field(default=0.10, gt=0, le=1)
    terms: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("ml", "firth")
    validation: ModelValidation | None = None
    treatments: Annotated[tuple[str, ...], AfterValidator(_distinct)] = ()


class TimeToEvent(_Part):
    """One question about time: when an event comes, and in whom earlier.

    Parameters
    ----------
    event
        `relapse`, `remission`, `death`, or `death_or_loss` (who left the study early).
    by
        What is compared: `arm`, or a yes/no or category variable that is known when treatment
        starts; nothing if empty. The groups of `outcome` are formed by the events themselves
        and are never compared.
    terms
        Of Cox's regression, as in a model; empty: the groups of `by` against the first.
    methods
        `firth` (penalised, finite also with few events) and `ml`.
    title
        Printed above it; made from event and `by` if empty.
    """

    event: Literal["relapse", "remission", "death", "death_or_loss"]
    by: str = ""
    terms: Annotated[tuple[str, ...], AfterValidator(_distinct)] = ()
    methods: Annotated[tuple[Literal["firth", "ml"], ...], AfterValidator(_distinct)] = Field(
        default=("firth",), min_length=1
    )
    title: str = ""


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
    before
        First and last month, counted from the start of treatment, in which a scan counts as
        the one before treatment: the last one up to month 0, otherwise the first one after.
    """

    months: tuple[Annotated[int, Field(gt=0, le=600)], ...] = (3, 6, 12, 18, 24)
    before: tuple[float, float] = (-6.0, 0.5)
    scales: dict[str, str] = Field(
        default_factory=lambda: {"fat": "modified-mercuri", "oedema": "oedema-0-5"}
    )
    muscles: Annotated[tuple[str, ...], AfterValidator(_distinct)] = Field(
        default=MUSCLES, min_length=1
    )
    within: float = Field(default=1.5, gt=0)


class Marker(_Part):
    """A stained marker whose expression is positive cells per muscle fibre.

    Parameters
    ----------
    label
        What tables call it, and how the records spell it.
    fields
        How many high-power fields are planned; fewer are said in the methods.
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
    arms, schedule, tables, variables, outcome, table, model, time_to_event, imaging, markers
        See the classes of those names.
    scores
        Clinical scores of the followed patients.
    panels
        Figures of micrographs and MRI slices, in order.
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
    time_to_event: tuple[TimeToEvent, ...] = ()
    imaging: Imaging | None = None
    markers: dict[str, Marker] = Field(default_factory=dict)
    scores: tuple[ScorePlan, ...] = ()
    panels: Annotated[tuple[Panel, ...], AfterValidator(distinct_titles)] = Field(
        default=(), max_length=MOST_PANELS
    )
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

    @property
    def first_comparison(self) -> TablePlan | None:
        """The first table that compares groups; None where no table does."""
        return next((table for table in self.table.values() if table.compares), None)

    def table_sources(self) -> dict[str, TableSource]:
        """Return table -> source of all tables that the study's variables or files name."""
        named = {variable.table: TableSource() for variable in self.variables.values()}
        return {**named, **self.tables}


def split_term(term: str) -> tuple[str, str | None]:
    """Split a model's term into variable and category: ``sex=male`` -> ("sex", "male")."""
    variable, _, level = term.partition("=")
    return variable, level or None
