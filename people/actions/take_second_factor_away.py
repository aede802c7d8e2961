"""Take a person's second factor away, with its recovery codes: for a phone that is lost. A right of the owner's login alone."""

from allauth.mfa.models import Authenticator


def take_second_factor_away(*, user_id: int) -> bool:
    """False where there was none. Where it is required the person sets up another at the next sign-in."""
    removed, _ = Authenticator.objects.filter(user_id=user_id).delete()
    return removed > 0
