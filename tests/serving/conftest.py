"""Models shared by the tests of this room: fitted once."""

import pytest
from tests.registry.bundles import Made


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A fitted binary model."""
    return Made(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="session")
def bundle(made):
    """Its bundle, gates passed."""
    return made.pack()


@pytest.fixture(scope="session")
def second(made):
    """Another version of it."""
    return made.pack("v2")


@pytest.fixture(scope="session")
def drill(made):
    """A rehearsal model."""
    return made.pack("v9", purpose="drill", status=None)
