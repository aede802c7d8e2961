"""How completions lie on disk: the night counts an enrollment from the key alone, and finds new rows by batch.

The primary key carries the few columns that counting needs (an index-only scan, already in enrollment order); a
block-range index finds the rows of new batches, and of days that have only now come, for a few bytes a megabyte.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("enrollments", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE enrollments_completion DROP CONSTRAINT enrollments_completion_pkey;
            ALTER TABLE enrollments_completion ADD CONSTRAINT enrollments_completion_pkey
                PRIMARY KEY (enrollment_id, assignment_id, sequence) INCLUDE (completed_on, carried_over, batch_id);
            CREATE INDEX completion_by_batch_and_day ON enrollments_completion
                USING brin (batch_id, completed_on) WITH (pages_per_range = 64, autosummarize = on);
            """,
            """
            DROP INDEX completion_by_batch_and_day;
            ALTER TABLE enrollments_completion DROP CONSTRAINT enrollments_completion_pkey;
            ALTER TABLE enrollments_completion ADD CONSTRAINT enrollments_completion_pkey
                PRIMARY KEY (enrollment_id, assignment_id, sequence);
            """,
        )
    ]
