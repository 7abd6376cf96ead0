"""A finished project to attack, copied for each attack, and the command line as somebody would type it."""

import shutil

import pytest
from tests.adversarial.near import near
from tests.workflow.conftest import walk
from tests.workflow.projects import drafted, service_in

from modelwright.surfaces.cli.main import main


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Projects at three ages: drafted, waiting for the design, finished and promoted; never changed."""
    root = tmp_path_factory.mktemp("attacked")
    service = drafted(root / "drafted" / "calls")
    shutil.copytree(root / "drafted", root / "designed")
    service = service_in(root / "designed" / "calls")
    walk(service, until=5)
    service.run(until=6)
    service.ports.seal()
    shutil.copytree(root / "designed", root / "finished")
    service = service_in(root / "finished" / "calls")
    walk(service)
    service.promote("v1", reason="gates and certificate passed")
    return root


@pytest.fixture
def taken(folders, tmp_path):
    """Takes a copy of a project at an age, with its keys, and opens it."""

    def take(age, **more):
        shutil.copytree(folders / age, tmp_path / age)
        return near(service_in(tmp_path / age / "calls", **more))

    return take


@pytest.fixture
def finished(taken):
    """A finished project with a champion, to be attacked at will."""
    return taken("finished")


@pytest.fixture
def designed(taken):
    """A project that waits for the approval of its design."""
    return taken("designed")


@pytest.fixture
def young(taken):
    """A project whose contract is drafted and that never ran."""
    return taken("drafted")


@pytest.fixture
def typed(capsys, monkeypatch):
    """Types a command in a project as somebody and returns exit code and words."""

    def type_in(service, *words, actor="lead", **variables):
        root = service.ports.project.root
        surroundings = {
            "HOME": str(root.parent),
            "MODELWRIGHT_HOME": str(root.parent / "home"),
            "MODELWRIGHT_THREADS": "1",
            "MODELWRIGHT_ACTOR": actor,
            **variables,
        }
        for name, value in surroundings.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = main(["-C", str(root), *map(str, words)])
        told = capsys.readouterr()
        return code, told.out + told.err

    return type_in
