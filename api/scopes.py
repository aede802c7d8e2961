"""What a personal token may be good for: it opens what its person may do, less whatever its scopes leave out.

Someone signed in with a session holds every scope. A view names one scope a method; `check` refuses unknown ones.
"""

from collections.abc import Iterable

SCOPES = {
    "record.read": "read students' levels, evidence, plans and credit",
    "record.evidence": "hand in and record evidence",
    "record.judge": "judge, withdraw own judgements and rate a second time",
    "record.plan": "choose plan items, set goals, ask to be assessed",
    "record.credit": "award and revoke credit, attest assessments, decide placements",
    "roster.read": "read classes and who is in them",
    "roster.write": "bring a roster and give out class secrets",
    "frameworks.read": "read frameworks, competencies and scales",
    "frameworks.write": "bring frameworks, open scales and release their versions",
    "schools.write": "set criteria, requirements and seat-time waivers",
}


class UnknownScope(ValueError):
    """A scope that no endpoint knows; the message lists those that there are."""


def check(scopes: Iterable[str]) -> list[str]:
    """The scopes without repetition, in order of name; UnknownScope where one is none of SCOPES, or where there is none."""
    wanted = sorted(set(scopes))
    unknown = [name for name in wanted if name not in SCOPES]
    if unknown or not wanted:
        said = f"There is no scope {', '.join(unknown)}" if unknown else "A token needs a scope"
        raise UnknownScope(f"{said}; there are {', '.join(SCOPES)}.")
    return wanted
