import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StudyState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("records_hash", models.CharField(max_length=64)),
                ("study_sha256", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="ImportedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(help_text="relative to the study folder")),
                ("sheet", models.TextField(blank=True)),
                ("table", models.TextField()),
                (
                    "declared",
                    models.BooleanField(help_text="named by the study file, not given by hand"),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("records_hash", models.CharField(max_length=64)),
                ("rows", models.PositiveIntegerField()),
                ("created", models.PositiveIntegerField()),
                ("updated", models.PositiveIntegerField()),
                ("unchanged", models.PositiveIntegerField()),
                ("loaded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "table"), name="one_row_per_file_and_table"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Patient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("missing", models.JSONField(default=dict)),
                ("code", models.TextField(unique=True)),
                ("arm", models.TextField()),
                ("onset", models.CharField(blank=True, max_length=10)),
                ("treatment_start", models.CharField(blank=True, max_length=10)),
                ("death", models.CharField(blank=True, max_length=10)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("missing", models.JSONField(default=dict)),
                ("occasion", models.CharField(max_length=60)),
                ("date", models.CharField(blank=True, max_length=10)),
                (
                    "month",
                    models.FloatField(
                        help_text="as given, or from the date and the start of treatment"
                    ),
                ),
                ("month_given", models.FloatField(null=True)),
                ("mrs", models.PositiveSmallIntegerField(null=True)),
                (
                    "weakest_mrc",
                    models.CharField(blank=True, help_text="as given, 4- stays 4-", max_length=2),
                ),
                ("ck", models.FloatField(help_text="U/L", null=True)),
                ("ck_raw", models.TextField(blank=True, help_text="value and unit as written")),
                ("ck_uln_u_per_l", models.FloatField(null=True)),
                ("exclusion", models.CharField(blank=True, max_length=20)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.patient"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Strength",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("group", models.TextField()),
                ("code", models.CharField(blank=True, max_length=2)),
                ("missing", models.TextField(blank=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.visit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Observation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table", models.TextField()),
                ("variable", models.TextField()),
                (
                    "occasion",
                    models.CharField(
                        blank=True, help_text="'' of one row a patient", max_length=60
                    ),
                ),
                ("row_date", models.CharField(blank=True, max_length=10)),
                ("month", models.FloatField(null=True)),
                ("month_given", models.FloatField(null=True)),
                ("number", models.FloatField(null=True)),
                ("text", models.TextField(blank=True)),
                ("date", models.CharField(blank=True, max_length=10)),
                ("raw", models.TextField(blank=True)),
                ("missing", models.TextField(blank=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.patient"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "table", "variable", "occasion"),
                        name="one_value_per_variable_and_occasion",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MriReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("missing", models.JSONField(default=dict)),
                ("occasion", models.CharField(max_length=60)),
                ("date", models.CharField(blank=True, max_length=10)),
                (
                    "month",
                    models.FloatField(
                        help_text="as given, or from the date and the start of treatment"
                    ),
                ),
                ("month_given", models.FloatField(null=True)),
                ("muscle", models.CharField(max_length=50)),
                ("side", models.CharField(max_length=5)),
                ("scale", models.CharField(max_length=50)),
                ("grade", models.PositiveSmallIntegerField(null=True)),
                ("reader", models.TextField()),
                ("read_on", models.CharField(blank=True, max_length=10)),
                ("blinded", models.CharField(help_text="yes or no", max_length=3)),
                ("automatic", models.CharField(help_text="yes or no", max_length=3)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.patient"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "patient",
                            "occasion",
                            "muscle",
                            "side",
                            "scale",
                            "reader",
                            "automatic",
                        ),
                        name="one_reading_per_reader_and_muscle",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FieldCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("missing", models.JSONField(default=dict)),
                ("marker", models.TextField()),
                ("field", models.PositiveIntegerField()),
                ("positive_cells", models.PositiveIntegerField(null=True)),
                ("fibres", models.PositiveIntegerField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.patient"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "marker", "field"), name="one_count_per_field"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BlotLane",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("missing", models.JSONField(default=dict)),
                ("membrane", models.TextField()),
                ("lane", models.PositiveSmallIntegerField(null=True)),
                ("target", models.TextField()),
                ("density", models.FloatField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.patient"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("patient"),
                        models.F("membrane"),
                        django.db.models.functions.comparison.Coalesce("lane", 0),
                        models.F("target"),
                        name="one_density_per_lane",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BiopsyFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("missing", models.JSONField(default=dict)),
                ("finding", models.TextField()),
                ("stain", models.TextField(blank=True)),
                ("stained", models.CharField(help_text="yes or no", max_length=3)),
                ("present", models.CharField(blank=True, help_text="yes or no", max_length=3)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.patient"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "finding"), name="one_row_per_finding"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Antibody",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("missing", models.JSONField(default=dict)),
                ("antigen", models.TextField()),
                ("grade", models.CharField(blank=True, max_length=20)),
                ("scheme", models.TextField(blank=True)),
                ("date", models.CharField(blank=True, max_length=10)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.patient"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "antigen", "date"), name="one_test_per_antigen_and_date"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Treatment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("missing", models.JSONField(default=dict)),
                ("drug", models.CharField(max_length=20)),
                ("name", models.TextField(blank=True)),
                ("start", models.CharField(blank=True, max_length=10)),
                ("stop", models.CharField(blank=True, max_length=10)),
                ("dose", models.FloatField(null=True)),
                ("dose_unit", models.TextField(blank=True)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="registry.patient"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.importedfile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "drug", "name", "start"),
                        name="one_row_per_drug_and_start",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                fields=("patient", "occasion"), name="one_visit_per_occasion"
            ),
        ),
        migrations.AddConstraint(
            model_name="strength",
            constraint=models.UniqueConstraint(
                fields=("visit", "group"), name="one_code_per_muscle_group"
            ),
        ),
    ]
