"""What a superuser plants around a released policy is found by the version's name: another text, another writer, no approval."""

from contextlib import suppress

import pytest
from django.core.management import call_command

from funding.models import PolicyApproval, PolicyRevision, PolicyVersion
from tests import build
from tests.funding.test_verify import plant

pytestmark = pytest.mark.django_db
NOT_APPROVED = "its text is not the one that was approved"
PLANTS = {
    "another text, with its hash": (
        "UPDATE funding_policyversion SET content = 'x', content_sha256 = encode(sha256('x'), 'hex') WHERE id = {version}",
        NOT_APPROVED,
    ),
    "another day": ("UPDATE funding_policyversion SET in_force_from = '2024-01-01' WHERE id = {version}", NOT_APPROVED),
    "another text in both, its hash in neither": (
        "WITH same AS (UPDATE funding_policyrevision SET content = 'x' WHERE id = {revision}) "
        "UPDATE funding_policyversion SET content = 'x' WHERE id = {version}",
        NOT_APPROVED,
    ),
    "a revision of another text": ("UPDATE funding_policyrevision SET content = 'x' WHERE id = {revision}", NOT_APPROVED),
    "a revision of another program": ("UPDATE funding_policyrevision SET program_code = 'x' WHERE id = {revision}", NOT_APPROVED),
    "an approval taken away": ("DELETE FROM funding_policyapproval WHERE id = {approval}", "1 people approved it"),
    "an approval of another hash": ("UPDATE funding_policyapproval SET content_sha256 = 'x' WHERE id = {approval}", "1 people"),
    "an approver who wrote it": ("UPDATE funding_policyrevision SET written_by = {person} WHERE id = {revision}", "1 people"),
}


def verify(capsys):
    with suppress(SystemExit):
        call_command("verify")
    return capsys.readouterr().out


@pytest.mark.parametrize("place", PLANTS)
def test_what_a_superuser_plants_around_a_policy_is_found_by_its_version(capsys, place):
    build.program()
    later = build.in_force(build.policy_text(rate="1000", in_force_from="2026-07-01"))
    assert verify(capsys).startswith("0 differences")
    statement, problem = PLANTS[place]
    approval = PolicyApproval.objects.filter(revision=later.revision_id).earliest("id")
    values = {"version": later.pk, "revision": later.revision_id, "approval": approval.pk, "person": approval.approved_by}
    plant(statement.format(**values))
    assert f"trial: policy version {later.pk}: {problem}" in verify(capsys)


def test_a_writer_of_an_earlier_draft_is_no_writer_of_this_one(capsys):
    build.program()
    text = build.policy_text(rate="1000", in_force_from="2026-07-01")
    build.put_in_force(
        content=text, written_by=build.officer("first").pk, approved_by=(build.officer("writer").pk, build.officer().pk)
    )
    assert verify(capsys).startswith("0 differences")
    assert (PolicyVersion.objects.count(), PolicyRevision.objects.count()) == (2, 2)
