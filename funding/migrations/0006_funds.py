"""Funds and their movements: money that is there only once."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funding', '0005_policy_drafts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('appropriation', 'Appropriation'), ('wallet', 'Wallet')], max_length=20)),
                ('code', models.CharField(max_length=60)),
                ('name', models.CharField(max_length=200)),
                ('fiscal_year', models.PositiveSmallIntegerField(null=True)),
                ('holder_id', models.BigIntegerField(null=True)),
                ('item_limit_cents', models.BigIntegerField(null=True)),
                ('lifetime_limit_cents', models.BigIntegerField(null=True)),
                ('expires_on', models.DateField(null=True)),
                ('free_cents', models.BigIntegerField(db_default=0)),
                ('reserved_cents', models.BigIntegerField(db_default=0)),
                ('spent_cents', models.BigIntegerField(db_default=0)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='funds', to='funding.program')),
            ],
        ),
        migrations.CreateModel(
            name='FundItem',
            fields=[
                ('pk', models.CompositePrimaryKey('fund_id', 'item', blank=True, editable=False, primary_key=True, serialize=False)),
                ('item', models.CharField(max_length=200)),
                ('spent_cents', models.BigIntegerField()),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='funding.fund')),
            ],
        ),
        migrations.CreateModel(
            name='FundMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('effect_key', models.UUIDField(unique=True)),
                ('kind', models.CharField(choices=[('deposit', 'Deposit'), ('reserve', 'Reserve'), ('spend', 'Spend'), ('release', 'Release'), ('transfer', 'Transfer'), ('refund', 'Refund'), ('expire', 'Expire')], max_length=10)),
                ('amount_cents', models.BigIntegerField()),
                ('item', models.CharField(blank=True, default='', max_length=200)),
                ('reason', models.TextField()),
                ('business_date', models.DateField()),
                ('moved_by', models.BigIntegerField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='funding.fund')),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funding.run')),
                ('to_fund', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='arrivals', to='funding.fund')),
            ],
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='fund_code_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'appropriation')), fields=('program', 'fiscal_year'), name='one_appropriation_a_fiscal_year'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fiscal_year__isnull', False), ('holder_id__isnull', True), ('kind', 'appropriation')), models.Q(('fiscal_year__isnull', True), ('holder_id__isnull', False), ('kind', 'wallet')), _connector='OR'), name='fund_is_a_years_or_a_holders'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(('free_cents__gte', 0), ('reserved_cents__gte', 0), ('spent_cents__gte', 0)), name='fund_is_never_overdrawn'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(('lifetime_limit_cents__isnull', True), ('spent_cents__lte', models.F('lifetime_limit_cents')), _connector='OR'), name='fund_spends_within_its_lifetime'),
        ),
        migrations.AddConstraint(
            model_name='funditem',
            constraint=models.CheckConstraint(condition=models.Q(('spent_cents__gte', 0)), name='item_is_never_refunded_beyond_its_spending'),
        ),
        migrations.AddConstraint(
            model_name='fundmovement',
            constraint=models.CheckConstraint(condition=models.Q(('amount_cents__gt', 0)), name='movement_moves_a_positive_amount'),
        ),
        migrations.AddConstraint(
            model_name='fundmovement',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='movement_gives_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='fundmovement',
            constraint=models.CheckConstraint(condition=models.Q(('run__isnull', False), ('moved_by__isnull', False), _connector='OR'), name='movement_is_made_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='fundmovement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'transfer'), ('to_fund__isnull', False)), models.Q(models.Q(('kind', 'transfer'), _negated=True), ('to_fund__isnull', True)), _connector='OR'), name='a_transfer_alone_names_another_fund'),
        ),
        migrations.AddConstraint(
            model_name='fundmovement',
            constraint=models.CheckConstraint(condition=models.Q(('to_fund__isnull', True), models.Q(('to_fund', models.F('fund')), _negated=True), _connector='OR'), name='a_transfer_moves_between_two_funds'),
        ),
    ]
