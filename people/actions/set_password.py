"""Give a person a password."""

from database.areas import acting_as
from people.models import User


def set_password(*, user: User, password: str) -> None:
    with acting_as("area_learning"):
        user.set_password(password)
        user.save(update_fields=["password"])
