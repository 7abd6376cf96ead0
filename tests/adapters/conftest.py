"""What tests of several adapters share: a PostgreSQL server for as long as they run."""

import pytest
from tests.adapters.postgres_cluster import ABSENT, Cluster
from tools.services import programs


@pytest.fixture(scope="session")
def cluster():
    """A running server; without PostgreSQL the tests that need it fail and say what to install."""
    found = programs()
    if found is None:
        pytest.fail(ABSENT, pytrace=False)
    running = Cluster(found)
    try:
        running.start()
        yield running
    finally:
        running.remove()
