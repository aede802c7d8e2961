"""Checkouts whose local servers the tests may break, and books whose guards they may try."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from database.local_servers import ensure_running
from funding.actions.run_night import run_night
from tests import build
from tests.database.checkouts import connect, fresh_checkout


@pytest.fixture
def checkout() -> Iterator[Path]:
    """Nothing yet, and nothing afterwards."""
    with fresh_checkout() as root:
        yield root


@pytest.fixture(scope="session")
def shared_checkout() -> Iterator[Path]:
    with fresh_checkout() as root:
        yield root


@pytest.fixture
def running(shared_checkout: Path) -> Path:
    """A checkout whose servers are up and hold one row in `kept`. Shared, for a new cluster takes a second."""
    ensure_running(shared_checkout)
    with connect(shared_checkout) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS value")
    return shared_checkout


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
