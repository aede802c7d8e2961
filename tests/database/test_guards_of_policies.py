"""What the database refuses of a policy's draft, approval and release: sent as the office's own login and really committed."""

import datetime
import hashlib
import threading

import psycopg
import pytest
from django.db import connection

from tests import build
from tests.database.test_guards_of_the_ledger import in_the_background, wait_until_blocked

WRITER, SECOND_WRITER, FIRST, SECOND, THIRD = 1, 2, 3, 4, 5
DAY = datetime.date(2026, 7, 1)
EDIT = """
    INSERT INTO funding_policyrevision (program_code, number, content, content_sha256, in_force_from, written_by)
    VALUES ('trial', %(number)s, %(content)s, %(hash)s, %(day)s, %(by)s)
"""
APPROVE = """
    INSERT INTO funding_policyapproval (revision_id, approved_by, content_sha256)
    SELECT id, %(by)s, %(hash)s FROM funding_policyrevision WHERE program_code = 'trial' AND number = %(number)s
"""
RELEASE = """
    INSERT INTO funding_policyversion (program_id, revision_id, content, content_sha256, in_force_from)
    SELECT p.id, r.id, %(content)s, %(hash)s, %(day)s FROM funding_policyrevision r JOIN funding_program p ON p.code = %(program)s
    WHERE r.program_code = 'trial' AND r.number = %(number)s
"""


def sha256(content):
    return hashlib.sha256(content.encode()).hexdigest()


class Office:
    """The office's login in the area of money: it commits what is taken, and raises what is refused."""

    def __init__(self, session):
        self.session = session

    def send(self, statement, values):
        try:
            self.session.execute("SET LOCAL ROLE area_funding")
            written = self.session.execute(statement, values).rowcount
            self.session.commit()
        except psycopg.Error:
            self.session.rollback()
            raise
        assert written == 1

    def edit(self, number, content="a text", by=WRITER, **given):
        self.send(EDIT, {"number": number, "content": content, "hash": sha256(content), "day": DAY, "by": by} | given)

    def approve(self, number, by, content="a text", **given):
        self.send(APPROVE, {"number": number, "by": by, "hash": sha256(content)} | given)

    def release(self, number, content="a text", program="trial", **given):
        self.send(RELEASE, {"number": number, "content": content, "hash": sha256(content), "day": DAY, "program": program} | given)


@pytest.fixture
def office(committed_db, as_login):
    """The office beside the program `trial`, whose first policy (revision 1) is in force from 2025-07-01."""
    build.program()
    return Office(as_login("credence_office"))


def refused(what, match):
    with pytest.raises(psycopg.Error, match=match):
        what()


def test_a_draft_that_two_others_approved_is_released_once(office):
    office.edit(2)
    office.approve(2, by=FIRST)
    refused(lambda: office.release(2), "released by two people's approval")
    office.approve(2, by=SECOND)
    office.release(2)
    refused(lambda: office.release(2), "duplicate key")
    refused(lambda: office.release(2, day=DAY + datetime.timedelta(days=1)), "byte for byte")


@pytest.mark.parametrize("person", [WRITER, SECOND_WRITER])
def test_nobody_approves_a_draft_of_which_the_same_person_wrote_any_revision(office, person):
    office.edit(2, "before", by=SECOND_WRITER)
    office.edit(3, by=WRITER)
    refused(lambda: office.approve(3, by=person), "the same person wrote any revision")


def test_whoever_wrote_what_was_released_before_may_approve_what_others_write_now(office):
    office.edit(2, by=WRITER)
    office.approve(2, by=FIRST)
    office.approve(2, by=SECOND)
    office.release(2)
    office.edit(3, "next", by=SECOND_WRITER, day=DAY.replace(year=2027))
    office.approve(3, by=WRITER, content="next")


def test_an_edit_after_an_approval_voids_it(office):
    office.edit(2)
    office.approve(2, by=FIRST)
    office.approve(2, by=SECOND)
    office.edit(3, "a text, edited")
    refused(lambda: office.release(2), "was edited since; the newest is released")
    refused(lambda: office.release(3, "a text, edited"), "released by two people's approval")
    refused(lambda: office.approve(2, by=THIRD), "was edited since; the newest is approved")
    # Back to the very bytes that were approved: a revision of its own all the same.
    office.edit(4)
    refused(lambda: office.release(4), "released by two people's approval")


def test_whoever_approved_and_then_edited_does_not_approve_again(office):
    office.edit(2)
    office.approve(2, by=FIRST)
    office.edit(3, by=FIRST)
    refused(lambda: office.approve(3, by=FIRST), "the same person wrote any revision")


def test_an_approval_names_the_hash_of_its_revision(office):
    office.edit(2)
    for wrong in (sha256("another text"), "", None):
        refused(lambda wrong=wrong: office.approve(2, by=FIRST, hash=wrong), "names the hash of the revision")
    refused(lambda: office.approve(2, by=None), "null value")


def test_one_person_approves_once_and_twice_the_same_is_not_two(office):
    office.edit(2)
    office.approve(2, by=FIRST)
    refused(lambda: office.approve(2, by=FIRST), "revision_is_approved_once_by_a_person")
    refused(lambda: office.release(2), "released by two people's approval")


def test_what_is_released_is_its_revision_byte_for_byte(office):
    build.program(program="other", catalogue="other")
    office.edit(2)
    office.approve(2, by=FIRST)
    office.approve(2, by=SECOND)
    wrong = [
        {"content": "a text "},
        {"content": "a text ", "hash": sha256("a text")},
        {"hash": sha256("a text ")},
        {"content": None, "hash": sha256("a text")},
        {"hash": None},
        {"day": DAY.replace(year=2025)},
        {"day": None},
        {"program": "other"},
    ]
    for change in wrong:
        refused(lambda change=change: office.send(RELEASE, {
            "number": 2, "content": "a text", "hash": sha256("a text"), "day": DAY, "program": "trial",
        } | change), "byte for byte")  # fmt: skip
    refused(
        lambda: office.send(
            "INSERT INTO funding_policyversion (program_id, content, content_sha256, in_force_from) "
            "SELECT id, 'a text', %(hash)s, %(day)s FROM funding_program WHERE code = 'trial'",
            {"hash": sha256("a text"), "day": DAY},
        ),
        "from a revision that is on file",
    )


def test_a_revision_has_the_next_number_the_hash_of_its_text_and_a_writer(office):
    for number in (1, 3, 0, None):
        refused(lambda number=number: office.edit(number), "the next revision of trial has the number 2")
    refused(lambda: office.edit(2, hash=sha256("another text")), "the hash of a revision is the SHA-256 of its text")
    refused(lambda: office.edit(2, hash=None), "the hash of a revision is the SHA-256 of its text")
    refused(lambda: office.edit(2, by=None), "null value")


def test_several_rows_of_one_statement_are_checked_one_after_another(office):
    office.edit(2)
    refused(
        lambda: office.send(
            APPROVE.replace("%(by)s", "generate_series(%(by)s::int, %(by)s + 2)"),
            {"number": 2, "by": WRITER, "hash": sha256("a text")},
        ),
        "the same person wrote any revision",
    )


@pytest.mark.parametrize("planted", [{"by": WRITER}, {"hash": sha256("another text")}])
def test_a_release_counts_no_approval_that_the_guard_of_approvals_would_not_have_taken(office, planted):
    office.edit(2)
    office.approve(2, by=FIRST)
    with connection.cursor() as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(APPROVE, {"number": 2, "by": SECOND, "hash": sha256("a text")} | planted)
        owner.execute("RESET session_replication_role")
    refused(lambda: office.release(2), "released by two people's approval")


@pytest.fixture
def two(office, as_login):
    """Two sessions of the office at work at once, on a draft that two people approved."""
    office.edit(2)
    office.approve(2, by=FIRST)
    office.approve(2, by=SECOND)
    sessions = as_login("credence_office"), as_login("credence_office")
    for session in sessions:
        session.execute("SET ROLE area_funding")
        session.commit()
    return sessions


A_RELEASE = {"number": 2, "content": "a text", "hash": sha256("a text"), "day": DAY, "program": "trial"}
AN_EDIT = {"number": 3, "content": "edited", "hash": sha256("edited"), "day": DAY, "by": WRITER}


def both(one, other, first, second):
    """The first statement under way, the second waiting for it, then committed: what the second was refused with, if at all."""
    one.execute(*first)
    thread, errors = in_the_background(other, *second)
    wait_until_blocked(other)
    one.commit()
    thread.join()
    return [str(error) for error in errors]


def test_an_edit_under_way_holds_up_the_release_which_is_then_refused(two):
    (error,) = both(*two, (EDIT, AN_EDIT), (RELEASE, A_RELEASE))
    assert "was edited since; the newest is released" in error


def test_a_release_under_way_holds_up_the_edit_which_begins_the_next_draft(two, office):
    assert both(*two, (RELEASE, A_RELEASE), (EDIT, AN_EDIT)) == []
    refused(lambda: office.release(3, "edited"), "released by two people's approval")


def test_a_policy_released_twice_at_once_is_released_once(two):
    (error,) = both(*two, (RELEASE, A_RELEASE), (RELEASE, A_RELEASE))
    assert "duplicate key" in error


def test_an_edit_under_way_holds_up_the_approval_which_is_then_refused(two):
    (error,) = both(*two, (EDIT, AN_EDIT), (APPROVE, {"number": 2, "by": THIRD, "hash": sha256("a text")}))
    assert "was edited since; the newest is approved" in error


def test_two_approvals_at_once_are_both_taken_and_the_release_waits_for_neither_in_vain(office, two):
    office.edit(3, "edited")
    one, other = two
    approvals = [(APPROVE, {"number": 3, "by": person, "hash": sha256("edited")}) for person in (FIRST, SECOND)]
    for session, statement in zip(two, approvals, strict=True):
        session.execute(*statement)
    errors = []
    thread = threading.Thread(target=lambda: _release(office, errors))
    thread.start()
    wait_until_blocked(office.session)
    one.commit()
    other.commit()
    thread.join()
    assert errors == []


def _release(office, errors):
    try:
        office.release(3, "edited")
    except psycopg.Error as error:
        errors.append(error)
