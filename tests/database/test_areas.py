"""Entering an area and leaving it: with its rights and no others, and as one was before, whatever happens in between."""

import pytest
from django.db import ProgrammingError, connection

from database.areas import AREAS, acting_as

pytestmark = pytest.mark.django_db


def role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


def read(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {table}")


@pytest.mark.parametrize("area", AREAS)
def test_inside_an_area_one_is_that_area_and_afterwards_oneself_again(area):
    before = role()
    with acting_as(area):
        assert role() == area
    assert role() == before


def test_an_area_inside_an_area_ends_in_the_outer_one():
    with acting_as("area_funding"):
        with acting_as("area_learning"):
            assert role() == "area_learning"
            read("enrollments_completion")
        assert role() == "area_funding"


def test_an_error_leaves_the_area_too():
    before = role()
    with pytest.raises(ProgrammingError, match=r"permission denied|does not exist"), acting_as("area_funding"):
        read("learning.enrollments_courseresult")
    assert role() == before
    with pytest.raises(ZeroDivisionError), acting_as("area_funding"):
        raise ZeroDivisionError
    assert role() == before


def test_an_error_inside_an_inner_area_leaves_the_outer_one_in_force():
    with acting_as("area_funding"):
        with pytest.raises(ProgrammingError), acting_as("area_accountability"):
            read("funding.funding_transfer")
        assert role() == "area_funding"
        read("funding_transfer")


def test_what_is_no_area_is_refused_by_the_known_ones():
    with pytest.raises(ValueError, match="there are area_learning, area_funding, area_accountability"), acting_as("credence_owner"):
        pass
