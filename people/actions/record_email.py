"""Record the e-mail by which a school's own sign-on finds a person on the first day. Nothing is ever sent to it."""

from allauth.account.models import EmailAddress
from django.db import connection
from django.utils.translation import gettext as _

from database.areas import acting_as


class EmailRefused(ValueError):
    """The address is another person's; the message says so."""


def record_email(*, user_id: int, email: str) -> None:
    """In place of the former one; none where it is empty."""
    address = email.strip().lower()
    with acting_as("area_learning"):
        if address and EmailAddress.objects.filter(email=address, verified=True).exclude(user_id=user_id).exists():
            raise EmailRefused(_("This address is on file for another person."))
        if EmailAddress.objects.filter(user_id=user_id, email=address).exists():
            return
        # Django's own would look into the confirmations as well, which nobody here is granted and nothing ever writes.
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM learning.account_emailaddress WHERE user_id = %s", [user_id])
        if address:
            EmailAddress.objects.create(user_id=user_id, email=address, verified=True, primary=True)
