"""The bench's own data and answers on a few thousand rows; nothing here is timed."""

import datetime

import pytest
from django.db import connection

from bench import data
from bench.answer import Duck
from bench.books import take_in
from bench.compute import measure_and_price
from database.areas import acting_as
from enrollments.models import Completion
from funding.actions.open_run import open_run
from funding.actions.run_night import run_night
from funding.models import EarningState

pytestmark = pytest.mark.django_db
SIZE = data.Size(4_000)


@pytest.fixture(autouse=True)
def _history():
    data.generate(SIZE)


def night(on):
    return run_night(program_code=data.PROGRAM, business_date=on)


def test_a_history_has_forty_completions_an_enrollment_each_once_and_in_date_order():
    assert Completion.objects.count() == pytest.approx(SIZE.completions, rel=0.02)
    with connection.cursor() as cursor:
        cursor.execute("SELECT completed_on FROM learning.enrollments_completion ORDER BY ctid")
        days = [day for (day,) in cursor.fetchall()]
    assert days == sorted(days)
    assert days[-1] <= data.YEAR_ENDS


def test_every_draw_is_work_that_was_not_on_file_until_none_is_left():
    draws = data.Draws(SIZE)
    while draws.left:
        assert take_in(draws, SIZE.enrollments, data.YEAR_ENDS) == 2 * SIZE.enrollments


def test_the_computation_that_is_timed_says_what_the_night_posts():
    run = open_run(program_code=data.PROGRAM, business_date=data.YEAR_ENDS)
    with acting_as("area_funding"):
        computed = measure_and_price(run)
    assert sum(computed.values()) == night(data.YEAR_ENDS).result["posted_cents"] > 0


def test_duckdb_answers_the_same_cents_as_the_nights():
    pytest.importorskip("duckdb")
    evening = data.YEAR_ENDS + datetime.timedelta(days=1)
    night(data.YEAR_ENDS)
    take_in(data.Draws(SIZE), SIZE.enrollments, evening)
    night(evening)
    duck = Duck()
    answer = duck.by_provider(evening)
    duck.close()
    posted: dict[int, int] = {}
    for provider, cents in EarningState.objects.values_list("provider_id", "posted_cents"):
        posted[provider] = posted.get(provider, 0) + cents
    assert posted == answer
