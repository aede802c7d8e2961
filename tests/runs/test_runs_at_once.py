"""Processes that test at once each have databases of their own, and what a killed one left is in nobody's way."""

import os
import re

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests import slots
from tests.processes import owner_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def numbers(monkeypatch):
    """Three numbers of this test's own."""
    monkeypatch.setattr(slots, "OF_TESTS", os.getpid())
    monkeypatch.setattr(slots, "SLOTS", 3)


def test_no_two_processes_hold_one_number(numbers):
    with slots.taken_slot() as first, slots.taken_slot() as second, slots.taken_slot() as third:
        assert [first, second, third] == [0, 1, 2]
        with pytest.raises(slots.NoSlotLeft, match="wait for one of them"), slots.taken_slot():
            pass
    with slots.taken_slot() as again:
        assert again == 0


def test_this_process_tests_on_databases_that_are_not_the_demonstrations():
    number = int(re.fullmatch(r"test_.+_(\d+)", connection.settings_dict["NAME"])[1])
    assert settings.CACHES["default"]["LOCATION"] == slots.redis_url_of(settings.CACHES["default"]["LOCATION"], number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (connection.settings_dict["NAME"],)


@pytest.mark.parametrize(
    ("url", "own"),
    [("unix:///a/redis.sock?db=1", "unix:///a/redis.sock?db=5"), ("rediss://u:p@host:7000/0", "rediss://u:p@host:7000/5")],
)
def test_a_process_has_its_own_redis_database_at_any_server(url, own):
    assert slots.redis_url_of(url, 3) == own


def test_what_a_killed_process_left_is_thrown_away_whoever_is_connected():
    name = f"{connection.settings_dict['NAME']}_killed"
    with owner_connection() as owner:
        for left in (name, f"{name}_copy"):
            owner.execute(f'CREATE DATABASE "{left}" TEMPLATE template0')
        orphan = psycopg.connect(**owner.info.get_parameters() | {"dbname": name, "password": owner.info.password})
        slots.throw_away_what_was_left(name)
        with pytest.raises(psycopg.OperationalError):
            orphan.execute("SELECT 1")
        assert owner.execute("SELECT FROM pg_database WHERE starts_with(datname, %s)", [name]).rowcount == 0
