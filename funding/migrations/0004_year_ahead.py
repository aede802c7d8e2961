"""Years paid ahead: opened, predicted, trued up; two further kinds of transfer."""

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funding', '0003_lean_ledger'),
    ]

    operations = [
        migrations.AlterField(
            model_name='transfer',
            name='kind',
            field=models.CharField(choices=[('earn', 'Earn'), ('recover', 'Recover'), ('settle', 'Settle'), ('release', 'Release'), ('reverse', 'Reverse'), ('advance', 'Advance'), ('true_up', 'True Up')], max_length=10),
        ),
        migrations.CreateModel(
            name='YearAhead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('predicted_from_first_on', models.DateField()),
                ('predicted_from_last_on', models.DateField()),
                ('schedule', models.JSONField()),
                ('opened_by', models.BigIntegerField()),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('after_run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funding.run')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='years_ahead', to='funding.program')),
            ],
        ),
        migrations.CreateModel(
            name='TrueUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('parts', models.PositiveSmallIntegerField()),
                ('asked_by', models.BigIntegerField()),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('after_run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funding.run')),
                ('year', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='true_ups', to='funding.yearahead')),
            ],
        ),
        migrations.CreateModel(
            name='Prediction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider_id', models.BigIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('on', models.DateField()),
                ('amount_cents', models.BigIntegerField()),
                ('basis', models.JSONField()),
                ('made_by', models.BigIntegerField()),
                ('year', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='predictions', to='funding.yearahead')),
            ],
        ),
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider_id', models.BigIntegerField()),
                ('earned_cents', models.BigIntegerField()),
                ('advanced_cents', models.BigIntegerField()),
                ('trued_up_before_cents', models.BigIntegerField()),
                ('amount_cents', models.BigIntegerField()),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funding.run')),
                ('true_up', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reconciliations', to='funding.trueup')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('true_up', 'provider_id'), name='provider_is_reconciled_once'), models.CheckConstraint(condition=models.Q(('earned_cents', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('advanced_cents'), '+', models.F('trued_up_before_cents')), '+', models.F('amount_cents')))), name='advanced_and_trued_up_are_what_was_earned')],
            },
        ),
        migrations.AddConstraint(
            model_name='yearahead',
            constraint=models.CheckConstraint(condition=models.Q(('last_on__gt', models.F('first_on')), ('predicted_from_last_on__gt', models.F('predicted_from_first_on'))), name='year_ahead_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='yearahead',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('program'), models.F('program'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('first_on'), models.F('last_on'), models.Value('[]'), function='daterange'), '&&')], name='years_ahead_do_not_overlap'),
        ),
        migrations.AddConstraint(
            model_name='trueup',
            constraint=models.UniqueConstraint(fields=('year', 'number'), name='true_up_is_numbered_once'),
        ),
        migrations.AddConstraint(
            model_name='trueup',
            constraint=models.UniqueConstraint(fields=('year', 'after_run'), name='true_up_is_asked_once_a_night'),
        ),
        migrations.AddConstraint(
            model_name='trueup',
            constraint=models.CheckConstraint(condition=models.Q(('parts__gte', 1)), name='true_up_has_a_part'),
        ),
        migrations.AddConstraint(
            model_name='prediction',
            constraint=models.UniqueConstraint(fields=('year', 'provider_id', 'number'), name='prediction_is_numbered_once'),
        ),
        migrations.AddConstraint(
            model_name='prediction',
            constraint=models.CheckConstraint(condition=models.Q(('amount_cents__gte', 0)), name='prediction_is_not_negative'),
        ),
    ]
