"""Published indicators of quality. Knows no money: no amount, no rate, no completion that pays stands here."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class IndicatorSnapshot(models.Model):
    """An indicator of one provider in one catalogue as worked out on a day. Append-only. Counts of students, no personal data.

    `measure` is what it judges by: one that pays in this catalogue is refused (database/attested.sql). A catalogue "" is all
    of them together, as snapshots were taken before each catalogue had its own.
    """

    indicator = models.CharField(max_length=40)
    measure = models.CharField(max_length=60)
    as_of = models.DateField()
    catalogue = models.CharField(max_length=60)
    provider_id = models.BigIntegerField()
    enrolled = models.PositiveIntegerField()
    succeeded = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "as_of", "catalogue", "provider_id"], name="snapshot_is_taken_once"),
            models.CheckConstraint(condition=Q(succeeded__lte=F("enrolled")), name="no_more_succeed_than_enroll"),
        ]
