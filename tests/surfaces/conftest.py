"""A scratch project for each test, and one that has run up to its risks, made once and copied."""

import shutil
from pathlib import Path

import pytest
from tests.surfaces.terminal import environment, write_calls

from modelwright.surfaces.cli.main import main


class Desk:
    """A folder to work in, and the command line called in this process."""

    def __init__(self, folder, env, capsys, monkeypatch):
        """Keep what a call needs."""
        self.folder = folder
        self.env = env
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def act_as(self, actor):
        """Let somebody else act."""
        self.env["MODELWRIGHT_ACTOR"] = actor
        self._monkeypatch.setenv("MODELWRIGHT_ACTOR", actor)

    def __call__(self, *words):
        """Run the command line in the folder; return exit code, standard output, standard error."""
        self._capsys.readouterr()
        code = main(["-C", str(self.folder), *words])
        told = self._capsys.readouterr()
        return code, told.out, told.err


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A home that nobody lives in."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def desk(tmp_path, home, capsys, monkeypatch):
    """An empty folder."""
    env = environment(home)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "calls"
    folder.mkdir()
    return Desk(folder, env, capsys, monkeypatch)


@pytest.fixture
def drafted(desk, drafted_once):
    """A project whose contract is drafted."""
    shutil.copytree(drafted_once, desk.folder, dirs_exist_ok=True)
    return desk


@pytest.fixture
def assessed(desk, assessed_once):
    """A project that waits for an answer about its risks."""
    shutil.copytree(assessed_once, desk.folder, dirs_exist_ok=True)
    return desk


def type_all(folder, home, *commands):
    """Run commands one after the other as the lead and return their exit codes."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(home).items():
            patch.setenv(name, value)
        return [main(["-C", str(folder), *words]) for words in commands]


@pytest.fixture(scope="session")
def drafted_once(tmp_path_factory, home) -> Path:
    """The drafted project that tests copy."""
    folder = tmp_path_factory.mktemp("drafted")
    write_calls(folder / "calls.csv")
    start = ("init", "calls", "--data", str(folder / "calls.csv"), "--target", "bought", "--yes")
    assert type_all(folder, home, start) == [0]
    return folder


@pytest.fixture(scope="session")
def assessed_once(tmp_path_factory, home, drafted_once) -> Path:
    """The project with assessed risks that tests copy."""
    folder = tmp_path_factory.mktemp("assessed")
    shutil.copytree(drafted_once, folder, dirs_exist_ok=True)
    assert type_all(folder, home, ("run",), ("approve", "1"), ("run",)) == [5, 0, 5]
    return folder
