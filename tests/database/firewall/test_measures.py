"""The registry of measures as the runtime logins meet it, with real commits: neither side bends it, and both read it."""

import threading

import psycopg
import pytest

from tests.database.firewall.sessions import CONTEXTS, refuses

PAY = "SELECT taken, judged FROM learning.pay_on_milestones('trial', %s, %s, '2026-02-01')"
JUDGE = "SELECT learning.judge_by_measure('trial', 'course_success', %s, '2026-01-31')"
USES = "SELECT use, claimant FROM learning.measure_use_facts WHERE catalogue = 'trial' ORDER BY sequence"
REGISTRY = "learning.enrollments_measureuse"


@pytest.mark.parametrize(("login", "area"), CONTEXTS)
def test_each_side_has_its_own_way_in_and_nobody_the_table(enter, login, area):
    session = enter(login, area)
    assert refuses(session, PAY, [["passed"], "trial"]) == (area != "area_funding")
    assert refuses(session, JUDGE, ["rate"]) == (area != "area_accountability")
    for statement in (
        f"SELECT FROM {REGISTRY}",
        f"INSERT INTO {REGISTRY} DEFAULT VALUES",
        f"UPDATE {REGISTRY} SET use = 'funding'",
        f"DELETE FROM {REGISTRY}",
    ):
        assert refuses(session, statement), statement


def claim_meanwhile(owner, session, statement, values, held):
    """What `session` is answered or refused that claims while `held` has claimed but not committed, and commits only then."""
    answers = []

    def claim():
        try:
            answers.append(session.execute(statement, values).fetchall())
        except psycopg.Error as refusal:
            answers.append(str(refusal))

    waiting = threading.Thread(target=claim)
    waiting.start()
    with owner.cursor() as cursor:
        blocked = 0
        while not blocked and waiting.is_alive():
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s", [session.info.backend_pid])
            blocked = cursor.fetchone()[0]
    held.commit()
    waiting.join(timeout=30)
    assert blocked, "it did not wait"
    return answers[0]


def test_of_two_claims_at_once_the_second_sees_what_the_first_has_said(enter, owner):
    quality, money = enter("credence_accountability", "area_accountability"), enter("credence_funding", "area_funding")
    quality.execute(JUDGE.replace("'trial'", "'tried'"), ["rate"])
    taken = claim_meanwhile(owner, money, PAY.replace("'trial'", "'tried'"), [["passed"], "program"], held=quality)
    assert taken == [("course_success", "rate")]
    quality.execute("SET LOCAL ROLE area_accountability")
    refused = claim_meanwhile(owner, quality, JUDGE.replace("'trial'", "'tried'"), ["another rate"], held=money)
    assert "one measure has one use: a program pays on course_success in tried" in refused


def test_what_pays_is_out_of_sight_of_what_judges_as_soon_as_it_is_committed(enter, owner):
    quality, money = enter("credence_accountability", "area_accountability"), enter("credence_funding", "area_funding")
    with money.transaction(force_rollback=True):
        assert money.execute(PAY, [["passed"], "tried"]).fetchall() == [("course_success", None)]
        assert quality.execute("SELECT outcome FROM outcome_facts").fetchall() == [("pass",)]
    quality.execute(JUDGE, ["rate"])
    quality.commit()
    money.execute("SET LOCAL ROLE area_funding")
    assert money.execute(PAY, [["passed"], "program"]).fetchall() == [("course_success", "rate")]
    money.commit()
    quality.execute("SET LOCAL ROLE area_accountability")
    assert quality.execute("SELECT outcome FROM outcome_facts").fetchall() == []
    assert quality.execute(USES).fetchall() == [("accountability", "rate"), ("funding", "program")]
    with pytest.raises(psycopg.errors.CheckViolation, match="that no program pays on"):
        quality.execute(
            "INSERT INTO accountability.accountability_indicatorsnapshot "
            "(indicator, measure, as_of, catalogue, provider_id, enrolled, succeeded) "
            "VALUES ('rate', 'course_success', '2026-02-02', 'trial', 1, 1, 1)"
        )
