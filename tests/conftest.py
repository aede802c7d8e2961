"""Where the tests' database comes from, and what a test that really commits leaves behind: nothing."""

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import settings as hypothesis_settings

from database import local_servers
from tests.committed import empty_every_table, runtime_logins
from tests.slots import make_test_database, own_databases

# Where processes share the files between them, these come first, the dearest before all.
DEAREST = (
    "test_faults.py",
    "test_plan_in_a_browser.py",
    "test_paths.py",
    "test_in_a_browser.py",
    "test_worker.py",
    "test_school_year.py",
)

# A busy machine is no finding: time is measured by the bench.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


def pytest_addoption(parser):
    parser.addoption("--drill-size", choices=("tenth", "full"), default="tenth", help="how many faults the drills make")
    parser.addoption("--drill-seed", type=int, default=20260131, help="what the drills' chance starts from")
    parser.addoption("--fuzz-cases", type=int, default=5000, help="how many requests tests/fuzz makes at least")


def pytest_collection_modifyitems(config, items):
    """So that no long file is begun last, when the other processes have nothing left to do."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: DEAREST.index(item.path.name) if item.path.name in DEAREST else len(DEAREST))


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """Start the local servers only when a test asks for a database, and take databases there that no other process has."""
    local_servers.ensure_running(settings.BASE_DIR, postgres=settings.EMBEDDED_POSTGRES, redis=settings.EMBEDDED_REDIS)
    with own_databases():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """The test database, always: pytest-django's own fixture makes none where no test bears its mark."""
    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        make_test_database()
    yield
    with django_db_blocker.unblock():
        connection.creation.destroy_test_db(before, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files():
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture
def fuzz_cases(request):
    return request.config.getoption("--fuzz-cases")


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker):
    """A database to which this test really commits; emptied afterwards."""
    with django_db_blocker.unblock():
        empty_every_table()
        yield connection
        empty_every_table()
        connection.close()


@pytest.fixture
def as_login(committed_db):
    """as_login("credence_funding") -> a psycopg connection of that login to the test's database."""
    opened = []

    def connect(login):
        opened.append(runtime_logins(login))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()
