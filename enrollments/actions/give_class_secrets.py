"""Give the students of a class their own secrets for signing in by class code. A secret is shown once and kept as a slow hash."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from database.areas import acting_as
from enrollments.calc.class_secrets import CODE_ALPHABET, CODE_CHARACTERS, CONSONANTS, SYLLABLES, VOWELS, secret_hash
from enrollments.models import ClassSecret, Section
from enrollments.queries.sections import students_of


@dataclass(frozen=True, slots=True)
class GivenSecret:
    """What a student types beside the class code; `secret` exists nowhere else."""

    name: str
    secret: str

    def __repr__(self) -> str:
        return "GivenSecret(...)"


def give_class_secrets(*, section_id: int, day: date, student_ids: Collection[int] | None = None) -> list[GivenSecret]:
    """New secrets for those in the class on `day` (of them, those of `student_ids`), by name; former ones open nothing any more."""
    with acting_as("area_learning"):
        salt = Section.objects.values_list("sign_in_salt", flat=True).get(pk=section_id)
        taken = set(ClassSecret.objects.filter(section_id=section_id).values_list("secret_hash", flat=True))
        given, kept = [], []
        for student in students_of(section_id=section_id, day=day):
            if student_ids is not None and student.id not in student_ids:
                continue
            secret, hashed = _new_secret(salt, taken)
            taken.add(hashed)
            given.append(GivenSecret(student.name, secret))
            kept.append(ClassSecret(section_id=section_id, student_id=student.id, secret_hash=hashed))
        ClassSecret.objects.bulk_create(kept)
    return given


def new_code() -> str:
    """A class code: 32 bits of chance, which nobody needs to keep secret."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_CHARACTERS))


def new_salt() -> str:
    return secrets.token_hex(16)


def _new_secret(salt: str, taken: Collection[str]) -> tuple[str, str]:
    """A secret that can be said aloud, 49 bits of chance, and its hash, which no other of the class has."""
    while True:
        syllables = [secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(SYLLABLES)]
        secret = "-".join("".join(syllables[at : at + 2]) for at in range(0, SYLLABLES, 2))
        if (hashed := secret_hash(secret, salt)) not in taken:
            return secret, hashed
