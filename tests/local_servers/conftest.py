"""Checkouts whose local servers the tests may break. Nothing here needs Django."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from database.local_servers import ensure_running
from tests.local_servers.checkouts import connect, fresh_checkout


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
