"""A snapshot names its catalogue and the measure that it judges by; those on file judged all catalogues by course success."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accountability", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="indicatorsnapshot",
            name="measure",
            field=models.CharField(max_length=60, default="course_success"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="indicatorsnapshot",
            name="catalogue",
            field=models.CharField(max_length=60, default=""),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="indicatorsnapshot", name="snapshot_is_taken_once"),
        migrations.AddConstraint(
            model_name="indicatorsnapshot",
            constraint=models.UniqueConstraint(
                fields=["indicator", "as_of", "catalogue", "provider_id"], name="snapshot_is_taken_once"
            ),
        ),
    ]
