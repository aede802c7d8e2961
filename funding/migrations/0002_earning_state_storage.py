"""Room on each page of the state table, so that the night's update of a row stays on its page."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funding", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE funding_earningstate SET (fillfactor = 80)",
            "ALTER TABLE funding_earningstate RESET (fillfactor)",
        )
    ]
