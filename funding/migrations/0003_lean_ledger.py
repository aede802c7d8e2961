"""What a posted row costs: no deferred key check and no index entry for the many rows that reverse nothing.

The statement trigger on transfers (database/guards.sql) holds a reversal against its row. Block-range indexes find the
rows of one run for a few bytes a megabyte, so that finishing a night costs what the night wrote and not the history.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0002_earning_state_storage")]
    operations = [
        migrations.AlterField(
            model_name="transfer",
            name="reverses",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="funding.transfer",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reverses__isnull", False)), fields=("reverses",), name="transfer_is_reversed_once"
            ),
        ),
        migrations.RunSQL(
            """
            CREATE INDEX transfer_by_run ON funding_transfer USING brin (run_id) WITH (pages_per_range = 32, autosummarize = on);
            CREATE INDEX claim_by_run ON funding_claim USING brin (run_id) WITH (pages_per_range = 32, autosummarize = on);
            """,
            "DROP INDEX transfer_by_run, claim_by_run",
        ),
    ]
