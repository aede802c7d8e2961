"""Assessments that educators attest (a performance task, a defence): open one, attest that it was met, withdraw that."""

import datetime

from django.utils.translation import gettext as _

from database.areas import acting_as
from pathways.models import Assessment, AssessmentAttestation, AttestationWithdrawal
from people.models import User

# Someone east of UTC attests today's work while it is still yesterday there.
AHEAD = datetime.timedelta(days=1)


class AttestationRefused(ValueError):
    """Why nothing was attested or withdrawn, in a sentence for people. `conflict`: what is on record stands against it."""

    def __init__(self, said: str, *, conflict: bool = False) -> None:
        super().__init__(said)
        self.conflict = conflict


def open_assessment(*, code: str, title: str) -> Assessment:
    """The assessment of that code, made where there was none. Raises AttestationRefused where it has another title."""
    code, title = code.strip(), title.strip()
    if not (code and len(code) <= 60 and title and len(title) <= 200):
        raise AttestationRefused(_("Give a code of at most 60 characters and a title of at most 200."))
    with acting_as("area_learning"):
        assessment, _made = Assessment.objects.get_or_create(code=code, defaults={"title": title})
        if assessment.title != title:
            raise AttestationRefused(
                _("%(code)s is already %(title)r; use another code.") % {"code": code, "title": assessment.title}, conflict=True
            )
        return assessment


def attest_assessment(
    *, student_id: int, assessment: str, attained_on: datetime.date, attested_by: int, at: datetime.datetime
) -> AssessmentAttestation:
    """State that a student met the assessment of that code on a day. Raises AttestationRefused."""
    if attained_on > at.astimezone(datetime.UTC).date() + AHEAD:
        raise AttestationRefused(_("%(attained_on)s is still to come; attest what was met.") % {"attained_on": attained_on})
    with acting_as("area_learning"):
        found = Assessment.objects.filter(code=assessment).first()
        if found is None:
            raise AttestationRefused(_("There is no assessment %(assessment)r; open it first.") % {"assessment": assessment})
        # Two who attest the same at once wait on the student's row.
        if not User.objects.select_for_update(no_key=True).filter(pk=student_id).exists():
            raise AttestationRefused(_("There is no such student."))
        standing = AssessmentAttestation.objects.filter(student_id=student_id, assessment=found, withdrawal__isnull=True)
        if standing.filter(attained_on=attained_on).exists():
            raise AttestationRefused(
                _("%(assessment)s of %(attained_on)s is attested already; withdraw that first, or give another day.")
                % {"assessment": assessment, "attained_on": attained_on},
                conflict=True,
            )
        return AssessmentAttestation.objects.create(
            assessment=found, student_id=student_id, attained_on=attained_on, attested_by_id=attested_by, recorded_at=at
        )


def withdraw_attestation(*, attestation_id: int, withdrawn_by: int, reason: str, at: datetime.datetime) -> None:
    """Withdraw an attestation, with its reason; attesting again is a new one. Raises AttestationRefused."""
    if not reason.strip():
        raise AttestationRefused(_("Give a reason."))
    with acting_as("area_learning"):
        attestation = AssessmentAttestation.objects.filter(pk=attestation_id).first()
        if attestation is None:
            raise AttestationRefused(_("There is no such attestation."))
        _kept, made = AttestationWithdrawal.objects.get_or_create(
            attestation=attestation, defaults={"reason": reason.strip(), "withdrawn_by_id": withdrawn_by, "recorded_at": at}
        )
        if not made:
            raise AttestationRefused(_("This attestation is withdrawn already; nothing was changed."), conflict=True)
