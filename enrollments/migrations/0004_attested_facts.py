"""Milestones and needs are voided by further rows; prior learning as attested at entry; what each milestone attests."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrollments', '0003_classes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, unique=True)),
                ('measure', models.CharField(max_length=60)),
                ('says', models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='PriorLearning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=60)),
                ('numerator', models.BigIntegerField(null=True)),
                ('denominator', models.BigIntegerField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='attestedmilestone',
            name='milestone_is_attested_once',
        ),
        migrations.RemoveConstraint(
            model_name='need',
            name='one_need_from_a_day',
        ),
        migrations.AddField(
            model_name='attestedmilestone',
            name='sequence',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='need',
            name='sequence',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='attestedmilestone',
            name='enrollment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='enrollments.enrollment'),
        ),
        migrations.AddIndex(
            model_name='attestedmilestone',
            index=models.Index(fields=['batch', 'enrollment'], name='milestone_by_batch'),
        ),
        migrations.AddIndex(
            model_name='need',
            index=models.Index(fields=['batch', 'enrollment'], name='need_by_batch'),
        ),
        migrations.AddConstraint(
            model_name='attestedmilestone',
            constraint=models.UniqueConstraint(fields=('enrollment', 'milestone', 'sequence'), name='milestone_is_attested_once'),
        ),
        migrations.AddConstraint(
            model_name='attestedmilestone',
            constraint=models.CheckConstraint(condition=models.Q(('sequence__gte', 0)), name='milestone_sequence_counts_from_0'),
        ),
        migrations.AddConstraint(
            model_name='need',
            constraint=models.UniqueConstraint(fields=('enrollment', 'category', 'from_on', 'sequence'), name='one_need_from_a_day', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='need',
            constraint=models.CheckConstraint(condition=models.Q(('sequence__gte', 0)), name='need_sequence_counts_from_0'),
        ),
        migrations.AddConstraint(
            model_name='need',
            constraint=models.CheckConstraint(condition=models.Q(('to_on__gte', models.F('from_on'))), name='a_need_ends_after_it_begins'),
        ),
        migrations.AddField(
            model_name='priorlearning',
            name='attested_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='priorlearning',
            name='batch',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollments.intakebatch'),
        ),
        migrations.AddField(
            model_name='priorlearning',
            name='enrollment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prior_learning', to='enrollments.enrollment'),
        ),
        migrations.AddIndex(
            model_name='priorlearning',
            index=models.Index(fields=['batch', 'enrollment'], name='prior_learning_by_batch'),
        ),
        migrations.AddConstraint(
            model_name='priorlearning',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('denominator__isnull', True), ('numerator__isnull', True)), models.Q(('denominator__gt', 0), ('denominator__isnull', False), ('numerator__isnull', False)), _connector='OR'), name='prior_learning_is_a_fraction_or_taken_back'),
        ),
        migrations.RunSQL(
            """
            INSERT INTO enrollments_milestone (code, measure, says) VALUES
                ('passed', 'course_success', 'The course is passed'),
                ('credited', 'course_success', 'The credit of the course is earned'),
                ('late', 'course_success', 'The credit of the course is earned late'),
                ('achieved', 'course_success', 'The aim of the course is achieved'),
                ('completed', 'course_success', 'The course is completed with its final result');
            ALTER TABLE enrollments_attestedmilestone ADD CONSTRAINT milestone_is_on_file
                FOREIGN KEY (milestone) REFERENCES enrollments_milestone (code);
            ALTER TABLE enrollments_priorlearning ADD CONSTRAINT prior_learning_is_in_lowest_terms
                CHECK (gcd(numerator, denominator) = 1);
            """,
            """
            ALTER TABLE enrollments_priorlearning DROP CONSTRAINT prior_learning_is_in_lowest_terms;
            ALTER TABLE enrollments_attestedmilestone DROP CONSTRAINT milestone_is_on_file;
            """,
        ),
    ]
