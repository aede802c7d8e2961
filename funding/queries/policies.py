"""Policies from draft to law: what waits for whom, and what became law when, by whom, and how it changed. Under area_funding.

People are told by their user names; a revision of before drafts were kept has no writer.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from funding.calc.releasable import changes, read_releasable
from funding.models import PolicyRevision, PolicyVersion
from funding.queries.measures import measures_to_take
from funding.queries.rows import rows

APPROVALS_NEEDED = 2


@dataclass(frozen=True)
class Draft:
    """A draft that is not law yet, by its newest revision. `writers` wrote any of its revisions; `may_approve` are those who
    could give an approval that is missing, empty where none is. `takes` are the (measure, catalogue) that its release takes
    from accountability."""

    program: str
    number: int
    sha256: str
    in_force_from: datetime.date
    written_at: datetime.datetime
    writers: list[str]
    approved_by: list[str]
    missing: int
    may_approve: list[str]
    takes: list[tuple[str, str]]


@dataclass(frozen=True)
class Law:
    """A released version: in force from a day until (before) the next one's, if there is one. `governed_by` says whose day
    decides (the grandfathering key), `changes` what is otherwise than in the version of before, in sentences."""

    number: int
    sha256: str
    in_force_from: datetime.date
    superseded_on: datetime.date | None
    governed_by: str
    writers: list[str]
    approvals: list[tuple[str, datetime.datetime]]
    released_at: datetime.datetime
    changes: list[str]


def newest_revision(program_code: str) -> PolicyRevision | None:
    """The newest revision of a program's policies, released or not; whoever acts on it holds the draft (database/locks.py)."""
    return PolicyRevision.objects.filter(program_code=program_code).order_by("-number").first()


def law_of(revision: PolicyRevision) -> PolicyVersion | None:
    """The released version of the revision; None as long as it is a draft."""
    return PolicyVersion.objects.filter(revision=revision).first()


def writers_of(revision: PolicyRevision) -> list[int]:
    """The ids of all who wrote any revision of the draft that ends with this one: what was written since the last release."""
    of_program = PolicyRevision.objects.filter(program_code=revision.program_code)
    released = of_program.filter(version__isnull=False, number__lt=revision.number).order_by("-number").first()
    written = of_program.filter(number__gt=released.number if released else 0, number__lte=revision.number)
    return sorted(set(written.values_list("written_by", flat=True)))


def taken_by_release(revision: PolicyRevision) -> list[tuple[str, str]]:
    """The (measure, catalogue) that the revision's release takes from accountability for good; none that its program has."""
    policy = read_releasable(revision.content, revision.program_code)
    return [(measure, policy.catalogue) for measure in measures_to_take(policy)]


def drafts(*, approver_kinds: Collection[str], day: datetime.date) -> list[Draft]:
    """Every program's draft, by code. `approver_kinds` are the roles whose holders on `day` may approve (funding/access.py)."""
    newest = PolicyRevision.objects.order_by("program_code", "-number").distinct("program_code").prefetch_related("approvals")
    approvers = {row["id"]: row["username"] for row in rows(_HOLDERS, {"kinds": list(approver_kinds), "day": day})}
    released = set(PolicyVersion.objects.values_list("revision_id", flat=True))
    found = []
    for revision in newest:
        if revision.pk in released:
            continue
        writers, approved = writers_of(revision), [approval.approved_by for approval in revision.approvals.all()]
        missing = max(0, APPROVALS_NEEDED - len(approved))
        names = _usernames([*writers, *approved])
        found.append(
            Draft(
                program=revision.program_code,
                number=revision.number,
                sha256=revision.content_sha256,
                in_force_from=revision.in_force_from,
                written_at=revision.written_at,
                writers=[names[who] for who in writers],
                approved_by=[names[who] for who in approved],
                missing=missing,
                may_approve=[name for who, name in approvers.items() if who not in {*writers, *approved}] if missing else [],
                takes=taken_by_release(revision),
            )
        )
    return found


def history(*, program_code: str) -> list[Law]:
    """The released versions of a program in the order of their days; none where it is unknown."""
    released = PolicyVersion.objects.filter(program__code=program_code).select_related("revision").order_by("in_force_from")
    versions = list(released.prefetch_related("revision__approvals"))
    writers = {version.pk: writers_of(version.revision) for version in versions}
    names = _usernames(
        [who for people in writers.values() for who in people]
        + [approval.approved_by for version in versions for approval in version.revision.approvals.all()]
    )
    return [
        Law(
            number=version.revision.number,
            sha256=version.content_sha256,
            in_force_from=version.in_force_from,
            superseded_on=after.in_force_from if after else None,
            governed_by=read_releasable(version.content, program_code).governed_by,
            writers=[names[who] for who in writers[version.pk]],
            approvals=[(names[given.approved_by], given.approved_at) for given in version.revision.approvals.order_by("id")],
            released_at=version.released_at,
            changes=changes(before.content, version.content, program_code) if before else [],
        )
        for before, version, after in zip([None, *versions], versions, [*versions[1:], None], strict=False)
    ]


class _Names(dict[int, str]):
    def __missing__(self, who: int) -> str:
        return "nobody on record"


_HOLDERS = """
    SELECT DISTINCT u.id, u.username FROM people_user u JOIN people_role r ON r.user_id = u.id
    WHERE r.kind = ANY(%(kinds)s) AND r.starts_on <= %(day)s AND (r.ends_on IS NULL OR r.ends_on > %(day)s) ORDER BY u.username
"""


def _usernames(people: Collection[int]) -> _Names:
    found = rows("SELECT id, username FROM people_user WHERE id = ANY(%(people)s)", {"people": list(people)})
    return _Names((row["id"], row["username"]) for row in found)
