"""From draft to law by command: who may, what each step refuses in a sentence, what is told; and many at once."""

import hashlib
import json

import pytest
from django.core.management import CommandError, call_command

from funding.actions.approve_policy import approve_policy
from funding.actions.draft_policy import PolicyRefused, draft_policy
from funding.actions.release_policy import release_policy
from funding.models import PolicyApproval, PolicyRevision, PolicyVersion, Program
from people.actions.appoint import appoint
from people.models import User
from tests import build
from tests.at_once import at_once

NEXT = build.policy_text(rate="1000", in_force_from="2026-07-01")
PEOPLE = {
    "ada": "finance_officer",
    "bea": "finance_officer",
    "cleo": "payment_releaser",
    "dora": "auditor",
    "eve": "provider_staff",
}


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def office(db):
    """The people of an office, beside the program `trial` with its first policy in force."""
    build.program()
    return seated()


def seated():
    place = build.provider()
    return {
        name: appoint(
            username=name,
            full_name=name.title(),
            kind=kind,
            starts_on=build.START,
            organization=place if kind == "provider_staff" else None,
        ).pk
        for name, kind in PEOPLE.items()
    }


@pytest.fixture
def policy(tmp_path, capsys):
    """policy("draft", text, ...) -> what the command says; a text with lines is put into a file first."""

    def command(*words, **options):
        given = []
        for word in words:
            if "\n" in word:
                (tmp_path / "policy.yaml").write_bytes(word.encode())
                word = str(tmp_path / "policy.yaml")
            given.append(word)
        call_command("policy", *given, **options)
        return capsys.readouterr().out

    return command


def test_a_draft_becomes_law_by_the_word_of_two_others(office, policy):
    said = policy("draft", NEXT, by="ada")
    assert said == f"Revision 2 of trial, in force from 2026-07-01 once it is released.\nSHA-256 {sha256(NEXT)}\n"
    assert policy("show", "trial") == NEXT
    with pytest.raises(CommandError, match="has 0 of the 2 approvals that it needs"):
        policy("release", "trial")
    policy("approve", "trial", by="bea", sha256=sha256(NEXT))
    policy("approve", "trial", by="cleo", sha256=sha256(NEXT))
    assert f"trial follows the policy {sha256(NEXT)} from 2026-07-01" in policy("release", "trial")
    version = PolicyVersion.objects.get(in_force_from="2026-07-01")
    assert (version.content, version.revision.number, version.program.code) == (NEXT, 2, "trial")


def test_the_same_word_again_changes_nothing(office, policy):
    said = policy("draft", NEXT, by="ada")
    assert policy("draft", NEXT, by="bea") == said
    for who in ("bea", "bea", "cleo"):
        policy("approve", "trial", by=who, sha256=sha256(NEXT))
    assert policy("release", "trial") == policy("release", "trial")
    # A text that is law already is the revision that it became law from.
    law = PolicyVersion.objects.get(revision__number=1)
    said = policy("draft", build.policy_text(), by="ada")
    assert said.startswith(f"Revision 1 of trial, released on {law.released_at:%Y-%m-%d}, in force from 2025-07-01.\n")
    assert [model.objects.count() for model in (PolicyRevision, PolicyApproval, PolicyVersion)] == [2, 4, 2]


def test_nobody_approves_the_own_draft_and_an_edit_voids_what_was_approved(office, policy):
    policy("draft", NEXT, by="ada")
    with pytest.raises(CommandError, match="the same person wrote any revision"):
        policy("approve", "trial", by="ada", sha256=sha256(NEXT))
    policy("approve", "trial", by="bea", sha256=sha256(NEXT))
    policy("approve", "trial", by="cleo", sha256=sha256(NEXT))
    edited = NEXT.replace("1000", "1001")
    policy("draft", edited, by="bea")
    with pytest.raises(CommandError, match="has 0 of the 2 approvals"):
        policy("release", "trial")
    with pytest.raises(CommandError, match=f"has the SHA-256 {sha256(edited)}, and you name another"):
        policy("approve", "trial", by="cleo", sha256=sha256(NEXT))
    for writer in ("ada", "bea"):
        with pytest.raises(CommandError, match="the same person wrote any revision"):
            policy("approve", "trial", by=writer, sha256=sha256(edited))


@pytest.mark.parametrize("name", [*PEOPLE, "nobody"])
def test_finance_writes_and_finance_or_a_releaser_approves(office, policy, name):
    policy("draft", NEXT, by="ada")
    if name in {"ada", "bea"}:
        policy("draft", NEXT, by=name)
    else:
        with pytest.raises(CommandError, match=r"it is for a finance officer \(|nobody of the user name 'nobody'"):
            policy("draft", NEXT.replace("1000", "1001"), by=name)
    if name in {"bea", "cleo"}:
        policy("approve", "trial", by=name, sha256=sha256(NEXT))
    else:
        sentence = "it is for a finance officer or payment releaser|nobody of the user name|the same person wrote"
        with pytest.raises(CommandError, match=sentence):
            policy("approve", "trial", by=name, sha256=sha256(NEXT))


def test_a_right_ends_with_the_role_and_with_the_account(office, policy):
    appoint(username="gone", full_name="Gone", kind="finance_officer", starts_on=build.START, ends_on=build.day(10))
    with pytest.raises(CommandError, match="gone may not; it is for a finance officer"):
        policy("draft", NEXT, by="gone")
    User.objects.filter(username="ada").update(is_active=False)
    with pytest.raises(CommandError, match="nobody of the user name 'ada'"):
        policy("draft", NEXT, by="ada")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (build.policy_text(rate="1000"), "trial has another policy in force from 2025-07-01 already"),
        (NEXT.replace("catalogue: trial", "catalogue: elsewhere"), "keeps its books with the catalogue trial"),
        (NEXT.replace("month: 7", "month: 1"), "keeps its books with the fiscal_year_starts_month 7"),
        (NEXT.replace("code: trial", "code: second"), "The catalogue trial is paid by the program trial"),
        (NEXT.replace("currency", "money"), r"policy.yaml:\d+: unknown key"),
    ],
)
def test_what_could_never_be_released_is_refused_as_a_draft(office, policy, text, says):
    with pytest.raises(CommandError, match=says):
        policy("draft", text, by="ada")
    assert PolicyRevision.objects.count() == 1


def on_milestone(code):
    """The next policy, which also pays on a milestone."""
    fact = f"facts:\n  {code}: {{is: flag, measure: attested_milestone, label: an outcome}}"
    pays = f"lines:\n  for_it: {{says: For it., when: {{flag: {code}, then: rate}}}}"
    text = NEXT.replace("stakes: low", "stakes: high").replace("facts:", fact).replace("lines:", pays)
    return text + "  - {line: for_it, to: provider, from: state}\n"


def test_a_milestone_that_nobody_declared_is_refused_as_a_draft(office, policy):
    with pytest.raises(CommandError, match=r"called algebra_done; on file are .*passed.*manage.py declare_milestone CODE"):
        policy("draft", on_milestone("algebra_done"), by="ada")
    assert PolicyRevision.objects.count() == 1


def test_what_a_release_takes_from_accountability_is_told_before_anybody_decides(office, policy):
    takes = "Its release takes course_success of trial from accountability, for good.\n"
    text = on_milestone("passed")
    assert takes in policy("draft", text, by="ada")
    assert f"  {takes}" in policy("drafts")
    assert json.loads(policy("drafts", "--json"))[0]["takes"] == [["course_success", "trial"]]
    for who in ("bea", "cleo"):
        assert takes in policy("approve", "trial", by=who, sha256=sha256(text))
    policy("release", "trial")
    later = text.replace("2026-07-01", "2027-07-01")
    assert "takes" not in policy("draft", later, by="ada"), "the program has it already"
    assert "takes" not in policy("drafts")


def test_what_is_not_there_is_told_with_the_way_out(office, policy, tmp_path):
    for words, says in {
        ("show", "nowhere"): "nowhere has no policy; `policy draft FILE` writes one",
        ("release", "nowhere"): "nowhere has no draft; `policy draft FILE` writes one",
        ("history", "nowhere"): "nowhere has no released policy; `policy drafts` tells",
        ("draft", str(tmp_path / "none.yaml"), "--by", "ada"): "none.yaml cannot be read: No such file",
    }.items():
        with pytest.raises(CommandError, match=says):
            policy(*words)
    with pytest.raises(CommandError, match="trial has no draft that waits for approval"):
        policy("approve", "trial", by="bea", sha256=sha256(build.policy_text()))


def test_what_waits_is_told_with_those_who_could_approve_it(office, policy):
    assert policy("drafts") == "No draft waits for anybody.\n"
    assert json.loads(policy("drafts", "--json")) == []
    policy("draft", NEXT, by="ada")
    said = policy("drafts")
    assert f"trial, revision 2, in force from 2026-07-01, SHA-256 {sha256(NEXT)}" in said
    assert "written by ada; approved by nobody yet" in said
    assert "waits for two approvals, of bea, cleo\n" in said
    policy("approve", "trial", by="cleo", sha256=sha256(NEXT))
    (waiting,) = json.loads(policy("drafts", "--json"))
    assert (waiting["writers"], waiting["approved_by"], waiting["missing"]) == (["ada"], ["cleo"], 1)
    assert waiting["may_approve"] == ["bea"]
    policy("approve", "trial", by="bea", sha256=sha256(NEXT))
    assert "waits for `policy release trial`" in policy("drafts")
    policy("release", "trial")
    assert policy("drafts") == "No draft waits for anybody.\n"


CHANGED = [
    "The first day in force changes from 2025-07-01 to 2026-07-01.",
    "From 2025-07-01 the rate per credit was 986.88: that is gone.",
    "From 2026-07-01 the rate per credit is 1000, by The tests: that is new.",
]


def test_history_tells_what_was_law_from_when_and_by_whom(office, policy):
    policy("draft", NEXT, by="ada")
    policy("approve", "trial", by="bea", sha256=sha256(NEXT))
    policy("approve", "trial", by="cleo", sha256=sha256(NEXT))
    policy("release", "trial")
    said = policy("history", "trial")
    assert "From 2025-07-01 until 2026-06-30, by start_of_learning: revision 1" in said
    assert f"From 2026-07-01, by start_of_learning: revision 2, SHA-256 {sha256(NEXT)}" in said
    assert "written by writer; approved by first on " in said
    assert "written by ada; approved by bea on " in said
    first, second = json.loads(policy("history", "trial", "--json"))
    assert (first["superseded_on"], second["superseded_on"]) == ("2026-07-01", None)
    assert [who for who, _ in second["approvals"]] == ["bea", "cleo"]
    assert (first["changes"], second["changes"]) == ([], CHANGED)
    assert all(f"  {change}\n" in said for change in CHANGED)


def test_a_first_policy_opens_its_program_only_once_it_is_released(db, policy):
    seated()
    policy("draft", NEXT, by="ada")
    assert not Program.objects.exists()
    for who in ("bea", "cleo"):
        policy("approve", "trial", by=who, sha256=sha256(NEXT))
    policy("release", "trial")
    assert Program.objects.get().accounts.exists()


@pytest.fixture
def committed_office(committed_db):
    build.program()
    return seated()


def test_six_edits_at_once_are_six_revisions(committed_office):
    def edit(number):
        text = build.policy_text(rate=str(1000 + number), in_force_from="2026-07-01")
        return draft_policy(content=text, written_by=committed_office["ada"]).number

    assert sorted(at_once(6, edit)) == [2, 3, 4, 5, 6, 7]


def test_an_approved_draft_that_is_released_and_edited_by_six_at_once_is_released_once_or_not_at_all(committed_office):
    draft_policy(content=NEXT, written_by=committed_office["ada"])
    for who in ("bea", "cleo"):
        approve_policy(program_code="trial", content_sha256=sha256(NEXT), approved_by=committed_office[who])

    def live(number):
        if number == 0:
            edited = build.policy_text(rate="1001", in_force_from="2027-07-01")
            return f"edit {draft_policy(content=edited, written_by=committed_office['ada']).number}"
        try:
            return release_policy(program_code="trial").revision.number
        except PolicyRefused as refused:
            return str(refused)

    answers = set(at_once(6, live))
    assert "edit 3" in answers
    released = PolicyVersion.objects.filter(in_force_from="2026-07-01").count()
    refused = "Revision 3 of trial has 0 of the 2 approvals that it needs; whom it waits for, `policy drafts` tells."
    assert answers <= {"edit 3", 2, refused}
    assert released == (1 if 2 in answers else 0)
    assert not PolicyVersion.objects.filter(in_force_from="2027-07-01").exists()
