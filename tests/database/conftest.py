"""Books whose guards the tests may try."""

import pytest

from funding.actions.run_night import run_night
from tests import build


@pytest.fixture
def books(db):
    """One enrollment's month: paid, settled, one completion held."""
    build.program()
    course = build.offering()
    student = build.enrollment(course, withdrawn_on=build.day(20))
    for work, on in zip(build.assignments(course)[:3], (3, 4, 25), strict=True):
        build.complete(student, work, build.day(on))
    run_night(program_code="trial", business_date=build.day(31))
    return student
