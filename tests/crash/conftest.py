"""The stages of one small project, walked once."""

import pytest
from tests.crash.stages import build_stages
from tests.crash.works import Shelf


@pytest.fixture(scope="session")
def stages(tmp_path_factory):
    """Copies of a project before each stage, with the end of an undisturbed run."""
    return build_stages(tmp_path_factory.mktemp("stages"))


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    """Projects just before each command that writes."""
    return Shelf(tmp_path_factory.mktemp("shelf"))
