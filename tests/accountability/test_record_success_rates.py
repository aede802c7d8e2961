"""A day's success rates, once written down, stay as they were taken."""

import datetime

import pytest

from accountability.actions.record_success_rates import record_success_rates
from accountability.models import IndicatorSnapshot
from enrollments.models import CourseResult
from tests import build

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 6, 30)


def test_a_days_rates_are_written_once_and_a_later_result_shows_on_a_later_day_only():
    course = build.offering()
    passed, open_still = build.enrollment(course), build.enrollment(course)
    CourseResult.objects.create(enrollment=passed, outcome="pass", batch=build.batch())
    assert record_success_rates(as_of=DAY) == 1
    CourseResult.objects.create(enrollment=open_still, outcome="distinction", batch=build.batch())
    assert record_success_rates(as_of=DAY) == 0
    assert record_success_rates(as_of=DAY + datetime.timedelta(days=1)) == 1
    taken = IndicatorSnapshot.objects.order_by("as_of").values_list("enrolled", "succeeded")
    assert list(taken) == [(2, 1), (2, 2)]
