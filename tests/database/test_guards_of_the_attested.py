"""What the database refuses about milestones, needs and prior learning, the owner included."""

import pytest
from django.db import IntegrityError

from tests import build
from tests.database.statements import refused, run

pytestmark = pytest.mark.django_db

ATTEST = """
    INSERT INTO enrollments_attestedmilestone (enrollment_id, milestone, attained_on, sequence, attested_by_id, batch_id)
    VALUES (%(enrollment)s, %(milestone)s, %(on)s, %(sequence)s, %(by)s, %(batch)s)"""
NEED = """
    INSERT INTO enrollments_need (enrollment_id, category, from_on, to_on, sequence, batch_id)
    VALUES (%(enrollment)s, 'language', %(from)s, %(to)s, %(sequence)s, %(batch)s)"""
PRIOR = """
    INSERT INTO enrollments_priorlearning (enrollment_id, measure, numerator, denominator, attested_by_id, batch_id)
    VALUES (%(enrollment)s, 'grades_to_grow', %(numerator)s, %(denominator)s, %(by)s, %(batch)s)"""


@pytest.fixture
def fact():
    """The values of ATTEST, NEED and PRIOR for an enrollment of which nothing is attested yet."""
    return {
        "enrollment": build.enrollment(build.offering()).pk, "milestone": "passed", "on": build.day(60), "sequence": 0,
        "from": build.day(1), "to": None, "numerator": 5, "denominator": 2, "by": build.officer().pk, "batch": build.batch().pk,
    }  # fmt: skip


def test_a_milestone_is_attested_once_and_voided_with_its_own_day(fact):
    refused(ATTEST, fact | {"sequence": 1}, match="attested milestone 1 has no matching row before it")
    run(ATTEST, fact)
    refused(ATTEST, fact, match="milestone_is_attested_once", error=IntegrityError)
    refused(ATTEST, fact | {"sequence": 1, "on": build.day(61)}, match="has no matching row before it")
    refused(ATTEST, fact | {"sequence": 2}, match="attested milestone 2 has no matching row before it")
    run(ATTEST, fact | {"sequence": 1})
    run(ATTEST, fact | {"sequence": 2, "on": build.day(61)})
    refused(ATTEST, fact | {"sequence": -1}, match="milestone_sequence_counts_from_0")


def test_a_milestone_that_is_not_on_file_is_attested_by_nobody(fact):
    refused(ATTEST, fact | {"milestone": "won"}, match="milestone_is_on_file", error=IntegrityError)


@pytest.mark.parametrize("begun", [build.day(1), None])
def test_a_need_is_voided_with_its_own_days_and_stated_again_with_its_end(fact, begun):
    fact |= {"from": begun}
    refused(NEED, fact | {"sequence": 1}, match="need 1 has no matching row before it")
    run(NEED, fact)
    refused(NEED, fact, match="one_need_from_a_day", error=IntegrityError)
    refused(NEED, fact | {"sequence": 1, "to": build.day(9)}, match="has no matching row before it")
    run(NEED, fact | {"sequence": 1})
    run(NEED, fact | {"sequence": 2, "to": build.day(9)})
    refused(NEED, fact | {"sequence": 3}, match="has no matching row before it")
    refused(NEED, fact | {"sequence": -1}, match="need_sequence_counts_from_0")


def test_a_need_does_not_end_before_it_begins(fact):
    refused(NEED, fact | {"to": build.day(0)}, match="a_need_ends_after_it_begins")
    run(NEED, fact | {"to": build.day(1)})


def test_prior_learning_is_an_exact_fraction_in_lowest_terms_or_taken_back(fact):
    for numerator, denominator in ((4, 2), (0, 2), (1, 0), (1, -2), (None, 2), (2, None)):
        refused(PRIOR, fact | {"numerator": numerator, "denominator": denominator}, match="prior_learning_is")
    for numerator, denominator in ((5, 2), (3, 1), (-1, 2), (0, 1), (None, None)):
        run(PRIOR, fact | {"numerator": numerator, "denominator": denominator})
    assert run("SELECT amount FROM learning.prior_learning_facts ORDER BY id") == [("5/2",), ("3",), ("-1/2",), ("0",), (None,)]
