"""The stages of one small project, walked once."""

import pytest
from tests.crash.stages import build_stages


@pytest.fixture(scope="session")
def stages(tmp_path_factory):
    """Copies of a project before each stage, with the end of an undisturbed run."""
    return build_stages(tmp_path_factory.mktemp("stages"))
