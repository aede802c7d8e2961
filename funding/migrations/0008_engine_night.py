"""The night runs policies of the engine: what is priced by itself, what a case asks, and which source bears what."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funding', '0007_unpaid_lines'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='account',
            name='account_is_opened_once',
        ),
        migrations.RemoveConstraint(
            model_name='pricedcase',
            name='case_is_priced_once',
        ),
        migrations.RemoveConstraint(
            model_name='pricedcase',
            name='case_pays_nothing_negative',
        ),
        migrations.RemoveField(
            model_name='earningstate',
            name='postings',
        ),
        migrations.AddField(
            model_name='account',
            name='part',
            field=models.CharField(default='', max_length=60),
        ),
        migrations.AddField(
            model_name='pricedcase',
            name='circumstances',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='pricedcase',
            name='parts',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='pricedcase',
            name='problem',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='program',
            name='unit',
            field=models.CharField(choices=[('module', 'Module'), ('enrollment', 'Enrollment')], default='module', max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='runshard',
            name='not_priced',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='account',
            name='code',
            field=models.CharField(max_length=160),
        ),
        migrations.AlterField(
            model_name='pricedcase',
            name='credit_denominator',
            field=models.PositiveBigIntegerField(),
        ),
        migrations.AlterField(
            model_name='pricedcase',
            name='credit_numerator',
            field=models.PositiveBigIntegerField(),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('program', 'kind', 'provider_id', 'part'), name='account_is_opened_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='pricedcase',
            constraint=models.UniqueConstraint(fields=('policy_version', 'rate_from', 'completed', 'held', 'required', 'credit_numerator', 'credit_denominator', 'circumstances'), name='case_is_priced_once'),
        ),
        migrations.AddConstraint(
            model_name='pricedcase',
            constraint=models.CheckConstraint(condition=models.Q(('earned_cents__gte', 0)), name='case_pays_nothing_negative'),
        ),
        migrations.AddConstraint(
            model_name='pricedcase',
            constraint=models.CheckConstraint(condition=models.Q(('problem', ''), ('earned_cents', 0), _connector='OR'), name='case_with_a_problem_pays_nothing'),
        ),
    ]
