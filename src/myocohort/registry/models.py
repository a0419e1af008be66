"""Typed storage of validated records; the rules are in `study` and are not repeated here.

A blank text is '', a blank number NULL. `missing` says why a cell of the row holds nothing
(column -> reason). Partial dates are kept as their ISO text: 2016, 2016-05 or 2016-05-31.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce

ISO_DATE = 10


class StudyState(models.Model):
    """Under which study file the registry was filled; one row."""

    records_hash = models.CharField(max_length=64)
    study_sha256 = models.CharField(max_length=64)


class ImportedFile(models.Model):
    """One table of one file, as it was last imported."""

    name = models.TextField(help_text="relative to the study folder")
    sheet = models.TextField(blank=True)
    table = models.TextField()
    declared = models.BooleanField(help_text="named by the study file, not given by hand")
    sha256 = models.CharField(max_length=64)
    records_hash = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        """A file is remembered once for each table that it fills."""

        constraints = (
            models.UniqueConstraint(fields=("name", "table"), name="one_row_per_file_and_table"),
        )


class Recorded(models.Model):
    """What every record has: the file that last wrote it, and why cells are missing."""

    source = models.ForeignKey(
        ImportedFile, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    missing = models.JSONField(default=dict)

    class Meta:
        """Columns that the tables below share."""

        abstract = True


class Dated(models.Model):
    """A row with a date, a month since the start of treatment, or both.

    `occasion` is what tells rows of one patient apart: the date where it is complete, and
    otherwise the date and the month as given (NULLs are distinct in SQL, text is not).
    """

    occasion = models.CharField(max_length=60)
    date = models.CharField(max_length=ISO_DATE, blank=True)
    month = models.FloatField(help_text="as given, or from the date and the start of treatment")
    month_given = models.FloatField(null=True)

    class Meta:
        """Columns that the dated tables share."""

        abstract = True


class Patient(Recorded):
    """A patient or control."""

    code = models.TextField(unique=True)
    arm = models.TextField()
    onset = models.CharField(max_length=ISO_DATE, blank=True)
    treatment_start = models.CharField(max_length=ISO_DATE, blank=True)
    death = models.CharField(max_length=ISO_DATE, blank=True)


class Visit(Recorded, Dated):
    """A clinical visit."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    mrs = models.PositiveSmallIntegerField(null=True)
    weakest_mrc = models.CharField(max_length=2, blank=True, help_text="as given, 4- stays 4-")
    ck = models.FloatField(null=True, help_text="U/L")
    ck_raw = models.TextField(blank=True, help_text="value and unit as written")
    ck_uln_u_per_l = models.FloatField(null=True)
    exclusion = models.CharField(max_length=20, blank=True)

    class Meta:
        """One visit of a patient on an occasion."""

        constraints = (
            models.UniqueConstraint(fields=("patient", "occasion"), name="one_visit_per_occasion"),
        )


class Strength(models.Model):
    """The strength of one muscle group at a visit, as an MRC code."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE)
    group = models.TextField()
    code = models.CharField(max_length=2, blank=True)
    missing = models.TextField(blank=True)
    source = models.ForeignKey(
        ImportedFile, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        """One code for each group at a visit."""

        constraints = (
            models.UniqueConstraint(fields=("visit", "group"), name="one_code_per_muscle_group"),
        )


class Treatment(Recorded):
    """A drug that was given, from `start` to `stop`."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    drug = models.CharField(max_length=20)
    name = models.TextField(blank=True)
    start = models.CharField(max_length=ISO_DATE, blank=True)
    stop = models.CharField(max_length=ISO_DATE, blank=True)
    dose = models.FloatField(null=True)
    dose_unit = models.TextField(blank=True)

    class Meta:
        """One row for each drug and start."""

        constraints = (
            models.UniqueConstraint(
                fields=("patient", "drug", "name", "start"), name="one_row_per_drug_and_start"
            ),
        )


class Antibody(Recorded):
    """An antibody test."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    antigen = models.TextField()
    grade = models.CharField(max_length=20, blank=True)
    scheme = models.TextField(blank=True)
    date = models.CharField(max_length=ISO_DATE, blank=True)

    class Meta:
        """One test of an antigen on a date."""

        constraints = (
            models.UniqueConstraint(
                fields=("patient", "antigen", "date"), name="one_test_per_antigen_and_date"
            ),
        )


class MriReading(Recorded, Dated):
    """One reader's grade of one muscle on one side, on one scale."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    muscle = models.CharField(max_length=50)
    side = models.CharField(max_length=5)
    scale = models.CharField(max_length=50)
    grade = models.PositiveSmallIntegerField(null=True)
    reader = models.TextField()
    read_on = models.CharField(max_length=ISO_DATE, blank=True)
    blinded = models.CharField(max_length=3, help_text="yes or no")
    automatic = models.CharField(max_length=3, help_text="yes or no")

    class Meta:
        """One reading by a reader of a muscle on an occasion."""

        constraints = (
            models.UniqueConstraint(
                fields=(
                    "patient", "occasion", "muscle", "side", "scale", "reader", "automatic",
                ),
                name="one_reading_per_reader_and_muscle",
            ),
        )  # fmt: skip


class BiopsyFinding(Recorded):
    """A finding, whether its stain was done, and whether it was present."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    finding = models.TextField()
    stain = models.TextField(blank=True)
    stained = models.CharField(max_length=3, help_text="yes or no")
    present = models.CharField(max_length=3, blank=True, help_text="yes or no")

    class Meta:
        """One row for each finding of a patient."""

        constraints = (
            models.UniqueConstraint(fields=("patient", "finding"), name="one_row_per_finding"),
        )


class FieldCount(Recorded):
    """Positive cells and muscle fibres in one high-power field."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    marker = models.TextField()
    field = models.PositiveIntegerField()
    positive_cells = models.PositiveIntegerField(null=True)
    fibres = models.PositiveIntegerField(null=True)

    class Meta:
        """One count for each field of a marker."""

        constraints = (
            models.UniqueConstraint(
                fields=("patient", "marker", "field"), name="one_count_per_field"
            ),
        )


class BlotLane(Recorded):
    """The density of a target in one lane of a membrane."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    membrane = models.TextField()
    lane = models.PositiveSmallIntegerField(null=True)
    target = models.TextField()
    density = models.FloatField(null=True)

    class Meta:
        """One density for each target in a lane."""

        constraints = (
            models.UniqueConstraint(
                "patient", "membrane", Coalesce("lane", 0), "target", name="one_density_per_lane"
            ),
        )


class Observation(models.Model):
    """The value of a variable that the study file declares beyond the standard columns.

    A derived variable (at_least, at_most, any_of) holds here what was read, not yet compared.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    table = models.TextField()
    variable = models.TextField()
    occasion = models.CharField(max_length=60, blank=True, help_text="'' of one row a patient")
    row_date = models.CharField(max_length=ISO_DATE, blank=True)
    month = models.FloatField(null=True)
    month_given = models.FloatField(null=True)
    number = models.FloatField(null=True)
    text = models.TextField(blank=True)
    date = models.CharField(max_length=ISO_DATE, blank=True)
    raw = models.TextField(blank=True)
    missing = models.TextField(blank=True)
    source = models.ForeignKey(
        ImportedFile, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        """One value of a variable on an occasion."""

        constraints = (
            models.UniqueConstraint(
                fields=("patient", "table", "variable", "occasion"),
                name="one_value_per_variable_and_occasion",
            ),
        )


MODELS: dict[str, type[models.Model]] = {
    "patients": Patient,
    "visits": Visit,
    "strengths": Strength,
    "treatments": Treatment,
    "antibodies": Antibody,
    "mri_readings": MriReading,
    "biopsies": BiopsyFinding,
    "fields": FieldCount,
    "blots": BlotLane,
    "observations": Observation,
}
"""Kind of record -> model, in an order in which each finds what it refers to."""
