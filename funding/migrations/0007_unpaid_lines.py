"""What an appropriation did not reach of a payment line."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funding', '0006_funds'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='line_adds_up',
        ),
        migrations.RemoveConstraint(
            model_name='paymentline',
            name='line_pays_or_carries_forward',
        ),
        migrations.AddField(
            model_name='paymentline',
            name='unpaid_cents',
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.CheckConstraint(condition=models.Q(('amount_cents__gte', 0), ('carried_out_cents__lte', 0), ('unpaid_cents__gte', 0), ('posted_cents', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('amount_cents'), '+', models.F('unpaid_cents')), '+', models.F('carried_out_cents')), '-', models.F('carried_in_cents')))), name='line_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_cents', 0), ('unpaid_cents', 0)), ('carried_out_cents', 0), _connector='OR'), name='line_pays_or_carries_forward'),
        ),
    ]
