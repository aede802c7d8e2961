"""Bind a person to the subject under which a school's own sign-on knows them, on the first day that they come by it."""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount

from database.areas import acting_as
from people.models import Role


def bind_subject(*, provider: str, subject: str, emails: Collection[str]) -> SocialAccount | None:
    """Whose recorded e-mail is among `emails` (which the provider calls verified), bound from now on; None where that is nobody,
    or somebody closed, of the office, or bound to another subject already: an address may pass to a new person, an account
    does not pass with it."""
    with acting_as("area_learning"):
        addresses = EmailAddress.objects.select_related("user").filter(verified=True, email__in=[one.lower() for one in emails])
        people = {one.user_id: one.user for one in addresses}
        if len(people) != 1:
            return None
        (person,) = people.values()
        if not person.is_active or person.works_in_office or not Role.objects.filter(user=person).exists():
            return None
        if SocialAccount.objects.filter(user=person, provider=provider).exists():
            return None
        return SocialAccount.objects.create(user=person, provider=provider, uid=subject)
