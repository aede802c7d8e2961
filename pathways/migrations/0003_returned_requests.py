"""A request to be assessed may end as returned for another try. The column's values are held by the actions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pathways", "0002_shared_summary")]

    operations = [
        migrations.AlterField(
            model_name="assessmentanswer",
            name="outcome",
            field=models.CharField(
                choices=[("judged", "Judged"), ("returned", "Returned"), ("taken_back", "Taken Back")], max_length=10
            ),
        ),
    ]
