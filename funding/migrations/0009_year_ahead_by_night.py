"""The account that what was earned was posted to, and the nights that go by a prediction."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funding', '0008_engine_night'),
    ]

    operations = [
        migrations.AddField(
            model_name='earningstate',
            name='year_ahead',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='funding.yearahead'),
        ),
        migrations.AddField(
            model_name='prediction',
            name='after_run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funding.run'),
        ),
    ]
