"""Drafts, approvals and the revision that a version releases. A version of before keeps its two approvals under a revision
of its own; nobody recorded who wrote it, so its writer is 0, who is nobody."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

_OLD_VERSIONS = """
    INSERT INTO funding_policyrevision (program_code, number, content, content_sha256, in_force_from, written_by, written_at)
    SELECT p.code, row_number() OVER (PARTITION BY p.id ORDER BY v.id), v.content, v.content_sha256, v.in_force_from, 0,
           v.released_at
    FROM funding_policyversion v JOIN funding_program p ON p.id = v.program_id;
    -- Guards of an earlier migrate stand on the table; what is filled in is a column that they never saw.
    ALTER TABLE funding_policyversion DISABLE TRIGGER USER;
    UPDATE funding_policyversion v SET revision_id = r.id FROM funding_policyrevision r JOIN funding_program p ON p.code = r.program_code
    WHERE p.id = v.program_id AND r.in_force_from = v.in_force_from;
    ALTER TABLE funding_policyversion ENABLE TRIGGER USER;
    INSERT INTO funding_policyapproval (revision_id, approved_by, content_sha256, approved_at)
    SELECT v.revision_id, who.id, v.content_sha256, v.released_at
    FROM funding_policyversion v, LATERAL (VALUES (v.first_approved_by), (v.second_approved_by)) AS who (id);
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0004_year_ahead")]
    operations = [
        migrations.CreateModel(
            name="PolicyRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("program_code", models.CharField(max_length=60)),
                ("number", models.PositiveIntegerField()),
                ("content", models.TextField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("in_force_from", models.DateField()),
                ("written_by", models.BigIntegerField()),
                ("written_at", models.DateTimeField(db_default=Now(), editable=False)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("program_code", "number"), name="revision_is_numbered_once")]
            },
        ),
        migrations.CreateModel(
            name="PolicyApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="funding.policyrevision"
                    ),
                ),
                ("approved_by", models.BigIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("approved_at", models.DateTimeField(db_default=Now(), editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("revision", "approved_by"), name="revision_is_approved_once_by_a_person")
                ]
            },
        ),
        migrations.AddField(
            model_name="policyversion",
            name="revision",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="version", to="funding.policyrevision"
            ),
        ),
        migrations.RunSQL(_OLD_VERSIONS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="policyversion",
            name="revision",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="version", to="funding.policyrevision"
            ),
        ),
        migrations.RemoveConstraint(model_name="policyversion", name="policy_is_approved_by_two_people"),
        migrations.RemoveField(model_name="policyversion", name="first_approved_by"),
        migrations.RemoveField(model_name="policyversion", name="second_approved_by"),
    ]
